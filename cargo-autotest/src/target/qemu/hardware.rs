//! The kinds of machines that are emulated.

use std::fs::File;

use super::ConnectError;

/// The kinds of machines, by the beginning of their Rust targets.
const ARCHITECTURES: &[Hardware] = &[
    machine("x86_64", "x86_64", "q35", "max"),
    machine("i686", "i386", "q35", "max"),
    machine("i586", "i386", "q35", "max"),
    machine("aarch64", "aarch64", "virt", "max"),
    machine("arm", "arm", "virt", "max"),
    machine("riscv64", "riscv64", "virt", ""),
    machine("loongarch64", "loongarch64", "virt", ""),
    machine("powerpc64", "ppc64", "pseries", ""),
    machine("s390x", "s390x", "s390-ccw-virtio", "max"),
];

/// A kind of machine.
#[derive(Clone, Debug)]
pub(super) struct Hardware {
    architecture: &'static str,
    /// The end of the name of QEMU's program.
    emulator: &'static str,
    machine: &'static str,
    /// The processor; the machine's own if empty.
    cpu: &'static str,
}

const fn machine(
    architecture: &'static str,
    emulator: &'static str,
    machine: &'static str,
    cpu: &'static str,
) -> Hardware {
    Hardware {
        architecture,
        emulator,
        machine,
        cpu,
    }
}

impl Hardware {
    /// The machine for a Rust target, or by default for the architecture of this machine.
    ///
    /// # Errors
    /// If no machine is known for the target.
    pub(super) fn of(triple: Option<&str>) -> Result<Hardware, ConnectError> {
        let triple = match triple.unwrap_or(std::env::consts::ARCH) {
            // Rust's name for the architecture of its targets `i686-…`.
            "x86" => "i686",
            triple => triple,
        };
        let mut machines = ARCHITECTURES.iter();
        let found = machines.find(|it| triple.starts_with(it.architecture));
        found.cloned().ok_or_else(|| ConnectError {
            reason: format!("no virtual machine is known for `{triple}`; boot one, and use `ssh:`"),
            is_final: true,
        })
    }

    /// The name of QEMU's program.
    pub(super) fn program(&self) -> String {
        format!("qemu-system-{}", self.emulator)
    }

    /// QEMU's arguments for the machine, its processor and the accelerator.
    pub(super) fn args(&self, may_use_kvm: bool) -> Vec<String> {
        let mut args = vec!["-machine", self.machine];
        if !self.cpu.is_empty() {
            args.extend(["-cpu", self.cpu]);
        }
        let is_native = self.architecture == std::env::consts::ARCH;
        let mut kvm = File::options();
        if may_use_kvm && is_native && kvm.read(true).write(true).open("/dev/kvm").is_ok() {
            // If the kernel refuses KVM after all, QEMU uses the next accelerator.
            args.extend(["-accel", "kvm", "-accel", "tcg"]);
        }
        args.into_iter().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_that_of_the_rust_target() {
        let program = |triple| Hardware::of(Some(triple)).map(|it| it.program());
        let armv7 = program("armv7-unknown-linux-musleabihf");
        assert_eq!(armv7.unwrap(), "qemu-system-arm");
        let powerpc = program("powerpc64le-unknown-linux-gnu");
        assert_eq!(powerpc.unwrap(), "qemu-system-ppc64");
        assert_eq!(program("x86").unwrap(), "qemu-system-i386");
        let unknown = program("vax-unknown-netbsd").unwrap_err().to_string();
        let expected =
            "no virtual machine is known for `vax-unknown-netbsd`; boot one, and use `ssh:`";
        assert_eq!(unknown, expected);
    }
}
