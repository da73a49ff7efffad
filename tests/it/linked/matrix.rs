//! The same suites in many profiles and by several linkers: whatever a linker drops is noticed.
//!
//! Each way takes a build of all that the suites depend on, so that they are left out unless `AUTOTEST_LINKERS` is set.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Build, copy, list};
use crate::described;
use crate::own_crate;

const MUSL: &str = "x86_64-unknown-linux-musl";

/// Named although it is the host's: the flags would be those of the macros, too, which are no executables.
const GNU: &str = "x86_64-unknown-linux-gnu";

/// Name, profile, flags of the compiler, arguments of the linker, target.
type Way = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
);

const WAYS: [Way; 12] = [
    ("dev", "dev", "", "", None),
    ("release", "release", "", "", None),
    ("thin", "thin", "", "", None),
    ("fat, stripped", "fat", "", "", None),
    (
        "static",
        "dev",
        "-Ctarget-feature=+crt-static",
        "",
        Some(GNU),
    ),
    ("musl, fat, stripped", "fat", "", "", Some(MUSL)),
    ("gc", "release", "", "-Wl,--gc-sections", None),
    ("stripped", "release", "", "-Wl,--strip-all", None),
    ("bfd", "release", "", "-fuse-ld=bfd", None),
    ("gold", "release", "", "-fuse-ld=gold", None),
    (
        "lld",
        "release",
        "",
        "-fuse-ld=lld -Wl,-z,start-stop-gc",
        None,
    ),
    ("mold", "release", "", "-fuse-ld=mold", None),
];

/// Whether these tests are not to run; says so.
fn are_left_out() -> bool {
    let are_left_out = std::env::var_os("AUTOTEST_LINKERS").is_none();
    if are_left_out {
        eprintln!("left out: AUTOTEST_LINKERS is not set");
    }
    are_left_out
}

/// One test, since the ways share a directory.
#[test]
fn no_linker_drops_tests_unnoticed() {
    if are_left_out() {
        return;
    }
    let expected = list(&super::built().join("all"));
    for (name, profile, flags, link_args, target) in WAYS {
        if let Some(reason) = missing(link_args, target) {
            eprintln!("left out: {name} ({reason})");
            continue;
        }
        let build = Build {
            profile,
            flags,
            link_args,
            target,
            path: None,
        };
        let built = build
            .build()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(list(&built.join("all")), expected, "{name}");
        check_refused(&built.join("lacking"), "`left_out` has no test", name);
        described::check(Command::new(built.join("all")));
        println!(
            "{name}: {} tests, and the library without is refused",
            expected.len()
        );
    }
    check_dropped();
}

/// A linker that drops a library, and what keeps libraries from that.
fn check_dropped() {
    let dir = own_crate::home("linked").join("dropping");
    let linker = dir.join("cc");
    fs::create_dir_all(&dir).unwrap();
    fs::write(&linker, DROPPING).unwrap();
    fs::set_permissions(&linker, fs::Permissions::from_mode(0o755)).unwrap();
    let build = Build {
        profile: "release",
        link_args: "-Wl,--unresolved-symbols=ignore-all",
        path: Some(&dir),
        ..Build::default()
    };
    let built = build.build().unwrap_or_else(|error| panic!("{error}"));
    check_refused(
        &built.join("bvt"),
        "`storage_tests` has no test",
        "a dropped library",
    );
}

/// In the place of `cc`: leaves out one library, and the object that refers to all that must stay.
const DROPPING: &str = r#"#!/bin/sh
for arg; do
    shift
    case $arg in
    *libstorage_tests-*.rlib | */symbols.o) ;;
    *) set -- "$@" "$arg" ;;
    esac
done
PATH=${PATH#*:} exec cc "$@"
"#;

/// The registrations and the records of a library are counted: a record that is not its own any more is missed.
#[test]
fn a_part_of_a_library_that_is_lost_is_noticed() {
    let home = tempfile::tempdir().unwrap();
    let [damaged, binary] = ["damaged", "all"].map(|name| home.path().join(name));
    let mut bytes = fs::read(super::built().join("all")).unwrap();
    let record = b"\"name\":\"mounts\",\"module\":\"storage_tests\"";
    let at = bytes
        .windows(record.len())
        .position(|window| window == record);
    bytes[at.unwrap() + record.len() - 2] = b'x';
    fs::write(&damaged, bytes).unwrap();
    fs::set_permissions(&damaged, fs::Permissions::from_mode(0o755)).unwrap();
    copy(&damaged, &binary);
    check_refused(
        &binary,
        "`storage_tests`: its tests, control functions, hooks and profilers have 1 record in this binary, but 2 registrations;",
        "a lost record",
    );
}

fn check_refused(binary: &Path, error: &str, name: &str) {
    let output = Command::new(binary).arg("--list").output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{name}: {stderr}");
    assert!(stderr.contains(error), "{name}: {stderr}");
}

/// Why this way cannot be tried here.
fn missing(link_args: &str, target: Option<&str>) -> Option<String> {
    let linker = link_args
        .split_whitespace()
        .find_map(|arg| arg.strip_prefix("-fuse-ld="));
    if let Some(linker) = linker {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut places = std::env::split_paths(&path).map(|dir| dir.join(format!("ld.{linker}")));
        return (!places.any(|place: PathBuf| place.exists()))
            .then(|| format!("ld.{linker} is not installed"));
    }
    let target = target?;
    let libdir = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", target])
        .output()
        .unwrap();
    let libdir = String::from_utf8(libdir.stdout).unwrap();
    (!Path::new(libdir.trim()).exists()).then(|| format!("rustup target add {target}"))
}
