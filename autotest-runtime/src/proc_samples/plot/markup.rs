//! The style sheet of the plot, and the escaping of foreign text.

use std::borrow::Cow;

/// The colours also differ in lightness, for readers who cannot tell some hues apart; they suit light and dark
/// backgrounds.
pub(super) const STYLE: &str = "\
.proc{--bg:#fff;--fg:#1b1f24;--mut:#59636e;--grid:#e6e8eb;--axis:#b3bac2;--b0:#e8edf3;--b1:#d5dee8;\
--blue:#0072b2;--sky:#7cc4ee;--orange:#d98200;--green:#00805d;--purple:#b0558a;--red:#c24a00;\
max-width:100%;height:auto;font:12px system-ui,sans-serif}\
@media(prefers-color-scheme:dark){.proc{--bg:#14171c;--fg:#e4e7eb;--mut:#9aa4af;--grid:#282d34;--axis:#4b535d;\
--b0:#252c35;--b1:#33404e;--blue:#4a9fe0;--sky:#2e6b94;--orange:#f0b040;--green:#3cc79b;--purple:#dd96c0;\
--red:#f2814b}}\
.proc .bg{fill:var(--bg)}.proc text{fill:var(--fg)}.proc .h{font-size:18px;font-weight:600}\
.proc .m,.proc .t{fill:var(--mut)}.proc .t{font-size:11px}.proc .p{font-weight:600}.proc .p,.proc .t{paint-order:stroke;stroke:var(--bg);stroke-width:3px}.proc g .t{stroke:none}.proc .c{text-anchor:middle}\
.proc .e{text-anchor:end}.proc .g{stroke:var(--grid);fill:none}.proc .x{stroke:var(--axis);fill:none}\
.proc .v{stroke:var(--axis);stroke-dasharray:2 3;fill:none}.proc .b0{fill:var(--b0)}.proc .b1{fill:var(--b1)}\
.proc .l{fill:none;stroke-width:1.6;stroke-linejoin:round}";

/// Makes a text safe in an element or an attribute: escapes markup, and replaces characters that are illegal in XML,
/// end a line or change the direction of the text.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_special) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        match char {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            char if is_special(char) => safe.push('\u{fffd}'),
            char => safe.push(char),
        }
    }
    Cow::Owned(safe)
}

fn is_special(char: char) -> bool {
    match char {
        '&' | '<' | '>' | '"' | '\'' => true,
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        '\u{fffe}' | '\u{ffff}' => true,
        char => char.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_leave_its_element() {
        assert_eq!(escaped("run_once ä 1–2"), "run_once ä 1–2");
        assert_eq!(
            escaped("</text><script>&'\"\n\0\u{202e}"),
            "&lt;/text&gt;&lt;script&gt;&amp;&#39;&quot;\u{fffd}\u{fffd}\u{fffd}"
        );
    }
}
