//! The attributes of the autotest framework: parse into a model, check all of it, emit plain data.
//!
//! The way of an item: `attribute` and `function` read tokens, `options` what stands in the
//! attribute, `test` makes the model and `errors` collects what is wrong with it, `emit` writes it
//! down. This crate must not hold logic that a function of the runtime could hold, and never reads a
//! body.

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
mod param_type;
mod phase_names;
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
/// | option | says |
/// |---|---|
/// | `name = "net.ping"` | the whole id, instead of `module::path::name`; it also names the directory of results |
/// | `author = "…"` | who to ask |
/// | `version = 1` | a number or a text; when it changes, `setup` runs again |
/// | `suites("bvt", "perf")`, `attributes("disk")` | what to select by |
/// | `time = "SHORT"` | FAST, SHORT, MEDIUM, LONG or LENGTHY |
/// | `test_class = "…"`, `test_category = "…"` | the original's classification |
/// | `dependencies("wifi")` | what the target must have |
/// | `retries = 2` | how often an iteration may be tried again |
/// | `timeout = "2m"` | when the test is ended |
/// | `iterations = 3` | how often `run_once` runs, unless the run says |
/// | `constraints("throughput > 50")` | what must hold of the perf keyvals |
/// | `profilers("vmstat")` | what runs beside it |
/// | `data("small.bin")` | the files that it needs |
/// | `network_destabilizing`, `preserve_srcdir`, `postprocess_profiled_run` | as in the original |
/// | `ignore = "reason"` | not run unless asked for |
/// | `expect = "fail"` | a known failure: FAIL passes |
/// | `block_on = path` | what runs an `async fn` |
/// | `crate = path` | where the framework is, if not at `::autotest` |
///
/// On parameters: `#[param(default = …, range = …, choices(…, …), with = reader, doc = "…")]`. A
/// default or a case's value in quotes is read by the reader if there is one (a `Duration` has one),
/// and converted by `From` if not. Below the attribute, `#[case::name(parameter = value)]` makes a test
/// of its own. In an `impl` block, `#[helper]` on a function says that it is not the phase or the
/// constructor that its name suggests: `setup`, but also `set_up` or another framework's `tear_down`.
///
/// A test and each phase return `()` or `Result<(), E>`:
///
/// | returns | a failure's line |
/// |---|---|
/// | `TestResult`, `Result<(), Failure>` | that of the `?`, for every error |
/// | `Result<(), TestError>`, `anyhow::Result<()>`, `eyre::Result<()>`, `Result<(), Box<dyn Error>>` | that of `ensure!`, `fail!`, `skip!` or `TestError::…`; none for another error |
/// | any other `Result<(), E>`: `io::Result<()>`, `Result<(), String>` | none |
#[proc_macro_attribute]
pub fn autotest(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::autotest(options.into(), item.into()).into()
}

/// Gives the tests of an inline module their defaults, and registers them all at once.
///
/// Takes the options of `#[autotest]` but `name` and `expect`. A test's own option wins; lists are
/// joined. Modules within the module stand for themselves.
#[proc_macro_attribute]
pub fn suite(options: TokenStream, module: TokenStream) -> TokenStream {
    expand::suite(options.into(), module.into()).into()
}

/// What `#[suite]` does, for the items of a file: `suite_file! { #![suite(…)] …items… }`.
///
/// An attribute cannot look into the file of `mod x;`, and a macro cannot share the name of an
/// attribute, hence this.
#[proc_macro]
pub fn suite_file(items: TokenStream) -> TokenStream {
    expand::suite_file(items.into()).into()
}
