//! Where instances run: one trait, its drivers, and the small programs that they start.
//!
//! `driver` is the trait and what goes in and out of it. `process` runs instances as processes of this host and `sandbox`
//! in sandboxes made of an `image`, each under a `shim` of its own (`shimmed` is what both have in common) and sandboxes
//! with `init` as their first process; `simulated` runs nothing. `choice` decides between them. `site` is the web site of the built-in demonstration image. This crate
//! knows no store and no API: which instance should be in which state is decided in `model::ec2::instance_state`.

mod channel;
pub mod choice;
mod console_output;
mod directory;
pub mod driver;
mod ending;
mod environment;
pub mod image;
mod image_copy;
pub mod init;
mod phase;
pub mod process;
mod processes;
pub mod rootless;
pub mod sandbox;
pub mod shim;
mod shimmed;
mod signals;
pub mod simulated;
pub mod site;
mod user_data;

pub use driver::{ComputeDriver, DriverError, InstanceSpec, Metadata, NetworkBytes, SelfCommand, Started, Usage};
pub use image::{ImageStore, StoredImage};
pub use process::ProcessDriver;
pub use sandbox::{Cleaned, SandboxDriver, SandboxOptions, cleanup};
pub use shimmed::ProcessOptions;
pub use simulated::{SimulatedDriver, SimulatedOptions};

use model::{
    ec2::{instance::DriverKind, instance_state::Observed},
    id::{InstanceId, SnapshotId},
};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};
use tokio::sync::watch;

/// The driver that the configuration chose.
pub enum Driver {
    /// Processes of this host.
    Process(ProcessDriver),
    /// Sandboxes.
    Sandbox(SandboxDriver),
    /// Nothing runs.
    Simulated(SimulatedDriver),
}

/// What the drivers need to know, each its own part.
pub struct DriverOptions {
    /// For the process driver, and the sandbox driver.
    pub process: ProcessOptions,
    /// The container runtime, for the sandbox driver.
    pub runtime: Option<PathBuf>,
    /// For the simulated driver.
    pub simulated: SimulatedOptions,
}

/// Makes the driver of that kind. Must be called within a tokio runtime.
///
/// # Errors
/// When the data directory cannot be used.
pub async fn driver_for(kind: DriverKind, options: DriverOptions) -> Result<Driver, DriverError> {
    match kind {
        DriverKind::Process => ProcessDriver::open(options.process).await.map(Driver::Process),
        DriverKind::Sandbox => {
            let none = || DriverError::NotPossible { reason: "sandboxes need a container runtime".to_owned() };
            let runtime = options.runtime.ok_or_else(none)?;
            let options =
                SandboxOptions { process: options.process, runtime, root_volume_bytes: sandbox::ROOT_VOLUME_BYTES };
            SandboxDriver::open(options).await.map(Driver::Sandbox)
        }
        DriverKind::Simulated => Ok(Driver::Simulated(SimulatedDriver::new(options.simulated))),
    }
}

impl Driver {
    /// Makes the data of a snapshot of what an instance changed; without a pause it may be of several moments.
    ///
    /// # Errors
    /// With a driver that has no images, or when it fails.
    pub async fn capture(
        &self,
        id: &InstanceId,
        snapshot: &SnapshotId,
        pause: bool,
    ) -> Result<StoredImage, DriverError> {
        match self {
            Self::Sandbox(driver) => driver.capture(id, snapshot, pause).await,
            Self::Process(_) | Self::Simulated(_) => Err(DriverError::NotPossible {
                reason: "images can be made of sandboxed instances only; `goru doctor` says what that needs".to_owned(),
            }),
        }
    }

    /// The images of the sandbox driver.
    pub fn images(&self) -> Option<&ImageStore> {
        match self {
            Self::Sandbox(driver) => Some(driver.images()),
            Self::Process(_) | Self::Simulated(_) => None,
        }
    }
}

impl ComputeDriver for Driver {
    fn kind(&self) -> DriverKind {
        match self {
            Self::Process(driver) => driver.kind(),
            Self::Sandbox(driver) => driver.kind(),
            Self::Simulated(driver) => driver.kind(),
        }
    }

    async fn start(&self, spec: &InstanceSpec) -> Result<Started, DriverError> {
        match self {
            Self::Process(driver) => driver.start(spec).await,
            Self::Sandbox(driver) => driver.start(spec).await,
            Self::Simulated(driver) => driver.start(spec).await,
        }
    }

    async fn stop(&self, id: &InstanceId, grace: Duration) -> Result<(), DriverError> {
        match self {
            Self::Process(driver) => driver.stop(id, grace).await,
            Self::Sandbox(driver) => driver.stop(id, grace).await,
            Self::Simulated(driver) => driver.stop(id, grace).await,
        }
    }

    async fn kill(&self, id: &InstanceId) -> Result<(), DriverError> {
        match self {
            Self::Process(driver) => driver.kill(id).await,
            Self::Sandbox(driver) => driver.kill(id).await,
            Self::Simulated(driver) => driver.kill(id).await,
        }
    }

    async fn remove(&self, id: &InstanceId) -> Result<(), DriverError> {
        match self {
            Self::Process(driver) => driver.remove(id).await,
            Self::Sandbox(driver) => driver.remove(id).await,
            Self::Simulated(driver) => driver.remove(id).await,
        }
    }

    async fn inventory(&self) -> Result<Vec<Observed>, DriverError> {
        match self {
            Self::Process(driver) => driver.inventory().await,
            Self::Sandbox(driver) => driver.inventory().await,
            Self::Simulated(driver) => driver.inventory().await,
        }
    }

    async fn console_output(&self, id: &InstanceId) -> Result<Option<Vec<u8>>, DriverError> {
        match self {
            Self::Process(driver) => driver.console_output(id).await,
            Self::Sandbox(driver) => driver.console_output(id).await,
            Self::Simulated(driver) => driver.console_output(id).await,
        }
    }

    async fn usage(&self) -> Result<BTreeMap<InstanceId, Usage>, DriverError> {
        match self {
            Self::Process(driver) => driver.usage().await,
            Self::Sandbox(driver) => driver.usage().await,
            Self::Simulated(driver) => driver.usage().await,
        }
    }

    fn changes(&self) -> watch::Receiver<u64> {
        match self {
            Self::Process(driver) => driver.changes(),
            Self::Sandbox(driver) => driver.changes(),
            Self::Simulated(driver) => driver.changes(),
        }
    }
}
