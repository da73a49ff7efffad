//! Every kind of test.

use autotest::prelude::*;

mod serial;

/// Has a doc comment.
#[autotest]
fn plain() -> TestResult {
    Ok(())
}

#[autotest]
fn plain_and_more(cx: &mut TestContext) {
    assert!(cx.tmpdir().exists());
}

#[autotest(ignore = "slow")]
fn ignored() {}

#[cfg(unix)]
#[autotest(name = "has.a.name")]
fn named() {}

#[autotest]
fn r#try() {}

#[autotest]
#[case::small(mb = 1)]
#[case::large(mb = 1024)]
fn copy(mb: u64) {
    assert!(mb > 0);
}

#[autotest]
fn write(#[param(values(1, 4))] mb: u64) {
    assert!(mb > 0);
}

#[derive(Default)]
struct Disk;

/// In phases.
#[autotest(timeout = "1m")]
#[case::ext4(fs = "ext4")]
#[case::xfs(fs = "xfs")]
impl Disk {
    fn setup(&mut self) {}

    fn run_once(&mut self, cx: &mut TestContext, fs: &str) -> TestResult {
        Ok(cx.write_test_keyval([("fs", fs)])?)
    }
}

mod net {
    use super::*;

    #[autotest]
    fn plain() {}

    #[autotest(name = "wifi.scan")]
    fn scan() {}
}

#[autotest::suite(suites("tcp"))]
mod tcp {
    use super::*;

    #[autotest]
    fn ping() {}

    #[derive(Default)]
    struct Socket;

    #[autotest]
    impl Socket {
        fn run_once() {}
    }
}

autotest::main!();
