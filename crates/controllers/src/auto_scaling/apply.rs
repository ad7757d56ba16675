//! ACT: what was decided becomes records, all in the transaction that decided it.

use super::{
    history,
    launch::{self, Resolved},
    notices,
};
use model::{
    Arn, IdSource, Scope, Timestamp,
    autoscaling::{
        activity::{ActivityStatus, ScalingActivity},
        fleet::{self, Effect, LaunchOrder, Notice},
        group::AutoScalingGroup,
    },
    ec2::{
        image::Image,
        instance::{Instance, InstanceState},
        launch::{AUTO_SCALING_GROUP_TAG, Occupancy},
        power::user_initiated,
    },
    elbv2::{
        registration::{self, Deregistered},
        target::{Target, TargetId, TargetKey},
        target_group::TargetGroup,
    },
    event::Event,
    id::InstanceId,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use store::{Transaction, target_id, target_id_prefix};

/// What effects need beside the group.
pub struct World<'a> {
    /// Whose group it is.
    pub scope: &'a Scope,
    /// The images of the configuration.
    pub images: &'a [Image],
    /// Target groups that a listener sends requests to.
    pub in_use: &'a BTreeSet<Arn>,
    /// The present moment.
    pub now: Timestamp,
}

/// What is taken up in each region, gathered at the first launch of a transaction and kept up to date through it: a
/// thousand launches must not look at all instances a thousand times. What its terminations free is free for the next one.
pub type Occupied = BTreeMap<Scope, Occupancy>;

/// Carries out the effects of a decision; `group` is what was decided, and is written by the caller unless it is gone.
/// Gives whether the group still exists.
pub fn effects(
    txn: &mut Transaction,
    world: &World<'_>,
    group: &mut AutoScalingGroup,
    resolved: &Result<Resolved, String>,
    effects: Vec<Effect>,
    occupied: &mut Occupied,
    ids: &mut dyn IdSource,
) -> bool {
    for effect in effects {
        match effect {
            Effect::Launch(order) => launch(txn, world, group, resolved, order, occupied, ids),
            Effect::Terminate(id) => {
                edit(txn, world.scope, &id, |instance| {
                    if !ends(instance.state) {
                        instance.ask_to_terminate(false, user_initiated(), world.now);
                    }
                });
            }
            Effect::Start(id) => edit(txn, world.scope, &id, |instance| {
                if instance.state == InstanceState::Stopped {
                    instance.ask_to_start(world.now);
                }
            }),
            Effect::Stop(id) => edit(txn, world.scope, &id, |instance| {
                if matches!(instance.state, InstanceState::Pending | InstanceState::Running) {
                    instance.ask_to_stop(false, user_initiated(), world.now);
                }
            }),
            Effect::Release(id) => edit(txn, world.scope, &id, |instance| {
                instance.auto_scaling_group = None;
                instance.tags.0.remove(AUTO_SCALING_GROUP_TAG);
            }),
            Effect::Register(id, target_group) => register(txn, world, &id, &target_group),
            Effect::Deregister(id, target_group) => deregister(txn, world, &id, &target_group),
            Effect::Activity(activity) => put_activity(txn, world, activity),
            Effect::Notify(notice) => notices::tell(txn, world.scope, group, &notice, world.now, ids),
            Effect::Decide(decision) => history::decided(txn, world.scope, decision),
            Effect::DeleteGroup => {
                history::forget_group(txn, world.scope, group, world.now);
                return false;
            }
        }
    }
    true
}

fn launch(
    txn: &mut Transaction,
    world: &World<'_>,
    group: &mut AutoScalingGroup,
    resolved: &Result<Resolved, String>,
    order: LaunchOrder,
    occupied: &mut Occupied,
    ids: &mut dyn IdSource,
) {
    let (scope, images, now) = (world.scope, world.images, world.now);
    let occupancy = occupied.entry(scope.clone()).or_insert_with(|| Occupancy::of(txn.list(scope), txn.list(scope)));
    let made = resolved
        .as_ref()
        .map_err(String::clone)
        .and_then(|resolved| launch::instance(txn.view(), scope, images, occupancy, group, resolved, &order, now, ids));
    match made {
        Ok((from, instance)) => {
            occupancy.add(&instance);
            let activity = fleet::launched(group, order, &instance, from, world.now);
            txn.put(world.scope, instance);
            put_activity(txn, world, activity);
        }
        Err(error) => {
            let (activity, notice): (ScalingActivity, Notice) = fleet::launch_failed(group, order, &error, world.now);
            put_activity(txn, world, activity);
            notices::tell(txn, world.scope, group, &notice, world.now, ids);
        }
    }
}

const fn ends(state: InstanceState) -> bool {
    match state {
        InstanceState::ShuttingDown | InstanceState::Terminated => true,
        InstanceState::Pending | InstanceState::Running | InstanceState::Stopping | InstanceState::Stopped => false,
    }
}

fn edit(txn: &mut Transaction, scope: &Scope, id: &InstanceId, change: impl FnOnce(&mut Instance)) {
    let Some(instance) = txn.get::<Instance>(scope, id) else { return };
    let mut changed = Instance::clone(&instance);
    change(&mut changed);
    if changed != *instance {
        txn.put(scope, changed);
    }
}

fn register(txn: &mut Transaction, world: &World<'_>, id: &InstanceId, target_group: &Arn) {
    let Some(group) = txn.get::<TargetGroup>(world.scope, target_group.to_string()) else { return };
    let key = TargetKey { id: TargetId::Instance(id.clone()), port: group.port };
    let old = txn.get::<Target>(world.scope, target_id(target_group, &key));
    if let Some(target) = registration::register(target_group, &key, old.as_deref(), world.now) {
        tell(txn, world, &format!("{} {key}", group.name), "target-registered", "health checks will begin".to_owned());
        txn.put(world.scope, target);
    }
}

/// On every port: its owner may have registered it on others besides.
fn deregister(txn: &mut Transaction, world: &World<'_>, id: &InstanceId, target_group: &Arn) {
    let target_id_of = TargetId::Instance(id.clone());
    let prefix = target_id_prefix(target_group);
    let targets: Vec<Arc<Target>> =
        txn.range::<Target>(world.scope, &prefix).filter(|target| target.key.id == target_id_of).collect();
    let name = target_group.resource_parts().get(1).map_or("", |name| *name).to_owned();
    for target in targets {
        let subject = format!("{name} {}", target.key);
        match registration::deregister(&target, world.in_use.contains(target_group), world.now) {
            None => {}
            Some(Deregistered::Drains(draining)) => {
                tell(txn, world, &subject, "target-draining", "it was deregistered".to_owned());
                txn.put(world.scope, draining);
            }
            Some(Deregistered::Gone) => {
                tell(txn, world, &subject, "target-deregistered", "no listener uses its target group".to_owned());
                txn.delete::<Target>(world.scope, target_id(target_group, &target.key));
            }
        }
    }
}

/// Writes an activity; its beginning and its end are events too.
fn put_activity(txn: &mut Transaction, world: &World<'_>, activity: ScalingActivity) {
    let before = txn.get::<ScalingActivity>(world.scope, activity.record_id());
    if before.as_deref() == Some(&activity) {
        return;
    }
    if before.is_none() || activity.status.is_over() {
        let what = match activity.status {
            ActivityStatus::Failed => "scaling-activity-failed",
            ActivityStatus::Cancelled => "scaling-activity-cancelled",
            ActivityStatus::Successful => "scaling-activity-successful",
            ActivityStatus::PreInService
            | ActivityStatus::InProgress
            | ActivityStatus::WaitingForELBConnectionDraining
            | ActivityStatus::MidLifecycleAction
            | ActivityStatus::WaitingForInstanceWarmup => "scaling-activity-started",
        };
        let detail = activity.status_message.clone().filter(|_| activity.status.is_over());
        let message =
            detail.map_or_else(|| activity.description.clone(), |detail| format!("{}: {detail}", activity.description));
        tell(txn, world, &activity.group, what, message);
    }
    let is_new = before.is_none();
    let group = activity.group.clone();
    txn.put(world.scope, activity);
    if is_new {
        history::prune_activities(txn, world.scope, &group);
    }
}

fn tell(txn: &mut Transaction, world: &World<'_>, subject: &str, what: &str, message: String) {
    txn.append_event(Event {
        at: world.now,
        scope: world.scope.clone(),
        subject: subject.to_owned(),
        what: what.to_owned(),
        message,
    });
}
