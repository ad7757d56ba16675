//! Records and surroundings for the controllers' tests: a store in memory, a clock moved by hand, a node that is a socket.
#![allow(dead_code, reason = "every test file uses its own part of it")]

use controllers::Context;
use model::{
    Arn, Scope, Tags, Timestamp,
    autoscaling::group::{
        AutoScalingGroup, DEFAULT_COOLDOWN_SECONDS, DeletionProtection, LaunchSource, ZoneDistribution,
    },
    ec2::{
        image::{SITE_IMAGE, built_in},
        instance::{DesiredState, Instance, InstanceState, MetadataOptions, ShutdownBehavior},
    },
    elbv2::{
        action::Action,
        attribute::Attributes,
        health_check::HealthCheck,
        listener::{Listener, ListenerProtocol},
        load_balancer::{EnabledZone, LoadBalancer, LoadBalancerKind, LoadBalancerState, Scheme},
        target::{Target, TargetId, TargetKey},
        target_group::{TargetGroup, TargetProtocol, TargetType},
    },
    id::{InstanceId, NetworkAttachmentId, NetworkInterfaceId, ReservationId},
};
use std::{convert::Infallible, sync::Arc, time::Duration};
use store::{Record, Store};
use testkit::{CountedIds, ManualClock};

pub const DEADLINE: Duration = Duration::from_secs(20);

pub fn scope() -> Scope {
    Scope::new("123456789012", "ap-northeast-2")
}

pub fn surroundings() -> (Context, ManualClock) {
    let clock = ManualClock::default();
    (Context::new(Store::in_memory(), Arc::new(clock.clone())), clock)
}

pub async fn put<R: Record>(cx: &Context, record: R) {
    let write = |txn: &mut store::Transaction| -> Result<(), Infallible> {
        txn.put(&scope(), record.clone());
        Ok(())
    };
    cx.store.transact(write).await.unwrap();
}

pub fn get<R: Record>(cx: &Context, id: impl AsRef<str>) -> Option<Arc<R>> {
    cx.store.view().get::<R>(&scope(), id)
}

/// Waits until the condition holds, looking again whenever there was time for something else.
pub async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let waited = tokio::time::timeout(DEADLINE, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(waited.await.is_ok(), "waited {DEADLINE:?} for {what}");
}

pub fn arn(resource: &str) -> Arn {
    Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", resource)
}

pub fn instance(seed: u64, now: Timestamp) -> Instance {
    let mut ids = CountedIds::seeded(seed);
    Instance {
        id: InstanceId::mint(&mut ids),
        reservation_id: ReservationId::mint(&mut ids),
        launch_index: 0,
        client_token: None,
        image_id: SITE_IMAGE.parse().unwrap(),
        instance_type: "t2.micro".to_owned(),
        host: "localhost".to_owned(),
        zone: "ap-northeast-2a".to_owned(),
        vpc_id: "vpc-00000001".parse().unwrap(),
        subnet_id: "subnet-00000001".parse().unwrap(),
        network_interface_id: NetworkInterfaceId::mint(&mut ids),
        network_attachment_id: NetworkAttachmentId::mint(&mut ids),
        private_address: [172, 31, 0, 4].into(),
        host_address: None,
        public_address_wanted: true,
        pool_address: None,
        security_groups: vec!["sg-00000001".parse().unwrap()],
        key_name: None,
        public_key: None,
        user_data: None,
        shutdown_behavior: ShutdownBehavior::Stop,
        termination_protection: false,
        stop_protection: false,
        metadata_options: MetadataOptions::default(),
        detailed_monitoring: false,
        tags: Tags::default(),
        auto_scaling_group: None,
        launched_at: now,
        desired: DesiredState::Running,
        state: InstanceState::Pending,
        state_changed_at: now,
        state_reason: None,
        boot: model::ec2::instance_state::FIRST_BOOT,
        runtime: None,
        network_interface_description: String::new(),
        network_interface_tags: Tags::default(),
        end_without_asking: false,
    }
}

pub fn images() -> Vec<model::ec2::image::Image> {
    built_in()
}

pub fn load_balancer(name: &str) -> LoadBalancer {
    let zone = |letter: &str, n: u8| EnabledZone {
        zone: format!("ap-northeast-2{letter}"),
        subnet_id: format!("subnet-0000000{n}").parse().unwrap(),
        address: None,
    };
    LoadBalancer {
        arn: arn(&format!("loadbalancer/app/{name}/0123456789abcdef")),
        name: name.to_owned(),
        kind: LoadBalancerKind::Application,
        scheme: Scheme::InternetFacing,
        dns_name: format!("{name}-1.ap-northeast-2.elb.localhost"),
        canonical_hosted_zone_id: "Z1".to_owned(),
        vpc_id: "vpc-00000001".parse().unwrap(),
        zones: vec![zone("a", 1), zone("c", 2)],
        security_groups: vec![],
        attributes: Attributes::default(),
        created_at: Timestamp::default(),
        state: LoadBalancerState::Provisioning,
        tags: Tags::default(),
    }
}

pub fn listener(balancer: &str, port: u16, group: &str) -> Listener {
    Listener {
        arn: arn(&format!("listener/app/{balancer}/0123456789abcdef/{port:016x}")),
        load_balancer_arn: arn(&format!("loadbalancer/app/{balancer}/0123456789abcdef")),
        port,
        protocol: ListenerProtocol::Http,
        tls: None,
        default_action: Action::forward_to(group_arn(group)),
        attributes: Attributes::default(),
        created_at: Timestamp::default(),
        tags: Tags::default(),
        default_action_form: Default::default(),
        default_rule_tags: Default::default(),
    }
}

pub fn group_arn(name: &str) -> Arn {
    arn(&format!("targetgroup/{name}/0123456789abcdef"))
}

pub fn group(name: &str) -> TargetGroup {
    TargetGroup {
        arn: group_arn(name),
        name: name.to_owned(),
        protocol: TargetProtocol::Http,
        protocol_version: Default::default(),
        port: 3000,
        vpc_id: "vpc-00000001".parse().unwrap(),
        target_type: TargetType::Ip,
        health_check: HealthCheck::default(),
        attributes: Attributes::default(),
        created_at: Timestamp::default(),
        tags: Tags::default(),
    }
}

pub fn target(group: &str, registered_at: Timestamp) -> Target {
    Target {
        target_group_arn: group_arn(group),
        key: TargetKey { id: TargetId::Ip([10, 0, 0, 1].into()), port: 3000 },
        registered_at,
        deregistered_at: None,
        health: None,
        anomaly: Default::default(),
    }
}

fn auto_scaling_arn(resource: &str) -> Arn {
    Arn::new("autoscaling", "ap-northeast-2", "123456789012", resource)
}

/// A group without members that launches nothing.
pub fn auto_scaling_group(name: &str) -> AutoScalingGroup {
    AutoScalingGroup {
        name: name.into(),
        arn: auto_scaling_arn(name),
        created_at: Timestamp::default(),
        launch: LaunchSource::LaunchConfiguration("web-1".into()),
        minimum: 0,
        maximum: 1,
        desired: 0,
        capacity_cause: None,
        default_cooldown_seconds: DEFAULT_COOLDOWN_SECONDS,
        zones: vec!["ap-northeast-2a".into()],
        subnets: Vec::new(),
        target_groups: Vec::new(),
        elb_health_check: false,
        health_check_grace_seconds: 0,
        default_instance_warmup_seconds: None,
        termination_policies: Vec::new(),
        new_instances_protected: false,
        maximum_instance_lifetime_seconds: None,
        deletion_protection: DeletionProtection::None,
        zone_distribution: ZoneDistribution::BalancedBestEffort,
        maintenance_policy: None,
        suspended: Default::default(),
        enabled_metrics: Default::default(),
        tags: Vec::new(),
        notifications: Default::default(),
        warm_pool: None,
        context: None,
        service_linked_role_arn: auto_scaling_arn("role"),
        retain_on_terminate_hook_abandon: false,
        deleting: None,
        members: Default::default(),
        simple_scaling: None,
        launch_failures: None,
        health_replacements: Vec::new(),
        capacity: Default::default(),
        fleet: Default::default(),
    }
}
