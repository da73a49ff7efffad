//! `cargo autotest`: the host side of autotest. A target never needs it.

mod job_file;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The host side of autotest.
#[derive(Debug, Parser)]
#[command(name = "cargo autotest", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Command {
    /// Prints the JSON Schema of job files, for editors and for programs that write them
    Schema,
}

fn main() -> ExitCode {
    // Cargo calls `cargo-autotest autotest schema`; by its own name, the program is called without that.
    let mut args: Vec<_> = std::env::args_os().collect();
    if args.get(1).is_some_and(|arg| arg == "autotest") {
        args.remove(1);
    }
    let printed = match Cli::parse_from(args).command {
        Command::Schema => print(&job_file::schema()),
    };
    match printed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: failed to write to stdout: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print(schema: &schemars::Schema) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, schema)?;
    out.write_all(b"\n")?;
    out.flush()
}
