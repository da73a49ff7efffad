//! Watches the sessions of a run: shows their updates, writes the state of the run, and asks the user what `^C` means.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::live::Live;
use super::order::{Order, Orders};
use super::session::{Outcome, Update};
use super::state::{Progress, RunState, StateError};
use super::{RunError, TargetError};

/// The exit code of a suite that SIGTERM ended.
pub(super) const STOPPED: i32 = 143;

/// The interval at which the elapsed time is shown and signals are checked.
const TICK: Duration = Duration::from_millis(100);

/// An update from a session, or its outcome.
pub(super) enum Told {
    Update(Update),
    Ended(Result<Outcome, TargetError>),
}

/// The signals that this process was sent.
pub(super) struct Signals {
    interrupts: Arc<AtomicUsize>,
    hangups: Arc<AtomicUsize>,
}

impl Signals {
    /// Catches the signals from now on.
    ///
    /// # Errors
    /// If they cannot be caught.
    pub(super) fn catch() -> io::Result<Signals> {
        let signals = Signals {
            interrupts: Arc::default(),
            hangups: Arc::default(),
        };
        for (signal, count) in [
            (SIGINT, &signals.interrupts),
            (SIGTERM, &signals.interrupts),
            (SIGHUP, &signals.hangups),
        ] {
            signal_hook::flag::register_usize(signal, count.clone(), 1)?;
        }
        Ok(signals)
    }

    fn take(count: &AtomicUsize) -> bool {
        count.swap(0, Ordering::Relaxed) > 0
    }

    /// The order that a signal means, if there was one.
    fn order(&self, live: &mut Live) -> Option<Order> {
        if Signals::take(&self.hangups) {
            return Some(Order::Leave);
        }
        if !Signals::take(&self.interrupts) {
            return None;
        }
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Some(Order::End);
        }
        live.clear();
        let order = self.ask();
        live.show_again();
        order
    }

    /// Asks the user. A second `^C` ends the job.
    fn ask(&self) -> Option<Order> {
        eprint!("\n^C: [e]nd the job, [l]eave it running, or go on with Enter? ");
        let _ = io::stderr().flush();
        loop {
            if Signals::take(&self.interrupts) {
                eprintln!();
                return Some(Order::End);
            }
            let stdin = io::stdin();
            let mut polled = [PollFd::new(&stdin, PollFlags::IN)];
            let tick = Timespec {
                tv_sec: 0,
                tv_nsec: 100_000_000,
            };
            if poll(&mut polled, Some(&tick)).unwrap_or(0) == 0 {
                continue;
            }
            let mut line = String::new();
            let read = stdin.read_line(&mut line).unwrap_or(0);
            return match line.trim() {
                // The terminal is gone.
                _ if read == 0 => Some(Order::Leave),
                "e" | "end" => Some(Order::End),
                "l" | "leave" => Some(Order::Leave),
                _ => None,
            };
        }
    }
}

/// The outcomes of sessions, by the index of the job; `None` for a job without a session.
pub(super) type Outcomes = Vec<Option<Result<Outcome, TargetError>>>;

/// Watches until all sessions have ended. Returns the user's last order.
///
/// # Errors
/// If the state of the run cannot be written.
pub(super) fn watch(
    told: &Receiver<(usize, Told)>,
    orders: &[Arc<Orders>],
    signals: &Signals,
    live: &mut Live,
    (state, dir): (&mut RunState, &Path),
    outcomes: &mut Outcomes,
) -> Result<Order, RunError> {
    let (mut given, mut unwritten) = (Order::None, None);
    loop {
        match told.recv_timeout(TICK) {
            Ok((index, Told::Update(update))) => {
                live.update(index, &update);
                if let Update::Life(life) = update {
                    state.jobs[index].job.life = life;
                    keep(state, dir, orders, &mut unwritten);
                }
            }
            Ok((index, Told::Ended(ended))) => {
                note_end(state, index, &ended);
                keep(state, dir, orders, &mut unwritten);
                if let (Live::Many(_), Err(error)) = (&*live, &ended) {
                    live.update(index, &Update::Note(error.to_string()));
                }
                outcomes[index] = Some(ended);
            }
            Err(RecvTimeoutError::Timeout) => live.tick(),
            Err(RecvTimeoutError::Disconnected) => {
                return unwritten.map_or(Ok(given), |error| Err(error.into()));
            }
        }
        if let Some(order) = signals.order(live) {
            given = order;
            orders.iter().for_each(|orders| orders.give(order));
        }
    }
}

/// Writes the state. If that fails, all sessions are told to leave their jobs running, so that the run can be taken up
/// later.
fn keep(state: &RunState, dir: &Path, orders: &[Arc<Orders>], unwritten: &mut Option<StateError>) {
    if let Err(error) = state.write(dir) {
        orders.iter().for_each(|orders| orders.give(Order::Leave));
        unwritten.get_or_insert(error);
    }
}

fn note_end(state: &mut RunState, index: usize, ended: &Result<Outcome, TargetError>) {
    let job = &mut state.jobs[index];
    match ended {
        Ok(Outcome::Ended(code)) => job.progress = Progress::Ended { code: *code },
        Ok(Outcome::Nothing(_)) => job.progress = Progress::Ended { code: 0 },
        Ok(Outcome::NotBegun(exited)) => job.progress = Progress::Ended { code: exited.code },
        Ok(Outcome::Stopped) => job.progress = Progress::Ended { code: STOPPED },
        Ok(Outcome::LeftRunning) => {}
        Err(error) => {
            job.progress = Progress::Lost {
                reason: error.to_string(),
            };
        }
    }
}
