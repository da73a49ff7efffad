//! Kubernetes. No cluster runs here: its schema judges the recipe, and a shell runs the command of the container.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{find, install_suite, printed, recipe, runs, verdicts};

#[test]
fn the_schema_of_kubernetes_accepts_the_job() {
    if !runs("Kubernetes", &["kubernetes-validate"]) {
        return;
    }
    println!(
        "left out: Kubernetes: no cluster can run here; its schema and a shell judge the recipe"
    );
    let validate = |job: &Path, code: i32| {
        let mut command = Command::new(find("kubernetes-validate").unwrap());
        printed(command.arg("--strict").arg(job), code);
    };
    let job = recipe("kubernetes/job.yaml");
    validate(&job, 0);
    // That it says so means something.
    let home = tempfile::tempdir().unwrap();
    let wrong = home.path().join("job.yaml");
    let text = fs::read_to_string(job).unwrap();
    fs::write(
        &wrong,
        text.replace("backoffLimitPerIndex", "backoffLimitPerPod"),
    )
    .unwrap();
    validate(&wrong, 1);
}

/// The script of the recipe's container.
fn script() -> String {
    let text = fs::read_to_string(recipe("kubernetes/job.yaml")).unwrap();
    let (_, rest) = text
        .split_once("          args:\n            - |\n")
        .unwrap();
    let lines = rest
        .lines()
        .map_while(|line| line.strip_prefix("              "));
    lines.map(|line| format!("{line}\n")).collect()
}

/// A pod as the recipe describes it.
fn pod(home: &Path, index: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", &script()])
        .current_dir(home)
        .env_clear();
    command.env("PATH", format!("{}:/usr/bin:/bin", home.display()));
    command
        .env("AUTOTEST_SHARDS", "3")
        .env("RESULTS", home.join("r"));
    command.env("JOB_COMPLETION_INDEX", index);
    command
}

/// This takes no cluster, and so it always runs.
#[test]
fn the_pods_of_a_job_run_each_test_once_and_one_that_is_replaced_goes_on() {
    let home = tempfile::tempdir().unwrap();
    install_suite(home.path());
    let mut codes = Vec::new();
    for index in ["0", "1", "2"] {
        let status = pod(home.path(), index).output().unwrap().status;
        codes.push(status.code().unwrap());
        // The pod is replaced after the end of its job: it runs nothing, and the exit code is the same.
        let journal = home.path().join("r").join(index).join("journal.jsonl");
        let starts = || {
            fs::read_to_string(&journal)
                .unwrap()
                .matches("test_start")
                .count()
        };
        let before = starts();
        let again = pod(home.path(), index).output().unwrap().status;
        assert_eq!((again.code(), starts()), (status.code(), before));
    }
    assert_eq!(codes, [0, 101, 0]);
    let of_pods = ["0", "1", "2"].map(|index| verdicts(&home.path().join("r").join(index)));
    let mut all = of_pods.concat();
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!((all.len(), count), (12, 12), "{all:?}");
}
