//! What can go wrong with load balancers and their parts, and AWS's code for it.
//!
//! Codes are those of the ELBv2 API reference; `ValidationError` is sent but not in AWS's service definition. What AWS
//! has and Goru does not offer yet is `InvalidConfigurationRequest`, like refused members.

use api::elbv2::ErrorCode;
use model::elbv2::action::{InvalidAction, StickinessConflict};
use model::elbv2::attribute::InvalidAttribute;
use model::elbv2::condition::InvalidCondition;
use model::elbv2::health_check::{InvalidHealthCheck, InvalidMatcher};
use model::elbv2::transform::InvalidTransform;
use model::elbv2::trust_store::{MAXIMUM_REVOCATION_LISTS, MAXIMUM_REVOKED, MAXIMUM_TRUST_STORES};
use model::tag::InvalidTags;
use wire::AwsError;

use super::arns::Resource;
use crate::files::ObjectError;
use crate::pagination::InvalidToken;
use crate::x509::{InvalidAuthorities, InvalidRevocationList};

/// The most characters of a caller's text that an error shows.
const SHOWN: usize = 200;

/// Why an operation is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    /// Parameters that do not fit together, or a value that its shape cannot check.
    #[error("{0}")]
    Invalid(String),
    /// AWS has it, Goru does not (yet).
    #[error("{0}")]
    NotOffered(String),
    /// Valid by itself, but not with what there is.
    #[error("{0}")]
    Configuration(String),
    /// Not an ARN of such a resource.
    #[error("`{text}` is not a valid {} ARN", .resource.name())]
    NotAnArn {
        /// What it should name.
        resource: Resource,
        /// What was given.
        text: String,
    },
    /// Not an ARN of anything that has tags.
    #[error("`{0}` is not the ARN of a load balancer, target group, listener, rule or trust store")]
    NotAResource(String),
    /// No such resource in this account and region.
    #[error("{} `{what}` not found", .resource.name())]
    NotFound {
        /// What was looked for.
        resource: Resource,
        /// Its ARN or name.
        what: String,
    },
    /// A name that is in use with other settings.
    #[error("a {} named `{name}` exists already, with different settings", .resource.name())]
    NameTaken {
        /// Load balancer, target group or trust store.
        resource: Resource,
        /// The name.
        name: String,
    },
    /// No such subnet.
    #[error("subnet `{0}` does not exist")]
    SubnetNotFound(String),
    /// A subnet that has no room.
    #[error("subnet `{0}` has fewer than 8 free addresses")]
    SubnetFull(String),
    /// A security group that does not exist, or in another VPC.
    #[error("{0}")]
    SecurityGroup(String),
    /// The port of a listener is in use.
    #[error("the load balancer has a listener on port {0} already")]
    PortTaken(u16),
    /// An action that cannot be.
    #[error("{0}")]
    Action(String),
    /// An action whose parts do not fit.
    #[error(transparent)]
    BadAction(#[from] InvalidAction),
    /// Sticky target groups that cannot share an action.
    #[error(transparent)]
    Stickiness(#[from] StickinessConflict),
    /// A bad condition.
    #[error(transparent)]
    Condition(#[from] InvalidCondition),
    /// A bad transform.
    #[error(transparent)]
    Transform(#[from] InvalidTransform),
    /// A priority that another rule has.
    #[error("priority {0} is in use by another rule of the listener")]
    PriorityTaken(u32),
    /// One load balancer per target group.
    #[error("target group `{0}` is used by another load balancer; a target group belongs to one at most")]
    UsedElsewhere(String),
    /// Something still needs it.
    #[error("target group `{0}` is in use by a listener or a rule; delete that or give it another target group first")]
    InUse(String),
    /// Protected or not changeable.
    #[error("{0}")]
    NotPermitted(String),
    /// A target that cannot be registered.
    #[error("{0}")]
    Target(String),
    /// A quota is used up.
    #[error("there can be at most {limit} {what}", limit = .0.limit(), what = .0.what())]
    TooMany(Quota),
    /// No such TLS policy.
    #[error("there is no security policy named `{0}`")]
    PolicyNotFound(String),
    /// No such certificate.
    #[error("certificate `{0}` not found")]
    CertificateNotFound(String),
    /// Several certificates where one is wanted.
    #[error("exactly one certificate can be given in one call, and {0} were")]
    SeveralCertificates(usize),
    /// No file for a bundle of authorities.
    #[error("{0}")]
    BundleNotFound(ObjectError),
    /// A file that is too large.
    #[error("{0}")]
    Bundle(String),
    /// A bad bundle of authorities.
    #[error(transparent)]
    Authorities(#[from] InvalidAuthorities),
    /// No file for a revocation list.
    #[error("{0}")]
    RevocationContentNotFound(ObjectError),
    /// A file that is too large.
    #[error("{0}")]
    RevocationContent(String),
    /// A bad revocation list.
    #[error(transparent)]
    RevocationList(#[from] InvalidRevocationList),
    /// No such list in a trust store.
    #[error("the trust store has no revocation list {0}")]
    RevocationNotFound(i64),
    /// Too many lists.
    #[error("a trust store has at most {MAXIMUM_REVOCATION_LISTS} revocation lists")]
    TooManyLists,
    /// Too many entries.
    #[error("the revocation lists of a trust store have at most {MAXIMUM_REVOKED} entries")]
    TooManyRevoked,
    /// A list that could not be written to the disk.
    #[error("the revocation list could not be kept; try again")]
    NotKept,
    /// A listener verifies by it.
    #[error("trust store `{store}` is in use by listener `{listener}`")]
    TrustStoreInUse {
        /// The trust store.
        store: String,
        /// One of its listeners.
        listener: String,
    },
    /// Bad tags.
    #[error(transparent)]
    Tags(#[from] InvalidTags),
    /// A bad attribute.
    #[error(transparent)]
    Attribute(#[from] InvalidAttribute),
    /// A bad health check.
    #[error(transparent)]
    HealthCheck(#[from] InvalidHealthCheck),
    /// A bad matcher.
    #[error(transparent)]
    Matcher(#[from] InvalidMatcher),
    /// A marker of another listing.
    #[error(transparent)]
    Marker(#[from] InvalidToken),
}

/// The limits of an account, a region or a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quota {
    LoadBalancers,
    Listeners,
    TargetGroups,
    TargetsOfGroup,
    TargetsOfLoadBalancer,
    Rules,
    GroupsOfLoadBalancer,
    Certificates,
    TrustStores,
}

impl Quota {
    /// The limit (ELB user guide, quotas).
    pub(super) const fn limit(self) -> usize {
        match self {
            Self::LoadBalancers => model::elbv2::load_balancer::MAXIMUM_LOAD_BALANCERS,
            Self::Listeners => model::elbv2::load_balancer::MAXIMUM_LISTENERS,
            Self::TargetGroups => model::elbv2::target_group::MAXIMUM_TARGET_GROUPS,
            Self::TargetsOfGroup => model::elbv2::target_group::MAXIMUM_TARGETS,
            Self::TargetsOfLoadBalancer => model::elbv2::load_balancer::MAXIMUM_TARGETS,
            Self::Rules => model::elbv2::rule::MAXIMUM_RULES,
            Self::GroupsOfLoadBalancer => model::elbv2::rule::MAXIMUM_TARGET_GROUPS_PER_LOAD_BALANCER,
            Self::Certificates => model::elbv2::certificate::MAXIMUM_EXTRA_CERTIFICATES,
            Self::TrustStores => MAXIMUM_TRUST_STORES,
        }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::LoadBalancers => "load balancers in a region",
            Self::Listeners => "listeners of one load balancer",
            Self::TargetGroups => "target groups in a region",
            Self::TargetsOfGroup => "targets in one target group",
            Self::TargetsOfLoadBalancer => "targets behind one load balancer",
            Self::Rules => "rules of one load balancer (default rules are not counted)",
            Self::GroupsOfLoadBalancer => "target groups behind one load balancer",
            Self::Certificates => "certificates of one load balancer besides the default ones",
            Self::TrustStores => "trust stores in a region",
        }
    }

    const fn code(self) -> ErrorCode {
        match self {
            Self::LoadBalancers => ErrorCode::TooManyLoadBalancers,
            Self::Listeners => ErrorCode::TooManyListeners,
            Self::TargetGroups => ErrorCode::TooManyTargetGroups,
            Self::TargetsOfGroup | Self::TargetsOfLoadBalancer => ErrorCode::TooManyTargets,
            Self::Rules => ErrorCode::TooManyRules,
            Self::GroupsOfLoadBalancer => ErrorCode::TooManyUniqueTargetGroupsPerLoadBalancer,
            Self::Certificates => ErrorCode::TooManyCertificates,
            Self::TrustStores => ErrorCode::TooManyTrustStores,
        }
    }
}

impl Error {
    /// A resource that is not there.
    pub(super) fn not_found(resource: Resource, what: &str) -> Self {
        Self::NotFound { resource, what: shown(what) }
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid(_)
            | Self::NotAnArn { .. }
            | Self::NotAResource(_)
            | Self::HealthCheck(_)
            | Self::Matcher(_)
            | Self::Condition(_)
            | Self::Transform(_)
            | Self::BadAction(InvalidAction::Weight(_) | InvalidAction::Duration(_) | InvalidAction::Body)
            | Self::Marker(_) => ErrorCode::ValidationError,
            Self::NotOffered(_) | Self::Configuration(_) | Self::Stickiness(_) => {
                ErrorCode::InvalidConfigurationRequest
            }
            Self::NotFound { resource, .. } => resource.not_found(),
            Self::NameTaken { resource: Resource::LoadBalancer, .. } => ErrorCode::DuplicateLoadBalancerName,
            Self::NameTaken { resource: Resource::TargetGroup, .. } => ErrorCode::DuplicateTargetGroupName,
            Self::NameTaken { resource: Resource::TrustStore, .. } => ErrorCode::DuplicateTrustStoreName,
            Self::NameTaken { resource: Resource::Listener | Resource::Rule, .. } => ErrorCode::ValidationError,
            Self::CertificateNotFound(_) => ErrorCode::CertificateNotFound,
            Self::SeveralCertificates(_) => ErrorCode::TooManyCertificates,
            Self::BundleNotFound(_) => ErrorCode::CaCertificatesBundleNotFound,
            Self::Bundle(_) | Self::Authorities(_) => ErrorCode::InvalidCaCertificatesBundle,
            Self::RevocationContentNotFound(_) => ErrorCode::RevocationContentNotFound,
            Self::RevocationContent(_) | Self::RevocationList(_) => ErrorCode::InvalidRevocationContent,
            Self::RevocationNotFound(_) => ErrorCode::RevocationIdNotFound,
            Self::TooManyLists | Self::TooManyRevoked => ErrorCode::TooManyTrustStoreRevocationEntries,
            Self::NotKept => ErrorCode::ServiceUnavailable,
            Self::TrustStoreInUse { .. } => ErrorCode::TrustStoreInUse,
            Self::SubnetNotFound(_) => ErrorCode::SubnetNotFound,
            Self::SubnetFull(_) => ErrorCode::InvalidSubnet,
            Self::SecurityGroup(_) => ErrorCode::InvalidSecurityGroup,
            Self::PortTaken(_) => ErrorCode::DuplicateListener,
            Self::Action(_)
            | Self::BadAction(
                InvalidAction::TargetGroups(_)
                | InvalidAction::Repeated(_)
                | InvalidAction::Redirect { .. }
                | InvalidAction::Loop
                | InvalidAction::Downgrade
                | InvalidAction::Status(_)
                | InvalidAction::ContentType(_),
            ) => ErrorCode::InvalidLoadBalancerAction,
            Self::PriorityTaken(_) => ErrorCode::PriorityInUse,
            Self::UsedElsewhere(_) => ErrorCode::TargetGroupAssociationLimit,
            Self::InUse(_) => ErrorCode::ResourceInUse,
            Self::NotPermitted(_) => ErrorCode::OperationNotPermitted,
            Self::Target(_) => ErrorCode::InvalidTarget,
            Self::TooMany(quota) => quota.code(),
            Self::PolicyNotFound(_) => ErrorCode::SSLPolicyNotFound,
            Self::Tags(InvalidTags::TooMany) => ErrorCode::TooManyTags,
            Self::Tags(InvalidTags::Duplicate(_)) => ErrorCode::DuplicateTagKeys,
            Self::Tags(InvalidTags::KeyLength(_) | InvalidTags::ValueLength(_) | InvalidTags::Reserved(_)) => {
                ErrorCode::ValidationError
            }
            Self::Attribute(InvalidAttribute::NotSupported { .. } | InvalidAttribute::Combination(_)) => {
                ErrorCode::InvalidConfigurationRequest
            }
            Self::Attribute(
                InvalidAttribute::UnknownKey(_) | InvalidAttribute::Duplicate(_) | InvalidAttribute::Value { .. },
            ) => ErrorCode::ValidationError,
        }
    }
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        Self::from_shape(error.code().shape(), error.to_string())
    }
}

/// A caller's text, as long as an error should show it.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}
