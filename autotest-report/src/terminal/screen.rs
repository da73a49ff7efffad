//! The output of the report: permanent lines, followed by a progress line that is redrawn.
//!
//! It must not know the content of the lines.

use std::io::{self, Write};
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, Timespec};

use crate::outlet::Outlet;

/// The shortest time between two redraws: people do not read faster, and a serial console is slow.
const MIN_REDRAW_S: f64 = 0.1;

/// The width of a terminal that does not report it.
const USUAL_COLUMNS: usize = 80;

/// Moves to the beginning of the line and erases it.
const ERASE: &[u8] = b"\r\x1b[K";

/// The output, with the progress line if it is on.
///
/// Every write erases the progress line first.
#[derive(Debug)]
pub(super) struct Screen<W> {
    out: Outlet<W>,
    palette: Palette,
    live: Option<Live>,
}

#[derive(Debug)]
struct Live {
    /// Returns the width of the terminal; `None` while it is not writable.
    columns: fn() -> Option<usize>,
    /// The current progress line, if one is shown.
    text: Option<String>,
    /// When it was drawn.
    drawn_t: f64,
}

impl<W: Write> Screen<W> {
    pub(super) fn new(out: W, is_live: bool, is_coloured: bool) -> Screen<W> {
        let live = is_live.then_some(Live {
            columns: columns_if_writable,
            text: None,
            drawn_t: f64::NEG_INFINITY,
        });
        Screen {
            out: Outlet::new(out),
            palette: Palette { is_coloured },
            live,
        }
    }

    #[cfg(test)]
    pub(super) fn set_columns(&mut self, columns: fn() -> Option<usize>) {
        if let Some(live) = &mut self.live {
            live.columns = columns;
        }
    }

    #[cfg(test)]
    pub(super) fn written(&self) -> &W {
        self.out.written()
    }

    /// Whether the progress line is on and the terminal has a reader.
    pub(super) fn is_live(&self) -> bool {
        self.live.is_some() && self.out.is_read()
    }

    pub(super) fn palette(&self) -> Palette {
        self.palette
    }

    /// Draws the progress line, unless it was drawn a moment ago or the terminal is not writable. `line`
    /// returns the text for a number of columns.
    pub(super) fn draw(
        &mut self,
        t: f64,
        line: impl FnOnce(usize) -> Option<String>,
    ) -> io::Result<()> {
        let Some(live) = &mut self.live else {
            return Ok(());
        };
        // A negative difference is possible: the clock of a target may be set.
        if (0.0..MIN_REDRAW_S).contains(&(t - live.drawn_t)) {
            return Ok(());
        }
        let Some(columns) = (live.columns)() else {
            return Ok(());
        };
        let line = line(columns);
        if live.text == line {
            return Ok(());
        }
        if let Some(line) = &line {
            write!(self.out, "\r{line}\x1b[K")?;
            live.drawn_t = t;
        } else {
            self.out.write_all(ERASE)?;
        }
        live.text = line;
        Ok(())
    }

    pub(super) fn erase(&mut self) -> io::Result<()> {
        match self.live.as_mut().and_then(|live| live.text.take()) {
            Some(_) => self.out.write_all(ERASE),
            None => Ok(()),
        }
    }
}

impl<W: Write> Write for Screen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.erase()?;
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The width of the terminal. `None` while it is stopped (`^S`), so that outdated progress lines are not
/// queued.
fn columns_if_writable() -> Option<usize> {
    is_writable(io::stdout()).then(columns)
}

fn is_writable(out: impl AsFd) -> bool {
    let mut fds = [PollFd::new(&out, PollFlags::OUT)];
    let ready = rustix::event::poll(&mut fds, Some(&Timespec::default()));
    ready.is_ok() && fds[0].revents().contains(PollFlags::OUT)
}

/// The width from the terminal, from `COLUMNS`, or the default.
fn columns() -> usize {
    let size = rustix::termios::tcgetwinsize(io::stdout());
    let of_terminal = size.map_or(0, |size| usize::from(size.ws_col));
    let of_shell = std::env::var("COLUMNS").ok();
    first_width(of_terminal, of_shell.as_deref())
}

/// The first of these that is a valid width.
fn first_width(of_terminal: usize, of_shell: Option<&str>) -> usize {
    let of_shell = of_shell.and_then(|columns| columns.parse().ok());
    let told = [Some(of_terminal), of_shell].into_iter().flatten();
    let mut widths = told.filter(|columns| *columns > 0);
    widths.next().unwrap_or(USUAL_COLUMNS)
}

/// Whether words are coloured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    is_coloured: bool,
}

/// The colours that libtest uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    Red,
    Green,
    Yellow,
}

impl Palette {
    /// Colours a word of the report, which must not be a text from a test.
    pub(super) fn paint(self, colour: Colour, word: &str) -> String {
        let number = match colour {
            Colour::Red => 31,
            Colour::Green => 32,
            Colour::Yellow => 33,
        };
        if self.is_coloured {
            format!("\x1b[{number}m{word}\x1b[0m")
        } else {
            word.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[test]
    fn a_stream_whose_reader_stopped_is_not_writable() {
        let (_reader, mut writer) = io::pipe().unwrap();
        assert!(is_writable(&writer));
        rustix::io::ioctl_fionbio(&writer, true).unwrap();
        let full = loop {
            if let Err(error) = writer.write(&[0; 4096]) {
                break error;
            }
        };
        assert_eq!(full.kind(), ErrorKind::WouldBlock);
        assert!(!is_writable(&writer));
    }

    #[test]
    fn the_terminal_knows_its_width_best_then_the_shell() {
        assert_eq!(first_width(132, Some("100")), 132);
        assert_eq!(first_width(0, Some("100")), 100);
        assert_eq!(first_width(0, Some("0")), USUAL_COLUMNS);
        assert_eq!(first_width(0, Some("wide")), USUAL_COLUMNS);
        assert_eq!(first_width(0, None), USUAL_COLUMNS);
    }
}
