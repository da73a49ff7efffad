//! What a person at a terminal sees.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::path::Path;

use expect_test::expect;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::binary::fixture_command;

const COLUMNS: u16 = 40;

/// Runs `steps` with its standard output on a terminal; every byte that it sent there.
fn on_terminal(env: &[(&str, &str)], args: &[&str]) -> String {
    let home = tempfile::tempdir().unwrap();
    let (ours, theirs) = terminal();
    let mut command = fixture_command(home.path(), "steps");
    command.args(["--results", "results"]).args(args);
    command.env("TERM", "xterm").envs(env.iter().copied());
    let mut child = command.stdout(theirs).spawn().unwrap();
    // It holds a copy of the terminal, whose end would not come.
    drop(command);
    let text = read_to_end(ours);
    assert!(child.wait().unwrap().success(), "{text}");
    text.replace(home.path().to_str().unwrap(), "<home>")
}

/// Both ends of a terminal that is [`COLUMNS`] wide.
pub(crate) fn terminal() -> (File, File) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let size = Winsize {
        ws_row: 24,
        ws_col: COLUMNS,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&ours, size).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let path = Path::new(name.to_str().unwrap());
    let theirs = OpenOptions::new().read(true).write(true).open(path);
    (File::from(ours), theirs.unwrap())
}

/// Up to the error that a terminal gives which nobody holds any more.
pub(crate) fn read_to_end(mut terminal: File) -> String {
    let mut bytes = Vec::new();
    let _ = terminal.read_to_end(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

/// The screen of a terminal that is wide enough, without colours.
#[derive(Default)]
struct Screen {
    lines: String,
    last: Vec<char>,
    column: usize,
    /// What stood in the last line whenever the cursor went to its begin.
    seen: Vec<String>,
}

impl Screen {
    fn after(sent: &str) -> Screen {
        let mut screen = Screen::default();
        let mut rest = sent.chars();
        while let Some(c) = rest.next() {
            match c {
                '\r' => {
                    screen.seen.push(screen.last.iter().collect());
                    screen.column = 0;
                }
                '\n' => {
                    screen.lines.extend(screen.last.drain(..));
                    screen.lines.push('\n');
                    screen.column = 0;
                }
                '\x1b' => match rest.by_ref().find(char::is_ascii_alphabetic) {
                    Some('K') => screen.last.truncate(screen.column),
                    command => assert_eq!(command, Some('m')),
                },
                c => {
                    let end = screen.last.len().min(screen.column + 1);
                    screen.last.splice(screen.column..end, [c]);
                    screen.column += 1;
                }
            }
        }
        assert_eq!(screen.last, Vec::<char>::new());
        screen
    }
}

const SLOWLY: [&str; 5] = ["takes_steps", "--iterations", "24", "--param", "step_ms=50"];

#[test]
fn a_terminal_shows_what_runs_now_and_keeps_the_report() {
    let sent = on_terminal(&[], &SLOWLY);
    let Screen { lines, seen, .. } = Screen::after(&sent);
    let report = lines.split(" finished in").next().unwrap();
    expect![[r#"

        running 1 test
        test takes_steps ... ok

        test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 5 filtered out;"#]]
    .assert_eq(report);
    let wide = seen
        .iter()
        .find(|line| line.starts_with('[') && line.len() >= COLUMNS.into());
    assert_eq!(wide, None);
    let is_progress = |line: &&String| line.starts_with("[0/1] takes_steps: iteration ");
    assert!(seen.iter().filter(is_progress).count() >= 2, "{seen:?}");
}

#[track_caller]
fn check_plain(env: &[(&str, &str)], args: &[&str]) {
    let sent = on_terminal(env, &[&["takes_steps"], args].concat());
    let text = sent.replace("\r\n", "\n");
    assert!(text.contains("\ntest takes_steps ... ok\n"), "{text}");
    assert!(!text.contains(['\r', '\x1b']), "{text:?}");
}

#[test]
fn a_dumb_terminal_gets_lines_alone() {
    check_plain(&[("TERM", "dumb")], &[]);
    check_plain(&[("TERM", "")], &[]);
}

#[test]
fn a_log_of_a_build_gets_lines_alone() {
    check_plain(&[("CI", "true"), ("NO_COLOR", "1")], &[]);
}

#[test]
fn a_terminal_that_tests_write_to_gets_lines_alone() {
    check_plain(&[("NO_COLOR", "1")], &["--nocapture"]);
    check_plain(&[("NO_COLOR", "1")], &["--isolation", "none"]);
}

#[test]
fn colours_and_the_live_line_are_two_things() {
    let sent = on_terminal(&[("NO_COLOR", "1")], &SLOWLY);
    assert!(
        sent.contains("\r[0/1] takes_steps: ") && !sent.contains("\x1b[3"),
        "{sent:?}"
    );
    let sent = on_terminal(&[("CI", "true")], &["takes_steps"]);
    assert!(
        sent.contains("test takes_steps ... \x1b[32mok\x1b[0m\r\n"),
        "{sent:?}"
    );
}
