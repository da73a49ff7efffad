//! Files that a test changes are restored when its run ends.

use autotest_core::{Event, Phase, Recovery, TestContext, TestResult};

use super::stage::{Ended, Stage, fail, panics};
use super::world::World;

const WORLD: World = World {
    has_profilers: false,
    profilers_active: false,
    has_srcdir: false,
    is_installed: false,
    panic_report: None,
    files: &[("/proc/sys/vm/swappiness", "60\n"), ("/etc/b", "old\n")],
    failing: &[],
};

fn run_once(step: fn(&mut TestContext) -> TestResult) -> Stage {
    Stage::with(&[Phase::RunOnce])
        .world(WORLD)
        .step(Phase::RunOnce, step)
}

fn changes(cx: &mut TestContext) -> TestResult {
    cx.set_sysctl("vm.swappiness", 10)?;
    cx.set_file("/etc/b", "new\n")?;
    cx.set_file("/proc/sys/vm/swappiness", 20)?;
    Ok(())
}

const CHANGED: &str = "tee keyval open enter run_once /proc/sys/vm/swappiness=10/ /etc/b=new/ \
                       /proc/sys/vm/swappiness=20/ restore leave";

const RESTORED: &str = "/etc/b=old/ /proc/sys/vm/swappiness=60/ remove_tmp";

/// The events of changed files, `PATH=ORIGINAL` or `PATH` once it is restored.
fn file_events(ended: &Ended) -> Vec<String> {
    let told = |event: &Event| match event {
        Event::ChangedFile { path, original } => Some(match original {
            Some(original) => format!("{path}={original}"),
            None => path.clone(),
        }),
        _ => None,
    };
    ended.events().iter().filter_map(told).collect()
}

#[test]
fn files_are_restored_in_the_reverse_order_of_their_first_changes() {
    let ended = run_once(changes)
        .run()
        .expect_trace(&format!("{CHANGED} {RESTORED}"));
    let expected = [
        "/proc/sys/vm/swappiness=60\n",
        "/etc/b=old\n",
        "/etc/b",
        "/proc/sys/vm/swappiness",
    ];
    assert_eq!(file_events(&ended), expected);
    ended.expect_pass();
}

#[test]
fn files_are_restored_after_a_failure_and_a_panic() {
    run_once(|cx| {
        changes(cx)?;
        fail("broken")
    })
    .run()
    .expect_trace(&format!("{CHANGED} {RESTORED}"))
    .expect_verdict("FAIL: broken");
    run_once(|cx| {
        changes(cx)?;
        panics("broken")
    })
    .run()
    .expect_trace(&format!("{CHANGED} {RESTORED}"))
    .expect_verdict("FAIL: Unhandled panic: broken");
}

#[test]
fn files_are_restored_after_cleanup_and_the_hook_after_the_test() {
    Stage::with(&[Phase::RunOnce, Phase::Cleanup])
        .world(WORLD)
        .step(Phase::Cleanup, |cx| Ok(cx.set_file("/etc/b", "cleaned")?))
        .after_test(|cx| Ok(cx.set_file("/etc/b", "hooked")?))
        .run()
        .expect_trace(
            "tee keyval open enter run_once cleanup /etc/b=cleaned/ restore leave after_test \
             /etc/b=hooked/ /etc/b=old/ remove_tmp",
        )
        .expect_pass();
}

#[test]
fn a_file_that_is_as_before_is_left_alone() {
    let ended = run_once(|cx| {
        cx.set_file("/etc/b", "new")?;
        cx.set_file("/etc/b", "old")?;
        Ok(())
    })
    .run()
    .expect_trace(
        "tee keyval open enter run_once /etc/b=new/ /etc/b=old/ restore leave remove_tmp",
    );
    assert_eq!(file_events(&ended).len(), 2);
    ended.expect_pass();
}

#[test]
fn a_file_that_cannot_be_restored_makes_a_pass_a_warning() {
    let world = World {
        failing: &["/etc/b=old/", "/proc/sys/vm/swappiness=60/"],
        ..WORLD
    };
    let failed_b = "WARN: failed to restore `/etc/b` to `old`: permission denied";
    let swappiness =
        "end: WARN: failed to restore `/proc/sys/vm/swappiness` to `60`: permission denied";
    let ended = run_once(changes)
        .world(world)
        .run()
        .expect_trace(&format!("{CHANGED} {RESTORED}"))
        .expect_suppressed(&[swappiness]);
    assert_eq!(file_events(&ended).len(), 2);
    ended.expect_verdict(failed_b);
    run_once(|cx| {
        changes(cx)?;
        fail("broken")
    })
    .world(world)
    .run()
    .expect_suppressed(&[&format!("end: {failed_b}"), swappiness])
    .expect_verdict("FAIL: broken");
}

#[test]
fn a_change_that_fails_is_an_error_and_names_the_path() {
    run_once(|cx| Ok(cx.set_file("/sys/none", 1)?))
        .run()
        .expect_events(1)
        .expect_verdict("ERROR: failed to read `/sys/none`: entity not found");
    let world = World {
        failing: &["/etc/b=new/"],
        ..WORLD
    };
    // The attempt changed nothing, so nothing is restored.
    run_once(|cx| Ok(cx.set_file("/etc/b", "new")?))
        .world(world)
        .run()
        .expect_trace("tee keyval open enter run_once /etc/b=new/ restore leave remove_tmp")
        .expect_suppressed(&[])
        .expect_verdict("ERROR: failed to write `new` to `/etc/b`: permission denied");
}

#[test]
fn what_cannot_be_restored_is_not_changed() {
    run_once(|cx| Ok(cx.set_file("etc/b", 1)?))
        .run()
        .expect_verdict(
            "FAIL: Unhandled ValueError: `etc/b` must be an absolute path in UTF-8: another process may have to restore it",
        );
    run_once(|cx| Ok(cx.set_sysctl("swappiness", 1)?))
        .run()
        .expect_verdict(
            "FAIL: Unhandled ValueError: `swappiness` is not the name of a kernel parameter; write it like \
             `vm.swappiness`",
        );
    const LONG: &str = match str::from_utf8(&[b'x'; 9000]) {
        Ok(text) => text,
        Err(_) => "",
    };
    let world = World {
        files: &[("/etc/long", LONG)],
        ..WORLD
    };
    run_once(|cx| Ok(cx.set_file("/etc/long", 1)?))
        .world(world)
        .run()
        .expect_trace("tee keyval open enter run_once restore leave remove_tmp")
        .expect_verdict(
            "FAIL: Unhandled ValueError: `/etc/long` cannot be changed for a test: path and content have 9009 \
             bytes, more than 8192",
        );
}

fn crashed(failed_phase: Option<Phase>) -> Recovery {
    let mut recovery = Recovery {
        failed_phase,
        ..Recovery::default()
    };
    let files = [("/proc/sys/vm/swappiness", "30\n"), ("/etc/b", "older\n")];
    for (path, text) in files {
        recovery.changed_files.note(path, Some(text));
    }
    recovery
}

#[test]
fn a_recovery_restores_files_without_a_cleanup_and_after_one() {
    let restored = "/etc/b=older/ /proc/sys/vm/swappiness=30/ remove_tmp";
    Stage::with(&[Phase::RunOnce])
        .world(WORLD)
        .recover(crashed(None))
        .expect_trace(restored)
        .expect_pass();
    let ended = Stage::with(&[Phase::RunOnce, Phase::Cleanup])
        .world(WORLD)
        .step(Phase::Cleanup, |cx| {
            cx.set_file("/etc/b", "cleaned")?;
            fail("cleanup")
        })
        .recover(crashed(Some(Phase::Execute)))
        .expect_trace(&format!(
            "tee cleanup /etc/b=cleaned/ restore leave {restored}"
        ));
    assert_eq!(file_events(&ended).len(), 2);
    ended.expect_verdict("FAIL: cleanup");
}
