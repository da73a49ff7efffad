//! A request for a profiler by a job or a test: its name and arguments.
//!
//! This module must not know which profilers there are.

use std::fmt;

use crate::params::{Arg, Args};

/// A profiler to use.
///
/// ```
/// use autotest_core::ProfilerUse;
/// let proc = ProfilerUse::parse("proc:interval=100ms").unwrap();
/// assert_eq!(proc, ProfilerUse::new("proc").arg("interval", "100ms"));
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ProfilerUse {
    /// The name of the profiler.
    pub name: String,
    /// The arguments for its `initialize` and `setup`.
    #[serde(default, skip_serializing_if = "Args::is_empty")]
    pub args: Args,
}

/// The error of a text that does not name a profiler.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ProfilerUseError(&'static str);

impl ProfilerUse {
    /// A profiler without arguments.
    pub fn new(name: impl Into<String>) -> ProfilerUse {
        ProfilerUse {
            name: name.into(),
            args: Args::new(),
        }
    }

    /// Adds an argument: a text that is parsed like that of `--param`.
    #[must_use]
    pub fn arg(mut self, name: impl Into<String>, value: impl Into<String>) -> ProfilerUse {
        self.args.insert(name, Arg::Text(value.into()));
        self
    }

    /// Parses `NAME` or `NAME:PARAM=VALUE,…`. A comma belongs to the value unless `PARAM=` follows it, so a value may
    /// be a list.
    ///
    /// ```
    /// use autotest_core::ProfilerUse;
    /// let cat = ProfilerUse::parse(r#"cat:files=["/proc/stat","/proc/vmstat"],interval=2s"#).unwrap();
    /// let files = r#"["/proc/stat","/proc/vmstat"]"#;
    /// assert_eq!(cat, ProfilerUse::new("cat").arg("files", files).arg("interval", "2s"));
    /// ```
    ///
    /// # Errors
    /// If there is no name, or an argument without a name or a value, or one is given twice.
    pub fn parse(text: &str) -> Result<ProfilerUse, ProfilerUseError> {
        let refused = |reason| Err(ProfilerUseError(reason));
        let (name, args) = match text.split_once(':') {
            Some((name, args)) => (name, Some(args)),
            None => (text, None),
        };
        if name.is_empty() {
            return refused("write `NAME` or `NAME:PARAM=VALUE,…`");
        }
        let mut parsed = ProfilerUse::new(name);
        for arg in args.into_iter().flat_map(split) {
            let Some((name, value)) = arg.split_once('=').filter(|(name, _)| is_name(name)) else {
                return refused("write each argument as `PARAM=VALUE`");
            };
            if parsed.args.arg(name).is_some() {
                return refused("give each argument once");
            }
            parsed = parsed.arg(name, value);
        }
        Ok(parsed)
    }
}

/// The arguments in a text.
fn split(args: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    for (comma, _) in args.match_indices(',') {
        let next = &args[comma + 1..];
        if next.split_once('=').is_some_and(|(name, _)| is_name(name)) {
            found.push(&args[start..comma]);
            start = comma + 1;
        }
    }
    found.push(&args[start..]);
    found
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// In the form that [`ProfilerUse::parse`] accepts.
impl fmt::Display for ProfilerUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (i, (name, arg)) in self.args.iter().enumerate() {
            let separator = if i == 0 { ':' } else { ',' };
            write!(f, "{separator}{name}={arg}")?;
        }
        Ok(())
    }
}
