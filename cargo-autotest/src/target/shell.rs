//! Runs scripts in a target's shell, and reads their answers.
//!
//! A target has a POSIX shell, but the login shell may be another one, such as fish. So the command line contains
//! nothing that shells interpret differently, and the script comes through standard input.

use std::io::{self, BufRead, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::watchdog::{Watchdog, Watched};
use super::{ConnectError, Parting, Transport};

/// The mark at the end of an answer, followed by the exit code of the script.
const MARK: &str = "#autotest-answer:";

/// The maximum length of a target's message that an error shows.
const SHOWN_CHARS: usize = 2000;

/// A script that sends no signs of life may be silent this many times longer than one that does.
const WORDLESS: u32 = 5;

/// A shell on a target.
#[derive(Debug)]
pub(crate) struct Shell {
    transport: Box<dyn Transport>,
    silence: Duration,
}

/// A script in progress. Its process is killed if nothing comes from it for too long.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) stdout: Watched<ChildStdout>,
    pub(crate) watchdog: Watchdog,
}

/// The exit code and the output of a script.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    /// Its error output, in one line.
    pub(crate) fn said(&self) -> String {
        said(&self.stderr)
    }

    /// The value in the line `NAME=VALUE`.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let mut lines = self.stdout.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
    }
}

/// An error when running a script.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShellError {
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The connection broke, or there is no shell.
    #[error("the target did not answer{}", if .0.is_empty() { String::new() } else { format!(": {}", .0) })]
    Silent(String),
    #[error("failed to start a program: {0}")]
    Io(#[from] io::Error),
}

impl Shell {
    /// A shell whose target counts as gone if nothing comes from it for the time `silence`.
    pub(crate) fn new(transport: Box<dyn Transport>, silence: Duration) -> Shell {
        Shell { transport, silence }
    }

    /// Connects, or connects again.
    ///
    /// # Errors
    /// If the target cannot be reached.
    pub(crate) fn connect(&mut self) -> Result<(), ConnectError> {
        self.transport.connect()
    }

    /// Moves the transport's own files into the directory of the run's results.
    ///
    /// # Errors
    /// If it cannot be moved.
    pub(crate) fn settle(&mut self, results: &Path) -> io::Result<()> {
        self.transport.settle(results)
    }

    /// Switches off the machine that the transport runs; `false` if it runs none.
    pub(crate) fn switch_off(&mut self) -> bool {
        self.transport.switch_off()
    }

    /// Decides the fate of a machine that the transport runs.
    pub(crate) fn part(&mut self, parting: Parting) {
        self.transport.part(parting);
    }

    /// Runs a script.
    ///
    /// # Errors
    /// If it did not run to its end. A failing exit code is not an error.
    pub(crate) fn ask(&self, script: &str) -> Result<Answer, ShellError> {
        let line = format!("exec sh -c '(eval \"$(cat)\"); code=$?; echo; echo \"{MARK}$code\"'");
        self.answer(&line, &mut script.as_bytes())
    }

    /// Runs a script that reads `input`. Other users of the target can see the script.
    ///
    /// # Errors
    /// If it did not run to its end.
    pub(crate) fn send(&self, script: &str, input: &mut dyn Read) -> Result<Answer, ShellError> {
        let line = format!(
            "exec sh -c '(eval \"$(printf %b \"$0\")\"); code=$?; echo; echo \"{MARK}$code\"' '{}'",
            encoded(script)
        );
        self.answer(&line, input)
    }

    /// Starts a script whose standard output is read while it runs. The script must send signs of life there.
    ///
    /// # Errors
    /// If the program of the transport cannot be started.
    pub(crate) fn start(&self, script: &str) -> io::Result<Running> {
        let mut command = self.transport.command("exec sh -c 'eval \"$(cat)\"'");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A broken connection shows at the end of the output.
            let _ = stdin.write_all(script.as_bytes());
        }
        let stdout = child.stdout.take().ok_or_else(no_pipe)?;
        let watchdog = Watchdog::new(&child, self.silence);
        Ok(Running {
            child,
            stdout: watchdog.watch(stdout),
            watchdog,
        })
    }

    fn answer(&self, line: &str, input: &mut dyn Read) -> Result<Answer, ShellError> {
        let mut command = self.transport.command(line);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or_else(no_pipe)?;
        let stderr = child.stderr.take().ok_or_else(no_pipe)?;
        let watchdog = Watchdog::new(&child, self.silence * WORDLESS);
        let stdout = read_beside(watchdog.watch(stdout));
        let stderr = read_beside(watchdog.watch(stderr));
        if let Some(mut stdin) = child.stdin.take() {
            // If nobody reads any more, the answer says why.
            let _ = io::copy(&mut watchdog.watch(input), &mut stdin);
        }
        let (stdout, stderr) = (text_of(stdout), text_of(stderr));
        child.wait()?;
        if let Some(said) = watchdog.said() {
            return Err(ShellError::Silent(said));
        }
        let mark = stdout.rfind(&format!("\n{MARK}"));
        let Some((stdout, code)) = mark.map(|mark| stdout.split_at(mark)) else {
            let both = format!("{stdout}\n{stderr}");
            return Err(ShellError::Silent(said(&both)));
        };
        let code = code[1 + MARK.len()..].trim().parse();
        Ok(Answer {
            code: code.unwrap_or(1),
            stdout: stdout.to_owned(),
            stderr,
        })
    }
}

/// Reads a pipe to its end in its own thread.
fn read_beside(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}

fn text_of(bytes: mpsc::Receiver<Vec<u8>>) -> String {
    String::from_utf8_lossy(&bytes.recv().unwrap_or_default()).into_owned()
}

fn no_pipe() -> io::Error {
    io::Error::other("it has no pipe")
}

/// Joins the lines of a text into one, and shortens it.
fn said(text: &str) -> String {
    let lines = text.as_bytes().lines().map_while(Result::ok);
    let lines: Vec<String> = lines
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    let said = lines.join("; ");
    match said.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &said[..end]),
        None => said,
    }
}

/// Quotes a text for a POSIX shell, as one word.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Encodes a text for `printf %b`, without any character that shells may interpret differently in single quotes.
fn encoded(text: &str) -> String {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || b" ./-_=:;,<>|&(){}[]\"$".contains(&byte);
    let mut encoded = String::new();
    for byte in text.bytes() {
        match is_plain(byte) {
            true => encoded.push(char::from(byte)),
            false => encoded.push_str(&format!("\\0{byte:03o}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::local::Local;

    fn local() -> Shell {
        Shell::new(Box::new(Local), Duration::from_secs(60))
    }

    #[test]
    fn silence_is_no_answer() {
        let shell = Shell::new(Box::new(Local), Duration::from_millis(10));
        let expected = "the target did not answer: nothing came from it for 50ms";
        let error = shell.ask("sleep 1000").unwrap_err();
        assert_eq!(error.to_string(), expected);
        // More than fits into a pipe.
        let error = shell.send("sleep 1000", &mut &[0; 1 << 20][..]);
        assert_eq!(error.unwrap_err().to_string(), expected);
        let mut running = shell.start("echo begun; sleep 1000").unwrap();
        let mut text = String::new();
        running.stdout.read_to_string(&mut text).unwrap();
        assert_eq!(text, "begun\n");
        assert!(!running.child.wait().unwrap().success());
        let said = running.watchdog.said();
        assert_eq!(said.unwrap(), "nothing came from it for 10ms");
    }

    #[test]
    fn an_answer_has_output_and_code() {
        let answer = local().ask("echo 'it'\\''s'; echo no >&2; false").unwrap();
        assert_eq!((answer.code, answer.stdout.as_str()), (1, "it's\n"));
        assert_eq!(answer.said(), "no");
        let answer = local().ask("echo a=1\nprintf b=2").unwrap();
        assert_eq!((answer.code, answer.value("b")), (0, Some("2")));
        assert_eq!(answer.value("c"), None);
    }

    #[test]
    fn a_script_may_have_input() {
        let script = "cat; printf ' %s' 'it'\\''s! \\n ü'\nexit_code() { return 3; }\nexit_code";
        let answer = local().send(script, &mut "in".as_bytes()).unwrap();
        assert_eq!((answer.code, answer.stdout.as_str()), (3, "in it's! \\n ü"));
    }

    #[test]
    fn no_shell_is_no_answer() {
        let error = local().ask("echo unavailable; kill -9 $$").unwrap_err();
        assert_eq!(error.to_string(), "the target did not answer: unavailable");
    }

    #[test]
    fn words_are_quoted_for_any_text() {
        for text in ["", "a b", "it's", "$x `y` \"z\" \\", "new\nline"] {
            let answer = local().ask(&format!("printf %s {}", quoted(text))).unwrap();
            assert_eq!(answer.stdout, text);
        }
    }
}
