//! A machine with Debian's kernel, an SSH server and a disk, which are made here.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::Lab;
use super::super::lab::stripped;
use crate::panics::initramfs::{Kernel, add_program, copy_libraries, pack};

/// Modules of the kernel, each after those that it needs.
const MODULES: &[&str] = &[
    "drivers/virtio/virtio_ring",
    "drivers/virtio/virtio",
    "drivers/virtio/virtio_pci_modern_dev",
    "drivers/virtio/virtio_pci_legacy_dev",
    "drivers/virtio/virtio_pci",
    "drivers/block/virtio_blk",
    "net/core/failover",
    "drivers/net/net_failover",
    "drivers/net/virtio_net",
    "lib/reed_solomon/reed_solomon",
];

/// Loaded with arguments.
const STORE: &str = "fs/pstore/ramoops";

const COMMAND_LINE: &str = "console=ttyS0 quiet panic=-1 memmap=1M$0xf000000 autotest.may_panic";

/// What QEMU, `ssh` and the guest need besides what `Kernel::find` looks for.
const TOOLS: &[&str] = &["qemu-img", "ssh", "dropbear", "dropbearkey"];

/// The fixture that the guest has the libraries for.
pub(super) const FIXTURE: &str = "panics";

/// Configures the target `vm`; `None`, with the reason printed, where it cannot be.
pub(super) fn add_to(lab: &Lab) -> Option<()> {
    if std::env::var_os("AUTOTEST_QEMU").is_none() {
        eprintln!("left out: virtual machines as targets (AUTOTEST_QEMU=1 runs them)");
        return None;
    }
    let kernel = match Kernel::find().and_then(|kernel| find_tools().map(|()| kernel)) {
        Ok(kernel) => kernel,
        Err(reason) => {
            eprintln!("left out: virtual machines as targets: {reason}");
            return None;
        }
    };
    let key = lab.path("key");
    let mut keygen = Command::new("ssh-keygen");
    keygen
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&key);
    assert!(keygen.status().unwrap().success());
    make_system(&kernel, lab);
    make_image(&image(lab));
    configure(lab, &kernel);
    Some(())
}

/// The image of the target's disk.
pub(super) fn image(lab: &Lab) -> PathBuf {
    lab.path("host/guest.img")
}

/// Has the guest's shell run a command, whose connection may not outlive it.
pub(super) fn shell(lab: &Lab, machine: &Path, command: &str) {
    let running = fs::read_to_string(machine.join("running")).unwrap();
    let port = running.split_whitespace().nth(1).unwrap();
    let mut ssh = Command::new("ssh");
    ssh.args([
        "-Fnone",
        "-oStrictHostKeyChecking=no",
        "-oUserKnownHostsFile=/dev/null",
    ]);
    ssh.args(["-p", port, "-i"]).arg(lab.path("key"));
    ssh.args(["root@127.0.0.1", &format!("echo begun; {command}")]);
    let ran = ssh.output().unwrap();
    assert!(ran.stdout.starts_with(b"begun"), "{ran:?}");
}

fn find_tools() -> Result<(), String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    for tool in TOOLS {
        let mut dirs = std::env::split_paths(&path);
        if !dirs.any(|dir| dir.join(tool).is_file()) && sbin(tool).is_none() {
            return Err(format!("there is no `{tool}`"));
        }
    }
    Ok(())
}

fn sbin(name: &str) -> Option<PathBuf> {
    let path = Path::new("/usr/sbin").join(name);
    path.is_file().then_some(path)
}

/// The initramfs, with the libraries of the fixture.
fn make_system(kernel: &Kernel, lab: &Lab) {
    let root = lab.path("root");
    kernel.make_root(&root, MODULES, include_str!("init.sh"));
    kernel.copy_module(STORE, &root);
    let dropbear = sbin("dropbear").unwrap_or_else(|| PathBuf::from("/usr/bin/dropbear"));
    add_program(&dropbear, &root);
    copy_libraries(&stripped(FIXTURE), &root.join("lib"));
    fs::create_dir_all(root.join("etc")).unwrap();
    fs::create_dir_all(root.join("root/.ssh")).unwrap();
    fs::write(root.join("etc/passwd"), "root::0:0:root:/root:/bin/sh\n").unwrap();
    fs::copy(lab.path("key.pub"), root.join("root/.ssh/authorized_keys")).unwrap();
    fs::set_permissions(root.join("root"), fs::Permissions::from_mode(0o700)).unwrap();
    let mut host_key = Command::new("dropbearkey");
    host_key
        .args(["-t", "ed25519", "-f"])
        .arg(root.join("host_key"));
    assert!(host_key.output().unwrap().status.success());
    pack(&root, &lab.path("initramfs"));
}

fn make_image(image: &Path) {
    File::create(image).unwrap().set_len(256 << 20).unwrap();
    let mut make = Command::new("mke2fs");
    make.args(["-q", "-F", "-t", "ext4"]).arg(image);
    assert!(make.output().unwrap().status.success());
}

/// Without KVM, which fails at times within another virtual machine.
fn configure(lab: &Lab, kernel: &Kernel) {
    let text = format!(
        "[targets.vm]
address = \"qemu:guest.img\"
directory = \"/disk/autotest\"
ssh_options = [\"-F\", \"none\", \"-i\", \"{key}\", \"-o\", \"BatchMode=yes\"]
qemu_options = [\"-accel\", \"tcg\", \"-m\", \"256\", \"-kernel\", \"{kernel}\", \"-initrd\", \"{initramfs}\", \"-append\", \"{COMMAND_LINE}\"]
",
        key = lab.path("key").display(),
        kernel = kernel.image.display(),
        initramfs = lab.path("initramfs").display(),
    );
    fs::write(lab.host().join("autotest.toml"), text).unwrap();
}
