//! Three programs that read TAP take our bytes, with the verdict that the job has.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A program that reads TAP from a file.
struct Reader {
    program: &'static str,
    /// Its arguments before the file.
    args: &'static [&'static str],
    /// Where to get it.
    from: &'static str,
    /// What it prints where it does not understand a line.
    complaints: &'static [&'static str],
}

const READERS: &[Reader] = &[
    // TAP::Harness takes a file of this ending for TAP.
    Reader {
        program: "prove",
        args: &["--verbose"],
        from: "Debian's package perl",
        complaints: &["Parse errors"],
    },
    Reader {
        program: "tappy",
        args: &["-v"],
        from: "PyPI's package tap.py",
        complaints: &["Traceback", "skipping as invalid"],
    },
    Reader {
        program: "tap-parser",
        args: &["--json=0"],
        from: "npm's package tap-parser",
        complaints: &[r#"["extra","#, r#""tapError":""#],
    },
];

/// Says which readers are left out, and why.
pub(crate) fn tell_of_missing() {
    for Reader { program, from, .. } in READERS {
        let mut command = Command::new(program);
        let command = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if command.arg("--version").status().is_err() {
            eprintln!("left out: {program} is not installed ({from})");
        }
    }
}

/// Each reader that is installed says of `tap` what the job says of itself.
pub(crate) fn check(tap: &str, job_has_failed: bool) -> Result<(), String> {
    let mut file = tempfile::Builder::new().suffix(".tap").tempfile().unwrap();
    file.write_all(tap.as_bytes()).unwrap();
    READERS
        .iter()
        .try_for_each(|reader| reader.check(file.path(), tap, job_has_failed))
}

impl Reader {
    fn check(&self, file: &Path, tap: &str, job_has_failed: bool) -> Result<(), String> {
        let Reader { program, .. } = self;
        let Some(Output {
            status,
            stdout,
            stderr,
        }) = self.read(file)
        else {
            return Ok(());
        };
        let said = String::from_utf8_lossy(&stdout) + String::from_utf8_lossy(&stderr);
        if status.success() == job_has_failed {
            let verdict = if job_has_failed { "failed" } else { "passed" };
            return Err(format!(
                "{program}: {status}, but the job {verdict}: {said}"
            ));
        }
        // After a bail-out the plan is never met, which is an error to some of them.
        let is_bailed_out = tap.contains("\nBail out! ");
        let complaint = self.complaints.iter().find(|text| said.contains(**text));
        match complaint {
            Some(complaint) if !is_bailed_out => {
                Err(format!("{program} says {complaint:?}: {said}"))
            }
            _ => Ok(()),
        }
    }

    fn read(&self, file: &Path) -> Option<Output> {
        let mut command = Command::new(self.program);
        let args = self.args.iter().map(OsString::from);
        command.args(args).stdin(Stdio::null());
        match self.program {
            // It reads standard input alone.
            "tap-parser" => command.stdin(std::fs::File::open(file).unwrap()),
            _ => command.arg(file),
        };
        command.output().ok()
    }
}
