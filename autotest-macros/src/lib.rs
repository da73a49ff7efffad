//! The attributes of the autotest framework: parse into a model, check all of it, emit plain data.
//!
//! The way of an item: [`attribute`] and [`function`] read tokens, [`options`] what stands in the
//! attribute, [`test`] makes the model and collects every [`errors`], [`emit`] writes it down. This
//! crate must not hold logic that a function of the runtime could hold, and never reads a body.

mod attribute;
mod author;
mod case;
mod emit;
mod errors;
mod expand;
mod function;
mod implementation;
mod options;
mod param;
mod passing;
mod split;
mod step;
mod suite;
mod test;
#[cfg(test)]
mod tests;
mod text;

use proc_macro::TokenStream;

/// Makes a test of a function or of an `impl` block.
///
/// See the guide of the crate `autotest` for the options and for what a test may look like.
#[proc_macro_attribute]
pub fn autotest(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::autotest(options.into(), item.into()).into()
}

/// Gives the tests of an inline module their defaults, and registers them all at once.
#[proc_macro_attribute]
pub fn suite(options: TokenStream, module: TokenStream) -> TokenStream {
    expand::suite(options.into(), module.into()).into()
}

/// What `#[suite]` does, for the items of a file: `suite_file! { #![suite(…)] …items… }`.
#[proc_macro]
pub fn suite_file(items: TokenStream) -> TokenStream {
    expand::suite_file(items.into()).into()
}
