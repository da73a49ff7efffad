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
