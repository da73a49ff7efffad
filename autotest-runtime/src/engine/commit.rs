//! Finds the tested commit in environment variables.

use super::Variables;

/// The user's own variable, which takes precedence.
const OWN: &str = "AUTOTEST_COMMIT";

/// Engines for continuous integration: the variable that marks each, and the one that contains the commit.
const ENGINES: [(&str, &str); 6] = [
    ("GITHUB_ACTIONS", "GITHUB_SHA"),
    ("GITLAB_CI", "CI_COMMIT_SHA"),
    ("JENKINS_URL", "GIT_COMMIT"),
    ("BUILDKITE", "BUILDKITE_COMMIT"),
    ("CIRCLECI", "CIRCLE_SHA1"),
    ("TEAMCITY_VERSION", "BUILD_VCS_NUMBER"),
];

/// The limit on the recorded text, in characters; hashes have at most 64.
const MAX_CHARS: usize = 200;

/// The commit; empty if no variable contains it.
pub(crate) fn commit(variables: Variables<'_>) -> String {
    let of_engine = || {
        let mut engines = ENGINES.iter();
        engines.find_map(|(marker, variable)| variables.get(marker).and(variables.get(variable)))
    };
    let commit = variables.get(OWN).or_else(of_engine).unwrap_or_default();
    commit.to_string_lossy().chars().take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(set: &[(&str, &str)], expected: &str) {
        assert_eq!(Variables::these(set, commit), expected);
    }

    #[test]
    fn an_engine_tells_the_commit_if_its_marker_is_set() {
        check(&[], "");
        check(&[("GIT_COMMIT", "1f0c")], "");
        check(
            &[("JENKINS_URL", "http://ci/"), ("GIT_COMMIT", "1f0c")],
            "1f0c",
        );
        check(&[("GITHUB_ACTIONS", "true"), ("GITHUB_SHA", "2a")], "2a");
    }

    #[test]
    fn the_users_variable_wins() {
        let set = [
            ("GITLAB_CI", "true"),
            ("CI_COMMIT_SHA", "2a"),
            (OWN, "v1.2"),
        ];
        check(&set, "v1.2");
        check(
            &[("GITLAB_CI", "true"), ("CI_COMMIT_SHA", "2a"), (OWN, "")],
            "2a",
        );
    }

    #[test]
    fn a_long_text_is_cut() {
        check(&[(OWN, &"ä".repeat(300))], &"ä".repeat(200));
    }
}
