//! `--sysinfo`: what the target tells before, between and after tests.

mod attacks;
mod job;
mod journal;
mod packages;
mod rows;

use std::fs;

use expect_test::expect;
use serde_json::json;

use job::Job;

#[test]
fn the_job_has_what_a_boot_tells_and_each_test_what_it_changes() {
    let job = Job::new().run(&["quiet", "fails", "--exact"], 101);
    let of_boot = job.names("sysinfo");
    for name in [
        "boot_id",
        "cpuinfo",
        "meminfo",
        "mount",
        "proc_mounts",
        "uname",
    ] {
        assert!(
            of_boot.iter().any(|there| there == name),
            "no {name} in {of_boot:?}"
        );
    }
    let uname = job.file("sysinfo/uname");
    assert!(uname.starts_with("Linux "), "{uname}");
    expect![[r#"
        fails
        fails/sysinfo/iteration.1/
        fails/sysinfo/meminfo
        fails/sysinfo/proc_mounts
        fails/sysinfo/ps
        fails/sysinfo/reboot_current -> ../../sysinfo
        quiet
        quiet/sysinfo/iteration.1/
        quiet/sysinfo/reboot_current -> ../../sysinfo
    "#]]
    .assert_eq(&job.of_tests(&["fails", "quiet"]));
}

#[test]
fn nothing_is_collected_unless_it_is_asked_for() {
    let job = Job::new().without_flag().run(&["quiet", "--exact"], 0);
    assert!(!job.tree().iter().any(|path| path.contains("sysinfo")));
    assert_eq!(job.file("quiet/keyval"), "version=0\n");
}

#[test]
fn the_target_is_in_the_keyvals_of_each_test_once() {
    let job = Job::new().run(&["quiet", "--exact"], 0);
    let keyval = job.file("quiet/keyval");
    let keys = keyval.lines().filter_map(|line| line.split_once('='));
    let keys: Vec<_> = keys.map(|(key, _)| key).collect();
    let expected = [
        "sysinfo-cmdline",
        "sysinfo-memtotal-in-kb",
        "sysinfo-phys-mbytes",
        "sysinfo-uname",
        "version",
    ];
    assert_eq!(keys, expected, "{keyval}");
    let uname = rustix::system::uname();
    let release = uname.release().to_str().unwrap();
    assert!(
        keyval.contains(&format!("sysinfo-uname=Linux {release} ")),
        "{keyval}"
    );
}

#[test]
fn iterations_have_files_before_and_after() {
    for isolation in ["fork", "exec", "none"] {
        let job = Job::new().run(&["repeats", "--exact", "--isolation", isolation], 0);
        for iteration in ["iteration.1", "iteration.2"] {
            let names = job.names(&format!("repeats/sysinfo/{iteration}"));
            for name in ["interrupts", "meminfo"] {
                for end in ["before", "after"] {
                    let name = format!("{name}.{end}");
                    assert!(names.contains(&name), "{isolation}: no {name} in {names:?}");
                }
            }
        }
    }
    let fast = Job::new().run(&["repeats", "--exact", "--fast"], 0);
    assert_eq!(fast.names("repeats/sysinfo"), ["reboot_current"]);
}

#[test]
fn of_a_log_a_test_has_what_it_adds() {
    let logs = ["logs", "quiet", "rotates", "truncates"];
    for isolation in ["fork", "exec"] {
        let job = Job::new()
            .with_log()
            .run_file(&logs, &["--isolation", isolation], 0);
        let added = logs.map(|test| (test, job.log_of(test)));
        expect![[r#"
            [("logs", "a line\n"), ("quiet", ""), ("rotates", "before the rotation\nafter it\n"), ("truncates", "anew\n")]"#]]
        .assert_eq(&format!("{added:?}"));
        expect![[r#"
            INFO truncates sysinfo: `log` became shorter while the test ran: what it had is lost
        "#]]
        .assert_eq(&job.notes());
    }
}

#[test]
fn a_test_that_crashes_or_hangs_has_what_it_added() {
    let job = Job::new()
        .with_log()
        .run_file(&["aborts", "hangs"], &[], 101);
    assert_eq!(job.log_of("aborts"), "last words\n");
    assert_eq!(job.log_of("hangs"), "last words\n");
    let left = job.names("aborts/sysinfo");
    assert!(left.iter().any(|name| name == "meminfo"), "{left:?}");
}

#[test]
fn a_subtest_has_a_directory_of_its_own() {
    let job = Job::new().with_log().run_file(&["calls"], &[], 0);
    assert_eq!(job.log_of("calls"), "of the caller\nof the called\n");
    assert_eq!(job.log_of("calls/logs"), "of the called\n");
    let link = fs::read_link(job.path("calls/logs/sysinfo/reboot_current")).unwrap();
    assert_eq!(link.to_str(), Some("../../../sysinfo"));
}

#[test]
fn tests_at_the_same_time_each_have_what_is_added_meanwhile() {
    let job = Job::new().with_log();
    let job = job.run_file(&["logs", "quiet"], &["--test-threads", "2"], 0);
    assert_eq!(job.log_of("logs"), "a line\n");
}

#[test]
fn a_boot_that_was_collected_is_not_collected_again() {
    let job = Job::new().run(&["quiet", "--exact"], 0);
    let uptime = job.file("sysinfo/uptime");
    // As if the supervisor had been killed after the test began.
    let journal = job.path("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let begun: Vec<_> = text.split_inclusive('\n').take(2).collect();
    fs::write(&journal, begun.concat()).unwrap();
    let job = job.resume(0);
    assert_eq!(job.file("sysinfo/uptime"), uptime);
    assert!(!job.path("sysinfo/boot.0").exists());
    assert_eq!(
        job.of_tests(&["quiet", "quiet.attempt-1"]),
        "quiet\nquiet/sysinfo/iteration.1/\nquiet/sysinfo/reboot_current -> ../../sysinfo\n\
         quiet.attempt-1\nquiet.attempt-1/sysinfo/iteration.1/\n\
         quiet.attempt-1/sysinfo/reboot_current -> ../../sysinfo\n"
    );
    // As if that had been before a reboot.
    fs::write(job.path("sysinfo/boot_id"), "another\n").unwrap();
    fs::write(&journal, begun.concat()).unwrap();
    let job = job.resume(0);
    let names = job.names("sysinfo/boot.0");
    assert!(names.iter().any(|name| name == "uptime"), "{names:?}");
    let link = fs::read_link(job.path("quiet/sysinfo/reboot_current")).unwrap();
    assert_eq!(link.to_str(), Some("../../sysinfo/boot.0"));
}

#[test]
fn replaying_leaves_what_was_collected() {
    let job = Job::new().with_log().run_file(&["logs"], &[], 0);
    let before = job.tree();
    let job = job.again(&["--replay", "results"], 0);
    assert_eq!(job.tree(), before);
    assert_eq!(job.log_of("logs"), "a line\n");
}

#[test]
fn what_a_test_installs_is_named() {
    let job = Job::new();
    let Some(job) = job.run_with_database(&["installs", "quiet"]) else {
        return;
    };
    assert_eq!(job.file("sysinfo/installed_packages"), "kept-2\nold-1\n");
    assert_eq!(
        job.file("installs/sysinfo/added_packages"),
        "gone-1\nnew-1.0-2\n"
    );
    assert_eq!(job.file("installs/sysinfo/removed_packages"), "old-1\n");
    assert!(!job.path("quiet/sysinfo/added_packages").exists());
}

#[test]
fn what_the_kernel_logs_meanwhile_is_the_tests() {
    let log = fs::OpenOptions::new().write(true).open("/dev/kmsg");
    if let Err(error) = log {
        eprintln!("left out: the kernel's log ({error})");
        return;
    }
    let file = json!([{"test": "quiet"}, {"test": "logs", "args": {
        "log": "/dev/kmsg", "line": "<6>autotest: a message",
    }}]);
    let job = Job::new().run_runs(&file, &[], 0);
    let messages = job.file("logs/sysinfo/dmesg");
    assert!(messages.contains("] autotest: a message\n"), "{messages}");
    let quiet = fs::read_to_string(job.path("quiet/sysinfo/dmesg")).unwrap_or_default();
    assert!(!quiet.contains("autotest: a message"), "{quiet}");
}
