//! Entering network namespaces.
//!
//! A namespace belongs to a thread: whoever enters one does so on a thread that ends afterwards, never on one of a pool or
//! of an asynchronous runtime. Sockets that are opened inside stay in the namespace wherever they are used later.

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::{fs::File, io, os::fd::AsFd, panic::resume_unwind, path::PathBuf, thread};

/// Where named namespaces are.
pub(crate) const DIRECTORY: &str = "/run/netns";

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

pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(DIRECTORY).join(name)
}
