//! The rows of a job itself.

use autotest_report::Digest;
use autotest_report::digest::JobDigest;

use super::super::cell::Cell;
use super::super::engine::{Engine, EngineError};
use super::super::insert::Target;
use super::super::source::Source;
use super::{RUNS_OF_JOB, WriteError, id_of, run};

const JOBS: Target = Target {
    table: "jobs",
    columns: &[
        "target_id",
        "job",
        "label",
        "username",
        "build",
        "commit_id",
        "argv",
        "shard",
        "shuffle_seed",
        "control",
        "kernel_id",
        "machine",
        "cpu_count",
        "is_strict",
        "filtered_out",
        "started_t",
        "ended_t",
        "elapsed_s",
        "status",
        "reason",
        "directory",
        "journal_records",
        "journal_bytes",
        "journal_sha256",
        "start_sha256",
    ],
};

pub(super) const LEFT_OUT: Target = Target {
    table: "left_out",
    columns: &["job_id", "position", "test", "why", "reason"],
};

pub(super) const EVENTS: Target = Target {
    table: "events",
    columns: &[
        "job_id", "position", "run_id", "t", "kind", "code", "message",
    ],
};

/// A job whose runs cannot be numbered.
#[derive(Debug, thiserror::Error)]
#[error("it has {0} runs, and a database takes {max} of a job", max = RUNS_OF_JOB - 1)]
pub(crate) struct TooManyRuns(usize);

/// The ids of the target's kernels, each with the time from which it ran.
pub(super) struct Kernels(Vec<(f64, i64)>);

impl Kernels {
    /// The id of the kernel that ran at a time.
    pub(super) fn at(&self, t: f64) -> i64 {
        let earlier = self.0.iter().take_while(|(from, _)| *from <= t);
        earlier.last().or(self.0.first()).map_or(0, |(_, id)| *id)
    }
}

/// The kernels of a job's target. Adds those that the database lacks.
pub(super) fn kernels(engine: &mut dyn Engine, digest: &Digest) -> Result<Kernels, EngineError> {
    let mut releases = vec![(f64::MIN, digest.job.kernel.as_str())];
    for reboot in &digest.job.reboots {
        if let Some(t) = reboot.ended_t {
            releases.push((t, &reboot.target.kernel));
        }
    }
    // In sorted order, so that two imports cannot deadlock.
    let mut names: Vec<&str> = releases.iter().map(|(_, release)| *release).collect();
    names.sort_unstable();
    names.dedup();
    let ids = names
        .iter()
        .map(|name| id_of(engine, "kernels", "release", name));
    let ids: Vec<i64> = ids.collect::<Result<_, _>>()?;
    let id = |release| names.binary_search(&release).map_or(0, |at| ids[at]);
    let kernels = releases.into_iter().map(|(from, name)| (from, id(name)));
    Ok(Kernels(kernels.collect()))
}

/// Adds the row of a job. Returns its id.
pub(super) fn insert(
    engine: &mut dyn Engine,
    source: &Source,
    target: i64,
    kernels: &Kernels,
) -> Result<i64, WriteError> {
    let cells = cells(source, target, kernels)?;
    let parameters: Vec<String> = (1..=cells.len()).map(|n| format!("${n}")).collect();
    let (columns, parameters) = (JOBS.columns.join(", "), parameters.join(", "));
    let sql = format!("INSERT INTO jobs ({columns}) VALUES ({parameters}) RETURNING id");
    let rows = engine.rows(&sql, &cells)?;
    Ok(rows.first().map_or(0, |row| row[0].as_int()))
}

/// Replaces the row of a job.
pub(super) fn update(
    engine: &mut dyn Engine,
    source: &Source,
    id: i64,
    target: i64,
    kernels: &Kernels,
) -> Result<(), WriteError> {
    let mut cells = cells(source, target, kernels)?;
    let columns = JOBS.columns.iter().zip(1..);
    let assigned: Vec<String> = columns.map(|(name, n)| format!("{name} = ${n}")).collect();
    let (assigned, last) = (assigned.join(", "), cells.len() + 1);
    let sql = format!("UPDATE jobs SET {assigned} WHERE id = ${last}");
    cells.push(Cell::Int(id));
    engine.rows(&sql, &cells)?;
    Ok(())
}

/// The row of a job, in the order of the columns of [`JOBS`].
fn cells(source: &Source, target: i64, kernels: &Kernels) -> Result<Vec<Cell>, TooManyRuns> {
    let runs = source.digest.runs.len();
    if i64::try_from(runs).is_ok_and(|runs| runs >= RUNS_OF_JOB) {
        return Err(TooManyRuns(runs));
    }
    let job: &JobDigest = &source.digest.job;
    let seed = job.shuffle_seed.map(|seed| seed.to_string());
    let control = job.control.as_ref().map(|control| control.name.as_str());
    Ok(vec![
        Cell::Int(target),
        Cell::text(&job.id),
        Cell::text(&job.label),
        Cell::text(&job.user),
        Cell::text(&job.build_id),
        Cell::text(&job.commit),
        Cell::json(&job.argv),
        Cell::from(job.shard.as_deref()),
        Cell::from(seed.as_deref()),
        Cell::from(control),
        Cell::Int(kernels.at(job.started_t)),
        Cell::text(&job.machine),
        Cell::count(job.cpu_count),
        Cell::Int(job.is_strict.into()),
        Cell::count(job.filtered_out),
        Cell::Real(job.started_t),
        Cell::Real(job.ended_t),
        Cell::Real(job.elapsed_s()),
        Cell::text(&job.status.to_string()),
        Cell::text(&job.reason),
        Cell::text(&source.dir.to_string_lossy()),
        Cell::count(source.records),
        Cell::count(source.bytes),
        Cell::text(&source.sha256),
        Cell::text(&source.start_sha256),
    ])
}

/// The rows of tests without a run.
pub(super) fn left_out(digest: &Digest, id: i64) -> Vec<Vec<Cell>> {
    let not_run = digest.not_run.iter().map(|test| (test, "not run", ""));
    let ignored = digest.job.ignored.iter();
    let ignored = ignored.map(|(test, reason)| (test, "ignored", reason.as_str()));
    let all = not_run.chain(ignored).zip(1..);
    all.map(|((test, why, reason), position)| {
        let texts = [test, why, reason].map(Cell::text);
        [Cell::Int(id), Cell::Int(position)]
            .into_iter()
            .chain(texts)
            .collect()
    })
    .collect()
}

/// The rows of events: those of the job, then those of each run.
pub(super) fn events(digest: &Digest, id: i64) -> Vec<Vec<Cell>> {
    let mut events = Events::default();
    for t in &digest.job.resumed {
        events.add(Some(*t), "resume", None, "");
    }
    for reboot in &digest.job.reboots {
        events.add(
            Some(reboot.started_t),
            "reboot",
            None,
            &reboot.problems.join("; "),
        );
    }
    for group in digest
        .groups
        .iter()
        .filter(|group| !group.reason.is_empty())
    {
        let message = format!("{}: {}", group.name, group.reason);
        events.add(group.ended_t, "group", None, &message);
    }
    for line in &digest.job.status_lines {
        let code = line.value.code.to_string();
        events.add(Some(line.t), "status", Some(&code), &line.value.message);
    }
    for (index, run) in digest.runs.iter().enumerate() {
        events.run_id = Cell::Int(run::id(id, index));
        run::events(run, &mut events);
    }
    let numbered = events.rows.into_iter().zip(1..);
    numbered
        .map(|(row, position)| {
            let key = [Cell::Int(id), Cell::Int(position)];
            key.into_iter().chain(row).collect()
        })
        .collect()
}

/// Rows of events, without their keys.
pub(super) struct Events {
    run_id: Cell,
    rows: Vec<[Cell; 5]>,
}

impl Default for Events {
    fn default() -> Events {
        Events {
            run_id: Cell::Null,
            rows: Vec::new(),
        }
    }
}

impl Events {
    pub(super) fn add(&mut self, t: Option<f64>, kind: &str, code: Option<&str>, message: &str) {
        self.rows.push([
            self.run_id.clone(),
            t.map_or(Cell::Null, Cell::Real),
            Cell::text(kind),
            Cell::from(code),
            Cell::text(message),
        ]);
    }
}
