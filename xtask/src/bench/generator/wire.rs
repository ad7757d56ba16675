//! A connection of the load, in clear text or over TLS: what is sent, what is received, and nothing about HTTP.
//!
//! Sockets stay blocking, so that they connect in one call; each send and receive says that it does not want to wait.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::rc::Rc;

use anyhow::{Context, Result};
use rustix::net::{RecvFlags, SendFlags};
use socket2::{Domain, Socket, Type};

use super::tls::{Session, State};

/// Bytes received at once.
pub const BUFFER_BYTES: usize = 256 * 1024;
/// The addresses that clients come from when they open many connections: 127.2.0.1 and on.
const SOURCES: u8 = 32;
/// The first port that is used of each.
const FIRST_PORT: u16 = 10_000;
/// How many addresses and ports may be in use before a connection is given up.
const MAXIMUM_TRIES: usize = 100;

/// Why a connection is of no more use, for people.
pub type Broken = String;

/// A connection.
pub struct Wire {
    stream: TcpStream,
    session: Option<Box<Session>>,
    /// A text on its way, and how much of it is sent.
    text: Option<(Rc<[u8]>, usize)>,
}

/// What came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// So many bytes, which were handed out.
    Bytes(usize),
    /// So many bytes, which were thrown away.
    Skipped(usize),
    /// Nothing yet.
    Nothing,
    /// Nothing, and nothing will.
    End,
}

/// Where new connections come from: an address and a port each, so that none is used again soon.
pub struct Sources {
    host: u8,
    port: u16,
}

impl Sources {
    pub fn new() -> Self {
        Self { host: 0, port: FIRST_PORT }
    }

    fn next(&mut self) -> SocketAddr {
        self.host = (self.host + 1) % SOURCES;
        if self.host == 0 {
            self.port = self.port.checked_add(1).unwrap_or(FIRST_PORT);
        }
        (Ipv4Addr::new(127, 2, 0, self.host + 1), self.port).into()
    }

    /// Connects from the next address that is free.
    fn connect(&mut self, address: SocketAddr, receive_buffer: Option<usize>) -> Result<TcpStream> {
        let mut last = None;
        for _ in 0..MAXIMUM_TRIES {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).context("no socket")?;
            if let Some(bytes) = receive_buffer {
                socket.set_recv_buffer_size(bytes)?;
            }
            socket.set_reuse_address(true)?;
            match socket.bind(&self.next().into()).and_then(|()| socket.connect(&address.into())) {
                Ok(()) => return Ok(socket.into()),
                Err(error) if is_taken(&error) => last = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        Err(last.map_or_else(|| anyhow::anyhow!("no try"), Into::into))
    }
}

fn is_taken(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::AddrInUse | std::io::ErrorKind::AddrNotAvailable)
}

impl Wire {
    /// Connects from any address and port.
    pub fn connect(address: SocketAddr, session: Option<Session>) -> Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, session: session.map(Box::new), text: None })
    }

    /// Connects from an address and port of its own; with the size of the receive buffer, if that is to be small.
    pub fn connect_from(
        sources: &mut Sources,
        address: SocketAddr,
        session: Option<Session>,
        receive_buffer: Option<usize>,
    ) -> Result<Self> {
        let stream =
            sources.connect(address, receive_buffer).with_context(|| format!("cannot connect to {address}"))?;
        // Text and records are sent whole, so that nothing waits for an acknowledgement.
        stream.set_nodelay(true)?;
        Ok(Self { stream, session: session.map(Box::new), text: None })
    }

    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Whether texts can be sent: over TLS, whether the handshake is over.
    pub fn is_open(&self) -> bool {
        self.session.as_ref().is_none_or(|session| session.state != State::Handshake)
    }

    /// Whether the handshake made use of a ticket; `None` in clear text.
    pub fn is_resumed(&self) -> Option<bool> {
        self.session.as_ref().map(|session| session.is_resumed())
    }

    /// Sends a text, or as much of it as there is room for; [`Wire::flush`] sends the rest.
    pub fn send(&mut self, text: &Rc<[u8]>) -> Result<(), Broken> {
        match &mut self.session {
            None => self.text = Some((Rc::clone(text), 0)),
            Some(session) => session.write(text).map_err(|error| error.to_string())?,
        }
        self.flush()
    }

    /// Sends what waits, handshake messages included.
    pub fn flush(&mut self) -> Result<(), Broken> {
        if let Some(session) = self.session.as_mut().filter(|session| !session.outgoing.is_empty()) {
            let sent = send_some(&self.stream, &session.outgoing)?;
            session.outgoing.drain(..sent);
        }
        if let Some((text, sent)) = &mut self.text {
            *sent += send_some(&self.stream, &text[*sent..])?;
            if *sent == text.len() {
                self.text = None;
            }
        }
        Ok(())
    }

    /// Whether something waits for room.
    pub fn has_unsent(&self) -> bool {
        self.text.is_some() || self.session.as_ref().is_some_and(|session| !session.outgoing.is_empty())
    }

    /// Receives once. In clear text the next `skip` bytes are thrown away by the kernel, without being copied.
    pub fn receive(&mut self, skip: usize, buffer: &mut [u8], text: impl FnMut(&[u8])) -> Result<Received, Broken> {
        match &mut self.session {
            None if skip > 0 => skip_some(&self.stream, skip, buffer),
            None => {
                let received = receive_some(&self.stream, buffer)?;
                if let Received::Bytes(count) = received {
                    let mut text = text;
                    text(&buffer[..count]);
                }
                Ok(received)
            }
            Some(session) => receive_records(&self.stream, session, buffer, text),
        }
    }
}

fn receive_records(
    stream: &TcpStream,
    session: &mut Session,
    buffer: &mut [u8],
    text: impl FnMut(&[u8]),
) -> Result<Received, Broken> {
    let kept = session.unread.len();
    buffer[..kept].copy_from_slice(&session.unread);
    let received = receive_some(stream, &mut buffer[kept..])?;
    let Received::Bytes(count) = received else { return Ok(received) };
    session.unread.clear();
    let all = &mut buffer[..kept + count];
    let done = session.read(all, text).map_err(|error| format!("TLS: {error}"))?;
    session.unread.extend_from_slice(&all[done..]);
    // Where the server says that nothing more comes, the end of the connection follows.
    Ok(received)
}

/// Bytes sent; 0 when the socket is full. (Large bodies go out in as few calls as there is room for: by measurement that is
/// cheapest for both sides, cheaper also than `sendfile`.)
pub fn send_some(stream: &TcpStream, bytes: &[u8]) -> Result<usize, Broken> {
    match rustix::net::send(stream, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
        Ok(sent) => Ok(sent),
        Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Ok(0),
        Err(error) => Err(format!("sending: {error}")),
    }
}

/// Receives into `buffer`.
pub fn receive_some(stream: &TcpStream, buffer: &mut [u8]) -> Result<Received, Broken> {
    Ok(match receive_with(stream, buffer, RecvFlags::DONTWAIT)? {
        None => Received::Nothing,
        Some(0) => Received::End,
        Some(count) => Received::Bytes(count),
    })
}

/// Throws away up to `bytes` bytes that have arrived. `buffer` only bounds how many at once; it is not written to.
pub fn skip_some(stream: &TcpStream, bytes: usize, buffer: &mut [u8]) -> Result<Received, Broken> {
    let at_once = buffer.len().min(bytes);
    Ok(match receive_with(stream, &mut buffer[..at_once], RecvFlags::DONTWAIT | RecvFlags::TRUNC)? {
        None => Received::Nothing,
        Some(0) => Received::End,
        Some(count) => Received::Skipped(count),
    })
}

/// The number of bytes, 0 at the end; `None`: there are none yet.
fn receive_with(stream: &TcpStream, buffer: &mut [u8], flags: RecvFlags) -> Result<Option<usize>, Broken> {
    match rustix::net::recv(stream, buffer, flags) {
        Ok((_, count)) => Ok(Some(count)),
        Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Ok(None),
        Err(error) => Err(format!("receiving: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    fn pair(sources: &mut Sources) -> (Wire, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let wire = Wire::connect_from(sources, listener.local_addr().unwrap(), None, None).unwrap();
        (wire, listener.accept().unwrap().0)
    }

    #[test]
    fn every_connection_comes_from_an_address_and_port_of_its_own() {
        let mut sources = Sources::new();
        let ends: Vec<(Wire, TcpStream)> = (0..40).map(|_| pair(&mut sources)).collect();
        let addresses: std::collections::HashSet<SocketAddr> =
            ends.iter().map(|(_, end)| end.peer_addr().unwrap()).collect();
        assert_eq!(addresses.len(), 40);
    }

    #[test]
    fn a_text_larger_than_the_socket_takes_is_sent_in_turns() {
        let (mut wire, mut end) = pair(&mut Sources::new());
        let text: Rc<[u8]> = (0_u32..8 << 20).flat_map(u32::to_le_bytes).collect();
        wire.send(&text).unwrap();
        assert!(wire.has_unsent());
        let reader = std::thread::spawn(move || {
            let mut all = Vec::new();
            end.read_to_end(&mut all).unwrap();
            all
        });
        while wire.has_unsent() {
            wire.flush().unwrap();
        }
        drop(wire);
        assert!(reader.join().unwrap() == text[..]);
    }

    #[test]
    fn bytes_are_thrown_away_up_to_the_given_number() {
        let (mut wire, mut end) = pair(&mut Sources::new());
        let mut buffer = vec![0; BUFFER_BYTES];
        assert_eq!(wire.receive(0, &mut buffer, |_| {}), Ok(Received::Nothing));
        end.write_all(b"0123456789abc").unwrap();
        drop(end);
        let mut heard = Vec::new();
        let mut skip = 10;
        loop {
            match wire.receive(skip, &mut buffer, |text| heard.extend_from_slice(text)).unwrap() {
                Received::Skipped(count) => skip -= count,
                Received::Bytes(_) | Received::Nothing => {}
                Received::End => break,
            }
        }
        assert_eq!(heard, b"abc");
    }
}
