//! Environment variables that take effect where the command line does not set a value.

use std::ffi::OsString;

use super::flags::{Flag, by_long};
use super::{Options, UsageError, apply as apply_flag};
use crate::engine::{self, Engine, Variables};

/// Variables that stand for a flag: libtest's and ours. For a flag without a value, the variable counts
/// unless it is `0`, as in libtest; for a flag with a value, unless it is empty.
const VARIABLES: &[(&str, &str)] = &[
    ("RUST_TEST_NOCAPTURE", "nocapture"),
    ("RUST_TEST_THREADS", "test-threads"),
    ("RUST_TEST_SHUFFLE", "shuffle"),
    ("RUST_TEST_SHUFFLE_SEED", "shuffle-seed"),
    ("AUTOTEST_SHARD", "shard"),
];

/// Applies the variables. A flag overrides its variable, and the variable overrides the engine's setting.
pub(super) fn apply(options: &mut Options, variables: Variables<'_>) -> Result<(), UsageError> {
    for (name, long) in VARIABLES {
        let flag = by_long(long).expect("the table has the flags of variables");
        if let Some(value) = variables.raw(name)
            && !is_given(options, flag)
        {
            apply_variable(options, name, flag, value)?;
        }
    }
    options.engine = Engine::read(variables)?;
    let is_whole = options.control.is_some() || options.job.is_some();
    if options.plan.selection.shard.is_none()
        && let Some((shard, name)) = engine::shard(variables)?
    {
        options.plan.selection.shard = (!is_whole).then_some(shard);
        options.engine.sharded_by = Some(name);
    }
    options.plan.selection.engine_filter = options.engine.filter.take();
    let junit_at = options.engine.junit.take();
    options.files.junit_at = junit_at.and_then(|path| std::path::absolute(path).ok());
    options.exec.fail_fast |= options.engine.fail_fast;
    options.exec.job_timeout = options.exec.job_timeout.or(options.engine.job_timeout);
    Ok(())
}

fn is_given(options: &Options, flag: &Flag) -> bool {
    let mut given = options.given.iter().filter_map(|long| by_long(long));
    given.any(|given| given.id == flag.id)
}

/// Applies a variable as if its flag had been given.
fn apply_variable(
    options: &mut Options,
    name: &str,
    flag: &'static Flag,
    value: OsString,
) -> Result<(), UsageError> {
    let is_set = match flag.value {
        Some(_) => !value.is_empty(),
        None => value != "0",
    };
    if !is_set {
        return Ok(());
    }
    let mut args = lexopt::Parser::from_args([format!("--{}", flag.long).into(), value]);
    args.next()?;
    apply_flag(options, flag, &mut args).map_err(|error| match error {
        UsageError::Value {
            expected, given, ..
        } => UsageError::Value {
            source_name: name.to_owned(),
            expected,
            given,
        },
        error => error,
    })
}
