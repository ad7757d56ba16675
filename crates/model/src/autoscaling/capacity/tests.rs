//! The rules of scaling, rule by rule.

use super::*;
use crate::{
    Arn, Scope,
    autoscaling::{
        member::{GroupInstance, LifecycleState},
        membership::samples,
        policy::{
            MetricAggregation, PolicyKind, SimplePolicy, StepPolicy, TargetTrackingPolicy,
            metric::{PredefinedMetric, TrackedMetric},
            predictive::{
                BreachBehavior, Forecast, ForecastHour, MetricPair, PredictiveMetrics, PredictiveMode, PredictivePolicy,
            },
        },
        process::Process,
        scheduled_action::Request,
        step::{Adjustment, AdjustmentType, StepAdjustment},
    },
};

const NOW: i64 = 1_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn scope() -> Scope {
    Scope::new("123456789012", "eu-west-1")
}

/// A group of `desired` warm members.
fn group(minimum: u32, maximum: u32, desired: u32) -> AutoScalingGroup {
    let mut group = samples::group(minimum, maximum, desired);
    for n in 0..desired {
        add(&mut group, n, LifecycleState::InService, 0);
    }
    group
}

fn add(group: &mut AutoScalingGroup, n: u32, lifecycle: LifecycleState, since: i64) {
    let instance_id: crate::id::InstanceId = format!("i-{n:017x}").parse().unwrap();
    let in_service_at = (lifecycle == LifecycleState::InService).then(|| at(since));
    let member = GroupInstance { instance_id: instance_id.clone(), in_service_at, ..samples::member(0, lifecycle) };
    group.members.insert(instance_id, member);
}

/// The fleet has followed the desired capacity; new members entered service at `since`.
fn follow(group: &mut AutoScalingGroup, since: i64) {
    let count = u32::try_from(group.members.len()).unwrap();
    for n in count..group.desired {
        add(group, n, LifecycleState::InService, since);
    }
    while group.members.len() > group.desired as usize {
        group.members.pop_last();
    }
}

fn policy(name: &str, kind: PolicyKind) -> ScalingPolicy {
    let mut policy = ScalingPolicy::new(&scope(), "web", name, "u", true, kind).unwrap();
    if matches!(policy.kind, PolicyKind::TargetTracking(_)) {
        let alarm = |side: &str| (format!("{name}-{side}"), alarm_arn(&format!("{name}-{side}")));
        policy.alarms = vec![alarm("high"), alarm("low")];
    }
    policy
}

fn alarm_arn(name: &str) -> Arn {
    crate::cloudwatch::alarm::Alarm::arn_of(&scope(), name)
}

fn simple(name: &str, adjustment_type: AdjustmentType, amount: i32) -> ScalingPolicy {
    let adjustment = Adjustment { adjustment_type, amount, minimum_magnitude: None };
    policy(name, PolicyKind::Simple(SimplePolicy { adjustment, cooldown_seconds: None }))
}

fn steps(name: &str, adjustment_type: AdjustmentType, steps: &[(Option<f64>, Option<f64>, i32)]) -> ScalingPolicy {
    let steps = steps.iter().map(|&(lower, upper, adjustment)| StepAdjustment { lower, upper, adjustment });
    policy(
        name,
        PolicyKind::Step(StepPolicy {
            adjustment_type,
            steps: steps.collect(),
            minimum_magnitude: None,
            aggregation: MetricAggregation::Average,
            warmup_seconds: Some(60),
        }),
    )
}

fn tracking(name: &str, target: f64) -> ScalingPolicy {
    let metric = TrackedMetric::Predefined { metric: PredefinedMetric::AverageCpuUtilization, resource_label: None };
    let tracking = TargetTrackingPolicy { metric, target, disable_scale_in: false, warmup_seconds: Some(60) };
    policy(name, PolicyKind::TargetTracking(tracking))
}

fn trigger(policy: &ScalingPolicy, alarm: &str, value: f64, threshold: f64) -> PolicyTrigger {
    PolicyTrigger {
        policy_arn: policy.arn.clone(),
        alarm_name: alarm.to_owned(),
        alarm_arn: alarm_arn(alarm),
        threshold: Some(threshold),
        value: Some(value),
        at: at(NOW),
    }
}

fn facts(policies: &[ScalingPolicy], triggers: Vec<PolicyTrigger>) -> CapacityFacts {
    CapacityFacts { policies: policies.to_vec(), triggers, scheduled: Vec::new() }
}

fn outcomes(decision: &CapacityDecision) -> Vec<(&str, Outcome, u32)> {
    decision.decisions.iter().map(|one| (one.origin.as_str(), one.outcome, one.to)).collect()
}

/// Decides, applies, and lets the fleet follow at once with warm members.
fn advance(group: &mut AutoScalingGroup, facts: &CapacityFacts, now: i64) -> CapacityDecision {
    let decision = decide(group, facts, at(now));
    decision.apply_to(group);
    follow(group, 0);
    decision
}

#[test]
fn the_guides_worked_example_goes_from_ten_to_fourteen_and_back() {
    use AdjustmentType::PercentChangeInCapacity as Percent;
    let out =
        steps("out", Percent, &[(Some(0.0), Some(10.0), 0), (Some(10.0), Some(20.0), 10), (Some(20.0), None, 30)]);
    let inward =
        steps("in", Percent, &[(Some(-10.0), Some(0.0), 0), (Some(-20.0), Some(-10.0), -10), (None, Some(-20.0), -30)]);
    let mut group = group(5, 20, 10);
    for (policy, metric, after) in [(&out, 60.0, 11), (&out, 70.0, 14), (&inward, 40.0, 13), (&inward, 30.0, 10)] {
        let facts = facts(&[out.clone(), inward.clone()], vec![trigger(policy, "cpu", metric, 50.0)]);
        advance(&mut group, &facts, NOW);
        assert_eq!(group.desired, after, "at {metric}");
    }
}

#[test]
fn the_tutorials_alarms_go_to_three_and_back_to_one() {
    let out = simple("out", AdjustmentType::ExactCapacity, 3);
    let inward = simple("in", AdjustmentType::ExactCapacity, 1);
    let both = [out.clone(), inward.clone()];
    let mut group = group(1, 3, 1);
    let decision = advance(&mut group, &facts(&both, vec![trigger(&out, "AlarmHigh", 74.2, 70.0)]), NOW);
    let cause =
        "a monitor alarm AlarmHigh in state ALARM triggered policy out changing the desired capacity from 1 to 3";
    assert_eq!(decision.cause.unwrap().text, cause);
    assert_eq!(decision.decisions[0].why, "alarm AlarmHigh: 74.2 > 70; ExactCapacity 3; 1 -> 3");
    assert_eq!(group.simple_scaling.as_ref().map(|scaling| scaling.cooldown_seconds), Some(300));

    group.simple_scaling.as_mut().unwrap().ended_at = Some(at(NOW + 10));
    let low = facts(&both, vec![trigger(&inward, "AlarmLow", 2.0, 30.0)]);
    let decision = advance(&mut group, &low, NOW + 98);
    assert_eq!(outcomes(&decision), [("in", Outcome::Cooldown, 1)]);
    let why = "alarm AlarmLow: 2 < 30; ExactCapacity 1; cooldown 212 s left; would go 3 -> 1";
    assert_eq!(decision.decisions[0].why, why);
    assert_eq!((decision.consumed.len(), decision.cause), (1, None), "a wish that is held back is answered");

    advance(&mut group, &low, NOW + 310);
    assert_eq!(group.desired, 1);
}

#[test]
fn simple_scaling_waits_for_what_is_under_way() {
    let out = simple("out", AdjustmentType::ChangeInCapacity, 1);
    let table = [
        (LifecycleState::Pending, false),
        (LifecycleState::PendingWait, false),
        (LifecycleState::Terminating, false),
        (LifecycleState::TerminatingWait, true),
        (LifecycleState::TerminatingProceed, true),
        (LifecycleState::Standby, true),
    ];
    for (state, goes) in table {
        let mut group = group(0, 9, 2);
        add(&mut group, 7, state, 0);
        let decision = decide(&group, &facts(std::slice::from_ref(&out), vec![trigger(&out, "a", 1.0, 0.0)]), at(NOW));
        assert_eq!(decision.desired == 3, goes, "{state:?}");
    }
    let mut waiting = group(0, 9, 2);
    let scaling = SimpleScaling { policy: "out".into(), at: at(NOW), cooldown_seconds: 60, ended_at: None };
    waiting.simple_scaling = Some(scaling);
    let decision =
        decide(&waiting, &facts(std::slice::from_ref(&out), vec![trigger(&out, "a", 1.0, 0.0)]), at(NOW + 9999));
    assert_eq!(outcomes(&decision), [("out", Outcome::Cooldown, 3)], "the cooldown begins at the end of the activity");
}

#[test]
fn only_simple_scaling_honours_the_cooldown() {
    let mut group = group(0, 9, 2);
    let scaling = SimpleScaling { policy: "x".into(), at: at(NOW), cooldown_seconds: 300, ended_at: Some(at(NOW)) };
    group.simple_scaling = Some(scaling);
    let step = steps("step", AdjustmentType::ChangeInCapacity, &[(Some(0.0), None, 1)]);
    let track = tracking("track", 50.0);
    for (policy, alarm) in [(&step, "a"), (&track, "track-high")] {
        let facts = facts(std::slice::from_ref(policy), vec![trigger(policy, alarm, 60.0, 50.0)]);
        assert_eq!(decide(&group, &facts, at(NOW + 1)).desired, 3, "{}", policy.name);
    }
}

#[test]
fn one_breach_does_not_add_twice_while_instances_warm_up() {
    use AdjustmentType::PercentChangeInCapacity as Percent;
    let out = steps("out", Percent, &[(Some(0.0), Some(10.0), 10), (Some(10.0), None, 30)]);
    let low = steps("in", AdjustmentType::ChangeInCapacity, &[(None, Some(0.0), -1)]);
    let both = [out.clone(), low.clone()];
    let mut group = group(5, 20, 10);
    let breach = |policy: &ScalingPolicy, value| facts(&both, vec![trigger(policy, "cpu", value, 60.0)]);
    let go = |group: &mut AutoScalingGroup, policy: &ScalingPolicy, value, now| {
        let decision = decide(group, &breach(policy, value), at(now));
        decision.apply_to(group);
        follow(group, now);
        outcomes(&decision).first().map(|(_, outcome, _)| *outcome)
    };
    assert_eq!(go(&mut group, &out, 60.0, NOW), Some(Outcome::Done));
    assert_eq!(group.desired, 11);
    assert_eq!(go(&mut group, &out, 62.0, NOW + 30), Some(Outcome::WarmingUp), "the same step");
    assert_eq!(go(&mut group, &out, 71.0, NOW + 40), Some(Outcome::Done), "a higher step adds the rest");
    assert_eq!(group.desired, 13);
    assert_eq!(go(&mut group, &low, 1.0, NOW + 50), Some(Outcome::WarmingUp), "nothing is taken away meanwhile");
    assert_eq!(go(&mut group, &low, 1.0, NOW + 99), Some(Outcome::WarmingUp), "the last one is warm after 100 s");
    assert_eq!(go(&mut group, &low, 1.0, NOW + 100), Some(Outcome::Done));
    assert_eq!(group.desired, 12);
}

#[test]
fn launches_that_fail_do_not_let_the_capacity_run_away() {
    let out = steps("out", AdjustmentType::ChangeInCapacity, &[(Some(0.0), None, 2)]);
    let low = steps("in", AdjustmentType::ChangeInCapacity, &[(None, Some(0.0), -1)]);
    let both = [out.clone(), low.clone()];
    let mut group = group(1, 20, 3);
    for minute in 0..60 {
        let facts = facts(&both, vec![trigger(&out, "cpu", 90.0, 60.0)]);
        decide(&group, &facts, at(NOW + minute * 60)).apply_to(&mut group);
    }
    assert_eq!((group.desired, group.members.len()), (5, 3));
    let facts = facts(&both, vec![trigger(&low, "cpu", 1.0, 60.0)]);
    assert_eq!(decide(&group, &facts, at(NOW + 3600)).desired, 4, "what is not launched can still be given up");
}

#[test]
fn limits_hold_whatever_is_asked_for() {
    let table = [
        (AdjustmentType::ChangeInCapacity, 100, 4, Outcome::Done),
        (AdjustmentType::ChangeInCapacity, -100, 1, Outcome::Done),
        (AdjustmentType::ExactCapacity, 2, 2, Outcome::NoChange),
        (AdjustmentType::ExactCapacity, 0, 1, Outcome::Done),
        (AdjustmentType::PercentChangeInCapacity, i32::MAX, 4, Outcome::Done),
        (AdjustmentType::ChangeInCapacity, i32::MIN, 1, Outcome::Done),
    ];
    for (kind, amount, desired, outcome) in table {
        let policy = simple("p", kind, amount);
        let decision = decide(
            &group(1, 4, 2),
            &facts(std::slice::from_ref(&policy), vec![trigger(&policy, "a", 1.0, 0.0)]),
            at(NOW),
        );
        assert_eq!((decision.desired, decision.decisions[0].outcome), (desired, outcome), "{kind:?} {amount}");
    }
    let policy = simple("p", AdjustmentType::ChangeInCapacity, 1);
    let decision =
        decide(&group(1, 2, 2), &facts(std::slice::from_ref(&policy), vec![trigger(&policy, "a", 1.0, 0.0)]), at(NOW));
    assert_eq!(outcomes(&decision), [("p", Outcome::AtLimit, 2)]);
    assert_eq!(decision.simple_scaling, None, "nothing was done, so nothing cools down");
}

#[test]
fn target_tracking_goes_where_the_metric_meets_its_target() {
    // Desired, side, value, target, capacity after it.
    let table = [
        (4, "high", 90.0, 50.0, 8),
        (4, "high", 51.0, 50.0, 5),
        (10, "high", 50.1, 50.0, 11),
        (10, "low", 25.0, 50.0, 5),
        (10, "low", 44.0, 50.0, 9),
        (10, "low", 45.1, 50.0, 10),
        (10, "low", 0.0, 50.0, 1),
        (1, "high", 100.0, 1.0, 20),
    ];
    for (desired, side, value, target, after) in table {
        let policy = tracking("t", target);
        let facts = facts(std::slice::from_ref(&policy), vec![trigger(&policy, &format!("t-{side}"), value, target)]);
        let decision = decide(&group(1, 20, desired), &facts, at(NOW));
        assert_eq!(decision.desired, after, "{desired} {side} {value}: {:?}", decision.decisions);
    }
}

#[test]
fn target_tracking_waits_for_warm_up_both_ways() {
    let policy = tracking("t", 50.0);
    let mut warming = group(1, 20, 4);
    warming.desired = 6;
    follow(&mut warming, NOW - 10);
    let ask = |group: &AutoScalingGroup, side: &str, value| {
        let facts = facts(std::slice::from_ref(&policy), vec![trigger(&policy, &format!("t-{side}"), value, 50.0)]);
        let decision = decide(group, &facts, at(NOW));
        (decision.desired, decision.decisions[0].outcome)
    };
    assert_eq!(ask(&warming, "high", 60.0), (6, Outcome::WarmingUp), "4 x 60 needs 5, and 6 are on their way");
    assert_eq!(ask(&warming, "high", 90.0), (8, Outcome::Done), "4 x 90 needs 8");
    assert_eq!(ask(&warming, "low", 10.0), (6, Outcome::WarmingUp));
}

#[test]
fn the_most_wins_out_and_all_must_agree_in() {
    let (one, other) = (tracking("one", 50.0), tracking("other", 50.0));
    let step = steps("step", AdjustmentType::ChangeInCapacity, &[(Some(0.0), None, 1)]);
    let all = [one.clone(), other.clone(), step.clone()];
    let mut group = group(1, 20, 10);
    let wish =
        |policy: &ScalingPolicy, side: &str, value| trigger(policy, &format!("{}-{side}", policy.name), value, 50.0);

    let decision = decide(
        &group,
        &facts(&all, vec![wish(&one, "low", 10.0), wish(&step, "high", 60.0), wish(&other, "high", 65.0)]),
        at(NOW),
    );
    assert_eq!(decision.desired, 13);
    let expected = [("one", Outcome::Held, 2), ("step", Outcome::Held, 11), ("other", Outcome::Done, 13)];
    assert_eq!(outcomes(&decision), expected);
    assert!(decision.memory.scale_in_wishes.is_empty(), "what was wished for was about another capacity");

    let alone = advance(&mut group, &facts(&all, vec![wish(&one, "low", 10.0)]), NOW);
    assert_eq!((group.desired, outcomes(&alone)), (10, vec![("one", Outcome::Held, 2)]));
    let late = decide(&group, &facts(&all, vec![wish(&other, "low", 20.0)]), at(NOW + 91));
    assert_eq!(late.desired, 10, "a wish of long ago is no agreement");
    let mut lowered = group.clone();
    (lowered.desired, lowered.maximum) = (2, 2);
    let decision = decide(&lowered, &facts(&all, vec![wish(&other, "low", 20.0)]), at(NOW + 60));
    assert_eq!(decision.desired, 2, "a wish for 2 of 10 does not raise what was set to 2 since");
    let agreed = advance(&mut group, &facts(&all, vec![wish(&other, "low", 20.0)]), NOW + 60);
    assert_eq!((group.desired, outcomes(&agreed)), (4, vec![("other", Outcome::Done, 4)]), "the more careful one");
}

#[test]
fn policies_that_do_not_take_part_are_no_veto() {
    let one = tracking("one", 50.0);
    let mut disabled = tracking("disabled", 50.0);
    disabled.enabled = false;
    let mut only_out = tracking("only-out", 50.0);
    let PolicyKind::TargetTracking(inner) = &mut only_out.kind else { panic!() };
    inner.disable_scale_in = true;
    let all = [one.clone(), disabled.clone(), only_out.clone()];
    let low = |policy: &ScalingPolicy| trigger(policy, &format!("{}-low", policy.name), 25.0, 50.0);
    assert_eq!(decide(&group(1, 20, 10), &facts(&all, vec![low(&one)]), at(NOW)).desired, 5);
    for policy in [&disabled, &only_out] {
        let decision = decide(&group(1, 20, 10), &facts(&all, vec![low(policy)]), at(NOW));
        assert_eq!((decision.desired, decision.decisions[0].outcome), (10, Outcome::Held), "{}", policy.name);
    }
}

#[test]
fn suspended_and_unknown_wishes_are_answered_and_change_nothing() {
    let out = simple("out", AdjustmentType::ChangeInCapacity, 1);
    let wish = trigger(&out, "a", 1.0, 0.0);
    let mut suspended = group(1, 9, 2);
    suspended.suspended.insert(Process::AlarmNotification, "User suspended".into());
    let decision = decide(&suspended, &facts(std::slice::from_ref(&out), vec![wish.clone()]), at(NOW));
    assert_eq!((outcomes(&decision), decision.consumed.len()), (vec![("out", Outcome::Suspended, 2)], 1));

    let decision = decide(&group(1, 9, 2), &facts(&[], vec![wish.clone()]), at(NOW));
    assert_eq!((outcomes(&decision), decision.consumed.len()), (vec![("out", Outcome::Held, 2)], 1));

    let mut deleting = group(0, 0, 0);
    deleting.deleting = Some(at(NOW));
    let decision = decide(&deleting, &facts(&[out], vec![wish]), at(NOW));
    assert_eq!((decision.desired, decision.consumed.len(), decision.decisions.len()), (0, 1, 0));

    let step = steps("step", AdjustmentType::ChangeInCapacity, &[(Some(0.0), None, 1)]);
    let blind = PolicyTrigger { value: None, ..trigger(&step, "a", 1.0, 0.0) };
    let decision = decide(&group(1, 9, 2), &facts(&[step], vec![blind]), at(NOW));
    assert_eq!(outcomes(&decision), [("step", Outcome::Held, 2)]);
}

fn action(name: &str, start: i64, request: Request<'_>) -> ScheduledAction {
    let request = Request { start: Some(at(start)), ..request };
    ScheduledAction::new(&scope(), "web", name, "u", &request, at(start)).unwrap()
}

fn scheduled(actions: &[ScheduledAction]) -> CapacityFacts {
    CapacityFacts { scheduled: actions.to_vec(), ..CapacityFacts::default() }
}

#[test]
fn a_scheduled_action_changes_limits_and_capacity_once() {
    let once =
        action("once", NOW, Request { minimum: Some(1), maximum: Some(5), desired: Some(2), ..Request::default() });
    let early = decide(&group(1, 3, 3), &scheduled(std::slice::from_ref(&once)), at(NOW - 1));
    assert_eq!((early.desired, early.next), (3, Some(at(NOW))));
    let decision = decide(&group(1, 3, 3), &scheduled(std::slice::from_ref(&once)), at(NOW));
    assert_eq!((decision.minimum, decision.maximum, decision.desired), (1, 5, 2));
    let cause = "a scheduled action update of AutoScalingGroup constraints to min: 1, max: 5, desired: 2 changing the \
                 desired capacity from 3 to 2";
    assert_eq!(decision.cause.unwrap().text, cause);
    assert_eq!((decision.removed_actions, decision.changed_actions.len()), (vec![once], 0));
}

#[test]
fn actions_that_are_due_together_run_in_the_order_of_their_starts() {
    let daily = |name, start, desired| {
        action(name, start, Request { recurrence: Some("0 0 * * *"), desired: Some(desired), ..Request::default() })
    };
    let actions = [daily("a-later", NOW + 7200, 3), daily("b-earlier", NOW, 1)];
    let decision = decide(&group(1, 4, 2), &scheduled(&actions), at(NOW + 9000));
    assert_eq!(decision.desired, 3);
    let expected = [("scheduled action b-earlier", Outcome::Done, 1), ("scheduled action a-later", Outcome::Done, 3)];
    assert_eq!(outcomes(&decision), expected);
    let next: Vec<Timestamp> = decision.changed_actions.iter().map(|action| action.next_start).collect();
    assert_eq!((next[0], next[1], decision.next), (at(1_036_800), at(1_036_800), Some(at(1_036_800))));
}

#[test]
fn a_missed_start_is_made_up_for_within_a_day() {
    let once = action("once", NOW, Request { desired: Some(1), ..Request::default() });
    for (late, desired, outcome) in [(3600, 1, Outcome::Done), (86_400, 1, Outcome::Done), (86_401, 3, Outcome::Failed)]
    {
        let decision = decide(&group(1, 4, 3), &scheduled(std::slice::from_ref(&once)), at(NOW + late));
        assert_eq!((decision.desired, decision.decisions[0].outcome), (desired, outcome), "{late} s late");
        assert_eq!(decision.removed_actions.len(), 1);
    }
    let beyond = action("beyond", NOW, Request { desired: Some(9), ..Request::default() });
    let decision = decide(&group(1, 4, 3), &scheduled(&[beyond]), at(NOW));
    assert_eq!((decision.desired, decision.decisions[0].outcome), (3, Outcome::Failed), "outside the group's limits");
    let mut suspended = group(1, 4, 3);
    suspended.suspended.insert(Process::ScheduledActions, "User suspended".into());
    let decision = decide(&suspended, &scheduled(&[once]), at(NOW));
    assert_eq!((decision.desired, decision.decisions[0].outcome), (3, Outcome::Suspended));
    assert_eq!(decision.removed_actions.len(), 1, "what was to run meanwhile is not made up for");
}

#[test]
fn a_policy_is_executed_by_request() {
    let out = simple("out", AdjustmentType::ChangeInCapacity, 1);
    let step = steps("step", AdjustmentType::ChangeInCapacity, &[(Some(0.0), Some(10.0), 1), (Some(10.0), None, 3)]);
    let mut cooling = group(1, 9, 2);
    cooling.simple_scaling =
        Some(SimpleScaling { policy: "out".into(), at: at(NOW), cooldown_seconds: 300, ended_at: Some(at(NOW)) });
    let honour = Execution { honor_cooldown: true, ..Execution::default() };
    let breach = |value, threshold| Execution {
        metric_value: Some(value),
        breach_threshold: Some(threshold),
        ..Execution::default()
    };
    let table = [
        (&out, Execution::default(), Ok(3)),
        (&out, honour, Err(CannotExecute::Cooldown)),
        (&out, breach(1.0, 0.0), Err(CannotExecute::UnexpectedMetric)),
        (&step, breach(75.0, 60.0), Ok(5)),
        (&step, breach(f64::NAN, 60.0), Err(CannotExecute::StepNeedsMetric)),
        (&step, Execution::default(), Err(CannotExecute::StepNeedsMetric)),
        (&step, Execution { honor_cooldown: true, ..breach(75.0, 60.0) }, Err(CannotExecute::StepNeedsMetric)),
        (&tracking("t", 50.0), Execution::default(), Err(CannotExecute::Kind("TargetTrackingScaling"))),
    ];
    for (policy, execution, expected) in table {
        let decision = execute(&cooling, policy, execution, at(NOW + 10));
        assert_eq!(decision.map(|decision| decision.desired), expected, "{} {execution:?}", policy.name);
    }
    let text = execute(&cooling, &out, Execution::default(), at(NOW + 10)).unwrap().cause.unwrap().text;
    assert_eq!(text, "a user request executed policy out changing the desired capacity from 2 to 3");
}

fn predictive(mode: PredictiveMode, buffer: Option<u32>, hours: &[(i64, u32)]) -> ScalingPolicy {
    let hours = hours.iter().map(|&(start, capacity)| ForecastHour { at: at(start), load: 100.0, capacity });
    policy(
        "ahead",
        PolicyKind::Predictive(PredictivePolicy {
            mode,
            target: 50.0,
            metrics: PredictiveMetrics::Pair { pair: MetricPair::CpuUtilization, resource_label: None },
            scheduling_buffer_seconds: None,
            breach_behavior: buffer.map(|_| BreachBehavior::IncreaseMaxCapacity),
            maximum_capacity_buffer: buffer,
            forecast: Some(Forecast { made_at: at(NOW), hours: hours.collect() }),
        }),
    )
}

#[test]
fn a_forecast_adds_capacity_ahead_and_alarms_do_not_take_it_away() {
    use PredictiveMode::{ForecastAndScale, ForecastOnly};
    let hours = [(NOW, 2), (NOW + 3600, 6)];
    let table = [
        (ForecastOnly, None, NOW + 3400, 2, 8),
        (ForecastAndScale, None, NOW + 3299, 2, 8),
        (ForecastAndScale, None, NOW + 3300, 6, 8),
        (ForecastAndScale, None, NOW + 7200, 2, 8),
    ];
    for (mode, buffer, now, desired, maximum) in table {
        let policy = predictive(mode, buffer, &hours);
        let decision = decide(&group(1, 8, 2), &facts(&[policy], vec![]), at(now));
        assert_eq!((decision.desired, decision.maximum), (desired, maximum), "{mode:?} at {now}");
    }
    let waiting = decide(&group(1, 8, 2), &facts(&[predictive(ForecastAndScale, None, &hours)], vec![]), at(NOW));
    assert_eq!(waiting.next, Some(at(NOW + 3300)));
    let beyond = |buffer| {
        let policy = predictive(ForecastAndScale, buffer, &[(NOW, 50)]);
        let decision = decide(&group(1, 40, 2), &facts(&[policy], vec![]), at(NOW));
        (decision.desired, decision.maximum)
    };
    assert_eq!((beyond(None), beyond(Some(0)), beyond(Some(10))), ((40, 40), (50, 50), (50, 55)));

    let track = tracking("t", 50.0);
    let both = [track.clone(), predictive(ForecastAndScale, None, &hours)];
    let decision = decide(&group(1, 8, 8), &facts(&both, vec![trigger(&track, "t-low", 5.0, 50.0)]), at(NOW + 3700));
    assert_eq!(decision.desired, 6, "not below what the hour needs");
}
