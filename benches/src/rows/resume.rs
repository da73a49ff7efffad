//! A long job that goes on: how long until its next test.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::bench::Bench;
use crate::job::{Place, Sync};
use crate::journal;
use crate::names;
use crate::process;
use crate::rounds::spread;
use crate::row::{Bar, LeftOut, Line, Unit};
use crate::workshop::Linked;

const RUNS: usize = 100_000;

const BAR: Bar = Bar::AtMost(1.5);

/// The job is killed when so many runs have ended; the floor takes its tree for a template.
const ENOUGH: usize = 10;

/// How long they may take.
const PATIENCE: Duration = Duration::from_secs(60);

const NOTE: &str = "Until the start of the one test that is left. A job of a binary with so many tests was \
    killed; its journal goes on with the records of its first run, names and numbers changed, and the \
    floor made the directories.";

pub(super) fn resume(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let suite = bench
        .workshop
        .suite(Linked::Statically, "hundred-thousand")?;
    let floor = bench.workshop.suite(Linked::Statically, "floor")?;
    let place = Place::new(bench.tmpfs()?)?;
    begin_and_kill(&suite, &place)?;
    let journal = fs::read_to_string(place.jobdir().join(journal::NAME))?;
    let journal = journal::as_if_ended(&journal, RUNS - 1)?;
    place.keep()?;
    place.run(&mut place.floor(&floor, Sync::None, RUNS - 1, 0))?;
    let (mut seconds, mut peak_bytes) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds().min(3) {
        let _ = fs::remove_dir_all(place.jobdir().join(names::subdir(RUNS - 1)));
        fs::write(place.jobdir().join(journal::NAME), &journal)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_err(|error| LeftOut::because("clock", error))?;
        let mut command = process::bare(&suite);
        command.arg("--resume").arg(place.jobdir()).arg("-q");
        peak_bytes.push(process::peak_bytes(&floor, &command)?);
        seconds.push(journal::start_of(&place.jobdir(), RUNS)? - now.as_secs_f64());
    }
    let seconds = Unit::Seconds.of(spread(seconds).median);
    let peak = Unit::Bytes.of(spread(peak_bytes).median);
    let until_next = Line {
        bar: BAR,
        ..Line::reported("--resume of 100,000 runs", seconds).note(NOTE)
    };
    Ok(vec![until_next, Line::reported("its peak memory", peak)])
}

/// Leaves a job whose first runs have ended.
fn begin_and_kill(suite: &Path, place: &Place) -> Result<(), LeftOut> {
    let mut command = place.job(suite, Sync::None, &[]);
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut job = command.spawn()?;
    let start = Instant::now();
    while journal::ended(&place.jobdir()) < ENOUGH && start.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(20));
    }
    job.kill()?;
    job.wait()?;
    match journal::ended(&place.jobdir()) >= ENOUGH {
        true => Ok(()),
        false => Err(LeftOut("the job's first tests did not end".into())),
    }
}
