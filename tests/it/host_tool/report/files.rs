//! What the files that a report reads and writes may be.

use std::fs::{self, Permissions};
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use expect_test::expect;

use super::super::{program, run, tool};
use super::{Ran, empty, job, report};

#[test]
fn a_pipe_gets_the_report_and_stays() {
    let (_dir, home) = empty();
    job(&home, "job", "selected", &["net::ping"]);
    for (flag, begins) in [
        ("--html", "<!DOCTYPE html>"),
        ("--trace", "{"),
        ("--junit", "<?xml"),
    ] {
        let pipe = home.join(format!("pipe{flag}"));
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let reader = Command::new("cat")
            .arg(&pipe)
            .stdout(Stdio::piped())
            .spawn();
        let pipe = pipe.to_str().unwrap();
        report(&home, &["job", flag, pipe]).expect_code(0);
        assert!(fs::metadata(pipe).unwrap().file_type().is_fifo(), "{flag}");
        let read = reader.unwrap().wait_with_output().unwrap();
        let read = String::from_utf8(read.stdout).unwrap();
        assert!(read.starts_with(begins), "{flag}: {read}");
    }
}

#[test]
fn standard_output_gets_the_report() {
    let (_dir, home) = empty();
    job(&home, "job", "selected", &["net::ping"]);
    // A link to standard output, as `/dev/stdout` is, but in a directory where it can do no harm.
    symlink("/proc/self/fd/1", home.join("stdout")).unwrap();
    let args = ["job", "--format", "tap", "--trace", "stdout"];
    let ran = report(&home, &args).expect_code(0);
    assert!(ran.stdout.contains("\"traceEvents\""), "{}", ran.stdout);
    let link = fs::read_link(home.join("stdout")).unwrap();
    assert_eq!(link, Path::new("/proc/self/fd/1"));
}

#[test]
fn standard_output_that_is_a_file_gets_the_report() {
    let (_dir, home) = empty();
    job(&home, "job", "selected", &["net::ping"]);
    symlink("/proc/self/fd/1", home.join("stdout")).unwrap();
    let all = fs::File::create(home.join("all")).unwrap();
    let mut command = tool(&home);
    command.args(["report", "job", "--format", "tap", "--trace", "stdout"]);
    assert!(command.stdout(all).status().unwrap().success());
    let all = fs::read_to_string(home.join("all")).unwrap();
    assert!(
        all.contains("\"traceEvents\"") && all.contains("ok 1"),
        "{all}"
    );
}

#[test]
fn a_link_is_followed_to_the_file_that_is_replaced() {
    let (_dir, home) = empty();
    job(&home, "job", "selected", &["net::ping"]);
    fs::create_dir(home.join("site")).unwrap();
    fs::write(home.join("site/old.html"), "old").unwrap();
    symlink("site/old.html", home.join("there.html")).unwrap();
    symlink("site/new.html", home.join("missing.html")).unwrap();
    symlink("missing.html", home.join("twice.html")).unwrap();
    for (link, file) in [("there.html", "old.html"), ("twice.html", "new.html")] {
        report(&home, &["job", "--html", link]).expect_code(0);
        assert!(home.join(link).is_symlink(), "{link}");
        let page = fs::read_to_string(home.join("site").join(file)).unwrap();
        assert!(page.starts_with("<!DOCTYPE html>"), "{link}: {page}");
    }
    assert_eq!(fs::read_dir(home.join("site")).unwrap().count(), 2);
}

/// Runs the tool as a user without the rights of root.
fn as_nobody(home: &Path, args: &[&str]) -> Option<Ran> {
    if !rustix::process::geteuid().is_root() {
        return Some(run(tool(home).args(args), home));
    }
    fs::set_permissions(home, Permissions::from_mode(0o777)).unwrap();
    let copied = Command::new("cp")
        .arg(program())
        .arg(home.join("tool"))
        .status();
    assert!(copied.unwrap().success());
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "./tool"]);
    let ran = run(command.args(args).current_dir(home), home);
    if ran.stderr.starts_with("setpriv:") {
        println!("left out: {}", ran.stderr);
        return None;
    }
    Some(ran)
}

#[test]
fn what_may_not_be_read_is_left_out_and_the_rest_is_merged() {
    let (_dir, home) = empty();
    for shard in ["1/2", "2/2"] {
        let name = format!("shard-{}", &shard[..1]);
        job(&home, &name, "selected", &["--shard", shard]);
    }
    let run = home.join("shard-1/net.ping");
    let run = if run.is_dir() {
        run
    } else {
        home.join("shard-2/net.ping")
    };
    let hidden = [run.join("secret"), run.join("closed")];
    fs::write(&hidden[0], "secret").unwrap();
    fs::create_dir(&hidden[1]).unwrap();
    fs::write(hidden[1].join("file"), "").unwrap();
    fs::write(run.join("left"), "left").unwrap();
    for path in &hidden {
        fs::set_permissions(path, Permissions::from_mode(0o000)).unwrap();
    }
    let args = ["report", "shard-1", "shard-2", "--results", "merged"];
    let ran = as_nobody(&home, &args);
    // So that the directory can be removed.
    fs::set_permissions(&hidden[1], Permissions::from_mode(0o755)).unwrap();
    let Some(ran) = ran else { return };
    let ran = ran.expect_code(101);
    let mut notes: Vec<&str> = ran.stderr.lines().collect();
    notes.sort_unstable();
    let notes = notes.join("\n").replace("shard-2", "shard-1");
    expect![[r#"
        note: `[DIR]/shard-1/net.ping/closed` may not be read by this user, and was left out
        note: `[DIR]/shard-1/net.ping/secret` may not be read by this user, and was left out"#]]
    .assert_eq(&notes);
    let merged = home.join("merged/net.ping");
    assert_eq!(fs::read_to_string(merged.join("left")).unwrap(), "left");
    assert!(!merged.join("secret").exists());
    assert!(merged.join("closed").is_dir());
}
