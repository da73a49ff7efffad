//! What is normalised in the files.

use serde_json::{Map, Value as Json};

use super::Comparison;
use crate::case::Observed;
use crate::scenario::Step;
use crate::seed::PerfFile;

pub(super) fn files<'a>(observed: &'a mut Observed, key: &str) -> &'a mut Map<String, Json> {
    match observed
        .entry(key.to_owned())
        .or_insert_with(|| Json::Object(Map::new()))
    {
        Json::Object(files) => files,
        other => panic!("`{key}` is an object, not {other}"),
    }
}

impl Comparison<'_> {
    /// Both perf files are written; a seed has one of them, or none.
    pub(super) fn perf_files(&mut self) {
        let perf = self.case.scenario.seed.perf;
        if perf != PerfFile::Chart {
            files(&mut self.observed, "json_files").clear();
        }
        if perf != PerfFile::Lines {
            files(&mut self.observed, "files")
                .retain(|name, _| !name.ends_with("/perf_measurements"));
        }
    }

    /// A newline in a value does not start another line.
    pub(super) fn escaped_newlines(&mut self) {
        let scenario = &self.case.scenario;
        let attributes = scenario
            .args
            .get("test_attributes")
            .and_then(Json::as_object);
        let written = scenario
            .steps()
            .into_iter()
            .flat_map(Step::keyvals)
            .flat_map(|(_, kv)| kv);
        let attributes = attributes.cloned().unwrap_or_default();
        let values = written
            .chain(attributes)
            .filter_map(|(_, value)| match value {
                Json::String(text) if text.contains(['\n', '\r']) => Some(text),
                _ => None,
            });
        for text in values {
            let escaped = text.replace('\n', "\\n").replace('\r', "\\r");
            for file in files(&mut self.expected, "files").values_mut() {
                let lines = file.as_str().unwrap_or_default();
                *file = lines
                    .replace(&format!("={text}\n"), &format!("={escaped}\n"))
                    .into();
            }
        }
    }

    /// Metrics stand in the order of their first value, not in that of Python 2's hashes; the lines,
    /// with their indentation and numbers, are the same.
    pub(super) fn raw_chart(&mut self) {
        for observed in [&mut self.expected, &mut self.observed] {
            for (name, file) in files(observed, "files") {
                if name.ends_with("/results-chart.json") {
                    let text = file.as_str().unwrap_or_default();
                    let mut lines: Vec<_> = text
                        .lines()
                        .map(|line| line.trim_end_matches([',', ' ']))
                        .collect();
                    lines.sort_unstable();
                    *file = lines.join("\n").into();
                }
            }
        }
    }

    /// The original made the file before it looked at the keys.
    pub(super) fn empty_files(&mut self) {
        for observed in [&mut self.expected, &mut self.observed] {
            files(observed, "files").retain(|_, text| text != "");
        }
    }
}
