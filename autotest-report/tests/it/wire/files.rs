//! Files on the wire: sparse ones, those that change while they are sent, and those that are too large.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::Path;

use autotest_report::wire::{End, FrameReader, FrameWriter, Item};

use super::{Got, read_whole, written};

fn sent(file: &File) -> Vec<u8> {
    written(|wire| {
        wire.file(Path::new("f"), file)?;
        wire.end(End::Ended)
    })
}

/// The content of a file, as a host writes it.
fn copied(stream: &[u8]) -> File {
    let mut reader = FrameReader::new(stream);
    let Ok(Some(Item::File(_, contents))) = reader.next() else {
        panic!("no file");
    };
    let copy = tempfile::tempfile().unwrap();
    contents.copy_to(&copy).unwrap();
    assert!(matches!(reader.next(), Ok(Some(Item::End(_)))));
    copy
}

fn bytes_of(file: &File) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(file.metadata().unwrap().len()).unwrap()];
    file.read_exact_at(&mut bytes, 0).unwrap();
    bytes
}

#[track_caller]
fn check_same(file: &File) {
    let stream = sent(file);
    assert!(bytes_of(&copied(&stream)) == bytes_of(file));
    match &read_whole(&stream)[..] {
        [Got::File(_, bytes), Got::End(_)] => assert!(*bytes == bytes_of(file)),
        other => panic!("{} items", other.len()),
    }
}

#[test]
fn a_file_is_sent_byte_for_byte() {
    for length in [0, 1, 65_535, 65_536, 65_537, 200_000] {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..length).map(|n: u32| (n % 251) as u8).collect();
        file.write_all(&bytes).unwrap();
        check_same(&file);
    }
}

#[test]
fn the_mode_is_sent_without_the_kind_of_file() {
    let file = tempfile::tempfile().unwrap();
    file.set_permissions(PermissionsExt::from_mode(0o4751))
        .unwrap();
    let items = read_whole(&sent(&file));
    assert!(matches!(&items[0], Got::File(frame, _) if frame.mode == 0o4751));
}

/// Whether the file system of temporary files tells holes.
fn tells_holes() -> bool {
    let file = tempfile::tempfile().unwrap();
    file.set_len(1 << 20).unwrap();
    matches!(
        rustix::fs::seek(&file, rustix::fs::SeekFrom::Data(0)),
        Err(rustix::io::Errno::NXIO)
    )
}

#[test]
fn holes_take_no_bytes_of_the_wire_and_stay_holes() {
    if !tells_holes() {
        println!("left out: the file system does not tell holes");
        return;
    }
    let file = tempfile::tempfile().unwrap();
    file.write_all_at(b"begin", 0).unwrap();
    file.write_all_at(b"middle", 5 << 30).unwrap();
    file.set_len(10 << 30).unwrap();
    let stream = sent(&file);
    assert!(stream.len() < 200_000, "{}", stream.len());
    let copy = copied(&stream);
    let metadata = copy.metadata().unwrap();
    assert_eq!(metadata.len(), 10 << 30);
    assert!(metadata.blocks() * 512 < 1 << 20, "{}", metadata.blocks());
    let mut middle = [0; 6];
    copy.read_exact_at(&mut middle, 5 << 30).unwrap();
    assert_eq!(&middle, b"middle");

    let small = tempfile::tempfile().unwrap();
    for n in [3, 4, 9, 40, 200] {
        small.write_all_at(&[7; 4096], n << 16).unwrap();
    }
    small.set_len(300 << 16).unwrap();
    check_same(&small);
    let hole = tempfile::tempfile().unwrap();
    hole.set_len(1 << 20).unwrap();
    hole.set_permissions(PermissionsExt::from_mode(0o600))
        .unwrap();
    check_same(&hole);
    let expected = "{\"file\":{\"path\":\"f\",\"size\":1048576,\"mode\":384,\"data\":[]}}\n\n";
    assert!(sent(&hole).starts_with(expected.as_bytes()));
}

/// The parts of a file with a page of data at each of these offsets, and `length` bytes long.
fn parts(offsets: impl IntoIterator<Item = u64>, length: u64) -> Option<Vec<(u64, u64)>> {
    let file = tempfile::tempfile().unwrap();
    for offset in offsets {
        file.write_all_at(&[1; 4096], offset).unwrap();
    }
    file.set_len(length).unwrap();
    match read_whole(&sent(&file)).swap_remove(0) {
        Got::File(frame, _) => frame.data,
        other => panic!("{other:?}"),
    }
}

#[test]
fn short_holes_and_those_of_a_file_with_very_many_are_sent() {
    if !tells_holes() {
        println!("left out: the file system does not tell holes");
        return;
    }
    const K: u64 = 1 << 10;
    assert_eq!(parts([0, 64 * K], 128 * K), Some(vec![(0, 68 * K)]));
    let apart = vec![(0, 4 * K), (68 * K, 4 * K)];
    assert_eq!(parts([0, 68 * K], 128 * K), Some(apart));
    assert_eq!(parts([0, 8 * K], 12 * K), None);
    let many = parts((0..1100).map(|n| n * 128 * K), 1100 * 128 * K).unwrap();
    assert_eq!(many.len(), 1024);
    assert_eq!(many[1022], (1022 * 128 * K, 4 * K));
    let last = (1099 - 1023) * 128 * K + 4 * K;
    assert_eq!(many[1023], (1023 * 128 * K, last));
}

#[test]
fn a_file_with_too_much_data_is_left_out() {
    let file = tempfile::tempfile().unwrap();
    file.write_all_at(b"12345", 0).unwrap();
    let sent = |limit| {
        let mut stream = Vec::new();
        let mut wire = FrameWriter::new(&mut stream).with_max_file_bytes(limit);
        wire.file(Path::new("f"), &file).unwrap();
        wire.end(End::Ended).unwrap();
        read_whole(&stream).swap_remove(0)
    };
    let reason = "it has 5 bytes, and at most 4 are sent".to_owned();
    assert_eq!(sent(4), Got::LeftOut("f".into(), reason));
    assert!(matches!(sent(5), Got::File(_, bytes) if bytes == b"12345"));
}

/// Calls a function with each write.
struct Watched<'a, F>(&'a mut Vec<u8>, F);

impl<F: FnMut(usize)> Write for Watched<'_, F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.1)(self.0.len());
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_a_file_loses_while_it_is_sent_is_zeros_and_told() {
    let file = tempfile::tempfile().unwrap();
    file.write_all_at(&[7; 200_000], 0).unwrap();
    let mut stream = Vec::new();
    let truncate = |written| {
        if written > 0 {
            file.set_len(100_000).unwrap();
        }
    };
    let mut wire = FrameWriter::new(Watched(&mut stream, truncate));
    wire.file(Path::new("f"), &file).unwrap();
    wire.end(End::Ended).unwrap();
    let items = read_whole(&stream);
    let [Got::File(frame, bytes), left_out, _] = &items[..] else {
        panic!("{} items", items.len());
    };
    assert_eq!((frame.size, bytes.len()), (200_000, 200_000));
    let seven = bytes.iter().take_while(|byte| **byte == 7).count();
    assert_eq!(seven, 100_000);
    assert!(bytes[seven..].iter().all(|byte| *byte == 0));
    let reason = "it became shorter while it was read; zeros stand for what is missing";
    assert_eq!(*left_out, Got::LeftOut("f".into(), reason.to_owned()));
}

#[test]
fn a_file_that_grows_while_it_is_sent_has_its_length_from_before() {
    let file = tempfile::tempfile().unwrap();
    file.write_all_at(&[7; 10], 0).unwrap();
    let mut stream = Vec::new();
    let grow = |_| file.write_all_at(&[8; 10], 10).unwrap();
    let mut wire = FrameWriter::new(Watched(&mut stream, grow));
    wire.file(Path::new("f"), &file).unwrap();
    wire.end(End::Ended).unwrap();
    let items = read_whole(&stream);
    assert!(
        matches!(&items[0], Got::File(_, bytes) if bytes == &[7; 10]),
        "{items:?}"
    );
    assert_eq!(items.len(), 2);
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let dir = File::open(".").unwrap();
    let stream = written(|wire| {
        wire.file(Path::new("d"), &dir)?;
        wire.end(End::Ended)
    });
    let items = read_whole(&stream);
    let reason = "Is a directory (os error 21); zeros stand for what is missing";
    assert!(
        items.contains(&Got::LeftOut("d".into(), reason.to_owned())),
        "{items:?}"
    );
}

#[test]
fn a_stream_that_cannot_be_written_is_an_error() {
    let file = tempfile::tempfile().unwrap();
    file.write_all_at(&[7; 200_000], 0).unwrap();
    let mut small = [0; 100_000];
    let mut wire = FrameWriter::new(&mut small[..]);
    assert!(wire.file(Path::new("f"), &file).is_err());
    assert!(FrameWriter::new(&mut small[..3]).end(End::Ended).is_err());
    let flushed = std::cell::Cell::new(0);
    struct Counted<'a>(&'a std::cell::Cell<u32>);
    impl Write for Counted<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            self.0.set(self.0.get() + 1);
            Ok(())
        }
    }
    let mut wire = FrameWriter::new(Counted(&flushed));
    wire.end(End::Ended).unwrap();
    wire.flush().unwrap();
    assert_eq!(flushed.get(), 2);
}
