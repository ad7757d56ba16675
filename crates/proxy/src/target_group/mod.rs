//! A target group at run time: whose turn it is, and which targets may get requests now.
//!
//! What changes often (health, refused connections) is not in the snapshot. Every change bumps the group's
//! epoch; each worker keeps a list of usable targets and makes it anew only when the epoch moved, so choosing a target
//! costs the same for two targets and for a thousand.

pub mod algorithm;

use crate::{config::CompiledTargetGroup, timer::Millis};
use model::{Arn, elbv2::target_health::CheckedState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What all workers share of a target group; outlives snapshots.
#[derive(Debug)]
pub struct TargetGroupState {
    /// The group.
    pub arn: Arn,
    turn: Padded<AtomicUsize>,
    epoch: Padded<AtomicU64>,
}

/// The turn is written by every request, the epoch read by every request: they must not share a cache line.
#[derive(Debug)]
#[repr(align(128))]
struct Padded<T>(T);

impl TargetGroupState {
    /// A new group; the round robin begins at `turn`.
    pub fn new(arn: Arn, turn: usize) -> Self {
        Self { arn, turn: Padded(AtomicUsize::new(turn)), epoch: Padded(AtomicU64::new(1)) }
    }

    /// Takes the next turn. One counter for all workers, so that requests split evenly whichever worker they land on.
    #[inline]
    pub fn next_turn(&self) -> usize {
        self.turn.0.fetch_add(1, Ordering::Relaxed)
    }

    /// Tells all workers that the usable targets changed.
    pub fn changed(&self) {
        self.epoch.0.fetch_add(1, Ordering::Release);
    }

    fn epoch(&self) -> u64 {
        self.epoch.0.load(Ordering::Acquire)
    }
}

/// Which targets of a group may get requests: one worker's list. Positions are those in the snapshot's group.
#[derive(Debug, Default)]
pub struct UsableTargets {
    epoch: u64,
    valid_until: Millis,
    positions: Vec<u32>,
    fail_open: bool,
}

impl UsableTargets {
    /// The list as of `now` (of the worker's coarse clock).
    #[inline]
    pub fn refresh(&mut self, group: &CompiledTargetGroup, now: Millis) {
        let epoch = group.state.epoch();
        if self.epoch != epoch || now >= self.valid_until {
            self.rebuild(group, now, epoch);
        }
    }

    /// Positions of the targets that may be chosen.
    #[inline]
    pub fn positions(&self) -> &[u32] {
        &self.positions
    }

    /// Whether no target is healthy and requests therefore go to all (fail open).
    #[inline]
    pub fn fail_open(&self) -> bool {
        self.fail_open
    }

    #[cold]
    fn rebuild(&mut self, group: &CompiledTargetGroup, now: Millis, epoch: u64) {
        let positions_where = |condition: &dyn Fn(usize) -> bool| -> Vec<u32> {
            (0..group.targets.len()).filter(|i| condition(*i)).filter_map(|i| u32::try_from(i).ok()).collect()
        };
        let state = |i: usize| &group.targets[i].state;
        // As this snapshot has it: the next one may have marked its targets before this worker takes it over.
        let registered = |i: usize| !group.targets[i].draining;
        let healthy =
            |i: usize| registered(i) && (!group.health_check.enabled || state(i).health() == CheckedState::Healthy);
        let trusted = |i: usize| healthy(i) && state(i).suspect_until() <= now;

        self.epoch = epoch;
        self.fail_open = false;
        self.positions = positions_where(&trusted);
        if self.positions.is_empty() {
            self.positions = positions_where(&healthy);
        }
        if self.positions.is_empty() {
            self.positions = positions_where(&registered);
            self.fail_open = true;
        }
        let suspects = (0..group.targets.len()).map(|i| state(i).suspect_until());
        self.valid_until = suspects.filter(|until| *until > now).min().unwrap_or(Millis::MAX);
    }
}
