//! The command that runs a test again.

use autotest_core::{Arg, Args, ExecuteArgs};

use super::words::line;
use crate::digest::{JobDigest, RunDigest};

/// The command for a run; a secret argument must be filled in.
pub(super) fn command(job: &JobDigest, run: &RunDigest) -> String {
    let mut words = vec![job.label.clone(), "--exact".to_owned(), run.test.clone()];
    let framework = ExecuteArgs::parse(&run.args).unwrap_or_default();
    if let Some(iterations) = framework.iterations {
        words.extend(["--iterations".to_owned(), iterations.to_string()]);
    }
    if let Some(length_s) = framework.test_length {
        words.extend(["--test-length".to_owned(), length_s.to_string()]);
    }
    if framework.profile_only == Some(true) {
        words.push("--profile-only".to_owned());
    }
    for constraint in framework.constraints {
        words.extend(["--constraint".to_owned(), constraint]);
    }
    for (name, arg) in params(&run.args) {
        words.extend(["--param".to_owned(), format!("{name}={arg}")]);
    }
    let quoted = words.iter().map(|word| quoted(word));
    quoted.collect::<Vec<_>>().join(" ")
}

/// The command for the whole job.
pub(super) fn job_command(job: &JobDigest) -> String {
    let words = std::iter::once(&job.label).chain(&job.argv);
    let quoted = words.map(|word| quoted(word));
    quoted.collect::<Vec<_>>().join(" ")
}

/// The arguments that are not the framework's own.
fn params(args: &Args) -> impl Iterator<Item = (&str, &Arg)> {
    const FRAMEWORK: [&str; 4] = ["iterations", "test_length", "profile_only", "constraints"];
    let args = args.iter();
    args.filter(|(name, _)| !FRAMEWORK.contains(name))
}

/// A word for a shell. A NUL cannot be passed to a shell; other control characters cannot be shown by the page.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+@%".contains(c);
    let word = line(word);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word;
    }
    shlex::try_quote(&word).map_or_else(|_| String::new(), |quoted| quoted.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_that_need_it_are_quoted() {
        assert_eq!(quoted("--param"), "--param");
        assert_eq!(quoted("mb=16"), "mb=16");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("throughput > 1"), "'throughput > 1'");
        assert_eq!(quoted("a'b"), "\"a'b\"");
        assert_eq!(quoted("a\u{1b}[31m"), "'a?[31m'");
    }

    #[test]
    fn a_command_has_the_framework_s_flags_and_no_secret() {
        let mut args = Args::new()
            .with("iterations", 3)
            .with("test_length", 2.5)
            .with("constraints", vec!["x > 1"])
            .with("profile_only", true);
        args.insert("token", Arg::Text("s3cret".to_owned()).into_secret());
        let job = JobDigest {
            label: "suite".to_owned(),
            ..JobDigest::default()
        };
        let start = autotest_core::TestStart {
            test: "a::b".to_owned(),
            args,
            ..Default::default()
        };
        let run = RunDigest::new(0.0, &start);
        let expected = "suite --exact a::b --iterations 3 --test-length 2.5 --profile-only \
                        --constraint 'x > 1' --param 'token=(secret)'";
        assert_eq!(command(&job, &run), expected);
    }
}
