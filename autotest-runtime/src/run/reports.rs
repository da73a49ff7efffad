//! Which reports a job has.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use rustix::fs::OFlags;

use crate::cli::Options;
use crate::engine::Variables;
use crate::hub::{Hub, Report, ReportError};
use crate::journal;
use crate::replay::Replay;
use crate::report::{
    JobFiles, KeyvalFiles, PerfFiles, ShowOptions, StatusLog, Terminal, Tree, is_linked,
};
use crate::screen::Stream;

/// The reports that are files of the results tree.
pub(super) fn in_files(tree: &Tree) -> Vec<Box<dyn Report>> {
    vec![
        Box::new(StatusLog::new(tree)),
        Box::new(KeyvalFiles::new(tree)),
        Box::new(PerfFiles::new(tree)),
        Box::new(JobFiles::new(tree)),
    ]
}

/// The report on standard output, of the job in `jobdir`.
pub(super) fn shown(out: Stream, jobdir: &Path, options: &Options) -> Box<dyn Report> {
    let shown = ShowOptions {
        style: options.style,
        output: options.show_output,
        is_coloured: options
            .color
            .is_coloured(out.is_terminal(), Variables::of_process()),
    };
    Box::new(Terminal::new(out, jobdir, shown))
}

/// Makes the files of a job again from its journal, and puts them in place of those that are there.
/// Returns what could not be made.
pub(super) fn rebuild(journal: File, jobdir: &Path) -> Vec<String> {
    let rebuilt = || -> io::Result<Vec<String>> {
        let tree = Tree::staged(jobdir)?;
        let failures = tell_all(Replay::new(journal)?, in_files(&tree));
        tree.settle()?;
        Ok(failures)
    };
    rebuilt().unwrap_or_else(|error| vec![format!("failed to make reports again: {error}")])
}

/// Tells all records to all reports, and ends them. Returns what failed.
pub(super) fn tell_all(records: Replay, mut reports: Vec<Box<dyn Report>>) -> Vec<String> {
    let mut failures = Vec::new();
    let mut each = |f: &mut dyn FnMut(&mut dyn Report) -> Result<(), ReportError>| {
        for report in &mut reports {
            if let Err(error) = f(report.as_mut()) {
                failures.push(format!("failed to write the {}: {error}", report.name()));
            }
        }
    };
    for record in records {
        each(&mut |report| report.record(&record));
    }
    each(&mut |report| report.finish());
    failures
}

/// At the end of a job: what a report could not write, or a test took away, is made again. Returns
/// what is missing all the same.
pub(super) fn repair(hub: &Hub, jobdir: &Path, failures: Vec<String>) -> Vec<String> {
    let Ok(journal) = hub.journal_file() else {
        return failures;
    };
    let is_there = is_linked(&journal);
    if is_there && failures.is_empty() {
        return failures;
    }
    if !is_there && let Err(error) = put_again(&journal, jobdir) {
        return vec![format!("the journal was removed: {error}")];
    }
    let missing = rebuild(journal, jobdir);
    if missing.is_empty() {
        let removed = (!is_there).then(|| "the results were removed".to_owned());
        for failure in removed.into_iter().chain(failures) {
            let _ = writeln!(io::stderr(), "note: {failure}; made again from the journal");
        }
    }
    missing
}

/// The journal under its name again: the file lives as long as we have it open.
fn put_again(journal: &File, jobdir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(jobdir)?;
    let tree = Tree::open(jobdir)?;
    let mut copy = tree.open_file(Path::new(journal::NAME), OFlags::RDWR | OFlags::TRUNC)?;
    io::copy(&mut journal::whole(journal.try_clone()?), &mut copy)?;
    Ok(())
}
