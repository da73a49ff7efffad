//! The nearest name: what the user probably meant.

/// The candidate most similar to `name`, if any is similar enough to be a slip of the finger.
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

/// How many names are suggested at most.
const SUGGESTED: usize = 3;

/// The candidates that were probably meant, the most similar first: those that a slip of the finger turns into
/// `name`, and those that it is a part of, or that are a part of it.
///
/// ```
/// use autotest_core::nearest_few;
/// assert_eq!(nearest_few("iter", ["iterations", "tag", "isolation"]), ["iterations"]);
/// assert_eq!(nearest_few("timeout_secs", ["timeout", "time", "tag"]), ["timeout", "time"]);
/// assert_eq!(nearest_few("colour", ["iterations", "tag"]), [""; 0]);
/// ```
pub fn nearest_few<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let limit = limit(name);
    let scored = candidates.into_iter().map(|candidate| {
        let is_part = is_part(candidate, name) || is_part(name, candidate);
        let differ_by = lengths_differ_by(name, candidate);
        let distance = match differ_by <= limit {
            true => distance(name, candidate),
            false => differ_by,
        };
        (distance, is_part, candidate)
    });
    let mut near: Vec<_> = scored
        .filter(|(distance, is_part, _)| *is_part || *distance <= limit)
        .collect();
    near.sort_unstable();
    near.truncate(SUGGESTED);
    near.into_iter()
        .map(|(_, _, candidate)| candidate)
        .collect()
}

/// Whether it is one that says something: most names have some letter or two in common.
fn is_part(part: &str, whole: &str) -> bool {
    const TELLING_CHARS: usize = 4;
    part.chars().count() >= TELLING_CHARS && whole.to_lowercase().contains(&part.to_lowercase())
}

/// At least so many letters are wrong: no more need be known of a text that is much too long.
fn lengths_differ_by(a: &str, b: &str) -> usize {
    a.chars().count().abs_diff(b.chars().count())
}

/// How many letters may be wrong.
fn limit(name: &str) -> usize {
    (name.chars().count() / 3).clamp(1, 4)
}

/// `a`, `b` or `c`.
pub fn any_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted = names.into_iter().map(|name| format!("`{name}`"));
    let quoted: Vec<_> = quoted.collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// How many letters must be inserted, removed, replaced or swapped with a neighbour to turn `a` into
/// `b`, ignoring case (optimal string alignment).
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
