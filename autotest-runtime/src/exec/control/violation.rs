//! What a control function must not do.

use autotest_core::CallId;

use super::MAX_BRANCHES;

/// A request that the supervisor cannot accept: the control function has gone wrong, and the job ends.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum Violation {
    /// It differs from the one on record.
    #[error(
        "the control function does not repeat itself: request {call} is now {now}, but was {earlier} \
         before the job was interrupted"
    )]
    Diverged {
        call: CallId,
        now: String,
        earlier: String,
    },
    /// It ended although there are more requests on record.
    #[error(
        "the control function does not repeat itself: it ended before request {call}, which was \
         {earlier} before the job was interrupted"
    )]
    EndedEarly { call: CallId, earlier: String },
    /// A branch sent another request before the answer to its last one.
    #[error("the control function sent request {0} before the answer to the one before")]
    OutOfTurn(CallId),
    #[error("the control function has more than {MAX_BRANCHES} branches at the same time")]
    TooManyBranches,
    #[error("the control function ended a group that it had not begun")]
    NoGroup,
}
