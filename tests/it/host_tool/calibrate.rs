//! `cargo autotest calibrate`, by simulation and with the journals of jobs.

use std::fs;
use std::path::Path;

use expect_test::expect;

use super::{empty, run_in};

#[test]
fn a_seed_gives_the_same_tables() {
    let (_dir, dir) = empty();
    let table = |seed| {
        let args = ["calibrate", "--comparisons", "2", "--seed", seed];
        run_in(&dir, &args).expect_code(0).stdout
    };
    let tables = table("1");
    assert_eq!(tables, table("1"));
    assert_ne!(tables, table("2"));
    let rows = tables.lines().filter(|line| line.starts_with("| "));
    assert_eq!(rows.count(), 70, "{tables}");
}

/// A job whose only test measured around `level`, twice as `m`, once as a keyval.
fn write_job(dir: &Path, number: usize, build: &str, level: f64) {
    let mut records = vec![
        format!(r#"{{"job_start":{{"hostname":"h","build_id":"{build}"}}}}"#),
        r#"{"test_start":{"test":"t","subdir":"t","operation":"t","args":{},"timeout_s":null,"parent":null}}"#
            .to_owned(),
    ];
    for i in 0..20 {
        let value = level * (1.0 + 0.001 * f64::from(i % 5));
        records.push(format!(
            r#"{{"perf":{{"description":"m","value":{value}}}}}"#
        ));
        let keyval = format!(r#"{{"iteration_keyval":{{"attr":[],"perf":[["k",{value}]]}}}}"#);
        records.push(keyval);
    }
    let lines = records.iter().enumerate().map(|(seq, event)| {
        let run = usize::from(seq > 0);
        format!("{{\"seq\":{seq},\"run\":{run},\"t\":{number}.0,\"event\":{event}}}\n")
    });
    let jobdir = dir.join(format!("{build}/{number}"));
    fs::create_dir_all(&jobdir).unwrap();
    fs::write(jobdir.join("journal.jsonl"), lines.collect::<String>()).unwrap();
}

#[test]
fn jobs_of_the_same_build_are_compared() {
    let (_dir, dir) = empty();
    for number in 0..12 {
        write_job(&dir, number, "one", 100.0 + 20.0 * (number % 3) as f64);
    }
    // No second job of this build.
    write_job(&dir, 12, "other", 500.0);
    let ran = run_in(&dir, &["calibrate", "."]).expect_code(0);
    expect![[r#"
        2 metrics, up to 12 jobs of the same build.

        Equal jobs:

        | jobs compared | comparisons | false alarms | same | not enough data | interval holds |
        |---|---:|---:|---:|---:|---:|
        | 1 a side, as if values were independent | 22 | 100.00 % | 0.0 % | 0.0 % | 0.0 % |
        | 1 a side, one side after the other | 22 | 0.00 % | 0.0 % | 100.0 % | 100.0 % |
        | 2 a side, one side after the other | 18 | 0.00 % | 0.0 % | 100.0 % | 100.0 % |
        | 3 a side, one side after the other | 14 | 0.00 % | 0.0 % | 100.0 % | 100.0 % |
        | 5 a side, one side after the other | 6 | 0.00 % | 0.0 % | 100.0 % | 100.0 % |
        | 5 a side, in turn | 6 | 0.00 % | 0.0 % | 100.0 % | 100.0 % |

        One side changed by 10 %:

        | jobs compared | comparisons | found | same | not enough data | interval holds |
        |---|---:|---:|---:|---:|---:|
        | 1 a side, as if values were independent | 22 | 100.00 % | 0.0 % | 0.0 % | 0.0 % |
        | 1 a side, one side after the other | 22 | 0.00 % | 0.0 % | 100.0 % | 100.0 % |
        | 2 a side, one side after the other | 18 | 0.00 % | 0.0 % | 100.0 % | 100.0 % |
        | 3 a side, one side after the other | 14 | 0.00 % | 0.0 % | 100.0 % | 100.0 % |
        | 5 a side, one side after the other | 6 | 0.00 % | 0.0 % | 100.0 % | 100.0 % |
        | 5 a side, in turn | 6 | 0.00 % | 0.0 % | 100.0 % | 100.0 % |

        One side changed by 50 %:

        | jobs compared | comparisons | found | same | not enough data | interval holds |
        |---|---:|---:|---:|---:|---:|
        | 1 a side, as if values were independent | 22 | 100.00 % | 0.0 % | 0.0 % | 0.0 % |
        | 1 a side, one side after the other | 22 | 0.00 % | 0.0 % | 100.0 % | 100.0 % |
        | 2 a side, one side after the other | 18 | 0.00 % | 0.0 % | 100.0 % | 100.0 % |
        | 3 a side, one side after the other | 14 | 0.00 % | 0.0 % | 100.0 % | 100.0 % |
        | 5 a side, one side after the other | 6 | 0.00 % | 0.0 % | 100.0 % | 100.0 % |
        | 5 a side, in turn | 6 | 0.00 % | 0.0 % | 100.0 % | 100.0 % |
    "#]]
    .assert_eq(&ran.stdout);
}

#[test]
fn jobs_that_cannot_be_compared_are_an_error() {
    let (_dir, dir) = empty();
    write_job(&dir, 0, "one", 100.0);
    write_job(&dir, 1, "other", 100.0);
    let ran = run_in(&dir, &["calibrate", "one", "other"]).expect_code(2);
    expect![[r#"
        error: no two jobs below `one`, `other` have the same host, build, test and metric; name directories with repeated jobs of a test that records perf values
    "#]]
    .assert_eq(&ran.stderr);
    let ran = run_in(&dir, &["calibrate", "none"]).expect_code(2);
    expect![[r#"
        error: failed to read the directory `none`: No such file or directory (os error 2)
    "#]]
    .assert_eq(&ran.stderr);
    run_in(&dir, &["calibrate", "--comparisons", "0"]).expect_code(2);
}
