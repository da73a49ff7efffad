//! What the files that a report reads and writes may be.

use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use super::{empty, job, report};

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
