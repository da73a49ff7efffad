//! The phases of a test, and sets of phases.
//!
//! Names and order are the original's. This module must not know what a phase does.

use std::fmt;

macro_rules! phases {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A step of the lifecycle that a test may define.
        ///
        /// ```
        /// use autotest_core::Phase;
        /// assert_eq!(Phase::named("run_once"), Some(Phase::RunOnce));
        /// assert_eq!(Phase::RunOnce.to_string(), "run_once");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
        #[repr(u8)]
        pub enum Phase { $($(#[$doc])* $variant,)* }

        impl Phase {
            /// All phases, in the order of the lifecycle.
            pub const ALL: &'static [Phase] = &[$(Phase::$variant,)*];

            /// The name of the method that defines this phase.
            pub const fn name(self) -> &'static str {
                match self { $(Phase::$variant => $name,)* }
            }
        }
    };
}

phases! {
    /// Once a run, before anything else. An error here is ERROR.
    Initialize = "initialize",
    /// Once per version, under a lock. An error here is ERROR.
    Setup = "setup",
    /// Once a run, after `setup`.
    Warmup = "warmup",
    /// The whole body of the test; replaces the loop of iterations.
    Execute = "execute",
    /// Before every `run_once`, including the profiled one.
    BeforeRunOnce = "before_run_once",
    /// The work of one iteration.
    RunOnce = "run_once",
    /// After every `run_once` that succeeded.
    AfterRunOnce = "after_run_once",
    /// After every iteration that succeeded.
    PostprocessIteration = "postprocess_iteration",
    /// Once, after all iterations.
    Postprocess = "postprocess",
    /// At the end, if `initialize` began, whatever happened since. An error here is ERROR.
    Cleanup = "cleanup",
}

impl Phase {
    /// The phase with this name.
    pub fn named(name: &str) -> Option<Phase> {
        Phase::ALL
            .iter()
            .copied()
            .find(|phase| phase.name() == name)
    }

    /// Whether a foreign error or a panic in this phase is FAIL, a failure of the test itself, rather than
    /// ERROR. Conformance: topic `phase-failure`.
    pub const fn is_test_body(self) -> bool {
        match self {
            Phase::Initialize | Phase::Setup | Phase::Cleanup => false,
            Phase::Warmup
            | Phase::Execute
            | Phase::BeforeRunOnce
            | Phase::RunOnce
            | Phase::AfterRunOnce
            | Phase::PostprocessIteration
            | Phase::Postprocess => true,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of phases.
///
/// ```
/// use autotest_core::{Phase, PhaseSet};
/// const DECLARED: PhaseSet = PhaseSet::of(&[Phase::RunOnce, Phase::Cleanup]);
/// assert!(DECLARED.contains(Phase::Cleanup));
/// assert!(!DECLARED.contains(Phase::Setup));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct PhaseSet(u16);

impl PhaseSet {
    /// No phase.
    pub const EMPTY: PhaseSet = PhaseSet(0);

    /// The set of these phases.
    pub const fn of(phases: &[Phase]) -> PhaseSet {
        let mut bits = 0;
        let mut i = 0;
        while i < phases.len() {
            bits |= 1 << phases[i] as u16;
            i += 1;
        }
        PhaseSet(bits)
    }

    /// Whether `phase` is in the set.
    #[inline]
    pub const fn contains(self, phase: Phase) -> bool {
        self.0 & (1 << phase as u16) != 0
    }

    /// Whether the sets have a phase in common.
    pub const fn intersects(self, other: PhaseSet) -> bool {
        self.0 & other.0 != 0
    }

    /// This set with `phase`.
    pub const fn with(self, phase: Phase) -> PhaseSet {
        PhaseSet(self.0 | 1 << phase as u16)
    }

    /// Whether no phase is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The phases of the set, in the order of the lifecycle.
    pub fn iter(self) -> impl Iterator<Item = Phase> {
        Phase::ALL
            .iter()
            .copied()
            .filter(move |&phase| self.contains(phase))
    }
}

impl fmt::Debug for PhaseSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
