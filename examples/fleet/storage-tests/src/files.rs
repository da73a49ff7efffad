//! What file systems promise.

use std::os::unix::fs::PermissionsExt;

use autotest::prelude::*;

/// A file keeps its content under another name.
#[autotest(suites("bvt"))]
fn survive_a_rename(cx: &mut TestContext) -> TestResult {
    let (old, new) = (cx.tmpdir().join("old"), cx.tmpdir().join("new"));
    fs::write(&old, "content")?;
    fs::rename(&old, &new)?;
    ensure_eq!(fs::read_to_string(&new)?, "content");
    ensure!(!old.exists());
    Ok(())
}

/// Files have the modes that they are given.
#[autotest(suites("bvt"))]
#[case::private(mode = 0o600)]
#[case::shared(mode = 0o644)]
#[case::program(mode = 0o755)]
fn keep_modes(cx: &mut TestContext, mode: u32) -> TestResult {
    let file = cx.tmpdir().join("file");
    fs::write(&file, "")?;
    fs::set_permissions(&file, std::fs::Permissions::from_mode(mode))?;
    ensure_eq!(fs::metadata(&file)?.permissions().mode() & 0o777, mode);
    Ok(())
}

/// Many files in one directory; too slow for the short suite.
#[autotest(suites("bvt", "perf"), attributes("slow"), timeout = "5m")]
fn can_be_many(cx: &mut TestContext, #[param(default = 1000)] files: u32) -> TestResult {
    for i in 0..files {
        fs::write(cx.tmpdir().join(i.to_string()), "")?;
    }
    ensure_eq!(fs::read_dir(cx.tmpdir())?.count(), files as usize);
    Ok(())
}
