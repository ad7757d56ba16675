//! DescribeScalingActivities: order, filters, deleted groups, pages.

use std::time::Duration;

use model::autoscaling::activity::{ActivityStatus, ScalingActivity};
use services::Clock;

use crate::world::World;

const GROUP: (&str, &str) = ("AutoScalingGroupName", "web");

/// Five activities, one minute apart from the first; the second is still in progress, the last of a deleted group.
async fn world() -> World {
    let world = World::new().await;
    let group = world.group("web", ["0", "1", "0"]).await;
    let start = world.server.clock.now();
    let statuses = [
        ActivityStatus::Successful,
        ActivityStatus::InProgress,
        ActivityStatus::Failed,
        ActivityStatus::Successful,
        ActivityStatus::Successful,
    ];
    for (number, status) in (0..).zip(statuses) {
        let started_at = start.plus(Duration::from_secs(60 * number));
        let gone = number == 4;
        let activity = ScalingActivity {
            id: format!("a{number}"),
            group: if gone { "gone" } else { "web" }.into(),
            group_arn: group.arn.clone(),
            description: format!("activity {number}"),
            cause: "At …".into(),
            started_at,
            ended_at: status.is_over().then_some(started_at),
            status,
            status_message: (status == ActivityStatus::Failed).then(|| "Launching EC2 instance failed.".into()),
            progress: if status.is_over() { 100 } else { 30 },
            details: "{}".into(),
            group_deleted: gone,
        };
        world.put(activity).await;
    }
    world
}

#[tokio::test]
async fn those_in_progress_come_first_and_then_the_newest() {
    let world = world().await;
    let lower = ("Filters.member.1.Name", "StartTimeLowerBound");
    let upper = ("Filters.member.1.Name", "StartTimeUpperBound");
    let status = ("Filters.member.1.Name", "Status");
    let value = "Filters.member.1.Values.member.1";
    let table: [(&[(&str, &str)], &[&str]); 9] = [
        (&[GROUP], &["a1", "a3", "a2", "a0"]),
        (&[], &["a1", "a3", "a2", "a0"]),
        (&[("IncludeDeletedGroups", "true")], &["a1", "a4", "a3", "a2", "a0"]),
        (&[("AutoScalingGroupName", "gone"), ("IncludeDeletedGroups", "true")], &["a4"]),
        (&[GROUP, ("ActivityIds.member.1", "a0"), ("ActivityIds.member.2", "a9")], &["a0"]),
        (&[GROUP, status, (value, "Failed")], &["a2"]),
        (&[GROUP, status, (value, "Failed"), ("Filters.member.1.Values.member.2", "Successful")], &["a3", "a2", "a0"]),
        (&[GROUP, lower, (value, "2026-11-20T12:02:00Z")], &["a3", "a2"]),
        (&[GROUP, upper, (value, "2026-11-20T12:01:00Z")], &["a1", "a0"]),
    ];
    for (parameters, expected) in table {
        let reply = world.call("DescribeScalingActivities", parameters).await.ok();
        assert_eq!(reply.all("ActivityId"), expected, "{parameters:?}");
    }
    let failed = world.call("DescribeScalingActivities", &[GROUP, ("ActivityIds.member.1", "a2")]).await.ok();
    assert_eq!(failed.one("StatusMessage"), "Launching EC2 instance failed.");
    assert_eq!((failed.one("StatusCode"), failed.one("EndTime")), ("Failed".into(), "2026-11-20T12:02:00.000Z".into()));
    let gone = [("IncludeDeletedGroups", "true"), ("ActivityIds.member.1", "a4")];
    assert_eq!(world.call("DescribeScalingActivities", &gone).await.ok().one("AutoScalingGroupState"), "Deleted");
}

#[tokio::test]
async fn pages_follow_each_other() {
    let world = world().await;
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let mut parameters = vec![GROUP, ("MaxRecords", "1")];
        parameters.extend(token.as_deref().map(|token| ("NextToken", token)));
        let reply = world.call("DescribeScalingActivities", &parameters).await.ok();
        found.extend(reply.all("ActivityId"));
        match reply.all("NextToken").pop() {
            Some(next) => token = Some(next),
            None => break,
        }
    }
    assert_eq!(found, ["a1", "a3", "a2", "a0"]);
}

#[tokio::test]
async fn bad_questions_are_refused() {
    let world = world().await;
    let action = "DescribeScalingActivities";
    let filter = |name: &'static str, value: &'static str| {
        [("Filters.member.1.Name", name), ("Filters.member.1.Values.member.1", value)]
    };
    world
        .refuses(&[
            (action, &[("AutoScalingGroupName", "none")], "ValidationError", "name not found"),
            (action, &[("AutoScalingGroupName", "gone")], "ValidationError", "name not found"),
            (action, &[GROUP, ("NextToken", "x")], "InvalidNextToken", ""),
            (action, &[GROUP, ("MaxRecords", "0")], "ValidationError", "MaxRecords"),
            (action, &[GROUP, ("MaxRecords", "101")], "ValidationError", "MaxRecords"),
            (action, &filter("Cause", "x"), "ValidationError", "Cause"),
            (action, &filter("StartTimeLowerBound", "yesterday"), "ValidationError", "yesterday"),
            (action, &[("IncludeManagedResources", "true")], "ValidationError", "IncludeManagedResources"),
        ])
        .await;
}
