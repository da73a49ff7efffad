//! Values travel as JSON and come back.

use autotest_core::Value;
use proptest::prelude::*;

#[track_caller]
fn check(value: impl Into<Value>, json: &str) {
    let value = value.into();
    assert_eq!(serde_json::to_string(&value).unwrap(), json);
    let read: Value = serde_json::from_str(json).unwrap();
    assert_eq!(read.repr(), value.repr());
    assert_eq!(Value::from(value.to_json()).repr(), value.repr());
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(
        entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

#[test]
fn plain_values_look_as_they_are() {
    check(Value::None, "null");
    check(true, "true");
    check(2, "2");
    check(2.0, "2.0");
    check(i64::MIN, "-9223372036854775808");
    check(u64::MAX, "18446744073709551615");
    check("é\n", r#""é\n""#);
    check(
        map([("a", 1.into()), ("b", Value::List(vec!["x".into()]))]),
        r#"{"a":1,"b":["x"]}"#,
    );
}

#[test]
fn special_numbers_are_objects() {
    check(f64::NAN, r#"{"$float":"nan"}"#);
    check(f64::INFINITY, r#"{"$float":"inf"}"#);
    check(f64::NEG_INFINITY, r#"{"$float":"-inf"}"#);
    check(
        i128::MAX,
        r#"{"$int":"170141183460469231731687303715884105727"}"#,
    );
}

#[test]
fn a_dictionary_that_looks_like_a_special_number_stays_one() {
    check(map([("$float", "nan".into())]), r#"{"$$float":"nan"}"#);
    check(map([("$$int", "1".into())]), r#"{"$$$int":"1"}"#);
    check(map([("$other", "nan".into())]), r#"{"$other":"nan"}"#);
}

#[test]
fn objects_that_only_resemble_a_special_number_are_dictionaries() {
    for json in [
        r#"{"$float":"fast"}"#,
        r#"{"$float":1.5}"#,
        r#"{"$int":"x"}"#,
        r#"{"$float":"nan","b":1}"#,
    ] {
        let value: Value = serde_json::from_str(json).unwrap();
        assert!(matches!(value, Value::Map(_)), "{json}");
        assert_eq!(
            serde_json::to_string(&value).unwrap().replace("$$", "$"),
            json
        );
    }
}

#[test]
fn dollars_stay_in_front_of_other_keys() {
    let value = map([("$$x", 1.into()), ("$", 2.into()), ("$$", 3.into())]);
    check_round_trip(&value);
    let read: Value = serde_json::from_str(r#"{"$$x":1,"$":2,"$$":3}"#).unwrap();
    assert_eq!(read, value);
}

#[test]
fn a_dictionary_keeps_its_order() {
    let value = map([("z", 1.into()), ("a", 2.into())]);
    assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"z":1,"a":2}"#);
    assert_eq!(
        serde_json::from_str::<Value>(r#"{"z":1,"a":2}"#).unwrap(),
        value
    );
}

/// Any value with the floats of `floats`.
fn values(floats: impl Strategy<Value = f64> + 'static) -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::from),
        any::<i128>().prop_map(Value::Int),
        any::<i64>().prop_map(Value::from),
        floats.prop_map(Value::Float),
        any::<String>().prop_map(Value::Str),
    ];
    let keys = prop_oneof![any::<String>(), "\\$*(float|int)"];
    scalar.prop_recursive(4, 24, 4, move |inner| {
        let entries = prop::collection::vec((keys.clone(), inner.clone()), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::List),
            entries.prop_map(Value::Map)
        ]
    })
}

/// Floats of at most 15 digits, which serde_json reads exactly whatever its features.
fn short_floats() -> impl Strategy<Value = f64> {
    let short = (-1_000_000_000_000_i64..1_000_000_000_000).prop_map(|n| n as f64 / 1000.0);
    prop_oneof![
        short,
        Just(-0.0),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(f64::NAN)
    ]
}

#[track_caller]
fn check_round_trip(value: &Value) {
    let json = serde_json::to_string(value).unwrap();
    let read: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(format!("{read:?}"), format!("{value:?}"), "{json}");
}

proptest! {
    #[test]
    fn a_value_comes_back_from_json(value in values(short_floats())) {
        check_round_trip(&value);
    }

    #[test]
    fn a_value_with_any_float_comes_back_from_json(value in values(any::<f64>())) {
        check_round_trip(&value);
    }
}
