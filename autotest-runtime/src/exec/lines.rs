//! Splits an untrusted stream into lines.

use super::wire::MAX_LINE_BYTES;

/// Splits a stream into lines. Lines that are too long are dropped and counted.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The beginning of the current line.
    begun: Vec<u8>,
    /// Whether the current line is too long already.
    is_too_long: bool,
    /// The number of lines that were dropped because of their length.
    pub(super) dropped: u64,
}

impl Lines {
    /// Adds bytes, and calls `f` with each complete line.
    pub(super) fn push(&mut self, bytes: &[u8], mut f: impl FnMut(&[u8])) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            match piece.strip_suffix(b"\n") {
                None => self.begin(piece),
                Some(end) => {
                    self.begin(end);
                    if self.is_too_long {
                        self.dropped += 1;
                    } else {
                        f(&self.begun);
                    }
                    self.begun.clear();
                    self.is_too_long = false;
                }
            }
        }
    }

    fn begin(&mut self, piece: &[u8]) {
        self.is_too_long |= self.begun.len() + piece.len() > MAX_LINE_BYTES;
        if self.is_too_long {
            self.begun.clear();
        } else {
            self.begun.extend_from_slice(piece);
        }
    }

    /// Whether the stream ended in the middle of a line.
    pub(super) fn is_cut(&self) -> bool {
        self.is_too_long || !self.begun.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(chunks: &[&[u8]], expected: &[&str], dropped: u64) {
        let mut lines = Lines::default();
        let mut got = Vec::new();
        for chunk in chunks {
            lines.push(chunk, |line| {
                got.push(String::from_utf8_lossy(line).into_owned())
            });
        }
        assert_eq!(
            (got.as_slice(), lines.dropped),
            (
                &expected.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()[..],
                dropped
            )
        );
    }

    #[test]
    fn lines_may_come_in_pieces() {
        check(&[b"a", b"b\nc", b"\n", b"d"], &["ab", "c"], 0);
    }

    #[test]
    fn a_line_that_is_too_long_is_dropped_and_counted() {
        let long = vec![b'x'; MAX_LINE_BYTES + 1];
        check(&[b"a\n", &long, b"y\nb\n"], &["a", "b"], 1);
    }
}
