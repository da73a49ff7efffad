//! What a program writes: kept within a limit, logged line by line within another.

use std::collections::VecDeque;
use std::time::Duration;

use super::output::Output;

/// The first bytes of a stream that are kept.
const HEAD_BYTES: usize = 4 << 20;
/// The last bytes of a stream that are kept.
const TAIL_BYTES: usize = 64 << 10;
/// How much of a stream is logged.
const LOGGED_BYTES: usize = 256 << 10;
/// A longer line is logged in pieces.
const LINE_BYTES: usize = 4096;
/// How many lines can be waited for, counted from the last.
const LINES: usize = 4096;

/// A stream of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Stdout,
    Stderr,
}

/// What a program has written so far.
#[derive(Debug)]
pub(super) struct Capture {
    stdout: Kept,
    stderr: Kept,
    /// The last complete lines of both streams, if somebody may look for one.
    lines: Option<VecDeque<Line>>,
    /// How many lines were complete before the first of `lines`.
    gone: usize,
}

/// A complete line.
#[derive(Debug)]
struct Line {
    text: String,
    /// The offset behind the last text that was found in it before it was complete.
    searched: usize,
}

impl Line {
    fn contains(&self, text: &str) -> bool {
        let rest = self.text.get(self.searched..);
        rest.is_some_and(|rest| rest.contains(text))
    }
}

impl Capture {
    /// `name` is that of the program.
    pub(super) fn new(name: String) -> Capture {
        Capture {
            stderr: Kept::new(format!("{name} stderr")),
            stdout: Kept::new(name),
            lines: None,
            gone: 0,
        }
    }

    /// Like [`new`](Capture::new), but lines can be found.
    pub(super) fn with_lines(name: String) -> Capture {
        Capture {
            lines: Some(VecDeque::new()),
            ..Capture::new(name)
        }
    }

    pub(super) fn add(&mut self, stream: Stream, bytes: &[u8]) {
        let kept = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        kept.keep(bytes);
        if self.lines.is_none() && kept.is_logged() {
            return;
        }
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            kept.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") || kept.line.len() >= LINE_BYTES {
                let searched = std::mem::take(&mut kept.searched);
                let text = kept.take_line();
                let Some(lines) = &mut self.lines else {
                    continue;
                };
                if lines.len() == LINES {
                    lines.pop_front();
                    self.gone += 1;
                }
                lines.push_back(Line { text, searched });
            }
        }
    }

    /// The first line with this text from the line `from` on, with the number of the line behind it. The last
    /// line of a stream need not be complete; text that is added to it later can be found by the next call.
    pub(super) fn find(&mut self, text: &str, from: usize) -> Option<(String, usize)> {
        let lines = self.lines.as_ref()?;
        let skipped = from.saturating_sub(self.gone);
        let count = lines.len();
        let mut lines = lines.iter().enumerate().skip(skipped);
        if let Some((index, line)) = lines.find(|(_, line)| line.contains(text)) {
            return Some((line.text.clone(), self.gone + index + 1));
        }
        let mut partial = [&mut self.stdout, &mut self.stderr].into_iter();
        let line = partial.find_map(|kept| kept.find_in_line(text))?;
        Some((line, self.gone + count))
    }

    /// The output, once the program has ended.
    pub(super) fn into_output(mut self, elapsed: Duration) -> Output {
        for kept in [&mut self.stdout, &mut self.stderr] {
            if !kept.line.is_empty() {
                kept.take_line();
            }
        }
        Output::new(self.stdout.into_bytes(), self.stderr.into_bytes(), elapsed)
    }

    /// The last lines of both streams, for an error.
    pub(super) fn last_lines(&self, count: usize) -> Vec<&str> {
        let lines = self.lines.iter().flatten();
        let skipped = lines.clone().count().saturating_sub(count);
        lines.skip(skipped).map(|line| line.text.as_str()).collect()
    }
}

/// What is kept of a stream.
#[derive(Debug)]
struct Kept {
    /// The stream in log lines.
    label: String,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    left_out: u64,
    /// The line that has no end yet.
    line: Vec<u8>,
    /// The offset behind the last text that was found in that line.
    searched: usize,
    logged: usize,
}

impl Kept {
    fn new(label: String) -> Kept {
        Kept {
            label,
            head: Vec::new(),
            tail: VecDeque::new(),
            left_out: 0,
            line: Vec::new(),
            searched: 0,
            logged: 0,
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = HEAD_BYTES - self.head.len();
        let (head, tail) = bytes.split_at(room.min(bytes.len()));
        self.head.extend_from_slice(head);
        self.tail.extend(tail);
        let too_many = self.tail.len().saturating_sub(TAIL_BYTES);
        self.tail.drain(..too_many);
        self.left_out += too_many as u64;
    }

    /// Whether as much is logged as may be.
    fn is_logged(&self) -> bool {
        self.logged > LOGGED_BYTES
    }

    /// The line that has no end yet, if it has this text behind what was found in it before.
    fn find_in_line(&mut self, text: &str) -> Option<String> {
        let line = String::from_utf8_lossy(&self.line);
        let at = line.get(self.searched..)?.find(text)?;
        self.searched += at + text.len();
        Some(line.into_owned())
    }

    /// Takes and logs the line.
    fn take_line(&mut self) -> String {
        let line = String::from_utf8_lossy(&self.line);
        let line = line.trim_end_matches(['\n', '\r']).to_owned();
        self.line.clear();
        if !self.is_logged() {
            self.logged += line.len() + 1;
            log::debug!("[{}] {line}", self.label);
            if self.is_logged() {
                log::debug!("[{}] what follows is not logged", self.label);
            }
        }
        line
    }

    fn into_bytes(self) -> Vec<u8> {
        let Kept {
            mut head,
            tail,
            left_out,
            ..
        } = self;
        if left_out > 0 {
            head.extend_from_slice(format!("\n[{left_out} bytes left out]\n").as_bytes());
        }
        head.extend(tail);
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture() -> Capture {
        Capture::with_lines("program".to_owned())
    }

    #[test]
    fn the_middle_of_a_long_stream_is_left_out() {
        let mut capture = capture();
        let line = [b'x'; 1023]
            .iter()
            .chain(b"\n")
            .copied()
            .collect::<Vec<_>>();
        let lines = HEAD_BYTES / line.len() + 1000;
        for _ in 0..lines {
            capture.add(Stream::Stdout, &line);
        }
        capture.add(Stream::Stdout, b"the end");
        let output = capture.into_output(Duration::ZERO);
        assert!(output.stdout.len() < HEAD_BYTES + TAIL_BYTES + 100);
        assert!(output.stdout.ends_with("the end"));
        let left_out = lines * line.len() + "the end".len() - HEAD_BYTES - TAIL_BYTES;
        let note = format!("\n[{left_out} bytes left out]\n");
        assert!(output.stdout.contains(&note));
    }

    #[test]
    fn a_line_is_found_once() {
        let mut capture = capture();
        capture.add(Stream::Stdout, b"starting\nready 1\nrea");
        let (line, next) = capture.find("ready", 0).unwrap();
        assert_eq!((line.as_str(), next), ("ready 1", 2));
        assert_eq!(capture.find("ready", next), None);
        capture.add(Stream::Stdout, b"dy 2\n");
        capture.add(Stream::Stderr, b"ready 3");
        let (line, next) = capture.find("ready", next).unwrap();
        assert_eq!((line.as_str(), next), ("ready 2", 3));
    }

    #[test]
    fn a_prompt_is_found_before_its_line_ends() {
        let mut capture = capture();
        capture.add(Stream::Stdout, b"hello\nlogin: ");
        let (line, next) = capture.find("login:", 0).unwrap();
        assert_eq!((line.as_str(), next), ("login: ", 1));
        assert_eq!(capture.find("login:", next), None);
        capture.add(Stream::Stdout, b"password: ");
        let (line, next) = capture.find("password:", next).unwrap();
        assert_eq!((line.as_str(), next), ("login: password: ", 1));
        capture.add(Stream::Stdout, b"\nlogin again\n");
        assert_eq!(capture.find("login:", next), None);
        let (line, next) = capture.find("login", next).unwrap();
        assert_eq!((line.as_str(), next), ("login again", 3));
    }

    #[test]
    fn lines_that_are_gone_are_not_found() {
        let mut capture = capture();
        capture.add(Stream::Stdout, b"first\n");
        for _ in 0..LINES {
            capture.add(Stream::Stderr, b"more\n");
        }
        assert_eq!(capture.find("first", 0), None);
        assert_eq!(capture.find("more", 0).unwrap().1, 2);
    }

    #[test]
    fn bytes_that_are_no_text_are_kept() {
        let mut capture = capture();
        capture.add(Stream::Stdout, &[0xff, 0, b'\n']);
        let output = capture.into_output(Duration::ZERO);
        assert_eq!(output.stdout_bytes(), [0xff, 0, b'\n']);
        assert_eq!(output.stdout, "\u{fffd}\0\n");
    }
}
