//! Ids that are the same in every run of a test.
//!
//! Numbers are counted and then mixed (the finaliser of SplitMix64), so that ids differ in all their digits as random
//! ones do, and never repeat.

use model::IdSource;

/// A repeatable source of ids; two sources with the same seed give the same ids in the same order.
#[derive(Clone, Debug, Default)]
pub struct CountedIds {
    next: u64,
}

impl CountedIds {
    /// A source of its own for every `seed`.
    pub const fn seeded(seed: u64) -> Self {
        Self { next: seed }
    }
}

impl IdSource for CountedIds {
    fn next_u64(&mut self) -> u64 {
        self.next = self.next.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.next ^ (self.next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_repeat_between_runs_and_never_within_one() {
        let (mut one, mut other) = (CountedIds::seeded(7), CountedIds::seeded(7));
        let ids: BTreeSet<u64> = (0..10_000).map(|_| one.next_u64()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!((0..10_000).all(|_| ids.contains(&other.next_u64())));
    }
}
