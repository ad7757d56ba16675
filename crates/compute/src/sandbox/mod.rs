//! The sandbox driver: an instance is a machine of its own as far as Linux can make one without virtualisation.
//!
//! It has a root file system from an image with a private directory over it, namespaces for processes, mounts, names, IPC
//! and network, limits by its instance type, few capabilities and a list of forbidden system calls. A container runtime
//! sets it up, the instance's shim is its parent, and `init` is its first process. Needs root, or a user namespace (`rootless`).

mod bundle;
mod carried;
mod cgroup;
mod cleanup;
mod contained;
mod host_image;
mod plan;
pub mod probe;
mod root;
mod seccomp;
mod standstill;
mod volume;

pub(crate) use cleanup::clear;
pub use cleanup::{Cleaned, cleanup};
pub(crate) use contained::Contained;
pub(crate) use host_image::{opaque_descriptor, opaque_mark, whiteout, whiteout_in};
pub use plan::{Layer, SandboxPlan};
pub(crate) use root::MAXIMUM_LAYERS;
pub use volume::ROOT_VOLUME_BYTES;

use crate::{
    directory::{InstanceDirectory, Main, Plan, State},
    driver::{DriverError, InstanceSpec, NetworkBytes, Usage},
    environment::{DEFAULT_PATH, Surroundings, environment},
    image::{Assembly, ImageStore, OwnCommand, StoredImage, copy_layer},
    image_copy::copy_image,
    init::{Boot, CARRIED_PROGRAMS},
    processes::{ProcessId, ProcessTable},
    shimmed::{Home, Housing, ProcessOptions, Shimmed, delete_tree, make_directory},
};
use carried::Carried;
use cgroup::Controllers;
use contained::Runtime;
use model::{
    ec2::{image::ImageSource, instance::DriverKind},
    id::{InstanceId, SnapshotId},
};
use plan::Limits;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs,
    net::Ipv4Addr,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    time::Duration,
};

/// Runs instances in sandboxes.
pub type SandboxDriver = Shimmed<Sandboxes>;

/// What the sandbox driver must know.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// What it has in common with the process driver.
    pub process: ProcessOptions,
    /// The container runtime, as [`probe::probe`] found it.
    pub runtime: PathBuf,
    /// The size of a new instance's root volume, in bytes; normally [`ROOT_VOLUME_BYTES`].
    pub root_volume_bytes: u64,
}

/// Sandboxes.
pub struct Sandboxes {
    runtime: PathBuf,
    data_directory: PathBuf,
    carried: Carried,
    controllers: Controllers,
    images: ImageStore,
    /// How large root volumes become; none: this host cannot bound them.
    root_volume_bytes: Option<u64>,
}

impl SandboxDriver {
    /// Opens the driver on a data directory, ends what was left behind there without a shim, and adopts the rest. Must be
    /// called within a tokio runtime.
    ///
    /// # Errors
    /// When the directory cannot be used.
    pub async fn open(options: SandboxOptions) -> Result<Self, DriverError> {
        let housing = Sandboxes::open(&options)?;
        Self::open_with(options.process, housing).await
    }

    /// The images of sandboxes.
    pub fn images(&self) -> &ImageStore {
        &self.housing().images
    }

    /// Copies what an instance has changed of its image, as the data of a snapshot from which other instances can start.
    /// With `pause` the instance stands still meanwhile, so that what is copied is of one moment. While it is copied no
    /// other command about the instance is carried out.
    ///
    /// # Errors
    /// When there is no such instance, or it cannot be paused or copied. It goes on in any case.
    pub async fn capture(
        &self,
        id: &InstanceId,
        snapshot: &SnapshotId,
        pause: bool,
    ) -> Result<StoredImage, DriverError> {
        let (id, snapshot) = (id.clone(), snapshot.clone());
        let name = id.clone();
        self.with_instance(&name, move |housing, directory| housing.capture(&id, directory, &snapshot, pause)).await
    }
}

impl Sandboxes {
    fn open(options: &SandboxOptions) -> Result<Self, DriverError> {
        let data = &options.process.data_directory;
        make_directory(data)?;
        let data_directory = fs::canonicalize(data).map_err(DriverError::io("cannot resolve", data))?;
        let own = data_directory.join("sandbox");
        make_directory(&own)?;
        let program = &options.process.command.program;
        let program = fs::canonicalize(program).map_err(DriverError::io("cannot find", program))?;
        let volumes = volume::probe(&own);
        if let Err(reason) = &volumes {
            tracing::warn!(reason, "the disks of instances are not bounded");
        }
        let sandboxes = Self {
            root_volume_bytes: volumes.ok().map(|()| options.root_volume_bytes),
            runtime: options.runtime.clone(),
            carried: Carried::gather(&program, &own)?,
            controllers: Controllers::writable(),
            images: ImageStore::open(&data_directory)?,
            data_directory,
        };
        sandboxes.resume_all();
        Ok(sandboxes)
    }

    /// Lets instances go on that were paused for a copy when the server was killed.
    fn resume_all(&self) {
        for path in crate::shimmed::entries(&self.data_directory.join("instances")) {
            let directory = InstanceDirectory::new(path);
            if directory.paused().exists() {
                resume(&directory);
            }
        }
    }

    fn plan(&self, spec: &InstanceSpec, home: &Home<'_>) -> Result<SandboxPlan, DriverError> {
        let image = self.image(spec, home)?;
        let memory_mib = spec.memory_mib.unwrap_or(u64::MAX >> 20);
        let mut limits = Limits::of(spec.vcpus, memory_mib, &self.controllers);
        if spec.memory_mib.is_none() {
            limits.memory_bytes = None;
        }
        let mut program = self.carried.command.clone();
        program.extend(home.options.command.init_arguments.iter().cloned());
        Ok(SandboxPlan {
            runtime: self.runtime.clone(),
            runtime_state: runtime_state(&self.data_directory),
            data_directory: self.data_directory.clone(),
            images: self.images.path().to_owned(),
            cgroup: self.controllers.any().then(|| group(&self.data_directory, &spec.id)),
            limits,
            network_namespace: spec.network_namespace.clone(),
            // Without it sudo, su and passwd do nothing, which an administrator's machine cannot do without; root is given
            // away in there anyway. The demonstration's site has nobody who logs in.
            new_privileges: !matches!(spec.image, ImageSource::Site),
            carried: self.carried.clone(),
            boot: Boot {
                first: spec.boot == 1,
                hostname: hostname(spec.metadata.private_address),
                private_address: spec.metadata.private_address,
                resolver: spec.resolver,
                authorized_key: spec.authorized_key.clone(),
                main: None,
                user: own_command(spec, &image).and_then(|command| command.user.clone()),
                environment: BTreeMap::new(),
                working_directory: image.working_directory.clone(),
                user_data: None,
                user_data_wait: home.options.user_data_wait,
                stop_grace: home.options.own_stop_grace,
                program,
            },
            image,
        })
    }

    /// What the instance is assembled from: found out at its first boot and then the same for its whole life.
    fn image(&self, spec: &InstanceSpec, home: &Home<'_>) -> Result<Assembly, DriverError> {
        if let Some(plan) = home.directory.plan().and_then(|plan| plan.sandbox).filter(|_| home.directory.has_volume())
        {
            return Ok(plan.image);
        }
        let (image, files) = self.images.assemble(&spec.image)?;
        // Filled beside: a volume or an upper directory that is there is complete.
        let unfinished = home.directory.path().join("unfinished");
        let delete = || delete_tree(&unfinished).map_err(DriverError::io("cannot delete", &unfinished));
        if unfinished.exists() {
            delete()?;
        }
        let upper = unfinished.join("upper");
        make_directory(&upper)?;
        if let Some(files) = files {
            let place: PathBuf = image.working_directory.iter().skip(1).collect();
            copy_image(&files, &upper.join(place), home.instances)?;
        }
        match self.root_volume_bytes {
            Some(size) => volume::make(home.directory, size, &unfinished)?,
            None => {
                let whole = home.directory.upper();
                fs::rename(&upper, &whole).map_err(DriverError::io("cannot create", &whole))?;
            }
        }
        delete()?;
        Ok(image)
    }

    fn main(spec: &InstanceSpec, plan: &SandboxPlan, site_arguments: &[String]) -> Option<Main> {
        match (&spec.boot_command, &spec.image) {
            (Some(line), _) => Some(Main::Shell(line.clone())),
            (None, ImageSource::Site) => {
                let (program, arguments) = plan.carried.command.split_first()?;
                let arguments = arguments.iter().chain(site_arguments).cloned().collect();
                Some(Main::Program(program.into(), arguments))
            }
            (
                None,
                ImageSource::Host
                | ImageSource::Directory(_)
                | ImageSource::RootFs(_)
                | ImageSource::Oci(_)
                | ImageSource::Snapshot(_),
            ) => {
                let OwnCommand { program, arguments, .. } = own_command(spec, &plan.image)?;
                Some(Main::Program(program.into(), arguments.clone()))
            }
        }
    }

    /// What programs begin with. The variables of an image are defaults for whoever gives it a boot command; its own command
    /// finds them as they are, as with `docker run`, and beside them what tells it where it is.
    fn variables(spec: &InstanceSpec, image: &Assembly) -> BTreeMap<String, String> {
        let own_path = image.environment.get("PATH").map_or(DEFAULT_PATH, String::as_str);
        let path = format!("{CARRIED_PROGRAMS}:{own_path}");
        let surroundings = Surroundings { path: &path, home: Path::new("/root"), directory: None };
        let (mut ours, mut theirs) = (environment(spec, &surroundings), image.environment.clone());
        if own_command(spec, image).is_none() {
            theirs.extend(ours);
            return theirs;
        }
        theirs.remove("PATH");
        // Its user is at home somewhere else.
        ours.remove("HOME");
        ours.extend(theirs);
        ours
    }

    fn capture(
        &self,
        id: &InstanceId,
        directory: &InstanceDirectory,
        snapshot: &SnapshotId,
        pause: bool,
    ) -> Result<StoredImage, DriverError> {
        let plan = directory.plan().and_then(|plan| plan.sandbox).ok_or_else(|| DriverError::NotPossible {
            reason: format!("{id} does not run in a sandbox: there is nothing to make an image of"),
        })?;
        let unfinished = self.images.unfinished()?;
        let running = directory.state().is_some_and(|state| state.shim_alive() && state.init.is_some());
        let copied =
            if pause && running { paused(id, directory, &plan, &unfinished) } else { copy(directory, &unfinished) };
        let kept = copied.and_then(|(digest, size)| {
            let _alone = self.images.alone()?;
            self.images.finish(&unfinished, &digest)?;
            self.images.keep_snapshot(snapshot, digest, size, &plan.image)
        });
        if kept.is_err() {
            let _ = delete_tree(&unfinished);
        }
        kept
    }
}

/// The image's own command, unless the instance is given another one.
fn own_command<'a>(spec: &InstanceSpec, image: &'a Assembly) -> Option<&'a OwnCommand> {
    image.command.as_ref().filter(|_| spec.boot_command.is_none())
}

fn copy(directory: &InstanceDirectory, to: &Path) -> Result<(crate::image::Digest, u64), DriverError> {
    let copy = || copy_layer(&directory.upper(), to).map_err(DriverError::io("cannot copy", &directory.upper()));
    if directory.volume().is_file() { volume::with_mounted(directory, copy)? } else { copy() }
}

fn paused(
    id: &InstanceId,
    directory: &InstanceDirectory,
    plan: &SandboxPlan,
    to: &Path,
) -> Result<(crate::image::Digest, u64), DriverError> {
    let mark = directory.paused();
    fs::File::create(&mark).map_err(DriverError::io("cannot write", &mark))?;
    let init = directory.state().and_then(|state| state.init);
    let stopped = match (&plan.cgroup, init) {
        (None, Some(init)) => standstill::stop(init),
        (_, _) => Runtime::of(plan).pause(id),
    };
    let copied = match stopped {
        Ok(()) => copy(directory, to),
        Err(reason) => Err(DriverError::NotPossible { reason: format!("{id} cannot be paused: {reason}") }),
    };
    resume(directory);
    copied
}

/// Lets an instance go on that was paused, or perhaps was.
pub(crate) fn resume(directory: &InstanceDirectory) {
    if let Some(plan) = directory.plan()
        && let Some(sandbox) = &plan.sandbox
    {
        let init = directory.state().and_then(|state| state.init);
        if let (None, Some(init)) = (&sandbox.cgroup, init) {
            standstill::go_on(init);
        } else if let Err(reason) = Runtime::of(sandbox).resume(&plan.id) {
            // One that was not paused says so.
            tracing::debug!(id = %plan.id, reason, "an instance was not resumed");
        }
    }
    let _ = fs::remove_file(directory.paused());
}

impl Housing for Sandboxes {
    const KIND: DriverKind = DriverKind::Sandbox;

    fn prepare(&self, spec: &InstanceSpec, home: &Home<'_>) -> Result<Plan, DriverError> {
        let sandbox = self.plan(spec, home)?;
        Ok(Plan {
            id: spec.id.clone(),
            boot: spec.boot,
            address: spec.address,
            main: Self::main(spec, &sandbox, &home.options.command.site_arguments),
            environment: Self::variables(spec, &sandbox.image),
            user_data_wait: home.options.user_data_wait,
            stop_grace: home.options.own_stop_grace,
            sandbox: Some(sandbox),
        })
    }

    fn usage(&self, up: &[(InstanceId, State)]) -> BTreeMap<InstanceId, Usage> {
        let figure = |(id, state): &(InstanceId, State)| {
            let (cpu, memory_bytes) =
                self.controllers.usage(&group(&self.data_directory, id)).or_else(|| usage_without_group(state))?;
            let network = state.init.and_then(network);
            Some((id.clone(), Usage { boot: state.boot, cpu, memory_bytes, network }))
        };
        up.iter().filter_map(figure).collect()
    }
}

/// On hosts without the controllers that count.
fn usage_without_group(state: &State) -> Option<(Duration, u64)> {
    ProcessTable::read().usage_below(state.shim)
}

/// What went through the interfaces of a process's network namespace, loopback left out.
fn network(process: ProcessId) -> Option<NetworkBytes> {
    let text = fs::read_to_string(format!("/proc/{}/net/dev", process.pid)).ok().filter(|_| process.alive())?;
    let mut sum = NetworkBytes::default();
    for (name, figures) in text.lines().filter_map(|line| line.split_once(':')) {
        let figures: Vec<u64> = figures.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
        if let (false, Some(received), Some(sent)) = (name.trim() == "lo", figures.first(), figures.get(8)) {
            sum.received += received;
            sum.sent += sent;
        }
    }
    Some(sum)
}

/// The name that EC2 gives an instance by default, without a domain.
fn hostname(address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("ip-{a}-{b}-{c}-{d}")
}

fn runtime_state(data_directory: &Path) -> PathBuf {
    data_directory.join("sandbox/runtime")
}

/// What the names of a data directory's control groups begin with: several servers on one host know nothing of each other.
fn group_prefix(data_directory: &Path) -> String {
    let hash = Sha256::digest(data_directory.as_os_str().as_bytes());
    let digits: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("goru-{digits}-")
}

fn group(data_directory: &Path, id: &InstanceId) -> String {
    format!("/{}{id}", group_prefix(data_directory))
}
