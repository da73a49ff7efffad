//! kirk, which runs LTP's runtest files.

use std::fs;
use std::process::Command;

use super::{find, install_suite, printed, recipe, runs};

#[test]
fn each_test_is_one_of_kirks() {
    if !runs("kirk", &["kirk"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let suite = install_suite(home.path());
    let ltp = home.path().join("ltp");
    for dir in ["runtest", "testcases/bin"] {
        fs::create_dir_all(ltp.join(dir)).unwrap();
    }
    fs::create_dir(home.path().join("tmp")).unwrap();
    let mut copy = Command::new("cp");
    let copy = copy
        .arg(recipe("kirk/one.sh"))
        .arg(ltp.join("testcases/bin"));
    assert!(copy.status().unwrap().success());
    let runtest = printed(Command::new(recipe("kirk/each.sh")).arg(suite), 0);
    fs::write(ltp.join("runtest/bvt"), runtest).unwrap();
    let mut kirk = Command::new(find("kirk").unwrap());
    kirk.env("LTPROOT", &ltp)
        .env("LTP_AUTOTEST_RESULTS", home.path().join("results"));
    kirk.args([
        "--no-colors",
        "--run-suite",
        "bvt",
        "--json-report",
        "report.json",
        "--tmp-dir",
        "tmp",
    ]);
    printed(kirk.current_dir(home.path()), 0);
    let report = fs::read(home.path().join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
    let results = report["results"].as_array().unwrap().iter();
    let mut results: Vec<_> = results
        .map(|test| {
            format!(
                "{} {}",
                test["test_fqn"].as_str().unwrap(),
                test["status"].as_str().unwrap()
            )
        })
        .collect();
    results.sort();
    let expected = [
        "ends.crash fail",
        "ends.fail fail",
        "ends.ignored conf",
        "ends.known_failure pass",
        "ends.skip conf",
        "ends.warn pass",
        "measures pass",
        "quick.a pass",
        "quick.b pass",
        "quick.c pass",
        "quick.d pass",
        "quick.e pass",
        "quick.f pass",
        "waits conf",
    ];
    assert_eq!(results, expected);
    let jobs = fs::read_dir(home.path().join("results/bvt")).unwrap();
    let jobs = jobs.filter(|job| job.as_ref().unwrap().file_type().unwrap().is_dir());
    assert_eq!(jobs.count(), 14);
}
