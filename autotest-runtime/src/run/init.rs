//! Keeps the first process of a machine from exiting: the kernel would panic.

use std::io::{self, Write};
use std::time::Duration;

use rustix::process::WaitOptions;

use crate::exit::Exit;
use crate::identity;

/// The machine's own pid namespace. The first process of another one, such as a container's, may exit.
const MACHINE: &str = "pid:[4026531836]";

/// The interval at which to look for orphans while there is no child.
const PERIOD: Duration = Duration::from_secs(1);

/// Returns, unless this is the first process of the machine; then it reaps orphans forever.
pub(super) fn stay_if_first(exit: Exit) {
    if std::process::id() != 1 || identity::pid_namespace() != MACHINE {
        return;
    }
    let _ = writeln!(
        io::stderr(),
        "the exit code is {}; the first process of the machine does not exit",
        exit.code()
    );
    loop {
        if rustix::process::wait(WaitOptions::empty()).is_err() {
            std::thread::sleep(PERIOD);
        }
    }
}
