//! The ELF section `autotest_meta`: what a tool can know of a binary without running it.

#![cfg(target_os = "linux")]

use std::sync::LazyLock;

use serde_json::{Value, json};

/// The records of this very binary.
static RECORDS: LazyLock<Vec<Value>> = LazyLock::new(records);

fn records() -> Vec<Value> {
    let binary = std::fs::read(std::env::current_exe().expect("a path")).expect("a file");
    let start = b"{\"v\":1,\"name\":\"";
    let places = (0..binary.len()).filter(|at| binary[*at..].starts_with(start));
    let lines = places.filter_map(|at| {
        let line = binary[at..].split(|byte| *byte == b'\n').next()?;
        serde_json::from_slice(line).ok()
    });
    lines.collect()
}

#[track_caller]
fn record(name: &str, case: Option<&str>) -> Vec<Value> {
    let is_wanted = |record: &&Value| {
        record["name"] == name && record.get("case").and_then(Value::as_str) == case
    };
    let mut found: Vec<Value> = RECORDS.iter().filter(is_wanted).cloned().collect();
    assert!(!found.is_empty(), "there is no record of {name}");
    for record in &mut found {
        record.as_object_mut().expect("an object").remove("line");
    }
    found
}

#[test]
fn every_test_has_a_record() {
    for def in crate::bench::defs() {
        let is_its = |record: &&Value| {
            record["name"] == def.name
                && record["module"] == def.module.path
                && record.get("case").and_then(Value::as_str) == def.case.map(|case| case.name)
                && record["line"] == def.line
                && record["file"] == def.module.file
        };
        assert_eq!(
            RECORDS.iter().filter(is_its).count(),
            1,
            "{} {:?}",
            def.name,
            def.case
        );
    }
}

#[test]
fn a_record_says_what_the_author_said() {
    let expected = json!({
        "v": 1, "name": "meta::all", "verbatim": true, "module": "forms::metadata",
        "file": "tests/forms/metadata.rs", "author": "who", "version": "1.2",
        "doc": "Says everything.\n\n  Indented, and \"quoted\".",
        "suites": ["a", "b"], "attributes": ["c"], "time": "SHORT",
        "test_class": "kernel", "test_category": "stress", "dependencies": ["wifi"],
        "retries": 2, "timeout": 1.5, "iterations": 3, "constraints": ["ms < 5"],
        "profilers": ["vmstat", "iostat"], "data": ["small.bin"],
        "network_destabilizing": true, "preserve_srcdir": true,
        "postprocess_profiled_run": true, "ignore": "takes long", "expect": "fail",
    });
    assert_eq!(record("meta::all", None), [expected]);
}

#[test]
fn a_record_describes_parameters() {
    let params = &record("described", None)[0]["params"];
    let expected = json!([
        {"name": "mb", "type": "u64", "required": false, "default": "64", "range": "1..=4096",
         "doc": "How much,\nin MiB.", "phases": ["run_once"]},
        {"name": "disk", "type": "Option<&str>", "required": false,
         "choices": ["\"sda\"", "\"sdb\""], "doc": "Where.", "phases": ["run_once"]},
    ]);
    assert_eq!(*params, expected);
    let case = &record("disk.copy", Some("named"))[0];
    assert_eq!(case["args"], json!({"mb": "2", "disk": "\"sdb\""}));
}

#[test]
fn a_record_has_a_line_for_each_value_and_no_default_of_a_secret() {
    let name = "two::level_16::mode_Fast::pause_90";
    let case = &record("matrix", Some(name))[0];
    let args = json!({"text": "\"b\"", "count": "7", "level": "0x10", "mode": "Mode::Fast", "pause": "\"90\""});
    assert_eq!(case["args"], args);
    assert_eq!(
        case["params"][1],
        json!({"name": "level", "type": "i32", "required": false, "phases": ["run_once"]})
    );
    let secret = &record("secret_limits", None)[0]["params"][0];
    let expected = json!({"name": "pin", "type": "u32", "required": false, "default": "(secret)",
        "range": "1..=9999", "secret": true, "phases": ["run_once"]});
    assert_eq!(*secret, expected);
}

#[test]
fn a_conditional_phase_has_a_line_of_its_own() {
    let mut lines = record("Conditional", None);
    lines.sort_by_key(|line| line["phases"].to_string());
    let phases: Vec<&Value> = lines.iter().map(|line| &line["phases"]).collect();
    assert_eq!(phases, [&json!(["initialize"]), &json!(["run_once"])]);
    assert_eq!(lines[0]["params"][0]["phases"], json!(["initialize"]));
}
