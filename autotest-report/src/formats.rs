//! The reports that every program with a job's journal offers: those on standard output, chosen by name, and the files
//! in the job's directory.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crate::job_files::JobFiles;
use crate::json_events::JsonEvents;
use crate::junit::{Junit, JunitPlace};
use crate::keyval::KeyvalFiles;
use crate::ktap::Ktap;
use crate::lava::Lava;
use crate::libtest_json::LibtestJson;
use crate::perf::PerfFiles;
use crate::report::Report;
use crate::status_log::StatusLog;
use crate::tap::{Tap, TapVersion};
use crate::terminal::{ShowOptions, Style, Terminal};
use crate::tree::Tree;

/// The report on standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// The terminal report, in one of two styles.
    #[default]
    Terminal,
    /// libtest's JSON lines.
    Json,
    /// JUnit's XML.
    Junit,
    /// The Test Anything Protocol.
    Tap(TapVersion),
    /// The kernel's TAP.
    Ktap,
    /// The signals of LAVA.
    Lava,
    /// The journal's records.
    JsonEvents,
}

/// The name of each format, with the style of the terminal report.
pub const FORMATS: &[(&str, Format, Option<Style>)] = &[
    ("pretty", Format::Terminal, Some(Style::Pretty)),
    ("terse", Format::Terminal, Some(Style::Terse)),
    ("json", Format::Json, None),
    ("junit", Format::Junit, None),
    ("tap", Format::Tap(TapVersion::V13), None),
    ("tap14", Format::Tap(TapVersion::V14), None),
    ("ktap", Format::Ktap, None),
    ("lava", Format::Lava, None),
    ("json-events", Format::JsonEvents, None),
];

impl Format {
    /// Creates the report, which writes to `out`. The output of tests is in `jobdir`, and the records in `journal`.
    ///
    /// # Errors
    /// If the journal's descriptor cannot be duplicated.
    pub fn report<W: Write + 'static>(
        self,
        out: W,
        jobdir: &Path,
        journal: &File,
        shown: ShowOptions,
    ) -> io::Result<Box<dyn Report>> {
        Ok(match self {
            Format::Terminal => Box::new(Terminal::new(out, jobdir, shown)),
            Format::Json => Box::new(LibtestJson::new(out, jobdir, shown.output)),
            Format::Junit => {
                let place = JunitPlace::Stream(Box::new(out));
                Box::new(Junit::new(journal.try_clone()?, jobdir, place))
            }
            // The same type as for the file `tap`: another instance would be 5 KB of code.
            Format::Tap(version) => {
                let out: Box<dyn Write> = Box::new(out);
                Box::new(Tap::in_dialect(out, version, Some(jobdir)))
            }
            Format::Ktap => Box::new(Ktap::new(out, Some(jobdir))),
            Format::Lava => Box::new(Lava::new(out)),
            Format::JsonEvents => Box::new(JsonEvents::new(out)),
        })
    }
}

/// The reports that every results tree has.
pub fn results_files(tree: &Tree) -> Vec<Box<dyn Report>> {
    vec![
        Box::new(StatusLog::new(tree)),
        Box::new(KeyvalFiles::new(tree)),
        Box::new(PerfFiles::new(tree)),
        Box::new(JobFiles::new(tree)),
    ]
}
