//! Lengths of time in calls of the framework.

use std::time::Duration;

use autotest_core::duration;

/// A length of time: a [`Duration`], or a text such as `"10s"`.
pub trait Length {
    /// The length.
    ///
    /// # Errors
    /// If the text is none, with the reason.
    fn length(self) -> Result<Duration, String>;
}

impl Length for Duration {
    fn length(self) -> Result<Duration, String> {
        Ok(self)
    }
}

impl Length for &str {
    fn length(self) -> Result<Duration, String> {
        duration(self)
    }
}
