//! The head of the page: its policy, its style sheet and its script.
//!
//! The policy allows the page's own style sheet and script, by their hashes, and images in the page. Nothing
//! else is loaded or executed, even if a text became markup.

use maud::{Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The hashes of style sheet and script. A test checks them, so that no target has to compute them.
const STYLE_HASH: &str = "sha256-FcqJCWStqBTRzDQLZHsAwVO5faLG2OK2BMhis4wReGQ=";
const SCRIPT_HASH: &str = "sha256-JixvdpYtPQ2Rj7RQ4BDbh661DJP7AnzBiUD+ZrfDaRc=";

pub(super) fn head(title: &str) -> Markup {
    let policy = format!(
        "default-src 'none'; style-src '{STYLE_HASH}'; script-src '{SCRIPT_HASH}'; img-src data:; \
         base-uri 'none'; form-action 'none'"
    );
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            title { (title) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

/// The script, which filters the table. It is at the end of the page, which is complete without it.
pub(super) fn script() -> Markup {
    html! { script { (PreEscaped(SCRIPT)) } }
}
