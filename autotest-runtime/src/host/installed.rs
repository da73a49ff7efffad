//! The file that records which version of a test was set up.

use autotest_core::{Value, Version};

/// The content of `.version`: a pickle of protocol 0 as the original writes it (formats §6), so that a srcdir
/// from the original counts as set up.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum InstalledVersion {
    Int(i64),
    Float(f64),
    Text(String),
}

impl InstalledVersion {
    pub(super) fn of(version: Version) -> InstalledVersion {
        match version {
            Version::Int(number) => InstalledVersion::Int(number),
            Version::Float(number) => InstalledVersion::Float(number),
            Version::Text(text) => InstalledVersion::Text(text.to_owned()),
        }
    }

    /// Compares as Python does: 1 equals 1.0 but not `'1'`.
    pub(super) fn equals(&self, version: Version) -> bool {
        match (self, InstalledVersion::of(version)) {
            (InstalledVersion::Int(int), InstalledVersion::Float(float)) => *int as f64 == float,
            (InstalledVersion::Float(float), InstalledVersion::Int(int)) => *float == int as f64,
            (installed, version) => *installed == version,
        }
    }

    pub(super) fn render(&self) -> String {
        match self {
            InstalledVersion::Int(number) => format!("I{number}\n."),
            InstalledVersion::Float(number) => {
                format!("F{}\n.", Value::Float(*number))
            }
            InstalledVersion::Text(text) => {
                format!("S{}\np0\n.", Value::from(text.as_str()).repr())
            }
        }
    }

    pub(super) fn parse(pickle: &str) -> Option<InstalledVersion> {
        let line = pickle.lines().next()?;
        let (kind, text) = line.split_at_checked(1)?;
        match kind {
            "I" => text.parse().ok().map(InstalledVersion::Int),
            "F" => text.parse().ok().map(InstalledVersion::Float),
            "S" | "V" => {
                let quoted = text.strip_prefix(['\'', '"']);
                let text = quoted.and_then(|text| text.strip_suffix(['\'', '"']));
                text.map(|text| InstalledVersion::Text(text.to_owned()))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_files_are_those_of_the_original() {
        assert_eq!(InstalledVersion::of(Version::Int(1)).render(), "I1\n.");
        assert_eq!(
            InstalledVersion::of(Version::Text("1.0")).render(),
            "S'1.0'\np0\n."
        );
        assert_eq!(
            InstalledVersion::of(Version::Float(1.5)).render(),
            "F1.5\n."
        );
    }

    #[test]
    fn versions_compare_as_in_python() {
        let parsed = |text| InstalledVersion::parse(text).unwrap();
        assert!(parsed("I1\n.").equals(Version::Float(1.0)));
        assert!(parsed("F1.0\n.").equals(Version::Int(1)));
        assert!(!parsed("S'1'\np0\n.").equals(Version::Int(1)));
        assert!(parsed("S'1.2.3'\np0\n.").equals(Version::Text("1.2.3")));
        assert_eq!(InstalledVersion::parse("garbage"), None);
    }
}
