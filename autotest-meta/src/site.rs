//! `#[autotest(site)]`: a site's own version of a test replaces the test with the same id.

use autotest_core::Description;

use crate::suite::sort_key;

/// Removes the tests that a test of the site replaces, by the rule of the binary's registry. `tests` are sorted by id,
/// and remain so.
pub(crate) fn replaced(tests: Vec<Description>) -> Vec<Description> {
    if !tests.windows(2).any(|pair| pair[0].id == pair[1].id) {
        return tests;
    }
    let mut kept = Vec::with_capacity(tests.len());
    let mut same: Vec<Description> = Vec::new();
    for test in tests {
        if same.first().is_some_and(|first| first.id != test.id) {
            settle(&mut same, &mut kept);
        }
        same.push(test);
    }
    settle(&mut same, &mut kept);
    kept
}

/// Decides which of the tests with one id are kept. If that is unclear, all that collide are kept.
fn settle(same: &mut Vec<Description>, kept: &mut Vec<Description>) {
    if let [_] = same.as_slice() {
        return kept.append(same);
    }
    let (mut sites, mut others): (Vec<_>, Vec<_>) = same.drain(..).partition(|test| test.site);
    match (sites.as_mut_slice(), others.as_slice()) {
        ([site], [other]) => {
            site.replaces = format!("{}:{}", other.file, other.line);
            kept.append(&mut sites);
        }
        ([_], [_, _, ..]) => kept.append(&mut others),
        _ => {
            sites.append(&mut others);
            sites.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
            kept.append(&mut sites);
        }
    }
}
