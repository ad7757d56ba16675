//! What a group has beside its members: a warm pool, notifications, metrics.

use model::autoscaling::member::LifecycleState;
use model::sns::delivery::{Content, Delivery};

use crate::world::{World, scope};

const GROUP: (&str, &str) = ("AutoScalingGroupName", "web");

async fn world() -> World {
    let world = World::new().await;
    world.group("web", ["1", "5", "1"]).await;
    world
}

async fn topic(world: &World, name: &str) -> String {
    let signing = world.server.signing("sns");
    world.server.form(&signing, "2010-03-31", "CreateTopic", &[("Name", name)]).await.ok().one("TopicArn")
}

#[tokio::test]
async fn a_warm_pool_keeps_what_is_not_given_again_and_is_deleted_when_it_is_empty() {
    let world = world().await;
    world.refuses(&[("DeleteWarmPool", &[GROUP], "ValidationError", "No warm pool")]).await;
    let put = [GROUP, ("MinSize", "2"), ("MaxGroupPreparedCapacity", "4"), ("PoolState", "Running")];
    world.call("PutWarmPool", &put).await.ok();
    let reuse = ("InstanceReusePolicy.ReuseOnScaleIn", "true");
    world.call("PutWarmPool", &[GROUP, ("MaxGroupPreparedCapacity", "-1"), reuse]).await.ok();
    let warm = world.member("web", LifecycleState::WarmedRunning).await;
    world.member("web", LifecycleState::InService).await;
    let shown = world.call("DescribeWarmPool", &[GROUP]).await.ok();
    assert_eq!((shown.one("MinSize"), shown.one("PoolState")), ("2".into(), "Running".into()));
    assert!(shown.all("MaxGroupPreparedCapacity").is_empty());
    assert_eq!((shown.one("ReuseOnScaleIn"), shown.all("InstanceId")), ("true".into(), vec![warm]));

    world.call("DeleteWarmPool", &[GROUP]).await.ok();
    assert_eq!(world.call("DescribeWarmPool", &[GROUP]).await.ok().one("Status"), "PendingDelete");
    let again = "ScalingActivityInProgress";
    world.refuses(&[("DeleteWarmPool", &[GROUP], again, "web"), ("PutWarmPool", &[GROUP], again, "web")]).await;
    world.edit("web", |group| group.members.clear()).await;
    world.call("DeleteWarmPool", &[GROUP, ("ForceDelete", "true")]).await.ok();
    assert_eq!(world.record("web").warm_pool, None);
}

#[tokio::test]
async fn bad_warm_pools_are_refused() {
    let world = world().await;
    world
        .refuses(&[
            ("PutWarmPool", &[GROUP, ("PoolState", "Hibernated")], "ValidationError", "Hibernated"),
            ("PutWarmPool", &[GROUP, ("PoolState", "Hot")], "ValidationError", "oolState"),
            ("PutWarmPool", &[GROUP, ("MinSize", "-1")], "ValidationError", "inSize"),
            ("PutWarmPool", &[GROUP, ("MaxGroupPreparedCapacity", "-2")], "ValidationError", "axGroupPreparedCapacity"),
            (
                "DescribeWarmPool",
                &[("AutoScalingGroupName", "x")],
                "ValidationError",
                "AutoScalingGroup name not found",
            ),
        ])
        .await;
}

/// Subscribes an address to a topic and confirms it.
async fn subscribe(world: &World, arn: &str) {
    let subscribe = [
        ("TopicArn", arn),
        ("Protocol", "email"),
        ("Endpoint", "owner@example.com"),
        ("ReturnSubscriptionArn", "true"),
    ];
    let signing = world.server.signing("sns");
    world.server.form(&signing, "2010-03-31", "Subscribe", &subscribe).await.ok();
    let token = world.server.store.view().list::<Delivery>(&scope()).find_map(|delivery| match &delivery.content {
        Content::SubscriptionConfirmation { token } => Some(token.clone()),
        Content::Notification { .. } | Content::UnsubscribeConfirmation { .. } => None,
    });
    let confirm = [("TopicArn", arn), ("Token", &token.unwrap())];
    world.server.form(&signing, "2010-03-31", "ConfirmSubscription", &confirm).await.ok();
}

/// Subject and text of every notification that waits.
fn sent(world: &World) -> Vec<(String, String)> {
    let all = world.server.store.view();
    let notification = |delivery: std::sync::Arc<Delivery>| match &delivery.content {
        Content::Notification { subject, body, .. } => Some((subject.clone().unwrap(), body.clone())),
        Content::SubscriptionConfirmation { .. } | Content::UnsubscribeConfirmation { .. } => None,
    };
    all.list::<Delivery>(&scope()).filter_map(notification).collect()
}

#[tokio::test]
async fn naming_a_topic_in_a_hook_sends_it_a_test() {
    let world = world().await;
    let arn = topic(&world, "news").await;
    subscribe(&world, &arn).await;
    let hook = [
        GROUP,
        ("LifecycleHookName", "ready"),
        ("LifecycleTransition", "autoscaling:EC2_INSTANCE_LAUNCHING"),
        ("RoleARN", "arn:aws:iam::123456789012:role/hooks"),
    ];
    let missing = format!("{arn}-not");
    let put = |target| [&hook[..], &[("NotificationTargetARN", target)]].concat();
    let sentence = format!("NotificationTargetARN: there is no topic {missing}");
    world.refuses(&[("PutLifecycleHook", &put(&missing), "ValidationError", &sentence)]).await;
    assert!(sent(&world).is_empty());
    world.call("PutLifecycleHook", &put(&arn)).await.ok();
    let texts = sent(&world);
    assert_eq!(texts.len(), 1);
    assert_eq!(texts[0].0, "Auto Scaling: test notification for group \"web\"");
    assert!(texts[0].1.contains("Event: autoscaling:TEST_NOTIFICATION"), "{}", texts[0].1);
    // A change that does not name it tells nobody.
    world.call("PutLifecycleHook", &[&hook[..], &[("HeartbeatTimeout", "60")]].concat()).await.ok();
    assert_eq!(sent(&world).len(), 1);
}

#[tokio::test]
async fn configuring_a_topic_sends_it_a_test() {
    let world = world().await;
    let arn = topic(&world, "news").await;
    subscribe(&world, &arn).await;
    let types = [
        ("NotificationTypes.member.1", "autoscaling:EC2_INSTANCE_LAUNCH"),
        ("NotificationTypes.member.2", "autoscaling:EC2_INSTANCE_TERMINATE"),
    ];
    let put = [&[GROUP, ("TopicARN", &*arn)][..], &types].concat();
    world.call("PutNotificationConfiguration", &put).await.ok();
    let sent = sent(&world);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].0, "Auto Scaling: test notification for group \"web\"");
    assert!(sent[0].1.contains("Event: autoscaling:TEST_NOTIFICATION"), "{}", sent[0].1);

    let shown = world.call("DescribeNotificationConfigurations", &[]).await.ok();
    assert_eq!(shown.all("NotificationType"), [types[0].1, types[1].1]);
    world.call("PutNotificationConfiguration", &put[..3]).await.ok();
    let shown =
        world.call("DescribeNotificationConfigurations", &[("AutoScalingGroupNames.member.1", "web")]).await.ok();
    assert_eq!(shown.all("NotificationType"), [types[0].1], "the newest list counts");
    world.call("DeleteNotificationConfiguration", &put[..2]).await.ok();
    assert!(world.record("web").notifications.is_empty());
}

#[tokio::test]
async fn bad_notifications_are_refused_and_ten_topics_are_the_most() {
    let world = world().await;
    let arn = topic(&world, "news").await;
    let launch = ("NotificationTypes.member.1", "autoscaling:EC2_INSTANCE_LAUNCH");
    let missing = format!("{arn}-not");
    let (put, code) = ("PutNotificationConfiguration", "ValidationError");
    world
        .refuses(&[
            (put, &[GROUP, ("TopicARN", &arn), ("NotificationTypes.member.1", "x")], code, "no notification type"),
            (put, &[GROUP, ("TopicARN", &arn)], code, "NotificationTypes"),
            (put, &[GROUP, ("TopicARN", "news"), launch], code, "TopicARN"),
            (put, &[GROUP, ("TopicARN", &missing), launch], code, "there is no topic"),
            ("DeleteNotificationConfiguration", &[GROUP, ("TopicARN", &arn)], code, "No notification configuration"),
        ])
        .await;
    for number in 0..10 {
        let arn = topic(&world, &format!("t{number}")).await;
        world.call(put, &[GROUP, ("TopicARN", &arn), launch]).await.ok();
    }
    world.refuses(&[(put, &[GROUP, ("TopicARN", &arn), launch], "LimitExceeded", "10 SNS topics")]).await;
}

#[tokio::test]
async fn metrics_are_switched_by_name_or_all_at_once() {
    let world = world().await;
    let minute = ("Granularity", "1Minute");
    world.call("EnableMetricsCollection", &[GROUP, minute, ("Metrics.member.1", "GroupMinSize")]).await.ok();
    assert_eq!(world.record("web").enabled_metrics.len(), 1);
    world.call("EnableMetricsCollection", &[GROUP, minute]).await.ok();
    let types = world.call("DescribeMetricCollectionTypes", &[]).await.ok();
    assert_eq!(types.all("Metric").len(), world.record("web").enabled_metrics.len());
    assert_eq!(types.one("Granularity"), "1Minute");
    world.call("DisableMetricsCollection", &[GROUP, ("Metrics.member.1", "GroupMinSize")]).await.ok();
    assert!(!world.record("web").enabled_metrics.contains("GroupMinSize"));
    world.call("DisableMetricsCollection", &[GROUP]).await.ok();
    assert!(world.record("web").enabled_metrics.is_empty());
    world
        .refuses(&[
            ("EnableMetricsCollection", &[GROUP, ("Granularity", "5Minute")], "ValidationError", "1Minute"),
            (
                "EnableMetricsCollection",
                &[GROUP, minute, ("Metrics.member.1", "X")],
                "ValidationError",
                "no group metric",
            ),
            ("DisableMetricsCollection", &[GROUP, ("Metrics.member.1", "X")], "ValidationError", "no group metric"),
        ])
        .await;
}
