//! Virtual machines as targets. `AUTOTEST_QEMU=1` runs those that boot.

mod guest;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use expect_test::expect;

use super::super::binary::Tree;
use super::Lab;
use super::lab::{Tested, finals, send};
use crate::panics::campaign::wanted;
use guest::FIXTURE;

/// A lab with the target `vm`; `None` where there can be none.
fn lab() -> Option<Lab> {
    let lab = Lab::new();
    guest::add_to(&lab).map(|()| lab)
}

/// Where the machine has its files.
fn machine(lab: &Lab) -> PathBuf {
    lab.host().join("results/.autotest-run.machines/vm")
}

/// The names of the machine's files.
fn files(lab: &Lab) -> Vec<String> {
    let entries = fs::read_dir(machine(lab)).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn console(lab: &Lab) -> String {
    let console = fs::read(machine(lab).join("console")).unwrap();
    String::from_utf8_lossy(&console).into_owned()
}

/// The processes of the machines that run, with their command lines.
fn qemus_of(lab: &Lab) -> Vec<(u32, String)> {
    let processes = lab.processes_of_host().into_iter();
    processes
        .filter(|(_, line)| line.starts_with("qemu-system"))
        .collect()
}

#[test]
fn a_kernel_that_panics_is_an_attempt_with_the_panic() {
    let Some(lab) = lab() else { return };
    let image = fs::read(guest::image(&lab)).unwrap();
    let tests = ["--", "a::t0", "a::t1", "a::t3", "c::once", "e::t5"];
    let ran = lab.run(FIXTURE, &["vm"], &tests).expect_code(101);
    expect![[r#"
        a::t0 Final(Good)
        a::t1 Final(Good)
        a::t3 Final(Fail)
        c::once Final(Good)
        e::t5 Final(TestNa)"#]]
    .assert_eq(&finals(&lab.results()).join("\n"));
    let attempts = attempts(&lab.results());
    assert_eq!(
        attempts,
        ["rebooted: Kernel panic - not syncing: sysrq triggered crash"],
        "{}",
        ran.stderr
    );
    let console = console(&lab);
    assert!(console.contains("Kernel panic - not syncing"), "{console}");
    assert_eq!(console.matches("booted for").count(), 2, "{console}");
    assert_eq!(files(&lab), ["console"]);
    assert_eq!(qemus_of(&lab), []);
    assert!(fs::read(guest::image(&lab)).unwrap() == image);
}

/// The reasons of attempts, in order.
fn attempts(tree: &Tree) -> Vec<String> {
    let log = tree.log("status.log");
    let ends = log.lines().filter(|line| line.contains("→ABORT→"));
    ends.map(|line| line.rsplit('→').next().unwrap().to_owned())
        .collect()
}

/// A job that takes a few seconds.
const LONG: &[&str] = &["--", "a::", "b::", "--iterations", "3"];

#[test]
fn a_machine_that_is_left_running_is_found_again() {
    let Some(lab) = lab() else { return };
    let args = [&["--detach"], LONG].concat();
    let left = lab.run(FIXTURE, &["vm"], &args).expect_code(0);
    let hint = "the job goes on; take it up with: cargo autotest attach [LAB]/host/results\n";
    assert!(left.stderr.ends_with(hint), "{}", left.stderr);
    assert_eq!(qemus_of(&lab).len(), 1);
    attach(&lab).expect_code(101);
    assert_eq!(console(&lab).matches("booted for").count(), 1);
    assert_eq!(files(&lab), ["console"]);
    assert_eq!(qemus_of(&lab), []);
    let again = attach(&lab).expect_code(101);
    assert_eq!(again.stderr, "", "no machine is booted for it");
}

fn attach(lab: &Lab) -> Tested {
    let mut attach = lab.tool();
    lab.end(attach.args(["attach", "results"]).spawn().unwrap())
}

#[test]
fn a_machine_that_dies_or_ends_with_its_host_keeps_its_disk() {
    let Some(lab) = lab() else { return };
    let mut host = lab.command(FIXTURE, &["vm"], LONG).spawn().unwrap();
    let journal = lab.host().join("results/journal.jsonl");
    wait(|| fs::read_to_string(&journal).is_ok_and(|it| it.contains("test_end")));
    // QEMU dies, which is a loss of power, and the machine is booted again.
    let running = fs::read_to_string(machine(&lab).join("running")).unwrap();
    let pid = running.split(' ').next().unwrap();
    let mut kill = Command::new("kill");
    assert!(kill.args(["-KILL", pid]).status().unwrap().success());
    wait(|| fs::read_to_string(&journal).is_ok_and(|it| it.contains("job_resume")));
    host.kill().unwrap();
    lab.end(host);
    wait(|| qemus_of(&lab).is_empty());
    // The job may have ended before the host did; the machine is booted again in any case, for what it has on its disk.
    attach(&lab).expect_code(101);
    assert_eq!(console(&lab).matches("booted for").count(), 3);
    let here = lab.at_home(FIXTURE, &LONG[1..]);
    assert_eq!(finals(&lab.results()), finals(&here));
}

/// Each run of `c::always` panics, and QEMU dies at random, which is a loss of power.
#[test]
fn no_panic_and_no_loss_of_power_loses_or_doubles_a_verdict() {
    let Some(lab) = lab() else { return };
    let (panics, cuts) = (wanted() * 2 / 5, wanted() / 5);
    let given_up_after = panics.to_string();
    let others = ["a::", "b::"];
    let begin = ["--attempts", &given_up_after, "--", "c::always"];
    let args = [&begin[..], &others[..]].concat();
    let mut host = lab.command(FIXTURE, &["vm"], &args).spawn().unwrap();
    wait(|| lab.host().join("results/journal.jsonl").exists());
    let killed = lose_power(&lab, &mut host, cuts);
    let ran = lab.end(host).expect_code(101);
    let results = lab.results();
    let attempts = attempts(&results);
    let with_panic = |it: &&String| it.contains("Kernel panic - ");
    let panicked = attempts.iter().filter(with_panic).count();
    let count = attempts.len();
    println!("{killed} power cuts, {count} attempts, {panicked} of them with a panic");
    let (always, rest): (Vec<_>, Vec<_>) = finals(&results)
        .into_iter()
        .partition(|verdict| verdict.starts_with("c::always "));
    assert_eq!(always, ["c::always Final(Abort)"], "{}", ran.stderr);
    assert_eq!(
        rest,
        finals(&lab.at_home(FIXTURE, &others)),
        "{}",
        ran.stderr
    );
    assert!(count >= panics && panicked > 0, "{attempts:?}");
}

/// Kills QEMU at random until the host's program has ended. Returns how often.
fn lose_power(lab: &Lab, host: &mut Child, at_most: usize) -> usize {
    let mut killed = 0;
    while host.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(fastrand::u64(2_000..20_000)));
        if killed < at_most
            && let Some((pid, _)) = qemus_of(lab).first()
        {
            send(*pid, "-KILL");
            killed += 1;
        }
    }
    killed
}

/// As a system restarts: everything gets SIGTERM first, the suite and its follower, too.
#[test]
fn a_target_that_restarts_in_an_orderly_way_goes_on() {
    let Some(lab) = lab() else { return };
    // Longer than it takes an emulated machine to let somebody in.
    let args = ["--", "a::", "--iterations", "20"];
    let host = lab.command(FIXTURE, &["vm"], &args).spawn().unwrap();
    let journal = lab.host().join("results/journal.jsonl");
    wait(|| fs::read_to_string(&journal).is_ok_and(|it| it.contains("test_end")));
    let restart = "kill -TERM -1; sleep 1; sync; reboot -f";
    guest::shell(&lab, &machine(&lab), restart);
    let ran = lab.end(host).expect_code(101);
    let note = "note: the target was restarted\n";
    assert!(ran.stderr.contains(note), "{}", ran.stderr);
    assert_eq!(console(&lab).matches("booted for").count(), 2);
    let here = lab.at_home(FIXTURE, &args[1..]);
    assert_eq!(finals(&lab.results()), finals(&here));
}

#[test]
fn a_job_that_asks_for_a_restart_gets_one() {
    let Some(lab) = lab() else { return };
    let args = ["--keep", "--", "--control", "reboots"];
    let ran = lab.run("controls", &["vm"], &args).expect_code(0);
    let told = "note: the job asks for a restart of the target\n";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert_eq!(console(&lab).matches("booted for").count(), 2);
    let kept = files(&lab).iter().any(|name| name == "disk.qcow2");
    assert!(kept && qemus_of(&lab).is_empty());
}

#[test]
fn a_machine_is_one_of_several_targets() {
    let Some(lab) = lab() else { return };
    lab.add_target("board", "local", "");
    let args = ["--", "a::t0", "a::t3"];
    lab.run(FIXTURE, &["vm", "board"], &args).expect_code(101);
    expect![[r#"
        a::t0 Final(Good)
        a::t0 Final(Good)
        a::t3 Final(Fail)
        a::t3 Final(Fail)"#]]
    .assert_eq(&finals(&lab.results()).join("\n"));
    assert_eq!(files(&lab), ["console"]);
}

#[track_caller]
fn wait(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(100), "it never is");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_machine_that_cannot_be_is_told_at_once() {
    let lab = Lab::new();
    let told = |address: &str, path: &str| {
        let mut command = lab.command("faulty", &[address], &["--", "parts"]);
        let ran = lab.end(command.env("PATH", path).spawn().unwrap());
        assert!(!lab.host().join("results").exists());
        ran.expect_code(1).stderr
    };
    expect![[r#"
        note: waiting for the SSH server of there
        error: there: failed to open the image `not/there.img`: No such file or directory (os error 2); `qemu:` takes the file of a disk that can be booted
    "#]]
    .assert_eq(&told("qemu:not/there.img", "/nowhere"));
    fs::write(lab.host().join("a.img"), [0; 512]).unwrap();
    expect![[r#"
        note: waiting for the SSH server of a
        error: a: failed to start `qemu-img`: No such file or directory (os error 2); is QEMU installed (Debian: qemu-utils)?
    "#]]
    .assert_eq(&told("qemu:a.img", "/nowhere"));
    assert_eq!(fs::read_dir(lab.host()).unwrap().count(), 1);
}

/// KVM fails at times within another virtual machine. QEMU stops the machine then, but does not end.
#[test]
fn a_machine_that_kvm_cannot_run_is_emulated() {
    let lab = Lab::new();
    let programs = lab.path("programs");
    fs::create_dir(&programs).unwrap();
    let qemu = "case \"$*\" in\n\
                *--version*) ;;\n\
                *'-accel kvm'*) echo 'KVM internal error. Suberror: 1' >&2; exec sleep 600 ;;\n\
                *) echo 'it was emulated' >&2; exit 1 ;;\n\
                esac\n";
    let image = "case $1 in\n\
                 info) echo '{\"format\": \"raw\"}' ;;\n\
                 *) for path; do :; done; : >\"$path\" ;;\n\
                 esac\n";
    let emulator = format!("qemu-system-{}", std::env::consts::ARCH);
    for (name, script) in [(emulator.as_str(), qemu), ("qemu-img", image)] {
        let text = lab.path("script");
        fs::write(&text, format!("#!/bin/sh\n{script}")).unwrap();
        fs::set_permissions(&text, Permissions::from_mode(0o755)).unwrap();
        // A file that this process wrote cannot be executed while another thread forks.
        let copied = Command::new("cp")
            .arg(&text)
            .arg(programs.join(name))
            .status();
        assert!(copied.unwrap().success());
    }
    fs::write(lab.host().join("a.img"), [0; 512]).unwrap();
    let mut command = lab.command("faulty", &["qemu:a.img"], &["--", "parts"]);
    command.env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
    let ran = lab.end(command.spawn().unwrap()).expect_code(1);
    let expected = "error: a: QEMU ended:\nit was emulated\n";
    assert!(ran.stderr.ends_with(expected), "{}", ran.stderr);
}

#[test]
fn a_machine_without_a_server_is_told_with_its_console() {
    let Some(lab) = lab() else { return };
    let toml = lab.host().join("autotest.toml");
    let text = fs::read_to_string(&toml).unwrap();
    let booting = text.replace("console=ttyS0", "console=ttyS0 rdinit=/none");
    fs::write(&toml, booting).unwrap();
    let host = lab.command(FIXTURE, &["vm"], &["--", "a::t0"]).spawn();
    let host = host.unwrap();
    wait(|| qemus_of(&lab).len() == 1);
    send(host.id(), "-INT");
    lab.end(host);
    wait(|| qemus_of(&lab).is_empty());
    let names = fs::read_dir(lab.host()).unwrap();
    assert_eq!(names.count(), 2, "the configuration and the image");
    let args = ["--patience", "20", "--", "a::t0"];
    let ran = lab.run(FIXTURE, &["vm"], &args).expect_code(1);
    let expected = "error: vm: the machine has no SSH server that answers within 20 s (nothing answers at port 22); its \
                    console ends with:\n";
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    fs::write(&toml, text.replace("-append", "-apend")).unwrap();
    let ran = lab.run(FIXTURE, &["vm"], &args).expect_code(1);
    let expected = "error: vm: QEMU ended:\nqemu-system-x86_64: -apend: invalid option\n";
    assert!(ran.stderr.ends_with(expected), "{}", ran.stderr);
}
