//! The table of the state to compare.

use std::io;

use super::items::Items;
use super::{Own, files, kernel, network, nftables, sockets};
use crate::exec::unix::{self, Interface};

/// The data shared by the rows while the state is read.
#[derive(Debug)]
pub(super) struct Reading<'o> {
    pub(super) own: &'o Own,
    /// The interfaces of this network namespace, for two rows.
    pub(super) interfaces: io::Result<Vec<Interface>>,
}

impl Reading<'_> {
    pub(super) fn begin(own: &Own) -> Reading<'_> {
        Reading {
            own,
            interfaces: unix::interfaces(),
        }
    }
}

/// Reads the items of a row.
type Read = fn(&Reading<'_>) -> io::Result<Items>;

/// A kind of items to compare before and after a run.
pub(super) struct Row {
    /// The word for one of the items.
    pub(super) name: &'static str,
    /// On an error, such as too many open files, the row is left out of the comparison.
    pub(super) read: Read,
    pub(super) tells: Tells,
    /// `true` if a new item counts. Only called for new items, since it may be slow.
    pub(super) counts: fn(&str) -> bool,
}

/// The differences that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tells {
    /// New, gone and changed items.
    Everything,
    /// New and changed items: others may remove such items at any time.
    NewOnly,
}

use Tells::{Everything, NewOnly};

const fn row(name: &'static str, read: Read, tells: Tells) -> Row {
    Row {
        name,
        read,
        tells,
        counts: |_| true,
    }
}

/// A row for files in a directory to which other users write as well; only this user's files count.
const fn own_files(name: &'static str, read: Read) -> Row {
    Row {
        counts: files::is_of_this_user,
        ..row(name, read, NewOnly)
    }
}

/// The rows. Reading one takes at most about a tenth of a millisecond on a typical target.
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
