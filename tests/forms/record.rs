//! The ELF section `autotest_meta`: what a tool can know of a binary without running it.

#![cfg(target_os = "linux")]

use std::path::Path;
use std::sync::LazyLock;

use autotest_core::id::IdOf;
use autotest_core::{DescribedKind, Description, TestDef};
use autotest_meta::Suite;
use serde_json::{Value, json};

/// The records of this very binary, which has no `main!`.
static SUITE: LazyLock<Suite> =
    LazyLock::new(|| Suite::of_file(Path::new("/proc/self/exe")).expect("a suite"));

fn id(def: &TestDef) -> String {
    let id = IdOf {
        module: def.module.path,
        name: def.name,
        is_verbatim: def.renamed.is_some(),
        case: def.case.map_or("", |case| case.name),
    };
    id.pieces("no crate").concat()
}

/// What the record of a test says, without its line.
#[track_caller]
fn record(id: &str) -> Value {
    let Some(test) = SUITE.test(id) else {
        panic!("there is no record of {id}")
    };
    let mut json = serde_json::to_value(test).expect("all keys are texts");
    json.as_object_mut().expect("an object").remove("line");
    json
}

#[test]
fn a_record_says_what_the_definition_says() {
    let mut tests: Vec<Description> = crate::bench::defs()
        .map(|def| Description::new(DescribedKind::Test, &id(def), def))
        .collect();
    tests.sort_by(|a, b| a.id.cmp(&b.id));
    for (read, known) in SUITE.tests.iter().zip(&tests) {
        assert_eq!(read, known);
    }
    assert_eq!(SUITE.tests.len(), tests.len());
}

#[test]
fn a_record_says_what_the_author_said() {
    let expected = json!({
        "v": 1, "id": "meta::all", "name": "meta::all", "verbatim": true, "module": "forms::metadata",
        "file": "tests/forms/metadata.rs", "author": "who", "version": "1.2",
        "doc": "Says everything.\n\n  Indented, and \"quoted\".",
        "suites": ["a", "b"], "attributes": ["c"], "time": "SHORT",
        "test_class": "kernel", "test_category": "stress", "dependencies": ["wifi"],
        "retries": 2, "timeout": 1.5, "iterations": 3, "constraints": ["ms < 5"],
        "profilers": ["vmstat", "iostat"], "data": ["small.bin"],
        "needs": ["root", "cmd(\"fio\")", "cmd(\"iperf3\")", "kernel(\">= 5.10\")"], "site": true,
        "network_destabilizing": true, "preserve_srcdir": true,
        "postprocess_profiled_run": true, "ignore": "takes long", "expect": "fail",
        "phases": ["run_once"],
    });
    assert_eq!(record("meta::all"), expected);
}

#[test]
fn a_record_describes_parameters() {
    let expected = json!([
        {"name": "mb", "type": "u64", "required": false, "default": "64", "range": "1..=4096",
         "doc": "How much,\nin MiB.", "phases": ["run_once"]},
        {"name": "disk", "type": "Option<&str>", "required": false,
         "choices": ["\"sda\"", "\"sdb\""], "doc": "Where.", "phases": ["run_once"]},
    ]);
    assert_eq!(record("forms::metadata::described")["params"], expected);
    let case = record("disk.copy::named");
    assert_eq!(case["args"], json!({"mb": "2", "disk": "\"sdb\""}));
}

#[test]
fn a_record_has_a_line_for_each_value_and_no_default_of_a_secret() {
    let case = record("matrix::two::level_16::mode_Fast::pause_90");
    let args = json!({"text": "\"b\"", "count": "7", "level": "0x10", "mode": "Mode::Fast", "pause": "\"90\""});
    assert_eq!(case["args"], args);
    assert_eq!(
        case["params"][1],
        json!({"name": "level", "type": "i32", "required": false, "phases": ["run_once"]})
    );
    let expected = json!({"name": "pin", "type": "u32", "required": false, "default": "(secret)",
        "range": "1..=9999", "secret": true, "with": "pin", "phases": ["run_once"]});
    assert_eq!(
        record("forms::params::secret_limits")["params"][0],
        expected
    );
}

#[test]
fn the_records_of_conditional_phases_are_joined() {
    let test = record("forms::phases::Conditional");
    assert_eq!(test["phases"], json!(["initialize", "run_once"]));
    assert_eq!(test["params"][0]["phases"], json!(["initialize"]));
}
