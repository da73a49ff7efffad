//! The version of the journal.

use serde::{Deserialize, Serialize};

/// The version of a journal's format. A new kind of event, or a new meaning of one, requires a new version, because a
/// reader that does not know an event ignores everything after it. A new field that old readers may ignore does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JournalVersion(pub u32);

impl JournalVersion {
    /// The version that this crate writes, and the newest that it reads.
    pub const CURRENT: JournalVersion = JournalVersion(1);

    /// The version of journals that do not have one.
    const FIRST: JournalVersion = JournalVersion(1);

    pub(super) fn is_first(&self) -> bool {
        *self == JournalVersion::FIRST
    }
}

/// A journal without a version has the first one.
impl Default for JournalVersion {
    fn default() -> JournalVersion {
        JournalVersion::FIRST
    }
}
