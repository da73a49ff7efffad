//! Checks that the linker kept all tests of the crates that `main!` names.
//!
//! Each test, control function, hook and profiler has a registration, which a constructor adds to a list at start, and
//! a record in the ELF section `autotest_meta`. A linker that drops a library drops both, a linker without support for
//! constructors drops the registrations, and a linker script may drop the section. Therefore each named crate must have
//! both, in equal numbers. This module must not read anything of a record except its crate.

use crate::__private::{Main, controls, hooks, registered};
use crate::linked;

/// Checks each crate that `main` names. The error has a line for each crate with missing tests.
///
/// # Errors
/// If such a crate has no tests, or different numbers of registrations and records.
pub(crate) fn check(main: &Main) -> Result<(), String> {
    let Some(records) = linked::records().filter(|_| !main.crates.is_empty()) else {
        return Ok(());
    };
    let mut counts: Vec<Counts<'_>> = main.crates.iter().map(|name| Counts::of(name)).collect();
    let mut add = |name: &str, registered: usize, declared: usize| {
        if let Some(counts) = counts.iter_mut().find(|it| it.name == name) {
            counts.registered += registered;
            counts.declared += declared;
        }
    };
    for tests in registered() {
        let module = tests.first().map_or("", |def| def.module.path);
        add(crate_of(module), tests.len(), 0);
    }
    let controls = controls().map(|control| control.def.module.path);
    for module in controls.chain(hooks().map(|hook| hook.module.path)) {
        add(crate_of(module), 1, 0);
    }
    #[cfg(feature = "profilers")]
    for profiler in crate::__private::profilers() {
        add(crate_of(profiler.def.module.path), 1, 0);
    }
    for module in records.split(|byte| *byte == b'\n').filter_map(module_of) {
        add(crate_of(module), 0, 1);
    }
    let errors: Vec<String> = counts.iter().filter_map(Counts::error).collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors.join("\n")),
    }
}

/// The crates with tests that `main` does not name, sorted. They are only linked by chance.
pub(crate) fn unnamed(main: &Main) -> Vec<&'static str> {
    let own = crate_of(main.module);
    let crates = registered().filter_map(|tests| tests.first());
    let crates = crates.map(|def| crate_of(def.module.path));
    let mut unnamed: Vec<_> = crates
        .filter(|name| *name != own && !main.crates.contains(name))
        .collect();
    unnamed.sort_unstable();
    unnamed.dedup();
    unnamed
}

/// The numbers of registrations and records of a crate.
struct Counts<'a> {
    name: &'a str,
    registered: usize,
    declared: usize,
}

impl Counts<'_> {
    fn of(name: &str) -> Counts<'_> {
        Counts {
            name,
            registered: 0,
            declared: 0,
        }
    }

    fn error(&self) -> Option<String> {
        let Counts {
            name,
            registered,
            declared,
        } = self;
        let advice = "see docs/suites.md, \"Tests that the linker drops\"";
        match (registered, declared) {
            (0, 0) => Some(format!(
                "the crate `{name}` has no test in this binary: it declares none, or the linker dropped it; \
                 {advice}"
            )),
            _ if registered == declared => None,
            _ => Some(format!(
                "the linker dropped a part of the crate `{name}`: its tests, control functions, hooks and profilers have {} in this \
                 binary, but {}; {advice}",
                counted(*declared, "record"),
                counted(*registered, "registration")
            )),
        }
    }
}

fn counted(count: usize, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {what}{s}")
}

/// The crate to which a module belongs.
fn crate_of(module: &str) -> &str {
    module.split("::").next().unwrap_or(module)
}

/// The module of a record, unless the record describes only a conditional phase. The marks cannot occur in a text
/// inside a record, since quotes are escaped there. A linker may put zeros between two records.
fn module_of(record: &[u8]) -> Option<&str> {
    let record = std::str::from_utf8(record).ok()?.trim_start_matches('\0');
    let (_, rest) = record.split_once("\",\"module\":\"")?;
    let (module, rest) = rest.split_once('"')?;
    rest.contains(",\"file\":\"").then_some(module)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_belongs_to_the_crate_of_its_module() {
        let record = br#"{"v":1,"name":"a\",\"module\":\"b","module":"net::tcp","file":"src/lib.rs","line":1}"#;
        assert_eq!(module_of(record).map(crate_of), Some("net"));
        let padded = [b"\0\0", &record[..]].concat();
        assert_eq!(module_of(&padded), Some("net::tcp"));
    }

    #[test]
    fn a_conditional_phase_is_no_test_of_its_own() {
        let phase = br#"{"v":1,"name":"Copy","module":"net","phases":["cleanup"]}"#;
        assert_eq!(module_of(phase), None);
        assert_eq!(module_of(br#"{"v":1,"main":"board"}"#), None);
    }

    #[test]
    fn a_difference_is_an_error() {
        let error = |registered, declared| {
            let counts = Counts {
                name: "net",
                registered,
                declared,
            };
            counts
                .error()
                .map(|error| error.split(';').next().unwrap_or_default().to_owned())
        };
        assert_eq!(error(2, 2), None);
        assert_eq!(
            error(0, 0).as_deref(),
            Some(
                "the crate `net` has no test in this binary: it declares none, or the linker dropped it"
            )
        );
        for (registered, declared) in [(0, 2), (1, 2), (2, 0)] {
            assert!(error(registered, declared).is_some());
        }
    }
}
