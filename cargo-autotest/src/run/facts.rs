//! Asks a target for facts about itself.

use autotest_package::Architecture;

use super::TargetError;
use crate::target::{Answer, Shell, ShellError, Target, quoted};

/// The current facts about a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// The directory for everything that is written on the target.
    pub(super) directory: String,
    /// Its architecture, as `uname -m` prints it.
    pub(super) machine: String,
    pub(super) system: String,
    /// Changes with each boot of the target.
    pub(super) boot_id: String,
    /// Whether it has `sha256sum`.
    pub(super) has_sha256: bool,
}

/// Runs a script in the directory of a target. The script must succeed.
///
/// # Errors
/// If the target does not answer, or the script fails.
pub(super) fn run_in(directory: &str, shell: &Shell, script: &str) -> Result<Answer, TargetError> {
    let directory = quoted(directory);
    let answer = shell.ask(&format!("cd {directory} || exit\n{script}"))?;
    match answer.code {
        0 => Ok(answer),
        _ => Err(TargetError::Failed(answer.said())),
    }
}

/// Directories to try on a target, in order. Results must survive a restart, so `/tmp` is a last resort.
const PLACES: &str = "${HOME:+\"$HOME/.autotest\"} \"/var/tmp/autotest-$(id -u)\" \
                      \"/data/local/tmp/autotest\" \"/tmp/autotest-$(id -u)\"";

impl Facts {
    /// Asks a target for its facts, and creates its directory.
    ///
    /// # Errors
    /// If it does not answer, or no directory there can be written.
    pub(super) fn ask(shell: &Shell, target: &Target) -> Result<Facts, TargetError> {
        let places = match &target.configured.directory {
            Some(directory) => quoted(directory),
            None => PLACES.to_owned(),
        };
        let answer = shell.ask(&script(&places))?;
        let value = |name| answer.value(name).unwrap_or_default().to_owned();
        let facts = Facts {
            directory: value("directory"),
            machine: value("machine"),
            system: value("system"),
            boot_id: value("boot_id"),
            has_sha256: answer.value("sha256").is_some(),
        };
        if facts.directory.is_empty() {
            return Err(TargetError::NoRoom(answer.said()));
        }
        if facts.machine.is_empty() {
            return Err(ShellError::Silent("it has no `uname`".to_owned()).into());
        }
        Ok(facts)
    }

    /// The Rust target for which suites are built, if it is known.
    pub(super) fn triple(&self) -> Option<&'static str> {
        MACHINES
            .iter()
            .find(|machine| machine.names.contains(&self.machine.as_str()))
            .map(|machine| machine.triple)
    }

    /// Whether it certainly cannot run executables of an architecture; `false` for an unknown machine.
    pub(super) fn cannot_run(&self, architecture: Architecture) -> bool {
        let mut machines = MACHINES.iter();
        let known = machines.find(|machine| machine.names.contains(&self.machine.as_str()));
        known.is_some_and(|machine| !machine.runs.contains(&architecture.to_string().as_str()))
    }
}

fn script(places: &str) -> String {
    format!(
        "umask 022
for directory in {places}; do
    mkdir -p \"$directory/store\" \"$directory/suites\" \"$directory/jobs\" && [ -w \"$directory/jobs\" ] &&
        cd \"$directory\" && echo \"directory=$(pwd)\" && break
done
echo \"machine=$(uname -m)\"
echo \"system=$(uname -s)\"
echo \"boot_id=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)\"
command -v sha256sum >/dev/null 2>&1 && echo sha256=yes
true"
    )
}

/// A kind of machine, with its names from `uname -m`.
struct Machine {
    names: &'static [&'static str],
    triple: &'static str,
    /// The architectures whose executables it runs, as [`Architecture`] displays them.
    runs: &'static [&'static str],
}

const MACHINES: &[Machine] = &[
    Machine {
        names: &["x86_64", "amd64"],
        triple: "x86_64-unknown-linux-musl",
        runs: &["x86_64", "i686", "x86_64 (x32)"],
    },
    Machine {
        names: &["aarch64", "arm64", "armv8l"],
        triple: "aarch64-unknown-linux-musl",
        runs: &["aarch64", "arm"],
    },
    Machine {
        names: &["armv7l", "armv7"],
        triple: "armv7-unknown-linux-musleabihf",
        runs: &["arm"],
    },
    Machine {
        names: &["armv6l"],
        triple: "arm-unknown-linux-musleabihf",
        runs: &["arm"],
    },
    Machine {
        names: &["i386", "i486", "i586", "i686"],
        triple: "i686-unknown-linux-musl",
        runs: &["i686"],
    },
    Machine {
        names: &["riscv64"],
        triple: "riscv64gc-unknown-linux-musl",
        runs: &["riscv64"],
    },
    Machine {
        names: &["ppc64le"],
        triple: "powerpc64le-unknown-linux-musl",
        runs: &["powerpc64le"],
    },
    Machine {
        names: &["s390x"],
        triple: "s390x-unknown-linux-musl",
        runs: &["s390x"],
    },
    Machine {
        names: &["loongarch64"],
        triple: "loongarch64-unknown-linux-musl",
        runs: &["loongarch64"],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_architecture_is_refused_only_where_it_is_known_not_to_run() {
        let on = |machine: &str| Facts {
            directory: String::new(),
            machine: machine.to_owned(),
            system: String::new(),
            boot_id: String::new(),
            has_sha256: true,
        };
        let (x86_64, i686) = (
            Architecture::new(62, true, true),
            Architecture::new(3, false, true),
        );
        let aarch64 = Architecture::new(183, true, true);
        assert!(!on("x86_64").cannot_run(x86_64));
        assert!(!on("x86_64").cannot_run(i686));
        assert!(on("x86_64").cannot_run(aarch64));
        assert!(on("aarch64").cannot_run(x86_64));
        assert!(!on("vax").cannot_run(x86_64));
        assert_eq!(on("arm64").triple(), Some("aarch64-unknown-linux-musl"));
        assert_eq!(on("vax").triple(), None);
    }
}
