//! The attributes of the autotest framework. They parse an item into a model, check it, and emit plain data.
//!
//! `attribute` and `function` parse tokens, `options` parses the arguments of the attribute, `test` creates
//! the model, `errors` collects its errors, and `emit` emits the code. This crate must not contain logic that
//! could be in a function of the runtime, and never parses the body of a function.

mod attribute;
mod author;
mod case;
mod control;
mod editor;
mod emit;
mod errors;
mod expand;
mod function;
mod implementation;
mod main_macro;
mod matrix;
mod options;
mod param;
mod param_type;
mod phase_names;
mod profiler;
mod split;
mod step;
mod suite;
mod test;
#[cfg(test)]
mod tests;
mod text;

use proc_macro::TokenStream;

use crate::editor::Reader;

/// Makes a function or an `impl` block a test.
///
/// | option | meaning |
/// |---|---|
/// | `name = "net.ping"` | the whole id, instead of `module::path::name`; it also names the directory of results |
/// | `author = "…"` | the author |
/// | `version = 1` | a number or a text; when it changes, `setup` runs again |
/// | `suites("bvt", "perf")`, `attributes("disk")` | for `--suite` and `--attr` |
/// | `time = "SHORT"` | FAST, SHORT, MEDIUM, LONG or LENGTHY |
/// | `test_class = "…"`, `test_category = "…"` | the original's classification |
/// | `dependencies("wifi")` | labels of what the target must provide |
/// | `needs(root, cmd("fio"), file("/dev/kvm"), kernel(">= 5.10"), env("BOARD"), module("nbd"), mem("2 GiB"), arch("aarch64"))` | what the target must provide; otherwise the test is TEST_NA and does not begin |
/// | `retries = 2` | how often an iteration may be repeated |
/// | `timeout = "2m"` | the time after which the test is ended |
/// | `iterations = 3` | the number of iterations, unless the run specifies it |
/// | `constraints("throughput > 50")` | conditions that the perf keyvals must meet |
/// | `profilers("vmstat")` | profilers to run during the test |
/// | `data("small.bin")` | files that the test reads below `cx.bindir()`: in `data/` of its crate, or beside the executable on a target |
/// | `sysinfo(cmd("ip addr"), file("/var/log/app.log"))` | what is collected of the target after the test, beside what `--sysinfo` collects; needs the feature `sysinfo` |
/// | `leaks = "warn"` | what follows from a change of the target that the test does not change back: `off`, `warn` or `fail`; needs the feature `leaks` |
/// | `site` | the test replaces another of the same id |
/// | `network_destabilizing`, `preserve_srcdir`, `postprocess_profiled_run` | as in the original |
/// | `ignore = "reason"` | not run unless requested |
/// | `expect = "fail"` | a known failure: FAIL counts as a pass |
/// | `block_on = path` | the function that runs an `async fn` |
/// | `crate = path` | the path of the framework, if it is not `::autotest` |
///
/// A parameter may have `#[param(default = …, range = …, choices(…, …), with = reader, doc = "…")]`.
/// `#[param(values(1, 4))] mb: u64` makes a separate test of each value, called `…::mb_1` and `…::mb_4`, times
/// the values of other parameters and the cases. `#[param(secret)]` keeps the value from everything but the
/// phases: journal, keyvals, reports, messages. A string
/// literal as a default or as a case's value is converted by the reader if there is one (a `Duration` has
/// one), otherwise by `From`. Below the attribute, each `#[case::name(parameter = value)]` creates a separate
/// test. In an `impl` block, `#[helper]` marks a function that is not the phase or the constructor that its
/// name suggests: `setup`, but also `set_up` or another framework's `tear_down`.
///
/// A test and each phase return `()` or `Result<(), E>`:
///
/// | return type | line of a failure |
/// |---|---|
/// | `TestResult`, `Result<(), Failure>` | that of the `?`, for every error |
/// | `Result<(), TestError>`, `anyhow::Result<()>`, `eyre::Result<()>`, `Result<(), Box<dyn Error>>` | that of `ensure!`, `fail!`, `skip!` or `TestError::…`; none for another error |
/// | any other `Result<(), E>`: `io::Result<()>`, `Result<(), String>` | none |
#[proc_macro_attribute]
pub fn autotest(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::autotest(Reader::of_this_process(), options.into(), item.into()).into()
}

/// Makes a function a control function: it says which tests of a job run, in which order, and with which
/// arguments. `--control NAME` calls it.
///
/// It takes `&mut Job`, then parameters like those of a test (`#[param(…)]`), and returns `()` or
/// `Result<(), E>`, such as `JobResult`. An error ends the job.
///
/// | option | meaning |
/// |---|---|
/// | `name = "nightly"` | the whole id, instead of `module::path::name` |
/// | `author`, `suites(…)`, `attributes(…)`, `time`, `test_class`, `test_category`, `dependencies(…)` | as for a test; `--describe` shows them |
/// | `timeout = "8h"` | the time after which the job is ended |
/// | `crate = path` | the path of the framework, if it is not `::autotest` |
///
/// ```ignore
/// #[autotest::control(time = "LONG")]
/// fn nightly(job: &mut Job, #[param(default = 3)] rounds: u32) -> JobResult {
///     for round in 0..rounds {
///         job.run_test("net::ping").tag(round.to_string()).run()?;
///     }
///     Ok(())
/// }
/// ```
#[proc_macro_attribute]
pub fn control(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::control(options.into(), item.into()).into()
}

/// Makes a function a hook, which a job names to have it called before or after each test or iteration:
/// `--before-test NAME`, or `hooks` of the job's settings.
///
/// It takes `&mut TestContext`, and returns `()` or `Result<(), E>`. The options are `name = "…"` and
/// `crate = path`.
///
/// ```ignore
/// #[autotest::hook]
/// fn save_dmesg(cx: &mut TestContext) -> TestResult {
///     let log = std::process::Command::new("dmesg").output()?;
///     std::fs::write(cx.debugdir().join("dmesg"), log.stdout)?;
///     Ok(())
/// }
/// ```
#[proc_macro_attribute]
pub fn hook(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::hook(options.into(), item.into()).into()
}

/// Makes an `impl` block a profiler: what measures a test, from a process of its own.
///
/// Its functions are steps: `initialize` and `setup` (once per version), then `before_start`, `start`, `stop` and
/// `report` around each profiled iteration. Only `start` is required. Each takes `&mut self` and, if it likes,
/// `cx: &mut ProfilerContext`; `initialize` and `setup` also take parameters like those of a test (`#[param(…)]`). The
/// type implements `Default`. `#[helper]` marks a function that is no step although its name is like one.
///
/// | option | meaning |
/// |---|---|
/// | `name = "irqs"` | the name for `--profiler`, instead of the type's in lower case with `_` |
/// | `author = "…"` | who to ask |
/// | `version = 1` | the version of `setup` |
/// | `timeout = "30m"` | how long `setup` and `report` may take, each; otherwise 10 minutes and 60 seconds |
/// | `preserve_srcdir` | `setup` of a new version keeps the old `srcdir` |
/// | `crate = path` | the path of the framework, if it is not `::autotest` |
///
/// ```ignore
/// /// The interrupts of each processor.
/// #[derive(Default)]
/// struct Interrupts { before: String }
///
/// #[autotest::profiler]
/// impl Interrupts {
///     fn start(&mut self) -> TestResult {
///         self.before = std::fs::read_to_string("/proc/interrupts")?;
///         Ok(())
///     }
///     fn report(&mut self, cx: &mut ProfilerContext) -> TestResult {
///         let after = std::fs::read_to_string("/proc/interrupts")?;
///         std::fs::write(cx.profdir().join("interrupts"), difference(&self.before, &after))?;
///         Ok(())
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn profiler(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::profiler(options.into(), item.into()).into()
}

/// Gives the tests of an inline module their default options, and registers them together.
///
/// Takes the options of `#[autotest]` except `name` and `expect`. A test's own option overrides the suite's;
/// lists are joined. Nested modules are not included.
#[proc_macro_attribute]
pub fn suite(options: TokenStream, module: TokenStream) -> TokenStream {
    expand::suite(Reader::of_this_process(), options.into(), module.into()).into()
}

/// Does what `#[suite]` does for the items of a file: `suite_file! { #![suite(…)] …items… }`.
///
/// An attribute cannot read the file of `mod x;`, and a macro cannot have the name of an attribute.
#[proc_macro]
pub fn suite_file(items: TokenStream) -> TokenStream {
    expand::suite_file(Reader::of_this_process(), items.into()).into()
}

/// Defines what `autotest::main!` defines. Its tokens are the path of the framework, a semicolon, and the
/// arguments of `main!`.
#[doc(hidden)]
#[proc_macro]
pub fn main_function(arguments: TokenStream) -> TokenStream {
    expand::main_function(arguments.into()).into()
}
