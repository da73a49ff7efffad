//! What systemd's journal gets while a test runs, from a real systemd-journald.

use std::fs;
use std::process::Command;

use expect_test::expect;
use serde_json::{Value, json};

use super::job::Job;
use crate::binary::{fixture_path, sleepers};
use crate::journald::{Storage, run_beside};

/// Runs tests beside a service of their own. `None`, and says why, where that is not possible.
fn run(storage: Storage, runs: &Value, args: &[&str]) -> Option<Job> {
    let job = Job::new();
    job.write_file(runs);
    let mut fixture = Command::new(fixture_path("informed"));
    fixture
        .args(["--sysinfo", "--job", "job.json", "--results", "results"])
        .args(args)
        .env("SYSTEMD_COLORS", "1");
    let output = run_beside(storage, job.home(), &mut fixture)?;
    assert!(output.status.success(), "{output:?}");
    Some(job)
}

fn tells(tag: &str, message: &str) -> Value {
    json!({"test": "tells_the_journal", "tag": tag, "args": {"message": message}})
}

/// What each test has of the journal: without times, the host's name and processes; long lines are cut.
fn journals(job: &Job) -> String {
    let mut all = String::new();
    for line in job.file("status.log").lines() {
        let Some((_, rest)) = line
            .split_once("START\t")
            .filter(|(_, rest)| !rest.starts_with('-'))
        else {
            continue;
        };
        let (test, _) = rest.split_once('\t').unwrap();
        let journal = fs::read_to_string(job.path(&format!("{test}/sysinfo/journal")));
        all.push_str(&format!(
            "{test}:{}\n",
            if journal.is_err() { " none" } else { "" }
        ));
        for line in journal.unwrap_or_default().lines() {
            let entry = match line.split_once("]: ") {
                Some((head, message)) if head.starts_with("20") => {
                    let (time, source) = head.split_once(' ').unwrap();
                    assert!(
                        time.ends_with("+0000") || time.ends_with("+00:00"),
                        "{line}"
                    );
                    let (_, source) = source.split_once(' ').unwrap();
                    let (name, _) = source.split_once('[').unwrap();
                    format!("{name}: {message}")
                }
                _ => line.trim_start().to_owned(),
            };
            let short: String = entry.chars().take(60).collect();
            all.push_str(&format!("  {short}\n"));
        }
    }
    all
}

#[test]
fn each_test_has_what_the_journal_got_meanwhile() {
    let error = "echo 'an error' | systemd-cat -t cat -p err; journalctl --sync";
    let runs = json!([
        {"test": "quiet", "tag": "first"},
        tells("one", "a line"),
        tells("lines", "several\nlines"),
        tells("binary", "not \u{0} text"),
        {"test": "executes", "tag": "error", "args": {"command": error}},
        {"test": "quiet", "tag": "last"},
    ]);
    for storage in [Storage::Volatile, Storage::Persistent] {
        for isolation in ["fork", "exec"] {
            let Some(job) = run(storage, &runs, &["--isolation", isolation]) else {
                return;
            };
            expect![[r#"
                quiet.first: none
                tells_the_journal.one:
                  informed: a line
                tells_the_journal.lines:
                  informed: several
                  lines
                tells_the_journal.binary:
                  informed: [10B blob data]
                executes.error:
                  cat: an error
                quiet.last: none
            "#]]
            .assert_eq(&journals(&job));
            assert_eq!(job.notes(), "");
        }
    }
}

#[test]
fn an_entry_that_is_written_late_is_not_the_next_tests() {
    let runs = json!([
        {"test": "stops_the_journal"},
        {"test": "continues_the_journal"},
        tells("then", "a line"),
    ]);
    let Some(job) = run(Storage::Volatile, &runs, &[]) else {
        return;
    };
    // The first test may have it or not.
    let of_others = journals(&job);
    let (_, of_others) = of_others.split_once("continues").unwrap();
    expect![[r#"
        _the_journal: none
        tells_the_journal.then:
          informed: a line
    "#]]
    .assert_eq(of_others);
}

#[test]
fn of_a_flood_of_entries_the_beginning_is_kept_and_that_is_told() {
    let runs = json!([{"test": "floods_the_journal"}, {"test": "quiet"}]);
    let Some(job) = run(Storage::Volatile, &runs, &[]) else {
        return;
    };
    let journal = fs::read(job.path("floods_the_journal/sysinfo/journal")).unwrap();
    let end = b"\n[cut after 16777216 bytes]\n";
    assert_eq!(journal.len(), (16 << 20) + end.len());
    assert!(journal.ends_with(end));
    expect![[r#"
        INFO floods_the_journal sysinfo: `journal` is cut after 16777216 bytes
    "#]]
    .assert_eq(&job.notes());
}

#[test]
fn a_service_that_dies_costs_no_verdict() {
    let runs = json!([tells("one", "a line"), {"test": "kills_the_journal"}, {"test": "quiet"}]);
    let Some(job) = run(Storage::Volatile, &runs, &[]) else {
        return;
    };
    expect![[r#"
        tells_the_journal.one:
          informed: a line
        kills_the_journal:
          informed: last words
        quiet: none
    "#]]
    .assert_eq(&journals(&job));
    assert_eq!(job.notes(), "");
}

#[test]
fn without_a_journal_there_is_no_file_and_no_note() {
    let tests = [
        (Storage::None, tells("one", "a line")),
        (Storage::Volatile, json!({"test": "removes_the_journal"})),
    ];
    for (storage, test) in tests {
        let Some(job) = run(storage, &json!([test, {"test": "quiet"}]), &[]) else {
            return;
        };
        assert!(!journals(&job).contains("  "), "{}", journals(&job));
        assert_eq!(job.notes(), "");
    }
}

#[test]
fn a_program_that_reads_the_journal_forever_is_ended() {
    let job = Job::new();
    let make = r"printf '#!/bin/sh\nsleep 8646\n' >journalctl && chmod +x journalctl";
    let mut made = Command::new("sh");
    let made = made.args(["-c", make]).current_dir(job.home()).status();
    assert!(made.unwrap().success());
    job.write_file(&json!([{"test": "quiet"}]));
    let mut command = job.command(&["--sysinfo", "--job", "job.json", "--results", "results"]);
    let path = format!("{}:/usr/bin:/bin", job.home().display());
    let output = command.env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(sleepers("8646"), 0);
    expect![[r#"
        INFO quiet sysinfo: the command of `journal` took too long, and was ended
    "#]]
    .assert_eq(&job.notes());
}
