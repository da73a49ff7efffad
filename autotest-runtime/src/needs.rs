//! Checks whether the target meets the needs of tests (`needs(…)`). All needs are checked before the first test.
//!
//! This module must not decide what follows from an unmet need.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use autotest_core::Need;
use rustix::fs::{Access, access};

use crate::registry::Registry;

/// The tests whose needs are not met.
#[derive(Debug, Default)]
pub(crate) struct Unmet(HashMap<&'static str, String>);

impl Unmet {
    /// Checks the needs of all tests of the binary. Each distinct need is checked once.
    pub(crate) fn of(registry: &'static Registry) -> Unmet {
        let mut checked: HashMap<&str, Option<String>> = HashMap::new();
        let mut unmet = HashMap::new();
        for test in registry.tests() {
            let mut reasons = Vec::new();
            for text in test.def.meta.needs {
                let reason = checked.entry(text).or_insert_with(|| reason(text));
                reasons.extend(reason.clone());
            }
            if !reasons.is_empty() {
                unmet.insert(test.id, reasons.join("; "));
            }
        }
        Unmet(unmet)
    }

    /// The reason why a test cannot run here; `None` if it can.
    pub(crate) fn reason(&self, test: &str) -> Option<&str> {
        self.0.get(test).map(String::as_str)
    }
}

/// The reason why a need is not met, beginning with the need; `None` if it is met.
fn reason(text: &str) -> Option<String> {
    let missing = match Need::parse(text) {
        Ok(need) => missing(&need)?,
        // The macro has checked the syntax, so this definition was written by hand.
        Err(error) => error.to_string(),
    };
    Some(format!("needs {text}: {missing}"))
}

/// What the target lacks to meet a need; `None` if nothing.
fn missing(need: &Need) -> Option<String> {
    match need {
        Need::Root => {
            let user = rustix::process::geteuid();
            (!user.is_root()).then(|| format!("the user is {}", user.as_raw()))
        }
        Need::Cmd(name) => command(name),
        Need::File(path) => (!Path::new(path).exists()).then(|| "there is no such file".to_owned()),
        Need::Kernel(condition) => {
            let release = kernel_release();
            (!condition.is_met_by(&release)).then(|| format!("the kernel is {release}"))
        }
        Need::Env(name) => {
            let value = std::env::var_os(name).filter(|value| !value.is_empty());
            value
                .is_none()
                .then(|| "the variable is not set".to_owned())
        }
        Need::Module(name) => (!has_module(name))
            .then(|| format!("the kernel {} has no such module", kernel_release())),
        Need::Mem(bytes) => memory(*bytes),
        Need::Arch(name) => {
            let own = std::env::consts::ARCH;
            let machine = rustix::system::uname()
                .machine()
                .to_string_lossy()
                .into_owned();
            let is_met = *name == own || *name == machine;
            (!is_met).then(|| format!("the architecture is {own}"))
        }
    }
}

fn command(name: &str) -> Option<String> {
    if name.contains('/') {
        let is_met = is_program(Path::new(name));
        return (!is_met).then(|| "there is no such program".to_owned());
    }
    (!has_program(name)).then(|| "there is no such program in PATH".to_owned())
}

/// `true` if a directory in `PATH` has a program of this name.
pub(crate) fn has_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| is_program(&dir.join(name)))
}

fn is_program(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

fn memory(needed: u64) -> Option<String> {
    let total = fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    });
    match total {
        Some(kb) if kb.saturating_mul(1 << 10) >= needed => None,
        Some(kb) => Some(format!("the target has {} MiB", kb >> 10)),
        None => Some("the kernel does not tell how much the target has".to_owned()),
    }
}

/// `true` if a module is loaded, built in, or can be loaded. `-` and `_` in its name are equivalent.
fn has_module(name: &str) -> bool {
    let name = name.replace('-', "_");
    if Path::new("/sys/module").join(&name).is_dir() {
        return true;
    }
    let dir = PathBuf::from("/lib/modules").join(kernel_release());
    let lists = ["modules.builtin", "modules.dep"].map(|list| fs::read_to_string(dir.join(list)));
    lists.into_iter().flatten().any(|list| {
        let mut modules = list.lines().filter_map(module_of);
        modules.any(|module| module.replace('-', "_") == name)
    })
}

/// The module name in a line such as `kernel/drivers/block/nbd.ko.xz: …`.
fn module_of(line: &str) -> Option<&str> {
    let path = line.split(':').next()?;
    let file = path.rsplit('/').next()?;
    file.split_once(".ko").map(|(name, _)| name)
}

fn kernel_release() -> String {
    rustix::system::uname()
        .release()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_called_by_its_file() {
        let lines = [
            "kernel/drivers/block/nbd.ko",
            "kernel/drivers/block/nbd.ko.xz: kernel/lib/crc.ko.xz",
        ];
        assert!(lines.iter().all(|line| module_of(line) == Some("nbd")));
        assert_eq!(module_of("kernel/README"), None);
    }

    #[test]
    fn a_reason_names_the_need_and_what_is_there() {
        assert_eq!(reason(r#"file("/")"#), None);
        assert_eq!(reason(r#"kernel(">= 2.6")"#), None);
        assert_eq!(reason(r#"mem("1 MiB")"#), None);
        assert_eq!(
            reason(r#"cmd("no-such-program")"#).as_deref(),
            Some(r#"needs cmd("no-such-program"): there is no such program in PATH"#)
        );
        assert_eq!(
            reason(r#"cmd("/etc/passwd")"#).as_deref(),
            Some(r#"needs cmd("/etc/passwd"): there is no such program"#)
        );
        let mem = reason(r#"mem("4096 TiB")"#).unwrap();
        assert!(
            mem.starts_with(r#"needs mem("4096 TiB"): the target has "#),
            "{mem}"
        );
    }
}
