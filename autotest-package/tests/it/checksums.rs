//! `packages.checksum` and the checksums in it.

use std::fs;

use autotest_package::{Checksum, ChecksumList, Sha256Sum, record_checksum};

use super::archive::Target;

const MD5: &str = "0c9a4ed2d9a8f2e35a1f1d1bb40d5ea2";
const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[test]
fn known_sums() {
    assert_eq!(Sha256Sum::of("abc".as_bytes()).unwrap().to_string(), SHA256);
    let md5: Checksum = "900150983cd24fb0d6963f7d28e17f72".parse().unwrap();
    assert!(md5.is_of("abc".as_bytes()).unwrap());
    assert!(!md5.is_of("abd".as_bytes()).unwrap());
    let sha256: Checksum = SHA256.to_uppercase().parse().unwrap();
    assert!(sha256.is_of("abc".as_bytes()).unwrap());
    assert!(!sha256.is_of("abd".as_bytes()).unwrap());
}

#[test]
fn texts_that_are_no_checksums() {
    for text in [
        "",
        "abc",
        &SHA256[1..],
        &SHA256.replace('b', "g"),
        &format!("+{}", &MD5[1..]),
    ] {
        let error = text.parse::<Checksum>().unwrap_err().to_string();
        assert_eq!(
            error,
            "a checksum has 64 hexadecimal digits (sha256) or 32 (md5)"
        );
    }
}

#[test]
fn the_original_s_list_is_read_and_a_sha256_is_preferred() {
    let text = format!("{MD5} test-a.tar.bz2\n\n{MD5}  dep-b.tar.bz2\n{SHA256} *test-a.tar.bz2\n");
    let mut list = ChecksumList::parse(&text).unwrap();
    assert_eq!(list.best("test-a.tar.bz2").unwrap().to_string(), SHA256);
    assert_eq!(list.best("dep-b.tar.bz2").unwrap().to_string(), MD5);
    assert_eq!(list.best("test-c.tar.bz2"), None);
    let names: Vec<&str> = list.names().collect();
    assert_eq!(names, ["test-a.tar.bz2", "dep-b.tar.bz2", "test-a.tar.bz2"]);

    list.set("dep-b.tar.bz2", SHA256.parse().unwrap());
    let lines = format!("{MD5} test-a.tar.bz2\n{SHA256} test-a.tar.bz2\n{SHA256} dep-b.tar.bz2\n");
    assert_eq!(list.to_string(), lines);
    assert_eq!(ChecksumList::parse(&lines).unwrap(), list);
}

#[test]
fn lines_that_are_none() {
    for (text, line) in [
        (format!("{MD5} a\nnonsense\n"), 2),
        (format!("{MD5}\n"), 1),
        (format!("\n{MD5} ../a\n"), 2),
        (format!("{MD5}0 a\n"), 1),
    ] {
        let error = ChecksumList::parse(&text).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("line {line} is not a checksum and the name of a file")
        );
    }
}

#[test]
fn a_sidecar_is_a_checksum_with_or_without_the_name() {
    for text in [
        MD5.to_owned(),
        format!("{MD5}  a.tar.bz2\n"),
        format!("\n{MD5}\n"),
    ] {
        assert_eq!(ChecksumList::parse_sidecar(&text).unwrap().to_string(), MD5);
    }
    assert!(ChecksumList::parse_sidecar("a.tar.bz2").is_err());
}

#[test]
fn a_package_is_recorded_in_the_list_of_its_directory() {
    let target = Target::new();
    let package = target.path().join("test-a.tar.bz2");
    let list = target.path().join("packages.checksum");
    fs::write(&package, "abc").unwrap();
    record_checksum(&package).unwrap();
    assert_eq!(
        fs::read_to_string(&list).unwrap(),
        format!("{SHA256} test-a.tar.bz2\n")
    );
    fs::write(
        &list,
        format!("{MD5} test-a.tar.bz2\n{MD5} dep-b.tar.bz2\n"),
    )
    .unwrap();
    assert_eq!(record_checksum(&package).unwrap().to_string(), SHA256);
    let lines = format!("{MD5} dep-b.tar.bz2\n{SHA256} test-a.tar.bz2\n");
    assert_eq!(fs::read_to_string(&list).unwrap(), lines);
    assert_eq!(
        target.names(),
        ["packages.checksum", "test-a.tar.bz2", "there"]
    );
}

#[test]
fn a_list_that_cannot_be_read_is_not_replaced() {
    let target = Target::new();
    let package = target.path().join("test-a.tar.bz2");
    fs::write(&package, "abc").unwrap();
    fs::write(target.path().join("packages.checksum"), "nonsense\n").unwrap();
    let error = record_checksum(&package).unwrap_err().to_string();
    assert_eq!(
        error,
        "`packages.checksum`: line 1 is not a checksum and the name of a file"
    );
    let list = fs::read_to_string(target.path().join("packages.checksum")).unwrap();
    assert_eq!(list, "nonsense\n");
}
