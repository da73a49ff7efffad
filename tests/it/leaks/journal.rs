//! Errors in systemd's journal, from a real systemd-journald.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::binary::{Tree, fixture_path};
use crate::journald::{Storage, run_beside};

/// What is told of the journal in each warning, after tests beside a service of their own. `None`, and says why, where
/// that is not possible.
fn told(storage: Storage, runs: &Value, variables: &[(&str, &str)]) -> Option<String> {
    let home = tempfile::tempdir().unwrap();
    let file = json!({"runs": runs}).to_string();
    fs::write(home.path().join("job.json"), file).unwrap();
    let mut fixture = Command::new(fixture_path("leaky"));
    fixture
        .args([
            "--leaks",
            "warn",
            "--job",
            "job.json",
            "--results",
            "results",
        ])
        .envs(variables.iter().copied());
    let output = run_beside(storage, home.path(), &mut fixture)?;
    assert!(output.status.success(), "{output:?}");
    let log = Tree::at(home.path(), "results").file("status.log");
    let mut told = String::new();
    for line in log.lines() {
        let Some((test, _)) = line
            .trim_start()
            .strip_prefix("WARN\t")
            .and_then(|rest| rest.split_once('\t'))
        else {
            continue;
        };
        let text = line.rsplit('\t').next().unwrap();
        // Whatever else is changed on this machine meanwhile.
        for part in text.split("; ") {
            if let Some((_, error)) = part.split_once("the journal has ") {
                told.push_str(&format!("{test}: {error}\n"));
            }
        }
    }
    Some(told)
}

fn logs(tag: &str, level: u8, message: &str) -> Value {
    json!({"test": "logs", "tag": tag, "args": {"level": level, "message": message}})
}

fn executes(tag: &str, command: &str) -> Value {
    json!({"test": "executes", "tag": tag, "args": {"command": command}})
}

#[test]
fn an_error_in_the_journal_is_named() {
    let long = "x".repeat(3000);
    let runs = json!([
        {"test": "clean", "tag": "first"},
        logs("warning", 4, "only a warning"),
        logs("error", 3, "it is broken"),
        logs("long", 2, &long),
        executes("stream", "echo 'from a stream' | systemd-cat -t cat -p err; journalctl --sync"),
        executes("many", "for i in 1 2; do logger -t many -p user.crit -u /run/systemd/journal/dev-log number $i; done; \
                          journalctl --sync"),
        {"test": "clean", "tag": "last"},
    ]);
    let expected = "\
logs.error: the error `leaky: it is broken`
logs.long: the error `leaky: (a long message)`
executes.stream: the error `cat: from a stream`
executes.many: the error `many: number 1`
executes.many: the error `many: number 2`
";
    let small_and_large = [
        (Storage::Volatile, [("SYSTEMD_JOURNAL_COMPACT", "1")]),
        (Storage::Persistent, [("SYSTEMD_JOURNAL_COMPACT", "0")]),
    ];
    for (storage, variables) in small_and_large {
        let Some(told) = told(storage, &runs, &variables) else {
            return;
        };
        assert_eq!(told, expected, "{storage:?}");
    }
}

#[test]
fn errors_in_a_file_that_is_rotated_and_in_the_next_one_are_named() {
    let again = "journalctl --rotate; echo after | systemd-cat -t cat -p err";
    let runs = json!([{"test": "logs", "args": {"level": 3, "message": "before", "then": again}}, {"test": "clean"}]);
    let Some(told) = told(Storage::Persistent, &runs, &[]) else {
        return;
    };
    let expected = "logs: the error `leaky: before`\nlogs: the error `cat: after`\n";
    assert_eq!(told, expected);
}

#[test]
fn an_error_that_is_written_late_is_not_the_next_tests() {
    let runs = json!([
        {"test": "stops_the_journal"},
        executes("continues", "kill -CONT $JOURNALD; journalctl --sync"),
        logs("then", 3, "in time"),
    ]);
    let Some(told) = told(Storage::Volatile, &runs, &[]) else {
        return;
    };
    assert_eq!(told, "logs.then: the error `leaky: in time`\n");
}

#[test]
fn without_a_journal_nothing_is_told() {
    let runs = json!([
        logs("error", 3, "lost"),
        executes("ends", "kill -KILL $JOURNALD; rm -r /run/systemd/journal")
    ]);
    let Some(told) = told(Storage::None, &runs, &[]) else {
        return;
    };
    assert_eq!(told, "");
}
