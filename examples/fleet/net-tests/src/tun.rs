//! Virtual interfaces.

use autotest::prelude::*;

/// The kernel makes a virtual interface, which goes with its file.
#[autotest(suites("bvt"), needs(root, file("/dev/net/tun"), cmd("ip")))]
fn interface_can_be_made(cx: &mut TestContext) -> TestResult {
    cx.command("ip")
        .args(["tuntap", "add", "dev", "atun0", "mode", "tun"])
        .run()?;
    let shown = cx.command("ip").args(["link", "show", "atun0"]).run();
    cx.command("ip").args(["link", "delete", "atun0"]).run()?;
    shown?;
    Ok(())
}
