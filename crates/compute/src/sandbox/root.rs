//! The root file system of a sandbox: layers below, the instance's own directory above, joined by overlayfs.
//!
//! It is mounted in a mount namespace that the caller has just made its own, so it ends with the sandbox by itself and
//! nobody else on the host ever sees it.

use super::{
    host_image,
    plan::{Layer, SandboxPlan},
    volume,
};
use crate::{directory::InstanceDirectory, driver::DriverError, image::layer_path, rootless, shimmed::make_directory};
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
    let mut parts = Vec::new();
    let mut lower = Vec::new();
    for layer in &plan.image.layers {
        lower.push(match layer {
            Layer::Host if rootless::inside() => host_in_parts(plan, directory, &mut parts)?,
            Layer::Host => host(plan, directory)?,
            Layer::Directory(path) => path.clone(),
            Layer::Stored(digest) => layer_path(&plan.images, digest),
        });
    }
    overlay(&lower, Some((upper, directory.work())), &directory.merged())?;
    parts.iter().try_for_each(|part| mount_part(directory, &lower, part))?;
    Ok(directory.merged())
}

/// What the host's own system is but the content of `parts`. Without root `/` cannot be a layer: somebody could look below what is
/// mounted in it.
fn host_in_parts(
    plan: &SandboxPlan,
    directory: &InstanceDirectory,
    parts: &mut Vec<PathBuf>,
) -> Result<PathBuf, DriverError> {
    let mask = mask_on_tmpfs(directory)?;
    let masked = host_image::mask_in_parts(Path::new("/"), &mask, &plan.data_directory);
    *parts = masked.map_err(DriverError::io("cannot hide what is the host's own in", &mask))?;
    Ok(mask)
}

/// Mounts one directory of the root file system over its place: the same layers as the whole has, and the host's at the bottom.
fn mount_part(directory: &InstanceDirectory, layers: &[PathBuf], part: &Path) -> Result<(), DriverError> {
    let host = Path::new("/").join(part);
    if let Some(within) = mounted_within(&fs::read_to_string("/proc/self/mountinfo").unwrap_or_default(), &host) {
        let reason =
            format!("{within} is a file system of its own, so that without root {} cannot be shown", host.display());
        return Err(DriverError::Image { path: host, reason });
    }
    let (upper, work) = (directory.upper().join(part), directory.work_of_part(part));
    let merged = directory.merged().join(part);
    if !upper.exists() {
        let like = fs::metadata(&merged).map_err(DriverError::io("cannot read", &merged))?;
        make_directory(&upper)?;
        fs::set_permissions(&upper, like.permissions())
            .map_err(DriverError::io("cannot set the permissions of", &upper))?;
    }
    make_directory(&work)?;
    let is_directory = |path: &PathBuf| fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    let mut lower: Vec<PathBuf> = layers.iter().map(|layer| layer.join(part)).filter(is_directory).collect();
    lower.push(host);
    overlay(&lower, Some((upper, work)), &merged)
}

/// What is mounted below a directory, going by the lines of mountinfo (see proc(5)).
fn mounted_within<'a>(mounts: &'a str, directory: &Path) -> Option<&'a str> {
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(4));
    places.into_iter().find(|place| Path::new(place) != directory && Path::new(place).starts_with(directory))
}

/// The host's own system with its mask, as one directory. It is an overlay by itself because overlayfs wants no layer
/// within another, and the instance's layers are within the host's root.
fn host(plan: &SandboxPlan, directory: &InstanceDirectory) -> Result<PathBuf, DriverError> {
    let (mask, base) = (mask_on_tmpfs(directory)?, directory.path().join("base"));
    make_directory(&base)?;
    host_image::mask(Path::new("/"), &mask, &plan.data_directory)
        .map_err(DriverError::io("cannot hide what is the host's own in", &mask))?;
    overlay(&[mask, PathBuf::from("/")], None, &base)?;
    Ok(base)
}

fn mask_on_tmpfs(directory: &InstanceDirectory) -> Result<PathBuf, DriverError> {
    let mask = directory.path().join("mask");
    make_directory(&mask)?;
    rustix::mount::mount("tmpfs", &mask, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, Some(c"mode=755"))
        .map_err(|error| DriverError::io("cannot mount a tmpfs on", &mask)(error.into()))?;
    Ok(mask)
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
        options.extend_from_slice(b",index=off");
        // Without root the kernel does neither of the others, and does not like to be told.
        if !rootless::inside() {
            options.extend_from_slice(b",redirect_dir=off,metacopy=off");
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mounted_in_a_directory_is_found_and_the_directory_itself_is_not() {
        let mounts = "20 1 8:1 / / rw - ext4 a rw\n21 20 8:2 / /usr rw - ext4 b rw\n22 21 8:3 / /usr/local rw - ext4 c rw\n\
                      23 20 8:4 / /usrx/y rw - ext4 d rw\n";
        for (directory, expected) in [
            ("/usr", Some("/usr/local")),
            ("/usr/local", None),
            ("/etc", None),
            ("/usrx", Some("/usrx/y")),
            ("/", Some("/usr")),
        ] {
            assert_eq!(mounted_within(mounts, Path::new(directory)), expected, "{directory}");
        }
    }
}
