//! Where runs come from: what stands between "what runs next" and the executors.
//!
//! An executor knows no lists. It asks a [`Source`] for a run whenever one may start, and tells the source
//! how it ended. A source may know all runs from the start ([`List`]), or learn of them one by one from
//! whoever asks and waits for the answers ([`Subtests`]).
//!
//! This module must not run anything.

use std::collections::VecDeque;
use std::iter::Peekable;

use autotest_core::Status;

use crate::plan::{PlannedRun, Runs};

/// Where runs come from.
///
/// An executor calls [`next`](Source::next) when a run may start, and [`ended`](Source::ended) exactly once
/// for each request that it was given, in the order in which the runs end. A source that has nothing now
/// may have something after the next event of a run; it has nothing ever again once it
/// [is exhausted](Source::is_exhausted).
pub(crate) trait Source {
    /// The next run that may start now.
    fn next(&mut self) -> Option<Request>;

    /// The run that [`next`](Source::next) will give, if that is known by now: its process may be made
    /// ahead of time.
    fn upcoming(&mut self) -> Option<&PlannedRun>;

    /// Whether nothing is left and nothing will come.
    fn is_exhausted(&mut self) -> bool;

    /// A run that it gave ended, or could not begin.
    fn ended(&mut self, asker: Asker, status: Status);
}

/// A run that somebody asked for.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) run: PlannedRun,
    pub(crate) asker: Asker,
}

/// Who asked for a run, and waits for its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// The job: the run counts for how the job ends, and takes one of its slots.
    Job,
    /// The test of another run, which waits in its slot.
    Test {
        /// The number of that run.
        run: u32,
        /// Whether that test is in its `setup`, and holds the lock of all setups.
        in_setup: bool,
    },
}

impl Asker {
    /// The run that waits, if one does.
    pub(crate) fn parent(self) -> Option<u32> {
        match self {
            Asker::Job => None,
            Asker::Test { run, .. } => Some(run),
        }
    }

    /// Whether whoever asked holds the lock of all setups.
    pub(crate) fn in_setup(self) -> bool {
        matches!(self, Asker::Test { in_setup: true, .. })
    }
}

/// Runs that are known from the start: those of a command line, or what is left of them in a resumed job.
pub(crate) struct List(Peekable<Box<dyn Iterator<Item = PlannedRun>>>);

impl List {
    pub(crate) fn new(runs: Runs) -> List {
        List(runs.into_iter().peekable())
    }
}

impl Source for List {
    fn next(&mut self) -> Option<Request> {
        let run = self.0.next()?;
        let asker = Asker::Job;
        Some(Request { run, asker })
    }

    fn upcoming(&mut self) -> Option<&PlannedRun> {
        self.0.peek()
    }

    fn is_exhausted(&mut self) -> bool {
        self.0.peek().is_none()
    }

    /// Nobody waits for a run of a list.
    fn ended(&mut self, _: Asker, _: Status) {}
}

/// Runs that running tests ask for, each of which waits for the answer.
#[derive(Debug, Default)]
pub(crate) struct Subtests {
    asked: VecDeque<Request>,
    /// How subtests ended whose tests have not been told: the waiting run, and the status.
    answers: VecDeque<(u32, Status)>,
}

impl Subtests {
    pub(crate) fn ask(&mut self, request: Request) {
        self.asked.push_back(request);
    }

    /// The next answer, and the run that waits for it.
    pub(crate) fn answer(&mut self) -> Option<(u32, Status)> {
        self.answers.pop_front()
    }

    /// A run ended that may have asked: nobody waits for its answers any more.
    pub(crate) fn forget(&mut self, run: u32) {
        self.asked
            .retain(|request| request.asker.parent() != Some(run));
    }
}

impl Source for Subtests {
    fn next(&mut self) -> Option<Request> {
        self.asked.pop_front()
    }

    fn upcoming(&mut self) -> Option<&PlannedRun> {
        self.asked.front().map(|request| &request.run)
    }

    fn is_exhausted(&mut self) -> bool {
        self.asked.is_empty()
    }

    fn ended(&mut self, asker: Asker, status: Status) {
        self.answers.extend(asker.parent().map(|run| (run, status)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Test;
    use autotest_core::{Args, TestDef};

    fn request(name: &'static str, asker: Asker) -> Request {
        let def = &TestDef::DEFAULT;
        let test: &'static Test = Box::leak(Box::new(Test { id: name, def }));
        let run = PlannedRun::new(test, None, "", Args::new());
        Request { run, asker }
    }

    #[test]
    fn each_test_that_asked_has_its_answer() {
        let asker = |run| Asker::Test {
            run,
            in_setup: false,
        };
        let mut subtests = Subtests::default();
        for (name, run) in [("a", 1), ("b", 2), ("c", 1)] {
            subtests.ask(request(name, asker(run)));
        }
        subtests.forget(2);
        let given: Vec<_> = std::iter::from_fn(|| subtests.next()).collect();
        let names: Vec<_> = given
            .iter()
            .map(|asked| asked.run.name.test.as_str())
            .collect();
        assert_eq!(names, ["a", "c"]);
        assert!(subtests.is_exhausted());
        subtests.ended(given[1].asker, Status::Good);
        subtests.ended(given[0].asker, Status::Fail);
        assert_eq!(subtests.answer(), Some((1, Status::Good)));
        assert_eq!(subtests.answer(), Some((1, Status::Fail)));
        assert_eq!(subtests.answer(), None);
    }
}
