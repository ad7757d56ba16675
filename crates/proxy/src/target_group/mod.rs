//! A target group at run time: whose turn it is, and which targets may get requests now.
//!
//! What changes often (health, refused connections, shares) is not in the snapshot. Every change bumps the group's
//! epoch; each worker keeps lists of usable targets and makes them anew only when the epoch moved, so choosing a target
//! costs the same for two targets and for a thousand.

pub mod algorithm;
pub mod stickiness;
pub mod usable;

use model::Arn;
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

    /// Moves with every change of health, trust or share.
    #[inline]
    pub fn epoch(&self) -> u64 {
        self.epoch.0.load(Ordering::Acquire)
    }
}
