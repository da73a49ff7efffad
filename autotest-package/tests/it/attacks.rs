//! Attacks on the archive as a whole.

use autotest_package::Limits;

use super::archive::{Archive, Header, check, check_within, compress, file, pax};

fn plain() -> Archive {
    Archive::default().file("a", b"contents")
}

#[test]
fn not_a_package() {
    check(
        b"<html>404 not found</html>",
        "the package is not a `.tar.bz2`",
    );
    check(b"", "the package is truncated");
    check(
        &compress(&[7; 1024]),
        "the package is corrupt: a header has an invalid number",
    );
}

#[test]
fn truncated_anywhere() {
    let package = plain().pack();
    for end in 0..package.len() {
        check(&package[..end], "the package is truncated");
    }
}

#[test]
fn truncated_before_it_was_compressed() {
    check(&compress(&[]), "the package is truncated");
    check(&compress(&plain().0), "the package is truncated");
    check(&compress(&plain().0[..520]), "the package is truncated");
}

#[test]
fn a_flipped_bit() {
    let mut package = plain().pack();
    let middle = package.len() / 2;
    package[middle] ^= 0x10;
    check(&package, "the package is corrupt: bzip2: invalid data");
}

#[test]
fn a_header_with_a_wrong_checksum() {
    let mut archive = plain();
    archive.0[0] = b'b';
    check(
        &archive.pack(),
        "the package is corrupt: a header has a wrong checksum",
    );
}

#[test]
fn garbage_after_the_compressed_data() {
    let mut package = plain().pack();
    package.extend(b"; rm -rf /");
    check(&package, "the package has data after its end");
}

#[test]
fn entries_after_the_end() {
    let archive = plain().end().file("hidden", b"contents");
    check(&archive.pack(), "the package has data after its end");
}

#[test]
fn a_second_archive_after_the_first() {
    let package = [plain().pack(), plain().pack()].concat();
    check(&package, "the package has data after its end");
}

#[test]
fn a_bomb_in_the_contents() {
    let bomb = Archive::default().file("zeros", &vec![0; 8 << 20]).pack();
    assert!(bomb.len() < 200);
    let limits = Limits::default().with_bytes(1 << 20);
    check_within(
        limits,
        &bomb,
        "the package has more than 1048576 bytes when decompressed",
    );
}

#[test]
fn a_bomb_before_the_first_file() {
    let mut bomb = Archive::default();
    for _ in 0..2000 {
        bomb = bomb.extended(b'g', &pax("comment", &"x".repeat(4000)));
    }
    let limits = Limits::default().with_bytes(1 << 20);
    check_within(
        limits,
        &bomb.pack(),
        "the package has more than 1048576 bytes when decompressed",
    );
}

#[test]
fn a_bomb_after_the_end() {
    let mut bomb = plain().end();
    bomb.0.resize(8 << 20, 0);
    let limits = Limits::default().with_bytes(1 << 20);
    let message = "the package has more than 1048576 bytes when decompressed";
    check_within(limits, &compress(&bomb.0), message);
}

#[test]
fn a_header_that_promises_more_than_there_is() {
    let lie = Header {
        size: 7 << 30,
        ..file("a", 0)
    };
    check(
        &Archive::default().header(&lie).pack(),
        "the package is truncated",
    );
}

#[test]
fn an_extended_header_of_gigabytes() {
    for kind in [b'L', b'K', b'x', b'g'] {
        let lie = Header {
            kind,
            size: 2 << 30,
            ..file("long", 0)
        };
        let message = "the package is corrupt: an extended header has more than 18432 bytes";
        check(&Archive::default().header(&lie).pack(), message);
    }
}

#[test]
fn too_many_entries() {
    let mut archive = Archive::default();
    for number in 0..20 {
        archive = archive.file(&number.to_string(), b"");
    }
    let limits = Limits::default().with_entries(19);
    check_within(
        limits,
        &archive.pack(),
        "the package has more than 19 entries",
    );
}

#[test]
fn too_many_directories() {
    let mut archive = Archive::default();
    for number in 0..5 {
        archive = archive.file(&format!("{number}/b/c/d/e"), b"");
    }
    let limits = Limits::default().with_entries(24);
    let message = "the package has more than 24 entries";
    check_within(limits, &archive.clone().pack(), message);
    let target = super::archive::Target::new();
    let limits = Limits::default().with_entries(25);
    super::archive::unpack(&archive.pack(), limits, &target).unwrap();
}

#[test]
fn too_many_extended_headers() {
    let mut archive = Archive::default();
    for _ in 0..70 {
        archive = archive.extended(b'g', &pax("comment", "x"));
    }
    let limits = Limits::default().with_entries(20);
    check_within(
        limits,
        &archive.pack(),
        "the package has more than 20 entries",
    );
}

#[test]
fn a_size_in_an_extended_header() {
    for key in [
        "size",
        "GNU.sparse.size",
        "GNU.sparse.name",
        "SCHILY.realsize",
    ] {
        let archive = Archive::default()
            .extended(b'x', &pax(key, "1"))
            .file("a", b"contents");
        let message = format!(
            "the package's entry `(pax)` claims its size or name by the extended header `{key}`, which is \
             not supported"
        );
        check(&archive.pack(), &message);
    }
}

#[test]
fn a_name_for_all_entries() {
    let archive = Archive::default()
        .extended(b'g', &pax("path", "../a"))
        .file("a", b"contents");
    let message = "the package's entry `(pax)` claims its size or name by the extended header `path`, which is not supported";
    check(&archive.pack(), message);
}

#[test]
fn extended_headers_that_contradict_each_other() {
    let archive = Archive::default()
        .extended(b'L', b"one\0")
        .extended(b'x', &pax("path", "two"))
        .file("a", b"contents");
    check(
        &archive.pack(),
        "the package is corrupt: an entry has two long names",
    );
    let archive = plain().extended(b'L', b"nothing\0");
    check(
        &archive.pack(),
        "the package is corrupt: a long name belongs to no entry",
    );
    let archive = Archive::default()
        .extended(b'x', b"99999999999999999999 path=a\n")
        .file("a", b"");
    check(
        &archive.pack(),
        "the package is corrupt: an extended header is not one of pax",
    );
}
