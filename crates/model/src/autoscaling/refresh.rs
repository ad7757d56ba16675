//! DECIDER: what an instance refresh does next: which members are replaced, when it waits, succeeds, fails, or puts
//! everything back (Auto Scaling user guide, instance refresh).
//!
//! It replaces nothing itself: it gives [`Orders`] to [`super::fleet`], which carries them out within floor and ceiling
//! and with the group's hooks and draining. It looks at members, not at what was ordered, so it may be asked at any time.

mod batch;
mod census;
mod checkpoint;
mod reason;
mod trouble;

#[cfg(test)]
mod tests;

use super::{
    decision::{Outcome, ScalingDecision},
    fleet::{Facts, Orders},
    group::{AutoScalingGroup, LaunchSource, LaunchedFrom},
    instance_refresh::{InstanceRefresh, RefreshProgress, RefreshStatus, RefreshWork},
    member::GroupInstance,
    process::Process,
};
use crate::{Timestamp, cloudwatch::alarm::StateValue, id::InstanceId};
use census::{Census, count};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

pub use trouble::{MAXIMUM_DURATION, MAXIMUM_FAILURES_IN_A_ROW, STALL_LIMIT};

/// How often the alarms of a refresh are looked at: the shortest period of AWS's own. A look for each change of any
/// alarm of the account would be one for every refresh there is.
const ALARM_INTERVAL: Duration = Duration::from_secs(10);

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

/// Takes one step of a refresh. Asked again with nothing changed, it says the same and changes nothing.
///
/// The caller gives `orders` and the override to the fleet's decider in the same transaction, also while the refresh
/// waits: they hold what is under way.
pub fn decide(
    group: &AutoScalingGroup,
    refresh: &InstanceRefresh,
    facts: &RefreshFacts<'_>,
    now: Timestamp,
) -> RefreshDecision {
    let mut step = Step { group, facts, now, refresh: refresh.clone(), launch: None, decisions: Vec::new() };
    // One status may lead to the next at once; no path has more than this.
    for _ in 0..4 {
        let before = step.refresh.status;
        step.advance();
        if step.refresh.status == before {
            break;
        }
    }
    step.finish()
}

/// A decision in the making.
struct Step<'a> {
    group: &'a AutoScalingGroup,
    facts: &'a RefreshFacts<'a>,
    now: Timestamp,
    refresh: InstanceRefresh,
    launch: Option<LaunchSource>,
    decisions: Vec<ScalingDecision>,
}

impl<'a> Step<'a> {
    fn advance(&mut self) {
        if self.group.deleting.is_some() && !self.refresh.status.is_over() {
            return self.end(RefreshStatus::Cancelled, Some("The Auto Scaling group is being deleted.".to_owned()));
        }
        match self.refresh.status {
            RefreshStatus::Pending => self.begin(),
            RefreshStatus::InProgress => self.replace(),
            RefreshStatus::Baking => self.bake(),
            RefreshStatus::Cancelling => self.wind_up(),
            RefreshStatus::RollbackInProgress => self.restore(),
            RefreshStatus::Successful
            | RefreshStatus::Failed
            | RefreshStatus::Cancelled
            | RefreshStatus::RollbackFailed
            | RefreshStatus::RollbackSuccessful => {}
        }
    }

    /// Pending: finds what is to be replaced.
    fn begin(&mut self) {
        let desired = match &self.facts.desired {
            Ok(desired) => desired,
            Err(problem) => return self.end(RefreshStatus::Failed, Some(problem.clone())),
        };
        let all = || self.group.members.values().filter(|member| member.departure.is_none());
        let stays = |m: &&GroupInstance| self.refresh.preferences.skip_matching && self.matches(m, desired);
        let subjects = all().filter(|m| !stays(m)).map(|m| m.instance_id.clone()).collect();
        let origin = self.group.members.keys().cloned().collect();
        self.set_out(origin, subjects);
        self.refresh.status = RefreshStatus::InProgress;
        let total = self.refresh.progress().total;
        self.decide(Outcome::Done, format!("instance refresh started; {total} instances to replace"));
    }

    /// Whether a member is what would be launched now.
    fn matches(&self, member: &GroupInstance, desired: &BTreeSet<LaunchedFrom>) -> bool {
        let source = self.refresh.desired_configuration.as_ref().unwrap_or(&self.group.launch);
        let types: Vec<&str> = match source {
            LaunchSource::Mixed { overrides, template: _, allocation_strategy: _ } => {
                overrides.iter().filter_map(|o| o.instance_type.as_deref()).collect()
            }
            LaunchSource::LaunchConfiguration(_) | LaunchSource::LaunchTemplate(_) => Vec::new(),
        };
        desired.contains(&member.launched_from) && (types.is_empty() || types.contains(&member.instance_type.as_str()))
    }

    /// Makes the memory of a refresh or rollback that begins now.
    fn set_out(&mut self, origin: BTreeSet<InstanceId>, subjects: BTreeSet<InstanceId>) {
        let work = RefreshWork {
            started_at: self.now,
            restores: false,
            origin,
            subjects,
            failed: BTreeSet::new(),
            failures_in_a_row: 0,
            failed_at: None,
            least_remaining: u32::MAX,
            most_ready: 0,
            checkpoints_reached: 0,
            checkpoint_until: None,
            bake_until: None,
            stalled_since: None,
            cancel_waits: true,
        };
        let census = Census::take(self.group, &self.refresh, &work, self.facts, self.now);
        let live = count(&census.remaining) + count(&census.standby);
        let warm = count(&census.warm);
        let work = RefreshWork { most_ready: count(&census.ready), ..work };
        self.refresh.live = RefreshProgress { total: live, to_update: live };
        self.refresh.warm = self.group.warm_pool.as_ref().map(|_| RefreshProgress { total: warm, to_update: warm });
        self.refresh.work = Some(work);
    }

    /// Counts members and writes down what changed since the last time. Nothing before the refresh has begun.
    fn look(&mut self) -> Option<(RefreshWork, Census<'a>)> {
        let mut work = self.refresh.work.take()?;
        let census = Census::take(self.group, &self.refresh, &work, self.facts, self.now);
        self.refresh.live = census.live(self.refresh.live.total);
        if let Some(warm) = &mut self.refresh.warm {
            warm.to_update = census.warm_to_update().min(warm.total);
        }
        if self.refresh.status == RefreshStatus::InProgress {
            self.pass_checkpoints(&mut work);
        }
        let restoring = self.refresh.rollback.is_some();
        trouble::take_note(&mut work, self.group, &census, restoring, self.now);
        self.refresh.work = Some(work.clone());
        Some((work, census))
    }

    fn pass_checkpoints(&mut self, work: &mut RefreshWork) {
        if let Some(percentage) = checkpoint::advance(&self.refresh, work, self.now) {
            let delay = work.checkpoint_until.map_or(String::new(), |until| format!("; waiting until {until}"));
            self.decide(Outcome::Done, format!("instance refresh reached its checkpoint at {percentage} %{delay}"));
        }
    }

    /// InProgress: trouble, or the end, or on.
    fn replace(&mut self) {
        let Some((work, census)) = self.look() else { return };
        let trouble = trouble::alarm(&self.refresh, self.facts)
            .or_else(|| trouble::bad_version(&work, self.group))
            .or_else(|| trouble::late(&work, self.now));
        if let Some(reason) = trouble {
            return self.fail(reason);
        }
        let last = checkpoint::last_is_reached(&self.refresh, &work);
        let warm_left = self.refresh.warm.is_some_and(|warm| warm.to_update > 0);
        if last && census.surplus() == 0 && !warm_left {
            return self.replaced();
        }
        self.explain(&work, &census);
    }

    /// Everything is replaced.
    fn replaced(&mut self) {
        let bake = Duration::from_secs(self.refresh.preferences.bake_seconds.unwrap_or(0).into());
        if bake.is_zero() {
            return self.succeed();
        }
        let until = self.now.plus(bake);
        if let Some(work) = &mut self.refresh.work {
            work.bake_until = Some(until);
        }
        self.refresh.status = RefreshStatus::Baking;
        self.refresh.status_reason = Some(format!("All instances are replaced; baking until {until}."));
        self.decide(Outcome::Done, format!("all instances are replaced; baking until {until}"));
    }

    /// Baking: alarms and failing instances still count.
    fn bake(&mut self) {
        let Some((work, _)) = self.look() else { return };
        let trouble = trouble::alarm(&self.refresh, self.facts).or_else(|| trouble::bad_version(&work, self.group));
        match (trouble, work.bake_until) {
            (Some(reason), _) => self.fail(reason),
            (None, Some(until)) if until > self.now => {}
            (None, _) => self.succeed(),
        }
    }

    fn succeed(&mut self) {
        self.launch.clone_from(&self.refresh.desired_configuration);
        let skipped = self.refresh.preferences.skip_matching && self.refresh.progress().total == 0;
        let reason = skipped.then(|| "All instances already matched the desired configuration.".to_owned());
        self.end(RefreshStatus::Successful, reason);
    }

    /// It did not work: put back if that was wanted and is possible.
    fn fail(&mut self, reason: String) {
        if !self.refresh.preferences.auto_rollback || self.refresh.reversible().is_err() {
            return self.end(RefreshStatus::Failed, Some(reason));
        }
        self.decide(Outcome::Failed, format!("instance refresh failed and is rolled back: {reason}"));
        self.refresh.roll_back(reason, self.now);
    }

    /// RollbackInProgress: replaces what the refresh launched.
    fn restore(&mut self) {
        self.begin_rollback();
        let Some((work, census)) = self.look() else { return };
        if let Some(reason) = trouble::late(&work, self.now) {
            return self.end(RefreshStatus::RollbackFailed, Some(reason));
        }
        let warm_left = self.refresh.warm.is_some_and(|warm| warm.to_update > 0);
        let done = census.to_update() == 0 && census.remaining.is_empty() && census.surplus() == 0;
        if done && !warm_left {
            self.launch = Some(self.refresh.previous.clone());
            let reason = self.refresh.rollback.as_ref().map(|rollback| rollback.reason.clone());
            return self.end(RefreshStatus::RollbackSuccessful, reason);
        }
        self.explain(&work, &census);
    }

    /// The first decision after a rollback was begun finds what is to be put back.
    fn begin_rollback(&mut self) {
        let Some(rollback) = &self.refresh.rollback else { return };
        let members = || self.group.members.keys().cloned().collect::<BTreeSet<_>>();
        let origin = match &self.refresh.work {
            Some(work) if work.restores => return,
            Some(work) => work.origin.clone(),
            None => members(),
        };
        let reason = rollback.reason.clone();
        let subjects = members().difference(&origin).cloned().collect();
        self.set_out(origin, subjects);
        if let Some(work) = &mut self.refresh.work {
            work.restores = true;
        }
        let total = self.refresh.progress().total;
        self.decide(Outcome::Done, format!("rollback started, {total} instances to put back: {reason}"));
    }

    /// Cancelling: what is under way ends.
    fn wind_up(&mut self) {
        let reason = "Cancelled by its owner.".to_owned();
        let Some((work, census)) = self.look() else {
            return self.end(RefreshStatus::Cancelled, Some(reason));
        };
        let under_way = census.deficit() > 0 || census.surplus() > 0 || !census.waiting.is_empty();
        if work.cancel_waits && under_way && trouble::late(&work, self.now).is_none() {
            return self.explain(&work, &census);
        }
        self.end(RefreshStatus::Cancelled, Some(reason));
    }

    fn explain(&mut self, work: &RefreshWork, census: &Census<'_>) {
        let (reason, blocked) = reason::of(self.group, &self.refresh, work, census);
        if blocked && reason != self.refresh.status_reason {
            self.decide(Outcome::Held, reason.clone().unwrap_or_default());
        }
        self.refresh.status_reason = reason;
    }

    fn end(&mut self, status: RefreshStatus, reason: Option<String>) {
        let outcome = match status {
            RefreshStatus::Failed | RefreshStatus::RollbackFailed => Outcome::Failed,
            RefreshStatus::Successful
            | RefreshStatus::Cancelled
            | RefreshStatus::RollbackSuccessful
            | RefreshStatus::Pending
            | RefreshStatus::InProgress
            | RefreshStatus::Cancelling
            | RefreshStatus::RollbackInProgress
            | RefreshStatus::Baking => Outcome::Done,
        };
        let because = reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
        self.decide(outcome, format!("instance refresh is {}{because}", status.name()));
        self.refresh.status = status;
        self.refresh.status_reason = reason;
        self.refresh.ended_at = Some(self.now);
    }

    fn decide(&mut self, outcome: Outcome, why: String) {
        self.decisions.push(ScalingDecision {
            group: self.group.name.clone(),
            sequence: 0,
            at: self.now,
            last_at: self.now,
            times: 1,
            origin: "instance refresh".to_owned(),
            outcome,
            from: self.group.desired,
            to: self.group.desired,
            why,
        });
    }

    fn finish(self) -> RefreshDecision {
        let (orders, next) = self.orders();
        let launch_override = match (self.refresh.status.is_over(), &self.refresh.rollback) {
            (true, _) => None,
            (false, Some(_)) => Some(self.refresh.previous.clone()),
            (false, None) => self.refresh.desired_configuration.clone(),
        };
        let Self { refresh, launch, decisions, group: _, facts: _, now: _ } = self;
        RefreshDecision { refresh, group_launch: launch, launch_override, orders, decisions, next }
    }

    /// What the fleet does, and when time alone changes that.
    fn orders(&self) -> (Orders, Option<Timestamp>) {
        let (refresh, now) = (&self.refresh, self.now);
        let Some(work) = refresh.work.as_ref().filter(|_| !refresh.status.is_over()) else {
            return (Orders::default(), None);
        };
        let census = Census::take(self.group, refresh, work, self.facts, now);
        let orders = match refresh.status {
            RefreshStatus::InProgress | RefreshStatus::RollbackInProgress
                if self.group.runs(Process::InstanceRefresh) =>
            {
                batch::orders(self.group, refresh, work, &census, now)
            }
            RefreshStatus::InProgress | RefreshStatus::RollbackInProgress | RefreshStatus::Cancelling => {
                batch::hold(self.group, refresh, now)
            }
            RefreshStatus::Pending
            | RefreshStatus::Baking
            | RefreshStatus::Successful
            | RefreshStatus::Failed
            | RefreshStatus::Cancelled
            | RefreshStatus::RollbackFailed
            | RefreshStatus::RollbackSuccessful => Orders::default(),
        };
        let warm = census.warming.iter().map(|(_, at)| *at).min();
        let alarms = (!refresh.preferences.alarms.is_empty()).then(|| now.plus(ALARM_INTERVAL));
        let times = [work.checkpoint_until, work.bake_until, warm, alarms, Some(trouble::deadline(work))];
        (orders, times.into_iter().flatten().filter(|at| *at > now).min())
    }
}
