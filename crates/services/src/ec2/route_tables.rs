//! Route tables: create, delete, describe, and which subnets use them. Their routes are changed in [`super::routes`].

use std::sync::Arc;

use api::ec2::ErrorCode;
use api::ec2::types::{
    self, AssociateRouteTableRequest, AssociateRouteTableResult, CreateRouteTableRequest, CreateRouteTableResult,
    DeleteRouteTableRequest, DescribeRouteTablesRequest, DescribeRouteTablesResult, DisassociateRouteTableRequest,
    ReplaceRouteTableAssociationRequest, ReplaceRouteTableAssociationResult, RouteOrigin, RouteState,
    RouteTableAssociationState, RouteTableAssociationStateCode,
};
use model::Scope;
use model::ec2::{
    internet_gateway::InternetGateway,
    nat_gateway::NatGateway,
    route_table::{MAXIMUM_ROUTE_TABLES_PER_VPC, Route, RouteTable, RouteTableAssociation, RouteTarget},
    vpc::Vpc,
};
use model::id::{RouteTableAssociationId, RouteTableId, SubnetId, VpcId};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{in_use, invalid};
use super::filters::{Properties, each, nothing, plain, text};
use super::listing::Selection;
use super::resources::{choose, find, not_found, parse};
use super::tags::{specified_for, to_wire};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::{ClientToken, dry_run, once};

pub(super) async fn create(cx: &Context, input: CreateRouteTableRequest) -> Result<CreateRouteTableResult, AwsError> {
    let CreateRouteTableRequest { client_token, dry_run: dry, tag_specifications, vpc_id } = input;
    let vpc_id = parse::<VpcId>(&vpc_id)?;
    let tags = specified_for(tag_specifications, "route-table")?;
    let token = ClientToken::new(cx, "CreateRouteTable", client_token.as_deref(), &(&vpc_id, &tags))?;
    let table = RouteTable {
        id: cx.mint(RouteTableId::mint),
        vpc_id,
        main_association_id: None,
        associations: Vec::new(),
        routes: Vec::new(),
        tags,
    };
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let id = once(txn, token.as_ref(), |txn| {
            find(txn.view(), &scope, &table.vpc_id)?;
            refuse_too_many(txn.view(), &scope, &table.vpc_id)?;
            dry_run(dry)?;
            txn.put(&scope, table.clone());
            Ok::<String, AwsError>(table.id.to_string())
        })?;
        dry_run(dry)?;
        Ok::<_, AwsError>((find(txn.view(), &scope, &parse::<RouteTableId>(&id)?)?, txn.view().clone()))
    };
    let (made, view) = committed(cx.store.transact(work).await)?;
    Ok(CreateRouteTableResult { client_token, route_table: Some(shown(cx, &view, &made)) })
}

fn refuse_too_many(view: &View, scope: &Scope, vpc: &VpcId) -> Result<(), AwsError> {
    if view.list::<RouteTable>(scope).filter(|table| table.vpc_id == *vpc).count() >= MAXIMUM_ROUTE_TABLES_PER_VPC {
        let message = format!("{vpc} already has {MAXIMUM_ROUTE_TABLES_PER_VPC} route tables, the most there can be");
        return Err(ErrorCode::RouteTableLimitExceeded.error(message));
    }
    Ok(())
}

pub(super) async fn delete(cx: &Context, input: DeleteRouteTableRequest) -> Result<(), AwsError> {
    let DeleteRouteTableRequest { dry_run: dry, route_table_id } = input;
    let id = parse::<RouteTableId>(&route_table_id)?;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        let table = find(txn.view(), &scope, &id)?;
        if table.main_association_id.is_some() {
            return Err(in_use(format!("route table {id} is the main one of {}", table.vpc_id)));
        }
        if let Some(association) = table.associations.first() {
            let subnet = &association.subnet_id;
            return Err(in_use(format!("route table {id} is associated with {subnet}; disassociate it first")));
        }
        dry_run(dry)?;
        txn.delete::<RouteTable>(&scope, &id);
        Ok(())
    };
    committed(cx.store.transact(remove).await)
}

/// A subnet's association with the same table again finds the one that is there.
pub(super) async fn associate(
    cx: &Context,
    input: AssociateRouteTableRequest,
) -> Result<AssociateRouteTableResult, AwsError> {
    let AssociateRouteTableRequest { dry_run: dry, route_table_id, subnet_id } = input;
    let (id, subnet) = (parse::<RouteTableId>(&route_table_id)?, parse::<SubnetId>(&subnet_id)?);
    let association = RouteTableAssociation { id: cx.mint(RouteTableAssociationId::mint), subnet_id: subnet.clone() };
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let table = find(txn.view(), &scope, &id)?;
        let of = &find(txn.view(), &scope, &subnet)?.vpc_id;
        refuse_other_network(&table, of, subnet.as_str())?;
        let earlier = txn.list::<RouteTable>(&scope).find(|table| table.is_associated(&subnet));
        match earlier.as_deref() {
            Some(earlier) if earlier.id != id => {
                let message = format!("{subnet} is already associated with route table {}", earlier.id);
                return Err(ErrorCode::ResourceAlreadyAssociated.error(message));
            }
            Some(_) | None => dry_run(dry)?,
        }
        if let Some(there) = table.associations.iter().find(|association| association.subnet_id == subnet) {
            return Ok(there.id.clone());
        }
        edit(txn, &scope, &table, |table| table.associations.push(association.clone()));
        Ok(association.id.clone())
    };
    let made = committed(cx.store.transact(work).await)?;
    Ok(AssociateRouteTableResult { association_id: Some(made.to_string()), association_state: Some(associated()) })
}

fn refuse_other_network(table: &RouteTable, vpc: &VpcId, what: &str) -> Result<(), AwsError> {
    match table.vpc_id == *vpc {
        true => Ok(()),
        false => Err(invalid(format!("route table {} and {what} belong to different networks", table.id))),
    }
}

fn edit(txn: &mut Transaction, scope: &Scope, table: &RouteTable, change: impl FnOnce(&mut RouteTable)) {
    let mut table = table.clone();
    change(&mut table);
    txn.put(scope, table);
}

/// What an association binds to a table: a subnet, or (`None`) the VPC, whose main table it is.
type Bound = Option<SubnetId>;

fn association(view: &View, scope: &Scope, id: &RouteTableAssociationId) -> Result<(Arc<RouteTable>, Bound), AwsError> {
    let bound = |table: Arc<RouteTable>| {
        if table.main_association_id.as_ref() == Some(id) {
            return Some((table, None));
        }
        let subnet = table.associations.iter().find(|association| association.id == *id)?.subnet_id.clone();
        Some((table, Some(subnet)))
    };
    view.list::<RouteTable>(scope).find_map(bound).ok_or_else(|| not_found(id))
}

pub(super) async fn disassociate(cx: &Context, input: DisassociateRouteTableRequest) -> Result<(), AwsError> {
    let DisassociateRouteTableRequest { association_id, dry_run: dry } = input;
    let id = parse::<RouteTableAssociationId>(&association_id)?;
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let (table, bound) = association(txn.view(), &scope, &id)?;
        if bound.is_none() {
            let sentence = "makes a route table the main one; replace it, it cannot be removed";
            return Err(invalid(format!("association {id} {sentence}")));
        }
        dry_run(dry)?;
        edit(txn, &scope, &table, |table| table.associations.retain(|association| association.id != id));
        Ok(())
    };
    committed(cx.store.transact(work).await)
}

pub(super) async fn replace_association(
    cx: &Context,
    input: ReplaceRouteTableAssociationRequest,
) -> Result<ReplaceRouteTableAssociationResult, AwsError> {
    let ReplaceRouteTableAssociationRequest { association_id, dry_run: dry, route_table_id } = input;
    let (id, to) = (parse::<RouteTableAssociationId>(&association_id)?, parse::<RouteTableId>(&route_table_id)?);
    let new = cx.mint(RouteTableAssociationId::mint);
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let (from, bound) = association(txn.view(), &scope, &id)?;
        let to = find(txn.view(), &scope, &to)?;
        refuse_other_network(&to, &from.vpc_id, from.id.as_str())?;
        dry_run(dry)?;
        if from.id == to.id {
            return Ok(id.clone());
        }
        move_association(txn, &scope, (&from, &id), (&to, &new), bound);
        Ok::<_, AwsError>(new.clone())
    };
    let made = committed(cx.store.transact(work).await)?;
    Ok(ReplaceRouteTableAssociationResult {
        association_state: Some(associated()),
        new_association_id: Some(made.to_string()),
    })
}

fn move_association(
    txn: &mut Transaction,
    scope: &Scope,
    (from, old): (&RouteTable, &RouteTableAssociationId),
    (to, new): (&RouteTable, &RouteTableAssociationId),
    bound: Bound,
) {
    match bound {
        None => {
            edit(txn, scope, from, |table| table.main_association_id = None);
            edit(txn, scope, to, |table| table.main_association_id = Some(new.clone()));
        }
        Some(subnet_id) => {
            edit(txn, scope, from, |table| table.associations.retain(|association| association.id != *old));
            let association = RouteTableAssociation { id: new.clone(), subnet_id };
            edit(txn, scope, to, |table| table.associations.push(association));
        }
    }
}

/// A subnet that goes takes its association with it.
pub(super) fn forget_subnet(txn: &mut Transaction, scope: &Scope, subnet: &SubnetId) {
    let associated = txn.list::<RouteTable>(scope).find(|table| table.is_associated(subnet));
    if let Some(table) = associated {
        edit(txn, scope, &table, |table| table.associations.retain(|association| association.subnet_id != *subnet));
    }
}

static PROPERTIES: Properties<types::RouteTable> = Properties {
    named: &[
        ("association.gateway-id", nothing),
        ("association.main", |table| each(&table.associations, |association| plain(association.main))),
        ("association.route-table-association-id", |table| {
            each(&table.associations, |association| text(&association.route_table_association_id))
        }),
        ("association.route-table-id", |table| {
            each(&table.associations, |association| text(&association.route_table_id))
        }),
        ("association.subnet-id", |table| each(&table.associations, |association| text(&association.subnet_id))),
        ("owner-id", |table| text(&table.owner_id)),
        ("route-table-id", |table| text(&table.route_table_id)),
        ("route.destination-cidr-block", |table| each(&table.routes, |route| text(&route.destination_cidr_block))),
        ("route.destination-ipv6-cidr-block", nothing),
        ("route.destination-prefix-list-id", nothing),
        ("route.egress-only-internet-gateway-id", nothing),
        ("route.gateway-id", |table| each(&table.routes, |route| text(&route.gateway_id))),
        ("route.instance-id", nothing),
        ("route.nat-gateway-id", |table| each(&table.routes, |route| text(&route.nat_gateway_id))),
        ("route.origin", |table| each(&table.routes, |route| plain(route.origin))),
        ("route.state", |table| each(&table.routes, |route| plain(route.state))),
        ("route.transit-gateway-id", nothing),
        ("route.vpc-peering-connection-id", nothing),
        ("vpc-id", |table| text(&table.vpc_id)),
    ],
    tags: Some(|table| table.tags.as_deref().unwrap_or_default()),
};

pub(super) fn describe(cx: &Context, input: DescribeRouteTablesRequest) -> Result<DescribeRouteTablesResult, AwsError> {
    let DescribeRouteTablesRequest { dry_run, filters, max_results, next_token, route_table_ids } = input;
    let ids = route_table_ids.unwrap_or_default();
    let view = cx.store.view();
    let tables = choose::<RouteTableId>(&view, &cx.scope(), &ids)?;
    let items = tables.iter().map(|table| (table.id.to_string(), shown(cx, &view, table)));
    let selection =
        Selection { operation: "DescribeRouteTables", chosen: &ids, filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeRouteTablesResult { next_token: page.next, route_tables: Some(page.items) })
}

fn shown(cx: &Context, view: &View, table: &RouteTable) -> types::RouteTable {
    let vpc = view.get::<Vpc>(&cx.scope(), &table.vpc_id);
    let local = vpc.map(|vpc| types::Route {
        destination_cidr_block: Some(vpc.cidr.to_string()),
        gateway_id: Some("local".to_owned()),
        origin: Some(RouteOrigin::CreateRouteTable),
        state: Some(RouteState::Active),
        ..Default::default()
    });
    let association = |id: &RouteTableAssociationId, subnet: Option<&SubnetId>| types::RouteTableAssociation {
        association_state: Some(associated()),
        main: Some(subnet.is_none()),
        route_table_association_id: Some(id.to_string()),
        route_table_id: Some(table.id.to_string()),
        subnet_id: subnet.map(SubnetId::to_string),
        ..Default::default()
    };
    let main = table.main_association_id.iter().map(|id| association(id, None));
    let explicit = table.associations.iter().map(|one| association(&one.id, Some(&one.subnet_id)));
    types::RouteTable {
        associations: Some(main.chain(explicit).collect()),
        owner_id: Some(cx.account.clone()),
        propagating_vgws: Some(Vec::new()),
        route_table_id: Some(table.id.to_string()),
        routes: Some(local.into_iter().chain(table.routes.iter().map(|it| shown_route(cx, view, table, it))).collect()),
        tags: Some(to_wire(&table.tags)),
        vpc_id: Some(table.vpc_id.to_string()),
    }
}

fn associated() -> RouteTableAssociationState {
    RouteTableAssociationState { state: Some(RouteTableAssociationStateCode::Associated), status_message: None }
}

/// A route whose target is gone leads nowhere: `blackhole`.
fn shown_route(cx: &Context, view: &View, table: &RouteTable, route: &Route) -> types::Route {
    let scope = cx.scope();
    let (gateway_id, nat_gateway_id, there) = match &route.target {
        RouteTarget::InternetGateway(id) => {
            let gateway = view.get::<InternetGateway>(&scope, id);
            let attached = gateway.is_some_and(|gateway| gateway.vpc_id.as_ref() == Some(&table.vpc_id));
            (Some(id.to_string()), None, attached)
        }
        RouteTarget::NatGateway(id) => {
            let gateway = view.get::<NatGateway>(&scope, id);
            (None, Some(id.to_string()), gateway.is_some_and(|gateway| gateway.occupies()))
        }
    };
    types::Route {
        destination_cidr_block: Some(route.destination.to_string()),
        gateway_id,
        nat_gateway_id,
        origin: Some(RouteOrigin::CreateRoute),
        state: Some(if there { RouteState::Active } else { RouteState::Blackhole }),
        ..Default::default()
    }
}
