//! Least outstanding requests: the target with the fewest requests in flight; ties in turn.

use super::super::usable::ZoneTargets;

/// Up to so many targets all of them are looked at; of more, [`SAMPLE`] at random, which is as good for many targets and
/// costs the same for all of them.
const ALL: usize = 32;
const SAMPLE: usize = 8;

/// The target with the fewest requests in flight, another one than `except` if there is one. `None`: there is none.
#[inline]
pub fn choose(
    usable: &ZoneTargets,
    turn: usize,
    except: Option<u32>,
    in_flight: impl Fn(u32) -> u64,
    mut random: impl FnMut() -> u64,
) -> Option<u32> {
    let positions = usable.positions.as_slice();
    let start = turn.checked_rem(positions.len())?;
    let looked_at = if positions.len() <= ALL { positions.len() } else { SAMPLE };
    let candidates = (0..looked_at).map(|i| match positions.len() <= ALL {
        true => positions[(start + i) % positions.len()],
        false => positions[usize::try_from(random() % positions.len() as u64).unwrap_or(start)],
    });
    let others = candidates.filter(|position| Some(*position) != except);
    others
        .min_by_key(|position| in_flight(*position))
        .or_else(|| positions.iter().copied().find(|p| Some(*p) != except))
        .or(except)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target_group::algorithm::testing::{numbers, usable};

    #[test]
    fn the_least_busy_is_chosen_and_ties_take_turns() {
        let list = usable(&[0, 1, 2], &[]);
        let busy = |loads: [u64; 3]| move |i: u32| loads[i as usize];
        for turn in 0..6 {
            assert_eq!(choose(&list, turn, None, busy([5, 2, 9]), || 0), Some(1));
            assert_eq!(choose(&list, turn, Some(1), busy([5, 2, 9]), || 0), Some(0));
        }
        let ties: Vec<_> = (0..6).map(|turn| choose(&list, turn, None, busy([1, 1, 1]), || 0).unwrap()).collect();
        assert_eq!(ties, [0, 1, 2, 0, 1, 2]);
        assert_eq!(choose(&usable(&[], &[]), 0, None, busy([0; 3]), || 0), None);
        assert_eq!(choose(&usable(&[2], &[]), 0, Some(2), busy([0; 3]), || 0), Some(2));
    }

    #[test]
    fn of_very_many_the_busy_ones_are_avoided() {
        let positions: Vec<u32> = (0..1000).collect();
        let (list, mut random) = (usable(&positions, &[]), numbers());
        let busy = |i: u32| u64::from(i % 2) * 100;
        let bad = (0..1000).filter(|turn| choose(&list, *turn, None, busy, &mut random).unwrap() % 2 == 1).count();
        assert!(bad < 20, "{bad} of 1,000 went to a busy one");
    }
}
