//! What is not packed, and why.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::expect;

use super::super::host_tool::{Ran, empty, run, run_in, tool};
use super::{BUILDING, copied, fleet};

#[test]
fn a_suite_without_one_of_its_files_is_not_packed() {
    let (_dir, dir) = empty();
    let copy = copied(&dir);
    let missing = copy.join("net-tests/data/addresses.csv");
    fs::rename(&missing, copy.join("net-tests/data/moved.csv")).unwrap();
    let ran = build_fails(&copy);
    expect![[r#"
        1: the test `net_tests::addresses::are_as_in_the_table` needs the data file `addresses.csv`, and `[DIR]/net-tests/data/addresses.csv` is no file
    "#]].assert_eq(&ran);
    // Two crates with one path.
    fs::write(&missing, "address,kind\n").unwrap();
    fs::create_dir_all(copy.join("net-tests/data/images")).unwrap();
    fs::write(copy.join("net-tests/data/images/spare.bin"), "other").unwrap();
    let manifest = fs::read_to_string(copy.join("Cargo.toml")).unwrap();
    let manifest = manifest.replace(
        "attr = \"!slow\"\n",
        "attr = \"!slow\"\ndata = [\"images\"]\n",
    );
    fs::write(copy.join("Cargo.toml"), &manifest).unwrap();
    expect![[r#"
        1: the data file `images/spare.bin` is in two crates, with different content: `[DIR]/net-tests/data/images/spare.bin` and `[DIR]/storage-tests/data/images/spare.bin`; rename one
    "#]].assert_eq(&build_fails(&copy));
    fs::remove_dir_all(copy.join("net-tests/data/images")).unwrap();
    let manifest = manifest.replace("data = [\"images\"]", "data = [\"imagse\"]");
    fs::write(copy.join("Cargo.toml"), &manifest).unwrap();
    expect![[r#"
        3: [DIR]/Cargo.toml:19:9: no crate of the suite has `data/imagse`
    "#]]
    .assert_eq(&build_fails(&copy));
}

#[test]
fn a_suite_without_tests_is_not_packed() {
    let (_dir, dir) = empty();
    let copy = copied(&dir);
    let manifest = fs::read_to_string(copy.join("Cargo.toml")).unwrap();
    let none = manifest.replace("attr = \"!slow\"", "attr = \"no-such-attribute\"");
    fs::write(copy.join("Cargo.toml"), none).unwrap();
    expect![[r#"
        1: the suite `bvt` has no tests; does `attr` select any, and do its crates name the suite?
    "#]]
    .assert_eq(&build_fails(&copy));
    let wrong = manifest.replace("attr = \"!slow\"", "attr = \"slow &&\"");
    fs::write(copy.join("Cargo.toml"), wrong).unwrap();
    expect![[r#"
        3: [DIR]/Cargo.toml:18:8: expected the name of an attribute, found the end at column 8
            slow &&
                   ^
    "#]]
    .assert_eq(&build_fails(&copy));
}

/// Loses a test: its record is that of another one afterwards.
const LOSES_A_TEST: &str = r#"
"$cc" "$@" || exit
while [ "$1" != -o ]; do shift; done
objcopy -O binary --only-section=autotest_meta "$2" "$2.meta"
sed -i 's/"name":"survive_a_rename"/"name":"survive_a_remane"/' "$2.meta"
objcopy --update-section autotest_meta="$2.meta" "$2"
"#;

/// Makes a program that its libraries are loaded into.
const IS_DYNAMIC: &str = r#"
while [ "$1" != -o ]; do shift; done
cp /bin/sh "$2"
"#;

#[test]
fn a_suite_that_lacks_a_test_of_its_crates_is_not_packed() {
    if Command::new("objcopy").arg("--version").output().is_err() {
        println!("left out: objcopy is not installed");
        return;
    }
    let (_dir, dir) = empty();
    let copy = copied(&dir);
    expect![[r#"
        1: the executable lacks 1 of the tests that its crates declare: `storage_tests::files::survive_a_rename`; the linker has dropped them, so look for linker options in Cargo's configuration and in `build.rs`
    "#]].assert_eq(&linked_by(&dir, &copy, LOSES_A_TEST));
}

#[test]
fn an_executable_that_is_not_static_is_not_packed() {
    let (_dir, dir) = empty();
    let copy = copied(&dir);
    let told = linked_by(&dir, &copy, IS_DYNAMIC);
    expect![[r#"
        1: the executable is not static, but needs `/lib64/ld-linux-x86-64.so.2` on the target; look for `crt-static` and `-dynamic-linker` in Cargo's configuration and RUSTFLAGS
    "#]].assert_eq(&told);
}

/// What is told of a suite that another linker links: this script, in the place of `cc`. (A linker that Cargo is
/// told of would make it compile everything again.)
#[track_caller]
fn linked_by(dir: &Path, workspace: &Path, script: &str) -> String {
    let path = std::env::var_os("PATH").unwrap();
    let mut dirs = std::env::split_paths(&path);
    let cc = dirs
        .find(|dir| dir.join("cc").is_file())
        .unwrap()
        .join("cc");
    let others = "case \"$*\" in *autotest_suite_bvt*) ;; *) exec \"$cc\" \"$@\" ;; esac";
    let script = format!("#!/bin/sh\ncc='{}'\n{others}\n{script}", cc.display());
    let bin = dir.join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("cc"), script).unwrap();
    fs::set_permissions(bin.join("cc"), fs::Permissions::from_mode(0o755)).unwrap();
    let dirs = [bin].into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(dirs).unwrap();
    build_fails_with(workspace, &[("PATH", Path::new(&path))])
}

#[test]
fn targets_that_cannot_be_built_are_told() {
    let mut told = String::new();
    for target in [
        "x86_64-unknown-linux-mulsh",
        "mips64-openwrt-linux-musl",
        "riscv64gc-unknown-linux-gnu",
    ] {
        let ran = run_in(&fleet(), &["build", "bvt", "--target", target]);
        told += &format!("{}: {}", ran.code.unwrap_or(-1), ran.stderr);
    }
    expect![[r#"
        2: error: rustc knows no target `x86_64-unknown-linux-mulsh`; did you mean `x86_64-unknown-linux-musl`?
        1: error: the standard library of mips64-openwrt-linux-musl is not installed; `rustup target add mips64-openwrt-linux-musl` installs it
        1: error: the standard library of riscv64gc-unknown-linux-gnu is not installed; `rustup target add riscv64gc-unknown-linux-gnu` installs it
    "#]].assert_eq(&told);
}

/// A cargo that is not of rustup sets no CARGO_HOME.
#[test]
fn a_linker_of_the_user_s_configuration_is_left_to_cargo() {
    let _alone = BUILDING
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let (_dir, dir) = empty();
    let copy = copied(&dir);
    let users = std::env::home_dir().unwrap();
    let home_of = |variable: &str, default: &str| {
        let home = std::env::var_os(variable).map(PathBuf::from);
        home.unwrap_or_else(|| users.join(default))
    };
    let cargo_home = dir.join("home/.cargo");
    fs::create_dir_all(&cargo_home).unwrap();
    let downloaded = home_of("CARGO_HOME", ".cargo").join("registry");
    symlink(downloaded, cargo_home.join("registry")).unwrap();
    let other = match cfg!(target_arch = "aarch64") {
        true => "x86_64-unknown-linux-musl",
        false => "aarch64-unknown-linux-musl",
    };
    let mut building = String::new();
    for linker in ["", "linker = \"users-ld\"\n"] {
        let config = format!("[target.{other}]\n{linker}");
        fs::write(cargo_home.join("config.toml"), config).unwrap();
        let mut tool = tool(&copy);
        tool.args(["build", "bvt", "--target", other, "--profile", "none"])
            .env_remove("CARGO_HOME")
            .env("RUSTUP_HOME", home_of("RUSTUP_HOME", ".rustup"))
            .env("HOME", dir.join("home"));
        let stderr = run(&mut tool, &dir).stderr;
        if stderr.contains("is not installed") {
            println!("left out: {stderr}");
            return;
        }
        let mut lines = stderr.lines();
        let found = lines.find(|line| line.starts_with("building"));
        building += found.unwrap_or(&stderr);
        building += "\n";
    }
    let (first, second) = building.split_once('\n').unwrap();
    assert!(first.contains(", linked by "), "{building}");
    let expected = format!("building the suite `bvt` for {other}\n");
    assert_eq!(second, expected);
}

/// What is told of a suite that cannot be packed, quickly built. Nothing is packed.
#[track_caller]
fn build_fails(workspace: &Path) -> String {
    build_fails_with(workspace, &[])
}

#[track_caller]
fn build_fails_with(workspace: &Path, variables: &[(&str, &Path)]) -> String {
    let _alone = BUILDING
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let mut tool = tool(workspace);
    tool.args(["build", "bvt", "--profile", "dev", "--output", "packages"]);
    tool.env("CARGO_TERM_QUIET", "true");
    tool.envs(variables.iter().copied());
    let Ran {
        code,
        stdout,
        stderr,
    } = run(&mut tool, workspace);
    assert_eq!(stdout, "", "{stderr}");
    assert!(!workspace.join("packages").exists());
    let errors = stderr.split_once("error: ").map_or("", |(_, error)| error);
    format!("{}: {errors}", code.unwrap_or(-1))
}
