//! `#[autotest(site)]`: a site's own version of a test replaces the test with the same id, like the original's
//! `site_testdir` takes precedence over its `testdir`.

use super::Test;

/// Removes the tests that a site's version replaces, and returns them. `tests` must be sorted by id.
///
/// Two versions by the site with the same id are kept, so that they are reported as a collision; so are two other
/// tests, without the site's version.
pub(super) fn take_replaced(tests: &mut Vec<Test>) -> Vec<Test> {
    if !tests.windows(2).any(|pair| pair[0].id == pair[1].id) {
        return Vec::new();
    }
    let mut replaced = Vec::new();
    let mut kept = Vec::with_capacity(tests.len());
    for same in tests.chunk_by(|a, b| a.id == b.id) {
        let (site, others): (Vec<_>, Vec<_>) =
            same.iter().cloned().partition(|test| test.def.meta.site);
        match (site.len(), others.len()) {
            (1, 1) => {
                kept.extend(site);
                replaced.extend(others);
            }
            (1, 2..) => kept.extend(others),
            _ => kept.extend_from_slice(same),
        }
    }
    *tests = kept;
    replaced
}
