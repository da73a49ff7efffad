//! Texts of perf values: legal characters, and JSON in Python's format.

use std::fmt::Write;

use crate::value::FloatRepr;
use crate::value::Value;

fn is_legal_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

pub(super) fn is_legal(text: &str) -> bool {
    text.chars().all(is_legal_char)
}

/// Replaces each illegal byte, as in Python 2: a letter of two bytes is replaced twice (formats §5).
pub(super) fn replace_illegal(text: String, replacement: &str) -> String {
    if is_legal(&text) {
        return text;
    }
    let mut legal = String::with_capacity(text.len());
    for c in text.chars() {
        if is_legal_char(c) {
            legal.push(c);
        } else {
            legal.extend(std::iter::repeat_n(replacement, c.len_utf8()));
        }
    }
    legal
}

/// Appends `json.dumps(value, sort_keys=True)`. [`PerfRequest`](super::PerfRequest) ensures that numbers are
/// finite.
pub(super) fn push_value(out: &mut String, value: &Value) {
    match value {
        // Neither can be measured.
        Value::None | Value::Map(_) => out.push_str("null"),
        Value::Bool(value) => push_display(out, value),
        Value::Int(value) => push_display(out, value),
        Value::Float(value) => push_display(out, FloatRepr(*value)),
        Value::Str(text) => push_quoted(out, text),
        Value::List(items) => push_list(out, items),
    }
}

/// Writing to a `String` cannot fail.
pub(super) fn push_display(out: &mut String, value: impl std::fmt::Display) {
    let _ = write!(out, "{value}");
}

fn push_list(out: &mut String, items: &[Value]) {
    out.push('[');
    for (position, item) in items.iter().enumerate() {
        push_separator(out, position);
        push_value(out, item);
    }
    out.push(']');
}

fn push_separator(out: &mut String, position: usize) {
    if position > 0 {
        out.push_str(", ");
    }
}

pub(super) fn push_quoted_or_null(out: &mut String, text: Option<&str>) {
    match text {
        Some(text) => push_quoted(out, text),
        None => out.push_str("null"),
    }
}

/// Appends a JSON string in ASCII, as Python does with `ensure_ascii`.
pub(super) fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => push_escaped(out, c),
        }
    }
    out.push('"');
}

fn push_escaped(out: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        push_display(out, format_args!("\\u{unit:04x}"));
    }
}
