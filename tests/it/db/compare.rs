//! `db compare`: verdicts on the metrics of jobs, the same from both databases.

use std::fs;

use expect_test::{Expect, expect};

use super::jobs::Job;
use super::{Database, on_each};

/// A job whose test measures five values around `level`; the noise between jobs is up to 1 %.
fn job(id: &str, host: &str, build: &str, day: f64, level: f64) -> Job {
    let noise = 1.0 + 0.002 * ((day * 7.0) % 5.0);
    let values = [0.99, 1.0, 1.01, 1.02, 0.98].map(|factor| factor * level * noise);
    Job::new(id, host, build, day)
        .measured("net::up", 1.0, None, &values)
        .run("net::scan", 1.0, None)
        .end()
}

/// Jobs of a build on successive days, from the first to the last.
fn jobs(host: &str, build: &str, days: std::ops::Range<u32>, level: f64) -> Vec<Job> {
    let of_day = |day: u32| {
        let id = format!("day-{day:02}");
        job(&id, host, build, f64::from(day), level)
    };
    days.map(of_day).collect()
}

/// Fourteen jobs of one build, then three of a slower one; five of both on another target, in turn.
fn import(database: &Database) {
    let mut all = jobs("board1", "3c5e19d0", 0..14, 2.0);
    all.extend(jobs("board1", "3c77aa01", 14..17, 2.4));
    for day in 0..10 {
        let (build, level) = [("3c5e19d0", 3.0), ("3c77aa01", 2.7)][day % 2];
        let id = format!("turn-{day}");
        all.push(job(&id, "board2", build, 20.0 + day as f64, level));
    }
    let other = Job::new("other", "board1", "77", 30.0).run("net::scan", 1.0, None);
    all.push(other.end());
    let dir = database.write("results", &all);
    database.prints(&["import", &dir]);
}

#[track_caller]
fn check(args: &[&str], expected: &Expect) {
    let printed = on_each(|database| {
        import(database);
        database.prints(&[&["compare"], args].concat())
    });
    expected.assert_eq(&printed);
}

#[track_caller]
fn check_error(args: &[&str], expected: &Expect) {
    let message = on_each(|database| {
        import(database);
        database.fails(&[&["compare"], args].concat(), 2)
    });
    expected.assert_eq(&message);
}

#[test]
fn builds_are_compared_on_each_target() {
    check(
        &["3c5e", "3c77"],
        &expect![[r#"
        before: 19 jobs, build 3c5e19d0, 2 targets, 2026-11-01 00:00:00 to 2026-11-29 00:00:00
        after:  8 jobs, build 3c77aa01, 2 targets, 2026-11-15 00:00:00 to 2026-11-30 00:00:00

        target  test     metric      before  after  change   interval          verdict
        board1  net::up  reply (ms)  2.008   2.41   +20.0 %  +19.5 to +20.2 %  not enough data: a change that matters is possible, but not certain; run more jobs in turn, on a quieter machine, or measure for longer
        board2  net::up  reply (ms)  3.012   2.711  -10.0 %  -10.4 to -9.6 %   not enough data: too few values for any change to show; run 10 jobs of each in turn, or compare fewer tests

        2 not enough data
    "#]],
    );
}

#[test]
fn jobs_are_compared_with_the_noise_of_others() {
    check(
        &["2026-11-12..2026-11-14", "2026-11-15..2026-11-17"],
        &expect![[r#"
            before: 3 jobs, build 3c5e19d0, target board1, 2026-11-12 00:00:00 to 2026-11-14 00:00:00
            after:  3 jobs, build 3c77aa01, target board1, 2026-11-15 00:00:00 to 2026-11-17 00:00:00

            test     metric      before  after  change   interval          verdict
            net::up  reply (ms)  2.008   2.41   +19.8 %  +18.1 to +21.8 %  regress

            1 regress
        "#]],
    );
}

#[test]
fn one_job_a_side_needs_more() {
    check(
        &["day-13", "day-14"],
        &expect![[r#"
            before: job day-13, build 3c5e19d0, target board1, 2026-11-14 00:00:00
            after:  job day-14, build 3c77aa01, target board1, 2026-11-15 00:00:00

            test     metric      before  after  change   interval          verdict
            net::up  reply (ms)  2.004   2.414  +20.5 %  +17.9 to +23.2 %  not enough data: they differ, but one job may be unlike all others; run one or two more of each, best in turn

            1 not enough data
        "#]],
    );
}

#[test]
fn a_change_below_the_minimal_effect_is_none() {
    let args = [
        "3c5e19d0", "3c77aa01", "--target", "board2", "--test", "net::up",
    ];
    check(
        &[&args[..], &["--minimal-effect", "15"]].concat(),
        &expect![[r#"
            before: 5 jobs, build 3c5e19d0, target board2, 2026-11-21 00:00:00 to 2026-11-29 00:00:00
            after:  5 jobs, build 3c77aa01, target board2, 2026-11-22 00:00:00 to 2026-11-30 00:00:00

            test     metric      before  after  change   interval         verdict
            net::up  reply (ms)  3.012   2.711  -10.0 %  -10.4 to -9.6 %  same

            1 same
        "#]],
    );
}

#[test]
fn programs_get_an_object_for_each_metric() {
    let args = ["3c5e19d0", "3c77aa01", "--format", "json", "--in-turn"];
    check(
        &args,
        &expect![[r#"
            {"target":"board1","test":"net::up","metric":"reply","source":"perf value","units":"ms","higher_is_better":false,"before":{"jobs":14,"median":2.008},"after":{"jobs":3,"median":2.4095999999999997},"change":0.19999999999999993,"low":0.19522013788685905,"high":0.2023962618191082,"p":0.009051873351104625,"verdict":"not enough data","advice":"a change that matters is possible, but not certain; run more jobs in turn, on a quieter machine, or measure for longer"}
            {"target":"board2","test":"net::up","metric":"reply","source":"perf value","units":"ms","higher_is_better":false,"before":{"jobs":5,"median":3.012},"after":{"jobs":5,"median":2.7108000000000003},"change":-0.09999999999999994,"low":-0.10357680386688617,"high":-0.09640557262932227,"p":0.007936507936507936,"verdict":"not enough data","advice":"too few values for any change to show; run 10 jobs of each in turn, or compare fewer tests"}
        "#]],
    );
}

#[test]
fn a_regress_may_fail_the_command() {
    let (_dir, dir) = super::super::host_tool::empty();
    let database = Database {
        place: super::Place::Sqlite(dir.join("results.sqlite")),
        dir,
    };
    import(&database);
    let compare = |before: &str, after: &str, code| {
        let ran = database.run(&["compare", before, after, "--fail-on-regress"]);
        assert_eq!(ran.expect_code(code).stderr, "");
    };
    compare("2026-11-12..2026-11-14", "2026-11-15..2026-11-17", 1);
    compare("2026-11-15..2026-11-17", "2026-11-12..2026-11-14", 0);
}

#[test]
fn a_directory_means_its_jobs() {
    let both = on_each(|database| {
        import(database);
        fs::create_dir(database.dir.join("before")).unwrap();
        fs::create_dir(database.dir.join("after")).unwrap();
        for (id, side) in [
            ("day-10", "before"),
            ("day-11", "before"),
            ("day-14", "after"),
        ] {
            let dirs = [database.dir.join("results"), database.dir.join(side)];
            fs::rename(dirs[0].join(id), dirs[1].join(id)).unwrap();
        }
        let by_dirs = database.prints(&["compare", "before", "after"]);
        let by_days = database.prints(&["compare", "2026-11-11..2026-11-12", "2026-11-15"]);
        (by_dirs, by_days)
    });
    assert_eq!(both.0, both.1);
}

#[test]
fn jobs_that_cannot_be_compared_are_an_error() {
    check_error(
        &["3c", "77"],
        &expect![[r#"
            error: `3c` may mean `3c5e19d0` or `3c77aa01`; write more of it
        "#]],
    );
    check_error(
        &["3c5e", "nothing"],
        &expect![[r#"
            error: the database has no job `nothing`: name a build, a commit, a job, a day such as 2026-11-30, days such as 2026-11-01..2026-11-08, or a directory of results; `cargo autotest db query 'SELECT job, build FROM jobs'` lists them
        "#]],
    );
    check_error(
        &["3c5e", "day-11"],
        &expect![[r#"
            error: the job `day-11` is on both sides; name jobs of which none is on both
        "#]],
    );
    check_error(
        &["3c5e", "77"],
        &expect![[r#"
            error: no metric was measured on both sides, by the same test on the same target
        "#]],
    );
    check_error(
        &["3c5e", "2027-01-01"],
        &expect![[r#"
            error: the database has no job of the days 2027-01-01
        "#]],
    );
    check_error(
        &["3c5e", "3c77", "--target", "board3"],
        &expect![[r#"
        error: the database has no target `board3`; did you mean `board1` or `board2`?
    "#]],
    );
    check_error(
        &["3c5e", "3c77", "--test", "net::upp"],
        &expect![[r#"
            error: the database has no test `net::upp`; did you mean `net::up`?
        "#]],
    );
}

#[test]
fn a_directory_that_was_not_imported_is_an_error() {
    let message = on_each(|database| {
        import(database);
        database.write("more", &[job("new", "board1", "99", 40.0, 2.0)]);
        database.fails(&["compare", "3c5e", "more"], 2)
    });
    expect![[r#"
        error: no job in `more` is in the database; import it with `cargo autotest db import`
    "#]]
    .assert_eq(&message);
}
