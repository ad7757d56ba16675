//! The process driver: an instance is a group of processes of this host, under a shim, in a directory of its own.
//!
//! It needs no privilege and gives no isolation.

use crate::{
    directory::{Main, Plan, State},
    driver::{DriverError, InstanceSpec, SelfCommand, Usage},
    environment::{Surroundings, environment, server_path},
    image_copy::copy_image,
    processes::ProcessTable,
    shimmed::{Home, Housing, ProcessOptions, Shimmed, delete_tree, make_directory},
};
use model::{
    ec2::{image::ImageSource, instance::DriverKind},
    id::InstanceId,
};
use std::{collections::BTreeMap, fs, path::Path};

/// Runs instances as processes of this host.
pub type ProcessDriver = Shimmed<Processes>;

/// Bare processes.
pub struct Processes;

impl ProcessDriver {
    /// Opens the driver on a data directory, ends what was left behind there without a shim, and adopts the rest. Must be
    /// called within a tokio runtime.
    ///
    /// # Errors
    /// When the directory cannot be used.
    pub async fn open(options: ProcessOptions) -> Result<Self, DriverError> {
        Self::open_with(options, Processes).await
    }
}

impl Housing for Processes {
    const KIND: DriverKind = DriverKind::Process;

    fn prepare(&self, spec: &InstanceSpec, home: &Home<'_>) -> Result<Plan, DriverError> {
        let root = home.directory.root();
        if !root.exists() {
            make_root(&spec.image, &root, home.instances)?;
        }
        let path = server_path();
        let surroundings = Surroundings { path: &path, home: &root, directory: Some(home.directory.path()) };
        Ok(Plan {
            id: spec.id.clone(),
            boot: spec.boot,
            address: spec.address,
            main: main(spec, &home.options.command)?,
            environment: environment(spec, &surroundings),
            user_data_wait: home.options.user_data_wait,
            stop_grace: home.options.own_stop_grace,
            sandbox: None,
        })
    }

    fn usage(&self, up: &[(InstanceId, State)]) -> BTreeMap<InstanceId, Usage> {
        let table = ProcessTable::read();
        let figure = |(id, state): &(InstanceId, State)| {
            let (cpu, memory_bytes) = table.usage_below(state.shim)?;
            // The network of a process without a namespace of its own is the host's: nothing to tell apart.
            Some((id.clone(), Usage { boot: state.boot, cpu, memory_bytes, network: None }))
        };
        up.iter().filter_map(figure).collect()
    }
}

/// Filled beside and renamed: a root that is there is complete.
fn make_root(image: &ImageSource, root: &Path, instances: &Path) -> Result<(), DriverError> {
    let unfinished = root.with_extension("new");
    if unfinished.exists() {
        delete_tree(&unfinished).map_err(DriverError::io("cannot delete", &unfinished))?;
    }
    match image {
        ImageSource::Host | ImageSource::Site => make_directory(&unfinished)?,
        ImageSource::Directory(path) => copy_image(Path::new(path), &unfinished, instances)?,
        ImageSource::RootFs(_) | ImageSource::Oci(_) | ImageSource::Snapshot(_) => return Err(no_root(image)),
    }
    fs::rename(&unfinished, root).map_err(DriverError::io("cannot create", root))
}

fn main(spec: &InstanceSpec, command: &SelfCommand) -> Result<Option<Main>, DriverError> {
    match (&spec.boot_command, &spec.image) {
        (_, image @ (ImageSource::RootFs(_) | ImageSource::Oci(_) | ImageSource::Snapshot(_))) => Err(no_root(image)),
        (Some(line), ImageSource::Host | ImageSource::Directory(_) | ImageSource::Site) => {
            Ok(Some(Main::Shell(line.clone())))
        }
        (None, ImageSource::Site) => Ok(Some(Main::Program(command.program.clone(), command.site_arguments.clone()))),
        (None, ImageSource::Host | ImageSource::Directory(_)) => Ok(None),
    }
}

fn no_root(image: &ImageSource) -> DriverError {
    DriverError::NoRootFileSystem { image: image.to_string(), driver: "process" }
}
