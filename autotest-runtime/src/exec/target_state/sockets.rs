//! Sockets that accept connections or datagrams, obtained from the kernel by netlink (sock_diag(7)).
//!
//! `/proc/net/tcp` has the same data, but takes the kernel milliseconds to generate if its hash table of connections is
//! large. A kernel without socket diagnostics (`CONFIG_INET_DIAG`, `CONFIG_UNIX_DIAG`) lists nothing.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rustix::net::netlink::SOCK_DIAG;

use super::items::Items;
use super::netlink::{self, Attributes};
use super::rows::Reading;

/// The type of the request.
const SOCK_DIAG_BY_FAMILY: u16 = 20;

/// Socket states, as bits: TCP sockets that listen, and UDP sockets that are bound.
const LISTENING: u32 = 1 << 10;
const BOUND: u32 = 1 << 7;

/// Requests the names of Unix sockets, and the type of the attribute that contains them.
const SHOW_NAME: u32 = 1;
const NAME: u16 = 0;

pub(super) fn listening(_: &Reading<'_>) -> io::Result<Items> {
    let mut all = Items::new();
    for family in [libc::AF_INET, libc::AF_INET6] {
        for (name, protocol, states) in [
            ("tcp", libc::IPPROTO_TCP, LISTENING),
            ("udp", libc::IPPROTO_UDP, BOUND),
        ] {
            let answers = list(&inet_request(family, protocol, states))?;
            let addresses = answers.iter().filter_map(|answer| local_address(answer));
            all.extend(addresses.map(|address| (format!("{name} {address}"), String::new())));
        }
    }
    let answers = list(&unix_request())?;
    let names = answers.iter().filter_map(|answer| unix_name(answer));
    all.extend(names.map(|name| (format!("unix {name}"), String::new())));
    Ok(all)
}

/// A `struct inet_diag_req_v2` for a family, a protocol and states, and any socket.
fn inet_request(family: i32, protocol: i32, states: u32) -> Vec<u8> {
    const SOCKET_ID_BYTES: usize = 48;
    let mut request = vec![family as u8, protocol as u8, 0, 0];
    request.extend(states.to_ne_bytes());
    request.extend([0; SOCKET_ID_BYTES]);
    request
}

/// A `struct unix_diag_req` for listening sockets.
fn unix_request() -> Vec<u8> {
    let mut request = vec![libc::AF_UNIX as u8, 0, 0, 0];
    for word in [LISTENING, 0, SHOW_NAME, 0, 0] {
        request.extend(word.to_ne_bytes());
    }
    request
}

/// The local address in a `struct inet_diag_msg`: the family comes first, the port after four bytes, and then the
/// address.
fn local_address(answer: &[u8]) -> Option<SocketAddr> {
    let family = i32::from(*answer.first()?);
    let port = u16::from_be_bytes(answer.get(4..6)?.try_into().ok()?);
    let address = answer.get(8..24)?;
    let ip: IpAddr = match family {
        libc::AF_INET => Ipv4Addr::from(<[u8; 4]>::try_from(&address[..4]).ok()?).into(),
        _ => Ipv6Addr::from(<[u8; 16]>::try_from(address).ok()?).into(),
    };
    Some(SocketAddr::new(ip, port))
}

/// The name in the attributes after a `struct unix_diag_msg` of 16 bytes. The name of an abstract socket begins with a
/// zero byte.
fn unix_name(answer: &[u8]) -> Option<String> {
    let name = Attributes::of(answer.get(16..)?).get(NAME)?;
    let name = String::from_utf8_lossy(name);
    Some(match name.strip_prefix('\0') {
        Some(name) => format!("@{name}"),
        None => name.trim_end_matches('\0').to_owned(),
    })
}

fn list(request: &[u8]) -> io::Result<Vec<Vec<u8>>> {
    netlink::list(SOCK_DIAG, SOCK_DIAG_BY_FAMILY, request)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, UdpSocket};
    use std::os::unix::net::UnixListener;

    use super::*;
    use crate::exec::target_state::Own;

    #[test]
    fn sockets_of_this_process_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let _unix = UnixListener::bind(&path).unwrap();
        let own = Own {
            tmp: "/tmp".into(),
            prefix: String::new(),
        };
        let found = listening(&Reading::begin(&own)).unwrap_or_default();
        if found.is_empty() {
            eprintln!("left out: this kernel does not tell its sockets");
            return;
        }
        for name in [
            format!("tcp {}", tcp.local_addr().unwrap()),
            format!("udp {}", udp.local_addr().unwrap()),
            format!("unix {}", path.display()),
        ] {
            assert!(found.by_name().contains_key(&*name), "{name}: {found:?}");
        }
    }
}
