//! The process of a job that examines kept crashes: it obtains a backtrace, and compresses the core file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::compress::compress;
use super::core_file::Core;
use super::crash_dir::{self, CrashDir, Kept, create};
use super::facts;
use super::frames;
use super::gdb::{self, NoBacktrace};
use super::sparse;
use crate::exec::verdict::signal_name;

/// How long to wait for the handler, which has only the last bytes of a core dump left to read by now.
const PATIENCE: Duration = Duration::from_secs(10);

/// What to examine after a process of a run has ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Examination {
    pub(in crate::exec) outputdir: PathBuf,
    /// Core files that the kernel wrote without the handler.
    pub(in crate::exec) found: Vec<PathBuf>,
}

/// Examines all crashes of a run. Returns the exit status.
pub(in crate::exec) fn examine(examination: &Examination) -> i32 {
    let outputdir = &examination.outputdir;
    let start = Instant::now();
    while crash_dir::is_incomplete(outputdir) && start.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(2));
    }
    for core in &examination.found {
        let _ = adopt(core, outputdir);
    }
    let mut hangs = false;
    for name in crash_dir::names(outputdir) {
        let dir = crash_dir::dir_of(outputdir, &name);
        if let Some(mut kept) = crash_dir::raw(&dir) {
            examine_one(&dir, &mut kept, &mut hangs);
            let _ = crash_dir::set_examined(&dir, &kept);
        }
    }
    0
}

/// Moves a core file into the run's directory.
fn adopt(path: &Path, outputdir: &Path) -> io::Result<()> {
    let core = Core::open(path)?;
    let process = core.process.as_ref();
    let process = process.ok_or_else(|| io::Error::other("the core names no process"))?;
    let program = core.mappings.first().map(|mapping| mapping.path.clone());
    let mut kept = Kept {
        name: process.name.clone(),
        pid: process.pid,
        tid: core.threads.first().map_or(0, |thread| thread.tid),
        signal: signal_name(core.signal),
        program: program.unwrap_or_default(),
        ..Kept::default()
    };
    let name = facts::plain(&process.name);
    let begun = CrashDir::create(outputdir, "")?.begin(&format!("{name}.{}", process.pid))?;
    // Another file system needs a copy.
    if fs::rename(path, begun.path().join("core")).is_err() {
        let cut = sparse::copy(File::open(path)?, &begun.create("core")?)?;
        kept.problems.extend(cut);
        fs::remove_file(path)?;
    }
    begun.finish(&kept)
}

/// Examines one crash. `hangs` is `true` if gdb hung at an earlier one.
fn examine_one(dir: &Path, kept: &mut Kept, hangs: &mut bool) {
    let core = dir.join("core");
    if !core.is_file() {
        return;
    }
    let is_complete = Core::open(&core).is_ok_and(|core| core.is_complete());
    if !is_complete && kept.problems.is_empty() {
        // The kernel stopped writing the core dump when the process was killed.
        kept.problems.push("the core is incomplete".to_owned());
    }
    let backtrace = dir.join("backtrace.txt");
    let asked = match *hangs {
        false => gdb::backtrace(&kept.program, &core, &backtrace),
        true => Err(NoBacktrace::Hangs),
    };
    let frames = asked.unwrap_or_else(|why| {
        *hangs = why == NoBacktrace::Hangs;
        let why = match why {
            NoBacktrace::NoGdb => "gdb is not installed".to_owned(),
            NoBacktrace::Hangs => format!("gdb took more than {} s", gdb::PATIENCE.as_secs()),
            NoBacktrace::Failed(reason) => reason,
        };
        let reason = format!("the backtrace has no lines of the source: {why}");
        kept.problems.push(reason);
        own_backtrace(&core, &backtrace).unwrap_or_default()
    });
    kept.place = frames::place(&frames);
    if let Err(error) = compress(dir) {
        let reason = format!("the core could not be compressed: {error}");
        kept.problems.push(reason);
    }
}

fn own_backtrace(core: &Path, to: &Path) -> io::Result<Vec<frames::Frame>> {
    let (text, frames) = frames::of_core(core)?;
    create(to)?.write_all(text.as_bytes())?;
    Ok(frames)
}
