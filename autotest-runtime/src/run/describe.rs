//! `--describe NAME`: prints everything known about tests and control functions without running them.

use autotest_core::attr::Pattern;
use autotest_core::{DescribedKind, Description};

use super::{MainError, no_such_test};
use crate::cli::Format;
use crate::registry::{ControlFunction, Registry, Test};

/// Describes the test or control function of this name, or all whose ids match it if it contains a `*`.
///
/// # Errors
/// If there is none.
pub(super) fn describe(
    registry: &Registry,
    name: &str,
    format: Format,
) -> Result<String, MainError> {
    let described = named(registry, name)?;
    if format == Format::Json {
        return Ok(described.iter().map(Described::json).collect());
    }
    let texts: Vec<String> = described.iter().map(|it| it.description().text()).collect();
    Ok(texts.join("\n"))
}

/// An item that can be described.
enum Described<'a> {
    /// A test, and the test that it replaces, if it is a site's own version.
    Test(&'a Test, Option<&'a Test>),
    Control(&'a ControlFunction),
    #[cfg(feature = "profilers")]
    Profiler(&'a crate::__private::ProfilerDef),
}

fn named<'a>(registry: &'a Registry, name: &str) -> Result<Vec<Described<'a>>, MainError> {
    if let Some(test) = registry.get(name) {
        return Ok(vec![Described::test(registry, test)]);
    }
    let controls = registry.controls()?;
    if let Some(function) = controls.get(name) {
        return Ok(vec![Described::Control(function)]);
    }
    #[cfg(feature = "profilers")]
    if let Ok(profiler) = crate::registry::profiler(name) {
        return Ok(vec![Described::Profiler(profiler)]);
    }
    let pattern = Pattern::new(name);
    let tests = registry.tests().iter();
    let tests = tests.map(|test| Described::test(registry, test));
    let all = tests.chain(controls.iter().map(Described::Control));
    let matching: Vec<_> = all.filter(|it| pattern.matches(it.id())).collect();
    match matching.is_empty() {
        true => Err(MainError::NoSuchTest(no_such_test(registry, name))),
        false => Ok(matching),
    }
}

impl<'a> Described<'a> {
    fn test(registry: &'a Registry, test: &'a Test) -> Described<'a> {
        let mut replaced = registry.replaced().iter();
        Described::Test(test, replaced.find(|other| other.id == test.id))
    }

    fn id(&self) -> &str {
        match self {
            Described::Test(test, _) => test.id,
            Described::Control(function) => &function.id,
            #[cfg(feature = "profilers")]
            Described::Profiler(profiler) => profiler.def.name,
        }
    }

    /// The description, equal to the one that a tool makes from the binary's metadata.
    fn description(&self) -> Description {
        match self {
            Described::Test(test, replaced) => Description {
                replaces: replaced.map(Test::place).unwrap_or_default(),
                ..Description::new(DescribedKind::Test, test.id, test.def)
            },
            Described::Control(function) => {
                Description::new(DescribedKind::Control, &function.id, &function.control.def)
            }
            #[cfg(feature = "profilers")]
            Described::Profiler(profiler) => {
                let def = &profiler.def;
                Description::new(DescribedKind::Profiler, def.name, def)
            }
        }
    }

    /// A line of JSON.
    fn json(&self) -> String {
        let json = serde_json::to_string(&self.description()).expect("all keys are texts");
        json + "\n"
    }
}
