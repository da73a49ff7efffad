//! JUnit's XML, written at the end of the job.
//!
//! The report ignores records while the job runs, and reads the journal at the end, so that it takes no
//! memory during the job. At the end the whole document is in memory, so the output of tests in it is
//! limited.

mod cases;
mod suite;
mod xml;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::outlet::Outlet;
use crate::record::Record;
use crate::replay::Replay;
use crate::report::{Report, ReportError};
use crate::tree::Tree;
use crate::write_whole::write_whole;
use cases::Cases;

/// Writes the document of a job, made from its journal.
pub struct Junit {
    journal: File,
    jobdir: PathBuf,
    place: Option<JunitPlace>,
}

/// The destination of the document.
pub enum JunitPlace {
    /// `junit.xml` in the directory of the job.
    Tree(Tree),
    /// A file elsewhere. It is replaced atomically, unless it is a device or a pipe.
    File(PathBuf),
    /// A stream; its reader may go away.
    Stream(Box<dyn Write>),
}

impl Junit {
    /// Creates the report of the job in `jobdir`, whose journal is `journal`.
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
                let written = write_whole(&path, document.as_bytes());
                written.map_err(|error| {
                    let text = format!("`{}`: {error}", path.display());
                    io::Error::new(error.kind(), text)
                })
            }
            JunitPlace::Stream(out) => Outlet::new(out).write_lines(document),
        }
    }
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
