//! Files of the target, with errors that name them.
//!
//! This is [`fs-err`](https://docs.rs/fs-err), which has the functions and types of [`std::fs`] with errors such
//! as "failed to open file `/dev/kvm`: Permission denied (os error 13)", and functions for files of one value,
//! as in `/proc` and `/sys`. [`TestContext::set_file`](crate::TestContext::set_file) changes such a file until
//! the test ends.
//!
//! ```
//! use autotest::prelude::*;
//!
//! fn pids_suffice(cx: &mut TestContext) -> TestResult {
//!     let pid_max: u64 = fs::read_value("/proc/sys/kernel/pid_max")?;
//!     ensure_ge!(pid_max, 32768);
//!     fs::write(cx.outputdir().join("pid_max"), pid_max.to_string())?;
//!     Ok(())
//! }
//! ```

use std::fmt::Display;
use std::io::{Error, ErrorKind, Result, Write};
use std::path::Path;
use std::str::FromStr;

use autotest_core::excerpt;
pub use fs_err::*;

/// Reads a file of one value, without the white space around it, and parses it.
///
/// ```
/// use autotest::fs;
/// let pid_max = fs::read_value::<u64>("/proc/sys/kernel/pid_max")?;
/// assert!(pid_max > 0);
/// let error = fs::read_value::<u64>("/proc/sys/kernel/ostype").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "`/proc/sys/kernel/ostype` contains `Linux`, which is not a `u64`: invalid digit found in string"
/// );
/// # Ok::<_, std::io::Error>(())
/// ```
///
/// # Errors
/// If the file cannot be read or is not UTF-8; and of the kind [`ErrorKind::InvalidData`] if its content is not
/// a `T`. The message has the path, and then the beginning of the content and the type.
pub fn read_value<T>(path: impl AsRef<Path>) -> Result<T>
where
    T: FromStr,
    T::Err: Display,
{
    let text = read_to_string(path.as_ref())?;
    let text = text.trim();
    text.parse().map_err(|error: T::Err| {
        let path = path.as_ref().display();
        let (text, wanted) = (excerpt(text), std::any::type_name::<T>());
        let message = format!("`{path}` contains `{text}`, which is not a `{wanted}`: {error}");
        Error::new(ErrorKind::InvalidData, message)
    })
}

/// Writes a value and a newline to an existing file, as `echo` does: with one `write`, and without creating the
/// file. The change is permanent; [`TestContext::set_file`](crate::TestContext::set_file) changes a file until
/// the test ends.
///
/// ```
/// use autotest::fs;
/// fs::write_value("/proc/self/oom_score_adj", 500)?;
/// assert_eq!(fs::read_value::<i32>("/proc/self/oom_score_adj")?, 500);
/// let error = fs::write_value("/proc/self/oom_score_adj", "much").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "failed to write `much` to `/proc/self/oom_score_adj`: Invalid argument (os error 22)"
/// );
/// # Ok::<_, std::io::Error>(())
/// ```
///
/// # Errors
/// If the file does not exist, or does not take the value. The message has both.
pub fn write_value(path: impl AsRef<Path>, value: impl Display) -> Result<()> {
    let (path, value) = (path.as_ref(), value.to_string());
    let value = value.strip_suffix('\n').unwrap_or(&value);
    overwrite(path, &format!("{value}\n")).map_err(|error| {
        let (path, value) = (path.display(), excerpt(value));
        let message = format!("failed to write `{value}` to `{path}`: {error}");
        Error::new(error.kind(), message)
    })
}

/// Replaces the content of an existing file.
///
/// # Errors
/// If the file does not exist or cannot be written, without its path.
pub(crate) fn overwrite(path: &Path, text: &str) -> Result<()> {
    // Not those of `fs-err`, which every binary would contain.
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).truncate(true).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_without_creating_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("value");
        let error = write_value(&path, 7).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().starts_with("failed to write `7` to `"));
        write(&path, "a longer text").unwrap();
        write_value(&path, 7).unwrap();
        assert_eq!(read(&path).unwrap(), b"7\n");
        write_value(&path, "two\nlines\n").unwrap();
        assert_eq!(read(&path).unwrap(), b"two\nlines\n");
        assert_eq!(read_value::<String>(&path).unwrap(), "two\nlines");
    }

    #[test]
    fn errors_name_the_file() {
        let error = read_value::<u64>("/nonexistent/value").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("/nonexistent/value"), "{error}");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("value");
        write(&path, "x".repeat(1000)).unwrap();
        let error = read_value::<u64>(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert!(error.to_string().len() < 400, "{error}");
    }
}
