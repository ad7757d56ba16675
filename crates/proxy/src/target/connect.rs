//! Opening a connection to a target: at most 10 seconds, and what a failure means.

use crate::namespace;
use model::elbv2::snapshot::NodeInterface;
use std::{io, net::SocketAddr, path::Path, time::Duration};
use tokio::net::{TcpSocket, TcpStream};

/// How long a target may take to accept (ELB user guide: connection timeout 10 seconds).
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Connects, from an interface of the load balancer's or from the host itself. The caller's alarm bounds the wait.
///
/// # Errors
/// What the kernel says: refused, unreachable, or out of descriptors; or that the interface's network is not there.
pub async fn connect(address: SocketAddr, interface: Option<&NodeInterface>) -> io::Result<TcpStream> {
    let stream = open(address, interface).await?;
    // Heads are sent in one piece each; waiting for more to come would only delay them.
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The same for a single exchange, as checks are.
///
/// # Errors
/// As above.
pub async fn open(address: SocketAddr, interface: Option<&NodeInterface>) -> io::Result<TcpStream> {
    match interface {
        None => TcpStream::connect(address).await,
        Some(interface) => socket(interface)?.connect(address).await,
    }
}

/// A socket belongs to the network that it was made in, whoever uses it.
fn socket(interface: &NodeInterface) -> io::Result<TcpSocket> {
    let socket = namespace::within(Path::new(&interface.namespace), TcpSocket::new_v4)??;
    socket.bind(SocketAddr::from((interface.address, 0)))?;
    Ok(socket)
}

/// Whether a failure to connect is our own lack of descriptors or ports rather than the target's doing.
pub fn is_local_shortage(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let shortage = [Errno::MFILE, Errno::NFILE, Errno::ADDRNOTAVAIL, Errno::NOBUFS, Errno::NOMEM];
    error.raw_os_error().is_some_and(|code| shortage.iter().any(|errno| errno.raw_os_error() == code))
}
