//! All figures of a run of the benchmark, and their file.

use std::path::Path;

use serde_json::{Value, json};

use crate::row::{LeftOut, Line};

pub(crate) struct Results {
    /// When, on what, and of which version.
    pub(crate) machine: String,
    pub(crate) is_quick: bool,
    pub(crate) rows: Vec<Measured>,
}

/// A row with what came of it.
pub(crate) struct Measured {
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
}

pub(crate) enum Outcome {
    Measured(Vec<Line>),
    LeftOut(String),
}

impl Measured {
    pub(crate) fn new(name: &str, outcome: Outcome) -> Measured {
        Measured {
            name: name.to_owned(),
            outcome,
        }
    }
}

impl Results {
    /// Whether there is a figure for each row.
    pub(crate) fn are_whole(&self) -> bool {
        let is_measured = |row: &Measured| matches!(row.outcome, Outcome::Measured(_));
        self.rows.iter().all(is_measured)
    }

    /// Writes the figures as measured: in seconds and bytes, nothing rounded.
    pub(crate) fn write(&self, path: &Path) -> Result<(), LeftOut> {
        let failed = |error: &dyn std::fmt::Display| {
            LeftOut::because(format!("failed to write `{}`", path.display()), error)
        };
        let rows = self.rows.iter().map(value).collect::<Vec<_>>();
        let value = json!({"machine": self.machine, "quick": self.is_quick, "rows": rows});
        let text = serde_json::to_string_pretty(&value).map_err(|error| failed(&error))?;
        std::fs::write(path, text + "\n").map_err(|error| failed(&error))
    }
}

fn value(row: &Measured) -> Value {
    match &row.outcome {
        Outcome::Measured(lines) => {
            let lines: Vec<_> = lines.iter().map(line_value).collect();
            json!({"name": row.name, "lines": lines})
        }
        Outcome::LeftOut(reason) => json!({"name": row.name, "left_out": reason}),
    }
}

fn line_value(line: &Line) -> Value {
    let mut value = json!(line);
    value["verdict"] = json!(line.verdict());
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::{Bar, Compared, Unit};

    #[test]
    fn the_file_has_figures_verdicts_and_reasons() {
        let line = Line {
            work: "size".into(),
            ours: Unit::Bytes.of(3.0),
            against: None,
            compared: Compared::MoreBytes(2.0),
            bar: Bar::MoreBytes(2.0),
            notes: Vec::new(),
        };
        let results = Results {
            machine: "m".into(),
            is_quick: true,
            rows: vec![
                Measured::new("a", Outcome::Measured(vec![line])),
                Measured::new("b", Outcome::LeftOut("r".into())),
            ],
        };
        assert!(!results.are_whole());
        let file = tempfile::NamedTempFile::new().unwrap();
        results.write(file.path()).unwrap();
        let read: Value = serde_json::from_slice(&std::fs::read(file.path()).unwrap()).unwrap();
        let expected = json!({"machine": "m", "quick": true, "rows": [
            {"name": "a", "lines": [{
                "work": "size", "ours": {"value": 3.0, "unit": "bytes"}, "against": null,
                "compared": {"more_bytes": 2.0}, "bar": {"more_bytes": 2.0}, "notes": [],
                "verdict": "met",
            }]},
            {"name": "b", "left_out": "r"},
        ]});
        assert_eq!(read, expected);
    }
}
