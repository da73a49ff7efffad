//! The lines of branches that run at the same time: those of each branch are one block, and the blocks are in
//! the order of the branches (`job.parallel`, formats §10).

use autotest_core::{CallId, GroupStart, SmallMap};

/// The branches in progress, and those that have ended before an earlier one.
#[derive(Debug, Default)]
pub(super) struct Branches {
    /// The branches in progress, by number.
    open: SmallMap<u32, Branch>,
    parallels: SmallMap<CallId, Parallel>,
}

/// A branch in progress.
#[derive(Debug)]
struct Branch {
    /// The request that began it.
    began: CallId,
    /// Its place among the branches of that request.
    place: usize,
    lines: String,
}

/// The branches of one request.
#[derive(Debug)]
struct Parallel {
    names: Vec<String>,
    /// The blocks of branches that have ended.
    ended: Vec<Option<String>>,
    /// The first branch whose block is not written.
    next: usize,
}

impl Branches {
    /// Branches with these names will begin.
    pub(super) fn parallel(&mut self, call: &CallId, names: &[String]) {
        let parallel = Parallel {
            names: names.to_vec(),
            ended: vec![None; names.len()],
            next: 0,
        };
        self.parallels.insert(call.clone(), parallel);
    }

    pub(super) fn start(&mut self, number: u32, start: &GroupStart) {
        let Some((began, name)) = start.call.branch_of() else {
            return;
        };
        let parallel = self.parallels.get(&began);
        let place = parallel.and_then(|parallel| parallel.names.iter().position(|it| it == name));
        let branch = Branch {
            began,
            place: place.unwrap_or(usize::MAX),
            lines: String::new(),
        };
        self.open.insert(number, branch);
    }

    pub(super) fn is_open(&self, number: u32) -> bool {
        self.open.contains_key(&number)
    }

    /// Adds lines to a branch in progress.
    pub(super) fn add(&mut self, number: u32, lines: &str) {
        if let Some(branch) = self.open.get_mut(&number) {
            branch.lines.push_str(lines);
        }
    }

    /// Ends a branch. Returns the blocks that can be written now.
    pub(super) fn end(&mut self, number: u32) -> String {
        let Some(branch) = self.open.remove(&number) else {
            return String::new();
        };
        let Some(parallel) = self.parallels.get_mut(&branch.began) else {
            return branch.lines;
        };
        match parallel.ended.get_mut(branch.place) {
            Some(ended) => *ended = Some(branch.lines),
            None => return branch.lines,
        }
        let mut blocks = String::new();
        while let Some(lines) = parallel.ended.get_mut(parallel.next).and_then(Option::take) {
            blocks.push_str(&lines);
            parallel.next += 1;
        }
        if parallel.next == parallel.ended.len() {
            self.parallels.remove(&branch.began);
        }
        blocks
    }

    /// The blocks that wait for an earlier branch, when no branch will begin or end any more.
    pub(super) fn rest(&mut self) -> String {
        let parallels = std::mem::take(&mut self.parallels).into_iter();
        parallels
            .flat_map(|(_, parallel)| parallel.ended)
            .flatten()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use autotest_core::GroupKind;

    use super::*;

    fn begun(names: &[&str]) -> Branches {
        let mut branches = Branches::default();
        let call = CallId::new("", 0);
        let all: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        branches.parallel(&call, &all);
        for (number, name) in (1..).zip(names) {
            let start = GroupStart {
                name: (*name).to_owned(),
                kind: GroupKind::Branch,
                group: None,
                call: CallId::new(&call.branch(name), 0),
            };
            branches.start(number, &start);
            branches.add(number, name);
        }
        branches
    }

    #[test]
    fn blocks_are_in_the_order_of_the_branches() {
        let mut branches = begun(&["a", "b", "c"]);
        assert_eq!(branches.end(2), "");
        assert_eq!(branches.end(1), "ab");
        assert!(branches.is_open(3));
        assert_eq!(branches.end(3), "c");
        assert_eq!(branches.rest(), "");
    }

    #[test]
    fn what_waits_for_a_branch_that_never_ended_is_kept() {
        let mut branches = begun(&["a", "b"]);
        assert_eq!(branches.end(2), "");
        assert_eq!(branches.rest(), "b");
    }
}
