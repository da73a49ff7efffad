//! Reads `/proc/PID/stat`.

use std::fs;

use super::procfs;
use super::unix::{self, ChildPid};

/// The state of a process.
#[derive(Debug)]
pub(super) struct Stat {
    /// Its name, at most 15 bytes.
    pub(super) name: String,
    pub(super) is_zombie: bool,
    pub(super) group: i32,
    pub(super) session: i32,
    pub(super) since_boot_s: f64,
}

impl Stat {
    /// The state of a process; `None` if it does not exist.
    pub(super) fn of(pid: ChildPid) -> Option<Stat> {
        Stat::parse(&fs::read_to_string(procfs::of(pid)?.join("stat")).ok()?)
    }

    /// The name is in parentheses and may contain blanks and parentheses, so it ends at the last one.
    fn parse(text: &str) -> Option<Stat> {
        let (before, after) = text.rsplit_once(')')?;
        let (_, name) = before.split_once('(')?;
        // After the name: state, parent, group, session; the 20th field is the start time (proc(5)).
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks: f64 = fields.get(19)?.parse().ok()?;
        Some(Stat {
            name: name.to_owned(),
            is_zombie: *fields.first()? == "Z",
            group: fields.get(2)?.parse().ok()?,
            session: fields.get(3)?.parse().ok()?,
            since_boot_s: ticks / unix::clock_ticks(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_look_like_fields() {
        let text = "77 (a) Z 1 (b) S 1 70 60 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 0 8 9\n";
        let stat = Stat::parse(text).unwrap();
        assert_eq!(stat.name, "a) Z 1 (b");
        assert_eq!((stat.is_zombie, stat.group, stat.session), (false, 70, 60));
        assert_eq!(stat.since_boot_s, 0.0);
    }
}
