//! Network ACLs: what every VPC has, what users make, and which subnet uses which.

use model::ec2::network_acl::{MAXIMUM_ENTRIES, NetworkAcl};

use crate::region::Ec2;
use crate::support::Reply;

async fn acls_of(ec2: &Ec2, vpc: &str) -> Reply {
    ec2.call("DescribeNetworkAcls", &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc)]).await.ok()
}

async fn create(ec2: &Ec2, vpc: &str) -> String {
    ec2.call("CreateNetworkAcl", &[("VpcId", vpc)]).await.ok().one("networkAclId")
}

/// An entry that admits one TCP port from everywhere.
fn tcp<'a>(acl: &'a str, number: &'a str, port: &'a str) -> [(&'a str, &'a str); 8] {
    [
        ("NetworkAclId", acl),
        ("RuleNumber", number),
        ("Protocol", "6"),
        ("RuleAction", "allow"),
        ("Egress", "false"),
        ("CidrBlock", "0.0.0.0/0"),
        ("PortRange.From", port),
        ("PortRange.To", port),
    ]
}

#[tokio::test]
async fn every_vpc_has_an_acl_that_admits_everything() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    let shown = acls_of(&ec2, &vpc).await;
    assert_eq!(shown.one("default"), "true");
    assert_eq!(shown.all("ruleNumber"), ["100", "32767", "100", "32767"]);
    assert_eq!(shown.all("egress"), ["true", "true", "false", "false"]);
    assert_eq!(shown.all("ruleAction"), ["allow", "deny", "allow", "deny"]);
    assert_eq!(shown.all("protocol"), ["-1"; 4]);
    assert_eq!(shown.all("cidrBlock"), ["0.0.0.0/0"; 4]);
    let mut subnets = shown.all("subnetId");
    subnets.sort();
    let mut expected = ec2.default_subnets().await;
    expected.sort();
    assert_eq!(subnets, expected);
    let of_subnet = [("Filter.1.Name", "association.subnet-id"), ("Filter.1.Value.1", subnets[0].as_str())];
    assert_eq!(ec2.call("DescribeNetworkAcls", &of_subnet).await.ok().one("vpcId"), vpc);

    let own = ec2.vpc("10.0.0.0/16").await;
    let acl = acls_of(&ec2, &own).await.one("networkAclId").to_owned();
    ec2.refuses(&[
        ("DeleteNetworkAcl", &[("NetworkAclId", &acl)], "InvalidParameterValue"),
        ("DeleteNetworkAcl", &[("NetworkAclId", "acl-00000000")], "InvalidNetworkAclID.NotFound"),
        ("DeleteNetworkAcl", &[("NetworkAclId", "acl")], "InvalidNetworkAclId.Malformed"),
        ("DescribeNetworkAcls", &[("NetworkAclId.1", "acl-00000000")], "InvalidNetworkAclID.NotFound"),
        ("DescribeNetworkAcls", &[("NetworkAclId.1", "x")], "InvalidNetworkAclId.Malformed"),
        ("DescribeNetworkAcls", &[("MaxResults", "4")], "InvalidParameterValue"),
        ("DescribeNetworkAcls", &[("DryRun", "true")], "DryRunOperation"),
        ("DescribeNetworkAcls", &[("Filter.1.Name", "x"), ("Filter.1.Value.1", "y")], "InvalidParameterValue"),
    ])
    .await;
    ec2.call("DeleteVpc", &[("VpcId", &own)]).await.ok();
    assert_eq!(ec2.code("DescribeNetworkAcls", &[("NetworkAclId.1", &acl)]).await, "InvalidNetworkAclID.NotFound");
}

#[tokio::test]
async fn a_default_acl_without_a_record_counts_as_it_is_made_and_is_written_when_it_changes() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    let acl = acls_of(&ec2, &vpc).await.all("networkAclId").remove(0);
    let scope = ec2.scope();
    let forget = |txn: &mut store::Transaction| {
        txn.delete::<NetworkAcl>(&scope, &acl);
        Ok::<(), ()>(())
    };
    assert!(ec2.server.store.transact(forget).await.is_ok());
    let written = || ec2.server.store.view().contains::<NetworkAcl>(&scope, &acl);

    let shown = acls_of(&ec2, &vpc).await;
    assert!(shown.all("networkAclId").iter().all(|id| *id == acl));
    assert_eq!(shown.all("ruleNumber").len(), 4);
    assert!(!written());
    ec2.call("CreateTags", &[("ResourceId.1", &acl), ("Tag.1.Key", "Name"), ("Tag.1.Value", "own")]).await.ok();
    assert!(written());
    assert_eq!(acls_of(&ec2, &vpc).await.one("value"), "own");
    assert!(ec2.server.store.transact(forget).await.is_ok());
    ec2.call("CreateNetworkAclEntry", &tcp(&acl, "90", "22")).await.ok();
    assert_eq!(acls_of(&ec2, &vpc).await.all("ruleNumber"), ["100", "32767", "90", "100", "32767"]);
    assert!(ec2.server.store.transact(forget).await.is_ok());

    // The association of a subnet follows from its id, and can be replaced.
    let subnet = ec2.default_subnets().await.remove(0);
    let other = create(&ec2, &vpc).await;
    let implied = subnet.replace("subnet-", "aclassoc-");
    let replaced = [("AssociationId", implied.as_str()), ("NetworkAclId", other.as_str())];
    let new = ec2.call("ReplaceNetworkAclAssociation", &replaced).await.ok().one("newAssociationId");
    assert_ne!(new, implied);
    assert_eq!(ec2.code("ReplaceNetworkAclAssociation", &replaced).await, "InvalidAssociationID.NotFound");
    let back = [("AssociationId", new.as_str()), ("NetworkAclId", acl.as_str())];
    let last = ec2.call("ReplaceNetworkAclAssociation", &back).await.ok().one("newAssociationId");
    assert!(acls_of(&ec2, &vpc).await.all("networkAclAssociationId").contains(&last));
    assert!(written());
}

#[tokio::test]
async fn entries_have_numbers_of_their_own_in_each_direction() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.vpc("10.0.0.0/16").await;
    let created = ec2.call("CreateNetworkAcl", &[("VpcId", &vpc)]).await.ok();
    let acl = created.one("networkAclId");
    assert_eq!(created.one("default"), "false");
    assert_eq!(created.all("ruleNumber"), ["32767", "32767"], "a new one admits nothing");
    let of = [("NetworkAclId.1", acl.as_str())];
    ec2.call("CreateNetworkAclEntry", &tcp(&acl, "200", "443")).await.ok();
    ec2.call("CreateNetworkAclEntry", &tcp(&acl, "100", "80")).await.ok();
    let outward = [
        ("NetworkAclId", acl.as_str()),
        ("RuleNumber", "100"),
        ("Protocol", "1"),
        ("RuleAction", "deny"),
        ("Egress", "true"),
        ("CidrBlock", "10.1.2.3/8"),
        ("Icmp.Type", "8"),
        ("Icmp.Code", "-1"),
    ];
    ec2.call("CreateNetworkAclEntry", &outward).await.ok();
    let shown = ec2.call("DescribeNetworkAcls", &of).await.ok();
    assert_eq!(shown.all("ruleNumber"), ["100", "32767", "100", "200", "32767"]);
    assert_eq!(shown.all("protocol"), ["1", "-1", "6", "6", "-1"]);
    assert_eq!(shown.all("from"), ["80", "443"]);
    assert_eq!((shown.one("type"), shown.one("code")), ("8".into(), "-1".into()));
    assert_eq!(shown.all("cidrBlock")[0], "10.0.0.0/8", "host bits are cleared");
    for (name, value, there) in [
        ("entry.port-range.from", "443", true),
        ("entry.port-range.to", "444", false),
        ("entry.protocol", "1", true),
        ("entry.icmp.type", "8", true),
        ("entry.icmp.code", "0", false),
        ("entry.cidr", "10.0.0.0/8", true),
        ("entry.rule-action", "deny", true),
        ("entry.rule-number", "200", true),
        ("entry.egress", "true", true),
        ("default", "true", false),
        ("entry.ipv6-cidr", "::/0", false),
    ] {
        let parameters = [of[0], ("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        let found = ec2.call("DescribeNetworkAcls", &parameters).await.ok().all("networkAclId");
        assert_eq!(!found.is_empty(), there, "{name}={value}");
    }

    ec2.call("ReplaceNetworkAclEntry", &tcp(&acl, "100", "8080")).await.ok();
    assert_eq!(ec2.call("DescribeNetworkAcls", &of).await.ok().all("from"), ["8080", "443"]);
    let inward = [("NetworkAclId", acl.as_str()), ("RuleNumber", "100"), ("Egress", "false")];
    ec2.call("DeleteNetworkAclEntry", &inward).await.ok();
    let left = ec2.call("DescribeNetworkAcls", &of).await.ok().all("ruleNumber");
    assert_eq!(left, ["100", "32767", "200", "32767"]);
    assert_eq!(ec2.code("DeleteNetworkAclEntry", &inward).await, "InvalidNetworkAclEntry.NotFound");
    assert_eq!(ec2.code("ReplaceNetworkAclEntry", &tcp(&acl, "100", "1")).await, "InvalidNetworkAclEntry.NotFound");
    assert_eq!(ec2.code("CreateNetworkAclEntry", &tcp(&acl, "200", "1")).await, "NetworkAclEntryAlreadyExists");

    for number in 300..300 + MAXIMUM_ENTRIES - 1 {
        ec2.call("CreateNetworkAclEntry", &tcp(&acl, &number.to_string(), "1")).await.ok();
    }
    assert_eq!(ec2.code("CreateNetworkAclEntry", &tcp(&acl, "400", "1")).await, "NetworkAclEntryLimitExceeded");
}

#[tokio::test]
async fn entries_that_cannot_be_are_refused() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.vpc("10.0.0.0/16").await;
    let acl = create(&ec2, &vpc).await;
    // What is changed of an entry that could be; an empty value leaves the member out.
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("RuleNumber", "0")], "InvalidParameterValue"),
        (&[("RuleNumber", "32767")], "InvalidParameterValue"),
        (&[("RuleNumber", "-1")], "InvalidParameterValue"),
        (&[("RuleNumber", "1e3")], "InvalidParameterValue"),
        (&[("RuleNumber", "99999999999999999999")], "InvalidParameterValue"),
        (&[("RuleNumber", "")], "MissingParameter"),
        (&[("RuleAction", "reject")], "InvalidParameterValue"),
        (&[("RuleAction", "")], "MissingParameter"),
        (&[("Egress", "")], "MissingParameter"),
        (&[("Egress", "yes")], "InvalidParameterValue"),
        (&[("Protocol", "")], "MissingParameter"),
        (&[("Protocol", "256")], "InvalidParameterValue"),
        (&[("Protocol", "-2")], "InvalidParameterValue"),
        (&[("Protocol", "http")], "InvalidParameterValue"),
        (&[("Protocol", "58"), ("Icmp.Type", "1"), ("Icmp.Code", "1")], "UnsupportedOperation"),
        (&[("Protocol", "1")], "MissingParameter"),
        (&[("Protocol", "1"), ("Icmp.Type", "8")], "MissingParameter"),
        (&[("Protocol", "1"), ("Icmp.Type", "256"), ("Icmp.Code", "0")], "InvalidParameterValue"),
        (&[("PortRange.From", ""), ("PortRange.To", "")], "MissingParameter"),
        (&[("PortRange.To", "")], "MissingParameter"),
        (&[("Protocol", "17"), ("PortRange.From", "")], "MissingParameter"),
        (&[("PortRange.From", "81")], "InvalidParameterValue"),
        (&[("PortRange.To", "65536")], "InvalidParameterValue"),
        (&[("PortRange.From", "-1")], "InvalidParameterValue"),
        (&[("CidrBlock", "")], "MissingParameter"),
        (&[("CidrBlock", "10.0.0.0/33")], "InvalidParameterValue"),
        (&[("CidrBlock", "010.0.0.0/8")], "InvalidParameterValue"),
        (&[("CidrBlock", "::/0")], "InvalidParameterValue"),
        (&[("CidrBlock", ""), ("Ipv6CidrBlock", "::/0")], "UnsupportedOperation"),
        (&[("Ipv6CidrBlock", "::/0")], "UnsupportedOperation"),
        (&[("NetworkAclId", "acl-00000000")], "InvalidNetworkAclID.NotFound"),
        (&[("NetworkAclId", "sg-0123456789abcdef0")], "InvalidNetworkAclId.Malformed"),
        (&[("DryRun", "true")], "DryRunOperation"),
    ];
    for (changes, code) in table {
        let good = tcp(&acl, "100", "80");
        let kept = good.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        let changed = changes.iter().filter(|(_, value)| !value.is_empty());
        let parameters: Vec<_> = kept.chain(changed).copied().collect();
        assert_eq!(ec2.code("CreateNetworkAclEntry", &parameters).await, *code, "{changes:?}");
    }
    // What means nothing for a protocol may be given for it, as on AWS.
    let all = [tcp(&acl, "100", "0").map(|(name, value)| (name, if name == "Protocol" { "-1" } else { value }))];
    ec2.call("CreateNetworkAclEntry", &all[0]).await.ok();
    assert_eq!(ec2.call("DescribeNetworkAcls", &[("NetworkAclId.1", &acl)]).await.ok().all("from"), [""; 0]);
}

#[tokio::test]
async fn a_subnet_uses_one_acl_at_a_time_and_leaves_it_when_it_goes() {
    let ec2 = Ec2::start().await;
    let (vpc, elsewhere) = (ec2.vpc("10.0.0.0/16").await, ec2.vpc("10.0.0.0/16").await);
    let subnet = ec2.subnet(&vpc, "10.0.1.0/24").await;
    let (acl, foreign) = (create(&ec2, &vpc).await, create(&ec2, &elsewhere).await);
    let of_subnet = [("Filter.1.Name", "association.subnet-id"), ("Filter.1.Value.1", subnet.as_str())];
    let before = ec2.call("DescribeNetworkAcls", &of_subnet).await.ok();
    let old = before.one("networkAclAssociationId");
    ec2.refuses(&[
        (
            "ReplaceNetworkAclAssociation",
            &[("AssociationId", &old), ("NetworkAclId", &foreign)],
            "InvalidParameterValue",
        ),
        (
            "ReplaceNetworkAclAssociation",
            &[("AssociationId", &old), ("NetworkAclId", "acl-00000000")],
            "InvalidNetworkAclID.NotFound",
        ),
        (
            "ReplaceNetworkAclAssociation",
            &[("AssociationId", "aclassoc-00000000"), ("NetworkAclId", &acl)],
            "InvalidAssociationID.NotFound",
        ),
        (
            "ReplaceNetworkAclAssociation",
            &[("AssociationId", &subnet), ("NetworkAclId", &acl)],
            "InvalidAssociationID.Malformed",
        ),
        (
            "ReplaceNetworkAclAssociation",
            &[("AssociationId", &old), ("NetworkAclId", &acl), ("DryRun", "true")],
            "DryRunOperation",
        ),
    ])
    .await;
    let replace = [("AssociationId", old.as_str()), ("NetworkAclId", acl.as_str())];
    let new = ec2.call("ReplaceNetworkAclAssociation", &replace).await.ok().one("newAssociationId");
    let now = ec2.call("DescribeNetworkAcls", &of_subnet).await.ok();
    assert_eq!(now.all("networkAclId"), [acl.as_str(), &acl], "of the association and of the ACL");
    assert_eq!(now.one("networkAclAssociationId"), new);
    assert_eq!(ec2.code("DeleteNetworkAcl", &[("NetworkAclId", &acl)]).await, "DependencyViolation");
    assert_eq!(ec2.code("DeleteVpc", &[("VpcId", &elsewhere)]).await, "DependencyViolation", "an ACL is in it");

    ec2.call("DeleteSubnet", &[("SubnetId", &subnet)]).await.ok();
    let left = ec2.call("DescribeNetworkAcls", &[("NetworkAclId.1", &acl)]).await.ok();
    assert!(left.all("subnetId").is_empty());
    assert_eq!(ec2.code("DeleteNetworkAcl", &[("NetworkAclId", &acl), ("DryRun", "true")]).await, "DryRunOperation");
    ec2.call("DeleteNetworkAcl", &[("NetworkAclId", &acl)]).await.ok();
    ec2.call("DeleteVpc", &[("VpcId", &vpc)]).await.ok();
}

#[tokio::test]
async fn an_acl_is_made_once_for_a_token() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.vpc("10.0.0.0/16").await;
    let parameters = [
        ("VpcId", vpc.as_str()),
        ("ClientToken", "t-1"),
        ("TagSpecification.1.ResourceType", "network-acl"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "web"),
    ];
    let first = ec2.call("CreateNetworkAcl", &parameters).await.ok();
    assert_eq!((first.one("clientToken"), first.one("value")), ("t-1".into(), "web".into()));
    let again = ec2.call("CreateNetworkAcl", &parameters).await.ok();
    assert_eq!(first.one("networkAclId"), again.one("networkAclId"));
    let default = ec2.default_vpc().await;
    ec2.refuses(&[
        ("CreateNetworkAcl", &[("VpcId", &default), ("ClientToken", "t-1")], "IdempotentParameterMismatch"),
        ("CreateNetworkAcl", &[], "MissingParameter"),
        ("CreateNetworkAcl", &[("VpcId", "vpc-00000000")], "InvalidVpcID.NotFound"),
        ("CreateNetworkAcl", &[("VpcId", &vpc), ("DryRun", "true")], "DryRunOperation"),
    ])
    .await;
    assert_eq!(acls_of(&ec2, &vpc).await.all("default").len(), 2);
}
