//! `db trend`: a metric over time, the same from both databases.

use std::fs;

use expect_test::{Expect, expect};

use super::jobs::Job;
use super::{Database, on_each};

/// Twenty jobs on a target, of which the last eight take longer, and two on another one.
fn import(database: &Database) {
    let job = |day: u32| {
        let (build, level) = match day {
            0..12 => ("b1", 2.0),
            _ => ("b2 <b>", 2.4),
        };
        let noise = f64::from(day % 4) * 0.01;
        let values = [1.0, 1.1, 0.9].map(|factor| factor * level + noise);
        Job::new(&format!("job-{day:02}"), "board1", build, f64::from(day))
            .measured("net::up", 1.0, None, &values)
            .end()
    };
    let mut jobs: Vec<Job> = (0..20).map(job).collect();
    for day in [3, 4] {
        let job = Job::new(&format!("other-{day}"), "board2", "b1", f64::from(day));
        jobs.push(job.measured("net::up", 1.0, None, &[5.0]).end());
    }
    let dir = database.write("results", &jobs);
    database.prints(&["import", &dir]);
}

#[track_caller]
fn check(args: &[&str], expected: &Expect) {
    let printed = on_each(|database| {
        import(database);
        database.prints(&[&["trend"], args].concat())
    });
    expected.assert_eq(&printed);
}

#[test]
fn a_series_has_its_jobs_and_its_changes() {
    check(
        &["reply"],
        &expect![[r#"
        net::up on board1: reply (ms)

        time                 job     build   kernel  median  change
        2026-11-01 00:00:00  job-00  b1      6.12.1  2
        2026-11-02 00:00:00  job-01  b1      6.12.1  2.01
        2026-11-03 00:00:00  job-02  b1      6.12.1  2.02
        2026-11-04 00:00:00  job-03  b1      6.12.1  2.03
        2026-11-05 00:00:00  job-04  b1      6.12.1  2
        2026-11-06 00:00:00  job-05  b1      6.12.1  2.01
        2026-11-07 00:00:00  job-06  b1      6.12.1  2.02
        2026-11-08 00:00:00  job-07  b1      6.12.1  2.03
        2026-11-09 00:00:00  job-08  b1      6.12.1  2
        2026-11-10 00:00:00  job-09  b1      6.12.1  2.01
        2026-11-11 00:00:00  job-10  b1      6.12.1  2.02
        2026-11-12 00:00:00  job-11  b1      6.12.1  2.03
        2026-11-13 00:00:00  job-12  b2 <b>  6.12.1  2.4     +19.9 %, p 0.001: regress
        2026-11-14 00:00:00  job-13  b2 <b>  6.12.1  2.41
        2026-11-15 00:00:00  job-14  b2 <b>  6.12.1  2.42
        2026-11-16 00:00:00  job-15  b2 <b>  6.12.1  2.43
        2026-11-17 00:00:00  job-16  b2 <b>  6.12.1  2.4
        2026-11-18 00:00:00  job-17  b2 <b>  6.12.1  2.41
        2026-11-19 00:00:00  job-18  b2 <b>  6.12.1  2.42
        2026-11-20 00:00:00  job-19  b2 <b>  6.12.1  2.43

        net::up on board2: reply (ms)

        time                 job      build  kernel  median  change
        2026-11-04 00:00:00  other-3  b1     6.12.1  5
        2026-11-05 00:00:00  other-4  b1     6.12.1  5

        changes:
        net::up on board1: reply (ms): 2.015 to 2.415 (+19.9 %, p 0.001: regress), since job job-12, build b2 <b>, 2026-11-13 00:00:00
    "#]],
    );
}

#[test]
fn a_series_without_changes_says_so() {
    check(
        &["reply", "--target", "board2"],
        &expect![[r#"
        net::up on board2: reply (ms)

        time                 job      build  kernel  median  change
        2026-11-04 00:00:00  other-3  b1     6.12.1  5
        2026-11-05 00:00:00  other-4  b1     6.12.1  5

        no series changed its level
    "#]],
    );
}

#[test]
fn programs_get_a_line_for_each_point_and_change() {
    let printed = on_each(|database| {
        import(database);
        database.prints(&["trend", "reply", "--test", "net::up", "--format", "json"])
    });
    assert_eq!(printed.lines().count(), 23, "{printed}");
    let lines = printed.lines().skip(11).take(3);
    expect![[r#"
        {"kind":"point","target":"board1","test":"net::up","metric":"reply","source":"perf value","units":"ms","started_t":1794441600.0,"time":"2026-11-12 00:00:00","job":"job-11","build":"b1","commit":"","kernel":"6.12.1","samples":3,"median":2.03}
        {"kind":"point","target":"board1","test":"net::up","metric":"reply","source":"perf value","units":"ms","started_t":1794528000.0,"time":"2026-11-13 00:00:00","job":"job-12","build":"b2 <b>","commit":"","kernel":"6.12.1","samples":3,"median":2.4}
        {"kind":"change","target":"board1","test":"net::up","metric":"reply","source":"perf value","units":"ms","started_t":1794528000.0,"time":"2026-11-13 00:00:00","job":"job-12","build":"b2 <b>","commit":"","kernel":"6.12.1","before":2.0149999999999997,"after":2.415,"change":0.19851116625310194,"p":0.001,"verdict":"regress"}
    "#]].assert_eq(&lines.map(|line| format!("{line}\n")).collect::<String>());
}

#[test]
fn the_page_has_a_plot_of_each_series() {
    let page = on_each(|database| {
        import(database);
        database.prints(&["trend", "reply", "--html", "trend.html"]);
        fs::read_to_string(database.dir.join("trend.html")).unwrap()
    });
    assert_eq!(page.matches("<svg").count(), 2);
    assert_eq!(page.matches("<line class=\"limit\"").count(), 1);
    assert!(page.contains("b2 &lt;b&gt;") && !page.contains("<b>"));
}

#[test]
fn what_is_not_there_is_an_error() {
    let messages = on_each(|database| {
        import(database);
        let no_dir = database.fails(&["trend", "reply", "--html", "no/such/dir.html"], 1);
        let (no_dir, _temporary) = no_dir.split_once(" at path").unwrap();
        [
            database.fails(&["trend", "repli"], 2),
            database.fails(&["trend", "reply", "--target", "board3"], 2),
            no_dir.to_owned(),
        ]
        .concat()
    });
    expect![[r#"
        error: the database has no metric `repli`; did you mean `reply`?
        error: the database has no value on this target, or of this test, of the metric `reply`
        error: failed to write `no/such/dir.html`: No such file or directory (os error 2)"#]]
    .assert_eq(&messages);
}
