//! Selects tests.

use autotest_core::attr;

use super::options::{Ignored, Selection};
use crate::registry::{Registry, Test};

/// The selected tests, including ignored ones, in the order of their ids.
pub(crate) fn select(registry: &'static Registry, selection: &Selection) -> Vec<&'static Test> {
    let mut tests: Vec<_> = registry.tests().iter().collect();
    tests.retain(|test| is_selected(registry, test, selection));
    tests
}

/// `true` if a test is selected, even if it is ignored.
pub(crate) fn is_selected(registry: &Registry, test: &Test, selection: &Selection) -> bool {
    let matches = |filter: &String| matches(registry, test, filter, selection.exact);
    let is_named = selection.filters.is_empty() || selection.filters.iter().any(matches);
    is_named
        && selection.engine_filter.iter().all(matches)
        && !selection.skip.iter().any(matches)
        && has_attributes(test, selection)
        && selection.shard.is_none_or(|shard| shard.holds(test.id))
}

fn has_attributes(test: &Test, selection: &Selection) -> bool {
    let suites = &selection.suites;
    let is_in = |suite: &String| test.def.meta.suites.contains(&suite.as_str());
    if !suites.is_empty() && !suites.iter().any(is_in) {
        return false;
    }
    if selection.attrs.is_empty() {
        return true;
    }
    let attributes = attributes(test);
    selection.attrs.iter().all(|expr| expr.holds(&attributes))
}

/// The attributes by which a test can be selected.
pub(crate) fn attributes(test: &Test) -> Vec<String> {
    let meta = test.def.meta;
    attr::attributes(test.id, meta.attributes, meta.suites, meta.dependencies)
}

/// `true` if no test of the binary matches a filter.
pub(crate) fn matches_nothing(registry: &Registry, filter: &str, selection: &Selection) -> bool {
    let mut tests = registry.tests().iter();
    tests.all(|test| !matches(registry, test, filter, selection.exact))
}

/// `true` if a test matches a filter. With `--exact`, a path that is not the name of any test matches the test of that
/// item.
fn matches(registry: &Registry, test: &Test, filter: &str, exact: bool) -> bool {
    if !exact {
        return test.id.contains(filter);
    }
    let is_a_name = || registry.tests().iter().any(|test| is_called(test, filter));
    is_called(test, filter) || (registry.is_item(test, filter) && !is_a_name())
}

/// `true` if a test has this name. All cases of a test share the name of the test.
fn is_called(test: &Test, name: &str) -> bool {
    let parent = test
        .def
        .case
        .and_then(|case| test.id.strip_suffix(case.name)?.strip_suffix("::"));
    test.id == name || parent == Some(name)
}

/// `true` if a selected test is run, given how ignored tests are treated.
pub(crate) fn will_run(test: &Test, selection: &Selection) -> bool {
    match selection.ignored {
        Ignored::Skip if selection.is_bench => false,
        Ignored::Skip => test.def.meta.ignore.is_none(),
        Ignored::Only => test.def.meta.ignore.is_some(),
        Ignored::Include => true,
    }
}
