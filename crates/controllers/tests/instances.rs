//! The instances controller over the simulated driver: records and what runs meet, whoever moved first.
#![allow(clippy::unwrap_used)]

mod support;

use compute::{ComputeDriver, Driver, SimulatedDriver, SimulatedOptions};
use controllers::{
    Context, Controller, Next,
    instances::{Instances, OwnNetworks},
    networks::NetworksInForce,
};
use model::{
    ec2::{
        address::{Address, AddressAssociation},
        image::{Image, ImageOwner, ImageState},
        instance::{DesiredState, Instance, InstanceState},
        instance_state::{Exit, MAXIMUM_START_ATTEMPTS, NETWORK_PATIENCE},
    },
    elbv2::{
        plan::registration_of,
        target::{Target, TargetId, TargetKey},
        target_health::{CheckedHealth, CheckedState},
    },
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use support::{get, group, group_arn, images, instance, put, surroundings, target};
use testkit::ManualClock;
use tokio::sync::watch;

struct World {
    cx: Context,
    clock: ManualClock,
    driver: Arc<Driver>,
    controller: Instances,
    _images: watch::Sender<Vec<model::ec2::image::Image>>,
}

/// Networks that a test says are there, or cannot be made.
struct Networks {
    _vpcs: watch::Sender<Arc<Vec<controllers::networks::AppliedVpc>>>,
    instances: watch::Sender<Arc<BTreeSet<model::id::InstanceId>>>,
    failure: watch::Sender<Option<Arc<str>>>,
    _pool: watch::Sender<model::cidr::Cidr>,
}

impl World {
    fn new() -> Self {
        Self::with(None)
    }

    fn in_networks() -> (Self, Networks) {
        let ((vpcs, applied), (instances, connected)) =
            (watch::channel(Arc::default()), watch::channel(Arc::default()));
        let (failure, failed) = watch::channel(None);
        let (pool, public_pool) = watch::channel("127.80.0.0/16".parse().unwrap());
        let tag = "0a1b2c".parse().unwrap();
        let in_force = NetworksInForce { tag, vpcs: applied, instances: connected, failure: failed };
        let networks = Networks { _vpcs: vpcs, instances, failure, _pool: pool };
        (Self::with(Some(OwnNetworks { in_force, public_pool })), networks)
    }

    fn with(networks: Option<OwnNetworks>) -> Self {
        let (cx, clock) = surroundings();
        let driver = SimulatedDriver::new(SimulatedOptions::new(Arc::new(clock.clone())));
        let driver = Arc::new(Driver::Simulated(driver));
        let (images, known) = watch::channel(images());
        let controller = Instances::new(driver.clone(), known, networks, "http://127.0.0.1:4566".to_owned(), "test");
        Self { cx, clock, driver, controller, _images: images }
    }

    fn simulated(&self) -> &SimulatedDriver {
        match &*self.driver {
            Driver::Simulated(driver) => driver,
            Driver::Process(_) | Driver::Sandbox(_) => unreachable!("these tests run nothing"),
        }
    }

    /// Reconciles until nothing more is to be done at this moment.
    async fn settle(&mut self) -> Next {
        let mut next = Next::OnChange;
        for _ in 0..10 {
            next = self.controller.reconcile(&self.cx).await.unwrap();
        }
        next
    }

    async fn change(&self, id: &model::id::InstanceId, change: impl FnOnce(&mut Instance)) {
        let mut record = (*get::<Instance>(&self.cx, id).unwrap()).clone();
        change(&mut record);
        put(&self.cx, record).await;
    }

    fn state(&self, id: &model::id::InstanceId) -> Option<InstanceState> {
        get::<Instance>(&self.cx, id).map(|record| record.state)
    }
}

#[tokio::test]
async fn an_image_of_the_account_boots_its_instances_also_when_it_is_deregistered() {
    let mut world = World::new();
    let made = Image {
        id: "ami-0000000a".parse().unwrap(),
        owner: ImageOwner::Account,
        state: ImageState::Deregistered,
        ..images().remove(0)
    };
    put(&world.cx, made.clone()).await;
    let one = Instance { image_id: made.id, ..instance(1, world.cx.clock.now()) };
    put(&world.cx, one.clone()).await;
    let nowhere = Instance { image_id: "ami-0000000b".parse().unwrap(), ..instance(2, world.cx.clock.now()) };
    put(&world.cx, nowhere.clone()).await;
    world.settle().await;
    assert_eq!(world.state(&one.id), Some(InstanceState::Running));
    assert_eq!(world.state(&nowhere.id), Some(InstanceState::Pending), "its image is in no record");
}

#[tokio::test]
async fn a_launched_instance_runs_at_an_address_of_its_own() {
    let mut world = World::new();
    let (one, two) = (instance(1, world.cx.clock.now()), instance(2, world.cx.clock.now()));
    put(&world.cx, one.clone()).await;
    put(&world.cx, two.clone()).await;
    world.settle().await;
    let records = [&one, &two].map(|i| get::<Instance>(&world.cx, &i.id).unwrap());
    assert!(records.iter().all(|record| record.state == InstanceState::Running));
    let addresses = records.map(|record| record.address().unwrap().to_string());
    assert_ne!(addresses[0], addresses[1]);
    assert!(addresses.iter().all(|address| address.starts_with("127.")), "{addresses:?}");
}

#[tokio::test]
async fn an_instance_goes_through_its_whole_life() {
    let mut world = World::new();
    let record = instance(1, world.cx.clock.now());
    let id = record.id.clone();
    put(&world.cx, record).await;
    world.settle().await;
    let address = get::<Instance>(&world.cx, &id).unwrap().host_address;

    world.change(&id, |i| i.desired = DesiredState::Stopped).await;
    world.settle().await;
    assert_eq!(world.state(&id), Some(InstanceState::Stopped));

    world
        .change(&id, |i| {
            i.desired = DesiredState::Running;
            i.boot += 1;
        })
        .await;
    world.settle().await;
    assert_eq!(world.state(&id), Some(InstanceState::Running));
    assert_eq!(get::<Instance>(&world.cx, &id).unwrap().host_address, address, "it keeps its address");

    world.change(&id, |i| i.desired = DesiredState::Terminated).await;
    world.settle().await;
    assert_eq!(world.state(&id), Some(InstanceState::Terminated));
    assert!(world.driver.inventory().await.unwrap().is_empty());

    let key = TargetKey { id: TargetId::Instance(id.clone()), port: 3000 };
    let registered = store::target_id(&group_arn("web"), &key);
    put(&world.cx, group("web")).await;
    put(&world.cx, Target { key, ..target("web", world.cx.clock.now()) }).await;
    world.settle().await;
    assert!(get::<Target>(&world.cx, &registered).is_some(), "it is shown as terminated while the instance is");

    world.clock.advance(Duration::from_secs(3700));
    world.settle().await;
    assert_eq!(world.state(&id), None, "after an hour nobody speaks of it any more");
    assert!(get::<Target>(&world.cx, &registered).is_none(), "and it is no target any more");
}

#[tokio::test]
async fn an_elastic_ip_stays_with_an_instance_that_stops_and_not_with_one_that_is_terminated() {
    let mut world = World::new();
    let record = instance(1, world.cx.clock.now());
    let id = record.id.clone();
    put(&world.cx, record.clone()).await;
    let association = AddressAssociation {
        id: "eipassoc-00000001".parse().unwrap(),
        network_interface_id: record.network_interface_id.clone(),
        private_address: record.private_address,
    };
    let address = Address {
        id: "eipalloc-00000001".parse().unwrap(),
        public_address: std::net::Ipv4Addr::new(127, 80, 0, 1),
        association: Some(association),
        allocated_at: world.cx.clock.now(),
        tags: model::Tags::default(),
    };
    put(&world.cx, address).await;
    world.settle().await;
    let associated = |world: &World| get::<Address>(&world.cx, "eipalloc-00000001").unwrap().association.is_some();
    for (desired, state, kept) in [
        (DesiredState::Stopped, InstanceState::Stopped, true),
        (DesiredState::Terminated, InstanceState::Terminated, false),
    ] {
        world.change(&id, |i| i.desired = desired).await;
        world.settle().await;
        assert_eq!((world.state(&id), associated(&world)), (Some(state), kept));
    }
}

#[tokio::test]
async fn what_checks_found_about_a_target_ends_with_a_stop_of_its_instance_and_not_with_a_reboot() {
    let mut world = World::new();
    let (one, two) = (instance(1, world.cx.clock.now()), instance(2, world.cx.clock.now()));
    let two = Instance { private_address: [172, 31, 0, 5].into(), ..two };
    put(&world.cx, one.clone()).await;
    put(&world.cx, two.clone()).await;
    world.settle().await;
    put(&world.cx, group("web")).await;
    let health = CheckedHealth { state: CheckedState::Healthy, since: world.cx.clock.now(), failure: None };
    let ids = [
        TargetId::Instance(one.id.clone()),
        TargetId::Ip(one.private_address),
        TargetId::Instance(two.id.clone()),
        TargetId::Ip([10, 0, 0, 1].into()),
    ];
    let mut keys = Vec::new();
    for id in ids {
        let key = TargetKey { id, port: 3000 };
        keys.push(store::target_id(&group_arn("web"), &key));
        let plain = target("web", world.cx.clock.now());
        put(&world.cx, Target { key, health: Some(health.clone()), ..plain }).await;
    }
    let known = |world: &World| {
        keys.iter().map(|id| get::<Target>(&world.cx, id).unwrap().health.is_some()).collect::<Vec<_>>()
    };

    world.clock.advance(Duration::from_secs(9));
    world.change(&one.id, |i| i.boot += 1).await;
    world.settle().await;
    assert_eq!(known(&world), [true; 4], "a reboot is for the checks to find out about");

    world.change(&one.id, |i| i.desired = DesiredState::Stopped).await;
    world.settle().await;
    assert_eq!(known(&world), [false, false, true, true]);

    let id = &keys[0];
    let before = registration_of(&get::<Target>(&world.cx, id).unwrap(), None);
    world.clock.advance(Duration::from_secs(9));
    world
        .change(&one.id, |i| {
            i.desired = DesiredState::Running;
            i.boot += 1;
        })
        .await;
    world.settle().await;
    let up = get::<Instance>(&world.cx, &one.id).unwrap();
    let after = registration_of(&get::<Target>(&world.cx, id).unwrap(), Some(&up));
    assert!(after > before, "the node takes it for a new one");
}

#[tokio::test]
async fn a_shutdown_from_inside_stops_the_instance_and_a_crash_leaves_it_unreachable() {
    let mut world = World::new();
    let (one, two) = (instance(1, world.cx.clock.now()), instance(2, world.cx.clock.now()));
    put(&world.cx, one.clone()).await;
    put(&world.cx, two.clone()).await;
    world.settle().await;
    world.simulated().end_boot_command(&one.id, Exit::Code(0));
    world.simulated().end_boot_command(&two.id, Exit::Signal(9));
    world.settle().await;
    assert_eq!(world.state(&one.id), Some(InstanceState::Stopped));
    let crashed = get::<Instance>(&world.cx, &two.id).unwrap();
    assert_eq!(crashed.state, InstanceState::Running);
    assert!(!crashed.runtime.as_ref().unwrap().reachable);
}

#[tokio::test]
async fn a_start_that_fails_is_tried_again_later_and_given_up_in_the_end() {
    let mut world = World::new();
    let record = instance(1, world.cx.clock.now());
    let id = record.id.clone();
    world.simulated().fail_starts(1, "no room");
    put(&world.cx, record).await;
    world.settle().await;
    assert_eq!(world.state(&id), Some(InstanceState::Pending), "it waits");
    world.clock.advance(Duration::from_secs(2));
    world.settle().await;
    assert_eq!(world.state(&id), Some(InstanceState::Running));

    let record = instance(2, world.cx.clock.now());
    let id = record.id.clone();
    world.simulated().fail_starts(MAXIMUM_START_ATTEMPTS as usize, "no room");
    put(&world.cx, record).await;
    for _ in 0..MAXIMUM_START_ATTEMPTS + 1 {
        world.settle().await;
        world.clock.advance(Duration::from_secs(61));
    }
    world.settle().await;
    let given_up = get::<Instance>(&world.cx, &id).unwrap();
    assert_eq!(given_up.state, InstanceState::Terminated);
    assert!(given_up.state_reason.as_ref().unwrap().message.contains("no room"), "{given_up:?}");
}

#[tokio::test]
async fn an_instance_says_what_keeps_its_network_from_it_and_starts_when_it_is_there() {
    let (mut world, networks) = World::in_networks();
    let (one, two) = (instance(1, world.cx.clock.now()), instance(2, world.cx.clock.now()));
    put(&world.cx, one.clone()).await;
    put(&world.cx, two.clone()).await;
    let shown = |world: &World, id: &model::id::InstanceId| {
        let record = get::<Instance>(&world.cx, id).unwrap();
        (record.state, record.state_reason.as_ref().map(|reason| (reason.code.clone(), reason.message.clone())))
    };
    world.settle().await;
    assert_eq!(shown(&world, &one.id), (InstanceState::Pending, None), "the networks are being made");
    networks.failure.send_replace(Some("nft is missing".into()));
    world.settle().await;
    let (state, reason) = shown(&world, &one.id);
    let (code, message) = reason.unwrap();
    assert_eq!((state, code.as_str()), (InstanceState::Pending, "pending"));
    assert!(message.contains("nft is missing"), "{message}");
    assert!(world.driver.inventory().await.unwrap().is_empty());

    world.clock.advance(NETWORK_PATIENCE / 2);
    networks.instances.send_replace(Arc::new(BTreeSet::from([one.id.clone()])));
    world.settle().await;
    assert_eq!(shown(&world, &one.id), (InstanceState::Running, None));

    world.clock.advance(NETWORK_PATIENCE / 2);
    world.settle().await;
    let (state, reason) = shown(&world, &two.id);
    let (code, message) = reason.unwrap();
    assert_eq!((state, code.as_str()), (InstanceState::Terminated, "Server.InternalError"));
    assert!(message.contains("its network cannot be made: nft is missing"), "{message}");
    assert_eq!(world.state(&one.id), Some(InstanceState::Running), "what runs goes on");
}

#[tokio::test]
async fn what_no_record_knows_is_removed() {
    let mut world = World::new();
    let record = instance(1, world.cx.clock.now());
    put(&world.cx, record.clone()).await;
    world.settle().await;
    let forget = |txn: &mut store::Transaction| -> Result<(), std::convert::Infallible> {
        txn.delete::<Instance>(&support::scope(), &record.id);
        Ok(())
    };
    world.cx.store.transact(forget).await.unwrap();
    world.settle().await;
    assert!(world.driver.inventory().await.unwrap().is_empty());
}
