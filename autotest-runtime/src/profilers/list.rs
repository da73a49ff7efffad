//! The profilers of a run in order: the rules of the original's manager, free of side effects.

use std::collections::BTreeSet;

use autotest_core::ProfilerStep;

/// The profilers of a run, each with the caller's handle `P` (formats §7). Conformance: topic `profiling`.
///
/// ```
/// use autotest::ProfilerList;
/// use autotest_core::ProfilerStep;
///
/// let mut list = ProfilerList::default();
/// list.add("vmstat", 'v');
/// list.add("proc", 'p');
/// let mut asked = String::new();
/// list.begin(ProfilerStep::Start);
/// while let Some(member) = list.next() {
///     asked.push(*member);
/// }
/// assert_eq!(asked, "vp");
/// assert!(list.are_active());
/// ```
#[derive(Clone, Debug)]
pub struct ProfilerList<P> {
    members: Vec<(String, P)>,
    are_active: bool,
    /// The current step, and the number of profilers asked so far.
    turn: Option<(ProfilerStep, usize)>,
}

impl<P> Default for ProfilerList<P> {
    fn default() -> Self {
        ProfilerList {
            members: Vec::new(),
            are_active: false,
            turn: None,
        }
    }
}

impl<P> ProfilerList<P> {
    /// Appends a profiler. Several profilers may have the same name.
    pub fn add(&mut self, name: impl Into<String>, member: P) {
        self.members.push((name.into(), member));
    }

    /// Removes all profilers of this name, without stopping them.
    pub fn delete(&mut self, name: &str) {
        while let Some(i) = self.members.iter().position(|(other, _)| other == name) {
            self.remove(i);
        }
    }

    /// Removes the profiler at this index.
    pub fn remove(&mut self, place: usize) -> P {
        if let Some((_, asked)) = &mut self.turn
            && place < *asked
        {
            *asked -= 1;
        }
        self.members.remove(place).1
    }

    /// The distinct names.
    pub fn current(&self) -> BTreeSet<&str> {
        self.members.iter().map(|(name, _)| &**name).collect()
    }

    /// `true` if there are any profilers.
    pub fn are_present(&self) -> bool {
        !self.members.is_empty()
    }

    /// `true` between a complete start and a complete stop.
    pub fn are_active(&self) -> bool {
        self.are_present() && self.are_active
    }

    /// All profilers with their names, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &P)> {
        self.members.iter().map(|(name, member)| (&**name, member))
    }

    /// All profilers with their names, in order, with mutable access.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut P)> {
        let members = self.members.iter_mut();
        members.map(|(name, member)| (&**name, member))
    }

    /// Begins a step, in which [`next`](Self::next) returns each profiler in turn.
    pub fn begin(&mut self, step: ProfilerStep) {
        self.turn = Some((step, 0));
    }

    /// The current step.
    pub fn step(&self) -> Option<ProfilerStep> {
        self.turn.map(|(step, _)| step)
    }

    /// The next profiler of the current step. `None` after the last one: only then is the step complete, and the list
    /// active or inactive. A step that an error ends earlier does not change that.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator would borrow the list"
    )]
    pub fn next(&mut self) -> Option<&mut P> {
        let (step, asked) = self.turn.as_mut()?;
        if let Some((_, member)) = self.members.get_mut(*asked) {
            *asked += 1;
            return Some(member);
        }
        match step {
            ProfilerStep::Start => self.are_active = true,
            ProfilerStep::Stop => self.are_active = false,
            ProfilerStep::BeforeStart | ProfilerStep::Report => {}
        }
        self.turn = None;
        None
    }

    /// Ends the current step before it is complete.
    pub fn cancel(&mut self) {
        self.turn = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> ProfilerList<usize> {
        let mut list = ProfilerList::default();
        for (i, name) in names.iter().enumerate() {
            list.add(*name, i);
        }
        list
    }

    fn asked(list: &mut ProfilerList<usize>) -> Vec<usize> {
        std::iter::from_fn(|| list.next().copied()).collect()
    }

    #[test]
    fn duplicates_stay_and_are_deleted_together() {
        let mut list = list(&["a", "b", "a"]);
        list.begin(ProfilerStep::Report);
        assert_eq!(asked(&mut list), [0, 1, 2]);
        list.delete("a");
        assert_eq!(list.current(), BTreeSet::from(["b"]));
        list.delete("c");
        assert!(list.are_present());
        list.delete("b");
        assert!(!list.are_present());
    }

    #[test]
    fn only_a_complete_start_makes_them_active_and_only_a_complete_stop_ends_that() {
        let mut list = list(&["a", "b"]);
        list.begin(ProfilerStep::Start);
        list.next();
        list.cancel();
        assert!(!list.are_active());
        list.begin(ProfilerStep::Start);
        asked(&mut list);
        assert!(list.are_active());
        list.begin(ProfilerStep::Stop);
        list.next();
        list.cancel();
        assert!(list.are_active());
        list.begin(ProfilerStep::BeforeStart);
        asked(&mut list);
        assert!(list.are_active());
        list.begin(ProfilerStep::Stop);
        asked(&mut list);
        assert!(!list.are_active());
    }

    #[test]
    fn one_that_leaves_in_a_step_takes_no_turn_of_another() {
        let mut list = list(&["a", "b", "c"]);
        list.begin(ProfilerStep::Start);
        assert_eq!(list.next(), Some(&mut 0));
        assert_eq!(list.remove(0), 0);
        assert_eq!(list.next(), Some(&mut 1));
        assert_eq!(list.remove(1), 2);
        assert_eq!(list.next(), None);
        assert!(list.are_active());
    }
}
