//! What the processes of a test used, together: a sum that stays true when processes end between two samples.
//!
//! A process that its parent waited for is counted in the parent's numbers from then on, as the kernel does. One that
//! nobody waited for is counted as it was at its last sample.

/// Counters of a process with all children that it waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Usage {
    pub(super) user_ticks: u64,
    pub(super) system_ticks: u64,
    pub(super) minor_faults: u64,
    pub(super) major_faults: u64,
    /// From storage, and to it.
    pub(super) read_bytes: u64,
    pub(super) written_bytes: u64,
    /// By system calls, from whatever file.
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
    /// At its last sample.
    pub(super) usage: Usage,
}

/// The part of the sum that is in no living process.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// Of processes that nobody waited for.
    ended: Usage,
    /// Of before the sampling.
    before: Usage,
    /// Of processes that ended, but may have been waited for after their parent was read.
    undecided: Vec<Ended>,
}

/// The faults of children in a parent's numbers: every process has some, so that they tell whether a certain child is
/// among them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waited {
    /// The faults of all children that it waited for.
    pub(super) faults: u64,
    /// Those of the children that are known to be among them, and of the ones before its first sample.
    claimed: u64,
}

impl Waited {
    pub(super) fn first(faults: u64) -> Waited {
        let claimed = faults;
        Waited { faults, claimed }
    }

    /// Whether a child with so many faults can be among them; it is then.
    pub(super) fn claim(&mut self, faults: u64) -> bool {
        let is_among = self.faults.saturating_sub(self.claimed) >= faults;
        if is_among {
            self.claimed += faults;
        }
        is_among
    }
}

impl Account {
    /// Leaves out what a process used before the sampling.
    pub(super) fn leave_out(&mut self, usage: Usage) {
        self.before = self.before.plus(usage);
    }

    /// Decides on the processes that ended since the last sample, and on those that were undecided then. Parents are
    /// read before their children, so a parent that had waited for a child at the last sample shows it now.
    ///
    /// `claim` is [`Waited::claim`] of the parent with a number; `None` if that does not live.
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

    /// The sum, given that of the living processes.
    pub(super) fn sum(&self, living: Usage) -> Usage {
        let undecided = self.undecided.iter().map(|ended| ended.usage);
        let all = undecided.fold(living.plus(self.ended), Usage::plus);
        all.minus(self.before)
    }
}

/// The parent of a process, and the next ones as long as each of them has ended as well: it may have waited for its
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

    /// The sum of the processor time after a child with 10 ticks and 5 faults has ended, while its parent, which has
    /// 100 ticks, shows so many faults of children in this sample and the next one.
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
        // The last one was not waited for, or will be seen in the next sample.
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
