//! Instances that are only imagined: they start, pass health checks, drain and end after fixed times.

use super::world::{Faults, Timing};
use crate::{
    Arn, Tags, Timestamp,
    autoscaling::{
        fleet::{InstanceFacts, LaunchOrder, TargetHealth},
        group::AutoScalingGroup,
        member::{GroupInstance, LifecycleState},
    },
    ec2::instance::{DesiredState, Instance, InstanceState, LOCAL_HOST, MetadataOptions, ShutdownBehavior},
    id::{ImageId, InstanceId, NetworkAttachmentId, NetworkInterfaceId, ReservationId, SubnetId, VpcId},
};
use std::{collections::BTreeMap, net::Ipv4Addr};

/// An instance.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedInstance {
    /// EC2's state.
    pub state: InstanceState,
    /// Since when it is in that state.
    pub since: Timestamp,
    /// When it was launched.
    pub launched_at: Timestamp,
    /// Whether its status check is impaired.
    pub impaired: bool,
    /// Whether it passes health checks.
    pub answers: bool,
    /// Whether it ends instead of starting.
    pub dead: bool,
    /// Where it is registered, and since when it is in that state there.
    pub targets: BTreeMap<Arn, (TargetHealth, Timestamp)>,
}

impl SimulatedInstance {
    /// The instance of a member that was there before.
    pub(super) fn of(member: &GroupInstance) -> Self {
        use InstanceState::{Pending, Running, ShuttingDown, Stopped};
        let state = match member.lifecycle {
            LifecycleState::Pending | LifecycleState::WarmedPending => Pending,
            LifecycleState::TerminatingProceed | LifecycleState::WarmedTerminatingProceed => ShuttingDown,
            LifecycleState::WarmedStopped => Stopped,
            LifecycleState::PendingWait
            | LifecycleState::PendingProceed
            | LifecycleState::InService
            | LifecycleState::Terminating
            | LifecycleState::TerminatingWait
            | LifecycleState::TerminatingRetained
            | LifecycleState::Terminated
            | LifecycleState::Detaching
            | LifecycleState::Detached
            | LifecycleState::EnteringStandby
            | LifecycleState::Standby
            | LifecycleState::WarmedPendingWait
            | LifecycleState::WarmedPendingProceed
            | LifecycleState::WarmedRunning
            | LifecycleState::WarmedTerminating
            | LifecycleState::WarmedTerminatingWait => Running,
        };
        Self { state, since: member.since, ..Self::launched(&Faults::default(), member.joined_at) }
    }

    pub(super) fn launched(faults: &Faults, now: Timestamp) -> Self {
        Self {
            state: InstanceState::Pending,
            since: now,
            launched_at: now,
            impaired: false,
            answers: !faults.sick_on_arrival,
            dead: faults.dead_on_arrival,
            targets: BTreeMap::new(),
        }
    }

    pub(super) fn facts(&self) -> InstanceFacts {
        let ended = matches!(self.state, InstanceState::ShuttingDown | InstanceState::Terminated);
        InstanceFacts {
            state: self.state,
            state_reason: ended.then(|| "Server.InternalError: it ended".to_owned()),
            launched_at: self.launched_at,
            impaired: self.impaired,
            targets: self.targets.iter().map(|(arn, (health, _))| (arn.clone(), *health)).collect(),
        }
    }

    /// When it changes by itself.
    pub(super) fn next_change(&self, timing: &Timing) -> Option<Timestamp> {
        let own = match self.state {
            InstanceState::Pending => Some(self.since.plus(timing.boot)),
            InstanceState::ShuttingDown | InstanceState::Stopping => Some(self.since.plus(timing.end)),
            InstanceState::Running | InstanceState::Stopped | InstanceState::Terminated => None,
        };
        let target = |(health, since): &(TargetHealth, Timestamp)| match health {
            TargetHealth::Unknown => Some(since.plus(timing.check)),
            TargetHealth::Draining => Some(since.plus(timing.drain)),
            TargetHealth::Healthy if !self.passes() => Some(since.plus(timing.check)),
            TargetHealth::Unhealthy if self.passes() => Some(since.plus(timing.check)),
            TargetHealth::Healthy | TargetHealth::Unhealthy => None,
        };
        self.targets.values().filter_map(target).chain(own).min()
    }

    fn passes(&self) -> bool {
        self.answers && self.state == InstanceState::Running
    }

    pub(super) fn live(&mut self, timing: &Timing, faults: &Faults, now: Timestamp) {
        let age = now.since(self.since);
        let next = match self.state {
            InstanceState::Pending if age >= timing.boot && self.dead => InstanceState::Terminated,
            InstanceState::Pending if age >= timing.boot => InstanceState::Running,
            InstanceState::ShuttingDown if age >= timing.end => InstanceState::Terminated,
            InstanceState::Stopping if age >= timing.end => InstanceState::Stopped,
            InstanceState::Pending
            | InstanceState::ShuttingDown
            | InstanceState::Stopping
            | InstanceState::Running
            | InstanceState::Stopped
            | InstanceState::Terminated => self.state,
        };
        if next != self.state {
            (self.state, self.since) = (next, now);
            self.answers &= !faults.sick_on_arrival || next != InstanceState::Running;
        }
        let passes = self.passes();
        for (health, since) in self.targets.values_mut() {
            let found = if passes { TargetHealth::Healthy } else { TargetHealth::Unhealthy };
            if *health != TargetHealth::Draining && *health != found && now.since(*since) >= timing.check {
                (*health, *since) = (found, now);
            }
        }
        self.targets.retain(|_, (health, since)| *health != TargetHealth::Draining || now.since(*since) < timing.drain);
    }
}

/// The subnet of a zone: its number is made of the zone's name.
pub(super) fn subnet(zone: &str) -> SubnetId {
    mint(zone.bytes().fold(7, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(byte.into())), SubnetId::mint)
}

/// The record of a launch, as far as deciders look at it.
pub(super) fn record(number: u64, order: &LaunchOrder, group: &AutoScalingGroup, now: Timestamp) -> Instance {
    let like = group.members.values().next().map(|member| member.instance_type.clone());
    Instance {
        id: mint(number, InstanceId::mint),
        reservation_id: mint(number, ReservationId::mint),
        launch_index: 0,
        client_token: None,
        image_id: mint(1, ImageId::mint),
        instance_type: like.unwrap_or_else(|| crate::ec2::launch::DEFAULT_INSTANCE_TYPE.to_owned()),
        host: LOCAL_HOST.to_owned(),
        zone: order.zone.clone(),
        vpc_id: mint(1, VpcId::mint),
        subnet_id: order.subnet.clone(),
        network_interface_id: mint(number, NetworkInterfaceId::mint),
        network_attachment_id: mint(number, NetworkAttachmentId::mint),
        network_interface_description: String::new(),
        network_interface_tags: Tags::default(),
        private_address: Ipv4Addr::LOCALHOST,
        host_address: None,
        public_address_wanted: false,
        pool_address: None,
        security_groups: Vec::new(),
        key_name: None,
        public_key: None,
        user_data: None,
        shutdown_behavior: ShutdownBehavior::Terminate,
        termination_protection: false,
        stop_protection: false,
        metadata_options: MetadataOptions::default(),
        detailed_monitoring: true,
        tags: Tags::default(),
        auto_scaling_group: Some(group.name.clone()),
        launched_at: now,
        desired: DesiredState::Running,
        end_without_asking: false,
        state: InstanceState::Pending,
        state_changed_at: now,
        state_reason: None,
        boot: crate::ec2::instance_state::FIRST_BOOT,
        runtime: None,
    }
}

/// An id made of one number.
fn mint<T>(number: u64, mint: impl Fn(&mut dyn crate::IdSource) -> T) -> T {
    let mut source = || number;
    mint(&mut source)
}
