//! How values are spelled and what they are made of.

use std::path::{Path, PathBuf};

use autotest_core::Value;
use proptest::prelude::*;

/// What Python 3.11 printed: the bits of a float, a blank, its `repr()`.
const FLOAT_REPRS: &str = include_str!("data/float-repr.txt");

#[track_caller]
fn check(value: impl Into<Value>, str: &str, repr: &str) {
    let value = value.into();
    assert_eq!(
        (value.to_string().as_str(), value.repr().as_str()),
        (str, repr)
    );
}

#[track_caller]
fn check_quoted(text: &str, repr: &str) {
    check(text, text, repr);
}

#[test]
fn floats_are_spelled_as_python_spells_them() {
    for line in FLOAT_REPRS.lines() {
        let (bits, repr) = line.split_once(' ').unwrap();
        let bits = u64::from_str_radix(bits, 16).unwrap();
        assert_eq!(
            Value::from(f64::from_bits(bits)).to_string(),
            repr,
            "{line}"
        );
    }
}

#[test]
fn scalars_have_one_spelling() {
    check(Value::None, "None", "None");
    check(true, "True", "True");
    check(false, "False", "False");
    check(-3, "-3", "-3");
    check(u64::MAX, "18446744073709551615", "18446744073709551615");
    check(-0.0, "-0.0", "-0.0");
}

#[test]
fn a_text_prefers_single_quotes() {
    check_quoted("", "''");
    check_quoted("str", "'str'");
    check_quoted("it's", "\"it's\"");
    check_quoted("x\"y", "'x\"y'");
    check_quoted("x'y\"z", "'x\\'y\"z'");
}

#[test]
fn a_text_escapes_what_does_not_print() {
    check_quoted("\\", "'\\\\'");
    check_quoted("a\nb\rc\td", "'a\\nb\\rc\\td'");
    check_quoted("\0\x01\x1b\x7f", "'\\x00\\x01\\x1b\\x7f'");
    check_quoted("\u{85}\u{a0}\u{ad}", "'\\x85\\xa0\\xad'");
    check_quoted(
        "\u{200b}\u{2028}\u{e000}\u{feff}",
        "'\\u200b\\u2028\\ue000\\ufeff'",
    );
    check_quoted("\u{10ffff}", "'\\U0010ffff'");
}

#[test]
fn a_text_keeps_what_prints() {
    check_quoted("é 日本 😀", "'é 日本 😀'");
    check_quoted("\u{301}a\u{301}", "'\u{301}a\u{301}'");
}

#[test]
fn containers_show_their_elements_as_repr() {
    let list = Value::List(vec![1.into(), "a".into(), Value::None, 1.0.into()]);
    check(list.clone(), "[1, 'a', None, 1.0]", "[1, 'a', None, 1.0]");
    check(
        Value::Map(vec![("it's".to_owned(), list)]),
        "{\"it's\": [1, 'a', None, 1.0]}",
        "{\"it's\": [1, 'a', None, 1.0]}",
    );
    check(Vec::<i32>::new(), "[]", "[]");
    check(Value::Map(vec![]), "{}", "{}");
}

#[test]
fn truth_is_python_truth() {
    let falsy = [
        Value::None,
        false.into(),
        0.into(),
        (-0.0).into(),
        "".into(),
        Value::List(vec![]),
        Value::Map(vec![]),
    ];
    assert!(falsy.iter().all(|value| !value.is_truthy()));
    let truthy = [
        true.into(),
        1.into(),
        f64::NAN.into(),
        "0".into(),
        Value::List(vec![Value::None]),
    ];
    assert!(truthy.iter().all(Value::is_truthy));
}

#[test]
fn rust_values_become_values() {
    assert_eq!(Value::from(Some(1_u8)), Value::Int(1));
    assert_eq!(Value::from(None::<String>), Value::None);
    assert_eq!(Value::from(0.5_f32), Value::Float(0.5));
    assert_eq!(Value::from(usize::MAX), Value::Int(usize::MAX as i128));
    assert_eq!(Value::from(isize::MIN), Value::Int(isize::MIN as i128));
    assert_eq!(Value::from(&"a".to_owned()), Value::from("a"));
    assert_eq!(
        Value::from(Path::new("/dev/null")),
        Value::from("/dev/null")
    );
    assert_eq!(
        Value::from(PathBuf::from("/dev/null")),
        Value::from("/dev/null")
    );
    assert_eq!(Value::from([1, 2]), Value::from(vec![1_u64, 2]));
}

proptest! {
    #[test]
    fn a_float_reads_back(bits: u64) {
        let value = f64::from_bits(bits);
        let read: f64 = Value::from(value).to_string().parse().unwrap();
        prop_assert!(read.to_bits() == value.to_bits() || value.is_nan() && read.is_nan());
    }

    #[test]
    fn a_repr_is_one_printable_line(text: String) {
        let repr = Value::from(text).repr();
        prop_assert!(!repr.contains(char::is_control));
    }

    #[test]
    fn a_plain_text_is_only_quoted(text in "[ -&(-\\[\\]-~]*") {
        prop_assert_eq!(Value::from(text.as_str()).repr(), format!("'{text}'"));
    }
}
