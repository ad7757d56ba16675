//! The past of a group: decisions and activities, each with its bound, and what stays when the group goes.

use model::{
    Scope, Timestamp,
    autoscaling::{
        activity::{self, ActivityStatus, ScalingActivity},
        decision::{self, ScalingDecision},
        group::AutoScalingGroup,
        instance_refresh::InstanceRefresh,
        lifecycle_hook::LifecycleHook,
        policy::ScalingPolicy,
        scheduled_action::ScheduledAction,
    },
    cloudwatch::{alarm::Alarm, alarm_history::Entry, any_alarm::AnyAlarm},
};
use std::sync::Arc;
use store::{Record, Transaction};

/// Writes a decision down: as a new record, or as a repetition of the newest one.
pub fn decided(txn: &mut Transaction, scope: &Scope, decision: ScalingDecision) {
    let prefix = AutoScalingGroup::prefix(&decision.group);
    let kept: Vec<Arc<ScalingDecision>> = txn.range::<ScalingDecision>(scope, &prefix).collect();
    let (written, forgotten) = decision::added(&kept, decision);
    for id in forgotten {
        txn.delete::<ScalingDecision>(scope, id);
    }
    txn.put(scope, written);
}

/// Forgets the oldest ended activities of a group that has too many.
pub fn prune_activities(txn: &mut Transaction, scope: &Scope, group: &str) {
    let all: Vec<Arc<ScalingActivity>> = txn.range(scope, &AutoScalingGroup::prefix(group)).collect();
    let excess = all.len().saturating_sub(activity::MAXIMUM_KEPT);
    if excess == 0 {
        return;
    }
    let mut over: Vec<&Arc<ScalingActivity>> = all.iter().filter(|activity| activity.status.is_over()).collect();
    over.sort_by_key(|activity| activity.ended_at);
    for old in over.into_iter().take(excess) {
        txn.delete::<ScalingActivity>(scope, old.record_id());
    }
}

/// The group is gone: its records go with it, its activities stay and say so.
pub fn forget_group(txn: &mut Transaction, scope: &Scope, group: &AutoScalingGroup, now: Timestamp) {
    let prefix = AutoScalingGroup::prefix(&group.name);
    let policies: Vec<Arc<ScalingPolicy>> = txn.range(scope, &prefix).collect();
    for policy in &policies {
        for (name, _) in &policy.alarms {
            let found = txn.get::<Alarm>(scope, name);
            if let Some(alarm) = found.filter(|alarm| alarm.managed_by.as_ref() == Some(&policy.arn)) {
                txn.delete::<Alarm>(scope, name);
                let alarm = AnyAlarm::Metric(Box::new(Alarm::clone(&alarm)));
                let deleted = vec![Entry::configuration("deleted", &alarm)];
                crate::alarms::record(txn, scope, &alarm, deleted, now);
            }
        }
    }
    forget::<ScalingPolicy>(txn, scope, &prefix);
    forget::<LifecycleHook>(txn, scope, &prefix);
    forget::<ScheduledAction>(txn, scope, &prefix);
    forget::<InstanceRefresh>(txn, scope, &prefix);
    forget::<ScalingDecision>(txn, scope, &prefix);
    let activities: Vec<Arc<ScalingActivity>> = txn.range(scope, &prefix).collect();
    for activity in activities.iter().filter(|activity| !activity.group_deleted) {
        let mut last = ScalingActivity { group_deleted: true, ..ScalingActivity::clone(activity) };
        if !last.status.is_over() {
            // Its member is gone: what was under way with it is at its end.
            (last.status, last.progress, last.ended_at) = (ActivityStatus::Successful, 100, Some(now));
        }
        txn.put(scope, last);
    }
    txn.delete::<AutoScalingGroup>(scope, &group.name);
}

fn forget<R: Record>(txn: &mut Transaction, scope: &Scope, prefix: &str) {
    let ids: Vec<String> = txn.range::<R>(scope, prefix).map(|record| record.id()).collect();
    for id in ids {
        txn.delete::<R>(scope, id);
    }
}
