//! Target groups, traffic sources, and Classic Load Balancers, of which there are none.

use model::autoscaling::group::AttachmentState;

use crate::world::{World, inner};

const GROUP: (&str, &str) = ("AutoScalingGroupName", "web");
const ARN: &str = "TargetGroupARNs.member.1";
const SOURCE: &str = "TrafficSources.member.1.Identifier";
const TYPE: &str = "TrafficSources.member.1.Type";

fn states(world: &World) -> Vec<AttachmentState> {
    world.record("web").target_groups.iter().map(|attached| attached.state).collect()
}

#[tokio::test]
async fn target_groups_are_attached_and_detached_under_both_names() {
    let world = World::new().await;
    world.group("web", ["0", "1", "0"]).await;
    let (_, vpc) = world.subnets().await;
    let arn = world.target_group("web", &vpc, "instance").await;
    for (attach, detach, name) in [
        ("AttachLoadBalancerTargetGroups", "DetachLoadBalancerTargetGroups", ARN),
        ("AttachTrafficSources", "DetachTrafficSources", SOURCE),
    ] {
        world.call(attach, &[GROUP, (name, &arn)]).await.ok();
        assert_eq!(states(&world), [AttachmentState::Adding]);
        world.edit("web", |group| group.target_groups[0].state = AttachmentState::InService).await;
        world.call(attach, &[GROUP, (name, &arn)]).await.ok();
        assert_eq!(states(&world), [AttachmentState::InService], "it is attached already");
        let reply = world.call("DescribeLoadBalancerTargetGroups", &[GROUP]).await.ok();
        assert_eq!((reply.one("LoadBalancerTargetGroupARN"), reply.one("State")), (arn.clone(), "InService".into()));
        let reply = world.call("DescribeTrafficSources", &[GROUP, ("TrafficSourceType", "elbv2")]).await.ok();
        assert_eq!((reply.one("Identifier"), reply.one("Type")), (arn.clone(), "elbv2".into()));
        let reply = world.call("DescribeTrafficSources", &[GROUP, ("TrafficSourceType", "elb")]).await.ok();
        assert!(reply.all("Identifier").is_empty());
        world.call(detach, &[GROUP, (name, &arn)]).await.ok();
        assert_eq!(states(&world), [AttachmentState::Removing]);
        let shown = world.call("DescribeAutoScalingGroups", &[]).await.ok();
        assert!(inner(&shown.one("TargetGroupARNs"), "member").is_empty());
        world.edit("web", |group| group.target_groups.clear()).await;
    }
}

#[tokio::test]
async fn what_cannot_be_attached_is_refused() {
    let world = World::new().await;
    let (subnets, vpc) = world.subnets().await;
    world.group("web", ["0", "1", "0"]).await;
    world.call("UpdateAutoScalingGroup", &[GROUP, ("VPCZoneIdentifier", &subnets[0])]).await.ok();
    let other = world.ec2("CreateVpc", &[("CidrBlock", "10.9.0.0/16")]).await.ok().one("vpcId");
    let arn = world.target_group("web", &vpc, "instance").await;
    let addresses = world.target_group("ips", &vpc, "ip").await;
    let foreign = world.target_group("foreign", &other, "instance").await;
    let gone = arn.replace("/web/", "/gone/");
    let code = "ValidationError";
    let names: Vec<String> = (1..=11).map(|n| format!("TargetGroupARNs.member.{n}")).collect();
    let arns: Vec<String> = (1..=11).map(|n| arn.replace("/web/", &format!("/web{n}/"))).collect();
    let many: Vec<(&str, &str)> = names.iter().zip(&arns).map(|(name, arn)| (&**name, &**arn)).chain([GROUP]).collect();
    let attach = "AttachLoadBalancerTargetGroups";
    world
        .refuses(&[
            (attach, &[GROUP, (ARN, &gone)], code, "does not exist"),
            (attach, &[GROUP, (ARN, "web")], code, "not a valid ARN"),
            (attach, &[GROUP, (ARN, &addresses)], code, "target type `instance`"),
            (attach, &[GROUP, (ARN, &foreign)], code, "VPC"),
            (attach, &many, code, "at most 10 target groups"),
            (attach, &[GROUP], code, "TargetGroupARNs"),
            ("DetachLoadBalancerTargetGroups", &[GROUP, (ARN, &arn)], code, "is not attached"),
            ("AttachTrafficSources", &[GROUP, (SOURCE, "classic"), (TYPE, "elb")], code, "`classic`"),
            ("AttachTrafficSources", &[GROUP, (SOURCE, "classic")], code, "`classic`"),
            ("AttachTrafficSources", &[GROUP, (SOURCE, &arn), (TYPE, "vpc-lattice")], code, "VPC Lattice"),
            ("AttachTrafficSources", &[GROUP, (SOURCE, &arn), (TYPE, "gwy")], code, "`gwy`"),
            ("DescribeTrafficSources", &[GROUP, ("TrafficSourceType", "x")], code, "TrafficSourceType"),
            ("DescribeLoadBalancerTargetGroups", &[("AutoScalingGroupName", "x")], code, "name not found"),
        ])
        .await;
    assert!(states(&world).is_empty());
}

#[tokio::test]
async fn there_is_no_classic_load_balancer_to_attach() {
    let world = World::new().await;
    world.group("web", ["0", "1", "0"]).await;
    let name = ("LoadBalancerNames.member.1", "classic");
    let create = [
        ("AutoScalingGroupName", "other"),
        ("LaunchConfigurationName", "web-1"),
        ("MinSize", "0"),
        ("MaxSize", "1"),
        ("AvailabilityZones.member.1", "ap-northeast-2a"),
        name,
    ];
    let (code, text) = ("ValidationError", "there is no Classic Load Balancer `classic`");
    world
        .refuses(&[
            ("AttachLoadBalancers", &[GROUP, name], code, text),
            ("DetachLoadBalancers", &[GROUP, name], code, text),
            ("CreateAutoScalingGroup", &create, code, text),
            ("AttachLoadBalancers", &[("AutoScalingGroupName", "none"), name], code, "name not found"),
        ])
        .await;
    let reply = world.call("DescribeLoadBalancers", &[GROUP]).await.ok();
    assert!(reply.all("LoadBalancerName").is_empty());
}
