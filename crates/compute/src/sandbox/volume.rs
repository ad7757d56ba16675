//! The root volume of an instance: what it changes of its image, in a file that holds a file system of bounded size. So an
//! instance that fills its disk fills nobody else's.
//!
//! Whoever looks into a volume mounts it, in a mount namespace of their own; the kernel lets go of the loop device with the last
//! mount. `mount` finds the device of a file that is mounted already, so that a volume in use can be looked into.

use crate::{directory::InstanceDirectory, driver::DriverError, shimmed::make_directory};
use rustix::{
    mount::{MountPropagationFlags, UnmountFlags},
    thread::UnshareFlags,
};
use std::{
    fs::{self, File},
    io,
    path::Path,
    process::{Command, Stdio},
};

/// The size of a root volume: that of EC2's Linux images unless a launch says otherwise. Takes only what is written.
pub const ROOT_VOLUME_BYTES: u64 = 8 << 30;
/// The size of one that only shows whether this host can have them.
const TRIAL: u64 = 4 << 20;
/// Tables of the file system are written when they are needed, and what is deleted is given back to the host.
const MKFS: [&str; 6] = ["-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard"];
const MOUNT: &str = "loop,noinit_itable,discard";
/// Where the two programs are.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";
/// How much of a program's last words is passed on, in bytes.
const MAXIMUM_WORDS: usize = 1000;

/// Makes the volume of an instance, of `size` bytes, with what is in the directory `content` as its content. It is complete once
/// it is there.
pub(crate) fn make(directory: &InstanceDirectory, size: u64, content: &Path) -> Result<(), DriverError> {
    let volume = directory.volume();
    let unfinished = volume.with_extension("new");
    create(&unfinished, size, content)?;
    fs::rename(&unfinished, &volume).map_err(DriverError::io("cannot create", &volume))
}

fn create(file: &Path, size: u64, content: &Path) -> Result<(), DriverError> {
    let made = File::create(file).and_then(|made| made.set_len(size));
    made.map_err(DriverError::io("cannot create", file))?;
    run(Command::new("mkfs.ext4").args(MKFS).arg("-d").arg(content).arg(file), file)
}

/// Mounts the volume of an instance at [`InstanceDirectory::mounted_volume`], in the mount namespace of the calling thread.
pub(crate) fn mount(directory: &InstanceDirectory) -> Result<(), DriverError> {
    let place = directory.mounted_volume();
    make_directory(&place)?;
    mount_at(&directory.volume(), &place)
}

fn mount_at(file: &Path, place: &Path) -> Result<(), DriverError> {
    run(Command::new("mount").args(["-t", "ext4", "-o", MOUNT]).arg(file).arg(place), file)
}

/// Does something with an instance's volume mounted, whether or not the instance runs.
pub(crate) fn with_mounted<T: Send>(
    directory: &InstanceDirectory,
    work: impl FnOnce() -> T + Send,
) -> Result<T, DriverError> {
    apart(&directory.mounted_volume(), || {
        mount(directory)?;
        Ok(work())
    })
}

/// Whether this host can have volumes; why not. Tries it, in the directory `place`.
pub(crate) fn probe(place: &Path) -> Result<(), String> {
    // Two programs may look at the same moment, within one directory.
    let pid = std::process::id();
    let (file, mounted) = (place.join(format!("trial-{pid}.ext4")), place.join(format!("trial-{pid}")));
    let tried = make_directory(&mounted).and_then(|()| {
        create(&file, TRIAL, &mounted)?;
        apart(&mounted, || mount_at(&file, &mounted))
    });
    let _ = fs::remove_file(&file);
    let _ = fs::remove_dir(&mounted);
    tried.map_err(|error| error.to_string())
}

/// Does something on a thread with a mount namespace of its own, which ends with it; what is mounted at `place` is taken away
/// before, so that its device is free at once.
#[allow(unsafe_code)]
fn apart<T: Send>(place: &Path, work: impl FnOnce() -> Result<T, DriverError> + Send) -> Result<T, DriverError> {
    let failed = |error: rustix::io::Errno| DriverError::io("cannot keep mounts to itself for", place)(error.into());
    let alone = || {
        // SAFETY: the mount namespace and with it root and working directory of this thread are unshared, not the table of
        // descriptors, which is what the function warns of; the thread does nothing else and ends.
        unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNS) }.map_err(failed)?;
        rustix::mount::mount_change("/", MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC)
            .map_err(failed)?;
        let done = work();
        let _ = rustix::mount::unmount(place, UnmountFlags::DETACH);
        done
    };
    std::thread::scope(|scope| match scope.spawn(alone).join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

/// Runs one of the programs.
fn run(command: &mut Command, about: &Path) -> Result<(), DriverError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.env_clear().env("PATH", PATH).stdin(Stdio::null()).output();
    let output = output.map_err(|error| {
        let missing = io::Error::new(error.kind(), format!("{program}: {error}"));
        DriverError::io("cannot make or mount the volume", about)(missing)
    })?;
    if output.status.success() {
        return Ok(());
    }
    let words: String = String::from_utf8_lossy(&output.stderr).trim().chars().take(MAXIMUM_WORDS).collect();
    Err(DriverError::io("cannot make or mount the volume", about)(io::Error::other(format!("{program}: {words}"))))
}
