//! CSV files of samples: a header, then rows, written with each sample. A file stops growing at a limit.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::moment::{COLUMNS, Moment};
use super::sampler;

/// The directory of the files, and the largest size of a file.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    max_bytes: u64,
}

impl Directory {
    pub(super) fn new(path: &Path, max_bytes: u64) -> Directory {
        let path = path.to_owned();
        Directory { path, max_bytes }
    }

    /// Creates a file. `columns` follow the columns of time.
    pub(super) fn create(&self, name: &'static str, columns: &str) -> io::Result<Csv> {
        let path = self.path.join(name);
        let file = sampler::create(&path).map_err(|error| {
            let text = format!("failed to create `{}`: {error}", path.display());
            io::Error::new(error.kind(), text)
        })?;
        let mut csv = Csv {
            name,
            file,
            rows: Vec::new(),
            written_bytes: 0,
            max_bytes: self.max_bytes,
            ended: None,
        };
        csv.rows
            .extend([COLUMNS, ",", columns, "\n"].concat().bytes());
        csv.write_rows();
        Ok(csv)
    }
}

/// A file of samples.
#[derive(Debug)]
pub(super) struct Csv {
    name: &'static str,
    file: File,
    /// The rows of the current sample.
    rows: Vec<u8>,
    written_bytes: u64,
    max_bytes: u64,
    /// The reason why no more rows are written, if any.
    ended: Option<String>,
}

impl Csv {
    /// Begins a row of the current sample.
    pub(super) fn row(&mut self, moment: &Moment) -> Row<'_> {
        self.rows.extend(moment.columns().bytes());
        Row(&mut self.rows)
    }

    /// Writes all rows of the current sample, or none of them.
    pub(super) fn write_rows(&mut self) {
        let length = self.rows.len() as u64;
        if self.ended.is_none() && length > 0 {
            if self.written_bytes + length > self.max_bytes {
                let limit = self.max_bytes;
                self.ended = Some(format!("{} was cut at {limit} bytes", self.name));
            } else if let Err(error) = self.file.write_all(&self.rows) {
                self.ended = Some(format!("failed to write {}: {error}", self.name));
            }
            self.written_bytes += length;
        }
        self.rows.clear();
    }

    /// The reason why the file is incomplete, if it is.
    pub(super) fn problem(&self) -> Option<String> {
        self.ended.clone()
    }
}

/// A row under construction; it ends when dropped. The methods have so many callers that inlining them costs some KB.
#[derive(Debug)]
pub(super) struct Row<'a>(&'a mut Vec<u8>);

impl Row<'_> {
    /// Appends a text, quoted if necessary.
    #[inline(never)]
    pub(super) fn text(self, text: &[u8]) -> Self {
        self.0.push(b',');
        if text.iter().any(|byte| b",\"\r\n".contains(byte)) {
            self.0.push(b'"');
            for byte in text {
                self.0
                    .extend(std::iter::repeat_n(*byte, 1 + usize::from(*byte == b'"')));
            }
            self.0.push(b'"');
        } else {
            self.0.extend(text);
        }
        self
    }

    /// Appends a whole number.
    #[inline(never)]
    pub(super) fn count(self, count: u64) -> Self {
        self.0.push(b',');
        push_digits(self.0, count);
        self
    }

    /// Appends a number with one decimal place.
    #[inline(never)]
    pub(super) fn tenths(self, number: f64) -> Self {
        self.0.push(b',');
        let tenths = (number * 10.0).round() as u64;
        push_digits(self.0, tenths / 10);
        self.0.extend([b'.', b'0' + (tenths % 10) as u8]);
        self
    }

    /// Appends a number rounded to a whole one, for bytes per second.
    pub(super) fn whole(self, number: f64) -> Self {
        self.count(number.round() as u64)
    }

    /// Appends a number, or an empty field if the kernel does not report it.
    #[inline(never)]
    pub(super) fn count_if_known(self, count: Option<u64>) -> Self {
        match count {
            Some(count) => self.count(count),
            None => self.unknown(),
        }
    }

    #[inline(never)]
    pub(super) fn tenths_if_known(self, number: Option<f64>) -> Self {
        match number {
            Some(number) => self.tenths(number),
            None => self.unknown(),
        }
    }

    #[inline(never)]
    pub(super) fn whole_if_known(self, number: Option<f64>) -> Self {
        match number {
            Some(number) => self.whole(number),
            None => self.unknown(),
        }
    }

    fn unknown(self) -> Self {
        self.0.push(b',');
        self
    }
}

impl Drop for Row<'_> {
    fn drop(&mut self) {
        self.0.push(b'\n');
    }
}

/// `std`'s formatting would take longer than all the parsing.
fn push_digits(text: &mut Vec<u8>, number: u64) {
    let mut digits = [0; 20];
    let mut rest = number;
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    text.extend(&digits[start..]);
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn moment(seconds: u64) -> Moment {
        let mut moment = Moment::first(UNIX_EPOCH, Duration::from_secs(1));
        let elapsed = Duration::from_secs(seconds);
        moment.advance(elapsed, UNIX_EPOCH + elapsed, 0);
        moment
    }

    #[test]
    fn rows_have_numbers_texts_and_gaps() {
        let dir = tempfile::tempdir().unwrap();
        let files = Directory::new(dir.path(), 1000);
        let mut csv = files.create("a.csv", "name,n,rate,share").unwrap();
        csv.row(&moment(1))
            .text(b"eth0")
            .count(0)
            .whole(1.6)
            .tenths(99.96);
        let row = csv.row(&moment(1)).text(b"a,\"b");
        let row = row.count_if_known(None).whole_if_known(None);
        drop(row.tenths_if_known(None));
        csv.write_rows();
        let expected = "time_s,utc,missed,name,n,rate,share\n\
            1.000,1970-01-01T00:00:01.000Z,0,eth0,0,2,100.0\n\
            1.000,1970-01-01T00:00:01.000Z,0,\"a,\"\"b\",,,\n";
        assert_eq!(
            fs::read_to_string(dir.path().join("a.csv")).unwrap(),
            expected
        );
        assert_eq!(csv.problem(), None);
    }

    #[test]
    fn a_file_is_cut_between_samples() {
        let dir = tempfile::tempdir().unwrap();
        let files = Directory::new(dir.path(), 100);
        let mut csv = files.create("a.csv", "n").unwrap();
        for second in 1..9 {
            drop(csv.row(&moment(second)).count(second));
            csv.write_rows();
        }
        let text = fs::read_to_string(dir.path().join("a.csv")).unwrap();
        let expected = "time_s,utc,missed,n\n\
            1.000,1970-01-01T00:00:01.000Z,0,1\n\
            2.000,1970-01-01T00:00:02.000Z,0,2\n";
        assert_eq!(text, expected);
        assert_eq!(csv.problem().unwrap(), "a.csv was cut at 100 bytes");
    }
}
