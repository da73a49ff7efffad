//! Shuffles tests by a seed: the same seed gives the same order of the same tests, on every target and in
//! every build.

/// Shuffles `items` (Fisher-Yates) with random numbers from `seed`.
pub(super) fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut numbers = SplitMix64(seed);
    for last in (1..items.len()).rev() {
        items.swap(last, numbers.next_to(last));
    }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number from 0 to `last`. The remainder favours small numbers by one in 2^64 / `last`, which is
    /// negligible.
    fn next_to(&mut self, last: usize) -> usize {
        (self.next() % (last as u64 + 1)) as usize
    }
}

/// Mixes bits: each bit of the result depends on all bits of `z`.
pub(super) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_paper() {
        let mut numbers = SplitMix64(1_234_567);
        assert_eq!(numbers.next(), 6_457_827_717_110_365_317);
        assert_eq!(numbers.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn an_order_is_the_same_for_ever() {
        let mut items = [0, 1, 2, 3, 4, 5, 6, 7];
        shuffle(&mut items, 42);
        assert_eq!(items, [3, 1, 6, 2, 4, 0, 7, 5]);
    }

    #[test]
    fn all_orders_come_about_equally_often() {
        let mut counts = std::collections::BTreeMap::new();
        for seed in 0..6000 {
            let mut items = ['a', 'b', 'c'];
            shuffle(&mut items, seed);
            *counts.entry(items).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(
            counts.values().all(|count| (900..1100).contains(count)),
            "{counts:?}"
        );
    }
}
