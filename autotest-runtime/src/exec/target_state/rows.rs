//! The table of what is compared.

use super::items::Items;
use super::{Own, files, kernel, network, nftables, sockets};
use crate::exec::unix::{self, Interface};

/// What a row may need to be read.
#[derive(Debug)]
pub(super) struct Reading<'o> {
    pub(super) own: &'o Own,
    /// Of this network namespace. Two rows are about them.
    pub(super) interfaces: Vec<Interface>,
}

impl Reading<'_> {
    pub(super) fn begin(own: &Own) -> Reading<'_> {
        Reading {
            own,
            interfaces: unix::interfaces(),
        }
    }
}

/// What is compared before and after a run.
pub(super) struct Row {
    /// What one of the things is called.
    pub(super) name: &'static str,
    pub(super) read: fn(&Reading<'_>) -> Items,
    pub(super) tells: Tells,
    /// Whether a new thing counts; asked for new things only, since it may take long.
    pub(super) counts: fn(&str) -> bool,
}

/// Which differences count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tells {
    /// What is new, gone or different.
    Everything,
    /// What is new or different: others may remove such things at any time.
    NewOnly,
}

use Tells::{Everything, NewOnly};

const fn row(name: &'static str, read: fn(&Reading<'_>) -> Items, tells: Tells) -> Row {
    Row {
        name,
        read,
        tells,
        counts: |_| true,
    }
}

/// Files in a directory to which other users write, too.
const fn own_files(name: &'static str, read: fn(&Reading<'_>) -> Items) -> Row {
    Row {
        counts: files::is_of_this_user,
        ..row(name, read, NewOnly)
    }
}

/// Each row takes about a tenth of a millisecond at most on a usual target.
pub(super) const ROWS: &[Row] = &[
    row("mount", files::mounts, Everything),
    row("swap", files::swaps, Everything),
    row("loop device", files::loop_devices, Everything),
    row("block device", files::block_devices, Everything),
    own_files("temporary file", files::temporary),
    own_files("shared memory file", files::shared_memory),
    own_files("message queue", files::message_queues),
    row("System V IPC", kernel::system_v_ipc, NewOnly),
    row("module", kernel::modules, Everything),
    row("kernel parameter", kernel::parameters, Everything),
    row("processors", kernel::processors, Everything),
    row("control group", kernel::control_groups, NewOnly),
    row("kernel", kernel::health, Everything),
    row("network interface", network::interfaces, Everything),
    row("address", network::addresses, Everything),
    row("route", network::routes, Everything),
    row("nftables", nftables::all, Everything),
    row("listening socket", sockets::listening, NewOnly),
];
