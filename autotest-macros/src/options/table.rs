//! The table of options.

use super::check::{self, Checked, Given};
use super::form::Form;

/// An option.
pub(super) struct Row {
    /// Its name, which is also that of its field in `Metadata`.
    pub(super) name: &'static str,
    pub(super) form: Form,
    /// Checks its value.
    pub(super) check: fn(Given) -> Checked,
    pub(super) example: &'static str,
    /// Whether a suite may have it.
    pub(super) is_for_suites: bool,
}

impl Row {
    /// The message for wrong syntax.
    pub(super) fn is_written(&self) -> String {
        format!("option `{}` is written `{}`", self.name, self.example)
    }
}

const fn row(
    name: &'static str,
    form: Form,
    check: fn(Given) -> Checked,
    example: &'static str,
) -> Row {
    Row {
        name,
        form,
        check,
        example,
        is_for_suites: true,
    }
}

/// Marks an option that only a test may have.
const fn own(row: Row) -> Row {
    Row {
        is_for_suites: false,
        ..row
    }
}

/// All options, in the order in which suggestions name them.
pub(super) const ROWS: &[Row] = &[
    own(row(
        "name",
        Form::Literal,
        check::name,
        r#"name = "net.ping""#,
    )),
    row(
        "author",
        Form::Literal,
        check::text,
        r#"author = "who to ask""#,
    ),
    row("version", Form::Literal, check::version, "version = 1"),
    row(
        "suites",
        Form::List,
        check::texts,
        r#"suites("bvt", "perf")"#,
    ),
    row(
        "attributes",
        Form::List,
        check::texts,
        r#"attributes("disk")"#,
    ),
    row("time", Form::Literal, check::time, r#"time = "SHORT""#),
    row(
        "test_class",
        Form::Literal,
        check::text,
        r#"test_class = "kernel""#,
    ),
    row(
        "test_category",
        Form::Literal,
        check::text,
        r#"test_category = "stress""#,
    ),
    row(
        "dependencies",
        Form::List,
        check::texts,
        r#"dependencies("wifi")"#,
    ),
    row(
        "needs",
        Form::Needs,
        check::needs,
        r#"needs(root, cmd("fio"))"#,
    ),
    row("retries", Form::Literal, check::count, "retries = 2"),
    row(
        "timeout",
        Form::Literal,
        check::timeout,
        r#"timeout = "2m""#,
    ),
    row("iterations", Form::Literal, check::count, "iterations = 3"),
    row(
        "constraints",
        Form::List,
        check::constraints,
        r#"constraints("throughput > 50")"#,
    ),
    row(
        "profilers",
        Form::List,
        check::texts,
        r#"profilers("vmstat")"#,
    ),
    row(
        "data",
        Form::List,
        check::data,
        r#"data("blobs/small.bin")"#,
    ),
    row("leaks", Form::Literal, check::leaks, r#"leaks = "warn""#),
    row(
        "sysinfo",
        Form::Needs,
        check::sysinfo,
        r#"sysinfo(cmd("ip addr"), file("/var/log/app.log"))"#,
    ),
    row("site", Form::Flag, check::flag, "site"),
    row(
        "network_destabilizing",
        Form::Flag,
        check::flag,
        "network_destabilizing",
    ),
    row(
        "preserve_srcdir",
        Form::Flag,
        check::flag,
        "preserve_srcdir",
    ),
    row(
        "postprocess_profiled_run",
        Form::Flag,
        check::flag,
        "postprocess_profiled_run",
    ),
    row("ignore", Form::Flag, check::ignore, r#"ignore = "reason""#),
    own(row(
        "expect",
        Form::Literal,
        check::expect,
        r#"expect = "fail""#,
    )),
    row(
        "block_on",
        Form::Path,
        check::path,
        "block_on = path::to::function",
    ),
    row(
        "crate",
        Form::Path,
        check::path,
        "crate = path::to::autotest",
    ),
];
