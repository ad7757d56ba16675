//! Listening sockets: one per worker and front, with `SO_REUSEPORT`, so that the kernel spreads connections.

use crate::{http::connection, worker::Worker};
use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};
use std::{io, net::SocketAddr, rc::Rc, time::Duration};
use tokio::net::{TcpListener, TcpStream};

/// Connections that the kernel holds for a listener until they are accepted.
const BACKLOG: i32 = 4096;
/// How long a worker that is out of descriptors waits before it accepts again.
const SHORTAGE_PAUSE: Duration = Duration::from_millis(100);

/// One listening socket for each of `count` workers.
///
/// # Errors
/// What the kernel says, for example that the address is in use: by another program as well as by another node, which
/// `SO_REUSEPORT` alone would let us join without a word.
pub fn bind(address: SocketAddr, count: usize) -> io::Result<Vec<std::net::TcpListener>> {
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
    socket.bind(&address.into())?;
    Ok(socket)
}

/// Accepts until the task is aborted or the socket fails for good.
pub(crate) async fn accept_loop(listener: Rc<TcpListener>, front: SocketAddr, worker: Rc<Worker>) {
    loop {
        match listener.accept().await {
            Ok((stream, client)) => accepted(stream, client, front, &worker),
            Err(error) if is_shortage(&error) => tokio::time::sleep(SHORTAGE_PAUSE).await,
            // The connection was gone before it was accepted; the listener is well.
            Err(_) => {}
        }
    }
}

/// Accepts what the kernel already completed, before the listener closes: those clients would be reset.
pub(crate) fn accept_rest(listener: &TcpListener, front: SocketAddr, worker: &Rc<Worker>) {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    for _ in 0..BACKLOG {
        match listener.poll_accept(&mut context) {
            std::task::Poll::Ready(Ok((stream, client))) => accepted(stream, client, front, worker),
            std::task::Poll::Ready(Err(_)) | std::task::Poll::Pending => return,
        }
    }
}

fn accepted(stream: TcpStream, client: SocketAddr, front: SocketAddr, worker: &Rc<Worker>) {
    if worker.is_full() {
        worker.reject(front);
        return;
    }
    // Fails only when the client is gone already, which the first read will tell.
    let _gone = stream.set_nodelay(true);
    tokio::task::spawn_local(connection::serve(stream, client, front, Rc::clone(worker)));
}

fn is_shortage(error: &io::Error) -> bool {
    let shortage = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    error.raw_os_error().is_some_and(|code| shortage.iter().any(|errno| errno.raw_os_error() == code))
}
