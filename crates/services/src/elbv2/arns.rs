//! ARNs of this service: read from a request, and the records they name.
//!
//! A text that is not an ARN of the kind asked for is `ValidationError`; one that names nothing in the caller's account
//! and region (also because it is of another one) is the kind's own `…NotFound`.

use std::sync::Arc;

use api::elbv2::ErrorCode;
use model::elbv2::listener::Listener;
use model::elbv2::load_balancer::LoadBalancer;
use model::elbv2::target_group::TargetGroup;
use model::elbv2::trust_store::TrustStore;
use model::{Arn, Scope};
use store::{Record, View};

use super::errors::{Error, shown};

/// The service's name in ARNs.
pub(super) const SERVICE: &str = "elasticloadbalancing";
/// How many hexadecimal digits the ids in ARNs have.
pub(super) const ID_DIGITS: usize = 16;

/// What ARNs of this service name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    LoadBalancer,
    TargetGroup,
    Listener,
    Rule,
    TrustStore,
}

impl Resource {
    const ALL: [Self; 5] = [Self::LoadBalancer, Self::TargetGroup, Self::Listener, Self::Rule, Self::TrustStore];

    /// For sentences.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::LoadBalancer => "load balancer",
            Self::TargetGroup => "target group",
            Self::Listener => "listener",
            Self::Rule => "rule",
            Self::TrustStore => "trust store",
        }
    }

    /// The code for one that is not there.
    pub(super) const fn not_found(self) -> ErrorCode {
        match self {
            Self::LoadBalancer => ErrorCode::LoadBalancerNotFound,
            Self::TargetGroup => ErrorCode::TargetGroupNotFound,
            Self::Listener => ErrorCode::ListenerNotFound,
            Self::Rule => ErrorCode::RuleNotFound,
            Self::TrustStore => ErrorCode::TrustStoreNotFound,
        }
    }

    /// Whether the resource part of an ARN is of this kind.
    fn fits(self, parts: &[&str]) -> bool {
        match (self, parts) {
            (Self::LoadBalancer, ["loadbalancer", kind, _, _])
            | (Self::Listener, ["listener", kind, _, _, _])
            | (Self::Rule, ["listener-rule", kind, _, _, _, _]) => matches!(*kind, "app" | "net" | "gwy"),
            (Self::TargetGroup, ["targetgroup", _, _]) | (Self::TrustStore, ["truststore", _, _]) => true,
            (Self::LoadBalancer | Self::Listener | Self::Rule | Self::TargetGroup | Self::TrustStore, _) => false,
        }
    }
}

/// An ARN of that kind.
pub(super) fn parse(resource: Resource, text: &str) -> Result<Arn, Error> {
    let arn = text.parse::<Arn>().ok().filter(|arn| well_formed(arn) && resource.fits(&arn.resource_parts()));
    arn.ok_or_else(|| Error::NotAnArn { resource, text: shown(text) })
}

/// An ARN of any kind.
pub(super) fn parse_any(text: &str) -> Result<(Resource, Arn), Error> {
    let found = Resource::ALL.into_iter().find_map(|resource| Some((resource, parse(resource, text).ok()?)));
    found.ok_or_else(|| Error::NotAResource(shown(text)))
}

fn well_formed(arn: &Arn) -> bool {
    let name = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let account = arn.account().len() == 12 && arn.account().bytes().all(|b| b.is_ascii_digit());
    arn.partition() == "aws"
        && arn.service() == SERVICE
        && name(arn.region())
        && account
        && arn.resource_parts().into_iter().all(name)
}

fn existing<R: Record>(view: &View, scope: &Scope, resource: Resource, text: &str) -> Result<Arc<R>, Error> {
    let arn = parse(resource, text)?;
    view.get(scope, arn.to_string()).ok_or_else(|| Error::not_found(resource, text))
}

/// The load balancer that an ARN names.
pub(super) fn load_balancer(view: &View, scope: &Scope, arn: &str) -> Result<Arc<LoadBalancer>, Error> {
    existing(view, scope, Resource::LoadBalancer, arn)
}

/// The target group that an ARN names.
pub(super) fn target_group(view: &View, scope: &Scope, arn: &str) -> Result<Arc<TargetGroup>, Error> {
    existing(view, scope, Resource::TargetGroup, arn)
}

/// The listener that an ARN names.
pub(super) fn listener(view: &View, scope: &Scope, arn: &str) -> Result<Arc<Listener>, Error> {
    existing(view, scope, Resource::Listener, arn)
}

/// The trust store that an ARN names.
pub(super) fn trust_store(view: &View, scope: &Scope, arn: &str) -> Result<Arc<TrustStore>, Error> {
    existing(view, scope, Resource::TrustStore, arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef";

    fn arn(resource: &str) -> String {
        format!("arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:{resource}")
    }

    #[test]
    fn each_kind_reads_its_own_arns_only() {
        let table = [
            (Resource::LoadBalancer, format!("loadbalancer/app/web/{ID}")),
            (Resource::TargetGroup, format!("targetgroup/web/{ID}")),
            (Resource::Listener, format!("listener/app/web/{ID}/{ID}")),
            (Resource::Rule, format!("listener-rule/app/web/{ID}/{ID}/{ID}")),
            (Resource::TrustStore, format!("truststore/web/{ID}")),
        ];
        for (resource, text) in &table {
            for other in Resource::ALL {
                assert_eq!(parse(other, &arn(text)).is_ok(), other == *resource, "{other:?} {text}");
            }
            assert_eq!(parse_any(&arn(text)).unwrap().0, *resource);
        }
    }

    #[test]
    fn what_is_no_arn_of_this_service_is_refused() {
        let good = arn(&format!("targetgroup/web/{ID}"));
        assert!(parse_any(&good).is_ok());
        let table = [
            String::new(),
            "web".to_owned(),
            good.replace("arn:aws:", "arn:aws-cn:"),
            good.replace(SERVICE, "ec2"),
            good.replace("ap-northeast-2", ""),
            good.replace("123456789012", "12345678901"),
            good.replace("123456789012", "12345678901x"),
            good[..good.len() - ID.len() - 1].to_owned(),
            good.replace("web", ".."),
            good.replace("/web/", "/../web/"),
            good.replace("web", ""),
            format!("{good}/x"),
            format!("{good} "),
            arn("loadbalancer/classic"),
            arn(&format!("loadbalancer/foo/web/{ID}")),
            arn(&"x".repeat(2000)),
        ];
        for text in table {
            assert!(parse_any(&text).is_err(), "{text}");
        }
    }
}
