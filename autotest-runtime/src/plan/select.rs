//! Which tests a command line means.

use super::attr::attributes;
use crate::cli::{Ignored, Options};
use crate::registry::{Registry, Test};

/// The tests that are asked for, ignored ones included, in the order of their ids.
pub(crate) fn select(registry: &'static Registry, options: &Options) -> Vec<&'static Test> {
    let mut tests: Vec<_> = registry.tests().iter().collect();
    tests.retain(|test| is_selected(test, options));
    tests
}

fn is_selected(test: &Test, options: &Options) -> bool {
    let matches = |filter: &String| matches(test, filter, options.exact);
    let is_named = options.filters.is_empty() || options.filters.iter().any(matches);
    is_named
        && options.engine.filter.iter().all(matches)
        && !options.skip.iter().any(matches)
        && has_attributes(test, options)
        && options.shard.is_none_or(|shard| shard.holds(test.id))
}

fn has_attributes(test: &Test, options: &Options) -> bool {
    let suites = &options.suites;
    let is_in = |suite: &String| test.def.meta.suites.contains(&suite.as_str());
    if !suites.is_empty() && !suites.iter().any(is_in) {
        return false;
    }
    if options.attrs.is_empty() {
        return true;
    }
    let attributes = attributes(test);
    options.attrs.iter().all(|expr| expr.holds(&attributes))
}

/// Whether no test at all matches a filter.
pub(crate) fn is_idle(registry: &Registry, filter: &str, options: &Options) -> bool {
    let mut tests = registry.tests().iter();
    tests.all(|test| !matches(test, filter, options.exact))
}

/// With `--exact` the name of a test with cases means all of them.
fn matches(test: &Test, filter: &str, exact: bool) -> bool {
    if !exact {
        return test.id.contains(filter);
    }
    let parent = test
        .def
        .case
        .and_then(|case| test.id.strip_suffix(case.name)?.strip_suffix("::"));
    test.id == filter || parent == Some(filter)
}

/// Whether a selected test is to run.
pub(crate) fn is_run(test: &Test, options: &Options) -> bool {
    match options.ignored {
        Ignored::Skip if options.is_bench => false,
        Ignored::Skip => test.def.meta.ignore.is_none(),
        Ignored::Only => test.def.meta.ignore.is_some(),
        Ignored::Include => true,
    }
}
