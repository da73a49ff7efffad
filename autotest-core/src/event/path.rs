//! A path in JSON: a string if it is UTF-8, otherwise an array of its bytes, so that no path makes a line
//! invalid.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::de::{SeqAccess, Visitor};
use serde::{Deserializer, Serializer};

/// Writes a path; for serde's attribute `with`.
///
/// # Errors
/// If the serializer fails.
pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    match path.to_str() {
        Some(text) => serializer.serialize_str(text),
        None => serializer.collect_seq(path.as_os_str().as_bytes()),
    }
}

/// Reads a path that [`serialize`] wrote.
///
/// # Errors
/// If it is neither a text nor an array of bytes.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    deserializer.deserialize_any(PathVisitor)
}

struct PathVisitor;

impl<'de> Visitor<'de> for PathVisitor {
    type Value = PathBuf;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path")
    }

    fn visit_str<E>(self, text: &str) -> Result<PathBuf, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut bytes: A) -> Result<PathBuf, A::Error> {
        let mut path = Vec::new();
        while let Some(byte) = bytes.next_element()? {
            path.push(byte);
        }
        Ok(OsString::from_vec(path).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::JobStart;

    #[test]
    fn a_path_that_is_no_text_survives() {
        let job = JobStart {
            tmp: OsString::from_vec(b"/tmp/\xff".to_vec()).into(),
            installed: "/srv/installed".into(),
            ..JobStart::default()
        };
        let line = serde_json::to_string(&job).unwrap();
        assert!(line.contains(r#""installed":"/srv/installed""#), "{line}");
        assert_eq!(serde_json::from_str::<JobStart>(&line).unwrap(), job);
    }

    #[test]
    fn a_number_is_no_path() {
        let error = serde_json::from_str::<JobStart>(r#"{"tmp":7}"#).unwrap_err();
        let expected = "invalid type: integer `7`, expected a path at line 1 column 8";
        assert_eq!(error.to_string(), expected);
    }
}
