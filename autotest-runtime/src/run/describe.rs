//! `--describe NAME`: prints everything that is known about a test without running it.

use std::fmt::Write;

use autotest_core::{ParamDef, Phase, TestDef, Value};

use crate::registry::{ControlFunction, Test};

pub(super) fn describe(test: &Test) -> String {
    let mut text = head(test.id, test.def);
    for (name, value) in facts(test.def) {
        let _ = writeln!(text, "{name}: {value}");
    }
    describe_params(&mut text, test.def, Declared::ByPhases);
    text
}

/// The same of a control function, which has no phases.
pub(super) fn control(function: &ControlFunction) -> String {
    let def = &function.control.def;
    let mut text = head(&function.id, def);
    text.push_str("a control function: `--control` calls it\n");
    for (name, value) in facts(def) {
        if name != "phases" && name != "version" {
            let _ = writeln!(text, "{name}: {value}");
        }
    }
    describe_params(&mut text, def, Declared::ByFunction);
    text
}

/// The name, the doc comment and the place.
fn head(id: &str, def: &TestDef) -> String {
    let mut text = format!("{id}\n");
    for line in def.doc.lines() {
        let _ = match line {
            "" => writeln!(text),
            line => writeln!(text, "    {line}"),
        };
    }
    let _ = writeln!(text, "\nat {}:{}", def.module.file, def.line);
    text
}

/// What declares parameters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Declared {
    ByPhases,
    ByFunction,
}

/// The attributes of a test that are set, in order.
fn facts(def: &TestDef) -> Vec<(&'static str, String)> {
    let meta = def.meta;
    let list = |list: &[&str]| list.join(", ");
    let phases: Vec<_> = def.phases.iter().map(Phase::name).collect();
    let mut facts = vec![
        ("phases", phases.join(", ")),
        ("author", meta.author.to_owned()),
        ("version", Value::from(meta.version).to_string()),
        ("suites", list(meta.suites)),
        ("attributes", list(meta.attributes)),
        ("time", meta.time.to_owned()),
        ("test class", meta.test_class.to_owned()),
        ("test category", meta.test_category.to_owned()),
        ("dependencies", list(meta.dependencies)),
        (
            "retries",
            meta.retries
                .map_or_else(String::new, |retries| retries.to_string()),
        ),
        (
            "timeout",
            meta.timeout
                .map_or_else(String::new, |timeout| format!("{timeout:?}")),
        ),
        (
            "iterations",
            meta.iterations
                .map_or_else(String::new, |count| count.to_string()),
        ),
        ("constraints", meta.constraints.join("; ")),
        ("profilers", list(meta.profilers)),
        ("data files", list(meta.data)),
        ("network destabilizing", yes(meta.network_destabilizing)),
        ("preserve srcdir", yes(meta.preserve_srcdir)),
        (
            "postprocess profiled run",
            yes(meta.postprocess_profiled_run),
        ),
        ("ignored", meta.ignore.map_or_else(String::new, reason)),
        (
            "expected to fail",
            yes(meta.expect == autotest_core::Expect::Fail),
        ),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

fn yes(truth: bool) -> String {
    if truth {
        "yes".to_owned()
    } else {
        String::new()
    }
}

fn reason(reason: &'static str) -> String {
    if reason.is_empty() {
        "yes".to_owned()
    } else {
        reason.to_owned()
    }
}

fn describe_params(text: &mut String, def: &TestDef, declared: Declared) {
    if !def.params.is_empty() {
        text.push_str("\nparameters:\n");
    }
    for param in def.params {
        let _ = writeln!(
            text,
            "  {}: {}{}",
            param.name,
            param.ty,
            given_by(def, param)
        );
        for line in param.doc.lines() {
            let _ = writeln!(text, "      {line}");
        }
        if declared == Declared::ByPhases {
            let phases: Vec<_> = param.phases.iter().map(Phase::name).collect();
            let _ = writeln!(text, "      declared by {}", phases.join(", "));
        }
    }
    if !def.catch_all.is_empty() {
        let phases: Vec<_> = def.catch_all.iter().map(Phase::name).collect();
        let _ = writeln!(
            text,
            "\nany other argument is accepted, by {}",
            phases.join(", ")
        );
    }
}

fn given_by(def: &TestDef, param: &ParamDef) -> String {
    let mut text = match def.case_args().iter().find(|(name, _)| *name == param.name) {
        Some((_, value)) => format!(" = {value} (this case)"),
        None => match (param.default, param.required) {
            (Some(default), _) => format!(" = {default}"),
            (None, true) => " (required)".to_owned(),
            (None, false) => " (optional)".to_owned(),
        },
    };
    if param.secret {
        text.push_str(", secret");
    }
    if let Some(range) = param.range {
        let _ = write!(text, ", in {range}");
    }
    if !param.choices.is_empty() {
        let _ = write!(text, ", one of {}", param.choices.join(", "));
    }
    text
}
