//! How a history begins: a group of random size, zones and settings, with random policies.

use super::{START, dice::Dice};
use model::{
    Arn, Scope, Timestamp,
    autoscaling::{
        group::{
            AttachedTargetGroup, AttachmentState, AutoScalingGroup, DeletionProtection, LaunchSource,
            MaintenancePolicy, TerminationPolicy, ZoneDistribution,
        },
        policy::{
            MetricAggregation, PolicyKind, ScalingPolicy, SimplePolicy, StepPolicy, TargetTrackingPolicy,
            metric::{PredefinedMetric, TrackedMetric},
        },
        scheduled_action::{Request, ScheduledAction},
        simulation::{Timing, World},
        step::{Adjustment, AdjustmentType, StepAdjustment},
        target_tracking,
    },
};
use std::time::Duration;

/// The group's name.
const NAME: &str = "web";

pub(super) fn world(dice: &mut Dice, seed: u64) -> World {
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let timing = Timing {
        boot: seconds(dice.between(1, 90)),
        check: seconds(dice.between(1, 10)),
        drain: seconds(dice.between(0, 120)),
        end: seconds(dice.between(1, 10)),
    };
    let mut world = World::new(group(dice), timing, START, seed);
    world.policies = policies(dice);
    world.scheduled = scheduled(dice, &world.group);
    world
}

fn scope() -> Scope {
    Scope::new("123456789012", "eu-west-1")
}

fn arn(resource: &str) -> Arn {
    Arn::new("autoscaling", "eu-west-1", "123456789012", resource)
}

fn group(dice: &mut Dice) -> AutoScalingGroup {
    let minimum = dice.below(4);
    let maximum = minimum + dice.between(1, 9);
    let zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
    let count = usize::try_from(dice.between(1, 3)).unwrap_or(1);
    let elb_health_check = dice.permille(500);
    let maintenance = MaintenancePolicy { minimum_healthy_percentage: 100, maximum_healthy_percentage: 120 };
    let target_group = arn("targetgroup/web/0123456789abcdef");
    let attached = AttachedTargetGroup { arn: target_group, state: AttachmentState::Adding };
    AutoScalingGroup {
        name: NAME.to_owned(),
        arn: arn("autoScalingGroup:u:autoScalingGroupName/web"),
        created_at: START,
        launch: LaunchSource::LaunchConfiguration("web-1".to_owned()),
        minimum,
        maximum,
        desired: dice.between(minimum, maximum),
        capacity_cause: None,
        default_cooldown_seconds: dice.between(0, 300),
        zones: zones[..count].iter().map(|zone| (*zone).to_owned()).collect(),
        subnets: Vec::new(),
        target_groups: if elb_health_check || dice.permille(300) { vec![attached] } else { Vec::new() },
        elb_health_check,
        health_check_grace_seconds: dice.below(120),
        default_instance_warmup_seconds: dice.permille(500).then(|| dice.below(120)),
        termination_policies: termination_policies(dice),
        new_instances_protected: dice.permille(50),
        maximum_instance_lifetime_seconds: None,
        deletion_protection: DeletionProtection::None,
        zone_distribution: if dice.permille(200) {
            ZoneDistribution::BalancedOnly
        } else {
            ZoneDistribution::BalancedBestEffort
        },
        maintenance_policy: dice.permille(300).then_some(maintenance),
        suspended: std::collections::BTreeMap::new(),
        enabled_metrics: std::collections::BTreeSet::new(),
        tags: Vec::new(),
        notifications: std::collections::BTreeMap::new(),
        warm_pool: None,
        context: None,
        service_linked_role_arn: arn("role"),
        retain_on_terminate_hook_abandon: false,
        deleting: None,
        members: std::collections::BTreeMap::new(),
        simple_scaling: None,
        launch_failures: None,
        health_replacements: Vec::new(),
        capacity: Default::default(),
        fleet: Default::default(),
    }
}

fn termination_policies(dice: &mut Dice) -> Vec<TerminationPolicy> {
    use TerminationPolicy::{ClosestToNextInstanceHour, Default, NewestInstance, OldestInstance};
    let all = [Default, OldestInstance, NewestInstance, ClosestToNextInstanceHour];
    dice.one(&all).copied().into_iter().collect()
}

fn policies(dice: &mut Dice) -> Vec<ScalingPolicy> {
    match dice.below(5) {
        0 => vec![simple(dice, "out", 1), simple(dice, "in", -1)],
        1 => vec![steps(dice, "out", true), steps(dice, "in", false)],
        2 => vec![tracking(dice, "one"), tracking(dice, "other")],
        3 => vec![simple(dice, "out", 1), steps(dice, "in", false), tracking(dice, "one")],
        _ => vec![simple(dice, "out-1", 1), simple(dice, "out-2", 2), simple(dice, "in", -1)],
    }
}

fn policy(name: &str, kind: PolicyKind) -> ScalingPolicy {
    match ScalingPolicy::new(&scope(), NAME, name, name, true, kind) {
        Ok(policy) => policy,
        Err(error) => panic!("{name}: {error}"),
    }
}

fn simple(dice: &mut Dice, name: &str, sign: i32) -> ScalingPolicy {
    use AdjustmentType::{ChangeInCapacity, ExactCapacity, PercentChangeInCapacity};
    let size = i32::try_from(dice.between(1, 4)).unwrap_or(1);
    let (adjustment_type, amount) = match dice.below(3) {
        0 => (ChangeInCapacity, size * sign),
        1 => (ExactCapacity, if sign > 0 { size + 2 } else { size - 1 }),
        _ => (PercentChangeInCapacity, size * 25 * sign),
    };
    let adjustment = Adjustment { adjustment_type, amount, minimum_magnitude: None };
    policy(
        name,
        PolicyKind::Simple(SimplePolicy { adjustment, cooldown_seconds: dice.permille(500).then(|| dice.below(400)) }),
    )
}

fn steps(dice: &mut Dice, name: &str, out: bool) -> ScalingPolicy {
    let step = |lower, upper, adjustment| StepAdjustment { lower, upper, adjustment };
    let steps = if out {
        vec![step(Some(0.0), Some(15.0), 1), step(Some(15.0), None, 3)]
    } else {
        vec![step(None, Some(-15.0), -2), step(Some(-15.0), Some(0.0), -1)]
    };
    policy(
        name,
        PolicyKind::Step(StepPolicy {
            adjustment_type: AdjustmentType::ChangeInCapacity,
            steps,
            minimum_magnitude: None,
            aggregation: MetricAggregation::Average,
            warmup_seconds: dice.permille(500).then(|| dice.below(200)),
        }),
    )
}

fn tracking(dice: &mut Dice, name: &str) -> ScalingPolicy {
    let metric = TrackedMetric::Predefined { metric: PredefinedMetric::AverageCpuUtilization, resource_label: None };
    let disable_scale_in = dice.permille(200);
    let warmup_seconds = Some(dice.below(200));
    let target = f64::from(dice.between(40, 60));
    let kind = PolicyKind::TargetTracking(TargetTrackingPolicy { metric, target, disable_scale_in, warmup_seconds });
    let mut policy = policy(name, kind);
    let alarms = target_tracking::alarms(&policy, &scope(), START, &mut crate::CountedIds::seeded(5));
    policy.alarms = alarms.iter().map(|alarm| (alarm.name.clone(), alarm.arn.clone())).collect();
    policy
}

fn scheduled(dice: &mut Dice, group: &AutoScalingGroup) -> Vec<ScheduledAction> {
    let count = dice.below(3);
    let mut action = |number: u32| {
        let minute = dice.between(1, 59);
        let once: Timestamp = START.plus(Duration::from_secs(u64::from(minute) * 60));
        let recurrence = format!("{minute} * * * *");
        let desired = Some(dice.between(group.minimum, group.maximum + 1));
        let recurs = dice.permille(300);
        let request = Request {
            start: (!recurs).then_some(once),
            recurrence: recurs.then_some(recurrence.as_str()),
            desired,
            ..Request::default()
        };
        ScheduledAction::new(&scope(), NAME, &format!("action-{number}"), "u", &request, START).ok()
    };
    (0..count).filter_map(&mut action).collect()
}
