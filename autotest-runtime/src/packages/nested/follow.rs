//! Reads the journal of another job while it is being written.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use autotest_core::{Args, Event, TestContext, Verdict};
use autotest_report::journal::Growing;
use autotest_report::{JournalError, Record, journal, write_event};

/// The longest event that can be forwarded, in bytes: the limit of a line, less the fields around the event.
const MAX_EVENT_BYTES: usize = 60 << 10;

/// A journal and the position up to which it was read.
pub(super) struct Follow {
    jobdir: PathBuf,
    journal: Option<Growing>,
}

impl Follow {
    pub(super) fn new(jobdir: &Path) -> Follow {
        Follow {
            jobdir: jobdir.to_owned(),
            journal: None,
        }
    }

    /// Calls `f` with each record that was written since the last call.
    pub(super) fn read(&mut self, mut f: impl FnMut(Record)) -> io::Result<()> {
        let Some(journal) = self.journal()? else {
            return Ok(());
        };
        while let Some((record, _)) = journal.next_record()? {
            f(record);
        }
        Ok(())
    }

    fn journal(&mut self) -> io::Result<Option<&mut Growing>> {
        if self.journal.is_none() {
            self.journal = match journal::follow(&self.jobdir) {
                Err(JournalError::NotThere { error, .. })
                    if error.kind() == ErrorKind::NotFound =>
                {
                    None
                }
                opened => Some(opened.map_err(io::Error::other)?),
            };
        }
        Ok(self.journal.as_mut())
    }
}

/// Forwards a record if this job's reports need it.
pub(super) fn forward(cx: &mut TestContext, record: Record) {
    if record.run != 0 && record.event.is_of_package() {
        cx.forward(record.run, shortened(record.event));
    }
}

/// The event without the parts that would make its line too long: each run must have a beginning and an end.
fn shortened(event: Event) -> Event {
    const KEPT_CHARS: usize = 2000;
    let mut line = Vec::new();
    let is_short = write_event(&event, &mut line).is_ok() && line.len() <= MAX_EVENT_BYTES;
    match event {
        event if is_short => event,
        Event::TestStart(start) => Event::TestStart(autotest_core::TestStart {
            args: Args::new(),
            requested: None,
            ..start
        }),
        Event::TestEnd {
            status,
            verdict,
            elapsed_s,
        } => {
            let verdict = verdict.map(|verdict| Verdict {
                reason: verdict.reason.chars().take(KEPT_CHARS).collect(),
                backtrace: None,
                ..verdict
            });
            Event::TestEnd {
                status,
                verdict,
                elapsed_s,
            }
        }
        event => event,
    }
}
