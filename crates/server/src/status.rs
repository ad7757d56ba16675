//! What `goru status` shows, as one JSON document made from the records and from what the node and the driver say.

use crate::clock::ServerClock;
use controllers::node_link::NodeStatus;
use model::{
    Arn, Scope,
    ec2::instance::Instance,
    elbv2::{
        admission::{ShutListener, shut_listeners},
        listener::{Listener, ListenerProtocol},
        load_balancer::{EnabledZone, LoadBalancer, LoadBalancerState},
        plan::{HostFacts, groups_in_use, stands_for},
        reach::{ClosedZone, closed_zones},
        rule::Rule,
        target::Target,
        target_group::TargetGroup,
    },
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};
use store::View;

/// What does not come from records.
pub struct Surroundings {
    /// Where the API listens.
    pub api: SocketAddr,
    /// The account.
    pub account: String,
    /// The default region.
    pub region: String,
    /// The compute driver and why it was chosen.
    pub driver: String,
    /// What time it is here.
    pub clock: ServerClock,
}

/// The document. `host` is what the host lets the node listen on, `warnings` what the user should know.
pub fn document(view: &View, node: &NodeStatus, around: &Surroundings, host: &HostFacts, warnings: &[String]) -> Value {
    let listeners: Vec<Arc<Listener>> = view.all().map(|(_, record)| record).collect();
    let rules: Vec<Arc<Rule>> = view.all().map(|(_, record)| record).collect();
    let unreached = unreached(view, &listeners, host);
    let warnings: Vec<String> =
        warnings.iter().cloned().chain(unreached.values().flat_map(Unreached::sentences)).collect();
    json!({
        "api": format!("http://{}", around.api),
        "pid": std::process::id(),
        "version": env!("CARGO_PKG_VERSION"),
        "account": around.account,
        "region": around.region,
        "driver": around.driver,
        "clock": around.clock.document(),
        "revision": view.revision().0,
        "warnings": warnings,
        "node": {
            "connected": node.connected,
            "pid": node.pid,
            "version": node.version,
            "started_at": node.started_at.map(|t| t.to_string()),
            "applied": node.applied,
            "failed_fronts": node.failed_fronts.iter().map(|(front, why)| json!({"front": front, "why": why})).collect::<Vec<_>>(),
        },
        "load_balancers": view.all::<LoadBalancer>().map(|(_, lb)| {
            load_balancer(&lb, &listeners, &rules, host, &unreached[&lb.arn])
        }).collect::<Vec<_>>(),
        "targets": targets(view, &listeners, &rules),
        "instances": view.all::<Instance>().map(|(scope, one)| instance(&scope.region, &one)).collect::<Vec<_>>(),
    })
}

/// What keeps clients outside from a load balancer that is for everybody.
#[derive(Default)]
struct Unreached {
    zones: Vec<ClosedZone>,
    listeners: Vec<ShutListener>,
}

impl Unreached {
    fn sentences(&self) -> impl Iterator<Item = String> + '_ {
        self.zones.iter().map(ToString::to_string).chain(self.listeners.iter().map(ToString::to_string))
    }

    fn has_zone(&self, zone: &EnabledZone) -> bool {
        self.zones.iter().any(|closed| closed.zone == zone.zone)
    }

    fn has_listener(&self, listener: &Listener) -> bool {
        self.listeners.iter().any(|shut| shut.listener == Some((listener.protocol, listener.port)))
    }
}

/// The same of every load balancer; nothing where networks keep nobody from anything.
fn unreached(view: &View, listeners: &[Arc<Listener>], host: &HostFacts) -> BTreeMap<Arn, Unreached> {
    let enforced = host.networks.is_some();
    let records = if enforced { controllers::networks::records(view) } else { BTreeMap::new() };
    let one = |(scope, balancer): (Scope, Arc<LoadBalancer>)| {
        let of_scope = records.get(&scope).filter(|_| enforced);
        let unreached = of_scope.map(|records| {
            let records = records.borrowed();
            let groups = records.security_groups.iter().copied();
            let listeners = listeners.iter().map(|listener| &**listener);
            Unreached {
                zones: closed_zones(&balancer, &records),
                listeners: shut_listeners(&balancer, listeners, groups, &host.addresses_of(&balancer)),
            }
        });
        (balancer.arn.clone(), unreached.unwrap_or_default())
    };
    view.all::<LoadBalancer>().map(one).collect()
}

fn load_balancer(
    lb: &LoadBalancer,
    listeners: &[Arc<Listener>],
    rules: &[Arc<Rule>],
    host: &HostFacts,
    unreached: &Unreached,
) -> Value {
    let own: Vec<&Listener> = listeners.iter().filter(|l| l.load_balancer_arn == lb.arn).map(|l| &**l).collect();
    let of_rules = |listener: &Listener| {
        let arn = listener.arn.clone();
        rules.iter().filter(move |rule| rule.listener_arn == arn).flat_map(|rule| rule.action.target_groups())
    };
    let used = own.iter().flat_map(|l| l.default_action.target_groups().chain(of_rules(l)));
    let groups: BTreeSet<&str> = used.filter_map(name_of).collect();
    let (state, reason) = match &lb.state {
        LoadBalancerState::Provisioning => ("provisioning", None),
        LoadBalancerState::Active => ("active", None),
        LoadBalancerState::Impaired(why) => ("active_impaired", Some(why.as_str())),
    };
    let open = lb.zones.iter().filter(|zone| !unreached.has_zone(zone));
    let addresses: BTreeSet<_> = open.filter_map(|zone| zone.address).collect();
    let hosts = if unreached.zones.len() < lb.zones.len() { hosts(&lb.dns_name, &addresses) } else { Vec::new() };
    let reached = own.iter().filter(|listener| !unreached.has_listener(listener));
    let urls = reached.flat_map(|l| hosts.iter().map(|name| url(l.protocol, name, host.front_port(lb.scheme, l.port))));
    let urls: Vec<String> = urls.collect();
    // The warnings say why.
    let shut = !own.is_empty() && urls.is_empty();
    json!({
        "name": lb.name,
        "arn": lb.arn.to_string(),
        "region": lb.arn.region(),
        "state": state,
        "reason": reason,
        "dns_name": lb.dns_name,
        "addresses": addresses,
        "urls": urls,
        "unreached": shut,
        "target_groups": groups,
    })
}

/// What a load balancer is reached by: its name, or its addresses where the name is one of those that everybody takes for
/// 127.0.0.1 and it does not listen there.
fn hosts(dns_name: &str, addresses: &BTreeSet<IpAddr>) -> Vec<String> {
    let is_elsewhere = !addresses.is_empty() && !addresses.contains(&IpAddr::V4(Ipv4Addr::LOCALHOST));
    if !dns_name.ends_with(".localhost") || !is_elsewhere {
        return vec![dns_name.to_owned()];
    }
    let text = |address: &IpAddr| match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    addresses.iter().map(text).collect()
}

fn url(protocol: ListenerProtocol, host: &str, port: u16) -> String {
    let (scheme, usual) = match protocol {
        ListenerProtocol::Http => ("http", 80),
        ListenerProtocol::Https => ("https", 443),
    };
    if port == usual { format!("{scheme}://{host}/") } else { format!("{scheme}://{host}:{port}/") }
}

fn targets(view: &View, listeners: &[Arc<Listener>], rules: &[Arc<Rule>]) -> Vec<Value> {
    let used = groups_in_use(listeners.iter().map(|listener| &**listener), rules.iter().map(|rule| &**rule));
    let one = |(scope, target): (model::Scope, Arc<Target>)| {
        let group = view.get::<TargetGroup>(&scope, target.target_group_arn.to_string())?;
        let instance = view.list::<Instance>(&scope).find(|one| stands_for(&target.key, &group.vpc_id, one));
        let balancers: Vec<Arc<LoadBalancer>> = used
            .get(&group.arn)
            .into_iter()
            .flatten()
            .filter_map(|arn| view.get::<LoadBalancer>(&scope, arn.to_string()))
            .collect();
        let health = services::elbv2::shown_health(&target, &group, instance.as_deref(), &balancers);
        Some(json!({
            "target_group": group.name,
            "target": target.key.to_string(),
            "zone": instance.map(|i| i.zone.clone()).unwrap_or_default(),
            "state": health.state,
            "reason": health.reason,
            "description": health.description.unwrap_or_default(),
        }))
    };
    view.all::<Target>().filter_map(one).collect()
}

fn instance(region: &str, instance: &Instance) -> Value {
    let runtime = instance.runtime.as_ref();
    json!({
        "id": instance.id,
        "region": region,
        "name": instance.tags.get("Name").unwrap_or(""),
        "state": instance.state.name(),
        "zone": instance.zone,
        "type": instance.instance_type,
        "image": instance.image_id,
        "private_address": instance.private_address,
        "address": runtime.map(|r| r.address.to_string()),
        "pid": runtime.and_then(|r| r.pid),
        "reachable": runtime.map(|r| r.reachable),
        "started_at": runtime.map(|r| r.started_at.to_string()),
    })
}

fn name_of(target_group: &Arn) -> Option<&str> {
    target_group.resource().split('/').nth(1)
}

/// Events for `goru events`, and the number to go on from.
pub fn events(events: &[store::event::NumberedEvent], after: u64) -> (Vec<Value>, u64) {
    let next = events.last().map_or(after, |last| last.sequence);
    let one = |numbered: &store::event::NumberedEvent| {
        let model::event::Event { at, scope, subject, what, message } = &numbered.event;
        json!({
            "sequence": numbered.sequence,
            "time": at.to_string(),
            "account": scope.account,
            "region": scope.region,
            "subject": subject,
            "what": what,
            "message": message,
        })
    };
    (events.iter().map(one).collect(), next)
}
