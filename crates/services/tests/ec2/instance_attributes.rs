//! Attributes of instances.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::ec2::instance::InstanceState;

use crate::region::Ec2;

async fn value(ec2: &Ec2, id: &str, attribute: &str) -> String {
    let reply = ec2.call("DescribeInstanceAttribute", &[("InstanceId", id), ("Attribute", attribute)]).await.ok();
    assert_eq!(reply.one("instanceId"), id);
    reply.all("value").pop().unwrap_or_default()
}

#[tokio::test]
async fn attributes_are_changed_in_both_forms() {
    let ec2 = Ec2::start().await;
    let id = ec2.launch(&[]).await;
    ec2.becomes(&id, InstanceState::Stopped).await;
    let data = STANDARD.encode("#!/bin/sh");
    let table: &[(&[(&str, &str)], &str, &str)] = &[
        (&[("InstanceType.Value", "t3.small")], "instanceType", "t3.small"),
        (&[("Attribute", "instanceType"), ("Value", "t2.nano")], "instanceType", "t2.nano"),
        (&[("UserData.Value", &data)], "userData", &data),
        (&[("UserData.Value", "")], "userData", ""),
        (&[("Attribute", "userData"), ("Value", &data)], "userData", &data),
        (&[("DisableApiTermination.Value", "true")], "disableApiTermination", "true"),
        (&[("Attribute", "disableApiTermination"), ("Value", "false")], "disableApiTermination", "false"),
        (&[("DisableApiStop.Value", "true")], "disableApiStop", "true"),
        (&[("InstanceInitiatedShutdownBehavior.Value", "terminate")], "instanceInitiatedShutdownBehavior", "terminate"),
        (&[("SourceDestCheck.Value", "true")], "sourceDestCheck", "true"),
    ];
    for (change, attribute, expected) in table {
        ec2.call("ModifyInstanceAttribute", &[&[("InstanceId", id.as_str())][..], change].concat()).await.ok();
        assert_eq!(value(&ec2, &id, attribute).await, *expected, "{change:?}");
    }
    assert_eq!(ec2.record(&id).user_data.as_deref(), Some(&b"#!/bin/sh"[..]));
}

#[tokio::test]
async fn groups_of_an_instance_are_replaced() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    let (one, other) = (ec2.group(&vpc, "one").await, ec2.group(&vpc, "other").await);
    let foreign = ec2.group(&ec2.vpc("10.0.0.0/16").await, "foreign").await;
    let id = ec2.launch_running(&[]).await;
    let i = ("InstanceId", id.as_str());
    ec2.call("ModifyInstanceAttribute", &[i, ("GroupId.1", &one), ("GroupId.2", &other)]).await.ok();
    let shown = ec2.call("DescribeInstanceAttribute", &[i, ("Attribute", "groupSet")]).await.ok();
    assert_eq!(shown.all("groupId"), [one, other]);
    assert_eq!(ec2.code("ModifyInstanceAttribute", &[i, ("GroupId.1", &foreign)]).await, "InvalidParameter");
    assert_eq!(ec2.code("ModifyInstanceAttribute", &[i, ("GroupId.1", "sg-00000000")]).await, "InvalidGroup.NotFound");
}

#[tokio::test]
async fn every_attribute_can_be_described() {
    let ec2 = Ec2::start().await;
    let id = ec2.launch(&[]).await;
    for attribute in api::ec2::types::InstanceAttributeName::NAMES {
        let parameters = [("InstanceId", id.as_str()), ("Attribute", attribute)];
        assert_eq!(ec2.call("DescribeInstanceAttribute", &parameters).await.ok().one("instanceId"), id, "{attribute}");
    }
    let dry = [("InstanceId", id.as_str()), ("Attribute", "userData"), ("DryRun", "true")];
    assert_eq!(ec2.code("DescribeInstanceAttribute", &dry).await, "DryRunOperation");
}

#[tokio::test]
async fn bad_changes_are_refused() {
    let ec2 = Ec2::start().await;
    let id = ec2.launch_running(&[]).await;
    let i = ("InstanceId", id.as_str());
    let big = STANDARD.encode([b'x'; 16 * 1024 + 1]);
    let action = "ModifyInstanceAttribute";
    ec2.refuses(&[
        (action, &[i], "MissingParameter"),
        (action, &[i, ("Attribute", "instanceType")], "MissingParameter"),
        (action, &[i, ("Value", "x")], "MissingParameter"),
        (action, &[i, ("InstanceType.Value", "t2.nano")], "IncorrectInstanceState"),
        (action, &[i, ("UserData.Value", "aGVsbG8=")], "IncorrectInstanceState"),
        (action, &[i, ("UserData.Value", &big)], "InvalidParameterValue"),
        (action, &[i, ("UserData.Value", "%%%")], "InvalidParameterValue"),
        (action, &[i, ("Attribute", "userData"), ("Value", "%%%")], "InvalidUserData.Malformed"),
        (action, &[i, ("InstanceType.Value", "z9.nano")], "InvalidInstanceAttributeValue"),
        (action, &[i, ("InstanceInitiatedShutdownBehavior.Value", "x")], "InvalidParameterValue"),
        (action, &[i, ("SourceDestCheck.Value", "false")], "UnsupportedOperation"),
        (action, &[i, ("EbsOptimized.Value", "true")], "UnsupportedOperation"),
        (action, &[i, ("Attribute", "kernel"), ("Value", "x")], "UnsupportedOperation"),
        (action, &[i, ("Attribute", "disableApiStop"), ("Value", "yes")], "InvalidParameterValue"),
        (action, &[i, ("Attribute", "groupSet"), ("Value", "x")], "InvalidParameterValue"),
        (
            action,
            &[i, ("DisableApiStop.Value", "true"), ("DisableApiTermination.Value", "true")],
            "InvalidParameterCombination",
        ),
        (action, &[i, ("DisableApiStop.Value", "true"), ("DryRun", "true")], "DryRunOperation"),
        (action, &[("InstanceId", "i-00000000"), ("DisableApiStop.Value", "true")], "InvalidInstanceID.NotFound"),
        ("DescribeInstanceAttribute", &[i], "MissingParameter"),
        ("DescribeInstanceAttribute", &[i, ("Attribute", "colour")], "InvalidParameterValue"),
    ])
    .await;
    ec2.becomes(&id, InstanceState::Terminated).await;
    assert_eq!(ec2.code(action, &[i, ("DisableApiStop.Value", "true")]).await, "IncorrectInstanceState");
}
