//! What the examples say they show.

use expect_test::expect;

use super::binary::{Tree, example, example_command, example_with};

#[test]
fn lifecycle_prints_its_trace() {
    let ran = example(
        "lifecycle",
        &["--nocapture", "--iterations", "2", "AllPhases"],
    )
    .expect_code(0);
    expect![[r#"

        running 1 test
        initialize
        setup (only for a new version)
        warmup
          before-iteration hook 1
            before_run_once
            run_once 1
            after_run_once
            postprocess_iteration
          after-iteration hook 1
          before-iteration hook 2
            before_run_once
            run_once 2
            after_run_once
            postprocess_iteration
          after-iteration hook 2
        postprocess after 2 runs
        cleanup
        test AllPhases ... ok

        test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out; finished in .

        results: <root>/<results>
    "#]]
    .assert_eq(&ran.stdout());
}

#[test]
fn lifecycle_cleans_up_after_a_failure() {
    let ran = example("lifecycle", &["--param", "fail=true", "AllPhases"]).expect_code(101);
    expect![[r#"

        running 1 test
        test AllPhases ... FAILED (FAIL)

        failures:

        ---- AllPhases stdout ----
        FAIL: as you asked
            at examples/lifecycle.rs:59:9
          stdout:
            initialize
            setup (only for a new version)
            warmup
              before-iteration hook 1
                before_run_once
                run_once 1
              after-iteration hook 1
            cleanup
            see <root>/<results>/AllPhases/debug

        failures:
            AllPhases

        test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 1 filtered out; finished in .

        results: <root>/<results>
    "#]].assert_eq(&ran.stdout());
}

#[test]
fn lifecycle_without_retries_fails() {
    example("lifecycle", &["Flaky"]).expect_code(0);
    example("lifecycle", &["--retry", "1", "Flaky"]).expect_code(101);
}

#[test]
fn params_describes_a_case() {
    let ran = example("params", &["--describe", "copy::small"]).expect_code(0);
    expect![[r#"
        copy::small
            Copies a block of memory; two cases make two tests.

        at examples/params.rs:20
        phases: run_once
        version: 0

        parameters:
          mb: usize = 1 (this case), in 1..=1024
              How much to copy, in MiB.
              declared by run_once
          pattern: &str = "random", one of "zeros", "random"
              The bytes to copy.
              declared by run_once
    "#]]
    .assert_eq(&ran.stdout());
}

#[test]
fn a_catch_all_takes_what_nobody_declares() {
    let ran = example("params", &["--nocapture", "--param", "anything=1", "Free"]).expect_code(0);
    assert!(
        ran.stdout().contains("level 1\nanything = 1\n"),
        "{}",
        ran.stdout()
    );
}

#[test]
fn list_is_that_of_libtest() {
    let ran = example("params", &["--list"]).expect_code(0);
    expect![[r#"
        Free: test
        copy::large: test
        copy::small: test
        kinds: test

        4 tests, 0 benchmarks
    "#]]
    .assert_eq(&ran.stdout());
}

#[test]
fn field_describes_its_tests() {
    let ran = example("field", &["--list"]).expect_code(0);
    expect![[r#"
        cpu::hotplug: test
        disk::synchronous_writes: test
        file_system::Remount: test
        kernel_log::has_no_errors: test
        loopback::throughput: test
        memory::Pressure: test
        netns::PacketLoss: test
        service::restarts: test

        8 tests, 0 benchmarks
    "#]]
    .assert_eq(&ran.stdout());
    let ran = example("field", &["--describe", "disk::synchronous_writes"]).expect_code(0);
    expect![[r#"
        disk::synchronous_writes
            Writes for some seconds, and waits after each block until it is on the disk.

        at examples/field/disk.rs:20
        phases: run_once
        version: 0
        suites: perf
        timeout: 600s
        constraints: mb_per_s > 0.1; p99_ms < 1000

        parameters:
          dir: Option<PathBuf> (optional)
              The directory to write to; by default the test's temporary directory.
              declared by run_once
          seconds: u32 = 2, in 1..=300
              For how long to write.
              declared by run_once
    "#]]
    .assert_eq(&ran.stdout());
}

/// What the tests do elsewhere depends on the machine, and some disturb it.
#[test]
fn field_skips_where_no_program_is_installed() {
    let ran = example_with(&[("PATH", "/nonexistent")], "field", &[]).expect_code(0);
    expect![[r#"

        running 8 tests
        test cpu::hotplug ... ok (TEST_NA: `taskset` is not installed: it is not in PATH)
        test disk::synchronous_writes ... ok (TEST_NA: `fio` is not installed: it is not in PATH)
        test file_system::Remount ... ok (TEST_NA: `mkfs.ext4` is not installed: it is not in PATH)
        test kernel_log::has_no_errors ... ok (TEST_NA: `dmesg` is not installed: it is not in PATH)
        test loopback::throughput ... ok (TEST_NA: `iperf3` is not installed: it is not in PATH)
        test memory::Pressure ... ok (TEST_NA: `sh` is not installed: it is not in PATH)
        test netns::PacketLoss ... ok (TEST_NA: `ping` is not installed: it is not in PATH)
        test service::restarts ... ok (TEST_NA: `python3` is not installed: it is not in PATH)

        test result: ok. 8 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in .

        results: <root>/<results>
    "#]]
    .assert_eq(&ran.stdout());
    assert_eq!(ran.stderr(), "");
}

#[test]
fn nightly_goes_on_behind_its_reboot() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str], code| {
        let mut command = example_command(home.path(), "nightly");
        let output = command.args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
    };
    run(&["--results", "results", "--control", "nightly"], 75);
    super::tko::check_tree(&home.path().join("results"));
    run(&["--resume", "results"], 0);
    let tree = Tree::at(home.path(), "results");
    super::tko::check_tree(&tree.jobdir());
    expect![[r#"
        START→----→----→timestamp=.→localtime=.→
        →START→disk.before→disk.before→timestamp=.→localtime=.→
        →→GOOD→disk.before→disk.before→timestamp=.→localtime=.→completed successfully
        →END GOOD→disk.before→disk.before→timestamp=.→localtime=.→
        →START→----→network→timestamp=.→localtime=.→
        →→START→loopback.round_1→loopback.round_1→timestamp=.→timeout=10→localtime=.→
        →→→GOOD→loopback.round_1→loopback.round_1→timestamp=.→localtime=.→completed successfully
        →→END GOOD→loopback.round_1→loopback.round_1→timestamp=.→localtime=.→
        →→START→loopback.round_2→loopback.round_2→timestamp=.→timeout=10→localtime=.→
        →→→GOOD→loopback.round_2→loopback.round_2→timestamp=.→localtime=.→completed successfully
        →→END GOOD→loopback.round_2→loopback.round_2→timestamp=.→localtime=.→
        →END GOOD→----→network→timestamp=.→localtime=.→
        →START→burn→burn→timestamp=.→localtime=.→
        →→GOOD→burn→burn→timestamp=.→localtime=.→completed successfully
        →END GOOD→burn→burn→timestamp=.→localtime=.→
        →START→disk.beside→disk.beside→timestamp=.→localtime=.→
        →→GOOD→disk.beside→disk.beside→timestamp=.→localtime=.→completed successfully
        →END GOOD→disk.beside→disk.beside→timestamp=.→localtime=.→
        →START→----→reboot→timestamp=.→localtime=.→
        →→GOOD→----→reboot.start→timestamp=.→localtime=.→
        →→GOOD→----→reboot.verify→timestamp=.→localtime=.→
        →END GOOD→----→reboot→kernel=.→localtime=.→timestamp=.→
        →START→disk.after→disk.after→timestamp=.→localtime=.→
        →→GOOD→disk.after→disk.after→timestamp=.→localtime=.→completed successfully
        →END GOOD→disk.after→disk.after→timestamp=.→localtime=.→
        END GOOD→----→----→timestamp=.→localtime=.→
    "#]]
    .assert_eq(&tree.log("status.log"));
    expect![[r#"
        .autoserv_execute
        burn/
        burn/debug/
        burn/keyval
        burn/load
        burn/profiling/
        burn/results/
        burn/status
        debug/
        disk.after/
        disk.after/debug/
        disk.after/keyval
        disk.after/load
        disk.after/profiling/
        disk.after/results/
        disk.after/results/keyval
        disk.after/status
        disk.before/
        disk.before/debug/
        disk.before/keyval
        disk.before/load
        disk.before/profiling/
        disk.before/results/
        disk.before/results/keyval
        disk.before/status
        disk.beside/
        disk.beside/debug/
        disk.beside/keyval
        disk.beside/load
        disk.beside/profiling/
        disk.beside/results/
        disk.beside/results/keyval
        disk.beside/status
        journal.jsonl
        keyval
        loopback.round_1/
        loopback.round_1/debug/
        loopback.round_1/keyval
        loopback.round_1/load
        loopback.round_1/profiling/
        loopback.round_1/results/
        loopback.round_1/status
        loopback.round_2/
        loopback.round_2/debug/
        loopback.round_2/keyval
        loopback.round_2/load
        loopback.round_2/profiling/
        loopback.round_2/results/
        loopback.round_2/status
        status.log"#]]
    .assert_eq(&tree.tree().join("\n"));
    for run in ["disk.before", "disk.after", "loopback.round_1"] {
        let load = tree.file(&format!("{run}/load"));
        assert!(load.contains('/'), "the hook did not note the load: {load}");
    }
}
