//! Waiting for a condition or a time, but never beyond the end of the test.

use std::thread;
use std::time::{Duration, Instant};

use autotest_core::{Failure, Kind, TestContext, TestError};

use crate::length::Length;

/// The first pause between two attempts; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Waiting, for tests. In the prelude.
pub trait Waiting {
    /// Calls `attempt` until it has found what the test waits for, and returns that. Between two attempts are
    /// pauses of 1 ms up to half a second.
    ///
    /// `attempt` returns a `bool`, an `Option` or a `Result`. `what` completes "waiting until".
    ///
    /// ```no_run
    /// use autotest::prelude::*;
    ///
    /// #[autotest]
    /// fn link_comes_up(cx: &mut TestContext) -> TestResult {
    ///     cx.wait_until("10s", "the link is up", |_| -> TestResult {
    ///         ensure_eq!(fs::read_value::<String>("/sys/class/net/eth0/operstate")?, "up");
    ///         Ok(())
    ///     })?;
    ///     Ok(())
    /// }
    /// # autotest::main!();
    /// # mod hidden {}
    /// ```
    ///
    /// # Errors
    /// If the timeout expires, or the test's own is near. The error says what was waited for, how long, how
    /// often, and the last error of `attempt`. In the body of a test that is FAIL, elsewhere ERROR.
    ///
    /// An error of `attempt` that is neither FAIL nor ERROR (`skip!`, `TestError::abort_job`) is returned at
    /// once.
    fn wait_until<A: Attempt>(
        &mut self,
        timeout: impl Length,
        what: &str,
        attempt: impl FnMut(&mut TestContext) -> A,
    ) -> Result<A::Found, TestError>;

    /// Sleeps. To wait for something, [`wait_until`](Waiting::wait_until) is faster and says more.
    ///
    /// # Errors
    /// If the test's timeout comes before.
    fn sleep(&mut self, time: impl Length) -> Result<(), TestError>;
}

impl Waiting for TestContext {
    #[track_caller]
    fn wait_until<A: Attempt>(
        &mut self,
        timeout: impl Length,
        what: &str,
        mut attempt: impl FnMut(&mut TestContext) -> A,
    ) -> Result<A::Found, TestError> {
        let timeout = timeout.length().map_err(TestError::unclassified)?;
        let limit = Limit::of_test(self).within(Some(timeout));
        let mut wait = Wait::new(limit);
        loop {
            match attempt(self).attempted() {
                Attempted::Found(found) => {
                    log::debug!("waited {} until {what}", wait.so_far());
                    return Ok(found);
                }
                Attempted::Over(error) => return Err(error),
                Attempted::NotYet(last) if !wait.pause() => {
                    let last = last.map_or(String::new(), |last| format!(": {last}"));
                    let (waited, end) = (wait.so_far(), limit.end());
                    let reason = format!("gave up waiting until {what} after {waited}{end}{last}");
                    return Err(TestError::unclassified(reason));
                }
                Attempted::NotYet(_) => {}
            }
        }
    }

    #[track_caller]
    fn sleep(&mut self, time: impl Length) -> Result<(), TestError> {
        let time = time.length().map_err(TestError::unclassified)?;
        let limit = Limit::of_test(self).within(Some(time));
        let slept = limit.left().unwrap_or(time);
        thread::sleep(slept);
        match limit.is_tests {
            false => Ok(()),
            true => {
                let (slept, time) = (seconds(slept), seconds(time));
                let reason = format!("woke up after {slept} of {time}{}", limit.end());
                Err(TestError::unclassified(reason))
            }
        }
    }
}

/// What an attempt returns: `true`, `Some` or `Ok` if it succeeded.
pub trait Attempt {
    /// What was found.
    type Found;

    /// The result of the attempt.
    fn attempted(self) -> Attempted<Self::Found>;
}

/// The result of an attempt.
#[derive(Debug)]
pub enum Attempted<T> {
    /// This was found.
    Found(T),
    /// Nothing was found yet, with the error, if there is one.
    NotYet(Option<String>),
    /// No further attempt can succeed.
    Over(TestError),
}

impl Attempt for bool {
    type Found = ();

    fn attempted(self) -> Attempted<()> {
        match self {
            true => Attempted::Found(()),
            false => Attempted::NotYet(None),
        }
    }
}

impl<T> Attempt for Option<T> {
    type Found = T;

    fn attempted(self) -> Attempted<T> {
        self.map_or(Attempted::NotYet(None), Attempted::Found)
    }
}

impl<T, E: Into<Failure>> Attempt for Result<T, E> {
    type Found = T;

    fn attempted(self) -> Attempted<T> {
        let failure: Failure = match self {
            Ok(found) => return Attempted::Found(found),
            Err(error) => error.into(),
        };
        let reason = failure.reason().to_owned();
        match failure.classify(true).kind {
            Kind::Fail | Kind::Error => Attempted::NotYet(Some(reason)),
            kind => Attempted::Over(TestError::new(kind, reason)),
        }
    }
}

/// A wait with growing pauses.
#[derive(Debug)]
pub(crate) struct Wait {
    began: Instant,
    limit: Limit,
    pause: Duration,
    attempts: u64,
}

impl Wait {
    pub(crate) fn new(limit: Limit) -> Wait {
        Wait {
            began: Instant::now(),
            limit,
            pause: FIRST_PAUSE,
            attempts: 0,
        }
    }

    /// Pauses behind an attempt. `false` if the time is over; the last attempt is made at its end.
    pub(crate) fn pause(&mut self) -> bool {
        self.attempts += 1;
        if self.limit.is_over() {
            return false;
        }
        thread::sleep(
            self.limit
                .left()
                .map_or(self.pause, |left| left.min(self.pause)),
        );
        self.pause = LONGEST_PAUSE.min(self.pause * 2);
        true
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// The time so far and the number of attempts, such as `2.0s (14 attempts)`.
    pub(crate) fn so_far(&self) -> String {
        let s = if self.attempts == 1 { "" } else { "s" };
        let (time, attempts) = (seconds(self.elapsed()), self.attempts);
        format!("{time} ({attempts} attempt{s})")
    }
}

/// When waiting ends: at a timeout, or with the test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    at: Option<Instant>,
    /// Whether the timeout of the test sets it.
    is_tests: bool,
    /// How long before the timeout of the test it is: the time to report, and to end programs.
    margin: Duration,
}

impl Limit {
    /// A little before the timeout of the test, when the supervisor would end the test without its report.
    pub(crate) fn of_test(cx: &mut TestContext) -> Limit {
        let left = cx.deadline();
        let margin = left.unwrap_or_default() / 20;
        let margin = margin.clamp(Duration::from_millis(20), Duration::from_secs(1));
        // What cannot be represented never comes.
        let at = left.and_then(|left| Instant::now().checked_add(left.saturating_sub(margin)));
        Limit {
            at,
            is_tests: true,
            margin,
        }
    }

    /// The earlier one of this and a timeout that begins now.
    pub(crate) fn within(self, timeout: Option<Duration>) -> Limit {
        let at = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        match (self.at, at) {
            (_, None) => self,
            (Some(of_test), Some(at)) if of_test <= at => self,
            (_, Some(at)) => Limit {
                at: Some(at),
                is_tests: false,
                ..self
            },
        }
    }

    /// How much time is left; `None` without a limit.
    pub(crate) fn left(&self) -> Option<Duration> {
        let at = self.at?;
        Some(at.saturating_duration_since(Instant::now()))
    }

    pub(crate) fn is_over(&self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    /// How long a program may take to end after the limit.
    pub(crate) fn grace(&self, usual: Duration) -> Duration {
        match self.is_tests {
            true => usual.min(self.margin / 2),
            false => usual,
        }
    }

    /// Words for an error if the test's timeout is the limit.
    pub(crate) fn end(&self) -> &'static str {
        match self.is_tests {
            true => ", near the test's own timeout",
            false => "",
        }
    }
}

/// A time for people: `250ms`, `2.5s`.
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{}ms", time.as_millis()),
        _ => format!("{:.1}s", time.as_secs_f64()),
    }
}
