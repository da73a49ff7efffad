//! Serialisation of perf values in events.

use serde::Deserialize;

use super::{Measured, PerfError, PerfValue, text};
use crate::value::Value;

/// The serialised form. It does not include the converted numbers: they are derived from the value again on
/// receipt, since the sender is a test's process, whose memory may be corrupted.
#[derive(Deserialize)]
pub(super) struct PerfWire {
    description: String,
    value: Value,
    #[serde(default)]
    units: Option<String>,
    #[serde(default)]
    higher_is_better: Option<bool>,
    #[serde(default)]
    graph: Option<String>,
    #[serde(default)]
    replace_existing_values: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(super) fn is_false(flag: &bool) -> bool {
    !flag
}

impl TryFrom<PerfWire> for PerfValue {
    type Error = PerfError;

    fn try_from(wire: PerfWire) -> Result<PerfValue, PerfError> {
        if let Some(text) = wire.unchecked_text() {
            return Err(PerfError::Unchecked {
                text: text.to_owned(),
            });
        }
        Ok(PerfValue {
            measured: Measured::from_value(&wire.description, &wire.value)?,
            description: wire.description,
            value: wire.value,
            units: wire.units,
            higher_is_better: wire.higher_is_better,
            graph: wire.graph,
            replace_existing_values: wire.replace_existing_values,
        })
    }
}

impl PerfWire {
    fn unchecked_text(&self) -> Option<&str> {
        let texts = [Some(self.description.as_str()), self.units.as_deref()];
        texts
            .into_iter()
            .flatten()
            .find(|text| !text::is_legal(text))
    }
}
