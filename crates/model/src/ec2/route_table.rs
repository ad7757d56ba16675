//! Route tables: where packets of a subnet go.

use crate::{
    Tags,
    cidr::Cidr,
    id::{InternetGatewayId, NatGatewayId, RouteTableAssociationId, RouteTableId, SubnetId, VpcId},
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// The most route tables of one VPC (VPC quotas).
pub const MAXIMUM_ROUTE_TABLES_PER_VPC: usize = 200;
/// The most routes of one table beside the VPC's own (VPC quotas).
pub const MAXIMUM_ROUTES: usize = 50;

/// A route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// `rtb-…`
    pub id: RouteTableId,
    /// The VPC.
    pub vpc_id: VpcId,
    /// Set on the VPC's main table: the id of that association. Subnets without an association of their own use it.
    pub main_association_id: Option<RouteTableAssociationId>,
    /// The subnets that use it expressly; each subnet has one table at most.
    #[serde(default)]
    pub associations: Vec<RouteTableAssociation>,
    /// Routes beside the VPC's own local one; destinations are unique.
    pub routes: Vec<Route>,
    /// Tags.
    pub tags: Tags,
}

/// A subnet's use of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTableAssociation {
    /// `rtbassoc-…`
    pub id: RouteTableAssociationId,
    /// The subnet.
    pub subnet_id: SubnetId,
}

/// One route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Where to.
    pub destination: Cidr,
    /// By what.
    pub target: RouteTarget,
}

/// What a route leads to. It may be gone meanwhile: then the route is a blackhole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteTarget {
    /// An internet gateway.
    InternetGateway(InternetGatewayId),
    /// A NAT gateway.
    NatGateway(NatGatewayId),
}

/// Addresses that no route may lead to: a part of the link-local ones, where AWS's own services are (VPC user guide).
const RESERVED: (Ipv4Addr, u8) = (Ipv4Addr::new(169, 254, 168, 0), 22);

/// Why a destination cannot be a route's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDestination {
    /// The local route goes there already, and no gateway is on the way.
    #[error("{destination} is the VPC's block {vpc} or lies within it; there only the local route leads")]
    WithinVpc {
        /// What was asked for.
        destination: Cidr,
        /// The VPC's block.
        vpc: Cidr,
    },
    /// Addresses of AWS's own services.
    #[error("{destination} lies within {reserved}, to which no route may lead")]
    Reserved {
        /// What was asked for.
        destination: Cidr,
        /// What it lies in.
        reserved: Cidr,
    },
}

/// Checks the destination of a route to a gateway. One that holds more than the VPC is fine: the local route is longer.
pub fn check_destination(destination: Cidr, vpc: Cidr) -> Result<(), InvalidDestination> {
    let reserved = Cidr::containing(RESERVED.0, RESERVED.1);
    if vpc.covers(destination) {
        return Err(InvalidDestination::WithinVpc { destination, vpc });
    }
    if reserved.covers(destination) {
        return Err(InvalidDestination::Reserved { destination, reserved });
    }
    Ok(())
}

impl RouteTable {
    /// The route for an address outside the VPC: the longest destination that contains it.
    pub fn route(&self, address: Ipv4Addr) -> Option<&Route> {
        let fitting = self.routes.iter().filter(|route| route.destination.contains(address));
        fitting.max_by_key(|route| route.destination.prefix())
    }

    /// Whether a subnet uses it expressly.
    pub fn is_associated(&self, subnet: &SubnetId) -> bool {
        self.associations.iter().any(|association| association.subnet_id == *subnet)
    }
}

/// The table that a subnet uses: its own, else the main one of its VPC. `None`: the VPC lost its main table, which no operation
/// does.
pub fn table_of<'t>(
    subnet: &SubnetId,
    vpc: &VpcId,
    tables: impl IntoIterator<Item = &'t RouteTable> + Clone,
) -> Option<&'t RouteTable> {
    let of_vpc = || tables.clone().into_iter().filter(|table| table.vpc_id == *vpc);
    of_vpc()
        .find(|table| table.is_associated(subnet))
        .or_else(|| of_vpc().find(|table| table.main_association_id.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(id: &str, main: bool, associated: &[&str], routes: &[(&str, &str)]) -> RouteTable {
        let id_of = |subnet: &&str| RouteTableAssociation {
            id: "rtbassoc-00000001".parse().unwrap(),
            subnet_id: subnet.parse().unwrap(),
        };
        RouteTable {
            id: id.parse().unwrap(),
            vpc_id: "vpc-00000001".parse().unwrap(),
            main_association_id: main.then(|| "rtbassoc-00000000".parse().unwrap()),
            associations: associated.iter().map(id_of).collect(),
            routes: routes
                .iter()
                .map(|(destination, gateway)| Route {
                    destination: destination.parse().unwrap(),
                    target: RouteTarget::InternetGateway(gateway.parse().unwrap()),
                })
                .collect(),
            tags: Tags::default(),
        }
    }

    #[test]
    fn the_longest_destination_wins() {
        let routes =
            [("0.0.0.0/0", "igw-00000001"), ("198.51.100.0/24", "igw-00000002"), ("198.51.0.0/16", "igw-00000003")];
        let table = table("rtb-00000001", true, &[], &routes);
        let gateway = |address: &str| match &table.route(address.parse().unwrap()).unwrap().target {
            RouteTarget::InternetGateway(id) => id.to_string(),
            RouteTarget::NatGateway(id) => id.to_string(),
        };
        for (address, wanted) in [("8.8.8.8", 1), ("198.51.100.7", 2), ("198.51.99.7", 3)] {
            assert_eq!(gateway(address), format!("igw-0000000{wanted}"), "{address}");
        }
        assert_eq!(RouteTable { routes: Vec::new(), ..table }.route(Ipv4Addr::LOCALHOST), None);
    }

    #[test]
    fn routes_lead_out_of_the_vpc() {
        let check = |text: &str| check_destination(text.parse().unwrap(), "172.31.0.0/16".parse().unwrap());
        for text in ["0.0.0.0/0", "172.16.0.0/12", "172.30.0.0/16", "198.51.100.7/32", "169.254.0.0/16"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        for text in ["172.31.0.0/16", "172.31.0.0/20", "172.31.255.255/32"] {
            assert!(matches!(check(text), Err(InvalidDestination::WithinVpc { .. })), "{text}");
        }
        for text in ["169.254.168.0/22", "169.254.169.254/32"] {
            assert!(matches!(check(text), Err(InvalidDestination::Reserved { .. })), "{text}");
        }
    }

    #[test]
    fn a_subnet_uses_its_own_table_or_the_main_one() {
        let tables = [table("rtb-00000001", true, &[], &[]), table("rtb-00000002", false, &["subnet-00000002"], &[])];
        let vpc = "vpc-00000001".parse().unwrap();
        let of = |subnet: &str| table_of(&subnet.parse().unwrap(), &vpc, &tables).unwrap().id.to_string();
        assert_eq!(of("subnet-00000001"), "rtb-00000001");
        assert_eq!(of("subnet-00000002"), "rtb-00000002");
        let other = "vpc-00000002".parse().unwrap();
        assert_eq!(table_of(&"subnet-00000001".parse().unwrap(), &other, &tables), None);
    }
}
