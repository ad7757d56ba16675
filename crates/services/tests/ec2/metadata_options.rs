//! How instances may read their metadata: said at the launch or in a template, changed later, shown.

use model::ec2::instance::{InstanceState, MetadataOptions};

use crate::region::Ec2;
use crate::support::Reply;

const MODIFY: &str = "ModifyInstanceMetadataOptions";

/// The members of an answer: endpoint, tokens, hop limit, tags.
fn shown(reply: &Reply) -> [String; 4] {
    ["httpEndpoint", "httpTokens", "httpPutResponseHopLimit", "instanceMetadataTags"].map(|member| reply.one(member))
}

async fn described(ec2: &Ec2, id: &str) -> [String; 4] {
    let reply = ec2.call("DescribeInstances", &[("InstanceId.1", id)]).await.ok();
    assert_eq!(reply.one("httpProtocolIpv6"), "disabled");
    assert!(reply.all("state").contains(&"applied".to_owned()));
    shown(&reply)
}

#[tokio::test]
async fn a_launch_says_what_it_wants_and_aws_defaults_stand_for_the_rest() {
    let ec2 = Ec2::start().await;
    let id = ec2.launch(&[]).await;
    assert_eq!(ec2.record(&id).metadata_options, MetadataOptions::default());
    assert_eq!(described(&ec2, &id).await, ["enabled", "optional", "1", "disabled"]);
    let wanted = [
        ("MetadataOptions.HttpTokens", "required"),
        ("MetadataOptions.HttpPutResponseHopLimit", "64"),
        ("MetadataOptions.HttpProtocolIpv6", "disabled"),
        ("MetadataOptions.InstanceMetadataTags", "enabled"),
    ];
    let id = ec2.launch(&wanted).await;
    assert_eq!(described(&ec2, &id).await, ["enabled", "required", "64", "enabled"]);
}

#[tokio::test]
async fn a_template_carries_options_and_a_launch_overrides_them_one_by_one() {
    let ec2 = Ec2::start().await;
    let data = [
        ("LaunchTemplateName", "web"),
        ("LaunchTemplateData.ImageId", model::ec2::image::HOST_IMAGE),
        ("LaunchTemplateData.MetadataOptions.HttpTokens", "required"),
        ("LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit", "3"),
        ("LaunchTemplateData.MetadataOptions.HttpEndpoint", "enabled"),
        ("LaunchTemplateData.MetadataOptions.InstanceMetadataTags", "disabled"),
    ];
    ec2.call("CreateLaunchTemplate", &data).await.ok();
    let filter = [("Filter.1.Name", "http-tokens"), ("Filter.1.Value.1", "required")];
    let versions = [&[("LaunchTemplateName", "web")][..], &filter].concat();
    let reply = ec2.call("DescribeLaunchTemplateVersions", &versions).await.ok();
    assert_eq!(shown(&reply), ["enabled", "required", "3", "disabled"]);
    let run = [
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("LaunchTemplate.LaunchTemplateName", "web"),
        ("MetadataOptions.HttpPutResponseHopLimit", "5"),
    ];
    let reply = ec2.call("RunInstances", &run).await.ok();
    assert_eq!(shown(&reply), ["enabled", "required", "5", "disabled"]);
}

#[tokio::test]
async fn options_are_modified_one_by_one() {
    let ec2 = Ec2::start().await;
    let id = ec2.launch_running(&[]).await;
    let i = ("InstanceId", id.as_str());
    let reply = ec2.call(MODIFY, &[i, ("HttpTokens", "required"), ("HttpPutResponseHopLimit", "2")]).await.ok();
    assert_eq!((reply.one("instanceId"), reply.one("state")), (id.clone(), "applied".to_owned()));
    assert_eq!(shown(&reply), ["enabled", "required", "2", "disabled"]);
    ec2.call(MODIFY, &[i, ("HttpEndpoint", "disabled"), ("HttpProtocolIpv6", "disabled")]).await.ok();
    assert_eq!(described(&ec2, &id).await, ["disabled", "required", "2", "disabled"]);
    assert_eq!(ec2.code(MODIFY, &[i, ("HttpTokens", "optional"), ("DryRun", "true")]).await, "DryRunOperation");
    assert_eq!(described(&ec2, &id).await[1], "required");
}

#[tokio::test]
async fn impossible_options_are_refused() {
    let ec2 = Ec2::start().await;
    let id = ec2.launch_running(&[]).await;
    let i = ("InstanceId", id.as_str());
    ec2.refuses(&[
        (MODIFY, &[i], "MissingParameter"),
        (MODIFY, &[i, ("HttpPutResponseHopLimit", "0")], "InvalidParameterValue"),
        (MODIFY, &[i, ("HttpPutResponseHopLimit", "65")], "InvalidParameterValue"),
        (MODIFY, &[i, ("HttpTokens", "perhaps")], "InvalidParameterValue"),
        (MODIFY, &[i, ("HttpProtocolIpv6", "enabled")], "UnsupportedOperation"),
        (MODIFY, &[("InstanceId", "i-00000000"), ("HttpTokens", "required")], "InvalidInstanceID.NotFound"),
        (MODIFY, &[("InstanceId", "web"), ("HttpTokens", "required")], "InvalidInstanceID.Malformed"),
    ])
    .await;
    ec2.becomes(&id, InstanceState::Terminated).await;
    assert_eq!(ec2.code(MODIFY, &[i, ("HttpTokens", "required")]).await, "IncorrectInstanceState");
}

#[tokio::test]
async fn tags_that_the_service_would_have_to_show_are_names_in_a_directory() {
    let ec2 = Ec2::start().await;
    let enabled = ("MetadataOptions.InstanceMetadataTags", "enabled");
    let tagged = |key: &'static str| {
        [
            ("TagSpecification.1.ResourceType", "instance"),
            ("TagSpecification.1.Tag.1.Key", key),
            ("TagSpecification.1.Tag.1.Value", "v"),
        ]
    };
    let fixed = [
        ("ImageId", model::ec2::image::HOST_IMAGE),
        ("InstanceType", "t2.micro"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        enabled,
    ];
    for key in ["team/web", "team web", ".", "..", "_index", "서버", "a%"] {
        let run = [&fixed[..], &tagged(key)].concat();
        assert_eq!(ec2.code("RunInstances", &run).await, "InvalidParameterValue", "{key}");
        // Where they are not shown, they may be anything.
        ec2.launch(&tagged(key)).await;
    }
    let shows = ec2.launch_running(&[&tagged("a-Z+0=.,_:@")[..], &[enabled]].concat()).await;
    let hides = ec2.launch_running(&tagged("team/web")).await;
    let tag = |id: &'static str, key: &'static str| [("ResourceId.1", id), ("Tag.1.Key", key), ("Tag.1.Value", "v")];
    let (shows, hides): (&'static str, &'static str) = (shows.leak(), hides.leak());
    ec2.refuses(&[
        ("CreateTags", &tag(shows, "a b"), "InvalidParameterValue"),
        (MODIFY, &[("InstanceId", hides), ("InstanceMetadataTags", "enabled")], "InvalidParameterValue"),
    ])
    .await;
    assert_eq!(described(&ec2, hides).await[3], "disabled");
    ec2.call("CreateTags", &tag(shows, "good")).await.ok();
    ec2.call("CreateTags", &tag(hides, "a b")).await.ok();
    // Deleted, they hinder no more.
    let gone = [("ResourceId.1", hides), ("Tag.1.Key", "a b"), ("Tag.2.Key", "team/web")];
    ec2.call("DeleteTags", &gone).await.ok();
    ec2.call(MODIFY, &[("InstanceId", hides), ("InstanceMetadataTags", "enabled")]).await.ok();
}
