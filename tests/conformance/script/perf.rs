//! `output_perf_value`, with the original's positions of arguments.

use autotest_core::{PerfRequest, Value};
use serde_json::Value as Json;

use crate::definition::is_truthy;
use crate::scenario::Arguments;

/// The names of its parameters.
pub(crate) const PERF_PARAMETERS: [&str; 7] = [
    "description",
    "value",
    "units",
    "higher_is_better",
    "graph",
    "replacement",
    "replace_existing_values",
];

/// The argument of this name; one that is `null` is not given.
pub(crate) fn perf_argument<'a>(arguments: &'a Arguments, name: &str) -> Option<&'a Json> {
    let position = PERF_PARAMETERS
        .iter()
        .position(|parameter| *parameter == name)?;
    arguments.get(position, name).filter(|json| !json.is_null())
}

/// The call as ours; a rule leaves out calls with other types than ours takes.
pub(super) fn request(arguments: &Arguments) -> PerfRequest {
    let text = |name| {
        perf_argument(arguments, name)
            .and_then(Json::as_str)
            .map(str::to_owned)
    };
    let value = perf_argument(arguments, "value")
        .cloned()
        .unwrap_or_default();
    let mut request = PerfRequest::new(text("description").unwrap_or_default(), Value::from(value));
    request.units = text("units");
    request.higher_is_better = perf_argument(arguments, "higher_is_better").map(is_truthy);
    request.graph = text("graph");
    request.replacement = text("replacement").unwrap_or(request.replacement);
    request.replace_existing_values =
        perf_argument(arguments, "replace_existing_values").is_some_and(is_truthy);
    request
}
