//! The requests and answers of a control function that are on record from before the job was resumed.

use autotest_core::{Answer, CallId, Request, excerpt_ends};
use autotest_report::{Earlier, Requests};

use super::Violation;

/// Requests and answers on record, by call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorded(Requests);

impl Recorded {
    pub(crate) fn new(requests: Requests) -> Recorded {
        Recorded(requests)
    }

    /// Adds the answer to a request.
    pub(crate) fn add(&mut self, call: CallId, request: Request, answer: Answer) {
        self.0.insert(call, (request, Earlier::Answer(answer)));
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
        let Some((earlier, answer)) = self.0.remove(call) else {
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
        let (call, (request, _)) = self.0.iter().min_by_key(|(call, _)| *call)?;
        Some((call.clone(), shown(request)))
    }
}

/// A request in an error message.
fn shown(request: &Request) -> String {
    let json = serde_json::to_string(request).unwrap_or_default();
    excerpt_ends(&json).into_owned()
}
