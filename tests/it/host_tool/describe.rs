//! `describe`: a test in the words of the binary's own `--describe`.

use expect_test::expect;

use super::{root, run_in};
use crate::binary::{fixture, fixture_path};

fn describe(args: &[&str]) -> super::Ran {
    let mut all = vec!["describe"];
    all.extend(args);
    run_in(&root().join("tests"), &all)
}

#[test]
fn the_text_is_that_of_the_binary() {
    for name in ["params", "controls", "informed", "selected"] {
        let own = fixture(name, &["--describe", "*"]).expect_code(0);
        let listed = fixture(name, &["--list", "--format", "terse"]).expect_code(0);
        let path = fixture_path(name).to_str().unwrap();
        for id in listed.printed().lines().take(4) {
            let id = id.strip_suffix(": test").unwrap();
            let own = fixture(name, &["--describe", id]).expect_code(0);
            let described = describe(&[id, path]).expect_code(0);
            assert_eq!(described.stdout, own.printed());
        }
        assert!(!own.printed().is_empty());
    }
}

#[test]
fn a_control_function_is_described_too() {
    let own = fixture("controls", &["--list-controls"]).expect_code(0);
    let name = own
        .printed()
        .lines()
        .next()
        .unwrap()
        .split(':')
        .next()
        .unwrap();
    let own = fixture("controls", &["--describe", name]).expect_code(0);
    let path = fixture_path("controls").to_str().unwrap();
    assert_eq!(describe(&[name, path]).stdout, own.printed());
}

#[test]
fn json_is_an_object() {
    let path = fixture_path("selected").to_str().unwrap();
    let listed = fixture("selected", &["--list", "--format", "terse"]);
    let id = listed
        .printed()
        .lines()
        .next()
        .unwrap()
        .strip_suffix(": test")
        .unwrap();
    let described = describe(&["--format", "json", id, path]).expect_code(0);
    let json: serde_json::Value = serde_json::from_str(&described.stdout).unwrap();
    assert_eq!(json["id"], id);
}

#[test]
fn a_misspelt_name_is_corrected() {
    let path = fixture_path("params").to_str().unwrap();
    let mut told = String::new();
    for name in ["takes_al", "no_such_test_at_all"] {
        told += &describe(&[name, path]).expect_code(2).stderr;
    }
    expect![[r#"
        error: no test is called `takes_al`; did you mean `takes_all`?
        error: no test is called `no_such_test_at_all`; `cargo autotest list` shows all
    "#]]
    .assert_eq(&told);
}
