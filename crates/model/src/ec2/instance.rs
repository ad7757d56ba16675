//! An instance: what was asked for, what was observed, and AWS's state made of both.

use crate::{
    Tags, Timestamp,
    id::{
        ImageId, InstanceId, NetworkAttachmentId, NetworkInterfaceId, ReservationId, SecurityGroupId, SubnetId, VpcId,
    },
};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr};

/// The most instances of one account and region that are not terminated: the quota that RunInstances is held to.
pub const MAXIMUM_INSTANCES: usize = 10_000;
/// The most instances of one launch, which is one transaction of the store.
pub const MAXIMUM_INSTANCES_PER_LAUNCH: usize = 1000;
/// The most user data, in bytes before base64 (EC2 user guide: 16 KB).
pub const MAXIMUM_USER_DATA_BYTES: usize = 16 * 1024;
/// The longest description of a network interface, in characters.
pub const MAXIMUM_DESCRIPTION_LENGTH: usize = 255;
/// The most routers over which an answer of the metadata service goes that begins a session.
pub const MAXIMUM_HOP_LIMIT: u8 = 64;
/// The name of the host that runs instances, while there is one host.
pub const LOCAL_HOST: &str = "local";

/// One instance. `desired` is what the user asked for, `state` what the API shows; `controllers::instances` moves the
/// second towards the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// `i-…`
    pub id: InstanceId,
    /// The call that launched it.
    pub reservation_id: ReservationId,
    /// Its place within that call, from 0.
    pub launch_index: u32,
    /// The token of the call, when it had one.
    pub client_token: Option<String>,
    /// What it boots from.
    pub image_id: ImageId,
    /// For example `t2.micro`; a key of [`super::instance_type`].
    pub instance_type: String,
    /// The host that runs it.
    pub host: String,
    /// Zone name, for example `ap-northeast-2a`.
    pub zone: String,
    /// The VPC.
    pub vpc_id: VpcId,
    /// The subnet.
    pub subnet_id: SubnetId,
    /// Its only network interface.
    pub network_interface_id: NetworkInterfaceId,
    /// The binding of the interface.
    pub network_attachment_id: NetworkAttachmentId,
    /// Free text of the interface; empty unless the launch gave one.
    #[serde(default)]
    pub network_interface_description: String,
    /// Tags of the interface.
    #[serde(default)]
    pub network_interface_tags: Tags,
    /// The address within the subnet; kept until it is terminated.
    pub private_address: Ipv4Addr,
    /// Where the process driver lets it listen, from 127.64.0.0/12; assigned at its first boot and kept.
    pub host_address: Option<Ipv4Addr>,
    /// Whether the launch asked for (or the subnet gives) a public address.
    pub public_address_wanted: bool,
    /// The public address that it was given from the `public_pool`, while it runs in a network of its own; an Elastic IP that is
    /// associated with its interface takes its place.
    #[serde(default)]
    pub pool_address: Option<Ipv4Addr>,
    /// Security groups, at least one.
    pub security_groups: Vec<SecurityGroupId>,
    /// The key pair's name, if one was named.
    pub key_name: Option<String>,
    /// The public key of that key pair at the launch, as `authorized_keys` wants it. The pair itself may be deleted since.
    #[serde(default)]
    pub public_key: Option<String>,
    /// Decoded user data, at most 16 KiB; run once, at the first boot.
    pub user_data: Option<Vec<u8>>,
    /// What a shutdown from inside means.
    pub shutdown_behavior: ShutdownBehavior,
    /// Whether TerminateInstances is refused.
    pub termination_protection: bool,
    /// Whether StopInstances is refused.
    pub stop_protection: bool,
    /// How it may read its metadata.
    #[serde(default)]
    pub metadata_options: MetadataOptions,
    /// Whether metrics are served by the minute (`detailed`) rather than by five minutes.
    pub detailed_monitoring: bool,
    /// The instance's tags, those of AWS included.
    pub tags: Tags,
    /// The Auto Scaling group that launched it or that it was attached to: a dimension of its metrics.
    #[serde(default)]
    pub auto_scaling_group: Option<String>,
    /// When RunInstances accepted it, or StartInstances last did.
    pub launched_at: Timestamp,
    /// What the user wants it to be.
    pub desired: DesiredState,
    /// Whether a stop or termination under way kills at once (`Force`, `SkipOsShutdown`); false once it starts again.
    #[serde(default)]
    pub end_without_asking: bool,
    /// What the API shows.
    pub state: InstanceState,
    /// When `state` last changed.
    pub state_changed_at: Timestamp,
    /// Why it is in this state, when there is something to say.
    pub state_reason: Option<StateReason>,
    /// Counts boots: a new number makes the controller boot (again). Start and Reboot increase it.
    pub boot: u32,
    /// What runs for it now; absent when nothing does.
    pub runtime: Option<Runtime>,
}

/// How an instance may read its metadata (EC2 API reference, InstanceMetadataOptionsRequest).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataOptions {
    /// `HttpEndpoint`; default true.
    pub is_enabled: bool,
    /// Whether only sessions are answered (`HttpTokens` is `required`); default false.
    pub requires_token: bool,
    /// `HttpPutResponseHopLimit`: over how many routers answers go that begin a session, 1 to 64; default 1.
    pub hop_limit: u8,
    /// `InstanceMetadataTags`; default false.
    pub shows_tags: bool,
}

/// Names that the metadata service has for itself, in a directory of tags.
const TAG_KEYS_TAKEN: [&str; 3] = [".", "..", "_index"];
/// What keys of tags that are shown there consist of beside letters and digits (EC2 user guide, tags in instance metadata).
const TAG_KEY_PUNCTUATION: &str = "+-=.,_:@";

/// A key of a tag that the metadata service of an instance cannot show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the key `{key}` cannot be shown by the metadata service: while InstanceMetadataTags is enabled, keys of an instance's tags \
     consist of letters of English, digits and {TAG_KEY_PUNCTUATION}, and are not ., .. or _index"
)]
pub struct HiddenTagKey {
    /// The key.
    pub key: String,
}

impl MetadataOptions {
    /// Refuses tags that the metadata service would have to show and cannot.
    ///
    /// # Errors
    /// The first key that is no name in a directory.
    pub fn check_tags(&self, tags: &Tags) -> Result<(), HiddenTagKey> {
        let fits = |key: &String| {
            key.chars().all(|c| c.is_ascii_alphanumeric() || TAG_KEY_PUNCTUATION.contains(c))
                && !TAG_KEYS_TAKEN.contains(&key.as_str())
        };
        match tags.0.keys().find(|key| self.shows_tags && !fits(key)) {
            Some(key) => Err(HiddenTagKey { key: key.clone() }),
            None => Ok(()),
        }
    }
}

impl Default for MetadataOptions {
    fn default() -> Self {
        Self { is_enabled: true, requires_token: false, hop_limit: 1, shows_tags: false }
    }
}

/// What a launch or a change says of [`MetadataOptions`]; what it leaves open stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MetadataOptionsChange {
    /// [`MetadataOptions::is_enabled`]
    pub is_enabled: Option<bool>,
    /// [`MetadataOptions::requires_token`]
    pub requires_token: Option<bool>,
    /// [`MetadataOptions::hop_limit`]
    pub hop_limit: Option<u8>,
    /// [`MetadataOptions::shows_tags`]
    pub shows_tags: Option<bool>,
}

impl MetadataOptionsChange {
    /// The change that makes these options out of any others.
    pub fn to(options: MetadataOptions) -> Self {
        let MetadataOptions { is_enabled, requires_token, hop_limit, shows_tags } = options;
        Self {
            is_enabled: Some(is_enabled),
            requires_token: Some(requires_token),
            hop_limit: Some(hop_limit),
            shows_tags: Some(shows_tags),
        }
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The options after it.
    #[must_use]
    pub fn applied_to(self, options: MetadataOptions) -> MetadataOptions {
        MetadataOptions {
            is_enabled: self.is_enabled.unwrap_or(options.is_enabled),
            requires_token: self.requires_token.unwrap_or(options.requires_token),
            hop_limit: self.hop_limit.unwrap_or(options.hop_limit),
            shows_tags: self.shows_tags.unwrap_or(options.shows_tags),
        }
    }

    /// This with what `by` says in its place.
    #[must_use]
    pub fn overridden(self, by: Self) -> Self {
        Self {
            is_enabled: by.is_enabled.or(self.is_enabled),
            requires_token: by.requires_token.or(self.requires_token),
            hop_limit: by.hop_limit.or(self.hop_limit),
            shows_tags: by.shows_tags.or(self.shows_tags),
        }
    }
}

/// What the user asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DesiredState {
    /// To run.
    Running,
    /// To be stopped, its directory kept.
    Stopped,
    /// To be gone.
    Terminated,
}

/// AWS's instance states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceState {
    /// Being started.
    Pending,
    /// Running.
    Running,
    /// Being terminated.
    ShuttingDown,
    /// Gone; shown for about an hour.
    Terminated,
    /// Being stopped.
    Stopping,
    /// Stopped; can be started again.
    Stopped,
}

impl InstanceState {
    /// The code in the API: 0, 16, 32, 48, 64 or 80 (EC2 API reference, InstanceState).
    pub const fn code(self) -> i32 {
        match self {
            Self::Pending => 0,
            Self::Running => 16,
            Self::ShuttingDown => 32,
            Self::Terminated => 48,
            Self::Stopping => 64,
            Self::Stopped => 80,
        }
    }

    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::ShuttingDown => "shutting-down",
            Self::Terminated => "terminated",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        }
    }
}

/// What a shutdown from inside the instance means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShutdownBehavior {
    /// It becomes `stopped` (AWS's default).
    #[default]
    Stop,
    /// It is terminated.
    Terminate,
}

/// AWS's code and a sentence: `Client.UserInitiatedShutdown`, `Server.InternalError` …
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateReason {
    /// AWS's code.
    pub code: String,
    /// What happened.
    pub message: String,
}

/// What runs for an instance on its host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runtime {
    /// The boot that this is.
    pub boot: u32,
    /// Where the instance is reached from the load balancer node and from the host.
    pub address: IpAddr,
    /// The instance's first process, when the driver has one.
    pub pid: Option<u32>,
    /// When it started.
    pub started_at: Timestamp,
    /// Whether its reachability check passes (the main process is alive).
    pub reachable: bool,
}

/// The ways in which instances are run; chosen by configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DriverKind {
    /// Each instance is a process group of the host; no isolation.
    Process,
    /// Nothing runs; for tests and simulation.
    Simulated,
    /// Each instance has a root file system, namespaces and limits of its own.
    Sandbox,
}

impl Instance {
    /// Whether it holds its place in the subnet: its address, interface and security groups are in use. AWS gives them
    /// back when an instance is terminated.
    pub fn occupies(&self) -> bool {
        match self.state {
            InstanceState::Terminated => false,
            InstanceState::Pending
            | InstanceState::Running
            | InstanceState::ShuttingDown
            | InstanceState::Stopping
            | InstanceState::Stopped => true,
        }
    }

    /// The address by which the outside reaches it, when it wanted one and runs. Where it shares the host's network there
    /// is no separate public address: it is the one where the instance is really reached.
    pub fn public_address(&self) -> Option<IpAddr> {
        let reached = self.address()?;
        if reached == IpAddr::V4(self.private_address) {
            self.pool_address.map(IpAddr::V4)
        } else {
            self.public_address_wanted.then_some(reached)
        }
    }

    /// Where targets of this instance are reached; `None` while it does not run.
    pub fn address(&self) -> Option<IpAddr> {
        match self.state {
            InstanceState::Running => self.runtime.as_ref().map(|runtime| runtime.address),
            InstanceState::Pending
            | InstanceState::ShuttingDown
            | InstanceState::Terminated
            | InstanceState::Stopping
            | InstanceState::Stopped => None,
        }
    }
}
