//! Subnets: create, describe, modify, delete. How many addresses are free follows from the interfaces in them.

use api::ec2::ErrorCode;
use api::ec2::types::{
    self, AttributeBooleanValue, CreateSubnetRequest, CreateSubnetResult, DeleteSubnetRequest, DescribeSubnetsRequest,
    DescribeSubnetsResult, HostnameType, ModifySubnetAttributeRequest, PrivateDnsNameOptionsOnLaunch, SubnetState,
};
use model::Scope;
use model::ec2::instance::Instance;
use model::ec2::launch::Occupancy;
use model::ec2::network_interface::NetworkInterface;
use model::ec2::subnet::{MAXIMUM_SUBNETS_PER_VPC, Subnet, check_cidr};
use model::elbv2::load_balancer::LoadBalancer;
use model::id::{SubnetId, VpcId};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{self, in_use, missing};
use super::filters::{Properties, nothing, plain, text};
use super::listing::Selection;
use super::network_acls;
use super::regions;
use super::resources::{choose, find, parse};
use super::route_tables;
use super::tags::{specified_for, to_wire};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::dry_run;

pub(super) async fn create(cx: &Context, input: CreateSubnetRequest) -> Result<CreateSubnetResult, AwsError> {
    let CreateSubnetRequest {
        availability_zone,
        availability_zone_id,
        cidr_block,
        dry_run: dry,
        tag_specifications,
        vpc_id,
    } = input;
    let vpc_id = parse::<VpcId>(&vpc_id)?;
    let cidr = errors::cidr("CidrBlock", &cidr_block)?;
    let asked = regions::chosen_zone(cx, availability_zone.as_deref(), availability_zone_id.as_deref())?;
    let zone = asked.or_else(|| cx.zones().into_iter().next()).map(|zone| zone.name);
    let subnet = Subnet {
        id: cx.mint(SubnetId::mint),
        vpc_id,
        cidr,
        zone: zone.ok_or_else(|| ErrorCode::InvalidZoneNotFound.error("this region offers no zone"))?,
        default_for_zone: false,
        map_public_ip_on_launch: false,
        created_at: cx.now,
        tags: specified_for(tag_specifications, "subnet")?,
    };
    let scope = cx.scope();
    let make = |txn: &mut Transaction| {
        let vpc = find(txn.view(), &scope, &subnet.vpc_id)?;
        let others: Vec<_> = txn.list::<Subnet>(&scope).filter(|other| other.vpc_id == vpc.id).collect();
        check_cidr(cidr, vpc.cidr, others.iter().map(AsRef::as_ref)).map_err(|error| errors::subnet_cidr(&error))?;
        if others.len() >= MAXIMUM_SUBNETS_PER_VPC {
            let message = format!("{} already has {MAXIMUM_SUBNETS_PER_VPC} subnets, the most there can be", vpc.id);
            return Err(ErrorCode::SubnetLimitExceeded.error(message));
        }
        dry_run(dry)?;
        txn.put(&scope, subnet.clone());
        Ok(())
    };
    committed(cx.store.transact(make).await)?;
    Ok(CreateSubnetResult { subnet: Some(shown(cx, &subnet, 0)) })
}

static PROPERTIES: Properties<types::Subnet> = Properties {
    named: &[
        ("availability-zone", |subnet| text(&subnet.availability_zone)),
        ("availabilityZone", |subnet| text(&subnet.availability_zone)),
        ("availability-zone-id", |subnet| text(&subnet.availability_zone_id)),
        ("availabilityZoneId", |subnet| text(&subnet.availability_zone_id)),
        ("available-ip-address-count", |subnet| plain(subnet.available_ip_address_count)),
        ("cidr", |subnet| text(&subnet.cidr_block)),
        ("cidrBlock", |subnet| text(&subnet.cidr_block)),
        ("cidr-block", |subnet| text(&subnet.cidr_block)),
        ("customer-owned-ipv4-pool", nothing),
        ("default-for-az", |subnet| plain(subnet.default_for_az)),
        ("defaultForAz", |subnet| plain(subnet.default_for_az)),
        ("enable-dns64", |subnet| plain(subnet.enable_dns64)),
        ("ipv6-cidr-block-association.association-id", nothing),
        ("ipv6-cidr-block-association.ipv6-cidr-block", nothing),
        ("ipv6-cidr-block-association.state", nothing),
        ("ipv6-native", |subnet| plain(subnet.ipv6_native)),
        ("map-customer-owned-ip-on-launch", |subnet| plain(subnet.map_customer_owned_ip_on_launch)),
        ("map-public-ip-on-launch", |subnet| plain(subnet.map_public_ip_on_launch)),
        ("outpost-arn", nothing),
        ("owner-id", |subnet| text(&subnet.owner_id)),
        ("private-dns-name-options-on-launch.hostname-type", |subnet| {
            plain(subnet.private_dns_name_options_on_launch.as_ref().and_then(|options| options.hostname_type))
        }),
        ("state", |subnet| plain(subnet.state)),
        ("subnet-arn", |subnet| text(&subnet.subnet_arn)),
        ("subnet-id", |subnet| text(&subnet.subnet_id)),
        ("vpc-id", |subnet| text(&subnet.vpc_id)),
    ],
    tags: Some(|subnet| subnet.tags.as_deref().unwrap_or_default()),
};

pub(super) fn describe(cx: &Context, input: DescribeSubnetsRequest) -> Result<DescribeSubnetsResult, AwsError> {
    let DescribeSubnetsRequest { dry_run, filters, max_results, next_token, subnet_ids } = input;
    let ids = subnet_ids.unwrap_or_default();
    let (view, scope) = (cx.store.view(), cx.scope());
    let subnets = choose::<SubnetId>(&view, &scope, &ids)?;
    let occupancy = Occupancy::of(view.list(&scope), view.list(&scope));
    let items = subnets.iter().map(|subnet| (subnet.id.to_string(), shown(cx, subnet, occupancy.taken(&subnet.id))));
    let selection = Selection { operation: "DescribeSubnets", chosen: &ids, filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeSubnetsResult { next_token: page.next, subnets: Some(page.items) })
}

/// A subnet, of which so many addresses are in use, as the API shows it.
fn shown(cx: &Context, subnet: &Subnet, used: usize) -> types::Subnet {
    types::Subnet {
        assign_ipv6_address_on_creation: Some(false),
        availability_zone: Some(subnet.zone.clone()),
        availability_zone_id: regions::zone_id(cx, &subnet.zone),
        available_ip_address_count: i32::try_from(subnet.available(used)).ok(),
        cidr_block: Some(subnet.cidr.to_string()),
        default_for_az: Some(subnet.default_for_zone),
        enable_dns64: Some(false),
        ipv6_cidr_block_association_set: Some(Vec::new()),
        ipv6_native: Some(false),
        map_customer_owned_ip_on_launch: Some(false),
        map_public_ip_on_launch: Some(subnet.map_public_ip_on_launch),
        owner_id: Some(cx.account.clone()),
        private_dns_name_options_on_launch: Some(PrivateDnsNameOptionsOnLaunch {
            enable_resource_name_dns_aaaa_record: Some(false),
            enable_resource_name_dns_a_record: Some(false),
            hostname_type: Some(HostnameType::IpName),
        }),
        state: Some(SubnetState::Available),
        subnet_arn: Some(cx.arn("ec2", format!("subnet/{}", subnet.id)).to_string()),
        subnet_id: Some(subnet.id.to_string()),
        tags: Some(to_wire(&subnet.tags)),
        vpc_id: Some(subnet.vpc_id.to_string()),
    }
}

pub(super) async fn modify_attribute(cx: &Context, input: ModifySubnetAttributeRequest) -> Result<(), AwsError> {
    let ModifySubnetAttributeRequest { map_public_ip_on_launch, subnet_id } = input;
    let id = parse::<SubnetId>(&subnet_id)?;
    let Some(AttributeBooleanValue { value: Some(map) }) = map_public_ip_on_launch else {
        return Err(missing("no attribute is given: MapPublicIpOnLaunch"));
    };
    let scope = cx.scope();
    let change = |txn: &mut Transaction| {
        let subnet = find(txn.view(), &scope, &id)?;
        txn.put(&scope, Subnet { map_public_ip_on_launch: map, ..Subnet::clone(&subnet) });
        Ok::<(), AwsError>(())
    };
    committed(cx.store.transact(change).await)
}

pub(super) async fn delete(cx: &Context, input: DeleteSubnetRequest) -> Result<(), AwsError> {
    let DeleteSubnetRequest { dry_run: dry, subnet_id } = input;
    let id = parse::<SubnetId>(&subnet_id)?;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        let subnet = find(txn.view(), &scope, &id)?;
        refuse_used(txn.view(), &scope, &subnet)?;
        dry_run(dry)?;
        route_tables::forget_subnet(txn, &scope, &id);
        txn.delete::<Subnet>(&scope, &id);
        network_acls::forget_subnet(txn, &scope, &id);
        Ok::<(), AwsError>(())
    };
    committed(cx.store.transact(remove).await)
}

fn refuse_used(view: &View, scope: &Scope, subnet: &Subnet) -> Result<(), AwsError> {
    let mut instances = view.list::<Instance>(scope).filter(|instance| instance.occupies());
    if let Some(instance) = instances.find(|instance| instance.subnet_id == subnet.id) {
        return Err(in_use(format!("instance {} is in subnet {}; terminate it first", instance.id, subnet.id)));
    }
    if let Some(interface) = view.list::<NetworkInterface>(scope).find(|interface| interface.subnet_id == subnet.id) {
        let (id, what) = (&interface.id, &interface.description);
        return Err(in_use(format!("network interface {id} ({what}) is in subnet {}", subnet.id)));
    }
    let uses = |balancer: &LoadBalancer| balancer.zones.iter().any(|zone| zone.subnet_id == subnet.id);
    match view.list::<LoadBalancer>(scope).find(|balancer| uses(balancer)) {
        Some(balancer) => Err(in_use(format!("load balancer {} is in subnet {}", balancer.name, subnet.id))),
        None => Ok(()),
    }
}
