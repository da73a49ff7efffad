//! `report --since` with a database.

use std::fs;

use autotest_core::Kind;
use expect_test::{Expect, expect};

use super::super::host_tool::{run, tool};
use super::jobs::Job;
use super::{Database, Place, on_each};

/// Sixty nightly jobs of a build, whose `net::up` measures around 2 ms; the last one has no `net::gone`.
fn import(database: &Database) {
    let job = |day: u32| {
        let level = 2.0 + 0.01 * f64::from(day % 5);
        let job = Job::new(&format!("night-{day:02}"), "board1", "b1", f64::from(day))
            .measured("net::up", 1.0, None, &[level])
            .run("net::scan", 1.0, None)
            .run("net::ping", 1.0, None);
        match day {
            59 => job.end(),
            58 => job.run("net::gone", 1.0, None).end(),
            _ => job
                .run("net::gone", 1.0, None)
                .run("net::old", 1.0, None)
                .end(),
        }
    };
    let jobs: Vec<Job> = (0..60).map(job).collect();
    let dir = database.write("results", &jobs);
    database.prints(&["import", &dir]);
}

/// The changes that `report` prints about a job.
fn changes(database: &Database, job: &Job, more: &[&str]) -> String {
    database.write("now", std::slice::from_ref(job));
    let mut command = tool(&database.dir);
    command.args(["report", "now", "--since"]);
    match &database.place {
        Place::Sqlite(path) => command.arg(path),
        Place::Postgres(server) => command.arg(server.url()),
    };
    let ran = run(command.args(more), &database.dir);
    assert_eq!(ran.stderr, "");
    let (_, changes) = ran.stdout.split_once("\nresults: ").unwrap();
    changes.split_once('\n').unwrap().1.to_owned()
}

#[track_caller]
fn check(job: &Job, expected: &Expect) {
    let printed = on_each(|database| {
        import(database);
        changes(database, job, &[])
    });
    expected.assert_eq(&printed);
}

#[test]
fn the_newest_earlier_job_of_each_test_is_compared() {
    let failed = Some((Kind::Fail, "no reply"));
    let now = Job::new("now", "board1", "b2", 60.0)
        .measured("net::up", 1.0, None, &[2.6])
        .run("net::scan", 4.0, None)
        .run("net::ping", 1.0, failed)
        .run("net::old", 1.0, failed)
        .run("net::new", 1.0, None)
        .end();
    check(
        &now,
        &expect![[r#"

        newly failing:
            net::old: no reply
            net::ping: no reply

        slower:
            net::scan: 1.00s before, 4.00s now

        new:
            net::new

        perf values:
            regress: net::up reply: 2.04 to 2.6 ms, +27.5 % (+25.0 to +30.0 %)
            0 same, 0 without enough data
    "#]],
    );
}

#[test]
fn a_job_that_is_in_the_database_is_not_compared_with_itself() {
    let last = Job::new("night-59", "board1", "b1", 59.0)
        .measured("net::up", 1.0, None, &[2.04])
        .run("net::scan", 1.0, None)
        .run("net::ping", 1.0, None)
        .end();
    check(
        &last,
        &expect![[r#"

        gone:
            net::gone

        perf values:
            1 same, 0 without enough data
    "#]],
    );
}

#[test]
fn a_metric_that_changed_is_a_change() {
    let now = Job::new("now", "board1", "b2", 60.0)
        .measured("net::up", 1.0, None, &[2.6])
        .run("net::scan", 1.0, None)
        .run("net::ping", 1.0, None)
        .run("net::gone", 1.0, None)
        .run("net::old", 1.0, None)
        .end();
    check(
        &now,
        &expect![[r#"

        perf values:
            regress: net::up reply: 2.04 to 2.6 ms, +27.5 % (+25.0 to +30.0 %)
            0 same, 0 without enough data
    "#]],
    );
}

#[test]
fn metrics_that_the_page_leaves_out_are_counted() {
    let job = |name: &str, day: f64| {
        let tests = (0..305).map(|i| format!("net::up_{i}"));
        let job = Job::new(name, "board1", "b1", day);
        tests
            .fold(job, |job, test| job.measured(&test, 1.0, None, &[2.0]))
            .end()
    };
    let printed = on_each(|database| {
        let dir = database.write("results", &[job("before", 0.0)]);
        database.prints(&["import", &dir]);
        let printed = changes(database, &job("now", 1.0), &["--html", "report.html"]);
        let page = fs::read_to_string(database.dir.join("report.html")).unwrap();
        let (_, metrics) = page.split_once("<caption>Perf values</caption>").unwrap();
        assert_eq!(metrics.matches("<tr><td>net::up_").count(), 300);
        assert!(metrics.contains(">5 more metrics are not listed.<"));
        printed
    });
    expect![[r#"

        nothing changed

        perf values:
            0 same, 305 without enough data
    "#]]
    .assert_eq(&printed);
}

#[test]
fn the_first_job_has_nothing_to_be_compared_with() {
    let first = Job::new("first", "board9", "b1", 70.0).run("net::up", 1.0, None);
    check(
        &first.end(),
        &expect![[r#"

        the database has no earlier job of these suites on these targets
    "#]],
    );
}

#[test]
fn the_page_has_the_verdicts_on_metrics() {
    let page = on_each(|database| {
        import(database);
        let now = Job::new("now", "board1", "b2", 60.0).measured("net::up", 1.0, None, &[2.6]);
        changes(database, &now.end(), &["--html", "report.html"]);
        let page = fs::read_to_string(database.dir.join("report.html")).unwrap();
        let (_, metrics) = page.split_once("<caption>Perf values</caption>").unwrap();
        let (metrics, _) = metrics.split_once("</table>").unwrap();
        metrics.split_once("<tbody>").unwrap().1.to_owned()
    });
    expect![[r#"<tr><td>net::up</td><th scope="row">reply</th><td class="num">2.04 ms</td><td class="num">2.6 ms</td><td class="num">+27.5 %</td><td class="num">+25.0 % to +30.0 %</td><td><span class="tag fail">regress</span></td></tr></tbody>"#]].assert_eq(&page);
}

#[test]
fn a_database_that_is_none_is_an_error() {
    let (_dir, dir) = super::super::host_tool::empty();
    fs::write(
        dir.join("text.sqlite"),
        "no database, but some text of a hundred bytes or more".repeat(9),
    )
    .unwrap();
    Job::new("now", "board1", "b1", 0.0)
        .end()
        .write(&dir.join("now"));
    let ran = run(
        tool(&dir).args(["report", "now", "--since", "text.sqlite"]),
        &dir,
    );
    let message = ran.expect_code(1).stderr;
    expect![[r#"
        error: cannot use the database `text.sqlite`: the file is no SQLite database
    "#]]
    .assert_eq(&message);
    let ran = run(
        tool(&dir).args(["report", "now", "--since", "mysql://x/y"]),
        &dir,
    );
    let message = ran.expect_code(2).stderr;
    expect![[r#"
        error: `mysql://` is no database that is supported; name a file, or postgres://USER@HOST/NAME
    "#]].assert_eq(&message);
}
