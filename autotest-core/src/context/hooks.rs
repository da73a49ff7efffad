//! Hooks around iterations.

use crate::outcome::TestResult;
use crate::settings::{Hook, HookOrder};

use super::TestContext;

/// The registered hooks. A hook is taken out of its slot while it runs, so that it may borrow the whole
/// context.
#[derive(Default)]
pub(crate) struct Hooks {
    before_iteration: Vec<Option<Hook>>,
    after_iteration: Vec<Option<Hook>>,
}

#[derive(Clone, Copy)]
enum Around {
    Before,
    After,
}

impl Hooks {
    fn list(&mut self, around: Around) -> &mut Vec<Option<Hook>> {
        match around {
            Around::Before => &mut self.before_iteration,
            Around::After => &mut self.after_iteration,
        }
    }

    pub(crate) fn has_before_iteration(&self) -> bool {
        !self.before_iteration.is_empty()
    }

    pub(crate) fn has_after_iteration(&self) -> bool {
        !self.after_iteration.is_empty()
    }

    pub(crate) fn has_any(&self) -> bool {
        self.has_before_iteration() || self.has_after_iteration()
    }
}

impl TestContext {
    /// Registers a hook that runs before each iteration, after the hooks registered earlier. If a
    /// before-iteration hook registers another one, that runs in the same pass. Conformance: topic `hooks`.
    pub fn register_before_iteration_hook(
        &mut self,
        hook: impl FnMut(&mut TestContext) -> TestResult + 'static,
    ) {
        self.hooks.before_iteration.push(Some(Box::new(hook)));
    }

    /// Registers a hook that runs after each iteration, passed or failed; the last registered runs first. It
    /// does not run if a before-iteration hook failed. Conformance: topic `hooks`.
    pub fn register_after_iteration_hook(
        &mut self,
        hook: impl FnMut(&mut TestContext) -> TestResult + 'static,
    ) {
        self.hooks.after_iteration.push(Some(Box::new(hook)));
    }

    pub(crate) fn run_before_iteration_hooks(&mut self) -> TestResult {
        self.run_in_order(Around::Before)
    }

    pub(crate) fn run_after_iteration_hooks(&mut self) -> TestResult {
        match self.settings.after_iteration_order {
            HookOrder::FirstInFirstOut => self.run_in_order(Around::After),
            HookOrder::LastInFirstOut => {
                let registered = self.hooks.after_iteration.len();
                (0..registered)
                    .rev()
                    .try_for_each(|i| self.run_hook(Around::After, i))
            }
        }
    }

    fn run_in_order(&mut self, around: Around) -> TestResult {
        let mut i = 0;
        while i < self.hooks.list(around).len() {
            self.run_hook(around, i)?;
            i += 1;
        }
        Ok(())
    }

    /// Runs one hook, and puts it back even if it fails. If it panics it is lost, and the run ends.
    fn run_hook(&mut self, around: Around, i: usize) -> TestResult {
        let Some(mut hook) = self.hooks.list(around)[i].take() else {
            return Ok(());
        };
        let result = hook(self);
        self.hooks.list(around)[i] = Some(hook);
        result
    }
}
