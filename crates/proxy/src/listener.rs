//! Listening sockets: one per worker and front, with `SO_REUSEPORT`, so that the kernel spreads connections.

use crate::{http::connection, io::socket, namespace, worker::Worker};
use model::elbv2::front_place::FrontPlace;
use rustix::{
    io::Errno,
    net::{SocketFlags, acceptfrom_with},
};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    rc::Rc,
    time::Duration,
};
use tokio::io::Interest;

/// Connections that the kernel holds for a listener until they are accepted.
const BACKLOG: i32 = 4096;
/// How long a worker that is out of descriptors waits before it accepts again.
const SHORTAGE_PAUSE: Duration = Duration::from_millis(100);
/// Connections that are accepted before others have their turn.
const ACCEPTED_AT_ONCE: usize = 64;

/// One listening socket for each of `count` workers.
///
/// # Errors
/// What the kernel says, for example that the address is in use: by another program as well as by another node, which
/// `SO_REUSEPORT` alone would let us join without a word; or that the network is not there.
pub fn bind(place: &FrontPlace, count: usize) -> io::Result<Vec<TcpListener>> {
    match &place.namespace {
        None => bind_here(place.address, count),
        Some(namespace) => namespace::within(Path::new(&**namespace), || bind_here(place.address, count))?,
    }
}

/// The same in the network of the calling thread.
fn bind_here(address: SocketAddr, count: usize) -> io::Result<Vec<TcpListener>> {
    drop(socket(address, false)?);
    (0..count)
        .map(|_| {
            let socket = socket(address, true)?;
            socket.listen(BACKLOG)?;
            Ok(socket.into())
        })
        .collect()
}

fn socket(address: SocketAddr, shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(shared)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // Accepted sockets inherit it: heads are sent in one piece each, and waiting for more would only delay them.
    socket.set_tcp_nodelay(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// A listening socket of one worker. The runtime watches it as it watches any socket: it is told of connections that wait, and
/// we take them, so that they need not be registered before somebody has to wait for them.
#[derive(Debug)]
pub(crate) struct WatchedListener(tokio::net::TcpStream);

impl WatchedListener {
    /// Begins to watch.
    pub fn new(listener: TcpListener) -> io::Result<Self> {
        let socket = TcpStream::from(std::os::fd::OwnedFd::from(listener));
        Ok(Self(tokio::net::TcpStream::from_std(socket)?))
    }

    /// Accepts until the task is aborted or the socket fails for good.
    pub async fn accept_loop(&self, front: Rc<FrontPlace>, worker: Rc<Worker>) {
        loop {
            if self.0.readable().await.is_err() {
                return;
            }
            for _ in 0..ACCEPTED_AT_ONCE {
                match self.0.try_io(Interest::READABLE, || accept(&self.0)) {
                    Ok((stream, client)) => accepted(stream, client, &front, &worker),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) if is_shortage(&error) => {
                        tokio::time::sleep(SHORTAGE_PAUSE).await;
                        break;
                    }
                    // The connection was gone before it was accepted; the listener is well.
                    Err(_) => {}
                }
            }
            tokio::task::yield_now().await;
        }
    }

    /// Accepts what the kernel already completed, before the listener closes: those clients would be reset.
    pub fn accept_rest(&self, front: &Rc<FrontPlace>, worker: &Rc<Worker>) {
        for _ in 0..BACKLOG {
            match accept(&self.0) {
                Ok((stream, client)) => accepted(stream, client, front, worker),
                Err(_) => return,
            }
        }
    }
}

fn accept(listener: &tokio::net::TcpStream) -> io::Result<(TcpStream, SocketAddr)> {
    let (socket, client) = acceptfrom_with(listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC)?;
    let client = client.and_then(|client| client.try_into().ok());
    let client = client.ok_or_else(|| io::Error::other("a connection without an address"))?;
    Ok((TcpStream::from(socket), client))
}

fn accepted(stream: TcpStream, client: SocketAddr, front: &Rc<FrontPlace>, worker: &Rc<Worker>) {
    let running = worker.running();
    let compiled = running.snapshot.front(front);
    if compiled.is_some_and(|front| !front.admits(client.ip())) {
        // On AWS its packets would vanish. Here the kernel has taken the connection already, so its end is all that is left.
        socket::reset_on_close(&stream);
        return;
    }
    if worker.is_full() {
        worker.reject(front);
        return;
    }
    connection::start(stream, client, (front, compiled), worker);
}

fn is_shortage(error: &io::Error) -> bool {
    let shortage = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    error.raw_os_error().is_some_and(|code| shortage.iter().any(|errno| errno.raw_os_error() == code))
}
