//! `#[autotest(site)]`: a site's own version of a test wins over that of the same id (the original's
//! `site_testdir` over its `testdir`).

use super::Test;

/// Takes out the tests that one of the site replaces. `tests` are sorted by id.
///
/// Two tests of the site with one id stay in, so that they are reported as a collision; so do two others, without
/// that of the site.
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
