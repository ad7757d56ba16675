//! Creating, updating and describing groups.

use model::autoscaling::group::{AttachmentState, LaunchSource, TerminationPolicy};
use model::autoscaling::launch_configuration::LaunchConfiguration;
use model::autoscaling::lifecycle_hook::LifecycleHook;

use crate::support::{ACCOUNT, REGION};
use crate::world::{World, ZONES, inner};

#[tokio::test]
async fn a_group_begins_with_the_defaults_of_aws() {
    let world = World::new().await;
    let parameters = [
        ("AutoScalingGroupName", "web"),
        ("LaunchConfigurationName", "web-1"),
        ("MinSize", "1"),
        ("MaxSize", "3"),
        ("AvailabilityZones.member.1", ZONES[1]),
        ("AvailabilityZones.member.2", ZONES[0]),
    ];
    world.call("CreateAutoScalingGroup", &parameters).await.ok();
    let reply = world.call("DescribeAutoScalingGroups", &[]).await.ok();
    let table = [
        ("AutoScalingGroupName", "web"),
        ("LaunchConfigurationName", "web-1"),
        ("MinSize", "1"),
        ("MaxSize", "3"),
        ("DesiredCapacity", "1"),
        ("DefaultCooldown", "300"),
        ("HealthCheckType", "EC2"),
        ("HealthCheckGracePeriod", "0"),
        ("VPCZoneIdentifier", ""),
        ("NewInstancesProtectedFromScaleIn", "false"),
        ("CreatedTime", "2026-11-20T12:00:00.000Z"),
        ("CapacityDistributionStrategy", "balanced-best-effort"),
        ("ZonalShiftEnabled", "false"),
        ("DeletionProtection", "none"),
    ];
    for (element, expected) in table {
        assert_eq!(reply.one(element), expected, "{element}");
    }
    assert_eq!(inner(&reply.one("AvailabilityZones"), "member"), [ZONES[0], ZONES[1]]);
    assert_eq!(inner(&reply.one("AvailabilityZoneIds"), "member"), ["apne2-az1", "apne2-az2"]);
    assert_eq!(inner(&reply.one("TerminationPolicies"), "member"), ["Default"]);
    let role = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
    assert_eq!(reply.one("ServiceLinkedRoleARN"), format!("arn:aws:iam::{ACCOUNT}:{role}"));
    let arn = reply.one("AutoScalingGroupARN");
    assert!(arn.starts_with(&format!("arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:")), "{arn}");
    assert!(arn.ends_with(":autoScalingGroupName/web"), "{arn}");
    for absent in ["MaxInstanceLifetime", "DefaultInstanceWarmup", "WarmPoolSize", "Status", "LaunchTemplate"] {
        assert!(reply.all(absent).is_empty(), "{absent}");
    }
    let cause = world.record("web").capacity_cause.clone().unwrap().text;
    assert_eq!(cause, "a user request created an AutoScalingGroup changing the desired capacity from 0 to 1");
}

#[tokio::test]
async fn every_setting_is_given_back() {
    let world = World::new().await;
    let (subnets, vpc) = world.subnets().await;
    let target_group = world.target_group("web", &vpc, "instance").await;
    let places = format!("{}, {}", subnets[2], subnets[0]);
    let role = format!(
        "arn:aws:iam::{ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_x"
    );
    let parameters = [
        ("AutoScalingGroupName", "web"),
        ("LaunchConfigurationName", "web-1"),
        ("MinSize", "0"),
        ("MaxSize", "9"),
        ("DesiredCapacity", "2"),
        ("VPCZoneIdentifier", &places),
        ("TargetGroupARNs.member.1", &target_group),
        ("HealthCheckType", "EC2,ELB"),
        ("HealthCheckGracePeriod", "60"),
        ("DefaultCooldown", "10"),
        ("DefaultInstanceWarmup", "30"),
        ("TerminationPolicies.member.1", "OldestInstance"),
        ("TerminationPolicies.member.2", "Default"),
        ("NewInstancesProtectedFromScaleIn", "true"),
        ("MaxInstanceLifetime", "86400"),
        ("Context", "for the shop"),
        ("CapacityRebalance", "false"),
        ("DesiredCapacityType", "units"),
        ("DeletionProtection", "prevent-force-deletion"),
        ("AvailabilityZoneDistribution.CapacityDistributionStrategy", "balanced-only"),
        ("AvailabilityZoneImpairmentPolicy.ZonalShiftEnabled", "false"),
        ("InstanceMaintenancePolicy.MinHealthyPercentage", "100"),
        ("InstanceMaintenancePolicy.MaxHealthyPercentage", "150"),
        ("InstanceLifecyclePolicy.RetentionTriggers.TerminateHookAbandon", "retain"),
        ("ServiceLinkedRoleARN", &role),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "web"),
        ("Tags.member.1.PropagateAtLaunch", "true"),
        ("LifecycleHookSpecificationList.member.1.LifecycleHookName", "ready"),
        ("LifecycleHookSpecificationList.member.1.LifecycleTransition", "autoscaling:EC2_INSTANCE_LAUNCHING"),
        ("LifecycleHookSpecificationList.member.1.HeartbeatTimeout", "30"),
    ];
    world.call("CreateAutoScalingGroup", &parameters).await.ok();
    let reply = world.call("DescribeAutoScalingGroups", &[("AutoScalingGroupNames.member.1", "web")]).await.ok();
    let table = [
        ("DesiredCapacity", "2"),
        ("HealthCheckType", "ELB"),
        ("HealthCheckGracePeriod", "60"),
        ("DefaultCooldown", "10"),
        ("DefaultInstanceWarmup", "30"),
        ("NewInstancesProtectedFromScaleIn", "true"),
        ("MaxInstanceLifetime", "86400"),
        ("Context", "for the shop"),
        ("DeletionProtection", "prevent-force-deletion"),
        ("CapacityDistributionStrategy", "balanced-only"),
        ("MinHealthyPercentage", "100"),
        ("MaxHealthyPercentage", "150"),
        ("TerminateHookAbandon", "retain"),
        ("ServiceLinkedRoleARN", &role),
        ("Key", "team"),
        ("PropagateAtLaunch", "true"),
        ("ResourceType", "auto-scaling-group"),
        ("Type", "elbv2"),
        ("Identifier", &target_group),
    ];
    for (element, expected) in table {
        assert_eq!(reply.one(element), expected, "{element}");
    }
    assert_eq!(reply.one("VPCZoneIdentifier"), format!("{},{}", subnets[2], subnets[0]));
    assert_eq!(inner(&reply.one("AvailabilityZones"), "member"), [ZONES[0], ZONES[2]]);
    assert_eq!(inner(&reply.one("TerminationPolicies"), "member"), ["OldestInstance", "Default"]);
    assert_eq!(inner(&reply.one("TargetGroupARNs"), "member"), [target_group.as_str()]);
    assert_eq!(world.record("web").target_groups[0].state, AttachmentState::Adding);
    assert_eq!(world.get::<LifecycleHook>("web:ready").heartbeat_seconds, 30);
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let world = World::new().await;
    let before = world.group("web", ["1", "5", "3"]).await;
    let name = ("AutoScalingGroupName", "web");
    world.call("UpdateAutoScalingGroup", &[name]).await.ok();
    assert_eq!(world.record("web"), before);

    world.call("UpdateAutoScalingGroup", &[name, ("MaxSize", "2")]).await.ok();
    let group = world.record("web");
    assert_eq!((group.minimum, group.maximum, group.desired), (1, 2, 2));
    let cause = "a user request update of AutoScalingGroup constraints to min: 1, max: 2, desired: 2 changing the \
                 desired capacity from 3 to 2";
    assert_eq!(group.capacity_cause.as_ref().unwrap().text, cause);

    let parameters = [
        name,
        ("MinSize", "2"),
        ("MaxSize", "8"),
        ("DesiredCapacity", "4"),
        ("HealthCheckType", "ELB"),
        ("AvailabilityZones.member.1", ZONES[3]),
        ("TerminationPolicies.member.1", "NewestInstance"),
        ("DefaultInstanceWarmup", "5"),
        ("MaxInstanceLifetime", "100000"),
        ("InstanceMaintenancePolicy.MinHealthyPercentage", "50"),
        ("InstanceMaintenancePolicy.MaxHealthyPercentage", "100"),
    ];
    world.call("UpdateAutoScalingGroup", &parameters).await.ok();
    let group = world.record("web");
    assert_eq!((group.minimum, group.maximum, group.desired), (2, 8, 4));
    assert_eq!((group.zones.as_slice(), group.elb_health_check), ([ZONES[3].to_owned()].as_slice(), true));
    assert_eq!(group.termination_policies, [TerminationPolicy::NewestInstance]);
    assert_eq!(group.default_instance_warmup_seconds, Some(5));
    assert!(group.maintenance_policy.is_some());

    let clearing = [
        name,
        ("HealthCheckType", "EC2"),
        ("DefaultInstanceWarmup", "-1"),
        ("MaxInstanceLifetime", "0"),
        ("InstanceMaintenancePolicy.MinHealthyPercentage", "-1"),
        ("InstanceMaintenancePolicy.MaxHealthyPercentage", "-1"),
    ];
    world.call("UpdateAutoScalingGroup", &clearing).await.ok();
    let group = world.record("web");
    assert!(!group.elb_health_check && group.maintenance_policy.is_none());
    assert_eq!((group.default_instance_warmup_seconds, group.maximum_instance_lifetime_seconds), (None, None));
}

#[tokio::test]
async fn a_group_of_an_instance_makes_its_own_launch_configuration() {
    let world = World::new().await;
    let instance = world.instance().await;
    let parameters = [("AutoScalingGroupName", "copy"), ("InstanceId", &instance), ("MinSize", "0"), ("MaxSize", "1")];
    world.call("CreateAutoScalingGroup", &parameters).await.ok();
    let group = world.record("copy");
    assert_eq!(group.launch, LaunchSource::LaunchConfiguration("copy".into()));
    assert_eq!((group.zones.as_slice(), group.subnets.len()), ([ZONES[0].to_owned()].as_slice(), 1));
    let spec = &world.get::<LaunchConfiguration>("copy").spec;
    assert_eq!(spec.instance_type.as_deref(), Some("t3.small"));
}

#[tokio::test]
async fn groups_are_found_by_name_arn_and_tags() {
    let world = World::new().await;
    for (name, stage) in [("a", "test"), ("b", "live"), ("c", "live")] {
        world.group(name, ["0", "1", "0"]).await;
        let tag = [("Tags.member.1.ResourceId", name), ("Tags.member.1.Key", "stage"), ("Tags.member.1.Value", stage)];
        world.call("CreateOrUpdateTags", &tag).await.ok();
    }
    let arn = world.record("b").arn.to_string();
    let table: [(&[(&str, &str)], &[&str]); 7] = [
        (&[], &["a", "b", "c"]),
        (&[("AutoScalingGroupNames.member.1", "c"), ("AutoScalingGroupNames.member.2", "none")], &["c"]),
        (&[("AutoScalingGroupNames.member.1", &arn)], &["b"]),
        (&[("Filters.member.1.Name", "tag:stage"), ("Filters.member.1.Values.member.1", "live")], &["b", "c"]),
        (&[("Filters.member.1.Name", "tag-key"), ("Filters.member.1.Values.member.1", "stage")], &["a", "b", "c"]),
        (&[("Filters.member.1.Name", "tag-value"), ("Filters.member.1.Values.member.1", "test")], &["a"]),
        (&[("Filters.member.1.Name", "tag:other"), ("Filters.member.1.Values.member.1", "live")], &[]),
    ];
    for (parameters, expected) in table {
        let reply = world.call("DescribeAutoScalingGroups", parameters).await.ok();
        assert_eq!(reply.all("AutoScalingGroupName"), expected, "{parameters:?}");
    }
    let elsewhere = world.call_in("us-east-1", "DescribeAutoScalingGroups", &[]).await.ok();
    assert!(elsewhere.all("AutoScalingGroupName").is_empty());
}
