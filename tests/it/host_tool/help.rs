//! Help, usage and completions.

use expect_test::expect;

use super::{empty, run_in};

#[test]
fn help_has_first_steps_and_exit_codes() {
    let (_dir, dir) = empty();
    let ran = run_in(&dir, &["autotest", "--help"]).expect_code(0);
    expect![[r#"
        Makes test crates; lists, describes, checks, builds and packs suites; runs them on targets; reports
        results and keeps them

        Usage: cargo autotest <COMMAND>

        Commands:
          new          Make a test crate, with a test of each form
          list         List the tests of a workspace, a binary or a package
          describe     Describe a test: documentation, place, options, parameters
          check        Check a job file against the tests that it names
          build        Build a suite into one static executable, and pack it with its data files and
                       licences
          run          Run a suite on a target, and bring its results home
          attach       Take up a run again, from any process and on another day
          rerun        Run again what failed or did not run in an earlier job
          report       Report the results of several jobs as one
          db           Keep results in a database: import, query, history, flaky tests, changes of metrics
          calibrate    Measure how often the verdicts on perf values are wrong
          schema       Print the JSON Schema of job files, for editors and for programs that write them
          completions  Print the completion script for a shell
          help         Print this message or the help of the given subcommand(s)

        Options:
          -h, --help     Print help
          -V, --version  Print version

        From nothing to a suite on a target:
          cargo autotest new --suite bvt      # a workspace with tests and the suite `bvt`
          cd bvt && cargo test                # runs the tests here
          cargo autotest build bvt            # makes bvt-0.1.0-x86_64-unknown-linux-musl.tar.bz2
          cargo autotest run bvt --on ssh:root@board   # builds it, runs it there, brings the results home

        Exit codes:
          0    done
          1    a file or a program failed, what was built is not complete, or results contradict
          2    the command line is wrong, or names a test, suite or file that does not exist
          3    the configuration of the suites is wrong
          4    `check` found mistakes in the job file
          101  cargo could not read or build the workspace; `report`, `run`: a test failed

        What a command makes or finds goes to standard output, progress and messages to standard error.
        `cargo autotest help COMMAND` has examples of a command.
    "#]].assert_eq(&ran.stdout);
}

/// cargo runs `cargo-autotest autotest …`; by its own name, the program is run without that.
#[test]
fn both_names_of_the_program_mean_the_same() {
    let (_dir, dir) = empty();
    let of_cargo = run_in(&dir, &["autotest", "--help"]).expect_code(0);
    assert_eq!(run_in(&dir, &["--help"]).stdout, of_cargo.stdout);
    let without = run_in(&dir, &[]).expect_code(2);
    assert_eq!(without.stderr, of_cargo.stdout);
}

#[test]
fn every_command_has_help_with_an_example() {
    let (_dir, dir) = empty();
    for command in [
        "new",
        "list",
        "describe",
        "check",
        "build",
        "report",
        "db",
        "calibrate",
        "schema",
        "completions",
    ] {
        let help = run_in(&dir, &[command, "--help"]).expect_code(0).stdout;
        let example = format!("\n  cargo autotest {command}");
        assert!(help.contains(&example), "{help}");
        assert!(
            help.lines().all(|line| line.chars().count() <= 120),
            "{help}"
        );
    }
}

#[test]
fn a_misspelt_command_is_corrected() {
    let (_dir, dir) = empty();
    let ran = run_in(&dir, &["biuld", "bvt"]).expect_code(2);
    expect![[r#"
        error: unrecognized subcommand 'biuld'

          tip: a similar subcommand exists: 'build'

        Usage: cargo autotest <COMMAND>

        For more information, try '--help'.
    "#]]
    .assert_eq(&ran.stderr);
}

#[test]
fn completions_know_commands_and_flags() {
    let (_dir, dir) = empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run_in(&dir, &["completions", shell]).expect_code(0).stdout;
        for word in ["cargo-autotest", "describe", "profile", "suites"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

/// The shells themselves read the scripts.
#[test]
fn shells_can_read_their_completions() {
    let (_dir, dir) = empty();
    for shell in ["bash", "zsh", "fish"] {
        let script = run_in(&dir, &["completions", shell]).stdout;
        let path = dir.join(shell);
        std::fs::write(&path, script).unwrap();
        match std::process::Command::new(shell)
            .arg("-n")
            .arg(&path)
            .output()
        {
            Ok(read) => assert!(read.status.success(), "{shell}: {read:?}"),
            Err(error) => println!("left out: {shell} cannot be run: {error}"),
        }
    }
}
