//! A virtual machine with Debian's kernel, an initramfs that is made here, and a disk that outlives it.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::initramfs::{Kernel, copy_libraries, pack};
use crate::binary::fixture_path;

/// Modules of the kernel, each after those that it needs.
const MODULES: &[&str] = &[
    "drivers/virtio/virtio_ring",
    "drivers/virtio/virtio",
    "drivers/virtio/virtio_pci_modern_dev",
    "drivers/virtio/virtio_pci_legacy_dev",
    "drivers/virtio/virtio_pci",
    "drivers/block/virtio_blk",
    "lib/reed_solomon/reed_solomon",
];

/// Loaded with arguments.
const STORE: &str = "fs/pstore/ramoops";

/// What the kernel does on an NMI and after a panic, and which memory it leaves to the store.
const COMMAND_LINE: &str = "console=ttyS0 quiet panic=-1 unknown_nmi_panic memmap=1M$0xf000000 \
                            autotest.may_panic";

/// What the console has where the power was cut.
pub(super) const POWER_CUT: &str = "=== power cut";

/// What a machine runs.
pub(crate) struct Suite<'a> {
    /// The fixture that is the suite.
    pub(crate) fixture: &'a str,
    /// What the first process does behind `boot.sh`.
    pub(crate) script: &'a str,
    /// The text of a file that the script can read.
    pub(crate) arguments: &'a str,
}

/// Which process of the machine is the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Init {
    /// The first one.
    Suite,
    /// A child of the first one, which is a shell.
    Shell,
}

/// A machine, off or on.
pub(crate) struct Machine {
    dir: TempDir,
    kernel: PathBuf,
    init: Init,
    process: Option<Child>,
}

impl Machine {
    /// A machine that is off.
    pub(crate) fn new(kernel: &Kernel, init: Init, suite: &Suite<'_>) -> Machine {
        let dir = tempfile::tempdir().unwrap();
        make_initramfs(kernel, dir.path(), suite.script);
        make_disk(dir.path(), suite);
        Machine {
            dir,
            kernel: kernel.image.clone(),
            init,
            process: None,
        }
    }

    pub(crate) fn switch_on(&mut self) {
        let at = |name: &str| self.dir.path().join(name).display().to_string();
        let init = match self.init {
            Init::Suite => "suite",
            Init::Shell => "shell",
        };
        let mut command = Command::new("qemu-system-x86_64");
        command
            .args(["-M", "q35", "-m", "256", "-display", "none", "-nodefaults"])
            .arg("-no-user-config")
            .args([
                "-chardev",
                &format!("file,id=c,append=on,path={}", at("console")),
            ])
            .args(["-serial", "chardev:c"])
            .args(["-qmp", &format!("unix:{},server=on,wait=off", at("qmp"))])
            .arg("-drive")
            .arg(format!("if=none,id=d,format=raw,file={}", at("disk")))
            .args(["-device", "virtio-blk-pci,drive=d"])
            .arg("-kernel")
            .arg(&self.kernel)
            .args(["-initrd", &at("initramfs")])
            .arg("-append")
            .arg(format!("{COMMAND_LINE} autotest.init={init}"))
            .stdin(Stdio::null());
        self.process = Some(command.spawn().unwrap());
    }

    /// Whether it has switched itself off.
    pub(crate) fn is_off(&mut self) -> bool {
        let ended = self.process.as_mut().unwrap().try_wait().unwrap();
        ended.is_some_and(|status| {
            assert!(status.success(), "the machine ended with {status}");
            true
        })
    }

    /// Waits for so long; whether the machine has switched itself off.
    pub(crate) fn is_off_within(&mut self, time: Duration) -> bool {
        let until = Instant::now() + time;
        while Instant::now() < until {
            if self.is_off() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.is_off()
    }

    /// Its memory is lost.
    pub(super) fn cut_power(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
        let console = self.dir.path().join("console");
        let mut console = OpenOptions::new().append(true).open(console).unwrap();
        writeln!(console, "\n{POWER_CUT}").unwrap();
    }

    /// Gives a command to the machine itself. It may have switched itself off meanwhile.
    pub(super) fn command(&self, name: &str) -> std::io::Result<()> {
        let mut control = UnixStream::connect(self.dir.path().join("qmp"))?;
        let mut answers = BufReader::new(control.try_clone()?).lines();
        for name in ["qmp_capabilities", name] {
            writeln!(control, r#"{{"execute":"{name}"}}"#)?;
            loop {
                let answer = answers.next().transpose()?.unwrap_or_default();
                assert!(!answer.contains("\"error\""), "{name}: {answer}");
                if answer.is_empty() || answer.contains("\"return\"") {
                    break;
                }
            }
        }
        Ok(())
    }

    /// What it has printed since it was made.
    pub(crate) fn console(&self) -> String {
        let console = fs::read(self.dir.path().join("console")).unwrap_or_default();
        String::from_utf8_lossy(&console).into_owned()
    }

    /// The directory with what its job left on the disk.
    pub(crate) fn results(&self) -> PathBuf {
        let dir = self.dir.path();
        let disk = dir.join("disk");
        // Plays the journal of the file system back; 1 is "there were errors, and they are corrected".
        let checked = run(Command::new("e2fsck").arg("-fy").arg(&disk));
        assert!(matches!(checked, Some(0 | 1)), "e2fsck: {checked:?}");
        let dump = format!("rdump /job {}", dir.display());
        assert_eq!(
            run(Command::new("debugfs").args(["-R", &dump]).arg(&disk)),
            Some(0)
        );
        dir.join("job")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.cut_power();
        }
    }
}

/// The exit code of a program that says too much.
fn run(command: &mut Command) -> Option<i32> {
    let output = command.output().unwrap();
    output.status.code()
}

/// An archive with a shell, the modules and the first process's script.
fn make_initramfs(kernel: &Kernel, dir: &Path, script: &str) {
    let root = dir.join("root");
    kernel.make_root(&root, MODULES, script);
    kernel.copy_module(STORE, &root);
    pack(&root, &dir.join("initramfs"));
}

/// A disk with the suite, its libraries and its arguments.
fn make_disk(dir: &Path, suite: &Suite<'_>) {
    let files = dir.join("files");
    fs::create_dir_all(files.join("lib")).unwrap();
    let binary = fixture_path(suite.fixture);
    fs::copy(binary, files.join("suite")).unwrap();
    copy_libraries(binary, &files.join("lib"));
    fs::write(files.join("arguments"), suite.arguments).unwrap();
    let disk = dir.join("disk");
    File::create(&disk).unwrap().set_len(256 << 20).unwrap();
    let mut make = Command::new("mke2fs");
    make.args(["-q", "-F", "-t", "ext4", "-d"])
        .arg(&files)
        .arg(&disk);
    assert_eq!(run(&mut make), Some(0));
    fs::remove_dir_all(files).unwrap();
}
