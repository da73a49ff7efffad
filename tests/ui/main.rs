//! Wrong uses of the attributes, each with the errors that its author sees.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes the errors anew.

#[test]
fn wrong_uses_are_explained() {
    trybuild::TestCases::new().compile_fail("ui/cases/*.rs");
}
