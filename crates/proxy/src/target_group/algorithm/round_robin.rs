//! Round robin, the default algorithm of Application Load Balancers.

/// The position whose turn it is, passing over `except` unless it is the only one.
///
/// `turn` is a counter that every request increases by one, so that over any `n` requests in a row each of the usable
/// targets gets its share exactly.
#[inline]
pub fn choose(usable: &[u32], turn: usize, except: Option<u32>) -> Option<u32> {
    let start = turn.checked_rem(usable.len())?;
    let chosen = usable[start];
    if Some(chosen) == except && usable.len() > 1 {
        return Some(usable[(start + 1) % usable.len()]);
    }
    Some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_gets_its_share() {
        let mut hits = [0; 5];
        for turn in 7..7 + 3000 {
            hits[choose(&[0, 2, 4], turn, None).unwrap() as usize] += 1;
        }
        assert_eq!(hits, [1000, 0, 1000, 0, 1000]);
    }

    #[test]
    fn a_target_that_was_tried_is_passed_over_while_there_is_another() {
        for turn in 0..10 {
            assert_ne!(choose(&[1, 3], turn, Some(3)), Some(3));
        }
        assert_eq!(choose(&[3], 5, Some(3)), Some(3));
        assert_eq!(choose(&[], 5, None), None);
    }
}
