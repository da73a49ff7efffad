//! `--leaks`: what tests change on the target and do not change back.

mod journal;

use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::binary::{Ran, fixture, fixture_path};
use super::tree::Tree;

/// Namespaces of mounts, network, IPC and host name, so that neither other tests nor this machine are involved.
const NAMESPACES: [&str; 7] = [
    "unshare",
    "--mount",
    "--net",
    "--ipc",
    "--uts",
    "--propagation",
    "private",
];

/// Makes the directories of temporary files anew in these namespaces, and hides control groups, which others make at any
/// time, unless the whole target is there for the tests. What cargo built is in `/opt` there, since it
/// may be below `/tmp`. The first argument is its directory, the second one below that.
const ENTER: &str = "mount -t tmpfs tmpfs /opt && mkdir /opt/target && mount --bind \"$1\" /opt/target && \
                     cd \"/opt/target/$2\" && shift 2; \
                     for dir in /tmp /mnt /dev/shm; do mount -t tmpfs tmpfs $dir; done; \
                     mkdir -p /dev/mqueue && mount -t mqueue mqueue /dev/mqueue; \
                     [ -n \"$AUTOTEST_TARGET\" ] || mount -t tmpfs tmpfs /sys/fs/cgroup; exec \"$@\"";

/// The directory of what cargo built, there.
const INSIDE: &str = "/opt/target";

/// A job of the fixture in namespaces of its own.
struct Job {
    home: tempfile::TempDir,
    output: Output,
}

impl Job {
    /// `None`, and says why, where nobody may do that.
    fn run(args: &[&str]) -> Option<Job> {
        Job::of_file(args, "{}")
    }

    /// The same with a job file, `job.json`, beside the results.
    fn of_file(args: &[&str], file: &str) -> Option<Job> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("left out: leaks of the target (not root)");
            return None;
        }
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        fs::write(home.path().join("job.json"), file).unwrap();
        let below = |path: &Path| path.strip_prefix(target).unwrap().to_owned();
        let (binary, own) = (below(fixture_path("leaky")), below(home.path()));
        let dir = format!("dir={INSIDE}/{}", own.display());
        let output = Command::new(NAMESPACES[0])
            .args(&NAMESPACES[1..])
            .args(["sh", "-c", ENTER, "sh"])
            .args([target, &own, &Path::new(INSIDE).join(binary)])
            .args(["--leaks", "warn", "--param", &dir, "--allow-unknown-params"])
            .args(["--results", "results"])
            .args(args)
            .current_dir(home.path())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        if stderr.contains("Operation not permitted") {
            eprintln!("left out: leaks of the target ({})", stderr.trim());
            return None;
        }
        Some(Job { home, output })
    }

    /// A text without what differs from run to run.
    fn normal(&self, text: &str) -> String {
        let name = self.home.path().file_name().unwrap().to_string_lossy();
        let text = text.replace(&format!("{INSIDE}/tmp/{name}"), "<root>");
        Tree::at(self.home.path(), "results").normal(&text)
    }

    /// The warnings in the status log, by test.
    fn warnings(&self) -> Vec<String> {
        let log = self.home.path().join("results/status.log");
        let log = fs::read_to_string(log).unwrap_or_else(|_| {
            panic!("{}", String::from_utf8_lossy(&self.output.stderr));
        });
        let log = self.normal(&log).replace('\t', "→");
        let lines = log.lines().map(|line| line.trim_start_matches('→'));
        let lines = lines.filter_map(|line| line.strip_prefix("WARN→"));
        let told = lines.filter_map(|line| {
            let (name, _) = line.split_once('→')?;
            Some(format!("{name}: {}", line.rsplit('→').next()?))
        });
        told.collect()
    }
}

#[test]
fn what_a_test_leaves_is_named() {
    let Some(job) = Job::run(&["leaves::"]) else {
        return;
    };
    let ids = |line: String| {
        let words = line.split(' ').map(|word| match word.parse::<u32>() {
            Ok(_) if line.contains("IPC") => "N",
            _ => word,
        });
        words.collect::<Vec<_>>().join(" ")
    };
    let told: Vec<String> = job.warnings().into_iter().map(ids).collect();
    let mut expected = vec![
        "leaves.a_name_of_bytes: changed the target: mount <root>/caf\u{fffd} (tmpfs) is new",
        "leaves.address: changed the target: address 192.0.2.7 (lo) is new",
        "leaves.interface: changed the target: network interface left0 (down) is new; network interface left1 (down) \
         is new",
        "leaves.interface_up: changed the target: network interface lo is up, was down; address 127.0.0.1 (lo) is new; \
         address ::1 (lo) is new",
        "leaves.ipc_memory: changed the target: System V IPC shared memory N is new",
        "leaves.ipc_queue: changed the target: System V IPC queue N is new",
        "leaves.ipc_semaphores: changed the target: System V IPC semaphores N is new",
        "leaves.kernel_parameter: changed the target: kernel parameter kernel.hostname is left-behind, was <host>",
        "leaves.message_queue: changed the target: message queue /dev/mqueue/left-behind is new",
        "leaves.mount: changed the target: mount <root>/mounted (tmpfs) is new",
        "leaves.packet_filter: changed the target: nftables chain inet left input is new; nftables rule inet left input \
         handle 3 is new; nftables table inet left is new",
        "leaves.route: changed the target: route 198.51.100.0/24 dev lo metric 0 is new",
        "leaves.shared_memory: changed the target: shared memory file /dev/shm/left-behind is new",
        "leaves.temporary_file: changed the target: temporary file /tmp/left-behind is new",
        "leaves.unmounted: changed the target: mount /mnt is gone",
    ];
    for (program, cases) in [
        ("ip", &["address", "interface", "interface_up", "route"][..]),
        ("ipcmk", &["ipc_memory", "ipc_queue", "ipc_semaphores"]),
        ("nft", &["packet_filter"]),
    ] {
        if Command::new(program).arg("--version").output().is_err() {
            eprintln!(
                "left out: leaks of {} ({program} is not installed)",
                cases.join(", ")
            );
            let is_of = |line: &&str| {
                cases
                    .iter()
                    .any(|it| line.starts_with(&format!("leaves.{it}:")))
            };
            expected.retain(|line| !is_of(line));
        }
    }
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let told: Vec<_> = told
        .iter()
        .map(|line| line.replace(&format!("was {}", host.trim()), "was <host>"))
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn tests_that_leave_nothing_are_silent() {
    let Some(job) = Job::run(&["clean", "tidy", "--iterations", "3"]) else {
        return;
    };
    assert_eq!(job.warnings(), Vec::<String>::new());
    assert!(job.output.status.success());
}

#[test]
fn a_thousand_clean_runs_are_silent() {
    let run = |number| format!(r#"{{"test": "clean", "tag": "{number}"}}"#);
    let runs: Vec<String> = (0..1000).map(run).collect();
    let file = format!(r#"{{"runs": [{}]}}"#, runs.join(","));
    let Some(job) = Job::of_file(&["--job", "job.json"], &file) else {
        return;
    };
    assert_eq!(job.warnings(), Vec::<String>::new());
    let stdout = String::from_utf8_lossy(&job.output.stdout);
    assert!(
        stdout.contains("\ntest result: ok. 1000 passed; 0 failed"),
        "{stdout}"
    );
}

#[test]
fn a_test_s_own_policy_wins_and_another_verdict_stays() {
    let args = ["is_strict", "is_free", "fails", "crashes", "binds"];
    let Some(job) = Job::run(&args) else {
        return;
    };
    assert_eq!(job.output.status.code(), Some(101));
    let stdout = String::from_utf8(job.output.stdout.clone()).unwrap();
    let stdout = job.normal(&stdout);
    let failures = stdout.split("failures:\n").nth(1).unwrap();
    let expected = "
---- crashes stdout ----
ERROR: killed by signal 6 (SIGABRT, an abort)
    also end: WARN: changed the target: temporary file /tmp/left-by-a-crash is new
    see <root>/results/crashes

---- fails stdout ----
FAIL: broken
    at tests/fixtures/leaky.rs:108:5
    also end: WARN: changed the target: temporary file /tmp/left-by-a-failure is new
    see <root>/results/fails/debug

---- is_strict stdout ----
FAIL: changed the target: temporary file /tmp/left-by-a-strict-test is new
    see <root>/results/is_strict

";
    assert_eq!(failures, expected);
    let warnings = stdout.split("warnings:\n").nth(1).unwrap();
    let first = warnings.lines().next();
    assert_eq!(
        first,
        Some("    binds: changed the target: temporary file /tmp/left-socket is new")
    );
}

#[test]
fn tests_at_the_same_time_are_blamed_together() {
    let args = ["--test-threads", "2", "clean", "temporary_file"];
    let Some(job) = Job::run(&args) else {
        return;
    };
    let told = job.warnings();
    let [line] = told.as_slice() else {
        panic!("{told:?}");
    };
    let text = "changed the target: temporary file /tmp/left-behind is new";
    let alone = format!("leaves.temporary_file: {text}");
    assert!(
        line == &alone || line.contains("it, or ") && line.contains(text),
        "{line}"
    );
}

#[test]
fn a_test_whose_profilers_still_report_is_among_those_at_the_same_time() {
    let Some(job) = Job::run(&["--test-threads", "2", "--control", "late::runs"]) else {
        return;
    };
    let stdout = String::from_utf8_lossy(&job.output.stdout);
    let told = "changed the target: temporary file /tmp/left-behind is new";
    assert!(stdout.contains(told), "{stdout}");
}

/// A socket outlives a test only in another process, which is not below it.
#[test]
fn a_socket_that_somebody_else_opens_is_named() {
    let home = tempfile::tempdir().unwrap();
    let please: PathBuf = home.path().join("please");
    let listening = {
        let please = please.clone();
        std::thread::spawn(move || {
            while !please.exists() {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
            let unix = UnixListener::bind(please.with_extension("socket")).unwrap();
            fs::remove_file(&please).unwrap();
            (tcp, unix)
        })
    };
    let please = format!("please={}", please.display());
    let ran: Ran = fixture("leaky", &["--leaks", "warn", "--param", &please, "listens"]);
    let (tcp, _unix) = listening.join().unwrap();
    let log = ran.expect_code(0).log("status.log");
    let port = tcp.local_addr().unwrap().port();
    assert!(
        log.contains(&format!("listening socket tcp 127.0.0.1:{port} is new")),
        "{log}"
    );
    let socket = home.path().join("please.socket");
    assert!(
        log.contains(&format!(
            "listening socket unix {} is new",
            socket.display()
        )),
        "{log}"
    );
}

#[test]
fn without_the_flag_the_target_is_not_looked_at() {
    let Some(job) = Job::run(&["--leaks", "off", "temporary_file"]) else {
        return;
    };
    assert_eq!(job.warnings(), Vec::<String>::new());
}

/// What no namespace contains changes this very machine for a moment, and other tests would be seen.
#[test]
fn what_a_test_leaves_for_all_is_named() {
    if std::env::var_os("AUTOTEST_TARGET").is_none() {
        eprintln!("left out: leaks of the whole machine (AUTOTEST_TARGET is not set)");
        return;
    }
    let groups = groups_dir();
    for (case, told) in [
        ("swap", "swap <root>/swap is new"),
        ("loop_device", "loop device /dev/loop"),
        ("control_group", "control group "),
        ("kernel_error", "the kernel reports `EXT4-fs (loop"),
        ("processor", "processors online is "),
    ] {
        let Some(job) = Job::run(&[&format!("leaves_for_all::{case}")]) else {
            return;
        };
        let home = job.home.path();
        undo(home, &groups);
        let warnings = job.warnings();
        match warnings.first() {
            Some(line) => assert!(line.contains(told), "{case}: {line}"),
            None => {
                let stdout = String::from_utf8_lossy(&job.output.stdout);
                assert!(!job.output.status.success(), "{case}: {stdout}");
                eprintln!("left out: {case} ({stdout})");
            }
        }
    }
}

fn groups_dir() -> PathBuf {
    let v2 = Path::new("/sys/fs/cgroup/cgroup.controllers");
    let dir = if v2.exists() {
        "/sys/fs/cgroup"
    } else {
        "/sys/fs/cgroup/unified"
    };
    dir.into()
}

fn undo(home: &Path, groups: &Path) {
    let script = "swapoff \"$1/swap\"; for loop in $(losetup --associated \"$1/image\" --noheadings --output NAME); do \
                  losetup --detach $loop; done; rmdir \"$2/left-behind\"; echo 1 > /sys/devices/system/cpu/cpu1/online";
    let _ = Command::new("sh")
        .args(["-c", script, "sh"])
        .args([home, groups])
        .output();
}
