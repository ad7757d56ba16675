//! NAT gateways: create, delete, describe. Their state is moved by a controller, with `model::ec2::nat_gateway`.
//!
//! A NAT gateway is made with its interface, and a public one holds its Elastic IP from that moment.

use api::ec2::ErrorCode;
use api::ec2::types::{
    self, AvailabilityMode, ConnectivityType, CreateNatGatewayRequest, CreateNatGatewayResult, DeleteNatGatewayRequest,
    DeleteNatGatewayResult, DescribeNatGatewaysRequest, DescribeNatGatewaysResult, NatGatewayAddress,
    NatGatewayAddressStatus,
};
use model::Scope;
use model::ec2::address::Address;
use model::ec2::instance::Instance;
use model::ec2::launch::Occupancy;
use model::ec2::nat_gateway::{Connectivity, MAXIMUM_NAT_GATEWAYS_PER_ZONE, NatGateway, NatGatewayState};
use model::ec2::network_interface::{InterfaceOwner, NetworkInterface};
use model::ec2::subnet::Subnet;
use model::id::{AddressAllocationId, AddressAssociationId, NatGatewayId, NetworkInterfaceId, SubnetId};
use model::{Tags, Timestamp};
use std::net::Ipv4Addr;
use store::{Transaction, View};
use wire::AwsError;

use super::addresses::{already_associated, associated};
use super::errors::{self, combination, invalid, missing, unsupported};
use super::filters::{Properties, plain, text};
use super::listing::Selection;
use super::resources::{choose, find, not_found, parse};
use super::tags::{specified_for, to_wire};
use crate::context::Context;
use crate::handler::{self, committed};
use crate::idempotency::{ClientToken, dry_run, once};

/// What is asked for, read and checked as far as that goes without looking at records.
#[derive(Debug)]
struct Asked {
    subnet: SubnetId,
    connectivity: Connectivity,
    private_address: Option<Ipv4Addr>,
    tags: Tags,
}

/// The ids of one NAT gateway; drawn before the transaction, which may run twice.
struct Identity {
    gateway: NatGatewayId,
    interface: NetworkInterfaceId,
    association: AddressAssociationId,
}

pub(super) async fn create(cx: &Context, input: CreateNatGatewayRequest) -> Result<CreateNatGatewayResult, AwsError> {
    let CreateNatGatewayRequest {
        allocation_id,
        availability_mode,
        client_token,
        connectivity_type,
        dry_run: dry,
        private_ip_address,
        subnet_id,
        tag_specifications,
    } = input;
    match availability_mode {
        None | Some(AvailabilityMode::Zonal) => {}
        Some(AvailabilityMode::Regional) => return Err(unsupported("AvailabilityMode: NAT gateways are of one zone")),
    }
    let asked = Asked {
        subnet: parse(&subnet_id)?,
        connectivity: connectivity(connectivity_type, allocation_id.as_deref())?,
        private_address: private_ip_address.as_deref().map(private_address).transpose()?,
        tags: specified_for(tag_specifications, "natgateway")?,
    };
    let token = ClientToken::new(cx, "CreateNatGateway", client_token.as_deref(), &asked)?;
    let identity = cx.mint(|ids| Identity {
        gateway: NatGatewayId::mint(ids),
        interface: NetworkInterfaceId::mint(ids),
        association: AddressAssociationId::mint(ids),
    });
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let id = once(txn, token.as_ref(), |txn| {
            let made = make(txn, &scope, &asked, &identity, cx.now)?;
            dry_run(dry)?;
            txn.put(&scope, NatGateway { client_token: client_token.clone(), ..made });
            Ok::<String, AwsError>(identity.gateway.to_string())
        })?;
        // Reached with DryRun only when the token has found an earlier call.
        dry_run(dry)?;
        Ok::<_, AwsError>((find(txn.view(), &scope, &parse::<NatGatewayId>(&id)?)?, txn.view().clone()))
    };
    let (made, view) = committed(cx.store.transact(work).await)?;
    Ok(CreateNatGatewayResult { client_token: client_token.clone(), nat_gateway: Some(shown(cx, &view, &made)) })
}

fn connectivity(asked: Option<ConnectivityType>, allocation: Option<&str>) -> Result<Connectivity, AwsError> {
    match (asked, allocation) {
        (None | Some(ConnectivityType::Public), Some(id)) => Ok(Connectivity::Public(parse(id)?)),
        (None | Some(ConnectivityType::Public), None) => Err(missing("a public NAT gateway needs an AllocationId")),
        (Some(ConnectivityType::Private), None) => Ok(Connectivity::Private),
        (Some(ConnectivityType::Private), Some(_)) => {
            Err(combination("AllocationId is for public NAT gateways; a private one has no Elastic IP"))
        }
    }
}

fn private_address(text: &str) -> Result<Ipv4Addr, AwsError> {
    let shown = || text.chars().take(64).collect::<String>();
    text.parse().map_err(|_| invalid(format!("PrivateIpAddress: `{}` is not an IPv4 address", shown())))
}

/// Writes the interface and the association, and gives the gateway.
fn make(
    txn: &mut Transaction,
    scope: &Scope,
    asked: &Asked,
    identity: &Identity,
    now: Timestamp,
) -> Result<NatGateway, AwsError> {
    let subnet = find(txn.view(), scope, &asked.subnet)?;
    refuse_too_many(txn.view(), scope, &subnet.zone)?;
    let occupancy = Occupancy::of(txn.list::<Instance>(scope), txn.list::<NetworkInterface>(scope));
    let address = occupancy.address_in(&subnet, asked.private_address).map_err(|error| errors::launch(&error))?;
    match &asked.connectivity {
        Connectivity::Public(allocation) => hold(txn, scope, allocation, identity, address)?,
        Connectivity::Private => {}
    }
    txn.put(scope, interface(&subnet, identity, address, now));
    Ok(NatGateway {
        id: identity.gateway.clone(),
        vpc_id: subnet.vpc_id.clone(),
        subnet_id: subnet.id.clone(),
        connectivity: asked.connectivity.clone(),
        network_interface_id: identity.interface.clone(),
        private_address: address,
        state: NatGatewayState::Pending,
        failure: None,
        client_token: None,
        created_at: now,
        deleted_at: None,
        tags: asked.tags.clone(),
    })
}

fn refuse_too_many(view: &View, scope: &Scope, zone: &str) -> Result<(), AwsError> {
    let in_zone =
        |gateway: &NatGateway| view.get::<Subnet>(scope, &gateway.subnet_id).is_some_and(|subnet| subnet.zone == zone);
    let there = view.list::<NatGateway>(scope).filter(|gateway| gateway.occupies() && in_zone(gateway)).count();
    if there >= MAXIMUM_NAT_GATEWAYS_PER_ZONE {
        let message = format!("{zone} already has {MAXIMUM_NAT_GATEWAYS_PER_ZONE} NAT gateways, the most there can be");
        return Err(ErrorCode::NatGatewayLimitExceeded.error(message));
    }
    Ok(())
}

/// Lets the Elastic IP stand for the gateway's interface.
fn hold(
    txn: &mut Transaction,
    scope: &Scope,
    allocation: &AddressAllocationId,
    identity: &Identity,
    private_address: Ipv4Addr,
) -> Result<(), AwsError> {
    let address = find(txn.view(), scope, allocation)?;
    if address.association.is_some() {
        return Err(already_associated(&address));
    }
    txn.put(scope, associated(&address, identity.association.clone(), &identity.interface, private_address));
    Ok(())
}

fn interface(subnet: &Subnet, identity: &Identity, private_address: Ipv4Addr, now: Timestamp) -> NetworkInterface {
    NetworkInterface {
        id: identity.interface.clone(),
        vpc_id: subnet.vpc_id.clone(),
        subnet_id: subnet.id.clone(),
        zone: subnet.zone.clone(),
        private_address,
        owner: InterfaceOwner::NatGateway(identity.gateway.clone()),
        security_groups: Vec::new(),
        description: format!("Interface for NAT Gateway {}", identity.gateway),
        created_at: now,
        tags: Tags::default(),
    }
}

/// One that is being deleted may be deleted again; one that is gone may not.
pub(super) async fn delete(cx: &Context, input: DeleteNatGatewayRequest) -> Result<DeleteNatGatewayResult, AwsError> {
    let DeleteNatGatewayRequest { dry_run: dry, nat_gateway_id } = input;
    let id = parse::<NatGatewayId>(&nat_gateway_id)?;
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let mut gateway = NatGateway::clone(&*find(txn.view(), &scope, &id)?);
        dry_run(dry)?;
        match gateway.state {
            NatGatewayState::Deleting => {}
            NatGatewayState::Deleted => return Err(not_found(&id)),
            NatGatewayState::Pending | NatGatewayState::Available | NatGatewayState::Failed => {
                gateway.ask_to_delete(cx.now);
                txn.put(&scope, gateway);
            }
        }
        Ok(())
    };
    committed(cx.store.transact(work).await)?;
    Ok(DeleteNatGatewayResult { nat_gateway_id: Some(id.to_string()) })
}

static PROPERTIES: Properties<types::NatGateway> = Properties {
    named: &[
        ("nat-gateway-id", |gateway| text(&gateway.nat_gateway_id)),
        ("state", |gateway| plain(gateway.state)),
        ("subnet-id", |gateway| text(&gateway.subnet_id)),
        ("vpc-id", |gateway| text(&gateway.vpc_id)),
    ],
    tags: Some(|gateway| gateway.tags.as_deref().unwrap_or_default()),
};

pub(super) fn describe(cx: &Context, input: DescribeNatGatewaysRequest) -> Result<DescribeNatGatewaysResult, AwsError> {
    let DescribeNatGatewaysRequest { dry_run, filter, max_results, nat_gateway_ids, next_token } = input;
    let ids = nat_gateway_ids.unwrap_or_default();
    let view = cx.store.view();
    let gateways = choose::<NatGatewayId>(&view, &cx.scope(), &ids)?;
    let items = gateways.iter().map(|gateway| (gateway.id.to_string(), shown(cx, &view, gateway)));
    let operation = "DescribeNatGateways";
    let selection = Selection { operation, chosen: &ids, filters: filter, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeNatGatewaysResult { nat_gateways: Some(page.items), next_token: page.next })
}

fn shown(cx: &Context, view: &View, gateway: &NatGateway) -> types::NatGateway {
    let (code, message) = gateway.failure.clone().unzip();
    types::NatGateway {
        availability_mode: Some(AvailabilityMode::Zonal),
        connectivity_type: Some(match gateway.connectivity {
            Connectivity::Public(_) => ConnectivityType::Public,
            Connectivity::Private => ConnectivityType::Private,
        }),
        create_time: Some(handler::to_wire(gateway.created_at)),
        delete_time: gateway.deleted_at.map(handler::to_wire),
        failure_code: code,
        failure_message: message.clone(),
        nat_gateway_addresses: Some(vec![shown_address(cx, view, gateway, message)]),
        nat_gateway_id: Some(gateway.id.to_string()),
        state: Some(shown_state(gateway.state)),
        subnet_id: Some(gateway.subnet_id.to_string()),
        tags: Some(to_wire(&gateway.tags)),
        vpc_id: Some(gateway.vpc_id.to_string()),
    }
}

fn shown_address(cx: &Context, view: &View, gateway: &NatGateway, failure: Option<String>) -> NatGatewayAddress {
    let address = gateway.allocation().and_then(|id| view.get::<Address>(&cx.scope(), id));
    let association = address.as_deref().filter(|address| address.is_of(&gateway.network_interface_id));
    let association = association.and_then(|address| address.association.as_ref());
    NatGatewayAddress {
        allocation_id: gateway.allocation().map(AddressAllocationId::to_string),
        association_id: association.map(|association| association.id.to_string()),
        failure_message: failure,
        is_primary: Some(true),
        network_interface_id: Some(gateway.network_interface_id.to_string()),
        private_ip: Some(gateway.private_address.to_string()),
        public_ip: address.map(|address| address.public_address.to_string()),
        status: Some(match gateway.state {
            NatGatewayState::Pending => NatGatewayAddressStatus::Associating,
            NatGatewayState::Available | NatGatewayState::Deleted => NatGatewayAddressStatus::Succeeded,
            NatGatewayState::Failed => NatGatewayAddressStatus::Failed,
            NatGatewayState::Deleting => NatGatewayAddressStatus::Disassociating,
        }),
    }
}

const fn shown_state(state: NatGatewayState) -> types::NatGatewayState {
    match state {
        NatGatewayState::Pending => types::NatGatewayState::Pending,
        NatGatewayState::Available => types::NatGatewayState::Available,
        NatGatewayState::Failed => types::NatGatewayState::Failed,
        NatGatewayState::Deleting => types::NatGatewayState::Deleting,
        NatGatewayState::Deleted => types::NatGatewayState::Deleted,
    }
}
