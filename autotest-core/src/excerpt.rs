//! Excerpts of texts that messages quote.

use std::borrow::Cow;

/// How much of a text is shown at each end.
const SHOWN_BYTES: usize = 100;

/// The text; if it is too long for a message, its beginning and its length.
///
/// ```
/// use autotest_core::excerpt;
/// assert_eq!(excerpt("short"), "short");
/// assert!(excerpt(&"long".repeat(1000)).ends_with("longlong [cut: 4000 bytes in all]"));
/// ```
pub fn excerpt(text: &str) -> Cow<'_, str> {
    match text.len() <= SHOWN_BYTES {
        true => Cow::Borrowed(text),
        false => Cow::Owned([start(text), &cut(text)].concat()),
    }
}

/// The text; if it is too long, its beginning, its length and its end. An error message often has the reason
/// after a quoted text.
///
/// ```
/// use autotest_core::excerpt_ends;
/// let error = format!("invalid type: string {:?}, expected u64", "x".repeat(5000));
/// assert!(excerpt_ends(&error).ends_with("x\", expected u64"));
/// assert!(excerpt_ends(&error).len() < 300);
/// ```
pub fn excerpt_ends(text: &str) -> Cow<'_, str> {
    if text.len() <= 2 * SHOWN_BYTES {
        return Cow::Borrowed(text);
    }
    let end = &text[boundary(text, text.len() - SHOWN_BYTES)..];
    Cow::Owned([start(text), &cut(text), " ", end].concat())
}

/// The part of a line around `place`, an offset in bytes, and the number of characters in it before the
/// place.
///
/// ```
/// use autotest_core::excerpt_around;
/// assert_eq!(excerpt_around("x > > 1", 4), ("x > > 1".to_owned(), 4));
/// let (part, before) = excerpt_around(&format!("{}!{}", "é".repeat(500), "y".repeat(500)), 1000);
/// assert_eq!(part.chars().nth(before), Some('!'));
/// assert!(part.len() < 250);
/// ```
pub fn excerpt_around(line: &str, place: usize) -> (String, usize) {
    let begin = boundary(line, place.saturating_sub(SHOWN_BYTES));
    let end = boundary(line, place.saturating_add(SHOWN_BYTES).min(line.len()));
    let mark = if begin > 0 { "[cut] " } else { "" };
    let rest = if end < line.len() { " [cut]" } else { "" };
    let before = mark.len() + line[begin..place].chars().count();
    ([mark, &line[begin..end], rest].concat(), before)
}

fn start(text: &str) -> &str {
    &text[..boundary(text, SHOWN_BYTES)]
}

fn cut(text: &str) -> String {
    format!(" [cut: {} bytes in all]", text.len())
}

/// The last character boundary at or before `at`.
fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
