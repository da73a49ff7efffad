//! What went wrong, and how it is classified.

use std::error::Error;
use std::fmt;
use std::panic::Location;

#[cfg(feature = "anyhow")]
use super::TestError;
use super::test_error::{REFUSED_CLASS, Record};
use super::{Kind, Verdict};

/// What went wrong in a test's code, not yet classified.
///
/// Not an `Error` itself, so that every error converts into it by `?`. An error that nobody
/// classified becomes FAIL or ERROR by the phase that it came from.
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
    /// What the test said; `None` for an error that is not a [`TestError`].
    said: Option<Kind>,
    /// The type of a foreign error, `panic` for a panic.
    class: String,
    reason: String,
    location: Option<String>,
    backtrace: Option<String>,
    /// Whether a verdict that was already given was one of an unhandled error.
    unhandled: bool,
}

impl Failure {
    /// A verdict of the default `execute`, on its way through an own one: nothing of it changes.
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

    /// An error that is not the test's own word: its class (a type name) and its text.
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

    /// A panic, with what the panic hook knows of it.
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

    /// The failure that an error stands for: the verdict at the end of its chain, or a foreign error
    /// of class `class`.
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
            Some(r) => (r.kind, REFUSED_CLASS, Some(r.location.to_string())),
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

    /// The verdict. `in_test_body` says whether a foreign error is FAIL (in `warmup`, `execute` and
    /// everything inside it) or ERROR (elsewhere). Conformance: topic `phase-failure`.
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

/// Appends a link of an error chain, unless the link before it already ends with its text.
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
    /// What the test said has the line of the `?`.
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

/// The name under which a foreign error of type `E` is reported: short, but `io::Error` and not just
/// `Error`; plain `error` for erased types.
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
