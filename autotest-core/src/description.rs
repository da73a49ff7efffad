//! Everything that is known about a test without running it.
//!
//! A binary makes a [`Description`] from a test's definition (`--describe NAME --format json`), and a tool that cannot
//! run the binary makes the same one from its metadata. This module must not know where either is.

mod of_def;
mod text;

use std::collections::BTreeMap;
use std::ops::Not;

use serde::{Deserialize, Deserializer, Serialize};

use crate::attr;
use crate::id::Identified;
use crate::phase::Phase;
use crate::settings::LeakPolicy;
use crate::small_map::SmallMap;

/// A test, a control function or a hook, described.
///
/// Its JSON is canonical: every field that equals its default is left out, except `v` and `phases`. So two descriptions
/// are equal if and only if their JSON is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// The version of the format.
    pub v: Format,
    /// The kind of the described item.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: DescribedKind,
    /// The id, as `--list` shows it. A hook's is its name.
    #[serde(default)]
    pub id: String,
    /// The name of the item, or the text of `name = "…"`.
    pub name: String,
    /// Whether the name is the whole id (`name = "…"`).
    #[serde(default, skip_serializing_if = "Not::not")]
    pub verbatim: bool,
    /// The path of the module, beginning with the crate's name.
    pub module: String,
    /// The name of the case, if the test is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub case: String,
    /// The source file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// The line of its name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub line: u32,
    /// The lines of the doc comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
    /// The arguments of the case, as written.
    #[serde(
        default,
        deserialize_with = "of_any_order",
        skip_serializing_if = "SmallMap::is_empty"
    )]
    pub args: SmallMap<String, String>,
    /// The author.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub author: String,
    /// The version of `setup`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub version: DescribedVersion,
    /// The suites that it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suites: Vec<String>,
    /// Attributes for `--attr`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
    /// The expected time: FAST, SHORT, MEDIUM, LONG or LENGTHY.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub time: String,
    /// The original's TEST_CLASS.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub test_class: String,
    /// The original's TEST_CATEGORY.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub test_category: String,
    /// Labels of what the target must provide.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<String>,
    /// How often an iteration may be retried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// The timeout in seconds.
    #[serde(default, rename = "timeout", skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<f64>,
    /// The number of iterations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iterations: Option<u32>,
    /// Perf constraints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<String>,
    /// The profilers to use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profilers: Vec<String>,
    /// Data files that the test needs on the target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<String>,
    /// Whether the test may take the network down.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub network_destabilizing: bool,
    /// Whether `setup` of a new version keeps the old `srcdir`.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub preserve_srcdir: bool,
    /// Whether the profiled run is postprocessed, too.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub postprocess_profiled_run: bool,
    /// The reason, if the test is ignored; may be empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignore: Option<String>,
    /// Whether the test is expected to pass.
    #[serde(default, skip_serializing_if = "is_default")]
    pub expect: DescribedExpect,
    /// What to do about a change of the target that the test does not undo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaks: Option<LeakPolicy>,
    /// Additional rows of sysinfo to collect, such as `cmd ip addr`.
    #[cfg(feature = "sysinfo")]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sysinfo: Vec<String>,
    /// The needs of the test, such as `root`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// Whether it replaces another test with the same id.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub site: bool,
    /// The place of the test that it replaces, as `file:line`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub replaces: String,
    /// The phases that it defines, in the order of the lifecycle.
    #[serde(default = "run_once")]
    pub phases: Vec<Phase>,
    /// The phases with a catch-all parameter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub catch_all: Vec<Phase>,
    /// Its parameters, each once, in the order of the source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<DescribedParam>,
}

/// The kind of a described item.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum DescribedKind {
    /// A test.
    #[default]
    Test,
    /// A control function.
    Control,
    /// A hook.
    Hook,
    /// A profiler.
    #[cfg(feature = "profilers")]
    Profiler,
}

/// The version of a test's `setup`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DescribedVersion {
    /// A whole number, as in `version = 3`.
    Int(i64),
    /// A number, as in `version = 1.5`.
    Float(f64),
    /// A text, as in `version = "1.2.3"`.
    Text(String),
}

impl Default for DescribedVersion {
    fn default() -> DescribedVersion {
        DescribedVersion::Int(0)
    }
}

/// The expected result of a test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DescribedExpect {
    /// The test passes.
    #[default]
    Pass,
    /// The test fails.
    Fail,
}

/// A parameter, described.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DescribedParam {
    /// Its name.
    pub name: String,
    /// Its type, as written.
    #[serde(rename = "type")]
    pub ty: String,
    /// Whether an argument must be given.
    pub required: bool,
    /// Its default, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The range of allowed values, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// The allowed values, as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// Whether only the test may see its value.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub secret: bool,
    /// The author's function that parses it (`with = …`), as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// The lines of its documentation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
    /// The phases that declare it.
    pub phases: Vec<Phase>,
    /// Its place among the parameters. Only the records of a test with conditional phases have it.
    #[doc(hidden)]
    #[serde(default, skip_serializing)]
    pub at: u32,
}

/// The version of the format. Only [`Format::CURRENT`] can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Format(u32);

impl Format {
    /// The version that this library reads and writes.
    pub const CURRENT: Format = Format(1);
}

impl Default for Format {
    fn default() -> Format {
        Format::CURRENT
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(number: D) -> Result<Format, D::Error> {
        match u32::deserialize(number)? {
            1 => Ok(Format::CURRENT),
            other => Err(serde::de::Error::custom(format_args!(
                "its format has version {other}, not 1"
            ))),
        }
    }
}

impl Description {
    /// The attributes by which it can be selected (`--attr`).
    pub fn selectable_attributes(&self) -> Vec<String> {
        attr::attributes(&self.id, &self.attributes, &self.suites, &self.dependencies)
    }
}

impl Identified for Description {
    fn id(&self) -> &str {
        &self.id
    }

    fn place(&self) -> (&str, u32) {
        (&self.file, self.line)
    }
}

/// The default of `phases`, for a description without that field.
fn run_once() -> Vec<Phase> {
    vec![Phase::RunOnce]
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Reads a map that may be large and unsorted, for which inserting into a [`SmallMap`] one by one would be slow.
fn of_any_order<'de, D: Deserializer<'de>>(map: D) -> Result<SmallMap<String, String>, D::Error> {
    let map = BTreeMap::<String, String>::deserialize(map)?;
    Ok(map.into_iter().collect())
}
