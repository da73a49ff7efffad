//! `new`: crates that build and pass, alone, in a workspace, and within the tree of another.

use std::fs;
use std::path::Path;

use expect_test::expect;

use super::{cargo, empty, lock, root, run, run_in, write};
use crate::binary::walk;

/// The files below a directory, sorted.
fn files(dir: &Path) -> String {
    let files = walk(dir)
        .into_iter()
        .filter(|path| dir.join(path).is_file());
    files.map(|path| path + "\n").collect()
}

/// What `cargo test` says of the tests.
#[track_caller]
fn verdicts(dir: &Path) -> String {
    lock(dir);
    let ran = run(cargo(dir).args(["test", "--quiet"]), dir).expect_code(0);
    let is_told = |line: &&str| line.starts_with("test ") && !line.starts_with("test result");
    let lines: Vec<&str> = ran.stdout.lines().filter(is_told).collect();
    lines.join("\n") + "\n"
}

#[test]
fn a_crate_has_a_test_of_each_form_and_passes() {
    let (_dir, dir) = empty();
    let ran = run_in(&dir, &["new", "net-tests"]).expect_code(0);
    expect![[r#"
        created the test crate `net-tests`
        framework: [AUTOTEST]/autotest-runtime

        next:
          cd net-tests && cargo test
    "#]]
    .assert_eq(&ran.stdout);
    assert_eq!(ran.stderr, "");
    expect![[r#"
        .gitignore
        Cargo.toml
        README.md
        src/basics.rs
        src/jobs.rs
        src/lib.rs
        src/phases.rs
        src/speed.rs
        tests/all.rs
    "#]]
    .assert_eq(&files(&dir.join("net-tests")));
    expect![[r#"
        test net_tests::basics::device_can_be_read::null ... ok
        test net_tests::basics::device_can_be_read::zero ... ok
        test net_tests::basics::files_keep_their_content ... ok
        test net_tests::basics::kernel_has_a_name ... ok
        test net_tests::basics::shell_exits_as_told::code_0 ... ok
        test net_tests::basics::shell_exits_as_told::code_3 ... ok
        test net_tests::phases::CopyTree ... ok
        test net_tests::speed::write_speed ... ok
    "#]]
    .assert_eq(&verdicts(&dir.join("net-tests")));
}

#[test]
fn a_new_crate_is_formatted_and_without_warnings() {
    let (_dir, dir) = empty();
    run_in(&dir, &["new", "net-tests"]).expect_code(0);
    let dir = dir.join("net-tests");
    lock(&dir);
    run(cargo(&dir).args(["fmt", "--check"]), &dir).expect_code(0);
    let clippy = ["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"];
    run(cargo(&dir).args(clippy), &dir).expect_code(0);
}

#[test]
fn a_control_function_of_a_new_crate_runs() {
    let (_dir, dir) = empty();
    run_in(&dir, &["new", "net-tests"]).expect_code(0);
    let dir = dir.join("net-tests");
    lock(&dir);
    let args = [
        "test",
        "--quiet",
        "--",
        "--control",
        "net_tests::jobs::smoke",
    ];
    let ran = run(cargo(&dir).args(args), &dir).expect_code(0);
    assert!(
        ran.stdout.contains("\ntest result: ok. 3 passed"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_suite_is_a_workspace_with_a_configuration() {
    let (_dir, dir) = empty();
    let ran = run_in(&dir, &["new", "--suite", "bvt"]).expect_code(0);
    expect![[r#"
        created the suite `bvt`
        framework: [AUTOTEST]/autotest-runtime

        next:
          cd bvt && cargo test
          cargo autotest build bvt
    "#]]
    .assert_eq(&ran.stdout);
    let suite = dir.join("bvt");
    expect![[r#"
        .gitignore
        Cargo.toml
        README.md
        bvt-tests/Cargo.toml
        bvt-tests/README.md
        bvt-tests/src/basics.rs
        bvt-tests/src/jobs.rs
        bvt-tests/src/lib.rs
        bvt-tests/src/phases.rs
        bvt-tests/src/speed.rs
        bvt-tests/tests/all.rs
    "#]]
    .assert_eq(&files(&suite));
    let manifest = fs::read_to_string(suite.join("Cargo.toml")).unwrap();
    expect![[r#"
        [workspace]
        members = ["bvt-tests"]
        resolver = "3"

        [workspace.dependencies]
        autotest = { package = "autotest-runtime", path = "[AUTOTEST]/autotest-runtime" }

        # `cargo autotest build bvt` packs it.
        [workspace.metadata.autotest.suites.bvt]
        description = "All tests of bvt-tests"
        crates = ["bvt-tests"]
        version = "0.1.0"
    "#]]
    .assert_eq(&manifest.replace(&root().display().to_string(), "[AUTOTEST]"));
    let listed = run_in(&suite, &["list", "--suites"]).expect_code(0);
    expect![[r#"
        bvt: All tests of bvt-tests (bvt-tests)
    "#]]
    .assert_eq(&listed.stdout);
    assert_eq!(verdicts(&suite).lines().count(), 8);
}

const WORKSPACE: &str = "\
[workspace]
members = [
    \"one\",
    # Further tests.
    \"more/*\",
]
exclude = [\"apart\"]
resolver = \"3\"
";

/// A workspace with a library that is no crate of tests.
fn workspace(dir: &Path) {
    let one = "[package]\nname = \"one\"\nedition = \"2024\"\n";
    write(
        dir,
        &[
            ("Cargo.toml", WORKSPACE),
            ("one/Cargo.toml", one),
            ("one/src/lib.rs", ""),
            // Cargo refuses a pattern that nothing matches.
            ("more/two/Cargo.toml", &one.replace("one", "two")),
            ("more/two/src/lib.rs", ""),
        ],
    );
}

#[test]
fn a_crate_in_a_workspace_becomes_a_member() {
    let (_dir, dir) = empty();
    workspace(&dir);
    let ran = run_in(&dir, &["new", "net-tests"]).expect_code(0);
    expect![[r#"
        created the test crate `net-tests` in the workspace [DIR]
        framework: [AUTOTEST]/autotest-runtime

        next:
          cd net-tests && cargo test
    "#]]
    .assert_eq(&ran.stdout);
    expect![[r#"
        [workspace]
        members = [
            "one",
            # Further tests.
            "more/*",
            # Further tests.
            "net-tests",
        ]
        exclude = ["apart"]
        resolver = "3"
    "#]]
    .assert_eq(&fs::read_to_string(dir.join("Cargo.toml")).unwrap());
    // One that a pattern includes anyway changes nothing.
    run_in(&dir.join("one"), &["new", "../more/disk-tests"]).expect_code(0);
    run_in(&dir, &["new", "deep/disk/deep-tests"]).expect_code(0);
    let listed = run(
        cargo(&dir).args(["metadata", "--no-deps", "--format-version=1"]),
        &dir,
    );
    let metadata: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let mut names: Vec<_> = packages
        .iter()
        .map(|package| package["name"].as_str())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["deep-tests", "disk-tests", "net-tests", "one", "two"].map(Some)
    );
}

#[test]
fn a_crate_where_the_workspace_excludes_it_stands_alone() {
    let (_dir, dir) = empty();
    workspace(&dir);
    run_in(&dir, &["new", "apart/net-tests"]).expect_code(0);
    assert_eq!(
        fs::read_to_string(dir.join("Cargo.toml")).unwrap(),
        WORKSPACE
    );
    assert_eq!(verdicts(&dir.join("apart/net-tests")).lines().count(), 8);
}

#[test]
fn a_suite_in_a_workspace_is_a_member_that_configures_itself() {
    let (_dir, dir) = empty();
    workspace(&dir);
    run_in(&dir, &["new", "--suite", "bvt"]).expect_code(0);
    let listed = run_in(&dir, &["list", "--suites"]).expect_code(0);
    assert_eq!(listed.stdout, "bvt: All tests of bvt (bvt)\n");
}

#[test]
fn a_suite_joins_those_of_the_file() {
    let (_dir, dir) = empty();
    workspace(&dir);
    let file = "# Ours.\n[suites.all]\ncrates = [\"one\"]\n";
    write(&dir, &[("autotest.toml", file)]);
    run_in(&dir, &["new", "--suite", "bvt"]).expect_code(0);
    let now = fs::read_to_string(dir.join("autotest.toml")).unwrap();
    assert_eq!(now, format!("{file}\n[suites.bvt]\ncrates = [\"bvt\"]\n"));
    let listed = run_in(&dir, &["list", "--suites"]).expect_code(0);
    assert_eq!(listed.stdout, "all: one\nbvt: bvt\n");
    let again = run_in(&dir, &["new", "--suite", "more/all"]).expect_code(2);
    expect![[r#"
        error: `[DIR]/autotest.toml` already configures a suite `all`; choose another name
    "#]]
    .assert_eq(&again.stderr);
}

#[test]
fn the_framework_is_the_one_that_is_said() {
    let (_dir, dir) = empty();
    let url = "https://example.org/autotest.git";
    run_in(&dir, &["new", "from-git", "--git", url]).expect_code(0);
    let manifest = fs::read_to_string(dir.join("from-git/Cargo.toml")).unwrap();
    let dependency = format!("autotest = {{ package = \"autotest-runtime\", git = \"{url}\" }}\n");
    assert!(manifest.contains(&dependency), "{manifest}");
    // The checkout will do, too.
    let checkout = root().display().to_string();
    run_in(&dir, &["new", "from-path", "--path", &checkout]).expect_code(0);
    let manifest = fs::read_to_string(dir.join("from-path/Cargo.toml")).unwrap();
    let dependency = format!("path = \"{checkout}/autotest-runtime\" }}");
    assert!(manifest.contains(&dependency), "{manifest}");
    let ran = run_in(&dir, &["new", "from-nowhere", "--path", "."]).expect_code(2);
    expect![[r#"
        error: there is no crate `autotest-runtime` in `.`; name the directory of its Cargo.toml
    "#]]
    .assert_eq(&ran.stderr);
    assert!(!dir.join("from-nowhere").exists());
}

#[test]
fn bad_names_and_places_are_refused() {
    let (_dir, dir) = empty();
    write(&dir, &[("full/file", ""), ("a-file", "")]);
    fs::create_dir(dir.join("empty-tests")).unwrap();
    let mut told = String::new();
    for name in [
        "full",
        "a-file",
        "1st",
        "net.tests",
        "net tests",
        "tést",
        "autotest",
        "fn",
        "test",
        "full/sub/..",
        "/",
    ] {
        let ran = run_in(&dir, &["new", name]).expect_code(2);
        assert_eq!(ran.stdout, "");
        told += &ran.stderr;
    }
    expect![[r#"
        error: `full` exists and is not empty; choose another name, or remove it
        error: `a-file` exists and is not empty; choose another name, or remove it
        error: `1st` cannot be the name of a crate of tests: begin with a letter
        error: `net.tests` cannot be the name of a crate of tests: it has a '.'; use letters, digits, `-` and `_`
        error: `net tests` cannot be the name of a crate of tests: it has a ' '; use letters, digits, `-` and `_`
        error: `tést` cannot be the name of a crate of tests: it has a 'é'; use letters, digits, `-` and `_`
        error: `autotest` cannot be the name of a crate of tests: another crate is called so; try `autotest-tests`
        error: `fn` cannot be the name of a crate of tests: it is a word of Rust; try `fn-tests`
        error: `test` cannot be the name of a crate of tests: another crate is called so; try `test-tests`
        error: `full/sub/..` exists and is not empty; choose another name, or remove it
        error: `` cannot be the name of a crate of tests: it is empty; end the path with the name of the crate
    "#]].assert_eq(&told);
    let ran = run_in(&dir, &["new", "--suite", "run"]).expect_code(2);
    expect![[r#"
        error: `run` cannot be the name of a suite: a package has a script `run`; choose another name
    "#]]
    .assert_eq(&ran.stderr);
    run_in(&dir, &["new", "empty-tests"]).expect_code(0);
    assert_eq!(
        fs::read_dir(&dir).unwrap().count(),
        3,
        "nothing is left behind"
    );
}

#[test]
fn a_manifest_that_is_no_toml_is_named() {
    let (_dir, dir) = empty();
    write(&dir, &[("Cargo.toml", "[workspace\n")]);
    let ran = run_in(&dir, &["new", "net-tests"]).expect_code(1);
    expect![[r#"
        error: failed to read `[DIR]/Cargo.toml`: unclosed table, expected `]`
    "#]]
    .assert_eq(&ran.stderr);
    assert!(!dir.join("net-tests").exists());
}
