//! Whether a program listens on a port, read from `/proc`.

use std::collections::HashSet;
use std::fs;

/// Whether the program that leads this process group, or a process that it started, listens on a TCP port in
/// the network namespace of the program. A socket whose owner we may not see counts as well.
pub(super) fn is_listening(leader: u32, port: u16) -> bool {
    let sockets = listening_sockets(leader, port);
    if sockets.is_empty() {
        return false;
    }
    let family = family(leader);
    let mut owned = family.iter().map(|pid| sockets_of(*pid));
    owned.any(|owned| owned.is_none_or(|owned| !owned.is_disjoint(&sockets)))
}

/// The inodes of the sockets that listen on the port. `/proc/PID/net/tcp` has a line for each socket: its
/// number, the local address and port, both in hexadecimal, the remote one, the state (`0A` is LISTEN), four
/// fields that do not matter here, a timeout, and the inode.
fn listening_sockets(pid: u32, port: u16) -> HashSet<u64> {
    let tables = ["tcp", "tcp6"].map(|table| format!("/proc/{pid}/net/{table}"));
    let tables = tables.map(|path| fs::read_to_string(path).unwrap_or_default());
    let lines = tables.iter().flat_map(|table| table.lines());
    lines
        .filter_map(|line| inode_of_listener(line, port))
        .collect()
}

fn inode_of_listener(line: &str, port: u16) -> Option<u64> {
    let fields: Vec<_> = line.split_whitespace().collect();
    let (_, local_port) = fields.get(1)?.rsplit_once(':')?;
    let is_here = u16::from_str_radix(local_port, 16) == Ok(port);
    let is_listening = *fields.get(3)? == "0A";
    (is_here && is_listening).then(|| fields.get(9)?.parse().ok())?
}

/// The inodes of a process's sockets; `None` if we may not see them.
fn sockets_of(pid: u32) -> Option<HashSet<u64>> {
    let descriptors = match fs::read_dir(format!("/proc/{pid}/fd")) {
        Ok(descriptors) => descriptors,
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return None,
        Err(_) => return Some(HashSet::new()),
    };
    let links = descriptors.filter_map(|fd| fs::read_link(fd.ok()?.path()).ok());
    let inode = |link: std::path::PathBuf| {
        let link = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
        link.parse().ok()
    };
    Some(links.filter_map(inode).collect())
}

/// The processes of the group, and all that they started and that was not left to somebody else.
fn family(leader: u32) -> HashSet<u32> {
    let processes: Vec<_> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| Stat::of(entry.ok()?.file_name().to_str()?.parse().ok()?))
        .collect();
    let in_group = processes.iter().filter(|process| process.group == leader);
    let mut family: HashSet<u32> = in_group.map(|process| process.pid).collect();
    family.insert(leader);
    loop {
        let is_new =
            |process: &&Stat| family.contains(&process.parent) && !family.contains(&process.pid);
        let children: Vec<_> = processes.iter().filter(is_new).map(|it| it.pid).collect();
        if children.is_empty() {
            return family;
        }
        family.extend(children);
    }
}

/// What `/proc/PID/stat` says of a process.
struct Stat {
    pid: u32,
    parent: u32,
    group: u32,
}

impl Stat {
    fn of(pid: u32) -> Option<Stat> {
        let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
        // The name is in parentheses, and may contain some. It may be no text.
        let stat = String::from_utf8_lossy(&stat);
        let (_, rest) = stat.rsplit_once(')')?;
        let mut fields = rest.split_whitespace().skip(1);
        Some(Stat {
            pid,
            parent: fields.next()?.parse().ok()?,
            group: fields.next()?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;

    use super::*;

    #[test]
    fn only_listening_sockets_of_the_port_count() {
        let line = "   0: 0100007F:1451 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 48213 1 0 100 0 0 10 0";
        assert_eq!(inode_of_listener(line, 0x1451), Some(48213));
        assert_eq!(inode_of_listener(line, 0x1452), None);
        assert_eq!(
            inode_of_listener(&line.replace(" 0A ", " 01 "), 0x1451),
            None
        );
        let header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
        assert_eq!(inode_of_listener(header, 0x1451), None);
    }

    #[test]
    fn a_socket_of_another_program_does_not_count() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut sleep = std::process::Command::new("sleep");
        let mut other = sleep.arg("60").process_group(0).spawn().unwrap();
        assert!(is_listening(std::process::id(), port));
        assert!(!is_listening(other.id(), port));
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
