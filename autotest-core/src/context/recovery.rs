//! What is known of a run that ended abnormally.

use std::collections::BTreeMap;

use crate::phase::Phase;

/// What a new instance of a test is told of the run that it cleans up after.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Recovery {
    /// The last phase that the run entered.
    pub failed_phase: Option<Phase>,
    /// What it remembered by [`TestContext::save`](super::TestContext::save).
    pub saved: BTreeMap<String, serde_json::Value>,
}
