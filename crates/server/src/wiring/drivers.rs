//! What instances run in: the driver that the configuration asks for, the networks that go with it, and how this program is started
//! in its other parts.

use crate::config::{Config, DriverChoice};
use anyhow::{Context as _, anyhow};
use compute::{
    Driver, DriverOptions, ProcessOptions, SelfCommand, SimulatedOptions,
    choice::{Facts, choose},
    sandbox::probe::probe,
};
use controllers::{instances::OwnNetworks, networks::Networks};
use model::{
    cidr::Cidr,
    ec2::{
        instance::DriverKind,
        network_plan::{self, HostTag},
    },
    time::Clock,
};
use network::LinuxDriver;
use services::InstanceFiles;
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{sync::watch, task::JoinHandle};

/// The file of the data directory that says what its instances were made with last.
const DRIVER_FILE: &str = "driver";

/// The driver, and why it.
pub(super) async fn driver(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<(Arc<Driver>, String)> {
    let command = self_command()?;
    let mut runtime = None;
    let (kind, reason) = match config.driver {
        DriverChoice::Auto => {
            let found = if is_root() { probe(&command, &config.data_dir).await.runtime } else { Err(String::new()) };
            let (kind, reason) = automatic(&config.data_dir, &found).map_err(anyhow::Error::msg)?;
            runtime = found.ok();
            (kind, format!("{} (auto: {reason})", name(kind)))
        }
        DriverChoice::Process => {
            (DriverKind::Process, "process (instances are process groups of this host and not isolated)".to_owned())
        }
        DriverChoice::Sandbox => {
            let found = probe(&command, &config.data_dir).await.runtime;
            let found =
                found.map_err(|reason| anyhow!("the sandbox driver cannot be used: {reason}; see `goru doctor`"))?;
            network::check_programs()?;
            let reason = format!("sandbox (instances are isolated, by {})", found.display());
            runtime = Some(found);
            (DriverKind::Sandbox, reason)
        }
        DriverChoice::Simulated => (DriverKind::Simulated, "simulated (nothing runs)".to_owned()),
    };
    std::fs::write(config.data_dir.join(DRIVER_FILE), name(kind)).context("cannot note the driver")?;
    let options = DriverOptions {
        process: ProcessOptions::new(config.data_dir.clone(), command),
        runtime,
        simulated: SimulatedOptions::new(clock),
    };
    Ok((Arc::new(compute::driver_for(kind, options).await?), reason))
}

/// What `auto` picks on this host for a data directory, and why. `found` is the runtime that a probe found, or why there is none; it
/// counts for root only. Without root sandboxes do less, so that they are made where somebody asks for them.
///
/// # Errors
/// Its instances are sandboxes, and none can be made any more.
pub fn automatic(data_dir: &Path, found: &Result<PathBuf, String>) -> Result<(DriverKind, String), String> {
    let sandboxes = match found {
        _ if !is_root() => Err("this is not root, for whom driver = \"sandbox\" isolates them with less".to_owned()),
        Ok(_) => network::check_programs().map_err(|error| error.to_string()),
        Err(reason) => Err(reason.clone()),
    };
    choose(&Facts { sandboxes, before: before(data_dir) })
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// What the instances of a data directory were made with, if it has any. Before it was noted, `auto` made processes.
fn before(data_dir: &Path) -> Option<DriverKind> {
    let instances = std::fs::read_dir(data_dir.join("instances")).ok()?;
    let is_instance = |name: &OsStr| name.as_encoded_bytes().starts_with(b"i-");
    if !instances.flatten().any(|entry| is_instance(&entry.file_name())) {
        return None;
    }
    let noted = std::fs::read_to_string(data_dir.join(DRIVER_FILE)).unwrap_or_default();
    Some(if noted == name(DriverKind::Sandbox) { DriverKind::Sandbox } else { DriverKind::Process })
}

/// Which drivers give instances a root file system.
pub(super) fn instance_files(driver: DriverKind) -> InstanceFiles {
    match driver {
        DriverKind::Sandbox => InstanceFiles::Own,
        DriverKind::Process | DriverKind::Simulated => InstanceFiles::OfHost,
    }
}

/// The controller of networks, and what instances must know of them.
pub(super) fn networks(
    tag: HostTag,
    outer: Option<String>,
    public_pool: watch::Receiver<Cidr>,
) -> (Networks, OwnNetworks) {
    let facts = network_plan::HostFacts { tag, outer };
    let (networks, in_force) = Networks::new(Arc::new(LinuxDriver::new(facts.clone())), facts);
    (networks, OwnNetworks { in_force, public_pool })
}

/// What the networks of this installation are called, for drivers whose instances have networks of their own.
pub(super) fn host_tag(driver: DriverKind, data_dir: &Path) -> anyhow::Result<Option<HostTag>> {
    match driver {
        DriverKind::Process | DriverKind::Simulated => Ok(None),
        DriverKind::Sandbox => tag_of(data_dir).map(Some),
    }
}

/// What tells the networks of this data directory from those of others on the host. The directory may be gone.
pub fn tag_of(data_dir: &Path) -> anyhow::Result<HostTag> {
    let absolute = std::path::absolute(data_dir)?;
    let canonical = absolute.canonicalize().unwrap_or(absolute);
    Ok(HostTag::of_data_directory(&canonical.to_string_lossy()))
}

pub(super) async fn remove_networks(controller: Option<JoinHandle<Networks>>) -> anyhow::Result<()> {
    let Some(controller) = controller else { return Ok(()) };
    let mut networks = controller.await.context("the networks controller ended badly")?;
    networks.remove_all().await.context("cannot remove the networks")
}

/// How this program is started in its other parts.
pub fn self_command() -> std::io::Result<SelfCommand> {
    Ok(SelfCommand {
        program: std::env::current_exe()?,
        shim_arguments: vec!["shim".to_owned()],
        site_arguments: vec!["site".to_owned()],
        init_arguments: vec!["init".to_owned()],
        holder_arguments: vec!["hold".to_owned()],
        trial_arguments: vec!["trial".to_owned()],
    })
}

/// As the configuration has it.
pub const fn name(kind: DriverKind) -> &'static str {
    match kind {
        DriverKind::Process => "process",
        DriverKind::Sandbox => "sandbox",
        DriverKind::Simulated => "simulated",
    }
}
