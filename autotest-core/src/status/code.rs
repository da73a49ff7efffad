//! Statuses in their order, and codes of records.

use std::fmt;
use std::str::FromStr;

use super::StatusError;

macro_rules! statuses {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A status, from the worst to the best.
        ///
        /// The order is that of the original's results parser, which merges statuses by it: TEST_NA is worse
        /// than ABORT (formats §2, §12.4).
        ///
        /// ```
        /// use autotest_core::status::Status;
        /// assert_eq!(Status::Good.worst(Status::Warn), Status::Warn);
        /// assert_eq!(Status::TestNa.to_string(), "TEST_NA");
        /// assert!(Status::TestNa.rank() < Status::Abort.rank());
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        pub enum Status {$(
            $(#[$doc])*
            #[serde(rename = $name)]
            $variant,
        )*}

        impl Status {
            /// Every status, the worst first.
            pub const ALL: &[Status] = &[$(Status::$variant),*];

            /// The word in the status log.
            pub const fn name(self) -> &'static str {
                match self {$(
                    Status::$variant => $name,
                )*}
            }
        }
    };
}

statuses! {
    /// The test does not apply to this target.
    TestNa = "TEST_NA",
    /// The test or the job was interrupted.
    Abort = "ABORT",
    /// The test could not do its work.
    Error = "ERROR",
    /// The thing under test is broken.
    Fail = "FAIL",
    /// The test passed, but something needs attention.
    Warn = "WARN",
    /// The test passed.
    Good = "GOOD",
    /// Something needs attention; not a verdict.
    Alert = "ALERT",
    /// The test is running.
    Running = "RUNNING",
    /// Nothing is known.
    NoStatus = "NOSTATUS",
}

impl Status {
    /// The rank in the order: 0 is the worst.
    pub const fn rank(self) -> usize {
        self as usize
    }

    /// The worse of two statuses. The status of a group is the worst of its records.
    pub const fn worst(self, other: Status) -> Status {
        if self.rank() <= other.rank() {
            self
        } else {
            other
        }
    }
}

impl Status {
    /// Whether a test with this status counts as failed: true for ABORT, ERROR and FAIL, but not for TEST_NA
    /// and WARN.
    pub const fn is_failure(self) -> bool {
        match self {
            Status::Abort | Status::Error | Status::Fail => true,
            Status::TestNa
            | Status::Warn
            | Status::Good
            | Status::Alert
            | Status::Running
            | Status::NoStatus => false,
        }
    }

    /// The same, except that WARN is a failure, too, if the job is strict.
    pub const fn fails(self, is_strict: bool) -> bool {
        self.is_failure() || (is_strict && matches!(self, Status::Warn))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Accepts exactly the word in the status log.
impl FromStr for Status {
    type Err = StatusError;

    fn from_str(text: &str) -> Result<Status, StatusError> {
        let found = Status::ALL.iter().find(|status| status.name() == text);
        found.copied().ok_or_else(|| StatusError::code(text))
    }
}

/// The code of a record.
///
/// ```
/// use autotest_core::status::{Code, Status};
/// assert_eq!("END GOOD".parse(), Ok(Code::End(Status::Good)));
/// assert_eq!("END START".parse::<Code>().unwrap_err().to_string(), "status code 'END START' is not valid");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Code {
    /// A group begins; records that follow are one level deeper.
    Start,
    /// A remark, not a verdict.
    Info,
    /// A verdict inside a group.
    Status(Status),
    /// A group ends with this status.
    End(Status),
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Code::Start => f.write_str("START"),
            Code::Info => f.write_str("INFO"),
            Code::Status(status) => f.write_str(status.name()),
            Code::End(status) => write!(f, "END {}", status.name()),
        }
    }
}

/// Strict, unlike the original, which accepted `GOOD` followed by a newline (formats §2).
impl FromStr for Code {
    type Err = StatusError;

    fn from_str(text: &str) -> Result<Code, StatusError> {
        let status = |name: &str| name.parse().map_err(|_| StatusError::code(text));
        match text {
            "START" => Ok(Code::Start),
            "INFO" => Ok(Code::Info),
            _ => match text.strip_prefix("END ") {
                Some(name) => status(name).map(Code::End),
                None => status(text).map(Code::Status),
            },
        }
    }
}

impl TryFrom<String> for Code {
    type Error = StatusError;

    fn try_from(text: String) -> Result<Code, StatusError> {
        text.parse()
    }
}

impl From<Code> for String {
    fn from(code: Code) -> String {
        code.to_string()
    }
}

impl From<Status> for Code {
    fn from(status: Status) -> Code {
        Code::Status(status)
    }
}
