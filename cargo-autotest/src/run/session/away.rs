//! Handles a target that does not answer: waits for it, cuts its power, and detects whether it has restarted.

use std::time::{Duration, Instant};

use super::super::TargetError;
use super::super::facts::Facts;
use super::super::machine;
use super::super::order::Order;
use super::{Course, Session};

/// The first and the longest wait between two attempts to connect.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The time after which the power of an unreachable target is cut, if a command for that is configured.
const POWER_PATIENCE: Duration = Duration::from_secs(120);

/// The time that a target may take to go down after a signal has ended the job, since a shutdown may have sent it.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(15);

/// The time after which an unreachable machine that the host itself runs is switched off; only once, since an emulated
/// machine may take that long to boot.
const MACHINE_PATIENCE: Duration = Duration::from_secs(240);

impl Session<'_> {
    /// Whether a signal ended the job because the target shuts down. If so, it waits for the next boot.
    ///
    /// # Errors
    /// If the target stays away.
    pub(super) fn restarts(&mut self, course: &Course) -> Result<bool, TargetError> {
        let Some(supervisor) = course.supervisor.as_ref().filter(|_| !self.is_ending) else {
            return Ok(false);
        };
        let start = Instant::now();
        while start.elapsed() < SHUTDOWN_PATIENCE && self.orders.get() == Order::None {
            if self.facts.boot_id != supervisor.boot_id {
                return Ok(true);
            }
            match Facts::ask(&self.shell, self.target) {
                Ok(facts) => self.facts = facts,
                Err(error) => self.recover(error)?,
            }
            self.pause(Duration::from_millis(500));
        }
        Ok(false)
    }

    /// Restarts the target at the request of the job.
    pub(super) fn reboot(&mut self) -> Result<(), TargetError> {
        let before = self.facts.boot_id.clone();
        self.facts = Facts::ask(&self.shell, self.target)?;
        if self.facts.boot_id != before {
            return Ok(());
        }
        let command = self.target.configured.reboot.clone();
        if command.is_none() && !self.shell.switch_off() {
            return Err(TargetError::NoReboot(self.target.name().to_owned()));
        }
        self.note("the job asks for a restart of the target");
        if let Some(command) = command {
            machine::run(&command, self.target, &self.orders)?;
        }
        let start = Instant::now();
        while start.elapsed() < self.wishes.patience {
            self.pause(Duration::from_millis(500));
            let asked = self
                .shell
                .connect()
                .is_ok()
                .then(|| Facts::ask(&self.shell, self.target));
            match asked {
                Some(Ok(facts)) if facts.boot_id != before => {
                    self.facts = facts;
                    return Ok(());
                }
                _ if self.orders.get() != Order::None => return Ok(()),
                _ => {}
            }
        }
        Err(TargetError::Away("it did not restart".to_owned()))
    }

    /// Connects again after an error, if that can help; otherwise returns the error.
    pub(super) fn recover(&mut self, error: TargetError) -> Result<(), TargetError> {
        if !error.is_of_connection() {
            return Err(error);
        }
        self.note(&format!("the connection is lost ({error}); trying again"));
        let (start, mut wait, mut cut_at) = (Instant::now(), FIRST_WAIT, Instant::now());
        let (mut last, mut is_switched_off) = (error, false);
        while start.elapsed() < self.wishes.patience {
            match self.connect() {
                Ok(()) => {
                    self.note("connected again");
                    return Ok(());
                }
                Err(error) if !error.is_of_connection() => return Err(error),
                Err(error) => last = error,
            }
            match self.orders.get() {
                Order::None => {}
                Order::Leave => return Ok(()),
                Order::End => return Err(TargetError::Away(last.to_string())),
            }
            let power = self.target.configured.power.clone();
            let silence = cut_at.elapsed();
            if let Some(power) = power.filter(|_| silence >= POWER_PATIENCE) {
                cut_at = Instant::now();
                self.note("the target does not answer; its power is cut");
                if let Err(error) = machine::run(&power, self.target, &self.orders) {
                    self.note(&error.to_string());
                }
            } else if !is_switched_off && silence >= MACHINE_PATIENCE {
                is_switched_off = true;
                if self.shell.switch_off() {
                    self.note("the target does not answer; it is switched off and on");
                }
            }
            self.pause(wait);
            wait = (2 * wait).min(LONGEST_WAIT);
        }
        Err(TargetError::Away(last.to_string()))
    }

    pub(super) fn connect(&mut self) -> Result<(), TargetError> {
        self.shell.connect()?;
        let boot_before = self.facts.boot_id.clone();
        self.facts = Facts::ask(&self.shell, self.target)?;
        if self.facts.boot_id != boot_before {
            self.note("the target was restarted");
        }
        Ok(())
    }

    /// Waits, but not longer than until an order comes.
    pub(super) fn pause(&self, time: Duration) {
        let start = Instant::now();
        while start.elapsed() < time && self.orders.get() == Order::None {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
