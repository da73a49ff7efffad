//! The published schema of job files says what the suite reads.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::job_files;

fn docs(name: &str) -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    fs::read_to_string(docs.join(name)).unwrap()
}

fn schema() -> Value {
    serde_json::from_str(&docs("job-file.schema.json")).unwrap()
}

/// The properties of an object in the schema; `""` is the whole file.
fn properties(schema: &Value, definition: &str) -> Map<String, Value> {
    let object = match definition {
        "" => schema,
        definition => &schema["definitions"][definition],
    };
    object["properties"].as_object().unwrap().clone()
}

/// Whether the suite accepts a file, and what it says.
fn read(file: &Value) -> (bool, String) {
    let home = tempfile::tempdir().unwrap();
    let output = job_files::run(home.path(), &file.to_string(), &["--dry-run"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.success(), stderr)
}

fn check_accepted(file: &Value) {
    let (is_read, stderr) = read(file);
    assert!(is_read, "{file}: {stderr}");
    let errors = jsonschema::validate(&schema(), file);
    assert!(errors.is_ok(), "{file}: {errors:?}");
}

fn check_refused(file: &Value) {
    assert!(!read(file).0, "the suite reads {file}");
    assert!(!jsonschema::is_valid(&schema(), file), "{file} is valid");
}

/// A file with one run that has this member, or with this setting.
fn file_with(definition: &str, key: &str, value: Value) -> Value {
    let mut file = json!({"runs": [{"test": "passes"}]});
    match definition {
        "Run" => file["runs"][0][key] = value,
        "Settings" => file["settings"] = json!({ key: value }),
        _ => file[key] = value,
    }
    file
}

/// A value of a property.
fn sample(schema: &Value, key: &str, property: &Value) -> Value {
    let reference = property["allOf"][0]["$ref"].as_str();
    if let Some(reference) = reference {
        let definition = reference.rsplit('/').next().unwrap();
        return match definition {
            "Settings" => json!({}),
            definition => sample(schema, key, &schema["definitions"][definition]),
        };
    }
    if let Some(first) = property["enum"].get(0) {
        return first.clone();
    }
    if let Some(alternative) = property["anyOf"].get(0) {
        return sample(schema, key, alternative);
    }
    match (property["type"].as_str().unwrap(), key) {
        ("boolean", _) => json!(true),
        ("integer" | "number", _) => json!(1),
        ("array", "runs") => json!([{"test": "passes"}]),
        ("array", _) => json!([]),
        ("object", _) => json!({}),
        ("string", "test") => json!("passes"),
        ("string", "before_test" | "after_test") => json!("notes_it"),
        ("string", _) => json!("text"),
        (other, _) => panic!("no value for a {other}"),
    }
}

#[test]
fn the_files_of_the_tests_and_of_the_docs_are_valid() {
    let example = docs("jobs.md");
    let example = example.split("```json\n").nth(1).unwrap();
    let example = example.split("```").next().unwrap();
    for file in [job_files::WHOLE, example] {
        let file = serde_json::from_str(file).unwrap();
        jsonschema::validate(&schema(), &file).unwrap();
    }
}

#[test]
fn each_key_of_the_schema_is_read() {
    let schema = schema();
    for definition in ["", "Run", "Settings"] {
        for (key, property) in properties(&schema, definition) {
            let value = sample(&schema, &key, &property);
            check_accepted(&file_with(definition, &key, value));
        }
    }
}

#[test]
fn each_key_that_is_read_is_in_the_schema() {
    let schema = schema();
    for (definition, others) in [
        ("", [].as_slice()),
        ("Run", &["group", "parallel", "reboot"]),
        ("Settings", &[]),
    ] {
        let (_, stderr) = read(&file_with(definition, "zzzzzzzzzzzz", json!(1)));
        let (_, keys) = stderr.split_once("there are ").unwrap();
        let mut read: Vec<&str> = keys.split('`').skip(1).step_by(2).collect();
        read.retain(|key| !others.contains(key));
        read.sort_unstable();
        let mut written: Vec<_> = properties(&schema, definition).into_iter().collect();
        written.sort_by(|(a, _), (b, _)| a.cmp(b));
        let written: Vec<_> = written.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(read, written, "{definition}");
    }
}

#[test]
fn what_is_none_of_the_format_is_refused_by_both() {
    let passes = json!({"test": "passes"});
    let runs = |entry: Value| json!({"runs": [entry]});
    for file in [
        json!([]),
        json!({}),
        json!({"runs": {}}),
        json!({"runs": [], "label": 1}),
        runs(json!("passes")),
        runs(json!({})),
        runs(json!({"test": 1})),
        runs(json!({"group": "a"})),
        runs(json!({"group": "a/b", "runs": [passes]})),
        runs(json!({"group": "a", "runs": [passes], "tag": "b"})),
        runs(json!({"parallel": [passes]})),
        runs(json!({"parallel": {"a.b": [passes]}})),
        runs(json!({"reboot": false})),
        file_with("Run", "tag", json!("a/b")),
        file_with("Run", "timeout", json!("soon")),
        file_with("Run", "timeout", json!(-1)),
        file_with("Run", "retries", json!(-1)),
        file_with("Run", "args", json!([])),
        file_with("Run", "label", json!("a")),
        file_with("Settings", "fast", json!(1)),
        file_with("Settings", "hook_order", json!("random")),
        file_with("Settings", "before_iteration", json!("notes_it")),
        file_with("Settings", "tag", json!(null)),
    ] {
        check_refused(&file);
    }
}
