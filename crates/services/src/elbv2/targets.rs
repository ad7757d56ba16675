//! Targets: register and deregister, and how a request names them.
//!
//! The data plane takes up what is written here and checks it; a deregistered target drains until its delay is over,
//! which `controllers` watch. Registering what is registered changes nothing; registering what drains begins anew.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use api::elbv2::types as shape;
use model::cidr::Cidr;
use model::ec2::instance::{Instance, InstanceState};
use model::ec2::network_interface::NetworkInterface;
use model::ec2::subnet::Subnet;
use model::ec2::vpc::Vpc;
use model::elbv2::listener::Listener;
use model::elbv2::load_balancer::LoadBalancer;
use model::elbv2::registration::{self, Deregistered};
use model::elbv2::target::{AddressPlace, Target, TargetId, TargetKey, place_of};
use model::elbv2::target_group::{TargetGroup, TargetType};
use model::event::Event;
use model::{Arn, Scope};
use store::{Transaction, View, target_id, target_id_prefix};
use wire::AwsError;

use super::arns;
use super::errors::{Error, Quota, shown};
use super::usage::Usage;
use crate::context::Context;
use crate::handler::committed;

/// What `AvailabilityZone` says of an address outside the VPC, or to receive traffic from every zone.
pub(super) const ALL_ZONES: &str = "all";

/// A target as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) id: TargetId,
    pub(super) port: Option<u16>,
    zone: Option<String>,
}

/// Reads how a request names targets of a group.
pub(super) fn parse(group: &TargetGroup, targets: &[shape::TargetDescription]) -> Result<Vec<Named>, Error> {
    targets.iter().map(|target| parse_one(group.target_type, target)).collect()
}

fn parse_one(target_type: TargetType, target: &shape::TargetDescription) -> Result<Named, Error> {
    let shape::TargetDescription { availability_zone, id, port } = target;
    let port = port.map(|port| u16::try_from(port).ok().filter(|port| *port > 0));
    if port == Some(None) {
        return Err(Error::Invalid("the Port of a target must be from 1 to 65535".into()));
    }
    let id = match target_type {
        TargetType::Instance => {
            if availability_zone.is_some() {
                let message = "AvailabilityZone cannot be given for targets of type `instance`";
                return Err(Error::Invalid(message.into()));
            }
            let parsed = id.parse().map_err(|_| Error::Target(format!("`{}` is not an instance id", shown(id))));
            TargetId::Instance(parsed?)
        }
        TargetType::Ip => {
            let parsed = id.parse().map_err(|_| Error::Invalid(format!("`{}` is not an IPv4 address", shown(id))));
            TargetId::Ip(parsed?)
        }
    };
    Ok(Named { id, port: port.flatten(), zone: availability_zone.clone() })
}

/// The targets of a group, by key.
pub(super) fn registered(view: &View, scope: &Scope, group: &Arn) -> BTreeMap<TargetKey, Arc<Target>> {
    let targets = view.range::<Target>(scope, &target_id_prefix(group));
    targets.map(|target| (target.key.clone(), target)).collect()
}

/// Those of them that a request names: on one port, or on every one when it names none.
pub(super) fn matching<'a>(
    registered: &'a BTreeMap<TargetKey, Arc<Target>>,
    named: &Named,
) -> impl Iterator<Item = &'a Arc<Target>> {
    let key = |port| TargetKey { id: named.id.clone(), port };
    let (first, last) = named.port.map_or((0, u16::MAX), |port| (port, port));
    registered.range(key(first)..=key(last)).map(|(_, target)| target)
}

/// The VPC of a target group: who and what is in it.
pub(super) struct Surroundings {
    cidr: Option<Cidr>,
    subnets: Vec<Arc<Subnet>>,
    instances: Vec<Arc<Instance>>,
    /// The private addresses of load balancers.
    load_balancers: BTreeSet<Ipv4Addr>,
}

impl Surroundings {
    pub(super) fn new(view: &View, scope: &Scope, group: &TargetGroup) -> Self {
        Self {
            cidr: view.get::<Vpc>(scope, &group.vpc_id).map(|vpc| vpc.cidr),
            subnets: view.list::<Subnet>(scope).filter(|subnet| subnet.vpc_id == group.vpc_id).collect(),
            instances: view.list::<Instance>(scope).filter(|instance| instance.vpc_id == group.vpc_id).collect(),
            load_balancers: view
                .list::<NetworkInterface>(scope)
                .filter(|interface| interface.vpc_id == group.vpc_id && interface.owner.load_balancer().is_some())
                .map(|interface| interface.private_address)
                .collect(),
        }
    }

    /// The instance behind a target: the one it names, or the running one whose address it is.
    pub(super) fn instance(&self, id: &TargetId) -> Option<&Arc<Instance>> {
        self.instances.iter().find(|instance| match id {
            TargetId::Instance(id) => instance.id == *id,
            TargetId::Ip(address) => instance
                .address()
                .is_some_and(|own| own == IpAddr::V4(*address) || instance.private_address == *address),
        })
    }

    /// The zone of an address: of the instance that has it, or of the subnet that it is in; `all` outside the VPC.
    pub(super) fn zone_of(&self, address: Ipv4Addr) -> Option<String> {
        let instance = self.instance(&TargetId::Ip(address)).map(|instance| instance.zone.clone());
        let subnet = || self.subnets.iter().find(|subnet| subnet.cidr.contains(address)).map(|s| s.zone.clone());
        let outside = || (!self.cidr.is_some_and(|cidr| cidr.contains(address))).then(|| ALL_ZONES.to_owned());
        instance.or_else(subnet).or_else(outside)
    }

    /// Whether a target may be registered.
    fn check(&self, named: &Named) -> Result<(), Error> {
        match &named.id {
            TargetId::Instance(id) => self.check_instance(id.as_str(), self.instance(&named.id)),
            TargetId::Ip(address) => self.check_address(*address, named.zone.as_deref()),
        }
    }

    fn check_instance(&self, id: &str, instance: Option<&Arc<Instance>>) -> Result<(), Error> {
        let refuse = |why: &str| Err(Error::Target(format!("instance `{id}` {why}")));
        match instance.map(|instance| instance.state) {
            None => refuse("does not exist in the VPC of the target group"),
            Some(InstanceState::Pending | InstanceState::Running) => Ok(()),
            Some(
                state @ (InstanceState::ShuttingDown
                | InstanceState::Terminated
                | InstanceState::Stopping
                | InstanceState::Stopped),
            ) => refuse(&format!("is not running but {}, and cannot be registered", state.name())),
        }
    }

    fn check_address(&self, address: Ipv4Addr, zone: Option<&str>) -> Result<(), Error> {
        let cidr =
            self.cidr.ok_or_else(|| Error::Target("the VPC of the target group does not exist any more".into()))?;
        let listens = |instance: &Arc<Instance>| instance.address() == Some(IpAddr::V4(address));
        let place = place_of(address, cidr, self.instances.iter().any(listens));
        let place = place.map_err(|why| Error::Target(format!("address `{address}` cannot be a target: {why}")))?;
        // ELB user guide, "Register targets": not the addresses of another load balancer in the same VPC.
        if self.load_balancers.contains(&address) {
            let message = "belongs to a load balancer in the VPC of the target group, and cannot be a target there";
            return Err(Error::Target(format!("address `{address}` {message}")));
        }
        let detected = self.zone_of(address);
        match (place, zone) {
            (_, Some(ALL_ZONES)) | (AddressPlace::Vpc, None) => Ok(()),
            (AddressPlace::Vpc, Some(zone)) if detected.as_deref() == Some(zone) => Ok(()),
            (AddressPlace::Vpc, Some(zone)) => {
                let detected = detected.as_deref().unwrap_or("no zone");
                let zone = shown(zone);
                Err(Error::Invalid(format!("address `{address}` is in {detected}, not in AvailabilityZone `{zone}`")))
            }
            (AddressPlace::Outside, _) => {
                let message = "is outside the VPC of the target group, so its AvailabilityZone must be `all`";
                Err(Error::Invalid(format!("address `{address}` {message}")))
            }
        }
    }
}

/// Where load balancers listen on the host: a target there would send requests round in a loop.
fn fronts(view: &View, cx: &Context) -> BTreeSet<SocketAddr> {
    let mut ports: BTreeMap<Arn, Vec<u16>> = BTreeMap::new();
    for (_, listener) in view.all::<Listener>() {
        ports.entry(listener.load_balancer_arn.clone()).or_default().push(cx.settings.host.bound_port(listener.port));
    }
    let of = |balancer: &LoadBalancer| {
        let ports = ports.get(&balancer.arn).cloned().unwrap_or_default();
        let addresses: Vec<IpAddr> = balancer.zones.iter().filter_map(|zone| zone.address).collect();
        addresses.into_iter().flat_map(move |address| ports.clone().into_iter().map(move |port| (address, port).into()))
    };
    let on_host = view.all::<LoadBalancer>().filter(|(_, balancer)| cx.settings.host.is_listened_on(balancer.scheme));
    on_host.flat_map(|(_, balancer)| of(&balancer).collect::<Vec<_>>()).collect()
}

fn check_loop(fronts: &BTreeSet<SocketAddr>, key: &TargetKey) -> Result<(), Error> {
    match &key.id {
        TargetId::Ip(address) if fronts.contains(&(*address, key.port).into()) => {
            Err(Error::Target(format!("`{key}` is where a load balancer listens; requests would go round in a loop")))
        }
        TargetId::Ip(_) | TargetId::Instance(_) => Ok(()),
    }
}

pub(super) async fn register(cx: &Context, input: shape::RegisterTargetsInput) -> Result<(), AwsError> {
    let shape::RegisterTargetsInput { target_group_arn, targets } = input;
    check_count(&targets)?;
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let group = arns::target_group(txn.view(), &scope, &target_group_arn)?;
        let surroundings = Surroundings::new(txn.view(), &scope, &group);
        let fronts = fronts(txn.view(), cx);
        let mut keys = BTreeSet::new();
        for named in parse(&group, &targets)? {
            surroundings.check(&named)?;
            let key = TargetKey { port: named.port.unwrap_or(group.port), id: named.id };
            check_loop(&fronts, &key)?;
            keys.insert(key);
        }
        let mut registered = registered(txn.view(), &scope, &group.arn);
        for key in keys {
            let old = registered.get(&key).map(|old| &**old);
            if let Some(target) = registration::register(&group.arn, &key, old, cx.now) {
                txn.append_event(event(cx, &group, &key, "target-registered", "health checks will begin"));
                txn.put(&scope, target.clone());
                registered.insert(key, Arc::new(target));
            }
        }
        if registered.len() > Quota::TargetsOfGroup.limit() {
            return Err(Error::TooMany(Quota::TargetsOfGroup));
        }
        let usage = Usage::new(txn.view(), &scope);
        usage.load_balancers_of(&group.arn).try_for_each(|lb| usage.check_targets_behind(txn.view(), &scope, lb))
    };
    committed(cx.store.transact(write).await)
}

pub(super) async fn deregister(cx: &Context, input: shape::DeregisterTargetsInput) -> Result<(), AwsError> {
    let shape::DeregisterTargetsInput { target_group_arn, targets } = input;
    check_count(&targets)?;
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let group = arns::target_group(txn.view(), &scope, &target_group_arn)?;
        let named = parse(&group, &targets)?;
        check_zones(&Surroundings::new(txn.view(), &scope, &group), &named)?;
        let in_use = Usage::new(txn.view(), &scope).in_use(&group.arn);
        let registered = registered(txn.view(), &scope, &group.arn);
        let leaving: BTreeSet<TargetKey> =
            named.iter().flat_map(|named| matching(&registered, named)).map(|target| target.key.clone()).collect();
        for key in leaving {
            // A second call for the same target is no news.
            match registration::deregister(&registered[&key], in_use, cx.now) {
                None => {}
                Some(Deregistered::Drains(target)) => {
                    txn.append_event(event(cx, &group, &key, "target-draining", "it was deregistered"));
                    txn.put(&scope, target);
                }
                Some(Deregistered::Gone) => {
                    let message = "no listener uses its target group";
                    txn.append_event(event(cx, &group, &key, "target-deregistered", message));
                    txn.delete::<Target>(&scope, target_id(&group.arn, &key));
                }
            }
        }
        Ok::<_, Error>(())
    };
    committed(cx.store.transact(write).await)
}

fn check_count(targets: &[shape::TargetDescription]) -> Result<(), Error> {
    match targets.len() {
        0 => Err(Error::Invalid("Targets needs at least one target".into())),
        count if count > Quota::TargetsOfGroup.limit() => Err(Error::TooMany(Quota::TargetsOfGroup)),
        _ => Ok(()),
    }
}

/// Refuses a zone that the target is not in. Whether it could be registered does not matter here.
pub(super) fn check_zones(surroundings: &Surroundings, named: &[Named]) -> Result<(), Error> {
    for Named { id, zone, .. } in named {
        let (TargetId::Ip(address), Some(zone)) = (id, zone) else { continue };
        if zone != ALL_ZONES && surroundings.zone_of(*address).as_ref() != Some(zone) {
            let zone = shown(zone);
            return Err(Error::Invalid(format!("address `{address}` is not in AvailabilityZone `{zone}`")));
        }
    }
    Ok(())
}

fn event(cx: &Context, group: &TargetGroup, key: &TargetKey, what: &str, message: &str) -> Event {
    Event {
        at: cx.now,
        scope: cx.scope(),
        subject: format!("{} {key}", group.name),
        what: what.to_owned(),
        message: message.to_owned(),
    }
}
