//! Files of every kind.

use std::fs;

use autotest_core::Description;
use autotest_meta::Suite;
use autotest_package::{Content, Packing};
use expect_test::expect;
use object::{Architecture, Endianness};

use crate::made::{archive, elf, sections};

const MAIN: &str = "{\"v\":1,\"main\":\"board\"}\n";
const PING: &str =
    "{\"v\":1,\"name\":\"ping\",\"module\":\"board::net\",\"file\":\"src/net.rs\",\"line\":3}\n";
const COPY: &str =
    "{\"v\":1,\"name\":\"copy\",\"module\":\"disk\",\"file\":\"src/disk.rs\",\"line\":7}\n";

#[track_caller]
fn check(file: &[u8], architecture: &str, ids: &[&str]) {
    let suite = Suite::of_bytes(file).unwrap();
    assert_eq!(suite.architecture, architecture);
    let found: Vec<&str> = suite.tests.iter().map(|test| test.id.as_str()).collect();
    assert_eq!(found, ids);
    let piecemeal = Suite::of_reader(std::io::Cursor::new(file)).unwrap();
    assert_eq!(piecemeal, suite);
}

#[test]
fn every_architecture_class_and_byte_order_is_read() {
    use Architecture::*;
    use Endianness::{Big, Little};
    let text = format!("{MAIN}{PING}{COPY}");
    for (architecture, endian, name) in [
        (X86_64, Little, "x86_64"),
        (I386, Little, "i686"),
        (Aarch64, Little, "aarch64"),
        (Aarch64, Big, "aarch64_be"),
        (Arm, Little, "arm"),
        (Arm, Big, "armeb"),
        (PowerPc, Big, "powerpc"),
        (PowerPc64, Big, "powerpc64"),
        (PowerPc64, Little, "powerpc64le"),
        (Mips, Big, "mips"),
        (Mips64, Big, "mips64"),
        (S390x, Big, "s390x"),
        (Riscv32, Little, "riscv32"),
        (Riscv64, Little, "riscv64"),
        (LoongArch64, Little, "loongarch64"),
        (Sparc64, Big, "sparc64"),
        (Bpf, Little, "ELF machine 247"),
    ] {
        check(
            &elf(architecture, endian, &text),
            name,
            &["disk::copy", "net::ping"],
        );
    }
}

#[test]
fn the_sections_of_an_object_file_belong_together() {
    let parts = [
        ("autotest_meta", PING),
        ("other", "{\"v\":2}"),
        ("autotest_meta", COPY),
    ];
    let file = sections(Architecture::X86_64, Endianness::Little, &parts);
    check(&file, "x86_64", &["board::net::ping", "disk::copy"]);
}

#[test]
fn zeros_between_sections_are_skipped() {
    let text = format!("\0\0\0{PING}\0{COPY}\0\0");
    let file = elf(Architecture::X86_64, Endianness::Little, &text);
    check(&file, "x86_64", &["board::net::ping", "disk::copy"]);
}

/// Its members begin at even offsets only, so that an ELF header is not aligned.
#[test]
fn the_members_of_a_library_belong_together() {
    let member = |text| elf(Architecture::Arm, Endianness::Little, text);
    let library = archive(&[
        ("lib.rmeta", b"rust"),
        ("one.o", &member(PING)),
        ("empty.o", &member("")),
        ("two.o", &member(COPY)),
    ]);
    check(&library, "arm", &["board::net::ping", "disk::copy"]);
}

#[test]
fn joined_libraries_have_the_tests_of_an_executable_that_links_them() {
    let dir = tempfile::tempdir().unwrap();
    let library = |name: &str, records: &str| {
        let path = dir.path().join(name);
        let member = elf(Architecture::Arm, Endianness::Little, records);
        fs::write(&path, archive(&[("one.o", &member)])).unwrap();
        Suite::of_library(&path).unwrap()
    };
    let site = |more: &str| {
        let of_site = PING.replace("\"ping\"", "\"board::net::ping\"");
        let more = format!("\"verbatim\":true,\"site\":true,{more}\"file\":\"site.rs\"");
        of_site.replace("\"file\":\"src/net.rs\"", &more)
    };
    let ids = |libraries: &[Suite]| {
        let joined = Suite::joined(libraries.to_vec(), "bvt", Some("!slow")).unwrap();
        let told = |test: &Description| format!("{} {}", test.id, test.file);
        joined.tests.iter().map(told).collect::<Vec<_>>()
    };
    let empty = library("empty.rlib", "");
    let base = library("base.rlib", &format!("{PING}{COPY}"));
    let ours = library("site.rlib", &site(""));
    assert_eq!(
        ids(&[ours, base.clone(), empty]),
        ["board::net::ping site.rs", "disk::copy src/disk.rs"]
    );
    // The version of the site replaces the other one before the expression selects.
    let slow = library("slow.rlib", &site("\"attributes\":[\"slow\"],"));
    assert_eq!(ids(&[base.clone(), slow]), ["disk::copy src/disk.rs"]);
    // One that is not of this suite replaces nothing.
    let other = library("other.rlib", &site("\"suites\":[\"nightly\"],"));
    assert_eq!(
        ids(&[base, other]),
        ["board::net::ping src/net.rs", "disk::copy src/disk.rs"]
    );
}

#[test]
fn a_package_has_the_tests_of_its_executable() {
    let dir = tempfile::tempdir().unwrap();
    let text = format!("{MAIN}{PING}{COPY}");
    let executable = elf(Architecture::S390x, Endianness::Big, &text);
    let packing = |executable: Vec<u8>| {
        let target = "s390x-unknown-linux-gnu";
        let packing = Packing::new("board", "1.2.0", target, Content::Bytes(executable));
        packing.write_into(dir.path()).unwrap().0
    };
    let package = packing(executable.clone());
    let suite = Suite::of_file(&package).unwrap();
    assert_eq!(suite, Suite::of_bytes(&executable).unwrap());
    let mut damaged = fs::read(&package).unwrap();
    damaged.truncate(40);
    let path = dir.path().join("damaged.tar.bz2");
    fs::write(&path, damaged).unwrap();
    let problem = Suite::of_file(&path).unwrap_err().problem.to_string();
    expect!["it is no package of a suite: the package is truncated"].assert_eq(&problem);
    let script = packing(b"#!/bin/sh".to_vec());
    let problem = Suite::of_file(&script).unwrap_err().problem.to_string();
    expect!["it is neither an ELF file nor a package: give the path of a test binary or a package"]
        .assert_eq(&problem);
}
