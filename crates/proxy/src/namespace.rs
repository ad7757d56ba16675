//! Other network namespaces than the process's own: which one is it, and doing something within.

use model::elbv2::front_place::FrontPlace;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::{
    fs::File,
    io,
    os::{fd::AsFd, unix::fs::MetadataExt},
    path::Path,
    sync::OnceLock,
    thread,
};

/// The namespace of the calling thread.
const OWN: &str = "/proc/thread-self/ns/net";

/// Which network namespace a file stands for: its device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity(u64, u64);

/// The network namespace of a place now; none: the host's own, or there is none of that name.
pub(crate) fn of(place: &FrontPlace) -> Option<Identity> {
    let found = std::fs::metadata(&**place.namespace.as_ref()?).ok()?;
    Some(Identity(found.dev(), found.ino()))
}

/// Calls `make` while a thread is in a network namespace, given by its file. Sockets that it makes stay in there; the calling
/// thread does not. Costs a few system calls (8 us), and blocks on nothing. Without root it costs a thread that lives for a moment
/// (30 us, more where no processor is free), because nobody comes back from a namespace of their own into the host's.
///
/// # Errors
/// The namespace cannot be entered: it is gone, or we may not (that needs CAP_SYS_ADMIN).
pub(crate) fn within<T: Send>(namespace: &Path, make: impl FnOnce() -> T + Send) -> io::Result<T> {
    if may_come_back() {
        return there_and_back(namespace, make);
    }
    let there = || {
        move_into_link_name_space(File::open(namespace)?.as_fd(), Some(LinkNameSpaceType::Network))?;
        Ok(make())
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("namespace".to_owned()).spawn_scoped(scope, there)?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Whether this process may enter the network that it is in: that is asked of nobody who stays there.
fn may_come_back() -> bool {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    *KNOWN.get_or_init(|| {
        let own = File::open(OWN);
        own.is_ok_and(|own| move_into_link_name_space(own.as_fd(), Some(LinkNameSpaceType::Network)).is_ok())
    })
}

fn there_and_back<T>(namespace: &Path, make: impl FnOnce() -> T) -> io::Result<T> {
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
