//! The trait of the compute drivers, and what goes in and comes out.
//!
//! A driver carries out commands about one instance at a time and tells what is there; it decides nothing. Every command
//! may be given again: stopping what is stopped and removing what is gone succeed. A reboot is composed by the caller:
//! stop, then start with a higher boot number.

use model::{
    Tags, Timestamp,
    ec2::{
        image::ImageSource,
        instance::DriverKind,
        instance_state::{Observed, Presence},
    },
    id::{ImageId, InstanceId, ReservationId, SecurityGroupId, SubnetId, VpcId},
};
use std::{
    collections::BTreeMap,
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How much of an instance's console is kept, in bytes: what GetConsoleOutput shows at most.
pub const MAXIMUM_CONSOLE_OUTPUT: usize = 64 << 10;
/// How long the console of a terminated instance can still be read.
pub const CONSOLE_KEPT_AFTER_REMOVAL: Duration = Duration::from_secs(3600);

/// What runs instances. One implementation per [`DriverKind`]; all pass `tests/conformance.rs`.
pub trait ComputeDriver: Send + Sync {
    /// Which one it is.
    fn kind(&self) -> DriverKind;

    /// Boots an instance; its directory is made from the image if it has none. Returns as soon as it runs, which is
    /// before user data or the boot command have done anything.
    ///
    /// # Errors
    /// When it cannot be booted; nothing of it runs then. [`DriverError::AlreadyRuns`] when some boot of it is up.
    fn start(&self, spec: &InstanceSpec) -> impl Future<Output = Result<Started, DriverError>> + Send;

    /// Asks an instance to end: a termination signal to all of its processes, and death after the grace. Returns when the
    /// request is handed over; the end shows in the inventory. A second call can shorten the grace.
    ///
    /// # Errors
    /// When the request cannot be handed over.
    fn stop(&self, id: &InstanceId, grace: Duration) -> impl Future<Output = Result<(), DriverError>> + Send;

    /// Ends an instance without asking it, and waits until nothing of it runs (at most some seconds).
    ///
    /// # Errors
    /// When something of it could not be ended.
    fn kill(&self, id: &InstanceId) -> impl Future<Output = Result<(), DriverError>> + Send;

    /// Kills what runs of it and deletes its directory; the console output is kept for a while.
    ///
    /// # Errors
    /// When something of it could not be ended or deleted.
    fn remove(&self, id: &InstanceId) -> impl Future<Output = Result<(), DriverError>> + Send;

    /// What is there, in the order of ids: found again after a restart of the control plane, and adopted.
    ///
    /// # Errors
    /// When the data directory cannot be read.
    fn inventory(&self) -> impl Future<Output = Result<Vec<Observed>, DriverError>> + Send;

    /// The newest [`MAXIMUM_CONSOLE_OUTPUT`] bytes that an instance wrote, over all its boots; `None` when it is unknown
    /// or was removed longer than [`CONSOLE_KEPT_AFTER_REMOVAL`] ago.
    ///
    /// # Errors
    /// When it cannot be read.
    fn console_output(&self, id: &InstanceId) -> impl Future<Output = Result<Option<Vec<u8>>, DriverError>> + Send;

    /// What every instance that is up has used since its boot.
    ///
    /// # Errors
    /// When the data directory cannot be read.
    fn usage(&self) -> impl Future<Output = Result<BTreeMap<InstanceId, Usage>, DriverError>> + Send;

    /// A number that grows whenever something may have changed by itself: wait on it, then take the inventory.
    fn changes(&self) -> watch::Receiver<u64>;
}

/// What to boot.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceSpec {
    /// The instance.
    pub id: InstanceId,
    /// The number of this boot, from 1.
    pub boot: u32,
    /// Where its files come from, when it has none yet.
    pub image: ImageSource,
    /// Run by `/bin/sh -c` at this boot; none means the image's own command, which OCI images and the site image have, or
    /// that only user data runs.
    pub boot_command: Option<String>,
    /// The `PORT` in its environment.
    pub port: u16,
    /// Run once in the life of the instance. The driver remembers on its disk that it was run.
    pub user_data: Option<Vec<u8>>,
    /// The `HOST` in its environment: where it is to listen and is reached.
    pub address: IpAddr,
    /// Virtual processors of its type; told to the instance, and enforced by the sandbox driver.
    pub vcpus: u32,
    /// Memory of its type in MiB, enforced by the sandbox driver; none means no limit.
    pub memory_mib: Option<u64>,
    /// The network namespace that a sandbox is put into (a file like those of `ip netns`); none means one of its own in
    /// which there is only loopback. Bare processes are in the host's.
    pub network_namespace: Option<PathBuf>,
    /// Who answers names inside a sandbox; none leaves the image's file as it is.
    pub resolver: Option<Ipv4Addr>,
    /// A line for `authorized_keys` of those who log in to a sandbox.
    pub authorized_key: Option<String>,
    /// What it can find out about itself.
    pub metadata: Metadata,
}

/// What an instance can find out about itself; the process driver puts it into the environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// Twelve digits.
    pub account: String,
    /// Region name.
    pub region: String,
    /// Zone name.
    pub zone: String,
    /// For example `t2.micro`.
    pub instance_type: String,
    /// The image.
    pub image_id: ImageId,
    /// The address within the subnet.
    pub private_address: Ipv4Addr,
    /// The VPC.
    pub vpc_id: VpcId,
    /// The subnet.
    pub subnet_id: SubnetId,
    /// Security groups.
    pub security_groups: Vec<SecurityGroupId>,
    /// The launch.
    pub reservation_id: ReservationId,
    /// Its place within the launch.
    pub launch_index: u32,
    /// Tags.
    pub tags: Tags,
    /// The URL of the API, if instances are to know it.
    pub api_endpoint: Option<String>,
}

/// An instance that was booted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// Where it is reached.
    pub address: IpAddr,
    /// Its first process, when the driver has processes.
    pub pid: Option<u32>,
    /// When it started, by the wall clock.
    pub started_at: Timestamp,
}

/// What an instance has used since its boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Which boot; figures begin at zero with each.
    pub boot: u32,
    /// Processor time of everything that it started, those that ended included. Never falls within a boot.
    pub cpu: Duration,
    /// Resident memory now, in bytes. Pages that several processes share are counted for each.
    pub memory_bytes: u64,
    /// Network traffic; `None` where the driver cannot tell one instance's from another's.
    pub network: Option<NetworkBytes>,
}

/// Network traffic since the boot, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetworkBytes {
    /// Received.
    pub received: u64,
    /// Sent.
    pub sent: u64,
}

/// How this very program is started again in its other parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfCommand {
    /// The program's path, never searched for in `PATH`; in production the running one.
    pub program: PathBuf,
    /// What makes it a shim (`["shim"]`); the instance's directory is appended.
    pub shim_arguments: Vec<String>,
    /// What makes it the site of the demonstration image (`["site"]`).
    pub site_arguments: Vec<String>,
    /// What makes it the first process of a sandbox (`["init"]`); a file of `#cloud-config` may be appended.
    pub init_arguments: Vec<String>,
    /// What makes it the holder of namespaces (`["hold"]`); see [`crate::rootless::hold`].
    pub holder_arguments: Vec<String>,
    /// What makes it try sandboxes without root (`["trial"]`), see [`crate::sandbox::probe::probe_without_root`]; the directory
    /// is appended.
    pub trial_arguments: Vec<String>,
}

/// A command or a question that a driver could not answer.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// A boot of it is up.
    #[error("instance {id} already runs boot {boot}")]
    AlreadyRuns {
        /// Whose.
        id: InstanceId,
        /// Which.
        boot: u32,
    },
    /// The image cannot be copied.
    #[error("image {path} cannot be used: {reason}")]
    Image {
        /// The file or directory, or the file in it.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// An image that this driver has no means for.
    #[error(
        "image {image} has a root file system, and the {driver} driver has no root file systems: use the sandbox driver"
    )]
    NoRootFileSystem {
        /// Where its files come from.
        image: String,
        /// The driver's name.
        driver: &'static str,
    },
    /// The shim did not come up.
    #[error("instance {id} did not start: {reason}")]
    NotStarted {
        /// Whose.
        id: InstanceId,
        /// Why.
        reason: String,
    },
    /// Processes survive.
    #[error("{count} processes of instance {id} could not be ended")]
    Survivors {
        /// Whose.
        id: InstanceId,
        /// How many.
        count: usize,
    },
    /// The driver has no way to do that.
    #[error("{reason}")]
    NotPossible {
        /// What, and why not.
        reason: String,
    },
    /// A file or a directory of the driver.
    #[error("{action} {path}: {source}")]
    Io {
        /// What was tried, for example `cannot write`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Blocking work was cut off because the runtime ends.
    #[error("the driver is shutting down")]
    ShuttingDown,
}

impl DriverError {
    /// For `map_err`: an error about a file.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

/// How often [`stop_all`] looks whether all have ended, if no change wakes it.
const SWEEP: Duration = Duration::from_millis(250);

/// Stops every instance of a driver and waits until none is up: the orderly end of `goru up`. Whatever has not ended soon
/// after the grace is killed. Returns how many instances were up.
///
/// # Errors
/// The first error, after everything was tried.
pub async fn stop_all(driver: &impl ComputeDriver, grace: Duration) -> Result<usize, DriverError> {
    let mut changes = driver.changes();
    let mut first_error = None;
    let up = present(driver).await?;
    for id in &up {
        first_error = first_error.or(driver.stop(id, grace).await.err());
    }
    // The shims kill after the grace by themselves; two seconds more are for those that hang.
    let deadline = Instant::now() + grace + Duration::from_secs(2);
    loop {
        let left = present(driver).await?;
        if left.is_empty() {
            break;
        }
        if Instant::now() >= deadline {
            for id in &left {
                first_error = first_error.or(driver.kill(id).await.err());
            }
            break;
        }
        // Either a change or the sweep; a closed channel cannot be, the driver holds its sender.
        let _ = tokio::time::timeout(SWEEP, changes.changed()).await;
    }
    first_error.map_or(Ok(up.len()), Err)
}

async fn present(driver: &impl ComputeDriver) -> Result<Vec<InstanceId>, DriverError> {
    let inventory = driver.inventory().await?;
    Ok(inventory.into_iter().filter(|observed| !matches!(observed.presence, Presence::Down(_))).map(|o| o.id).collect())
}
