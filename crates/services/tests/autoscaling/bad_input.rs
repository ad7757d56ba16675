//! Groups that cannot be made or changed, operations that are not served, members that are refused by name.

use model::autoscaling::group::{AutoScalingGroup, MAXIMUM_GROUPS};

use crate::world::{UNKNOWN, World, ZONES, scope};

const NAME: (&str, &str) = ("AutoScalingGroupName", "new");
const LAUNCH: (&str, &str) = ("LaunchConfigurationName", "web-1");
const MIN: (&str, &str) = ("MinSize", "0");
const MAX: (&str, &str) = ("MaxSize", "3");
const ZONE: (&str, &str) = ("AvailabilityZones.member.1", ZONES[0]);

/// A good request with more members.
fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[NAME, LAUNCH, MIN, MAX, ZONE][..], more].concat()
}

#[tokio::test]
async fn bad_groups_are_refused_and_say_why() {
    let world = World::new().await;
    let (subnets, vpc) = world.subnets().await;
    let other = world.ec2("CreateVpc", &[("CidrBlock", "10.9.0.0/16")]).await.ok().one("vpcId");
    let foreign = [("VpcId", &*other), ("CidrBlock", "10.9.1.0/24"), ("AvailabilityZone", ZONES[0])];
    let foreign = world.ec2("CreateSubnet", &foreign).await.ok().one("subnetId");
    let arn = world.target_group("web", &vpc, "instance").await;
    let two_vpcs = format!("{},{foreign}", subnets[0]);
    let (create, code) = ("CreateAutoScalingGroup", "ValidationError");
    let table: Vec<(Vec<(&str, &str)>, &str)> = vec![
        (vec![LAUNCH, MIN, MAX, ZONE], "AutoScalingGroupName"),
        (vec![NAME, LAUNCH, MAX, ZONE], "MinSize"),
        (vec![NAME, LAUNCH, MIN, ZONE], "MaxSize"),
        (vec![NAME, MIN, MAX, ZONE], "give one of"),
        (vec![NAME, LAUNCH, MIN, MAX], "At least one Availability Zone or VPC Subnet is required."),
        (vec![("AutoScalingGroupName", "a:b"), LAUNCH, MIN, MAX, ZONE], "':'"),
        (vec![("AutoScalingGroupName", "a b"), LAUNCH, MIN, MAX, ZONE], "' '"),
        (vec![("AutoScalingGroupName", "웹"), LAUNCH, MIN, MAX, ZONE], "웹"),
        (vec![NAME, LAUNCH, ("MinSize", "4"), MAX, ZONE], "above the maximum size 3"),
        (vec![NAME, LAUNCH, ("MinSize", "-1"), MAX, ZONE], "MinSize"),
        (with(&[("DesiredCapacity", "4")]), "above the maximum size 3"),
        (vec![NAME, LAUNCH, ("MinSize", "1"), MAX, ZONE, ("DesiredCapacity", "0")], "below the minimum size 1"),
        (vec![NAME, LAUNCH, MIN, MAX, ("AvailabilityZones.member.1", "eu-west-1a")], "eu-west-1a"),
        (with(&[("AvailabilityZoneIds.member.1", "apne2-az1")]), "not both"),
        (vec![NAME, LAUNCH, MIN, MAX, ("VPCZoneIdentifier", "subnet-1")], "'subnet-1' does not exist"),
        (with(&[("VPCZoneIdentifier", &subnets[1])]), "do not match"),
        (vec![NAME, LAUNCH, MIN, MAX, ("VPCZoneIdentifier", &two_vpcs)], "different VPCs"),
        (with(&[("HealthCheckType", "EBS")]), "volumes"),
        (with(&[("HealthCheckType", "TCP")]), "TCP"),
        (with(&[("HealthCheckGracePeriod", "-1")]), "HealthCheckGracePeriod"),
        (with(&[("DefaultInstanceWarmup", "3601")]), "DefaultInstanceWarmup"),
        (with(&[("DefaultInstanceWarmup", "-2")]), "DefaultInstanceWarmup"),
        (with(&[("DefaultCooldown", "-1")]), "DefaultCooldown"),
        (with(&[("MaxInstanceLifetime", "3600")]), "MaxInstanceLifetime"),
        (with(&[("TerminationPolicies.member.1", "Random")]), "Random"),
        (with(&[("TerminationPolicies.member.1", "arn:aws:lambda:ap-northeast-2:123456789012:function:x")]), "Lambda"),
        (with(&[("DeletionProtection", "some")]), "DeletionProtection"),
        (with(&[("CapacityRebalance", "true")]), "Spot"),
        (with(&[("DesiredCapacityType", "vcpu")]), "vcpu"),
        (with(&[("DesiredCapacityType", "racks")]), "racks"),
        (with(&[("PlacementGroup", "near")]), "placement groups"),
        (with(&[("Operator.Principal", "x")]), "Operator"),
        (with(&[("SkipZonalShiftValidation", "true")]), "zonal shift"),
        (with(&[("AvailabilityZoneImpairmentPolicy.ZonalShiftEnabled", "true")]), "zonal shift"),
        (
            with(&[("AvailabilityZoneDistribution.CapacityDistributionStrategy", "reservations-then-balanced")]),
            "capacity reservations",
        ),
        (with(&[("CapacityReservationSpecification.CapacityReservationPreference", "none")]), "capacity reservations"),
        (with(&[("InstanceMaintenancePolicy.MinHealthyPercentage", "90")]), "MaxHealthyPercentage"),
        (with(&[("ServiceLinkedRoleARN", "arn:aws:iam::123456789012:role/x")]), "service-linked role"),
        (with(&[("InstanceId", UNKNOWN)]), "not several"),
        (vec![NAME, MIN, MAX, ZONE, ("InstanceId", UNKNOWN)], UNKNOWN),
        (with(&[("Tags.member.1.Key", "a"), ("Tags.member.1.ResourceId", "other")]), "ResourceId"),
        (with(&[("TargetGroupARNs.member.1", &arn), ("TrafficSources.member.1.Identifier", &arn)]), "not both"),
        (with(&[("TargetGroupARNs.member.1", "x")]), "not a valid ARN"),
        (
            with(&[
                ("LifecycleHookSpecificationList.member.1.LifecycleHookName", "h"),
                ("LifecycleHookSpecificationList.member.1.LifecycleTransition", "x"),
            ]),
            "LifecycleTransition",
        ),
    ];
    for (parameters, text) in &table {
        world.refuses(&[(create, parameters, code, text)]).await;
    }
    assert_eq!(world.server.store.view().list::<AutoScalingGroup>(&scope()).count(), 0);
    world.call(create, &with(&[])).await.ok();
    world.refuses(&[(create, &with(&[]), "AlreadyExists", "already exists")]).await;
}

#[tokio::test]
async fn bad_updates_change_nothing() {
    let world = World::new().await;
    let before = world.group("new", ["1", "3", "2"]).await;
    let (update, code) = ("UpdateAutoScalingGroup", "ValidationError");
    world
        .refuses(&[
            (update, &[("AutoScalingGroupName", "none")], code, "AutoScalingGroup name not found - "),
            (
                update,
                &[("AutoScalingGroupName", "arn:aws:autoscaling:x:1:autoScalingGroup:u:autoScalingGroupName/new")],
                code,
                "not found",
            ),
            (update, &[NAME, ("MinSize", "4")], code, "above the maximum size 3"),
            (update, &[NAME, ("DesiredCapacity", "4")], code, "above the maximum size 3"),
            (update, &[NAME, ("DesiredCapacity", "0")], code, "below the minimum size 1"),
            (update, &[NAME, ("MaxSize", "9"), ("HealthCheckType", "x")], code, "HealthCheckType"),
            (
                update,
                &[NAME, ("MaxSize", "9"), ("LaunchConfigurationName", "x")],
                code,
                "Launch configuration name not found",
            ),
            (update, &[NAME, ("MaxSize", "9"), ("AvailabilityZones.member.1", "x")], code, "no Availability Zone"),
            (update, &[NAME, ("PlacementGroup", "")], code, "placement groups"),
        ])
        .await;
    assert_eq!(world.record("new"), before);
}

#[tokio::test]
async fn there_are_five_hundred_groups_at_most() {
    let world = World::new().await;
    let first = world.group("first", ["0", "1", "0"]).await;
    for number in 1..MAXIMUM_GROUPS {
        world.put(AutoScalingGroup { name: format!("group-{number}"), ..AutoScalingGroup::clone(&first) }).await;
    }
    world.refuses(&[("CreateAutoScalingGroup", &with(&[]), "LimitExceeded", "at most 500 Auto Scaling groups")]).await;
}

#[tokio::test]
async fn operations_that_are_not_served_are_not_known() {
    let world = World::new().await;
    for operation in ["LaunchInstances", "PutAccountSetting", "DescribeAccountSettings", "Nonsense"] {
        assert_eq!(world.call(operation, &[]).await.error(), (400, "InvalidAction".into()), "{operation}");
    }
}
