use std::io::Write;

use super::*;

/// Builds a journal file.
struct Made {
    bytes: Vec<u8>,
    is_compact: bool,
}

impl Made {
    fn new(is_compact: bool) -> Made {
        let mut bytes = vec![0; 256];
        bytes[..8].copy_from_slice(SIGNATURE);
        bytes[INCOMPATIBLE_FLAGS] = if is_compact { 0b1_1100 } else { 0b100 };
        bytes[HEADER_SIZE..HEADER_SIZE + 2].copy_from_slice(&[0, 1]);
        Made { bytes, is_compact }
    }

    fn object(&mut self, kind: u8, flags: u8, rest: &[u8]) -> u64 {
        let at = self.bytes.len() as u64;
        let size = (OBJECT_BYTES + rest.len()) as u64;
        self.bytes.extend([kind, flags, 0, 0, 0, 0, 0, 0]);
        self.bytes.extend(size.to_le_bytes());
        self.bytes.extend(rest);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self.bytes[TAIL_OBJECT..TAIL_OBJECT + 8].copy_from_slice(&at.to_le_bytes());
        at
    }

    fn entry(&mut self, written_us: u64, fields: &[(u8, &str)]) {
        let filler = if self.is_compact { 56 } else { 48 };
        let mut items = Vec::new();
        for (flags, field) in fields {
            let at = self.object(
                DATA,
                *flags,
                &[&vec![0; filler][..], field.as_bytes()].concat(),
            );
            match self.is_compact {
                true => items.extend(&at.to_le_bytes()[..4]),
                false => items.extend([at.to_le_bytes(), [0; 8]].concat()),
            }
        }
        let head = [&[0; 8][..], &written_us.to_le_bytes(), &[0; 32]].concat();
        self.object(ENTRY, 0, &[head, items].concat());
    }

    fn opened(&self) -> JournalFile {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&self.bytes).unwrap();
        JournalFile::of(file).unwrap()
    }
}

const ERROR_OF_A: [(u8, &str); 3] = [
    (0, "MESSAGE=broken\nmore"),
    (0, "PRIORITY=3"),
    (0, "SYSLOG_IDENTIFIER=a"),
];

#[test]
fn only_errors_count_and_the_kernel_reports_its_own() {
    for is_compact in [true, false] {
        let mut made = Made::new(is_compact);
        assert_eq!(made.opened().end(), Some(256));
        made.entry(10, &ERROR_OF_A);
        made.entry(10, &[(0, "MESSAGE=warning"), (0, "PRIORITY=4")]);
        made.entry(10, &[(0, "MESSAGE=no level")]);
        made.entry(
            10,
            &[
                (0, "MESSAGE=disk"),
                (0, "_TRANSPORT=kernel"),
                (0, "PRIORITY=2"),
            ],
        );
        made.entry(10, &[(4, "zstd"), (0, "PRIORITY=0"), (0, "_COMM=b")]);
        made.entry(10, &[(0, "MESSAGE=last"), (0, "PRIORITY=3")]);
        let file = made.opened();
        let errors = file.errors(file.start(), 0);
        assert_eq!(
            errors,
            ["a: broken", "b: (a long message)", "unknown: last"]
        );
        let end = file.end().unwrap();
        assert_eq!(end, made.bytes.len() as u64);
        assert_eq!(file.errors(end, 0), Vec::<String>::new());
    }
}

#[test]
fn an_entry_counts_by_the_time_when_it_was_sent() {
    let mut made = Made::new(true);
    made.entry(10, &ERROR_OF_A);
    let sent = |time| [&ERROR_OF_A[..], &[(0, time)]].concat();
    made.entry(12, &sent("_SOURCE_REALTIME_TIMESTAMP=9"));
    let errors = |since_us| made.opened().errors(256, since_us).len();
    assert_eq!([9, 10, 11].map(errors), [2, 1, 0]);
}

#[test]
fn a_damaged_file_is_read_as_far_as_it_makes_sense() {
    let mut made = Made::new(true);
    made.entry(10, &ERROR_OF_A);
    let end = made.opened().end().unwrap();
    made.entry(10, &ERROR_OF_A);
    let size = usize::try_from(end).unwrap() + 8;
    made.bytes[size..size + 8].fill(0);
    assert_eq!(made.opened().errors(256, 0), ["a: broken"]);
    made.bytes[size..size + 8].fill(0xff);
    assert_eq!(made.opened().errors(256, 0), ["a: broken"]);
    made.bytes.truncate(size);
    assert_eq!(made.opened().errors(256, 0), ["a: broken"]);
}

#[test]
fn what_is_no_journal_or_of_later_days_is_not_read() {
    let of = |bytes: &[u8]| {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        JournalFile::of(file)
    };
    let mut bytes = Made::new(true).bytes;
    assert!(of(&bytes).is_some());
    assert!(of(&bytes[..100]).is_none());
    bytes[INCOMPATIBLE_FLAGS] |= 1 << 5;
    assert!(of(&bytes).is_none());
    assert!(of(&[b'x'; 300]).is_none());
}
