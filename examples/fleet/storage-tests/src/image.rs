//! An image that comes with the suite.

use autotest::prelude::*;

#[derive(Default)]
struct CopyImage {
    copies: u32,
}

/// An image can be copied, and the copy is the same.
#[autotest(suites("bvt"), version = 1, iterations = 2, data("images/pattern.bin"))]
impl CopyImage {
    /// Once per version: later runs find the image in `srcdir`.
    fn setup(&mut self, cx: &mut TestContext) -> TestResult {
        fs::create_dir_all(cx.srcdir())?;
        let image = cx.bindir().join("images/pattern.bin");
        fs::copy(image, cx.srcdir().join("pattern.bin"))?;
        Ok(())
    }

    fn run_once(&mut self, cx: &mut TestContext) -> TestResult {
        let copy = cx.tmpdir().join(format!("copy-{}", self.copies));
        fs::copy(cx.srcdir().join("pattern.bin"), &copy)?;
        let copied = fs::read(&copy)?;
        ensure_eq!(copied.len(), 4096);
        ensure!(
            copied == fs::read(cx.srcdir().join("pattern.bin"))?,
            "the copy differs"
        );
        self.copies += 1;
        Ok(())
    }
}
