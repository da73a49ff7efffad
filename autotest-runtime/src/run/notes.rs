//! Notes on standard error about options with a surprising effect or none, such as misspelled names and forgotten
//! variables.

use std::collections::BTreeMap;
use std::io::{self, Write};

use autotest_core::excerpt;
use autotest_core::name::{self, Reserved};

use super::no_such_test;
use crate::caches;
use crate::cli::Options;
use crate::engine::{self, Variables};
use crate::exec::Isolation;
use crate::linkage;
use crate::plan::{Selection, attributes, matches_nothing};
use crate::registry::{Registry, Test, VARIABLE_PREFIX, variable_of};

pub(super) fn print(registry: &Registry, options: &Options, variables: Variables<'_>) {
    let mut notes = Vec::new();
    let selection = &options.plan.selection;
    for filter in selection.filters.iter().chain(&selection.engine_filter) {
        if matches_nothing(registry, filter, selection) {
            notes.push(no_such_test(registry, filter));
        }
    }
    notes.extend(unnamed_crates(registry));
    notes.extend(unmatched_suites(registry, selection));
    notes.extend(unmatched_attributes(registry, selection));
    notes.extend(unknown_params(registry, variables));
    notes.extend(shard(options, variables));
    notes.extend(unprotected(options));
    notes.extend(undropped(options));
    for note in notes {
        let _ = writeln!(io::stderr(), "note: {note}");
    }
}

/// Prints a note if tests would share a directory on a file system that ignores case: results may be written or copied
/// to one. Names usually have no capital letters, so that nothing needs to be checked.
pub(super) fn print_case_conflicts(tests: &[&Test], tag: Option<&str>) {
    let has_capital = |name: &str| {
        name.bytes()
            .any(|b| b.is_ascii_uppercase() || !b.is_ascii())
    };
    if !tests.iter().any(|test| has_capital(test.id)) && !tag.is_some_and(has_capital) {
        return;
    }
    let mut seen: BTreeMap<String, &Test> = BTreeMap::new();
    for test in tests {
        let mut directory = test.directory();
        if let Some(tag) = tag {
            directory = name::tagged(&directory, tag);
        }
        if let Some(Reserved { name, what }) = name::reserved_but_for_case(&directory) {
            print_case_conflict(test, &format!("the results' own `{name}` ({what})"));
        }
        if let Some(other) = seen.insert(directory.to_lowercase(), test) {
            print_case_conflict(
                other,
                &format!("`{}` at {}", excerpt(test.id), test.place()),
            );
        }
    }
}

fn print_case_conflict(test: &Test, other: &str) {
    let (id, place) = (excerpt(test.id), test.place());
    let _ = writeln!(
        io::stderr(),
        "note: the names of `{id}` at {place} and {other} differ only in case, which some file systems ignore"
    );
}

/// A note that caches cannot be dropped. It is also recorded in the status log.
fn undropped(options: &Options) -> Option<String> {
    let settings = &options.plan.settings;
    let are_dropped = settings.drop_caches || settings.drop_caches_between_iterations;
    caches::hindrance().filter(|_| are_dropped)
}

/// A note about crates with tests that `main!` does not name.
fn unnamed_crates(registry: &Registry) -> Option<String> {
    let main = registry.main();
    let unnamed = linkage::unnamed(main);
    (!unnamed.is_empty()).then(|| {
        let quoted: Vec<_> = unnamed.iter().map(|name| format!("`{name}`")).collect();
        let all: Vec<_> = main.crates.iter().chain(&unnamed).copied().collect();
        format!(
            "`main!` does not name {}, whose tests are in this binary: write `autotest::main!({})`, so that the \
             linker never drops them unnoticed",
            quoted.join(" and "),
            all.join(", ")
        )
    })
}

fn unmatched_suites(registry: &Registry, selection: &Selection) -> Vec<String> {
    let mut all = Vec::new();
    for test in registry.tests() {
        all.extend(test.def.meta.suites.iter().copied());
    }
    let given = selection.suites.iter();
    let unmatched = given.filter(|suite| !all.contains(&suite.as_str()));
    let notes = unmatched.map(|suite| {
        let nearest = autotest_core::nearest(suite, all.iter().copied());
        let suite = excerpt(suite);
        format!("no test is in the suite `{suite}`{}", suggestion(nearest))
    });
    notes.collect()
}

fn unmatched_attributes(registry: &Registry, selection: &Selection) -> Vec<String> {
    if selection.attrs.is_empty() {
        return Vec::new();
    }
    let mut all = Vec::new();
    for test in registry.tests() {
        all.extend(attributes(test));
    }
    let mut given = Vec::new();
    for expr in &selection.attrs {
        given.extend(expr.patterns());
    }
    let unmatched = given.into_iter();
    let unmatched = unmatched.filter(|pattern| all.iter().all(|name| !pattern.matches(name)));
    let notes = unmatched.map(|pattern| {
        let name = pattern.text();
        let nearest = autotest_core::nearest(name, all.iter().map(String::as_str));
        let name = excerpt(name);
        format!("no test has the attribute `{name}`{}", suggestion(nearest))
    });
    notes.collect()
}

/// Notes about variables whose names resemble those of parameters. Others may be meant for another binary.
fn unknown_params(registry: &Registry, variables: Variables<'_>) -> Vec<String> {
    let given = variables.names(VARIABLE_PREFIX);
    if given.is_empty() {
        return Vec::new();
    }
    let known = registry.params();
    let known: Vec<String> = known.iter().map(|it| variable_of(it.name)).collect();
    let unknown = given.iter().filter(|name| !known.contains(name));
    let notes = unknown.filter_map(|name| {
        let nearest = autotest_core::nearest(name, known.iter().map(String::as_str))?;
        let name = excerpt(name);
        Some(format!(
            "`{name}` is no parameter of this binary; did you mean `{nearest}`?"
        ))
    });
    notes.collect()
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| {
        format!("; did you mean `{nearest}`?")
    })
}

/// A note that an engine's variable chose the shard, perhaps by accident, in a shell within a Slurm array; that it has no
/// effect; or that none did although one is expected.
fn shard(options: &Options, variables: Variables<'_>) -> Option<String> {
    match (options.plan.selection.shard, options.engine.sharded_by) {
        (Some(shard), Some(variable)) => Some(format!(
            "only the tests of shard {shard} run, since `{variable}` is set; `--shard 1/1` runs all"
        )),
        (None, Some(variable)) => Some(format!(
            "`{variable}` is set, but a control function or a job file is not divided into shards: this process runs \
             all of it"
        )),
        (Some(_), None) => None,
        (None, None) => engine::unsharded(variables),
    }
}

/// A note about flags that have no effect with `--isolation none`.
fn unprotected(options: &Options) -> Option<String> {
    let is_asked =
        |flag: &&str| ["timeout", "test-threads", "leaks", "crash-handler"].contains(flag);
    let mut asked = options.given.iter().filter(|flag| is_asked(flag));
    let flag = asked
        .next()
        .filter(|_| options.isolation == Isolation::None)?;
    Some(format!(
        "`--{flag}` has no effect with `--isolation none`: tests run one at a time in this process, \
         and none is ended early"
    ))
}
