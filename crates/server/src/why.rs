//! The document behind `goru why GROUP`: why an Auto Scaling group did and did not scale, and what would happen now.
//!
//! The past comes from the decision records. What would happen now is asked of the very decider that decides: each
//! policy is given its alarm's newest value as if the alarm asked for it at this moment.

use model::{
    Scope, Timestamp,
    autoscaling::{
        activity::ScalingActivity,
        capacity::{self, CapacityFacts},
        decision::ScalingDecision,
        group::AutoScalingGroup,
        instance_refresh::InstanceRefresh,
        member::GroupInstance,
        policy::ScalingPolicy,
        scheduled_action::ScheduledAction,
        trigger::PolicyTrigger,
    },
    cloudwatch::{
        alarm::{Alarm, MetricStat, Watched},
        statistics::Periods,
    },
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use store::{Store, View};

/// So many of the newest decisions are shown.
const SHOWN_DECISIONS: usize = 20;
/// How far back, in periods, the newest value of a metric is looked for.
const LOOK_BACK: u32 = 5;

/// The group of that name in any region, explained; `None` when there is none.
pub async fn group(store: &Store, name: &str, now: Timestamp) -> Option<Value> {
    let view = store.view();
    let (scope, group) = view.all::<AutoScalingGroup>().find(|(_, group)| group.name == name)?;
    let prefix = AutoScalingGroup::prefix(name);
    let policies: Vec<Arc<ScalingPolicy>> = view.range(&scope, &prefix).collect();
    let mut explained = Vec::new();
    for policy in &policies {
        explained.push(explain(store, &view, &scope, &group, policy, now).await);
    }
    let decisions: Vec<Arc<ScalingDecision>> = view.range(&scope, &prefix).collect();
    let newest = decisions.iter().rev().take(SHOWN_DECISIONS);
    let activities: Vec<Arc<ScalingActivity>> = view.range(&scope, &prefix).collect();
    // Activities of an earlier group of that name are not this one's.
    let own = activities.iter().filter(|activity| activity.group_arn == group.arn);
    let under_way = own.filter(|activity| !activity.status.is_over());
    let refreshes: Vec<Arc<InstanceRefresh>> = view.range(&scope, &prefix).collect();
    let scheduled: Vec<Arc<ScheduledAction>> = view.range(&scope, &prefix).collect();
    Some(json!({
        "group": name,
        "region": scope.region,
        "now": now.to_string(),
        "minimum": group.minimum,
        "desired": group.desired,
        "maximum": group.maximum,
        "members": group.members.values().map(member).collect::<Vec<_>>(),
        "held_by": held_by(&group, now),
        "policies": explained,
        "scheduled": scheduled.iter().map(|action| json!({
            "name": action.name, "next": action.next_start.to_string(),
        })).collect::<Vec<_>>(),
        "activities": under_way.map(|activity| json!({
            "description": activity.description, "status": activity.status.name(), "since": activity.started_at.to_string(),
        })).collect::<Vec<_>>(),
        "refresh": refreshes.last().filter(|refresh| !refresh.status.is_over()).map(|refresh| json!({
            "id": refresh.id, "status": refresh.status.name(), "reason": refresh.status_reason,
            "percentage": refresh.progress().percentage(),
        })),
        "decisions": newest.map(|decision| shown(decision)).collect::<Vec<_>>(),
    }))
}

fn member(member: &GroupInstance) -> Value {
    json!({
        "id": member.instance_id.as_str(),
        "zone": member.zone,
        "lifecycle": member.lifecycle.name(),
        "healthy": member.unhealthy.is_none(),
        "protected": member.protected,
        "since": member.since.to_string(),
    })
}

fn shown(decision: &ScalingDecision) -> Value {
    json!({
        "at": decision.at.to_string(),
        "last_at": decision.last_at.to_string(),
        "times": decision.times,
        "origin": decision.origin,
        "outcome": decision.outcome,
        "from": decision.from,
        "to": decision.to,
        "why": decision.why,
    })
}

/// What stands in the way of scaling now, whatever asks for it.
fn held_by(group: &AutoScalingGroup, now: Timestamp) -> Vec<String> {
    let mut held: Vec<String> = group
        .suspended
        .iter()
        .map(|(process, why)| format!("process {} is suspended: {why}", process.name()))
        .collect();
    if let Some(failures) = &group.launch_failures {
        let wait = failures.retry_at.since(now).as_secs();
        held.push(format!("launches fail ({} in a row); the next try is in {wait} s", failures.count));
    }
    if let Some(scaling) = &group.simple_scaling {
        let cooldown = Duration::from_secs(scaling.cooldown_seconds.into());
        match scaling.ended_at.map(|end| end.plus(cooldown).since(now).as_secs()) {
            None => held.push(format!("what policy {} began is not at its end", scaling.policy)),
            Some(0) => {}
            Some(left) => held.push(format!("cooldown of policy {}: {left} s left", scaling.policy)),
        }
    }
    if group.deleting.is_some() {
        held.push("the group is being deleted".to_owned());
    }
    held
}

/// A policy with its alarms, and what each would lead to now.
async fn explain(
    store: &Store,
    view: &View,
    scope: &Scope,
    group: &AutoScalingGroup,
    policy: &ScalingPolicy,
    now: Timestamp,
) -> Value {
    let mut alarms = Vec::new();
    let asking = view.list::<Alarm>(scope).filter(|alarm| alarm.actions.all().any(|action| *action == policy.arn));
    for alarm in asking.collect::<Vec<_>>() {
        let value = match &alarm.watched {
            Watched::Metric(stat) => newest(store, scope, stat, now).await,
            // The result of an expression is in the alarm's own reason.
            Watched::Queries(_) => None,
        };
        alarms.push(json!({
            "name": alarm.name,
            "state": alarm.state.value.as_str(),
            "reason": alarm.state.reason,
            "since": alarm.state.transitioned_at.to_string(),
            "watches": watched(&alarm),
            "value": value,
            "would": would(group, policy, &alarm, value, now),
        }));
    }
    json!({ "name": policy.name, "type": policy.kind.name(), "enabled": policy.enabled, "alarms": alarms })
}

fn watched(alarm: &Alarm) -> String {
    let what = match &alarm.watched {
        Watched::Metric(stat) => stat.metric.name.clone(),
        Watched::Queries(_) => "metric math".to_owned(),
    };
    let (needed, periods) = (alarm.needed(), alarm.evaluation_periods);
    let (comparison, threshold, seconds) = (alarm.comparison.as_str(), alarm.threshold, alarm.period_seconds());
    format!("{what} {comparison} {threshold} for {needed} of {periods} periods of {seconds} s")
}

/// The newest value of a metric that a period has.
async fn newest(store: &Store, scope: &Scope, stat: &MetricStat, now: Timestamp) -> Option<f64> {
    let window = Duration::from_secs(u64::try_from(stat.period_seconds).ok()?) * LOOK_BACK;
    let periods = Periods::new(now.minus(window), now, stat.period_seconds, now).ok()?;
    let points = store.metrics().points(scope, &stat.metric, stat.unit.as_deref(), &periods).await.ok()?;
    points.iter().max_by_key(|point| point.at).and_then(|point| point.sample.stat(&stat.stat))
}

/// What the policy would do if the alarm asked for it now.
fn would(
    group: &AutoScalingGroup,
    policy: &ScalingPolicy,
    alarm: &Alarm,
    value: Option<f64>,
    now: Timestamp,
) -> Option<String> {
    let trigger = PolicyTrigger {
        policy_arn: policy.arn.clone(),
        alarm_name: alarm.name.clone(),
        alarm_arn: alarm.arn.clone(),
        threshold: Some(alarm.threshold),
        value,
        at: now,
    };
    let facts = CapacityFacts { policies: vec![policy.clone()], triggers: vec![trigger], scheduled: Vec::new() };
    capacity::decide(group, &facts, now).decisions.first().map(|decision| decision.why.clone())
}
