//! Internet gateways and route tables, as they are: what changes them comes with a later release.

use api::ec2::types::{
    self, AttachmentStatus, DescribeInternetGatewaysRequest, DescribeInternetGatewaysResult,
    DescribeRouteTablesRequest, DescribeRouteTablesResult, InternetGatewayAttachment, RouteOrigin, RouteState,
    RouteTableAssociation, RouteTableAssociationState, RouteTableAssociationStateCode,
};
use model::ec2::{
    internet_gateway::InternetGateway,
    nat_gateway::NatGateway,
    route_table::{Route, RouteTable, RouteTarget},
    vpc::Vpc,
};
use model::id::{InternetGatewayId, RouteTableId};
use store::View;
use wire::AwsError;

use super::filters::{Properties, each, nothing, plain, text};
use super::listing::Selection;
use super::resources::choose;
use super::tags::to_wire;
use crate::context::Context;

static GATEWAY_PROPERTIES: Properties<types::InternetGateway> = Properties {
    named: &[
        // AWS's definition has `attached`, its manual and its answers `available`: both find it.
        ("attachment.state", |gateway| {
            each(&gateway.attachments, |_| ["attached", "available"].map(str::to_owned).to_vec())
        }),
        ("attachment.vpc-id", |gateway| each(&gateway.attachments, |attachment| text(&attachment.vpc_id))),
        ("internet-gateway-id", |gateway| text(&gateway.internet_gateway_id)),
        ("owner-id", |gateway| text(&gateway.owner_id)),
    ],
    tags: Some(|gateway| gateway.tags.as_deref().unwrap_or_default()),
};

pub(super) fn describe_internet_gateways(
    cx: &Context,
    input: DescribeInternetGatewaysRequest,
) -> Result<DescribeInternetGatewaysResult, AwsError> {
    let DescribeInternetGatewaysRequest { dry_run, filters, internet_gateway_ids, max_results, next_token } = input;
    let ids = internet_gateway_ids.unwrap_or_default();
    let gateways = choose::<InternetGatewayId>(&cx.store.view(), &cx.scope(), &ids)?;
    let items = gateways.iter().map(|gateway| (gateway.id.to_string(), shown_gateway(cx, gateway)));
    let operation = "DescribeInternetGateways";
    let selection = Selection { operation, chosen: &ids, filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &GATEWAY_PROPERTIES, items)?;
    Ok(DescribeInternetGatewaysResult { next_token: page.next, internet_gateways: Some(page.items) })
}

fn shown_gateway(cx: &Context, gateway: &InternetGateway) -> types::InternetGateway {
    let attachment = |vpc: &model::id::VpcId| InternetGatewayAttachment {
        state: Some(AttachmentStatus::Attached),
        vpc_id: Some(vpc.to_string()),
    };
    types::InternetGateway {
        attachments: Some(gateway.vpc_id.iter().map(attachment).collect()),
        internet_gateway_id: Some(gateway.id.to_string()),
        owner_id: Some(cx.account.clone()),
        tags: Some(to_wire(&gateway.tags)),
    }
}

static TABLE_PROPERTIES: Properties<types::RouteTable> = Properties {
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
        ("route.nat-gateway-id", nothing),
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
    let page = selection.page(cx, &TABLE_PROPERTIES, items)?;
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
    let main = table.main_association_id.iter().map(|id| RouteTableAssociation {
        association_state: Some(RouteTableAssociationState {
            state: Some(RouteTableAssociationStateCode::Associated),
            status_message: None,
        }),
        main: Some(true),
        route_table_association_id: Some(id.to_string()),
        route_table_id: Some(table.id.to_string()),
        ..Default::default()
    });
    types::RouteTable {
        associations: Some(main.collect()),
        owner_id: Some(cx.account.clone()),
        propagating_vgws: Some(Vec::new()),
        route_table_id: Some(table.id.to_string()),
        routes: Some(local.into_iter().chain(table.routes.iter().map(|route| shown_route(cx, view, route))).collect()),
        tags: Some(to_wire(&table.tags)),
        vpc_id: Some(table.vpc_id.to_string()),
    }
}

/// A route whose target is gone leads nowhere: `blackhole`.
fn shown_route(cx: &Context, view: &View, route: &Route) -> types::Route {
    let scope = cx.scope();
    let (gateway_id, nat_gateway_id, there) = match &route.target {
        RouteTarget::InternetGateway(id) => {
            let gateway = view.get::<InternetGateway>(&scope, id);
            (Some(id.to_string()), None, gateway.is_some_and(|gateway| gateway.vpc_id.is_some()))
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
