//! Crates of these tests that are no part of the workspace. Each is built in a directory of its own.

use std::fs;
use std::path::{Path, PathBuf};

/// Where what belongs to such a crate is kept for the next time.
pub(crate) fn home(name: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_faulty")).ancestors().nth(2);
    target.unwrap().join(name)
}

/// Copies the crate or the workspace `tests/NAME` to its home, with the dependencies of the workspace.
pub(crate) fn copied(name: &str) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (root, copy) = (tests.parent().unwrap(), home(name).join("crate"));
    copy_dir(&tests.join(name), &copy, root);
    copy_file(&root.join("Cargo.lock"), &copy.join("Cargo.lock"), root);
    copy
}

fn copy_dir(from: &Path, to: &Path, root: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        // Left by somebody who built it in place.
        if ["target", "Cargo.lock"].contains(&&*entry.file_name().to_string_lossy()) {
            continue;
        }
        match from.is_dir() {
            true => copy_dir(&from, &to, root),
            false => copy_file(&from, &to, root),
        }
    }
}

/// One that is the same stays as old as it is, so that it is not built again.
fn copy_file(from: &Path, to: &Path, root: &Path) {
    let text = fs::read_to_string(from).unwrap();
    let text = text.replace("\"../../", &format!("\"{}/", root.display()));
    if fs::read_to_string(to).ok().as_ref() != Some(&text) {
        fs::write(to, text).unwrap();
    }
}
