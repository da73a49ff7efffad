//! What a perf value may be, and its line in `perf_measurements`.

use autotest_core::Value;
use autotest_core::perf::{Measured, PerfError, PerfRequest, PerfValue, measurement_line};

fn request(value: impl Into<Value>) -> PerfRequest {
    PerfRequest::new("m", value)
}

#[track_caller]
fn check_measured(value: impl Into<Value>, expected: Measured) {
    assert_eq!(request(value).check().unwrap().measured(), &expected);
}

#[track_caller]
fn check_refused(request: PerfRequest, expected: &str) {
    assert_eq!(request.check().unwrap_err().to_string(), expected);
}

#[test]
fn numbers_and_truth_values_are_converted() {
    check_measured(3, Measured::Scalar(3.0));
    check_measured(
        123_456_789_012_345_678_i64,
        Measured::Scalar(1.2345678901234568e17),
    );
    check_measured(true, Measured::Scalar(1.0));
    check_measured(false, Measured::Scalar(0.0));
    check_measured(
        Value::List(vec![1.into(), 2.5.into(), " 3 ".into()]),
        Measured::List(vec![1.0, 2.5, 3.0]),
    );
    check_measured(Value::List(vec![]), Measured::List(vec![]));
}

#[test]
fn texts_that_python_reads_as_floats_are_converted() {
    for (text, number) in [
        ("1e3", 1000.0),
        (" -0.34 ", -0.34),
        ("+.5", 0.5),
        ("5.", 5.0),
        ("1_000", 1000.0),
        ("-7", -7.0),
    ] {
        check_measured(text, Measured::Scalar(number));
    }
}

#[test]
fn other_texts_are_refused() {
    check_refused(request("fast"), "could not convert string to float: 'fast'");
    check_refused(request(""), "could not convert string to float: ''");
    check_refused(
        request(Value::List(vec![1.into(), "x".into()])),
        "could not convert string to float: 'x'",
    );
}

#[test]
fn what_is_no_number_is_refused() {
    let text = |name| format!("float() argument must be a string or a real number, not '{name}'");
    check_refused(request(Value::None), &text("NoneType"));
    check_refused(request(Value::Map(vec![])), &text("dict"));
    check_refused(
        request(Value::List(vec![Value::List(vec![])])),
        &text("list"),
    );
    check_refused(request(Value::List(vec![Value::None])), &text("NoneType"));
}

#[test]
fn numbers_that_are_not_finite_are_refused() {
    let text = |value| {
        format!("perf value `m` is `{value}`: record a finite number, or fail the test instead")
    };
    check_refused(request(f64::NAN), &text("nan"));
    check_refused(request("inf"), &text("inf"));
    check_refused(request("-1e999"), &text("-inf"));
    check_refused(request(vec![1.0, f64::NEG_INFINITY]), &text("-inf"));
}

#[test]
fn lengths_count_bytes_before_replacement() {
    let mut long = PerfRequest::new("é".repeat(128) + "!", 1);
    check_refused(
        long.clone(),
        "The description must be at most 256 characters.",
    );
    long.description.pop();
    assert_eq!(long.clone().check().unwrap().description(), "_".repeat(256));
    long.units = Some(" ".repeat(33));
    check_refused(long.clone(), "The units must be at most 32 characters.");
    long.units = Some(" ".repeat(32));
    long.replacement.clear();
    let value = long.check().unwrap();
    assert_eq!((value.description(), value.units()), ("", Some("")));
}

/// As Python 2 replaces in a text of bytes.
#[test]
fn each_byte_of_an_illegal_letter_is_replaced() {
    let mut request = PerfRequest::new("café", 1);
    request.units = Some("µs/試".to_owned());
    let value = request.clone().check().unwrap();
    assert_eq!(
        (value.description(), value.units()),
        ("caf__", Some("__s____"))
    );
    request.replacement = "--".to_owned();
    assert_eq!(request.check().unwrap().description(), "caf----");
}

#[test]
fn a_replacement_has_only_legal_characters() {
    for replacement in ["/", "%", "a b", "é", "-\n"] {
        let error = PerfRequest {
            replacement: replacement.to_owned(),
            ..request(1)
        }
        .check()
        .unwrap_err();
        let expected = "Invalid replacement string to mask illegal characters. May only contain letters, \
                        numbers, periods, dashes, and underscores. replacement: ";
        assert_eq!(error.to_string(), format!("{expected}{replacement}"));
    }
}

#[test]
fn the_checks_have_an_order() {
    let all_wrong = PerfRequest {
        description: "d".repeat(257),
        units: Some("u".repeat(33)),
        replacement: "/".to_owned(),
        ..request("fast")
    };
    check_refused(
        all_wrong.clone(),
        &PerfError::DescriptionTooLong.to_string(),
    );
    let three_wrong = PerfRequest {
        description: "d".to_owned(),
        ..all_wrong
    };
    check_refused(three_wrong.clone(), &PerfError::UnitsTooLong.to_string());
    let two_wrong = PerfRequest {
        units: None,
        ..three_wrong
    };
    check_refused(
        two_wrong,
        &PerfError::Replacement {
            replacement: "/".to_owned(),
        }
        .to_string(),
    );
}

fn checked(description: &str, units: &str, replacement: &str) -> PerfValue {
    let units = Some(units.to_owned());
    PerfRequest {
        units,
        replacement: replacement.to_owned(),
        ..PerfRequest::new(description, 1)
    }
    .check()
    .unwrap()
}

#[test]
fn each_illegal_character_is_replaced() {
    let value = checked("a b/c(d)", "m s%", "_");
    assert_eq!(
        (value.description(), value.units()),
        ("a_b_c_d_", Some("m_s_"))
    );
    let value = checked("a\nb c", "é", "-.-");
    assert_eq!(
        (value.description(), value.units()),
        ("a-.-b-.-c", Some("-.--.-"))
    );
}

#[test]
fn empty_units_are_none_but_units_that_become_empty_are_not() {
    assert_eq!(checked("a", "", "_").units(), None);
    assert_eq!(checked("a", "%", "").units(), Some(""));
}

#[track_caller]
fn check_line(request: PerfRequest, expected: &str) {
    assert_eq!(measurement_line(&request.check().unwrap()), expected);
}

#[track_caller]
fn check_line_value(value: impl Into<Value>, expected: &str) {
    let rest =
        r#"{"description": "m", "graph": null, "higher_is_better": null, "units": null, "value": "#;
    check_line(request(value), &format!("{rest}{expected}}}"));
}

#[test]
fn a_line_keeps_the_value_as_given() {
    check_line_value(5, "5");
    check_line_value(2.0, "2.0");
    check_line_value(1e22, "1e+22");
    check_line_value("5", "\"5\"");
    check_line_value(true, "true");
    check_line_value(
        Value::List(vec![1.into(), 2.5.into(), "3".into()]),
        "[1, 2.5, \"3\"]",
    );
}

#[test]
fn a_line_is_ascii() {
    let request = PerfRequest {
        graph: Some("\"\\/\n\r\t\x08\x0c\x7f\0é€😀".to_owned()),
        ..request(1)
    };
    let graph = r#""\"\\/\n\r\t\b\f\u007f\u0000\u00e9\u20ac\ud83d\ude00""#;
    let expected = format!(
        r#"{{"description": "m", "graph": {graph}, "higher_is_better": null, "units": null, "value": 1}}"#
    );
    check_line(request, &expected);
}

#[test]
fn a_line_shows_what_was_said_about_the_value() {
    let request = PerfRequest {
        units: Some("m/s".to_owned()),
        higher_is_better: Some(false),
        graph: Some("My \"Graph\"".to_owned()),
        ..PerfRequest::new("a b", 1)
    };
    let expected = r#"{"description": "a_b", "graph": "My \"Graph\"", "higher_is_better": false, "units": "m_s", "value": 1}"#;
    check_line(request, expected);
}

#[cfg(feature = "serde")]
mod wire {
    use super::*;

    #[test]
    fn a_checked_value_travels() {
        let full = PerfRequest {
            units: Some("ms".to_owned()),
            higher_is_better: Some(true),
            graph: Some("g h".to_owned()),
            replace_existing_values: true,
            ..request(Value::List(vec!["1_0".into(), 2.into()]))
        };
        let value = full.check().unwrap();
        let json = serde_json::to_string(&value).unwrap();
        let back = serde_json::from_str::<PerfValue>(&json).unwrap();
        assert_eq!(back, value, "{json}");
    }

    #[test]
    fn a_plain_value_is_short() {
        let json = serde_json::to_string(&request(1.5).check().unwrap()).unwrap();
        assert_eq!(json, r#"{"description":"m","value":1.5}"#);
    }

    #[test]
    fn what_arrives_is_checked() {
        for json in [
            r#"{"description":"a b","value":1}"#,
            r#"{"description":"a","units":"m/s","value":1}"#,
            r#"{"description":"a","value":"fast"}"#,
            r#"{"description":"a","value":{"$float":"nan"}}"#,
        ] {
            assert!(serde_json::from_str::<PerfValue>(json).is_err(), "{json}");
        }
    }
}
