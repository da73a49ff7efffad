//! Texts of users and authors, as messages repeat them.

use std::borrow::Cow;

/// How much of a text is shown.
const SHOWN_CHARS: usize = 100;

/// The text, or its beginning and its length if it is too long for a message.
///
/// ```
/// use autotest_core::excerpt;
/// assert_eq!(excerpt("short"), "short");
/// assert!(excerpt(&"long".repeat(1000)).ends_with("longlong [cut: 4000 bytes in all]"));
/// ```
pub fn excerpt(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => Cow::Owned(format!(
            "{} [cut: {} bytes in all]",
            &text[..end],
            text.len()
        )),
        None => Cow::Borrowed(text),
    }
}

/// The text, or its beginning, its length and its end: what is wrong with a text often stands behind it.
///
/// ```
/// use autotest_core::excerpt_ends;
/// let error = format!("invalid type: string {:?}, expected u64", "x".repeat(5000));
/// assert!(excerpt_ends(&error).ends_with("x\", expected u64"));
/// assert!(excerpt_ends(&error).len() < 300);
/// ```
pub fn excerpt_ends(text: &str) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= 2 * SHOWN_CHARS {
        return Cow::Borrowed(text);
    }
    let begin: String = text.chars().take(SHOWN_CHARS).collect();
    let end: String = text.chars().skip(count - SHOWN_CHARS).collect();
    Cow::Owned(format!("{begin} [cut: {} bytes in all] {end}", text.len()))
}

/// The part of a line around a place, and the place in it, in characters.
///
/// ```
/// use autotest_core::excerpt_around;
/// assert_eq!(excerpt_around("x > > 1", 4), ("x > > 1".to_owned(), 4));
/// let (part, place) = excerpt_around(&format!("{}!{}", "x".repeat(500), "y".repeat(500)), 500);
/// assert_eq!(part.chars().nth(place), Some('!'));
/// assert!(part.len() < 250);
/// ```
pub fn excerpt_around(line: &str, place: usize) -> (String, usize) {
    const CUT: &str = "[cut] ";
    let (skipped, before) = match place > SHOWN_CHARS {
        true => (place - SHOWN_CHARS, CUT),
        false => (0, ""),
    };
    let mut rest = line.chars().skip(skipped);
    let shown = rest.by_ref().take(2 * SHOWN_CHARS);
    let mut part: String = before.chars().chain(shown).collect();
    if rest.next().is_some() {
        part.push_str(" [cut]");
    }
    (part, place - skipped + before.len())
}
