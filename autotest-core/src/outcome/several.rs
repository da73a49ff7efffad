//! One verdict for several failures.

use super::{Kind, Verdict};

/// How much of the failures a reason lists, in bytes: the limit for the outcome on its way to the supervisor,
/// less room for escapes.
const MAX_LISTED_BYTES: usize = 24 << 10;

impl Kind {
    /// How serious a kind is among several; the verdict has the highest.
    const fn gravity(self) -> u8 {
        match self {
            Kind::NotApplicable => 0,
            Kind::Warn => 1,
            Kind::Retry => 2,
            Kind::Fail => 3,
            Kind::Error => 4,
            Kind::CutOff => 5,
            Kind::AbortJob => 6,
        }
    }
}

impl Verdict {
    /// The verdict of a phase with several failures, in the order in which they happened, and `left_out` more
    /// that were not kept. A single failure is the verdict itself.
    pub(crate) fn of_several(mut failures: Vec<Verdict>, left_out: u64) -> Verdict {
        let count = failures.len() as u64 + left_out;
        if let Some(only) = failures.pop_if(|_| count == 1) {
            return only;
        }
        let kinds = failures.iter().map(|failure| failure.kind);
        let kind = kinds
            .max_by_key(|kind| kind.gravity())
            .unwrap_or(Kind::Fail);
        let (list, listed) = list(&failures, kind);
        let head = match listed == count {
            true => format!("{count} failures"),
            false => format!("{count} failures, {listed} of them listed"),
        };
        let mut all = failures.iter();
        Verdict {
            kind,
            reason: head + &list,
            unhandled: all.clone().any(|failure| failure.unhandled),
            location: all.clone().find_map(|failure| failure.location.clone()),
            backtrace: all.find_map(|failure| failure.backtrace.clone()),
        }
    }

    /// The failure as an entry of a list: its place and its reason, whose further lines are indented. Tells
    /// the status if that is not the status of `kind`.
    fn entry(&self, kind: Kind) -> String {
        let place = self.location.as_ref();
        let place = place.map_or_else(String::new, |place| format!("{place}: "));
        let text = match self.kind.status() == kind.status() {
            true => self.reason.clone(),
            false => self.to_string(),
        };
        format!("\n{place}{}", text.trim_end().replace('\n', "\n    "))
    }
}

/// The failures as lines, as far as they fit, and how many these are.
fn list(failures: &[Verdict], kind: Kind) -> (String, u64) {
    let (mut list, mut listed) = (String::new(), 0);
    for failure in failures {
        let entry = failure.entry(kind);
        if list.len() + entry.len() > MAX_LISTED_BYTES {
            break;
        }
        list.push_str(&entry);
        listed += 1;
    }
    (list, listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(kind: Kind, reason: &str) -> Verdict {
        Verdict::new(kind, reason)
    }

    fn several(kinds: &[Kind]) -> Verdict {
        let all = kinds.iter().map(|kind| verdict(*kind, "it"));
        Verdict::of_several(all.collect(), 0)
    }

    #[test]
    fn the_most_serious_kind_decides() {
        let ascending = [
            Kind::NotApplicable,
            Kind::Warn,
            Kind::Retry,
            Kind::Fail,
            Kind::Error,
            Kind::CutOff,
            Kind::AbortJob,
        ];
        for pair in ascending.windows(2) {
            assert_eq!(several(pair).kind, pair[1]);
            assert_eq!(several(&[pair[1], pair[0]]).kind, pair[1]);
        }
    }

    #[test]
    fn all_failures_are_listed_with_their_places() {
        let first = Verdict {
            location: Some("net.rs:7:5".to_owned()),
            ..verdict(Kind::Fail, "no link\non eth0\n")
        };
        let second = Verdict {
            unhandled: true,
            backtrace: Some("main".to_owned()),
            ..verdict(Kind::Error, "no cable")
        };
        let all = Verdict::of_several(vec![first.clone(), second], 0);
        let expected = Verdict {
            kind: Kind::Error,
            reason: "2 failures\nnet.rs:7:5: FAIL: no link\n    on eth0\nno cable".to_owned(),
            unhandled: true,
            backtrace: Some("main".to_owned()),
            location: first.location.clone(),
        };
        assert_eq!(all, expected);
        assert_eq!(Verdict::of_several(vec![first.clone()], 0), first);
    }

    #[test]
    fn what_is_not_listed_is_counted() {
        let long = || verdict(Kind::Fail, &"x".repeat(MAX_LISTED_BYTES / 2 - 1));
        let listed = |all: &Verdict| all.reason.lines().next().unwrap().to_owned();
        let two = Verdict::of_several(vec![long(), long()], 0);
        assert_eq!(listed(&two), "2 failures");
        assert_eq!(two.reason.len(), "2 failures".len() + MAX_LISTED_BYTES);
        let three = Verdict::of_several(vec![long(), long(), long()], 0);
        assert_eq!(listed(&three), "3 failures, 2 of them listed");
        let more = Verdict::of_several(vec![verdict(Kind::Fail, "it")], 4);
        assert_eq!(more.reason, "5 failures, 1 of them listed\nit");
    }
}
