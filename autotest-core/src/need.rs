//! The needs of a test: what it requires of its target, as in `needs(root, cmd("fio"), kernel(">= 5.10"))`.
//!
//! A need is stored as its text, and parsed where it is checked: by the macro at compile time, and by the
//! binary before the first test. This module must not look at a target.

mod kernel;

use std::fmt::{self, Display, Formatter};

pub use kernel::KernelVersion;

use crate::suggest::nearest;
use kernel::Relation;

/// A requirement of a test on its target. `Display` shows the text from which it was parsed.
///
/// ```
/// use autotest_core::Need;
/// assert_eq!(Need::parse(r#"mem("2 GiB")"#)?, Need::Mem(2 << 30));
/// assert_eq!(Need::new("cmd", Some("fio"))?.to_string(), r#"cmd("fio")"#);
/// # Ok::<(), autotest_core::NeedError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// `root`: the effective user is root.
    Root,
    /// `cmd("fio")`: the program is in a directory of `PATH`, or is an executable file with this path.
    Cmd(String),
    /// `file("/dev/kvm")`: a file, a device or a directory with this path exists.
    File(String),
    /// `kernel(">= 5.10")`: the release of the running kernel.
    Kernel(KernelNeed),
    /// `env("BOARD")`: the variable is set and not empty.
    Env(String),
    /// `module("nbd")`: the module is loaded, built in, or can be loaded.
    Module(String),
    /// `mem("2 GiB")`: the memory that the kernel can use (`MemTotal`), in bytes.
    Mem(u64),
    /// `arch("aarch64")`: the architecture, as Rust or `uname -m` names it.
    Arch(String),
}

/// A condition on the release of the kernel, such as `>= 5.10`.
///
/// ```
/// use autotest_core::Need;
/// let Need::Kernel(kernel) = Need::parse(r#"kernel("<= 6.1")"#)? else { panic!() };
/// assert!(kernel.is_met_by("6.1.7-18-amd64"), "as many numbers count as the condition has");
/// assert!(!kernel.is_met_by("6.10.0"));
/// # Ok::<(), autotest_core::NeedError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelNeed {
    relation: Relation,
    version: KernelVersion,
}

/// Why a need does not parse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NeedError(String);

/// The names of all needs, in the order in which messages list them.
const NAMES: [&str; 8] = [
    "root", "cmd", "file", "kernel", "env", "module", "mem", "arch",
];

/// Units of `mem`, with their size in bytes.
const UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("kB", 1000),
    ("MB", 1000 * 1000),
    ("GB", 1000 * 1000 * 1000),
    ("TB", 1000 * 1000 * 1000 * 1000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

impl Need {
    /// Parses a need: `root`, or a name with a text in parentheses and quotes.
    ///
    /// # Errors
    /// If it has another form, there is no such need, or the need does not accept its text.
    pub fn parse(text: &str) -> Result<Need, NeedError> {
        match text.split_once('(') {
            None => Need::new(text, None),
            Some((name, rest)) => {
                let quoted = rest.strip_suffix("\")");
                let value = quoted.and_then(|rest| rest.strip_prefix('"'));
                let value = value.ok_or_else(|| error(format!("expected `{name}(\"…\")`")))?;
                Need::new(name, Some(value))
            }
        }
    }

    /// The need `name`, with the text in its parentheses.
    ///
    /// # Errors
    /// As [`parse`](Need::parse).
    pub fn new(name: &str, value: Option<&str>) -> Result<Need, NeedError> {
        if name == "root" {
            return match value {
                None => Ok(Need::Root),
                Some(_) => Err(error("`root` takes nothing".to_owned())),
            };
        }
        if !NAMES.contains(&name) {
            return Err(unknown(name));
        }
        let value = value.ok_or_else(|| error(format!("expected `{name}(\"…\")`")))?;
        let is_plain = |c: char| !c.is_control() && !matches!(c, '"' | '\\');
        if value.trim().is_empty() || !value.chars().all(is_plain) {
            return Err(error(format!(
                "the text of `{name}` is empty, or has a quote, a backslash or a control character"
            )));
        }
        let own = value.to_owned();
        Ok(match name {
            "cmd" => Need::Cmd(own),
            "file" => Need::File(own),
            "kernel" => Need::Kernel(KernelNeed::parse(value)?),
            "env" => Need::Env(own),
            "module" => Need::Module(own),
            "mem" => Need::Mem(bytes(value)?),
            _ => Need::Arch(own),
        })
    }
}

impl KernelNeed {
    /// Whether a kernel of this release, as `uname -r` prints it, meets the condition.
    pub fn is_met_by(&self, release: &str) -> bool {
        let release = KernelVersion::of_release(release);
        release.is_some_and(|release| self.relation.holds(&release, &self.version))
    }

    fn parse(text: &str) -> Result<KernelNeed, NeedError> {
        let (relation, version) = Relation::split(text);
        let version = KernelVersion::parse(version.trim());
        match (relation, version) {
            (Some(relation), Some(version)) => Ok(KernelNeed { relation, version }),
            _ => Err(error(format!(
                "`{text}` is not a condition for a kernel, such as `>= 5.10`; it begins with `>=`, `>`, \
                 `<=`, `<` or `==`"
            ))),
        }
    }
}

impl Display for Need {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Need::Root => f.write_str("root"),
            Need::Cmd(name) => write!(f, "cmd(\"{name}\")"),
            Need::File(path) => write!(f, "file(\"{path}\")"),
            Need::Kernel(KernelNeed { relation, version }) => {
                write!(f, "kernel(\"{relation} {version}\")")
            }
            Need::Env(name) => write!(f, "env(\"{name}\")"),
            Need::Module(name) => write!(f, "module(\"{name}\")"),
            Need::Mem(bytes) => write!(f, "mem(\"{}\")", size(*bytes)),
            Need::Arch(name) => write!(f, "arch(\"{name}\")"),
        }
    }
}

/// A number of bytes, in the largest unit that gives a whole number.
fn size(bytes: u64) -> String {
    let fits = |(_, unit): &&(&str, u64)| bytes >= *unit && bytes.is_multiple_of(*unit);
    let unit = UNITS.iter().filter(fits).max_by_key(|(_, unit)| *unit);
    let (name, unit) = unit.unwrap_or(&UNITS[0]);
    format!("{} {name}", bytes / unit)
}

fn bytes(text: &str) -> Result<u64, NeedError> {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let (number, unit) = text.split_at(text.len() - digits.len());
    let unit = UNITS.iter().find(|(name, _)| *name == unit.trim());
    let bytes = unit
        .zip(number.parse::<u64>().ok())
        .and_then(|((_, unit), number)| number.checked_mul(*unit));
    bytes.ok_or_else(|| {
        let units: Vec<_> = UNITS.iter().map(|(name, _)| *name).collect();
        error(format!(
            "`{text}` is not a size such as `2 GiB`: a whole number and one of {}",
            units.join(", ")
        ))
    })
}

fn unknown(name: &str) -> NeedError {
    match nearest(name, NAMES) {
        Some(nearest) => error(format!("unknown need `{name}`: did you mean `{nearest}`?")),
        None => error(format!(
            "unknown need `{name}`: there are {}",
            NAMES.map(|name| format!("`{name}`")).join(", ")
        )),
    }
}

fn error(message: String) -> NeedError {
    NeedError(message)
}
