//! Collects rows into a directory, and reports what goes wrong.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use super::command::{Budget, Commands, Ended, Ran};
use super::file;
use super::log::Added;
use super::place::Place;
use super::protocol::{self, Note, Told};
use super::rows::{Row, Source};
use crate::exec::unix;

/// Sends notes about a run or the job to the supervisor.
#[derive(Debug)]
pub(super) struct Teller {
    channel: UnixStream,
    run: u32,
    subdir: String,
}

impl Teller {
    pub(super) fn new(channel: &UnixStream, run: u32, subdir: &str) -> io::Result<Teller> {
        Ok(Teller {
            channel: channel.try_clone()?,
            run,
            subdir: subdir.to_owned(),
        })
    }

    /// Notes that something is missing; the same text is recorded once per job.
    pub(super) fn note_once(&self, text: impl Into<String>) {
        self.send(text.into(), true);
    }

    /// Notes that something is missing in this run.
    pub(super) fn note(&self, text: impl Into<String>) {
        self.send(text.into(), false);
    }

    fn send(&self, text: String, is_told_once: bool) {
        let told = Told::Note(Note {
            run: self.run,
            subdir: self.subdir.clone(),
            text,
            is_told_once,
        });
        tell(self.channel.as_fd(), &told);
    }

    /// Notes that a file could not be read or written.
    pub(super) fn failed(&self, name: &str, error: &io::Error) {
        self.note_once(format!("`{name}` was not collected: {error}"));
    }
}

/// Sends a message. An error means that the supervisor is gone, and is ignored.
pub(super) fn tell(channel: BorrowedFd<'_>, told: &Told) {
    let _ = unix::send_all(channel, &protocol::line(told));
}

/// The destination of rows, and the means to collect them.
#[derive(Debug)]
pub(super) struct Target<'a> {
    pub(super) place: &'a mut Place,
    pub(super) teller: &'a Teller,
    pub(super) commands: &'a Commands,
    pub(super) budget: Budget,
}

impl Target<'_> {
    /// Collects a row: a whole file, or the output of a command.
    pub(super) fn collect(&mut self, row: &Row) {
        match &row.source {
            Source::File(path) if file::is_made_by_kernel(path) => self.read(row, path),
            Source::File(path) => match Added::since(None, path) {
                Ok(all) => self.added(row, &all),
                Err(error) => self.missing(row, &error),
            },
            Source::Command(command) => self.run(row, command),
        }
    }

    /// Collects a file that the kernel generates when it is read.
    fn read(&mut self, row: &Row, path: &str) {
        match file::read(path, row.most) {
            Ok((mut content, is_all)) => {
                if !is_all {
                    self.cut(row, &mut content);
                }
                self.write(&row.name, &content);
            }
            Err(error) => self.missing(row, &error),
        }
    }

    /// Collects the additions to a log.
    pub(super) fn added(&mut self, row: &Row, added: &Added) {
        if added.is_truncated {
            self.teller.note(format!(
                "`{}` became shorter while the test ran: what it had is lost",
                row.name
            ));
        }
        if added.is_empty() && !row.is_added {
            return;
        }
        match added.write(self.place, &row.name, row.most) {
            Ok(0) => {}
            Ok(left_out) => self.teller.note(format!(
                "`{}` has the last {} bytes; {left_out} are left out",
                row.name, row.most
            )),
            Err(error) => self.teller.failed(&row.name, &error),
        }
    }

    /// Runs a command and collects its output.
    fn run(&mut self, row: &Row, command: &str) {
        match self.commands.run(command, row.most, self.budget) {
            Ok(ran) => self.ran(row, ran),
            Err(error) => self.missing(row, &error),
        }
    }

    /// Collects the output of a command that has ended.
    pub(super) fn ran(&mut self, row: &Row, Ran { mut output, end }: Ran) {
        match end {
            Ended::Exited(0) => {}
            Ended::Exited(_) if !row.is_added && output.is_empty() => return,
            Ended::Exited(_) if !row.is_added => {}
            Ended::Exited(127) => self.problem(row, &mut output, "was not found"),
            Ended::Exited(status) => {
                self.problem(row, &mut output, &format!("exited with {status}"));
            }
            Ended::Cut => self.cut(row, &mut output),
            Ended::TimedOut => self.problem(row, &mut output, "took too long, and was ended"),
            Ended::LeftOut => {
                self.problem(row, &mut output, "was left out: others took too long");
            }
        }
        self.write(&row.name, &output);
    }

    /// Writes a file.
    pub(super) fn write(&mut self, name: &str, content: &[u8]) {
        if let Err(error) = self.place.write(name, content) {
            self.teller.failed(name, &error);
        }
    }

    fn cut(&self, row: &Row, content: &mut Vec<u8>) {
        content.extend(format!("\n[cut after {} bytes]\n", row.most).bytes());
        let (name, most) = (&row.name, row.most);
        self.teller
            .note(format!("`{name}` is cut after {most} bytes"));
    }

    /// Reports a problem with a command, in its file and in a note.
    fn problem(&self, row: &Row, content: &mut Vec<u8>, what: &str) {
        content.extend(format!("[the command {what}]\n").bytes());
        let name = &row.name;
        self.teller
            .note_once(format!("the command of `{name}` {what}"));
    }

    /// Notes that a file cannot be read, unless it is one of the built-in table, which many targets lack.
    fn missing(&self, row: &Row, error: &io::Error) {
        if row.is_added {
            self.teller.failed(&row.name, error);
        }
    }
}
