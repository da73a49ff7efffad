//! The sink of a run: events become those of the original's recorder, then go to the real files.

use std::cell::RefCell;
use std::rc::Rc;

use autotest_core::{Event, Sink, StatusRecord};
use autotest_report::{KeyvalFiles, PerfFiles, Tree};
use autotest_report::{Record, Report};
use serde_json::{Value as Json, json};

use crate::trace::Trace;

/// Where the events of one run go.
#[derive(Clone)]
pub(crate) struct RecordingSink {
    trace: Rc<Trace>,
    reports: Rc<RefCell<Vec<Box<dyn Report>>>>,
}

impl RecordingSink {
    pub(crate) fn new(trace: &Rc<Trace>, jobdir: &std::path::Path) -> RecordingSink {
        let tree = Tree::open(jobdir).expect("the job's directory is there");
        let (keyvals, perf) = (KeyvalFiles::new(&tree), PerfFiles::new(&tree));
        let reports: Vec<Box<dyn Report>> = vec![Box::new(keyvals), Box::new(perf)];
        RecordingSink {
            trace: Rc::clone(trace),
            reports: Rc::new(RefCell::new(reports)),
        }
    }

    /// Ends the reports, as the end of a job does.
    pub(crate) fn finish(&self) {
        self.each(|report| report.finish());
    }

    fn each(&self, mut f: impl FnMut(&mut dyn Report) -> Result<(), autotest_report::ReportError>) {
        for report in self.reports.borrow_mut().iter_mut() {
            if let Err(error) = f(report.as_mut()) {
                self.trace
                    .problem(format!("failed to write the {}: {error}", report.name()));
            }
        }
    }

    fn keyval_written(&self, place: &str, tag: Option<&str>) {
        self.trace.push(json!(["write_keyval", place, tag]));
    }

    fn status(&self, record: &StatusRecord) {
        match record.fields.as_slice() {
            [(key, value)] if key == "warnings.disable" => {
                self.trace.push(json!(["job.disable_warnings", value]));
            }
            [(key, value)] if key == "warnings.enable" => {
                self.trace.push(json!(["job.enable_warnings", value]));
            }
            _ => self.trace.push(json!([
                "job.record",
                record.code.to_string(),
                record.subdir,
                record.operation,
                record.message,
            ])),
        }
    }

    fn show(&self, event: &Event) {
        match event {
            Event::Keyval(_) => self.keyval_written("test", None),
            Event::IterationKeyval { attr, perf } => {
                let tags = [("attr", attr), ("perf", perf)];
                let written = tags.into_iter().filter(|(_, pairs)| !pairs.is_empty());
                written.for_each(|(tag, _)| self.keyval_written("results", Some(tag)));
            }
            Event::Status(record) => self.status(record),
            Event::JobStart(_)
            | Event::JobEnd { .. }
            | Event::JobResume(_)
            | Event::GroupStart(_)
            | Event::GroupEnd { .. }
            | Event::RebootStart(_)
            | Event::RebootEnd { .. }
            | Event::Answered(_)
            | Event::Process { .. }
            | Event::Attempt { .. }
            | Event::TestStart(_)
            | Event::TestEnd { .. }
            | Event::Phase(_)
            | Event::Perf(_)
            | Event::Suppressed { .. }
            | Event::Crash(_)
            | Event::Progress { .. }
            | Event::Artifact { .. }
            | Event::Saved { .. }
            | Event::ChangedFile { .. }
            | Event::HookTimer { .. }
            | Event::Nested { .. } => {}
        }
    }
}

impl Sink for RecordingSink {
    fn accept(&mut self, event: Event) {
        if let Event::Status(record) = &event
            && self
                .trace
                .take_note(record.operation.as_deref(), &record.message)
        {
            return;
        }
        self.show(&event);
        // As the journal does, so that what does not survive the codec shows.
        let codec = serde_json::to_value(&event).and_then(serde_json::from_value::<Event>);
        match codec {
            Ok(event) => {
                let record = Record {
                    seq: 0,
                    run: 1,
                    t: 0.0,
                    event,
                };
                self.each(|report| report.record(&record));
            }
            Err(error) => self
                .trace
                .problem(format!("an event is lost in the codec: {error}")),
        }
    }
}

/// JSON of the name and values of arguments.
pub(crate) fn json_of(args: &autotest_core::Args) -> serde_json::Map<String, Json> {
    args.iter()
        .map(|(name, arg)| (name.to_owned(), arg.value().to_json()))
        .collect()
}
