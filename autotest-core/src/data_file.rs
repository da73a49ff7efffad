//! Which paths the data files of a test may have.

use std::path::{Component, Path};

/// Why a path is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a data file is a relative path without `.` and `..`, such as `blobs/small.bin`, and without control characters"
)]
pub struct DataFileError;

/// Checks the path of a data file, as in `data("blobs/small.bin")`. The macro, the host tool and packages all call this
/// function, so that each accepts the same paths.
///
/// ```
/// use autotest_core::check_data_file;
/// assert!(check_data_file("blobs/small.bin").is_ok());
/// assert!(check_data_file("../secret").is_err());
/// ```
///
/// # Errors
/// If it is absolute, has a part such as `..`, is empty or ends in `/`, or has control characters.
pub fn check_data_file(path: &str) -> Result<(), DataFileError> {
    let parts = Path::new(path).components();
    let is_normal = parts
        .clone()
        .all(|part| matches!(part, Component::Normal(_)));
    // `Path` overlooks `.` and doubled slashes within a path.
    let is_same = parts.collect::<std::path::PathBuf>().to_str() == Some(path);
    match !path.is_empty() && is_normal && is_same && !path.chars().any(char::is_control) {
        true => Ok(()),
        false => Err(DataFileError),
    }
}
