//! Names of packages: the original's rules, with their quirks, and the suite in the name of its package.

use std::fmt;

/// The end of the name of every package.
const SUFFIX: &str = ".tar.bz2";

/// The original's types of packages. A type has no dash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum PackageType {
    Test,
    Dep,
    Profiler,
    Client,
}

impl PackageType {
    /// All types.
    pub const ALL: [PackageType; 4] = [
        PackageType::Test,
        PackageType::Dep,
        PackageType::Profiler,
        PackageType::Client,
    ];

    /// The type as it is in the name of a package.
    pub fn as_str(self) -> &'static str {
        match self {
            PackageType::Test => "test",
            PackageType::Dep => "dep",
            PackageType::Profiler => "profiler",
            PackageType::Client => "client",
        }
    }

    /// The type with this name.
    pub fn parse(text: &str) -> Option<PackageType> {
        PackageType::ALL
            .into_iter()
            .find(|known| known.as_str() == text)
    }
}

impl fmt::Display for PackageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name of an original package's file: `TYPE-NAME.tar.bz2`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PackageName {
    /// Its type.
    pub package_type: PackageType,
    /// Its name, which may have dashes.
    pub name: String,
}

impl PackageName {
    /// Reads the name of a file.
    pub fn parse(file_name: &str) -> Option<PackageName> {
        let (package_type, name) = file_name.strip_suffix(SUFFIX)?.split_once('-')?;
        Some(PackageName {
            package_type: PackageType::parse(package_type)?,
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}{SUFFIX}", self.package_type, self.name)
    }
}

/// The name of a test that is given by the path or URL of its package.
///
/// The original's `get_package_name` deletes dots and digits from names, differently for paths and URLs; users who look
/// for results by those names find them. Unlike there, `https://` and `file://` are URLs here, too, and the package of
/// a suite has the name of the suite.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TestName {
    /// The host and directory of a URL, with `_` for everything except letters and digits; the same as the name for a
    /// path; empty for a name that is not a package's.
    pub group: String,
    /// The test's name.
    pub name: String,
}

impl TestName {
    /// Whether a test is given by its package.
    pub fn is_package(given: &str) -> bool {
        given.len() > SUFFIX.len() && given.ends_with(SUFFIX)
    }

    /// The names by the original's rules.
    ///
    /// ```
    /// use autotest_package::TestName;
    /// let TestName { group, name } = TestName::original("http://host/dir/my.12.tar.bz2");
    /// assert_eq!((group.as_str(), name.as_str()), ("host_dir", "my"));
    /// ```
    pub fn original(given: &str) -> TestName {
        let Some(stem) = given.strip_suffix(SUFFIX) else {
            return TestName {
                group: String::new(),
                name: given.to_owned(),
            };
        };
        match stem
            .strip_prefix("http://")
            .and_then(|rest| rest.rsplit_once('/'))
        {
            Some((group, name)) => TestName {
                group: words(group),
                name: without(name, &DigitsAfterDot),
            },
            None => {
                let name = without(stem, &DigitsBeforeDot);
                TestName {
                    group: name.clone(),
                    name,
                }
            }
        }
    }

    /// The names by which a package is installed and its results are found. Neither has a `/`.
    pub fn of(given: &str) -> TestName {
        let stem = given.strip_suffix(SUFFIX).unwrap_or(given);
        let url = ["http://", "https://", "file://"]
            .iter()
            .find_map(|scheme| stem.strip_prefix(scheme));
        let (group, file) = url.unwrap_or(stem).rsplit_once('/').unwrap_or(("", stem));
        let name = match suite_of(file) {
            Some(suite) => suite.to_owned(),
            None if url.is_some() => without(file, &DigitsAfterDot),
            None => without(file, &DigitsBeforeDot),
        };
        let group = match words(group.trim_matches('/')) {
            group if group.is_empty() => name.clone(),
            group => group,
        };
        TestName { group, name }
    }
}

/// The suite in `SUITE-VERSION-TARGET`, where the version is the first part that begins with a number and a dot.
fn suite_of(stem: &str) -> Option<&str> {
    let is_version = |part: &str| {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < part.len() && rest.starts_with('.')
    };
    let dashes = stem.match_indices('-').map(|(at, _)| at);
    let at = dashes.into_iter().find(|at| is_version(&stem[at + 1..]))?;
    let has_target = stem[at + 1..].contains('-');
    (at > 0 && has_target).then_some(&stem[..at])
}

fn words(text: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    text.chars().map(word).collect()
}

/// A rule that deletes every dot, with the digits on one side of it.
trait Deletion {
    fn is_deleted(&self, chars: &[char], at: usize) -> bool;
}

struct DigitsAfterDot;
struct DigitsBeforeDot;

impl Deletion for DigitsAfterDot {
    fn is_deleted(&self, chars: &[char], at: usize) -> bool {
        let before = chars[..=at].iter().rev();
        before.copied().find(|c| !c.is_ascii_digit()) == Some('.')
    }
}

impl Deletion for DigitsBeforeDot {
    fn is_deleted(&self, chars: &[char], at: usize) -> bool {
        let after = chars[at..].iter();
        after.copied().find(|c| !c.is_ascii_digit()) == Some('.')
    }
}

fn without(text: &str, deletion: &dyn Deletion) -> String {
    let chars: Vec<char> = text.chars().collect();
    let kept = (0..chars.len()).filter(|at| !deletion.is_deleted(&chars, *at));
    kept.map(|at| chars[at]).collect()
}
