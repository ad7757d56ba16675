//! Networks for tests: records of VPCs and what is in them, made in a line each.
//!
//! Only what reachability depends on can be said; everything else has a fixed value.

use crate::ids::CountedIds;
use model::{
    Arn, Tags, Timestamp,
    cidr::Cidr,
    ec2::{
        address::{Address, AddressAssociation},
        instance::{DesiredState, Instance, InstanceState, MetadataOptions, ShutdownBehavior},
        internet_gateway::InternetGateway,
        nat_gateway::{Connectivity, NatGateway, NatGatewayState},
        network_acl::{NetworkAcl, NetworkAclAssociation, NetworkAclEntry},
        network_interface::{InterfaceOwner, NetworkInterface},
        network_records::NetworkRecords,
        route_table::{Route, RouteTable, RouteTableAssociation, RouteTarget},
        security_group::{Direction, Peer, SecurityGroup, SecurityGroupRule, Traffic},
        subnet::Subnet,
        vpc::Vpc,
    },
    id::{
        AddressAllocationId, AddressAssociationId, DhcpOptionsId, ImageId, InstanceId, InternetGatewayId, NatGatewayId,
        NetworkAclAssociationId, NetworkAclId, NetworkAttachmentId, NetworkInterfaceId, ReservationId,
        RouteTableAssociationId, RouteTableId, SecurityGroupId, SecurityGroupRuleId, SubnetId, VpcId,
    },
};
use std::net::Ipv4Addr;

/// The records of one scope, owned. Everything is public: tests change what they like.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Where ids come from.
    pub ids: CountedIds,
    /// VPCs.
    pub vpcs: Vec<Vpc>,
    /// Subnets.
    pub subnets: Vec<Subnet>,
    /// Route tables.
    pub route_tables: Vec<RouteTable>,
    /// Internet gateways.
    pub internet_gateways: Vec<InternetGateway>,
    /// NAT gateways.
    pub nat_gateways: Vec<NatGateway>,
    /// Elastic IPs.
    pub addresses: Vec<Address>,
    /// Interfaces of NAT gateways and load balancers.
    pub network_interfaces: Vec<NetworkInterface>,
    /// Instances.
    pub instances: Vec<Instance>,
    /// Security groups.
    pub security_groups: Vec<SecurityGroup>,
    /// Network ACLs.
    pub network_acls: Vec<NetworkAcl>,
}

/// A rule of a security group: which way, what, and with whom.
pub type Rule = (Direction, Traffic, Peer);
/// An entry of a network ACL: number, which way, what, with whom, and whether it may pass.
pub type Entry = (u16, Direction, Traffic, Cidr, bool);

impl World {
    /// An empty world, whose ids differ from those of other seeds.
    pub fn seeded(seed: u64) -> Self {
        Self { ids: CountedIds::seeded(seed), ..Self::default() }
    }

    /// The records as planners want them.
    pub fn records(&self) -> NetworkRecords<'_> {
        NetworkRecords {
            vpcs: self.vpcs.iter().collect(),
            subnets: self.subnets.iter().collect(),
            route_tables: self.route_tables.iter().collect(),
            internet_gateways: self.internet_gateways.iter().collect(),
            nat_gateways: self.nat_gateways.iter().collect(),
            addresses: self.addresses.iter().collect(),
            network_interfaces: self.network_interfaces.iter().collect(),
            instances: self.instances.iter().collect(),
            security_groups: self.security_groups.iter().collect(),
            network_acls: self.network_acls.iter().collect(),
        }
    }

    /// A VPC with a main route table and the network ACL that admits everything.
    pub fn vpc(&mut self, cidr: &str) -> VpcId {
        let (id, acl) = (VpcId::mint(&mut self.ids), NetworkAclId::mint(&mut self.ids));
        self.vpcs.push(Vpc {
            id: id.clone(),
            cidr: block(cidr),
            is_default: false,
            dhcp_options_id: DhcpOptionsId::mint(&mut self.ids),
            default_network_acl_id: acl.clone(),
            dns_support: true,
            dns_hostnames: false,
            instance_tenancy: "default".to_owned(),
            created_at: Timestamp::default(),
            tags: Tags::default(),
        });
        self.network_acls.push(NetworkAcl {
            id: acl,
            vpc_id: id.clone(),
            is_default: true,
            entries: NetworkAcl::default_entries(),
            associations: Vec::new(),
            tags: Tags::default(),
        });
        let main = Some(RouteTableAssociationId::mint(&mut self.ids));
        self.table(&id, main, &[], Vec::new());
        id
    }

    /// A subnet.
    pub fn subnet(&mut self, vpc: &VpcId, cidr: &str) -> SubnetId {
        let id = SubnetId::mint(&mut self.ids);
        self.subnets.push(Subnet {
            id: id.clone(),
            vpc_id: vpc.clone(),
            cidr: block(cidr),
            zone: "ap-northeast-2a".to_owned(),
            default_for_zone: false,
            map_public_ip_on_launch: false,
            created_at: Timestamp::default(),
            tags: Tags::default(),
        });
        id
    }

    /// An internet gateway, attached.
    pub fn internet_gateway(&mut self, vpc: &VpcId) -> InternetGatewayId {
        let id = InternetGatewayId::mint(&mut self.ids);
        let gateway = InternetGateway { id: id.clone(), vpc_id: Some(vpc.clone()), tags: Tags::default() };
        self.internet_gateways.push(gateway);
        id
    }

    /// A route table of some subnets.
    pub fn route_table(
        &mut self,
        vpc: &VpcId,
        subnets: &[&SubnetId],
        routes: Vec<(&str, RouteTarget)>,
    ) -> RouteTableId {
        self.table(vpc, None, subnets, routes)
    }

    fn table(
        &mut self,
        vpc: &VpcId,
        main: Option<RouteTableAssociationId>,
        subnets: &[&SubnetId],
        routes: Vec<(&str, RouteTarget)>,
    ) -> RouteTableId {
        let id = RouteTableId::mint(&mut self.ids);
        let association = |subnet: &&SubnetId| RouteTableAssociation {
            id: RouteTableAssociationId::mint(&mut self.ids),
            subnet_id: (*subnet).clone(),
        };
        let associations = subnets.iter().map(association).collect();
        let route = |(destination, target)| Route { destination: block(destination), target };
        self.route_tables.push(RouteTable {
            id: id.clone(),
            vpc_id: vpc.clone(),
            main_association_id: main,
            associations,
            routes: routes.into_iter().map(route).collect(),
            tags: Tags::default(),
        });
        id
    }

    /// A route more, in a table that is there.
    pub fn add_route(&mut self, table: &RouteTableId, destination: &str, target: RouteTarget) {
        let mut tables = self.route_tables.iter_mut();
        let table = tables.find(|record| record.id == *table).expect("tests name tables that they made");
        table.routes.push(Route { destination: block(destination), target });
    }

    /// Lets a subnet use another table than it did.
    pub fn associate(&mut self, table: &RouteTableId, subnet: &SubnetId) {
        let id = RouteTableAssociationId::mint(&mut self.ids);
        for record in &mut self.route_tables {
            record.associations.retain(|association| association.subnet_id != *subnet);
            if record.id == *table {
                record.associations.push(RouteTableAssociation { id: id.clone(), subnet_id: subnet.clone() });
            }
        }
    }

    /// A security group.
    pub fn group(&mut self, vpc: &VpcId, rules: Vec<Rule>) -> SecurityGroupId {
        let id = SecurityGroupId::mint(&mut self.ids);
        let rule = |(direction, traffic, peer)| SecurityGroupRule {
            id: SecurityGroupRuleId::mint(&mut self.ids),
            direction,
            traffic,
            peer,
            description: None,
            tags: Tags::default(),
        };
        let rules = rules.into_iter().map(rule).collect();
        self.security_groups.push(SecurityGroup {
            id: id.clone(),
            name: id.to_string(),
            description: String::new(),
            vpc_id: vpc.clone(),
            rules,
            created_at: Timestamp::default(),
            tags: Tags::default(),
        });
        id
    }

    /// A security group that admits and lets out everything.
    pub fn open_group(&mut self, vpc: &VpcId) -> SecurityGroupId {
        let anywhere = || Peer::Ipv4(block("0.0.0.0/0"));
        let both = [Direction::Ingress, Direction::Egress];
        self.group(vpc, both.map(|direction| (direction, Traffic::All, anywhere())).to_vec())
    }

    /// A network ACL of some subnets.
    pub fn network_acl(&mut self, vpc: &VpcId, subnets: &[&SubnetId], entries: Vec<Entry>) -> NetworkAclId {
        let id = NetworkAclId::mint(&mut self.ids);
        let entry =
            |(number, direction, traffic, cidr, allow)| NetworkAclEntry { number, direction, traffic, cidr, allow };
        let association = |subnet: &&SubnetId| NetworkAclAssociation {
            id: NetworkAclAssociationId::mint(&mut self.ids),
            subnet_id: (*subnet).clone(),
        };
        self.network_acls.push(NetworkAcl {
            id: id.clone(),
            vpc_id: vpc.clone(),
            is_default: false,
            entries: entries.into_iter().map(entry).collect(),
            associations: subnets.iter().map(association).collect(),
            tags: Tags::default(),
        });
        id
    }

    /// A running instance with the next free address of its subnet.
    pub fn instance(&mut self, subnet: &SubnetId, groups: &[&SecurityGroupId]) -> InstanceId {
        let (id, address) = (InstanceId::mint(&mut self.ids), self.next_address(subnet));
        let vpc_id = self.vpc_of(subnet);
        self.instances.push(Instance {
            id: id.clone(),
            reservation_id: ReservationId::mint(&mut self.ids),
            launch_index: 0,
            client_token: None,
            image_id: ImageId::mint(&mut self.ids),
            instance_type: "t2.micro".to_owned(),
            host: "local".to_owned(),
            zone: "ap-northeast-2a".to_owned(),
            vpc_id,
            subnet_id: subnet.clone(),
            network_interface_id: NetworkInterfaceId::mint(&mut self.ids),
            network_attachment_id: NetworkAttachmentId::mint(&mut self.ids),
            network_interface_description: String::new(),
            network_interface_tags: Tags::default(),
            private_address: address,
            host_address: None,
            public_address_wanted: false,
            pool_address: None,
            security_groups: groups.iter().map(|group| (*group).clone()).collect(),
            key_name: None,
            public_key: None,
            user_data: None,
            shutdown_behavior: ShutdownBehavior::Stop,
            termination_protection: false,
            stop_protection: false,
            metadata_options: MetadataOptions::default(),
            detailed_monitoring: false,
            tags: Tags::default(),
            auto_scaling_group: None,
            launched_at: Timestamp::default(),
            desired: DesiredState::Running,
            end_without_asking: false,
            state: InstanceState::Running,
            state_changed_at: Timestamp::default(),
            state_reason: None,
            boot: 1,
            runtime: None,
        });
        id
    }

    /// A load balancer's interface with the next free address of its subnet.
    pub fn load_balancer(&mut self, subnet: &SubnetId, groups: &[&SecurityGroupId]) -> NetworkInterfaceId {
        let name = format!("loadbalancer/app/web/{:016x}", self.network_interfaces.len());
        let arn = Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", name);
        let groups = groups.iter().map(|group| (*group).clone()).collect();
        self.interface(subnet, groups, InterfaceOwner::LoadBalancer(arn)).0
    }

    /// A NAT gateway that is available, with an Elastic IP.
    pub fn nat_gateway(&mut self, subnet: &SubnetId, public_address: Ipv4Addr) -> NatGatewayId {
        let id = NatGatewayId::mint(&mut self.ids);
        let (interface, address) = self.interface(subnet, Vec::new(), InterfaceOwner::NatGateway(id.clone()));
        let allocation = self.elastic_ip(public_address, &interface, address);
        let vpc_id = self.vpc_of(subnet);
        self.nat_gateways.push(NatGateway {
            id: id.clone(),
            vpc_id,
            subnet_id: subnet.clone(),
            connectivity: Connectivity::Public(allocation),
            network_interface_id: interface,
            private_address: address,
            state: NatGatewayState::Available,
            failure: None,
            client_token: None,
            created_at: Timestamp::default(),
            deleted_at: None,
            tags: Tags::default(),
        });
        id
    }

    /// An Elastic IP for an interface.
    pub fn elastic_ip(
        &mut self,
        public_address: Ipv4Addr,
        interface: &NetworkInterfaceId,
        private_address: Ipv4Addr,
    ) -> AddressAllocationId {
        let id = AddressAllocationId::mint(&mut self.ids);
        let association = AddressAssociation {
            id: AddressAssociationId::mint(&mut self.ids),
            network_interface_id: interface.clone(),
            private_address,
        };
        self.addresses.push(Address {
            id: id.clone(),
            public_address,
            association: Some(association),
            allocated_at: Timestamp::default(),
            tags: Tags::default(),
        });
        id
    }

    fn interface(
        &mut self,
        subnet: &SubnetId,
        security_groups: Vec<SecurityGroupId>,
        owner: InterfaceOwner,
    ) -> (NetworkInterfaceId, Ipv4Addr) {
        let (id, address) = (NetworkInterfaceId::mint(&mut self.ids), self.next_address(subnet));
        let vpc_id = self.vpc_of(subnet);
        self.network_interfaces.push(NetworkInterface {
            id: id.clone(),
            vpc_id,
            subnet_id: subnet.clone(),
            zone: "ap-northeast-2a".to_owned(),
            private_address: address,
            owner,
            security_groups,
            description: String::new(),
            created_at: Timestamp::default(),
            tags: Tags::default(),
        });
        (id, address)
    }

    fn next_address(&self, subnet: &SubnetId) -> Ipv4Addr {
        let of_instances = self.instances.iter().map(|i| (&i.subnet_id, i.private_address));
        let others = self.network_interfaces.iter().map(|i| (&i.subnet_id, i.private_address));
        let used = of_instances.chain(others).filter(|(of, _)| *of == subnet).map(|(_, address)| address).collect();
        let record = self.record(subnet);
        record.free_addresses(&used).next().expect("subnets of tests are large enough")
    }

    fn vpc_of(&self, subnet: &SubnetId) -> VpcId {
        self.record(subnet).vpc_id.clone()
    }

    fn record(&self, subnet: &SubnetId) -> &Subnet {
        self.subnets.iter().find(|record| record.id == *subnet).expect("tests name subnets that they made")
    }
}

/// A block from its text.
///
/// # Panics
/// When it is none.
pub fn block(text: &str) -> Cidr {
    text.parse().expect("tests write valid blocks")
}
