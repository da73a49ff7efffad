//! Kills programs that have fallen silent, because some connections never notice that the target is gone.

use std::io::{self, Read};
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

/// Kills a program that has sent nothing for too long. It stops watching once it and all its streams are dropped.
#[derive(Debug)]
pub(crate) struct Watchdog {
    limit: Duration,
    has_fired: Arc<AtomicBool>,
    fed: mpsc::Sender<()>,
}

/// A stream whose bytes are a sign of life.
#[derive(Debug)]
pub(crate) struct Watched<R> {
    stream: R,
    fed: mpsc::Sender<()>,
}

impl Watchdog {
    /// Watches a program that leads its own process group.
    pub(super) fn new(child: &Child, limit: Duration) -> Watchdog {
        let group = Pid::from_child(child);
        let (fed, feedings) = mpsc::channel();
        let has_fired = Arc::new(AtomicBool::new(false));
        let fires = Arc::clone(&has_fired);
        thread::spawn(move || {
            loop {
                match feedings.recv_timeout(limit) {
                    Ok(()) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => {
                        fires.store(true, Ordering::Release);
                        // An error means that the program has ended by itself.
                        let _ = kill_process_group(group, Signal::KILL);
                        return;
                    }
                }
            }
        });
        Watchdog {
            limit,
            has_fired,
            fed,
        }
    }

    /// Watches a stream of the program.
    pub(super) fn watch<R>(&self, stream: R) -> Watched<R> {
        Watched {
            stream,
            fed: self.fed.clone(),
        }
    }

    /// The message for the user if it has killed the program.
    pub(crate) fn said(&self) -> Option<String> {
        let has_fired = self.has_fired.load(Ordering::Acquire);
        has_fired.then(|| format!("nothing came from it for {:?}", self.limit))
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        // After the watchdog has killed the program, nobody receives this.
        let _ = self.fed.send(());
        Ok(count)
    }
}
