//! Results that were merged from several jobs.

use autotest_core::Kind;
use expect_test::expect;

use super::super::host_tool::{run, tool};
use super::jobs::Job;
use super::{Database, Place, on_each};

/// Merges jobs into a results tree.
#[track_caller]
fn merge(database: &Database, name: &str, jobs: &[Job]) {
    let parts = database.write(&format!("{name}-parts"), jobs);
    let mut command = tool(&database.dir);
    let ran = run(
        command.args(["report", &parts, "--results", name]),
        &database.dir,
    );
    assert_eq!(ran.stderr, "");
}

/// The results of a run on two targets, of which `net::ping` works on the first one only. The targets have the same
/// hostname, but a build for each architecture.
fn night(database: &Database, day: u32, up: Option<(Kind, &str)>) -> String {
    let name = format!("night-{day}");
    let job = |target: u32, host: &str| {
        let (id, build) = (format!("{name}-{target}"), format!("b{target}"));
        let level = f64::from(target * 10 + day);
        let (up, ping) = match target {
            1 => (up, None),
            _ => (None, Some((Kind::Fail, "no reply"))),
        };
        Job::new(&id, host, &build, f64::from(day))
            .measured("net::up", 1.0, up, &[level])
            .run("net::ping", 1.0, ping)
            .end()
    };
    merge(database, &name, &[job(1, "board1"), job(2, "board2")]);
    for target in [1, 2] {
        let dir = format!("{name}/.targets/board{target}");
        job(target, "raspberrypi").write(&database.dir.join(dir));
    }
    name
}

/// What `report` says about changes since the jobs in the database.
#[track_caller]
fn changes(database: &Database, now: &str) -> String {
    let mut command = tool(&database.dir);
    command.args(["report", now, "--since"]);
    match &database.place {
        Place::Sqlite(path) => command.arg(path),
        Place::Postgres(server) => command.arg(server.url()),
    };
    let ran = run(&mut command, &database.dir);
    assert_eq!(ran.stderr, "");
    let (_, changes) = ran.stdout.split_once("\nresults: ").unwrap();
    changes.split_once('\n').unwrap().1.to_owned()
}

#[test]
fn a_run_on_several_targets_is_a_job_of_each() {
    let said = on_each(|database| {
        let nights: Vec<_> = (1..=3).map(|day| night(database, day, None)).collect();
        let nights: Vec<_> = nights.iter().map(String::as_str).collect();
        let import = [&["import"], nights.as_slice()].concat();
        let mut said = database.prints(&import);
        said += &database.prints(&import);
        let sql = "SELECT hostname, job, build, value FROM measurements \
            JOIN runs ON runs.id = run_id JOIN jobs ON jobs.id = job_id \
            JOIN targets ON targets.id = jobs.target_id ORDER BY job";
        said += &database.prints(&["query", sql]);
        said += &database.prints(&["flaky"]);
        said + &database.prints(&["compare", "night-1", "night-3", "--target", "board2"])
    });
    expect![[r#"
        jobs imported: 6 new, 0 grown, 0 already there ([DB])
        jobs imported: 0 new, 0 grown, 6 already there ([DB])
        hostname  job        build  value
        board1    night-1-1  b1        11
        board2    night-1-2  b2        21
        board1    night-2-1  b1        12
        board2    night-2-2  b2        22
        board1    night-3-1  b1        13
        board2    night-3-2  b2        23
        test  score  runs  failed  changes  last_failed
        before: job night-1-2, build b2, target board2, 2026-11-02 00:00:00
        after:  job night-3-2, build b2, target board2, 2026-11-04 00:00:00

        test     metric      before  after  change  interval        verdict
        net::up  reply (ms)  21      23     +9.5 %  +9.5 to +9.5 %  not enough data: too few values for any change to show; run 10 jobs of each in turn, or compare fewer tests

        1 not enough data
    "#]].assert_eq(&said);
}

#[test]
fn a_merged_tree_adds_nothing_to_the_jobs_that_it_was_made_of() {
    let said = on_each(|database| {
        let job = |id: &str, host: &str| Job::new(id, host, "b1", 0.0).run("net::up", 1.0, None);
        let jobs = [job("1", "board1").end(), job("2", "board2").end()];
        merge(database, "tree", &jobs);
        let mut command = tool(&database.dir);
        let again = ["report", "tree", "--results", "again"];
        run(command.args(again), &database.dir).expect_code(0);
        let mut said = database.fails(&["import", "tree"], 1);
        said += &database.prints(&["import", "tree-parts/1"]);
        said += &database.fails(&["import", "again"], 1);
        said += &database.prints(&["import", "again", "tree", "tree-parts"]);
        said + &database.prints(&[
            "query",
            "SELECT job, name FROM runs JOIN jobs ON jobs.id = job_id",
        ])
    });
    expect![[r#"
        error: `[DIR]/tree`: it was merged from other jobs, of which the database lacks `1` of `board1` and 1 more; import the directories of those
        error: 1 of 1 jobs cannot be imported, for the reasons above; the others: 0 new, 0 grown, 0 already there
        jobs imported: 1 new, 0 grown, 0 already there ([DB])
        error: `[DIR]/again`: it was merged from other jobs, of which the database lacks `2` of `board2`; import the directories of those
        error: 1 of 1 jobs cannot be imported, for the reasons above; the others: 0 new, 0 grown, 0 already there
        jobs imported: 1 new, 0 grown, 1 already there ([DB])
        job  name
        1    net::up
        2    net::up
    "#]].assert_eq(&said);
}

#[test]
fn new_results_of_several_targets_are_compared_with_those_of_each() {
    let said = on_each(|database| {
        let first = night(database, 1, None);
        database.prints(&["import", &first]);
        let next = night(database, 2, Some((Kind::Fail, "no link")));
        changes(database, &next)
    });
    expect![[r#"

        newly failing:
            board1 > net::up: no link

        perf values:
            0 same, 2 without enough data
    "#]]
    .assert_eq(&said);
}

#[test]
fn new_shards_are_compared_with_those_of_all_their_hosts() {
    let said = on_each(|database| {
        let shards = |day: u32, tests: [&str; 2], verdict: Option<(Kind, &str)>| {
            let job = |number: usize| {
                let id = format!("{day}-{number}");
                let host = format!("board{number}");
                let job = Job::new(&id, &host, "b1", f64::from(day));
                let job = job.shard(&format!("{number}/2"));
                job.run(tests[number - 1], 1.0, verdict).end()
            };
            database.write(&format!("shards-{day}"), &[job(1), job(2)])
        };
        let first = shards(1, ["net::up", "net::ping"], None);
        database.prints(&["import", &first]);
        // Another host has each test.
        let next = shards(2, ["net::ping", "net::up"], Some((Kind::Fail, "no reply")));
        changes(database, &next)
    });
    expect![[r#"

        newly failing:
            net::ping: no reply
            net::up: no reply
    "#]]
    .assert_eq(&said);
}
