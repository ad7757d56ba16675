//! Warnings about load balancers that nobody outside reaches.

use std::sync::Arc;

use model::ec2::internet_gateway::InternetGateway;
use model::ec2::network_records::NetworkRecords;
use model::ec2::route_table::RouteTable;
use model::elbv2::load_balancer::LoadBalancer;
use model::elbv2::reach::closed_zones;

use crate::context::Context;

/// Adds a warning to the answer for each zone in which clients outside do not reach a load balancer. Where instances have no
/// networks of their own, nothing is kept from anybody.
pub(super) fn warn(cx: &Context, load_balancer: &LoadBalancer) {
    if cx.settings.host.networks.is_none() {
        return;
    }
    let (view, scope) = (cx.store.view(), cx.scope());
    let route_tables: Vec<Arc<RouteTable>> = view.list(&scope).collect();
    let internet_gateways: Vec<Arc<InternetGateway>> = view.list(&scope).collect();
    let records = NetworkRecords {
        route_tables: route_tables.iter().map(|table| &**table).collect(),
        internet_gateways: internet_gateways.iter().map(|gateway| &**gateway).collect(),
        ..NetworkRecords::default()
    };
    closed_zones(load_balancer, &records).iter().for_each(|zone| cx.warnings.add(zone.to_string()));
}
