//! Parses floats like Python 3.

/// Python 3's `float(text)`: accepts surrounding white space, a sign, `1_000`, `.5`, `5.`, `1e3`, `inf` and
/// `nan`; `None` where Python raises an error.
///
/// Only ASCII digits are accepted; Python accepts those of every script.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim_matches(is_space);
    if !text.contains('_') {
        return text.parse().ok();
    }
    has_legal_underscores(text)
        .then(|| text.replace('_', "").parse().ok())
        .flatten()
}

/// Whether Python strips this as white space, which includes the four ASCII separators FS to US.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// Whether every underscore is between two digits.
fn has_legal_underscores(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_digit = |position: usize| bytes.get(position).is_some_and(u8::is_ascii_digit);
    let mut underscores = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_');
    underscores
        .all(|(position, _)| position > 0 && is_digit(position - 1) && is_digit(position + 1))
}

#[cfg(test)]
mod tests {
    use super::parse_float;

    #[track_caller]
    fn check(text: &str, expected: Option<f64>) {
        assert_eq!(parse_float(text), expected, "{text:?}");
    }

    #[test]
    fn reads_what_python_reads() {
        check("1e3", Some(1000.0));
        check(" -0.34 ", Some(-0.34));
        check("+.5", Some(0.5));
        check("5.", Some(5.0));
        check("\u{1c}7\n", Some(7.0));
        check("-Infinity", Some(f64::NEG_INFINITY));
        check("1_000.2_5e1_0", Some(1_000.25e10));
        assert!(parse_float("-nan").is_some_and(f64::is_nan));
    }

    #[test]
    fn refuses_what_python_refuses() {
        for text in [
            "", " ", ".", "e5", "1e", "+", "1 2", "0x10", "fast", "1__0", "_1", "1_", "1_e5",
            "1._0", "- 1",
        ] {
            check(text, None);
        }
    }
}
