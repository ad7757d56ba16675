//! What to change about each thing that can be in the way.

use crate::{
    ec2::{reachability::Cause, security_group::Direction},
    id::SecurityGroupId,
};

/// A security group at each end of a way, where there is one: rules may name it instead of an address.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    /// Of whom asks.
    pub asking: Option<SecurityGroupId>,
    /// Of whom is asked.
    pub asked: Option<SecurityGroupId>,
}

/// An order without an end; `None` where there is nothing to change.
pub(super) fn remedy(cause: &Cause, ends: &Ends) -> Option<String> {
    Some(match cause {
        Cause::SecurityGroups { groups, owner: _, direction, message, peer } => {
            let (verb, preposition, operation, other) = match direction {
                Direction::Ingress => ("admit", "from", "AuthorizeSecurityGroupIngress", &ends.asking),
                Direction::Egress => ("let out", "to", "AuthorizeSecurityGroupEgress", &ends.asked),
            };
            let group = groups.first()?;
            let peer = other.as_ref().map_or_else(|| peer.clone(), ToString::to_string);
            format!("let {group} {verb} {message} {preposition} {peer} ({operation})")
        }
        Cause::NetworkAcl { acl, subnet: _, direction, entry, message, peer } => {
            let (way, preposition) = match direction {
                Direction::Ingress => ("inbound", "from"),
                Direction::Egress => ("outbound", "to"),
            };
            let number = entry.map_or_else(String::new, |entry| format!(" with a number below {entry}"));
            format!(
                "give {acl} an {way} entry{number} that allows {message} {preposition} {peer} (CreateNetworkAclEntry; answers go to \
                 ports 1024-65535, and need entries too)"
            )
        }
        Cause::NoRoute { table, subnet: _, to: _ } => {
            format!(
                "add a route for 0.0.0.0/0 to {table} (CreateRoute): to an internet gateway, or to a NAT gateway of a public subnet"
            )
        }
        Cause::NoTable(subnet) => format!("associate a route table with {subnet} (AssociateRouteTable)"),
        Cause::Blackhole { table, to, target: _ } => {
            format!("let the route of {table} that {to} takes lead to a gateway that is there (ReplaceRoute)")
        }
        Cause::NoInternetRoute { table, subnet: _, to: _ } => {
            format!("let 0.0.0.0/0 in {table} lead to an internet gateway that is attached to the VPC")
        }
        Cause::NoPublicAddress(interface) => format!(
            "associate an Elastic IP with {interface} (AssociateAddress), or let the subnet's route lead to a NAT gateway"
        ),
        Cause::Nobody(address) => format!("register an address that an instance has: nobody has {address}"),
        Cause::NatGatewayBehindNatGateway(id) => {
            format!("let the route table of the subnet of {id} lead to an internet gateway")
        }
        Cause::Absent(_) | Cause::RouterOnly(_) | Cause::NatGateway(_) | Cause::Spoofed(_) | Cause::NotRouted(_) => {
            return None;
        }
    })
}
