//! NAT gateways: the way out for subnets that nobody reaches from outside, and the decider of their state.
//!
//! [`next_state`] implements AWS's life of a NAT gateway: pending, available or failed, deleting, deleted, forgotten. What
//! comes of a step for its interface and its Elastic IP is carried out by whoever asks, in the same transaction.

use crate::{
    Tags, Timestamp,
    id::{AddressAllocationId, NatGatewayId, NetworkInterfaceId, SubnetId, VpcId},
};
use serde::{Deserialize, Serialize};
use std::{net::Ipv4Addr, time::Duration};

/// How long one that was deleted or failed is still shown (VPC user guide: about an hour).
pub const SHOWN_FOR: Duration = Duration::from_secs(3600);
/// The most NAT gateways of one zone (VPC quotas).
pub const MAXIMUM_NAT_GATEWAYS_PER_ZONE: usize = 5;

/// A NAT gateway. It has an interface of its own in its subnet (a [`super::network_interface::NetworkInterface`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {
    /// `nat-…`
    pub id: NatGatewayId,
    /// The VPC.
    pub vpc_id: VpcId,
    /// The subnet whose route table its own packets follow.
    pub subnet_id: SubnetId,
    /// Whether it has a public address.
    pub connectivity: Connectivity,
    /// Its interface.
    pub network_interface_id: NetworkInterfaceId,
    /// Its address within the subnet.
    pub private_address: Ipv4Addr,
    /// What DescribeNatGateways shows.
    pub state: NatGatewayState,
    /// AWS's code and a sentence, when it failed.
    pub failure: Option<(String, String)>,
    /// The token of the call, when it had one.
    pub client_token: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was deleted or failed; it is shown for [`SHOWN_FOR`] from then.
    pub deleted_at: Option<Timestamp>,
    /// Tags.
    pub tags: Tags,
}

/// Who a NAT gateway is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Connectivity {
    /// It leads outside, by this Elastic IP.
    Public(AddressAllocationId),
    /// It leads to other parts of the VPC only.
    Private,
}

/// AWS's states of NAT gateways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NatGatewayState {
    /// Being made.
    Pending,
    /// In use.
    Available,
    /// It could not be made.
    Failed,
    /// Being deleted.
    Deleting,
    /// Gone; shown for [`SHOWN_FOR`].
    Deleted,
}

/// What the caller's view of the store shows beside the NAT gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whether an internet gateway is attached to its VPC.
    pub internet_gateway: bool,
}

/// What becomes of a NAT gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It stays as it is, until this time at the latest if there is one.
    Keep(Option<Timestamp>),
    /// It is this from now on. When it no longer [`NatGateway::occupies`], its interface and the association of its Elastic
    /// IP are given back.
    Change(Box<NatGateway>),
    /// Nobody can ask for it any more.
    Forget,
}

/// The next state of a NAT gateway.
///
/// As on AWS a public one fails when its VPC has no internet gateway, and only then: where the subnet's own routes lead is not
/// looked at, and tools make gateways and routes in either order.
pub fn next_state(gateway: &NatGateway, facts: &Facts, now: Timestamp) -> Next {
    match gateway.state {
        NatGatewayState::Pending => match (&gateway.connectivity, facts.internet_gateway) {
            (Connectivity::Public(_), false) => gateway.failed(now),
            (Connectivity::Public(_), true) | (Connectivity::Private, _) => {
                gateway.entering(NatGatewayState::Available)
            }
        },
        NatGatewayState::Available => Next::Keep(None),
        NatGatewayState::Deleting => gateway.entering(NatGatewayState::Deleted),
        NatGatewayState::Failed | NatGatewayState::Deleted => {
            let end = gateway.deleted_at.unwrap_or(gateway.created_at).plus(SHOWN_FOR);
            if end <= now { Next::Forget } else { Next::Keep(Some(end)) }
        }
    }
}

impl NatGateway {
    /// Whether it holds its address, its interface and its Elastic IP.
    pub fn occupies(&self) -> bool {
        match self.state {
            NatGatewayState::Pending | NatGatewayState::Available | NatGatewayState::Deleting => true,
            NatGatewayState::Failed | NatGatewayState::Deleted => false,
        }
    }

    /// The Elastic IP, if it is a public one.
    pub fn allocation(&self) -> Option<&AddressAllocationId> {
        match &self.connectivity {
            Connectivity::Public(allocation) => Some(allocation),
            Connectivity::Private => None,
        }
    }

    /// It is deleted, as by DeleteNatGateway: first `deleting`, which [`next_state`] ends.
    pub fn ask_to_delete(&mut self, now: Timestamp) {
        self.state = NatGatewayState::Deleting;
        self.deleted_at = Some(now);
    }

    fn entering(&self, state: NatGatewayState) -> Next {
        Next::Change(Box::new(Self { state, ..self.clone() }))
    }

    fn failed(&self, now: Timestamp) -> Next {
        let sentence = format!("Network {} has no Internet gateway attached", self.vpc_id);
        Next::Change(Box::new(Self {
            state: NatGatewayState::Failed,
            failure: Some((NOT_ATTACHED.to_owned(), sentence)),
            deleted_at: Some(now),
            ..self.clone()
        }))
    }
}

/// AWS's code of a public NAT gateway in a VPC that leads nowhere.
const NOT_ATTACHED: &str = "Gateway.NotAttached";

#[cfg(test)]
mod tests {
    use super::*;

    const MADE: Timestamp = Timestamp::from_seconds(1_000);
    const NOW: Timestamp = Timestamp::from_seconds(1_060);

    fn gateway(state: NatGatewayState, public: bool) -> NatGateway {
        NatGateway {
            id: "nat-00000001".parse().unwrap(),
            vpc_id: "vpc-00000001".parse().unwrap(),
            subnet_id: "subnet-00000001".parse().unwrap(),
            connectivity: match public {
                true => Connectivity::Public("eipalloc-00000001".parse().unwrap()),
                false => Connectivity::Private,
            },
            network_interface_id: "eni-00000001".parse().unwrap(),
            private_address: Ipv4Addr::new(10, 0, 0, 4),
            state,
            failure: None,
            client_token: None,
            created_at: MADE,
            deleted_at: None,
            tags: Tags::default(),
        }
    }

    fn becomes(gateway: &NatGateway, internet_gateway: bool) -> Option<NatGatewayState> {
        match next_state(gateway, &Facts { internet_gateway }, NOW) {
            Next::Change(next) => Some(next.state),
            Next::Keep(_) | Next::Forget => None,
        }
    }

    #[test]
    fn a_gateway_goes_from_state_to_state() {
        use NatGatewayState::{Available, Deleted, Deleting, Failed, Pending};
        let table = [
            (Pending, true, true, Some(Available)),
            (Pending, true, false, Some(Failed)),
            (Pending, false, false, Some(Available)),
            (Available, true, true, None),
            (Available, true, false, None),
            (Deleting, true, true, Some(Deleted)),
            (Deleting, false, false, Some(Deleted)),
            (Failed, true, true, None),
            (Deleted, true, true, None),
        ];
        for (state, public, internet_gateway, expected) in table {
            let found = becomes(&gateway(state, public), internet_gateway);
            assert_eq!(found, expected, "{state:?} public={public} internet gateway={internet_gateway}");
        }
    }

    #[test]
    fn a_failed_one_says_why_and_holds_nothing() {
        let Next::Change(failed) =
            next_state(&gateway(NatGatewayState::Pending, true), &Facts { internet_gateway: false }, NOW)
        else {
            panic!("it changes")
        };
        let (code, sentence) = failed.failure.clone().unwrap();
        assert_eq!(code, "Gateway.NotAttached");
        assert!(sentence.contains("vpc-00000001"), "{sentence}");
        assert!(!failed.occupies());
        assert_eq!(failed.deleted_at, Some(NOW));
    }

    #[test]
    fn what_is_over_is_forgotten_after_an_hour() {
        let over = NatGateway { deleted_at: Some(NOW), ..gateway(NatGatewayState::Deleted, true) };
        let facts = Facts { internet_gateway: true };
        let end = NOW.plus(SHOWN_FOR);
        assert_eq!(next_state(&over, &facts, NOW), Next::Keep(Some(end)));
        assert_eq!(next_state(&over, &facts, end), Next::Forget);
        let failed = NatGateway { state: NatGatewayState::Failed, ..over };
        assert_eq!(next_state(&failed, &facts, end), Next::Forget);
    }

    #[test]
    fn asked_to_delete_it_is_deleted_in_the_next_step() {
        let mut gateway = gateway(NatGatewayState::Available, true);
        gateway.ask_to_delete(NOW);
        assert!(gateway.occupies());
        assert_eq!(becomes(&gateway, true), Some(NatGatewayState::Deleted));
        assert_eq!(gateway.deleted_at, Some(NOW));
    }
}
