//! Weighted random: evenly, in random order; those with a smaller share get that much less.

use super::{super::usable::ZoneTargets, falls_into};

/// A random target, another one than `except` if there is one. `None`: there is none.
#[inline]
pub fn choose(usable: &ZoneTargets, except: Option<u32>, mut random: impl FnMut() -> u64) -> Option<u32> {
    /// After so many refusals whoever was drawn takes it: all shares are small then.
    const TRIES: usize = 64;
    let positions = usable.positions.as_slice();
    let mut drawn = None;
    for _ in 0..TRIES {
        let at = usize::try_from(random().checked_rem(positions.len() as u64)?).ok()?;
        drawn = Some(positions[at]);
        let passed_over = drawn == except && positions.len() > 1;
        if !passed_over && usable.shares.get(at).is_none_or(|share| falls_into(random(), *share)) {
            break;
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target_group::algorithm::testing::{numbers, usable};

    #[test]
    fn targets_get_their_shares_in_random_order() {
        let (list, mut random, mut hits) = (usable(&[0, 1, 2], &[1000, 500, 10]), numbers(), [0u32; 3]);
        for _ in 0..30_200 {
            hits[choose(&list, None, &mut random).unwrap() as usize] += 1;
        }
        for (hits, expected) in hits.into_iter().zip([20_000, 10_000, 200]) {
            assert!(hits.abs_diff(expected) < 700, "{hits} instead of {expected}");
        }
    }

    #[test]
    fn a_target_that_was_tried_is_passed_over_while_there_is_another() {
        let (list, mut random) = (usable(&[1, 3], &[]), numbers());
        assert!((0..100).all(|_| choose(&list, Some(3), &mut random) == Some(1)));
        assert_eq!(choose(&usable(&[3], &[]), Some(3), &mut random), Some(3));
        assert_eq!(choose(&usable(&[], &[]), None, &mut random), None);
    }
}
