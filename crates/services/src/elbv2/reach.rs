//! Warnings about load balancers that nobody outside reaches.

use std::sync::Arc;

use model::ec2::internet_gateway::InternetGateway;
use model::ec2::network_records::NetworkRecords;
use model::ec2::route_table::RouteTable;
use model::ec2::security_group::SecurityGroup;
use model::elbv2::admission::shut_listeners;
use model::elbv2::listener::Listener;
use model::elbv2::load_balancer::LoadBalancer;
use model::elbv2::reach::closed_zones;

use crate::context::Context;

/// Adds a warning to the answer for each zone in which clients outside do not reach a load balancer. Where instances have no
/// networks of their own, nothing is kept from anybody.
pub(super) fn warn_of_closed_zones(cx: &Context, load_balancer: &LoadBalancer) {
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

/// Adds a warning for each of these listeners of a load balancer to which its security groups admit nobody outside, where security
/// groups keep anybody from anything; without a listener one for all that there may be.
pub(super) fn warn_of_shut_listeners<'a>(
    cx: &Context,
    load_balancer: &LoadBalancer,
    listeners: impl IntoIterator<Item = &'a Listener>,
) {
    let host = &cx.settings.host;
    if host.networks.is_none() {
        return;
    }
    let groups: Vec<Arc<SecurityGroup>> = cx.store.view().list(&cx.scope()).collect();
    let groups = groups.iter().map(|group| &**group);
    let shut = shut_listeners(load_balancer, listeners, groups, &host.addresses_of(load_balancer));
    shut.iter().for_each(|listener| cx.warnings.add(listener.to_string()));
}
