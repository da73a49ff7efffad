//! Suggestions: the names that the user probably meant.

/// The candidate most similar to `name`, if one is so similar that `name` may be a typing error.
///
/// ```
/// use autotest_core::nearest;
/// assert_eq!(nearest("iteratons", ["iterations", "tag"]), Some("iterations"));
/// assert_eq!(nearest("colour", ["iterations", "tag"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(name, &mut candidates.into_iter())
}

fn nearest_of<'a>(name: &str, candidates: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = limit(name);
    let scored = candidates
        .filter(|candidate| lengths_differ_by(name, candidate) <= limit)
        .map(|candidate| (distance(name, candidate), candidate));
    scored
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The largest number of suggestions.
const SUGGESTED: usize = 3;

/// The candidates that were probably meant, the most similar first: `name` may be a misspelling of the
/// candidate, or one contains the other.
///
/// ```
/// use autotest_core::nearest_few;
/// assert_eq!(nearest_few("iter", ["iterations", "tag", "isolation"]), ["iterations"]);
/// assert_eq!(nearest_few("timeout_secs", ["timeout", "time", "tag"]), ["timeout", "time"]);
/// assert_eq!(nearest_few("colour", ["iterations", "tag"]), [""; 0]);
/// ```
pub fn nearest_few<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    few_of(name, &mut candidates.into_iter())
}

fn few_of<'a>(name: &str, candidates: &mut dyn Iterator<Item = &'a str>) -> Vec<&'a str> {
    // A sort would be ten times as much code.
    let mut few: Vec<(usize, &str)> = Vec::new();
    for candidate in candidates {
        let Some(difference) = difference(name, candidate) else {
            continue;
        };
        let place = few.iter().take_while(|(other, _)| *other <= difference);
        few.insert(place.count(), (difference, candidate));
        few.truncate(SUGGESTED);
    }
    few.into_iter().map(|(_, candidate)| candidate).collect()
}

/// How much a candidate differs from a name; `None` if it was probably not meant.
fn difference(name: &str, candidate: &str) -> Option<usize> {
    let (limit, at_least) = (limit(name), lengths_differ_by(name, candidate));
    let is_part = is_part(candidate, name) || is_part(name, candidate);
    let found = match at_least <= limit {
        true => distance(name, candidate),
        false => at_least,
    };
    (is_part || found <= limit).then_some(found)
}

/// Whether `whole` contains `part`, of at least four letters: most names have one or two letters in common.
fn is_part(part: &str, whole: &str) -> bool {
    const MIN_PART_BYTES: usize = 4;
    let mut windows = whole.as_bytes().windows(part.len().max(MIN_PART_BYTES));
    windows.any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// Lists names as `a`, `b` or `c`.
pub fn any_of(names: &[&str]) -> String {
    let mut text = String::new();
    for (i, name) in names.iter().enumerate() {
        text.push_str(match i {
            0 => "",
            i if i + 1 == names.len() => " or ",
            _ => ", ",
        });
        text.extend(["`", name, "`"]);
    }
    text
}

/// A lower bound of the distance, which is enough to reject a text that is much too long.
fn lengths_differ_by(a: &str, b: &str) -> usize {
    a.chars().count().abs_diff(b.chars().count())
}

/// The largest distance at which a name is suggested.
fn limit(name: &str) -> usize {
    (name.chars().count() / 3).clamp(1, 4)
}

/// The number of letters to insert, remove, replace or swap with a neighbour to turn `a` into `b`, ignoring
/// case (optimal string alignment).
pub fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut rows: [Vec<usize>; 3] = [vec![], vec![], (0..=b.len()).collect()];
    for i in 1..=a.len() {
        rows.swap(0, 1);
        rows.swap(1, 2);
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[0][j - 2] + 1);
            }
            row.push(best);
        }
        rows[2] = row;
    }
    rows[2][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits_and_swaps() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("setpu", "setup"), 1);
        assert_eq!(distance("runonce", "run_once"), 1);
        assert_eq!(distance("Cleanup", "cleanup"), 0);
    }
}
