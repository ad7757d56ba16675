//! DECIDER: records to the snapshot that the data plane runs, and which addresses a load balancer gets.

use super::{
    attribute::{LISTENER, LOAD_BALANCER, TARGET_GROUP},
    listener::{Action, Listener},
    load_balancer::{EnabledZone, LoadBalancer, Scheme},
    snapshot::{
        ActionPlan, Front, FrontListener, ListenerPlan, LoadBalancerPlan, LoadBalancingSnapshot, TargetGroupPlan,
        TargetPlan, XffMode,
    },
    target::{Target, TargetId, TargetKey},
    target_group::TargetGroup,
};
use crate::{
    Arn, Timestamp,
    ec2::instance::Instance,
    id::{InstanceId, VpcId},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

/// What this host lets a node listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostFacts {
    /// The addresses of internet-facing load balancers; at least one.
    pub public_addresses: Vec<IpAddr>,
    /// Where internal load balancers listen.
    pub internal_address: IpAddr,
    /// The lowest port that may be bound.
    pub lowest_port: u16,
    /// What is added to a port below it.
    pub port_offset: u16,
}

impl HostFacts {
    /// The port that is really bound for a listener's port.
    pub fn bound_port(&self, port: u16) -> u16 {
        if port < self.lowest_port { port.saturating_add(self.port_offset) } else { port }
    }

    /// The addresses that load balancers of this scheme listen on.
    pub fn addresses(&self, scheme: Scheme) -> &[IpAddr] {
        match scheme {
            Scheme::Internal => std::slice::from_ref(&self.internal_address),
            Scheme::InternetFacing => &self.public_addresses,
        }
    }

    /// Whether the zone has no address, or one that the host no longer gives because its configuration changed.
    pub fn lacks_address(&self, zone: &EnabledZone, scheme: Scheme) -> bool {
        zone.address.is_none_or(|address| !self.addresses(scheme).contains(&address))
    }
}

/// The records that the snapshot is made from.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Every load balancer.
    pub load_balancers: Vec<Arc<LoadBalancer>>,
    /// Every listener.
    pub listeners: Vec<Arc<Listener>>,
    /// Every target group.
    pub target_groups: Vec<Arc<TargetGroup>>,
    /// Every registered target.
    pub targets: Vec<Arc<Target>>,
    /// Every instance.
    pub instances: Vec<Arc<Instance>>,
}

/// Gives every zone that lacks one an address: its own where there are enough, else a shared one.
pub fn assign_addresses(
    zones: &[EnabledZone],
    scheme: Scheme,
    taken: &BTreeSet<IpAddr>,
    host: &HostFacts,
) -> Vec<EnabledZone> {
    let free: Vec<IpAddr> = host.addresses(scheme).iter().filter(|a| !taken.contains(a)).copied().collect();
    let missing = zones.iter().filter(|zone| host.lacks_address(zone, scheme)).count();
    let choices = if free.len() >= missing { &free } else { host.addresses(scheme) };
    let mut next = choices.iter().cycle();
    let assign = |zone: &EnabledZone| match host.lacks_address(zone, scheme) {
        false => zone.clone(),
        true => EnabledZone { address: next.next().copied(), ..zone.clone() },
    };
    zones.iter().map(assign).collect()
}

/// The snapshot of these records. A load balancer is left out only while none of its zones has an address: one that
/// just gets another zone is served in the others meanwhile.
pub fn plan(records: &Records, host: &HostFacts, generation: u64) -> LoadBalancingSnapshot {
    let index = Index::new(records);
    let served: Vec<&Arc<LoadBalancer>> =
        records.load_balancers.iter().filter(|lb| lb.zones.iter().any(|zone| zone.address.is_some())).collect();
    LoadBalancingSnapshot {
        generation,
        fronts: fronts(&served, &index, host),
        load_balancers: served.iter().map(|lb| load_balancer_plan(lb, &index)).collect(),
        target_groups: served.iter().flat_map(|lb| target_group_plans(lb, &index)).collect(),
    }
}

/// Which load balancers send requests to each target group.
pub fn groups_in_use<'a>(listeners: impl Iterator<Item = &'a Listener>) -> BTreeMap<&'a Arn, BTreeSet<&'a Arn>> {
    let mut used: BTreeMap<&Arn, BTreeSet<&Arn>> = BTreeMap::new();
    for listener in listeners {
        for group in listener.default_action.target_groups() {
            used.entry(group).or_default().insert(&listener.load_balancer_arn);
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
    groups: BTreeMap<&'a Arn, &'a TargetGroup>,
    targets: BTreeMap<&'a Arn, Vec<&'a Target>>,
    instances: BTreeMap<&'a InstanceId, &'a Instance>,
    private_addresses: BTreeMap<(&'a VpcId, Ipv4Addr), &'a Instance>,
}

impl<'a> Index<'a> {
    fn new(records: &'a Records) -> Self {
        let mut listeners: BTreeMap<&Arn, Vec<&Listener>> = BTreeMap::new();
        for listener in &records.listeners {
            listeners.entry(&listener.load_balancer_arn).or_default().push(listener);
        }
        let mut targets: BTreeMap<&Arn, Vec<&Target>> = BTreeMap::new();
        for target in &records.targets {
            targets.entry(&target.target_group_arn).or_default().push(target);
        }
        let running = records.instances.iter().filter(|instance| instance.address().is_some());
        Self {
            listeners,
            groups: records.target_groups.iter().map(|group| (&group.arn, &**group)).collect(),
            targets,
            instances: records.instances.iter().map(|instance| (&instance.id, &**instance)).collect(),
            private_addresses: running.map(|i| ((&i.vpc_id, i.private_address), &**i)).collect(),
        }
    }

    fn listeners(&self, load_balancer: &Arn) -> &[&'a Listener] {
        self.listeners.get(load_balancer).map_or(&[], Vec::as_slice)
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
}

fn fronts(served: &[&Arc<LoadBalancer>], index: &Index<'_>, host: &HostFacts) -> Vec<Front> {
    let mut fronts: BTreeMap<SocketAddr, Vec<FrontListener>> = BTreeMap::new();
    for load_balancer in served {
        let addresses: BTreeSet<IpAddr> = load_balancer.zones.iter().filter_map(|zone| zone.address).collect();
        for listener in index.listeners(&load_balancer.arn) {
            for address in &addresses {
                let front = FrontListener {
                    listener: listener.arn.clone(),
                    hosts: vec![load_balancer.dns_name.to_lowercase()],
                };
                fronts.entry(SocketAddr::new(*address, host.bound_port(listener.port))).or_default().push(front);
            }
        }
    }
    fronts.into_iter().map(|(address, listeners)| Front { address, listeners }).collect()
}

fn load_balancer_plan(load_balancer: &LoadBalancer, index: &Index<'_>) -> LoadBalancerPlan {
    let attributes = &load_balancer.attributes;
    let number = |key| u32::try_from(attributes.number(LOAD_BALANCER, key)).unwrap_or(u32::MAX);
    let enabled = |key| attributes.enabled(LOAD_BALANCER, key);
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
        listeners: index.listeners(&load_balancer.arn).iter().map(|listener| listener_plan(listener)).collect(),
    }
}

fn listener_plan(listener: &Listener) -> ListenerPlan {
    ListenerPlan {
        arn: listener.arn.clone(),
        port: listener.port,
        server_header: listener.attributes.enabled(LISTENER, "routing.http.response.server.enabled"),
        default_action: match &listener.default_action {
            Action::Forward(group) => ActionPlan::Forward(group.clone()),
        },
    }
}

fn target_group_plans(load_balancer: &LoadBalancer, index: &Index<'_>) -> Vec<TargetGroupPlan> {
    let used: BTreeSet<&Arn> = index
        .listeners(&load_balancer.arn)
        .iter()
        .flat_map(|listener| listener.default_action.target_groups())
        .collect();
    let zones: BTreeSet<&str> = load_balancer.zones.iter().map(|zone| zone.zone.as_str()).collect();
    let groups = used.into_iter().filter_map(|arn| index.groups.get(arn));
    groups.map(|group| target_group_plan(group, &zones, index)).collect()
}

fn target_group_plan(group: &TargetGroup, zones: &BTreeSet<&str>, index: &Index<'_>) -> TargetGroupPlan {
    let registered = index.targets.get(&group.arn).map_or(&[][..], Vec::as_slice);
    let target_plan = |target: &&Target| {
        let (address, instance) = index.place(target, group)?;
        let zone = instance.map_or_else(String::new, |instance| instance.zone.clone());
        let enabled = zone.is_empty() || zones.contains(zone.as_str());
        enabled.then(|| TargetPlan {
            key: target.key.clone(),
            address,
            zone,
            registered_at: registration_of(target, instance),
            drained_at: drained_at(target, group),
            health: target.health.clone(),
        })
    };
    TargetGroupPlan {
        arn: group.arn.clone(),
        dimension: group.dimension().to_owned(),
        health_check: group.health_check.clone(),
        retry: group.attributes.enabled(TARGET_GROUP, "goru.retry.enabled"),
        targets: registered.iter().filter_map(target_plan).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Tags,
        elbv2::{
            attribute::Attributes,
            health_check::HealthCheck,
            listener::ListenerProtocol,
            load_balancer::{LoadBalancerKind, LoadBalancerState},
            target_group::{TargetProtocol, TargetType},
        },
    };

    const A: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1));
    const B: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    const C: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));

    fn host(addresses: &[IpAddr]) -> HostFacts {
        HostFacts { public_addresses: addresses.to_vec(), internal_address: C, lowest_port: 1024, port_offset: 8000 }
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
            default_action: Action::Forward(arn(&format!("targetgroup/{group}/0"))),
            default_action_form: Default::default(),
            attributes: Attributes::default(),
            created_at: Timestamp::default(),
            tags: Tags::default(),
        })
    }

    fn group(name: &str) -> Arc<TargetGroup> {
        Arc::new(TargetGroup {
            arn: arn(&format!("targetgroup/{name}/0")),
            name: name.to_owned(),
            protocol: TargetProtocol::Http,
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
        })
    }

    #[test]
    fn nodes_get_addresses_of_their_own_where_there_are_enough() {
        let table: [(&[IpAddr], &[IpAddr], [IpAddr; 2]); 4] =
            [(&[A], &[], [A, A]), (&[A, B], &[], [A, B]), (&[A, B, C], &[A], [B, C]), (&[A, B], &[A], [A, B])];
        for (public, taken, expected) in table {
            let taken = taken.iter().copied().collect();
            let assigned = assign_addresses(&zones([None, None]), Scheme::InternetFacing, &taken, &host(public));
            assert_eq!(assigned.iter().filter_map(|z| z.address).collect::<Vec<_>>(), expected, "{public:?} {taken:?}");
        }
        let kept =
            assign_addresses(&zones([Some(B), None]), Scheme::InternetFacing, &BTreeSet::from([B]), &host(&[A, B]));
        assert_eq!(kept, zones([Some(B), Some(A)]));
        let withdrawn =
            assign_addresses(&zones([Some(A), Some(B)]), Scheme::InternetFacing, &BTreeSet::from([B]), &host(&[B, C]));
        assert_eq!(withdrawn, zones([Some(C), Some(B)]), "an address that left the configuration is replaced");
        let internal = assign_addresses(&zones([None, None]), Scheme::Internal, &BTreeSet::new(), &host(&[A, B]));
        assert_eq!(internal, zones([Some(C), Some(C)]));
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
        let fronts: Vec<_> = snapshot.fronts.iter().map(|f| (f.address.to_string(), f.listeners.len())).collect();
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
