//! The state of a run that ended abnormally.

use std::collections::BTreeMap;

use super::ChangedFiles;
use crate::phase::Phase;

/// The state of an abnormally ended run, for the process that cleans up after it.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Recovery {
    /// The last phase that began.
    pub failed_phase: Option<Phase>,
    /// The values that the run stored with [`TestContext::save`](super::TestContext::save).
    pub saved: BTreeMap<String, serde_json::Value>,
    /// The files that the run changed with [`TestContext::set_file`](super::TestContext::set_file) and that
    /// must be restored.
    #[serde(default, skip_serializing_if = "ChangedFiles::is_empty")]
    pub changed_files: ChangedFiles,
}
