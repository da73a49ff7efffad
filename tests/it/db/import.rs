//! `db import`: what is imported, again, later, by several at once.

use std::fs;
use std::process::Child;

use autotest_core::Kind;
use expect_test::expect;

use super::jobs::{Job, many};
use super::{Database, copy_with, on_each};
use crate::binary::fixture_path;

/// A job that was interrupted, and what it became when it was resumed.
fn grown() -> (Job, Job) {
    let begun = Job::new("job-1", "board1", "b1", 0.0).run("net::up", 1.5, None);
    let failed = Some((Kind::Fail, "no reply"));
    let ended = begun
        .clone()
        .measured("net::ping", 2.0, failed, &[3.5])
        .end();
    (begun, ended)
}

#[test]
fn jobs_of_real_binaries_have_the_same_rows_in_both_databases() {
    let (_results, results) = crate::host_tool::empty();
    for (fixture, filter) in [
        ("faulty", "says::"),
        ("faulty", "raises::"),
        ("many", "a::"),
        ("steps", ""),
    ] {
        let name = format!("{fixture}-{}", filter.trim_end_matches(':'));
        let mut command = std::process::Command::new(fixture_path(fixture));
        command
            .arg("--results")
            .arg(results.join(name))
            .current_dir(&results);
        let output = command
            .args(Some(filter).filter(|it| !it.is_empty()))
            .output()
            .unwrap();
        assert!(matches!(output.status.code(), Some(0 | 101)), "{output:?}");
    }
    // The worst of everything, and what only a control function does. Their ids are those of other examples.
    let golden = crate::host_tool::root().join("autotest-report/tests/golden");
    for name in [
        "hostile",
        "values",
        "attempt",
        "control_rebooted",
        "control_hostile",
        "subtests",
        "cut_off",
    ] {
        let from = golden.join(name).join("events.jsonl");
        let first = fs::read_to_string(&from).unwrap();
        let id = first
            .split("\"id\":")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap()
            .to_owned();
        copy_with(
            &from,
            &results.join(name).join("journal.jsonl"),
            &id,
            &format!("\"{name}\""),
        );
    }
    on_each(|database| {
        let dir = results.display().to_string();
        let said = database.run(&["import", &dir]).expect_code(0).stdout;
        let dump = database.dump();
        assert!(dump.lines().count() > 500, "{dump}");
        let again = database.run(&["import", &dir]).expect_code(0).stdout;
        assert_eq!(database.dump(), dump);
        [said, again, dump].map(|text| database.without_name(&text))
    });
}

#[test]
fn a_job_is_imported_once_and_replaced_when_it_has_grown() {
    let said = on_each(|database| {
        let (begun, ended) = grown();
        let dir = database.write("results", &[begun]);
        let mut said = database.prints(&["import", &dir]);
        said += &database.prints(&["query", "SELECT name, status, reason FROM runs"]);
        said += &database.prints(&["query", "SELECT test, why FROM left_out"]);
        // An earlier state is a copy.
        fs::create_dir(database.dir.join("earlier")).unwrap();
        let journal = database.dir.join("results/job-1/journal.jsonl");
        fs::copy(journal, database.dir.join("earlier/journal.jsonl")).unwrap();

        database.write("results", &[ended]);
        said += &database.prints(&["import", &dir]);
        let dump = database.dump();
        said += &database.prints(&["import", &dir, "earlier"]);
        assert_eq!(database.dump(), dump);
        let sql = "SELECT runs.id, jobs.status, name, runs.reason FROM runs JOIN jobs ON jobs.id = job_id";
        said + &database.prints(&["query", sql])
    });
    expect![[r#"
        jobs imported: 1 new, 0 grown, 0 already there ([DB])
        name     status  reason
        net::up  GOOD
        test       why
        net.ping   not run
        net.never  not run
        jobs imported: 0 new, 1 grown, 0 already there ([DB])
        jobs imported: 0 new, 0 grown, 2 already there ([DB])
              id  status  name       reason
        10000001  GOOD    net::up
        10000002  GOOD    net::ping  no reply
    "#]]
    .assert_eq(&said);
}

#[test]
fn another_job_with_the_same_key_is_named_and_the_rest_is_imported() {
    let said = on_each(|database| {
        let (_, ended) = grown();
        database.write("a", &[ended]);
        database.prints(&["import", "a"]);
        let longer = Job::new("job-1", "board1", "b2", 0.0).run("net::up", 1.5, None);
        let longer = longer
            .run("net::ping", 2.0, None)
            .run("net::scan", 1.0, None);
        let other = Job::new("job-2", "board1", "b2", 0.0);
        database.write("b", &[longer.end(), other.end()]);
        // Neither longer nor shorter.
        let shorter = Job::new("job-1", "board1", "b3", 0.0);
        database.write("c", &[shorter.end()]);
        let mut said = database.fails(&["import", "b"], 1);
        said += &database.fails(&["import", "c"], 1);
        said + &database.prints(&["query", "SELECT job, build FROM jobs ORDER BY job"])
    });
    expect![[r#"
        error: `[DIR]/b/job-1`: another job of this host and id was imported from `[DIR]/a/job-1`; one of the two is an altered copy
        error: 1 of 2 jobs cannot be imported, for the reasons above; the others: 1 new, 0 grown, 0 already there
        error: `[DIR]/c/job-1`: another job of this host and id was imported from `[DIR]/a/job-1`; one of the two is an altered copy
        error: 1 of 1 jobs cannot be imported, for the reasons above; the others: 0 new, 0 grown, 0 already there
        job    build
        job-1  b1
        job-2  b2
    "#]].assert_eq(&said);
}

#[test]
fn several_imports_at_once_lose_nothing() {
    on_each(|database| {
        let jobs = many(60);
        let dirs = ["first", "second", "both"];
        database.write("first", &jobs[..40]);
        database.write("second", &jobs[20..]);
        database.write("both", &jobs);
        let import = |dir: &&str| database.command(&["import", dir]).spawn().unwrap();
        // Also the tables are made by one of them.
        let imports: Vec<Child> = dirs.iter().chain(&dirs).map(import).collect();
        for mut import in imports {
            assert!(import.wait().unwrap().success());
        }
        let content = database.content();
        assert_eq!(database.count_jobs(), 60);
        let once = database.write("once", &jobs);
        let alone = Database::another(database);
        alone.prints(&["import", &once]);
        assert_eq!(content, alone.content());
        content
    });
}

/// Jobs, a directory of jobs with a link to the latest, and files that belong to none.
#[test]
fn jobs_are_found_below_directories_and_each_once() {
    on_each(|database| {
        let dir = database.write("results", &many(3));
        let path = database.dir.join(&dir);
        std::os::unix::fs::symlink("job-0002", path.join("latest")).unwrap();
        std::os::unix::fs::symlink("..", path.join("loop")).unwrap();
        fs::create_dir_all(path.join("installed/tools")).unwrap();
        // The job of a package is within another's directory.
        many(1)[0].write(&path.join("job-0001/package.tar.bz2/job"));
        let said = database.prints(&["import", &dir, "results/latest", "results/job-0001"]);
        assert_eq!(
            said,
            "jobs imported: 3 new, 0 grown, 0 already there ([DB])\n"
        );
    });
}
