//! Launch configurations: made of members or of an instance, shown, deleted.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::autoscaling::launch_configuration::{LaunchConfiguration, MAXIMUM_LAUNCH_CONFIGURATIONS};

use crate::world::{IMAGE, UNKNOWN, World};

#[tokio::test]
async fn what_is_given_is_shown() {
    let world = World::new().await;
    let (_, vpc) = world.subnets().await;
    let group = [("VpcId", vpc.as_str()), ("GroupName", "web"), ("GroupDescription", "a group")];
    let group = world.ec2("CreateSecurityGroup", &group).await.ok().one("groupId");
    let data = STANDARD.encode("#!/bin/sh\nexec server\n");
    let parameters = [
        ("LaunchConfigurationName", "all"),
        ("ImageId", IMAGE),
        ("InstanceType", "t2.micro"),
        ("SecurityGroups.member.1", &group),
        ("UserData", &data),
        ("InstanceMonitoring.Enabled", "false"),
        ("AssociatePublicIpAddress", "true"),
        ("MetadataOptions.HttpTokens", "required"),
        ("MetadataOptions.HttpPutResponseHopLimit", "2"),
        ("EbsOptimized", "false"),
        ("PlacementTenancy", "default"),
    ];
    world.call("CreateLaunchConfiguration", &parameters).await.ok();
    let one = [("LaunchConfigurationNames.member.1", "all")];
    let reply = world.call("DescribeLaunchConfigurations", &one).await.ok();
    let table = [
        ("LaunchConfigurationName", "all"),
        ("ImageId", IMAGE),
        ("InstanceType", "t2.micro"),
        ("KeyName", ""),
        ("UserData", &data),
        ("Enabled", "false"),
        ("AssociatePublicIpAddress", "true"),
        ("HttpTokens", "required"),
        ("HttpPutResponseHopLimit", "2"),
        ("EbsOptimized", "false"),
        ("CreatedTime", "2026-11-20T12:00:00.000Z"),
    ];
    for (element, expected) in table {
        assert_eq!(reply.one(element), expected, "{element}");
    }
    assert!(reply.text().contains(&format!("<member>{group}</member>")));
    assert!(reply.one("LaunchConfigurationARN").ends_with(":launchConfigurationName/all"));
    let spec = &world.get::<LaunchConfiguration>("all").spec;
    assert_eq!(spec.user_data.as_deref(), Some(b"#!/bin/sh\nexec server\n".as_slice()));
    let plain = world.call("DescribeLaunchConfigurations", &[("LaunchConfigurationNames.member.1", "web-1")]).await;
    assert_eq!(plain.ok().one("Enabled"), "true", "detailed monitoring is the default of the API");
}

#[tokio::test]
async fn an_instance_gives_what_the_request_leaves_out() {
    let world = World::new().await;
    let instance = world.instance().await;
    let parameters = [("LaunchConfigurationName", "copy"), ("InstanceId", &*instance), ("InstanceType", "t2.nano")];
    world.call("CreateLaunchConfiguration", &parameters).await.ok();
    let spec = world.get::<LaunchConfiguration>("copy").spec.clone();
    assert_eq!(spec.image_id.unwrap().as_str(), IMAGE);
    assert_eq!(spec.instance_type.as_deref(), Some("t2.nano"));
    assert_eq!(spec.security_groups.len(), 1, "those of the instance");
    assert_eq!(spec.detailed_monitoring, Some(false), "as the instance has it");
}

#[tokio::test]
async fn bad_launch_configurations_are_refused() {
    let world = World::new().await;
    let (name, image, kind) = (("LaunchConfigurationName", "x"), ("ImageId", IMAGE), ("InstanceType", "t2.micro"));
    let create = "CreateLaunchConfiguration";
    let long = STANDARD.encode(vec![b'x'; 16 * 1024]);
    world
        .refuses(&[
            (create, &[image, kind], "ValidationError", "LaunchConfigurationName"),
            (create, &[("LaunchConfigurationName", "a:b"), image, kind], "ValidationError", "':'"),
            (create, &[("LaunchConfigurationName", "a b"), image, kind], "ValidationError", "' '"),
            (create, &[name, kind], "ValidationError", "ImageId"),
            (create, &[name, image], "ValidationError", "InstanceType"),
            (create, &[name, ("ImageId", "ami-1"), kind], "ValidationError", "Invalid AMI ID"),
            (create, &[name, ("ImageId", "ami-0123456789abcdef0"), kind], "ValidationError", "does not exist"),
            (create, &[name, image, ("InstanceType", "t9.huge")], "ValidationError", "t9.huge"),
            (
                create,
                &[name, image, kind, ("KeyName", "mine")],
                "ValidationError",
                "The key pair 'mine' does not exist",
            ),
            (create, &[name, image, kind, ("UserData", "#!/bin/sh")], "ValidationError", "base64"),
            (create, &[name, image, kind, ("UserData", &long)], "ValidationError", "UserData must be at most 21847"),
            (create, &[name, image, kind, ("SpotPrice", "0.1")], "ValidationError", "Spot"),
            (create, &[name, image, kind, ("EbsOptimized", "true")], "ValidationError", "EbsOptimized"),
            (create, &[name, image, kind, ("PlacementTenancy", "dedicated")], "ValidationError", "dedicated"),
            (create, &[name, image, kind, ("IamInstanceProfile", "web")], "ValidationError", "IamInstanceProfile"),
            (create, &[name, ("InstanceId", UNKNOWN)], "ValidationError", UNKNOWN),
            (
                create,
                &[name, image, kind, ("SecurityGroups.member.1", "sg-0123456789abcdef0")],
                "ValidationError",
                "sg-0123456789abcdef0",
            ),
            (
                create,
                &[name, image, kind, ("SecurityGroups.member.1", "nobody")],
                "ValidationError",
                "does not exist in default VPC",
            ),
            (
                create,
                &[name, image, kind, ("SecurityGroups.member.1", "default"), ("SecurityGroups.member.2", "sg-1")],
                "ValidationError",
                "ids and names",
            ),
            (create, &[("LaunchConfigurationName", "web-1"), image, kind], "AlreadyExists", "already exists"),
            ("DeleteLaunchConfiguration", &[name], "ValidationError", "Launch configuration name not found - "),
        ])
        .await;
    assert_eq!(world.server.store.view().list::<LaunchConfiguration>(&crate::world::scope()).count(), 1);
}

#[tokio::test]
async fn there_are_two_hundred_at_most() {
    let world = World::new().await;
    let first = world.get::<LaunchConfiguration>("web-1");
    for number in 1..MAXIMUM_LAUNCH_CONFIGURATIONS {
        world.put(LaunchConfiguration { name: format!("lc-{number}"), ..LaunchConfiguration::clone(&first) }).await;
    }
    let more = [("LaunchConfigurationName", "more"), ("ImageId", IMAGE), ("InstanceType", "t2.micro")];
    world.refuses(&[("CreateLaunchConfiguration", &more, "LimitExceeded", "at most 200")]).await;
    world.call("DeleteLaunchConfiguration", &[("LaunchConfigurationName", "lc-1")]).await.ok();
    world.call("CreateLaunchConfiguration", &more).await.ok();
}

#[tokio::test]
async fn one_that_a_group_uses_stays() {
    let world = World::new().await;
    world.group("web", ["0", "1", "0"]).await;
    let name = [("LaunchConfigurationName", "web-1")];
    world.refuses(&[("DeleteLaunchConfiguration", &name, "ResourceInUse", "AutoScalingGroup web")]).await;
    let other = [("LaunchConfigurationName", "web-2"), ("ImageId", IMAGE), ("InstanceType", "t2.micro")];
    world.call("CreateLaunchConfiguration", &other).await.ok();
    let update = [("AutoScalingGroupName", "web"), ("LaunchConfigurationName", "web-2")];
    world.call("UpdateAutoScalingGroup", &update).await.ok();
    world.call("DeleteLaunchConfiguration", &name).await.ok();
}
