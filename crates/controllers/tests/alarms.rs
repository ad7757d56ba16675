//! Alarms in a store in memory, on a clock moved by hand: states, actions, repetition, restarts, many alarms.

#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod support;

use controllers::{Context, Controller, Next, alarms::Alarms};
use model::{
    Arn, Scope, Tags, Timestamp,
    autoscaling::trigger::PolicyTrigger,
    cloudwatch::{
        alarm::{
            Actions, Alarm, AlarmState, ComparisonOperator, MetricQuery, MetricStat, QuerySource, StateValue, Watched,
        },
        alarm_history::{AlarmHistoryItem, HistoryKind},
        composite_alarm::CompositeAlarm,
        metric::Metric,
        statistics::{Sample, Stat, Statistic},
    },
    sns::{
        delivery::{Content, Delivery},
        protocol::Protocol,
        subscription::{Subscription, SubscriptionState},
        topic::Topic,
    },
};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use store::metric::{MetricDatum, Resolution};
use support::{get, put, scope, surroundings};
use testkit::ManualClock;

fn number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::SeqCst)
}

/// The controller with its surroundings.
struct World {
    cx: Context,
    clock: ManualClock,
    alarms: Alarms,
}

impl World {
    fn new() -> Self {
        let (cx, clock) = surroundings();
        Self { cx, clock, alarms: Alarms::new(number) }
    }

    /// Runs the controller until it rests, as the runner would: its own changes wake it again.
    async fn settle(&mut self) -> Next {
        for _ in 0..20 {
            let before = self.cx.store.view().revision();
            let next = self.alarms.reconcile(&self.cx).await.unwrap();
            if self.cx.store.view().revision() == before {
                return next;
            }
        }
        panic!("the controller does not come to rest");
    }

    async fn advance(&mut self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.settle().await;
    }

    /// A value now.
    fn load(&self, value: f64) {
        self.record("load", value);
    }

    fn record(&self, metric: &str, value: f64) {
        let now = self.cx.clock.now();
        let sample = Sample::of_values([(value, 1.0)]).unwrap();
        let metric = Metric::new("Site", metric, []);
        let datum = MetricDatum { metric, unit: "None".to_owned(), at: now, resolution: Resolution::High, sample };
        self.cx.store.metrics().put(&scope(), vec![datum], now).unwrap();
    }

    fn state(&self, name: &str) -> StateValue {
        get::<Alarm>(&self.cx, name).unwrap().state.value
    }

    fn deliveries(&self) -> Vec<(String, String)> {
        let text = |delivery: &Delivery| match &delivery.content {
            Content::Notification { subject, body, .. } => (subject.clone().unwrap_or_default(), body.clone()),
            Content::SubscriptionConfirmation { .. } | Content::UnsubscribeConfirmation { .. } => {
                panic!("not asked for")
            }
        };
        self.cx.store.view().list::<Delivery>(&scope()).map(|delivery| text(&delivery)).collect()
    }

    fn history(&self, kind: HistoryKind) -> Vec<String> {
        let items = self.cx.store.view().list::<AlarmHistoryItem>(&scope()).collect::<Vec<_>>();
        items.iter().filter(|item| item.kind == kind).map(|item| item.summary.clone()).collect()
    }

    /// Takes the wish for a policy, as Auto Scaling does.
    async fn take_trigger(&self) -> Option<PolicyTrigger> {
        let triggers: Vec<_> = self.cx.store.view().list::<PolicyTrigger>(&scope()).collect();
        assert!(triggers.len() <= 1, "{triggers:?}");
        let trigger = triggers.first()?.as_ref().clone();
        let take = |txn: &mut store::Transaction| -> Result<(), std::convert::Infallible> {
            txn.delete::<PolicyTrigger>(&scope(), trigger.id());
            Ok(())
        };
        self.cx.store.transact(take).await.unwrap();
        Some(trigger)
    }
}

fn topic_arn() -> Arn {
    Arn::new("sns", "ap-northeast-2", "123456789012", "web")
}

fn policy_arn() -> Arn {
    Arn::new("autoscaling", "ap-northeast-2", "123456789012", "scalingPolicy:1:autoScalingGroupName/web:policyName/out")
}

async fn put_topic(cx: &Context) {
    put(cx, Topic::new(topic_arn(), Timestamp::default())).await;
    let confirmed =
        SubscriptionState::Confirmed { token: "t".to_owned(), at: Timestamp::default(), authenticated: false };
    put(
        cx,
        Subscription {
            arn: Arn::new("sns", "ap-northeast-2", "123456789012", "web:1"),
            topic_arn: topic_arn(),
            protocol: Protocol::Email,
            endpoint: "owner@example.com".to_owned(),
            owner: "123456789012".to_owned(),
            state: confirmed,
            authenticate_on_unsubscribe: false,
            raw_message_delivery: false,
            filter_policy: None,
            filter_policy_scope: Default::default(),
            delivery_policy: None,
            created_at: Timestamp::default(),
        },
    )
    .await;
}

fn stat(metric: &str, period_seconds: i32) -> MetricStat {
    MetricStat {
        metric: Metric::new("Site", metric, []),
        period_seconds,
        stat: Stat::Plain(Statistic::Average),
        unit: None,
    }
}

/// Above 70 for one period.
fn alarm(name: &str, period_seconds: i32) -> Alarm {
    Alarm {
        arn: Alarm::arn_of(&scope(), name),
        name: name.to_owned(),
        description: None,
        actions_enabled: true,
        actions: Actions::default(),
        watched: Watched::Metric(stat("load", period_seconds)),
        evaluation_periods: 1,
        datapoints_to_alarm: None,
        comparison: ComparisonOperator::GreaterThanThreshold,
        threshold: 70.0,
        treat_missing_data: None,
        low_sample_count: None,
        managed_by: None,
        tags: Tags::default(),
        configured_at: ManualClock::START,
        state: AlarmState::initial(ManualClock::START),
    }
}

fn acting(alarm: Alarm, on_alarm: &[Arn], on_ok: &[Arn]) -> Alarm {
    let actions = Actions { alarm: on_alarm.to_vec(), ok: on_ok.to_vec(), insufficient_data: Vec::new() };
    Alarm { actions, ..alarm }
}

#[tokio::test]
async fn an_alarm_is_raised_and_ends_and_tells_of_both_once() {
    let mut world = World::new();
    put_topic(&world.cx).await;
    put(&world.cx, acting(alarm("high", 60), &[topic_arn()], &[topic_arn()])).await;
    world.settle().await;
    world.load(95.3);
    world.advance(61).await;
    assert_eq!(world.state("high"), StateValue::Alarm);
    let sent = world.deliveries();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(sent[0].0, "ALARM: \"high\" in Asia Pacific (Seoul)");
    let reason = "Threshold Crossed: 1 datapoint [95.3 (20/11/26 12:00:00)] was greater than the threshold (70.0).";
    assert!(sent[0].1.contains(reason), "{}", sent[0].1);
    for _ in 0..3 {
        world.load(80.0);
        world.advance(60).await;
    }
    assert_eq!(world.deliveries().len(), 1, "the state goes on");
    world.load(5.0);
    world.advance(60).await;
    assert_eq!((world.state("high"), world.deliveries().len()), (StateValue::Ok, 2));
    assert_eq!(
        world.history(HistoryKind::StateUpdate),
        ["Alarm updated from INSUFFICIENT_DATA to ALARM", "Alarm updated from ALARM to OK"]
    );
    let succeeded = format!("Successfully executed action {}", topic_arn());
    assert_eq!(world.history(HistoryKind::Action), [succeeded.clone(), succeeded]);
}

#[tokio::test]
async fn ten_second_alarms_are_decided_a_second_after_their_period() {
    let mut world = World::new();
    world.settle().await;
    put(&world.cx, alarm("fast", 10)).await;
    world.settle().await;
    world.load(99.0);
    world.clock.advance(Duration::from_millis(10_900));
    let next = world.settle().await;
    assert_eq!(next, Next::At(ManualClock::START.plus(Duration::from_secs(11))));
    assert_eq!(world.state("fast"), StateValue::InsufficientData);
    world.clock.advance(Duration::from_millis(100));
    world.settle().await;
    assert_eq!(world.state("fast"), StateValue::Alarm);
}

#[tokio::test]
async fn a_scaling_policy_is_asked_for_each_minute_while_the_alarm_lasts() {
    for period in [60, 10] {
        let mut world = World::new();
        put(&world.cx, acting(alarm("high", period), &[policy_arn()], &[])).await;
        world.settle().await;
        world.load(90.0);
        world.advance(61).await;
        if period == 10 {
            // The value is a minute old; a new one is needed for the newest period.
            world.load(90.0);
            world.advance(10).await;
        }
        let first = world.take_trigger().await.unwrap();
        let expected = (policy_arn(), "high".to_owned(), Some(70.0), Some(90.0), world.cx.clock.now());
        assert_eq!((first.policy_arn, first.alarm_name, first.threshold, first.value, first.at), expected);
        let mut asked = Vec::new();
        for second in (10..=180).step_by(10) {
            world.load(90.0 + f64::from(second));
            world.advance(10).await;
            asked.extend(world.take_trigger().await.map(|_| second));
        }
        assert_eq!(asked, [60, 120, 180], "period {period}");
        for _ in 0..12 {
            world.load(-100_000.0);
            world.advance(10).await;
        }
        assert_eq!(world.state("high"), StateValue::Ok);
        world.take_trigger().await;
        world.advance(60).await;
        assert_eq!(world.take_trigger().await, None, "nothing is asked for in OK");
    }
}

#[tokio::test]
async fn a_restart_loses_no_decision_and_repeats_none() {
    let mut world = World::new();
    put_topic(&world.cx).await;
    put(&world.cx, acting(alarm("high", 60), &[topic_arn(), policy_arn()], &[])).await;
    world.settle().await;
    world.load(90.0);
    // Killed before the evaluation: the next one makes up for it at once, in the middle of the minute.
    world.clock.advance(Duration::from_secs(75));
    world.alarms = Alarms::new(number);
    world.settle().await;
    assert_eq!((world.state("high"), world.deliveries().len()), (StateValue::Alarm, 1));
    assert!(world.take_trigger().await.is_some());
    // Killed after it: everything is written already.
    world.alarms = Alarms::new(number);
    world.settle().await;
    assert_eq!((world.deliveries().len(), world.take_trigger().await), (1, None));
    world.load(90.0);
    world.advance(60).await;
    assert_eq!(world.deliveries().len(), 1);
    assert!(world.take_trigger().await.is_some(), "the minute is over");
}

#[tokio::test]
async fn a_state_that_was_set_acts_once_and_is_put_right_by_the_next_evaluation() {
    let mut world = World::new();
    put_topic(&world.cx).await;
    put(&world.cx, acting(alarm("high", 60), &[topic_arn()], &[])).await;
    world.settle().await;
    world.load(5.0);
    world.advance(61).await;
    let before = get::<Alarm>(&world.cx, "high").unwrap();
    let mut set = before.state.becomes(StateValue::Alarm, "a drill".to_owned(), None, world.cx.clock.now());
    set.unannounced = Some(StateValue::Ok);
    put(&world.cx, Alarm { state: set, ..(*before).clone() }).await;
    world.settle().await;
    world.settle().await;
    let sent = world.deliveries();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].1.contains("OK -> ALARM") && sent[0].1.contains("a drill"), "{}", sent[0].1);
    world.load(5.0);
    world.advance(60).await;
    assert_eq!((world.state("high"), world.deliveries().len()), (StateValue::Ok, 1));
}

#[tokio::test]
async fn disabled_actions_are_not_carried_out_and_the_history_says_so() {
    let mut world = World::new();
    put_topic(&world.cx).await;
    let quiet = Alarm { actions_enabled: false, ..acting(alarm("high", 60), &[topic_arn(), policy_arn()], &[]) };
    put(&world.cx, quiet).await;
    world.settle().await;
    for _ in 0..3 {
        world.load(90.0);
        world.advance(61).await;
    }
    assert_eq!(world.state("high"), StateValue::Alarm);
    assert_eq!((world.deliveries().len(), world.take_trigger().await), (0, None));
    assert_eq!(world.history(HistoryKind::Action), ["No action executed: actions are disabled for this alarm"]);
}

#[tokio::test]
async fn an_action_without_its_topic_fails_alone() {
    let mut world = World::new();
    put(&world.cx, acting(alarm("high", 60), &[topic_arn(), policy_arn()], &[])).await;
    world.settle().await;
    world.load(90.0);
    world.advance(61).await;
    assert_eq!(world.state("high"), StateValue::Alarm);
    assert!(world.take_trigger().await.is_some());
    let actions = world.history(HistoryKind::Action);
    assert!(actions[0].starts_with("Failed to execute action") && actions[0].contains("no topic"), "{actions:?}");
    assert!(actions[1].starts_with("Successfully executed action"), "{actions:?}");
}

#[tokio::test]
async fn alarms_watch_expressions() {
    let mut world = World::new();
    let query = |id: &str, source, return_data| MetricQuery { id: id.to_owned(), label: None, source, return_data };
    let ratio = QuerySource::Expression { text: "m1 / m2 * 100".to_owned(), period_seconds: None };
    let queries = vec![
        query("m1", QuerySource::Stat(stat("errors", 60)), false),
        query("m2", QuerySource::Stat(stat("requests", 60)), false),
        query("e1", ratio, true),
    ];
    put(&world.cx, Alarm { watched: Watched::Queries(queries), ..alarm("ratio", 60) }).await;
    world.settle().await;
    world.record("errors", 8.0);
    world.record("requests", 10.0);
    world.advance(61).await;
    assert_eq!(world.state("ratio"), StateValue::Alarm);
    assert!(get::<Alarm>(&world.cx, "ratio").unwrap().state.reason.contains("[80.0 ("));
}

#[tokio::test]
async fn composite_alarms_follow_at_once_and_through_each_other() {
    let mut world = World::new();
    put_topic(&world.cx).await;
    put(&world.cx, alarm("high", 60)).await;
    let composite = |name: &str, rule: &str, actions| CompositeAlarm {
        arn: Alarm::arn_of(&scope(), name),
        name: name.to_owned(),
        description: None,
        actions_enabled: true,
        actions,
        rule: rule.to_owned(),
        tags: Tags::default(),
        configured_at: ManualClock::START,
        state: AlarmState::initial(ManualClock::START),
    };
    let telling = Actions { alarm: vec![topic_arn()], ..Actions::default() };
    put(&world.cx, composite("b", "ALARM(high) AND TRUE", Actions::default())).await;
    put(&world.cx, composite("a", "ALARM(b)", telling)).await;
    world.settle().await;
    let state = |world: &World, name: &str| get::<CompositeAlarm>(&world.cx, name).unwrap().state.value;
    assert_eq!((state(&world, "a"), state(&world, "b")), (StateValue::Ok, StateValue::Ok));
    world.load(90.0);
    world.advance(61).await;
    assert_eq!((state(&world, "a"), state(&world, "b")), (StateValue::Alarm, StateValue::Alarm));
    let sent = world.deliveries();
    assert_eq!(sent.len(), 1);
    assert!(
        sent[0].1.contains("alarm:b transitioned to ALARM at Friday 20 November, 2026 12:01:01 UTC"),
        "{}",
        sent[0].1
    );
    world.load(1.0);
    world.advance(60).await;
    assert_eq!((state(&world, "a"), state(&world, "b")), (StateValue::Ok, StateValue::Ok));
}

#[tokio::test]
async fn an_alarm_that_was_put_anew_is_judged_by_its_new_definition() {
    let mut world = World::new();
    put(&world.cx, alarm("high", 60)).await;
    world.settle().await;
    world.load(90.0);
    world.clock.advance(Duration::from_secs(61));
    put(&world.cx, Alarm { threshold: 95.0, ..alarm("high", 60) }).await;
    world.settle().await;
    let found = get::<Alarm>(&world.cx, "high").unwrap();
    assert_eq!((found.threshold, found.state.value), (95.0, StateValue::Ok));
}

#[tokio::test]
async fn history_is_forgotten_after_thirty_days() {
    let mut world = World::new();
    put(&world.cx, alarm("high", 60)).await;
    world.settle().await;
    world.load(90.0);
    world.advance(61).await;
    assert_eq!(world.history(HistoryKind::StateUpdate).len(), 1);
    world.advance(31 * 86_400).await;
    assert_eq!(world.state("high"), StateValue::InsufficientData);
    assert_eq!(world.history(HistoryKind::StateUpdate), ["Alarm updated from ALARM to INSUFFICIENT_DATA"]);
}

#[tokio::test]
async fn ten_thousand_alarms_are_evaluated_once_a_minute_and_write_nothing_while_nothing_changes() {
    const ALARMS: u64 = 10_000;
    let mut world = World::new();
    for part in 0..10 {
        let make = |txn: &mut store::Transaction| -> Result<(), std::convert::Infallible> {
            for n in 0..ALARMS / 10 {
                txn.put(&scope(), alarm(&format!("alarm-{part}-{n:04}"), 60));
            }
            txn.put(&Scope::new("123456789012", "us-east-1"), alarm("fast", 10));
            Ok(())
        };
        world.cx.store.transact(make).await.unwrap();
    }
    world.load(90.0);
    world.settle().await;
    world.advance(61).await;
    assert_eq!(world.state("alarm-9-0999"), StateValue::Alarm);
    world.load(90.0);
    world.advance(50).await;
    let (evaluated, revision) = (world.alarms.evaluations(), world.cx.store.view().revision());
    world.advance(10).await;
    assert_eq!(world.alarms.evaluations() - evaluated, ALARMS + 1, "one tick of both grids");
    for _ in 0..5 {
        world.advance(10).await;
    }
    assert_eq!(world.alarms.evaluations() - evaluated, ALARMS + 6, "only the fast one is due in between");
    assert_eq!(world.cx.store.view().revision(), revision, "nothing changed, so nothing was written");
}
