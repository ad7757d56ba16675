//! The names of one VPC, gathered from the records again when these have changed.

use controllers::networks::AppliedVpc;
use model::{
    Arn,
    ec2::{
        instance::Instance,
        network_interface::{InterfaceOwner, NetworkInterface},
        vpc::Vpc,
        vpc_dns::{Answer, NamedBalancer, VpcNames, Wanted},
    },
    elbv2::load_balancer::{LoadBalancer, Scheme},
};
use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
};
use store::{Kind, Store, View};

/// What names are made of.
const KINDS: [Kind; 4] = [Kind::Vpc, Kind::Instance, Kind::NetworkInterface, Kind::LoadBalancer];

/// The names of one VPC.
pub(super) struct Names {
    store: Store,
    vpc: AppliedVpc,
    /// The last ones, and when each of [`KINDS`] had changed last.
    known: Mutex<Option<(Changes, Arc<VpcNames>)>>,
}

type Changes = [store::Revision; KINDS.len()];

impl Names {
    pub(super) fn new(store: Store, vpc: &AppliedVpc) -> Self {
        Self { store, vpc: vpc.clone(), known: Mutex::default() }
    }

    /// Answers a question.
    pub(super) fn answer(&self, name: &str, wanted: Wanted) -> Answer {
        // Without a record the VPC is about to go, and its resolver with it.
        self.present().map_or(Answer::Refused, |names| names.answer(name, wanted))
    }

    fn present(&self) -> Option<Arc<VpcNames>> {
        let view = self.store.view();
        let changes = KINDS.map(|kind| view.modified(kind));
        // A panic leaves what was there before.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, names)) = known.as_ref().filter(|(of, _)| *of == changes) {
            return Some(names.clone());
        }
        let names = Arc::new(gather(&view, &self.vpc)?);
        *known = Some((changes, names.clone()));
        Some(names)
    }
}

fn gather(view: &View, vpc: &AppliedVpc) -> Option<VpcNames> {
    let record = view.get::<Vpc>(&vpc.scope, &vpc.vpc_id)?;
    let instances = view.list::<Instance>(&vpc.scope).filter(|i| i.vpc_id == vpc.vpc_id && i.occupies());
    let interfaces = view.list::<NetworkInterface>(&vpc.scope).filter(|i| i.vpc_id == vpc.vpc_id);
    let addresses = instances.map(|i| i.private_address).chain(interfaces.map(|i| i.private_address));
    let private = addresses_of_balancers(view);
    let balancers: Vec<_> = view.all::<LoadBalancer>().map(|(_, balancer)| balancer).collect();
    let named = balancers.iter().map(|balancer| NamedBalancer {
        dns_name: &balancer.dns_name,
        is_internal: balancer.scheme == Scheme::Internal,
        host_addresses: balancer.zones.iter().filter_map(|zone| zone.address).collect(),
        private_addresses: private.get(&balancer.arn).cloned().unwrap_or_default(),
    });
    Some(VpcNames::new(&record, &vpc.scope.region, addresses, named))
}

/// The private addresses of load balancers, which their interfaces have.
fn addresses_of_balancers(view: &View) -> BTreeMap<Arn, Vec<Ipv4Addr>> {
    let mut addresses: BTreeMap<Arn, Vec<Ipv4Addr>> = BTreeMap::new();
    for (_, interface) in view.all::<NetworkInterface>() {
        match &interface.owner {
            InterfaceOwner::LoadBalancer(arn) => {
                addresses.entry(arn.clone()).or_default().push(interface.private_address);
            }
            InterfaceOwner::NatGateway(_) => {}
        }
    }
    addresses
}
