//! Values as JSON, in events, job files and arguments.
//!
//! Most values have a direct representation. The others are objects with one entry: `{"$float": "nan"}` (also
//! `inf`, `-inf`), and `{"$int": "digits"}` for whole numbers beyond 64 bits. A dictionary's key of that name
//! gets another `$` in front, so that every value is read unchanged.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Value;

const FLOAT: &str = "$float";
const INT: &str = "$int";

impl Value {
    /// Converts to a `serde_json::Value`. Its objects are sorted and keep the last of two equal keys, so the
    /// order of a dictionary is lost; serialise the value itself if the order matters.
    ///
    /// ```
    /// use autotest_core::Value;
    /// assert_eq!(Value::from(vec![1.0, 2.5]).to_json().to_string(), "[1.0,2.5]");
    /// assert_eq!(Value::from(f64::NAN).to_json().to_string(), r#"{"$float":"nan"}"#);
    /// ```
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("every value has text keys and finite numbers")
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::None => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serialize_int(*value, serializer),
            Value::Float(value) => serialize_float(*value, serializer),
            Value::Str(text) => serializer.serialize_str(text),
            Value::List(items) => serializer.collect_seq(items),
            Value::Map(entries) => {
                serializer.collect_map(entries.iter().map(|(key, value)| (escape_key(key), value)))
            }
        }
    }
}

fn serialize_int<S: Serializer>(value: i128, serializer: S) -> Result<S::Ok, S::Error> {
    if let Ok(value) = i64::try_from(value) {
        return serializer.serialize_i64(value);
    }
    match u64::try_from(value) {
        Ok(value) => serializer.serialize_u64(value),
        Err(_) => serialize_special(INT, &value.to_string(), serializer),
    }
}

fn serialize_float<S: Serializer>(value: f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.is_finite() {
        return serializer.serialize_f64(value);
    }
    serialize_special(FLOAT, &super::FloatRepr(value).to_string(), serializer)
}

fn serialize_special<S: Serializer>(
    key: &str,
    text: &str,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, text)?;
    map.end()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(from_entries(entries))
    }
}

/// Whole numbers become `Int`, and `2.0` a `Float`.
impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Value {
        match json {
            serde_json::Value::Null => Value::None,
            serde_json::Value::Bool(value) => value.into(),
            serde_json::Value::Number(number) => from_number(&number),
            serde_json::Value::String(text) => text.into(),
            serde_json::Value::Array(items) => items.into(),
            serde_json::Value::Object(entries) => from_entries(
                entries
                    .into_iter()
                    .map(|(key, value)| (key, value.into()))
                    .collect(),
            ),
        }
    }
}

fn from_number(number: &serde_json::Number) -> Value {
    if let Some(value) = number.as_i64() {
        return value.into();
    }
    match number.as_u64() {
        Some(value) => value.into(),
        None => number.as_f64().map_or(Value::None, Value::Float),
    }
}

/// Converts a JSON object: one of the special numbers, or a dictionary.
fn from_entries(mut entries: Vec<(String, Value)>) -> Value {
    if let [(key, Value::Str(text))] = entries.as_slice()
        && let Some(number) = special(key, text)
    {
        return number;
    }
    for (key, _) in &mut entries {
        unescape_key(key);
    }
    Value::Map(entries)
}

fn special(key: &str, text: &str) -> Option<Value> {
    match (key, text) {
        (FLOAT, "nan") => Some(Value::Float(f64::NAN)),
        (FLOAT, "inf") => Some(Value::Float(f64::INFINITY)),
        (FLOAT, "-inf") => Some(Value::Float(f64::NEG_INFINITY)),
        (INT, digits) => digits.parse().ok().map(Value::Int),
        _ => None,
    }
}

fn escape_key(key: &str) -> Cow<'_, str> {
    if is_reserved(key) {
        format!("${key}").into()
    } else {
        key.into()
    }
}

fn unescape_key(key: &mut String) {
    if key.starts_with("$$") && is_reserved(key) {
        key.remove(0);
    }
}

/// Whether a key is `$float` or `$int`, with any number of `$` in front.
fn is_reserved(key: &str) -> bool {
    let name = key.trim_start_matches('$');
    name.len() < key.len() && [FLOAT, INT].iter().any(|reserved| &reserved[1..] == name)
}
