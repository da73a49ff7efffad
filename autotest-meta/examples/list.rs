//! Prints the ids of the tests of a binary or a package, without running it:
//! `cargo run -p autotest-meta --example list -- BINARY`.

use std::io::Write;
use std::process::ExitCode;

use autotest_meta::Suite;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("error: give the path of a test binary or a package");
        return ExitCode::from(2);
    };
    match Suite::of_file(path.as_ref()) {
        Ok(suite) => {
            let ids: String = suite
                .tests
                .iter()
                .map(|test| format!("{}\n", test.id))
                .collect();
            let _ = std::io::stdout().write_all(ids.as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
