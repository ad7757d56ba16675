//! Load balancers: create, describe, delete, and change of subnets, security groups and address type.

use std::sync::Arc;

use api::elbv2::types as shape;
use model::ec2::network_interface::NetworkInterface;
use model::elbv2::attribute::{Attributes, of_load_balancer};
use model::elbv2::listener::Listener;
use model::elbv2::load_balancer::{
    EnabledZone, LoadBalancer, LoadBalancerKind, LoadBalancerState, RESERVED_NAME_PREFIX, Scheme,
    canonical_hosted_zone_id, dns_name,
};
use model::id::hex;
use model::{Arn, IdSource, Scope};
use store::{Transaction, View};
use wire::AwsError;

use super::arns::{self, ID_DIGITS, Resource, SERVICE};
use super::errors::{Error, Quota};
use super::{network, page_size, reach, rules, tags, views};
use crate::context::Context;
use crate::handler::committed;
use crate::pagination::Listing;

/// How many load balancers one call may name (ELBv2 API reference, DescribeLoadBalancers).
const MAXIMUM_NAMED: usize = 20;

pub(super) async fn create(
    cx: &Context,
    input: shape::CreateLoadBalancerInput,
) -> Result<shape::CreateLoadBalancerOutput, AwsError> {
    let shape::CreateLoadBalancerInput {
        ip_address_type,
        name,
        scheme,
        security_groups,
        subnet_mappings,
        subnets,
        tags,
        r#type,
    } = input;
    check_kind(r#type)?;
    check_name(&name)?;
    if let Some(ip_address_type) = ip_address_type {
        check_ip_address_type(ip_address_type)?;
    }
    let subnets = network::requested_subnets(subnets, subnet_mappings)?;
    let security_groups = security_groups.unwrap_or_default();
    let tags = tags::parse(tags)?;
    let scheme = match scheme {
        None | Some(shape::LoadBalancerSchemeEnum::InternetFacing) => Scheme::InternetFacing,
        Some(shape::LoadBalancerSchemeEnum::Internal) => Scheme::Internal,
    };
    let (id, number) = cx.mint(|ids| (hex(ids, ID_DIGITS), ten_digits(ids)));
    let scope = cx.scope();
    let insert = |txn: &mut Transaction| {
        let network::Zones { vpc_id, zones } = network::zones(txn.view(), &scope, &subnets)?;
        let wanted = LoadBalancer {
            arn: cx.arn(SERVICE, format!("loadbalancer/app/{name}/{id}")),
            name: name.clone(),
            kind: LoadBalancerKind::Application,
            scheme,
            dns_name: dns_name(&name, scheme, number, &cx.region, &cx.settings.dns_suffix),
            canonical_hosted_zone_id: canonical_hosted_zone_id(&cx.region),
            security_groups: network::security_groups(txn.view(), &scope, &vpc_id, &security_groups)?,
            vpc_id,
            zones,
            attributes: Attributes::default(),
            created_at: cx.now,
            state: LoadBalancerState::Provisioning,
            tags: tags.clone(),
        };
        let all: Vec<Arc<LoadBalancer>> = txn.list(&scope).collect();
        match all.iter().find(|existing| existing.name == name) {
            Some(existing) if same_settings(existing, &wanted) => Ok(LoadBalancer::clone(existing)),
            Some(_) => Err(Error::NameTaken { resource: Resource::LoadBalancer, name: name.clone() }),
            None if all.len() >= Quota::LoadBalancers.limit() => Err(Error::TooMany(Quota::LoadBalancers)),
            None => {
                txn.put(&scope, wanted.clone());
                Ok(wanted)
            }
        }
    };
    let created = committed(cx.store.transact(insert).await)?;
    reach::warn_of_closed_zones(cx, &created);
    warn_of_shut_listeners(cx, &created);
    Ok(shape::CreateLoadBalancerOutput { load_balancers: Some(vec![views::load_balancer(&created)]) })
}

fn check_kind(kind: Option<shape::LoadBalancerTypeEnum>) -> Result<(), Error> {
    match kind {
        None | Some(shape::LoadBalancerTypeEnum::Application) => Ok(()),
        Some(other @ (shape::LoadBalancerTypeEnum::Network | shape::LoadBalancerTypeEnum::Gateway)) => {
            let message = format!("Type `{other}` is not offered yet; only `application` is");
            Err(Error::NotOffered(message))
        }
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.starts_with(RESERVED_NAME_PREFIX) {
        return Err(Error::Invalid(format!(
            "the name `{name}` begins with `{RESERVED_NAME_PREFIX}`, which is reserved"
        )));
    }
    Ok(())
}

fn check_ip_address_type(given: shape::IpAddressType) -> Result<(), Error> {
    match given {
        shape::IpAddressType::Ipv4 => Ok(()),
        shape::IpAddressType::Dualstack | shape::IpAddressType::DualstackWithoutPublicIpv4 => {
            Err(Error::NotOffered(format!("IpAddressType `{given}` is not offered; only `ipv4` is")))
        }
    }
}

/// A number of ten digits, of which the first is not 0.
fn ten_digits(ids: &mut dyn IdSource) -> u64 {
    1_000_000_000 + ids.next_u64() % 9_000_000_000
}

/// Whether a second CreateLoadBalancer asks for what is there already.
fn same_settings(existing: &LoadBalancer, wanted: &LoadBalancer) -> bool {
    let subnets = |of: &LoadBalancer| of.zones.iter().map(|zone| zone.subnet_id.clone()).collect::<Vec<_>>();
    existing.kind == wanted.kind
        && existing.scheme == wanted.scheme
        && subnets(existing) == subnets(wanted)
        && existing.security_groups == wanted.security_groups
        && existing.tags == wanted.tags
}

pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeLoadBalancersInput,
) -> Result<shape::DescribeLoadBalancersOutput, Error> {
    let shape::DescribeLoadBalancersInput { load_balancer_arns, marker, names, page_size: size } = input;
    let (arns, names) = (load_balancer_arns.unwrap_or_default(), names.unwrap_or_default());
    let view = cx.store.view();
    let found = selected(&view, cx, &arns, &names)?;
    let listing = Listing { operation: "DescribeLoadBalancers", selection: &(&arns, &names) };
    let items = found.iter().map(|record| (record.arn.to_string(), views::load_balancer(record)));
    let page = listing.page(cx, marker.as_deref(), page_size(size), items)?;
    Ok(shape::DescribeLoadBalancersOutput { load_balancers: Some(page.items), next_marker: page.next })
}

fn selected(view: &View, cx: &Context, arns: &[String], names: &[String]) -> Result<Vec<Arc<LoadBalancer>>, Error> {
    let scope = cx.scope();
    if arns.len().max(names.len()) > MAXIMUM_NAMED {
        return Err(Error::Invalid(format!("one call may name at most {MAXIMUM_NAMED} load balancers")));
    }
    let named = |name: &String| {
        let found = view.list::<LoadBalancer>(&scope).find(|record| record.name == *name);
        found.ok_or_else(|| Error::not_found(Resource::LoadBalancer, name))
    };
    let mut found = match (arns, names) {
        ([], []) => view.list(&scope).collect(),
        ([_, ..], []) => {
            arns.iter().map(|arn| arns::load_balancer(view, &scope, arn)).collect::<Result<Vec<_>, _>>()?
        }
        ([], [_, ..]) => names.iter().map(named).collect::<Result<Vec<_>, _>>()?,
        ([_, ..], [_, ..]) => return Err(Error::Invalid("give LoadBalancerArns or Names, not both".into())),
    };
    found.sort_by(|one, other| one.arn.cmp(&other.arn));
    found.dedup_by(|one, other| one.arn == other.arn);
    Ok(found)
}

/// Listeners and their rules go with their load balancer. One that does not exist is deleted already, as on AWS.
pub(super) async fn delete(cx: &Context, input: shape::DeleteLoadBalancerInput) -> Result<(), AwsError> {
    let shape::DeleteLoadBalancerInput { load_balancer_arn } = input;
    let arn = arns::parse(Resource::LoadBalancer, &load_balancer_arn)?;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        let Some(existing) = txn.get::<LoadBalancer>(&scope, arn.to_string()) else { return Ok(()) };
        if existing.attributes.enabled(of_load_balancer(existing.scheme), "deletion_protection.enabled") {
            let message = format!("load balancer `{arn}` cannot be deleted while deletion protection is enabled");
            return Err(Error::NotPermitted(message));
        }
        for listener in listeners_of(txn.view(), cx, &arn) {
            rules::delete_listener(txn, &scope, &listener.arn);
        }
        let_go(txn, &scope, &arn, &[]);
        txn.delete::<LoadBalancer>(&scope, arn.to_string());
        Ok(())
    };
    committed(cx.store.transact(remove).await)
}

/// Deletes the interfaces of a load balancer in subnets that it does not have any more, which can be deleted right after.
fn let_go(txn: &mut Transaction, scope: &Scope, load_balancer: &Arn, zones: &[EnabledZone]) {
    let is_left_over = |interface: &Arc<NetworkInterface>| {
        interface.owner.load_balancer() == Some(load_balancer)
            && zones.iter().all(|zone| zone.subnet_id != interface.subnet_id)
    };
    let left_over: Vec<_> = txn.view().list::<NetworkInterface>(scope).filter(is_left_over).collect();
    for interface in left_over {
        txn.delete::<NetworkInterface>(scope, &interface.id);
    }
}

/// The listeners of a load balancer, by ARN.
pub(super) fn listeners_of(view: &View, cx: &Context, load_balancer: &Arn) -> Vec<Arc<Listener>> {
    view.list::<Listener>(&cx.scope()).filter(|listener| listener.load_balancer_arn == *load_balancer).collect()
}

/// Warns of all listeners of a load balancer to which its security groups admit nobody outside.
fn warn_of_shut_listeners(cx: &Context, load_balancer: &LoadBalancer) {
    let listeners = listeners_of(&cx.store.view(), cx, &load_balancer.arn);
    reach::warn_of_shut_listeners(cx, load_balancer, listeners.iter().map(|listener| &**listener));
}

/// Changes one load balancer and gives it back.
async fn change(
    cx: &Context,
    arn: &str,
    new: impl Fn(&View, &LoadBalancer) -> Result<LoadBalancer, Error>,
) -> Result<LoadBalancer, AwsError> {
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let old = arns::load_balancer(txn.view(), &scope, arn)?;
        let changed = new(txn.view(), &old)?;
        let_go(txn, &scope, &changed.arn, &changed.zones);
        txn.put(&scope, changed.clone());
        Ok::<_, Error>(changed)
    };
    committed(cx.store.transact(write).await)
}

pub(super) async fn set_security_groups(
    cx: &Context,
    input: shape::SetSecurityGroupsInput,
) -> Result<shape::SetSecurityGroupsOutput, AwsError> {
    let shape::SetSecurityGroupsInput { load_balancer_arn, security_groups } = input;
    if security_groups.is_empty() {
        return Err(Error::Invalid("give at least one security group".into()).into());
    }
    let changed = change(cx, &load_balancer_arn, |view, old| {
        let security_groups = network::security_groups(view, &cx.scope(), &old.vpc_id, &security_groups)?;
        Ok(LoadBalancer { security_groups, ..old.clone() })
    });
    let changed = changed.await?;
    warn_of_shut_listeners(cx, &changed);
    let groups = changed.security_groups;
    Ok(shape::SetSecurityGroupsOutput { security_group_ids: Some(groups.iter().map(ToString::to_string).collect()) })
}

/// Replaces the enabled zones. A zone that stays enabled keeps the address of its node, also with another subnet.
pub(super) async fn set_subnets(
    cx: &Context,
    input: shape::SetSubnetsInput,
) -> Result<shape::SetSubnetsOutput, AwsError> {
    let shape::SetSubnetsInput { ip_address_type, load_balancer_arn, subnet_mappings, subnets } = input;
    if let Some(ip_address_type) = ip_address_type {
        check_ip_address_type(ip_address_type)?;
    }
    let subnets = network::requested_subnets(subnets, subnet_mappings)?;
    let changed = change(cx, &load_balancer_arn, |view, old| {
        let network::Zones { vpc_id, zones } = network::zones(view, &cx.scope(), &subnets)?;
        if vpc_id != old.vpc_id {
            let message = format!("the subnets must be in the load balancer's VPC `{}`", old.vpc_id);
            return Err(Error::Configuration(message));
        }
        let address = |zone: &EnabledZone| old.zones.iter().find(|other| other.zone == zone.zone)?.address;
        let zones = zones.into_iter().map(|zone| EnabledZone { address: address(&zone), ..zone }).collect();
        Ok(LoadBalancer { zones, ..old.clone() })
    });
    let changed = changed.await?;
    reach::warn_of_closed_zones(cx, &changed);
    let zones = views::zones(&changed.zones);
    Ok(shape::SetSubnetsOutput { availability_zones: Some(zones), ip_address_type: Some(shape::IpAddressType::Ipv4) })
}

pub(super) fn set_ip_address_type(
    cx: &Context,
    input: shape::SetIpAddressTypeInput,
) -> Result<shape::SetIpAddressTypeOutput, Error> {
    let shape::SetIpAddressTypeInput { ip_address_type, load_balancer_arn } = input;
    arns::load_balancer(&cx.store.view(), &cx.scope(), &load_balancer_arn)?;
    check_ip_address_type(ip_address_type)?;
    Ok(shape::SetIpAddressTypeOutput { ip_address_type: Some(ip_address_type) })
}
