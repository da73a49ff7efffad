//! Keyval files: what is written, what is read, and that both fit.

use std::collections::BTreeMap;

use autotest_core::Value;
use autotest_core::keyval::{self, Iteration, KeyError, Tag, check_key, parse, parse_iterations};
use proptest::prelude::*;

fn pairs<const N: usize>(pairs: [(&str, Value); N]) -> Vec<(String, Value)> {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

#[track_caller]
fn check_lines<const N: usize>(given: [(&str, Value); N], tag: Option<Tag>, expected: &str) {
    assert_eq!(keyval::render_lines(&pairs(given), tag).unwrap(), expected);
}

#[track_caller]
fn check_value(value: impl Into<Value>, expected: &str) {
    check_lines([("k", value.into())], None, &format!("k={expected}\n"));
}

#[test]
fn values_are_spelled_as_the_original_spelled_them() {
    check_value(Value::None, "None");
    check_value(true, "True");
    check_value(-3, "-3");
    check_value(Value::Int(10_i128.pow(20)), "100000000000000000000");
    check_value("x=y", "x=y");
    check_value("", "");
    check_value("two words", "two words");
    check_value("café", "café");
    check_value(Value::List(vec![1.into(), "a".into()]), "[1, 'a']");
}

#[test]
fn floats_are_spelled_as_python_3_spells_them() {
    check_value(0.1, "0.1");
    check_value(1e10, "10000000000.0");
    check_value(1e16, "1e+16");
    check_value(1e-7, "1e-07");
    check_value(-0.0, "-0.0");
    check_value(0.30000000000000004, "0.30000000000000004");
}

#[test]
fn a_newline_never_starts_another_line() {
    check_value("p\nq", "p\\nq");
    check_value("p\r\nq", "p\\r\\nq");
}

#[test]
fn a_hash_and_a_backslash_stay() {
    check_value("a#b", "a#b");
    check_value("a\\b", "a\\b");
}

#[test]
fn lines_are_in_byte_order_of_the_decorated_key() {
    check_lines(
        [("b", 1.into()), ("A", 2.into()), ("a", 3.into())],
        None,
        "A=2\na=3\nb=1\n",
    );
    check_lines([("a", 1.into()), ("ab", 2.into())], None, "a=1\nab=2\n");
    check_lines(
        [("a", 1.into()), ("ab", 2.into())],
        Some(Tag::Perf),
        "ab{perf}=2\na{perf}=1\n",
    );
}

#[test]
fn the_last_of_two_equal_keys_counts() {
    check_lines(
        [("a", 1.into()), ("a", 2.into())],
        Some(Tag::Attr),
        "a{attr}=2\n",
    );
}

#[test]
fn a_bad_key_writes_nothing_of_its_call() {
    let given = pairs([
        ("z", 1.into()),
        ("b c", 1.into()),
        ("a b", 1.into()),
        ("a", 2.into()),
    ]);
    let error = keyval::render_iteration(&given, &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Invalid key: a b{attr}; use only letters, digits, `_`, `.` and `-`"
    );
    assert_eq!(error.key(), "a b{attr}");
    assert_eq!(
        error.to_string().strip_suffix(KeyError::ADVICE),
        Some("Invalid key: a b{attr}")
    );
}

#[test]
fn keys_are_letters_digits_and_three_marks() {
    for key in ["a.x-y_z", "-.w", "0", "_"] {
        assert_eq!(check_key(key, None), Ok(()), "{key}");
    }
    for key in [
        "", "bad key", "a:b", "a{perf}", "ok\n", "a/b", "é", "\u{663}",
    ] {
        let expected = format!("Invalid key: {key}{}", KeyError::ADVICE);
        assert_eq!(check_key(key, None).unwrap_err().to_string(), expected);
    }
}

#[test]
fn an_iteration_ends_with_a_blank_line() {
    let (attr, perf) = (
        pairs([("host", "h".into()), ("a", 1.into())]),
        pairs([("rate", 1.5.into()), ("b", 2.into())]),
    );
    let text = keyval::render_iteration(&attr, &perf).unwrap();
    assert_eq!(
        text,
        "a{attr}=1\nhost{attr}=h\nb{perf}=2\nrate{perf}=1.5\n\n"
    );
    assert_eq!(keyval::render_iteration(&[], &[]).unwrap(), "\n");
}

#[track_caller]
fn check_read<const N: usize>(text: &str, expected: [(&str, Value); N]) {
    assert_eq!(
        parse(text, None).unwrap(),
        BTreeMap::from(expected.map(|(key, value)| (key.to_owned(), value)))
    );
}

#[track_caller]
fn check_unread(text: &str, tag: Option<Tag>, expected: &str) {
    assert_eq!(parse(text, tag).unwrap_err().to_string(), expected);
}

#[test]
fn whole_numbers_and_plain_floats_are_read_as_such() {
    check_read("a=1", [("a", 1.into())]);
    check_read("a=01", [("a", 1.into())]);
    check_read("a=1.5", [("a", 1.5.into())]);
    check_read("a=1.0", [("a", 1.0.into())]);
    check_read(
        "a=12345678901234567890",
        [("a", Value::Int(12_345_678_901_234_567_890))],
    );
}

#[test]
fn all_else_is_read_as_text() {
    for value in ["1.", ".5", "-1", "1e5", "", " 1", "b=c", "\u{663}", "1.2.3"] {
        check_read(&format!("a={value}"), [("a", value.into())]);
    }
    let digits = "9".repeat(40);
    check_read(&format!("a={digits}"), [("a", digits.as_str().into())]);
}

#[test]
fn comments_and_white_space_at_the_end_do_not_count() {
    check_read(
        "a=1 \n#only\n\n  \nb=x#y\n-.w=1\t\r\n",
        [("a", 1.into()), ("b", "x".into()), ("-.w", 1.into())],
    );
    check_read("", []);
}

#[test]
fn the_later_key_wins() {
    check_read("a=1\na=2\n", [("a", 2.into())]);
}

#[test]
fn a_bad_line_is_named_with_its_number() {
    check_unread(
        "a b=1",
        None,
        "invalid format line `a b=1` (line 1): expected `key=value`",
    );
    check_unread(
        "x=1\n a=1",
        None,
        "invalid format line ` a=1` (line 2): expected `key=value`",
    );
    check_unread(
        "word",
        None,
        "invalid format line `word` (line 1): expected `key=value`",
    );
    check_unread(
        "a{perf}=1",
        None,
        "invalid format line `a{perf}=1` (line 1): expected `key=value`",
    );
}

#[test]
fn a_bad_line_can_be_asked_for() {
    let error = parse("x=1\na b=1  # blank\n", None).unwrap_err();
    assert_eq!((error.line_number(), error.line()), (2, "a b=1"));
}

#[test]
fn a_tagged_reader_takes_its_own_lines_alone() {
    assert_eq!(
        parse("a{perf}=1\n", Some(Tag::Perf)).unwrap()["a"],
        Value::Int(1)
    );
    check_unread(
        "a{perf}=1\nb{attr}=x",
        Some(Tag::Perf),
        "invalid format line `b{attr}=x` (line 2): expected `key{perf}=value`",
    );
    check_unread(
        "a=1",
        Some(Tag::Attr),
        "invalid format line `a=1` (line 1): expected `key{attr}=value`",
    );
}

fn iteration(attr: &[(&str, &str)], perf: &[(&str, f64)]) -> Iteration {
    Iteration {
        attr: attr
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        perf: perf
            .iter()
            .map(|(key, value)| ((*key).to_owned(), *value))
            .collect(),
    }
}

#[test]
fn every_blank_line_ends_an_iteration() {
    let read = parse_iterations("a{attr}=1\nrate{perf}=1.5\n\n\nold=2\n");
    let expected = [
        iteration(&[("a", "1")], &[("rate", 1.5)]),
        iteration(&[], &[]),
        iteration(&[], &[("old", 2.0)]),
    ];
    assert_eq!(read.iterations, expected);
    assert_eq!(read.skipped, []);
}

#[test]
fn a_mean_with_deviation_is_two_values() {
    let read = parse_iterations("rate{perf}=12.5+-0.5\n\n");
    assert_eq!(
        read.iterations,
        [iteration(&[], &[("rate", 12.5), ("rate_dev", 0.5)])]
    );
}

#[test]
fn neither_a_mean_nor_a_deviation_has_a_sign() {
    for line in ["rate{perf}=1+--2", "rate{perf}=-1+-2"] {
        let read = parse_iterations(&format!("{line}\n\n"));
        assert_eq!(read.iterations, [iteration(&[], &[])], "{line}");
        assert_eq!(read.skipped, [(1, line.to_owned())]);
    }
}

#[test]
fn lines_without_a_meaning_are_skipped_and_named() {
    let read = parse_iterations("word\na{other}=1\na{perf}=fast\n\n");
    assert_eq!(read.iterations, [iteration(&[], &[])]);
    let skipped = [(1, "word"), (2, "a{other}=1"), (3, "a{perf}=fast")];
    assert_eq!(
        read.skipped,
        skipped.map(|(number, line)| (number, line.to_owned()))
    );
}

fn keys() -> impl Strategy<Value = String> {
    "[-._a-zA-Z0-9]{1,8}"
}

/// Values that a keyval file gives back as they were; `parse` says which these are.
fn safe_values() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<u64>().prop_map(Value::from),
        (0_u64..1_000_000_000).prop_map(|n| Value::Float(n as f64 / 128.0)),
        "(.*[^\\s#0-9])?"
            .prop_filter("no comment, no carriage return", |text| !text
                .contains(['#', '\r']))
            .prop_map(Value::Str),
    ]
}

fn tags() -> impl Strategy<Value = Option<Tag>> {
    prop_oneof![Just(None), Just(Some(Tag::Attr)), Just(Some(Tag::Perf))]
}

proptest! {
    #[test]
    fn safe_keyvals_come_back(given in prop::collection::btree_map(keys(), safe_values(), 0..8), tag in tags()) {
        let pairs: Vec<_> = given.clone().into_iter().collect();
        let text = keyval::render_lines(&pairs, tag).unwrap();
        prop_assert_eq!(parse(&text, tag).unwrap(), given);
    }

    #[test]
    fn any_value_has_one_line(text: String) {
        let lines = keyval::render_lines(&[("k".to_owned(), text.into())], None).unwrap();
        prop_assert_eq!(lines.matches(['\n', '\r']).count(), 1);
        prop_assert!(lines.starts_with("k=") && lines.ends_with('\n'));
    }

    #[test]
    fn iterations_come_back(
        given in prop::collection::vec(
            (prop::collection::btree_map(keys(), "([!-~é]( ?[!-~é])*)?", 0..4),
             prop::collection::btree_map(keys(), any::<f64>().prop_filter("a number", |n| !n.is_nan()), 0..4)),
            0..4,
        ),
    ) {
        let mut text = String::new();
        for (attr, perf) in &given {
            let attr: Vec<_> = attr.iter().map(|(key, value)| (key.clone(), Value::from(value))).collect();
            let perf: Vec<_> = perf.iter().map(|(key, value)| (key.clone(), Value::from(*value))).collect();
            text.push_str(&keyval::render_iteration(&attr, &perf).unwrap());
        }
        let read = parse_iterations(&text);
        let expected: Vec<_> = given.into_iter().map(|(attr, perf)| Iteration { attr, perf }).collect();
        prop_assert_eq!(read.iterations, expected);
        prop_assert_eq!(read.skipped, []);
    }
}
