//! Errors of tests, and how they are classified.

use std::error::Error;
use std::fmt;
use std::panic::Location;

#[cfg(feature = "anyhow")]
use super::TestError;
use super::test_error::Record;
use super::{Kind, Verdict};

/// An error or a panic in a test's code that is not classified yet.
///
/// It does not implement `Error`, so that every error converts to it by `?`. An error other than a
/// [`TestError`](super::TestError) becomes FAIL or ERROR depending on the phase.
///
/// ```
/// use autotest_core::{Failure, Kind};
/// let failure = Failure::from(std::io::Error::other("gone"));
/// let verdict = failure.classify(true);
/// assert_eq!((verdict.kind, verdict.unhandled), (Kind::Fail, true));
/// assert_eq!(verdict.reason, "Unhandled io::Error: gone");
/// ```
pub struct Failure(Box<Cause>);

struct Cause {
    /// The kind of a [`TestError`](super::TestError); `None` for any other error.
    said: Option<Kind>,
    /// The type of a foreign error; `panic` for a panic.
    class: String,
    reason: String,
    location: Option<String>,
    backtrace: Option<String>,
    /// Whether this comes from a verdict for an unhandled error.
    unhandled: bool,
}

impl Failure {
    /// Wraps a verdict of the default `execute`, which the test's own `execute` returns; it does not change.
    pub(crate) fn from_verdict(verdict: Verdict) -> Failure {
        let Verdict {
            kind,
            reason,
            unhandled,
            location,
            backtrace,
        } = verdict;
        let class = String::new();
        Failure(Box::new(Cause {
            said: Some(kind),
            class,
            reason,
            location,
            backtrace,
            unhandled,
        }))
    }

    /// An error other than a [`TestError`](super::TestError), with its class (a type name) and its text.
    #[track_caller]
    pub fn foreign(class: impl Into<String>, reason: impl Into<String>) -> Failure {
        let location = Some(Location::caller().to_string());
        let (class, reason) = (class.into(), reason.into());
        Failure(Box::new(Cause {
            said: None,
            class,
            reason,
            location,
            backtrace: None,
            unhandled: false,
        }))
    }

    /// A panic, with the information from the panic hook.
    pub fn panic(reason: String, location: Option<String>, backtrace: Option<String>) -> Failure {
        let class = "panic".to_owned();
        Failure(Box::new(Cause {
            said: None,
            class,
            reason,
            location,
            backtrace,
            unhandled: false,
        }))
    }

    /// Converts an error: to the [`TestError`](super::TestError) in its chain of sources, or to a foreign
    /// error of class `class`.
    pub fn from_error(
        error: &(dyn Error + 'static),
        class: &str,
        location: Option<String>,
    ) -> Failure {
        let mut reason = String::new();
        let mut record = None;
        let mut next = Some(error);
        while let Some(link) = next {
            match link.downcast_ref::<Record>() {
                Some(found) => record = Some(found),
                None => add_link(&mut reason, &link.to_string()),
            }
            next = link.source();
        }
        let (said, class, location) = match record {
            Some(r) => (r.kind, r.class, Some(r.location.to_string())),
            None => (None, class, location),
        };
        Failure(Box::new(Cause {
            said,
            class: class.to_owned(),
            reason,
            location,
            backtrace: None,
            unhandled: false,
        }))
    }

    /// The text of the error.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Classifies the failure. A foreign error is FAIL if `in_test_body` (in `warmup`, `execute` and
    /// everything inside it), otherwise ERROR. Conformance: topic `phase-failure`.
    pub fn classify(self, in_test_body: bool) -> Verdict {
        let Cause {
            said,
            class,
            reason,
            location,
            backtrace,
            unhandled,
        } = *self.0;
        let kind = said.unwrap_or(if in_test_body {
            Kind::Fail
        } else {
            Kind::Error
        });
        let reason = match said {
            Some(_) => reason,
            None if class.is_empty() => reason,
            None => format!("Unhandled {class}: {reason}"),
        };
        Verdict {
            kind,
            reason,
            unhandled: unhandled || said.is_none(),
            location,
            backtrace,
        }
    }
}

/// Appends the text of an error in a chain, unless the text before already ends with it.
fn add_link(reason: &mut String, link: &str) {
    if !reason.is_empty() {
        if reason.ends_with(link) {
            return;
        }
        reason.push_str(": ");
    }
    reason.push_str(link);
}

impl<E> From<E> for Failure
where
    E: Into<Box<dyn Error + Send + Sync>> + 'static,
{
    #[track_caller]
    fn from(error: E) -> Failure {
        let location = Some(Location::caller().to_string());
        let error: Box<dyn Error + Send + Sync> = error.into();
        Failure::from_error(&*error, &class_of::<E>(), location)
    }
}

#[cfg(feature = "anyhow")]
impl From<Failure> for anyhow::Error {
    /// A [`TestError`] records the line of the `?`.
    #[track_caller]
    fn from(failure: Failure) -> anyhow::Error {
        let Cause {
            said,
            class,
            reason,
            ..
        } = *failure.0;
        match said {
            Some(kind) => TestError::new(kind, reason).into(),
            None => anyhow::anyhow!("{class}: {reason}"),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.said {
            Some(kind) => write!(f, "{}: {}", kind.status(), self.0.reason)?,
            None => write!(f, "{}: {}", self.0.class, self.0.reason)?,
        }
        self.0
            .location
            .iter()
            .try_for_each(|location| write!(f, " ({location})"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.reason)
    }
}

/// The class of a foreign error of type `E`: its short type name, but `io::Error` rather than `Error`;
/// `error` for erased types.
pub fn class_of<E: ?Sized>() -> String {
    let path = std::any::type_name::<E>();
    let erased = ["anyhow::", "eyre::", "&", "alloc::", "dyn "];
    if path.contains('<') || erased.iter().any(|prefix| path.starts_with(prefix)) {
        return "error".to_owned();
    }
    let mut names = path.rsplit("::");
    let last = names.next().unwrap_or(path);
    match names.find(|name| *name != "error") {
        Some(module) if last == "Error" => format!("{module}::{last}"),
        _ => last.to_owned(),
    }
}

#[cfg(all(test, feature = "anyhow"))]
mod tests {
    use super::*;

    #[test]
    fn a_failure_in_anyhow_has_the_line_of_the_question_mark() {
        fn says(line: &mut u32) -> anyhow::Result<()> {
            *line = line!() + 1;
            Err(Failure::from(TestError::fail("said so")))?;
            Ok(())
        }
        let mut line = 0;
        let error = says(&mut line).unwrap_err();
        let verdict = Failure::from_error(error.as_ref(), "error", None).classify(true);
        let location = verdict.location.unwrap();
        assert!(
            location.contains(&format!("failure.rs:{line}:")),
            "{location}"
        );
    }
}
