//! The identity of a request.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The identity of a request of a control function: the path of branches, and the number of the request
/// within the last of them, from 0.
///
/// `3` is the fourth request outside of any branch. If it begins branches, `3/cpu.0` is the first request of
/// the branch `cpu`.
///
/// ```
/// use autotest_core::CallId;
/// let parallel = CallId::new("", 3);
/// let branch = parallel.branch("cpu");
/// let call = CallId::new(&branch, 0);
/// assert_eq!(call.to_string(), "3/cpu.0");
/// assert_eq!(call.path(), "3/cpu");
/// assert_eq!(call.parent_path(), Some(""));
/// assert_eq!(call.branch_of(), Some((parallel, "cpu")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(String);

impl CallId {
    /// The request `number` of the branch with this path; the path is empty outside of branches.
    pub fn new(path: &str, number: u64) -> CallId {
        CallId(match path {
            "" => number.to_string(),
            path => format!("{path}.{number}"),
        })
    }

    /// The path of a branch that this request begins.
    pub fn branch(&self, name: &str) -> String {
        format!("{}/{name}", self.0)
    }

    /// The same request of a function whose requests outside of branches have this path. The path is empty, or that
    /// of a [`branch`](CallId::branch).
    ///
    /// ```
    /// use autotest_core::CallId;
    /// let call = CallId::new(&CallId::new("", 3).branch("cpu"), 0);
    /// let around = CallId::new("", 0).branch("lab1");
    /// assert_eq!(call.within(&around).to_string(), "0/lab1.3/cpu.0");
    /// assert_eq!(call.within(""), call);
    /// ```
    pub fn within(&self, path: &str) -> CallId {
        match path {
            "" => self.clone(),
            path => CallId(format!("{path}.{}", self.0)),
        }
    }

    /// The path of the branch that sent the request; empty outside of branches.
    pub fn path(&self) -> &str {
        self.0.rsplit_once('.').map_or("", |(path, _)| path)
    }

    /// The path of the branch around the one that sent the request; `None` outside of branches.
    pub fn parent_path(&self) -> Option<&str> {
        let (began, _) = self.path().rsplit_once('/')?;
        Some(began.rsplit_once('.').map_or("", |(path, _)| path))
    }

    /// The request that began the branch, and the name of the branch; `None` outside of branches.
    pub fn branch_of(&self) -> Option<(CallId, &str)> {
        let (began, name) = self.path().rsplit_once('/')?;
        Some((CallId(began.to_owned()), name))
    }

    /// The identity as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a text can be the name of a branch.
    pub fn is_legal_branch(name: &str) -> bool {
        let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        !name.is_empty() && name.chars().all(is_legal)
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_tells_its_branch_and_the_one_around() {
        let paths = |text: &str| {
            let call = CallId(text.to_owned());
            let parent = call.parent_path().map(str::to_owned);
            (call.path().to_owned(), parent)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(paths("12"), (String::new(), None));
        assert_eq!(paths("2/cpu.0"), ("2/cpu".to_owned(), some("")));
        assert_eq!(
            paths("2/cpu.3/io.0"),
            ("2/cpu.3/io".to_owned(), some("2/cpu"))
        );
    }

    #[test]
    fn a_call_can_be_one_of_a_branch_around_it() {
        let call = CallId("2/cpu.3".to_owned());
        assert_eq!(call.within(""), call);
        assert_eq!(call.within("0/lab1"), CallId("0/lab1.2/cpu.3".to_owned()));
    }

    #[test]
    fn the_name_of_a_branch_does_not_confuse_paths() {
        for name in ["cpu", "cpu-0", "CPU_1"] {
            assert!(CallId::is_legal_branch(name));
        }
        for name in ["", "a.b", "a/b", "a b", "é"] {
            assert!(!CallId::is_legal_branch(name), "{name}");
        }
    }
}
