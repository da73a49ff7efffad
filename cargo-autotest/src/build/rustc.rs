//! Changes the arguments of each call of rustc that compiles for the target.
//!
//! Cargo calls this program instead of rustc (`RUSTC_WRAPPER`), for two reasons. `RUSTFLAGS` would replace the flags of
//! the user's configuration. And only a wrapper can replace the hash that Cargo makes of a package's path: that hash is
//! part of the names of symbols, by which the linker sorts, so the executable would depend on the directory.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use autotest_package::Sha256Sum;
use serde::{Deserialize, Serialize};

/// The environment variable with the [`Additions`], in JSON.
pub(super) const VARIABLE: &str = "CARGO_AUTOTEST_RUSTC";

/// Must be changed whenever the same additions come to have another effect.
const VERSION: u32 = 1;

/// The changes to the arguments of rustc.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Additions {
    /// The target. Calls for other targets compile for the host, and are left alone.
    pub(super) target: String,
    pub(super) flags: Vec<String>,
    /// The local packages, by directory: for each, a name that does not depend on the directory.
    pub(super) local: BTreeMap<String, String>,
    /// The crates whose libraries must have object code even with link-time optimization, because their tests are read
    /// from it.
    pub(super) readable: Vec<String>,
    /// The user's own wrapper.
    pub(super) wrapper: Option<String>,
}

/// Replaces this process with rustc if Cargo started it as a wrapper. Returns `None` if it did not, and an exit code if
/// rustc cannot be started.
pub(crate) fn as_wrapper() -> Option<ExitCode> {
    let additions = std::env::var(VARIABLE).ok()?;
    let additions: Additions = serde_json::from_str(&additions).ok()?;
    let mut args = std::env::args_os().skip(1);
    let rustc = args.next()?;
    let mut args: Vec<OsString> = args.collect();
    let dir = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    additions.change(&dir, &mut args);
    let mut command = match &additions.wrapper {
        Some(wrapper) => {
            let mut command = Command::new(wrapper);
            command.arg(&rustc);
            command
        }
        None => Command::new(&rustc),
    };
    let error = command.args(args).exec();
    eprintln!("error: failed to run `{}`: {error}", rustc.display());
    Some(ExitCode::FAILURE)
}

/// Makes Cargo recompile everything in a directory (`target/TRIPLE/PROFILE`) that was compiled with other additions,
/// which Cargo does not track. `of` is everything that the additions depend on, except the directory of the workspace:
/// Cargo tells its crates apart by their paths.
///
/// # Errors
/// If the directory cannot be changed.
pub(super) fn forget_others(dir: &Path, of: &str) -> io::Result<()> {
    let (stamp, now) = (dir.join(".cargo-autotest"), format!("{VERSION}\n{of}\n"));
    if fs_err::read_to_string(&stamp).is_ok_and(|then| then == now) {
        return Ok(());
    }
    let fingerprints = dir.join(".fingerprint");
    if fingerprints.exists() {
        fs_err::remove_dir_all(fingerprints)?;
    }
    fs_err::create_dir_all(dir)?;
    fs_err::write(stamp, now)
}

impl Additions {
    /// Changes the arguments with which Cargo compiles a crate of the package in `dir`.
    fn change(&self, dir: &str, args: &mut Vec<OsString>) {
        let pairs = || args.windows(2);
        if !pairs().any(|pair| pair[0] == "--target" && pair[1] == *self.target) {
            return;
        }
        let name = pairs().find(|pair| pair[0] == "--crate-name");
        let name = name.map(|pair| pair[1].to_string_lossy().into_owned());
        if let Some(package) = self.local.get(dir) {
            let metadata = stable_metadata(package, args);
            replace(args, "metadata=", Some(&metadata));
        }
        if name.is_some_and(|name| self.readable.contains(&name)) {
            replace(args, "linker-plugin-lto", None);
        }
        args.extend(self.flags.iter().map(OsString::from));
    }
}

/// Replaces the option `-C NAME…`, or removes it.
fn replace(args: &mut Vec<OsString>, name: &str, new: Option<&str>) {
    let found = args.windows(2).position(|pair| {
        pair[0] == "-C"
            && pair[1]
                .to_str()
                .is_some_and(|option| option.starts_with(name))
    });
    match (found, new) {
        (Some(at), Some(new)) => args[at + 1] = new.into(),
        (Some(at), None) => drop(args.drain(at..at + 2)),
        (None, _) => {}
    }
}

/// A hash of the package's name and of the options that distinguish its libraries.
fn stable_metadata(package: &str, args: &[OsString]) -> String {
    const OPTIONS: [&str; 4] = ["--crate-name", "--crate-type", "--cfg", "--target"];
    let mut hashed = package.to_owned();
    for pair in args.windows(2) {
        if OPTIONS.iter().any(|option| pair[0] == *option) {
            hashed += &format!("\n{} {}", pair[0].display(), pair[1].display());
        }
    }
    // SHA-256, because the standard library's hashers may change between versions of Rust.
    let sum = Sha256Sum::of(hashed.as_bytes()).map(|sum| sum.to_string());
    let sum = sum.unwrap_or_default();
    format!("metadata={}", sum.get(..16).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARGS: &[&str] = &[
        "--crate-name",
        "net_tests",
        "--crate-type",
        "lib",
        "-C",
        "metadata=of-a-path",
        "-C",
        "linker-plugin-lto",
        "--target",
        "x86_64-unknown-linux-musl",
    ];

    fn changed(additions: &Additions, args: &[&str]) -> Vec<String> {
        let mut args: Vec<OsString> = args.iter().map(OsString::from).collect();
        additions.change("/lab/net-tests", &mut args);
        args.into_iter()
            .map(|arg| arg.into_string().unwrap())
            .collect()
    }

    fn additions() -> Additions {
        Additions {
            target: "x86_64-unknown-linux-musl".to_owned(),
            flags: vec!["--remap-path-prefix=/lab=".to_owned()],
            local: BTreeMap::from([("/lab/net-tests".to_owned(), "net-tests 1.0.0".to_owned())]),
            readable: vec!["net_tests".to_owned()],
            wrapper: None,
        }
    }

    #[test]
    fn a_crate_in_a_directory_gets_a_hash_without_it_and_object_code() {
        let mut got = changed(&additions(), ARGS);
        let metadata = got.remove(5);
        assert_ne!(metadata, "metadata=of-a-path");
        let mut expected: Vec<&str> = [&ARGS[..5], &ARGS[8..]].concat();
        expected.push("--remap-path-prefix=/lab=");
        assert_eq!(got, expected);
    }

    #[test]
    fn the_hash_depends_on_features() {
        let with = [ARGS, &["--cfg", "feature=\"slow\""]].concat();
        let hash = |args: &[&str]| changed(&additions(), args)[5].clone();
        assert_ne!(hash(&with), hash(ARGS));
        assert_eq!(hash(ARGS), hash(ARGS));
    }

    #[test]
    fn what_is_compiled_for_the_host_or_downloaded_keeps_its_hash() {
        let host = &ARGS[..8];
        assert_eq!(changed(&additions(), host), host);
        let elsewhere = Additions {
            local: BTreeMap::new(),
            readable: Vec::new(),
            ..additions()
        };
        assert_eq!(changed(&elsewhere, ARGS)[..10], *ARGS);
    }

    #[test]
    fn what_was_compiled_with_other_additions_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let fingerprints = dir.path().join(".fingerprint");
        let kept_after = |of| {
            fs_err::create_dir_all(&fingerprints).unwrap();
            forget_others(dir.path(), of).unwrap();
            fingerprints.exists()
        };
        // Without a stamp, the additions of the first build are unknown.
        assert!(!kept_after("a"));
        assert!(kept_after("a"));
        assert!(!kept_after("b"));
        assert!(kept_after("b"));
    }
}
