//! The requests and answers of a control function that are on record from before the job was resumed.

use std::collections::HashMap;

use autotest_core::{Answer, CallId, Request, excerpt_ends};
use autotest_report::{Earlier, Requests};

use super::Violation;

/// Requests and answers on record, by call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorded {
    requests: Requests,
    /// The sequence numbers of runs, also of those that were interrupted and have no answer.
    sequences: HashMap<CallId, u32>,
}

impl Recorded {
    pub(crate) fn new(requests: Requests, sequences: HashMap<CallId, u32>) -> Recorded {
        Recorded {
            requests,
            sequences,
        }
    }

    /// The sequence number of the run that was requested by this call.
    pub(super) fn sequence(&self, call: &CallId) -> Option<u32> {
        self.sequences.get(call).copied()
    }

    /// The highest sequence number; 0 if there is none.
    pub(super) fn last_sequence(&self) -> u32 {
        self.sequences.values().copied().max().unwrap_or(0)
    }

    /// Adds the answer to a request.
    pub(crate) fn add(&mut self, call: CallId, request: Request, answer: Answer) {
        self.requests
            .insert(call, (request, Earlier::Answer(answer)));
    }

    /// Removes what is on record for a request.
    ///
    /// # Errors
    /// If another request is.
    pub(super) fn take(
        &mut self,
        call: &CallId,
        request: &Request,
    ) -> Result<Option<Earlier>, Violation> {
        let Some((earlier, answer)) = self.requests.remove(call) else {
            return Ok(None);
        };
        match request.is_repeated(&earlier) {
            true => Ok(Some(answer)),
            false => Err(Violation::Diverged {
                call: call.clone(),
                now: shown(request),
                earlier: shown(&earlier),
            }),
        }
    }

    /// A request that has not been repeated.
    pub(super) fn first(&self) -> Option<(CallId, String)> {
        let (call, (request, _)) = self.requests.iter().min_by_key(|(call, _)| *call)?;
        Some((call.clone(), shown(request)))
    }
}

/// A request in an error message.
fn shown(request: &Request) -> String {
    let json = serde_json::to_string(request).unwrap_or_default();
    excerpt_ends(&json).into_owned()
}
