//! A table from keys to rules: buckets that lie behind each other in one array.

use super::key::Key;

/// The most buckets of a table whose buckets are marked while a request is looked at.
pub(super) const MAXIMUM_MARKED: usize = 8192;

/// Which buckets of a table were gone through for a request. Lies on the stack.
pub(super) struct Marks([u64; MAXIMUM_MARKED / 64]);

/// Rules by key.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// How far a key is shifted to become the number of its bucket.
    shift: u32,
    /// Where each bucket begins in `entries`, and where the last one ends; empty when the table is.
    starts: Box<[u32]>,
    /// Within each bucket by rule.
    entries: Box<[Entry]>,
}

/// A rule under one of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// The position of the rule.
    pub rule: u32,
    /// The part of the key that is compared.
    tag: u32,
}

impl Marks {
    /// Nothing is marked.
    pub const fn none() -> Self {
        Self([0; MAXIMUM_MARKED / 64])
    }

    /// Marks a bucket; whether it was not marked before.
    #[inline]
    pub fn add(&mut self, bucket: usize) -> bool {
        let (word, bit) = (&mut self.0[bucket / 64], 1 << (bucket % 64));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Whether a bucket is marked.
    #[inline]
    pub fn has(&self, bucket: usize) -> bool {
        self.0[bucket / 64] >> (bucket % 64) & 1 == 1
    }
}

impl Table {
    /// A table of these keys and rules, with `most` buckets at the most (at least two).
    pub fn new(pairs: &[(Key, u32)], most: usize) -> Self {
        if pairs.is_empty() {
            return Self::default();
        }
        let buckets = (pairs.len() * 2).next_power_of_two().clamp(2, most);
        let shift = 64 - buckets.trailing_zeros();
        let mut sorted: Vec<(u64, Entry)> =
            pairs.iter().map(|(key, rule)| (key.0 >> shift, Entry { rule: *rule, tag: tag(*key) })).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut starts = Vec::with_capacity(buckets + 1);
        for bucket in 0..=buckets as u64 {
            let start = sorted.partition_point(|(of, _)| *of < bucket);
            starts.push(u32::try_from(start).expect("rules have far fewer keys than 2^32"));
        }
        Self { shift, starts: starts.into(), entries: sorted.into_iter().map(|(_, entry)| entry).collect() }
    }

    /// The bucket of a key, and what it holds, of this key and of others ([`Entry::is_of`]).
    #[inline]
    pub fn bucket(&self, key: Key) -> (usize, &[Entry]) {
        if self.starts.is_empty() {
            return (0, &[]);
        }
        let bucket = usize::try_from(key.0 >> self.shift).unwrap_or(usize::MAX);
        let (from, to) = (self.starts[bucket] as usize, self.starts[bucket + 1] as usize);
        (bucket, &self.entries[from..to])
    }
}

impl Entry {
    /// Whether the entry is of this key, or of one that cannot be told from it.
    #[inline]
    pub fn is_of(self, key: Key) -> bool {
        self.tag == tag(key)
    }
}

#[inline]
fn tag(key: Key) -> u32 {
    u32::try_from(key.0 & u64::from(u32::MAX)).expect("32 bits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::key::Subject;

    #[test]
    fn keys_lead_to_their_rules_in_order() {
        let key = |n: u32| Subject::PATH.exact(format!("/{n}").as_bytes());
        for most in [2, 64, MAXIMUM_MARKED] {
            let pairs: Vec<_> = (0..1000).rev().map(|rule| (key(rule % 300), rule)).collect();
            let table = Table::new(&pairs, most);
            for n in 0..300 {
                let (bucket, entries) = table.bucket(key(n));
                assert!(bucket < most);
                let rules: Vec<_> =
                    entries.iter().filter(|entry| entry.is_of(key(n))).map(|entry| entry.rule).collect();
                assert_eq!(rules, (0..1000).filter(|rule| rule % 300 == n).collect::<Vec<_>>());
            }
            assert!(!table.bucket(key(300)).1.iter().any(|entry| entry.is_of(key(300))));
        }
        assert!(Table::new(&[], 64).bucket(key(1)).1.is_empty());
    }

    #[test]
    fn a_bucket_is_marked_once() {
        let mut marks = Marks::none();
        for bucket in [0, 63, 64, MAXIMUM_MARKED - 1] {
            assert!(!marks.has(bucket) && marks.add(bucket) && !marks.add(bucket) && marks.has(bucket));
        }
    }
}
