//! Expands an attribute: from its tokens to those of the expansion.
//!
//! If there are errors, the expansion is the author's item, followed by a `compile_error!` for each error.

use proc_macro2::TokenStream;

use crate::author;
use crate::editor::Reader;
use crate::emit::{self, registration, uses};
use crate::errors::Errors;
use crate::main_macro::Main;
use crate::options::{Options, Owner};
use crate::suite::Items;
use crate::test::Test;

/// `#[autotest(…)]`
pub(crate) fn autotest(reader: Reader, options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let own = Options::parse(options, Owner::Test, &mut errors);
    let suite = Options::default();
    let test = Test::parse(item.clone(), &own, &suite, &mut errors);
    let authors = reader.item_of(test.as_ref(), author::item(item));
    let tests: Vec<Test> = test.into_iter().collect();
    finish(authors, &tests, &suite, errors)
}

/// `#[control(…)]`
pub(crate) fn control(options: TokenStream, item: TokenStream) -> TokenStream {
    called(options, item, Owner::Control, emit::control)
}

/// `#[hook(…)]`
pub(crate) fn hook(options: TokenStream, item: TokenStream) -> TokenStream {
    called(options, item, Owner::Hook, emit::hook)
}

/// `#[profiler(…)]`
pub(crate) fn profiler(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::parse(options, Owner::Profiler, &mut errors);
    let profiler = crate::profiler::parse(item.clone(), &options, &mut errors);
    let mut authors = author::item(item);
    authors.extend(match profiler.filter(|_| errors.is_empty()) {
        Some(profiler) => emit::profiler(&profiler),
        None => errors.into_tokens(),
    });
    authors
}

/// A function that a job calls or names.
fn called(
    options: TokenStream,
    item: TokenStream,
    owner: Owner,
    emit: fn(&Test) -> TokenStream,
) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::parse(options, owner, &mut errors);
    let function = crate::control::parse(item.clone(), &options, owner, &mut errors);
    let mut authors = author::item(item);
    authors.extend(match function.filter(|_| errors.is_empty()) {
        Some(function) => emit(&function),
        None => errors.into_tokens(),
    });
    authors
}

/// `main!(…)`. Its `main` is there even if there are errors: the compiler would report another one.
pub(crate) fn main_function(arguments: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let main = Main::parse(arguments, &mut errors);
    let mut tokens = emit::main_function(&main);
    tokens.extend(errors.into_tokens());
    tokens
}

/// `#[suite(…)] mod …`
pub(crate) fn suite(reader: Reader, options: TokenStream, module: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::parse(options, Owner::Suite, &mut errors);
    crate::suite::module(module, |items| items_of(reader, items, &options, errors))
}

/// `suite_file! { #![suite(…)] … }`
pub(crate) fn suite_file(reader: Reader, items: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (options, items) = crate::suite::inner_attribute(items);
    let options = Options::parse(options, Owner::Suite, &mut errors);
    items_of(reader, items, &options, errors)
}

fn items_of(
    reader: Reader,
    items: TokenStream,
    options: &Options,
    mut errors: Errors,
) -> TokenStream {
    let Items {
        mut authors,
        tests,
        names,
        ..
    } = crate::suite::items(reader, items, options, &mut errors);
    authors.extend(uses(&names));
    finish(authors, &tests, options, errors)
}

/// The author's tokens, followed by the registration of the tests or by the errors.
fn finish(
    mut authors: TokenStream,
    tests: &[Test],
    suite: &Options,
    errors: Errors,
) -> TokenStream {
    authors.extend(match errors.is_empty() {
        true => registration(tests, suite),
        false => errors.into_tokens(),
    });
    authors
}
