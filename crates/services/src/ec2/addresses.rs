//! Elastic IPs: allocate, associate with an interface, disassociate, release, describe. They come from the configured pool.
//!
//! An address is unique on the host, over all accounts and regions. Associated with an instance's interface it is the
//! instance's public address; that of a NAT gateway belongs to the gateway until that is deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use api::ec2::ErrorCode;
use api::ec2::types::{
    self, AddressAttribute, AddressAttributeName, AllocateAddressRequest, AllocateAddressResult,
    AssociateAddressRequest, AssociateAddressResult, DescribeAddressesAttributeRequest,
    DescribeAddressesAttributeResult, DescribeAddressesRequest, DescribeAddressesResult, DisassociateAddressRequest,
    DomainType, ReleaseAddressRequest,
};
use model::Scope;
use model::ec2::address::{Address, AddressAssociation, MAXIMUM_ADDRESSES, is_in_pool, lowest_free};
use model::ec2::instance::{Instance, InstanceState};
use model::id::{AddressAllocationId, AddressAssociationId, InstanceId, NetworkInterfaceId, VpcId};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{combination, invalid, missing, unsupported};
use super::filters::{Properties, plain, text};
use super::internet_gateways;
use super::listing::Selection;
use super::network_interfaces::{self, Owner};
use super::resources::{MAXIMUM_IDS, find, not_found, parse, parse_all};
use super::tags::{specified_for, to_wire};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::dry_run;

/// What AWS calls the pool that is its own.
const POOL: &str = "amazon";

pub(super) async fn allocate(cx: &Context, input: AllocateAddressRequest) -> Result<AllocateAddressResult, AwsError> {
    let AllocateAddressRequest { address, domain, dry_run: dry, network_border_group, tag_specifications } = input;
    match domain {
        None | Some(DomainType::Vpc) => {}
        Some(DomainType::Standard) => return Err(unsupported("Domain: Goru has no EC2-Classic; the only one is vpc")),
    }
    check_border_group(cx, network_border_group.as_deref(), ErrorCode::InvalidParameterValue)?;
    let wanted = address.as_deref().map(public_address).transpose()?;
    let tags = specified_for(tag_specifications, "elastic-ip")?;
    let id = cx.mint(AddressAllocationId::mint);
    let scope = cx.scope();
    let make = |txn: &mut Transaction| {
        refuse_too_many(txn.view(), &scope)?;
        let public_address = free(cx, txn.view(), wanted)?;
        dry_run(dry)?;
        let (id, tags) = (id.clone(), tags.clone());
        txn.put(&scope, Address { id, public_address, association: None, allocated_at: cx.now, tags });
        Ok::<_, AwsError>(public_address)
    };
    let public_address = committed(cx.store.transact(make).await)?;
    Ok(AllocateAddressResult {
        allocation_id: Some(id.to_string()),
        domain: Some(DomainType::Vpc),
        network_border_group: Some(cx.region.clone()),
        public_ip: Some(public_address.to_string()),
        public_ipv4_pool: Some(POOL.to_owned()),
    })
}

/// A region is one border group.
fn check_border_group(cx: &Context, asked: Option<&str>, code: ErrorCode) -> Result<(), AwsError> {
    match asked {
        Some(group) if group != cx.region => {
            Err(code.error(format!("NetworkBorderGroup: the only one of this region is {}", cx.region)))
        }
        Some(_) | None => Ok(()),
    }
}

fn public_address(text: &str) -> Result<Ipv4Addr, AwsError> {
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(64).collect();
        ErrorCode::InvalidAddressMalformed.error(format!("`{shown}` is not an IPv4 address"))
    })
}

fn refuse_too_many(view: &View, scope: &Scope) -> Result<(), AwsError> {
    if view.list::<Address>(scope).count() >= MAXIMUM_ADDRESSES {
        let message = format!("this region already has {MAXIMUM_ADDRESSES} Elastic IPs, the most there can be");
        return Err(ErrorCode::AddressLimitExceeded.error(message));
    }
    Ok(())
}

/// The address that is wanted, or the lowest that nobody on this host has.
fn free(cx: &Context, view: &View, wanted: Option<Ipv4Addr>) -> Result<Ipv4Addr, AwsError> {
    let pool = cx.settings.public_pool;
    let elastic = view.all::<Address>().map(|(_, address)| address.public_address);
    let of_instances = view.all::<Instance>().filter_map(|(_, instance)| instance.pool_address);
    let taken: BTreeSet<Ipv4Addr> = elastic.chain(of_instances).collect();
    match wanted {
        Some(address) if !is_in_pool(pool, address) => {
            Err(invalid(format!("Address: {address} is none that the pool {pool} gives")))
        }
        Some(address) if taken.contains(&address) => {
            Err(ErrorCode::InvalidIPAddressInUse.error(format!("the address {address} is allocated already")))
        }
        Some(address) => Ok(address),
        None => lowest_free(pool, &taken).ok_or_else(|| {
            ErrorCode::InsufficientAddressCapacity.error(format!("every address of the pool {pool} is allocated"))
        }),
    }
}

/// How a request names an Elastic IP.
enum Named {
    Allocation(AddressAllocationId),
    Public(Ipv4Addr),
}

impl Named {
    /// By the one of both members that is given.
    ///
    /// # Errors
    /// Both or none, malformed ones.
    fn of(allocation: Option<&str>, public: Option<&str>) -> Result<Self, AwsError> {
        match (allocation, public) {
            (Some(_), Some(_)) => Err(combination("AllocationId and PublicIp exclude each other")),
            (None, None) => Err(missing("AllocationId or PublicIp has to be given")),
            (Some(id), None) => Ok(Self::Allocation(parse(id)?)),
            (None, Some(address)) => Ok(Self::Public(public_address(address)?)),
        }
    }

    /// Its record.
    ///
    /// # Errors
    /// `InvalidAllocationID.NotFound`, `InvalidAddress.NotFound`.
    fn find(&self, view: &View, scope: &Scope) -> Result<Arc<Address>, AwsError> {
        match self {
            Self::Allocation(id) => find(view, scope, id),
            Self::Public(public) => by_public_address(view, scope, *public),
        }
    }
}

fn by_public_address(view: &View, scope: &Scope, public: Ipv4Addr) -> Result<Arc<Address>, AwsError> {
    view.list::<Address>(scope).find(|address| address.public_address == public).ok_or_else(|| {
        let message = format!("{public} is no Elastic IP of this account and region");
        ErrorCode::InvalidAddressNotFound.error(message)
    })
}

pub(super) async fn release(cx: &Context, input: ReleaseAddressRequest) -> Result<(), AwsError> {
    let ReleaseAddressRequest { allocation_id, dry_run: dry, network_border_group, public_ip } = input;
    check_border_group(cx, network_border_group.as_deref(), ErrorCode::InvalidAddressNotFound)?;
    let named = Named::of(allocation_id.as_deref(), public_ip.as_deref())?;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        let address = named.find(txn.view(), &scope)?;
        if let Some(association) = &address.association {
            let (public, interface) = (address.public_address, &association.network_interface_id);
            let message = format!("Elastic IP {public} is associated with {interface}; disassociate it first");
            return Err(ErrorCode::InvalidIPAddressInUse.error(message));
        }
        dry_run(dry)?;
        txn.delete::<Address>(&scope, &address.id);
        Ok(())
    };
    committed(cx.store.transact(remove).await)
}

/// What an Elastic IP is to stand for.
enum Place {
    Instance(InstanceId),
    Interface(NetworkInterfaceId),
}

impl Place {
    fn of(instance: Option<&str>, interface: Option<&str>) -> Result<Self, AwsError> {
        match (instance, interface) {
            (Some(_), Some(_)) => Err(combination("InstanceId and NetworkInterfaceId exclude each other")),
            (None, None) => Err(missing("InstanceId or NetworkInterfaceId has to be given")),
            (Some(id), None) => Ok(Self::Instance(parse(id)?)),
            (None, Some(id)) => Ok(Self::Interface(parse(id)?)),
        }
    }

    /// The instance with the interface.
    ///
    /// # Errors
    /// What is not there, what belongs to others, instances that begin or end.
    fn find(&self, view: &View, scope: &Scope) -> Result<Arc<Instance>, AwsError> {
        match self {
            Self::Instance(id) => {
                let instance = find(view, scope, id)?;
                refuse_state(&instance)?;
                Ok(instance)
            }
            Self::Interface(id) => match network_interfaces::owner(view, scope, id) {
                Some(Owner::Instance(instance)) => Ok(instance),
                Some(Owner::Other(_)) => {
                    let message = format!("network interface {id} is managed by what it was made for");
                    Err(ErrorCode::OperationNotPermitted.error(message))
                }
                None => Err(not_found(id)),
            },
        }
    }
}

fn refuse_state(instance: &Instance) -> Result<(), AwsError> {
    match instance.state {
        InstanceState::Running | InstanceState::Stopping | InstanceState::Stopped => Ok(()),
        state @ (InstanceState::Pending | InstanceState::ShuttingDown | InstanceState::Terminated) => {
            let message = format!("The {} instance '{}' is not in a valid state for this", state.name(), instance.id);
            Err(ErrorCode::InvalidInstanceID.error(message))
        }
    }
}

pub(super) async fn associate(
    cx: &Context,
    input: AssociateAddressRequest,
) -> Result<AssociateAddressResult, AwsError> {
    let AssociateAddressRequest {
        allocation_id,
        allow_reassociation,
        dry_run: dry,
        instance_id,
        network_interface_id,
        private_ip_address,
        public_ip,
    } = input;
    let named = Named::of(allocation_id.as_deref(), public_ip.as_deref())?;
    let place = Place::of(instance_id.as_deref(), network_interface_id.as_deref())?;
    let private = private_ip_address.as_deref().map(public_address).transpose()?;
    let moves = allow_reassociation.unwrap_or(true);
    let new = cx.mint(AddressAssociationId::mint);
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let address = named.find(txn.view(), &scope)?;
        let instance = place.find(txn.view(), &scope)?;
        check_private_address(&instance, private)?;
        refuse_unattached(txn.view(), &scope, &instance.vpc_id)?;
        let interface = &instance.network_interface_id;
        let same = address.association.as_ref().filter(|association| association.network_interface_id == *interface);
        if let Some(same) = same {
            dry_run(dry)?;
            return Ok(same.id.clone());
        }
        refuse_managed(txn.view(), &scope, &address)?;
        let earlier = txn.list::<Address>(&scope).find(|other| other.is_of(interface));
        if !moves && let Some(taken) = address.association.is_some().then_some(&address).or(earlier.as_ref()) {
            return Err(already_associated(taken));
        }
        dry_run(dry)?;
        if let Some(earlier) = earlier {
            txn.put(&scope, Address { association: None, ..Address::clone(&earlier) });
        }
        txn.put(&scope, associated(&address, new.clone(), interface, instance.private_address));
        Ok(new.clone())
    };
    let id = committed(cx.store.transact(work).await)?;
    Ok(AssociateAddressResult { association_id: Some(id.to_string()) })
}

/// The same address, standing for an interface.
pub(super) fn associated(
    address: &Address,
    id: AddressAssociationId,
    interface: &NetworkInterfaceId,
    private_address: Ipv4Addr,
) -> Address {
    let association = AddressAssociation { id, network_interface_id: interface.clone(), private_address };
    Address { association: Some(association), ..address.clone() }
}

/// The error for an address, or the interface of one, that is not free.
pub(super) fn already_associated(address: &Address) -> AwsError {
    let to = address.association.as_ref().map(|association| association.network_interface_id.as_str());
    let message = format!("Elastic IP {} is already associated with {}", address.id, to.unwrap_or("another interface"));
    ErrorCode::ResourceAlreadyAssociated.error(message)
}

fn check_private_address(instance: &Instance, asked: Option<Ipv4Addr>) -> Result<(), AwsError> {
    match asked {
        Some(address) if address != instance.private_address => {
            let interface = &instance.network_interface_id;
            Err(invalid(format!("PrivateIpAddress: {address} is not the address of {interface}")))
        }
        Some(_) | None => Ok(()),
    }
}

fn refuse_unattached(view: &View, scope: &Scope, vpc: &VpcId) -> Result<(), AwsError> {
    match internet_gateways::of_vpc(view, scope, vpc) {
        Some(_) => Ok(()),
        None => Err(internet_gateways::not_attached(format!("{vpc} has no internet gateway attached"))),
    }
}

/// What stands for a NAT gateway does so until that is deleted.
fn refuse_managed(view: &View, scope: &Scope, address: &Address) -> Result<(), AwsError> {
    let Some(association) = &address.association else { return Ok(()) };
    match network_interfaces::owner(view, scope, &association.network_interface_id) {
        Some(Owner::Other(interface)) => {
            let what = &interface.description;
            Err(ErrorCode::AuthFailure.error(format!("Elastic IP {} belongs to {}: {what}", address.id, interface.id)))
        }
        Some(Owner::Instance(_)) | None => Ok(()),
    }
}

/// An address that is associated with nothing stays so: AWS does not mind.
pub(super) async fn disassociate(cx: &Context, input: DisassociateAddressRequest) -> Result<(), AwsError> {
    let DisassociateAddressRequest { association_id, dry_run: dry, public_ip } = input;
    let id = association_id.as_deref().map(parse::<AddressAssociationId>).transpose()?;
    let public = public_ip.as_deref().map(public_address).transpose()?;
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let address = match (&id, public) {
            (Some(_), Some(_)) => return Err(combination("AssociationId and PublicIp exclude each other")),
            (None, None) => return Err(missing("AssociationId or PublicIp has to be given")),
            (Some(id), None) => by_association(txn.view(), &scope, id)?,
            (None, Some(public)) => by_public_address(txn.view(), &scope, public)?,
        };
        refuse_managed(txn.view(), &scope, &address)?;
        dry_run(dry)?;
        txn.put(&scope, Address { association: None, ..Address::clone(&address) });
        Ok(())
    };
    committed(cx.store.transact(work).await)
}

fn by_association(view: &View, scope: &Scope, id: &AddressAssociationId) -> Result<Arc<Address>, AwsError> {
    let has = |address: &Address| address.association.as_ref().is_some_and(|association| association.id == *id);
    view.list::<Address>(scope).find(|address| has(address)).ok_or_else(|| not_found(id))
}

/// What of a VPC has a public address, if anything has: an Elastic IP, or an instance with one of its own.
pub(super) fn public_in(view: &View, scope: &Scope, vpc: &VpcId) -> Option<String> {
    let addresses: Vec<Arc<Address>> = view.list::<Address>(scope).collect();
    let owners = owners(view, scope, &addresses);
    let elastic = |address: &&Arc<Address>| owner_of(address, &owners).is_some_and(|owner| owner.vpc_id() == vpc);
    if let Some(address) = addresses.iter().find(elastic) {
        return Some(address.public_address.to_string());
    }
    let public = |instance: &Instance| match instance.state {
        InstanceState::Pending | InstanceState::Running => instance.public_address_wanted,
        InstanceState::ShuttingDown | InstanceState::Terminated | InstanceState::Stopping | InstanceState::Stopped => {
            false
        }
    };
    let mut instances = view.list::<Instance>(scope).filter(|instance| instance.vpc_id == *vpc);
    instances.find(|instance| public(instance)).map(|instance| instance.id.to_string())
}

type Owners = BTreeMap<NetworkInterfaceId, Owner>;

fn owners(view: &View, scope: &Scope, addresses: &[Arc<Address>]) -> Owners {
    let associations = addresses.iter().filter_map(|address| address.association.as_ref());
    let sought = associations.map(|association| association.network_interface_id.clone()).collect();
    network_interfaces::owners(view, scope, &sought)
}

fn owner_of<'o>(address: &Address, owners: &'o Owners) -> Option<&'o Owner> {
    owners.get(&address.association.as_ref()?.network_interface_id)
}

static PROPERTIES: Properties<types::Address> = Properties {
    named: &[
        ("allocation-id", |address| text(&address.allocation_id)),
        ("association-id", |address| text(&address.association_id)),
        ("domain", |address| plain(address.domain)),
        ("instance-id", |address| text(&address.instance_id)),
        ("network-border-group", |address| text(&address.network_border_group)),
        ("network-interface-id", |address| text(&address.network_interface_id)),
        ("network-interface-owner-id", |address| text(&address.network_interface_owner_id)),
        ("private-ip-address", |address| text(&address.private_ip_address)),
        ("public-ip", |address| text(&address.public_ip)),
    ],
    tags: Some(|address| address.tags.as_deref().unwrap_or_default()),
};

pub(super) fn describe(cx: &Context, input: DescribeAddressesRequest) -> Result<DescribeAddressesResult, AwsError> {
    let DescribeAddressesRequest { allocation_ids, dry_run, filters, public_ips } = input;
    let (ids, public) = (allocation_ids.unwrap_or_default(), public_ips.unwrap_or_default());
    let (view, scope) = (cx.store.view(), cx.scope());
    let chosen = chosen(&view, &scope, &ids, &public)?;
    let owners = owners(&view, &scope, &chosen);
    let items = chosen.iter().map(|address| (address.id.to_string(), shown(cx, address, owner_of(address, &owners))));
    let selection = Selection {
        operation: "DescribeAddresses",
        chosen: &(&ids, &public),
        filters,
        max_results: None,
        next_token: None,
        dry_run,
    };
    Ok(DescribeAddressesResult { addresses: Some(selection.page(cx, &PROPERTIES, items)?.items) })
}

fn chosen(view: &View, scope: &Scope, ids: &[String], public: &[String]) -> Result<Vec<Arc<Address>>, AwsError> {
    if ids.is_empty() && public.is_empty() {
        return Ok(view.list(scope).collect());
    }
    if public.len() > MAXIMUM_IDS {
        return Err(invalid(format!("a call names at most {MAXIMUM_IDS} addresses")));
    }
    let by_id = parse_all(ids)?.into_iter().map(|id| Ok(Named::Allocation(id)));
    let by_address = public.iter().map(|address| Named::of(None, Some(address)));
    let mut found = Vec::new();
    for named in by_id.chain(by_address) {
        let address = named?.find(view, scope)?;
        if !found.contains(&address) {
            found.push(address);
        }
    }
    Ok(found)
}

/// An Elastic IP as the API shows it. One whose interface is gone is associated with nothing.
fn shown(cx: &Context, address: &Address, owner: Option<&Owner>) -> types::Address {
    let association = address.association.as_ref().zip(owner);
    types::Address {
        allocation_id: Some(address.id.to_string()),
        association_id: association.map(|(association, _)| association.id.to_string()),
        domain: Some(DomainType::Vpc),
        instance_id: owner.and_then(Owner::instance).map(|instance| instance.id.to_string()),
        network_border_group: Some(cx.region.clone()),
        network_interface_id: association.map(|(association, _)| association.network_interface_id.to_string()),
        network_interface_owner_id: association.map(|_| cx.account.clone()),
        private_ip_address: association.map(|(association, _)| association.private_address.to_string()),
        public_ip: Some(address.public_address.to_string()),
        public_ipv4_pool: Some(POOL.to_owned()),
        subnet_id: owner.map(|owner| owner.subnet_id().to_string()),
        tags: Some(to_wire(&address.tags)),
    }
}

static NO_PROPERTIES: Properties<AddressAttribute> = Properties { named: &[], tags: None };

/// No address has a name of its own in the domain name system.
pub(super) fn describe_attribute(
    cx: &Context,
    input: DescribeAddressesAttributeRequest,
) -> Result<DescribeAddressesAttributeResult, AwsError> {
    let DescribeAddressesAttributeRequest { allocation_ids, attribute, dry_run, max_results, next_token } = input;
    match attribute {
        None | Some(AddressAttributeName::DomainName) => {}
    }
    let ids = allocation_ids.unwrap_or_default();
    let chosen = chosen(&cx.store.view(), &cx.scope(), &ids, &[])?;
    let items = chosen.iter().map(|address| {
        let (id, public) = (address.id.to_string(), address.public_address.to_string());
        (id.clone(), AddressAttribute { allocation_id: Some(id), public_ip: Some(public) })
    });
    let operation = "DescribeAddressesAttribute";
    let selection = Selection { operation, chosen: &ids, filters: None, max_results, next_token, dry_run };
    let page = selection.page(cx, &NO_PROPERTIES, items)?;
    Ok(DescribeAddressesAttributeResult { addresses: Some(page.items), next_token: page.next })
}
