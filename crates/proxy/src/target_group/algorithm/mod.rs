//! How a target is chosen among the usable ones (`load_balancing.algorithm.type`).
//!
//! Each algorithm is a pure function of the list, the turn, random numbers and the requests in flight.

pub mod least_outstanding;
pub mod round_robin;
pub mod weighted_random;

use super::usable::ZoneTargets;
use crate::{config::target_group::CompiledTargetGroup, worker::Worker};
use model::elbv2::target_group::LoadBalancingAlgorithm;

/// Chooses a target, another one than `except` if there is one. `None`: there is none.
#[inline]
pub(crate) fn choose(
    group: &CompiledTargetGroup,
    usable: &ZoneTargets,
    worker: &Worker,
    except: Option<u32>,
) -> Option<u32> {
    match group.algorithm {
        LoadBalancingAlgorithm::RoundRobin => {
            round_robin::choose(usable, group.state.next_turn(), except, || worker.random())
        }
        LoadBalancingAlgorithm::LeastOutstandingRequests => {
            let in_flight = |i: u32| group.targets[i as usize].state.counts.sum(|counts| &counts.in_flight);
            least_outstanding::choose(usable, group.state.next_turn(), except, in_flight, || worker.random())
        }
        LoadBalancingAlgorithm::WeightedRandom { anomaly_mitigation: _ } => {
            weighted_random::choose(usable, except, || worker.random())
        }
    }
}

/// Whether a random number falls into a share of so many parts of [`model::elbv2::anomaly::WHOLE_WEIGHT`].
#[inline]
fn falls_into(random: u64, share: u32) -> bool {
    random % u64::from(model::elbv2::anomaly::WHOLE_WEIGHT) < u64::from(share)
}

#[cfg(test)]
mod testing {
    use super::ZoneTargets;

    pub fn usable(positions: &[u32], shares: &[u32]) -> ZoneTargets {
        ZoneTargets { positions: positions.to_vec(), shares: shares.to_vec(), ..ZoneTargets::default() }
    }

    /// Well spread numbers from a fixed beginning (splitmix64).
    pub fn numbers() -> impl FnMut() -> u64 {
        let mut state = 7u64;
        move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }
    }
}
