//! What the kernel stored when it crashed, in a mount namespace where the store and the boot are made up.

use std::fs;
use std::process::{Command, Output};

use expect_test::expect;

use crate::binary::{Tree, fixture_path};

/// A home directory, and what happens there: each script is a life of the target.
struct Target {
    home: tempfile::TempDir,
    script: String,
}

/// Puts a record into the store.
const STORE: &str = r#"
store() { printf "$2" >"/sys/fs/pstore/$1"; }
boot() { echo "$1" >boot_id; mount --bind boot_id /proc/sys/kernel/random/boot_id; }
panic='<6>[    1.500000] sysrq: Trigger a crash\n<0>[    1.600000] Kernel panic - not syncing: %s\n'
"#;

impl Target {
    /// `None` where there can be no such namespace, which is said.
    fn new() -> Option<Target> {
        let home = tempfile::tempdir().unwrap();
        let mounts = "mount -t tmpfs none /sys/fs/pstore && mount -t tmpfs none /var/lib";
        let target = Target {
            home,
            script: format!("{mounts} || exit 99\n{STORE}"),
        };
        let output = target.run("boot one");
        if output.status.success() {
            return Some(target);
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        eprintln!("left out: a mount namespace with a store of its own: {stderr}");
        None
    }

    /// What the fixture that kills its supervisor leaves after this.
    fn run(&self, script: &str) -> Output {
        let script = format!("{}{script}", self.script);
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-c", &script]);
        command
            .env_clear()
            .env("TZ", "UTC0")
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .env("TMPDIR", self.home.path())
            .env("FATAL", fixture_path("fatal"))
            .current_dir(self.home.path());
        command.output().unwrap()
    }

    fn tree(&self) -> Tree {
        Tree::at(self.home.path(), "results")
    }

    /// The reasons of the test that kills its supervisor, in order.
    fn reasons(&self) -> Vec<String> {
        let log = self.tree().log("status.log");
        let ends = log
            .lines()
            .filter(|line| line.contains("END ABORT→b_kills"));
        let reasons = log.lines().filter(|line| line.contains("→ABORT→b_kills"));
        let reasons: Vec<_> = reasons
            .map(|line| line.rsplit('→').next().unwrap().to_owned())
            .collect();
        assert_eq!(ends.count(), reasons.len(), "{log}");
        reasons
    }

    /// What was copied into the sysinfo of a run, without the time in the names.
    fn copied(&self, dir: &str) -> Vec<(String, String)> {
        let dir = self.tree().jobdir().join(dir).join("sysinfo");
        let entries = fs::read_dir(dir).into_iter().flatten();
        let copies = entries.map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let mut parts = name.splitn(3, '.');
            assert_eq!(parts.next(), Some("pstore"));
            assert!(parts.next().unwrap().parse::<u64>().is_ok());
            let text = fs::read_to_string(&path).unwrap();
            (parts.next().unwrap().to_owned(), text)
        });
        let mut copies: Vec<_> = copies.collect();
        copies.sort();
        copies
    }

    fn file(&self, path: &str) -> String {
        fs::read_to_string(self.home.path().join(path)).unwrap()
    }
}

#[test]
fn a_panic_belongs_to_the_test_that_it_interrupted() {
    let Some(target) = Target::new() else { return };
    let output = target.run(
        r#"
        boot one
        store dmesg-ramoops-0 "$(printf "$panic" 'of yesterday')"
        $FATAL --results results
        boot two
        store dmesg-ramoops-1 "$(printf "$panic" 'of the first attempt')"
        $FATAL --resume results
        boot three
        ls /sys/fs/pstore >left-1
        store dmesg-ramoops-1 "$(printf "$panic" 'of the second')"
        $FATAL --resume results
        ls /sys/fs/pstore >left-2
        "#,
    );
    let expected = [
        "rebooted: Kernel panic - not syncing: of the first attempt",
        "rebooted: Kernel panic - not syncing: of the second; given up after 2 attempts",
    ];
    assert_eq!(target.reasons(), expected, "{output:?}");
    for (dir, which) in [
        ("b_kills.attempt-1", "of the first attempt"),
        ("b_kills", "of the second"),
    ] {
        let panic = format!(
            "<6>[    1.500000] sysrq: Trigger a crash\n\
             <0>[    1.600000] Kernel panic - not syncing: {which}"
        );
        assert_eq!(target.copied(dir), [("dmesg-ramoops-1".to_owned(), panic)]);
    }
    assert_eq!(target.file("left-1"), "dmesg-ramoops-0\n");
    assert_eq!(target.file("left-2"), "dmesg-ramoops-0\n");
    let printed = String::from_utf8_lossy(&output.stdout);
    let told = "the job continues after a reboot of the target (Kernel panic - not syncing: of the second)";
    assert!(printed.contains(told), "{printed}");
}

#[test]
fn what_was_stored_before_the_job_or_before_the_test_is_not_blamed_on_it() {
    let Some(target) = Target::new() else { return };
    target.run(
        r#"
        boot one
        store dmesg-ramoops-0 "$(printf "$panic" 'of yesterday')"
        $FATAL --results results
        boot two
        store dmesg-ramoops-1 '<4>[    1.000000] Oops: 0002 [#1] SMP\n'
        touch -d yesterday /sys/fs/pstore/dmesg-ramoops-1
        $FATAL --resume results
        boot three
        $FATAL --resume results
        "#,
    );
    let expected = [
        "rebooted: the target rebooted while this test ran",
        "rebooted: the target rebooted while this test ran; given up after 2 attempts",
    ];
    assert_eq!(target.reasons(), expected);
    assert_eq!(target.copied("b_kills.attempt-1").len(), 1);
    assert_eq!(target.copied("b_kills"), []);
}

#[test]
fn an_oops_is_blamed_where_the_kernel_said_nothing_later() {
    let Some(target) = Target::new() else { return };
    target.run(
        r#"
        boot one
        $FATAL --results results
        boot two
        store dmesg-ramoops-0 '<1>[    1.0] BUG: kernel NULL pointer dereference\n<4>[    1.0] Oops: 0002 [#1]\n'
        $FATAL --resume results
        "#,
    );
    assert_eq!(
        target.reasons(),
        ["rebooted: BUG: kernel NULL pointer dereference"]
    );
}

#[test]
fn what_systemd_moved_elsewhere_is_found_and_left_there() {
    let Some(target) = Target::new() else { return };
    target.run(
        r#"
        boot one
        mkdir -p /var/lib/systemd/pstore/1700000000/001
        printf "$panic" 'of yesterday' >/var/lib/systemd/pstore/1700000000/001/dmesg.txt
        $FATAL --results results
        boot two
        mkdir -p /var/lib/systemd/pstore/1700000001/001
        printf "$panic" 'of today' >/var/lib/systemd/pstore/1700000001/001/dmesg.txt
        $FATAL --resume results
        find /var/lib/systemd/pstore -type f | sort >left
        "#,
    );
    let expected = ["rebooted: Kernel panic - not syncing: of today"];
    assert_eq!(target.reasons(), expected);
    let copies = target.copied("b_kills.attempt-1");
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0].0, "1700000001.001.dmesg.txt");
    expect![[r#"
        <6>[    1.500000] sysrq: Trigger a crash
        <0>[    1.600000] Kernel panic - not syncing: of today
    "#]]
    .assert_eq(&copies[0].1);
    assert_eq!(target.file("left").lines().count(), 2);
}

#[test]
fn a_panic_between_two_tests_belongs_to_the_job() {
    let Some(target) = Target::new() else { return };
    let output = target.run(
        r#"
        boot one
        $FATAL --results results a_first c_last
        sed -i '/"job_end"/d' results/journal.jsonl
        boot two
        store dmesg-ramoops-0 "$(printf "$panic" 'of nobody')"
        $FATAL --resume results
        "#,
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(target.copied("").len(), 1);
    assert_eq!(target.reasons(), Vec::<String>::new());
}

/// A supervisor that is killed at any step of a resume loses no panic, and takes none for another.
#[test]
fn a_resume_that_is_interrupted_keeps_the_panic() {
    let Some(target) = Target::new() else { return };
    target.run(
        r#"
        boot one
        $FATAL --results results
        boot two
        store dmesg-ramoops-0 "$(printf "$panic" 'of the first attempt')"
        cp -a results before
        $FATAL --resume results
        # As if it had been killed just after the record of its resume.
        sed -i '/"job_resume"/q' results/journal.jsonl
        $FATAL --resume results
        cp results/journal.jsonl second
        # As if the target had lost power just before: the journal is the old one, the copies are there.
        rm -r results; mv before results
        mkdir -p results/b_kills/sysinfo
        store dmesg-ramoops-0 "$(printf "$panic" 'of the first attempt')"
        touch -d @1700000000 /sys/fs/pstore/dmesg-ramoops-0
        echo partial >results/b_kills/sysinfo/pstore.1700000000.dmesg-ramoops-0
        boot four
        $FATAL --resume results
        "#,
    );
    let second = target.file("second");
    let attempt = second.lines().find(|line| line.contains(r#""attempt""#));
    let attempt = attempt.unwrap();
    let reason = "rebooted: Kernel panic - not syncing: of the first attempt";
    assert!(attempt.contains(reason), "{attempt}");
    assert_eq!(target.reasons(), [reason]);
    let copies = target.copied("b_kills.attempt-1");
    assert_eq!(copies.len(), 1);
    assert!(
        copies[0].1.ends_with(": of the first attempt"),
        "{copies:?}"
    );
}

#[test]
fn a_run_keeps_the_panics_of_its_body_and_of_its_cleanup() {
    let Some(target) = Target::new() else { return };
    target.run(
        r#"
        boot one
        $FATAL --results results
        boot two
        store dmesg-ramoops-0 "$(printf "$panic" 'of the test')"
        $FATAL --resume results
        sed -i '/"job_resume"/q' results/journal.jsonl
        boot three
        store dmesg-ramoops-0 "$(printf "$panic" 'of its cleanup')"
        touch -d @1700000000 /sys/fs/pstore/dmesg-ramoops-0
        $FATAL --resume results
        "#,
    );
    let copies = target.copied("b_kills.attempt-1");
    let ends = ["not syncing: of its cleanup", "not syncing: of the test"];
    let mut texts: Vec<_> = copies.iter().map(|(_, text)| text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts.len(), ends.len());
    assert!(
        texts
            .iter()
            .zip(ends)
            .all(|(text, end)| text.ends_with(end)),
        "{copies:?}"
    );
    let expected = ["rebooted: Kernel panic - not syncing: of the test"];
    assert_eq!(target.reasons(), expected);
}

/// Power was lost in each of its ends, so what `cleanup` did is not on record.
#[test]
fn a_cleanup_that_brings_the_target_down_is_given_up() {
    let Some(target) = Target::new() else { return };
    let output = target.run(
        r#"
        boot one
        $FATAL --results results
        seq=$(wc -l <results/journal.jsonl)
        for boot in two three; do
            echo '{"seq":'$seq',"run":0,"t":1,"event":{"job_resume":{"pid":1,"boot_id":"'$boot'","moved":{"2":"b_kills.attempt-1"}}}}'
            seq=$((seq + 1))
        done >>results/journal.jsonl
        boot four
        $FATAL --resume results
        "#,
    );
    let tree = target.tree();
    assert!(
        !tree.file("b_kills.attempt-1/keyval").contains("released"),
        "{output:?}"
    );
    let journal = tree.file("journal.jsonl");
    let told = "`cleanup` is given up: the job was interrupted 2 times before its end";
    assert!(journal.contains(told), "{journal}");
}
