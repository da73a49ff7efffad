//! Every phase and hook of the lifecycle, in the order in which they run.
//!
//! ```sh
//! cargo run --example lifecycle -- --nocapture                   # prints its trace
//! cargo run --example lifecycle -- --nocapture --iterations 2    # the inner phases twice
//! cargo run --example lifecycle -- --param fail=true             # cleanup still runs
//! cargo run --example lifecycle -- --retry 0 Flaky               # fails without its retries
//! ```
//! Without `--nocapture`, the output of a test is in its `debug/stdout`, and is shown if the test fails.
//! Run it twice: `setup` runs only once per version, and the second run finds what it built.

use autotest::prelude::*;

#[derive(Default)]
struct AllPhases {
    runs: u32,
}

/// A test with all phases. Each prints its name.
#[autotest(version = 1)]
impl AllPhases {
    fn initialize(&mut self, cx: &mut TestContext) {
        println!("initialize");
        cx.register_before_iteration_hook(|cx| {
            println!("  before-iteration hook {}", cx.iteration());
            Ok(())
        });
        cx.register_after_iteration_hook(|cx| {
            println!("  after-iteration hook {}", cx.iteration());
            Ok(())
        });
    }

    /// Runs once per version; later runs find what it puts into `srcdir`.
    fn setup(&mut self, cx: &mut TestContext) -> TestResult {
        println!("setup (only for a new version)");
        std::fs::create_dir(cx.srcdir())?;
        std::fs::write(cx.srcdir().join("built"), "by version 1")?;
        Ok(())
    }

    fn warmup(&mut self) {
        println!("warmup");
    }

    fn before_run_once(&mut self) {
        println!("    before_run_once");
    }

    fn run_once(
        &mut self,
        cx: &mut TestContext,
        /// Fail in the first iteration.
        #[param(default = false)]
        fail: bool,
    ) -> TestResult {
        self.runs += 1;
        println!("    run_once {}", cx.iteration());
        ensure!(!fail, "as you asked");
        Ok(())
    }

    fn after_run_once(&mut self) {
        println!("    after_run_once");
    }

    fn postprocess_iteration(&mut self, cx: &mut TestContext) -> TestResult {
        println!("    postprocess_iteration");
        cx.write_perf_keyval([("runs", self.runs)])?;
        Ok(())
    }

    fn postprocess(&mut self) {
        println!("postprocess after {} runs", self.runs);
    }

    fn cleanup(&mut self) {
        println!("cleanup");
    }
}

#[derive(Default)]
struct Flaky {
    tries: u32,
}

/// Asks for a retry twice. `--retry 0` disables its retries.
#[autotest(retries = 2)]
impl Flaky {
    fn run_once(&mut self) -> TestResult {
        self.tries += 1;
        println!("try {}", self.tries);
        if self.tries < 3 {
            return Err(TestError::retry("not yet").into());
        }
        Ok(())
    }
}

autotest::main!();
