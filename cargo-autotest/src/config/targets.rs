//! The targets that `autotest.toml` names: the address and the settings of each.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::place::File;
use super::read::parse;
use super::{ConfigError, FILE, Place, SuiteKeys};

/// Everything that `autotest.toml` may configure.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Everything {
    /// The suites, by name.
    #[serde(default)]
    pub(super) suites: BTreeMap<Spanned<String>, SuiteKeys>,
    /// The targets, by name.
    #[serde(default)]
    targets: BTreeMap<Spanned<String>, TargetKeys>,
    /// The groups: names for several targets.
    #[serde(default)]
    groups: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
}

/// The keys of a target.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetKeys {
    /// `local`, `ssh:…`, `adb:…` or `qemu:…`.
    address: Spanned<String>,
    /// The Rust target for which suites are built. Without one, the target is asked for its architecture.
    triple: Option<String>,
    /// Flags of the suite, before those of the command line.
    #[serde(default)]
    args: Vec<String>,
    /// The environment of the suite.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// The directory on the target for everything that is copied or written there.
    directory: Option<String>,
    /// Options of `ssh`, such as `-i` and a file.
    #[serde(default)]
    ssh_options: Vec<String>,
    /// Options of QEMU, such as `-m` and a size.
    #[serde(default)]
    qemu_options: Vec<String>,
    /// A shell command of the host that restarts the target's system.
    reboot: Option<String>,
    /// A shell command of the host that cuts the target's power and restores it.
    power: Option<String>,
}

/// A configured target, or one that an address on the command line names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ConfiguredTarget {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) triple: Option<String>,
    pub(crate) args: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) directory: Option<String>,
    pub(crate) ssh_options: Vec<String>,
    pub(crate) qemu_options: Vec<String>,
    pub(crate) reboot: Option<String>,
    pub(crate) power: Option<String>,
    /// The place of the address; `None` for an address of the command line.
    pub(crate) place: Option<Place>,
}

/// All targets that are configured.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    targets: BTreeMap<String, ConfiguredTarget>,
    groups: BTreeMap<String, Vec<String>>,
}

impl Inventory {
    /// Reads `autotest.toml` in `dir` or, without one, the nearest above it.
    ///
    /// # Errors
    /// If it cannot be read or is wrong.
    pub(crate) fn find(dir: &Path) -> Result<Inventory, ConfigError> {
        let mut candidates = dir.ancestors().map(|dir| dir.join(FILE));
        match candidates.find(|path| path.exists()) {
            Some(path) => Inventory::read(&path),
            None => Ok(Inventory::default()),
        }
    }

    fn read(path: &Path) -> Result<Inventory, ConfigError> {
        let file = File::read(path)?;
        let everything: Everything = parse(&file)?;
        let mut inventory = Inventory::default();
        for (name, keys) in everything.targets {
            check_name(&name, &file)?;
            check_keys(&name, &keys, &file)?;
            let target = configured(name.into_inner(), keys, &file);
            inventory.targets.insert(target.name.clone(), target);
        }
        for (name, members) in everything.groups {
            check_name(&name, &file)?;
            inventory.add_group(name, members, &file)?;
        }
        Ok(inventory)
    }

    fn add_group(
        &mut self,
        name: Spanned<String>,
        members: Vec<Spanned<String>>,
        file: &File,
    ) -> Result<(), ConfigError> {
        let at = |span: &Spanned<String>, message| {
            Err(ConfigError::at(&file.place(span.span().start), message))
        };
        if self.targets.contains_key(name.get_ref()) {
            let message = format!("`{}` is a target and a group; rename one", name.get_ref());
            return at(&name, message);
        }
        if members.is_empty() {
            let message = format!("the group `{}` has no targets", name.get_ref());
            return at(&name, message);
        }
        for member in &members {
            if !self.targets.contains_key(member.get_ref()) {
                return at(member, self.no_such_target(member.get_ref()));
            }
        }
        let members = members.into_iter().map(Spanned::into_inner).collect();
        self.groups.insert(name.into_inner(), members);
        Ok(())
    }

    /// The target with this name, or the targets of the group with this name. `None` if there is neither.
    pub(crate) fn named(&self, name: &str) -> Option<Vec<ConfiguredTarget>> {
        if let Some(target) = self.targets.get(name) {
            return Some(vec![target.clone()]);
        }
        let members = self.groups.get(name)?;
        let targets = members.iter().filter_map(|name| self.targets.get(name));
        Some(targets.cloned().collect())
    }

    /// The message about a name that is neither a target nor a group.
    pub(crate) fn no_such_target(&self, name: &str) -> String {
        let names = self.targets.keys().chain(self.groups.keys());
        let hint = match autotest_core::nearest(name, names.map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "add `[targets.{name}]` to {FILE}, or give an address such as `ssh:root@board`"
            ),
        };
        format!("no target or group is called `{name}`; {hint}")
    }
}

fn configured(name: String, keys: TargetKeys, file: &File) -> ConfiguredTarget {
    ConfiguredTarget {
        name,
        place: Some(file.place(keys.address.span().start)),
        address: keys.address.into_inner(),
        triple: keys.triple,
        args: keys.args,
        env: keys.env,
        directory: keys.directory,
        ssh_options: keys.ssh_options,
        qemu_options: keys.qemu_options,
        reboot: keys.reboot,
        power: keys.power,
    }
}

/// Refuses values that the target's shell could not use.
fn check_keys(name: &Spanned<String>, keys: &TargetKeys, file: &File) -> Result<(), ConfigError> {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_variable = |name: &&String| {
        name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit())
    };
    let mut variables = keys.env.keys();
    let message = match variables.find(|name| !is_variable(name)) {
        Some(other) => format!("`{other}` cannot be the name of an environment variable"),
        None if keys
            .directory
            .as_ref()
            .is_some_and(|it| !it.starts_with('/')) =>
        {
            "`directory` takes a path that begins with `/`".to_owned()
        }
        None => return Ok(()),
    };
    Err(ConfigError::at(&file.place(name.span().start), message))
}

/// Checks a name, which becomes the name of a results directory and must not look like an address.
fn check_name(name: &Spanned<String>, file: &File) -> Result<(), ConfigError> {
    let text = name.get_ref();
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let begins_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if begins_well && text.chars().all(is_allowed) && text != "local" {
        return Ok(());
    }
    let message = format!(
        "`{text}` cannot be the name of a target: use letters, digits, `-`, `_` and `.`, and not `local`"
    );
    Err(ConfigError::at(&file.place(name.span().start), message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Inventory, String> {
        let home = tempfile::tempdir().unwrap();
        fs_err::write(home.path().join(FILE), text).unwrap();
        let below = home.path().join("a/b");
        fs_err::create_dir_all(&below).unwrap();
        let dir = format!("{}/", home.path().display());
        Inventory::find(&below).map_err(|error| error.to_string().replace(&dir, ""))
    }

    const LAB: &str = "
        [targets.board1]
        address = \"ssh:root@10.0.0.7:2222\"
        triple = \"aarch64-unknown-linux-musl\"
        args = [\"--drop-caches\"]
        env = { BOARD = \"a1\" }
        directory = \"/data/autotest\"
        ssh_options = [\"-i\", \"key\"]
        qemu_options = [\"-m\", \"2G\"]
        reboot = \"ssh root@10.0.0.7 reboot\"
        power = \"pdu cycle 3\"
        [targets.board2]
        address = \"adb:1234\"
        [groups]
        lab = [\"board2\", \"board1\"]
    ";

    #[test]
    fn a_name_is_that_of_a_target_or_a_group() {
        let inventory = read(LAB).unwrap();
        let board1 = inventory.named("board1").unwrap().remove(0);
        let expected = ConfiguredTarget {
            name: "board1".to_owned(),
            address: "ssh:root@10.0.0.7:2222".to_owned(),
            triple: Some("aarch64-unknown-linux-musl".to_owned()),
            args: vec!["--drop-caches".to_owned()],
            env: BTreeMap::from([("BOARD".to_owned(), "a1".to_owned())]),
            directory: Some("/data/autotest".to_owned()),
            ssh_options: vec!["-i".to_owned(), "key".to_owned()],
            qemu_options: vec!["-m".to_owned(), "2G".to_owned()],
            reboot: Some("ssh root@10.0.0.7 reboot".to_owned()),
            power: Some("pdu cycle 3".to_owned()),
            place: board1.place.clone(),
        };
        assert_eq!(board1, expected);
        let lab = inventory.named("lab").unwrap();
        let names: Vec<_> = lab.iter().map(|target| target.name.as_str()).collect();
        assert_eq!(names, ["board2", "board1"]);
        assert!(inventory.named("board3").is_none());
    }

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        assert_eq!(read(text).unwrap_err(), expected);
    }

    #[test]
    fn mistakes_have_their_place() {
        refused(
            "[targets.a]\naddres = \"local\"\n",
            "autotest.toml:2:1: unknown key `addres`; did you mean `address`?",
        );
        refused(
            "[targets.a]\naddress = \"local\"\n[groups]\nlab = [\"the-other\"]\n",
            "autotest.toml:4:8: no target or group is called `the-other`; add `[targets.the-other]` to autotest.toml, \
             or give an address such as `ssh:root@board`",
        );
        refused(
            "[groups]\nlab = []\n",
            "autotest.toml:2:1: the group `lab` has no targets",
        );
        refused(
            "[targets.local]\naddress = \"ssh:a\"\n",
            "autotest.toml:1:10: `local` cannot be the name of a target: use letters, digits, `-`, `_` and `.`, \
             and not `local`",
        );
    }
}
