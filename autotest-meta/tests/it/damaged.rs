//! Files that are something else, or damaged.

use std::fs;
use std::path::Path;

use autotest_meta::{MAX_BYTES, Problem, Suite};
use expect_test::expect;
use object::{Architecture, Endianness};

use crate::made::{archive, elf, sections};

const PING: &str =
    "{\"v\":1,\"name\":\"ping\",\"module\":\"net\",\"file\":\"src/net.rs\",\"line\":3}\n";

const NOT_ELF: &str =
    "it is neither an ELF file nor a package: give the path of a test binary or a package";
const NO_SECTION: &str = "it has no section `autotest_meta`: it was built without autotest tests, or a tool has \
                          removed the section";
const TOO_LARGE: &str =
    "it describes more than 131072 tests, or in more than 32 MiB, which is the limit";

fn made(text: &str) -> Vec<u8> {
    elf(Architecture::X86_64, Endianness::Little, text)
}

#[track_caller]
fn check(file: &[u8], expected: &str) {
    let error = Suite::of_bytes(file).unwrap_err().to_string();
    assert_eq!(error, expected);
    let piecemeal = Suite::of_reader(std::io::Cursor::new(file)).unwrap_err();
    assert_eq!(piecemeal.to_string(), error);
}

#[test]
fn what_is_no_elf_file_is_told() {
    for file in [
        &b""[..],
        b"#!/bin/sh\n",
        b"MZ and so on, much longer",
        b"\x7fELF",
        &[0; 64],
    ] {
        check(file, NOT_ELF);
    }
}

#[test]
fn a_file_without_the_section_is_told() {
    let other = sections(
        Architecture::X86_64,
        Endianness::Little,
        &[("autotest_metadata", PING)],
    );
    check(&other, NO_SECTION);
    check(&made(""), NO_SECTION);
    check(&archive(&[("one.o", &other)]), NO_SECTION);
    check(&archive(&[]), NOT_ELF);
    // No section headers, as `sstrip` leaves it.
    let mut bare = made(PING);
    bare[0x28..0x30].fill(0);
    bare[0x3c..0x40].fill(0);
    check(&bare, NO_SECTION);
}

#[test]
fn headers_that_contradict_themselves_are_told() {
    let file = made(PING);
    check(
        &file[..file.len() / 2],
        "its ELF headers are damaged: Invalid ELF section header offset/size/alignment",
    );
    let mut no_names = file.clone();
    no_names[0x3e] = 99;
    check(
        &no_names,
        "its ELF headers are damaged: the names of sections are missing",
    );
    let mut entries = file.clone();
    entries[0x3a] = 1;
    check(
        &entries,
        "its ELF headers are damaged: Invalid ELF section header entry size",
    );
    let library = archive(&[("one.o", &file)]);
    check(
        &library[..library.len() - 9],
        "its ELF headers are damaged: Archive member size is too large",
    );
}

#[test]
fn a_newer_format_asks_for_a_newer_tool() {
    check(
        &made("{\"v\":2,\"test\":\"ping\"}\n"),
        "its records have version 2, and this tool reads version 1: update the tool",
    );
    check(
        &made(&format!("{PING}{{\"v\":3,\"main\":[]}}\n")),
        "its records have version 3, and this tool reads version 1: update the tool",
    );
}

#[test]
fn a_damaged_record_is_told_with_its_place() {
    for (text, offset, cause) in [
        ("nonsense", 0, "it is no JSON object"),
        ("[1]", 0, "it is no JSON object"),
        (r#"{"v":1,"name":"ping""#, 21, "EOF while parsing an object"),
        (r#"{"v":1,"module":"net"}"#, 21, "missing field `name`"),
        (r#"{"name":"ping","module":"net"}"#, 29, "missing field `v`"),
        (
            r#"{"v":"1"}"#,
            7,
            "invalid type: string \"1\", expected u32",
        ),
        (
            r#"{"v":1,"main":7}"#,
            14,
            "invalid type: integer `7`, expected a string",
        ),
        (
            r#"{"v":1,"name":"a","module":"b","line":-1}"#,
            39,
            "invalid value: integer `-1`, expected u32",
        ),
    ] {
        let offset = PING.len() + offset;
        let expected =
            format!("its section `autotest_meta` is damaged at offset {offset}: {cause}");
        check(&made(&format!("{PING}{text}\n")), &expected);
    }
    assert!(matches!(
        Suite::of_bytes(&made("{\"v\":1,\"name\":\"\u{0}\"}\n")),
        Err(Problem::Record { .. })
    ));
}

#[test]
fn more_than_a_suite_can_have_is_refused() {
    let many = PING.repeat(1 + autotest_meta::MAX_RECORDS);
    check(&made(&many), TOO_LARGE);
    let long = " ".repeat(1 + MAX_BYTES as usize);
    check(&made(&long), TOO_LARGE);
    // Each fits, but not all of them.
    let half = " ".repeat(MAX_BYTES as usize / 2);
    let parts = [("autotest_meta", half.as_str()); 3];
    check(
        &sections(Architecture::X86_64, Endianness::Little, &parts),
        TOO_LARGE,
    );
}

/// As a person sees it.
#[test]
fn the_error_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x");
    fs::write(&path, "x").unwrap();
    let shown = |path: &Path| {
        let error = Suite::of_file(path).unwrap_err().to_string();
        error.replace(&dir.path().display().to_string(), "<dir>")
    };
    expect![
        "failed to read the tests of `<dir>/x`: it is neither an ELF file nor a package: give the path of a test binary or a package"
    ]
    .assert_eq(&shown(&path));
    expect!["failed to read the tests of `<dir>/nowhere`: No such file or directory (os error 2)"]
        .assert_eq(&shown(&dir.path().join("nowhere")));
    expect!["failed to read the tests of `<dir>`: it is not a regular file: give the path of a test binary or a package"].assert_eq(&shown(dir.path()));
}
