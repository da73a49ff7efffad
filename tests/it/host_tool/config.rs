//! The configuration of suites, and what is wrong with it.

use expect_test::{Expect, expect};

use super::{empty, run_in, write};

const MEMBERS: &str = "[workspace]\nmembers = [\"net-tests\", \"disk-tests\"]\nresolver = \"3\"\n";
const NET: &str = "[package]\nname = \"net-tests\"\nedition = \"2024\"\n";
const DISK: &str = "[package]\nname = \"disk-tests\"\nedition = \"2024\"\nversion = \"0.2.0\"\n";

/// Runs a command in a workspace with what these files have behind their usual beginning.
fn run_with(files: &[(&str, &str)], args: &[&str]) -> super::Ran {
    let (_dir, dir) = empty();
    let of = |path: &str| {
        let more = files.iter().find(|(name, _)| *name == path);
        more.map_or("", |(_, text)| text)
    };
    let manifest = |begin: &str, path: &str| begin.to_owned() + of(path);
    write(
        &dir,
        &[
            ("Cargo.toml", &manifest(MEMBERS, "Cargo.toml")),
            (
                "net-tests/Cargo.toml",
                &manifest(NET, "net-tests/Cargo.toml"),
            ),
            ("net-tests/src/lib.rs", ""),
            (
                "disk-tests/Cargo.toml",
                &manifest(DISK, "disk-tests/Cargo.toml"),
            ),
            ("disk-tests/src/lib.rs", ""),
        ],
    );
    if !of("autotest.toml").is_empty() {
        write(&dir, &[("autotest.toml", of("autotest.toml"))]);
    }
    run_in(&dir, args)
}

#[track_caller]
fn check_error(files: &[(&str, &str)], args: &[&str], code: i32, expected: Expect) {
    let ran = run_with(files, args).expect_code(code);
    assert_eq!(ran.stdout, "");
    expected.assert_eq(&ran.stderr);
}

const LIST: &[&str] = &["list", "--suites"];
const BUILD: &[&str] = &["build", "bvt"];

#[test]
fn suites_are_found_in_every_manifest() {
    let files = [
        (
            "Cargo.toml",
            "[workspace.metadata.autotest.suites.bvt]\ncrates = [\"net-tests\", \"disk-tests\"]\n\
             attr = \"!slow\"\ndata = [\"blobs\"]\nversion = \"1.2.0\"\n",
        ),
        (
            "net-tests/Cargo.toml",
            "[package.metadata.autotest.suites.net]\ndescription = \"The network alone\"\n",
        ),
    ];
    let listed = run_with(&files, LIST).expect_code(0);
    expect![[r#"
        bvt: net-tests, disk-tests
        net: The network alone (net-tests)
    "#]]
    .assert_eq(&listed.stdout);
    let listed = run_with(&files, &["list", "--suites", "--format", "json"]).expect_code(0);
    expect![[r#"
        {"attr":"!slow","crates":["net-tests","disk-tests"],"data":["blobs"],"description":null,"suite":"bvt","version":"1.2.0"}
        {"attr":null,"crates":["net-tests"],"data":[],"description":"The network alone","suite":"net","version":null}
    "#]].assert_eq(&listed.stdout);
}

#[test]
fn suites_are_found_in_a_file_of_their_own() {
    let files = [("autotest.toml", "[suites.bvt]\ncrates = [\"net-tests\"]\n")];
    let listed = run_with(&files, LIST).expect_code(0);
    assert_eq!(listed.stdout, "bvt: net-tests\n");
}

#[test]
fn an_unknown_key_is_corrected_at_its_place() {
    let of_suite = [(
        "Cargo.toml",
        "\n[workspace.metadata.autotest.suites.bvt]\ncrates = [\"net-tests\"]\natr = \"slow\"\n",
    )];
    check_error(
        &of_suite,
        LIST,
        3,
        expect![[r#"
        error: [DIR]/Cargo.toml:7:1: unknown key `atr`; did you mean `attr`?
    "#]],
    );
    let of_file = [(
        "autotest.toml",
        "\n  [suite.bvt]\ncrates = [\"net-tests\"]\n",
    )];
    check_error(
        &of_file,
        LIST,
        3,
        expect![[r#"
        error: [DIR]/autotest.toml:2:4: unknown key `suite`; did you mean `suites`?
    "#]],
    );
    let unlike = [(
        "autotest.toml",
        "[suites.bvt]\ncrates = [\"net-tests\"]\ncolour = 1\n",
    )];
    check_error(
        &unlike,
        LIST,
        3,
        expect![[r#"
        error: [DIR]/autotest.toml:3:1: unknown key `colour`; there are `crates`, `attr`, `data`, `version`, `description`
    "#]],
    );
}

#[test]
fn values_of_a_wrong_type_are_told_at_their_place() {
    let files = [("autotest.toml", "[suites.bvt]\ncrates = \"net-tests\"\n")];
    check_error(
        &files,
        LIST,
        3,
        expect![[r#"
        error: [DIR]/autotest.toml:2:10: invalid type: string "net-tests", expected a sequence
    "#]],
    );
    let files = [("autotest.toml", "[suites.bvt]\ncrates = [\"net-tests\"\n")];
    check_error(
        &files,
        LIST,
        3,
        expect![[r#"
        error: [DIR]/autotest.toml:2:22: unclosed array, expected `]`
    "#]],
    );
}

#[test]
fn suites_are_in_manifests_or_in_the_file() {
    let files = [
        ("autotest.toml", "[suites.bvt]\ncrates = [\"net-tests\"]\n"),
        (
            "net-tests/Cargo.toml",
            "[package.metadata.autotest.suites.net]\n",
        ),
    ];
    check_error(
        &files,
        LIST,
        3,
        expect![[r#"
        error: [DIR]/net-tests/Cargo.toml:4:35: suites are configured in `autotest.toml`, too; move all of them to one of the files
    "#]],
    );
}

#[test]
fn names_of_suites_are_checked() {
    let files = [
        (
            "net-tests/Cargo.toml",
            "[package.metadata.autotest.suites.bvt]\n",
        ),
        (
            "disk-tests/Cargo.toml",
            "[package.metadata.autotest.suites.bvt]\n",
        ),
    ];
    check_error(
        &files,
        LIST,
        3,
        expect![[r#"
        error: [DIR]/disk-tests/Cargo.toml:5:35: the suite `bvt` is configured at [DIR]/net-tests/Cargo.toml:4:35, too; rename one
    "#]],
    );
}

#[test]
fn names_that_no_suite_has_are_refused_at_their_place() {
    let errors = ["a/b", "run", "Licenses"].map(|name| {
        let text = format!("[suites.{name:?}]\ncrates = [\"net-tests\"]\n");
        let ran = run_with(&[("autotest.toml", &text)], LIST).expect_code(3);
        assert_eq!(ran.stdout, "");
        ran.stderr
    });
    expect![[r#"
        error: [DIR]/autotest.toml:1:9: `a/b` cannot be the name of a suite: use letters, digits, `-` and `_`, and begin with a letter
        error: [DIR]/autotest.toml:1:9: `run` cannot be the name of a suite: a package has a script `run`; choose another name
        error: [DIR]/autotest.toml:1:9: `Licenses` cannot be the name of a suite: a package has a directory `licenses`; choose another name
    "#]]
    .assert_eq(&errors.concat());
}

/// A package could not have them.
#[test]
fn versions_of_suites_are_checked() {
    for version in ["v1", "1.0~rc1"] {
        let suite = format!("[suites.bvt]\ncrates = [\"net-tests\"]\nversion = \"{version}\"\n");
        let ran = run_with(&[("autotest.toml", &suite)], LIST).expect_code(3);
        let place = "error: [DIR]/autotest.toml:3:11: its version `";
        assert!(ran.stderr.starts_with(place), "{}", ran.stderr);
    }
}

#[test]
fn a_suite_that_is_not_there_is_corrected() {
    let files = [("autotest.toml", "[suites.bvt]\ncrates = [\"net-tests\"]\n")];
    check_error(
        &files,
        &["build", "bvr"],
        2,
        expect![[r#"
        error: no suite is called `bvr`; did you mean `bvt`?
    "#]],
    );
    check_error(
        &files,
        &["build", "nightly"],
        2,
        expect![[r#"
        error: no suite is called `nightly`; there are bvt
    "#]],
    );
    check_error(
        &[],
        BUILD,
        3,
        expect![[r#"
        error: no suite is configured; add to [DIR]/Cargo.toml:

          [workspace.metadata.autotest.suites.NAME]
          crates = ["a-crate-of-tests"]
    "#]],
    );
    check_error(
        &[],
        LIST,
        3,
        expect![[r#"
            error: no suite is configured; add to [DIR]/Cargo.toml:

              [workspace.metadata.autotest.suites.NAME]
              crates = ["a-crate-of-tests"]
        "#]],
    );
}

#[test]
fn crates_of_a_suite_are_checked() {
    let files = [("autotest.toml", "[suites.bvt]\ncrates = [\"net-tsets\"]\n")];
    check_error(
        &files,
        BUILD,
        3,
        expect![[r#"
        error: [DIR]/autotest.toml:2:11: no member of the workspace is called `net-tsets`; did you mean `net-tests`?
    "#]],
    );
    let files = [("autotest.toml", "[suites.bvt]\ncrates = [\"net-tests\"]\n")];
    check_error(
        &files,
        BUILD,
        3,
        expect![[r#"
        error: [DIR]/autotest.toml:2:11: `net-tests` does not depend on `autotest`, so it has no tests
    "#]],
    );
    let files = [("autotest.toml", "[suites.bvt]\n")];
    check_error(
        &files,
        LIST,
        3,
        expect![[r#"
        error: [DIR]/autotest.toml:1:9: the suite `bvt` has no crates; list the packages of its tests: crates = ["…"]
    "#]],
    );
}

#[test]
fn without_a_workspace_nothing_is_built() {
    let (_dir, dir) = empty();
    for args in [LIST, BUILD, &["list"]] {
        let ran = run_in(&dir, args).expect_code(101);
        assert_eq!(
            ran.stderr,
            "error: there is no Cargo workspace here; go to one, or make one with `cargo autotest new`\n"
        );
    }
}
