//! What every operation is given: who calls, where, when, and what there is to work with.
//!
//! One [`Context`] is made per request by the gateway. Operations read the clock, draw ids and reach state through it
//! and through nothing else. [`Settings`] is the part of the configuration that operations can see.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use model::cidr::Cidr;
use model::ec2::image::Image;
use model::elbv2::plan::HostFacts;
use model::id::InstanceId;
pub use model::time::Clock;
use model::{Arn, IdSource, Scope, Timestamp};
use store::Store;

use crate::files::Files;
use crate::regions::{self, Region, Zone};

/// The source of ids of the whole server.
pub type SharedIds = Arc<Mutex<dyn IdSource + Send>>;

/// How the signer of a request is established.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// AWS Signature Version 4 with a key of the store.
    Sigv4,
    /// Any signature, or none: for throw-away test servers on loopback.
    None,
}

/// What instances have for files: whether an image can be made of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceFiles {
    /// A root file system of their own.
    Own,
    /// The host's, or none: there is nothing that would make an image.
    OfHost,
}

/// The part of the configuration that operations can see.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Twelve digits: the account of the root key.
    pub account_id: String,
    /// The region of requests that name none (only with [`Authentication::None`]).
    pub default_region: String,
    /// How signers are established.
    pub authentication: Authentication,
    /// Zone letters offered in a region, for regions where that differs from AWS's own.
    pub zones: BTreeMap<String, Vec<char>>,
    /// What DNS names of load balancers end in, without a leading dot; `elb.localhost` by default.
    pub dns_suffix: String,
    /// Which addresses and ports load balancers are reached at.
    pub host: HostFacts,
    /// Where Elastic IPs come from.
    pub public_pool: Cidr,
    /// Images that everybody may launch: the built-in ones and those of the configuration.
    pub images: Vec<Image>,
    /// What instances have for files, which depends on what runs them.
    pub instance_files: InstanceFiles,
    /// Where this API listens, if it does: never an endpoint of a subscription.
    pub api: Option<std::net::SocketAddr>,
    /// Seals pagination tokens.
    pub token_key: TokenKey,
}

/// The key that seals pagination tokens; never shown.
#[derive(Clone)]
pub struct TokenKey(pub [u8; 32]);

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(…)")
    }
}

impl Settings {
    /// The zones of a region that this server offers, in order. Unknown regions have none.
    pub fn zones(&self, region: &str) -> Vec<Zone> {
        let Some(known) = regions::find(region) else { return Vec::new() };
        match self.zones.get(region) {
            Some(letters) => letters.iter().map(|letter| known.zone_of(*letter)).collect(),
            None => known.all_zones(),
        }
    }
}

/// Who signed a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The account itself.
    Root,
    /// An IAM user.
    User {
        /// Its name.
        name: String,
        /// `AIDA…`
        id: String,
        /// Begins and ends with `/`.
        path: String,
    },
}

impl Principal {
    /// `arn:aws:iam::<account>:root` or `arn:aws:iam::<account>:user/<path><name>`.
    pub fn arn(&self, account: &str) -> Arn {
        match self {
            Self::Root => Arn::new("iam", "", account, "root"),
            Self::User { name, id: _, path } => Arn::new("iam", "", account, format!("user{path}{name}")),
        }
    }
}

impl fmt::Display for Principal {
    /// For the log: `root` or `user/<name>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("root"),
            Self::User { name, .. } => write!(f, "user/{name}"),
        }
    }
}

/// What instances write to their console; kept by whoever runs them. The only thing that operations show and the store
/// does not have.
pub trait Console: Send + Sync {
    /// The newest output of an instance and when it was read; `None` when there is none.
    fn read(&self, instance: &InstanceId) -> Option<(Vec<u8>, Timestamp)>;
}

/// The console of a server on which nothing runs.
pub(crate) struct NoConsole;

impl Console for NoConsole {
    fn read(&self, _instance: &InstanceId) -> Option<(Vec<u8>, Timestamp)> {
        None
    }
}

/// What the caller should know though the operation succeeded. Copies share what is added.
#[derive(Clone, Debug, Default)]
pub struct Warnings(Arc<Mutex<Vec<String>>>);

impl Warnings {
    /// Adds one: a sentence without an end, all of it ASCII.
    pub fn add(&self, warning: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
    }

    /// All there are; none are left.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One request's surroundings.
#[derive(Clone)]
pub struct Context {
    /// All state.
    pub store: Store,
    /// The configuration in force when the request came in.
    pub settings: Arc<Settings>,
    /// Who calls.
    pub principal: Principal,
    /// The access key that signed; `None` for an unsigned request under [`Authentication::None`].
    pub access_key_id: Option<String>,
    /// The caller's account.
    pub account: String,
    /// The region of the credential scope; always one of [`regions::REGIONS`].
    pub region: String,
    /// Shown in the answer and in the log.
    pub request_id: String,
    /// The moment the request came in; the only time an operation knows.
    pub now: Timestamp,
    /// Where new ids come from; see [`Self::mint`].
    pub ids: SharedIds,
    /// The consoles of instances.
    pub console: Arc<dyn Console>,
    /// Files that stand for objects of S3.
    pub files: Arc<dyn Files>,
    /// Said in the answer's header fields, beside its content.
    pub warnings: Warnings,
}

impl Context {
    /// The scope of regional state.
    pub fn scope(&self) -> Scope {
        Scope::new(&self.account, &self.region)
    }

    /// The scope of state that belongs to no region (IAM).
    pub fn global_scope(&self) -> Scope {
        Scope::global(&self.account)
    }

    /// Draws ids, for example `cx.mint(VpcId::mint)`. Draw them before a transaction: its closure may run twice.
    pub fn mint<T>(&self, make: impl FnOnce(&mut dyn IdSource) -> T) -> T {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        make(&mut *ids)
    }

    /// An ARN in the caller's account and region.
    pub fn arn(&self, service: &str, resource: impl AsRef<str>) -> Arn {
        Arn::new(service, &self.region, &self.account, resource)
    }

    /// The caller's region as AWS's data knows it.
    pub fn region(&self) -> &'static Region {
        regions::find(&self.region).expect("the gateway lets only known regions in")
    }

    /// The zones that this server offers in the caller's region, in order.
    pub fn zones(&self) -> Vec<Zone> {
        self.settings.zones(&self.region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_have_the_arns_that_aws_gives_them() {
        let user = |path: &str| Principal::User { name: "kim".into(), id: "AIDA".into(), path: path.into() };
        assert_eq!(Principal::Root.arn("123456789012").to_string(), "arn:aws:iam::123456789012:root");
        assert_eq!(user("/").arn("123456789012").to_string(), "arn:aws:iam::123456789012:user/kim");
        assert_eq!(user("/dev/ops/").arn("123456789012").to_string(), "arn:aws:iam::123456789012:user/dev/ops/kim");
    }

    #[test]
    fn the_key_of_tokens_is_not_shown() {
        assert_eq!(format!("{:?}", TokenKey([7; 32])), "TokenKey(…)");
    }
}
