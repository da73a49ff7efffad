//! The resource usage of all processes of a test: a sum that stays correct when processes end between two samples.
//!
//! A process that its parent has waited for is part of the parent's numbers from then on, as in the kernel. A process
//! that nobody waited for is counted as of its last sample.

/// Counters of a process, including all children that it has waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Usage {
    pub(super) user_ticks: u64,
    pub(super) system_ticks: u64,
    pub(super) minor_faults: u64,
    pub(super) major_faults: u64,
    /// Bytes from and to storage.
    pub(super) read_bytes: u64,
    pub(super) written_bytes: u64,
    /// Bytes of system calls, whatever the file.
    pub(super) read_call_bytes: u64,
    pub(super) written_call_bytes: u64,
}

impl Usage {
    fn combine(self, other: Usage, combine: fn(u64, u64) -> u64) -> Usage {
        Usage {
            user_ticks: combine(self.user_ticks, other.user_ticks),
            system_ticks: combine(self.system_ticks, other.system_ticks),
            minor_faults: combine(self.minor_faults, other.minor_faults),
            major_faults: combine(self.major_faults, other.major_faults),
            read_bytes: combine(self.read_bytes, other.read_bytes),
            written_bytes: combine(self.written_bytes, other.written_bytes),
            read_call_bytes: combine(self.read_call_bytes, other.read_call_bytes),
            written_call_bytes: combine(self.written_call_bytes, other.written_call_bytes),
        }
    }

    pub(super) fn plus(self, other: Usage) -> Usage {
        self.combine(other, u64::saturating_add)
    }

    pub(super) fn minus(self, other: Usage) -> Usage {
        self.combine(other, u64::saturating_sub)
    }
}

/// A process that ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) pid: i32,
    pub(super) parent: i32,
    /// As of its last sample.
    pub(super) usage: Usage,
}

/// The part of the sum that is not in the numbers of a living process.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// The usage of ended processes that nobody waited for.
    ended: Usage,
    /// The usage from before the sampling.
    before: Usage,
    /// Processes that ended, but whose parent may have waited for them after it was read.
    undecided: Vec<Ended>,
}

/// The minor faults of children in a parent's numbers. Every process has some, so they show whether a given child has
/// been waited for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waited {
    /// The faults of all children that it has waited for.
    pub(super) faults: u64,
    /// The part of `faults` from children already accounted for, or waited for before the first sample.
    claimed: u64,
}

impl Waited {
    pub(super) fn first(faults: u64) -> Waited {
        let claimed = faults;
        Waited { faults, claimed }
    }

    /// Accounts for a child with this number of faults. Returns `false` if the parent cannot have waited for it yet.
    pub(super) fn claim(&mut self, faults: u64) -> bool {
        let is_among = self.faults.saturating_sub(self.claimed) >= faults;
        if is_among {
            self.claimed += faults;
        }
        is_among
    }
}

impl Account {
    /// Excludes what a process used before the sampling.
    pub(super) fn leave_out(&mut self, usage: Usage) {
        self.before = self.before.plus(usage);
    }

    /// Decides about the processes that ended since the last sample, and about those that were undecided then. Parents
    /// are read before their children, so a parent that had waited for a child by the last sample shows it now.
    ///
    /// `claim` calls [`Waited::claim`] of the parent with a process id; it returns `None` if that parent has ended.
    pub(super) fn decide(
        &mut self,
        ended: &mut Vec<Ended>,
        mut claim: impl FnMut(i32, u64) -> Option<bool>,
    ) {
        let undecided = std::mem::take(&mut self.undecided);
        let gone: Vec<_> = undecided.iter().chain(ended.iter()).copied().collect();
        let mut is_counted = |ended: &Ended| {
            let mut ancestors = ancestors(ended, &gone);
            ancestors.find_map(|pid| claim(pid, ended.usage.minor_faults))
        };
        for ended in undecided {
            if is_counted(&ended) != Some(true) {
                self.ended = self.ended.plus(ended.usage);
            }
        }
        for ended in ended.drain(..) {
            match is_counted(&ended) {
                Some(true) => {}
                Some(false) => self.undecided.push(ended),
                None => self.ended = self.ended.plus(ended.usage),
            }
        }
    }

    /// The total, given the sum over the living processes.
    pub(super) fn sum(&self, living: Usage) -> Usage {
        let undecided = self.undecided.iter().map(|ended| ended.usage);
        let all = undecided.fold(living.plus(self.ended), Usage::plus);
        all.minus(self.before)
    }
}

/// The parent of a process and its further ancestors, for as long as each has ended too: it may have waited for its
/// child, and its own parent for it.
fn ancestors(ended: &Ended, gone: &[Ended]) -> impl Iterator<Item = i32> {
    let parent_of = |pid: &i32| Some(gone.iter().find(|gone| gone.pid == *pid)?.parent);
    std::iter::successors(Some(ended.parent), parent_of).take(gone.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(user_ticks: u64, minor_faults: u64) -> Usage {
        Usage {
            user_ticks,
            minor_faults,
            ..Usage::default()
        }
    }

    /// The total processor time after a child with 10 ticks and 5 faults has ended. Its parent, with 100 ticks, shows
    /// these numbers of children's faults in this sample and in the next.
    fn sums(faults: [u64; 2]) -> [u64; 2] {
        let mut account = Account::default();
        let mut ended = vec![Ended {
            pid: 8,
            parent: 7,
            usage: usage(10, 5),
        }];
        let mut parent = Waited::first(3);
        faults.map(|faults| {
            parent.faults = faults;
            account.decide(&mut ended, |pid, faults| {
                (pid == 7).then(|| parent.claim(faults))
            });
            let has_child = faults >= 8;
            let living = usage(100 + if has_child { 10 } else { 0 }, 0);
            account.sum(living).user_ticks
        })
    }

    #[test]
    fn a_child_is_counted_once_whenever_its_parent_waits_for_it() {
        assert_eq!(sums([8, 8]), [110, 110], "before the sample");
        assert_eq!(sums([3, 8]), [110, 110], "during the sample");
        assert_eq!(sums([3, 3]), [110, 110], "never");
    }

    #[test]
    fn a_child_without_a_living_parent_stays_counted() {
        let mut account = Account::default();
        account.leave_out(usage(4, 0));
        let mut ended = vec![Ended {
            pid: 8,
            parent: 7,
            usage: usage(10, 5),
        }];
        account.decide(&mut ended, |_, _| None);
        assert!(ended.is_empty());
        assert_eq!(account.sum(usage(1, 0)), usage(7, 5));
    }

    #[test]
    fn a_child_whose_parent_ended_too_may_be_counted_in_a_grandparent() {
        let mut account = Account::default();
        let ended = |pid, user_ticks, minor_faults| Ended {
            pid,
            parent: pid - 1,
            usage: usage(user_ticks, minor_faults),
        };
        let mut all = vec![ended(8, 10, 5), ended(9, 20, 6), ended(10, 30, 7)];
        let mut grandparent = Waited::first(0);
        grandparent.faults = 12;
        account.decide(&mut all, |pid, faults| {
            (pid == 7).then(|| grandparent.claim(faults))
        });
        // Nobody waited for the last one, or the next sample will show it.
        assert_eq!(account.undecided.len(), 1);
        let living = usage(100 + 10 + 20, 0);
        assert_eq!(account.sum(living).user_ticks, 160);
    }

    #[test]
    fn faults_are_claimed_by_one_child_each() {
        let mut waited = Waited::first(10);
        assert!(!waited.claim(5));
        waited.faults = 19;
        assert!(waited.claim(5));
        assert!(!waited.claim(5));
        assert!(waited.claim(4));
    }
}
