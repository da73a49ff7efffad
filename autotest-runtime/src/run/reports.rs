//! Creates the reports of a job, and repairs their files at its end.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

#[cfg(feature = "html")]
use autotest_report::Html;
use autotest_report::{
    Junit, JunitPlace, Logfile, Replay, Report, Reports, ShowOptions, Tap, TapFiles, Tree,
    is_linked, journal, results_files,
};
use rustix::fs::OFlags;

use super::MainError;
use crate::cli::{Action, Options};
use crate::engine::Variables;
use crate::exec::Isolation;
use crate::hub::Hub;
use crate::screen::Stream;

/// The reports that write files, into `tree` or to a path given by Bazel. The output of tests is in `jobdir`.
pub(super) fn in_files(
    tree: &Tree,
    jobdir: &Path,
    journal: &File,
    options: &Options,
) -> io::Result<Vec<Box<dyn Report>>> {
    let mut reports = results_files(tree);
    let files = &options.files;
    if files.tap {
        let out: Box<dyn Write> = Box::new(tree.append_to("tap"));
        reports.push(Box::new(Tap::new(out, None)));
        reports.push(Box::new(TapFiles::new(tree, journal.try_clone()?)));
    }
    let in_tree = files.junit.then(|| JunitPlace::Tree(tree.clone()));
    let elsewhere = files.junit_at.clone().map(JunitPlace::File);
    for place in in_tree.into_iter().chain(elsewhere) {
        let junit = Junit::new(journal.try_clone()?, jobdir, place);
        reports.push(Box::new(junit));
    }
    #[cfg(feature = "html")]
    if files.html {
        reports.push(Box::new(Html::new(journal.try_clone()?, jobdir, tree)));
    }
    Ok(reports)
}

/// The report on standard output. The output of tests is in `jobdir`.
pub(super) fn on_stdout(
    out: Stream,
    jobdir: &Path,
    journal: &File,
    options: &Options,
) -> io::Result<Box<dyn Report>> {
    let shown = show_options(&out, options);
    // Buffered, so that each line is one write.
    let out = BufWriter::new(out);
    options.format.report(out, jobdir, journal, shown)
}

/// The options of the terminal report. A log has no colours and no progress line.
fn show_options(out: &Stream, options: &Options) -> ShowOptions {
    let variables = Variables::of_process();
    let is_dumb = variables.get("TERM").is_none_or(|term| term == "dumb");
    let is_alone = options.isolation != Isolation::None && !options.exec.nocapture;
    // A replayed job makes no progress.
    let is_told_now = matches!(options.action, Action::Run);
    let is_watched = out.is_terminal() && !is_dumb && variables.get("CI").is_none();
    ShowOptions {
        style: options.style,
        output: options.show_output,
        live: is_watched && is_alone && is_told_now,
        is_coloured: options.color.is_coloured(out.is_terminal(), variables),
    }
}

/// Opens the log file. Must be called before the results directory is created, so that nothing is run if the path is
/// wrong.
pub(super) fn logfile(options: &Options) -> Result<Option<Box<dyn Report>>, MainError> {
    let Some(path) = &options.files.logfile else {
        return Ok(None);
    };
    match File::create(path) {
        Ok(file) => Ok(Some(Box::new(Logfile::new(file)))),
        Err(error) => Err(MainError::Logfile(path.clone(), error)),
    }
}

/// Makes the files of a job again from its journal, and replaces the existing ones. Returns the failures.
fn rebuild(journal: File, jobdir: &Path, options: &Options) -> Vec<String> {
    let rebuilt = || -> io::Result<Vec<String>> {
        let tree = Tree::staged(jobdir)?;
        let reports = in_files(&tree, jobdir, &journal, options)?;
        let failures = Reports::new(reports).update_all(Replay::new(journal)?);
        tree.commit()?;
        Ok(failures)
    };
    rebuilt()
        .unwrap_or_else(|error| vec![format!("failed to make reports from the journal: {error}")])
}

/// Restores, at the end of a job, files that a report could not write or that a test removed. Returns the remaining
/// failures.
pub(super) fn repair(
    hub: &Hub,
    tree: &Tree,
    options: &Options,
    failures: Vec<String>,
) -> Vec<String> {
    let jobdir = &tree.jobdir();
    let Ok(journal) = hub.journal_file() else {
        return failures;
    };
    let is_there = is_linked(&journal);
    if is_there && failures.is_empty() && !tree.needs_rebuild() {
        return failures;
    }
    if !is_there && let Err(error) = put_again(&journal, jobdir) {
        return vec![format!("the journal was removed: {error}")];
    }
    let missing = rebuild(journal, jobdir, options);
    if missing.is_empty() {
        let removed = (!is_there).then(|| "the results were removed".to_owned());
        for failure in removed.into_iter().chain(failures) {
            let _ = writeln!(io::stderr(), "note: {failure}; made again from the journal");
        }
    }
    missing
}

/// Restores a removed journal, whose content exists as long as it is open.
fn put_again(journal: &File, jobdir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(jobdir)?;
    let tree = Tree::open(jobdir)?;
    let mut copy = tree.open_file(Path::new(journal::NAME), OFlags::RDWR | OFlags::TRUNC)?;
    io::copy(&mut journal::whole(journal.try_clone()?), &mut copy)?;
    Ok(())
}
