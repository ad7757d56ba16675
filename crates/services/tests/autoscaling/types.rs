//! The fixed lists of the API, and the limits of an account.

use crate::world::{World, inner};

#[tokio::test]
async fn fixed_lists_are_those_of_the_api() {
    let world = World::new().await;
    let table: [(&str, &str, &[&str]); 5] = [
        (
            "DescribeAdjustmentTypes",
            "AdjustmentType",
            &["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"],
        ),
        (
            "DescribeAutoScalingNotificationTypes",
            "member",
            &[
                "autoscaling:EC2_INSTANCE_LAUNCH",
                "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
                "autoscaling:EC2_INSTANCE_TERMINATE",
                "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
                "autoscaling:TEST_NOTIFICATION",
            ],
        ),
        (
            "DescribeLifecycleHookTypes",
            "member",
            &["autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"],
        ),
        (
            "DescribeScalingProcessTypes",
            "ProcessName",
            &[
                "AZRebalance",
                "AddToLoadBalancer",
                "AlarmNotification",
                "HealthCheck",
                "InstanceRefresh",
                "Launch",
                "ReplaceUnhealthy",
                "ScheduledActions",
                "Terminate",
            ],
        ),
        (
            "DescribeTerminationPolicyTypes",
            "member",
            &[
                "AllocationStrategy",
                "ClosestToNextInstanceHour",
                "Default",
                "NewestInstance",
                "OldestInstance",
                "OldestLaunchConfiguration",
                "OldestLaunchTemplate",
            ],
        ),
    ];
    for (action, element, expected) in table {
        let reply = world.call(action, &[]).await.ok();
        assert_eq!(inner(&reply.text(), element), expected, "{action}");
    }
}

#[tokio::test]
async fn limits_count_what_there_is() {
    let world = World::new().await;
    world.group("web", ["0", "1", "0"]).await;
    let reply = world.call("DescribeAccountLimits", &[]).await.ok();
    let shown = [
        "MaxNumberOfAutoScalingGroups",
        "NumberOfAutoScalingGroups",
        "MaxNumberOfLaunchConfigurations",
        "NumberOfLaunchConfigurations",
    ];
    assert_eq!(shown.map(|name| reply.one(name)), ["500", "1", "200", "1"]);
}
