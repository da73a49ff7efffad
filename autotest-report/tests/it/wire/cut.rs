//! Streams that end anywhere.

use std::io::Write;
use std::path::Path;

use autotest_report::wire::{Cut, End, WireError};
use proptest::prelude::*;

use super::{Got, read, read_whole, written};

/// What a stream has before its end.
#[derive(Clone, Debug)]
enum Sent {
    Record(String),
    File(Vec<u8>, u64),
    Dir,
    Link,
    LeftOut,
}

fn sent() -> impl Strategy<Value = Sent> {
    prop_oneof![
        "[ -~]{0,40}".prop_map(Sent::Record),
        (prop::collection::vec(any::<u8>(), 0..40), 0..300_000_u64)
            .prop_map(|(bytes, hole)| Sent::File(bytes, hole)),
        Just(Sent::Dir),
        Just(Sent::Link),
        Just(Sent::LeftOut),
    ]
}

fn stream(items: &[Sent]) -> Vec<u8> {
    written(|wire| {
        for (n, item) in items.iter().enumerate() {
            let path = format!("d/{n}");
            let path = Path::new(&path);
            match item {
                Sent::Record(text) => {
                    wire.record(format!("{{\"seq\":{n},{text}\n").as_bytes())?;
                }
                Sent::File(bytes, hole) => {
                    let mut file = tempfile::tempfile()?;
                    file.set_len(*hole)?;
                    std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0))?;
                    file.write_all(bytes)?;
                    wire.file(path, &file)?;
                }
                Sent::Dir => wire.dir(path, 0o755)?,
                Sent::Link => wire.link(path, Path::new("x"))?,
                Sent::LeftOut => wire.left_out(path, "no")?,
            }
        }
        wire.end(End::Ended)
    })
}

proptest! {
    #[test]
    fn what_comes_before_a_cut_is_read_and_the_cut_is_told(
        items in prop::collection::vec(sent(), 0..6),
        at in any::<prop::sample::Index>(),
    ) {
        let stream = stream(&items);
        let whole = read_whole(&stream);
        prop_assert_eq!(whole.len(), items.len() + 1);
        let at = at.index(stream.len());
        let (read_items, end) = read(&stream[..at]);
        prop_assert!(read_items.len() < whole.len());
        prop_assert_eq!(&read_items[..], &whole[..read_items.len()]);
        let Err(WireError::Cut(cut)) = end else {
            panic!("a cut stream is no whole one: {end:?}");
        };
        match cut {
            Cut::BetweenItems => prop_assert!(at == 0 || stream[at - 1] == b'\n'),
            Cut::InLine => prop_assert!(at > 0),
            Cut::InFile { path, missing } => {
                let number: usize = path.strip_prefix("d").unwrap().to_str().unwrap().parse().unwrap();
                let Sent::File(..) = &items[number] else {
                    panic!("{} is no file", path.display());
                };
                let is_last = read_items.len() == number || read_items.len() == number + 1;
                prop_assert!(is_last);
                // What is missing is there in the whole stream, and a newline behind it.
                let behind = at + usize::try_from(missing).unwrap();
                prop_assert_eq!(stream[behind], b'\n');
            }
        }
    }

    /// A host reads whatever a target sends.
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn a_changed_byte_is_an_error_or_another_stream(
        items in prop::collection::vec(sent(), 1..4),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut stream = stream(&items);
        let at = at.index(stream.len());
        stream[at] = byte;
        let (items, _) = read(&stream);
        for item in items {
            if let Got::File(frame, bytes) = item {
                prop_assert_eq!(bytes.len() as u64, frame.size);
            }
        }
    }
}
