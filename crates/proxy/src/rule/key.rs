//! Keys: short numbers for "this text begins with", "has", "is". A rule is filed under keys; a request has keys; where
//! they are the same the rule may be met, and is asked.
//!
//! Two different texts may have one key: that costs asking a rule for nothing. Letters of either case share keys where
//! case does not matter, by a mask that also joins some other bytes.

use std::net::IpAddr;

/// The longest beginning or end of a text that is a key, in bytes: as long as a value of a condition may be.
pub(super) const MAXIMUM_LENGTH: usize = 128;
/// The length of a piece from the middle of a text that is a key.
pub(super) const PIECE: usize = 4;

/// Odd numbers without a pattern: splitmix64's multipliers.
const MULTIPLIER: u64 = 0xbf58_476d_1ce4_e5b9;
const FINAL_MULTIPLIER: u64 = 0x94d0_49bb_1331_11eb;
/// The bit that tells `a` from `A`.
const CASE_BITS: u64 = 0x2020_2020_2020_2020;

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(pub u64);

/// A text of a request that has keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Subject {
    seed: u64,
    /// [`CASE_BITS`], or nothing.
    mask: u64,
}

/// How a key relates to its text; a factor of the seed.
#[derive(Clone, Copy)]
enum Kind {
    Exact = 1,
    Prefix = 2,
    Suffix = 3,
    Piece = 4,
    Present = 5,
}

impl Subject {
    /// The host, which is in lower case.
    pub const HOST: Self = Self { seed: 0x1000, mask: 0 };
    /// The path.
    pub const PATH: Self = Self { seed: 0x2000, mask: 0 };
    /// The method.
    pub const METHOD: Self = Self { seed: 0x3000, mask: 0 };
    /// A value of the query, whatever its key is.
    pub const ANY_VALUE: Self = Self { seed: 0x4000, mask: CASE_BITS };
    /// The name of a header field.
    pub const FIELD_NAME: Self = Self { seed: 0x5000, mask: CASE_BITS };
    /// A key of the query.
    pub const QUERY_KEY: Self = Self { seed: 0x6000, mask: CASE_BITS };

    /// The values under a name or a key.
    pub fn under(name: Key) -> Self {
        Self { seed: name.0 | 1, mask: CASE_BITS }
    }

    /// The text is this one.
    #[inline]
    pub fn exact(self, text: &[u8]) -> Key {
        let word = |bytes: &[u8]| bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        let mut hash = text.len() as u64;
        match text.last_chunk::<8>() {
            Some(last) => {
                for chunk in text.chunks_exact(8) {
                    let chunk = u64::from_le_bytes(chunk.try_into().expect("chunks of eight"));
                    hash = mix(hash ^ (chunk | self.mask));
                }
                hash = mix(hash ^ (u64::from_le_bytes(*last) | self.mask));
            }
            None => hash = mix(hash ^ (word(text) | self.mask) << 8),
        }
        self.key(Kind::Exact, hash)
    }

    /// The text begins with this one.
    pub fn prefix(self, text: &[u8]) -> Key {
        self.key(Kind::Prefix, text.iter().fold(0, |hash, byte| self.roll(hash, *byte)))
    }

    /// The text ends with this one.
    pub fn suffix(self, text: &[u8]) -> Key {
        self.key(Kind::Suffix, text.iter().rev().fold(0, |hash, byte| self.roll(hash, *byte)))
    }

    /// The text has this piece of [`PIECE`] bytes somewhere.
    #[inline]
    pub fn piece(self, piece: u32) -> Key {
        self.key(Kind::Piece, u64::from(piece) | self.mask & u64::from(u32::MAX))
    }

    /// There is a text.
    #[inline]
    pub fn present(self) -> Key {
        self.key(Kind::Present, 0)
    }

    /// The keys of the beginnings of a text that have these lengths.
    #[inline]
    pub fn prefixes(self, lengths: Lengths, text: &[u8], hit: impl FnMut(Key)) {
        self.rolled(Kind::Prefix, lengths, text.len(), text.iter(), hit);
    }

    /// The keys of the ends of a text that have these lengths.
    #[inline]
    pub fn suffixes(self, lengths: Lengths, text: &[u8], hit: impl FnMut(Key)) {
        self.rolled(Kind::Suffix, lengths, text.len(), text.iter().rev(), hit);
    }

    /// The keys of all pieces of a text.
    pub fn pieces(self, text: &[u8], mut hit: impl FnMut(Key)) {
        let mut piece = 0;
        for (at, byte) in text.iter().enumerate() {
            piece = piece << 8 | u32::from(*byte);
            if at + 1 >= PIECE {
                hit(self.piece(piece));
            }
        }
    }

    #[inline]
    fn rolled<'t>(
        self,
        kind: Kind,
        lengths: Lengths,
        available: usize,
        mut bytes: impl Iterator<Item = &'t u8>,
        mut hit: impl FnMut(Key),
    ) {
        let (mut hash, mut read) = (0, 0);
        for length in lengths.up_to(available) {
            hash = bytes.by_ref().take(length - read).fold(hash, |hash, byte| self.roll(hash, *byte));
            read = length;
            hit(self.key(kind, hash));
        }
    }

    #[inline]
    fn roll(self, hash: u64, byte: u8) -> u64 {
        (hash.wrapping_add(u64::from(byte) | self.mask & 0xff).wrapping_add(1)).wrapping_mul(MULTIPLIER)
    }

    #[inline]
    fn key(self, kind: Kind, hash: u64) -> Key {
        Key(mix(hash ^ self.seed.wrapping_mul(FINAL_MULTIPLIER).wrapping_add(kind as u64)))
    }
}

#[inline]
fn mix(word: u64) -> u64 {
    let word = (word ^ word >> 32).wrapping_mul(MULTIPLIER);
    word ^ word >> 29
}

/// The key of a block of addresses.
pub(super) fn of_block(address: IpAddr, prefix: u8) -> Key {
    let (family, bits, width) = match address {
        IpAddr::V4(address) => (4, u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (6, address.to_bits(), 128),
    };
    let kept = bits.checked_shr(width - u32::from(prefix)).unwrap_or(0);
    let halves = [kept, kept >> 64].map(|half| u64::try_from(half & u128::from(u64::MAX)).expect("one half"));
    Key(mix(mix(halves[0] ^ FINAL_MULTIPLIER) ^ halves[1] ^ (family << 8 | u64::from(prefix))))
}

/// A set of lengths from 1 to [`MAXIMUM_LENGTH`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lengths(u128);

impl Lengths {
    /// Adds a length.
    pub fn add(&mut self, length: usize) {
        debug_assert!((1..=MAXIMUM_LENGTH).contains(&length));
        self.0 |= 1 << (length - 1);
    }

    /// Whether the set has a length.
    #[inline]
    pub fn has(self, length: usize) -> bool {
        (1..=MAXIMUM_LENGTH).contains(&length) && self.0 >> (length - 1) & 1 == 1
    }

    /// The lengths that are not greater than `most`, shortest first.
    #[inline]
    fn up_to(self, most: usize) -> impl Iterator<Item = usize> {
        let mut rest = if most < MAXIMUM_LENGTH { self.0 & ((1 << most) - 1) } else { self.0 };
        std::iter::from_fn(move || {
            let length = (rest != 0).then(|| rest.trailing_zeros() as usize + 1)?;
            rest &= rest - 1;
            Some(length)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_of(find: impl Fn(&mut dyn FnMut(Key))) -> Vec<Key> {
        let mut keys = Vec::new();
        find(&mut |key| keys.push(key));
        keys
    }

    #[test]
    fn a_text_has_the_keys_of_its_beginnings_ends_and_pieces() {
        let mut lengths = Lengths::default();
        [1, 4, 9, 128].into_iter().for_each(|length| lengths.add(length));
        let text = b"/img/cats";
        for subject in [Subject::PATH, Subject::ANY_VALUE] {
            let prefixes = keys_of(|hit| subject.prefixes(lengths, text, hit));
            assert_eq!(prefixes, [&b"/"[..], b"/img", b"/img/cats"].map(|start| subject.prefix(start)));
            let suffixes = keys_of(|hit| subject.suffixes(lengths, text, hit));
            assert_eq!(suffixes, [&b"s"[..], b"cats", b"/img/cats"].map(|end| subject.suffix(end)));
            let pieces = keys_of(|hit| subject.pieces(b"abcde", hit));
            assert_eq!(pieces, [*b"abcd", *b"bcde"].map(|piece| subject.piece(u32::from_be_bytes(piece))));
        }
        let long = vec![b'a'; 1000];
        assert_eq!(keys_of(|hit| Subject::PATH.prefixes(lengths, &long, hit)).len(), 4);
        assert!(keys_of(|hit| Subject::PATH.prefixes(lengths, b"", hit)).is_empty());
    }

    #[test]
    fn case_matters_where_it_does() {
        for text in ["a", "GET", "Content", "User-Agent", "a rather long text of several words"] {
            let (text, upper) = (text.as_bytes(), text.to_ascii_uppercase());
            assert_eq!(Subject::FIELD_NAME.exact(text), Subject::FIELD_NAME.exact(upper.as_bytes()));
            assert_eq!(Subject::ANY_VALUE.prefix(text), Subject::ANY_VALUE.prefix(upper.as_bytes()));
            assert_eq!(Subject::ANY_VALUE.suffix(text), Subject::ANY_VALUE.suffix(upper.as_bytes()));
        }
        assert_ne!(Subject::PATH.exact(b"/a"), Subject::PATH.exact(b"/A"));
        assert_ne!(Subject::PATH.prefix(b"/a"), Subject::PATH.prefix(b"/A"));
    }

    #[test]
    fn keys_differ_by_text_subject_and_kind() {
        let mut all = std::collections::HashSet::new();
        let subjects = [Subject::HOST, Subject::PATH, Subject::METHOD, Subject::under(Subject::FIELD_NAME.exact(b"a"))];
        let mut count = 0;
        for subject in subjects {
            for n in 0..2000u32 {
                let text = format!("/service/{n}/x");
                all.extend([subject.exact(text.as_bytes()), subject.prefix(text.as_bytes())]);
                all.extend([subject.suffix(text.as_bytes()), subject.piece(n)]);
                count += 4;
            }
        }
        // Of numbers from a folded subject, some share a key by design.
        assert!(all.len() > count - 2000, "{} of {count}", all.len());
        let top: std::collections::HashSet<_> = all.iter().map(|key| key.0 >> 48).collect();
        let low: std::collections::HashSet<_> = all.iter().map(|key| key.0 & 0xffff_ffff).collect();
        assert!(top.len() > 20_000 && low.len() + 10 > all.len(), "{} {} {}", all.len(), top.len(), low.len());
    }

    #[test]
    fn addresses_of_a_block_share_its_key() {
        for (block, inside, outside) in [
            ("192.0.2.0/24", "192.0.2.77", "192.0.3.0"),
            ("0.0.0.0/0", "203.0.113.9", "::"),
            ("192.0.2.1/32", "192.0.2.1", "192.0.2.2"),
            ("2001:db8::/32", "2001:db8:1::1", "2001:db9::"),
            ("::/0", "ffff::", "0.0.0.0"),
            ("2001:db8::/64", "2001:db8::1:1", "2001:db8:0:1::"),
        ] {
            let block: model::ip_block::IpBlock = block.parse().unwrap();
            let key = of_block(block.network(), block.prefix());
            assert_eq!(of_block(inside.parse().unwrap(), block.prefix()), key);
            assert_ne!(of_block(outside.parse().unwrap(), block.prefix()), key);
        }
    }
}
