//! DECIDER: whether enough targets of a group are healthy, zone by zone.
//!
//! Two thresholds (ELB user guide, "Target group health"): below the one of routing, a load balancer node sends to all targets
//! that it has; below the one of DNS, the zone's address is not given out. Without cross-zone load balancing each zone
//! counts its own targets, with it all of them count for every zone.

use serde::{Deserialize, Serialize};

/// How many targets must be healthy. Both conditions must be met, where they are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinimumHealthy {
    /// A number, at least 1; `None`: off.
    pub count: Option<u32>,
    /// A share in per cent, 1 to 100; `None`: off.
    pub percentage: Option<u32>,
}

impl Default for MinimumHealthy {
    /// AWS: one target, whatever share that is.
    fn default() -> Self {
        Self { count: Some(1), percentage: None }
    }
}

/// The healthy among the targets that count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many are healthy.
    pub healthy: usize,
    /// How many there are.
    pub total: usize,
}

impl MinimumHealthy {
    /// Whether so many are enough. A group without targets is never healthy while a condition is set.
    pub fn is_met(self, counts: Counts) -> bool {
        let Counts { healthy, total } = counts;
        let enough = |count: u32| healthy >= usize::try_from(count).unwrap_or(usize::MAX);
        let share = |per_cent: u32| total > 0 && healthy * 100 >= total * usize::try_from(per_cent).unwrap_or(100);
        self.count.is_none_or(enough) && self.percentage.is_none_or(share)
    }

    /// How many of `total` are needed.
    pub fn needed(self, total: usize) -> usize {
        let count = self.count.map_or(0, |count| usize::try_from(count).unwrap_or(usize::MAX));
        let share = self.percentage.map_or(0, |p| (total * usize::try_from(p).unwrap_or(100)).div_ceil(100));
        count.max(share)
    }
}

/// What holds for a target group in one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneHealth {
    /// Enough are healthy for the zone's address to be given out.
    pub dns: bool,
    /// Enough are healthy for only them to get requests; else all do (fail open).
    pub routing: bool,
}

/// The health of one zone of a group. `zone` are the targets in the zone, `all` those of all zones.
pub fn zone_health(
    zone: Counts,
    all: Counts,
    cross_zone: bool,
    dns: MinimumHealthy,
    routing: MinimumHealthy,
) -> ZoneHealth {
    let counted = if cross_zone { all } else { zone };
    ZoneHealth { dns: dns.is_met(counted), routing: routing.is_met(counted) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minimum(count: Option<u32>, percentage: Option<u32>) -> MinimumHealthy {
        MinimumHealthy { count, percentage }
    }

    #[test]
    fn both_conditions_must_be_met() {
        let table = [
            (minimum(Some(1), None), 1, 10, true),
            (minimum(Some(1), None), 0, 10, false),
            (minimum(Some(1), None), 0, 0, false),
            (minimum(None, None), 0, 10, true),
            (minimum(None, Some(50)), 5, 10, true),
            (minimum(None, Some(50)), 4, 10, false),
            (minimum(None, Some(50)), 0, 0, false),
            (minimum(Some(3), Some(20)), 2, 10, false),
            (minimum(Some(3), Some(50)), 4, 10, false),
            (minimum(Some(3), Some(50)), 5, 10, true),
            (minimum(None, Some(34)), 1, 3, false),
        ];
        for (minimum, healthy, total, met) in table {
            assert_eq!(minimum.is_met(Counts { healthy, total }), met, "{minimum:?} {healthy}/{total}");
            assert_eq!(healthy >= minimum.needed(total) && (total > 0 || minimum.needed(1) == 0), met, "{minimum:?}");
        }
    }

    /// The worked example of the ELB user guide: two zones of ten, thresholds of 50 %, six fail in one.
    #[test]
    fn without_cross_zone_a_zone_stands_alone() {
        let half = minimum(None, Some(50));
        let (a, b) = (Counts { healthy: 10, total: 10 }, Counts { healthy: 4, total: 10 });
        let all = Counts { healthy: 14, total: 20 };
        let (well, ill) = (ZoneHealth { dns: true, routing: true }, ZoneHealth { dns: false, routing: false });
        assert_eq!([a, b].map(|zone| zone_health(zone, all, false, half, half)), [well, ill]);
        assert_eq!([a, b].map(|zone| zone_health(zone, all, true, half, half)), [well, well]);
    }
}
