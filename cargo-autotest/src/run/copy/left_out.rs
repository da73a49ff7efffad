//! The list of what the target did not send or the host did not accept, in a file beside the results: a process that takes
//! up the run is not told of it again.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The name of the file. Each line is a message, as a JSON string.
const NAME: &str = ".autotest-run.left-out";

/// Messages about what was left out, each once.
#[derive(Debug)]
pub(super) struct LeftOut {
    path: PathBuf,
    messages: BTreeSet<String>,
}

impl LeftOut {
    /// Reads the list of the results in `dir`, if there is one.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn open(dir: &Path) -> io::Result<LeftOut> {
        let path = dir.join(NAME);
        let text = match std::fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            read => read?,
        };
        let newline = text.iter().rposition(|byte| *byte == b'\n');
        let (whole, cut) = text.split_at(newline.map_or(0, |newline| newline + 1));
        // The last line is cut if the disk was full.
        if !cut.is_empty() {
            let file = File::options().write(true).open(&path)?;
            file.set_len(whole.len() as u64)?;
        }
        let lines = whole.split(|byte| *byte == b'\n');
        let messages = lines.filter_map(|line| serde_json::from_slice(line).ok());
        Ok(LeftOut {
            path,
            messages: messages.collect(),
        })
    }

    /// Adds a message, unless it is there.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn add(&mut self, message: String) -> io::Result<()> {
        if !self.messages.contains(&message) {
            let line = format!("{}\n", serde_json::to_string(&message)?);
            let mut file = File::options().append(true).create(true).open(&self.path)?;
            file.write_all(line.as_bytes())?;
            self.messages.insert(message);
        }
        Ok(())
    }

    /// Removes all messages.
    ///
    /// # Errors
    /// If the file cannot be removed.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.messages.clear();
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    pub(super) fn messages(&self) -> &BTreeSet<String> {
        &self.messages
    }
}
