//! Follows a job once: until its stream ends, for whatever reason.

use std::io::{BufRead, BufReader, Read};

use autotest_report::wire::{Cut, End, WireError};

use super::super::TargetError;
use super::super::copy::{Copy, CopyError};
use super::super::job::WIRE;
use super::super::order::Order;
use super::{Course, Followed, Session, Update};
use crate::target::Running;

/// The size of the buffer for the stream.
const BUFFER_BYTES: usize = 256 << 10;

/// The maximum length of a login shell's greeting.
const GREETING_BYTES: u64 = 64 << 10;

impl Session<'_> {
    /// Follows the job until the stream ends.
    pub(super) fn follow(
        &mut self,
        copy: &mut Copy,
        course: &mut Course,
    ) -> Result<Followed, TargetError> {
        let running = self.job.follow(&self.shell, copy.from());
        let Running {
            mut child,
            stdout,
            watchdog,
        } = running.map_err(TargetError::Start)?;
        let mut stderr = child.stderr.take();
        self.orders.set_can_end(course.supervisor_pid().is_some());
        self.orders.set_follower(Some(child));
        let mut stdout = BufReader::with_capacity(BUFFER_BYTES, stdout);
        let (tell, orders, detach) = (&mut self.tell, &self.orders, self.wishes.detach);
        let received = skip_greeting(&mut stdout).and_then(|()| {
            copy.receive(stdout, |record| {
                course.note(&record);
                tell(Update::Record(Box::new(record)));
                orders.set_can_end(course.supervisor_pid().is_some());
                if detach && orders.get() == Order::None {
                    orders.give(Order::Leave);
                }
            })
        });
        let mut said = String::new();
        if let Some(stderr) = &mut stderr
            && received.is_err()
        {
            let _ = stderr.read_to_string(&mut said);
        }
        let said = watchdog.said().unwrap_or(said);
        drop(watchdog);
        self.orders.set_follower(None);
        match (received, self.orders.get()) {
            (Ok(End::Ended), _) => Ok(Followed::Ended),
            (_, Order::End) if course.supervisor_pid().is_some() => {
                Ok(Followed::Ordered(Order::End))
            }
            (_, Order::Leave) => Ok(Followed::Ordered(Order::Leave)),
            (Ok(End::Interrupted), _) => Ok(Followed::Interrupted),
            (Err(CopyError::Wire(error @ (WireError::Cut(_) | WireError::Io(_)))), _) => {
                self.why_cut(copy, &said, error)
            }
            (Err(error), _) => Err(error.into()),
        }
    }

    /// Finds out why a stream ended early: either the binary ended without a job, or the connection broke.
    fn why_cut(
        &mut self,
        copy: &Copy,
        said: &str,
        error: WireError,
    ) -> Result<Followed, TargetError> {
        if copy.is_empty()
            && let Ok(Some(exited)) = self.job.exited(&self.shell)
            && !exited.has_journal
        {
            return Ok(Followed::NotBegun(exited));
        }
        let said = said.trim();
        Err(TargetError::Cut(match said.is_empty() {
            true => error.to_string(),
            false => said.lines().last().unwrap_or(said).to_owned(),
        }))
    }
}

/// Reads up to and including the line [`WIRE`].
fn skip_greeting(stream: &mut impl BufRead) -> Result<(), CopyError> {
    let mut limited = stream.take(GREETING_BYTES);
    let mut line = Vec::new();
    while limited
        .read_until(b'\n', &mut line)
        .map_err(WireError::from)?
        > 0
    {
        if line.trim_ascii() == WIRE.as_bytes() {
            return Ok(());
        }
        line.clear();
    }
    Err(WireError::Cut(Cut::BetweenItems).into())
}
