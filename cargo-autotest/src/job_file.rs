//! The format of job files (`--job FILE`), as types from which their JSON Schema is generated.
//!
//! No value of these types exists: the suite reads the files itself, and checks what a schema cannot express, such as
//! that a test exists.

#![expect(dead_code, reason = "the schema is all that is made of the types")]

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// The schema, in the draft that most editors support.
pub(crate) fn schema() -> Schema {
    let settings = SchemaSettings::draft07().with_transform(RecursiveTransform(without_null));
    settings.into_generator().into_root_schema_for::<JobFile>()
}

/// Removes `null` from a schema: an optional key may be missing, but not null.
fn without_null(schema: &mut Schema) {
    let is_null = |schema: &Value| schema.get("type").is_some_and(|ty| ty == "null");
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|ty| ty != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(schemas)) = schema.get_mut("anyOf") {
        schemas.retain(|schema| !is_null(schema));
        if schemas.len() == 1 {
            let only = schema.remove("anyOf").unwrap_or_default();
            schema.insert("allOf".to_owned(), only);
        }
    }
}

/// What runs, in order, and with which settings.
#[derive(JsonSchema)]
#[schemars(title = "autotest job file", deny_unknown_fields)]
struct JobFile {
    /// The address of this schema, for editors.
    #[schemars(rename = "$schema")]
    schema: Option<String>,
    /// The name of the job in the reports.
    label: Option<String>,
    /// Settings of the job. A flag of the command line wins.
    settings: Option<Settings>,
    /// Arguments for every run of a test that declares them. Those of the run itself and `--param` win.
    params: Option<BTreeMap<String, Value>>,
    /// What runs, in order.
    runs: Vec<Entry>,
}

/// A run, a group, a block of branches, or a reboot.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Entry {
    Run(Box<Run>),
    Group(Group),
    Parallel(Parallel),
    Reboot(Reboot),
}

/// A run of a test.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Run {
    /// The id of the test, as `--list` shows it.
    test: String,
    /// Distinguishes this run from others of the test, in its name and in that of its directory.
    tag: Option<Tag>,
    /// A tag that is only a part of the name of the directory.
    subdir_tag: Option<Tag>,
    /// Arguments for the parameters of the test.
    args: Option<BTreeMap<String, Value>>,
    /// Expressions over the performance values that each iteration must meet.
    constraints: Option<Vec<String>>,
    /// How many iterations to run.
    iterations: Option<u64>,
    /// How long to run iterations.
    test_length: Option<Length>,
    /// Whether to profile all iterations, instead of an additional one.
    profile_only: Option<bool>,
    /// Whether `postprocess_iteration` runs after a profiled iteration, too.
    postprocess_profiled_run: Option<bool>,
    /// Whether `cleanup` runs.
    run_cleanup: Option<bool>,
    /// Keyvals of the test.
    test_attributes: Option<BTreeMap<String, Value>>,
    /// After which time the test is ended; wins over the test's own.
    timeout: Option<Length>,
    /// How often an iteration may be repeated; wins over the test's own.
    retries: Option<u32>,
}

/// A group: its lines in the status log are between a START and an END.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Group {
    /// The name.
    group: Tag,
    /// What runs in it, in order.
    runs: Vec<Entry>,
}

/// Branches that run at the same time, by name.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Parallel {
    /// What each branch runs, in order.
    #[schemars(extend("propertyNames" = {"pattern": "^[A-Za-z0-9_-]+$"}))]
    parallel: BTreeMap<String, Vec<Entry>>,
}

/// A reboot of the target. The job continues with `--resume`. Not within a branch.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Reboot {
    /// Always `true`.
    #[schemars(extend("const" = true))]
    reboot: bool,
}

/// A part of a name: a text without `/` and control characters.
#[derive(JsonSchema)]
struct Tag(#[schemars(regex(pattern = "^[^/\\x00-\\x1f\\x7f-\\x9f]+$"))] String);

/// A length of time: seconds, or a text with a unit.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Length {
    /// Seconds.
    Seconds(#[schemars(range(min = 0))] f64),
    /// A number with `ms`, `s`, `m`, `h` or `d`, such as `"1.5s"`.
    Text(#[schemars(regex(pattern = "^\\s*[0-9.eE+]+\\s*(ms|s|m|h|d)?\\s*$"))] String),
}

/// Settings of the job.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Settings {
    /// Whether to skip hooks, except after a failure (`--fast`).
    fast: Option<bool>,
    /// How often an iteration may be repeated (`--retry`).
    test_retry: Option<u32>,
    /// Whether `cleanup` runs (`--no-cleanup`).
    run_test_cleanup: Option<bool>,
    /// Whether all iterations are profiled (`--profile-only`).
    default_profile_only: Option<bool>,
    /// Whether to drop the kernel's caches before each run outside of branches (`--drop-caches-between-tests`).
    drop_caches: Option<bool>,
    /// Whether to drop the kernel's caches before each iteration (`--drop-caches`).
    drop_caches_between_iterations: Option<bool>,
    /// Whether core dumps of tests are kept (`--crash-handler`). The suite must be built with the feature
    /// `crash-handler`.
    crash_handler: Option<bool>,
    /// Whether tests may be given arguments that they do not declare (`--allow-unknown-params`).
    allow_unknown_params: Option<bool>,
    /// The order of after-iteration hooks: the last registered first, or the first (`--hook-order`).
    hook_order: Option<HookOrder>,
    /// The hook that runs before each test (`--before-test`).
    before_test: Option<String>,
    /// The hook that runs after each test (`--after-test`).
    after_test: Option<String>,
    /// The hooks that run before each iteration (`--before-iteration`).
    before_iteration: Option<Vec<String>>,
    /// The hooks that run after each iteration (`--after-iteration`).
    after_iteration: Option<Vec<String>>,
    /// Whether the names of runs have a number, from `_01_`.
    use_sequence_number: Option<bool>,
    /// A tag for all runs (`--tag`).
    tag: Option<Tag>,
    /// The greatest rate at which a test may consume the root file system, in MB an hour; above it, the test
    /// is WARN (`--max-disk-usage`).
    max_disk_usage_mb_per_hour: Option<u32>,
    /// What is collected of the target (`--sysinfo`): `true`, or also commands and files of your own. The suite must be
    /// built with the feature `sysinfo`.
    sysinfo: Option<Sysinfo>,
    /// The profilers of each test, each `NAME` or `NAME:PARAM=VALUE,…` (`--profiler`). The suite must be built with the
    /// feature `profilers`.
    profilers: Option<Vec<String>>,
    /// What follows from a change of the target that a test does not change back (`--leaks`). The suite must be
    /// built with the feature `leaks`.
    leaks: Option<LeakPolicy>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
enum Sysinfo {
    Switch(bool),
    Rows(SysinfoRows),
}

/// What is collected in addition.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct SysinfoRows {
    /// Shell commands.
    commands: Option<Vec<SysinfoCommand>>,
    /// Files; of a log, each test gets what it adds.
    files: Option<Vec<SysinfoFile>>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
enum SysinfoCommand {
    Command(String),
    Row(SysinfoCommandRow),
}

/// A shell command whose output is collected.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct SysinfoCommandRow {
    /// The command.
    command: String,
    /// The name of the file with its output.
    name: Option<String>,
    /// When it runs; after each test if left out.
    when: Option<SysinfoTime>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
enum SysinfoFile {
    Path(String),
    Row(SysinfoFileRow),
}

/// A file that is collected.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct SysinfoFileRow {
    /// The path.
    file: String,
    /// The name of the file in the results.
    name: Option<String>,
    /// When it is read; after each test if left out.
    when: Option<SysinfoTime>,
}

/// Once in each boot, after each test, or after each test that failed.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum SysinfoTime {
    Boot,
    Test,
    Failure,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum LeakPolicy {
    Off,
    Warn,
    Fail,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum HookOrder {
    Lifo,
    Fifo,
}
