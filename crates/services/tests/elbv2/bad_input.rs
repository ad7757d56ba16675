//! Requests that fit no operation of ELBv2, and regions and accounts that are kept apart.

use crate::support::form_body;
use crate::world::{RUNNING_A, World};

#[tokio::test]
async fn operations_that_are_not_served_are_not_known() {
    let world = World::new().await;
    for operation in ["ModifyIpPools", "GetResourcePolicy", "Nonsense", ""] {
        let reply = world.call(operation, &[]).await;
        assert_eq!(reply.status, 400, "{operation}");
        assert!(["InvalidAction", "MissingAction"].contains(&reply.error().1.as_str()), "{}", reply.text());
    }
    // Classic load balancers share the signing name; the version tells them apart, and none are served.
    let signing = world.server.signing("elasticloadbalancing");
    let classic = world.server.form(&signing, "2012-06-01", "DescribeLoadBalancers", &[]).await;
    assert_eq!(classic.status, 400, "{}", classic.text());
    assert!(form_body("2015-12-01", "X", &[]).contains("Version=2015-12-01"));
}

#[tokio::test]
async fn lists_and_texts_that_are_no_lists_and_texts_are_refused() {
    let world = World::new().await;
    let group = world.target_group("web").await;
    let of = ("TargetGroupArn", group.as_str());
    let id = "Targets.member.1.Id";
    let table: &[(&str, &[(&str, &str)])] = &[
        ("RegisterTargets", &[of, ("Targets", RUNNING_A)]),
        ("RegisterTargets", &[of, ("Targets.member.x.Id", RUNNING_A)]),
        ("RegisterTargets", &[of, ("Targets.member.-1.Id", RUNNING_A)]),
        ("RegisterTargets", &[of, (id, RUNNING_A), (id, RUNNING_A)]),
        ("RegisterTargets", &[of, ("Targets.member.1.Id.member.1", RUNNING_A)]),
        ("RegisterTargets", &[of, ("Targets.member.1.Port", "80")]),
        ("RegisterTargets", &[of, (id, RUNNING_A), ("Targets.member.1.Port", "99999999999999999999")]),
        ("RegisterTargets", &[of, (id, RUNNING_A), ("Targets.member.1.Port", "٥")]),
        ("RegisterTargets", &[of, (id, RUNNING_A), ("Targets.member.1.Port", "5.0")]),
        ("RegisterTargets", &[(id, RUNNING_A)]),
        ("DescribeTargetGroups", &[("TargetGroupArns", "x"), ("TargetGroupArns.member.1", "x")]),
        ("DescribeTargetGroups", &[("DryRun", "true")]),
        ("DescribeTargetGroups", &[("Names.member.1", "a b")]),
        ("DeleteTargetGroup", &[]),
        ("DeleteTargetGroup", &[("TargetGroupArn", "arn:aws:elasticloadbalancing:x:1:targetgroup/../../x")]),
    ];
    for (action, parameters) in table {
        let reply = world.call(action, parameters).await;
        assert_eq!(reply.status, 400, "{action} {parameters:?}: {}", reply.text());
        assert_eq!(reply.error().1, "ValidationError", "{action} {parameters:?}: {}", reply.text());
    }
    assert!(world.targets().is_empty());
}

#[tokio::test]
async fn regions_are_kept_apart() {
    let world = World::new().await;
    let group = world.target_group("web").await;
    let mut signing = world.server.signing("elasticloadbalancing");
    signing.region = "us-east-1".into();
    let all = world.server.form(&signing, "2015-12-01", "DescribeTargetGroups", &[]).await.ok();
    assert!(all.all("TargetGroupArn").is_empty());
    let parameters = [("TargetGroupArns.member.1", group.as_str())];
    let foreign = world.server.form(&signing, "2015-12-01", "DescribeTargetGroups", &parameters).await;
    assert_eq!(foreign.error(), (400, "TargetGroupNotFound".into()));
    let delete = [("TargetGroupArn", group.as_str())];
    world.server.form(&signing, "2015-12-01", "DeleteTargetGroup", &delete).await.ok();
    assert_eq!(world.call("DescribeTargetGroups", &[]).await.all("TargetGroupArn"), [group]);
}
