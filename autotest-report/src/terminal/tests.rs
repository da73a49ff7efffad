//! Whole outputs of made-up jobs, byte for byte.

mod lines;
mod live;

use autotest_core::{CallId, Event, Kind, PlannedTest, Requested, RunRequest, TestStart};
use expect_test::Expect;

use super::*;

const WIDE: fn() -> Option<usize> = || Some(80);
const NARROW: fn() -> Option<usize> = || Some(40);
const STOPPED: fn() -> Option<usize> = || None;

/// A job whose report is compared.
struct Scene {
    terminal: Terminal<Vec<u8>>,
    t: f64,
}

impl Scene {
    fn new(options: ShowOptions, columns: fn() -> Option<usize>) -> Scene {
        let mut terminal = Terminal::new(Vec::new(), Path::new("/no/such/job"), options);
        terminal.screen.set_columns(columns);
        Scene {
            terminal,
            t: 1000.0,
        }
    }

    fn on_terminal(columns: fn() -> Option<usize>) -> Scene {
        let live = true;
        Scene::new(
            ShowOptions {
                live,
                ..ShowOptions::default()
            },
            columns,
        )
    }

    fn in_log() -> Scene {
        Scene::new(ShowOptions::default(), WIDE)
    }

    fn send(&mut self, run: u32, event: Event) -> &mut Scene {
        let (seq, t) = (0, self.t);
        self.terminal
            .record(&Record { seq, run, t, event })
            .unwrap();
        self
    }

    fn tick(&mut self, after_s: f64) -> &mut Scene {
        self.t += after_s;
        self.terminal.tick(self.t).unwrap();
        self
    }

    fn job(&mut self, tests: usize) -> &mut Scene {
        let plan = vec![PlannedTest::default(); tests];
        self.send(
            0,
            Event::JobStart(Box::new(JobStart {
                plan,
                ..JobStart::default()
            })),
        )
    }

    fn start(&mut self, run: u32, test: &str) -> &mut Scene {
        self.start_below(run, test, None)
    }

    fn start_below(&mut self, run: u32, test: &str, parent: Option<u32>) -> &mut Scene {
        self.start_as(run, test, parent, None)
    }

    /// A run that a control function requested.
    fn start_in(&mut self, run: u32, test: &str, group: Option<u32>) -> &mut Scene {
        let requested = Requested {
            group,
            ..Requested::new(RunRequest::default())
        };
        self.start_as(run, test, None, Some(Box::new(requested)))
    }

    fn start_as(
        &mut self,
        run: u32,
        test: &str,
        parent: Option<u32>,
        requested: Option<Box<Requested>>,
    ) -> &mut Scene {
        let subdir = test.replace("::", ".");
        let start = TestStart {
            test: test.to_owned(),
            operation: subdir.clone(),
            subdir,
            parent,
            requested,
            ..TestStart::default()
        };
        self.send(run, Event::TestStart(start))
    }

    fn group(
        &mut self,
        number: u32,
        kind: GroupKind,
        name: &str,
        group: Option<u32>,
    ) -> &mut Scene {
        let (name, call) = (name.to_owned(), CallId::new("", number.into()));
        let start = GroupStart {
            name,
            kind,
            group,
            call,
        };
        self.send(number, Event::GroupStart(start))
    }

    fn end_group(&mut self, number: u32) -> &mut Scene {
        let end = Event::GroupEnd {
            status: Status::Good,
            reason: String::new(),
            call: CallId::new("", number.into()),
        };
        self.send(number, end)
    }

    fn pass(&mut self, run: u32, elapsed_s: f64) -> &mut Scene {
        let (status, verdict) = (Status::Good, None);
        self.send(
            run,
            Event::TestEnd {
                status,
                verdict,
                elapsed_s,
            },
        )
    }

    fn end(&mut self, run: u32, kind: Kind, reason: &str) -> &mut Scene {
        let (status, elapsed_s) = (kind.status(), 0.5);
        let verdict = Some(Verdict::new(kind, reason));
        self.send(
            run,
            Event::TestEnd {
                status,
                verdict,
                elapsed_s,
            },
        )
    }

    fn progress(&mut self, run: u32, iteration: u64, total: u64) -> &mut Scene {
        let (total, elapsed_s) = (Some(total), 0.0);
        self.send(
            run,
            Event::Progress {
                iteration,
                total,
                elapsed_s,
            },
        )
    }

    fn cut_off(&mut self, run: u32, subdir: &str, reason: &str) -> &mut Scene {
        let verdict = Verdict::new(Kind::CutOff, reason);
        let subdir = subdir.to_owned();
        self.send(run, Event::Attempt { subdir, verdict })
    }

    fn end_job(&mut self) -> &mut Scene {
        let (status, reason) = (Status::Good, String::new());
        self.send(0, Event::JobEnd { status, reason })
    }

    fn text(&self) -> String {
        String::from_utf8(self.terminal.screen.written().clone()).unwrap()
    }

    /// Compares the output, in which bytes that a terminal acts on are made visible.
    #[track_caller]
    fn shows(&self, expected: Expect) {
        let text = self
            .text()
            .replace("\r\x1b[K", "<erase>")
            .replace("\x1b[K", "<clear>");
        let text = text.replace('\r', "\n<return>").replace('\x1b', "<esc>");
        expected.assert_eq(&text.replace("<erase>", "\n<erase>"));
    }
}

/// A host shows both parts of such a job.
#[test]
fn a_job_that_goes_on_after_a_reboot_is_as_strict_as_before() {
    let mut scene = Scene::in_log();
    let start = JobStart {
        is_strict: true,
        ..JobStart::default()
    };
    scene.send(0, Event::JobStart(Box::new(start))).end_job();
    scene.send(0, Event::JobResume(JobResume::default()));
    scene.start(1, "a").end(1, Kind::Warn, "slow").end_job();
    assert!(
        scene.text().contains("test a ... FAILED (WARN)"),
        "{}",
        scene.text()
    );
}
