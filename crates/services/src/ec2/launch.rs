//! RunInstances: reads what is asked for, finds the place, and writes the records. Controllers do the rest.
//!
//! A call launches as many instances as fit, up to MaxCount, or none when fewer than MinCount fit.

use std::net::Ipv4Addr;
use std::sync::Arc;

use api::ec2::ErrorCode;
use api::ec2::types::{
    InstanceNetworkInterfaceSpecification, Placement, Reservation, RunInstancesMonitoringEnabled, RunInstancesRequest,
    Tenancy,
};
use model::ec2::image::Image;
use model::ec2::instance::{
    DesiredState, Instance, InstanceState, LOCAL_HOST, MAXIMUM_DESCRIPTION_LENGTH, MAXIMUM_INSTANCES, ShutdownBehavior,
};
use model::ec2::instance_state::FIRST_BOOT;
use model::ec2::security_group::{DEFAULT_NAME, MAXIMUM_GROUPS_PER_INTERFACE};
use model::ec2::subnet::Subnet;
use model::id::{
    ImageId, InstanceId, NetworkAttachmentId, NetworkInterfaceId, ReservationId, SecurityGroupId, SubnetId,
};
use model::{Scope, Tags};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{combination, invalid, missing, unsupported};
use super::instance_types::known;
use super::resources::{find, parse, parse_all};
use super::security_groups::{named, named_in_default_vpc, no_default_vpc};
use super::tags::specified;
use super::{defaults, images, instance_views, regions, subnets, user_data};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::{ClientToken, dry_run, once};

/// What AWS launches when no type is given.
const DEFAULT_TYPE: &str = "m1.small";

/// What is asked for, read and checked as far as that goes without looking at records.
#[derive(Debug)]
struct Launch {
    image: ImageId,
    instance_type: &'static str,
    minimum: usize,
    maximum: usize,
    user_data: Option<Vec<u8>>,
    key_name: Option<String>,
    interface: Interface,
    zone: Option<String>,
    shutdown_behavior: ShutdownBehavior,
    termination_protection: bool,
    stop_protection: bool,
    detailed_monitoring: bool,
    tags: Tags,
    interface_tags: Tags,
}

/// The network interface of every instance of the call.
#[derive(Debug, Default)]
struct Interface {
    subnet: Option<SubnetId>,
    groups: Vec<SecurityGroupId>,
    group_names: Vec<String>,
    address: Option<Ipv4Addr>,
    public_address: Option<bool>,
    description: String,
}

/// The ids of one instance; drawn before the transaction.
struct Identity {
    instance: InstanceId,
    interface: NetworkInterfaceId,
    attachment: NetworkAttachmentId,
}

/// Where the instances go.
struct Place {
    subnet: Arc<Subnet>,
    groups: Vec<SecurityGroupId>,
}

pub(super) async fn run(cx: &Context, input: RunInstancesRequest) -> Result<Reservation, AwsError> {
    let RunInstancesRequest {
        client_token,
        dry_run,
        disable_api_stop,
        disable_api_termination,
        image_id,
        instance_initiated_shutdown_behavior,
        instance_type,
        key_name,
        max_count,
        min_count,
        monitoring,
        network_interfaces,
        placement,
        private_ip_address,
        security_group_ids,
        security_groups,
        subnet_id,
        tag_specifications,
        user_data,
    } = input;
    let (minimum, maximum) = counts(min_count, max_count)?;
    let top_level = TopLevel {
        address: private_ip_address,
        groups: security_group_ids.unwrap_or_default(),
        group_names: security_groups.unwrap_or_default(),
        subnet: subnet_id,
    };
    let interface = interface(top_level, network_interfaces.unwrap_or_default())?;
    if interface.address.is_some() && maximum > 1 {
        return Err(combination("PrivateIpAddress is for one instance; MaxCount has to be 1"));
    }
    let mut tags = specified(tag_specifications, &["instance", "network-interface"])?;
    let launch = Launch {
        image: parse(&image_id.ok_or_else(images::id_missing)?)?,
        instance_type: known(instance_type.as_deref().unwrap_or(DEFAULT_TYPE), ErrorCode::InvalidParameterValue)?.name,
        minimum,
        maximum,
        user_data: user_data.map(|text| user_data::decode(&text)).transpose()?.flatten(),
        key_name,
        interface,
        zone: zone(cx, placement)?,
        shutdown_behavior: shutdown_behavior(instance_initiated_shutdown_behavior),
        termination_protection: disable_api_termination.unwrap_or_default(),
        stop_protection: disable_api_stop.unwrap_or_default(),
        detailed_monitoring: monitoring.is_some_and(|RunInstancesMonitoringEnabled { enabled }| enabled),
        tags: tags.remove("instance").unwrap_or_default(),
        interface_tags: tags.remove("network-interface").unwrap_or_default(),
    };
    carry_out(cx, &launch, client_token.as_deref(), dry_run).await
}

async fn carry_out(
    cx: &Context,
    launch: &Launch,
    token: Option<&str>,
    dry: Option<bool>,
) -> Result<Reservation, AwsError> {
    let client_token = ClientToken::new(cx, "RunInstances", token, launch)?;
    let (reservation, identities) = cx.mint(|ids| {
        let identity = |_| Identity {
            instance: InstanceId::mint(ids),
            interface: NetworkInterfaceId::mint(ids),
            attachment: NetworkAttachmentId::mint(ids),
        };
        let identities: Vec<Identity> = (0..launch.maximum.min(MAXIMUM_INSTANCES)).map(identity).collect();
        (ReservationId::mint(ids), identities)
    });
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let id = once(txn, client_token.as_ref(), |txn| {
            let made = make(cx, txn, launch, &reservation, token, &identities)?;
            dry_run(dry)?;
            for instance in made {
                txn.put(&scope, instance);
            }
            Ok::<String, AwsError>(reservation.to_string())
        })?;
        // Reached with DryRun only when the token has found an earlier call.
        dry_run(dry)?;
        let members = txn.list::<Instance>(&scope).filter(|instance| instance.reservation_id.as_str() == id);
        let mut members: Vec<Arc<Instance>> = members.collect();
        members.sort_by_key(|instance| instance.launch_index);
        Ok::<_, AwsError>((id, members, txn.view().clone()))
    };
    let (id, members, view) = committed(cx.store.transact(work).await)?;
    Ok(instance_views::reservation(&instance_views::Shown::new(cx, &view), &id, &members))
}

/// The records of the call.
fn make(
    cx: &Context,
    txn: &Transaction,
    launch: &Launch,
    reservation: &ReservationId,
    token: Option<&str>,
    identities: &[Identity],
) -> Result<Vec<Instance>, AwsError> {
    let (view, scope) = (txn.view(), cx.scope());
    let image = images::find(cx, view, &launch.image)?;
    if let Some(name) = &launch.key_name {
        let shown: String = name.chars().take(64).collect();
        let message = format!("there is no key pair `{shown}`: key pairs come with a later release");
        return Err(ErrorCode::InvalidKeyPairNotFound.error(message));
    }
    let place = place(cx, view, &scope, launch)?;
    let addresses = addresses(view, &scope, launch, &place.subnet)?;
    let instances = identities.iter().zip(addresses).zip(0_u32..).map(|((identity, address), index)| {
        record(cx, launch, &image, &place, reservation, token, identity, address, index)
    });
    Ok(instances.collect())
}

/// As many addresses as instances can be launched.
fn addresses(view: &View, scope: &Scope, launch: &Launch, subnet: &Subnet) -> Result<Vec<Ipv4Addr>, AwsError> {
    let there = view.list::<Instance>(scope).filter(|instance| instance.occupies()).count();
    let quota = MAXIMUM_INSTANCES.saturating_sub(there);
    if quota < launch.minimum {
        let message = format!(
            "{there} instances are there already; with {} more they would be over the quota of {MAXIMUM_INSTANCES}",
            launch.minimum
        );
        return Err(ErrorCode::InstanceLimitExceeded.error(message));
    }
    let used = subnets::used_addresses(view, scope, &subnet.id);
    if let Some(address) = launch.interface.address {
        if !subnet.usable(address) {
            return Err(invalid(format!(
                "PrivateIpAddress {address} is none that {} ({}) gives",
                subnet.id, subnet.cidr
            )));
        }
        if used.contains(&address) {
            return Err(ErrorCode::InvalidIPAddressInUse.error(format!("address {address} is in use")));
        }
        return Ok(vec![address]);
    }
    let free: Vec<Ipv4Addr> = subnet.free_addresses(&used).take(launch.maximum.min(quota)).collect();
    if free.len() < launch.minimum {
        let message =
            format!("{} ({}) has {} free addresses; {} are needed", subnet.id, subnet.cidr, free.len(), launch.minimum);
        return Err(ErrorCode::InsufficientFreeAddressesInSubnet.error(message));
    }
    Ok(free)
}

fn place(cx: &Context, view: &View, scope: &Scope, launch: &Launch) -> Result<Place, AwsError> {
    let subnet = match &launch.interface.subnet {
        Some(id) => find(view, scope, id)?,
        None => default_subnet(cx, view, scope, launch.zone.as_deref())?,
    };
    if let Some(zone) = launch.zone.as_ref().filter(|zone| **zone != subnet.zone) {
        return Err(invalid(format!("Placement asks for {zone}, and {} is in {}", subnet.id, subnet.zone)));
    }
    let groups = groups(view, scope, &launch.interface, &subnet)?;
    Ok(Place { subnet, groups })
}

/// The default subnet of the zone, or of the zone whose default subnet has the most free addresses.
fn default_subnet(cx: &Context, view: &View, scope: &Scope, zone: Option<&str>) -> Result<Arc<Subnet>, AwsError> {
    let vpc = defaults::vpc(view, scope).ok_or_else(no_default_vpc)?;
    let mut subnets: Vec<Arc<Subnet>> = view
        .list::<Subnet>(scope)
        .filter(|subnet| subnet.vpc_id == vpc.id && subnet.default_for_zone)
        .filter(|subnet| zone.is_none_or(|zone| zone == subnet.zone))
        .collect();
    subnets.sort_by(|one, other| one.zone.cmp(&other.zone));
    let free = |subnet: &Arc<Subnet>| subnet.available(subnets::used_addresses(view, scope, &subnet.id).len());
    // Of several with the same number the first zone's: `max_by_key` would take the last.
    let chosen = subnets.iter().rev().max_by_key(|subnet| free(subnet)).map(Arc::clone);
    chosen.ok_or_else(|| {
        let place = zone.unwrap_or(&cx.region);
        ErrorCode::MissingInput.error(format!("{} has no default subnet in {place}; name a subnet", vpc.id))
    })
}

fn groups(
    view: &View,
    scope: &Scope,
    interface: &Interface,
    subnet: &Subnet,
) -> Result<Vec<SecurityGroupId>, AwsError> {
    let mut chosen = Vec::new();
    for id in &interface.groups {
        chosen.push(find(view, scope, id)?);
    }
    for name in &interface.group_names {
        chosen.push(named_in_default_vpc(view, scope, name)?);
    }
    if chosen.is_empty() {
        chosen.extend(named(view, scope, &subnet.vpc_id, DEFAULT_NAME));
    }
    let mut ids: Vec<SecurityGroupId> = Vec::new();
    for group in &chosen {
        if group.vpc_id != subnet.vpc_id {
            let message = format!("security group {} and {} belong to different VPCs", group.id, subnet.id);
            return Err(ErrorCode::InvalidParameter.error(message));
        }
        if !ids.contains(&group.id) {
            ids.push(group.id.clone());
        }
    }
    refuse_many_groups(&ids)?;
    Ok(ids)
}

pub(super) fn refuse_many_groups(groups: &[SecurityGroupId]) -> Result<(), AwsError> {
    if groups.len() > MAXIMUM_GROUPS_PER_INTERFACE {
        let message = format!("a network interface has at most {MAXIMUM_GROUPS_PER_INTERFACE} security groups");
        return Err(ErrorCode::SecurityGroupsPerInterfaceLimitExceeded.error(message));
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "the parts of one record, which is written here once")]
fn record(
    cx: &Context,
    launch: &Launch,
    image: &Image,
    place: &Place,
    reservation: &ReservationId,
    token: Option<&str>,
    identity: &Identity,
    address: Ipv4Addr,
    index: u32,
) -> Instance {
    let interface = &launch.interface;
    Instance {
        id: identity.instance.clone(),
        reservation_id: reservation.clone(),
        launch_index: index,
        client_token: token.map(str::to_owned),
        image_id: image.id.clone(),
        instance_type: launch.instance_type.to_owned(),
        host: LOCAL_HOST.to_owned(),
        zone: place.subnet.zone.clone(),
        vpc_id: place.subnet.vpc_id.clone(),
        subnet_id: place.subnet.id.clone(),
        network_interface_id: identity.interface.clone(),
        network_attachment_id: identity.attachment.clone(),
        network_interface_description: interface.description.clone(),
        network_interface_tags: launch.interface_tags.clone(),
        private_address: address,
        host_address: None,
        public_address_wanted: interface.public_address.unwrap_or(place.subnet.map_public_ip_on_launch),
        security_groups: place.groups.clone(),
        key_name: None,
        user_data: launch.user_data.clone(),
        shutdown_behavior: launch.shutdown_behavior,
        termination_protection: launch.termination_protection,
        stop_protection: launch.stop_protection,
        detailed_monitoring: launch.detailed_monitoring,
        tags: launch.tags.clone(),
        auto_scaling_group: None,
        launched_at: cx.now,
        desired: DesiredState::Running,
        end_without_asking: false,
        state: InstanceState::Pending,
        state_changed_at: cx.now,
        state_reason: None,
        boot: FIRST_BOOT,
        runtime: None,
    }
}

fn shutdown_behavior(asked: Option<api::ec2::types::ShutdownBehavior>) -> ShutdownBehavior {
    match asked {
        None | Some(api::ec2::types::ShutdownBehavior::Stop) => ShutdownBehavior::Stop,
        Some(api::ec2::types::ShutdownBehavior::Terminate) => ShutdownBehavior::Terminate,
    }
}

fn counts(minimum: i32, maximum: i32) -> Result<(usize, usize), AwsError> {
    match (usize::try_from(minimum), usize::try_from(maximum)) {
        (Ok(least), Ok(most)) if least >= 1 && least <= most => Ok((least, most)),
        (Ok(_) | Err(_), Ok(_) | Err(_)) => Err(invalid(format!(
            "MinCount {minimum} and MaxCount {maximum} have to be at least 1, MinCount no more than MaxCount"
        ))),
    }
}

fn zone(cx: &Context, placement: Option<Placement>) -> Result<Option<String>, AwsError> {
    // GroupName is refused in requests; part of the type because answers have it.
    let Placement { availability_zone, availability_zone_id, group_name: _, tenancy } = placement.unwrap_or_default();
    match tenancy {
        None | Some(Tenancy::Default) => {}
        Some(Tenancy::Dedicated | Tenancy::Host) => {
            return Err(unsupported("Placement.Tenancy: Goru has no dedicated hosts; the only tenancy is default"));
        }
    }
    let zone = regions::chosen_zone(cx, availability_zone.as_deref(), availability_zone_id.as_deref())?;
    Ok(zone.map(|zone| zone.name))
}

/// The members of the request that describe the interface when `NetworkInterfaces` does not.
struct TopLevel {
    address: Option<String>,
    groups: Vec<String>,
    group_names: Vec<String>,
    subnet: Option<String>,
}

fn interface(
    top: TopLevel,
    mut specifications: Vec<InstanceNetworkInterfaceSpecification>,
) -> Result<Interface, AwsError> {
    let Some(specification) = specifications.pop() else { return top_level_interface(top) };
    if !specifications.is_empty() {
        return Err(unsupported("NetworkInterfaces: instances have one network interface"));
    }
    let TopLevel { address, groups, group_names, subnet } = top;
    if address.is_some() || subnet.is_some() || !groups.is_empty() || !group_names.is_empty() {
        return Err(combination(
            "with NetworkInterfaces, subnet, security groups and address belong in there and not beside it",
        ));
    }
    specified_interface(specification)
}

fn top_level_interface(top: TopLevel) -> Result<Interface, AwsError> {
    let TopLevel { address, groups, group_names, subnet } = top;
    if subnet.is_some() && !group_names.is_empty() {
        return Err(combination("SecurityGroup names groups of the default VPC; with SubnetId use SecurityGroupId"));
    }
    Ok(Interface {
        subnet: subnet.map(|id| parse(&id)).transpose()?,
        groups: parse_all(&groups)?,
        group_names,
        address: address.map(|text| private_address(&text)).transpose()?,
        ..Default::default()
    })
}

fn specified_interface(specification: InstanceNetworkInterfaceSpecification) -> Result<Interface, AwsError> {
    let InstanceNetworkInterfaceSpecification {
        associate_public_ip_address,
        delete_on_termination,
        description,
        device_index,
        groups,
        private_ip_address,
        subnet_id,
    } = specification;
    match device_index {
        Some(0) => {}
        Some(index) => {
            return Err(unsupported(format!("NetworkInterface.1.DeviceIndex is {index}; the only interface is 0")));
        }
        None => return Err(missing("NetworkInterface.1.DeviceIndex is not given; it is 0 for the only interface")),
    }
    if delete_on_termination == Some(false) {
        let message = "NetworkInterface.1.DeleteOnTermination: network interfaces end with their instance";
        return Err(unsupported(message));
    }
    let description = description.unwrap_or_default();
    if description.chars().count() > MAXIMUM_DESCRIPTION_LENGTH {
        let message = format!("NetworkInterface.1.Description has more than {MAXIMUM_DESCRIPTION_LENGTH} characters");
        return Err(invalid(message));
    }
    Ok(Interface {
        subnet: subnet_id.map(|id| parse(&id)).transpose()?,
        groups: parse_all(&groups.unwrap_or_default())?,
        group_names: Vec::new(),
        address: private_ip_address.map(|text| private_address(&text)).transpose()?,
        public_address: associate_public_ip_address,
        description,
    })
}

fn private_address(text: &str) -> Result<Ipv4Addr, AwsError> {
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(64).collect();
        invalid(format!("PrivateIpAddress: `{shown}` is not an IPv4 address"))
    })
}
