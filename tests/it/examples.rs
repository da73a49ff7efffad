//! What the examples say they show.

use expect_test::expect;

use super::binary::example;

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
