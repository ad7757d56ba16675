//! The root file system of a sandbox: layers below, the instance's own directory above, joined by overlayfs.
//!
//! It is mounted in a mount namespace that the caller has just made its own, so it ends with the sandbox by itself and
//! nobody else on the host ever sees it.

use super::{
    host_image,
    plan::{Layer, SandboxPlan},
    volume,
};
use crate::{
    directory::InstanceDirectory, driver::DriverError, image::layer_path, rootless, shimmed::make_directory,
};
use rustix::mount::{MountFlags, MountPropagationFlags};
use std::{
    ffi::CString,
    fs,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::{Path, PathBuf},
};

/// The most layers of one image: their paths must fit into the one page of options that mount takes.
pub(crate) const MAXIMUM_LAYERS: usize = 32;
/// What mount takes.
const MAXIMUM_OPTIONS: usize = 4095;

/// Mounts the root of a sandbox; where it is.
pub(super) fn mount(plan: &SandboxPlan, directory: &InstanceDirectory) -> Result<PathBuf, DriverError> {
    // What is mounted from here on is not seen elsewhere; what is unmounted elsewhere is let go of here too.
    rustix::mount::mount_change("/", MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC)
        .map_err(|error| DriverError::io("cannot keep mounts to itself below", Path::new("/"))(error.into()))?;
    let lower: Result<Vec<PathBuf>, DriverError> = plan
        .image
        .layers
        .iter()
        .map(|layer| match layer {
            Layer::Host => host(plan, directory),
            Layer::Directory(path) => Ok(path.clone()),
            Layer::Stored(digest) => Ok(layer_path(&plan.images, digest)),
        })
        .collect();
    if directory.volume().is_file() {
        volume::mount(directory)?;
    }
    for path in [directory.upper(), directory.work(), directory.merged()] {
        make_directory(&path)?;
    }
    // The root directory of the instance is the upper one's: everybody inside must pass through it.
    let upper = directory.upper();
    fs::set_permissions(&upper, fs::Permissions::from_mode(0o755))
        .map_err(DriverError::io("cannot set the permissions of", &upper))?;
    let own = Some((upper, directory.work()));
    overlay(&lower?, own, &directory.merged())?;
    Ok(directory.merged())
}

/// The host's own system with its mask, as one directory. It is an overlay by itself because overlayfs wants no layer
/// within another, and the instance's layers are within the host's root.
fn host(plan: &SandboxPlan, directory: &InstanceDirectory) -> Result<PathBuf, DriverError> {
    let (mask, base) = (directory.path().join("mask"), directory.path().join("base"));
    make_directory(&mask)?;
    make_directory(&base)?;
    rustix::mount::mount("tmpfs", &mask, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, Some(c"mode=755"))
        .map_err(|error| DriverError::io("cannot mount a tmpfs on", &mask)(error.into()))?;
    host_image::mask(Path::new("/"), &mask, &plan.data_directory)
        .map_err(DriverError::io("cannot hide what is the host's own in", &mask))?;
    overlay(&[mask, PathBuf::from("/")], None, &base)?;
    Ok(base)
}

fn overlay(lower: &[PathBuf], own: Option<(PathBuf, PathBuf)>, target: &Path) -> Result<(), DriverError> {
    let mut options = b"lowerdir=".to_vec();
    for (place, path) in lower.iter().enumerate() {
        if place > 0 {
            options.push(b':');
        }
        escape(path, &mut options);
    }
    if let Some((upper, work)) = own {
        // Nothing that makes a layer depend on another by anything but its names: it may be copied to be an image.
        options.extend_from_slice(b",redirect_dir=off,metacopy=off,index=off");
        for (name, path) in [(",upperdir=", upper), (",workdir=", work)] {
            options.extend_from_slice(name.as_bytes());
            escape(&path, &mut options);
        }
    }
    if rootless::inside() {
        options.extend_from_slice(b",userxattr");
    }
    let too_many = options.len() > MAXIMUM_OPTIONS;
    let options = CString::new(options).ok().filter(|_| !too_many).ok_or_else(|| DriverError::Image {
        path: target.to_owned(),
        reason: format!("the paths of its {} layers are too long for one mount", lower.len()),
    })?;
    rustix::mount::mount("overlay", target, "overlay", MountFlags::empty(), Some(options.as_c_str()))
        .map_err(|error| DriverError::io("cannot mount an overlay on", target)(error.into()))
}

/// Overlayfs splits its options at commas and colons.
fn escape(path: &Path, into: &mut Vec<u8>) {
    for byte in path.as_os_str().as_bytes() {
        if matches!(byte, b'\\' | b':' | b',') {
            into.push(b'\\');
        }
        into.push(*byte);
    }
}
