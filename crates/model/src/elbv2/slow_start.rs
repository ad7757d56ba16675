//! DECIDER: which targets get a growing share of requests because they are new, and how large that is.
//!
//! ELB user guide, "Slow start mode": the share grows linearly from the moment when a target becomes healthy. Targets that
//! are healthy when slow start is switched on do not ramp, nor does the first batch that is registered into a group; and
//! nobody ramps while no healthy target is out of its own ramp, for somebody has to carry the load.

use crate::Timestamp;
use std::time::Duration;

/// The shortest and the longest duration in seconds; 0 switches slow start off.
pub const SECONDS: std::ops::RangeInclusive<u32> = 30..=900;
/// A whole share.
pub const WHOLE: u32 = 1000;
/// The share that a target begins with, so that it is seen to work at all.
const LEAST: u32 = 10;

/// A target that became healthy just now.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer {
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Whether it was healthy or unhealthy before, in the same registration.
    pub was_checked: bool,
}

/// Another target of its group.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Whether it is healthy.
    pub healthy: bool,
    /// Whether it ramps.
    pub ramping: bool,
}

/// Whether a target that becomes healthy gets a growing share from now on.
pub fn begins(newcomer: Newcomer, peers: impl Iterator<Item = Peer>) -> bool {
    let (mut carried, mut joins) = (false, newcomer.was_checked);
    for peer in peers {
        carried |= peer.healthy && !peer.ramping;
        joins |= peer.registered_at < newcomer.registered_at;
    }
    carried && joins
}

/// The share of a target that ramps since `elapsed`, in parts of [`WHOLE`]; `None` when the ramp is over.
pub fn share(elapsed: Duration, duration: Duration) -> Option<u32> {
    let (elapsed, duration) = (elapsed.as_millis(), duration.as_millis());
    if elapsed >= duration {
        return None;
    }
    let grown = elapsed * u128::from(WHOLE) / duration.max(1);
    Some(u32::try_from(grown).unwrap_or(WHOLE).max(LEAST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(registered: i64, healthy: bool, ramping: bool) -> Peer {
        Peer { registered_at: Timestamp::from_seconds(registered), healthy, ramping }
    }

    #[test]
    fn a_target_ramps_when_it_joins_others_that_carry_the_load() {
        let of = |registered, was_checked| Newcomer { registered_at: Timestamp::from_seconds(registered), was_checked };
        let table = [
            (of(5, false), vec![], false, "alone"),
            (of(5, false), vec![peer(5, true, false)], false, "of the first batch"),
            (of(5, false), vec![peer(1, true, false)], true, "joins a healthy one"),
            (of(5, false), vec![peer(1, false, false)], false, "nobody else is healthy"),
            (of(5, false), vec![peer(1, true, true)], false, "all others ramp"),
            (of(5, true), vec![peer(5, true, false)], true, "comes back"),
            (of(5, true), vec![peer(9, false, false)], false, "comes back to nobody"),
            (of(5, false), vec![peer(1, false, false), peer(5, true, false)], true, "joins a group that was there"),
        ];
        for (newcomer, peers, expected, what) in table {
            assert_eq!(begins(newcomer, peers.into_iter()), expected, "{what}");
        }
    }

    #[test]
    fn the_share_grows_linearly_to_the_whole() {
        let of = |seconds| share(Duration::from_secs(seconds), Duration::from_secs(100));
        assert_eq!([0, 1, 50, 99, 100, 1000].map(of), [Some(10), Some(10), Some(500), Some(990), None, None]);
    }
}
