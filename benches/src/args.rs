//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use autotest_core::nearest;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Measures what autotest costs, as ratios to a floor or to a peer, side by side in one run.

Usage: cargo run --release -p autotest-bench -- [OPTIONS]

      --only NAME   Measure only this row; may be repeated
      --quick       Fewer rounds, and only rows that need no long builds
      --list        List the rows
      --json FILE   Where the figures go (default target/autotest-bench/results.json)
      --tmpfs DIR   A directory in memory (default /dev/shm, else TMPDIR)
  -h, --help        Show this help

Exit code: 0 measured (also where a bar is not met), 1 a row could not be measured, 2 wrong usage.
";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Help,
    List,
    Measure(Choice),
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Rows by name; all if empty.
    pub(crate) only: Vec<String>,
    pub(crate) is_quick: bool,
    pub(crate) json: Option<PathBuf>,
    pub(crate) tmpfs: Option<PathBuf>,
}

/// Reads the command line; `names` are the rows that there are.
pub(crate) fn parse(
    args: impl IntoIterator<Item = OsString>,
    names: &[&str],
) -> Result<Request, String> {
    let mut parser = lexopt::Parser::from_args(args);
    let mut choice = Choice::default();
    let mut is_list = false;
    while let Some(arg) = parser.next().map_err(|error| error.to_string())? {
        use lexopt::prelude::*;
        match arg {
            Short('h') | Long("help") => return Ok(Request::Help),
            Long("list") => is_list = true,
            Long("quick") => choice.is_quick = true,
            Long("json") => choice.json = Some(value(&mut parser)?.into()),
            Long("tmpfs") => choice.tmpfs = Some(value(&mut parser)?.into()),
            Long("only") => choice.only.push(known(value(&mut parser)?, names)?),
            other => return Err(format!("{}; see --help", other.unexpected())),
        }
    }
    Ok(match is_list {
        true => Request::List,
        false => Request::Measure(choice),
    })
}

fn value(parser: &mut lexopt::Parser) -> Result<OsString, String> {
    parser.value().map_err(|error| error.to_string())
}

fn known(name: OsString, names: &[&str]) -> Result<String, String> {
    let name = name.to_string_lossy().into_owned();
    if names.contains(&name.as_str()) {
        return Ok(name);
    }
    Err(match nearest(&name, names.iter().copied()) {
        Some(near) => format!("no row is called `{name}`; did you mean `{near}`?"),
        None => format!("no row is called `{name}`; there are {}", names.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 2] = ["isolated", "list"];

    fn parsed(args: &[&str]) -> Result<Request, String> {
        parse(args.iter().map(OsString::from), &NAMES)
    }

    #[test]
    fn rows_can_be_chosen() {
        let choice = Choice {
            only: vec!["list".into(), "isolated".into()],
            is_quick: true,
            json: Some("x".into()),
            tmpfs: None,
        };
        let args = [
            "--only", "list", "--quick", "--json=x", "--only", "isolated",
        ];
        assert_eq!(parsed(&args), Ok(Request::Measure(choice)));
        assert_eq!(parsed(&["--list"]), Ok(Request::List));
        assert_eq!(parsed(&["-h"]), Ok(Request::Help));
    }

    #[track_caller]
    fn check_refused(args: &[&str], expected: &str) {
        assert_eq!(parsed(args), Err(expected.to_owned()));
    }

    #[test]
    fn wrong_usage_is_told() {
        check_refused(
            &["--only", "isolatd"],
            "no row is called `isolatd`; did you mean `isolated`?",
        );
        check_refused(
            &["--only", "zzzzzz"],
            "no row is called `zzzzzz`; there are isolated, list",
        );
        check_refused(&["--quik"], "invalid option '--quik'; see --help");
        check_refused(&["x"], "unexpected argument \"x\"; see --help");
        check_refused(&["--json"], "missing argument for option '--json'");
    }
}
