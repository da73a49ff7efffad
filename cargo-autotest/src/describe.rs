//! `describe`: prints everything that is known of a test, as the binary's own `--describe` does.

use autotest_core::{Description, any_of, excerpt, nearest_few};

use crate::cli::{self, Format};
use crate::inspect::{self, Binary, InspectError};

/// An error of `describe`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DescribeError {
    #[error(transparent)]
    Inspect(#[from] InspectError),
    #[error("no test is called `{0}`{1}")]
    NoSuchTest(String, String),
}

/// Returns the description, as it is printed. A test in several binaries of a workspace is described once.
///
/// # Errors
/// If the tests cannot be read, or none has this name.
pub(crate) fn run(args: &cli::Describe) -> Result<String, DescribeError> {
    let binaries = inspect::read(args.from.file.as_deref())?;
    let mut all = binaries.iter().flat_map(described);
    let Some(description) = all.find(|description| description.id == args.test) else {
        let ids = binaries.iter().flat_map(described).map(|it| it.id.as_str());
        let near = nearest_few(&args.test, ids);
        let hint = match near.is_empty() {
            true => "; `cargo autotest list` shows all".to_owned(),
            false => format!("; did you mean {}?", any_of(&near)),
        };
        return Err(DescribeError::NoSuchTest(
            excerpt(&args.test).to_string(),
            hint,
        ));
    };
    Ok(match args.format {
        Format::Text => description.text(),
        Format::Json => serde_json::to_string(description).unwrap_or_default() + "\n",
    })
}

fn described(binary: &Binary) -> impl Iterator<Item = &Description> {
    let suite = &binary.suite;
    let others = suite.controls.iter().chain(&suite.profilers);
    suite.tests.iter().chain(others)
}
