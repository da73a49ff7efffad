//! What is wrong is said, with an exit code, and nothing is written in part.

use std::fs;

use expect_test::{Expect, expect};

use super::jobs::{Job, many};
use super::{Database, Place, on_each};
use crate::host_tool::{empty, run, run_in, tool};

fn job(id: &str) -> Job {
    Job::new(id, "board1", "b1", 0.0)
        .run("net::up", 1.0, None)
        .end()
}

/// What an import says of a job beside a good one, which is imported.
#[track_caller]
fn check_journal(journal: &[u8], code: i32, expected: &Expect) {
    let said = on_each(|database| {
        database.write("results", &[job("good")]);
        let bad = database.dir.join("results/bad");
        fs::create_dir(&bad).unwrap();
        fs::write(bad.join("journal.jsonl"), journal).unwrap();
        let ran = database.run(&["import", "results"]).expect_code(code);
        assert_eq!(database.count_jobs(), if code == 0 { 2 } else { 1 });
        database.without_name(&(ran.stderr + &ran.stdout))
    });
    expected.assert_eq(&said);
}

#[test]
fn a_damaged_journal_is_not_imported() {
    let mut journal = String::from_utf8(job("bad").journal()).unwrap();
    journal = journal.replacen("test_end", "test_\u{0}end", 1);
    check_journal(
        journal.as_bytes(),
        1,
        &expect![[r#"
            error: `[DIR]/results/bad`: line 3 of its journal is damaged, and nothing after it can be trusted; restore the journal
            error: 1 of 2 jobs cannot be imported, for the reasons above; the others: 1 new, 0 grown, 0 already there
        "#]],
    );
}

#[test]
fn a_journal_of_a_newer_version_is_not_imported() {
    let mut journal = String::from_utf8(job("bad").journal()).unwrap();
    journal = journal.replacen("\"job_start\":{", "\"job_start\":{\"version\":99,", 1);
    check_journal(
        journal.as_bytes(),
        1,
        &expect![[r#"
            error: `[DIR]/results/bad`: its journal has version 99 of the format, and this program reads up to version 1; use a newer cargo-autotest
            error: 1 of 2 jobs cannot be imported, for the reasons above; the others: 1 new, 0 grown, 0 already there
        "#]],
    );
}

#[test]
fn a_journal_that_ends_within_a_record_is_an_interrupted_job() {
    let mut journal = job("bad").journal();
    journal.truncate(journal.len() - 5);
    check_journal(
        &journal,
        0,
        &expect![[r#"
            note: `[DIR]/results/bad`: the journal ends within a record; the job is imported as interrupted there
            jobs imported: 2 new, 0 grown, 0 already there ([DB])
        "#]],
    );
}

#[test]
fn a_journal_without_a_job_is_not_imported() {
    check_journal(
        b"",
        1,
        &expect![[r#"
            error: `[DIR]/results/bad`: its journal has no job
            error: 1 of 2 jobs cannot be imported, for the reasons above; the others: 1 new, 0 grown, 0 already there
        "#]],
    );
    check_journal(
        b"{}\n",
        1,
        &expect![[r#"
            error: `[DIR]/results/bad`: its journal has no job
            error: 1 of 2 jobs cannot be imported, for the reasons above; the others: 1 new, 0 grown, 0 already there
        "#]],
    );
}

#[test]
fn a_job_in_progress_is_not_imported() {
    let said = on_each(|database| {
        database.write("results", &[job("1")]);
        let journal = fs::File::open(database.dir.join("results/1/journal.jsonl")).unwrap();
        journal.lock().unwrap();
        database.fails(&["import", "results"], 1)
    });
    expect![[r#"
        error: `[DIR]/results/1`: the job is in progress; import it when it has ended
        error: 1 of 1 jobs cannot be imported, for the reasons above; the others: 0 new, 0 grown, 0 already there
    "#]].assert_eq(&said);
}

/// Nothing is made in these cases.
#[test]
fn what_has_no_results_is_a_wrong_command_line() {
    let (_dir, dir) = empty();
    fs::create_dir(dir.join("nothing")).unwrap();
    fs::write(dir.join("file"), "").unwrap();
    job("1").write(&dir.join("job"));
    let cases = [
        &["import", "missing"][..],
        &["import", "job", "nothing"],
        &["import", "file"],
        &["query", "SELECT 1"],
        &["flaky", "--db", "missing/autotest.sqlite"],
        &["import", "job", "--db", "mysql://lab:s3cr3t@db/x"],
        &["import", "job", "--db", "postgres://lab:s3cr3t@x@db/x"],
        &["import", "job", "--db", "postgres://lab:s3cr3t@db:port/x"],
        &["import", "job", "--db", "postgres://lab:s3cr3t@/x"],
        &[
            "import",
            "job",
            "--db",
            "postgres://lab:s3cr3t@db/x?colour=red",
        ],
    ];
    let said = cases.map(|args| {
        run_in(&dir, &[&["db"], args].concat())
            .expect_code(2)
            .stderr
    });
    let said = said.concat();
    assert!(!said.contains("s3cr3t"), "{said}");
    expect![[r#"
        error: failed to read the directory `missing`: No such file or directory (os error 2)
        error: `nothing` has no results: name the directory of a job, which has a `journal.jsonl`, or one with several
        error: failed to read the directory `[DIR]/file`: Not a directory (os error 20)
        error: there is no database `autotest.sqlite`; make it with `cargo autotest db import DIR`, or name another with --db
        error: there is no database `missing/autotest.sqlite`; make it with `cargo autotest db import DIR`, or name another with --db
        error: `mysql://` is no database that is supported; name a file, or postgres://USER@HOST/NAME
        error: the URL of the database is wrong: an `@` in a name or a password must be written as %40; write postgres://USER@HOST/NAME
        error: the URL of the database is wrong: invalid connection string: invalid value for option `port`; write postgres://USER@HOST/NAME
        error: the URL of the database is wrong: it has no host; write postgres://USER@HOST/NAME
        error: the URL of the database is wrong: invalid connection string: unknown option `colour`; write postgres://USER@HOST/NAME
    "#]].assert_eq(&said);
    assert!(!dir.join("autotest.sqlite").exists());
}

#[test]
fn a_file_that_is_no_database_of_ours_is_not_touched() {
    let (_dir, dir) = empty();
    job("1").write(&dir.join("job"));
    fs::write(
        dir.join("text.sqlite"),
        "not a database at all, but quite long\n".repeat(50),
    )
    .unwrap();
    let other = rusqlite::Connection::open(dir.join("other.sqlite")).unwrap();
    other
        .execute_batch("CREATE TABLE bookmarks (url TEXT)")
        .unwrap();
    drop(other);
    let mut said = String::new();
    for name in ["text.sqlite", "other.sqlite", "job"] {
        let before = fs::read(dir.join(name)).ok();
        said += &run_in(&dir, &["db", "import", "job", "--db", name])
            .expect_code(1)
            .stderr;
        said += &run_in(&dir, &["db", "slow", "--db", name])
            .expect_code(1)
            .stderr;
        assert!(fs::read(dir.join(name)).ok() == before, "{name}");
    }
    expect![[r#"
        error: cannot use the database `text.sqlite`: the file is no SQLite database
        error: cannot use the database `text.sqlite`: the file is no SQLite database
        error: cannot use the database `other.sqlite`: it is another program's: it has tables, but none of them is `autotest_schema`; name another with --db
        error: cannot use the database `other.sqlite`: it is another program's: it has tables, but none of them is `autotest_schema`; name another with --db
        error: failed to open the database `job`: it is a directory
        error: failed to open the database `job`: it is a directory
    "#]].assert_eq(&said);
}

#[test]
fn a_locked_database_is_waited_for_and_then_said() {
    on_each(|database| {
        database.write("results", &[job("1"), job("2")]);
        database.prints(&["import", "results/1"]);
        // The key of the other job, as another import holds it.
        let said = match &database.place {
            Place::Sqlite(path) => {
                let other = rusqlite::Connection::open(path).unwrap();
                other.execute_batch("BEGIN IMMEDIATE").unwrap();
                database.fails(&["import", "results", "--wait", "1"], 1)
            }
            Place::Postgres(server) => {
                let mut other = server.client().unwrap();
                other
                    .batch_execute("BEGIN; LOCK TABLE jobs IN EXCLUSIVE MODE")
                    .unwrap();
                database.fails(&["import", "results/2", "--wait", "1"], 1)
            }
        };
        assert!(
            said.contains("another program keeps it locked; try again, or wait longer with --wait"),
            "{said}"
        );
        assert_eq!(database.count_jobs(), 1);
    });
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_an_older_one_is_migrated() {
    let said = on_each(|database| {
        database.write("results", &many(2));
        database.prints(&["import", "results/job-0000"]);
        database.execute("UPDATE autotest_schema SET version = 99");
        let mut said = database.fails(&["import", "results"], 1);
        said += &database.fails(&["slow"], 1);
        assert_eq!(database.count_jobs(), 1);
        database.make_old();
        said += &database.fails(&["slow"], 1);
        said += &database.prints(&["import", "results"]);
        let sql = "SELECT version, tag FROM autotest_schema, tko_jobs ORDER BY tag";
        said + &database.prints(&["query", sql])
    });
    expect![[r#"
        error: cannot use the database [DB]: it has version 99 of the tables, and this program knows 2; use a newer cargo-autotest, or another database
        error: cannot use the database [DB]: it has version 99 of the tables, and this program knows 2; use a newer cargo-autotest, or another database
        error: cannot use the database [DB]: it has version 1 of the tables, and this program reads 2; the next `cargo autotest db import` brings it up to date
        jobs imported: 1 new, 0 grown, 1 already there ([DB])
        version  tag
              2  job-0000-lab/board0
              2  job-0001-lab/board1
    "#]].assert_eq(&said);
}

#[test]
fn a_migration_that_fails_changes_nothing() {
    on_each(|database| {
        database.write("results", &many(2));
        database.prints(&["import", "results/job-0000"]);
        database.make_old();
        // Somebody else's, of the same name as one of ours.
        database.execute("CREATE TABLE tko_tests (x BIGINT)");
        let said = database.fails(&["import", "results"], 1);
        assert!(said.contains("tko_tests"), "{said}");
        let said = database.fails(&["slow"], 1);
        assert!(said.contains("it has version 1 of the tables"), "{said}");
        assert_eq!(database.count_jobs(), 1);
        database.execute("DROP TABLE tko_tests");
        database.prints(&["import", "results"])
    });
}

/// A password is in no message.
#[test]
fn a_server_that_cannot_be_used_is_named_without_the_password() {
    on_each(|database| {
        database.write("results", &[job("1")]);
        let Place::Postgres(server) = &database.place else {
            return;
        };
        let said = |url: &str| {
            let mut command = tool(&database.dir);
            command.args(["db", "import", "results", "--db", url]);
            let ran = run(&mut command, &database.dir).expect_code(1);
            assert!(!ran.stderr.contains("s3cr3t"), "{}", ran.stderr);
            ran.stderr
        };
        let wrong = said(&server.url_with("lab:s3cr3t2"));
        assert_eq!(
            database.without_name(&wrong),
            "error: failed to connect to [DB]: password authentication failed for user \"lab\"\n"
        );
        let none = said("postgres://lab:s3cr3t@127.0.0.1:1/x");
        expect![[r#"
            error: failed to connect to `postgres://lab@127.0.0.1:1/x`: error connecting to server: Connection refused (os error 111)
        "#]].assert_eq(&none);
        let url = server.url();
        let no_database = said(&format!("{}missing", url.strip_suffix("postgres").unwrap()));
        assert!(
            no_database.contains("database \"missing\" does not exist"),
            "{no_database}"
        );

        let mut command = tool(&database.dir);
        command
            .args(["db", "import", "results"])
            .env("PGPASSWORD", super::server::PASSWORD);
        command.env("AUTOTEST_DB", server.url_with("lab"));
        run(&mut command, &database.dir).expect_code(0);
    });
}

#[test]
fn a_full_disk_leaves_what_was_committed() {
    let (_dir, dir) = empty();
    let disk = dir.join("disk");
    fs::create_dir(&disk).unwrap();
    let mount = |options: &str| {
        let mut command = std::process::Command::new("mount");
        command
            .args(["-t", "tmpfs", "-o", options, "none"])
            .arg(&disk);
        command.output().is_ok_and(|output| output.status.success())
    };
    if !mount("size=400k") {
        println!("left out: a small file system takes root");
        return;
    }
    let unmounted = Unmounted(&disk);
    let database = Database {
        place: Place::Sqlite(disk.join("results.sqlite")),
        dir: dir.clone(),
    };
    let results = database.write("results", &many(300));
    let said = run(&mut database.command(&["import", &results]), &dir).expect_code(1);
    assert!(said.stderr.contains("disk is full"), "{}", said.stderr);
    let jobs = database.count_jobs();
    assert!(
        said.stderr
            .contains(&format!("; jobs imported before: {jobs} new, ")),
        "{}",
        said.stderr
    );
    let runs = database.prints(&["query", "SELECT COUNT(*) AS runs FROM runs"]);
    assert_eq!(runs.lines().nth(1).unwrap().trim(), (3 * jobs).to_string());
    assert!(jobs > 0);
    drop(unmounted);
}

struct Unmounted<'a>(&'a std::path::Path);

impl Drop for Unmounted<'_> {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(self.0).status();
    }
}
