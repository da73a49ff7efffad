//! Branches that run at the same time, for reports that show each of them as one block, in the order of the
//! branches (`job.parallel`, formats §10).

use autotest_core::{CallId, GroupStart, SmallMap};

use crate::runs::Parallel;

/// The blocks of branches in progress, and of those that have ended before an earlier one.
#[derive(Debug)]
pub(crate) struct Branches<B> {
    /// The branches in progress, by number.
    open: SmallMap<u32, Branch<B>>,
    siblings: SmallMap<CallId, Siblings<B>>,
}

/// A branch in progress.
#[derive(Debug)]
struct Branch<B> {
    /// The request that began it.
    began: CallId,
    /// Its place among the branches of that request.
    place: usize,
    block: B,
}

/// The branches of one request.
#[derive(Debug)]
struct Siblings<B> {
    names: Vec<String>,
    /// The number of the group or branch around them, once one of them has begun.
    group: Option<u32>,
    /// The blocks of branches that have ended.
    ended: Vec<Option<B>>,
    /// The first branch whose block is not taken.
    next: usize,
}

impl<B> Default for Branches<B> {
    fn default() -> Branches<B> {
        Branches {
            open: SmallMap::new(),
            siblings: SmallMap::new(),
        }
    }
}

impl<B> Branches<B> {
    /// Branches will begin.
    pub(crate) fn parallel(&mut self, parallel: Parallel<'_>) {
        let siblings = Siblings {
            names: parallel.branches.to_vec(),
            group: None,
            ended: parallel.branches.iter().map(|_| None).collect(),
            next: 0,
        };
        self.siblings.insert(parallel.call.clone(), siblings);
    }

    /// Begins a branch with its block.
    pub(crate) fn start(&mut self, number: u32, start: &GroupStart, block: B) {
        let Some((began, name)) = start.call.branch_of() else {
            return;
        };
        let mut place = usize::MAX;
        if let Some(siblings) = self.siblings.get_mut(&began) {
            siblings.group = start.group;
            let found = siblings.names.iter().position(|it| it == name);
            place = found.unwrap_or(usize::MAX);
        }
        let branch = Branch {
            began,
            place,
            block,
        };
        self.open.insert(number, branch);
    }

    pub(crate) fn is_open(&self, number: u32) -> bool {
        self.open.contains_key(&number)
    }

    /// The block of a branch in progress.
    pub(crate) fn block(&mut self, number: u32) -> Option<&mut B> {
        Some(&mut self.open.get_mut(&number)?.block)
    }

    /// Ends a branch. Returns the blocks whose turn it is now.
    pub(crate) fn end(&mut self, number: u32) -> Vec<B> {
        let Some(branch) = self.open.remove(&number) else {
            return Vec::new();
        };
        let Some(siblings) = self.siblings.get_mut(&branch.began) else {
            return vec![branch.block];
        };
        match siblings.ended.get_mut(branch.place) {
            Some(ended) => *ended = Some(branch.block),
            None => return vec![branch.block],
        }
        let mut blocks = Vec::new();
        while let Some(block) = siblings.ended.get_mut(siblings.next).and_then(Option::take) {
            blocks.push(block);
            siblings.next += 1;
        }
        if siblings.next == siblings.ended.len() {
            self.siblings.remove(&branch.began);
        }
        blocks
    }

    /// The blocks in `group` that wait for an earlier branch, when no branch of the job will begin any more.
    pub(crate) fn rest_in(&mut self, group: Option<u32>) -> Vec<B> {
        let all = std::mem::take(&mut self.siblings).into_iter();
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            all.partition(|(_, siblings)| siblings.group == group);
        self.siblings.extend(elsewhere);
        let blocks = here.into_iter().flat_map(|(_, siblings)| siblings.ended);
        blocks.flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use autotest_core::GroupKind;

    use super::*;

    fn begun(names: &[&str]) -> Branches<String> {
        let mut branches = Branches::default();
        let call = CallId::new("", 0);
        let all: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        branches.parallel(Parallel {
            call: &call,
            branches: &all,
        });
        for (number, name) in (1..).zip(names) {
            let start = GroupStart {
                name: (*name).to_owned(),
                kind: GroupKind::Branch,
                group: Some(9),
                call: CallId::new(&call.branch(name), 0),
            };
            branches.start(number, &start, (*name).to_owned());
        }
        branches
    }

    #[test]
    fn blocks_are_in_the_order_of_the_branches() {
        let mut branches = begun(&["a", "b", "c"]);
        assert!(branches.end(2).is_empty());
        assert_eq!(branches.end(1), ["a", "b"]);
        assert!(branches.is_open(3));
        assert_eq!(branches.end(3), ["c"]);
        assert!(branches.rest_in(Some(9)).is_empty());
    }

    #[test]
    fn what_waits_for_a_branch_that_never_ended_is_kept() {
        let mut branches = begun(&["a", "b"]);
        assert!(branches.end(2).is_empty());
        assert!(branches.rest_in(None).is_empty());
        assert_eq!(branches.rest_in(Some(9)), ["b"]);
    }
    #[test]
    fn a_branch_that_was_not_announced_has_its_turn_when_it_ends() {
        let mut branches = begun(&["a", "b"]);
        for (number, path) in [(7, "0/other"), (8, "5/a")] {
            let start = GroupStart {
                name: "other".to_owned(),
                kind: GroupKind::Branch,
                group: None,
                call: CallId::new(path, 0),
            };
            branches.start(number, &start, path.to_owned());
            assert_eq!(branches.end(number), [path]);
        }
    }

    #[test]
    fn a_branch_that_ended_has_no_block() {
        let mut branches = begun(&["a"]);
        assert!(branches.block(1).is_some());
        assert_eq!(branches.end(1), ["a"]);
        assert!(!branches.is_open(1));
        assert!(branches.block(1).is_none());
        assert!(branches.end(1).is_empty());
    }
}
