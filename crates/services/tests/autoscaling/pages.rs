//! Pages of listings.

use crate::world::World;

/// All items of a listing in pages of two.
async fn paged(world: &World, action: &str, element: &str, parameters: &[(&str, &str)]) -> Vec<String> {
    let mut found = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let mut all = parameters.to_vec();
        all.push(("MaxRecords", "2"));
        all.extend(token.as_deref().map(|token| ("NextToken", token)));
        let reply = world.call(action, &all).await.ok();
        let items = reply.all(element);
        assert!(items.len() <= 2, "{action}: {items:?}");
        found.extend(items);
        match reply.all("NextToken").pop() {
            Some(next) => token = Some(next),
            None => return found,
        }
    }
}

#[tokio::test]
async fn every_listing_has_pages() {
    let world = World::new().await;
    let (_, vpc) = world.subnets().await;
    for name in ["a", "b", "c"] {
        world.group(name, ["0", "9", "0"]).await;
        let tag = [("Tags.member.1.ResourceId", name), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", name)];
        world.call("CreateOrUpdateTags", &tag).await.ok();
        let copy = [("LaunchConfigurationName", name), ("ImageId", crate::world::IMAGE), ("InstanceType", "t2.micro")];
        world.call("CreateLaunchConfiguration", &copy).await.ok();
        let arn = world.target_group(name, &vpc, "instance").await;
        let attach = [("AutoScalingGroupName", "a"), ("TargetGroupARNs.member.1", &*arn)];
        world.call("AttachLoadBalancerTargetGroups", &attach).await.ok();
        let instance = world.instance().await;
        let attach = [("AutoScalingGroupName", "a"), ("InstanceIds.member.1", &*instance)];
        world.call("AttachInstances", &attach).await.ok();
    }
    let group = [("AutoScalingGroupName", "a")];
    let table: [(&str, &str, &[(&str, &str)], usize); 7] = [
        ("DescribeAutoScalingGroups", "AutoScalingGroupARN", &[], 3),
        ("DescribeLaunchConfigurations", "LaunchConfigurationARN", &[], 4),
        ("DescribeTags", "ResourceId", &[], 3),
        ("DescribeAutoScalingInstances", "InstanceId", &[], 3),
        ("DescribeScalingActivities", "ActivityId", &group, 3),
        ("DescribeLoadBalancerTargetGroups", "LoadBalancerTargetGroupARN", &group, 3),
        ("DescribeTrafficSources", "Identifier", &group, 3),
    ];
    for (action, element, parameters, count) in table {
        let found = paged(&world, action, element, parameters).await;
        let distinct: std::collections::BTreeSet<&String> = found.iter().collect();
        assert_eq!((found.len(), distinct.len()), (count, count), "{action}: {found:?}");
        let bad = [parameters, &[("NextToken", "nonsense")]].concat();
        assert_eq!(world.call(action, &bad).await.error(), (400, "InvalidNextToken".into()), "{action}");
    }
}

#[tokio::test]
async fn a_token_is_good_for_its_own_listing_only() {
    let world = World::new().await;
    for name in ["a", "b"] {
        world.group(name, ["0", "9", "0"]).await;
    }
    let one = ("MaxRecords", "1");
    let token = world.call("DescribeAutoScalingGroups", &[one]).await.ok().one("NextToken");
    let other = [("NextToken", token.as_str()), ("AutoScalingGroupNames.member.1", "a")];
    world
        .refuses(&[
            ("DescribeTags", &[("NextToken", &token)], "InvalidNextToken", ""),
            ("DescribeAutoScalingGroups", &other, "InvalidNextToken", ""),
        ])
        .await;
}
