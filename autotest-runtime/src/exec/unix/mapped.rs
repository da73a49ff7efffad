//! Translates addresses between processes of this binary.

use super::ChildPid;
use crate::exec::procfs;

/// The address in another process of this binary that corresponds to `address` in this one: the loader may have
/// placed the binary elsewhere there.
pub(super) fn counterpart(address: usize, pid: ChildPid) -> Option<usize> {
    let here = procfs::text("/proc/self/maps").ok()?;
    let there = procfs::text(procfs::of(pid)?.join("maps")).ok()?;
    translated(address, &here, &there)
}

/// A line of `/proc/PID/maps`.
struct Mapping<'a> {
    start: usize,
    end: usize,
    /// Offset, device and inode.
    of: [&'a str; 3],
}

fn mappings(maps: &str) -> impl Iterator<Item = Mapping<'_>> {
    maps.lines().filter_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let _permissions = fields.next()?;
        Some(Mapping {
            start: usize::from_str_radix(start, 16).ok()?,
            end: usize::from_str_radix(end, 16).ok()?,
            of: [fields.next()?, fields.next()?, fields.next()?],
        })
    })
}

fn translated(address: usize, here: &str, there: &str) -> Option<usize> {
    let ours = mappings(here).find(|ours| (ours.start..ours.end).contains(&address))?;
    let theirs = mappings(there).find(|theirs| theirs.of == ours.of)?;
    let address = theirs.start + (address - ours.start);
    (address < theirs.end).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::translated;

    const HERE: &str = "\
        55d000-55e000 r--p 00000000 08:01 4711 /bin/board\n\
        55e000-560000 r-xp 00001000 08:01 4711 /bin/board\n\
        560000-562000 rw-p 00003000 08:01 4711 /bin/board\n\
        562000-563000 rw-p 00000000 00:00 0\n\
        7f0000-7f2000 rw-p 00003000 08:01 12 /lib/libc.so\n";

    #[test]
    fn an_address_is_found_where_the_other_process_has_the_same_piece_of_the_file() {
        let there = HERE.replace("560000-562000", "a60000-a62000");
        assert_eq!(translated(0x561008, HERE, &there), Some(0xa61008));
        assert_eq!(translated(0x561008, HERE, HERE), Some(0x561008));
    }

    #[test]
    fn another_binary_has_nothing_of_ours() {
        let there = HERE.replace("4711", "4712");
        assert_eq!(translated(0x561008, HERE, &there), None);
        assert_eq!(translated(0x7e0000, HERE, HERE), None);
        let shorter = HERE.replace("560000-562000", "560000-561000");
        assert_eq!(translated(0x561008, HERE, &shorter), None);
    }
}
