//! DECIDER: what an instance refresh does next: which members are replaced, when it waits, succeeds, fails, or puts
//! everything back (Auto Scaling user guide, instance refresh).
//!
//! It replaces nothing itself: it gives [`Orders`] to [`super::fleet`], which carries them out within floor and ceiling
//! and with the group's hooks and draining. It looks at members, not at what was ordered, so it may be asked at any time.

use super::{
    decision::ScalingDecision,
    fleet::{Facts, Orders},
    group::{LaunchSource, LaunchedFrom},
    instance_refresh::InstanceRefresh,
};
use crate::{Timestamp, cloudwatch::alarm::StateValue};
use std::collections::{BTreeMap, BTreeSet};

/// What is known about the world of a refresh.
#[derive(Clone, Debug)]
pub struct RefreshFacts<'a> {
    /// What the fleet's decider knows.
    pub fleet: &'a Facts,
    /// The states of the alarms that the refresh names; one that does not exist is absent.
    pub alarms: BTreeMap<String, StateValue>,
    /// What instances of the refresh's configuration (or the group's, if the refresh has none) may be made from; an
    /// error is a sentence, for example that the template's version does not exist.
    pub desired: Result<BTreeSet<LaunchedFrom>, String>,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq)]
pub struct RefreshDecision {
    /// The refresh as it is from now on.
    pub refresh: InstanceRefresh,
    /// What the group is launched from for good from now on, if that changes (success, end of a rollback).
    pub group_launch: Option<LaunchSource>,
    /// What is launched from while the refresh is under way, instead of the group's own.
    pub launch_override: Option<LaunchSource>,
    /// What the fleet is to do.
    pub orders: Orders,
    /// Why something changed; numbers (`sequence`) are given by the caller.
    pub decisions: Vec<ScalingDecision>,
    /// When to look again without a change.
    pub next: Option<Timestamp>,
}
