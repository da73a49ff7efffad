//! Python 3's text forms of values.

use std::fmt::{self, Display, Formatter, Write};

use super::Value;

impl Value {
    /// Python 3's `repr()`: a text in quotes, everything else as in `Display`.
    ///
    /// The keyvals `param-NAME` use it (`conformance: keyval/keyval-parameters-s000`). Printable non-ASCII
    /// characters are not changed, where Python 2 escaped their bytes.
    ///
    /// ```
    /// use autotest_core::Value;
    /// let list = Value::from(vec![Value::from(1), Value::from("a\tb")]);
    /// assert_eq!(list.repr(), r"[1, 'a\tb']");
    /// ```
    pub fn repr(&self) -> String {
        Repr(self).to_string()
    }
}

/// `str()`: a text is unchanged; inside lists and dictionaries everything is a `repr()`.
impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Value::Str(text) => f.write_str(text),
            other => Repr(other).fmt(f),
        }
    }
}

struct Repr<'a>(&'a Value);

impl Display for Repr<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::None => f.write_str("None"),
            Value::Bool(true) => f.write_str("True"),
            Value::Bool(false) => f.write_str("False"),
            Value::Int(value) => write!(f, "{value}"),
            Value::Float(value) => FloatRepr(*value).fmt(f),
            Value::Str(text) => quote(text, f),
            Value::List(items) => list(items, f),
            Value::Map(entries) => dictionary(entries, f),
        }
    }
}

fn list(items: &[Value], f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('[')?;
    for (position, item) in items.iter().enumerate() {
        separate(position, f)?;
        Repr(item).fmt(f)?;
    }
    f.write_char(']')
}

fn dictionary(entries: &[(String, Value)], f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('{')?;
    for (position, (key, value)) in entries.iter().enumerate() {
        separate(position, f)?;
        quote(key, f)?;
        write!(f, ": {}", Repr(value))?;
    }
    f.write_char('}')
}

fn separate(position: usize, f: &mut Formatter<'_>) -> fmt::Result {
    if position > 0 {
        f.write_str(", ")
    } else {
        Ok(())
    }
}

/// Writes a text in quotes: single ones, unless the text contains a single but no double quote.
fn quote(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    f.write_char(quote)?;
    for c in text.chars() {
        match c {
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\\' => f.write_str("\\\\")?,
            c if c == quote => write!(f, "\\{c}")?,
            c if is_printable(c) => f.write_char(c)?,
            c => escape(c, f)?,
        }
    }
    f.write_char(quote)
}

fn escape(c: char, f: &mut Formatter<'_>) -> fmt::Result {
    match u32::from(c) {
        code @ ..=0xff => write!(f, "\\x{code:02x}"),
        code @ ..=0xffff => write!(f, "\\u{code:04x}"),
        code => write!(f, "\\U{code:08x}"),
    }
}

/// Python's `str.isprintable`: false for control, format, surrogate, private and unassigned characters, and
/// for separators except the blank.
///
/// std has the same table, but only exposes it through `escape_debug`, which also escapes a combining
/// character at the start of a text; hence the letter in front.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    let mut text = [b'a'; 5];
    let length = 1 + c.encode_utf8(&mut text[1..]).len();
    std::str::from_utf8(&text[..length]).is_ok_and(|text| text.escape_debug().nth(1) == Some(c))
}

/// A float as in Python 3's `repr()` and `str()`: the fewest digits that are read as the same float, an
/// exponent below 1e-4 and from 1e16, at least `.0`.
///
/// ```text
/// 0.1   100000.0   1e+16   1e-05   -0.0   inf   nan
/// ```
pub(crate) struct FloatRepr(pub(crate) f64);

impl Display for FloatRepr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let value = self.0;
        if value.is_nan() {
            return f.write_str("nan");
        }
        if is_tie(value) {
            return write!(f, "{value:.1}");
        }
        if value.is_infinite() || value == 0.0 || (1e-4..1e16).contains(&value.abs()) {
            return write!(f, "{value:?}");
        }
        // Rust writes the same digits, but `1e-5` and `1e16`.
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        match exponent.strip_prefix('-') {
            Some(exponent) => write!(f, "{digits}e-{exponent:0>2}"),
            None => write!(f, "{digits}e+{exponent:0>2}"),
        }
    }
}

/// Whether the two shortest texts are equally near, which happens only between 2^50 and 2^51 for the fraction
/// 0.25. Python then chooses the even digit, as Rust does with an explicit precision; without one, Rust
/// rounds up.
fn is_tie(value: f64) -> bool {
    value.fract().abs() == 0.25 && value.abs() >= (1_u64 << 50) as f64
}
