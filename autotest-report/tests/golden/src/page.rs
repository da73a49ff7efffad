//! The HTML page as a browser reads it: it has only elements and attributes that the templates have, and
//! nothing in it leads elsewhere.

use std::collections::BTreeSet;

use scraper::{ElementRef, Html, Node};
use sha2::{Digest as _, Sha256};

/// Every element, with its attributes besides those that any may have.
const ELEMENTS: &[(&str, &[&str])] = &[
    ("a", &["href"]),
    ("b", &[]),
    ("body", &[]),
    ("button", &["type"]),
    ("code", &[]),
    ("dd", &[]),
    ("del", &[]),
    ("details", &[]),
    ("div", &[]),
    ("dl", &[]),
    ("dt", &[]),
    ("figcaption", &[]),
    ("figure", &[]),
    ("footer", &[]),
    ("form", &["hidden"]),
    ("h1", &[]),
    ("h2", &[]),
    ("h3", &[]),
    ("head", &[]),
    ("header", &[]),
    ("html", &["lang"]),
    ("i", &[]),
    ("input", &["placeholder", "type"]),
    ("ins", &[]),
    ("label", &[]),
    ("li", &[]),
    ("main", &[]),
    ("meta", &["charset", "content", "http-equiv", "name"]),
    ("nav", &[]),
    ("ol", &[]),
    ("option", &["value"]),
    ("output", &["for"]),
    ("p", &[]),
    ("pre", &[]),
    ("script", &[]),
    ("section", &[]),
    ("select", &[]),
    ("small", &[]),
    ("span", &[]),
    ("style", &[]),
    ("summary", &[]),
    ("table", &[]),
    ("tbody", &[]),
    ("td", &[]),
    ("th", &["scope"]),
    ("thead", &[]),
    ("title", &[]),
    ("tr", &["data-v"]),
    ("ul", &[]),
    // Pictures.
    ("circle", &["cx", "cy", "r"]),
    ("line", &["x1", "x2", "y1", "y2"]),
    ("path", &["d"]),
    ("rect", &["data-t", "height", "width", "x", "y"]),
    ("svg", &["preserveaspectratio", "viewbox"]),
    ("text", &["x", "y"]),
];

const OF_ANY: [&str; 7] = [
    "aria-hidden",
    "aria-label",
    "aria-labelledby",
    "class",
    "id",
    "role",
    "tabindex",
];

/// Whether the page is one that the templates made, whatever a test said.
pub(crate) fn check(page: &str) -> Result<(), String> {
    let html = Html::parse_document(page);
    if let Some(error) = html.errors.first() {
        return Err(format!("a browser must repair it: {error}"));
    }
    for element in html
        .root_element()
        .descendants()
        .filter_map(ElementRef::wrap)
    {
        check_element(element)?;
    }
    let ids = html
        .root_element()
        .descendants()
        .filter_map(ElementRef::wrap);
    let mut seen = BTreeSet::new();
    for id in ids.filter_map(|element| element.value().id()) {
        if !seen.insert(id.to_owned()) {
            return Err(format!("two elements have the id {id}"));
        }
    }
    check_policy(&html)
}

fn check_element(element: ElementRef<'_>) -> Result<(), String> {
    let name = element.value().name();
    let Some((_, own)) = ELEMENTS.iter().find(|(known, _)| *known == name) else {
        return Err(format!("it has the element {name}: {}", element.html()));
    };
    for (attribute, value) in element.value().attrs() {
        let attribute = attribute.to_ascii_lowercase();
        if !own.contains(&attribute.as_str()) && !OF_ANY.contains(&attribute.as_str()) {
            return Err(format!(
                "a {name} has the attribute {attribute}: {}",
                element.html()
            ));
        }
        if attribute == "href" && !value.starts_with('#') && !value.starts_with("./") {
            return Err(format!("it leads to {value}"));
        }
    }
    Ok(())
}

/// Compares the hashes of the page's policy with its only style sheet and its only script.
fn check_policy(html: &Html) -> Result<(), String> {
    let policy = selected(html, "meta[http-equiv=Content-Security-Policy]");
    let [policy] = policy.as_slice() else {
        return Err("it has not one policy".to_owned());
    };
    let policy = policy.value().attr("content").unwrap_or_default();
    let (style, script) = (hash_of(html, "style")?, hash_of(html, "script")?);
    let expected = format!(
        "default-src 'none'; style-src '{style}'; script-src '{script}'; img-src data:; \
         base-uri 'none'; form-action 'none'"
    );
    match policy == expected {
        true => Ok(()),
        false => Err(format!("its policy is not {expected}")),
    }
}

fn hash_of(html: &Html, name: &str) -> Result<String, String> {
    let elements = selected(html, name);
    let [element] = elements.as_slice() else {
        return Err(format!("it has not one {name}"));
    };
    let text = element.children().filter_map(|node| match node.value() {
        Node::Text(text) => Some(text.to_string()),
        _ => None,
    });
    let hash = Sha256::digest(text.collect::<String>());
    Ok(format!("sha256-{}", base64(&hash)))
}

fn selected<'h>(html: &'h Html, selector: &str) -> Vec<ElementRef<'h>> {
    html.select(&scraper::Selector::parse(selector).unwrap())
        .collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = (0..3).fold(0, |n, i| {
            n << 8 | u32::from(chunk.get(i).copied().unwrap_or(0))
        });
        for digit in 0..4 {
            match digit <= chunk.len() {
                true => text.push(char::from(
                    DIGITS[(number >> (18 - 6 * digit)) as usize & 63],
                )),
                false => text.push('='),
            }
        }
    }
    text
}

/// The page with one element a line, without what is the same on every page.
pub(crate) fn normal(page: &str) -> String {
    let mut page = page.replace("><", ">\n<");
    for (start, end) in [
        ("<style>", "</style>"),
        ("<script>", "</script>"),
        ("style-src '", "'; img-src"),
    ] {
        let from = page.find(start).unwrap() + start.len();
        let to = from + page[from..].find(end).unwrap();
        page.replace_range(from..to, "…");
    }
    page + "\n"
}
