//! What an instance may know about itself, gathered from the records.

use controllers::networks::AppliedVpc;
use model::{
    Scope,
    autoscaling::{group::AutoScalingGroup, warm_pool::PoolState},
    ec2::{
        address::Address,
        instance::{Instance, InstanceState},
        metadata_service::{About, Interface},
        network_plan::mac_address,
        security_group::SecurityGroup,
        subnet::Subnet,
        vpc::Vpc,
        vpc_dns::private_name,
    },
    id::SecurityGroupId,
};
use std::{net::Ipv4Addr, sync::Arc};
use store::View;

/// The instance of a VPC that asks from this address. `None`: it is none, or nothing of it can run.
pub(super) fn asking(view: &View, vpc: &AppliedVpc, address: Ipv4Addr) -> Option<Arc<Instance>> {
    let is_it = |instance: &Arc<Instance>| {
        instance.private_address == address && instance.vpc_id == vpc.vpc_id && may_run(instance)
    };
    view.list::<Instance>(&vpc.scope).find(is_it)
}

/// User data is read while an instance is pending, and something may ask until its last moment.
fn may_run(instance: &Instance) -> bool {
    match instance.state {
        InstanceState::Pending | InstanceState::Running | InstanceState::Stopping | InstanceState::ShuttingDown => true,
        InstanceState::Stopped | InstanceState::Terminated => false,
    }
}

/// What it may know. `None`: the record of its subnet or VPC is gone.
pub(super) fn about(view: &View, scope: &Scope, instance: &Instance) -> Option<About> {
    let vpc = view.get::<Vpc>(scope, &instance.vpc_id)?;
    let subnet = view.get::<Subnet>(scope, &instance.subnet_id)?;
    let elastic = view.list::<Address>(scope).find(|address| address.is_of(&instance.network_interface_id));
    let public_address = elastic.map(|address| address.public_address).or(instance.pool_address);
    Some(About {
        account: scope.account.clone(),
        region: scope.region.clone(),
        zone: instance.zone.clone(),
        zone_id: zone_id(&scope.region, &instance.zone),
        instance_id: instance.id.clone(),
        instance_type: instance.instance_type.clone(),
        image_id: instance.image_id.clone(),
        reservation_id: instance.reservation_id.clone(),
        launch_index: instance.launch_index,
        private_name: private_name(&scope.region, instance.private_address),
        // As the API shows it: a name that leads there without a resolver of ours.
        public_name: public_address.filter(|_| vpc.dns_hostnames).map(|address| address.to_string()),
        interface: Interface {
            id: instance.network_interface_id.clone(),
            mac: mac_address(&instance.network_interface_id),
            private_address: instance.private_address,
            public_address,
            security_groups: named(view, scope, &instance.security_groups),
            subnet: (subnet.id.clone(), subnet.cidr),
            vpc: (vpc.id.clone(), vpc.cidr),
        },
        key: instance.key_name.clone().zip(instance.public_key.clone()),
        tags: instance.tags.clone(),
        user_data: instance.user_data.clone(),
        launched_at: instance.launched_at,
        target_lifecycle_state: target_state(view, scope, instance),
    })
}

fn named(view: &View, scope: &Scope, ids: &[SecurityGroupId]) -> Vec<(SecurityGroupId, String)> {
    let name = |id| view.get::<SecurityGroup>(scope, id).map(|group| group.name.clone()).unwrap_or_default();
    ids.iter().map(|id| (id.clone(), name(id))).collect()
}

/// Empty for a zone of a region that nobody knows, which only a record of another version could have.
fn zone_id(region: &str, zone: &str) -> String {
    let found = services::regions::find(region).zip(zone.chars().last());
    found.map(|(region, letter)| region.zone_of(letter).id).unwrap_or_default()
}

fn target_state(view: &View, scope: &Scope, instance: &Instance) -> Option<String> {
    let group = view.get::<AutoScalingGroup>(scope, instance.auto_scaling_group.as_ref()?)?;
    let pool = group.warm_pool.as_ref().map_or(PoolState::default(), |pool| pool.state);
    group.members.get(&instance.id).map(|member| member.target_state(pool).to_owned())
}
