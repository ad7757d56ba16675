//! Chance from a seed.

use crate::CountedIds;
use model::IdSource;

/// See the module.
pub(super) struct Dice(CountedIds);

impl Dice {
    pub fn new(seed: u64) -> Self {
        // Seeds in a row must not give the same numbers shifted by one.
        Self(CountedIds::seeded(seed.wrapping_mul(0xd134_2543_de82_ef95)))
    }

    /// From 0 to `below` - 1.
    pub fn below(&mut self, below: u32) -> u32 {
        u32::try_from(self.0.next_u64() % u64::from(below.max(1))).unwrap_or(0)
    }

    /// From `from` to `to`, both included.
    pub fn between(&mut self, from: u32, to: u32) -> u32 {
        from + self.below(to - from + 1)
    }

    /// True in so many cases of a thousand.
    pub fn permille(&mut self, cases: u32) -> bool {
        self.below(1000) < cases
    }

    /// One of these; `None` without any.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(usize::try_from(self.below(u32::try_from(of.len()).ok()?)).ok()?)
    }
}
