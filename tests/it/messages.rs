//! What an error says of a value that somebody wrote.

use expect_test::expect;

use super::bad_input::check;
use super::binary::{example, fixture};

#[test]
fn what_is_wrong_with_a_json_value_is_what_its_reader_found() {
    let structured = |value| {
        let param = format!("net={value}");
        fixture("names", &["--param", &param, "structured"])
    };
    check(
        structured(r#"{"host":"x","port":99999}"#),
        &expect![[r#"
            error: structured: parameter `net` takes a value of type `Option<&Net>`, not `{"host":"x","port":99999}`: invalid value: integer `99999`, expected u16 at line 1 column 24
        "#]],
    );
    check(
        structured(r#"{"host":"x","port":1,}"#),
        &expect![[r#"
        error: structured: parameter `net` takes a value of type `Option<&Net>`, not `{"host":"x","port":1,}`: trailing comma at line 1 column 22
    "#]],
    );
}

#[test]
fn what_is_repeated_of_a_command_line_is_cut() {
    let long = "x".repeat(20_000);
    let param = format!("mb={long}");
    let wrong: &[&[&str]] = &[
        &["--param", &param],
        &["--param", &long],
        &["--param", &format!("{long}=1")],
        &["--constraint", &long.replace('x', "x > ")],
        &["--constraint", &format!("{long} >")],
        &["--attr", &format!("{long} &&")],
        &["--format", &long],
        &["--shard", &long],
        &["--describe", &long],
        &["--tag", &format!("{long}/")],
        &["--tag", &long],
        &[&format!("--{long}")],
        &[&format!("--list={long}")],
        &["--replay", "none", &long],
    ];
    for args in wrong {
        let ran = example("disk", args).expect_code(2);
        let shown: Vec<String> = args
            .iter()
            .map(|arg| arg.chars().take(20).collect())
            .collect();
        assert!(ran.stderr().len() < 1000, "{shown:?}: {}", ran.stderr());
        assert!(ran.stderr().contains("[cut"), "{shown:?}: {}", ran.stderr());
    }
    let ran = example("disk", &["--suite", &long, "--attr", &long, &long]).expect_code(0);
    assert!(ran.stderr().len() < 1000, "{}", ran.stderr());
}
