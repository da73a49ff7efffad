//! The original's exceptions as errors of ours, and back.

use autotest_core::keyval::KeyError;
use autotest_core::{Failure, Kind, TestError, Value};

use crate::scenario::Exception;

/// What ends a list of actions.
#[derive(Debug)]
pub(crate) enum Raised {
    /// The script raised an exception of this class.
    Exception { class: String, message: String },
    /// A call of the library said so.
    Refused(TestError),
    /// The default `execute` failed.
    Failed(Failure),
}

/// The exceptions of the original's error module, and what each says of a test.
const KINDS: &[(&str, Kind)] = &[
    ("TestFail", Kind::Fail),
    ("UnhandledTestFail", Kind::Fail),
    ("TestFailRetry", Kind::Retry),
    ("TestNAError", Kind::NotApplicable),
    ("TestWarn", Kind::Warn),
    ("JobError", Kind::AbortJob),
    ("TestError", Kind::Error),
    ("UnhandledTestError", Kind::Error),
    ("PackageError", Kind::Error),
    ("PackagingError", Kind::Error),
    ("PackageInstallError", Kind::Error),
    ("TestBaseException", Kind::Error),
    ("AutotestError", Kind::Error),
];

/// What the original's class says of a test; `None` for one that its harness does not know.
pub(crate) fn kind_of(class: &str) -> Option<Kind> {
    KINDS
        .iter()
        .find(|(name, _)| *name == class)
        .map(|(_, kind)| *kind)
}

/// The exceptions that end the process instead of the test.
pub(crate) const PROCESS_EXITS: &[&str] = &[
    "SystemExit",
    "KeyboardInterrupt",
    "GeneratorExit",
    "BaseException",
    "JobContinue",
    "JobComplete",
];

/// The exception, as the script raises it.
pub(crate) fn raised(exception: &Exception) -> Raised {
    let class = match exception.class.as_str() {
        "Other" => "OtherError",
        class => class,
    };
    let message = match (class, &exception.msg) {
        (_, None) => String::new(),
        // Python's str() of a KeyError.
        ("KeyError", Some(key)) => Value::from(key).repr(),
        (_, Some(message)) => message.clone(),
    };
    Raised::Exception {
        class: class.to_owned(),
        message,
    }
}

impl Raised {
    /// As the lifecycle takes it.
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Raised::Exception { class, message } => match kind_of(&class) {
                Some(kind) => TestError::new(kind, message).into(),
                None => Failure::foreign(class, message),
            },
            Raised::Refused(error) => error.into(),
            Raised::Failed(failure) => failure,
        }
    }

    /// The class and the message that an `except Exception` sees.
    pub(crate) fn into_caught(self) -> (String, String) {
        match self {
            Raised::Exception { class, message } => (class, message),
            Raised::Refused(error) => {
                let class = error.kind().map_or("ValueError", class_of).to_owned();
                (class, without_advice(error.reason()))
            }
            Raised::Failed(failure) => {
                let verdict = failure.classify(true);
                let foreign = verdict
                    .reason
                    .strip_prefix("Unhandled ")
                    .filter(|_| verdict.unhandled);
                match foreign.and_then(|reason| reason.split_once(": ")) {
                    Some((class, message)) => (class.to_owned(), message.to_owned()),
                    None => (class_of(verdict.kind).to_owned(), verdict.reason),
                }
            }
        }
    }
}

/// The original's first class of a kind.
fn class_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Fail => "TestFail",
        Kind::Error => "TestError",
        Kind::NotApplicable => "TestNAError",
        Kind::Warn => "TestWarn",
        Kind::Retry => "TestFailRetry",
        Kind::AbortJob | Kind::CutOff => "JobError",
    }
}

/// A message about a bad key, without what ours says more than the original.
pub(crate) fn without_advice(message: &str) -> String {
    message.replace(KeyError::ADVICE, "")
}
