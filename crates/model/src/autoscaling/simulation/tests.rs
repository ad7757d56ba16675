//! Days in virtual time.

use super::*;
use crate::{
    Arn, Scope, Tags,
    autoscaling::{
        group::SimpleScaling,
        member::{GroupInstance, LifecycleState},
        membership::samples,
        policy::{
            PolicyKind, SimplePolicy, TargetTrackingPolicy,
            metric::{PredefinedMetric, TrackedMetric},
        },
        step::{Adjustment, AdjustmentType},
        target_tracking,
    },
    cloudwatch::alarm::{Actions, AlarmState, Watched},
};

const TIMING: Timing = Timing {
    boot: Duration::from_secs(20),
    check: Duration::from_secs(5),
    drain: Duration::from_secs(30),
    end: Duration::from_secs(2),
};
const DAY: i64 = 86_400;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_176_000 + seconds)
}

fn scope() -> Scope {
    Scope::new("123456789012", "eu-west-1")
}

fn group(minimum: u32, maximum: u32, desired: u32) -> AutoScalingGroup {
    let mut group = samples::group(minimum, maximum, desired);
    for n in 0..desired {
        let instance_id: crate::id::InstanceId = format!("i-{n:017x}").parse().unwrap();
        let zone = group.zones[n as usize % 2].clone();
        let member =
            GroupInstance { instance_id: instance_id.clone(), zone, ..samples::member(0, LifecycleState::InService) };
        group.members.insert(instance_id, member);
    }
    group
}

fn exact(name: &str, capacity: i32) -> ScalingPolicy {
    let adjustment =
        Adjustment { adjustment_type: AdjustmentType::ExactCapacity, amount: capacity, minimum_magnitude: None };
    let kind = PolicyKind::Simple(SimplePolicy { adjustment, cooldown_seconds: None });
    ScalingPolicy::new(&scope(), "web", name, name, true, kind).unwrap()
}

fn alarm(name: &str, comparison: ComparisonOperator, threshold: f64, policy: &Arn) -> Alarm {
    let metric = PredefinedMetric::AverageCpuUtilization.stat("web", None);
    Alarm {
        arn: Alarm::arn_of(&scope(), name),
        name: name.to_owned(),
        description: None,
        actions_enabled: true,
        actions: Actions { alarm: vec![policy.clone()], ..Actions::default() },
        watched: Watched::Metric(metric),
        evaluation_periods: 1,
        datapoints_to_alarm: None,
        comparison,
        threshold,
        treat_missing_data: None,
        low_sample_count: None,
        managed_by: None,
        tags: Tags::default(),
        configured_at: at(0),
        state: AlarmState::initial(at(0)),
    }
}

/// The tutorial's group: above 70 per cent three instances, at 30 and below one.
fn tutorial(load: Vec<(Timestamp, f64)>, seconds: i64) -> Simulation {
    let (out, inward) = (exact("out", 3), exact("in", 1));
    let high = alarm("AlarmHigh", ComparisonOperator::GreaterThanThreshold, 70.0, &out.arn);
    let low = alarm("AlarmLow", ComparisonOperator::LessThanOrEqualToThreshold, 30.0, &inward.arn);
    Simulation {
        group: group(1, 3, 1),
        policies: vec![out, inward],
        alarms: vec![high, low],
        scheduled: Vec::new(),
        load,
        metric_maximum: Some(100.0),
        timing: TIMING,
        from: at(0),
        to: at(seconds),
    }
}

#[test]
fn the_tutorials_group_grows_to_three_and_shrinks_to_one() {
    let timeline = simulate(&tutorial(vec![(at(0), 40.0), (at(600), 150.0), (at(1800), 20.0)], 3600));
    let capacity = |minute: usize| timeline.minutes[minute - 1].desired;
    assert_eq!([9, 10, 12, 30, 32, 60].map(capacity), [1, 1, 3, 3, 1, 1]);
    let done: Vec<&str> = timeline.done().map(|decision| decision.why.as_str()).collect();
    assert_eq!(done[0], "alarm AlarmHigh: 100 > 70; ExactCapacity 3; 1 -> 3");
    assert!(done[1].starts_with("alarm AlarmLow: 6.6"), "{done:?}");
    assert_eq!((timeline.totals.actions, timeline.totals.least, timeline.totals.most), (2, 1, 3));
    assert_eq!(timeline.totals.minutes_over_threshold, 1, "{:?}", &timeline.minutes[..14]);
    let hours = timeline.totals.instance_hours;
    assert!((1.6..1.8).contains(&hours), "{hours}: one hour of one, twenty minutes of two more");
}

#[test]
fn an_alarm_that_flaps_for_a_day_acts_once_per_cooldown_at_most() {
    // Around both thresholds, from minute to minute and without any regularity.
    let mut noise = 7_u64;
    let mut load = Vec::new();
    for minute in 0..DAY / 60 {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let level = if (minute / 7) % 2 == 0 { 70.0 } else { 30.0 };
        let jitter = f64::from(u32::try_from(noise >> 40 & 0xff).unwrap()) / 128.0 - 1.0;
        load.push((at(minute * 60), level + jitter));
    }
    let simulation = tutorial(load, DAY);
    let timeline = simulate(&simulation);
    assert_eq!(timeline.minutes.len(), 1440);
    assert!(timeline.minutes.iter().all(|minute| (1..=3).contains(&minute.desired)));
    let times: Vec<Timestamp> = timeline.done().filter(|one| one.from != one.to).map(|one| one.at).collect();
    let cooldown = Duration::from_secs(300);
    assert!(times.windows(2).all(|pair| pair[1].since(pair[0]) >= cooldown), "{times:?}");
    assert!(times.len() > 20, "it flaps: {}", times.len());
    assert_eq!(timeline.totals.actions as usize, times.len());
    assert!(timeline.decisions.iter().any(|one| one.outcome == Outcome::Cooldown));
}

fn tracked(simulation: Simulation, target: f64) -> Simulation {
    let metric = TrackedMetric::Predefined { metric: PredefinedMetric::AverageCpuUtilization, resource_label: None };
    let kind = TargetTrackingPolicy { metric, target, disable_scale_in: false, warmup_seconds: Some(60) };
    let mut policy = ScalingPolicy::new(&scope(), "web", "cpu", "cpu", true, PolicyKind::TargetTracking(kind)).unwrap();
    let mut ids = || 9;
    let alarms = target_tracking::alarms(&policy, &scope(), at(0), &mut ids);
    policy.alarms = alarms.iter().map(|alarm| (alarm.name.clone(), alarm.arn.clone())).collect();
    Simulation { policies: vec![policy], alarms, ..simulation }
}

#[test]
fn a_day_of_target_tracking_follows_the_load_and_takes_few_steps() {
    // From 60 at night to 900 in the afternoon and back, over the hours.
    let hours = [
        60, 60, 60, 60, 60, 90, 150, 300, 450, 600, 700, 780, 850, 900, 900, 860, 800, 700, 600, 450, 300, 200, 120, 60,
    ];
    let load = hours.iter().zip(0..).map(|(load, hour)| (at(hour * 3600), f64::from(*load))).collect();
    let simulation = tracked(Simulation { group: group(1, 20, 2), ..tutorial(load, DAY) }, 50.0);
    let timeline = simulate(&simulation);
    assert_eq!(timeline, simulate(&simulation), "the same simulation gives the same timeline");
    // Minutes 40 to 60 of each hour: it has settled.
    for (hour, load) in hours.iter().enumerate() {
        let minute = timeline.minutes[hour * 60 + 59];
        let needed = target_tracking::needed(1, f64::from(*load), 50.0);
        assert!(minute.desired >= needed, "hour {hour}: {minute:?}");
        assert!(minute.desired <= needed + 1 + needed / 9, "hour {hour}: {minute:?}, {needed} needed");
    }
    assert!(timeline.totals.actions < 40, "{:?}", timeline.totals);
    assert!(timeline.totals.minutes_over_threshold < 100, "{:?}", timeline.totals);
}

#[test]
fn members_that_are_there_go_on_and_cooldowns_of_before_count() {
    let mut simulation = tutorial(vec![(at(0), 150.0)], 900);
    simulation.group.simple_scaling =
        Some(SimpleScaling { policy: "in".into(), at: at(-10), cooldown_seconds: 300, ended_at: Some(at(0)) });
    let timeline = simulate(&simulation);
    let first = timeline.done().next().unwrap().at;
    assert_eq!(first, at(300), "{:?}", timeline.decisions);
    let nothing = simulate(&Simulation { to: at(0), ..simulation });
    assert_eq!((nothing.minutes.len(), nothing.decisions.len()), (0, 0));
}
