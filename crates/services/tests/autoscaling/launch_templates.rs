//! Groups of launch templates and of mixed instances policies.

use model::autoscaling::group::LaunchSource;

use crate::world::{IMAGE, World, ZONES};

async fn template(world: &World, name: &str, more: &[(&str, &str)]) -> String {
    let fixed = [("LaunchTemplateName", name), ("LaunchTemplateData.ImageId", IMAGE)];
    world.ec2("CreateLaunchTemplate", &[&fixed[..], more].concat()).await.ok().one("launchTemplateId")
}

fn create<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let fixed =
        [("AutoScalingGroupName", "web"), ("MinSize", "0"), ("MaxSize", "3"), ("AvailabilityZones.member.1", ZONES[0])];
    [&fixed[..], more].concat()
}

const TYPE: (&str, &str) = ("LaunchTemplateData.InstanceType", "t2.micro");
const ID: &str = "LaunchTemplate.LaunchTemplateId";
const NAME: &str = "LaunchTemplate.LaunchTemplateName";
const VERSION: &str = "LaunchTemplate.Version";

#[tokio::test]
async fn a_template_is_named_by_id_or_name_and_its_version_shown_as_given() {
    let world = World::new().await;
    let id = template(&world, "web", &[TYPE]).await;
    world.call("CreateAutoScalingGroup", &create(&[(NAME, "web")])).await.ok();
    let reply = world.call("DescribeAutoScalingGroups", &[]).await.ok();
    assert_eq!(reply.one("LaunchTemplateId"), id);
    assert_eq!((reply.one("LaunchTemplateName"), reply.one("Version")), ("web".into(), "$Default".into()));
    assert!(reply.all("LaunchConfigurationName").is_empty());
    let update = [("AutoScalingGroupName", "web"), (ID, id.as_str()), (VERSION, "$Latest")];
    world.call("UpdateAutoScalingGroup", &update).await.ok();
    let reply = world.call("DescribeAutoScalingGroups", &[]).await.ok();
    assert_eq!(reply.one("Version"), "$Latest");
}

#[tokio::test]
async fn what_cannot_be_launched_is_refused_when_it_is_named() {
    let world = World::new().await;
    let id = template(&world, "web", &[TYPE]).await;
    let bare = [("LaunchTemplateName", "bare"), TYPE];
    world.ec2("CreateLaunchTemplate", &bare).await.ok();
    let with_key = template(&world, "keyed", &[TYPE, ("LaunchTemplateData.KeyName", "mine")]).await;
    let action = "CreateAutoScalingGroup";
    let code = "ValidationError";
    world
        .refuses(&[
            (action, &create(&[]), code, "give one of"),
            (action, &create(&[(ID, &id), ("LaunchConfigurationName", "web-1")]), code, "not several"),
            (action, &create(&[("LaunchConfigurationName", "web-9")]), code, "Launch configuration name not found - "),
            (action, &create(&[(ID, &id), (NAME, "web")]), code, "not both"),
            (action, &create(&[(VERSION, "1")]), code, "LaunchTemplateId or LaunchTemplateName"),
            (action, &create(&[(NAME, "nobody")]), code, "nobody"),
            (action, &create(&[(ID, "lt-0123456789abcdef0")]), code, "lt-0123456789abcdef0"),
            (action, &create(&[(ID, "x")]), code, "does not exist"),
            (action, &create(&[(ID, &id), (VERSION, "2")]), code, "has no version 2"),
            (action, &create(&[(ID, &id), (VERSION, "newest")]), code, "newest"),
            (action, &create(&[(NAME, "bare")]), code, "ImageId"),
            (action, &create(&[(ID, &with_key)]), code, "The key pair 'mine' does not exist"),
        ])
        .await;
}

const SPECIFICATION: &str = "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId";
const FIRST: &str = "MixedInstancesPolicy.LaunchTemplate.Overrides.member.1.InstanceType";
const SECOND: &str = "MixedInstancesPolicy.LaunchTemplate.Overrides.member.2.InstanceType";
const STRATEGY: &str = "MixedInstancesPolicy.InstancesDistribution.OnDemandAllocationStrategy";

#[tokio::test]
async fn a_mixed_policy_keeps_what_an_update_leaves_out() {
    let world = World::new().await;
    let id = template(&world, "web", &[TYPE]).await;
    let percentage = "MixedInstancesPolicy.InstancesDistribution.OnDemandPercentageAboveBaseCapacity";
    let policy = [(SPECIFICATION, id.as_str()), (FIRST, "t3.small"), (SECOND, "t2.nano"), (percentage, "100")];
    world.call("CreateAutoScalingGroup", &create(&policy)).await.ok();
    let reply = world.call("DescribeAutoScalingGroups", &[]).await.ok();
    assert_eq!(reply.all("InstanceType"), ["t3.small", "t2.nano"]);
    assert_eq!(reply.one("OnDemandAllocationStrategy"), "prioritized");
    assert_eq!(reply.one("OnDemandPercentageAboveBaseCapacity"), "100");

    let update = [("AutoScalingGroupName", "web"), (STRATEGY, "lowest-price")];
    world.call("UpdateAutoScalingGroup", &update).await.ok();
    let group = world.record("web");
    let LaunchSource::Mixed { template, overrides, allocation_strategy } = &group.launch else {
        panic!("{:?}", group.launch)
    };
    assert_eq!((template.id.as_str(), overrides.len(), allocation_strategy.as_str()), (&*id, 2, "lowest-price"));
}

#[tokio::test]
async fn only_instances_on_demand_are_mixed() {
    let world = World::new().await;
    let id = template(&world, "web", &[TYPE]).await;
    let distribution = |member: &str| format!("MixedInstancesPolicy.InstancesDistribution.{member}");
    let (base, percentage) =
        (distribution("OnDemandBaseCapacity"), distribution("OnDemandPercentageAboveBaseCapacity"));
    let spot = distribution("SpotAllocationStrategy");
    let weight = "MixedInstancesPolicy.LaunchTemplate.Overrides.member.1.WeightedCapacity";
    let requirements = "MixedInstancesPolicy.LaunchTemplate.Overrides.member.1.InstanceRequirements.VCpuCount.Min";
    let (action, code, named) = ("CreateAutoScalingGroup", "ValidationError", (SPECIFICATION, id.as_str()));
    world
        .refuses(&[
            (action, &create(&[named, (&base, "1")]), code, "OnDemandBaseCapacity"),
            (action, &create(&[named, (&percentage, "50")]), code, "OnDemandPercentageAboveBaseCapacity"),
            (action, &create(&[named, (&spot, "lowest-price")]), code, "SpotAllocationStrategy"),
            (action, &create(&[named, (FIRST, "t2.nano"), (weight, "2")]), code, "WeightedCapacity"),
            (action, &create(&[named, (requirements, "2")]), code, "InstanceRequirements"),
            (action, &create(&[named, (STRATEGY, "random")]), code, "random"),
            (action, &create(&[named, (FIRST, "t9.huge")]), code, "t9.huge"),
            (action, &create(&[named, (FIRST, "t2.nano"), (SECOND, "t2.nano")]), code, "more than once"),
            (action, &create(&[(STRATEGY, "prioritized")]), code, "LaunchTemplateSpecification"),
        ])
        .await;
}
