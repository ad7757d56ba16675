//! Launches by table: what is made of a spec, and what is refused.

use super::*;
use crate::ec2::{instance::ShutdownBehavior, network_interface::InterfaceOwner};

const NOW: Timestamp = Timestamp::from_seconds(1_000);

/// A default VPC with a /28 subnet, another VPC, and their groups.
struct World {
    image: Image,
    key_pair: KeyPair,
    subnet: Subnet,
    groups: Vec<Arc<SecurityGroup>>,
    there: Vec<Arc<Instance>>,
    interfaces: Vec<Arc<NetworkInterface>>,
    ids: u64,
}

fn id<T: std::str::FromStr<Err = crate::id::InvalidId>>(text: &str) -> T {
    text.parse().unwrap()
}

fn group(text: &str, name: &str, vpc: &str) -> Arc<SecurityGroup> {
    Arc::new(SecurityGroup {
        id: id(text),
        name: name.into(),
        description: "d".into(),
        vpc_id: id(vpc),
        rules: Vec::new(),
        created_at: NOW,
        tags: Tags::default(),
    })
}

impl World {
    fn new() -> Self {
        let subnet = Subnet {
            id: id("subnet-00000001"),
            vpc_id: id("vpc-00000001"),
            cidr: "10.0.0.0/28".parse().unwrap(),
            zone: "ap-northeast-2a".into(),
            default_for_zone: true,
            map_public_ip_on_launch: true,
            created_at: NOW,
            tags: Tags::default(),
        };
        let groups = vec![
            group("sg-00000001", "default", "vpc-00000001"),
            group("sg-00000002", "web", "vpc-00000001"),
            group("sg-00000003", "web", "vpc-00000002"),
        ];
        let image = crate::ec2::image::built_in().remove(0);
        let key_pair = KeyPair {
            id: id("key-00000001"),
            name: "mine".into(),
            key_type: crate::ec2::key_pair::KeyType::Ed25519,
            public_key: "ssh-ed25519 AAAA mine".into(),
            fingerprint: "f".into(),
            created_at: NOW,
            tags: Tags::default(),
        };
        Self { image, key_pair, subnet, groups, there: Vec::new(), interfaces: Vec::new(), ids: 0 }
    }

    fn spec(&self) -> LaunchSpec {
        LaunchSpec { image_id: Some(self.image.id.clone()), ..LaunchSpec::default() }
    }

    fn launch(&mut self, spec: &LaunchSpec, minimum: usize, maximum: usize) -> Result<Vec<Instance>, LaunchError> {
        let next = &mut self.ids;
        let mut ids = || {
            *next += 1;
            *next << 32
        };
        let identities = Identities::mint(&mut ids, maximum);
        let launch = Launch {
            spec,
            minimum,
            identities: &identities,
            client_token: Some("token"),
            auto_scaling_group: Some("web-group"),
            now: NOW,
        };
        let vpc = id("vpc-00000001");
        let facts = Facts {
            image: Some(&self.image),
            key_pair: Some(&self.key_pair),
            subnet: &self.subnet,
            occupancy: &Occupancy::of(self.there.iter().cloned(), self.interfaces.iter().cloned()),
            security_groups: &self.groups,
            default_vpc: Some(&vpc),
        };
        instances(&launch, &facts)
    }

    /// A NAT gateway's interface in the subnet.
    fn take(&mut self, address: Ipv4Addr) {
        self.interfaces.push(Arc::new(NetworkInterface {
            id: id("eni-00000009"),
            vpc_id: self.subnet.vpc_id.clone(),
            subnet_id: self.subnet.id.clone(),
            zone: self.subnet.zone.clone(),
            private_address: address,
            owner: InterfaceOwner::NatGateway(id("nat-00000001")),
            security_groups: Vec::new(),
            description: String::new(),
            created_at: NOW,
            tags: Tags::default(),
        }));
    }

    fn fill(&mut self, count: usize) {
        let spec = self.spec();
        let made = self.launch(&spec, count, count).unwrap();
        self.there.extend(made.into_iter().map(Arc::new));
    }
}

#[test]
fn what_is_left_open_has_the_defaults_of_aws() {
    let mut world = World::new();
    let spec = world.spec();
    let made = world.launch(&spec, 1, 2).unwrap();
    assert_eq!(made.iter().map(|instance| instance.launch_index).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(made[0].reservation_id, made[1].reservation_id);
    assert_ne!(made[0].id, made[1].id);
    assert_eq!(made[1].private_address, Ipv4Addr::new(10, 0, 0, 5));
    let first = &made[0];
    assert_eq!(first.instance_type, DEFAULT_INSTANCE_TYPE);
    assert_eq!(first.security_groups, [id::<SecurityGroupId>("sg-00000001")]);
    assert_eq!(first.shutdown_behavior, ShutdownBehavior::Stop);
    assert!(!first.termination_protection && !first.stop_protection && !first.detailed_monitoring);
    assert!(first.public_address_wanted, "the subnet says so");
    assert_eq!((first.state, first.desired, first.launched_at), (InstanceState::Pending, DesiredState::Running, NOW));
    assert_eq!(first.auto_scaling_group.as_deref(), Some("web-group"));
    assert_eq!(first.tags.get(AUTO_SCALING_GROUP_TAG), Some("web-group"));
    assert_eq!(first.client_token.as_deref(), Some("token"));
}

#[test]
fn what_is_said_is_in_the_record() {
    let mut world = World::new();
    let interface = NetworkInterfaceSpec {
        associate_public_address: Some(false),
        description: Some("first".into()),
        security_groups: vec![id("sg-00000002"), id("sg-00000002")],
        private_address: Some(Ipv4Addr::new(10, 0, 0, 9)),
        ..NetworkInterfaceSpec::default()
    };
    let spec = LaunchSpec {
        instance_type: Some("t2.micro".into()),
        user_data: Some(b"#!/bin/sh".to_vec()),
        network_interface: Some(interface),
        zone: Some("ap-northeast-2a".into()),
        shutdown_behavior: Some(ShutdownBehavior::Terminate),
        termination_protection: Some(true),
        stop_protection: Some(true),
        detailed_monitoring: Some(true),
        tags: Tags::parse([("Name".into(), "web".into())]).unwrap(),
        interface_tags: Tags::parse([("Name".into(), "eth0".into())]).unwrap(),
        launch_template: Some(TemplateVersion { id: id("lt-00000001"), version: 7 }),
        ..world.spec()
    };
    let made = world.launch(&spec, 1, 1).unwrap().remove(0);
    assert_eq!((made.instance_type.as_str(), made.user_data.as_deref()), ("t2.micro", Some(&b"#!/bin/sh"[..])));
    assert_eq!((made.private_address, made.public_address_wanted), (Ipv4Addr::new(10, 0, 0, 9), false));
    assert_eq!(made.security_groups, [id::<SecurityGroupId>("sg-00000002")]);
    assert_eq!(made.network_interface_description, "first");
    assert_eq!(made.network_interface_tags.get("Name"), Some("eth0"));
    assert_eq!(made.shutdown_behavior, ShutdownBehavior::Terminate);
    assert!(made.termination_protection && made.stop_protection && made.detailed_monitoring);
    assert_eq!(made.tags.get("Name"), Some("web"));
    assert_eq!(made.tags.get(LAUNCH_TEMPLATE_ID_TAG), Some("lt-00000001"));
    assert_eq!(made.tags.get(LAUNCH_TEMPLATE_VERSION_TAG), Some("7"));
}

#[test]
fn what_cannot_be_launched_is_said_in_a_sentence() {
    let spec = World::new().spec();
    let groups = |ids: &[&str]| ids.iter().map(|text| id(text)).collect::<Vec<SecurityGroupId>>();
    let address = |last| Some(Ipv4Addr::new(10, 0, 0, last));
    let table = [
        (LaunchSpec::default(), "No image is given; `describe-images` lists what can be launched"),
        (
            LaunchSpec { image_id: Some(id("ami-0bad0bad")), ..spec.clone() },
            "The image id '[ami-0bad0bad]' does not exist",
        ),
        (
            LaunchSpec { instance_type: Some("t9.huge".into()), ..spec.clone() },
            "There is no instance type 't9.huge'; `describe-instance-types` lists those that there are",
        ),
        (LaunchSpec { key_name: Some("yours".into()), ..spec.clone() }, "The key pair 'yours' does not exist"),
        (
            LaunchSpec { security_groups: groups(&["sg-00000001", "sg-0bad0bad"]), ..spec.clone() },
            "The security group 'sg-0bad0bad' does not exist",
        ),
        (
            LaunchSpec { security_group_names: vec!["db".into()], ..spec.clone() },
            "The security group 'db' does not exist in default VPC; groups of other VPCs go by their id",
        ),
        (
            LaunchSpec { security_groups: groups(&["sg-00000003"]), ..spec.clone() },
            "Security group sg-00000003 and subnet subnet-00000001 belong to different networks",
        ),
        (
            LaunchSpec { zone: Some("ap-northeast-2c".into()), ..spec.clone() },
            "The placement asks for zone ap-northeast-2c, and subnet subnet-00000001 is in ap-northeast-2a",
        ),
        (
            LaunchSpec { private_address: address(3), ..spec.clone() },
            "The private address 10.0.0.3 is none that subnet subnet-00000001 (10.0.0.0/28) gives",
        ),
        (LaunchSpec { private_address: address(4), ..spec }, "The private address 10.0.0.4 is in use"),
    ];
    let mut world = World::new();
    world.fill(1);
    for (spec, sentence) in table {
        assert_eq!(world.launch(&spec, 1, 1).unwrap_err().to_string(), sentence, "{spec:?}");
    }
}

#[test]
fn as_many_are_launched_as_fit_or_none() {
    let mut world = World::new();
    world.fill(9);
    let spec = world.spec();
    assert_eq!(world.launch(&spec, 1, 5).unwrap().len(), 2, "of eleven addresses nine are used");
    let full = world.launch(&spec, 3, 5).unwrap_err();
    assert!(matches!(full, LaunchError::NoFreeAddress { free: 2, needed: 3, .. }), "{full}");
    for instance in &mut world.there {
        Arc::make_mut(instance).state = InstanceState::Terminated;
    }
    assert_eq!(world.launch(&spec, 1, 5).unwrap().len(), 5, "terminated instances hold nothing");
    let one = LaunchSpec { private_address: Some(Ipv4Addr::new(10, 0, 0, 14)), ..spec };
    assert!(matches!(world.launch(&one, 1, 2), Err(LaunchError::AddressOfSeveral { count: 2, .. })));
}

#[test]
fn the_quota_counts_instances_of_every_subnet() {
    let mut world = World::new();
    world.fill(1);
    let elsewhere = Arc::new(Instance { subnet_id: id("subnet-00000002"), ..(*world.there[0]).clone() });
    world.there = vec![elsewhere; MAXIMUM_INSTANCES - 1];
    let spec = world.spec();
    assert_eq!(world.launch(&spec, 1, 4).unwrap().len(), 1);
    let (there, needed) = (MAXIMUM_INSTANCES - 1, 2);
    assert_eq!(world.launch(&spec, 2, 4), Err(LaunchError::InstanceLimit { there, needed }));
    world.there.clear();
    let needed = MAXIMUM_INSTANCES_PER_LAUNCH + 1;
    assert_eq!(world.launch(&spec, needed, needed), Err(LaunchError::TooManyAtOnce { needed }));
    assert_eq!(Identities::mint(&mut || 7, needed).instances.len(), MAXIMUM_INSTANCES_PER_LAUNCH);
}

#[test]
fn a_group_is_named_by_id_by_name_and_in_the_interface() {
    let mut world = World::new();
    let by_name = LaunchSpec { security_group_names: vec!["web".into(), "default".into()], ..world.spec() };
    let made = world.launch(&by_name, 1, 1).unwrap().remove(0);
    assert_eq!(made.security_groups, [id::<SecurityGroupId>("sg-00000002"), id("sg-00000001")]);
    let six: Vec<_> = (4..10).map(|n| group(&format!("sg-0000000{n}"), "g", "vpc-00000001")).collect();
    let security_groups = six.iter().map(|group| group.id.clone()).collect();
    world.groups.extend(six);
    let many = LaunchSpec { security_groups, ..world.spec() };
    assert_eq!(world.launch(&many, 1, 1), Err(LaunchError::TooManySecurityGroups { count: 6 }));
}

#[test]
fn what_is_said_later_stands_instead_of_what_was_said_before() {
    let tag = |key: &str, value: &str| Tags::parse([(key.into(), value.into())]).unwrap();
    let before = LaunchSpec {
        instance_type: Some("t2.micro".into()),
        zone: Some("ap-northeast-2a".into()),
        security_group_names: vec!["web".into()],
        tags: tag("a", "1"),
        interface_tags: tag("b", "1"),
        ..LaunchSpec::default()
    };
    let later = LaunchSpec {
        instance_type: Some("t2.small".into()),
        security_groups: vec![id("sg-00000001")],
        tags: tag("c", "2"),
        ..LaunchSpec::default()
    };
    let expected = LaunchSpec { zone: before.zone.clone(), ..later.clone() };
    assert_eq!(before.clone().overridden(later), expected);
    assert_eq!(before.clone().overridden(LaunchSpec::default()), before);
}

#[test]
fn an_older_form_of_a_spec_can_be_read() {
    assert_eq!(serde_json::from_str::<LaunchSpec>("{}").unwrap(), LaunchSpec::default());
}

#[test]
fn addresses_of_other_interfaces_are_taken_too() {
    let mut world = World::new();
    let address = |last: u8| Ipv4Addr::new(10, 0, 0, last);
    world.take(address(4));
    world.take(address(6));
    let spec = world.spec();
    let made = world.launch(&spec, 2, 2).unwrap();
    assert_eq!(made.iter().map(|instance| instance.private_address).collect::<Vec<_>>(), [address(5), address(7)]);
    let occupancy = Occupancy::of([], world.interfaces.iter().cloned());
    let subnet = &world.subnet;
    assert_eq!(occupancy.taken(&subnet.id), 2);
    assert_eq!(occupancy.address_in(subnet, None), Ok(address(5)));
    assert_eq!(occupancy.address_in(subnet, Some(address(9))), Ok(address(9)));
    let refused = [
        (address(4), LaunchError::AddressInUse { address: address(4) }),
        (
            address(3),
            LaunchError::AddressOutsideSubnet { address: address(3), subnet: subnet.id.clone(), cidr: subnet.cidr },
        ),
    ];
    for (wanted, error) in refused {
        assert_eq!(occupancy.address_in(subnet, Some(wanted)), Err(error));
    }
    (4..15).for_each(|last| world.take(address(last)));
    let full = Occupancy::of([], world.interfaces.iter().cloned());
    let none =
        LaunchError::NoFreeAddress { subnet: id("subnet-00000001"), cidr: world.subnet.cidr, free: 0, needed: 1 };
    assert_eq!(full.address_in(&world.subnet, None), Err(none));
}

#[test]
fn an_instance_keeps_its_key_when_the_pair_is_gone() {
    let mut world = World::new();
    let none = world.launch(&world.spec(), 1, 1).unwrap().remove(0);
    assert_eq!((none.key_name, none.public_key), (None, None));
    let spec = LaunchSpec { key_name: Some("mine".into()), ..world.spec() };
    let made = world.launch(&spec, 1, 1).unwrap().remove(0);
    assert_eq!((made.key_name.as_deref(), made.public_key.as_deref()), (Some("mine"), Some("ssh-ed25519 AAAA mine")));
}

#[test]
fn only_available_images_are_launched() {
    let mut world = World::new();
    let spec = world.spec();
    for state in [ImageState::Pending, ImageState::Failed] {
        world.image.state = state;
        assert!(matches!(world.launch(&spec, 1, 1), Err(LaunchError::ImageNotAvailable { .. })), "{state:?}");
    }
    world.image.state = ImageState::Deregistered;
    assert!(matches!(world.launch(&spec, 1, 1), Err(LaunchError::ImageNotFound { .. })));
}
