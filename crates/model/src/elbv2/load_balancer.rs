//! A load balancer of the second API: for now the Application Load Balancer.

use super::attribute::Attributes;
use crate::{
    Arn, Tags, Timestamp,
    id::{SecurityGroupId, SubnetId, VpcId},
};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The fewest zones of an Application Load Balancer.
pub const MINIMUM_ZONES: usize = 2;
/// The most load balancers of one region and account.
pub const MAXIMUM_LOAD_BALANCERS: usize = 50;
/// The most listeners of one load balancer.
pub const MAXIMUM_LISTENERS: usize = 50;
/// The most targets behind one load balancer, each counted once per group and port.
pub const MAXIMUM_TARGETS: usize = 1000;

/// What no name may begin with: DNS names of internal load balancers do.
pub const RESERVED_NAME_PREFIX: &str = "internal-";

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadBalancer {
    /// `arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/app/<name>/<16 hex digits>`
    pub arn: Arn,
    /// Unique in the region and account.
    pub name: String,
    /// Which kind.
    pub kind: LoadBalancerKind,
    /// Who can reach it.
    pub scheme: Scheme,
    /// The name that clients use; fixed for life.
    pub dns_name: String,
    /// The hosted zone that alias records name.
    pub canonical_hosted_zone_id: String,
    /// The VPC.
    pub vpc_id: VpcId,
    /// One subnet per enabled zone.
    pub zones: Vec<EnabledZone>,
    /// Security groups.
    pub security_groups: Vec<SecurityGroupId>,
    /// What differs from the defaults of [`super::attribute::LOAD_BALANCER`].
    pub attributes: Attributes,
    /// When it was made.
    pub created_at: Timestamp,
    /// What DescribeLoadBalancers shows; set by the controller when the node serves it.
    pub state: LoadBalancerState,
    /// Tags.
    pub tags: Tags,
}

/// A zone that a load balancer serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnabledZone {
    /// Zone name.
    pub zone: String,
    /// The subnet in it.
    pub subnet_id: SubnetId,
    /// Where the zone's node listens; assigned by the control plane, kept for life. Nodes may share addresses.
    pub address: Option<IpAddr>,
}

/// The kinds of load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoadBalancerKind {
    /// HTTP (`app` in ARNs).
    Application,
}

/// Who can reach a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// Everybody.
    InternetFacing,
    /// Only from within.
    Internal,
}

/// What DescribeLoadBalancers shows as state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoadBalancerState {
    /// The node has not confirmed it yet.
    Provisioning,
    /// It serves.
    Active,
    /// It cannot serve (fully); the reason says why, for example an address that is in use.
    Impaired(String),
}

impl Scheme {
    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InternetFacing => "internet-facing",
            Self::Internal => "internal",
        }
    }
}

/// The DNS name of a new load balancer, in lower case: `[internal-]<name>-<number>.<region>.<suffix>`.
pub fn dns_name(name: &str, scheme: Scheme, number: u64, region: &str, suffix: &str) -> String {
    let prefix = match scheme {
        Scheme::InternetFacing => "",
        Scheme::Internal => RESERVED_NAME_PREFIX,
    };
    format!("{prefix}{name}-{number}.{region}.{suffix}").to_lowercase()
}

/// The hosted zone of the DNS names of a region's load balancers: AWS's own where it is public (AWS general reference,
/// ELB endpoints; Terraform has the same ids built in), else one made from the region's name.
pub fn canonical_hosted_zone_id(region: &str) -> String {
    let known = HOSTED_ZONES.iter().find(|(name, _)| *name == region);
    known.map_or_else(|| made_up_zone(region), |(_, id)| (*id).to_owned())
}

const HOSTED_ZONES: &[(&str, &str)] = &[
    ("af-south-1", "Z268VQBMOI5EKX"),
    ("ap-east-1", "Z3DQVH9N71FHZ0"),
    ("ap-northeast-1", "Z14GRHDCWA56QT"),
    ("ap-northeast-2", "ZWKZPGTI48KDX"),
    ("ap-northeast-3", "Z5LXEXXYW11ES"),
    ("ap-south-1", "ZP97RAFLXTNZK"),
    ("ap-south-2", "Z0173938T07WNTVAEPZN"),
    ("ap-southeast-1", "Z1LMS91P8CMLE5"),
    ("ap-southeast-2", "Z1GM3OXH4ZPM65"),
    ("ap-southeast-3", "Z08888821HLRG5A9ZRTER"),
    ("ca-central-1", "ZQSVJUPU6J1EY"),
    ("cn-north-1", "Z1GDH35T77C1KE"),
    ("cn-northwest-1", "ZM7IZAIOVVDZF"),
    ("eu-central-1", "Z215JYRZR1TBD5"),
    ("eu-central-2", "Z06391101F2ZOEP8P5EB3"),
    ("eu-north-1", "Z23TAZ6LKFMNIO"),
    ("eu-south-1", "Z3ULH7SSC9OV64"),
    ("eu-south-2", "Z0956581394HF5D5LXGAP"),
    ("eu-west-1", "Z32O12XQLNTSW2"),
    ("eu-west-2", "ZHURV8PSTC4K8"),
    ("eu-west-3", "Z3Q77PNBQS71R4"),
    ("me-central-1", "Z08230872XQRWHG2XF6I"),
    ("me-south-1", "ZS929ML54UICD"),
    ("sa-east-1", "Z2P70J7HTTTPLU"),
    ("us-east-1", "Z35SXDOTRQ7X7K"),
    ("us-east-2", "Z3AADJGX6KTTL2"),
    ("us-gov-east-1", "Z166TLBEWOO7G0"),
    ("us-gov-west-1", "Z33AYJ8TM3BH4J"),
    ("us-west-1", "Z368ELLRRE2KJ0"),
    ("us-west-2", "Z1H1FL5HABSF5"),
];

/// `Z` and thirteen digits or capitals that depend on the name alone.
fn made_up_zone(region: &str) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKLMNPQRSTUVWX";
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = region.bytes().fold(0xcbf2_9ce4_8422_2325, mix);
    let digit = |place: u32| char::from(DIGITS[(hash >> (5 * place) & 31) as usize]);
    std::iter::once('Z').chain((0..13).map(digit)).collect()
}

impl LoadBalancer {
    /// The metric dimension: `app/<name>/<id>`.
    pub fn dimension(&self) -> &str {
        self.arn.resource().strip_prefix("loadbalancer/").unwrap_or(self.arn.resource())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dns_names_say_scheme_and_region_in_lower_case() {
        let name = |scheme| dns_name("Web-1", scheme, 1_234_567_890, "ap-northeast-2", "elb.localhost");
        assert_eq!(name(Scheme::InternetFacing), "web-1-1234567890.ap-northeast-2.elb.localhost");
        assert_eq!(name(Scheme::Internal), "internal-web-1-1234567890.ap-northeast-2.elb.localhost");
    }

    #[test]
    fn hosted_zones_are_those_of_aws_where_they_are_known() {
        assert_eq!(canonical_hosted_zone_id("ap-northeast-2"), "ZWKZPGTI48KDX");
        let (one, other) = (canonical_hosted_zone_id("ap-east-2"), canonical_hosted_zone_id("mx-central-1"));
        assert_ne!(one, other);
        assert_eq!(one, canonical_hosted_zone_id("ap-east-2"));
        assert!(one.len() == 14 && one.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()), "{one}");
    }
}
