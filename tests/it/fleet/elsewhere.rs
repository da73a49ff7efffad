//! Packages that are built in another directory, or for another architecture. That takes minutes.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::super::host_tool::{empty, run};
use super::{build, bvt, copied, fleet, package, unpacked};

fn has_time() -> bool {
    let has_time = std::env::var_os("AUTOTEST_FLEET").is_some();
    if !has_time {
        println!("left out: it takes minutes; AUTOTEST_FLEET=1 includes it");
    }
    has_time
}

#[test]
fn a_package_does_not_depend_on_the_directory() {
    if !has_time() {
        return;
    }
    let (_dir, dir) = empty();
    let here = fs::read(package(&bvt(&dir.join("here")))).unwrap();
    let copy = copied(&dir);
    let target = dir.join("another-target");
    let output = dir.join("there");
    let args = ["bvt", "--output", output.to_str().unwrap()];
    let there = build(&copy, &args, &[("CARGO_TARGET_DIR", &target)]);
    let there = fs::read(package(&there)).unwrap();
    assert!(here == there, "packages of two directories differ");
}

#[test]
fn a_package_for_another_architecture_runs_under_an_emulator() {
    if !has_time() {
        return;
    }
    const TARGET: &str = "aarch64-unknown-linux-musl";
    let emulator = Command::new("qemu-aarch64-static")
        .arg("--version")
        .output();
    if emulator.is_err() {
        println!("left out: qemu-aarch64-static is not installed");
        return;
    }
    let libdir = ["--print", "target-libdir", "--target", TARGET];
    let libdir = Command::new("rustc").args(libdir).output().unwrap().stdout;
    if !Path::new(String::from_utf8(libdir).unwrap().trim()).is_dir() {
        println!("left out: {TARGET} is not installed");
        return;
    }
    let (_dir, dir) = empty();
    let args = ["bvt", "--target", TARGET, "--output", dir.to_str().unwrap()];
    let built = build(&fleet(), &args, &[]);
    assert_eq!(built["tests"], 10);
    let Some(unpacked) = unpacked(&package(&built), &dir) else {
        return;
    };
    let mut emulated = Command::new("qemu-aarch64-static");
    emulated.arg(unpacked.join("bvt")).current_dir(&dir);
    let ran = run(&mut emulated, &dir).expect_code(0);
    assert!(
        ran.stdout.contains("\ntest result: ok. 10 passed"),
        "{}",
        ran.stdout
    );
}
