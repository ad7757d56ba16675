//! What a sandbox is made of: decided by the driver, written into the instance's plan, carried out by the shim.

use super::{carried::Carried, cgroup::Controllers};
use crate::{
    image::{Assembly, Digest},
    init::Boot,
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// One sandbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SandboxPlan {
    /// The container runtime.
    pub(crate) runtime: PathBuf,
    /// Where it keeps its state.
    pub(crate) runtime_state: PathBuf,
    /// The server's data directory, which the host image must not show.
    pub(crate) data_directory: PathBuf,
    /// What the root file system is made of; the instance's own directory goes over it. The same for its whole life.
    pub(crate) image: Assembly,
    /// The store of layers.
    pub(crate) images: PathBuf,
    /// The control group, from the root of each hierarchy; none where none may be made.
    pub(crate) cgroup: Option<String>,
    /// What it may use.
    pub(crate) limits: Limits,
    /// The network namespace it is put into; a new one with nothing but loopback when there is none.
    pub(crate) network_namespace: Option<PathBuf>,
    /// Whether programs with the set-user-ID bit work.
    pub(crate) new_privileges: bool,
    /// This program and what it needs.
    pub(crate) carried: Carried,
    /// What the first process does.
    pub(crate) boot: Boot,
}

/// One read-only part of a root file system.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// The host's own system; only as the lowest.
    Host,
    /// A directory.
    Directory(PathBuf),
    /// A layer of the store.
    Stored(Digest),
}

/// What an instance may use. A limit that this host cannot set is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Limits {
    pub(crate) memory_bytes: Option<u64>,
    /// Whether the kernel counts swapping: then there is none beyond the memory.
    pub(crate) swap_counted: bool,
    /// Processor time per [`CPU_PERIOD`], in microseconds.
    pub(crate) cpu_quota: Option<u64>,
    /// Processes and threads.
    pub(crate) tasks: Option<u64>,
}

/// In microseconds; what the kernel's scheduler uses by default.
pub(crate) const CPU_PERIOD: u64 = 100_000;
/// An instance may have as many processes and threads as it has MiB of memory, between these bounds: a fork bomb runs out
/// of them before it runs out of memory, and a normal server of that size does not come near.
const TASKS: (u64, u64) = (512, 32_768);

impl Limits {
    /// Those of an instance type, as far as the host has the controllers.
    pub(crate) fn of(vcpus: u32, memory_mib: u64, controllers: &Controllers) -> Self {
        Self {
            memory_bytes: controllers.memory.is_some().then_some(memory_mib << 20),
            swap_counted: controllers.swap_counted,
            cpu_quota: controllers.cpu.is_some().then_some(u64::from(vcpus) * CPU_PERIOD),
            tasks: controllers.pids.is_some().then_some(memory_mib.clamp(TASKS.0, TASKS.1)),
        }
    }
}
