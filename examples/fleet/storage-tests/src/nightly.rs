//! Jobs that decide what runs.

use autotest::prelude::*;

/// Renames first; more files only if that works.
#[autotest::control]
fn nightly(
    job: &mut Job,
    /// How many files.
    #[param(default = 100)]
    files: u32,
) -> JobResult {
    let renamed = job
        .run_test("storage_tests::files::survive_a_rename")
        .run()?;
    if renamed.is_good() {
        job.run_test("storage_tests::files::keep_modes::private")
            .tag(files.to_string())
            .run()?;
    }
    Ok(())
}
