//! What `--rerun` refuses.

use super::lab::{Lab, check_refused};

#[test]
fn what_cannot_be_repeated_is_refused() {
    let lab = Lab::new();
    lab.mended(&["--results", "one", "b_fails"], 101);
    let refused = |args: &[&str], expected: &str| {
        check_refused(&lab.run("mended", args), expected);
    };
    refused(
        &["--rerun", "missing"],
        "failed to open the journal `missing/journal.jsonl`: No such file or directory (os error 2); name the results \
         directory of a job",
    );
    refused(
        &["--rerun-only", "failed"],
        "`--rerun-only` has an effect only with `--rerun`; give both",
    );
    refused(
        &["--rerun", "one", "--rerun-only", "some"],
        "`--rerun-only` takes `failed` or `unfinished`, not `some`",
    );
    let says = "the earlier job says which tests run";
    for given in ["--control decides", "--job file.json"] {
        let (flag, value) = given.split_once(' ').unwrap();
        let expected = format!("`{flag}` cannot be given with `--rerun`: {says}");
        refused(&["--rerun", "one", flag, value], &expected);
    }
    for other in ["list", "dry-run"] {
        let expected = format!("`--{other}` and `--rerun` cannot be combined; give one");
        refused(&[&format!("--{other}"), "--rerun", "one"], &expected);
    }
    refused(
        &["--rerun", "one", "--resume", "one"],
        "`--rerun` and `--resume` cannot be combined; give one",
    );
    refused(
        &["--rerun", "one", "--results", "x", "--continue"],
        "`--rerun` and `--continue` cannot be combined; give one",
    );
}
