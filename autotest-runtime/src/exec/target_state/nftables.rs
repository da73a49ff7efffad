//! The tables of the packet filter, asked from the kernel by netlink (`linux/netfilter/nf_tables.h`).
//!
//! Tables, chains, sets and rules are listed, not what counters have counted, nor the elements of sets. A rule that is
//! replaced has a new handle.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use rustix::net::netlink::NETFILTER;

use super::items::Items;
use super::netlink::{self, Attributes};
use super::rows::Reading;

/// The subsystem of a message, in the upper half of its type.
const SUBSYSTEM: u16 = 10 << 8;

/// `struct nfgenmsg` before the attributes: the family, the version and an identifier.
const HEADER_BYTES: usize = 4;

/// Names with this beginning are the kernel's own, for what stands within a rule.
const ANONYMOUS: &str = "__";

/// A kind of things that can be listed: its name, the type of the request, the attributes with the names, and the one
/// with a handle, if that tells two of them apart.
struct Kind {
    name: &'static str,
    request: u16,
    names: &'static [u16],
    handle: Option<u16>,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "table",
        request: 1,
        names: &[1],
        handle: None,
    },
    Kind {
        name: "chain",
        request: 4,
        names: &[1, 3],
        handle: None,
    },
    Kind {
        name: "rule",
        request: 7,
        names: &[1, 2],
        handle: Some(3),
    },
    Kind {
        name: "set",
        request: 10,
        names: &[1, 2],
        handle: None,
    },
];

pub(super) fn all(_: &Reading<'_>) -> Items {
    let mut all = Items::new();
    if !is_there() {
        return all;
    }
    for kind in &KINDS {
        let request = [0; HEADER_BYTES];
        let answers = netlink::list(NETFILTER, SUBSYSTEM | kind.request, &request);
        let names = answers.iter().filter_map(|answer| named(kind, answer));
        all.extend(names.map(|name| (name, String::new())));
        // Tables come first, and everything else is in one.
        if all.is_empty() {
            break;
        }
    }
    all
}

/// Whether the kernel has the packet filter already: to ask would load its module.
fn is_there() -> bool {
    Path::new("/sys/module/nf_tables").exists() || !is_a_module()
}

/// Whether the packet filter is a module that could be loaded.
fn is_a_module() -> bool {
    static IS_A_MODULE: OnceLock<bool> = OnceLock::new();
    *IS_A_MODULE.get_or_init(|| {
        let kernel = rustix::system::uname();
        let modules = Path::new("/lib/modules").join(kernel.release().to_string_lossy().as_ref());
        let builtin = fs::read_to_string(modules.join("modules.builtin")).unwrap_or_default();
        modules.exists() && !builtin.contains("/nf_tables.ko")
    })
}

/// A thing in the words of nft(8), such as `chain inet filter input`.
fn named(kind: &Kind, answer: &[u8]) -> Option<String> {
    let attributes = Attributes::of(answer.get(HEADER_BYTES..)?);
    let mut words = vec![kind.name.to_owned(), family(*answer.first()?).to_owned()];
    for name in kind.names {
        let name = String::from_utf8_lossy(attributes.get(*name)?);
        words.push(name.trim_end_matches('\0').to_owned());
    }
    if let Some(handle) = kind.handle {
        let handle = u64::from_be_bytes(attributes.get(handle)?.try_into().ok()?);
        words.push(format!("handle {handle}"));
    }
    let is_anonymous = kind.name == "set" && words.last()?.starts_with(ANONYMOUS);
    (!is_anonymous).then(|| words.join(" "))
}

/// The name of a family of packets.
fn family(number: u8) -> &'static str {
    match number {
        1 => "inet",
        2 => "ip",
        3 => "arp",
        5 => "netdev",
        7 => "bridge",
        10 => "ip6",
        _ => "other",
    }
}
