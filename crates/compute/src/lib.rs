//! Where instances run: one trait, its drivers, and the two small programs that the process driver starts.
//!
//! `driver` is the trait and what goes in and out of it; `process` runs instances as processes of this host, each under
//! a `shim` of its own; `simulated` runs nothing. `site` is the web site of the built-in demonstration image. This crate
//! knows no store and no API: which instance should be in which state is decided in `model::ec2::instance_state`.

mod console_output;
mod directory;
pub mod driver;
mod ending;
mod environment;
mod image_copy;
pub mod process;
mod processes;
pub mod shim;
mod signals;
pub mod simulated;
pub mod site;

pub use driver::{ComputeDriver, DriverError, InstanceSpec, Metadata, NetworkBytes, SelfCommand, Started, Usage};
pub use process::{ProcessDriver, ProcessOptions};
pub use simulated::{SimulatedDriver, SimulatedOptions};

use model::{
    ec2::{instance::DriverKind, instance_state::Observed},
    id::InstanceId,
};
use std::{collections::BTreeMap, time::Duration};
use tokio::sync::watch;

/// The driver that the configuration chose.
pub enum Driver {
    /// Processes of this host.
    Process(ProcessDriver),
    /// Nothing runs.
    Simulated(SimulatedDriver),
}

/// What the drivers need to know, each its own part.
pub struct DriverOptions {
    /// For the process driver.
    pub process: ProcessOptions,
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
        DriverKind::Simulated => Ok(Driver::Simulated(SimulatedDriver::new(options.simulated))),
    }
}

impl ComputeDriver for Driver {
    fn kind(&self) -> DriverKind {
        match self {
            Self::Process(driver) => driver.kind(),
            Self::Simulated(driver) => driver.kind(),
        }
    }

    async fn start(&self, spec: &InstanceSpec) -> Result<Started, DriverError> {
        match self {
            Self::Process(driver) => driver.start(spec).await,
            Self::Simulated(driver) => driver.start(spec).await,
        }
    }

    async fn stop(&self, id: &InstanceId, grace: Duration) -> Result<(), DriverError> {
        match self {
            Self::Process(driver) => driver.stop(id, grace).await,
            Self::Simulated(driver) => driver.stop(id, grace).await,
        }
    }

    async fn kill(&self, id: &InstanceId) -> Result<(), DriverError> {
        match self {
            Self::Process(driver) => driver.kill(id).await,
            Self::Simulated(driver) => driver.kill(id).await,
        }
    }

    async fn remove(&self, id: &InstanceId) -> Result<(), DriverError> {
        match self {
            Self::Process(driver) => driver.remove(id).await,
            Self::Simulated(driver) => driver.remove(id).await,
        }
    }

    async fn inventory(&self) -> Result<Vec<Observed>, DriverError> {
        match self {
            Self::Process(driver) => driver.inventory().await,
            Self::Simulated(driver) => driver.inventory().await,
        }
    }

    async fn console_output(&self, id: &InstanceId) -> Result<Option<Vec<u8>>, DriverError> {
        match self {
            Self::Process(driver) => driver.console_output(id).await,
            Self::Simulated(driver) => driver.console_output(id).await,
        }
    }

    async fn usage(&self) -> Result<BTreeMap<InstanceId, Usage>, DriverError> {
        match self {
            Self::Process(driver) => driver.usage().await,
            Self::Simulated(driver) => driver.usage().await,
        }
    }

    fn changes(&self) -> watch::Receiver<u64> {
        match self {
            Self::Process(driver) => driver.changes(),
            Self::Simulated(driver) => driver.changes(),
        }
    }
}
