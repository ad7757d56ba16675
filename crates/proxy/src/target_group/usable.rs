//! Which targets of a group may get requests, as one worker sees it: by zone where a zone's node keeps to its own targets.

use crate::{config::target_group::CompiledTargetGroup, timer::Millis};
use model::elbv2::{
    anomaly::WHOLE_WEIGHT,
    group_health::{Counts, zone_health},
    slow_start,
    target_health::CheckedState,
};
use std::time::Duration;

/// How often growing shares are looked up anew.
const RAMP_STEP: Duration = Duration::from_secs(1);

/// One worker's lists of one group.
#[derive(Debug, Default)]
pub struct UsableTargets {
    epoch: u64,
    valid_until: Millis,
    zones: Vec<ZoneTargets>,
}

/// The targets that a zone's node sends to. Positions are those in the snapshot's group.
#[derive(Debug, Default)]
pub struct ZoneTargets {
    /// Those that may be chosen.
    pub positions: Vec<u32>,
    /// Their shares in parts of [`WHOLE_WEIGHT`]; empty when all are whole.
    pub shares: Vec<u32>,
    /// Whether too few are healthy, so that all that are registered were taken (fail open).
    pub fail_open: bool,
    /// Whether at least one is healthy and answers.
    pub any_healthy: bool,
    /// Whether enough are healthy for the zone's address to be given out.
    pub dns: bool,
}

impl UsableTargets {
    /// The list of a zone (by its position in the load balancer) as of `now` (of the worker's coarse clock).
    #[inline]
    pub fn of_zone(&mut self, group: &CompiledTargetGroup, zone: usize, now: Millis) -> &ZoneTargets {
        let epoch = group.state.epoch();
        if self.epoch != epoch || now >= self.valid_until {
            self.rebuild(group, now, epoch);
        }
        &self.zones[if group.cross_zone { 0 } else { zone.min(self.zones.len() - 1) }]
    }

    #[cold]
    fn rebuild(&mut self, group: &CompiledTargetGroup, now: Millis, epoch: u64) {
        let facts: Vec<Facts> = (0..group.targets.len()).map(|i| Facts::of(group, i, now)).collect();
        let all = counts(&facts, |_| true);
        let zones = if group.cross_zone { 1 } else { group.zones.max(1) };
        self.epoch = epoch;
        self.zones = (0..zones).map(|zone| zone_targets(group, &facts, zone, all)).collect();
        let suspects = group.targets.iter().map(|target| target.state.suspect_until());
        let ramp = facts.iter().any(|one| one.ramping).then(|| now.plus(RAMP_STEP));
        self.valid_until = suspects.filter(|until| *until > now).chain(ramp).min().unwrap_or(Millis::MAX);
    }
}

/// What matters about one target now.
struct Facts {
    position: u32,
    zone: Option<usize>,
    registered: bool,
    healthy: bool,
    trusted: bool,
    ramping: bool,
    share: u32,
}

impl Facts {
    fn of(group: &CompiledTargetGroup, position: usize, now: Millis) -> Self {
        let target = &group.targets[position];
        let state = &target.state;
        // As this snapshot has it: the next one may have marked its targets before this worker takes it over.
        let registered = !target.draining;
        let checked = !group.health_check.enabled || state.health() == CheckedState::Healthy;
        let ramp = state.ramp_since().and_then(|since| slow_start::share(now.since(since), group.slow_start));
        Self {
            position: u32::try_from(position).unwrap_or(u32::MAX),
            zone: target.zone,
            registered,
            healthy: registered && checked && !state.is_down(),
            trusted: state.suspect_until() <= now,
            ramping: ramp.is_some(),
            share: state.weight() * ramp.unwrap_or(slow_start::WHOLE) / slow_start::WHOLE,
        }
    }

    /// Targets without a zone (addresses outside the VPC) are in all of them.
    fn is_in(&self, zone: usize) -> bool {
        self.zone.is_none_or(|own| own == zone)
    }
}

fn counts(facts: &[Facts], of: impl Fn(&Facts) -> bool) -> Counts {
    let total = facts.iter().filter(|one| one.registered && of(one)).count();
    let healthy = facts.iter().filter(|one| one.healthy && of(one)).count();
    Counts { healthy, total }
}

fn zone_targets(group: &CompiledTargetGroup, facts: &[Facts], zone: usize, all: Counts) -> ZoneTargets {
    let here = |one: &&Facts| group.cross_zone || one.is_in(zone);
    let own = counts(facts, |one| here(&one));
    let health = zone_health(own, all, group.cross_zone, group.dns_failover, group.routing_failover);
    let chosen = |condition: &dyn Fn(&Facts) -> bool| -> Vec<&Facts> {
        facts.iter().filter(here).filter(|one| condition(one)).collect()
    };
    let mut targets = Vec::new();
    let fail_open = !health.routing || own.healthy == 0;
    if !fail_open {
        targets = chosen(&|one| one.healthy && one.trusted);
        if targets.is_empty() {
            targets = chosen(&|one| one.healthy);
        }
    }
    if targets.is_empty() {
        targets = chosen(&|one| one.registered);
    }
    let uneven = targets.iter().any(|one| one.share < WHOLE_WEIGHT);
    ZoneTargets {
        positions: targets.iter().map(|one| one.position).collect(),
        shares: if uneven { targets.iter().map(|one| one.share).collect() } else { Vec::new() },
        fail_open,
        any_healthy: own.healthy > 0,
        dns: health.dns,
    }
}
