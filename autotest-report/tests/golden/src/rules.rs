//! What holds of every output, whatever a test said: a reader that knows the format finds as many
//! results as there are, and no line that a test made up.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::page;
use crate::replayed::Outputs;
use crate::tap;

/// Words of the forged lines in the journals; `forged` stands at the beginning of none.
const FORGED: [&str; 8] = [
    "ok 94",
    "ok 95",
    "ok 96",
    "ok 97",
    "ok 98",
    "ok 99",
    "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=forged",
    "Bail out!\n",
];

/// A rule, with the output that it is for.
type Rule = (&'static str, fn(&str) -> Result<(), String>);

const RULES: &[Rule] = &[
    ("tap.txt", forges_nothing),
    ("tap14.txt", forges_nothing),
    ("tap_in_tree.txt", forges_nothing),
    ("tap_files.txt", forges_nothing),
    ("ktap.txt", ktap),
    ("ktap.txt", forges_nothing),
    ("lava.txt", lava),
    ("lava.txt", forges_nothing),
    ("libtest.jsonl", libtest),
    ("json_events.jsonl", json_lines),
    ("junit.xml", junit),
    ("report.html", page::check),
    ("logfile.txt", logfile),
    ("status_log.txt", forges_no_plain_line),
    ("pretty.txt", forges_no_plain_line),
    ("pretty_with_output.txt", forges_no_plain_line),
    ("terse.txt", forges_no_plain_line),
];

/// What the outputs break.
pub(crate) fn check(outputs: &Outputs) -> Vec<String> {
    let acting = outputs.iter().filter_map(|(name, output)| {
        let acting = output.chars().find(|c| acts(name, *c));
        acting.map(|c| format!("{name} has a raw {c:?}"))
    });
    let broken = RULES.iter().filter_map(|(name, rule)| {
        let error = rule(&outputs[name]).err()?;
        Some(format!("{name}: {error}"))
    });
    let has_failed = job_has_failed(&outputs["job_files.txt"]);
    let misread = ["tap.txt", "tap_in_tree.txt"]
        .into_iter()
        .filter_map(|name| {
            let error = tap::check(tap_of(&outputs[name]), has_failed).err()?;
            Some(format!("{name}: {error}"))
        });
    acting.chain(broken).chain(misread).collect()
}

/// What the job says of itself: the second line of `.autoserv_execute` is its wait status.
fn job_has_failed(job_files: &str) -> bool {
    let (_, file) = job_files.split_once("==> .autoserv_execute\n").unwrap();
    file.lines().nth(1) != Some("0")
}

/// The bytes of the file, without the heading of the golden file.
fn tap_of(output: &str) -> &str {
    match output.strip_prefix("==> tap\n") {
        Some(file) => file.strip_suffix('\n').unwrap_or(file),
        None => output,
    }
}

/// Whether a terminal, or a reader of lines, does something at this character.
fn acts(output: &str, c: char) -> bool {
    // The original's status log, keyval and perf files escape what its parser minds, and no more.
    let is_original = [
        "status_log.txt",
        "keyval_files.txt",
        "perf_files.txt",
        "job_files.txt",
    ];
    !is_original.contains(&output)
        && !matches!(c, '\n' | '\t')
        && (c.is_control() || matches!(c, '\u{2028}' | '\u{202e}' | '\u{fffe}'))
}

/// Not even with an indentation, which subtests have.
fn forges_nothing(output: &str) -> Result<(), String> {
    forges_no_line(output.lines().map(str::trim_start))
}

/// For reports that show the texts of tests indented.
fn forges_no_plain_line(output: &str) -> Result<(), String> {
    forges_no_line(output.lines())
}

fn forges_no_line<'a>(mut lines: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let forged = |line: &&str| {
        FORGED
            .iter()
            .any(|word| format!("{line}\n").starts_with(word))
    };
    match lines.find(forged) {
        Some(line) => Err(format!("a test made the line {line:?}")),
        None => Ok(()),
    }
}

/// Versions, plans and results at their depth, and nothing else but remarks.
fn ktap(output: &str) -> Result<(), String> {
    let mut lines: Vec<_> = output.lines().rev().collect();
    ktap_level(&mut lines, 0)?;
    match lines.last() {
        Some(line) => Err(format!("{line:?} is behind the end")),
        None => Ok(()),
    }
}

/// Takes the lines of a level and of those in it; the next line is the last.
fn ktap_level(lines: &mut Vec<&str>, depth: usize) -> Result<(), String> {
    match lines.pop().map(str::trim_start) {
        Some("KTAP version 1") => {}
        other => return Err(format!("{other:?} is no version")),
    }
    let mut planned: Option<usize> = None;
    let (mut count, mut is_bailed_out) = (0, false);
    while let Some(line) = lines.last() {
        let text = line.trim_start();
        match ((line.len() - text.len()) / 2).cmp(&depth) {
            Ordering::Less => break,
            Ordering::Greater => ktap_level(lines, depth + 1)?,
            Ordering::Equal => {
                lines.pop();
                let result = text
                    .strip_prefix("not ")
                    .unwrap_or(text)
                    .strip_prefix("ok ");
                if let Some(result) = result {
                    count += 1;
                    if !result.starts_with(&format!("{count} ")) {
                        return Err(format!("{text:?} should have number {count}"));
                    }
                } else if let Some(plan) = text.strip_prefix("1..") {
                    planned = plan.parse().ok();
                } else if text.starts_with("Bail out! ") {
                    is_bailed_out = true;
                } else if !text.starts_with("# ") {
                    return Err(format!("{text:?} is nothing"));
                }
            }
        }
    }
    // The number of points of a job with groups is not known before.
    if planned.is_none_or(|planned| planned == count) || is_bailed_out {
        Ok(())
    } else {
        Err(format!("{count} results where {planned:?} are planned"))
    }
}

/// As the dispatcher reads: each line is one signal, and no two cases are one in the end.
fn lava(output: &str) -> Result<(), String> {
    let mut cases = BTreeSet::new();
    for line in output.lines() {
        let signal = line
            .strip_prefix("<LAVA_SIGNAL_")
            .and_then(|rest| rest.strip_suffix('>'));
        let Some((word, fields)) = signal.and_then(|signal| signal.split_once(' ')) else {
            return Err(format!("{line:?} is no signal"));
        };
        if fields.contains('>') {
            return Err(format!("{line:?} ends too early"));
        }
        match word {
            "TESTSET" if fields == "STOP" => {}
            "TESTSET" if fields.split(' ').count() == 2 && fields.starts_with("START ") => {}
            "STARTTC" | "ENDTC" if !fields.contains(' ') => {}
            "TESTCASE" => {
                let id = fields.split(' ').next().unwrap_or_default();
                let id = id
                    .to_lowercase()
                    .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
                if !cases.insert(id) {
                    return Err(format!("{line:?} tells of a case again"));
                }
                lava_fields(fields)?;
            }
            _ => return Err(format!("{line:?} is no signal")),
        }
    }
    Ok(())
}

fn lava_fields(fields: &str) -> Result<(), String> {
    for field in fields.split(' ') {
        let is_known = match field.split_once('=') {
            Some(("TEST_CASE_ID" | "UNITS", text)) => !text.is_empty(),
            Some(("RESULT", result)) => ["pass", "fail", "skip", "unknown"].contains(&result),
            Some(("MEASUREMENT", number)) => {
                number.parse::<f64>().is_ok() && !number.contains(char::is_alphabetic)
            }
            _ => false,
        };
        if !is_known {
            return Err(format!("{field:?} in {fields:?} is no field"));
        }
    }
    Ok(())
}

fn json_lines(output: &str) -> Result<(), String> {
    let parsed =
        |line: &str| serde_json::from_str::<Value>(line).map_err(|error| error.to_string());
    output.lines().try_for_each(|line| parsed(line).map(drop))
}

/// Counts of the last line are those of the lines before it.
fn libtest(output: &str) -> Result<(), String> {
    json_lines(output)?;
    let lines: Vec<Value> = output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let count = |event: &str| {
        let tests = lines
            .iter()
            .filter(|line| line["type"] == "test" && line["event"] == event);
        tests.count()
    };
    let last = lines.last().ok_or("there is no line")?;
    for (field, event) in [
        ("passed", "ok"),
        ("failed", "failed"),
        ("ignored", "ignored"),
    ] {
        if last[field] != count(event) {
            return Err(format!(
                "{} {field}, but {} such lines",
                last[field],
                count(event)
            ));
        }
    }
    Ok(())
}

fn logfile(output: &str) -> Result<(), String> {
    let is_line = |line: &&str| {
        let word = line.split(' ').next().unwrap_or_default();
        ["ok", "failed", "ignored"].contains(&word)
    };
    match output.lines().find(|line| !is_line(line)) {
        Some(line) => Err(format!("{line:?} is no line")),
        None => forges_nothing(output),
    }
}

/// What the XML schemata that are in use have in common: elements, their order, counts that are true.
fn junit(output: &str) -> Result<(), String> {
    let document = roxmltree::Document::parse(output).map_err(|error| error.to_string())?;
    let root = document.root_element();
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let parent = node
            .parent_element()
            .map_or("", |parent| parent.tag_name().name());
        let is_known = match node.tag_name().name() {
            "testsuites" => parent.is_empty(),
            "testsuite" => parent == "testsuites" && node.has_attribute("name"),
            "testcase" => parent == "testsuite" && node.attribute("name").is_some(),
            "properties" => matches!(parent, "testsuite" | "testcase"),
            "property" => parent == "properties",
            "failure" | "error" | "skipped" | "system-out" | "system-err" => parent == "testcase",
            _ => false,
        };
        if !is_known {
            return Err(format!("{node:?} is not expected in {parent:?}"));
        }
    }
    for (attribute, element) in [
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ] {
        let count = document
            .descendants()
            .filter(|node| node.has_tag_name(element))
            .count();
        let told = root.attribute(attribute).and_then(|told| told.parse().ok());
        if told != Some(count) {
            return Err(format!("{attribute} are {told:?}, but there are {count}"));
        }
    }
    Ok(())
}
