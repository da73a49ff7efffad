//! Writes the test's keyval: attributes, version, parameters.

use super::Step;
use super::call::{Region, guarded};
use crate::context::TestContext;
use crate::def::Version;
use crate::outcome::{TestError, TestResult};
use crate::value::Value;

/// Writes the test's keyval, without secrets. The version and the parameters override attributes of the same
/// name.
/// Conformance: `keyval-attributes-*`, `keyval-parameters-*`.
pub(super) fn write(cx: &mut TestContext) -> Step {
    guarded(cx, Region::Around, |cx| {
        let mut keyvals = attributes(cx)?;
        keyvals.push(("version".to_owned(), cx.def.meta.version.into()));
        let case_args = cx.def.case_arguments();
        for (name, arg) in case_args.iter().chain(cx.args.iter()) {
            let is_popped = matches!(name, "run_cleanup" | "test_attributes");
            if !is_popped && !arg.is_secret() && !cx.def.has_secret(name) {
                keyvals.push((format!("param-{name}"), Value::from(arg.value().repr())));
            }
        }
        cx.write_test_keyval(keyvals)?;
        Ok(())
    })
}

fn attributes(cx: &TestContext) -> TestResult<Vec<(String, Value)>> {
    match cx.args.arg("test_attributes").map(|arg| arg.value()) {
        None => Ok(Vec::new()),
        Some(Value::Map(attributes)) => Ok(attributes),
        Some(other) => {
            let other = other.repr();
            Err(
                TestError::refused(format!("`test_attributes` must be an object, not {other}"))
                    .into(),
            )
        }
    }
}

impl From<Version> for Value {
    fn from(version: Version) -> Value {
        match version {
            Version::Int(number) => Value::from(number),
            Version::Float(number) => Value::Float(number),
            Version::Text(text) => Value::from(text),
        }
    }
}
