//! Tests of small parsers.

use std::str::FromStr;

use proc_macro2::TokenStream;

use crate::author;
use crate::param_type::{ParamType, PassAs};
use crate::text::readable;

fn tokens(text: &str) -> TokenStream {
    TokenStream::from_str(text).expect("tokens")
}

#[track_caller]
fn check_text(text: &str) {
    assert_eq!(readable(&tokens(text)), text);
}

#[test]
fn types_read_as_written() {
    check_text("Option<PathBuf>");
    check_text("&'static str");
    check_text("&mut [u8; 4]");
    check_text("HashMap<String, Vec<(u8, i64)>>");
    check_text("Box<dyn Fn(u8) -> bool + 'a>");
    check_text("std::time::Duration");
}

#[test]
fn expressions_read_as_written() {
    check_text("1..=4096");
    check_text("-1.5");
    check_text("cx.tmpdir().join(\"data\")");
    check_text("Vec::<u8>::new()");
    check_text("A | B");
    check_text("2 * SIZE - 1");
    check_text("vec![1, 2]");
    check_text("'x'");
    check_text("Point { x: 1, y: 2 }");
}

#[track_caller]
fn check_passing(ty: &str, owned: &str, how: PassAs) {
    let param_type = ParamType::of(&tokens(ty)).expect("a type");
    assert_eq!(
        (readable(&param_type.owned).as_str(), param_type.how),
        (owned, how)
    );
}

#[test]
fn references_are_stored_owned() {
    check_passing("u64", "u64", PassAs::Cloned);
    check_passing("&str", "__autotest::String", PassAs::Reference);
    check_passing("&'a Path", "__autotest::PathBuf", PassAs::Reference);
    check_passing("&std::path::Path", "__autotest::PathBuf", PassAs::Reference);
    check_passing("&[u8]", "__autotest::Vec<u8>", PassAs::Reference);
    check_passing("&[u8; 4]", "[u8; 4]", PassAs::Reference);
    check_passing("&Disk", "Disk", PassAs::Reference);
    check_passing("Option<u8>", "Option<u8>", PassAs::Cloned);
    check_passing(
        "Option<&str>",
        "Option<__autotest::String>",
        PassAs::AsDeref,
    );
    check_passing(
        "std::option::Option<&Disk>",
        "std::option::Option<Disk>",
        PassAs::AsRef,
    );
}

#[test]
fn the_authors_item_loses_only_what_is_ours() {
    let item = "#[doc = \"a\"] #[case::x(mb = 1)] #[inline] fn copy(/** b */ #[param(default = 1)] \
                #[expect(unused)] mb: u64) { #[case] fn inner(#[param] x: u8) {} }";
    let expected = "#[doc = \"a\"] #[inline] fn copy(#[expect(unused)] mb: u64) { #[case] fn \
                    inner(#[param] x: u8) {} }";
    assert_eq!(
        author::item(tokens(item)).to_string(),
        tokens(expected).to_string()
    );
}
