//! Typed parameters: a test declares them, and a run sets them.
//!
//! ```sh
//! cargo run --example params -- --describe copy::small
//! cargo run --example params -- --param mb=64 --param pattern=zeros
//! cargo run --example params -- --param pattern=stripes     # refused: not one of the choices
//! cargo run --example params -- --param megabytes=64 copy   # refused: `copy` does not declare it
//! cargo run --example params -- --param anything=1 Free     # a catch-all takes it
//! ```

use std::path::PathBuf;
use std::time::Duration;

use autotest::prelude::*;

/// Copies a block of memory; two cases make two tests.
#[autotest]
#[case::small(mb = 1)]
#[case::large(mb = 16)]
fn copy(
    cx: &mut TestContext,
    /// How much to copy, in MiB.
    #[param(range = 1..=1024)]
    mb: usize,
    /// The bytes to copy.
    #[param(default = "random", choices("zeros", "random"))]
    pattern: &str,
) -> TestResult {
    let byte = if pattern == "zeros" { 0 } else { 0xa5 };
    let source = vec![byte; mb << 20];
    let target = source.clone();
    ensure!(source == target, "the copy differs");
    cx.write_perf_keyval([("mb", mb)])?;
    Ok(())
}

/// Optional parameters, a list and a duration.
#[autotest]
fn kinds(
    cx: &mut TestContext,
    /// The directory to work in; by default a temporary directory.
    dir: Option<PathBuf>,
    /// Which ports to try, as a JSON list.
    #[param(default = vec![80, 443])]
    ports: &[u16],
    /// How long to wait, e.g. `1.5s` or `2m`.
    #[param(default = Duration::from_millis(10))]
    wait: Duration,
) -> TestResult {
    let dir = dir.unwrap_or(cx.tmpdir().to_owned());
    println!("in {}, ports {ports:?}, waiting {wait:?}", dir.display());
    std::thread::sleep(wait.min(Duration::from_secs(1)));
    Ok(())
}

#[derive(Default)]
struct Free;

/// All other arguments go to a last parameter of type `Args`.
#[autotest]
impl Free {
    fn run_once(&mut self, #[param(default = 1)] level: u8, rest: Args) -> TestResult {
        println!("level {level}");
        for (name, value) in rest.iter() {
            println!("{name} = {value}");
        }
        Ok(())
    }
}

autotest::main!();
