//! Images of the account: registered, made of instances, deregistered; and launches from parameters that name images.

use model::ec2::image::{HOST_IMAGE, Image, ImageSource, ImageState, built_in};
use model::ec2::instance::{InstanceState, StateReason};
use services::{InstanceFiles, Settings};

use crate::region::{Ec2, WEB_IMAGE};
use crate::support::{ACCOUNT, Server, settings};

const PARAMETER: &str = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";

/// A region whose instances have root file systems.
async fn with_root_file_systems() -> Ec2 {
    let own = Settings { images: built_in(), instance_files: InstanceFiles::Own, ..settings() };
    Ec2 { server: Server::with(own).await }
}

async fn register(ec2: &Ec2, name: &str, location: &str) -> String {
    ec2.call("RegisterImage", &[("Name", name), ("ImageLocation", location)]).await.ok().one("imageId")
}

fn record(ec2: &Ec2, id: &str) -> Option<Image> {
    ec2.server.store.view().get::<Image>(&ec2.scope(), id).map(|image| Image::clone(&image))
}

/// What whoever runs instances writes when it is done.
async fn becomes(ec2: &Ec2, id: &str, state: ImageState, reason: Option<StateReason>) {
    let image = Image { state, state_reason: reason, ..record(ec2, id).unwrap() };
    let scope = ec2.scope();
    let put = |txn: &mut store::Transaction| {
        txn.put(&scope, image.clone());
        Ok::<(), ()>(())
    };
    assert!(ec2.server.store.transact(put).await.is_ok());
}

fn from(image: &str) -> [(&str, &str); 3] {
    [("ImageId", image), ("MinCount", "1"), ("MaxCount", "1")]
}

#[tokio::test]
async fn images_are_registered_from_files_of_the_host() {
    let ec2 = Ec2::start().await;
    let given = [
        ("Name", "debian"),
        ("Description", "a root file system"),
        ("ImageLocation", "rootfs:/srv/debian.tar"),
        ("Architecture", if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }),
        ("VirtualizationType", "hvm"),
        ("TagSpecification.1.ResourceType", "image"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "web"),
    ];
    let id = ec2.call("RegisterImage", &given).await.ok().one("imageId");
    assert_eq!(record(&ec2, &id).unwrap().source, ImageSource::RootFs("/srv/debian.tar".into()));
    let shown = ec2.call("DescribeImages", &[("ImageId.1", &id)]).await.ok();
    assert_eq!((shown.one("name"), shown.one("description")), ("debian".into(), "a root file system".into()));
    assert_eq!((shown.one("imageLocation"), shown.one("imageState")), (given[2].1.into(), "available".into()));
    assert_eq!((shown.one("imageOwnerId"), shown.one("isPublic")), (ACCOUNT.into(), "false".into()));
    let web = register(&ec2, "web-2", "directory:/srv/web").await;
    let oci = register(&ec2, "web-3", "oci:/srv/oci").await;
    let mut own = vec![WEB_IMAGE.to_owned(), id.clone(), web.clone(), oci];
    own.sort();
    assert_eq!(ec2.call("DescribeImages", &[("Owner.1", "self")]).await.ok().all("imageId"), own);
    for (name, value, expected) in [
        ("manifest-location", "directory:*", &web),
        ("tag:team", "web", &id),
        ("name", "debian", &id),
        ("description", "a root*", &id),
    ] {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        assert_eq!(ec2.call("DescribeImages", &filter).await.ok().one("imageId"), *expected, "{name}");
    }
    ec2.call("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "a"), ("Tag.1.Value", "b")]).await.ok();
    assert_eq!(ec2.call("RunInstances", &from(&web)).await.ok().one("imageId"), web);
}

#[tokio::test]
async fn what_is_no_image_is_refused() {
    let ec2 = Ec2::start().await;
    let (long, files) = ("x".repeat(129), ("ImageLocation", "rootfs:/srv/a.tar"));
    let foreign = if cfg!(target_arch = "aarch64") { "x86_64" } else { "arm64" };
    let id = register(&ec2, "mine", "rootfs:/srv/a.tar").await;
    ec2.refuses(&[
        ("RegisterImage", &[files], "MissingParameter"),
        ("RegisterImage", &[("Name", "abc")], "MissingParameter"),
        ("RegisterImage", &[("Name", "ab"), files], "InvalidAMIName.Malformed"),
        ("RegisterImage", &[("Name", &long), files], "InvalidAMIName.Malformed"),
        ("RegisterImage", &[("Name", "웹서버"), files], "InvalidAMIName.Malformed"),
        ("RegisterImage", &[("Name", "a\u{202e}bc"), files], "InvalidAMIName.Malformed"),
        ("RegisterImage", &[("Name", "mine"), files], "InvalidAMIName.Duplicate"),
        ("RegisterImage", &[("Name", "web"), files], "InvalidAMIName.Duplicate"),
        ("RegisterImage", &[("Name", "abc"), ("ImageLocation", "bucket/image.manifest.xml")], "InvalidParameterValue"),
        ("RegisterImage", &[("Name", "abc"), ("ImageLocation", "host")], "InvalidParameterValue"),
        ("RegisterImage", &[("Name", "abc"), ("ImageLocation", "rootfs:a.tar")], "InvalidParameterValue"),
        ("RegisterImage", &[("Name", "abc"), ("ImageLocation", "directory:/srv/../etc")], "InvalidParameterValue"),
        ("RegisterImage", &[("Name", "abc"), files, ("Architecture", foreign)], "UnsupportedOperation"),
        ("RegisterImage", &[("Name", "abc"), files, ("Architecture", "vax")], "InvalidParameterValue"),
        ("RegisterImage", &[("Name", "abc"), files, ("VirtualizationType", "paravirtual")], "UnsupportedOperation"),
        ("RegisterImage", &[("Name", "abc"), files, ("VirtualizationType", "x")], "InvalidParameterValue"),
        (
            "RegisterImage",
            &[("Name", "abc"), ("BlockDeviceMapping.1.Ebs.SnapshotId", "snap-00000000")],
            "UnsupportedOperation",
        ),
        ("RegisterImage", &[("Name", "abc"), files, ("DryRun", "true")], "DryRunOperation"),
        ("RegisterImage", &[("Name", "abc"), files, ("RootDeviceName", "/dev/sda1")], "UnsupportedOperation"),
        ("DeregisterImage", &[("ImageId", "ami-00000000")], "InvalidAMIID.NotFound"),
        ("DeregisterImage", &[("ImageId", "mine")], "InvalidAMIID.Malformed"),
        ("DeregisterImage", &[("ImageId", HOST_IMAGE)], "UnsupportedOperation"),
        ("DeregisterImage", &[("ImageId", WEB_IMAGE)], "UnsupportedOperation"),
        ("DeregisterImage", &[("ImageId", &id), ("DryRun", "true")], "DryRunOperation"),
        (
            "CopyImage",
            &[("Name", "copy"), ("SourceImageId", &id), ("SourceRegion", "us-east-1")],
            "UnsupportedOperation",
        ),
        ("CopyImage", &[("Name", "copy")], "MissingParameter"),
    ])
    .await;
}

#[tokio::test]
async fn descriptions_of_own_images_can_be_changed() {
    let ec2 = Ec2::start().await;
    let id = register(&ec2, "mine", "rootfs:/srv/a.tar").await;
    let description = async || {
        let asked = [("ImageId", id.as_str()), ("Attribute", "description")];
        ec2.call("DescribeImageAttribute", &asked).await.ok().one("value")
    };
    assert_eq!(description().await, "");
    ec2.call("ModifyImageAttribute", &[("ImageId", &id), ("Description.Value", "first")]).await.ok();
    assert_eq!(description().await, "first");
    let other = [("ImageId", id.as_str()), ("Attribute", "description"), ("Value", "second")];
    ec2.call("ModifyImageAttribute", &other).await.ok();
    assert_eq!(description().await, "second");
    let permission = [("ImageId", HOST_IMAGE), ("Attribute", "launchPermission")];
    assert_eq!(ec2.call("DescribeImageAttribute", &permission).await.ok().one("group"), "all");
    let long = "x".repeat(256);
    ec2.refuses(&[
        ("ModifyImageAttribute", &[("ImageId", &id)], "MissingParameter"),
        ("ModifyImageAttribute", &[("ImageId", &id), ("Attribute", "description")], "MissingParameter"),
        ("ModifyImageAttribute", &[("ImageId", &id), ("Attribute", "kernel"), ("Value", "x")], "UnsupportedOperation"),
        ("ModifyImageAttribute", &[("ImageId", &id), ("LaunchPermission.Add.1.Group", "all")], "UnsupportedOperation"),
        ("ModifyImageAttribute", &[("ImageId", &id), ("Description.Value", &long)], "InvalidParameterValue"),
        (
            "ModifyImageAttribute",
            &[("ImageId", &id), ("Description.Value", "a"), ("Value", "b")],
            "InvalidParameterCombination",
        ),
        ("ModifyImageAttribute", &[("ImageId", WEB_IMAGE), ("Description.Value", "a")], "UnsupportedOperation"),
        ("ModifyImageAttribute", &[("ImageId", "ami-00000000"), ("Description.Value", "a")], "InvalidAMIID.NotFound"),
        ("DescribeImageAttribute", &[("ImageId", &id), ("Attribute", "colour")], "InvalidParameterValue"),
        ("DescribeImageAttribute", &[("ImageId", &id)], "MissingParameter"),
    ])
    .await;
}

#[tokio::test]
async fn an_image_is_made_of_an_instance_and_launched_when_it_is_there() {
    let ec2 = with_root_file_systems().await;
    let instance = ec2.launch(&[]).await;
    let given = [
        ("InstanceId", instance.as_str()),
        ("Name", "copy of web"),
        ("Description", "d"),
        ("NoReboot", "true"),
        ("TagSpecification.1.ResourceType", "image"),
        ("TagSpecification.1.Tag.1.Key", "k"),
        ("TagSpecification.1.Tag.1.Value", "v"),
    ];
    assert_eq!(ec2.code("CreateImage", &given).await, "IncorrectInstanceState", "it is pending");
    ec2.becomes(&instance, InstanceState::Running).await;
    let id = ec2.call("CreateImage", &given).await.ok().one("imageId");
    let made = record(&ec2, &id).unwrap();
    assert_eq!((made.state, made.no_reboot), (ImageState::Pending, true));
    assert_eq!(made.source_instance.unwrap().as_str(), instance);
    assert!(matches!(made.source, ImageSource::Snapshot(_)));
    let shown = ec2.call("DescribeImages", &[("Owner.1", "self")]).await.ok();
    assert_eq!((shown.one("imageId"), shown.one("imageState")), (id.clone(), "pending".into()));
    assert_eq!(shown.one("sourceInstanceId"), instance);
    assert_eq!(shown.one("imageLocation"), format!("{ACCOUNT}/copy of web"));
    ec2.refuses(&[
        ("CreateImage", &given, "InvalidAMIName.Duplicate"),
        ("RunInstances", &from(&id), "InvalidAMIID.Unavailable"),
    ])
    .await;
    becomes(&ec2, &id, ImageState::Available, None).await;
    assert_eq!(ec2.call("RunInstances", &from(&id)).await.ok().one("imageId"), id);

    let second = [("InstanceId", instance.as_str()), ("Name", "second")];
    let second = ec2.call("CreateImage", &second).await.ok().one("imageId");
    assert!(!record(&ec2, &second).unwrap().no_reboot);
    let reason = StateReason { code: "Server.InternalError".into(), message: "the disk is full".into() };
    becomes(&ec2, &second, ImageState::Failed, Some(reason)).await;
    let failed = [("Filter.1.Name", "state"), ("Filter.1.Value.1", "failed")];
    let shown = ec2.call("DescribeImages", &failed).await.ok();
    assert_eq!((shown.one("imageId"), shown.one("message")), (second.clone(), "the disk is full".into()));
    let why = [("Filter.1.Name", "state-reason-message"), ("Filter.1.Value.1", "*full")];
    assert_eq!(ec2.call("DescribeImages", &why).await.ok().one("imageId"), second);
    assert_eq!(ec2.code("RunInstances", &from(&second)).await, "InvalidAMIID.Unavailable");
}

#[tokio::test]
async fn images_that_cannot_be_made_are_refused() {
    let ec2 = with_root_file_systems().await;
    let id = ec2.launch_running(&[]).await;
    ec2.refuses(&[
        ("CreateImage", &[("InstanceId", &id)], "MissingParameter"),
        ("CreateImage", &[("Name", "abc")], "MissingParameter"),
        ("CreateImage", &[("InstanceId", &id), ("Name", "a:b")], "InvalidAMIName.Malformed"),
        ("CreateImage", &[("InstanceId", "i-00000000"), ("Name", "abc")], "InvalidInstanceID.NotFound"),
        ("CreateImage", &[("InstanceId", "x"), ("Name", "abc")], "InvalidInstanceID.Malformed"),
        (
            "CreateImage",
            &[("InstanceId", &id), ("Name", "abc"), ("BlockDeviceMapping.1.DeviceName", "/dev/sdb")],
            "UnsupportedOperation",
        ),
        (
            "CreateImage",
            &[("InstanceId", &id), ("Name", "abc"), ("TagSpecification.1.ResourceType", "snapshot")],
            "InvalidParameterValue",
        ),
        ("CreateImage", &[("InstanceId", &id), ("Name", "abc"), ("DryRun", "true")], "DryRunOperation"),
    ])
    .await;
    ec2.becomes(&id, InstanceState::Stopped).await;
    ec2.call("CreateImage", &[("InstanceId", &id), ("Name", "of a stopped one")]).await.ok();
    ec2.becomes(&id, InstanceState::Terminated).await;
    assert_eq!(ec2.code("CreateImage", &[("InstanceId", &id), ("Name", "late")]).await, "IncorrectInstanceState");

    let processes = Ec2::start().await;
    let id = processes.launch_running(&[]).await;
    let reply = processes.call("CreateImage", &[("InstanceId", &id), ("Name", "abc")]).await;
    assert_eq!(reply.error().1, "UnsupportedOperation");
    assert!(reply.text().contains("no root file system of its own"), "{}", reply.text());
}

#[tokio::test]
async fn a_deregistered_image_is_gone_for_all_but_its_instances() {
    let ec2 = Ec2::start().await;
    let (used, unused) = (register(&ec2, "used", "oci:/a").await, register(&ec2, "unused", "oci:/b").await);
    let instance = ec2.call("RunInstances", &from(&used)).await.ok().one("instanceId");
    for id in [&used, &unused] {
        assert_eq!(ec2.call("DeregisterImage", &[("ImageId", id)]).await.ok().one("return"), "true");
        ec2.refuses(&[
            ("DescribeImages", &[("ImageId.1", id)], "InvalidAMIID.NotFound"),
            ("RunInstances", &from(id), "InvalidAMIID.NotFound"),
            ("DeregisterImage", &[("ImageId", id)], "InvalidAMIID.NotFound"),
            ("CreateTags", &[("ResourceId.1", id), ("Tag.1.Key", "a")], "InvalidAMIID.NotFound"),
        ])
        .await;
    }
    assert_eq!(record(&ec2, &used).unwrap().state, ImageState::Deregistered, "its instance may boot again");
    assert_eq!(record(&ec2, &unused), None);
    assert_eq!(ec2.call("DescribeInstances", &[("InstanceId.1", &instance)]).await.ok().one("imageId"), used);
    register(&ec2, "used", "oci:/c").await;
    assert!(!ec2.call("DescribeTags", &[]).await.ok().text().contains(&used));
}

#[tokio::test]
async fn parameters_name_images_at_launches_and_in_templates() {
    let ec2 = Ec2::start().await;
    let by_name = format!("resolve:ssm:{PARAMETER}");
    let first = format!("{by_name}:1");
    for text in [&by_name, &first] {
        assert_eq!(ec2.call("RunInstances", &from(text)).await.ok().one("imageId"), HOST_IMAGE, "{text}");
    }
    for text in ["resolve:ssm:", "resolve:ssm:mine", &format!("{by_name}:2"), &format!("{by_name}:latest")] {
        assert_eq!(ec2.code("RunInstances", &from(text)).await, "InvalidParameterValue", "{text}");
    }
    let data = ("LaunchTemplateData.ImageId", by_name.as_str());
    let create = [("LaunchTemplateName", "linux"), data];
    ec2.call("CreateLaunchTemplate", &create).await.ok();
    let named = ("LaunchTemplateName", "linux");
    let shown = ec2.call("DescribeLaunchTemplateVersions", &[named]).await.ok();
    assert_eq!(shown.one("imageId"), by_name);
    let resolved = ec2.call("DescribeLaunchTemplateVersions", &[named, ("ResolveAlias", "true")]).await.ok();
    assert_eq!(resolved.one("imageId"), HOST_IMAGE);
    let launch = [("LaunchTemplate.LaunchTemplateName", "linux"), ("MinCount", "1"), ("MaxCount", "1")];
    assert_eq!(ec2.call("RunInstances", &launch).await.ok().one("imageId"), HOST_IMAGE);
    let over = [&launch[..], &[("ImageId", WEB_IMAGE)]].concat();
    assert_eq!(ec2.call("RunInstances", &over).await.ok().one("imageId"), WEB_IMAGE);
    let next = [named, ("SourceVersion", "1"), ("LaunchTemplateData.ImageId", WEB_IMAGE)];
    assert_eq!(ec2.call("CreateLaunchTemplateVersion", &next).await.ok().one("imageId"), WEB_IMAGE);
    let again =
        [named, ("SourceVersion", "1"), ("LaunchTemplateData.InstanceType", "t2.micro"), ("ResolveAlias", "true")];
    assert_eq!(ec2.call("CreateLaunchTemplateVersion", &again).await.ok().one("imageId"), HOST_IMAGE);
}
