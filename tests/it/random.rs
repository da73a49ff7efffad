//! Numbers that differ from run to run, and is available again: a test prints its seed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A sequence of numbers (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    /// From `AUTOTEST_SEED`, else from the time.
    pub(crate) fn new() -> Random {
        let given = std::env::var("AUTOTEST_SEED").ok();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let seed = given.map_or(now.as_nanos() as u64, |seed| seed.parse().unwrap());
        eprintln!("AUTOTEST_SEED={seed}");
        Random(seed)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    pub(crate) fn up_to(&mut self, time: Duration) -> Duration {
        Duration::from_micros(self.below(time.as_micros() as u64))
    }
}
