//! Keeps true that every group has as many healthy members as it should, and that its capacity follows its policies.
//!
//! For each group three deciders of `model::autoscaling` run one after the other over one view: [`capacity`] (how many),
//! [`refresh`] (which are to be replaced) and [`fleet`] (what each member does next). They run a first time to see
//! whether there is anything to do, and a second time inside the transaction that writes what they decide: instances,
//! targets, activities, notifications and decision records together, so that nothing is done twice or half.

mod apply;
mod attention;
mod facts;
mod history;
pub mod launch;
mod notices;

use crate::controller::{Context, Controller, ControllerError, Next};
use apply::{Occupied, World};
use attention::Attention;
use launch::Resolved;
use model::{
    Arn, IdSource, Scope, Timestamp,
    autoscaling::{
        capacity::{self, CapacityDecision, CapacityFacts},
        fleet::{self, Orders},
        group::{AutoScalingGroup, LaunchedFrom},
        instance_refresh::InstanceRefresh,
        policy::ScalingPolicy,
        refresh::{self, RefreshDecision, RefreshFacts},
        scheduled_action::ScheduledAction,
        trigger::PolicyTrigger,
    },
    cloudwatch::{
        alarm::{Alarm, StateValue},
        composite_alarm::CompositeAlarm,
    },
    ec2::image::Image,
    elbv2::{listener::Listener, plan::groups_in_use, rule::Rule},
    event::Event,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    sync::Arc,
};
use store::{Kind, Record, Transaction, View};
use tokio::sync::watch;

/// Groups that are written in one transaction at the most.
const BATCH: usize = 50;

/// The controller.
pub struct AutoScaling {
    images: watch::Receiver<Vec<Image>>,
    ids: fn() -> u64,
    attention: Attention,
}

impl AutoScaling {
    /// Launches these images; `ids` gives numbers that were not handed out before.
    pub fn new(images: watch::Receiver<Vec<Image>>, ids: fn() -> u64) -> Self {
        Self { images, ids, attention: Attention::default() }
    }
}

/// What the deciders say of one group.
struct Decided {
    capacity: CapacityDecision,
    /// The refresh under way, and what becomes of it.
    refresh: Option<(Arc<InstanceRefresh>, RefreshDecision)>,
    resolved: Result<Resolved, String>,
    fleet: fleet::Decision,
    next: Option<Timestamp>,
}

impl Controller for AutoScaling {
    const NAME: &'static str = "auto-scaling";
    const INTERESTS: &'static [Kind] = &[
        Kind::AutoScalingGroup,
        Kind::LaunchConfiguration,
        Kind::LaunchTemplate,
        Kind::LifecycleHook,
        Kind::ScalingPolicy,
        Kind::ScheduledAction,
        Kind::InstanceRefresh,
        Kind::PolicyTrigger,
        Kind::Instance,
        Kind::Target,
        Kind::Subnet,
        Kind::Listener,
        Kind::Rule,
    ];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        // observe
        let view = cx.store.view();
        let now = cx.clock.now();
        let images = self.images.borrow().clone();
        let in_use = in_use(&view);
        let triggers = triggers(&view);
        let due = self.attention.due(&view, now);
        // decide
        let mut busy = Vec::new();
        for (scope, group) in view.all::<AutoScalingGroup>() {
            let name = (scope, group.name.clone());
            if !due.contains(&name) {
                continue;
            }
            let asked = triggers.get(&name).cloned().unwrap_or_default();
            let decided = decide(&view, &name.0, &group, asked, &in_use, now, &mut self.ids);
            if decided.changes(&group) {
                self.attention.keep(name.clone());
                busy.push(name);
            } else if let Some(at) = decided.next {
                self.attention.look_again(name, at);
            }
        }
        let orphans = orphans(&view, &triggers);
        // act
        for batch in busy.chunks(BATCH) {
            let seed = (self.ids)();
            let write = |txn: &mut Transaction| -> Result<(), Infallible> {
                let mut ids = seeded(seed);
                let mut occupied = Occupied::new();
                for (scope, name) in batch {
                    let world = World { scope, images: &images, in_use: &in_use, now };
                    advance(txn, &world, name, &mut occupied, &mut ids);
                }
                Ok(())
            };
            cx.store.transact(write).await.map_err(|error| ControllerError::of("writing groups", error))?;
        }
        if !orphans.is_empty() {
            forget_triggers(cx, &orphans).await?;
        }
        // What was changed is looked at again: the change itself wakes this controller.
        Ok(Next::earliest(self.attention.next()))
    }
}

/// Ids for one transaction: its closure may run twice and then draws the same ones.
fn seeded(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        // SplitMix64: well spread numbers from a counter.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn in_use(view: &View) -> BTreeSet<Arn> {
    let listeners: Vec<Arc<Listener>> = view.all::<Listener>().map(|(_, listener)| listener).collect();
    let rules: Vec<Arc<Rule>> = view.all().map(|(_, record)| record).collect();
    let used = groups_in_use(listeners.iter().map(|listener| &**listener), rules.iter().map(|rule| &**rule));
    used.into_keys().cloned().collect()
}

type Triggers = BTreeMap<(Scope, String), Vec<Arc<PolicyTrigger>>>;

/// The wishes of alarms by group.
fn triggers(view: &View) -> Triggers {
    let mut by_group = Triggers::new();
    for (scope, trigger) in view.all::<PolicyTrigger>() {
        let group = ScalingPolicy::group_of(&trigger.policy_arn).unwrap_or_default().to_owned();
        by_group.entry((scope, group)).or_default().push(trigger);
    }
    by_group
}

/// Wishes that no group will ever answer.
fn orphans(view: &View, triggers: &Triggers) -> Vec<(Scope, String)> {
    let of_nobody = |(scope, group): &&(Scope, String)| !view.contains::<AutoScalingGroup>(scope, group);
    let keys = triggers.keys().filter(of_nobody);
    keys.flat_map(|key| triggers[key].iter().map(|trigger| (key.0.clone(), trigger.id()))).collect()
}

async fn forget_triggers(cx: &Context, orphans: &[(Scope, String)]) -> Result<(), ControllerError> {
    let forget = |txn: &mut Transaction| -> Result<(), Infallible> {
        for (scope, id) in orphans {
            txn.delete::<PolicyTrigger>(scope, id);
        }
        Ok(())
    };
    cx.store.transact(forget).await.map_err(|error| ControllerError::of("forgetting triggers", error))
}

/// One step of one group in a transaction.
fn advance(txn: &mut Transaction, world: &World<'_>, name: &str, occupied: &mut Occupied, ids: &mut dyn IdSource) {
    let Some(group) = txn.get::<AutoScalingGroup>(world.scope, name) else { return };
    let asked = txn.list::<PolicyTrigger>(world.scope);
    let asked = asked.filter(|trigger| ScalingPolicy::group_of(&trigger.policy_arn) == Some(name)).collect();
    let decided = decide(txn.view(), world.scope, &group, asked, world.in_use, world.now, ids);
    if !decided.changes(&group) {
        return;
    }
    let Decided { capacity, refresh, resolved, fleet, next: _ } = decided;
    write_capacity(txn, world, &group, capacity);
    if let Some((_, refresh)) = refresh {
        for decision in refresh.decisions {
            history::decided(txn, world.scope, decision);
        }
        put_if_changed(txn, world.scope, refresh.refresh);
    }
    let mut next = fleet.group;
    if apply::effects(txn, world, &mut next, &resolved, fleet.effects, occupied, ids) {
        put_if_changed(txn, world.scope, next);
    }
}

fn write_capacity(txn: &mut Transaction, world: &World<'_>, before: &AutoScalingGroup, capacity: CapacityDecision) {
    for trigger in &capacity.consumed {
        txn.delete::<PolicyTrigger>(world.scope, trigger.id());
    }
    for action in capacity.changed_actions {
        put_if_changed(txn, world.scope, action);
    }
    for action in &capacity.removed_actions {
        txn.delete::<ScheduledAction>(world.scope, action.id());
    }
    if capacity.desired != before.desired {
        let cause = capacity.cause.as_ref().map_or("", |cause| &cause.text);
        txn.append_event(Event {
            at: world.now,
            scope: world.scope.clone(),
            subject: before.name.clone(),
            what: "desired-capacity-changed".to_owned(),
            message: format!("{} -> {}: {cause}", before.desired, capacity.desired),
        });
    }
    for decision in capacity.decisions {
        history::decided(txn, world.scope, decision);
    }
}

fn put_if_changed<R: Record>(txn: &mut Transaction, scope: &Scope, record: R) {
    if txn.get::<R>(scope, record.id()).as_deref() != Some(&record) {
        txn.put(scope, record);
    }
}

/// Runs the deciders over one view.
fn decide(
    view: &View,
    scope: &Scope,
    group: &Arc<AutoScalingGroup>,
    triggers: Vec<Arc<PolicyTrigger>>,
    in_use: &BTreeSet<Arn>,
    now: Timestamp,
    ids: &mut dyn IdSource,
) -> Decided {
    let prefix = AutoScalingGroup::prefix(&group.name);
    let capacity_facts = CapacityFacts {
        policies: view.range::<ScalingPolicy>(scope, &prefix).map(|policy| ScalingPolicy::clone(&policy)).collect(),
        triggers: triggers.iter().map(|trigger| PolicyTrigger::clone(trigger)).collect(),
        scheduled: view
            .range::<ScheduledAction>(scope, &prefix)
            .map(|action| ScheduledAction::clone(&action))
            .collect(),
    };
    let capacity = capacity::decide(group, &capacity_facts, now);
    let mut next_group = AutoScalingGroup::clone(group);
    capacity.apply_to(&mut next_group);
    let mut resolved = launch::resolve(view, scope, &next_group.launch);
    let mut facts = facts::fleet(view, scope, &next_group, preferred(&resolved), in_use);
    let refresh = active_refresh(view, scope, &prefix).map(|active| {
        let wanted = active.desired_configuration.as_ref().unwrap_or(&next_group.launch);
        let desired = launch::resolve(view, scope, wanted).map(|resolved| resolved.sources());
        let facts = RefreshFacts { fleet: &facts, alarms: alarms(view, scope, &active), desired };
        let decision = refresh::decide(&next_group, &active, &facts, now);
        (active, decision)
    });
    let mut orders = Orders::default();
    if let Some((_, refresh)) = &refresh {
        orders = refresh.orders.clone();
        if let Some(launch) = &refresh.group_launch {
            next_group.launch = launch.clone();
        }
        let source = refresh.launch_override.as_ref().unwrap_or(&next_group.launch);
        resolved = launch::resolve(view, scope, source);
        facts.launch = Some(preferred(&resolved));
    }
    let fleet = fleet::decide(&next_group, &facts, &orders, now, ids);
    let wishes = [capacity.next, refresh.as_ref().and_then(|(_, refresh)| refresh.next), fleet.next];
    Decided { next: wishes.into_iter().flatten().min(), capacity, refresh, resolved, fleet }
}

fn active_refresh(view: &View, scope: &Scope, prefix: &str) -> Option<Arc<InstanceRefresh>> {
    view.range::<InstanceRefresh>(scope, prefix).find(|refresh| !refresh.status.is_over())
}

/// The states of the alarms that a refresh watches; those that do not exist are absent.
fn alarms(view: &View, scope: &Scope, refresh: &InstanceRefresh) -> BTreeMap<String, StateValue> {
    let metric = |name: &String| Some(view.get::<Alarm>(scope, name)?.state.value);
    let composite = |name: &String| Some(view.get::<CompositeAlarm>(scope, name)?.state.value);
    let state = |name: &String| Some((name.clone(), metric(name).or_else(|| composite(name))?));
    refresh.preferences.alarms.iter().filter_map(state).collect()
}

fn preferred(resolved: &Result<Resolved, String>) -> Result<LaunchedFrom, String> {
    resolved.as_ref().map(Resolved::preferred).map_err(String::clone)
}

impl Decided {
    /// Whether there is anything to write.
    fn changes(&self, group: &AutoScalingGroup) -> bool {
        let Self { capacity, refresh, resolved: _, fleet, next: _ } = self;
        fleet.group != *group
            || !fleet.effects.is_empty()
            || !capacity.consumed.is_empty()
            || !capacity.decisions.is_empty()
            || !capacity.changed_actions.is_empty()
            || !capacity.removed_actions.is_empty()
            || refresh.as_ref().is_some_and(|(before, after)| after.refresh != **before || !after.decisions.is_empty())
    }
}
