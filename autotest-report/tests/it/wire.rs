//! The stream from a target to its host: what is written reads back, and nothing in it is trusted.

mod cut;
mod files;

use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use autotest_report::wire::{Cut, End, FileFrame, FrameReader, FrameWriter, Item, WireError};

/// An item that borrows nothing; a file with its content.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Got {
    Record(Vec<u8>),
    File(FileFrame, Vec<u8>),
    Dir(PathBuf, u32),
    Link(PathBuf, PathBuf),
    LeftOut(PathBuf, String),
    End(End),
}

/// The items of a stream, and what follows them.
pub(crate) fn read(stream: &[u8]) -> (Vec<Got>, Result<(), WireError>) {
    let mut reader = FrameReader::new(stream);
    let mut items = Vec::new();
    loop {
        match reader.next() {
            Ok(Some(item)) => items.extend(got(item)),
            Ok(None) => return (items, Ok(())),
            Err(error) => return (items, Err(error)),
        }
    }
}

/// The item; `None` if it is a file without its end.
fn got(item: Item<'_, &[u8]>) -> Option<Got> {
    Some(match item {
        Item::Record(line) => Got::Record(line.to_vec()),
        Item::File(frame, mut contents) => {
            let mut bytes = Vec::new();
            contents.read_to_end(&mut bytes).ok()?;
            Got::File(frame, bytes)
        }
        Item::Dir { path, mode } => Got::Dir(path, mode),
        Item::Link { path, to } => Got::Link(path, to),
        Item::LeftOut { path, reason } => Got::LeftOut(path, reason),
        Item::End(end) => Got::End(end),
    })
}

#[track_caller]
pub(crate) fn read_whole(stream: &[u8]) -> Vec<Got> {
    let (items, end) = read(stream);
    end.unwrap();
    items
}

pub(crate) fn written(
    write: impl FnOnce(&mut FrameWriter<&mut Vec<u8>>) -> io::Result<()>,
) -> Vec<u8> {
    let mut stream = Vec::new();
    write(&mut FrameWriter::new(&mut stream)).unwrap();
    stream
}

#[test]
fn a_stream_is_lines_of_json_and_the_contents_of_files() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"{\"end\":\n").unwrap();
    file.set_permissions(PermissionsExt::from_mode(0o600))
        .unwrap();
    let stream = written(|wire| {
        wire.dir(Path::new("a"), 0o40_755)?;
        wire.file(Path::new("a/b"), &file)?;
        wire.link(Path::new("a/l"), Path::new("../x"))?;
        wire.left_out(Path::new("a/fifo"), "it is a pipe")?;
        wire.alive()?;
        wire.record(b"{\"seq\":0}\n")?;
        wire.alive()?;
        wire.end(End::Ended)
    });
    let expected = "{\"dir\":{\"path\":\"a\",\"mode\":493}}\n\
                    {\"file\":{\"path\":\"a/b\",\"size\":8,\"mode\":384}}\n\
                    {\"end\":\n\n\
                    {\"link\":{\"path\":\"a/l\",\"to\":\"../x\"}}\n\
                    {\"left_out\":{\"path\":\"a/fifo\",\"reason\":\"it is a pipe\"}}\n\
                    {\"alive\":{}}\n\
                    {\"seq\":0}\n\
                    {\"alive\":{}}\n\
                    {\"end\":\"ended\"}\n";
    assert_eq!(String::from_utf8(stream.clone()).unwrap(), expected);
    let frame = FileFrame {
        path: "a/b".into(),
        size: 8,
        mode: 0o600,
        data: None,
    };
    let items = [
        Got::Dir("a".into(), 0o755),
        Got::File(frame, b"{\"end\":\n".to_vec()),
        Got::Link("a/l".into(), "../x".into()),
        Got::LeftOut("a/fifo".into(), "it is a pipe".to_owned()),
        Got::Record(b"{\"seq\":0}\n".to_vec()),
        Got::End(End::Ended),
    ];
    assert_eq!(read_whole(&stream), items);
    let interrupted = written(|wire| wire.end(End::Interrupted));
    assert_eq!(interrupted, b"{\"end\":\"interrupted\"}\n");
    // Nothing follows the end.
    let behind = [&stream, &b"x"[..]].concat();
    assert_eq!(read_whole(&behind), items);
}

#[test]
fn a_path_that_is_no_text_is_an_array() {
    use std::os::unix::ffi::OsStringExt;
    let path = PathBuf::from(std::ffi::OsString::from_vec(b"a/\xff\n".to_vec()));
    let stream = written(|wire| {
        wire.link(&path, &path)?;
        wire.end(End::Ended)
    });
    assert!(stream.starts_with(b"{\"link\":{\"path\":[97,47,255,10],\"to\":[97,47,255,10]}}\n"));
    let link = Got::Link(path.clone(), path);
    assert_eq!(read_whole(&stream), [link, Got::End(End::Ended)]);
}

/// Why a line is refused.
#[track_caller]
fn refused(line: &str) -> String {
    match read(format!("{line}\n").as_bytes()) {
        (items, Err(WireError::Invalid { why, .. })) if items.is_empty() => why,
        other => panic!("{line}: {other:?}"),
    }
}

#[track_caller]
fn accepted(line: &str) {
    match read(format!("{line}\n").as_bytes()) {
        (_, Err(WireError::Cut(_))) => {}
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn no_path_leads_out_of_the_job() {
    let dir = |path: &str| format!("{{\"dir\":{{\"path\":{path},\"mode\":0}}}}");
    let file = |path: &str| format!("{{\"file\":{{\"path\":{path},\"size\":0,\"mode\":0}}}}");
    let link = |path: &str| format!("{{\"link\":{{\"path\":{path},\"to\":\"x\"}}}}");
    let left = |path: &str| format!("{{\"left_out\":{{\"path\":{path},\"reason\":\"\"}}}}");
    let outside = "the path is not below the job's directory";
    let long = format!("\"{}\"", "a".repeat(4097));
    for line in [&dir as &dyn Fn(&str) -> String, &file, &link, &left] {
        for path in ["/a", "..", "a/..", "a/../b", ".", "a/./b", "a//b", "a/"] {
            assert_eq!(refused(&line(&format!("\"{path}\""))), outside, "{path}");
        }
        assert_eq!(refused(&line("\"\"")), "the path is empty");
        assert_eq!(refused(&line("[97,0]")), "the path has a NUL");
        assert_eq!(refused(&line(&long)), "the path is too long");
        let journal = "the journal is no file of the results";
        assert_eq!(refused(&line("\"journal.jsonl\"")), journal);
        accepted(&line("\"a/journal.jsonl\""));
        accepted(&line("\"...\""));
        accepted(&line(&format!("\"{}\"", "a".repeat(4096))));
    }
    // A link may lead anywhere, but it is one.
    accepted(r#"{"link":{"path":"a","to":"/etc/../x"}}"#);
    assert_eq!(
        refused(r#"{"link":{"path":"a","to":""}}"#),
        "the path is empty"
    );
}

#[test]
fn no_number_is_trusted() {
    let file = |size: u64, mode: u32, data: &str| {
        format!("{{\"file\":{{\"path\":\"a\",\"size\":{size},\"mode\":{mode}{data}}}}}")
    };
    let large = "the file is too large";
    assert_eq!(refused(&file((1 << 30) + 1, 0, "")), large);
    accepted(&file(1 << 30, 0o7777, ""));
    let mode = "the mode is not one of permissions";
    assert_eq!(refused(&file(1, 0o10000, "")), mode);
    assert_eq!(refused("{\"dir\":{\"path\":\"a\",\"mode\":4096}}"), mode);
    let order = "the parts of the file are not in order";
    for parts in [
        "[[2,1],[1,1]]",
        "[[0,2],[1,1]]",
        "[[0,0]]",
        "[[0,11]]",
        "[[10,1]]",
        "[[1,18446744073709551615]]",
    ] {
        assert_eq!(refused(&file(10, 0, &format!(",\"data\":{parts}"))), order);
    }
    assert_eq!(refused(&file(1 << 63, 0, ",\"data\":[]")), order);
    for parts in ["[]", "[[0,2],[2,1]]", "[[9,1]]", "[[0,10]]"] {
        accepted(&file(10, 0, &format!(",\"data\":{parts}")));
    }
    accepted(&file((1 << 63) - 1, 0, ",\"data\":[[1000,1073741824]]"));
    let much = ",\"data\":[[1000,1073741825]]";
    assert_eq!(refused(&file((1 << 63) - 1, 0, much)), large);
    let parts = |count: u64| {
        let parts: Vec<String> = (0..count).map(|n| format!("[{n},1]")).collect();
        file(5000, 0, &format!(",\"data\":[{}]", parts.join(",")))
    };
    assert_eq!(refused(&parts(4097)), "the file has too many parts");
    accepted(&parts(4096));
}

#[test]
fn what_is_neither_a_record_nor_a_frame_is_refused() {
    let error = read(b"Welcome to board 7\n").1.unwrap_err().to_string();
    let expected = "the stream has a line that is none of its own (`Welcome to board 7`): \
                    expected value at line 1 column 1";
    assert_eq!(error, expected);
    for line in [
        "{}",
        "{\"file\":[\"a\",1,2]}",
        "{\"end\":\"perhaps\"}",
        "{\"x\":1}",
    ] {
        refused(line);
    }
}

#[test]
fn a_file_ends_where_its_frame_says() {
    let stream = b"{\"file\":{\"path\":\"a\",\"size\":1,\"mode\":0}}\nxy\n{\"end\":\"ended\"}\n";
    let (_, end) = read(stream);
    let error = end.unwrap_err().to_string();
    assert!(error.ends_with("the file before it has no end"), "{error}");
}

#[test]
fn what_is_not_read_of_a_file_is_skipped() {
    let stream =
        b"{\"file\":{\"path\":\"a\",\"size\":9,\"mode\":0,\"data\":[[1,2],[5,3]]}}\nabcde\n\
                   {\"end\":\"ended\"}\n";
    for count in 0..=9 {
        let mut reader = FrameReader::new(&stream[..]);
        let Ok(Some(Item::File(_, mut contents))) = reader.next() else {
            panic!("no file");
        };
        let mut bytes = vec![0; count];
        contents.read_exact(&mut bytes).unwrap();
        assert_eq!(bytes, b"\0ab\0\0cde\0"[..count]);
        assert!(matches!(reader.next(), Ok(Some(Item::End(End::Ended)))));
        assert!(matches!(reader.next(), Ok(None)));
    }
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("no route to host"))
    }
}

#[test]
fn an_error_of_the_stream_is_told_wherever_it_is() {
    let stream = b"{\"file\":{\"path\":\"a\",\"size\":2,\"mode\":0}}\nxy\n{\"end\":\"ended\"}\n";
    for at in 0..stream.len() {
        let mut reader = FrameReader::new(io::BufReader::new(stream[..at].chain(Broken)));
        let error = loop {
            match reader.next() {
                Ok(item) => assert!(item.is_some()),
                Err(error) => break error,
            }
        };
        let expected = "failed to read the stream: no route to host";
        assert_eq!(error.to_string(), expected, "at {at}");
    }
}

#[test]
fn a_stream_is_cut_anywhere() {
    let stream = b"{\"file\":{\"path\":\"a\",\"size\":2,\"mode\":0}}\nxy\n{\"end\":\"ended\"}\n";
    let first = 1 + stream.iter().position(|byte| *byte == b'\n').unwrap();
    for at in 0..stream.len() {
        let Err(WireError::Cut(cut)) = read(&stream[..at]).1 else {
            panic!("at {at}");
        };
        let path = PathBuf::from("a");
        let expected = match at {
            0 => Cut::BetweenItems,
            at if at < first => Cut::InLine,
            at if at <= first + 2 => Cut::InFile {
                path,
                missing: (first + 2 - at) as u64,
            },
            at if at == first + 3 => Cut::BetweenItems,
            _ => Cut::InLine,
        };
        assert_eq!(cut, expected, "at {at}");
    }
}

#[test]
fn no_line_is_longer_than_the_limit() {
    let line = b"{\"seq\":0}\n";
    let next = |limit| {
        let mut reader = FrameReader::new(&line[..]).with_max_line_bytes(limit);
        match reader.next() {
            Ok(Some(Item::Record(read))) => Ok(read.len()),
            Ok(_) => panic!("no record"),
            Err(error) => Err(error.to_string()),
        }
    };
    assert_eq!(next(10), Ok(10));
    let expected = "the stream has a line that is none of its own (`{\"seq\":0}`): it is too long";
    assert_eq!(next(9), Err(expected.to_owned()));
}

#[test]
fn where_a_stream_was_cut_is_said() {
    let told = |cut| WireError::Cut(cut).to_string();
    assert_eq!(
        told(Cut::BetweenItems),
        "the stream ended before its last line"
    );
    assert_eq!(told(Cut::InLine), "the stream ended within a line");
    let (path, missing) = ("a/b".into(), 7);
    let expected = "the stream ended within `a/b`: 7 bytes are missing";
    assert_eq!(told(Cut::InFile { path, missing }), expected);
}
