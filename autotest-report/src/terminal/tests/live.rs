//! The line of what runs now.

use autotest_core::{Event, GroupKind, JobResume, Kind, Phase, Status};
use expect_test::expect;

use super::{NARROW, STOPPED, Scene, WIDE};

#[test]
fn the_live_line_goes_along_and_is_gone_before_any_other_line() {
    let mut scene = Scene::on_terminal(WIDE);
    scene.job(2).start(1, "net::ping").tick(0.2);
    scene.send(1, Event::Phase(Phase::Execute));
    scene.progress(1, 7, 100).tick(1.0).tick(0.25).tick(0.25);
    scene.progress(1, 50, 100).tick(61.0);
    scene.send(1, Event::Phase(Phase::Cleanup)).tick(1.0);
    scene.pass(1, 63.0).start(2, "net::route").tick(0.25);
    scene.end(2, Kind::Warn, "slow\nvery").end_job();
    scene.shows(expect![[r#"

        running 2 tests

        <return>[0/2] net::ping: 0s<clear>
        <return>[0/2] net::ping: execute, 0s<clear>
        <return>[0/2] net::ping: execute, iteration 7/100, 1s<clear>
        <return>[0/2] net::ping: execute, iteration 50/100, 1s<clear>
        <return>[0/2] net::ping: execute, iteration 50/100, 1m 02s<clear>
        <return>[0/2] net::ping: cleanup, 1m 03s<clear>
        <erase>test net::ping ... ok

        <return>[1/2] net::route: 0s<clear>
        <erase>test net::route ... ok (WARN: slow)

        warnings:
            net::route: slow

        test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 63.95s

        results: /no/such/job
    "#]]);
}

#[test]
fn a_narrow_terminal_gets_a_short_line() {
    let mut scene = Scene::on_terminal(NARROW);
    scene
        .job(1)
        .start(1, "storage::partitions::of_the_second_disk")
        .tick(1.0);
    scene.send(1, Event::Phase(Phase::Execute)).tick(1.0);
    scene.progress(1, 1234, 5678).tick(1.0);
    scene.shows(expect![[r#"

        running 1 test

        <return>[0/1] ...itions::of_the_second_disk: 0s<clear>
        <return>[0/1] ...itions::of_the_second_disk: 1s<clear>
        <return>[0/1] ...f_the_second_disk: execute, 2s<clear>
        <return>[0/1] ...the_second_disk: 1234/5678, 3s<clear>"#]]);
}

#[test]
fn of_several_tests_the_longest_running_is_shown_with_its_subtest() {
    let mut scene = Scene::on_terminal(WIDE);
    scene.job(3).start(1, "a").start(2, "b").tick(1.0);
    scene.start_below(3, "c", Some(1)).tick(1.0);
    scene.send(3, Event::Phase(Phase::Warmup)).tick(1.0);
    scene.pass(3, 2.0).tick(1.0).pass(1, 4.0).tick(1.0);
    scene.shows(expect![[r#"

        running 3 tests

        <return>[0/3] a: 0s<clear>
        <return>[0/3] 2 tests, longest a: 1s<clear>
        <return>[0/3] 2 tests, longest a > c: 2s<clear>
        <return>[0/3] 2 tests, longest a > c: warmup, 3s<clear>
        <erase>    subtest c ... ok

        <return>[0/3] 2 tests, longest a: 4s<clear>
        <erase>test a ... ok

        <return>[1/3] b: 5s<clear>"#]]);
}

#[test]
fn each_test_is_shown_with_its_group_and_its_branch() {
    let mut scene = Scene::on_terminal(WIDE);
    scene.job(0).group(1, GroupKind::Group, "network", None);
    scene.start_in(2, "net::ping", Some(1)).tick(1.0);
    scene.start_below(3, "net::arp", Some(2)).tick(1.0);
    scene.pass(3, 1.0).pass(2, 2.0).end_group(1);
    scene.group(4, GroupKind::Branch, "cpu", None);
    scene.group(5, GroupKind::Branch, "io", None);
    scene.group(6, GroupKind::Group, "disks", Some(5));
    scene.start_in(7, "cpu::burn", Some(4));
    scene.start_in(8, "io::stream", Some(6)).tick(1.0);
    scene.send(7, Event::Phase(Phase::Execute)).tick(1.0);
    scene.start_below(9, "io::of_a_disk_with_a_long_name", Some(8));
    scene.tick(1.0).pass(7, 3.0).tick(1.0);
    scene.shows(expect![[r#"

        running 0 tests

        <return>[0] network > net::ping: 0s<clear>
        <return>[0] network > net::ping: 1s<clear>
        <return>[0] network > net::ping > net::arp: 2s<clear>
        <erase>    subtest net::arp ... ok
        test net::ping ... ok

        <return>[1] 2 tests, longest cpu: cpu::burn: 1s; io: disks > io::stream<clear>
        <return>[1] 2 tests, longest cpu: cpu::burn: execute, 2s; io: disks > io::stream<clear>
        <return>[1] 2 tests, longest cpu: cpu::burn: execute, 3s<clear>
        <erase>test cpu::burn ... ok

        <return>[2] io: disks > io::stream > io::of_a_disk_with_a_long_name: 4s<clear>"#]]);
}

#[test]
fn beside_the_longest_test_only_those_in_branches_are_shown() {
    let mut scene = Scene::on_terminal(WIDE);
    scene.job(0).group(1, GroupKind::Branch, "cpu", None);
    scene.group(2, GroupKind::Branch, "io", None);
    scene.group(3, GroupKind::Group, "network", None);
    scene.start_in(4, "cpu::burn", Some(1));
    scene.start_in(5, "net::ping", Some(3));
    scene.start_in(6, "io::stream", Some(2)).tick(1.0);
    scene.shows(expect![[r#"

        running 0 tests

        <return>[0] cpu: cpu::burn: 0s<clear>
        <return>[0] 3 tests, longest cpu: cpu::burn: 1s; io: io::stream<clear>"#]]);
}

#[test]
fn tests_that_end_at_once_are_not_worth_a_live_line() {
    let mut scene = Scene::on_terminal(WIDE);
    scene.job(3);
    for run in 1..=3 {
        scene.start(run, "quick").pass(run, 0.01);
        scene.t += 0.01;
    }
    scene.shows(expect![[r#"

        running 3 tests

        <return>[0/3] quick: 0s<clear>
        <erase>test quick ... ok
        test quick ... ok
        test quick ... ok
    "#]]);
}

#[test]
fn a_clock_that_is_set_back_stops_nothing() {
    let mut scene = Scene::on_terminal(WIDE);
    scene.job(1).start(1, "a").tick(5.0).tick(-900.0).tick(1.0);
    scene.shows(expect![[r#"

        running 1 test

        <return>[0/1] a: 0s<clear>
        <return>[0/1] a: 5s<clear>
        <return>[0/1] a: 0s<clear>"#]]);
}

#[test]
fn a_job_whose_begin_was_not_told_goes_on_all_the_same() {
    let mut scene = Scene::on_terminal(WIDE);
    scene.send(0, Event::JobResume(JobResume::default()));
    scene
        .cut_off(7, "a.attempt-1", "crashed")
        .start(8, "a")
        .tick(1.0)
        .pass(8, 1.0);
    let (status, reason) = (Status::Abort, "interrupted".to_owned());
    scene.send(0, Event::JobEnd { status, reason });
    scene.shows(expect![[r#"

        the job continues after an interruption

        <return>[0] a: 0s<clear>
        <return>[0] a: 1s<clear>
        <erase>test a ... ok

        the job was aborted: interrupted; tests that did not run: 0

        test result: FAILED. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s

        results: /no/such/job
    "#]]);
}

#[test]
fn nobody_waits_for_a_terminal_that_is_stopped() {
    let mut scene = Scene::on_terminal(WIDE);
    scene.job(1).start(1, "a").tick(1.0);
    scene.terminal.screen.set_columns(STOPPED);
    scene.tick(1.0).tick(1.0);
    scene.terminal.screen.set_columns(WIDE);
    scene.tick(1.0);
    scene.shows(expect![[r#"

        running 1 test

        <return>[0/1] a: 0s<clear>
        <return>[0/1] a: 1s<clear>
        <return>[0/1] a: 4s<clear>"#]]);
}
