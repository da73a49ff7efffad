//! Users who may not do everything.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use expect_test::expect;
use rustix::process::geteuid;

use super::jobs::many;
use super::server::NOBODY;
use crate::host_tool::{Ran, empty, program, run, run_in};

#[test]
fn who_may_only_read_the_database_can_ask_it() {
    if !geteuid().is_root() {
        println!("left out: to be another user takes root");
        return;
    }
    let (_dir, dir) = empty();
    let mode = |path: &str, mode| {
        fs::set_permissions(dir.join(path), Permissions::from_mode(mode)).unwrap();
    };
    let jobs = many(3);
    for job in &jobs {
        job.write(&dir.join(&job.id));
    }
    run_in(&dir, &["db", "import", "job-0000"]).expect_code(0);
    let copied = Command::new("cp")
        .arg(program())
        .arg(dir.join("tool"))
        .status();
    assert!(copied.unwrap().success());
    for (path, bits) in [
        (".", 0o755),
        ("tool", 0o755),
        ("autotest.sqlite", 0o644),
        ("job-0002", 0o700),
    ] {
        mode(path, bits);
    }
    let as_nobody = |args: &[&str]| -> Ran {
        let mut command = Command::new(dir.join("tool"));
        command
            .arg("db")
            .args(args)
            .current_dir(&dir)
            .uid(NOBODY)
            .gid(NOBODY);
        run(command.env_remove("AUTOTEST_DB"), &dir)
    };
    let asked = as_nobody(&["query", "SELECT job FROM jobs"]).expect_code(0);
    assert_eq!(asked.stdout, "job\njob-0000\n");
    let said = [
        &["import", "job-0001"][..],
        &["import", "job-0001", "--db", "new.sqlite"],
        &["import", "job-0002"],
    ];
    let said = said
        .map(|args| as_nobody(args).expect_code(1).stderr)
        .concat();
    expect![[r#"
        error: the database `autotest.sqlite` failed: attempt to write a readonly database; jobs imported before: 0 new, 0 grown, 0 already there; run the same command again for the rest
        error: failed to open the database `new.sqlite`: unable to open database file: new.sqlite
        error: failed to read the directory `[DIR]/job-0002`: Permission denied (os error 13)
    "#]].assert_eq(&said);
}
