//! Entering network namespaces.
//!
//! A namespace belongs to a thread: whoever enters one does so on a thread that ends afterwards, never on one of a pool or
//! of an asynchronous runtime. Sockets that are opened inside stay in the namespace wherever they are used later.

use crate::{commands, driver::NetworkError};
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};
use std::{fs::File, io, os::fd::AsFd, panic::resume_unwind, path::PathBuf, thread};

/// Where named namespaces are.
pub const DIRECTORY: &str = "/run/netns";

/// Runs `work` on a fresh thread within the namespace of that name, and waits for it. Threads and processes that it starts
/// are in the namespace too.
///
/// # Errors
/// When there is no such namespace, or the process may not enter it.
pub fn enter<T: Send>(name: &str, work: impl FnOnce() -> T + Send) -> io::Result<T> {
    on_a_fresh_thread(|| {
        move_into(name)?;
        Ok(work())
    })?
}

/// Runs something on a thread that ends with it.
pub(crate) fn on_a_fresh_thread<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("namespace".to_owned()).spawn_scoped(scope, work)?;
        Ok(thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Moves the calling thread, which must be one that ends soon, into a namespace.
pub(crate) fn move_into(name: &str) -> io::Result<()> {
    let namespace = File::open(path(name))?;
    Ok(move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?)
}

/// The file that stands for the namespace of that name.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(DIRECTORY).join(name)
}

/// Makes a namespace, whose own loopback interface is up.
///
/// # Errors
/// When there is one of the name, or it may not be made.
pub fn add(name: &str) -> Result<(), NetworkError> {
    let failed = |source| NetworkError::Enter { name: name.to_owned(), source };
    on_a_fresh_thread(|| {
        // `ip` comes back from the new namespace to that of this thread, which nobody but root may do into the host's.
        leave().map_err(failed)?;
        commands::ip(name, &[format!("netns add {name}")])
    })
    .map_err(failed)??;
    enter(name, || commands::ip(name, &["link set dev lo up".to_owned()])).map_err(failed)?
}

/// Carries out a transaction of `nft` in the namespace of that name.
///
/// # Errors
/// When it cannot be entered, or `nft` fails.
pub fn furnish(name: &str, transaction: &str) -> Result<(), NetworkError> {
    let failed = |source| NetworkError::Enter { name: name.to_owned(), source };
    enter(name, || commands::nft(name, transaction)).map_err(failed)?
}

/// Whether the network that this thread is in belongs to its user namespace, and may be entered (again).
pub fn is_own() -> bool {
    let own = File::open("/proc/thread-self/ns/net");
    own.is_ok_and(|own| move_into_link_name_space(own.as_fd(), Some(LinkNameSpaceType::Network)).is_ok())
}

/// Moves the calling thread, which must be one that ends soon, into a namespace without a name.
#[allow(unsafe_code)]
fn leave() -> io::Result<()> {
    // SAFETY: the network is unshared, not the table of descriptors, which is what the function warns of.
    Ok(unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNET) }?)
}
