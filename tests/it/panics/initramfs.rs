//! Debian's kernel, and small systems for it, which are made here.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::binary::fixture_path;

/// A shell and all its programs.
const SHELL: &str = "/bin/busybox";

/// How each of these systems begins.
const BOOT: &str = include_str!("boot.sh");

/// An unpacked package `linux-image-…-cloud-amd64` of Debian.
pub(crate) struct Kernel {
    pub(crate) image: PathBuf,
    modules: PathBuf,
}

impl Kernel {
    /// # Errors
    /// If there is none, or a program is missing that a machine needs.
    pub(crate) fn find() -> Result<Kernel, String> {
        for tool in [
            "qemu-system-x86_64",
            "mke2fs",
            "e2fsck",
            "debugfs",
            "ldd",
            SHELL,
        ] {
            let found = Command::new(tool).stdin(Stdio::null()).output();
            found.map_err(|error| format!("{tool}: {error}"))?;
        }
        let target = fixture_path("panics").ancestors().nth(2).unwrap();
        let dir = target.join("tools/kernel");
        let only = |dir: PathBuf, prefix: &str| {
            let mut entries = fs::read_dir(&dir).into_iter().flatten().flatten();
            let name = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
            let entry = entries.find(|entry| name(entry).starts_with(prefix));
            entry.ok_or_else(|| format!("there is no `{prefix}` in `{}`", dir.display()))
        };
        Ok(Kernel {
            image: only(dir.join("boot"), "vmlinuz")?.path(),
            modules: only(dir.join("lib/modules"), "")?.path().join("kernel"),
        })
    }

    /// Makes a system with a shell, modules in the order in which they are loaded, and what the first process does
    /// behind `boot.sh`.
    pub(crate) fn make_root(&self, root: &Path, modules: &[&str], init: &str) {
        for name in ["bin", "dev", "disk", "lib", "proc", "sys", "tmp"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        add_program(Path::new(SHELL), root);
        symlink("lib", root.join("lib64")).unwrap();
        modules
            .iter()
            .for_each(|module| self.copy_module(module, root));
        let order: Vec<_> = modules.iter().map(|module| name_of(module)).collect();
        fs::write(root.join("lib/modules"), order.join("\n")).unwrap();
        fs::write(root.join("init"), BOOT.to_owned() + init).unwrap();
        fs::set_permissions(root.join("init"), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Adds a module to a system.
    pub(crate) fn copy_module(&self, module: &str, root: &Path) {
        let from = self.modules.join(format!("{module}.ko"));
        let to = root.join(format!("lib/{}.ko", name_of(module)));
        fs::copy(from, to).unwrap();
    }
}

fn name_of(module: &str) -> &str {
    module.rsplit('/').next().unwrap()
}

/// Adds a program to a system, with the libraries that it needs.
pub(crate) fn add_program(program: &Path, root: &Path) {
    let name = program.file_name().unwrap();
    fs::copy(program, root.join("bin").join(name)).unwrap();
    copy_libraries(program, &root.join("lib"));
}

/// Packs a system for the kernel.
pub(crate) fn pack(root: &Path, archive: &Path) {
    let archive = File::create(archive).unwrap();
    let mut pack = Command::new("sh");
    pack.args(["-c", "find . | busybox cpio -o -H newc"]);
    let packed = pack.current_dir(root).stdout(archive).stderr(Stdio::null());
    assert!(packed.status().unwrap().success());
}

/// Copies the libraries that a program is linked with, the loader among them.
pub(crate) fn copy_libraries(program: &Path, dir: &Path) {
    let listed = Command::new("ldd").arg(program).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let paths = listed
        .split_whitespace()
        .filter(|word| word.starts_with('/'));
    for path in paths.map(Path::new).filter(|path| path.is_file()) {
        fs::copy(path, dir.join(path.file_name().unwrap())).unwrap();
    }
}
