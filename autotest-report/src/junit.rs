//! JUnit's XML, written whole when the job ends.
//!
//! The report is told nothing as things happen: it reads the journal again, so that a job costs no memory
//! while it runs. At the end the document is in memory once; hence what it shows of output has a bound.

mod cases;
mod suite;
mod xml;

use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::outlet::Outlet;
use crate::record::Record;
use crate::replay::Replay;
use crate::report::{Report, ReportError};
use crate::tree::Tree;
use cases::Cases;

/// Writes the document of a job from its journal.
pub struct Junit {
    journal: File,
    jobdir: PathBuf,
    place: Option<JunitPlace>,
}

/// Where the document goes.
pub enum JunitPlace {
    /// `junit.xml` in the directory of the job.
    Tree(Tree),
    /// A file elsewhere; there is all of it, or what was there before.
    File(PathBuf),
    /// A stream, whose reader may go away.
    Stream(Box<dyn Write>),
}

impl Junit {
    /// From `journal`, which is that of the job in `jobdir`.
    pub fn new(journal: File, jobdir: &Path, place: JunitPlace) -> Junit {
        Junit {
            journal,
            jobdir: jobdir.to_owned(),
            place: Some(place),
        }
    }

    fn document(&self) -> io::Result<String> {
        let mut cases = Cases::new(&self.jobdir);
        for record in Replay::new(self.journal.try_clone()?)? {
            cases.add(&record);
        }
        Ok(cases.into_document())
    }
}

impl JunitPlace {
    fn write(self, document: &str) -> io::Result<()> {
        match self {
            JunitPlace::Tree(tree) => tree.write_whole("junit.xml", document.as_bytes()),
            JunitPlace::File(path) => {
                let written = write_beside(&path, document.as_bytes());
                written.map_err(|error| {
                    let text = format!("`{}`: {error}", path.display());
                    io::Error::new(error.kind(), text)
                })
            }
            JunitPlace::Stream(out) => Outlet::new(out).write_lines(document),
        }
    }
}

/// Whoever reads the file finds a whole document in it.
fn write_beside(path: &Path, document: &[u8]) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    // As others may read any other report; the process's mask holds.
    let builder = builder.permissions(Permissions::from_mode(0o666));
    let mut file = builder.tempfile_in(dir.unwrap_or(Path::new(".")))?;
    file.write_all(document)?;
    file.persist(path)?;
    Ok(())
}

impl Report for Junit {
    fn name(&self) -> &'static str {
        "JUnit report"
    }

    /// Everything is written at the end, from the journal.
    fn record(&mut self, _: &Record) -> Result<(), ReportError> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        match self.place.take() {
            Some(place) => Ok(place.write(&self.document()?)?),
            None => Ok(()),
        }
    }
}
