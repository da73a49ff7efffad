//! How long a value is in the journal.

use std::fmt::{self, Write};

use crate::value::Value;

/// The length of a value as JSON, in bytes, or slightly less: for numbers with an exponent, and for integers that JSON
/// has no numbers for.
pub(super) fn of(value: &Value) -> usize {
    match value {
        Value::None | Value::Bool(true) => 4,
        Value::Bool(false) => 5,
        Value::Int(number) => of_shown(format_args!("{number}")),
        Value::Float(number) => of_shown(format_args!("{number:?}")),
        Value::Str(text) => of_text(text),
        Value::List(values) => 2 + values.iter().map(|value| of(value) + 1).sum::<usize>(),
        Value::Map(entries) => {
            let lengths = entries
                .iter()
                .map(|(key, value)| of_text(key) + of(value) + 2);
            2 + lengths.sum::<usize>()
        }
    }
}

/// The length of a text with its quotes and escapes.
fn of_text(text: &str) -> usize {
    let of_char = |c: char| match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        c => c.len_utf8(),
    };
    2 + text.chars().map(of_char).sum::<usize>()
}

fn of_shown(shown: fmt::Arguments<'_>) -> usize {
    struct Count(usize);
    impl Write for Count {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 += text.len();
            Ok(())
        }
    }
    let mut count = Count(0);
    // Counting does not fail.
    let _ = count.write_fmt(shown);
    count.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_as_long_as_its_json() {
        let values = [
            Value::None,
            Value::from(true),
            Value::from(false),
            Value::from(-17),
            Value::from(0.1 + 0.2),
            Value::from("a\"b\\\n\u{1}é"),
        ];
        for value in values {
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(of(&value), json.len(), "{json}");
        }
        // A comma more than the list has.
        let list = Value::from(vec![1.5, -2.0, 0.25]);
        assert_eq!(of(&list), serde_json::to_string(&list).unwrap().len() + 1);
    }
}
