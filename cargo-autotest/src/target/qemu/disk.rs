//! The disk of a machine: an image that is only read, and an overlay with everything that the machine has written.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::ConnectError;

/// The file of the overlay.
pub(super) const DISK: &str = "disk.qcow2";

/// The output of `qemu-img info`, as far as it is used.
#[derive(Deserialize)]
struct Info {
    format: String,
}

/// Creates the disk, unless the machine has it already.
///
/// # Errors
/// If the image does not exist, or `qemu-img` is not installed or fails.
pub(super) fn make(image: &Path, files: &Path) -> Result<(), ConnectError> {
    let disk = files.join(DISK);
    if disk.exists() {
        return Ok(());
    }
    let image = std::fs::canonicalize(image).map_err(|error| {
        failed(format!(
            "failed to open the image `{}`: {error}; `qemu:` takes the file of a disk that can be booted",
            image.display()
        ))
    })?;
    // Other machines may be running from the image.
    let info = qemu_img(&["info", "--force-share", "--output=json"], &[&image])?;
    let info: Info = serde_json::from_slice(&info)
        .map_err(|error| failed(format!("`qemu-img info` is not understood: {error}")))?;
    // An incomplete disk must not have the name of a complete one.
    let new: PathBuf = files.join("disk.new");
    let image = image.display().to_string();
    let options = ["create", "-q", "-f", "qcow2", "-F", &info.format, "-b"];
    qemu_img(&[options.as_slice(), &[image.as_str()]].concat(), &[&new])?;
    std::fs::rename(&new, &disk).map_err(|error| failed(format!("failed to make a disk: {error}")))
}

/// Removes everything that the machine has written.
pub(super) fn remove(files: &Path) {
    let _ = std::fs::remove_file(files.join(DISK));
}

/// Runs `qemu-img`, and returns its output.
fn qemu_img(args: &[&str], paths: &[&Path]) -> Result<Vec<u8>, ConnectError> {
    let mut command = Command::new("qemu-img");
    let output = command.args(args).args(paths).stdin(Stdio::null()).output();
    let output = output.map_err(|error| {
        failed(format!(
            "failed to start `qemu-img`: {error}; is QEMU installed (Debian: qemu-utils)?"
        ))
    })?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(failed(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        )),
    }
}

fn failed(reason: String) -> ConnectError {
    ConnectError {
        reason,
        is_final: true,
    }
}
