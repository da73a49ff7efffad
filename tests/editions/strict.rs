//! Tests of every form under every lint, in modules whose names get in the way.

/// Names of the standard library that mean something else here.
pub mod shadows {
    pub use autotest::prelude::*;

    /// Not `std`.
    pub mod std {}
    /// Not `core`.
    pub mod core {}
    /// Not `Result`.
    pub struct Result;
    /// Not `Option`.
    pub struct Option;
    /// Not `Vec`.
    pub struct Vec;
    /// Not `String`.
    pub struct String;
    /// Not `Box`.
    pub struct Box;
    /// Not `From`.
    pub trait From {}
    /// Not `Clone`.
    pub trait Clone {}
    /// Not `Default`.
    pub trait Default {}
    /// Not `Ok`.
    ///
    /// # Errors
    /// Never.
    #[expect(non_snake_case, reason = "it shadows `Ok`")]
    pub fn Ok(value: ()) -> TestResult {
        let () = value;
        ::core::result::Result::Ok(())
    }
    /// Not `Some`.
    pub struct Some;
    /// Not `None`.
    pub struct None;
    /// Not `Err`.
    pub struct Err;
    /// Not `str`.
    #[expect(non_camel_case_types, reason = "it shadows `str`")]
    pub struct str;

    /// Shadowed.
    #[autotest]
    pub fn shadowed_unit() {}

    /// Shadowed.
    ///
    /// # Errors
    /// Never.
    #[autotest]
    pub fn shadowed_result(cx: &mut TestContext) -> ::core::result::Result<(), ::std::io::Error> {
        cx.tmpdir();
        ::core::result::Result::Ok(())
    }

    /// Shadowed.
    ///
    /// # Errors
    /// Never.
    #[autotest]
    #[case::one(mb = 1)]
    #[case::two(mb = 2, text = "two")]
    pub fn shadowed_params(
        #[param(default = 4, range = 1..=64)] mb: u32,
        #[param(default = "x", choices("x", "two"))] text: &::core::primitive::str,
        dir: ::core::option::Option<&::std::path::Path>,
        _rest: Args,
    ) -> TestResult {
        let _ = (mb, text, dir);
        Ok(())
    }

    /// Shadowed.
    pub struct ShadowedPhases;

    #[autotest]
    impl ShadowedPhases {
        fn new() -> Self {
            ShadowedPhases
        }

        fn initialize(&self, mb: ::core::primitive::u32) {
            let _ = (self, mb);
        }

        fn run_once(&mut self) -> TestResult {
            let _ = self;
            Ok(())
        }
    }
}

/// The same names, in a suite.
#[suite(suites("strict"), timeout = "1m")]
pub mod suite {
    use super::shadows::autotest;

    use super::shadows::{Ok, TestResult};

    /// Not `core`.
    pub mod core {}

    /// Shadowed.
    #[autotest]
    pub fn in_suite() {}

    /// Shadowed.
    ///
    /// # Errors
    /// Never.
    #[autotest]
    pub fn in_suite_with_parameter(mb: ::core::option::Option<u32>) -> TestResult {
        let _ = mb;
        Ok(())
    }
}

use autotest::prelude::*;
use std::time::Duration;

/// Runs a future that is ready.
pub fn block_on<F: std::future::Future>(future: F) -> F::Output {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => unreachable!("nothing here waits"),
    }
}

/// All phases at once.
#[derive(Debug, Default)]
pub struct AllPhases {
    trace: Vec<&'static str>,
}

#[autotest(version = "1.2", block_on = block_on)]
impl AllPhases {
    fn initialize(&mut self, cx: &mut TestContext, dir: Option<&str>) -> TestResult {
        cx.write_attr_keyval([("edition", "strict")])?;
        self.step(dir.map_or("initialize", |_| "initialize in a directory"));
        Ok(())
    }

    #[cfg(unix)]
    fn setup(&mut self, #[param(default = "1m")] pause: Duration) {
        let _ = pause;
        self.step("setup");
    }

    #[cfg(windows)]
    fn warmup(&mut self, only_here: std::os::windows::raw::HANDLE) {
        let _ = only_here;
    }

    async fn execute(&mut self, cx: &mut TestContext) -> TestResult {
        std::future::ready(()).await;
        cx.default_execute(self)
    }

    fn before_run_once(&mut self) {
        self.step("before_run_once");
    }

    fn run_once(&mut self, pause: Duration) -> Result<(), Box<dyn std::error::Error>> {
        self.step("run_once");
        pause.as_secs().to_string().parse::<u32>()?;
        Ok(())
    }

    fn after_run_once(&mut self) {
        self.step("after_run_once");
    }

    fn postprocess_iteration(&mut self) {
        self.step("postprocess_iteration");
    }

    fn postprocess(&mut self) {
        self.step("postprocess");
    }

    fn cleanup(&mut self) {
        self.step("cleanup");
    }

    fn step(&mut self, step: &'static str) {
        self.trace.push(step);
    }
}
