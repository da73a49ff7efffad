//! Checks of requests that have no effect but their record.

use autotest_core::status::StatusEntry;
use autotest_core::{CallId, StatusRecord, excerpt};

use super::MAX_BRANCHES;

/// Refuses names that branches cannot have.
pub(super) fn check_branches(names: &[String]) -> Result<(), String> {
    for (i, name) in names.iter().enumerate() {
        if !CallId::is_legal_branch(name) {
            let name = excerpt(name);
            return Err(format!(
                "{name:?} is not a valid name of a branch: use letters, digits, `_` and `-`"
            ));
        }
        if names[..i].contains(name) {
            return Err(format!("two branches are called `{name}`; rename one"));
        }
    }
    match names.len() > MAX_BRANCHES {
        true => Err(format!("more than {MAX_BRANCHES} branches")),
        false => Ok(()),
    }
}

/// Checks a line for the status log as for a test (`cx.record`).
pub(super) fn check_record(record: &StatusRecord) -> Result<(), String> {
    let StatusRecord {
        code,
        subdir,
        operation,
        message,
        fields,
    } = record;
    let (subdir, operation) = (subdir.as_deref(), operation.as_deref());
    let entry = StatusEntry::new(*code, subdir, operation, message, 0, "");
    let entry = fields.iter().try_fold(
        entry.map_err(|error| error.to_string())?,
        |entry, (key, value)| {
            let entry = entry.with_field(key, value);
            entry.map_err(|error| error.to_string())
        },
    );
    entry.map(drop)
}
