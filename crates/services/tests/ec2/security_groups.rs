//! Security groups and their rules.

use crate::region::Ec2;
use crate::support::ACCOUNT;

/// Parameters of one permission in the list form.
fn permission<'a>(protocol: &'a str, from: &'a str, to: &'a str, cidr: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("IpPermissions.1.IpProtocol", protocol),
        ("IpPermissions.1.FromPort", from),
        ("IpPermissions.1.ToPort", to),
        ("IpPermissions.1.IpRanges.1.CidrIp", cidr),
    ]
}

fn with<'a>(group: &'a str, parameters: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("GroupId", group)][..], parameters].concat()
}

#[tokio::test]
async fn a_group_is_made_for_ssh_web_and_application() {
    let ec2 = Ec2::start().await;
    let group = ec2.group(&ec2.default_vpc().await, "web").await;
    let rules = [("22", "203.0.113.7/32"), ("80", "0.0.0.0/0"), ("443", "0.0.0.0/0"), ("3000", "0.0.0.0/0")];
    for (port, cidr) in rules {
        let reply =
            ec2.call("AuthorizeSecurityGroupIngress", &with(&group, &permission("tcp", port, port, cidr))).await;
        let reply = reply.ok();
        assert_eq!(reply.one("return"), "true");
        assert_eq!((reply.one("fromPort"), reply.one("cidrIpv4")), (port.into(), cidr.into()));
        assert_eq!((reply.one("isEgress"), reply.one("groupOwnerId")), ("false".into(), ACCOUNT.into()));
    }
    let shown = ec2.call("DescribeSecurityGroups", &[("GroupId.1", &group)]).await.ok();
    assert_eq!(shown.all("fromPort"), ["22", "80", "443", "3000"]);
    assert_eq!(shown.all("ipProtocol"), ["tcp", "tcp", "tcp", "tcp", "-1"], "the last one is everything out");
    let by_filter = [("Filter.1.Name", "group-id"), ("Filter.1.Value.1", group.as_str())];
    assert_eq!(ec2.call("DescribeSecurityGroupRules", &by_filter).await.ok().all("securityGroupRuleId").len(), 5);
}

#[tokio::test]
async fn one_permission_can_have_many_peers_and_is_shown_as_one() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    let (group, other) = (ec2.group(&vpc, "app").await, ec2.group(&vpc, "lb").await);
    let parameters = [
        ("GroupId", group.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "3000"),
        ("IpPermissions.1.ToPort", "3010"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.1/8"),
        ("IpPermissions.1.IpRanges.1.Description", "inside"),
        ("IpPermissions.1.Ipv6Ranges.1.CidrIpv6", "2001:DB8::/32"),
        ("IpPermissions.1.Groups.1.GroupId", &other),
        ("IpPermissions.1.Groups.2.GroupName", "app"),
        ("TagSpecification.1.ResourceType", "security-group-rule"),
        ("TagSpecification.1.Tag.1.Key", "why"),
        ("TagSpecification.1.Tag.1.Value", "test"),
    ];
    let reply = ec2.call("AuthorizeSecurityGroupIngress", &parameters).await.ok();
    assert_eq!(reply.all("securityGroupRuleId").len(), 4);
    assert_eq!(reply.all("value"), ["test"; 4]);
    let shown = ec2.call("DescribeSecurityGroups", &[("GroupId.1", &group)]).await.ok();
    assert_eq!(shown.all("cidrIp")[0], "10.0.0.0/8", "host bits are cleared");
    assert_eq!(shown.one("cidrIpv6"), "2001:db8::/32");
    assert_eq!(shown.all("fromPort"), ["3000"]);
    assert_eq!(shown.all("groupId").iter().filter(|id| **id == group).count(), 2, "itself by name");
    for (name, value, found) in [
        ("ip-permission.cidr", "10.0.0.0/8", 1),
        ("ip-permission.from-port", "3000", 1),
        ("ip-permission.to-port", "3000", 0),
        ("ip-permission.group-id", other.as_str(), 1),
        ("ip-permission.ipv6-cidr", "2001:db8::*", 1),
        ("ip-permission.protocol", "tcp", 1),
        ("egress.ip-permission.cidr", "0.0.0.0/0", 3),
    ] {
        let reply =
            ec2.call("DescribeSecurityGroups", &[("Filter.1.Name", name), ("Filter.1.Value.1", value)]).await.ok();
        assert_eq!(reply.all("groupName").len(), found, "{name}");
    }
}

#[tokio::test]
async fn bad_groups_are_refused() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    ec2.group(&vpc, "taken").await;
    let long = "x".repeat(256);
    let table: &[(&str, &str, &str)] = &[
        ("web", "웹 서버", "InvalidParameterValue"),
        ("web", "a\nb", "InvalidParameterValue"),
        ("web", &long, "InvalidParameterValue"),
        ("web", "", "MissingParameter"),
        ("웹", "web", "InvalidParameterValue"),
        ("", "web", "InvalidParameterValue"),
        (" web", "web", "InvalidParameterValue"),
        ("sg-web", "web", "InvalidParameterValue"),
        ("default", "web", "InvalidParameterValue"),
        (&long, "web", "InvalidParameterValue"),
        ("taken", "web", "InvalidGroup.Duplicate"),
    ];
    for (name, description, code) in table {
        let parameters = [("GroupName", *name), ("GroupDescription", *description)];
        assert_eq!(ec2.code("CreateSecurityGroup", &parameters).await, *code, "{name} {description}");
    }
    let other = ec2.vpc("10.0.0.0/16").await;
    ec2.group(&other, "taken").await;
    ec2.refuses(&[
        ("CreateSecurityGroup", &[("GroupName", "a")], "MissingParameter"),
        (
            "CreateSecurityGroup",
            &[("GroupName", "a"), ("GroupDescription", "a"), ("VpcId", "vpc-00000000")],
            "InvalidVpcID.NotFound",
        ),
        (
            "CreateSecurityGroup",
            &[("GroupName", "a"), ("GroupDescription", "a"), ("DryRun", "true")],
            "DryRunOperation",
        ),
        ("DeleteSecurityGroup", &[], "MissingParameter"),
        ("DeleteSecurityGroup", &[("GroupName", "nobody")], "InvalidGroup.NotFound"),
        ("DeleteSecurityGroup", &[("GroupId", "sg-00000000")], "InvalidGroup.NotFound"),
        ("DeleteSecurityGroup", &[("GroupId", "web")], "InvalidGroupId.Malformed"),
        ("DeleteSecurityGroup", &[("GroupName", "default")], "CannotDelete"),
        ("DescribeSecurityGroups", &[("GroupName.1", "nobody")], "InvalidGroup.NotFound"),
    ])
    .await;
}

#[tokio::test]
async fn bad_rules_are_refused_and_change_nothing() {
    let ec2 = Ec2::start().await;
    let group = ec2.group(&ec2.default_vpc().await, "web").await;
    let foreign = ec2.group(&ec2.vpc("10.0.0.0/16").await, "foreign").await;
    let rules: &[(&str, &str, &str, &str, &str)] = &[
        ("tcp", "80", "79", "0.0.0.0/0", "InvalidParameterValue"),
        ("tcp", "-1", "80", "0.0.0.0/0", "InvalidParameterValue"),
        ("tcp", "0", "65536", "0.0.0.0/0", "InvalidParameterValue"),
        ("tcp", "1e3", "2000", "0.0.0.0/0", "InvalidParameterValue"),
        ("tcp", "80", "80", "0.0.0.0/33", "InvalidParameterValue"),
        ("tcp", "80", "80", "::/0", "InvalidParameterValue"),
        ("tcp", "80", "80", "010.0.0.1/8", "InvalidParameterValue"),
        ("icmp", "256", "0", "0.0.0.0/0", "InvalidParameterValue"),
        ("http", "80", "80", "0.0.0.0/0", "InvalidPermission.Malformed"),
        ("256", "80", "80", "0.0.0.0/0", "InvalidPermission.Malformed"),
    ];
    for (protocol, from, to, cidr, code) in rules {
        for action in ["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"] {
            let found = ec2.code(action, &with(&group, &permission(protocol, from, to, cidr))).await;
            assert_eq!(found, *code, "{protocol} {from} {to} {cidr}");
        }
    }
    let action = "AuthorizeSecurityGroupIngress";
    let tcp =
        [("IpPermissions.1.IpProtocol", "tcp"), ("IpPermissions.1.FromPort", "80"), ("IpPermissions.1.ToPort", "80")];
    let with_tcp = |more: &[(&'static str, &'static str)]| with("", &[&tcp[..], more].concat())[1..].to_vec();
    let description = with_tcp(&[
        ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
        ("IpPermissions.1.IpRanges.1.Description", "웹"),
    ]);
    let prefix_list = with_tcp(&[("IpPermissions.1.PrefixListIds.1.PrefixListId", "pl-1")]);
    let unknown_group = with_tcp(&[("IpPermissions.1.Groups.1.GroupId", "sg-00000000")]);
    let unknown_name = with_tcp(&[("IpPermissions.1.Groups.1.GroupName", "nobody")]);
    let other_account =
        with_tcp(&[("IpPermissions.1.Groups.1.GroupName", "web"), ("IpPermissions.1.Groups.1.UserId", "111122223333")]);
    let both_forms = with_tcp(&[("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"), ("CidrIp", "0.0.0.0/0")]);
    let in_other_vpc = [&tcp[..], &[("IpPermissions.1.Groups.1.GroupId", foreign.as_str())]].concat();
    let table: Vec<(Vec<(&str, &str)>, &str)> = vec![
        (vec![], "MissingParameter"),
        (tcp.to_vec(), "MissingParameter"),
        (vec![("CidrIp", "0.0.0.0/0")], "MissingParameter"),
        (vec![("IpProtocol", "tcp"), ("CidrIp", "0.0.0.0/0")], "InvalidParameterValue"),
        (description, "InvalidParameterValue"),
        (prefix_list, "UnsupportedOperation"),
        (unknown_group, "InvalidGroup.NotFound"),
        (unknown_name, "InvalidGroup.NotFound"),
        (other_account, "InvalidGroup.NotFound"),
        (in_other_vpc, "InvalidGroup.NotFound"),
        (both_forms, "InvalidParameterCombination"),
    ];
    for (parameters, code) in table {
        assert_eq!(ec2.code(action, &with(&group, &parameters)).await, code, "{parameters:?}");
    }
    let permission = permission("tcp", "80", "80", "0.0.0.0/0");
    assert_eq!(ec2.code(action, &with("sg-00000000", &permission)).await, "InvalidGroup.NotFound");
    assert_eq!(ec2.code(action, &permission).await, "MissingParameter");
    assert_eq!(
        ec2.code(action, &with(&group, &[&permission[..], &[("DryRun", "true")]].concat())).await,
        "DryRunOperation"
    );
    let by_filter = [("Filter.1.Name", "group-id"), ("Filter.1.Value.1", group.as_str())];
    assert_eq!(ec2.call("DescribeSecurityGroupRules", &by_filter).await.ok().all("securityGroupRuleId").len(), 1);
}

#[tokio::test]
async fn the_same_rule_cannot_be_there_twice() {
    let ec2 = Ec2::start().await;
    let group = ec2.group(&ec2.default_vpc().await, "web").await;
    let rule = with(&group, &permission("tcp", "80", "80", "10.0.0.0/8"));
    ec2.call("AuthorizeSecurityGroupIngress", &rule).await.ok();
    let action = "AuthorizeSecurityGroupIngress";
    assert_eq!(ec2.code(action, &rule).await, "InvalidPermission.Duplicate");
    for (protocol, cidr) in [("6", "10.0.0.0/8"), ("tcp", "10.1.2.3/8")] {
        let same = with(&group, &permission(protocol, "80", "80", cidr));
        assert_eq!(ec2.code(action, &same).await, "InvalidPermission.Duplicate", "{protocol} {cidr}");
    }
    let twice = [
        ("GroupId", group.as_str()),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/8"),
        ("IpPermissions.1.IpRanges.2.CidrIp", "10.0.0.0/8"),
    ];
    assert_eq!(ec2.code(action, &twice).await, "InvalidPermission.Duplicate");
    // The other direction is another rule.
    ec2.call("AuthorizeSecurityGroupEgress", &rule).await.ok();
}

#[tokio::test]
async fn sixty_rules_in_one_direction_are_the_most() {
    let ec2 = Ec2::start().await;
    let group = ec2.group(&ec2.default_vpc().await, "web").await;
    let names: Vec<String> = (1..=60).map(|n| format!("IpPermissions.1.IpRanges.{n}.CidrIp")).collect();
    let cidrs: Vec<String> = (1..=60).map(|n| format!("10.{n}.0.0/16")).collect();
    let mut all = with(&group, &[("IpPermissions.1.IpProtocol", "-1")]);
    all.extend(names.iter().zip(&cidrs).map(|(name, cidr)| (name.as_str(), cidr.as_str())));
    ec2.call("AuthorizeSecurityGroupIngress", &all).await.ok();
    let one_more = with(&group, &permission("tcp", "80", "80", "0.0.0.0/0"));
    assert_eq!(ec2.code("AuthorizeSecurityGroupIngress", &one_more).await, "RulesPerSecurityGroupLimitExceeded");
    ec2.call("AuthorizeSecurityGroupEgress", &one_more).await.ok();
}

#[tokio::test]
async fn rules_are_revoked_by_id_and_by_permission() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.vpc("10.0.0.0/16").await;
    let group = ec2.group(&vpc, "web").await;
    let (web, ssh) = (permission("tcp", "80", "80", "0.0.0.0/0"), permission("tcp", "22", "22", "0.0.0.0/0"));
    let id = ec2.call("AuthorizeSecurityGroupIngress", &with(&group, &web)).await.ok().one("securityGroupRuleId");
    ec2.call("AuthorizeSecurityGroupIngress", &with(&group, &ssh)).await.ok();
    let (revoke, by_id) = ("RevokeSecurityGroupIngress", [("SecurityGroupRuleId.1", id.as_str())]);
    assert_eq!(
        ec2.code("RevokeSecurityGroupEgress", &with(&group, &by_id)).await,
        "InvalidSecurityGroupRuleId.NotFound"
    );
    let both = [&by_id[..], &ssh].concat();
    assert_eq!(ec2.code(revoke, &with(&group, &both)).await, "InvalidParameterCombination");
    assert_eq!(
        ec2.code(revoke, &with(&group, &[("SecurityGroupRuleId.1", "x")])).await,
        "InvalidSecurityGroupRuleId.Malformed"
    );
    let revoked = ec2.call(revoke, &with(&group, &by_id)).await.ok();
    assert_eq!((revoked.one("securityGroupRuleId"), revoked.one("fromPort")), (id.clone(), "80".into()));
    assert_eq!(ec2.code(revoke, &with(&group, &by_id)).await, "InvalidSecurityGroupRuleId.NotFound");
    assert_eq!(ec2.code(revoke, &with(&group, &web)).await, "InvalidPermission.NotFound");
    assert_eq!(ec2.code(revoke, &with(&group, &[])).await, "MissingParameter");
    ec2.call(revoke, &with(&group, &ssh)).await.ok();
    let everything = [("IpPermissions.1.IpProtocol", "-1"), ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0")];
    ec2.call("RevokeSecurityGroupEgress", &with(&group, &everything)).await.ok();
    let of = [("Filter.1.Name", "group-id"), ("Filter.1.Value.1", group.as_str())];
    assert!(ec2.call("DescribeSecurityGroupRules", &of).await.ok().all("securityGroupRuleId").is_empty());
}

#[tokio::test]
async fn in_the_default_vpc_unknown_permissions_are_only_remarked_upon() {
    let ec2 = Ec2::start().await;
    let group = ec2.group(&ec2.default_vpc().await, "web").await;
    let reply =
        ec2.call("RevokeSecurityGroupIngress", &with(&group, &permission("tcp", "80", "80", "0.0.0.0/0"))).await.ok();
    assert!(reply.all("securityGroupRuleId").is_empty());
    assert_eq!((reply.one("fromPort"), reply.one("cidrIp")), ("80".into(), "0.0.0.0/0".into()));
}

#[tokio::test]
async fn the_older_form_works_by_names_in_the_default_vpc() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    ec2.group(&vpc, "web").await;
    let single =
        [("GroupName", "web"), ("IpProtocol", "tcp"), ("FromPort", "80"), ("ToPort", "80"), ("CidrIp", "0.0.0.0/0")];
    ec2.call("AuthorizeSecurityGroupIngress", &single).await.ok();
    let from_group = [("GroupName", "web"), ("SourceSecurityGroupName", "default")];
    let reply = ec2.call("AuthorizeSecurityGroupIngress", &from_group).await.ok();
    assert_eq!((reply.one("ipProtocol"), reply.one("fromPort")), ("-1".into(), "-1".into()));
    ec2.call("RevokeSecurityGroupIngress", &single).await.ok();
    ec2.call("RevokeSecurityGroupIngress", &from_group).await.ok();
    ec2.call("DeleteSecurityGroup", &[("GroupName", "web")]).await.ok();
}

#[tokio::test]
async fn groups_in_use_cannot_be_deleted() {
    use model::ec2::instance::InstanceState;
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    let (app, lb) = (ec2.group(&vpc, "app").await, ec2.group(&vpc, "lb").await);
    let from_lb = [("IpPermissions.1.IpProtocol", "-1"), ("IpPermissions.1.Groups.1.GroupId", lb.as_str())];
    ec2.call("AuthorizeSecurityGroupIngress", &with(&app, &from_lb)).await.ok();
    assert_eq!(ec2.code("DeleteSecurityGroup", &[("GroupId", &lb)]).await, "DependencyViolation");
    let itself = [("IpPermissions.1.IpProtocol", "-1"), ("IpPermissions.1.Groups.1.GroupId", app.as_str())];
    ec2.call("AuthorizeSecurityGroupIngress", &with(&app, &itself)).await.ok();
    let instance = ec2.launch(&[("SecurityGroupId.1", &app)]).await;
    assert_eq!(ec2.code("DeleteSecurityGroup", &[("GroupId", &app)]).await, "DependencyViolation");
    ec2.becomes(&instance, InstanceState::Terminated).await;
    let deleted = ec2.call("DeleteSecurityGroup", &[("GroupId", &app)]).await.ok();
    assert_eq!((deleted.one("groupId"), deleted.one("return")), (app, "true".into()));
    ec2.call("DeleteSecurityGroup", &[("GroupId", &lb)]).await.ok();
}
