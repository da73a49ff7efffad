//! The fleet of the examples: suites built, packed, described without being run, unpacked and run.
//!
//! With `AUTOTEST_FLEET=1`, also in a second directory, and for another architecture; that takes minutes.

mod crates;
mod elsewhere;
mod refused;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use expect_test::expect;
use serde_json::Value;

use super::host_tool::{cargo, empty, root, run, run_in, tool};
use super::own_crate::home;

fn fleet() -> PathBuf {
    root().join("examples/fleet")
}

/// Two builds at once would wait for each other's locks, and tell so.
static BUILDING: Mutex<()> = Mutex::new(());

/// Builds a suite of a workspace. Returns what `--format json` prints.
#[track_caller]
fn build(workspace: &Path, args: &[&str], variables: &[(&str, &Path)]) -> Value {
    let _alone = BUILDING
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let mut tool = tool(workspace);
    tool.arg("build").args(args).args(["--format", "json"]);
    tool.envs(variables.iter().copied());
    let built = tool.output().unwrap();
    let stderr = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{stderr}");
    serde_json::from_slice(&built.stdout).unwrap()
}

/// The suite `bvt` of the fleet, into a directory.
#[track_caller]
fn bvt(output: &Path) -> Value {
    build(
        &fleet(),
        &["bvt", "--output", output.to_str().unwrap()],
        &[],
    )
}

fn package(built: &Value) -> PathBuf {
    PathBuf::from(built["package"].as_str().unwrap())
}

/// The packages of the fleet are in its own lock file, with the versions of this workspace: what is tested here is
/// what is built there.
#[test]
fn the_fleet_has_the_versions_of_this_workspace() {
    let ours = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let theirs = fs::read_to_string(fleet().join("Cargo.lock")).unwrap();
    for package in theirs.split("[[package]]").skip(1) {
        let mut lines = package.trim().lines();
        let (name, version) = (lines.next().unwrap(), lines.next().unwrap());
        let is_downloaded = package.contains("\nsource = ");
        assert!(
            !is_downloaded || ours.contains(&format!("{name}\n{version}\n")),
            "{name} {version}: copy the versions of Cargo.lock to examples/fleet/Cargo.lock"
        );
    }
}

#[test]
fn a_package_has_everything_and_runs_where_it_is_unpacked() {
    let (_dir, dir) = empty();
    let built = bvt(&dir);
    assert_eq!(built["tests"], 10);
    let package = package(&built);
    assert_eq!(package.parent(), Some(dir.as_path()));
    let Some(unpacked) = unpacked(&package, &dir) else {
        return;
    };
    let mut names: Vec<String> = fs::read_dir(&unpacked)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let expected = [
        "addresses.csv",
        "bvt",
        "images",
        "licenses",
        "manifest.json",
        "run",
    ];
    assert_eq!(names, expected);
    let licenses = fs::read_to_string(unpacked.join("licenses/packages.txt")).unwrap();
    for of in [
        "autotest-runtime 0.1.0 ",
        "libc 0.2.",
        "net-tests 1.2.0 ",
        "rust 1.",
    ] {
        assert!(licenses.contains(&format!("\n{of}")), "{licenses}");
    }
    is_static(&unpacked.join("bvt"));
    runs(&unpacked, &[]);
}

/// Unpacks a package as a user does, below a directory; `None` if there is no tar for that here.
fn unpacked(package: &Path, dir: &Path) -> Option<PathBuf> {
    let unpacked = dir.join("unpacked");
    fs::create_dir(&unpacked).unwrap();
    let mut tar = Command::new("tar");
    let done = tar.arg("xf").arg(package).arg("-C").arg(&unpacked).status();
    if !done.is_ok_and(|status| status.success()) {
        println!("left out: tar cannot unpack a .tar.bz2 here");
        return None;
    }
    Some(unpacked)
}

/// It names no program that would load it.
#[track_caller]
fn is_static(executable: &Path) {
    let bytes = fs::read(executable).unwrap();
    let has = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(!has(b"/ld-linux") && !has(b"/ld-musl"), "it is dynamic");
    assert!(!has(b"/home/") && !has(root().to_str().unwrap().as_bytes()));
}

/// Runs a package by its script, from another directory.
#[track_caller]
fn runs(unpacked: &Path, args: &[&str]) {
    let (_elsewhere, elsewhere) = empty();
    let mut script = Command::new(unpacked.join("run"));
    script.args(args).current_dir(&elsewhere);
    let ran = run(&mut script, &elsewhere).expect_code(0);
    let names = ran.stdout.lines().filter(|line| line.contains(" ... ok"));
    assert_eq!(names.count(), 10, "{}", ran.stdout);
    assert!(elsewhere.join("autotest-results/bvt").is_dir());
}

#[test]
fn a_package_is_read_without_running_it() {
    let (_dir, dir) = empty();
    let package = package(&bvt(&dir));
    let package = package.to_str().unwrap();
    let read = |args: &[&str]| run_in(&dir, args).expect_code(0).stdout;
    expect![[r#"
        net_tests::addresses::are_as_in_the_table
        net_tests::tcp::echoes::bytes_1
        net_tests::tcp::echoes::bytes_1400
        net_tests::tcp::echoes::bytes_65536
        net_tests::tun::interface_can_be_made
        storage_tests::files::keep_modes::private
        storage_tests::files::keep_modes::program
        storage_tests::files::keep_modes::shared
        storage_tests::files::survive_a_rename
        storage_tests::image::CopyImage
    "#]]
    .assert_eq(&read(&["list", package]));
    let image = "storage_tests::image::CopyImage";
    expect![[r#"
        storage_tests::image::CopyImage
            An image can be copied, and the copy is the same.

        at storage-tests/src/image.rs:12
        phases: setup, run_once
        version: 1
        suites: bvt
        iterations: 2
        data files: images/pattern.bin
    "#]]
    .assert_eq(&read(&["describe", image, package]));
    let job = fleet().join("nightly.json").display().to_string();
    expect![[r#"
        group network
          net_tests::tcp::echoes::bytes_1 timeout=10s
          net_tests::addresses::are_as_in_the_table
        storage_tests::files::survive_a_rename tag=after
    "#]]
    .assert_eq(&read(&["check", &job, package]));
    // The same of the executable, which is somewhere below the target directory.
    let described = read(&["describe", "--format", "json", image, package]);
    let described: Value = serde_json::from_str(&described).unwrap();
    assert_eq!(described["data"], serde_json::json!(["images/pattern.bin"]));
}

#[test]
fn built_again_a_package_is_the_same() {
    let (_dir, dir) = empty();
    let (one, other) = (dir.join("one"), dir.join("other"));
    let built = bvt(&one);
    let first = fs::read(package(&built)).unwrap();
    forget_what_is_built(built["target"].as_str().unwrap());
    let second = fs::read(package(&bvt(&other))).unwrap();
    assert!(first == second, "two builds differ");
}

/// Lets Cargo compile and link the crates of the suite again.
fn forget_what_is_built(target: &str) {
    let _alone = BUILDING
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let built = home("host-tool").join(target).join("autotest-suite");
    for entry in fs::read_dir(built.join(".fingerprint"))
        .into_iter()
        .flatten()
    {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let crates = ["net-tests-", "storage-tests-", "autotest-suite-bvt-"];
        if crates.iter().any(|of| name.starts_with(of)) {
            fs::remove_dir_all(path).unwrap();
        }
    }
}

/// Copies the fleet, with the framework where it is.
fn copied(dir: &Path) -> PathBuf {
    let copy = dir.join("fleet");
    for entry in super::binary::walk(&fleet()) {
        let (from, to) = (fleet().join(&entry), copy.join(&entry));
        if entry.starts_with("target/") {
            continue;
        }
        match from.is_dir() {
            true => fs::create_dir_all(to).unwrap(),
            false => {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(from, to).map(drop).unwrap();
            }
        }
    }
    let manifest = fs::read_to_string(copy.join("Cargo.toml")).unwrap();
    let manifest = manifest.replace("../..", root().to_str().unwrap());
    fs::write(copy.join("Cargo.toml"), manifest).unwrap();
    copy
}

#[test]
fn the_fleet_is_an_ordinary_workspace() {
    let ran = run(
        cargo(&fleet()).args(["test", "--quiet", "--locked"]),
        &fleet(),
    )
    .expect_code(0);
    assert_eq!(
        ran.stdout.matches("\ntest result: ok. ").count(),
        2,
        "{}",
        ran.stdout
    );
}

#[test]
fn the_tests_of_the_workspace_are_listed_by_binary() {
    let listed = run_in(&fleet(), &["list"]).expect_code(0);
    expect![[r#"
        net-tests: test all:
          net_tests::addresses::are_as_in_the_table
          net_tests::tcp::echoes::bytes_1
          net_tests::tcp::echoes::bytes_1400
          net_tests::tcp::echoes::bytes_65536
          net_tests::tcp::throughput
          net_tests::tun::interface_can_be_made
        storage-tests: test all:
          storage_tests::files::can_be_many
          storage_tests::files::keep_modes::private
          storage_tests::files::keep_modes::program
          storage_tests::files::keep_modes::shared
          storage_tests::files::survive_a_rename
          storage_tests::image::CopyImage
          storage_tests::speed::write_speed
    "#]]
    .assert_eq(&listed.stdout);
    assert_eq!(listed.stderr, "");
    let suites = run_in(&fleet(), &["list", "--suites"]).expect_code(0);
    expect![[r#"
        bvt: Whether a new image can be used at all; takes seconds (net-tests, storage-tests)
        perf: How fast network and storage are (net-tests, storage-tests)
    "#]]
    .assert_eq(&suites.stdout);
    let described = ["describe", "storage_tests::files::keep_modes::private"];
    expect![[r#"
        storage_tests::files::keep_modes::private
            Files have the modes that they are given.

        at storage-tests/src/files.rs:23
        phases: run_once
        version: 0
        suites: bvt

        parameters:
          mode: u32 = 0o600 (this case)
              declared by run_once
    "#]]
    .assert_eq(&run_in(&fleet(), &described).expect_code(0).stdout);
}
