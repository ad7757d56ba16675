//! DECIDER: which network interfaces load balancers have: one in the subnet of each of their zones, with their security groups
//! (ELB user guide, "Availability Zones for your Application Load Balancer").

use super::load_balancer::LoadBalancer;
use crate::{
    Arn, IdSource, Tags, Timestamp,
    ec2::{
        network_interface::{InterfaceOwner, NetworkInterface},
        subnet::Subnet,
    },
    id::{NetworkInterfaceId, SubnetId},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    sync::Arc,
};

/// What is there, of one account and region.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The load balancers.
    pub load_balancers: &'a [Arc<LoadBalancer>],
    /// All interfaces that have records.
    pub interfaces: &'a [Arc<NetworkInterface>],
    /// The subnets.
    pub subnets: &'a [Arc<Subnet>],
    /// Addresses in use, by subnet, those of `interfaces` among them.
    pub taken: &'a BTreeMap<SubnetId, BTreeSet<Ipv4Addr>>,
}

/// What is to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Interfaces that are new or have other groups.
    pub put: Vec<NetworkInterface>,
    /// Interfaces that nobody needs any more.
    pub delete: Vec<NetworkInterfaceId>,
    /// Subnets without a free address for one. The load balancer does without until there is one.
    pub full: BTreeSet<SubnetId>,
}

/// What is missing, different or left over.
pub fn changes(facts: &Facts<'_>, ids: &mut dyn IdSource, now: Timestamp) -> Changes {
    let mut changes = Changes::default();
    let mut taken = facts.taken.clone();
    let mut needed = BTreeSet::new();
    let existing = existing(facts);
    let subnets: BTreeMap<&SubnetId, &Arc<Subnet>> = facts.subnets.iter().map(|subnet| (&subnet.id, subnet)).collect();
    for load_balancer in facts.load_balancers {
        for zone in &load_balancer.zones {
            let Some(subnet) = subnets.get(&zone.subnet_id) else { continue };
            match existing.get(&(&load_balancer.arn, &subnet.id)) {
                Some(interface) => {
                    needed.insert(&interface.id);
                    if interface.security_groups != load_balancer.security_groups {
                        let security_groups = load_balancer.security_groups.clone();
                        changes.put.push(NetworkInterface { security_groups, ..NetworkInterface::clone(interface) });
                    }
                }
                None => {
                    let taken = taken.entry(subnet.id.clone()).or_default();
                    let free = subnet.free_addresses(taken).next();
                    match free {
                        Some(address) => {
                            taken.insert(address);
                            changes.put.push(new(load_balancer, subnet, address, ids, now));
                        }
                        None => drop(changes.full.insert(subnet.id.clone())),
                    }
                }
            }
        }
    }
    let left_over = facts.interfaces.iter().filter(|interface| match &interface.owner {
        InterfaceOwner::LoadBalancer(_) => !needed.contains(&interface.id),
        InterfaceOwner::NatGateway(_) => false,
    });
    changes.delete = left_over.map(|interface| interface.id.clone()).collect();
    changes
}

/// Whether an interface is the load balancer's, in a subnet that it has now.
pub fn is_used(load_balancer: &LoadBalancer, interface: &NetworkInterface) -> bool {
    interface.owner.load_balancer() == Some(&load_balancer.arn)
        && load_balancer.zones.iter().any(|zone| zone.subnet_id == interface.subnet_id)
}

/// From which of these interfaces a load balancer reaches a zone: its own one there, or else another one.
pub fn towards<'a>(
    load_balancer: &LoadBalancer,
    zone: &str,
    interfaces: impl Iterator<Item = &'a NetworkInterface> + Clone,
) -> Option<&'a NetworkInterface> {
    let mut own = interfaces.filter(|interface| is_used(load_balancer, interface));
    own.clone().find(|interface| interface.zone == zone).or_else(|| own.next())
}

/// The interfaces of load balancers, by whose they are and where.
fn existing<'a>(facts: &Facts<'a>) -> BTreeMap<(&'a Arn, &'a SubnetId), &'a Arc<NetworkInterface>> {
    let of_balancer = |interface: &'a Arc<NetworkInterface>| match &interface.owner {
        InterfaceOwner::LoadBalancer(arn) => Some(((arn, &interface.subnet_id), interface)),
        InterfaceOwner::NatGateway(_) => None,
    };
    facts.interfaces.iter().filter_map(of_balancer).collect()
}

fn new(
    of: &LoadBalancer,
    subnet: &Subnet,
    private_address: Ipv4Addr,
    ids: &mut dyn IdSource,
    now: Timestamp,
) -> NetworkInterface {
    let name = of.arn.resource().strip_prefix("loadbalancer/").unwrap_or(&of.name).to_owned();
    NetworkInterface {
        id: NetworkInterfaceId::mint(ids),
        vpc_id: of.vpc_id.clone(),
        subnet_id: subnet.id.clone(),
        zone: subnet.zone.clone(),
        private_address,
        owner: InterfaceOwner::LoadBalancer(of.arn.clone()),
        security_groups: of.security_groups.clone(),
        description: format!("ELB {name}"),
        created_at: now,
        tags: Tags::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Arn,
        elbv2::{
            attribute::Attributes,
            load_balancer::{EnabledZone, LoadBalancerKind, LoadBalancerState, Scheme},
        },
    };

    fn subnet(n: u8, block: &str) -> Arc<Subnet> {
        Arc::new(Subnet {
            id: format!("subnet-0000000{n}").parse().unwrap(),
            vpc_id: "vpc-00000001".parse().unwrap(),
            cidr: block.parse().unwrap(),
            zone: format!("zone-{n}"),
            default_for_zone: false,
            map_public_ip_on_launch: false,
            created_at: Timestamp::default(),
            tags: Tags::default(),
        })
    }

    fn load_balancer(name: &str, subnets: &[u8], groups: &[&str]) -> Arc<LoadBalancer> {
        let zone = |n: &u8| EnabledZone {
            zone: format!("zone-{n}"),
            subnet_id: format!("subnet-0000000{n}").parse().unwrap(),
            address: None,
        };
        let resource = format!("loadbalancer/app/{name}/1");
        Arc::new(LoadBalancer {
            arn: Arn::new("elasticloadbalancing", "eu-west-1", "123456789012", &resource),
            name: name.to_owned(),
            kind: LoadBalancerKind::Application,
            scheme: Scheme::Internal,
            dns_name: String::new(),
            canonical_hosted_zone_id: String::new(),
            vpc_id: "vpc-00000001".parse().unwrap(),
            zones: subnets.iter().map(zone).collect(),
            security_groups: groups.iter().map(|group| group.parse().unwrap()).collect(),
            attributes: Attributes::default(),
            created_at: Timestamp::default(),
            state: LoadBalancerState::Provisioning,
            tags: Tags::default(),
        })
    }

    /// Load balancers and interfaces over two subnets, the second of which has room for eleven.
    struct World {
        subnets: Vec<Arc<Subnet>>,
        interfaces: Vec<Arc<NetworkInterface>>,
        others: BTreeMap<SubnetId, BTreeSet<Ipv4Addr>>,
        number: u64,
    }

    impl World {
        fn new() -> Self {
            let subnets = vec![subnet(1, "10.0.1.0/24"), subnet(2, "10.0.2.0/28")];
            Self { subnets, interfaces: Vec::new(), others: BTreeMap::new(), number: 0 }
        }

        /// Decides, and does it.
        fn turn(&mut self, load_balancers: &[Arc<LoadBalancer>]) -> Changes {
            let mut taken = self.others.clone();
            for interface in &self.interfaces {
                taken.entry(interface.subnet_id.clone()).or_default().insert(interface.private_address);
            }
            let facts = Facts { load_balancers, interfaces: &self.interfaces, subnets: &self.subnets, taken: &taken };
            let number = &mut self.number;
            let mut ids = || {
                *number += 1;
                *number << 32
            };
            let changes = changes(&facts, &mut ids, Timestamp::default());
            let gone = |interface: &NetworkInterface| {
                changes.delete.contains(&interface.id) || changes.put.iter().any(|put| put.id == interface.id)
            };
            self.interfaces.retain(|interface| !gone(interface));
            self.interfaces.extend(changes.put.iter().cloned().map(Arc::new));
            changes
        }

        fn addresses(&self) -> Vec<String> {
            let mut addresses: Vec<_> = self.interfaces.iter().map(|i| i.private_address.to_string()).collect();
            addresses.sort();
            addresses
        }
    }

    #[test]
    fn each_zone_of_a_load_balancer_has_an_interface_and_nothing_else() {
        let mut world = World::new();
        let (web, shop) = (load_balancer("web", &[1, 2], &["sg-00000001"]), load_balancer("shop", &[1], &[]));
        world.turn(&[Arc::clone(&web), Arc::clone(&shop)]);
        assert_eq!(world.addresses(), ["10.0.1.4", "10.0.1.5", "10.0.2.4"]);
        let of_web = &world.interfaces[0];
        assert_eq!((of_web.zone.as_str(), of_web.description.as_str()), ("zone-1", "ELB app/web/1"));
        assert_eq!(world.turn(&[Arc::clone(&web), Arc::clone(&shop)]), Changes::default(), "nothing is left to do");
        // A zone less, a load balancer less.
        let fewer = load_balancer("web", &[2], &["sg-00000001"]);
        assert_eq!(world.turn(&[fewer]).delete.len(), 2);
        assert_eq!(world.addresses(), ["10.0.2.4"]);
    }

    #[test]
    fn other_groups_change_the_interface_and_not_its_address() {
        let mut world = World::new();
        world.turn(&[load_balancer("web", &[1], &["sg-00000001"])]);
        let before = world.interfaces[0].clone();
        let changes = world.turn(&[load_balancer("web", &[1], &["sg-00000002"])]);
        assert_eq!((changes.put.len(), changes.delete.len()), (1, 0));
        let after = &world.interfaces[0];
        assert_eq!((&after.id, after.private_address), (&before.id, before.private_address));
        assert_eq!(after.security_groups[0].as_str(), "sg-00000002");
    }

    #[test]
    fn a_full_subnet_is_said_and_tried_again() {
        let mut world = World::new();
        let addresses: BTreeSet<Ipv4Addr> = (4..15).map(|last| Ipv4Addr::new(10, 0, 2, last)).collect();
        world.others.insert("subnet-00000002".parse().unwrap(), addresses);
        let web = [load_balancer("web", &[1, 2], &[])];
        assert_eq!(world.turn(&web).full.len(), 1);
        assert_eq!(world.addresses(), ["10.0.1.4"]);
        world.others.clear();
        assert!(world.turn(&web).full.is_empty());
        assert_eq!(world.addresses(), ["10.0.1.4", "10.0.2.4"]);
    }
}
