//! Launch templates, their versions, and launches from them.

use model::ec2::image::HOST_IMAGE;
use model::ec2::instance::{Instance, ShutdownBehavior};
use model::ec2::launch::{LAUNCH_TEMPLATE_ID_TAG, LAUNCH_TEMPLATE_VERSION_TAG};
use model::ec2::launch_template::{LaunchTemplate, LaunchTemplateVersion};

use crate::region::{Ec2, WEB_IMAGE};

type Parameters<'a> = Vec<(&'a str, &'a str)>;

const IMAGE: (&str, &str) = ("LaunchTemplateData.ImageId", HOST_IMAGE);
const MICRO: (&str, &str) = ("LaunchTemplateData.InstanceType", "t2.micro");

fn named<'a>(name: &'a str, more: &[(&'a str, &'a str)]) -> Parameters<'a> {
    [&[("LaunchTemplateName", name)][..], more].concat()
}

async fn create(ec2: &Ec2, name: &str, data: &[(&str, &str)]) -> String {
    ec2.call("CreateLaunchTemplate", &named(name, data)).await.ok().one("launchTemplateId")
}

async fn add(ec2: &Ec2, name: &str, data: &[(&str, &str)]) -> String {
    ec2.call("CreateLaunchTemplateVersion", &named(name, data)).await.ok().one("versionNumber")
}

/// Numbers of the versions that a call shows, in its order.
async fn versions(ec2: &Ec2, parameters: &[(&str, &str)]) -> Vec<String> {
    ec2.call("DescribeLaunchTemplateVersions", parameters).await.ok().all("versionNumber")
}

async fn launch_from(ec2: &Ec2, more: &[(&str, &str)]) -> std::sync::Arc<Instance> {
    let fixed = [("MinCount", "1"), ("MaxCount", "1")];
    let id = ec2.call("RunInstances", &[&fixed[..], more].concat()).await.ok().one("instanceId");
    ec2.record(&id)
}

#[tokio::test]
async fn a_template_shows_what_was_written_into_it() {
    let ec2 = Ec2::start().await;
    let (subnet, group) = (ec2.default_subnets().await.remove(0), ec2.default_group().await);
    let data = [
        IMAGE,
        MICRO,
        ("LaunchTemplateData.UserData", "IyEvYmluL3No"),
        ("LaunchTemplateData.KeyName", "mine"),
        ("LaunchTemplateData.Monitoring.Enabled", "true"),
        ("LaunchTemplateData.Placement.AvailabilityZone", "ap-northeast-2a"),
        ("LaunchTemplateData.Placement.Tenancy", "default"),
        ("LaunchTemplateData.DisableApiTermination", "true"),
        ("LaunchTemplateData.DisableApiStop", "false"),
        ("LaunchTemplateData.InstanceInitiatedShutdownBehavior", "terminate"),
        ("LaunchTemplateData.NetworkInterface.1.DeviceIndex", "0"),
        ("LaunchTemplateData.NetworkInterface.1.AssociatePublicIpAddress", "false"),
        ("LaunchTemplateData.NetworkInterface.1.DeleteOnTermination", "true"),
        ("LaunchTemplateData.NetworkInterface.1.Description", "first"),
        ("LaunchTemplateData.NetworkInterface.1.SecurityGroupId.1", &group),
        ("LaunchTemplateData.NetworkInterface.1.SubnetId", &subnet),
        ("LaunchTemplateData.TagSpecification.1.ResourceType", "instance"),
        ("LaunchTemplateData.TagSpecification.1.Tag.1.Key", "role"),
        ("LaunchTemplateData.TagSpecification.1.Tag.1.Value", "web"),
        ("VersionDescription", "the first"),
        ("TagSpecification.1.ResourceType", "launch-template"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "shop"),
    ];
    let made = ec2.call("CreateLaunchTemplate", &named("web", &data)).await.ok();
    let id = made.one("launchTemplateId");
    assert_eq!((made.one("launchTemplateName"), made.one("key")), ("web".into(), "team".into()));
    assert_eq!((made.one("defaultVersionNumber"), made.one("latestVersionNumber")), ("1".into(), "1".into()));
    assert!(made.one("createdBy").starts_with("arn:aws:iam::"), "{}", made.text());
    let shown = ec2.call("DescribeLaunchTemplateVersions", &[("LaunchTemplateId", &id)]).await.ok();
    for (element, value) in [
        ("imageId", HOST_IMAGE),
        ("instanceType", "t2.micro"),
        ("userData", "IyEvYmluL3No"),
        ("keyName", "mine"),
        ("enabled", "true"),
        ("availabilityZone", "ap-northeast-2a"),
        ("tenancy", "default"),
        ("disableApiTermination", "true"),
        ("disableApiStop", "false"),
        ("instanceInitiatedShutdownBehavior", "terminate"),
        ("deviceIndex", "0"),
        ("associatePublicIpAddress", "false"),
        ("deleteOnTermination", "true"),
        ("description", "first"),
        ("groupId", &group),
        ("subnetId", &subnet),
        ("resourceType", "instance"),
        ("key", "role"),
        ("value", "web"),
        ("versionDescription", "the first"),
        ("defaultVersion", "true"),
    ] {
        assert_eq!(shown.one(element), value, "{element}: {}", shown.text());
    }
    create(&ec2, "bare", &[MICRO]).await;
    let bare = ec2.call("DescribeLaunchTemplateVersions", &named("bare", &[])).await.ok();
    for absent in ["imageId", "monitoring", "networkInterfaceSet", "placement", "securityGroupIdSet", "userData"] {
        assert!(!bare.text().contains(absent), "{absent}: {}", bare.text());
    }
}

#[tokio::test]
async fn templates_are_found_by_name_id_filter_and_page() {
    let ec2 = Ec2::start().await;
    let mut ids = Vec::new();
    for name in ["data", "web-1", "web-2"] {
        ids.push(create(&ec2, name, &[IMAGE]).await);
    }
    ec2.call("CreateTags", &[("ResourceId.1", &ids[0]), ("Tag.1.Key", "k"), ("Tag.1.Value", "v")]).await.ok();
    let table: &[(&[(&str, &str)], &[usize])] = &[
        (&[], &[0, 1, 2]),
        (&[("LaunchTemplateId.1", &ids[2]), ("LaunchTemplateId.2", &ids[0])], &[0, 2]),
        (&[("LaunchTemplateName.1", "web-1")], &[1]),
        (&[("LaunchTemplateName.1", "web-1"), ("LaunchTemplateId.1", &ids[1])], &[1]),
        (&[("Filter.1.Name", "launch-template-name"), ("Filter.1.Value.1", "web-*")], &[1, 2]),
        (&[("Filter.1.Name", "tag:k"), ("Filter.1.Value.1", "v")], &[0]),
        (&[("Filter.1.Name", "tag-key"), ("Filter.1.Value.1", "nothing")], &[]),
        (&[("MaxResults", "2")], &[0, 1]),
    ];
    for (parameters, expected) in table {
        let found = ec2.call("DescribeLaunchTemplates", parameters).await.ok().all("launchTemplateId");
        let expected: Vec<&String> = expected.iter().map(|index| &ids[*index]).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{parameters:?}");
    }
    let token = ec2.call("DescribeLaunchTemplates", &[("MaxResults", "2")]).await.ok().one("nextToken");
    let rest = ec2.call("DescribeLaunchTemplates", &[("MaxResults", "2"), ("NextToken", &token)]).await.ok();
    assert_eq!(rest.all("launchTemplateId"), [ids[2].clone()]);
    let tags = [("Filter.1.Name", "resource-type"), ("Filter.1.Value.1", "launch-template")];
    assert_eq!(ec2.call("DescribeTags", &tags).await.ok().one("resourceId"), ids[0]);
}

#[tokio::test]
async fn a_version_takes_over_what_its_source_says_and_it_does_not() {
    let ec2 = Ec2::start().await;
    let tag = |value| {
        [
            ("LaunchTemplateData.TagSpecification.1.ResourceType", "instance"),
            ("LaunchTemplateData.TagSpecification.1.Tag.1.Key", "v"),
            ("LaunchTemplateData.TagSpecification.1.Tag.1.Value", value),
        ]
    };
    create(&ec2, "web", &[&[IMAGE, MICRO][..], &tag("1")].concat()).await;
    let small = ("LaunchTemplateData.InstanceType", "t2.small");
    assert_eq!(add(&ec2, "web", &[("SourceVersion", "1"), small]).await, "2");
    assert_eq!(add(&ec2, "web", &[small]).await, "3");
    assert_eq!(add(&ec2, "web", &[&[("SourceVersion", "$Latest")][..], &tag("4")].concat()).await, "4");
    let facts = async |number: &str| {
        let reply = ec2
            .call("DescribeLaunchTemplateVersions", &named("web", &[("LaunchTemplateVersion.1", number)]))
            .await
            .ok();
        (reply.all("imageId"), reply.all("instanceType"), reply.all("value"))
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(facts("2").await, (texts(&[HOST_IMAGE]), texts(&["t2.small"]), texts(&["1"])));
    assert_eq!(facts("3").await, (texts(&[]), texts(&["t2.small"]), texts(&[])));
    assert_eq!(facts("4").await, (texts(&[]), texts(&["t2.small"]), texts(&["4"])));
}

#[tokio::test]
async fn versions_are_chosen_by_number_word_range_and_filter() {
    let ec2 = Ec2::start().await;
    create(&ec2, "web", &[IMAGE]).await;
    for _ in 2..=11 {
        add(&ec2, "web", &[("LaunchTemplateData.ImageId", WEB_IMAGE)]).await;
    }
    create(&ec2, "other", &[IMAGE]).await;
    ec2.call("ModifyLaunchTemplate", &named("web", &[("SetDefaultVersion", "3")])).await.ok();
    let table: &[(&[(&str, &str)], &[&str])] = &[
        (&[], &["11", "10", "9", "8", "7", "6", "5", "4", "3", "2", "1"]),
        (&[("LaunchTemplateVersion.1", "$Latest")], &["11"]),
        (&[("LaunchTemplateVersion.1", "$Default"), ("LaunchTemplateVersion.2", "3")], &["3"]),
        (&[("LaunchTemplateVersion.1", "2"), ("LaunchTemplateVersion.2", "10")], &["10", "2"]),
        (&[("MinVersion", "9")], &["11", "10", "9"]),
        (&[("MaxVersion", "2")], &["2", "1"]),
        (&[("MinVersion", "4"), ("MaxVersion", "5")], &["5", "4"]),
        (&[("Filter.1.Name", "is-default-version"), ("Filter.1.Value.1", "true")], &["3"]),
        (&[("Filter.1.Name", "image-id"), ("Filter.1.Value.1", HOST_IMAGE)], &["1"]),
        (&[("MaxResults", "2")], &["11", "10"]),
    ];
    for (parameters, expected) in table {
        assert_eq!(versions(&ec2, &named("web", parameters)).await, *expected, "{parameters:?}");
    }
    let first = named("web", &[("MaxResults", "2")]);
    let token = ec2.call("DescribeLaunchTemplateVersions", &first).await.ok().one("nextToken");
    assert_eq!(versions(&ec2, &[&first[..], &[("NextToken", &token)]].concat()).await, ["9", "8"]);
    let mut of_all = versions(&ec2, &[("LaunchTemplateVersion.1", "$Latest")]).await;
    of_all.sort();
    assert_eq!(of_all, ["1", "11"]);
}

#[tokio::test]
async fn deleted_versions_are_gone_and_their_numbers_stay_used() {
    let ec2 = Ec2::start().await;
    create(&ec2, "web", &[IMAGE]).await;
    for _ in 2..=4 {
        add(&ec2, "web", &[IMAGE]).await;
    }
    let four = [("LaunchTemplateVersion.1", "4"), ("LaunchTemplateVersion.2", "1"), ("LaunchTemplateVersion.3", "9")];
    let reply = ec2.call("DeleteLaunchTemplateVersions", &named("web", &four)).await.ok();
    assert_eq!(reply.all("versionNumber"), ["4", "1", "9"], "{}", reply.text());
    assert_eq!(reply.all("code"), ["unexpectedError", "launchTemplateVersionDoesNotExist"]);
    let left = ec2.call("DescribeLaunchTemplates", &[]).await.ok();
    assert_eq!((left.one("latestVersionNumber"), left.one("defaultVersionNumber")), ("3".into(), "1".into()));
    assert_eq!(versions(&ec2, &named("web", &[("LaunchTemplateVersion.1", "$Latest")])).await, ["3"]);
    assert_eq!(add(&ec2, "web", &[IMAGE]).await, "5");
    let gone = ec2.call("DeleteLaunchTemplate", &named("web", &[])).await.ok();
    assert_eq!(gone.one("latestVersionNumber"), "5");
    let view = ec2.server.store.view();
    assert_eq!(view.list::<LaunchTemplate>(&ec2.scope()).count(), 0);
    assert_eq!(view.list::<LaunchTemplateVersion>(&ec2.scope()).count(), 0, "versions go with their template");
    create(&ec2, "web", &[IMAGE]).await;
    assert_eq!(versions(&ec2, &named("web", &[])).await, ["1"]);
}

#[tokio::test]
async fn an_instance_comes_from_a_template_and_what_the_request_says() {
    let ec2 = Ec2::start().await;
    let data = [
        IMAGE,
        MICRO,
        ("LaunchTemplateData.InstanceInitiatedShutdownBehavior", "terminate"),
        ("LaunchTemplateData.Monitoring.Enabled", "true"),
        ("LaunchTemplateData.TagSpecification.1.ResourceType", "instance"),
        ("LaunchTemplateData.TagSpecification.1.Tag.1.Key", "Name"),
        ("LaunchTemplateData.TagSpecification.1.Tag.1.Value", "template"),
        ("LaunchTemplateData.TagSpecification.1.Tag.2.Key", "role"),
        ("LaunchTemplateData.TagSpecification.1.Tag.2.Value", "web"),
    ];
    let id = create(&ec2, "web", &data).await;
    add(&ec2, "web", &[("LaunchTemplateData.ImageId", WEB_IMAGE)]).await;
    let more = [
        ("LaunchTemplate.LaunchTemplateName", "web"),
        ("InstanceType", "t2.small"),
        ("TagSpecification.1.ResourceType", "instance"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "request"),
    ];
    let made = launch_from(&ec2, &more).await;
    assert_eq!((made.image_id.as_str(), made.instance_type.as_str()), (HOST_IMAGE, "t2.small"));
    assert_eq!((made.shutdown_behavior, made.detailed_monitoring), (ShutdownBehavior::Terminate, true));
    let tag = |key| made.tags.get(key);
    assert_eq!((tag("Name"), tag("role")), (Some("request"), Some("web")));
    assert_eq!((tag(LAUNCH_TEMPLATE_ID_TAG), tag(LAUNCH_TEMPLATE_VERSION_TAG)), (Some(id.as_str()), Some("1")));
    let by_id = [("LaunchTemplate.LaunchTemplateId", id.as_str()), ("LaunchTemplate.Version", "$Latest")];
    let second = launch_from(&ec2, &by_id).await;
    assert_eq!((second.image_id.as_str(), second.instance_type.as_str()), (WEB_IMAGE, "m1.small"));
    let filter = format!("tag:{LAUNCH_TEMPLATE_VERSION_TAG}");
    let found = ec2.call("DescribeInstances", &[("Filter.1.Name", &filter), ("Filter.1.Value.1", "2")]).await.ok();
    assert_eq!(found.one("instanceId"), second.id.to_string());
}

#[tokio::test]
async fn tags_of_aws_cannot_be_taken_away_nor_given() {
    let ec2 = Ec2::start().await;
    create(&ec2, "web", &[IMAGE]).await;
    let made = launch_from(&ec2, &[("LaunchTemplate.LaunchTemplateName", "web")]).await;
    let id = ("ResourceId.1", made.id.as_str());
    let table: &[(&str, &[(&str, &str)], &str)] = &[
        ("CreateTags", &[id, ("Tag.1.Key", "aws:autoscaling:groupName")], "InvalidParameterValue"),
        ("DeleteTags", &[id, ("Tag.1.Key", LAUNCH_TEMPLATE_ID_TAG)], "InvalidParameterValue"),
    ];
    ec2.refuses(table).await;
    ec2.call("CreateTags", &[id, ("Tag.1.Key", "a")]).await.ok();
    ec2.call("DeleteTags", &[id]).await.ok();
    assert_eq!(ec2.record(made.id.as_str()).tags, made.tags);
}

#[tokio::test]
async fn the_data_of_an_instance_makes_another_one_like_it() {
    let ec2 = Ec2::start().await;
    let id = ec2.launch(&[("UserData", "IyEvYmluL3No"), ("DisableApiStop", "true")]).await;
    let shown = ec2.call("GetLaunchTemplateData", &[("InstanceId", &id)]).await.ok();
    let record = ec2.record(&id);
    for (element, value) in [
        ("imageId", HOST_IMAGE),
        ("instanceType", "t2.micro"),
        ("userData", "IyEvYmluL3No"),
        ("disableApiStop", "true"),
        ("subnetId", record.subnet_id.as_str()),
        ("groupId", record.security_groups[0].as_str()),
        ("associatePublicIpAddress", "true"),
    ] {
        assert_eq!(shown.one(element), value, "{element}: {}", shown.text());
    }
    assert!(!shown.text().contains("privateIpAddress"), "the address is in use");
    ec2.refuses(&[
        ("GetLaunchTemplateData", &[("InstanceId", "i-00000000")], "InvalidInstanceID.NotFound"),
        ("GetLaunchTemplateData", &[("InstanceId", &id), ("DryRun", "true")], "DryRunOperation"),
    ])
    .await;
}

#[tokio::test]
async fn a_repeated_call_makes_nothing_new_and_a_dry_one_nothing() {
    let ec2 = Ec2::start().await;
    let dry = [IMAGE, ("ClientToken", "t"), ("DryRun", "true")];
    assert_eq!(ec2.code("CreateLaunchTemplate", &named("web", &dry)).await, "DryRunOperation");
    let first = create(&ec2, "web", &[IMAGE, ("ClientToken", "t")]).await;
    assert_eq!(create(&ec2, "web", &[IMAGE, ("ClientToken", "t")]).await, first);
    let other = [MICRO, ("ClientToken", "t")];
    assert_eq!(ec2.code("CreateLaunchTemplate", &named("web", &other)).await, "IdempotentParameterMismatch");
    let version = [IMAGE, ("ClientToken", "v")];
    assert_eq!(add(&ec2, "web", &version).await, "2");
    assert_eq!(add(&ec2, "web", &version).await, "2");
    for (action, more) in [
        ("CreateLaunchTemplateVersion", &[IMAGE][..]),
        ("ModifyLaunchTemplate", &[("SetDefaultVersion", "2")]),
        ("DeleteLaunchTemplateVersions", &[("LaunchTemplateVersion.1", "2")]),
        ("DeleteLaunchTemplate", &[]),
    ] {
        let parameters = [&named("web", more)[..], &[("DryRun", "true")]].concat();
        assert_eq!(ec2.code(action, &parameters).await, "DryRunOperation", "{action}");
    }
    assert_eq!(versions(&ec2, &named("web", &[])).await, ["2", "1"]);
    let left = ec2.call("DescribeLaunchTemplates", &[]).await.ok();
    assert_eq!(left.one("defaultVersionNumber"), "1");
}

#[tokio::test]
async fn bad_templates_and_launches_from_them_are_refused() {
    let ec2 = Ec2::start().await;
    let id = create(&ec2, "web", &[IMAGE]).await;
    let (nobody, malformed) = (("LaunchTemplateId", "lt-00000000"), ("LaunchTemplateId", "lt-x"));
    let both: Parameters<'_> = named("web", &[("LaunchTemplateId", &id)]);
    let ni = ("LaunchTemplateData.NetworkInterface.1.DeviceIndex", "0");
    let long = "d".repeat(256);
    let of_web = |more| named("web", &[more]);
    let creations: &[(&str, &[(&str, &str)], &str)] = &[
        ("web", &[IMAGE], "InvalidLaunchTemplateName.AlreadyExistsException"),
        ("we", &[IMAGE], "InvalidLaunchTemplateName.MalformedException"),
        ("w b", &[IMAGE], "InvalidLaunchTemplateName.MalformedException"),
        ("new", &[], "MissingParameter"),
        ("new", &[("LaunchTemplateData.InstanceType", "t9.huge")], "InvalidParameterValue"),
        ("new", &[("LaunchTemplateData.ImageId", "ubuntu")], "InvalidAMIID.Malformed"),
        ("new", &[("LaunchTemplateData.UserData", "#!/bin/sh")], "InvalidUserData.Malformed"),
        ("new", &[("LaunchTemplateData.SecurityGroupId.1", "web")], "InvalidGroupId.Malformed"),
        ("new", &[("LaunchTemplateData.Placement.Tenancy", "host")], "UnsupportedOperation"),
        ("new", &[("LaunchTemplateData.Placement.GroupName", "g")], "UnsupportedOperation"),
        ("new", &[("LaunchTemplateData.Placement.AvailabilityZone", "x")], "InvalidParameterValue"),
        ("new", &[("LaunchTemplateData.IamInstanceProfile.Name", "p")], "UnsupportedOperation"),
        ("new", &[("LaunchTemplateData.BlockDeviceMapping.1.DeviceName", "/dev/xvda")], "UnsupportedOperation"),
        ("new", &[("LaunchTemplateData.MetadataOptions.HttpProtocolIpv6", "enabled")], "UnsupportedOperation"),
        ("new", &[("LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit", "65")], "InvalidParameterValue"),
        ("new", &[("LaunchTemplateData.InstanceRequirements.VCpuCount.Min", "1")], "UnsupportedOperation"),
        ("new", &[ni, ("LaunchTemplateData.SecurityGroupId.1", "sg-00000001")], "InvalidParameterCombination"),
        ("new", &[("LaunchTemplateData.NetworkInterface.1.Description", "d")], "MissingParameter"),
        ("new", &[("LaunchTemplateData.TagSpecification.1.ResourceType", "volume")], "InvalidParameterValue"),
        ("new", &[IMAGE, ("VersionDescription", &long)], "InvalidParameterValue"),
        ("new", &[IMAGE, ("TagSpecification.1.ResourceType", "instance")], "InvalidParameterValue"),
    ];
    for (name, data, code) in creations {
        assert_eq!(ec2.code("CreateLaunchTemplate", &named(name, data)).await, *code, "{name} {data:?}");
    }
    ec2.refuses(&[
        ("CreateLaunchTemplateVersion", &[IMAGE], "MissingParameter"),
        ("CreateLaunchTemplateVersion", &[IMAGE, nobody], "InvalidLaunchTemplateId.NotFound"),
        (
            "CreateLaunchTemplateVersion",
            &[IMAGE, ("LaunchTemplateName", "nil")],
            "InvalidLaunchTemplateName.NotFoundException",
        ),
        (
            "CreateLaunchTemplateVersion",
            &named("web", &[IMAGE, ("SourceVersion", "7")]),
            "InvalidLaunchTemplateId.VersionNotFound",
        ),
        ("DescribeLaunchTemplates", &[("LaunchTemplateId.1", "lt-00000000")], "InvalidLaunchTemplateId.NotFound"),
        ("DescribeLaunchTemplates", &[("LaunchTemplateId.1", "i-00000000")], "InvalidLaunchTemplateId.Malformed"),
        ("DescribeLaunchTemplates", &[("LaunchTemplateName.1", "nil")], "InvalidLaunchTemplateName.NotFoundException"),
        ("DescribeLaunchTemplates", &[("Filter.1.Name", "x"), ("Filter.1.Value.1", "x")], "InvalidParameterValue"),
        ("DescribeLaunchTemplates", &[("MaxResults", "201")], "InvalidParameterValue"),
        ("DescribeLaunchTemplateVersions", &[], "MissingParameter"),
        ("DescribeLaunchTemplateVersions", &[("LaunchTemplateVersion.1", "1")], "MissingParameter"),
        (
            "DescribeLaunchTemplateVersions",
            &of_web(("LaunchTemplateVersion.1", "2")),
            "InvalidLaunchTemplateId.VersionNotFound",
        ),
        ("DescribeLaunchTemplateVersions", &of_web(("LaunchTemplateVersion.1", "latest")), "InvalidParameterValue"),
        ("DescribeLaunchTemplateVersions", &of_web(("MinVersion", "$Latest")), "InvalidParameterValue"),
        ("DescribeLaunchTemplateVersions", &of_web(("MaxResults", "201")), "InvalidParameterValue"),
        ("DescribeLaunchTemplateVersions", &both, "InvalidParameterCombination"),
        ("ModifyLaunchTemplate", &of_web(("SetDefaultVersion", "2")), "InvalidLaunchTemplateId.VersionNotFound"),
        ("ModifyLaunchTemplate", &named("web", &[]), "MissingParameter"),
        ("ModifyLaunchTemplate", &[malformed, ("SetDefaultVersion", "1")], "InvalidLaunchTemplateId.Malformed"),
        ("DeleteLaunchTemplate", &[nobody], "InvalidLaunchTemplateId.NotFound"),
        ("DeleteLaunchTemplate", &[], "MissingParameter"),
        ("DeleteLaunchTemplateVersions", &named("web", &[]), "MissingParameter"),
        ("DeleteLaunchTemplateVersions", &of_web(("LaunchTemplateVersion.1", "$Latest")), "InvalidParameterValue"),
    ])
    .await;
    create(&ec2, "bare", &[MICRO]).await;
    create(&ec2, "key", &[IMAGE, ("LaunchTemplateData.KeyName", "mine")]).await;
    create(&ec2, "gone", &[IMAGE, ("LaunchTemplateData.SecurityGroupId.1", "sg-00000000")]).await;
    create(&ec2, "interface", &[IMAGE, ni]).await;
    let launches: &[(&str, &[(&str, &str)], &str)] = &[
        ("nil", &[], "InvalidLaunchTemplateName.NotFoundException"),
        ("web", &[("LaunchTemplate.Version", "2")], "InvalidLaunchTemplateId.VersionNotFound"),
        ("web", &[("LaunchTemplate.Version", "x")], "InvalidParameterValue"),
        ("web", &[("LaunchTemplate.LaunchTemplateId", &id)], "InvalidParameterCombination"),
        ("bare", &[], "MissingParameter"),
        ("key", &[], "InvalidKeyPair.NotFound"),
        ("gone", &[], "InvalidGroup.NotFound"),
        ("interface", &[("SecurityGroupId.1", "sg-00000000")], "InvalidParameterCombination"),
    ];
    for (name, more, code) in launches {
        let fixed = [("MinCount", "1"), ("MaxCount", "1"), ("LaunchTemplate.LaunchTemplateName", *name)];
        assert_eq!(ec2.code("RunInstances", &[&fixed[..], more].concat()).await, *code, "{name} {more:?}");
    }
    assert_eq!(ec2.server.store.view().list::<Instance>(&ec2.scope()).count(), 0);
}
