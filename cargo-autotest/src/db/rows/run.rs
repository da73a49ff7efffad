//! The rows of runs.

use autotest_core::Value;
use autotest_report::digest::{Iteration, RunDigest};
use autotest_report::{Digest, Grade};

use super::super::cell::Cell;
use super::super::insert::Target;
use super::RUNS_OF_JOB;
use super::job::{Events, Kernels};

pub(super) const RUNS: Target = Target {
    table: "runs",
    columns: &[
        "id",
        "job_id",
        "target_id",
        "kernel_id",
        "kind",
        "parent_id",
        "test",
        "operation",
        "name",
        "subdir",
        "groups_around",
        "args",
        "timeout_s",
        "started_t",
        "elapsed_s",
        "status",
        "grade",
        "reason",
        "location",
        "known_failure",
    ],
};

pub(super) const DECLARED: Target = Target {
    table: "declared",
    columns: &["run_id", "position", "kind", "value"],
};

pub(super) const KEYVALS: Target = Target {
    table: "keyvals",
    columns: &["run_id", "position", "key", "value", "number"],
};

pub(super) const ITERATIONS: Target = Target {
    table: "iterations",
    columns: &[
        "run_id",
        "position",
        "iteration",
        "kind",
        "key",
        "value",
        "number",
    ],
};

pub(super) const SAMPLES: Target = Target {
    table: "samples",
    columns: &[
        "run_id",
        "position",
        "metric",
        "value",
        "units",
        "direction",
        "graph",
    ],
};

/// The rows of all runs of a job, by table.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) runs: Vec<Vec<Cell>>,
    pub(super) declared: Vec<Vec<Cell>>,
    pub(super) keyvals: Vec<Vec<Cell>>,
    pub(super) iterations: Vec<Vec<Cell>>,
    pub(super) samples: Vec<Vec<Cell>>,
}

/// The id of the run with this index in its job.
pub(super) fn id(job: i64, index: usize) -> i64 {
    let number = i64::try_from(index).unwrap_or(0) + 1;
    job * RUNS_OF_JOB + number
}

impl Rows {
    pub(super) fn of(digest: &Digest, job: i64, target: i64, kernels: &Kernels) -> Rows {
        let mut rows = Rows::default();
        for (index, run) in digest.runs.iter().enumerate() {
            let place = [job, target, kernels.at(run.started_t)];
            rows.runs.push(cells(digest, run, id(job, index), place));
            rows.add_details(run, id(job, index));
        }
        rows
    }

    fn add_details(&mut self, run: &RunDigest, id: i64) {
        let declared = [
            ("suite", &run.declared.suites),
            ("attribute", &run.declared.attributes),
            ("constraint", &run.declared.constraints),
        ];
        let declared = declared.into_iter();
        let declared =
            declared.flat_map(|(kind, texts)| texts.iter().map(move |text| [kind, text]));
        self.declared
            .extend(numbered(id, declared.map(|row| row.map(Cell::text))));
        self.keyvals
            .extend(numbered(id, run.keyvals.iter().map(keyval)));
        let iterations = run.iterations.iter().zip(1..);
        let iterations =
            iterations.flat_map(|(iteration, number)| iteration_cells(iteration, number));
        self.iterations.extend(numbered(id, iterations));
        self.samples.extend(numbered(id, samples(run)));
    }
}

/// Adds the keys to rows that belong to a run: its id, and their positions from 1.
fn numbered<const N: usize>(
    id: i64,
    rows: impl IntoIterator<Item = [Cell; N]>,
) -> impl Iterator<Item = Vec<Cell>> {
    rows.into_iter().zip(1..).map(move |(row, position)| {
        let key = [Cell::Int(id), Cell::Int(position)];
        key.into_iter().chain(row).collect()
    })
}

/// The row of a run, in the order of the columns of [`RUNS`].
fn cells(digest: &Digest, run: &RunDigest, own_id: i64, place: [i64; 3]) -> Vec<Cell> {
    let [job, target, kernel] = place;
    let kind = match (run.is_attempt(), run.parent) {
        (true, _) => "attempt",
        (false, Some(_)) => "subtest",
        (false, None) => "test",
    };
    let grade = match run.grade {
        Grade::Passed => "passed",
        Grade::Failed => "failed",
        Grade::Skipped => "skipped",
    };
    let verdict = run.verdict.as_ref();
    let location = verdict.and_then(|verdict| verdict.location.as_deref());
    vec![
        Cell::Int(own_id),
        Cell::Int(job),
        Cell::Int(target),
        Cell::Int(kernel),
        Cell::text(kind),
        run.parent
            .map_or(Cell::Null, |parent| Cell::Int(id(job, parent))),
        Cell::text(&run.test),
        Cell::text(&run.operation),
        Cell::text(&run.name),
        Cell::text(&run.subdir),
        Cell::json(&digest.groups_around(run)),
        Cell::json(&run.args),
        run.timeout_s.map_or(Cell::Null, Cell::real),
        Cell::Real(run.started_t),
        Cell::Real(run.elapsed_s),
        Cell::text(&run.status().to_string()),
        Cell::text(grade),
        Cell::from(verdict.map(|verdict| verdict.reason.as_str())),
        Cell::from(location),
        Cell::from(run.known_failure.as_deref()),
    ]
}

fn keyval((key, value): &(String, Value)) -> [Cell; 3] {
    [
        Cell::text(key),
        Cell::text(&value.to_string()),
        Cell::number(value),
    ]
}

fn iteration_cells(iteration: &Iteration, number: i64) -> impl Iterator<Item = [Cell; 5]> {
    let attr = iteration.attr.iter().map(|pair| ("attr", pair));
    let perf = iteration.perf.iter().map(|pair| ("perf", pair));
    attr.chain(perf).map(move |(kind, pair)| {
        let [key, value, as_number] = keyval(pair);
        [Cell::Int(number), Cell::text(kind), key, value, as_number]
    })
}

/// The numbers of the perf values that count.
fn samples(run: &RunDigest) -> impl Iterator<Item = [Cell; 5]> {
    run.perf_values().into_iter().flat_map(|value| {
        let direction = value
            .higher_is_better()
            .map(|up| if up { "up" } else { "down" });
        let numbers = value.measured().numbers().iter();
        numbers.map(move |number| {
            [
                Cell::text(value.description()),
                Cell::Real(*number),
                Cell::from(value.units()),
                Cell::from(direction),
                Cell::from(value.graph()),
            ]
        })
    })
}

/// Adds the events of a run.
pub(super) fn events(run: &RunDigest, events: &mut Events) {
    for line in &run.status_lines {
        let code = line.value.code.to_string();
        events.add(Some(line.t), "status", Some(&code), &line.value.message);
    }
    for crash in &run.crashes {
        events.add(None, "crash", None, &crash.to_string());
    }
    for note in &run.notes {
        events.add(None, "note", None, note);
    }
    for artifact in &run.artifacts {
        events.add(None, "artifact", None, artifact);
    }
}
