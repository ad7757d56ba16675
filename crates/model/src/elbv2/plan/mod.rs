//! DECIDER: records to the snapshot that the data plane runs, and which addresses a load balancer gets.

mod fronts;
mod host;

pub use fronts::left_out;
pub use host::{HostFacts, readdressed};

use super::{
    attribute::{Attributes, LISTENER, LOAD_BALANCER, TARGET_GROUP},
    certificate::CertificatePlan,
    group_health::MinimumHealthy,
    interfaces::{is_used, towards},
    listener::{Listener, ListenerProtocol, MutualAuthentication},
    load_balancer::LoadBalancer,
    rule::Rule,
    snapshot::{
        DesyncMode, ListenerPlan, LoadBalancerPlan, LoadBalancingSnapshot, LogBucket, MaintenancePage, NodeInterface,
        RulePlan, TargetGroupPlan, TargetPlan, TlsHeaderNames, TlsPlan, XffMode,
    },
    stickiness::{CookieKey, Stickiness},
    target::{Target, TargetId, TargetKey},
    target_group::{LoadBalancingAlgorithm, TargetGroup},
    trust_store::{TrustStore, TrustStorePlan},
};
use crate::{
    Arn, Timestamp,
    acm::certificate::Certificate,
    ec2::{
        instance::Instance, internet_gateway::InternetGateway, network_interface::NetworkInterface,
        network_plan::HostTag, network_records::NetworkRecords, route_table::RouteTable, security_group::SecurityGroup,
        vpc::Vpc,
    },
    iam::ServerCertificate,
    id::{InstanceId, SecurityGroupId, VpcId},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

/// Where namespaces have their names.
const NAMESPACES: &str = "/run/netns";

/// The records that the snapshot is made from.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Every load balancer.
    pub load_balancers: Vec<Arc<LoadBalancer>>,
    /// Every listener.
    pub listeners: Vec<Arc<Listener>>,
    /// Every rule.
    pub rules: Vec<Arc<Rule>>,
    /// Every certificate of ACM.
    pub certificates: Vec<Arc<Certificate>>,
    /// Every certificate of IAM.
    pub server_certificates: Vec<Arc<ServerCertificate>>,
    /// Every trust store.
    pub trust_stores: Vec<Arc<TrustStore>>,
    /// What seals cookies, the newest first.
    pub cookie_keys: Vec<CookieKey>,
    /// Every target group.
    pub target_groups: Vec<Arc<TargetGroup>>,
    /// Every registered target.
    pub targets: Vec<Arc<Target>>,
    /// Every instance.
    pub instances: Vec<Arc<Instance>>,
    /// Every interface that is not an instance's.
    pub interfaces: Vec<Arc<NetworkInterface>>,
    /// Every VPC.
    pub vpcs: Vec<Arc<Vpc>>,
    /// Every route table.
    pub route_tables: Vec<Arc<RouteTable>>,
    /// Every internet gateway.
    pub internet_gateways: Vec<Arc<InternetGateway>>,
    /// Every security group.
    pub security_groups: Vec<Arc<SecurityGroup>>,
}

/// The snapshot of these records. A load balancer is left out only while none of its zones has an address: one that
/// just gets another zone is served in the others meanwhile.
pub fn plan(records: &Records, host: &HostFacts, generation: u64) -> LoadBalancingSnapshot {
    let index = Index::new(records, host);
    let served: Vec<&Arc<LoadBalancer>> =
        records.load_balancers.iter().filter(|lb| lb.zones.iter().any(|zone| zone.address.is_some())).collect();
    let load_balancers: Vec<LoadBalancerPlan> = served.iter().map(|lb| load_balancer_plan(lb, &index)).collect();
    LoadBalancingSnapshot {
        generation,
        fronts: fronts::fronts(&served, &index, host),
        target_groups: served.iter().flat_map(|lb| target_group_plans(lb, &index)).collect(),
        certificates: certificate_plans(&load_balancers, records),
        trust_stores: trust_store_plans(&load_balancers, records),
        cookie_keys: records.cookie_keys.clone(),
        bucket_dir: host.bucket_dir.clone(),
        load_balancers,
    }
}

/// Which load balancers send requests to each target group, by their listeners' default actions and rules.
pub fn groups_in_use<'a>(
    listeners: impl Iterator<Item = &'a Listener>,
    rules: impl Iterator<Item = &'a Rule>,
) -> BTreeMap<&'a Arn, BTreeSet<&'a Arn>> {
    let mut used: BTreeMap<&Arn, BTreeSet<&Arn>> = BTreeMap::new();
    let mut balancers: BTreeMap<&Arn, &Arn> = BTreeMap::new();
    for listener in listeners {
        balancers.insert(&listener.arn, &listener.load_balancer_arn);
        for group in listener.default_action.target_groups() {
            used.entry(group).or_default().insert(&listener.load_balancer_arn);
        }
    }
    for rule in rules {
        let Some(balancer) = balancers.get(&rule.listener_arn) else { continue };
        for group in rule.action.target_groups() {
            used.entry(group).or_default().insert(balancer);
        }
    }
    used
}

/// When a deregistering target gets its last byte.
pub fn drained_at(target: &Target, group: &TargetGroup) -> Option<Timestamp> {
    let delay = group.attributes.number(TARGET_GROUP, "deregistration_delay.timeout_seconds");
    target.deregistered_at.map(|at| at.plus(Duration::from_secs(delay)))
}

/// What a node knows the present life of a target by: when it was registered or, later than that, when its instance came
/// up. A target whose instance was stopped in between begins as `initial` again, as on AWS; one whose instance was merely
/// rebooted goes on as it was.
pub fn registration_of(target: &Target, instance: Option<&Instance>) -> Timestamp {
    let up = instance.filter(|instance| instance.address().is_some()).map(|instance| instance.state_changed_at);
    up.map_or(target.registered_at, |up| up.max(target.registered_at))
}

/// Whether this is the instance that a target of a group in `vpc` stands for.
pub fn stands_for(key: &TargetKey, vpc: &VpcId, instance: &Instance) -> bool {
    match &key.id {
        TargetId::Instance(id) => *id == instance.id,
        TargetId::Ip(address) => *vpc == instance.vpc_id && *address == instance.private_address && instance.occupies(),
    }
}

struct Index<'a> {
    listeners: BTreeMap<&'a Arn, Vec<&'a Listener>>,
    rules: BTreeMap<&'a Arn, Vec<&'a Rule>>,
    /// Host names that the certificates of a listener are for.
    certified: BTreeMap<&'a Arn, &'a [String]>,
    groups: BTreeMap<&'a Arn, &'a TargetGroup>,
    targets: BTreeMap<&'a Arn, Vec<&'a Target>>,
    instances: BTreeMap<&'a InstanceId, &'a Instance>,
    private_addresses: BTreeMap<(&'a VpcId, Ipv4Addr), &'a Instance>,
    /// The interfaces of each load balancer, where they are used.
    interfaces: Option<Interfaces<'a>>,
    vpcs: BTreeMap<&'a VpcId, &'a Vpc>,
    routes: NetworkRecords<'a>,
    security_groups: BTreeMap<&'a SecurityGroupId, &'a SecurityGroup>,
}

/// The interfaces of load balancers on this host.
struct Interfaces<'a> {
    tag: &'a HostTag,
    by_owner: BTreeMap<&'a Arn, Vec<&'a NetworkInterface>>,
}

impl<'a> Interfaces<'a> {
    fn new(tag: &'a HostTag, records: &'a [Arc<NetworkInterface>]) -> Self {
        let mut by_owner: BTreeMap<&Arn, Vec<&NetworkInterface>> = BTreeMap::new();
        for interface in records {
            if let Some(load_balancer) = interface.owner.load_balancer() {
                by_owner.entry(load_balancer).or_default().push(interface);
            }
        }
        Self { tag, by_owner }
    }

    /// Those of a load balancer, in the subnets that it has now.
    fn of(&self, load_balancer: &LoadBalancer) -> impl Iterator<Item = &'a NetworkInterface> + Clone {
        let all = self.by_owner.get(&load_balancer.arn).map_or(&[][..], Vec::as_slice).iter().copied();
        all.filter(|interface| is_used(load_balancer, interface))
    }

    /// From which interface a load balancer reaches a zone: its own one there, or else another one.
    fn towards(&self, zone: &str, load_balancer: &LoadBalancer) -> Option<NodeInterface> {
        let interface = towards(load_balancer, zone, self.of(load_balancer))?;
        Some(NodeInterface { namespace: self.edge_of(interface), address: interface.private_address })
    }

    /// The file of the namespace that an interface is in.
    fn edge_of(&self, interface: &NetworkInterface) -> String {
        let namespace = Path::new(NAMESPACES).join(self.tag.edge_namespace(&interface.vpc_id));
        namespace.to_string_lossy().into_owned()
    }
}

impl<'a> Index<'a> {
    fn new(records: &'a Records, host: &'a HostFacts) -> Self {
        let mut listeners: BTreeMap<&Arn, Vec<&Listener>> = BTreeMap::new();
        for listener in &records.listeners {
            listeners.entry(&listener.load_balancer_arn).or_default().push(listener);
        }
        let mut rules: BTreeMap<&Arn, Vec<&Rule>> = BTreeMap::new();
        for rule in &records.rules {
            rules.entry(&rule.listener_arn).or_default().push(rule);
        }
        rules.values_mut().for_each(|rules| rules.sort_by_key(|rule| rule.priority));
        let of_acm = records.certificates.iter().map(|one| (&one.arn, one.facts.names.as_slice()));
        let of_iam = records.server_certificates.iter().map(|one| (&one.arn, one.facts.names.as_slice()));
        let mut targets: BTreeMap<&Arn, Vec<&Target>> = BTreeMap::new();
        for target in &records.targets {
            targets.entry(&target.target_group_arn).or_default().push(target);
        }
        let running = records.instances.iter().filter(|instance| instance.address().is_some());
        Self {
            listeners,
            rules,
            certified: of_acm.chain(of_iam).collect(),
            groups: records.target_groups.iter().map(|group| (&group.arn, &**group)).collect(),
            targets,
            instances: records.instances.iter().map(|instance| (&instance.id, &**instance)).collect(),
            private_addresses: running.map(|i| ((&i.vpc_id, i.private_address), &**i)).collect(),
            interfaces: host.networks.as_ref().map(|tag| Interfaces::new(tag, &records.interfaces)),
            vpcs: records.vpcs.iter().map(|vpc| (&vpc.id, &**vpc)).collect(),
            routes: NetworkRecords {
                route_tables: records.route_tables.iter().map(|table| &**table).collect(),
                internet_gateways: records.internet_gateways.iter().map(|gateway| &**gateway).collect(),
                ..NetworkRecords::default()
            },
            security_groups: records.security_groups.iter().map(|group| (&group.id, &**group)).collect(),
        }
    }

    fn listeners(&self, load_balancer: &Arn) -> &[&'a Listener] {
        self.listeners.get(load_balancer).map_or(&[], Vec::as_slice)
    }

    fn rules(&self, listener: &Arn) -> &[&'a Rule] {
        self.rules.get(listener).map_or(&[], Vec::as_slice)
    }

    fn security_groups_of<'s>(
        &'s self,
        load_balancer: &'s LoadBalancer,
    ) -> impl Iterator<Item = &'a SecurityGroup> + 's {
        load_balancer.security_groups.iter().filter_map(|id| self.security_groups.get(id).copied())
    }

    /// The target groups that a load balancer sends to.
    fn groups_of(&self, load_balancer: &Arn) -> BTreeSet<&'a Arn> {
        let listeners = self.listeners(load_balancer).iter();
        let of_rules =
            |listener: &&'a Listener| self.rules(&listener.arn).iter().flat_map(|rule| rule.action.target_groups());
        listeners.flat_map(|listener| listener.default_action.target_groups().chain(of_rules(listener))).collect()
    }

    /// Where a target is reached, and the instance that it is; none while it cannot be reached.
    fn place(&self, target: &Target, group: &TargetGroup) -> Option<(SocketAddr, Option<&'a Instance>)> {
        let (address, instance) = match &target.key.id {
            TargetId::Instance(id) => {
                let instance = *self.instances.get(id)?;
                (instance.address()?, Some(instance))
            }
            TargetId::Ip(address) => match self.private_addresses.get(&(&group.vpc_id, *address)) {
                Some(instance) => (instance.address()?, Some(*instance)),
                None => (IpAddr::V4(*address), None),
            },
        };
        Some((SocketAddr::new(address, target.key.port), instance))
    }

    /// Whether a target is in its group's network: an instance, or something else that has an address there.
    fn is_inside(&self, target: &Target, group: &TargetGroup) -> bool {
        match &target.key.id {
            TargetId::Instance(_) => true,
            TargetId::Ip(address) => self.vpcs.get(&group.vpc_id).is_some_and(|vpc| vpc.cidr.contains(*address)),
        }
    }
}

fn load_balancer_plan(load_balancer: &LoadBalancer, index: &Index<'_>) -> LoadBalancerPlan {
    let attributes = &load_balancer.attributes;
    let number = |key| u32::try_from(attributes.number(LOAD_BALANCER, key)).unwrap_or(u32::MAX);
    let enabled = |key| attributes.enabled(LOAD_BALANCER, key);
    let bucket = |kind: &str| {
        let get = |key: &str| attributes.get(LOAD_BALANCER, &format!("{kind}.s3.{key}")).to_owned();
        (get("enabled") == "true").then(|| LogBucket { bucket: get("bucket"), prefix: get("prefix") })
    };
    LoadBalancerPlan {
        arn: load_balancer.arn.clone(),
        dimension: load_balancer.dimension().to_owned(),
        dns_name: load_balancer.dns_name.clone(),
        idle_timeout_seconds: number("idle_timeout.timeout_seconds"),
        client_keep_alive_seconds: number("client_keep_alive.seconds"),
        drop_invalid_header_fields: enabled("routing.http.drop_invalid_header_fields.enabled"),
        preserve_host_header: enabled("routing.http.preserve_host_header.enabled"),
        xff_client_port: enabled("routing.http.xff_client_port.enabled"),
        xff_mode: match attributes.get(LOAD_BALANCER, "routing.http.xff_header_processing.mode") {
            "preserve" => XffMode::Preserve,
            "remove" => XffMode::Remove,
            _ => XffMode::Append,
        },
        desync_mode: match attributes.get(LOAD_BALANCER, "routing.http.desync_mitigation_mode") {
            "monitor" => DesyncMode::Monitor,
            "strictest" => DesyncMode::Strictest,
            _ => DesyncMode::Defensive,
        },
        http2: enabled("routing.http2.enabled"),
        tls_headers: enabled("routing.http.x_amzn_tls_version_and_cipher_suite.enabled"),
        access_logs: bucket("access_logs"),
        connection_logs: bucket("connection_logs"),
        health_check_logs: bucket("health_check_logs"),
        listeners: index.listeners(&load_balancer.arn).iter().map(|listener| listener_plan(listener, index)).collect(),
    }
}

fn listener_plan(listener: &Listener, index: &Index<'_>) -> ListenerPlan {
    ListenerPlan {
        arn: listener.arn.clone(),
        port: listener.port,
        tls: match listener.protocol {
            ListenerProtocol::Http => None,
            ListenerProtocol::Https => listener.tls.as_ref().map(|tls| TlsPlan {
                policy: tls.policy.clone(),
                certificates: std::iter::once(&tls.default_certificate).chain(&tls.certificates).cloned().collect(),
                mutual: tls.mutual.clone(),
            }),
        },
        server_header: listener.attributes.enabled(LISTENER, "routing.http.response.server.enabled"),
        response_headers: response_headers(&listener.attributes),
        tls_header_names: tls_header_names(&listener.attributes),
        rules: index.rules(&listener.arn).iter().map(|rule| rule_plan(rule)).collect(),
        default_action: listener.default_action.clone(),
    }
}

fn rule_plan(rule: &Rule) -> RulePlan {
    RulePlan {
        priority: rule.priority,
        conditions: rule.conditions.clone(),
        action: rule.action.clone(),
        transforms: rule.transforms.clone(),
    }
}

/// Header fields that listener attributes add to answers, by the middle of the attribute's key.
const RESPONSE_HEADERS: &[(&str, &str)] = &[
    ("strict_transport_security", "Strict-Transport-Security"),
    ("access_control_allow_origin", "Access-Control-Allow-Origin"),
    ("access_control_allow_methods", "Access-Control-Allow-Methods"),
    ("access_control_allow_headers", "Access-Control-Allow-Headers"),
    ("access_control_allow_credentials", "Access-Control-Allow-Credentials"),
    ("access_control_expose_headers", "Access-Control-Expose-Headers"),
    ("access_control_max_age", "Access-Control-Max-Age"),
    ("content_security_policy", "Content-Security-Policy"),
    ("x_content_type_options", "X-Content-Type-Options"),
    ("x_frame_options", "X-Frame-Options"),
];

fn response_headers(attributes: &Attributes) -> Vec<(String, String)> {
    let value = |key: &str| attributes.get(LISTENER, &format!("routing.http.response.{key}.header_value"));
    let set = RESPONSE_HEADERS.iter().map(|(key, name)| (*name, value(key))).filter(|(_, value)| !value.is_empty());
    set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn tls_header_names(attributes: &Attributes) -> TlsHeaderNames {
    let name = |key: &str| {
        let name = attributes.get(LISTENER, &format!("routing.http.request.{key}.header_name"));
        (!name.is_empty()).then(|| name.to_owned())
    };
    TlsHeaderNames {
        client_certificate: name("x_amzn_mtls_clientcert"),
        serial_number: name("x_amzn_mtls_clientcert_serial_number"),
        issuer: name("x_amzn_mtls_clientcert_issuer"),
        subject: name("x_amzn_mtls_clientcert_subject"),
        validity: name("x_amzn_mtls_clientcert_validity"),
        leaf: name("x_amzn_mtls_clientcert_leaf"),
        tls_version: name("x_amzn_tls_version"),
        tls_cipher_suite: name("x_amzn_tls_cipher_suite"),
    }
}

fn target_group_plans(load_balancer: &LoadBalancer, index: &Index<'_>) -> Vec<TargetGroupPlan> {
    let zones: BTreeSet<&str> = load_balancer.zones.iter().map(|zone| zone.zone.as_str()).collect();
    let groups = index.groups_of(&load_balancer.arn).into_iter().filter_map(|arn| index.groups.get(arn));
    groups.map(|group| target_group_plan(group, load_balancer, &zones, index)).collect()
}

fn target_group_plan(
    group: &TargetGroup,
    load_balancer: &LoadBalancer,
    zones: &BTreeSet<&str>,
    index: &Index<'_>,
) -> TargetGroupPlan {
    let registered = index.targets.get(&group.arn).map_or(&[][..], Vec::as_slice);
    let target_plan = |target: &&Target| {
        let (address, instance) = index.place(target, group)?;
        let zone = instance.map_or_else(String::new, |instance| instance.zone.clone());
        let enabled = zone.is_empty() || zones.contains(zone.as_str());
        let interface = match &index.interfaces {
            // Without its interface, which is made in a moment, the load balancer reaches nothing in there.
            Some(interfaces) if index.is_inside(target, group) => Some(interfaces.towards(&zone, load_balancer)?),
            Some(_) | None => None,
        };
        enabled.then(|| TargetPlan {
            key: target.key.clone(),
            address,
            interface,
            zone,
            registered_at: registration_of(target, instance),
            drained_at: drained_at(target, group),
            health: target.health.clone(),
        })
    };
    let attributes = &group.attributes;
    let number = |key| u32::try_from(attributes.number(TARGET_GROUP, key)).unwrap_or(u32::MAX);
    TargetGroupPlan {
        arn: group.arn.clone(),
        dimension: group.dimension().to_owned(),
        health_check: group.health_check.clone(),
        protocol: group.protocol,
        protocol_version: group.protocol_version,
        algorithm: algorithm(attributes),
        slow_start_seconds: number("slow_start.duration_seconds"),
        stickiness: stickiness(attributes),
        // An Application Load Balancer's own setting is always on.
        cross_zone: attributes.get(TARGET_GROUP, "load_balancing.cross_zone.enabled") != "false",
        dns_failover: minimum_healthy(attributes, "dns_failover"),
        routing_failover: minimum_healthy(attributes, "unhealthy_state_routing"),
        retry: attributes.enabled(TARGET_GROUP, "goru.retry.enabled"),
        maintenance: maintenance(attributes),
        hold_seconds: number("goru.hold.timeout_seconds"),
        targets: registered.iter().filter_map(target_plan).collect(),
    }
}

fn algorithm(attributes: &Attributes) -> LoadBalancingAlgorithm {
    let get = |key: &str| attributes.get(TARGET_GROUP, &format!("load_balancing.algorithm.{key}"));
    match get("type") {
        "least_outstanding_requests" => LoadBalancingAlgorithm::LeastOutstandingRequests,
        "weighted_random" => {
            LoadBalancingAlgorithm::WeightedRandom { anomaly_mitigation: get("anomaly_mitigation") == "on" }
        }
        _ => LoadBalancingAlgorithm::RoundRobin,
    }
}

/// How clients stay with a target, by the attributes of a target group.
pub fn stickiness(attributes: &Attributes) -> Option<Stickiness> {
    let seconds = |key| u32::try_from(attributes.number(TARGET_GROUP, key)).unwrap_or(u32::MAX);
    attributes.enabled(TARGET_GROUP, "stickiness.enabled").then(|| {
        match attributes.get(TARGET_GROUP, "stickiness.type") {
            "app_cookie" => Stickiness::AppCookie {
                name: attributes.get(TARGET_GROUP, "stickiness.app_cookie.cookie_name").to_owned(),
                duration_seconds: seconds("stickiness.app_cookie.duration_seconds"),
            },
            _ => Stickiness::LbCookie { duration_seconds: seconds("stickiness.lb_cookie.duration_seconds") },
        }
    })
}

/// A threshold of a target group's health, `dns_failover` or `unhealthy_state_routing`, by its attributes.
pub fn minimum_healthy(attributes: &Attributes, which: &str) -> MinimumHealthy {
    // "off" is no number, and so is a key that the table does not have.
    let get = |key: &str| {
        let key = format!("target_group_health.{which}.minimum_healthy_targets.{key}");
        attributes.get(TARGET_GROUP, &key).parse().ok()
    };
    MinimumHealthy { count: get("count"), percentage: get("percentage") }
}

fn maintenance(attributes: &Attributes) -> Option<MaintenancePage> {
    let get = |key: &str| attributes.get(TARGET_GROUP, &format!("goru.maintenance.{key}")).to_owned();
    attributes.enabled(TARGET_GROUP, "goru.maintenance.enabled").then(|| MaintenancePage {
        body: get("body"),
        content_type: get("content_type"),
        retry_after_seconds: get("retry_after_seconds").parse().unwrap_or(0),
    })
}

/// The certificates that the listeners of these load balancers name, each once.
fn certificate_plans(load_balancers: &[LoadBalancerPlan], records: &Records) -> Vec<CertificatePlan> {
    let named: BTreeSet<&Arn> = tls_plans(load_balancers).flat_map(|tls| &tls.certificates).collect();
    let chain = |certificate: &str, chain: &str| format!("{}\n{}", certificate.trim_end(), chain);
    let of_acm = records.certificates.iter().filter(|one| named.contains(&one.arn)).map(|one| CertificatePlan {
        arn: one.arn.clone(),
        facts: one.facts.clone(),
        chain_pem: chain(&one.certificate_pem, &one.chain_pem),
        private_key_pem: one.private_key_pem.clone(),
    });
    let of_iam = records.server_certificates.iter().filter(|one| named.contains(&one.arn)).map(|one| CertificatePlan {
        arn: one.arn.clone(),
        facts: one.facts.clone(),
        chain_pem: chain(&one.certificate_pem, &one.chain_pem),
        private_key_pem: one.private_key_pem.clone(),
    });
    of_acm.chain(of_iam).collect()
}

/// The trust stores that the listeners of these load balancers name, each once.
fn trust_store_plans(load_balancers: &[LoadBalancerPlan], records: &Records) -> Vec<TrustStorePlan> {
    let named = |tls: &TlsPlan| match &tls.mutual {
        MutualAuthentication::Verify { trust_store, ignore_expiry: _, advertise_ca_names: _ } => {
            Some(trust_store.clone())
        }
        MutualAuthentication::Off | MutualAuthentication::Passthrough => None,
    };
    let named: BTreeSet<Arn> = tls_plans(load_balancers).filter_map(named).collect();
    let plan = |store: &Arc<TrustStore>| TrustStorePlan {
        arn: store.arn.clone(),
        ca_certificates_pem: store.ca_certificates_pem.clone(),
        revocation_files: store.revocations.iter().map(|list| list.file.clone()).collect(),
    };
    records.trust_stores.iter().filter(|store| named.contains(&store.arn)).map(plan).collect()
}

fn tls_plans(load_balancers: &[LoadBalancerPlan]) -> impl Iterator<Item = &TlsPlan> {
    load_balancers.iter().flat_map(|balancer| &balancer.listeners).filter_map(|listener| listener.tls.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Tags,
        ec2::{
            network_interface::InterfaceOwner,
            route_table::{Route, RouteTableAssociation, RouteTarget},
            security_group::{Direction, Peer, SecurityGroupRule, Traffic},
        },
        elbv2::{
            action::Action,
            admission::Admission,
            attribute::Attributes,
            health_check::HealthCheck,
            listener::ListenerProtocol,
            load_balancer::{EnabledZone, LoadBalancerKind, LoadBalancerState, Scheme},
            snapshot::Front,
            target_group::{ProtocolVersion, TargetProtocol, TargetType},
        },
    };

    const A: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1));
    const B: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    const C: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));

    fn host(addresses: &[IpAddr]) -> HostFacts {
        HostFacts {
            public_addresses: addresses.to_vec(),
            internal_address: C,
            lowest_port: 1024,
            port_offset: 8000,
            bucket_dir: "/buckets".into(),
            networks: None,
        }
    }

    fn zones(addresses: [Option<IpAddr>; 2]) -> Vec<EnabledZone> {
        let zone = |(address, name): (Option<IpAddr>, &str)| EnabledZone {
            zone: format!("ap-northeast-2{name}"),
            subnet_id: format!("subnet-0000000{}", if name == "a" { 1 } else { 2 }).parse().unwrap(),
            address,
        };
        addresses.into_iter().zip(["a", "b"]).map(zone).collect()
    }

    fn arn(resource: &str) -> Arn {
        Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", resource)
    }

    fn load_balancer(name: &str, addresses: [Option<IpAddr>; 2]) -> Arc<LoadBalancer> {
        Arc::new(LoadBalancer {
            arn: arn(&format!("loadbalancer/app/{name}/0")),
            name: name.to_owned(),
            kind: LoadBalancerKind::Application,
            scheme: Scheme::InternetFacing,
            dns_name: format!("{name}.Elb.localhost"),
            canonical_hosted_zone_id: "Z1".to_owned(),
            vpc_id: "vpc-00000001".parse().unwrap(),
            zones: zones(addresses),
            security_groups: vec![],
            attributes: Attributes::default(),
            created_at: Timestamp::default(),
            state: LoadBalancerState::Active,
            tags: Tags::default(),
        })
    }

    fn listener(load_balancer: &str, port: u16, group: &str) -> Arc<Listener> {
        Arc::new(Listener {
            arn: arn(&format!("listener/app/{load_balancer}/0/{port}")),
            load_balancer_arn: arn(&format!("loadbalancer/app/{load_balancer}/0")),
            port,
            protocol: ListenerProtocol::Http,
            tls: None,
            default_action: Action::forward_to(arn(&format!("targetgroup/{group}/0"))),
            default_action_form: Default::default(),
            attributes: Attributes::default(),
            created_at: Timestamp::default(),
            tags: Tags::default(),
            default_rule_tags: Tags::default(),
        })
    }

    fn group(name: &str) -> Arc<TargetGroup> {
        Arc::new(TargetGroup {
            arn: arn(&format!("targetgroup/{name}/0")),
            name: name.to_owned(),
            protocol: TargetProtocol::Http,
            protocol_version: ProtocolVersion::Http1,
            port: 3000,
            vpc_id: "vpc-00000001".parse().unwrap(),
            target_type: TargetType::Ip,
            health_check: HealthCheck::default(),
            attributes: Attributes::default(),
            created_at: Timestamp::default(),
            tags: Tags::default(),
        })
    }

    fn target(group: &str, address: [u8; 4], deregistered_at: Option<Timestamp>) -> Arc<Target> {
        Arc::new(Target {
            target_group_arn: arn(&format!("targetgroup/{group}/0")),
            key: TargetKey { id: TargetId::Ip(address.into()), port: 3000 },
            registered_at: Timestamp::default(),
            deregistered_at,
            health: None,
            anomaly: Default::default(),
        })
    }

    #[test]
    fn nodes_get_addresses_of_their_own_where_there_are_enough() {
        let table: [(&[IpAddr], &[IpAddr], [IpAddr; 2]); 4] =
            [(&[A], &[], [A, A]), (&[A, B], &[], [A, B]), (&[A, B, C], &[A], [B, C]), (&[A, B], &[A], [A, B])];
        let addresses = |before: [Option<IpAddr>; 2], scheme, taken: &[IpAddr], host: &HostFacts| {
            let load_balancer = LoadBalancer { scheme, ..LoadBalancer::clone(&load_balancer("one", before)) };
            let zones = readdressed(&load_balancer, &[], &taken.iter().copied().collect(), host);
            zones.map(|zones| zones.iter().filter_map(|zone| zone.address).collect::<Vec<_>>())
        };
        for (public, taken, expected) in table {
            let assigned = addresses([None, None], Scheme::InternetFacing, taken, &host(public));
            assert_eq!(assigned.unwrap(), expected, "{public:?} {taken:?}");
        }
        let kept = addresses([Some(B), None], Scheme::InternetFacing, &[B], &host(&[A, B]));
        assert_eq!(kept.unwrap(), [B, A]);
        assert_eq!(addresses([Some(A), Some(B)], Scheme::InternetFacing, &[A, B], &host(&[A, B])), None);
        let withdrawn = addresses([Some(A), Some(B)], Scheme::InternetFacing, &[B], &host(&[B, C]));
        assert_eq!(withdrawn.unwrap(), [C, B], "an address that left the configuration is replaced");
        let internal = addresses([None, None], Scheme::Internal, &[], &host(&[A, B]));
        assert_eq!(internal.unwrap(), [C, C]);
    }

    /// An interface of a load balancer's in the subnet of zone `a` (1) or `b` (2).
    fn interface(load_balancer: &str, subnet: u8, address: [u8; 4]) -> Arc<NetworkInterface> {
        Arc::new(NetworkInterface {
            id: format!("eni-0000000{subnet}").parse().unwrap(),
            vpc_id: "vpc-00000001".parse().unwrap(),
            subnet_id: format!("subnet-0000000{subnet}").parse().unwrap(),
            zone: format!("ap-northeast-2{}", if subnet == 1 { "a" } else { "b" }),
            private_address: address.into(),
            owner: InterfaceOwner::LoadBalancer(arn(&format!("loadbalancer/app/{load_balancer}/0"))),
            security_groups: vec![],
            description: String::new(),
            created_at: Timestamp::default(),
            tags: Tags::default(),
        })
    }

    fn in_networks() -> HostFacts {
        HostFacts { networks: Some("0a1b2c".parse().unwrap()), ..host(&[A, B]) }
    }

    fn internal(name: &str, addresses: [Option<IpAddr>; 2]) -> Arc<LoadBalancer> {
        Arc::new(LoadBalancer { scheme: Scheme::Internal, ..LoadBalancer::clone(&load_balancer(name, addresses)) })
    }

    #[test]
    fn in_a_network_internal_load_balancers_have_the_addresses_of_their_interfaces() {
        let [one, two]: [IpAddr; 2] = ["10.0.1.4".parse().unwrap(), "10.0.2.4".parse().unwrap()];
        let interfaces = [interface("one", 1, [10, 0, 1, 4]), interface("other", 2, [10, 0, 2, 9])];
        let none = BTreeSet::new();
        let zones = readdressed(&internal("one", [Some(C), Some(C)]), &interfaces, &none, &in_networks()).unwrap();
        assert_eq!(zones.iter().map(|zone| zone.address).collect::<Vec<_>>(), [Some(one), None]);
        let interfaces = [interface("one", 1, [10, 0, 1, 4]), interface("one", 2, [10, 0, 2, 4])];
        let settled = internal("one", [Some(one), Some(two)]);
        assert_eq!(readdressed(&settled, &interfaces, &none, &in_networks()), None);
        let back = readdressed(&settled, &interfaces, &none, &host(&[A, B])).unwrap();
        assert_eq!(back.iter().map(|zone| zone.address).collect::<Vec<_>>(), [Some(C), Some(C)]);
    }

    /// The table of a public subnet.
    fn public_routes(subnet: u8) -> Arc<RouteTable> {
        Arc::new(RouteTable {
            id: "rtb-00000001".parse().unwrap(),
            vpc_id: "vpc-00000001".parse().unwrap(),
            main_association_id: None,
            associations: vec![RouteTableAssociation {
                id: "rtbassoc-00000001".parse().unwrap(),
                subnet_id: format!("subnet-0000000{subnet}").parse().unwrap(),
            }],
            routes: vec![Route {
                destination: "0.0.0.0/0".parse().unwrap(),
                target: RouteTarget::InternetGateway("igw-00000001".parse().unwrap()),
            }],
            tags: Tags::default(),
        })
    }

    #[test]
    fn in_a_network_load_balancers_listen_at_their_interfaces_and_internal_ones_nowhere_else() {
        let address = |text: &str| Some(text.parse().unwrap());
        let records = Records {
            load_balancers: vec![
                load_balancer("web", [Some(A), Some(B)]),
                internal("app", [address("10.0.1.5"), None]),
                internal("new", [None, None]),
            ],
            listeners: vec![listener("web", 80, "g"), listener("app", 80, "h"), listener("new", 80, "i")],
            interfaces: vec![interface("web", 1, [10, 0, 1, 4]), interface("app", 1, [10, 0, 1, 5])],
            route_tables: vec![public_routes(1)],
            internet_gateways: vec![Arc::new(InternetGateway {
                id: "igw-00000001".parse().unwrap(),
                vpc_id: Some("vpc-00000001".parse().unwrap()),
                tags: Tags::default(),
            })],
            ..Records::default()
        };
        let places = |host: &HostFacts| -> BTreeSet<String> {
            let snapshot = plan(&records, host, 1);
            assert!(snapshot.fronts.iter().all(|front| front.listeners[0].zones.len() == 1));
            snapshot.fronts.iter().map(|front| front.place.to_string()).collect()
        };
        let inside = |address: &str| format!("{address}:80%/run/netns/goru-0a1b2c-edge-vpc-00000001");
        // Nobody outside reaches zone b: no route of its subnet leads to an internet gateway.
        let expected = [inside("10.0.1.4"), inside("10.0.1.5"), "127.0.0.1:8080".to_owned()];
        assert_eq!(places(&in_networks()), expected.into());
        let snapshot = plan(&records, &in_networks(), 1);
        assert_eq!(snapshot.load_balancers.len(), 2, "one without an interface is not served yet");
    }

    #[test]
    fn at_the_host_a_front_takes_whom_security_groups_admit_to_the_port_in_the_api() {
        let rule = SecurityGroupRule {
            id: "sgr-00000001".parse().unwrap(),
            direction: Direction::Ingress,
            traffic: Traffic::Tcp(80, 80),
            peer: Peer::Ipv4("127.0.0.2/32".parse().unwrap()),
            description: None,
            tags: Tags::default(),
        };
        let group = SecurityGroup {
            id: "sg-00000001".parse().unwrap(),
            name: "front".to_owned(),
            description: String::new(),
            vpc_id: "vpc-00000001".parse().unwrap(),
            rules: vec![rule],
            created_at: Timestamp::default(),
            tags: Tags::default(),
        };
        let guarded = |name: &str| {
            let open = load_balancer(name, [Some(A), Some(A)]);
            Arc::new(LoadBalancer { security_groups: vec![group.id.clone()], ..(*open).clone() })
        };
        let records = Records {
            load_balancers: vec![guarded("web"), load_balancer("open", [Some(A), Some(A)])],
            listeners: vec![listener("web", 80, "g"), listener("web", 8081, "g"), listener("open", 80, "h")],
            interfaces: vec![interface("web", 1, [10, 0, 1, 4])],
            route_tables: vec![public_routes(1)],
            internet_gateways: vec![Arc::new(InternetGateway {
                id: "igw-00000001".parse().unwrap(),
                vpc_id: Some("vpc-00000001".parse().unwrap()),
                tags: Tags::default(),
            })],
            security_groups: vec![Arc::new(group.clone())],
            ..Records::default()
        };
        let admissions = |host: &HostFacts| -> BTreeMap<String, Vec<Admission>> {
            let of = |front: &Front| {
                (front.place.to_string(), front.listeners.iter().map(|one| one.admission.clone()).collect())
            };
            plan(&records, host, 1).fronts.iter().map(of).collect()
        };
        let some = || Admission::Blocks(vec!["127.0.0.2/32".parse().unwrap()]);
        let inside = |port: u16| format!("10.0.1.4:{port}%/run/netns/goru-0a1b2c-edge-vpc-00000001");
        let expected = BTreeMap::from([
            ("127.0.0.1:8080".to_owned(), vec![some(), Admission::Everybody]),
            ("127.0.0.1:8081".to_owned(), vec![Admission::Blocks(Vec::new())]),
            // There the router filters.
            (inside(80), vec![Admission::Everybody]),
            (inside(8081), vec![Admission::Everybody]),
        ]);
        assert_eq!(admissions(&in_networks()), expected);
        let free = admissions(&host(&[A]));
        assert!(free.values().flatten().all(|one| *one == Admission::Everybody), "without networks: {free:?}");
    }

    #[test]
    fn targets_of_the_network_are_reached_from_an_interface_and_others_from_the_host() {
        let target_at = |address| target("g", address, None);
        let vpc = crate::ec2::vpc::Vpc {
            id: "vpc-00000001".parse().unwrap(),
            cidr: "10.0.0.0/16".parse().unwrap(),
            is_default: false,
            dhcp_options_id: "dopt-00000001".parse().unwrap(),
            default_network_acl_id: "acl-00000001".parse().unwrap(),
            dns_support: true,
            dns_hostnames: true,
            instance_tenancy: "default".to_owned(),
            created_at: Timestamp::default(),
            tags: Tags::default(),
        };
        let mut records = Records {
            load_balancers: vec![load_balancer("web", [Some(A), Some(B)])],
            listeners: vec![listener("web", 80, "g")],
            target_groups: vec![group("g")],
            targets: vec![target_at([10, 0, 7, 7]), target_at([127, 0, 0, 9])],
            vpcs: vec![Arc::new(vpc)],
            ..Records::default()
        };
        let reached = |records: &Records, host: &HostFacts| -> Vec<(String, Option<Ipv4Addr>)> {
            let snapshot = plan(records, host, 1);
            let targets = &snapshot.target_groups[0].targets;
            targets.iter().map(|t| (t.address.ip().to_string(), t.interface.as_ref().map(|i| i.address))).collect()
        };
        let outside = ("127.0.0.9".to_owned(), None);
        assert_eq!(
            reached(&records, &in_networks()),
            std::slice::from_ref(&outside),
            "not before there is an interface"
        );
        records.interfaces = vec![interface("web", 2, [10, 0, 2, 4])];
        let inside = |from| ("10.0.7.7".to_owned(), from);
        assert_eq!(reached(&records, &in_networks()), [inside(Some(Ipv4Addr::new(10, 0, 2, 4))), outside.clone()]);
        assert_eq!(reached(&records, &host(&[A, B])), [inside(None), outside]);
    }

    #[test]
    fn load_balancers_share_a_front_by_host_and_low_ports_are_moved() {
        let records = Records {
            load_balancers: vec![
                load_balancer("one", [Some(A), Some(A)]),
                load_balancer("two", [Some(A), Some(A)]),
                load_balancer("new", [None, None]),
                load_balancer("growing", [None, Some(B)]),
            ],
            listeners: vec![
                listener("one", 80, "g"),
                listener("two", 80, "h"),
                listener("two", 8081, "h"),
                listener("new", 80, "g"),
                listener("growing", 80, "i"),
            ],
            target_groups: vec![group("g"), group("h"), group("i"), group("unused")],
            ..Records::default()
        };
        let snapshot = plan(&records, &host(&[A]), 7);
        let fronts: Vec<_> = snapshot.fronts.iter().map(|f| (f.place.to_string(), f.listeners.len())).collect();
        assert_eq!(
            fronts,
            [("127.0.0.1:8080".to_owned(), 2), ("127.0.0.1:8081".to_owned(), 1), ("127.0.0.2:8080".to_owned(), 1)],
            "one that gets another zone is served in those that it has"
        );
        assert_eq!(snapshot.fronts[0].listeners[0].hosts, ["one.elb.localhost"]);
        assert_eq!(snapshot.load_balancers.len(), 3, "one without addresses is not served yet");
        assert_eq!(
            snapshot.target_groups.iter().map(|g| g.dimension.as_str()).collect::<Vec<_>>(),
            ["targetgroup/g/0", "targetgroup/h/0", "targetgroup/i/0"]
        );
        assert_eq!(snapshot.load_balancers[1].listeners[0].port, 80, "the port in the API stays");
    }

    #[test]
    fn a_deregistered_target_is_drained_until_its_delay_is_over() {
        let at = Timestamp::from_seconds(100);
        let records = Records {
            load_balancers: vec![load_balancer("one", [Some(A), Some(B)])],
            listeners: vec![listener("one", 80, "g")],
            target_groups: vec![group("g")],
            targets: vec![target("g", [10, 0, 0, 1], Some(at)), target("g", [10, 0, 0, 2], None)],
            ..Records::default()
        };
        let snapshot = plan(&records, &host(&[A, B]), 1);
        let drained: Vec<_> = snapshot.target_groups[0].targets.iter().map(|t| t.drained_at).collect();
        assert_eq!(drained, [Some(Timestamp::from_seconds(400)), None]);
        assert_eq!(snapshot.fronts.len(), 2, "one front per address");
    }
}
