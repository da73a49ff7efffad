//! Ten expansions, stored in `tests-data/`. `UPDATE_EXPECT=1 cargo test -p autotest-macros` updates them.

use expect_test::{ExpectFile, expect, expect_file};
use proc_macro2::TokenStream;
use quote::quote;

use crate::editor::Reader;
use crate::expand;

#[track_caller]
fn check(expansion: TokenStream, expected: ExpectFile) {
    let file = syn::parse2(expansion).expect("an expansion is a list of items");
    expected.assert_eq(&prettyplease::unparse(&file));
}

#[test]
fn a_function_without_parameters_is_a_pointer() {
    let item = quote! {
        /// The device node is there.
        fn node_exists() -> TestResult {
            ensure!(Path::new("/dev/null").exists());
            Ok(())
        }
    };
    let expansion = expand::autotest(Reader::Compiler, TokenStream::new(), item);
    check(expansion, expect_file!["../../tests-data/function.rs"]);
}

#[test]
fn parameters_become_metadata_and_a_bind_function() {
    let options = quote! {
        suites("bvt", "perf"), attributes("disk"), timeout = "2m", version = 1,
        constraints("throughput > 50", "latency_ms <= 20")
    };
    let item = quote! {
        /// Sequential write speed.
        fn write_speed(
            cx: &mut TestContext,
            /// Where to write.
            dir: Option<PathBuf>,
            /// How much, in MiB.
            #[param(default = 64, range = 1..=4096)]
            mb: u64,
            #[param(default = cx.tmpdir().join("data"))]
            file: &Path,
            pause: Option<Duration>,
            args: Args,
        ) -> anyhow::Result<()> {
            measure(dir, mb, file)
        }
    };
    let expansion = expand::autotest(Reader::Compiler, options, item);
    check(expansion, expect_file!["../../tests-data/parameters.rs"]);
}

#[test]
fn an_impl_block_becomes_phases() {
    let item = quote! {
        impl Dbench {
            const CLIENTS: u32 = 8;
            fn new(cx: &mut TestContext) -> Result<Self, Error> {
                Dbench::open(cx.bindir())
            }
            #[cfg(unix)]
            fn setup(&mut self, cx: &mut TestContext, #[param(default = "sda")] disk: String) {
                self.build(cx, disk)
            }
            async fn run_once(&self, #[param(default = Self::CLIENTS)] nprocs: u32) -> TestResult {
                self.go(nprocs).await
            }
            fn cleanup() {}
            fn helper(&self, (a, b): (u8, u8)) -> u8 {
                a + b
            }
        }
    };
    let expansion = expand::autotest(
        Reader::Compiler,
        quote!(version = 3, preserve_srcdir, block_on = run),
        item,
    );
    check(expansion, expect_file!["../../tests-data/phases.rs"]);
}

#[test]
fn a_profiler_is_an_implementation_and_a_definition() {
    let item = quote! {
        /// The interrupts of each processor.
        impl DiskStats {
            fn initialize(
                &mut self,
                cx: &mut ProfilerContext,
                /// How often.
                #[param(default = "1s")]
                interval: Duration,
            ) -> TestResult {
                self.open(cx, interval)
            }
            #[cfg(unix)]
            fn setup(&mut self, #[param(default = "sda")] disk: &str) -> anyhow::Result<()> {
                self.build(disk)
            }
            fn start(&self) {}
            fn report(&mut self, cx: &mut ProfilerContext) -> TestResult {
                self.write(cx.profdir())
            }
            fn open(&mut self) {}
        }
    };
    let expansion = expand::profiler(quote!(version = 2, timeout = "30m", author = "who"), item);
    check(expansion, expect_file!["../../tests-data/profiler.rs"]);
}

#[test]
fn what_cannot_be_a_profiler_is_refused_with_all_reasons() {
    let item = quote! {
        impl Wrong {
            async fn start(&mut self, #[param(default = 1)] n: u32) -> TestResult { Ok(()) }
            fn stop() {}
            fn reports(&mut self) {}
        }
    };
    let expansion = expand::profiler(quote!(retries = 1), item).to_string();
    let errors = expansion.split("compile_error ! { \"").skip(1);
    let told: Vec<_> = errors
        .filter_map(|rest| Some(rest.split_once("\" }")?.0))
        .collect();
    expect![[r#"
        option `retries` is only for a test: the documentation of `#[profiler]` lists a profiler's
        `start` takes no parameters: keep what it needs of those of `initialize` in the profiler
        a profiler cannot be `async`: block inside of it
        `stop` takes `&mut self`
        `reports` is not a step: did you mean `report`? If it is a helper, put `#[helper]` above it"#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn each_case_is_an_element() {
    let item = quote! {
        #[case::small(mb = 1)]
        #[case::large(mb = 1024, dir = "/large")]
        fn copy(cx: &mut TestContext, mb: u64, dir: Option<PathBuf>) -> TestResult {
            cx.assert_(mb > 0, "")
        }
    };
    let expansion = expand::autotest(Reader::Compiler, TokenStream::new(), item);
    check(expansion, expect_file!["../../tests-data/cases.rs"]);
}

#[test]
fn values_are_arms_and_tests_are_elements() {
    let item = quote! {
        #[case::ext4(fs = "ext4")]
        #[case::xfs(fs = "xfs")]
        fn write(
            fs: &str,
            #[param(values(1, 4))] mb: u64,
            #[param(values(Mode::Fast, Mode::Slow))] mode: Mode,
            #[param(secret, default = 7, range = 1..=9)] token: u64,
        ) -> TestResult {
            write_all(fs, mb, mode, token)
        }
    };
    let expansion = expand::autotest(Reader::Compiler, TokenStream::new(), item);
    check(expansion, expect_file!["../../tests-data/values.rs"]);
}

#[test]
fn a_suite_has_one_registration() {
    let module = quote! {
        /// TCP.
        pub mod tcp {
            use super::*;

            #[autotest]
            fn ping() -> TestResult {
                Ok(())
            }

            const PORT: u16 = 7;

            #[cfg(target_os = "linux")]
            #[autotest(retries = 2, suites("smoke"), ignore = "needs a \"lab\"")]
            fn connect(cx: &mut TestContext) {
                cx.connect(PORT)
            }

            #[test]
            fn not_ours() {}
        }
    };
    let options = quote!(suites("net"), timeout = "10s", crate = renamed);
    let expansion = expand::suite(Reader::Compiler, options, module);
    check(expansion, expect_file!["../../tests-data/suite.rs"]);
}

#[test]
fn rust_analyzer_is_shown_a_function_to_run_for_each_test() {
    let module = quote! {
        mod tcp {
            /// Shown where it stands.
            #[autotest]
            fn ping() -> TestResult {
                Ok(())
            }

            #[cfg(target_os = "linux")]
            #[autotest]
            impl Socket {
                fn run_once() {}
            }
        }
    };
    let expansion = expand::suite(Reader::RustAnalyzer, TokenStream::new(), module);
    check(expansion, expect_file!["../../tests-data/editor.rs"]);
}

#[test]
fn a_control_function_is_a_definition_and_a_call() {
    let item = quote! {
        /// The nightly job.
        fn nightly(job: &mut Job, #[param(default = 3)] rounds: u32) -> JobResult {
            job.run_test("net::ping").run().map(drop)
        }
    };
    let expansion = expand::control(quote!(suites("nightly"), time = "LONG"), item);
    check(expansion, expect_file!["../../tests-data/control.rs"]);
}

#[test]
fn a_hook_is_a_name_and_a_call() {
    let item = quote! {
        fn save_dmesg(cx: &mut TestContext) -> std::io::Result<()> {
            Ok(())
        }
    };
    let expansion = expand::hook(TokenStream::new(), item);
    check(expansion, expect_file!["../../tests-data/hook.rs"]);
}

#[test]
fn main_names_its_crates_and_says_what_it_is() {
    let arguments =
        quote!(::autotest; net_tests, storage_tests, suite = "bvt", attr = "!\"no test\"");
    let expansion = expand::main_function(arguments);
    check(expansion, expect_file!["../../tests-data/main.rs"]);
}
