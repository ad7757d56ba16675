//! Round robin, the default algorithm of Application Load Balancers.

use super::{super::usable::ZoneTargets, falls_into};

/// The target whose turn it is, passing over `except` unless it is the only one.
///
/// `turn` is a counter that every request increases by one, so that over any `n` requests in a row each of the usable
/// targets gets its share exactly. A target with less than a whole share takes its turn only as often as that; what it
/// leaves goes to any of the others.
#[inline]
pub fn choose(usable: &ZoneTargets, turn: usize, except: Option<u32>, mut random: impl FnMut() -> u64) -> Option<u32> {
    let positions = usable.positions.as_slice();
    let mut at = turn.checked_rem(positions.len())?;
    if !usable.shares.is_empty() {
        at = with_shares(usable, at, &mut random);
    }
    if Some(positions[at]) == except {
        at = (at + 1) % positions.len();
    }
    Some(positions[at])
}

#[cold]
fn with_shares(usable: &ZoneTargets, at: usize, random: &mut impl FnMut() -> u64) -> usize {
    /// After so many refusals whoever is next takes it: all shares are small then.
    const TRIES: usize = 64;
    let count = usable.positions.len();
    let mut candidate = at;
    for _ in 0..TRIES {
        if falls_into(random(), usable.shares[candidate]) {
            return candidate;
        }
        candidate = usize::try_from(random() % count as u64).unwrap_or(at);
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target_group::algorithm::testing::{numbers, usable};

    #[test]
    fn every_target_gets_its_share() {
        let (list, mut hits) = (usable(&[0, 2, 4], &[]), [0; 5]);
        for turn in 7..7 + 3000 {
            hits[choose(&list, turn, None, || 0).unwrap() as usize] += 1;
        }
        assert_eq!(hits, [1000, 0, 1000, 0, 1000]);
    }

    #[test]
    fn a_target_that_was_tried_is_passed_over_while_there_is_another() {
        for turn in 0..10 {
            assert_ne!(choose(&usable(&[1, 3], &[]), turn, Some(3), || 0), Some(3));
        }
        assert_eq!(choose(&usable(&[3], &[]), 5, Some(3), || 0), Some(3));
        assert_eq!(choose(&usable(&[], &[]), 5, None, || 0), None);
    }

    #[test]
    fn a_smaller_share_is_that_much_smaller() {
        let (list, mut random, mut hits) = (usable(&[0, 1, 2], &[1000, 1000, 100]), numbers(), [0u32; 3]);
        for turn in 0..30_000 {
            hits[choose(&list, turn, None, &mut random).unwrap() as usize] += 1;
        }
        let share = f64::from(hits[2]) / 30_000.0;
        assert!((share - 100.0 / 2100.0).abs() < 0.01, "{hits:?}");
        assert!(hits[0].abs_diff(hits[1]) < 600, "{hits:?}");
    }
}
