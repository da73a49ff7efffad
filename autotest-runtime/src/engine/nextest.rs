//! cargo-nextest, which starts a process for each test (<https://nexte.st/docs/configuration/env-vars/>).

use super::Variables;

const MARK: &str = "NEXTEST";
const RUN_ID: &str = "NEXTEST_RUN_ID";
/// From 1; absent in versions without retries.
const ATTEMPT: &str = "NEXTEST_ATTEMPT";

/// The longest run id that is accepted; it becomes part of a directory's name.
const MAX_BYTES: usize = 64;

/// The nextest run that this process belongs to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Nextest {
    /// Letters, digits and hyphens.
    pub(crate) run_id: String,
    /// From 1.
    pub(crate) attempt: u32,
}

/// Whether nextest started this process.
pub(crate) fn is_under_nextest() -> bool {
    Variables::of_process().is(MARK, "1")
}

/// `None` also if a value cannot be nextest's; results then go to the usual place.
pub(super) fn read(variables: Variables<'_>) -> Option<Nextest> {
    if !variables.is(MARK, "1") {
        return None;
    }
    let run_id = variables.get(RUN_ID)?.into_string().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if run_id.len() > MAX_BYTES || !run_id.bytes().all(is_plain) {
        return None;
    }
    let attempt = match variables.get(ATTEMPT) {
        Some(attempt) => attempt.into_string().ok()?.parse().ok()?,
        None => 1,
    };
    Some(Nextest { run_id, attempt })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(set: &[(&str, &str)], expected: Option<(&str, u32)>) {
        let nextest = Variables::these(set, read);
        let nextest = nextest.map(|nextest| (nextest.run_id, nextest.attempt));
        let expected = expected.map(|(run_id, attempt)| (run_id.to_owned(), attempt));
        assert_eq!(nextest, expected);
    }

    #[test]
    fn a_run_has_an_id_and_attempts() {
        let id = "1f0c-7a";
        check(&[(MARK, "1"), (RUN_ID, id)], Some((id, 1)));
        check(&[(MARK, "1"), (RUN_ID, id), (ATTEMPT, "3")], Some((id, 3)));
    }

    #[test]
    fn what_nextest_would_not_say_does_not_count() {
        check(&[(RUN_ID, "1f0c")], None);
        check(&[(MARK, "1")], None);
        for id in ["..", "a/b", "", "a b", "ä", &"x".repeat(65)] {
            check(&[(MARK, "1"), (RUN_ID, id)], None);
        }
        check(&[(MARK, "1"), (RUN_ID, "1f0c"), (ATTEMPT, "../2")], None);
    }
}
