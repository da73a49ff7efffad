//! Counters of things that have names and may come and go: processors, disks, network interfaces.

/// The last values of the counters of each thing, with what else is known about it.
#[derive(Debug)]
pub(super) struct Counters<const N: usize, T> {
    things: Vec<Thing<N, T>>,
    /// The index at which the next thing is expected: the kernel keeps their order.
    next: usize,
}

#[derive(Debug)]
struct Thing<const N: usize, T> {
    name: Box<[u8]>,
    values: [u64; N],
    known: T,
}

/// The earlier values of a thing that was in the last sample, too.
#[derive(Debug)]
pub(super) struct Change<'a, const N: usize, T> {
    pub(super) before: [u64; N],
    pub(super) known: &'a T,
}

impl<const N: usize, T> Change<'_, N, T> {
    /// `true` if any counter has ever counted, up to a sample with the values `now`.
    pub(super) fn is_used(&self, now: &[u64; N]) -> bool {
        self.before != [0; N] || *now != [0; N]
    }
}

impl<const N: usize, T> Counters<N, T> {
    pub(super) fn new() -> Self {
        let things = Vec::new();
        Counters { things, next: 0 }
    }

    /// Replaces the values of a thing, and returns the earlier ones. For a new thing, returns `None`, after asking
    /// `look` what else is known about it.
    pub(super) fn replace(
        &mut self,
        name: &[u8],
        values: [u64; N],
        look: impl FnOnce(&[u8]) -> T,
    ) -> Option<Change<'_, N, T>> {
        let is_next = |thing: &Thing<N, T>| *thing.name == *name;
        let place = match self.things.get(self.next) {
            Some(thing) if is_next(thing) => Some(self.next),
            _ => self.things.iter().position(is_next),
        };
        let Some(place) = place else {
            self.things.push(Thing {
                name: name.into(),
                values,
                known: look(name),
            });
            return None;
        };
        self.next = (place + 1) % self.things.len();
        let thing = &mut self.things[place];
        let before = std::mem::replace(&mut thing.values, values);
        let known = &thing.known;
        Some(Change { before, known })
    }
}

/// `true` if a disk or an interface is hardware. Virtual ones are made of others, and would be counted twice in a sum.
pub(super) fn is_device(class: &str, name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name);
    // The kernel writes a slash in the name of a block device as `!`.
    let name = name.replace('/', "!");
    std::path::Path::new(&format!("/sys/{class}/{name}/device")).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_found_by_name_in_any_order() {
        let mut counters = Counters::new();
        let mut replace = |name: &str, value| {
            let change = counters.replace(name.as_bytes(), [value], |name| name.len());
            change.map(|change| (change.before[0], *change.known))
        };
        assert_eq!(replace("lo", 1), None);
        assert_eq!(replace("eth0", 2), None);
        assert_eq!(replace("lo", 3), Some((1, 2)));
        assert_eq!(replace("eth0", 4), Some((2, 4)));
        assert_eq!(replace("eth0", 5), Some((4, 4)));
        assert_eq!(replace("wlan0", 6), None);
        assert_eq!(replace("lo", 7), Some((3, 2)));
        assert_eq!(replace("wlan0", 8), Some((6, 5)));
    }

    #[test]
    fn a_thing_is_used_from_the_interval_in_which_it_first_counts() {
        let mut counters = Counters::new();
        let mut is_used = |values| {
            let change = counters.replace(b"loop0", values, |_| ());
            change.map(|change| change.is_used(&values))
        };
        assert_eq!(is_used([0, 0]), None);
        assert_eq!(is_used([0, 0]), Some(false));
        assert_eq!(is_used([0, 7]), Some(true));
        assert_eq!(is_used([0, 7]), Some(true));
    }
}
