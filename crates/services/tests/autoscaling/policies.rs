//! Scaling policies through the API: each kind put, shown, executed and deleted, with the alarms of target tracking.

use model::Timestamp;
use model::autoscaling::decision::ScalingDecision;
use model::autoscaling::group::SimpleScaling;
use model::autoscaling::member::LifecycleState;
use model::autoscaling::policy::predictive::{Forecast, ForecastHour};
use model::autoscaling::policy::{MAXIMUM_POLICIES, PolicyKind, ScalingPolicy};
use model::cloudwatch::alarm::{Alarm, Watched};
use model::cloudwatch::alarm_history::AlarmHistoryItem;

use crate::world::{World, inner, scope};

const GROUP: (&str, &str) = ("AutoScalingGroupName", "web");

fn policy<'a>(name: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[GROUP, ("PolicyName", name)][..], more].concat()
}

const EXACT_THREE: [(&str, &str); 2] = [("AdjustmentType", "ExactCapacity"), ("ScalingAdjustment", "3")];
const STEPS: [(&str, &str); 7] = [
    ("PolicyType", "StepScaling"),
    ("AdjustmentType", "ChangeInCapacity"),
    ("StepAdjustments.member.1.MetricIntervalLowerBound", "0"),
    ("StepAdjustments.member.1.MetricIntervalUpperBound", "10"),
    ("StepAdjustments.member.1.ScalingAdjustment", "1"),
    ("StepAdjustments.member.2.MetricIntervalLowerBound", "10"),
    ("StepAdjustments.member.2.ScalingAdjustment", "2"),
];
const CPU: [(&str, &str); 3] = [
    ("PolicyType", "TargetTrackingScaling"),
    ("TargetTrackingConfiguration.TargetValue", "70"),
    ("TargetTrackingConfiguration.PredefinedMetricSpecification.PredefinedMetricType", "ASGAverageCPUUtilization"),
];

async fn world() -> World {
    let world = World::new().await;
    world.group("web", ["1", "5", "1"]).await;
    world
}

#[tokio::test]
async fn a_simple_policy_keeps_its_arn_when_it_is_put_again() {
    let world = world().await;
    let first = world.call("PutScalingPolicy", &policy("out", &EXACT_THREE)).await.ok();
    let arn = first.one("PolicyARN");
    assert!(arn.contains(":scalingPolicy:") && arn.ends_with(":autoScalingGroupName/web:policyName/out"), "{arn}");
    let again = [("AdjustmentType", "ChangeInCapacity"), ("ScalingAdjustment", "-1"), ("Cooldown", "60")];
    assert_eq!(world.call("PutScalingPolicy", &policy("out", &again)).await.ok().one("PolicyARN"), arn);
    let shown = world.call("DescribePolicies", &[GROUP]).await.ok();
    assert_eq!(shown.one("PolicyType"), "SimpleScaling");
    assert_eq!((shown.one("AdjustmentType"), shown.one("ScalingAdjustment")), ("ChangeInCapacity".into(), "-1".into()));
    assert_eq!((shown.one("Cooldown"), shown.one("Enabled")), ("60".into(), "true".into()));
}

#[tokio::test]
async fn target_tracking_makes_its_alarms_keeps_their_names_and_takes_them_along() {
    let world = world().await;
    let put = world.call("PutScalingPolicy", &policy("cpu", &CPU)).await.ok();
    let names = put.all("AlarmName");
    assert_eq!(names.len(), 2);
    assert!(names[0].starts_with("TargetTracking-web-AlarmHigh-"), "{names:?}");
    assert!(names[1].starts_with("TargetTracking-web-AlarmLow-"), "{names:?}");
    let high = world.get::<Alarm>(&names[0]);
    assert!((high.threshold - 70.0).abs() < 1e-9);
    assert_eq!(high.actions.alarm[0].to_string(), put.one("PolicyARN"));
    let Watched::Metric(stat) = &high.watched else { panic!("{high:?}") };
    assert_eq!(stat.metric.dimensions["AutoScalingGroupName"], "web");

    let shown = world.call("DescribePolicies", &[("PolicyTypes.member.1", "TargetTrackingScaling")]).await.ok();
    assert_eq!(shown.all("AlarmName"), names);
    assert_eq!(shown.one("PredefinedMetricType"), "ASGAverageCPUUtilization");
    assert_eq!(shown.one("DisableScaleIn"), "false");

    let only_out = [&CPU[..], &[("TargetTrackingConfiguration.DisableScaleIn", "true")]].concat();
    let again = world.call("PutScalingPolicy", &policy("cpu", &only_out)).await.ok();
    assert_eq!(again.all("AlarmName"), names[..1]);
    let view = world.server.store.view();
    assert!(!view.contains::<Alarm>(&scope(), &names[1]), "the low alarm is not needed any more");

    world.call("DeletePolicy", &[GROUP, ("PolicyName", "cpu")]).await.ok();
    let view = world.server.store.view();
    assert_eq!(view.list::<Alarm>(&scope()).count(), 0);
    assert_eq!(view.list::<ScalingPolicy>(&scope()).count(), 0);
}

#[tokio::test]
async fn a_policy_that_changes_its_kind_loses_the_alarms_of_target_tracking() {
    let world = world().await;
    world.call("PutScalingPolicy", &policy("p", &CPU)).await.ok();
    let step = world.call("PutScalingPolicy", &policy("p", &STEPS)).await.ok();
    assert!(step.all("AlarmName").is_empty());
    assert_eq!(world.server.store.view().list::<Alarm>(&scope()).count(), 0);
    let shown = world.call("DescribePolicies", &[]).await.ok();
    assert_eq!(shown.all("ScalingAdjustment"), ["1", "2"]);
    assert_eq!(shown.all("MetricIntervalLowerBound").len(), 2);
    assert_eq!(shown.one("MetricAggregationType"), "Average");
}

#[tokio::test]
async fn metric_math_and_predictive_policies_are_shown_as_they_were_given() {
    let world = world().await;
    let base = "TargetTrackingConfiguration.CustomizedMetricSpecification.Metrics.member";
    let keys: Vec<String> = [
        "1.Id",
        "1.ReturnData",
        "1.MetricStat.Stat",
        "1.MetricStat.Metric.MetricName",
        "1.MetricStat.Metric.Namespace",
        "2.Id",
        "2.Expression",
    ]
    .iter()
    .map(|key| format!("{base}.{key}"))
    .collect();
    let values = ["m1", "false", "Sum", "Jobs", "App", "e1", "m1 / 10"];
    let mut math = vec![("PolicyType", "TargetTrackingScaling"), ("TargetTrackingConfiguration.TargetValue", "5")];
    math.extend(keys.iter().map(String::as_str).zip(values));
    world.call("PutScalingPolicy", &policy("math", &math)).await.ok();
    let shown = world.call("DescribePolicies", &[("PolicyNames.member.1", "math")]).await.ok();
    assert_eq!((shown.all("Id"), shown.one("Expression")), (vec!["m1".to_owned(), "e1".into()], "m1 / 10".into()));

    let specification = "PredictiveScalingConfiguration.MetricSpecifications.member.1";
    let target = format!("{specification}.TargetValue");
    let pair = format!("{specification}.PredefinedMetricPairSpecification.PredefinedMetricType");
    let predictive = [("PolicyType", "PredictiveScaling"), (&*target, "60"), (&*pair, "ASGCPUUtilization")];
    world.call("PutScalingPolicy", &policy("ahead", &predictive)).await.ok();
    let shown = world.call("DescribePolicies", &[("PolicyTypes.member.1", "PredictiveScaling")]).await.ok();
    assert_eq!((shown.one("Mode"), shown.one("SchedulingBufferTime")), ("ForecastOnly".into(), "300".into()));
    assert_eq!(shown.one("PredefinedMetricType"), "ASGCPUUtilization");
    let range = [("StartTime", "2026-11-20T00:00:00Z"), ("EndTime", "2026-11-22T00:00:00Z")];
    let asked = [&policy("ahead", &[])[..], &range].concat();
    world.refuses(&[("GetPredictiveScalingForecast", &asked, "ValidationError", "24 hours")]).await;
}

#[tokio::test]
async fn a_forecast_is_shown_for_the_hours_that_are_asked_for() {
    let world = world().await;
    let specification = "PredictiveScalingConfiguration.MetricSpecifications.member.1";
    let target = format!("{specification}.TargetValue");
    let pair = format!("{specification}.PredefinedMetricPairSpecification.PredefinedMetricType");
    let predictive = [("PolicyType", "PredictiveScaling"), (&*target, "60"), (&*pair, "ASGCPUUtilization")];
    world.call("PutScalingPolicy", &policy("ahead", &predictive)).await.ok();
    let hour = |text: &str| text.parse::<Timestamp>().unwrap();
    let made_at = hour("2026-11-20T12:30:00Z");
    let hours =
        [("2026-11-20T12:00:00Z", 1200.5, 2), ("2026-11-20T13:00:00Z", 60.0, 1), ("2026-11-20T14:00:00Z", 0.0, 0)]
            .map(|(at, load, capacity)| ForecastHour { at: hour(at), load, capacity });
    let mut found = ScalingPolicy::clone(&world.get::<ScalingPolicy>("web:ahead"));
    let PolicyKind::Predictive(kind) = &mut found.kind else { panic!("it is predictive") };
    kind.forecast = Some(Forecast { made_at, hours: hours.to_vec() });
    world.put(found).await;
    let asked = |since, until| policy("ahead", &[("StartTime", since), ("EndTime", until)]);
    let reply =
        world.call("GetPredictiveScalingForecast", &asked("2026-11-20T12:00:00Z", "2026-11-20T13:00:00Z")).await.ok();
    let text = reply.text();
    let (load, capacity) = (inner(&text, "LoadForecast"), inner(&text, "CapacityForecast"));
    assert_eq!(inner(&inner(&load[0], "Values")[0], "member"), ["1200.5", "60.0"]);
    assert_eq!(inner(&inner(&capacity[0], "Values")[0], "member"), ["2.0", "1.0"]);
    assert_eq!(inner(&inner(&capacity[0], "Timestamps")[0], "member").len(), 2);
    assert!(reply.one("UpdateTime").starts_with("2026-11-20T12:30:00"));
    assert_eq!(reply.one("PredefinedMetricType"), "ASGCPUUtilization");
    let long = asked("2026-11-20T12:00:00Z", "2026-12-21T12:00:01Z");
    world.refuses(&[("GetPredictiveScalingForecast", &long, "ValidationError", "30 days")]).await;
}

#[tokio::test]
async fn metric_math_that_no_forecast_can_be_made_of_is_refused() {
    let world = world().await;
    let base = "PredictiveScalingConfiguration.MetricSpecifications.member.1";
    let target = format!("{base}.TargetValue");
    for (text, sentence) in [("SEARCH('x', 'Sum')", "SEARCH"), ("e1 +", "e1"), ("m7 * 2", "m7")] {
        let of = |which: &str, member: &str| {
            format!("{base}.Customized{which}MetricSpecification.MetricDataQueries.member.1.{member}")
        };
        let keys = [of("Load", "Id"), of("Load", "Expression"), of("Scaling", "Id"), of("Scaling", "Expression")];
        let mut given = vec![("PolicyType", "PredictiveScaling"), (&*target, "60")];
        given.extend(keys.iter().map(String::as_str).zip(["e1", text, "e1", text]));
        world.refuses(&[("PutScalingPolicy", &policy("ahead", &given), "ValidationError", sentence)]).await;
    }
}

#[tokio::test]
async fn alarms_of_target_tracking_have_a_history() {
    let world = world().await;
    let history = || {
        let view = world.server.store.view();
        let mut all: Vec<String> = view.list::<AlarmHistoryItem>(&scope()).map(|item| item.summary.clone()).collect();
        all.iter_mut().for_each(|summary| *summary = summary.rsplit(' ').next().unwrap_or_default().to_owned());
        all.sort();
        all
    };
    world.call("PutScalingPolicy", &policy("p", &CPU)).await.ok();
    assert_eq!(history(), ["created", "created"]);
    world.call("DeletePolicy", &policy("p", &[])).await.ok();
    assert_eq!(history(), ["created", "created", "deleted", "deleted"]);
}

#[tokio::test]
async fn executing_changes_the_capacity_and_says_who() {
    let world = world().await;
    world.member("web", LifecycleState::InService).await;
    world.call("PutScalingPolicy", &policy("step", &STEPS)).await.ok();
    let step = policy("step", &[("MetricValue", "85"), ("BreachThreshold", "70")]);
    world.call("ExecutePolicy", &step).await.ok();
    assert_eq!(world.record("web").desired, 3, "ten and more above the threshold are two more");

    let four = [("AdjustmentType", "ExactCapacity"), ("ScalingAdjustment", "4")];
    let arn = world.call("PutScalingPolicy", &policy("out", &four)).await.ok().one("PolicyARN");
    world.call("ExecutePolicy", &[("PolicyName", &arn)]).await.ok();
    let group = world.record("web");
    assert_eq!(group.desired, 4);
    assert!(group.capacity_cause.as_ref().unwrap().text.contains("a user request executed policy out"));
    let view = world.server.store.view();
    let decisions: Vec<_> = view.range::<ScalingDecision>(&scope(), "web:").collect();
    let made: Vec<_> = decisions.iter().map(|one| (one.sequence, &*one.origin, one.from, one.to)).collect();
    assert_eq!(made, [(0, "step", 1, 3), (1, "out", 3, 4)], "each is written down");
}

#[tokio::test]
async fn a_cooldown_is_honoured_when_asked_for() {
    let world = world().await;
    world.call("PutScalingPolicy", &policy("out", &EXACT_THREE)).await.ok();
    world
        .edit("web", |group| {
            group.simple_scaling = Some(SimpleScaling {
                policy: "out".into(),
                at: group.created_at,
                cooldown_seconds: 300,
                ended_at: None,
            });
        })
        .await;
    let honoured = policy("out", &[("HonorCooldown", "true")]);
    world.refuses(&[("ExecutePolicy", &honoured, "ScalingActivityInProgress", "cooldown")]).await;
    assert_eq!(world.record("web").desired, 1);
    world.call("ExecutePolicy", &policy("out", &[])).await.ok();
    assert_eq!(world.record("web").desired, 3);
}

#[tokio::test]
async fn bad_policies_are_refused_and_say_why() {
    let world = world().await;
    world.call("PutScalingPolicy", &policy("simple", &EXACT_THREE)).await.ok();
    world.call("PutScalingPolicy", &policy("tracking", &CPU)).await.ok();
    let gap = [&STEPS[..5], &[("StepAdjustments.member.2.MetricIntervalLowerBound", "11"), STEPS[6]]].concat();
    let both = [&CPU[..], &[("ScalingAdjustment", "1")]].concat();
    let label = "TargetTrackingConfiguration.PredefinedMetricSpecification.ResourceLabel";
    let labelled = [&CPU[..], &[(label, "app/web/1/targetgroup/web/2")]].concat();
    let unlabelled = [CPU[0], CPU[1], (CPU[2].0, "ALBRequestCountPerTarget")];
    let cases: Vec<(Vec<(&str, &str)>, &str)> = vec![
        (vec![("PolicyType", "Magic")], "PolicyType"),
        (vec![("ScalingAdjustment", "1")], "AdjustmentType is needed"),
        (vec![("AdjustmentType", "ExactCapacity")], "ScalingAdjustment is needed"),
        (vec![("AdjustmentType", "Exact"), ("ScalingAdjustment", "1")], "ChangeInCapacity"),
        (vec![("AdjustmentType", "ExactCapacity"), ("ScalingAdjustment", "-1")], "negative"),
        ([&EXACT_THREE[..], &[("MinAdjustmentMagnitude", "2")]].concat(), "MinAdjustmentMagnitude"),
        ([&EXACT_THREE[..], &[("EstimatedInstanceWarmup", "2")]].concat(), "EstimatedInstanceWarmup"),
        ([&STEPS[..], &[("Cooldown", "2")]].concat(), "Cooldown goes with"),
        ([&STEPS[..], &[("MetricAggregationType", "Sum")]].concat(), "MetricAggregationType"),
        (STEPS[..2].to_vec(), "StepAdjustments is needed"),
        (gap, "gap"),
        (vec![("PolicyType", "TargetTrackingScaling")], "TargetTrackingConfiguration"),
        (CPU[..2].to_vec(), "PredefinedMetricSpecification"),
        (vec![CPU[0], ("TargetTrackingConfiguration.TargetValue", "0"), CPU[2]], "TargetValue"),
        (both, "ScalingAdjustment goes with"),
        (labelled, "ResourceLabel"),
        (unlabelled.to_vec(), "ResourceLabel"),
        (vec![("PolicyType", "PredictiveScaling")], "PredictiveScalingConfiguration"),
    ];
    for (more, text) in &cases {
        world.refuses(&[("PutScalingPolicy", &policy("bad", more), "ValidationError", text)]).await;
    }
    let other = [("AutoScalingGroupName", "nobody"), ("PolicyName", "p"), EXACT_THREE[0], EXACT_THREE[1]];
    let foreign =
        "arn:aws:autoscaling:ap-northeast-2:123456789012:scalingPolicy:u:autoScalingGroupName/web:policyName/x";
    let metric = policy("simple", &[("MetricValue", "1"), ("BreachThreshold", "1")]);
    world
        .refuses(&[
            ("PutScalingPolicy", &other, "ValidationError", "AutoScalingGroup name not found"),
            ("DeletePolicy", &policy("nobody", &[]), "ValidationError", "PolicyName"),
            ("DeletePolicy", &[("PolicyName", "simple")], "ValidationError", "AutoScalingGroupName is needed"),
            ("ExecutePolicy", &[("PolicyName", foreign)], "ValidationError", "no scaling policy"),
            ("ExecutePolicy", &policy("tracking", &[]), "ValidationError", "TargetTrackingScaling"),
            ("ExecutePolicy", &metric, "ValidationError", "step scaling only"),
            ("DescribePolicies", &[("PolicyTypes.member.1", "Magic")], "ValidationError", "PolicyTypes"),
            ("DescribePolicies", &[("NextToken", "x")], "InvalidNextToken", "token"),
        ])
        .await;
}

#[tokio::test]
async fn a_group_has_fifty_policies_and_a_policy_twenty_steps() {
    let world = world().await;
    for number in 0..MAXIMUM_POLICIES {
        world.call("PutScalingPolicy", &policy(&format!("p{number}"), &EXACT_THREE)).await.ok();
    }
    let more = policy("more", &EXACT_THREE);
    world.refuses(&[("PutScalingPolicy", &more, "LimitExceeded", "50 scaling policies")]).await;
    world.call("PutScalingPolicy", &policy("p0", &EXACT_THREE)).await.ok();
    let page = world.call("DescribePolicies", &[GROUP, ("MaxRecords", "49")]).await.ok();
    let token = page.one("NextToken");
    let rest = world.call("DescribePolicies", &[GROUP, ("MaxRecords", "49"), ("NextToken", &token)]).await.ok();
    assert_eq!((page.all("PolicyName").len(), rest.all("PolicyName").len()), (49, 1));

    let keys: Vec<[String; 3]> = (1..=21)
        .map(|n| {
            let step = format!("StepAdjustments.member.{n}");
            [format!("{step}.MetricIntervalLowerBound"), (n - 1).to_string(), format!("{step}.ScalingAdjustment")]
        })
        .collect();
    let uppers: Vec<(String, String)> =
        (1..21).map(|n| (format!("StepAdjustments.member.{n}.MetricIntervalUpperBound"), n.to_string())).collect();
    let mut steps = vec![STEPS[0], STEPS[1]];
    steps.extend(keys.iter().flat_map(|[lower, value, adjustment]| [(&**lower, &**value), (&**adjustment, "1")]));
    steps.extend(uppers.iter().map(|(key, value)| (&**key, &**value)));
    world.refuses(&[("PutScalingPolicy", &policy("p0", &steps), "LimitExceeded", "20 step")]).await;
}
