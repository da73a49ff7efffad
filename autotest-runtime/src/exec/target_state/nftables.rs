//! The packet filter's tables, obtained from the kernel by netlink (`linux/netfilter/nf_tables.h`).
//!
//! Tables, chains, sets and rules are listed; the values of counters and the elements of sets are not. A rule that is
//! replaced gets a new handle.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use rustix::net::netlink::NETFILTER;

use super::items::Items;
use super::netlink::{self, Attributes};
use super::rows::Reading;

/// The subsystem, in the upper half of a message's type.
const SUBSYSTEM: u16 = 10 << 8;

/// The size of `struct nfgenmsg` (family, version and identifier), which precedes the attributes.
const HEADER_BYTES: usize = 4;

/// The prefix of names that the kernel gives to sets within a rule.
const ANONYMOUS: &str = "__";

/// A kind of object to list: its name, the type of the request, the attributes that make up its name, and that of a
/// handle, if needed to tell two objects apart.
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

pub(super) fn all(_: &Reading<'_>) -> io::Result<Items> {
    let mut all = Items::new();
    if !is_there() {
        return Ok(all);
    }
    for kind in &KINDS {
        let request = [0; HEADER_BYTES];
        let answers = netlink::list(NETFILTER, SUBSYSTEM | kind.request, &request)?;
        let names = answers.iter().filter_map(|answer| named(kind, answer));
        all.extend(names.map(|name| (name, String::new())));
        // Tables come first, and contain everything else.
        if all.is_empty() {
            break;
        }
    }
    Ok(all)
}

/// `true` if the packet filter is built in or loaded. Otherwise, a request would load its module.
fn is_there() -> bool {
    Path::new("/sys/module/nf_tables").exists() || !is_a_module()
}

/// `true` if the packet filter is a module.
fn is_a_module() -> bool {
    static IS_A_MODULE: OnceLock<bool> = OnceLock::new();
    *IS_A_MODULE.get_or_init(|| {
        let kernel = rustix::system::uname();
        let modules = Path::new("/lib/modules").join(kernel.release().to_string_lossy().as_ref());
        let builtin = fs::read_to_string(modules.join("modules.builtin")).unwrap_or_default();
        modules.exists() && !builtin.contains("/nf_tables.ko")
    })
}

/// The name of an object as in nft(8), such as `chain inet filter input`.
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

/// The name of an address family.
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
