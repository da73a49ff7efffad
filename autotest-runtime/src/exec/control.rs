//! The supervisor's side of a control function: it answers requests, and is the source of the requested runs.
//!
//! This module decides; it must not start processes or write events. It returns events to be recorded.

mod checks;
mod recorded;
mod violation;

use std::collections::{HashMap, VecDeque};

use autotest_core::{
    Answer, Answered, CallId, Event, GroupKind, GroupStart, Request, Requested, RunRequest,
    RunResult, Settings, Status, TargetFacts, excerpt,
};

use autotest_report::Earlier;

use super::source::{Request as NextRun, Requester, Source};
use crate::plan::{ControlPlan, PlannedRun};
use crate::registry;
use checks::{check_branches, check_record};

pub(crate) use recorded::Recorded;
pub(crate) use violation::Violation;

/// The maximum number of concurrent branches.
const MAX_BRANCHES: usize = 1024;

/// The requests of a control function.
#[derive(Debug)]
pub(crate) struct Control {
    plan: ControlPlan,
    /// The answers recorded before the job was resumed.
    recorded: Recorded,
    /// The branches, by path.
    branches: HashMap<String, Branch>,
    /// The runs that were requested but have not begun.
    requested: VecDeque<PlannedRun>,
    /// The calls that wait for the end of a run, by the index of their [`Requester`].
    waiting: HashMap<u32, CallId>,
    next_index: u32,
    /// The highest sequence number in the name of a run.
    sequence: u32,
    /// Answers to be sent.
    answers: VecDeque<(CallId, Answer)>,
    has_ended: bool,
}

/// A branch of the function; the one with an empty path is the function itself.
#[derive(Clone, Debug, Default)]
struct Branch {
    /// The numbers of the open groups, innermost last.
    groups: Vec<u32>,
    /// The settings, if they were changed.
    settings: Option<Settings>,
    /// `true` while a request waits for its answer.
    is_waiting: bool,
}

/// What to do about a request.
#[derive(Debug, PartialEq)]
pub(crate) enum Next {
    /// Record this event, then send the answer.
    Record(Option<u32>, Event, Answer),
    /// Send an answer that is recorded already, or need not be.
    Answer(Answer, IsLive),
    /// Nothing yet: the answer follows at the end of a run.
    Wait,
    /// Record the beginning of a reboot, and end the job.
    Reboot {
        /// The number of the innermost open group.
        group: Option<u32>,
    },
    /// Record the end of the reboot with this number, then send the answer.
    Rebooted { number: u32, before: TargetFacts },
}

impl Next {
    /// The same, with the event recorded in a group.
    fn in_group(self, group: Option<u32>) -> Next {
        match self {
            Next::Record(_, event, answer) => Next::Record(group, event, answer),
            other => other,
        }
    }
}

/// `true` if an answer was not recorded by an earlier execution, so that the function's output from here on is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IsLive(pub(crate) bool);

impl Control {
    pub(crate) fn new(plan: ControlPlan, recorded: Recorded) -> Control {
        Control {
            plan,
            recorded,
            branches: HashMap::new(),
            requested: VecDeque::new(),
            waiting: HashMap::new(),
            next_index: 0,
            sequence: 0,
            answers: VecDeque::new(),
            has_ended: false,
        }
    }

    /// The same, with the recorded answers of a resumed job.
    pub(crate) fn resumed(self, recorded: Recorded) -> Control {
        Control {
            sequence: recorded.last_sequence(),
            recorded,
            ..self
        }
    }

    /// Decides what to do about a request. `number` is the number for a new group.
    pub(crate) fn request(
        &mut self,
        call: &CallId,
        request: Request,
        number: u32,
    ) -> Result<Next, Violation> {
        let request = self.plan.recorded(request);
        let branch = self.branch(call)?;
        if branch.is_waiting {
            return Err(Violation::OutOfTurn(call.clone()));
        }
        if let Some(earlier) = self.recorded.take(call, &request)? {
            if let Earlier::Reboot(number, before) = earlier {
                return Ok(Next::Rebooted { number, before });
            }
            let answer = self.repeat(call, request, earlier)?;
            return Ok(Next::Answer(answer, IsLive(false)));
        }
        self.fulfil(call, request, number)
    }

    /// Repeats the effects that an answered request has on later ones.
    fn repeat(
        &mut self,
        call: &CallId,
        request: Request,
        earlier: Earlier,
    ) -> Result<Answer, Violation> {
        let branch = self.branch(call)?;
        Ok(match (request, earlier) {
            (_, Earlier::Group(number)) => {
                branch.groups.push(number);
                Answer::Done
            }
            (Request::EndGroup { .. }, _) => {
                self.end_group(call)?;
                Answer::Done
            }
            (Request::Settings(settings), Earlier::Answer(Answer::Done)) => {
                branch.settings = Some(settings);
                Answer::Done
            }
            (_, Earlier::Kept(value)) => Answer::Value(value),
            (_, Earlier::Answer(answer)) => answer,
            (_, Earlier::Reboot(..)) => Answer::Done,
        })
    }

    fn fulfil(&mut self, call: &CallId, request: Request, number: u32) -> Result<Next, Violation> {
        match request {
            Request::Run(run) => Ok(self.run(call, run)),
            Request::BeginGroup { name, kind } => Ok(self.begin_group(call, name, kind, number)),
            Request::EndGroup { error } => {
                let group = self.end_group(call)?;
                let status = match error {
                    None => Status::Good,
                    Some(_) => Status::Fail,
                };
                let reason = error.unwrap_or_default();
                let call = call.clone();
                let end = Event::GroupEnd {
                    status,
                    reason,
                    call,
                };
                Ok(Next::Record(Some(group), end, Answer::Done))
            }
            Request::Parallel { branches } => {
                let answer = refused(check_branches(&branches));
                Ok(answered(call, Request::Parallel { branches }, answer))
            }
            Request::Record(record) => {
                let answer = refused(check_record(&record));
                let next = answered(call, Request::Record(record), answer);
                Ok(next.in_group(self.group_of(call)))
            }
            Request::Reboot if call.path().is_empty() => {
                let group = self.group_of(call);
                Ok(Next::Reboot { group })
            }
            Request::Reboot => {
                let reason = "a branch cannot reboot the target: reboot before or after `parallel`";
                Ok(answered(call, request, Answer::Refused(reason.to_owned())))
            }
            Request::Once { .. } => Ok(Next::Answer(Answer::Compute, IsLive(true))),
            Request::Keep { name, value } => {
                Ok(answered(call, Request::Keep { name, value }, Answer::Done))
            }
            Request::Settings(settings) => {
                let checked = registry::check_hooks(&settings.hooks);
                #[cfg(feature = "profilers")]
                let checked = checked.and_then(|()| registry::check_profilers(&settings.profilers));
                let answer = refused(checked);
                if answer == Answer::Done {
                    self.branch(call)?.settings = Some(settings.clone());
                }
                Ok(answered(call, Request::Settings(settings), answer))
            }
        }
    }

    fn run(&mut self, call: &CallId, request: RunRequest) -> Next {
        let branch = self.branches.get(call.path()).cloned().unwrap_or_default();
        let settings = branch.settings.as_ref().unwrap_or(&self.plan.settings);
        let sequence = settings.use_sequence_number.then(|| self.sequence_of(call));
        let requested = Box::new(Requested {
            call: call.clone(),
            group: self.group_of(call),
            request,
            settings: branch.settings,
            sequence,
        });
        match self.plan.run(requested) {
            Ok(run) => {
                self.sequence = self.sequence.max(sequence.unwrap_or(0));
                self.requested.push_back(run);
                if let Some(branch) = self.branches.get_mut(call.path()) {
                    branch.is_waiting = true;
                }
                Next::Wait
            }
            Err((requested, reason)) => {
                let request = Request::Run(requested.request);
                answered(call, request, Answer::Refused(reason))
            }
        }
    }

    /// The sequence number for the name of a run. A run that began before the job was resumed keeps its number, since
    /// branches may request their runs in another order now.
    fn sequence_of(&self, call: &CallId) -> u32 {
        let recorded = self.recorded.sequence(call);
        recorded.unwrap_or(self.sequence + 1)
    }

    fn begin_group(&mut self, call: &CallId, name: String, kind: GroupKind, number: u32) -> Next {
        if kind == GroupKind::Group && !autotest_core::is_legal_tag(&name) {
            let advice = autotest_core::LEGAL_TAG;
            let reason = format!(
                "{:?} is not a valid name of a group: {advice}",
                excerpt(&name)
            );
            let request = Request::BeginGroup { name, kind };
            return answered(call, request, Answer::Refused(reason));
        }
        let group = self.group_of(call);
        if let Some(branch) = self.branches.get_mut(call.path()) {
            branch.groups.push(number);
        }
        let start = Event::GroupStart(GroupStart {
            name,
            kind,
            group,
            call: call.clone(),
        });
        Next::Record(Some(number), start, Answer::Done)
    }

    fn end_group(&mut self, call: &CallId) -> Result<u32, Violation> {
        let branch = self.branch(call)?;
        let group = branch.groups.pop().ok_or(Violation::NoGroup)?;
        if branch.groups.is_empty() && !call.path().is_empty() {
            // The outermost group of a branch stands for the branch itself.
            self.branches.remove(call.path());
        }
        Ok(group)
    }

    /// The innermost group around a request.
    fn group_of(&self, call: &CallId) -> Option<u32> {
        let group_in = |path: &str| self.branches.get(path)?.groups.last().copied();
        group_in(call.path()).or_else(|| group_in(call.parent_path()?))
    }

    /// The branch of a request. A new one inherits the settings of the branch that began it.
    fn branch(&mut self, call: &CallId) -> Result<&mut Branch, Violation> {
        let path = call.path();
        if !self.branches.contains_key(path) {
            // The function itself is one of them.
            if self.branches.len() > MAX_BRANCHES {
                return Err(Violation::TooManyBranches);
            }
            let parent = call.parent_path().and_then(|path| self.branches.get(path));
            let branch = Branch {
                settings: parent.and_then(|parent| parent.settings.clone()),
                ..Branch::default()
            };
            self.branches.insert(path.to_owned(), branch);
        }
        self.branches
            .get_mut(path)
            .ok_or(Violation::TooManyBranches)
    }

    /// The next answer to send.
    pub(crate) fn answer(&mut self) -> Option<(CallId, Answer)> {
        let (call, answer) = self.answers.pop_front()?;
        if let Some(branch) = self.branches.get_mut(call.path()) {
            branch.is_waiting = false;
        }
        Some((call, answer))
    }

    /// Notes the end of the function's process. Requested runs that have not begun are dropped.
    ///
    /// # Errors
    /// If the function returned although more requests are recorded.
    pub(crate) fn end(&mut self, has_returned: bool) -> Result<(), Violation> {
        self.has_ended = true;
        self.requested.clear();
        match self.recorded.first() {
            Some((call, earlier)) if has_returned => Err(Violation::EndedEarly { call, earlier }),
            _ => Ok(()),
        }
    }
}

impl Source for Control {
    fn next(&mut self) -> Option<NextRun> {
        let run = self.requested.pop_front()?;
        let index = self.next_index;
        self.next_index += 1;
        let call = run
            .requested
            .as_ref()
            .map(|requested| requested.call.clone());
        self.waiting.extend(call.map(|call| (index, call)));
        let requester = Requester::Control { index };
        Some(NextRun { run, requester })
    }

    fn upcoming(&mut self) -> Option<&PlannedRun> {
        self.requested.front()
    }

    fn is_exhausted(&mut self) -> bool {
        self.has_ended && self.requested.is_empty()
    }

    fn ended(&mut self, requester: Requester, result: RunResult) {
        if let Requester::Control { index } = requester
            && let Some(call) = self.waiting.remove(&index)
        {
            self.answers.push_back((call, Answer::Ran(result)));
        }
    }
}

/// An answer, to be recorded with its request.
fn answered(call: &CallId, request: Request, answer: Answer) -> Next {
    let event = Event::Answered(Box::new(Answered {
        call: call.clone(),
        request,
        answer: answer.clone(),
    }));
    Next::Record(None, event, answer)
}

fn refused(checked: Result<(), String>) -> Answer {
    match checked {
        Ok(()) => Answer::Done,
        Err(reason) => Answer::Refused(reason),
    }
}

#[cfg(test)]
mod tests;
