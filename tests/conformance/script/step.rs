//! The steps that need nothing but the context.

use std::fs;
use std::path::Path;

use autotest_core::{Subtest, TestContext, TestError, Value};
use serde_json::{Map, Value as Json, json};

use super::{hook, perf};
use crate::definition::{is_truthy, scenario_of};
use crate::raise::{Raised, raised};
use crate::scenario::{Arguments, Assert, IterationKeyval, RegisterHook, Step};
use crate::trace::{advance_clock, note};

/// How a step ends.
type Taken = Result<(), Raised>;

/// Does one step.
pub(super) fn take(cx: &mut TestContext, step: &Step) -> Taken {
    match step {
        Step::Raise(exception) => return Err(raised(exception)),
        Step::WritePerf { kv } => {
            written(cx, &[("perf", kv)], |cx| cx.write_perf_keyval(pairs(kv)))?
        }
        Step::WriteAttr { kv } => {
            written(cx, &[("attr", kv)], |cx| cx.write_attr_keyval(pairs(kv)))?
        }
        Step::WriteTestKeyval { kv } => write_test_keyval(cx, kv)?,
        Step::WriteIterationKeyval(keyval) => write_iteration_keyval(cx, keyval)?,
        Step::OutputPerfValue(arguments) => output_perf_value(cx, arguments)?,
        Step::RegisterHook(script) => register(cx, script),
        Step::Assert(Assert { expr, msg }) => assert(cx, expr, msg.as_deref())?,
        Step::Runsubtest(subtest) => run_subtest(cx, subtest)?,
        Step::Log { msg } => note(cx, &json!(["note", msg])),
        Step::AdvanceClock { s } => advance_clock(cx, *s),
        Step::WriteSrc { path, text } => write_src(&cx.srcdir().join(path), text)?,
        Step::Chdir { to } => change_directory(directory(cx, to))?,
        Step::LogCwd => log_cwd(cx),
        Step::LogIteration => log_iteration(cx),
        // The base class's own phases do nothing.
        Step::Call(call) | Step::CallBase(call) => {
            call.as_step().map_or(Ok(()), |step| take(cx, &step))?;
        }
        Step::Try { .. } | Step::SetAttr {} => {
            unreachable!("played elsewhere, or left out by a rule")
        }
    }
    Ok(())
}

fn pairs(kv: &Map<String, Json>) -> impl Iterator<Item = (String, Value)> {
    kv.iter()
        .map(|(key, json)| (key.clone(), Value::from(json.clone())))
}

/// Writes attributes and measurements, as the three calls of the library do. The original opened the file before it looked at the keys.
fn written(
    cx: &mut TestContext,
    parts: &[(&str, &Map<String, Json>)],
    write: impl FnOnce(&mut TestContext) -> Result<(), TestError>,
) -> Taken {
    write(cx).map_err(|error| {
        let opened = parts.iter().find(|(_, kv)| !kv.is_empty());
        opened
            .iter()
            .for_each(|(tag, _)| note(cx, &json!(["write_keyval", "results", tag])));
        Raised::Refused(error)
    })
}

fn write_test_keyval(cx: &mut TestContext, kv: &Map<String, Json>) -> Taken {
    cx.write_test_keyval(pairs(kv)).map_err(|error| {
        note(cx, &json!(["write_keyval", "test", null]));
        Raised::Refused(error)
    })
}

fn write_iteration_keyval(cx: &mut TestContext, keyval: &IterationKeyval) -> Taken {
    let IterationKeyval { attr, perf } = keyval;
    written(cx, &[("attr", attr), ("perf", perf)], |cx| {
        cx.write_iteration_keyval(pairs(attr), pairs(perf))
    })
}

fn output_perf_value(cx: &mut TestContext, arguments: &Arguments) -> Taken {
    cx.output_perf_value(perf::request(arguments))
        .map_err(Raised::Refused)
}

fn assert(cx: &TestContext, expr: &Json, message: Option<&str>) -> Taken {
    cx.assert_(is_truthy(expr), message.unwrap_or_default())
        .map_err(Raised::Refused)
}

fn register(cx: &mut TestContext, script: &RegisterHook) {
    let hook = hook(&script.kind, script.hook.clone());
    match script.kind.as_str() {
        "before_iteration" => cx.register_before_iteration_hook(hook),
        _ => cx.register_after_iteration_hook(hook),
    }
}

fn run_subtest(cx: &mut TestContext, script: &crate::scenario::Subtest) -> Taken {
    let mut subtest = Subtest::new(&script.url);
    for (name, json) in &script.arguments.kwargs {
        subtest = match (name.as_str(), json.as_str()) {
            ("tag", Some(tag)) => subtest.tag(tag),
            _ => subtest.arg(name, json.clone()),
        };
    }
    let result = cx.run_subtest(subtest);
    // A host knows no other errors than the test's; the class of this one is the script's.
    let fails = scenario_of(cx.def()).job.subtest_raises;
    let ended = result.map_err(|error| fails.as_ref().map_or(Raised::Refused(error), raised))?;
    note(cx, &json!(["subtest_result", !ended.status.is_failure()]));
    Ok(())
}

/// The system's error as Python words it.
fn os_error(error: &std::io::Error, path: &Path) -> Raised {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let message = format!(
        "[Errno {}] {text}: '{}'",
        error.raw_os_error().unwrap_or(0),
        path.display()
    );
    Raised::Exception {
        class: "OSError".to_owned(),
        message,
    }
}

fn write_src(path: &Path, text: &str) -> Taken {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(path, text))
        .map_err(|error| os_error(&error, path))
}

fn change_directory(to: &Path) -> Taken {
    std::env::set_current_dir(to).map_err(|error| os_error(&error, to))
}

fn log_cwd(cx: &mut TestContext) {
    let cwd = std::env::current_dir().unwrap_or_default();
    note(cx, &json!(["cwd", cwd.to_string_lossy()]));
}

fn log_iteration(cx: &mut TestContext) {
    let iteration = cx.iteration();
    note(cx, &json!(["iteration", iteration]));
}

fn directory<'a>(cx: &'a TestContext, name: &str) -> &'a Path {
    match name {
        "src" => cx.srcdir(),
        "tmp" => cx.tmpdir(),
        "bin" => cx.bindir(),
        _ => cx.resultsdir(),
    }
}
