//! RunInstances.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::ec2::image::HOST_IMAGE;
use model::ec2::instance::{DesiredState, Instance, InstanceState, MAXIMUM_INSTANCES_PER_LAUNCH, ShutdownBehavior};
use model::ec2::instance_state::FIRST_BOOT;

use crate::region::{Ec2, WEB_IMAGE};

fn run<'a>(minimum: &'a str, maximum: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let fixed = [("ImageId", HOST_IMAGE), ("InstanceType", "t2.micro"), ("MinCount", minimum), ("MaxCount", maximum)];
    [&fixed[..], more].concat()
}

fn count(ec2: &Ec2) -> usize {
    ec2.server.store.view().list::<Instance>(&ec2.scope()).count()
}

#[tokio::test]
async fn two_instances_come_of_one_call() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    let (subnet, group) = (ec2.default_subnets().await.remove(2), ec2.group(&vpc, "web").await);
    let more = [
        ("SubnetId", subnet.as_str()),
        ("SecurityGroupId.1", &group),
        ("TagSpecification.1.ResourceType", "instance"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "web"),
        ("DisableApiTermination", "true"),
        ("DisableApiStop", "true"),
        ("InstanceInitiatedShutdownBehavior", "terminate"),
        ("Monitoring.Enabled", "true"),
        ("Placement.AvailabilityZone", "ap-northeast-2c"),
        ("Placement.Tenancy", "default"),
    ];
    let reply = ec2.call("RunInstances", &run("2", "2", &more)).await.ok();
    let ids = reply.all("instanceId");
    assert_eq!(ids.len(), 2);
    assert_eq!(reply.all("amiLaunchIndex"), ["0", "1"]);
    assert_eq!(reply.all("privateDnsName")[0], "ip-172-31-32-4.ap-northeast-2.compute.internal");
    assert!(reply.all("name").contains(&"pending".to_owned()));
    assert_eq!(reply.all("dnsName"), ["", ""], "nothing is reached before it runs");
    for (index, id) in ids.iter().enumerate() {
        let record = ec2.record(id);
        assert_eq!(
            (record.state, record.desired, record.boot),
            (InstanceState::Pending, DesiredState::Running, FIRST_BOOT)
        );
        assert_eq!(record.private_address.octets(), [172, 31, 32, 4 + u8::try_from(index).unwrap()]);
        assert_eq!((record.host_address, record.runtime.as_ref()), (None, None));
        assert_eq!(record.security_groups, [group.parse().unwrap()]);
        assert_eq!((record.zone.as_str(), record.subnet_id.as_str()), ("ap-northeast-2c", subnet.as_str()));
        assert!(record.termination_protection && record.stop_protection && record.detailed_monitoring);
        assert_eq!(record.shutdown_behavior, ShutdownBehavior::Terminate);
        assert_eq!(record.tags.get("Name"), Some("web"));
        assert!(record.public_address_wanted, "default subnets give public addresses");
    }
    let reservation = reply.one("reservationId");
    let by_reservation = [("Filter.1.Name", "reservation-id"), ("Filter.1.Value.1", reservation.as_str())];
    assert_eq!(ec2.call("DescribeInstances", &by_reservation).await.ok().all("instanceId").len(), 2);
}

#[tokio::test]
async fn launches_without_a_subnet_spread_over_the_default_subnets() {
    let ec2 = Ec2::start().await;
    let mut zones = Vec::new();
    for _ in 0..5 {
        let id = ec2.launch(&[]).await;
        let record = ec2.record(&id);
        assert_eq!(record.security_groups, [ec2.default_group().await.parse().unwrap()]);
        zones.push(record.zone.chars().last().unwrap());
    }
    assert_eq!(zones, ['a', 'b', 'c', 'd', 'a']);
    let id = ec2.launch(&[("Placement.AvailabilityZone", "ap-northeast-2d")]).await;
    assert_eq!(ec2.record(&id).zone, "ap-northeast-2d");
    let id = ec2.launch(&[("Placement.AvailabilityZoneId", "apne2-az2")]).await;
    assert_eq!(ec2.record(&id).zone, "ap-northeast-2b");
}

#[tokio::test]
async fn the_interface_form_says_whether_an_address_is_public() {
    let ec2 = Ec2::start().await;
    let subnet = ec2.default_subnets().await.remove(0);
    let group = ec2.default_group().await;
    let interface = [
        ("NetworkInterface.1.DeviceIndex", "0"),
        ("NetworkInterface.1.AssociatePublicIpAddress", "false"),
        ("NetworkInterface.1.SubnetId", subnet.as_str()),
        ("NetworkInterface.1.SecurityGroupId.1", &group),
        ("NetworkInterface.1.PrivateIpAddress", "172.31.5.5"),
        ("NetworkInterface.1.Description", "first"),
        ("NetworkInterface.1.DeleteOnTermination", "true"),
        ("TagSpecification.1.ResourceType", "network-interface"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "eth0"),
    ];
    let id = ec2.launch_running(&interface).await;
    let shown = ec2.call("DescribeInstances", &[("InstanceId.1", &id)]).await.ok();
    assert!(shown.all("ipAddress").is_empty() && shown.all("publicIp").is_empty(), "{}", shown.text());
    assert_eq!(shown.all("privateIpAddress")[0], "172.31.5.5");
    let interfaces = ec2.call("DescribeNetworkInterfaces", &[]).await.ok();
    assert_eq!((interfaces.one("description"), interfaces.one("value")), ("first".into(), "eth0".into()));
    assert_eq!(
        (interfaces.one("instanceId"), interfaces.all("status")),
        (id, vec!["attached".into(), "in-use".into()])
    );
    assert!(interfaces.one("macAddress").starts_with("02:") && interfaces.one("macAddress").len() == 17);
}

#[tokio::test]
async fn a_running_instance_shows_the_address_where_it_is_reached() {
    let ec2 = Ec2::start().await;
    let id = ec2.launch(&[]).await;
    let describe = async || ec2.call("DescribeInstances", &[("InstanceId.1", &id)]).await.ok();
    assert!(describe().await.all("ipAddress").is_empty(), "pending");
    ec2.becomes(&id, InstanceState::Running).await;
    let shown = describe().await;
    assert_eq!((shown.one("ipAddress"), shown.one("dnsName")), ("127.64.0.1".into(), "127.64.0.1".into()));
    let by_address = [("Filter.1.Name", "ip-address"), ("Filter.1.Value.1", "127.64.*")];
    assert_eq!(ec2.call("DescribeInstances", &by_address).await.ok().one("instanceId"), id);
    ec2.becomes(&id, InstanceState::Stopped).await;
    let stopped = describe().await;
    assert!(stopped.all("ipAddress").is_empty() && !stopped.all("privateIpAddress").is_empty());
    ec2.becomes(&id, InstanceState::Terminated).await;
    let gone = describe().await;
    for element in ["ipAddress", "privateIpAddress", "vpcId", "subnetId", "networkInterfaceId", "groupId"] {
        assert!(gone.all(element).is_empty(), "{element}");
    }
}

#[tokio::test]
async fn user_data_is_decoded_and_bounded() {
    let ec2 = Ec2::start().await;
    let script = "#!/bin/sh\nexec python3 -m http.server\n";
    let encoded = STANDARD.encode(script);
    let id = ec2.launch(&[("UserData", &encoded)]).await;
    assert_eq!(ec2.record(&id).user_data.as_deref(), Some(script.as_bytes()));
    let (full, more) = (STANDARD.encode([b'x'; 16 * 1024]), STANDARD.encode([b'x'; 16 * 1024 + 1]));
    ec2.launch(&[("UserData", &full)]).await;
    assert_eq!(ec2.code("RunInstances", &run("1", "1", &[("UserData", &more)])).await, "InvalidParameterValue");
    assert_eq!(
        ec2.code("RunInstances", &run("1", "1", &[("UserData", "#!/bin/sh")])).await,
        "InvalidUserData.Malformed"
    );
    assert_eq!(count(&ec2), 2);
}

#[tokio::test]
async fn as_many_as_fit_are_launched_or_none() {
    let ec2 = Ec2::start().await;
    // Sixteen addresses, five of them reserved.
    let subnet = ec2.subnet(&ec2.default_vpc().await, "172.31.128.0/28").await;
    let (s, few) = (("SubnetId", subnet.as_str()), "InsufficientFreeAddressesInSubnet");
    assert_eq!(ec2.code("RunInstances", &run("12", "20", &[s])).await, few);
    assert_eq!(count(&ec2), 0);
    assert_eq!(ec2.call("RunInstances", &run("2", "9", &[s])).await.ok().all("instanceId").len(), 9);
    assert_eq!(ec2.call("RunInstances", &run("1", "9", &[s])).await.ok().all("instanceId").len(), 2);
    assert_eq!(ec2.code("RunInstances", &run("1", "1", &[s])).await, few);
    assert_eq!(count(&ec2), 11);
    let over = (MAXIMUM_INSTANCES_PER_LAUNCH + 1).to_string();
    assert_eq!(ec2.code("RunInstances", &run(&over, "2147483647", &[])).await, "InstanceLimitExceeded");
    assert_eq!(count(&ec2), 11);
}

#[tokio::test]
async fn bad_launches_are_refused_and_launch_nothing() {
    let ec2 = Ec2::start().await;
    let vpc = ec2.default_vpc().await;
    let subnet = ec2.default_subnets().await.remove(0);
    let other = ec2.vpc("10.0.0.0/16").await;
    let (foreign_subnet, foreign_group) = (ec2.subnet(&other, "10.0.0.0/24").await, ec2.group(&other, "foreign").await);
    let mut groups = Vec::new();
    for n in 1..=6 {
        groups.push(ec2.group(&vpc, &format!("group-{n}")).await);
    }
    let names: Vec<String> = (1..=6).map(|n| format!("SecurityGroupId.{n}")).collect();
    let six: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(groups.iter().map(String::as_str)).collect();
    let s = ("SubnetId", subnet.as_str());
    let ni = ("NetworkInterface.1.DeviceIndex", "0");
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("SubnetId", "subnet-00000000")], "InvalidSubnetID.NotFound"),
        (&[("SubnetId", "x")], "InvalidSubnetID.Malformed"),
        (&[("SecurityGroupId.1", "sg-00000000")], "InvalidGroup.NotFound"),
        (&[("SecurityGroupId.1", "x")], "InvalidGroupId.Malformed"),
        (&[("SecurityGroup.1", "nobody")], "InvalidGroup.NotFound"),
        (&[s, ("SecurityGroup.1", "default")], "InvalidParameterCombination"),
        (&[s, ("SecurityGroupId.1", &foreign_group)], "InvalidParameter"),
        (&[("SecurityGroupId.1", &foreign_group)], "InvalidParameter"),
        (&six, "SecurityGroupsPerInterfaceLimitExceeded"),
        (&[s, ("Placement.AvailabilityZone", "ap-northeast-2b")], "InvalidParameterValue"),
        (&[("Placement.AvailabilityZone", "eu-west-1a")], "InvalidParameterValue"),
        (&[("Placement.Tenancy", "host")], "UnsupportedOperation"),
        (&[("Placement.GroupName", "x")], "UnsupportedOperation"),
        (&[("KeyName", "mine")], "InvalidKeyPair.NotFound"),
        (&[s, ("PrivateIpAddress", "172.31.0.3")], "InvalidParameterValue"),
        (&[s, ("PrivateIpAddress", "172.31.16.4")], "InvalidParameterValue"),
        (&[s, ("PrivateIpAddress", "172.31.0.256")], "InvalidParameterValue"),
        (&[ni, s], "InvalidParameterCombination"),
        (&[ni, ("SecurityGroupId.1", &groups[0])], "InvalidParameterCombination"),
        (&[("NetworkInterface.1.SubnetId", &subnet)], "MissingParameter"),
        (&[("NetworkInterface.1.DeviceIndex", "1")], "UnsupportedOperation"),
        (&[ni, ("NetworkInterface.2.DeviceIndex", "1")], "UnsupportedOperation"),
        (&[ni, ("NetworkInterface.1.DeleteOnTermination", "false")], "UnsupportedOperation"),
        (&[ni, ("NetworkInterface.1.NetworkInterfaceId", "eni-00000000")], "UnsupportedOperation"),
        (
            &[("TagSpecification.1.ResourceType", "volume"), ("TagSpecification.1.Tag.1.Key", "a")],
            "InvalidParameterValue",
        ),
        (
            &[("TagSpecification.1.ResourceType", "instance"), ("TagSpecification.1.Tag.1.Key", "aws:a")],
            "InvalidParameterValue",
        ),
        (&[("InstanceInitiatedShutdownBehavior", "hibernate")], "InvalidParameterValue"),
        (&[("BlockDeviceMapping.1.DeviceName", "/dev/sda1")], "UnsupportedOperation"),
        (&[("IamInstanceProfile.Name", "x")], "UnsupportedOperation"),
        (&[("LaunchTemplate.LaunchTemplateId", "lt-1")], "InvalidLaunchTemplateId.Malformed"),
        (&[("Nonsense", "x")], "UnknownParameter"),
        (&[("ClientToken", "")], "InvalidParameterValue"),
        (&[("DryRun", "true")], "DryRunOperation"),
    ];
    for (more, code) in table {
        assert_eq!(ec2.code("RunInstances", &run("1", "1", more)).await, *code, "{more:?}");
    }
    assert_eq!(ec2.call("RunInstances", &run("1", "1", &[("DryRun", "true")])).await.status, 412);
    let address = [s, ("PrivateIpAddress", "172.31.0.9")];
    assert_eq!(ec2.code("RunInstances", &run("2", "2", &address)).await, "InvalidParameterCombination");
    for (minimum, maximum) in
        [("0", "1"), ("1", "0"), ("2", "1"), ("-1", "1"), ("0", "0"), ("x", "1"), ("1", "99999999999999999999")]
    {
        assert_eq!(
            ec2.code("RunInstances", &run(minimum, maximum, &[])).await,
            "InvalidParameterValue",
            "{minimum} {maximum}"
        );
    }
    ec2.refuses(&[
        ("RunInstances", &[("MinCount", "1"), ("MaxCount", "1")], "MissingParameter"),
        ("RunInstances", &[("ImageId", HOST_IMAGE)], "MissingParameter"),
        ("RunInstances", &[("ImageId", "ami-00000000"), ("MinCount", "1"), ("MaxCount", "1")], "InvalidAMIID.NotFound"),
        ("RunInstances", &[("ImageId", "ubuntu"), ("MinCount", "1"), ("MaxCount", "1")], "InvalidAMIID.Malformed"),
        (
            "RunInstances",
            &[("ImageId", HOST_IMAGE), ("InstanceType", "z9.nano"), ("MinCount", "1"), ("MaxCount", "1")],
            "InvalidParameterValue",
        ),
    ])
    .await;
    assert_eq!(count(&ec2), 0);
    ec2.launch(&address).await;
    assert_eq!(ec2.code("RunInstances", &run("1", "1", &address)).await, "InvalidIPAddress.InUse");
    let id = ec2.launch(&[("SubnetId", &foreign_subnet)]).await;
    assert!(!ec2.record(&id).public_address_wanted);
}

#[tokio::test]
async fn without_a_type_the_oldest_one_is_launched_and_names_of_groups_do() {
    let ec2 = Ec2::start().await;
    let group = ec2.group(&ec2.default_vpc().await, "web").await;
    let parameters = [
        ("ImageId", WEB_IMAGE),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("SecurityGroup.1", "web"),
        ("SecurityGroup.2", "default"),
    ];
    let id = ec2.call("RunInstances", &parameters).await.ok().one("instanceId");
    let record = ec2.record(&id);
    assert_eq!(record.instance_type, "m1.small");
    assert_eq!(record.security_groups, [group.parse().unwrap(), ec2.default_group().await.parse().unwrap()]);
}
