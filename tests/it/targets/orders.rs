//! Orders to end a job or to leave it, while the job starts, the connection is lost, or another target is.

use std::fs;

use super::Lab;
use super::lab::send;

/// A job that takes a few seconds.
const LONG: &[&str] = &["--", "--iterations", "10"];

#[test]
fn after_an_order_nobody_takes_over_tests() {
    let lab = Lab::new();
    let path = lab.add_device("phone", "sh");
    lab.add_device("tablet", "sh");
    let args = [&["--shard"], LONG].concat();
    let mut command = lab.command("many", &["phone", "tablet"], &args);
    let run = command.env("PATH", path).spawn().unwrap();
    lab.wait_for("phone", "\"seq\":200,");
    lab.wait_for("tablet", "\"seq\":200,");
    lab.take_away("phone");
    send(run.id(), "-TERM");
    let ran = lab.end(run).expect_code(1);
    let away = "error: phone: the target does not come back: device 'phone' not found\n";
    assert!(ran.stderr.ends_with(away), "{}", ran.stderr);
    let jobs = fs::read_dir(lab.host().join("results/.targets")).unwrap();
    assert_eq!(jobs.count(), 2);
}
