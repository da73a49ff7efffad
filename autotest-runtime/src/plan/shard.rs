//! Parts of the tests, for several machines.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use super::shuffle::mix;

/// One part of several; each test is in exactly one.
///
/// A test's part depends on its id and on the number of parts alone, so that a new test moves no other.
/// The hash is FNV-1a: it is a few lines, its numbers are published and the same on every target for
/// ever, where std's hashers promise nothing from one version to the next. Its low bits know too little
/// of the last letters, in which tests differ most, so they are mixed once more before they are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// Which one, from 1.
    part: NonZeroU32,
    parts: NonZeroU32,
}

impl Shard {
    /// `part` counts from 1. `None` if there is no such part.
    pub(crate) fn new(part: u32, parts: u32) -> Option<Shard> {
        let (part, parts) = (NonZeroU32::new(part)?, NonZeroU32::new(parts)?);
        (part <= parts).then_some(Shard { part, parts })
    }

    /// Whether the test with this id is in this part.
    pub(crate) fn holds(self, id: &str) -> bool {
        let part = mix(fnv_1a(id.as_bytes())) % u64::from(self.parts.get());
        part + 1 == u64::from(self.part.get())
    }
}

/// Fowler, Noll and Vo's hash, 64 bits of it.
fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.parts)
    }
}

/// Not of the form `2/3`.
#[derive(Debug)]
pub(crate) struct NoShard;

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Shard, NoShard> {
        let (part, parts) = text.split_once('/').ok_or(NoShard)?;
        let number = |text: &str| {
            // `u32` would take a sign.
            let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| is_plain).ok_or(NoShard)
        };
        Shard::new(number(part)?, number(parts)?).ok_or(NoShard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> impl Iterator<Item = String> {
        (0..3000).map(|i| format!("net::tcp::case_{i}"))
    }

    fn part_of(id: &str, parts: u32) -> u32 {
        let holding = (1..=parts).filter(|part| Shard::new(*part, parts).unwrap().holds(id));
        let holding: Vec<_> = holding.collect();
        assert_eq!(holding.len(), 1, "{id} is in {holding:?} of {parts}");
        holding[0]
    }

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv_1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv_1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv_1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn every_test_is_in_one_part_and_parts_are_alike() {
        for parts in [1, 2, 3, 7, 64] {
            let mut counts = vec![0; parts as usize];
            ids().for_each(|id| counts[part_of(&id, parts) as usize - 1] += 1);
            let fair = 3000 / parts;
            let is_fair = |count: &u32| (fair / 2..=fair * 2).contains(count);
            assert!(counts.iter().all(is_fair), "{counts:?}");
        }
    }

    #[test]
    fn parts_are_the_same_for_ever() {
        let parts = ["parts", "says::fail", "says::warn", "net::ping"].map(|id| part_of(id, 3));
        assert_eq!(parts, [2, 2, 1, 1]);
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for text in [
            "",
            "1",
            "/",
            "0/3",
            "4/3",
            "1/0",
            "+1/3",
            "1/3/5",
            " 1/3",
            "-1/3",
            "1/9999999999",
        ] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        assert_eq!("2/3".parse::<Shard>().unwrap().to_string(), "2/3");
    }
}
