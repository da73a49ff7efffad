//! Many jobs of many tests. With `AUTOTEST_SCALE=1000` so many, and the times are printed.

use std::time::Instant;

use super::jobs::Job;
use super::{Database, on_each};

const TESTS: usize = 100;

fn job(index: usize) -> Job {
    let host = format!("board{}", index % 7);
    let build = format!("build-{}", index / 50);
    let mut job = Job::new(
        &format!("job-{index:05}"),
        &host,
        &build,
        index as f64 / 24.0,
    );
    for test in 0..TESTS {
        job = job.measured(&format!("net::t{test:02}"), 0.25, None, &[1.0, 2.0, 3.0]);
    }
    job.end()
}

fn seconds<T>(what: &str, database: &Database, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    let kind = if database.is_sqlite() {
        "SQLite"
    } else {
        "PostgreSQL"
    };
    println!("{kind}: {what}: {:.3} s", start.elapsed().as_secs_f64());
    done
}

#[test]
fn many_jobs_are_imported_and_found() {
    let jobs = std::env::var("AUTOTEST_SCALE").map_or(20, |count| count.parse().unwrap());
    on_each(|database| {
        for index in 0..jobs {
            database.write("results", &[job(index)]);
        }
        let import = || database.prints(&["import", "results"]);
        let said = seconds(
            &format!("import of {jobs} jobs of {TESTS} tests"),
            database,
            import,
        );
        assert_eq!(
            said,
            format!("jobs imported: {jobs} new, 0 grown, 0 already there ([DB])\n")
        );
        let again = seconds("the same again", database, || {
            database.prints(&["import", "results"])
        });
        assert_eq!(
            again,
            format!("jobs imported: 0 new, 0 grown, {jobs} already there ([DB])\n")
        );
        let history = || database.prints(&["history", "net::t42", "--limit", "5"]);
        let history = seconds("history of a test", database, history);
        assert_eq!(history.lines().count(), 6);
        let counts = "SELECT COUNT(*) AS runs FROM runs";
        let counts = database.prints(&["query", counts]);
        assert_eq!(
            counts.lines().nth(1).unwrap().trim(),
            (jobs * TESTS).to_string()
        );
        history
    });
}
