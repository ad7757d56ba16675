//! Routes of a table beside the VPC's own: create, replace, delete. They lead to internet gateways and NAT gateways.

use api::ec2::ErrorCode;
use api::ec2::types::{CreateRouteRequest, CreateRouteResult, DeleteRouteRequest, ReplaceRouteRequest};
use model::Scope;
use model::cidr::Cidr;
use model::ec2::internet_gateway::InternetGateway;
use model::ec2::nat_gateway::{NatGateway, NatGatewayState};
use model::ec2::route_table::{MAXIMUM_ROUTES, Route, RouteTable, RouteTarget, check_destination};
use model::id::{InternetGatewayId, NatGatewayId, RouteTableId, VpcId};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{self, combination, invalid, missing, unsupported};
use super::resources::{find, parse};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::dry_run;

pub(super) async fn create(cx: &Context, input: CreateRouteRequest) -> Result<CreateRouteResult, AwsError> {
    let CreateRouteRequest { destination_cidr_block, dry_run: dry, gateway_id, nat_gateway_id, route_table_id } = input;
    let id = parse::<RouteTableId>(&route_table_id)?;
    let destination = errors::cidr("DestinationCidrBlock", &destination_cidr_block)?;
    let target = target(gateway_id.as_deref(), nat_gateway_id.as_deref())?;
    change(cx, &id, dry, |view, table| {
        check(view, &cx.scope(), table, destination, &target)?;
        if place(table, destination).is_some() {
            let message = format!("route table {id} already has a route to {destination}; use ReplaceRoute");
            return Err(ErrorCode::RouteAlreadyExists.error(message));
        }
        if table.routes.len() >= MAXIMUM_ROUTES {
            let message = format!("route table {id} already has {MAXIMUM_ROUTES} routes, the most there can be");
            return Err(ErrorCode::RouteLimitExceeded.error(message));
        }
        table.routes.push(Route { destination, target: target.clone() });
        Ok(())
    })
    .await?;
    Ok(CreateRouteResult { r#return: Some(true) })
}

pub(super) async fn replace(cx: &Context, input: ReplaceRouteRequest) -> Result<(), AwsError> {
    let ReplaceRouteRequest { destination_cidr_block, dry_run: dry, gateway_id, nat_gateway_id, route_table_id } =
        input;
    let id = parse::<RouteTableId>(&route_table_id)?;
    let destination = errors::cidr("DestinationCidrBlock", &destination_cidr_block)?;
    let target = target(gateway_id.as_deref(), nat_gateway_id.as_deref())?;
    change(cx, &id, dry, |view, table| {
        check(view, &cx.scope(), table, destination, &target)?;
        let place = place(table, destination)
            .ok_or_else(|| invalid(format!("route table {id} has no route to {destination}; use CreateRoute")))?;
        table.routes[place].target = target.clone();
        Ok(())
    })
    .await
}

pub(super) async fn delete(cx: &Context, input: DeleteRouteRequest) -> Result<(), AwsError> {
    let DeleteRouteRequest { destination_cidr_block, dry_run: dry, route_table_id } = input;
    let id = parse::<RouteTableId>(&route_table_id)?;
    let destination = errors::cidr("DestinationCidrBlock", &destination_cidr_block)?;
    change(cx, &id, dry, |view, table| {
        if find(view, &cx.scope(), &table.vpc_id)?.cidr == destination {
            return Err(invalid(format!("the local route {destination} of route table {id} cannot be removed")));
        }
        let place = place(table, destination).ok_or_else(|| {
            ErrorCode::InvalidRouteNotFound.error(format!("route table {id} has no route to {destination}"))
        })?;
        table.routes.remove(place);
        Ok(())
    })
    .await
}

async fn change(
    cx: &Context,
    id: &RouteTableId,
    dry: Option<bool>,
    edit: impl Fn(&View, &mut RouteTable) -> Result<(), AwsError>,
) -> Result<(), AwsError> {
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let mut table = RouteTable::clone(&*find(txn.view(), &scope, id)?);
        edit(txn.view(), &mut table)?;
        dry_run(dry)?;
        txn.put(&scope, table);
        Ok::<(), AwsError>(())
    };
    committed(cx.store.transact(work).await)
}

fn place(table: &RouteTable, destination: Cidr) -> Option<usize> {
    table.routes.iter().position(|route| route.destination == destination)
}

/// The target that a request names. People give NAT gateways as `GatewayId` too, and AWS takes them.
fn target(gateway: Option<&str>, nat_gateway: Option<&str>) -> Result<RouteTarget, AwsError> {
    match (gateway, nat_gateway) {
        (Some(_), Some(_)) => Err(combination("GatewayId and NatGatewayId exclude each other: a route has one target")),
        (None, None) => Err(missing("the route has no target: GatewayId or NatGatewayId has to be given")),
        (None, Some(nat)) => Ok(RouteTarget::NatGateway(parse(nat)?)),
        (Some(id), None) if id.starts_with(NatGatewayId::PREFIX) => Ok(RouteTarget::NatGateway(parse(id)?)),
        (Some(id), None) => {
            let others = [
                ("vgw-", "virtual private gateways are not part of Goru"),
                ("vpce-", "VPC endpoints are not part of Goru"),
                ("local", "the local route is there already and cannot be another route's target"),
            ];
            match others.into_iter().find(|(prefix, _)| id.starts_with(prefix)) {
                Some((_, reason)) => Err(unsupported(format!("GatewayId: {reason}"))),
                None => Ok(RouteTarget::InternetGateway(parse(id)?)),
            }
        }
    }
}

fn check(
    view: &View,
    scope: &Scope,
    table: &RouteTable,
    destination: Cidr,
    target: &RouteTarget,
) -> Result<(), AwsError> {
    let vpc = find(view, scope, &table.vpc_id)?;
    check_destination(destination, vpc.cidr).map_err(|error| errors::destination(&error))?;
    let (name, of) = match target {
        RouteTarget::InternetGateway(id) => (id.to_string(), vpc_of_internet_gateway(view, scope, id)?),
        RouteTarget::NatGateway(id) => (id.to_string(), Some(vpc_of_nat_gateway(view, scope, id)?)),
    };
    match of {
        Some(of) if of == table.vpc_id => Ok(()),
        Some(_) | None => {
            Err(invalid(format!("route table {} and gateway {name} belong to different networks", table.id)))
        }
    }
}

fn vpc_of_internet_gateway(view: &View, scope: &Scope, id: &InternetGatewayId) -> Result<Option<VpcId>, AwsError> {
    match view.get::<InternetGateway>(scope, id) {
        Some(gateway) => Ok(gateway.vpc_id.clone()),
        None => Err(ErrorCode::InvalidGatewayIDNotFound.error(format!("there is no internet gateway {id}"))),
    }
}

fn vpc_of_nat_gateway(view: &View, scope: &Scope, id: &NatGatewayId) -> Result<VpcId, AwsError> {
    let lives = |gateway: &NatGateway| match gateway.state {
        NatGatewayState::Pending | NatGatewayState::Available => true,
        NatGatewayState::Deleting | NatGatewayState::Deleted | NatGatewayState::Failed => false,
    };
    match view.get::<NatGateway>(scope, id).filter(|gateway| lives(gateway)) {
        Some(gateway) => Ok(gateway.vpc_id.clone()),
        None => Err(ErrorCode::InvalidNatGatewayIDNotFound.error(format!("there is no NAT gateway {id}"))),
    }
}
