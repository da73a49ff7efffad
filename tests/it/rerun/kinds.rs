//! Jobs that were no list of tests: control functions, job files, packages.

use std::fs;

use super::lab::Lab;

#[test]
fn of_a_control_function_the_runs_are_repeated_without_its_groups() {
    let lab = Lab::new();
    let mended = format!("mended={}", lab.home().join("mended").display());
    let args = [
        "--results",
        "one",
        "--control",
        "decides",
        "--param",
        &mended,
    ];
    lab.mended(&args, 101);
    lab.mend();
    let rerun = lab.mended(&["--rerun", "one", "--results", "two"], 0);
    let path = fs::canonicalize(lab.home().join("one")).unwrap();
    let note = format!(
        "note: the job in `{}` had the control function `decides`: its runs are repeated one after another with their \
         arguments and tags, without its groups and settings\n",
        path.display()
    );
    assert_eq!(String::from_utf8(rerun.stderr).unwrap(), note);
    assert_eq!(lab.plan("two"), ["b_fails.large", "b_fails.small"]);
    assert_eq!(lab.file("two/b_fails.large/debug/stdout"), "took 64\n");
    assert_eq!(lab.file("two/b_fails.small/debug/stdout"), "took 2\n");
}

#[test]
fn of_a_job_file_the_runs_that_failed_or_never_ran_are_repeated() {
    let lab = Lab::new();
    let mended = lab.home().join("mended");
    let file = format!(
        r#"{{"params": {{"mended": "{}"}}, "runs": [
            {{"test": "b_fails", "tag": "x", "args": {{"mb": 7}}}},
            {{"group": "last", "runs": [{{"test": "g_aborts"}}, {{"test": "b_fails", "tag": "y"}}]}}]}}"#,
        mended.display()
    );
    fs::write(lab.home().join("job.json"), file).unwrap();
    lab.mended(&["--results", "one", "--job", "job.json"], 101);
    lab.mend();
    lab.mended(&["--rerun", "one", "--results", "two"], 0);
    assert_eq!(lab.plan("two"), ["b_fails.x", "g_aborts", "b_fails.y"]);
    assert_eq!(lab.file("two/b_fails.x/debug/stdout"), "took 7\n");
}

#[test]
fn a_package_that_failed_runs_again_as_a_whole() {
    let lab = Lab::new();
    let package = crate::packages::packed::package("mended");
    let name = package.file_name().unwrap().to_str().unwrap().to_owned();
    let args = ["--results", "one", "--package", package.to_str().unwrap()];
    let first = lab.run("packaged", &args);
    assert_eq!(first.status.code(), Some(101), "{first:?}");
    let second = lab.run("packaged", &["--rerun", "one", "--results", "two"]);
    assert_eq!(second.status.code(), Some(101), "{second:?}");
    let plan = lab.plan("two");
    assert_eq!(plan, lab.plan("one"));
    assert!(lab.start("two").plan[0].test.ends_with(&name));
}
