//! No input makes the macros panic, and every item survives.

use std::str::FromStr;

use proc_macro2::TokenStream;
use proptest::prelude::*;

use crate::editor::Reader;
use crate::expand;
use crate::text::readable;

/// Tokens that are more or less meaningful to the parser.
const WORDS: &[&str] = &[
    "#",
    "!",
    "[param",
    "]",
    "(",
    ")",
    "{",
    "}",
    "<",
    ">",
    "::",
    ",",
    "=",
    "->",
    "&",
    "'a",
    ";",
    ":",
    "fn",
    "impl",
    "mod",
    "pub",
    "self",
    "Self",
    "mut",
    "async",
    "unsafe",
    "extern",
    "where",
    "for",
    "const",
    "cx",
    "mb",
    "u64",
    "Option",
    "Vec",
    "Args",
    "TestContext",
    "TestResult",
    "Result",
    "run_once",
    "setup",
    "new",
    "default",
    "range",
    "choices",
    "with",
    "doc",
    "case",
    "helper",
    "autotest",
    "suite",
    "cfg",
    "name",
    "suites",
    "timeout",
    "version",
    "retries",
    "constraints",
    "crate",
    "block_on",
    "ignore",
    "1",
    "-1",
    "1.5",
    "1..=4",
    "\"2m\"",
    "\"a > 1\"",
    "\"\"",
    "'x'",
    "r#type",
    "_",
    "dyn",
    "static",
    "str",
    "Duration",
    "()",
    "[u8]",
    "true",
];

/// Valid inputs, to be broken at any position.
const ITEMS: &[&str] = &[
    "fn copy(cx: &mut TestContext, #[param(default = 1, range = 1..=4)] mb: u64, args: Args) {}",
    "#[case::a(mb = 1)] pub(crate) fn copy(mb: Option<Vec<u8>>) -> anyhow::Result<()> { mb }",
    "impl Dbench { fn new(cx: &mut TestContext) -> Self { Dbench } fn run_once(&mut self, n: &str) {} }",
    "mod net { #[autotest(retries = 2)] fn ping() {} const X: [u8; 2] = [1, 2]; }",
    "#![suite(suites(\"net\"), timeout = \"10s\")] #[autotest] async fn ping() {}",
    "name = \"x\", suites(\"a\", \"b\"), version = 1.5, timeout = \"2m\", preserve_srcdir, crate = a::b",
];

fn words() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        prop::sample::select(WORDS).prop_map(str::to_owned),
        "\\PC{0,3}"
    ];
    prop::collection::vec(word, 0..30).prop_map(|words| words.join(" "))
}

/// A valid input with some words inserted at some position, and some characters removed.
fn broken() -> impl Strategy<Value = String> {
    (
        prop::sample::select(ITEMS),
        any::<prop::sample::Index>(),
        0..4usize,
        words(),
    )
        .prop_map(|(item, place, removed, words)| {
            let place = place.index(item.len() + 1);
            let rest = &item[(place + removed).min(item.len())..];
            format!("{} {words} {rest}", &item[..place])
        })
}

fn tokens() -> impl Strategy<Value = TokenStream> {
    prop_oneof![
        words(),
        broken(),
        prop::sample::select(ITEMS).prop_map(str::to_owned)
    ]
    .prop_filter_map("no tokens", |text| TokenStream::from_str(&text).ok())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_tokens_make_a_macro_panic(options in tokens(), item in tokens()) {
        for reader in [Reader::Compiler, Reader::RustAnalyzer] {
            for expansion in [
                expand::autotest(reader, options.clone(), item.clone()),
                expand::suite(reader, options.clone(), item.clone()),
                expand::suite_file(reader, item.clone()),
            ] {
                let again = TokenStream::from_str(&expansion.to_string());
                prop_assert!(again.is_ok());
            }
        }
    }

    #[test]
    fn an_item_with_errors_survives(item in tokens()) {
        let wrong = TokenStream::from_str("no_such_option").expect("tokens");
        let expansion = expand::autotest(Reader::Compiler, wrong, item.clone());
        let authors = crate::author::item(item);
        prop_assert!(expansion.to_string().starts_with(&authors.to_string()));
    }

    #[test]
    fn readable_text_has_the_same_tokens(tokens in tokens()) {
        let again = TokenStream::from_str(&readable(&tokens));
        prop_assert!(again.is_ok(), "{}", readable(&tokens));
    }
}
