//! Sources of runs: they decide what runs next, executors run it.
//!
//! An executor asks a [`Source`] for a run whenever one may start, and reports how it ended. A source may
//! know all runs from the start ([`List`]), or receive them one by one as requests whose senders wait for the
//! result ([`Subtests`]).
//!
//! This module must not run anything.

use std::collections::VecDeque;
use std::iter::Peekable;

use autotest_core::RunResult;

use crate::plan::{PlannedRun, Runs};

/// A source of runs.
///
/// An executor calls [`next`](Source::next) when a run may start, and [`ended`](Source::ended) exactly once
/// for each request that it received, in the order in which the runs end. A source without a run may have one
/// after the next event of another run, unless it [is exhausted](Source::is_exhausted).
pub(crate) trait Source {
    /// The next run that may start now.
    fn next(&mut self) -> Option<Request>;

    /// The run that [`next`](Source::next) will return, if it is known: its process may be preforked.
    fn upcoming(&mut self) -> Option<&PlannedRun>;

    /// Whether no run is left and none will be added.
    fn is_exhausted(&mut self) -> bool;

    /// A run from this source ended, or could not begin.
    fn ended(&mut self, requester: Requester, result: RunResult);
}

/// A requested run.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) run: PlannedRun,
    pub(crate) requester: Requester,
}

/// Who requested a run and waits for its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requester {
    /// The job: the run counts towards the job's result and occupies a slot.
    Job,
    /// The test of another run, which waits and keeps its own slot.
    Test {
        /// The number of that run.
        run: u32,
        /// Whether that test is in its `setup` and holds the setup lock.
        in_setup: bool,
    },
    /// The control function: the run counts towards the job's result and occupies a slot, too.
    Control {
        /// The number of the request, from 0.
        index: u32,
    },
}

impl Requester {
    /// The run that waits, unless it is the job.
    pub(crate) fn parent(self) -> Option<u32> {
        match self {
            Requester::Job | Requester::Control { .. } => None,
            Requester::Test { run, .. } => Some(run),
        }
    }

    /// Whether the requester holds the setup lock.
    pub(crate) fn in_setup(self) -> bool {
        matches!(self, Requester::Test { in_setup: true, .. })
    }
}

/// Runs that are known from the start: those of a command line, or the remaining ones of a resumed job.
pub(crate) struct List(Peekable<Box<dyn Iterator<Item = PlannedRun>>>);

impl List {
    pub(crate) fn new(runs: Runs) -> List {
        List(runs.into_iter().peekable())
    }
}

impl Source for List {
    fn next(&mut self) -> Option<Request> {
        let run = self.0.next()?;
        let requester = Requester::Job;
        Some(Request { run, requester })
    }

    fn upcoming(&mut self) -> Option<&PlannedRun> {
        self.0.peek()
    }

    fn is_exhausted(&mut self) -> bool {
        self.0.peek().is_none()
    }

    /// Does nothing: no test waits for a run of the list.
    fn ended(&mut self, _: Requester, _: RunResult) {}
}

/// Subtests that running tests request and wait for.
#[derive(Debug, Default)]
pub(crate) struct Subtests {
    requests: VecDeque<Request>,
    /// Results that have not been sent to the waiting tests, with the number of the waiting run.
    answers: VecDeque<(u32, RunResult)>,
}

impl Subtests {
    pub(crate) fn request(&mut self, request: Request) {
        self.requests.push_back(request);
    }

    /// The next result, with the number of the waiting run.
    pub(crate) fn answer(&mut self) -> Option<(u32, RunResult)> {
        self.answers.pop_front()
    }

    /// Drops the requests of a run that ended.
    pub(crate) fn forget(&mut self, run: u32) {
        self.requests
            .retain(|request| request.requester.parent() != Some(run));
    }
}

impl Source for Subtests {
    fn next(&mut self) -> Option<Request> {
        self.requests.pop_front()
    }

    fn upcoming(&mut self) -> Option<&PlannedRun> {
        self.requests.front().map(|request| &request.run)
    }

    fn is_exhausted(&mut self) -> bool {
        self.requests.is_empty()
    }

    fn ended(&mut self, requester: Requester, result: RunResult) {
        self.answers
            .extend(requester.parent().map(|run| (run, result)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Test;
    use autotest_core::{Args, TestDef};

    fn request(name: &'static str, requester: Requester) -> Request {
        let def = &TestDef::DEFAULT;
        let test: &'static Test = Box::leak(Box::new(Test { id: name, def }));
        let run = PlannedRun::new(test, None, "", Args::new());
        Request { run, requester }
    }

    #[test]
    fn each_test_that_asked_has_its_answer() {
        let requester = |run| Requester::Test {
            run,
            in_setup: false,
        };
        let mut subtests = Subtests::default();
        for (name, run) in [("a", 1), ("b", 2), ("c", 1)] {
            subtests.request(request(name, requester(run)));
        }
        subtests.forget(2);
        let given: Vec<_> = std::iter::from_fn(|| subtests.next()).collect();
        let names: Vec<_> = given
            .iter()
            .map(|request| request.run.name.test.as_str())
            .collect();
        assert_eq!(names, ["a", "c"]);
        assert!(subtests.is_exhausted());
        let result = |subdir| RunResult::new(None, subdir);
        subtests.ended(given[1].requester, result("c"));
        subtests.ended(given[0].requester, result("a"));
        assert_eq!(subtests.answer(), Some((1, result("c"))));
        assert_eq!(subtests.answer(), Some((1, result("a"))));
        assert_eq!(subtests.answer(), None);
    }
}
