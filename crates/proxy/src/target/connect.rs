//! Opening a connection to a target: at most 10 seconds, and what a failure means.

use std::{io, net::SocketAddr, time::Duration};
use tokio::net::TcpStream;

/// How long a target may take to accept (ELB user guide: connection timeout 10 seconds).
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Connects. The caller's alarm bounds the wait.
///
/// # Errors
/// What the kernel says: refused, unreachable, or out of descriptors.
pub async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    // Heads are sent in one piece each; waiting for more to come would only delay them.
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Whether a failure to connect is our own lack of descriptors or ports rather than the target's doing.
pub fn is_local_shortage(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let shortage = [Errno::MFILE, Errno::NFILE, Errno::ADDRNOTAVAIL, Errno::NOBUFS, Errno::NOMEM];
    error.raw_os_error().is_some_and(|code| shortage.iter().any(|errno| errno.raw_os_error() == code))
}
