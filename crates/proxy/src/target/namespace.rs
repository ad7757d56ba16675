//! Doing something within another network namespace.

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::{fs::File, io, os::fd::AsFd, path::Path};

/// The namespace of the calling thread.
const OWN: &str = "/proc/thread-self/ns/net";

/// Calls `make` while the thread is in a network namespace, given by its file. Sockets that it makes stay in there; the thread
/// does not. Costs a few system calls, and blocks on nothing.
///
/// # Errors
/// The namespace cannot be entered: it is gone, or we may not (that needs CAP_SYS_ADMIN).
pub fn within<T>(namespace: &Path, make: impl FnOnce() -> T) -> io::Result<T> {
    let network = Some(LinkNameSpaceType::Network);
    let (own, other) = (File::open(OWN)?, File::open(namespace)?);
    move_into_link_name_space(other.as_fd(), network)?;
    let made = make();
    if let Err(error) = move_into_link_name_space(own.as_fd(), network) {
        // Whatever this thread did next would be done in somebody else's network.
        tracing::error!(%error, "a thread cannot return to its own network");
        std::process::abort();
    }
    Ok(made)
}
