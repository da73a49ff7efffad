//! `report`: makes one report of several jobs: shards, attempts, the jobs of a runner, several targets.
//!
//! The jobs are merged into one sequence of records, in which each test has exactly one final verdict on each target;
//! every report is made from that. Contradictions are named, and do not prevent the report.

mod earlier;
mod html;
mod merged;
mod places;
mod records;
mod since;
mod source;
mod trace;
pub(crate) mod tree;
mod units;

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use autotest_report::sanitize::single_line;
use autotest_report::{
    FORMATS, Format, JobResult, Junit, JunitPlace, Replay, Report, Reports, ShowOptions, journal,
    write_whole,
};

use crate::cli::{self, Color};
use crate::db::DbError;
use crate::exit::Exit;
use crate::journals::{self, FindError};
use earlier::Earlier;
use merged::Merged;
use places::Layout;
use source::Scanned;
use tree::LeftOut;
use units::Units;

pub(crate) use merged::MergeError;
pub(crate) use source::SourceError;
pub(crate) use tree::TreeError;

/// An error of `report`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportError {
    #[error(transparent)]
    Find(#[from] FindError),
    #[error("{}", .0.iter().map(SourceError::to_string).collect::<Vec<_>>().join("\nerror: "))]
    Sources(Vec<SourceError>),
    #[error("{0}")]
    NoJob(String),
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Merge(#[from] MergeError),
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("failed to write `{path}`: {error}", path = .0.display(), error = .1)]
    Write(PathBuf, io::Error),
    #[error("failed to make the report: {0}")]
    Io(#[from] io::Error),
}

/// Merged jobs, and messages about problems in them.
struct Loaded {
    merged: Merged,
    problems: Vec<String>,
}

/// A merged job, ready for reports.
struct Opened {
    /// The directory that contains the directories of runs.
    jobdir: PathBuf,
    journal: File,
    layout: Layout,
    /// Messages about problems in the job.
    problems: Vec<String>,
}

/// Makes the reports.
///
/// # Errors
/// If something cannot be read or written. Problems in the results themselves are printed, and are not errors.
pub(crate) fn run(args: &cli::Report) -> Result<Exit, ReportError> {
    let loaded = load(&args.dirs, args.strict)?;
    let mut problems = loaded.problems;
    let since = args.since.as_ref();
    let earlier = since.map(|since| Earlier::of(since, &mut problems));
    let earlier = earlier.transpose()?;
    let opened = open(&loaded.merged, args.results.as_deref())?;
    let (has_failed, failures) = show(&opened, args)?;
    problems.extend(opened.problems.iter().cloned());
    problems.extend(failures);
    write_more(args, &loaded.merged, &opened, earlier.as_ref(), &problems)?;
    for problem in &problems {
        // Hosts, labels, arguments and directories come from journals, which anybody may have written.
        let _ = writeln!(io::stderr(), "error: {}", single_line(problem));
    }
    Ok(match (problems.is_empty(), has_failed) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::TestsFailed,
        (true, false) => Exit::Done,
    })
}

/// Merges the jobs of some targets, each with the target's name, into the results of a run, and shows the report.
///
/// # Errors
/// If something cannot be read or written.
pub(crate) fn merge_into(
    jobs: &[(PathBuf, String)],
    into: &Path,
    (format, shown): (Format, ShowOptions),
) -> Result<(), ReportError> {
    let loaded = load_of_targets(jobs)?;
    let left_out = tree::replace(&loaded.merged, into)?;
    print_notes(&left_out);
    let journal = File::open(into.join(journal::NAME))?;
    let out = io::BufWriter::new(io::stdout());
    let report = format.report(out, into, &journal, shown)?;
    let failures = Reports::new(vec![report]).update_all(Replay::new(journal)?);
    let problems = loaded.problems.iter().chain(&left_out.refused);
    for problem in problems.chain(&failures) {
        let _ = writeln!(io::stderr(), "error: {}", single_line(problem));
    }
    Ok(())
}

/// Reads all jobs in some directories.
fn load(dirs: &[PathBuf], is_strict: bool) -> Result<Loaded, ReportError> {
    let scanned = journals::jobs(dirs)?.into_iter();
    merged(scanned.map(|dir| source::scan(&dir)), is_strict)
}

/// Reads the jobs of some targets under the given names, since their own hostnames may be the same.
fn load_of_targets(jobs: &[(PathBuf, String)]) -> Result<Loaded, ReportError> {
    let scanned = jobs.iter().map(|(dir, target)| {
        let mut scanned = source::scan(dir)?;
        if let Some(source) = &mut scanned.source {
            source.start.hostname.clone_from(target);
        }
        Ok(scanned)
    });
    merged(scanned, false)
}

fn merged(
    scanned: impl Iterator<Item = Result<Scanned, SourceError>>,
    is_strict: bool,
) -> Result<Loaded, ReportError> {
    let (mut sources, mut problems, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for scanned in scanned {
        match scanned {
            Ok(scanned) => {
                sources.extend(scanned.source);
                problems.extend(scanned.damage);
            }
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(ReportError::Sources(errors));
    }
    if sources.is_empty() {
        return Err(ReportError::NoJob(problems.join("\nerror: ")));
    }
    let Units {
        units,
        contradictions,
    } = Units::of(sources);
    problems.extend(contradictions);
    let merged = Merged { units, is_strict };
    Ok(Loaded { merged, problems })
}

/// Writes the merged job to a results tree or, without one, to a temporary file.
fn open(merged: &Merged, results: Option<&Path>) -> Result<Opened, ReportError> {
    if let Some(dir) = results {
        let left_out = tree::write(merged, dir)?;
        print_notes(&left_out);
        let jobdir = std::fs::canonicalize(dir)?;
        return Ok(Opened {
            journal: File::open(jobdir.join(journal::NAME))?,
            jobdir,
            layout: Layout::Tree,
            problems: left_out.refused,
        });
    }
    let parts = merged.units.iter().flat_map(|unit| &unit.parts);
    let layout = Layout::in_place(parts.map(|part| &part.source));
    let jobdir = match &layout {
        Layout::InPlace(root) => root.clone(),
        Layout::Tree => PathBuf::new(),
    };
    let journal = tempfile::tempfile()?;
    let problems = merged.write(&layout, &journal)?.refused;
    Ok(Opened {
        jobdir,
        journal,
        layout,
        problems,
    })
}

fn print_notes(left_out: &LeftOut) {
    for note in left_out.notes() {
        let _ = writeln!(io::stderr(), "note: {}", single_line(&note));
    }
}

/// Shows the report on standard output, and writes the JUnit file. Returns whether a test failed, and messages about
/// what could not be written.
fn show(opened: &Opened, args: &cli::Report) -> Result<(bool, Vec<String>), ReportError> {
    let (format, shown) = shown(args);
    let out = io::BufWriter::new(io::stdout());
    let mut reports: Vec<Box<dyn Report>> =
        vec![format.report(out, &opened.jobdir, &opened.journal, shown)?];
    if let Some(path) = &args.junit {
        let place = JunitPlace::File(std::path::absolute(path)?);
        reports.push(Box::new(Junit::new(
            opened.journal.try_clone()?,
            &opened.jobdir,
            place,
        )));
    }
    let mut result = JobResult::default();
    let records = Replay::new(opened.journal.try_clone()?)?;
    let failures =
        Reports::new(reports).update_all(records.inspect(|record| result.record(record)));
    Ok((result.has_failed(), failures))
}

fn shown(args: &cli::Report) -> (Format, ShowOptions) {
    report_of(&args.format, args.show_output, Color::Auto)
}

/// The format with this name, and the options with which it is shown on standard output, not live.
pub(crate) fn report_of(name: &str, output: bool, color: Color) -> (Format, ShowOptions) {
    let known = FORMATS.iter().find(|(known, ..)| *known == name);
    let (_, format, style) = known.unwrap_or(&FORMATS[0]);
    let has_no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let shown = ShowOptions {
        style: style.unwrap_or_default(),
        output,
        live: false,
        is_coloured: match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => io::stdout().is_terminal() && !has_no_color,
        },
    };
    (*format, shown)
}

/// Writes the reports that need digests of the jobs: the time line, the changes and the page.
fn write_more(
    args: &cli::Report,
    merged: &Merged,
    opened: &Opened,
    earlier: Option<&Earlier>,
    problems: &[String],
) -> Result<(), ReportError> {
    if args.trace.is_none() && args.html.is_none() && earlier.is_none() {
        return Ok(());
    }
    let digests = merged.digests(&opened.layout)?;
    if let Some(path) = &args.trace {
        write(path, &trace::document(&digests))?;
    }
    let changes = match earlier {
        Some(earlier) => earlier.changes(&digests, &opened.layout)?,
        None => None,
    };
    if earlier.is_some() {
        print_changes(args, changes.as_ref())?;
    }
    if let Some(path) = &args.html {
        let page = html::page(path, &opened.jobdir, &digests, problems, changes.as_ref())?;
        write(path, page.as_bytes())?;
    }
    Ok(())
}

/// Prints the changes since earlier jobs: after a report for a person, otherwise on standard error, apart from the
/// report.
fn print_changes(args: &cli::Report, changes: Option<&since::Changes>) -> Result<(), ReportError> {
    let is_for_a_person = shown(args).0 == Format::Terminal;
    let mut out: Box<dyn Write> = match is_for_a_person {
        true => Box::new(io::stdout().lock()),
        false => Box::new(io::stderr().lock()),
    };
    let none = "\nthe database has no earlier job of these suites on these targets\n";
    let text = changes.map_or(none.to_owned(), since::text);
    match out.write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    write_whole(path, bytes).map_err(|error| ReportError::Write(path.to_owned(), error))
}
