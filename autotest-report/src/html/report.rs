//! Writes the page of a job into its directory, at the end of the job.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::{HtmlJob, Page};
use crate::digest::Digest;
use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::tree::Tree;

/// Writes `report.html`, made from the journal and the files of the tests.
pub struct Html {
    journal: File,
    jobdir: PathBuf,
    tree: Tree,
}

impl Html {
    /// Creates the report of the job in `jobdir`, whose journal is `journal`. It writes to `tree`.
    pub fn new(journal: File, jobdir: &Path, tree: &Tree) -> Html {
        Html {
            journal,
            jobdir: jobdir.to_owned(),
            tree: tree.clone(),
        }
    }

    fn page(&self) -> io::Result<String> {
        let digest = Digest::of(self.journal.try_clone()?)?;
        let jobs = [HtmlJob {
            digest: &digest,
            dir: &self.jobdir,
        }];
        Ok(super::page(&Page {
            jobs: &jobs,
            base: Some(&self.tree.jobdir()),
            ..Page::default()
        }))
    }
}

impl Report for Html {
    fn name(&self) -> &'static str {
        "HTML report"
    }

    /// Everything is written at the end, from the journal.
    fn record(&mut self, _: &Record) -> Result<(), ReportError> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let page = self.page()?;
        Ok(self.tree.write_whole("report.html", page.as_bytes())?)
    }
}
