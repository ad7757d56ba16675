//! Deleting groups: what stands in the way, and that it only begins here.

use model::autoscaling::activity::{ActivityStatus, ScalingActivity};
use model::autoscaling::group::DeletionProtection;
use model::autoscaling::member::LifecycleState;
use services::Clock;

use crate::world::World;

#[tokio::test]
async fn an_empty_group_is_deleted_and_takes_no_more_changes() {
    let world = World::new().await;
    world.group("web", ["0", "1", "0"]).await;
    let name = ("AutoScalingGroupName", "web");
    world.call("DeleteAutoScalingGroup", &[name]).await.ok();
    let began = world.record("web").deleting;
    assert_eq!(began, Some(world.server.clock.now()));
    let reply = world.call("DescribeAutoScalingGroups", &[]).await.ok();
    assert_eq!(reply.one("Status"), "Delete in progress");
    world.server.clock.advance(std::time::Duration::from_secs(9));
    world.call("DeleteAutoScalingGroup", &[name]).await.ok();
    assert_eq!(world.record("web").deleting, began, "it began once");
    world
        .refuses(&[
            ("UpdateAutoScalingGroup", &[name, ("MaxSize", "2")], "ValidationError", "pending delete"),
            ("SetDesiredCapacity", &[name, ("DesiredCapacity", "1")], "ValidationError", "pending delete"),
            ("SuspendProcesses", &[name], "ValidationError", "pending delete"),
        ])
        .await;
    let again = [
        name,
        ("LaunchConfigurationName", "web-1"),
        ("MinSize", "0"),
        ("MaxSize", "1"),
        ("AvailabilityZones.member.1", "ap-northeast-2a"),
    ];
    world.refuses(&[("CreateAutoScalingGroup", &again, "AlreadyExists", "pending delete")]).await;
}

#[tokio::test]
async fn a_group_with_members_is_deleted_only_by_force() {
    let world = World::new().await;
    world.group("web", ["0", "1", "1"]).await;
    world.member("web", LifecycleState::InService).await;
    let name = ("AutoScalingGroupName", "web");
    let sentence = "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance \
                    request(s) still in the group.";
    world.refuses(&[("DeleteAutoScalingGroup", &[name], "ResourceInUse", sentence)]).await;
    assert_eq!(world.record("web").deleting, None);
    world.call("DeleteAutoScalingGroup", &[name, ("ForceDelete", "true")]).await.ok();
    assert!(world.record("web").deleting.is_some());
}

#[tokio::test]
async fn a_group_whose_activities_are_under_way_is_not_deleted() {
    let world = World::new().await;
    let group = world.group("web", ["0", "1", "0"]).await;
    let mut activity = ScalingActivity {
        id: "a".into(),
        group: "web".into(),
        group_arn: group.arn.clone(),
        description: "Terminating EC2 instance: i-1".into(),
        cause: "At …".into(),
        started_at: world.server.clock.now(),
        ended_at: None,
        status: ActivityStatus::InProgress,
        status_message: None,
        progress: 0,
        details: "{}".into(),
        group_deleted: false,
    };
    world.put(activity.clone()).await;
    let name = ("AutoScalingGroupName", "web");
    world.refuses(&[("DeleteAutoScalingGroup", &[name], "ScalingActivityInProgress", "in progress")]).await;
    activity.status = ActivityStatus::Successful;
    world.put(activity).await;
    world.call("DeleteAutoScalingGroup", &[name]).await.ok();
}

#[tokio::test]
async fn deletion_protection_holds_until_it_is_changed() {
    let world = World::new().await;
    world.group("web", ["0", "1", "0"]).await;
    let name = ("AutoScalingGroupName", "web");
    let force = [name, ("ForceDelete", "true")];
    let protect = |protection: &'static str| [name, ("DeletionProtection", protection)];
    world.call("UpdateAutoScalingGroup", &protect("prevent-all-deletion")).await.ok();
    let refused = "deletion protection";
    world
        .refuses(&[
            ("DeleteAutoScalingGroup", &[name], "ResourceInUse", refused),
            ("DeleteAutoScalingGroup", &force, "ResourceInUse", refused),
        ])
        .await;
    world.call("UpdateAutoScalingGroup", &protect("prevent-force-deletion")).await.ok();
    world.refuses(&[("DeleteAutoScalingGroup", &force, "ResourceInUse", refused)]).await;
    assert_eq!(world.record("web").deletion_protection, DeletionProtection::PreventForceDeletion);
    world.call("DeleteAutoScalingGroup", &[name]).await.ok();
}
