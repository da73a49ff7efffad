//! The open groups and branches, and the reboot in progress.

use autotest_core::status::Status;
use autotest_core::{GroupStart, TargetFacts};

use super::{Change, GroupEnd, Rebooted, Runs};

impl<T> Runs<T> {
    /// An open group or branch.
    pub(crate) fn group(&self, group: u32) -> Option<&GroupStart> {
        self.groups.get(&group)
    }

    /// Whether a reboot is in progress, with the number of the group around it.
    pub(crate) fn reboot(&self) -> Option<Option<u32>> {
        self.reboot
    }

    /// The open groups and branches, in the order in which they began.
    pub(crate) fn groups(&self) -> impl DoubleEndedIterator<Item = (u32, &GroupStart)> {
        self.groups.iter().map(|(number, group)| (*number, group))
    }

    /// The groups and branches around one, from itself to the outermost.
    pub(crate) fn groups_around(&self, group: Option<u32>) -> impl Iterator<Item = u32> {
        std::iter::successors(group, |group| self.groups.get(group)?.group)
    }

    /// The same from the outermost to itself, with their properties.
    pub(crate) fn path_of(&self, group: Option<u32>) -> Vec<&GroupStart> {
        let around = self.groups_around(group);
        let mut path: Vec<_> = around.filter_map(|group| self.group(group)).collect();
        path.reverse();
        path
    }

    /// The names of these, with `separator` between them; empty outside of groups.
    pub(crate) fn place_of(&self, group: Option<u32>, separator: &str) -> String {
        let path = self.path_of(group);
        let names: Vec<_> = path.iter().map(|group| group.name.as_str()).collect();
        names.join(separator)
    }

    /// The same for a group that has ended, with its own name.
    pub(crate) fn place_of_group(&self, ended: &GroupStart, separator: &str) -> String {
        match self.place_of(ended.group, separator).as_str() {
            "" => ended.name.clone(),
            around => format!("{around}{separator}{}", ended.name),
        }
    }

    /// Ends a group or a branch.
    pub(super) fn end_group<'r>(
        &mut self,
        group: u32,
        status: Status,
        reason: &'r str,
    ) -> Change<'r, T> {
        let end = GroupEnd { status, reason };
        match self.groups.remove(&group) {
            Some(group) => Change::GroupEnd(group, end),
            None => Change::Nothing,
        }
    }

    /// Ends the reboot in progress.
    pub(super) fn rebooted<'r>(
        &mut self,
        target: &'r TargetFacts,
        problems: &'r [String],
    ) -> Change<'r, T> {
        Change::Rebooted(Rebooted {
            group: self.reboot.take().flatten(),
            target,
            problems,
        })
    }
}
