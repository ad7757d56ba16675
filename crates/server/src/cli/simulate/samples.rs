//! A document, a timeline and a report for tests: five minutes of a group of one that should have become two.

use super::report::Report;
use crate::simulate::{Document, Headcount, Series};
use model::{
    Scope, Timestamp,
    autoscaling::{
        decision::{Outcome, ScalingDecision},
        policy::metric::PredefinedMetric,
        simulation::{Minute, Timeline, Totals},
    },
};
use serde_json::json;
use std::time::Duration;

const LOADS: [f64; 4] = [60.0, 160.0, 160.0, 90.0];

fn at(minute: u64) -> Timestamp {
    Timestamp::from_seconds(1_795_176_000).plus(Duration::from_secs(60 * minute))
}

/// What a server would say.
pub fn document() -> Document {
    let stat = PredefinedMetric::AverageCpuUtilization.stat("web", None);
    let headcounts = (0..4).map(|minute| Headcount { at: at(minute), serving: 1.0, in_service: 1, members: 1 });
    let points = (0..4).zip([60.0, 100.0, 80.0, 60.0]).map(|(minute, value)| (at(minute), value));
    Document {
        scope: Scope::new("123456789012", "eu-west-1"),
        now: at(60),
        from: at(0),
        to: at(4),
        group: serde_json::from_value(group()).unwrap(),
        policies: Vec::new(),
        alarms: Vec::new(),
        scheduled: Vec::new(),
        series: vec![Series { metric: stat.metric, stat: stat.stat, period_seconds: 60, points: points.collect() }],
        headcounts: headcounts.collect(),
        desired_at_start: 1,
        headcount_source: "scaling activities".into(),
        actions: 0,
        incomplete: false,
        launch_seconds: None,
        drain_seconds: 0,
    }
}

fn group() -> serde_json::Value {
    json!({
        "name": "web",
        "arn": "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:u:autoScalingGroupName/web",
        "created_at": 0, "launch": {"launch-configuration": "web-1"}, "minimum": 1, "maximum": 3, "desired": 1,
        "capacity_cause": null, "default_cooldown_seconds": 300, "zones": ["eu-west-1a", "eu-west-1b"], "subnets": [],
        "target_groups": [], "elb_health_check": false, "health_check_grace_seconds": 0,
        "default_instance_warmup_seconds": null, "termination_policies": [], "new_instances_protected": false,
        "maximum_instance_lifetime_seconds": null, "deletion_protection": "none",
        "zone_distribution": "balanced-best-effort", "maintenance_policy": null, "suspended": {},
        "enabled_metrics": [], "tags": [], "notifications": {}, "warm_pool": null, "context": null,
        "service_linked_role_arn": "arn:aws:iam::123456789012:role/r", "retain_on_terminate_hook_abandon": false,
        "deleting": null, "members": {}, "simple_scaling": null, "launch_failures": null,
    })
}

/// What a simulation would say.
pub fn timeline() -> Timeline {
    let desired = [1, 2, 2, 2];
    let in_service = [1, 1, 2, 2];
    let metrics = [60.0, 100.0, 80.0, 45.0];
    let minutes = (0..4_usize).zip(1..).map(|(position, end)| Minute {
        at: at(end),
        load: LOADS[position],
        metric: Some(metrics[position]),
        desired: desired[position],
        in_service: in_service[position],
        running: in_service[position],
    });
    let decision = |outcome, from, to, times| ScalingDecision {
        group: "web".into(),
        sequence: 0,
        at: at(2),
        last_at: at(3),
        times,
        origin: "out".into(),
        outcome,
        from,
        to,
        why: "alarm high: 100 > 70".into(),
    };
    Timeline {
        minutes: minutes.collect(),
        decisions: vec![decision(Outcome::Done, 1, 2, 1), decision(Outcome::Cooldown, 2, 3, 3)],
        totals: Totals {
            threshold: Some(70.0),
            minutes_over_threshold: 1,
            minutes_without_service: 0,
            instance_hours: 0.1,
            actions: 1,
            least: 1,
            most: 2,
        },
    }
}

/// Both.
pub fn report() -> Report {
    let stat = PredefinedMetric::AverageCpuUtilization.stat("web", None);
    Report::new(&document(), Some(&stat), &timeline(), Duration::from_millis(3))
}
