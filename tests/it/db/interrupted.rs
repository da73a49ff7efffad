//! Imports that do not come to their end: what was committed stays, and no job is there in part.

use std::process::{Child, Stdio};
use std::time::Duration;

use super::jobs::many;
use super::{Database, Place, on_each};
use crate::host_tool::Ran;

const JOBS: usize = 400;

/// Begins an import, and returns once some jobs are there.
fn begin(database: &Database, dir: &str) -> Child {
    let mut command = database.command(&["import", dir]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut import = command.spawn().unwrap();
    while database.count_jobs() == 0 && import.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    import
}

/// Each job that is there is whole, and the next import adds the rest.
fn check_rest(database: &Database, dir: &str) -> String {
    let jobs = database.count_jobs();
    let parts = "SELECT jobs.job, COUNT(*) AS runs FROM jobs LEFT JOIN runs ON job_id = jobs.id \
        GROUP BY jobs.job HAVING COUNT(*) <> 3";
    assert_eq!(database.prints(&["query", parts]), "job  runs\n");
    let orphans =
        "SELECT COUNT(*) AS orphans FROM samples WHERE run_id NOT IN (SELECT id FROM runs)";
    assert_eq!(database.prints(&["query", orphans]), "orphans\n      0\n");
    let said = database.prints(&["import", dir]);
    let new = JOBS as i64 - jobs;
    let expected = format!("jobs imported: {new} new, 0 grown, {jobs} already there ([DB])\n");
    assert_eq!(said, expected);
    database.content()
}

#[test]
fn a_killed_import_leaves_whole_jobs() {
    on_each(|database| {
        let dir = database.write("results", &many(JOBS));
        let mut import = begin(database, &dir);
        import.kill().unwrap();
        import.wait().unwrap();
        check_rest(database, &dir)
    });
}

#[test]
fn a_server_that_dies_during_an_import_leaves_whole_jobs() {
    on_each(|database| {
        let dir = database.write("results", &many(JOBS));
        if database.is_sqlite() {
            database.prints(&["import", &dir]);
            return database.content();
        }
        let import = begin(database, &dir);
        let Place::Postgres(server) = &mut database.place else {
            unreachable!("the other one was left out");
        };
        server.crash();
        let output = import.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let ran = Ran {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        let ran = ran.expect_code(1);
        let said = database.without_name(&ran.stderr);
        let begins = said.starts_with("error: the database [DB] failed: ");
        let ends = said.ends_with("; run the same command again for the rest\n");
        assert!(
            begins && ends && said.contains("; jobs imported before: "),
            "{said}"
        );
        let Place::Postgres(server) = &mut database.place else {
            unreachable!("as above");
        };
        server.restart();
        check_rest(database, &dir)
    });
}
