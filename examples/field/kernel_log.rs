//! The kernel log.

use std::time::Duration;

use autotest::prelude::*;

use crate::prepare;

/// What the kernel writes if something is wrong with itself, also at other levels than that of an error.
const TROUBLE: [&str; 5] = [
    "BUG: ",
    "WARNING: ",
    "Oops",
    "Call Trace:",
    "blocked for more than",
];

/// Writes a line to the kernel log and finds it there, with no error of the kernel behind it.
#[autotest(timeout = "10m", attributes("root"))]
fn has_no_errors(
    cx: &mut TestContext,
    /// How long to watch it.
    #[param(default = "1s")]
    time: Duration,
) -> TestResult {
    let marker = format!("autotest: {} {}", cx.test_name(), std::process::id());
    prepare(cx.command("dmesg").arg("--level=emerg"))?;
    if let Err(error) = fs::write_value("/dev/kmsg", &marker) {
        skip!("{error}");
    }
    cx.sleep(time)?;

    let log = cx.command("dmesg").arg("--raw").read()?;
    let Some((_, since)) = log.split_once(&marker) else {
        fail!("the kernel log has no line `{marker}`");
    };
    let errors: Vec<&str> = since.lines().filter(|line| is_error(line)).collect();
    fs::write(cx.artifact("kernel.log")?, since)?;
    let errors = errors.join("\n");
    ensure!(errors.is_empty(), "errors in the kernel log:\n{errors}");
    Ok(())
}

/// Whether a line, such as `<3>[   12.345678] I/O error`, is an error of the kernel. The lower three bits of
/// the number are the level (0 to 3 are errors), the others say who wrote it (0 is the kernel).
fn is_error(line: &str) -> bool {
    let number = line.strip_prefix('<').and_then(|line| line.split_once('>'));
    let is_trouble = TROUBLE.iter().any(|text| line.contains(text));
    match number.and_then(|(number, _)| number.parse::<u8>().ok()) {
        Some(0..=3) => true,
        Some(4..=7) => is_trouble,
        _ => false,
    }
}
