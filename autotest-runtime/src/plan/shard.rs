//! Shards: parts of the tests, for several machines.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use super::shuffle::mix;

/// A shard. Each test is in exactly one of the `parts`.
///
/// The part of a test depends only on its id and the number of parts, so that a new test does not move
/// others. The hash is FNV-1a: it takes a few lines, and is specified, so that it is the same on every target
/// and in every version, which std's hashers are not. Its low bits depend too little on the last letters, in
/// which ids differ most, so the hash is mixed before the division.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// The number of this part, from 1.
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

/// The 64-bit FNV-1a hash by Fowler, Noll and Vo.
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

/// A text that is not of the form `2/3`.
#[derive(Debug)]
pub(crate) struct NoShard;

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Shard, NoShard> {
        let (part, parts) = text.split_once('/').ok_or(NoShard)?;
        let number = |text: &str| {
            // `u32` would accept a sign.
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
