//! Reads `/proc/PID/stat`.

use super::procfs;
use super::unix::{self, ChildPid};

/// The state of a process.
#[derive(Debug)]
pub(super) struct Stat {
    /// The name, at most 15 bytes.
    pub(super) name: String,
    pub(super) is_zombie: bool,
    /// `true` if it was executed without environment variables, or has no memory, like a zombie or a kernel thread.
    /// `false` during an exec, before the kernel has written the variables.
    pub(super) has_no_environment: bool,
    pub(super) group: i32,
    pub(super) session: i32,
    pub(super) since_boot_s: f64,
}

impl Stat {
    /// The state of a process; `None` if it does not exist.
    pub(super) fn of(pid: ChildPid) -> Option<Stat> {
        Stat::parse(&procfs::text(procfs::of(pid)?.join("stat")).ok()?)
    }

    /// Parses the text. The name is in parentheses and may contain parentheses, so it ends at the last one.
    fn parse(text: &str) -> Option<Stat> {
        let (before, after) = text.rsplit_once(')')?;
        let (_, name) = before.split_once('(')?;
        // Fields after the name, from 0 (proc(5)): state, parent, group, session; 19 is the start time, 20 the size of
        // the memory, 47 and 48 the bounds of the environment, which are 0 until it is written.
        let fields: Vec<&str> = after.split_whitespace().collect();
        let is_empty = |start: Option<&&str>, end: Option<&&str>| start == end && end != Some(&"0");
        let ticks: f64 = fields.get(19)?.parse().ok()?;
        Some(Stat {
            name: name.to_owned(),
            is_zombie: *fields.first()? == "Z",
            has_no_environment: *fields.get(20)? == "0" || is_empty(fields.get(47), fields.get(48)),
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
    #[test]
    fn an_environment_that_is_not_yet_written_is_not_none() {
        let stat = |memory: &str, start: &str, end: &str| {
            let unused = "0 ".repeat(26);
            let text = format!(
                "7 (a) S 1 7 7 {}8 {memory} {unused}{start} {end} 0",
                "0 ".repeat(15)
            );
            Stat::parse(&text).unwrap().has_no_environment
        };
        assert!(!stat("4096", "0", "0"));
        assert!(!stat("4096", "64", "80"));
        assert!(stat("4096", "64", "64"));
        assert!(stat("0", "0", "0"));
    }
}
