//! Translates the runs of a package's job into runs of this job.
//!
//! This module must not record or start anything.

use std::collections::{BTreeMap, BTreeSet};

use autotest_core::{Event, Kind, TestStart, Verdict};

/// The directory of the package's job, in the output directory of the package's run.
const JOB: &str = "job";

/// The runs of a package's job.
#[derive(Debug, Default)]
pub(super) struct NestedRuns {
    /// The numbers of the runs in this job, by those in the package's job.
    numbers: BTreeMap<u32, u32>,
    /// The runs that have not ended, by their numbers in this job.
    open: BTreeSet<u32>,
}

/// The run of the package.
#[derive(Clone, Copy, Debug)]
pub(super) struct Above<'a> {
    pub(super) number: u32,
    pub(super) subdir: &'a str,
}

/// `true` if the test of a package may send this event: it must belong to a run of the package's job.
pub(super) fn is_nested(event: &Event) -> bool {
    matches!(event, Event::Nested { event, .. } if event.is_of_package())
}

/// `true` if the event begins or ends a nested run.
pub(super) fn is_needed(event: &Event) -> bool {
    let inner = match event {
        Event::Nested { event, .. } => &**event,
        _ => return false,
    };
    matches!(inner, Event::TestStart(_) | Event::TestEnd { .. })
}

impl NestedRuns {
    /// Translates an event, and returns it with the run's number in this job: `next`, if the run begins. `None` if the
    /// event is inconsistent with earlier ones.
    pub(super) fn translate(
        &mut self,
        run: u32,
        event: Event,
        above: Above<'_>,
        next: u32,
    ) -> Option<(u32, Event)> {
        if let Event::TestStart(start) = event {
            return self.start(run, start, above, next);
        }
        let number = *self.numbers.get(&run)?;
        if !self.open.contains(&number) {
            return None;
        }
        let event = match event {
            Event::TestEnd { .. } => {
                self.open.remove(&number);
                event
            }
            Event::Status(mut record) => {
                let subdir = record.subdir.take();
                record.subdir = subdir.map(|subdir| below(above.subdir, &subdir));
                Event::Status(record)
            }
            event => event,
        };
        Some((number, event))
    }

    fn start(
        &mut self,
        run: u32,
        start: TestStart,
        above: Above<'_>,
        next: u32,
    ) -> Option<(u32, Event)> {
        if self.numbers.contains_key(&run) {
            return None;
        }
        let parent = start.parent.and_then(|parent| self.numbers.get(&parent));
        let start = TestStart {
            parent: Some(parent.copied().unwrap_or(above.number)),
            subdir: match start.subdir.as_str() {
                "" => String::new(),
                subdir => below(above.subdir, subdir),
            },
            requested: None,
            ..start
        };
        self.numbers.insert(run, next);
        self.open.insert(next);
        Some((next, Event::TestStart(start)))
    }

    /// The missing ends of runs, at the end of the package's run. Subtests come before their parents.
    pub(super) fn missing_ends(&mut self) -> impl Iterator<Item = (u32, Event)> + use<> {
        let open = std::mem::take(&mut self.open);
        open.into_iter().rev().map(|number| {
            let verdict = Verdict::new(Kind::CutOff, "was running when the package's job ended");
            let end = Event::TestEnd {
                status: verdict.kind.status(),
                verdict: Some(verdict),
                elapsed_s: 0.0,
            };
            (number, end)
        })
    }
}

fn below(subdir: &str, nested: &str) -> String {
    format!("{subdir}/{JOB}/{nested}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOVE: Above<'_> = Above {
        number: 4,
        subdir: "bvt.t",
    };

    fn start(parent: Option<u32>) -> Event {
        Event::TestStart(TestStart {
            test: "net::ping".to_owned(),
            subdir: "net.ping".to_owned(),
            operation: "net.ping".to_owned(),
            parent,
            ..TestStart::default()
        })
    }

    fn end() -> Event {
        Event::TestEnd {
            status: autotest_core::Status::Good,
            verdict: None,
            elapsed_s: 0.5,
        }
    }

    #[test]
    fn a_run_has_a_number_and_a_directory_of_this_job() {
        let mut nested = NestedRuns::default();
        for (run, parent, next, expected) in
            [(1, None, 5, 4), (2, Some(1), 6, 5), (3, Some(9), 7, 4)]
        {
            let Some((number, Event::TestStart(start))) =
                nested.translate(run, start(parent), ABOVE, next)
            else {
                panic!("a run begins");
            };
            assert_eq!((number, start.parent), (next, Some(expected)));
            assert_eq!(start.subdir, "bvt.t/job/net.ping");
        }
        assert_eq!(nested.translate(2, end(), ABOVE, 8), Some((6, end())));
        let ends: Vec<u32> = nested.missing_ends().map(|(number, _)| number).collect();
        assert_eq!(ends, [7, 5]);
        assert_eq!(nested.missing_ends().count(), 0);
    }

    #[test]
    fn what_makes_no_sense_is_dropped() {
        let mut nested = NestedRuns::default();
        assert_eq!(nested.translate(1, end(), ABOVE, 5), None);
        assert!(nested.translate(1, start(None), ABOVE, 5).is_some());
        assert_eq!(nested.translate(1, start(None), ABOVE, 6), None);
        assert!(nested.translate(1, end(), ABOVE, 6).is_some());
        assert_eq!(nested.translate(1, end(), ABOVE, 6), None);
        assert_eq!(
            nested.translate(1, Event::Keyval(Vec::new()), ABOVE, 6),
            None
        );
    }

    #[test]
    fn only_events_of_reports_may_be_nested() {
        let nested = |event| Event::Nested {
            run: 1,
            event: Box::new(event),
        };
        assert!(is_nested(&nested(end())) && is_needed(&nested(end())));
        assert!(is_nested(&nested(Event::Keyval(Vec::new()))));
        assert!(!is_needed(&nested(Event::Keyval(Vec::new()))));
        let process = Event::Process {
            pid: 1,
            since_boot_s: 0.0,
        };
        for event in [nested(process), nested(nested(end())), end()] {
            assert!(!is_nested(&event));
        }
    }
}
