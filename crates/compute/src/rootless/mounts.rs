//! The mounts of an installation without root: those of the host, and a place of its own for the names of networks.

use network::namespace::DIRECTORY;
use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_bind, mount_bind_recursive, mount_change};
use std::{
    fs::{self, DirEntry, File},
    io,
    os::fd::AsRawFd,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

/// Where programs keep what is of this boot; the names of networks are in there.
const RUN: &str = "/run";

/// Makes a place for names of networks that only this mount namespace sees. What is mounted on the host later is seen here too.
pub(super) fn own_network_names() -> io::Result<()> {
    mount_change("/", MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC)?;
    if Path::new(DIRECTORY).is_dir() {
        return empty(Path::new(DIRECTORY));
    }
    // Nobody but root may make it: everything above it is mounted once more in a place where it can be made.
    let before = File::open(RUN)?;
    let within = PathBuf::from(format!("/proc/self/fd/{}", before.as_raw_fd()));
    let entries = fs::read_dir(&within)?.collect::<io::Result<Vec<DirEntry>>>()?;
    empty(Path::new(RUN))?;
    for entry in entries {
        // One that vanished, or that may not be mounted elsewhere, is not there.
        let _ = again(&entry, &Path::new(RUN).join(entry.file_name()));
    }
    fs::create_dir(DIRECTORY)
}

fn empty(place: &Path) -> io::Result<()> {
    Ok(mount("tmpfs", place, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, Some(c"mode=755"))?)
}

fn again(entry: &DirEntry, place: &Path) -> io::Result<()> {
    let kind = entry.file_type()?;
    if kind.is_symlink() {
        return symlink(fs::read_link(entry.path())?, place);
    }
    if kind.is_dir() {
        fs::create_dir(place)?;
        return Ok(mount_bind_recursive(entry.path(), place)?);
    }
    File::create(place)?;
    Ok(mount_bind(entry.path(), place)?)
}
