//! A TCP socket that the event queue learns of only when somebody has to wait for it.
//!
//! Many connections bring one request and end: the request is there when they are accepted, and the answer fits the socket's
//! buffer. Those never cost a registration. Reads of a watched socket go through the runtime's `poll_read`, which after a
//! short read knows that nothing is left and asks no second time: one system call per wake-up.

use rustix::net::{RecvFlags, SendFlags};
use std::{
    io,
    mem::replace,
    os::fd::AsFd,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, Interest, ReadBuf},
    net::TcpStream,
};

/// A connected socket.
#[derive(Debug)]
pub(crate) enum Socket {
    /// Not known to the event queue.
    Fresh(std::net::TcpStream),
    /// Known to it.
    Watched(TcpStream),
    /// It could not be made known; whoever asks is told that it is broken.
    Lost,
}

impl Socket {
    /// Reads once; 0 is the end.
    #[inline]
    pub fn poll_read(&mut self, room: &mut [u8], context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        debug_assert!(!room.is_empty(), "no room would read like the end of the stream");
        if let Self::Fresh(stream) = self {
            match rustix::net::recv(&*stream, &mut *room, RecvFlags::empty()) {
                Err(rustix::io::Errno::AGAIN) => self.watch()?,
                result => return Poll::Ready(result.map(|(n, _)| n).map_err(io::Error::from)),
            }
        }
        let mut buffer = ReadBuf::new(room);
        match Pin::new(self.watched()?).poll_read(context, &mut buffer) {
            Poll::Ready(Ok(())) => Poll::Ready(Ok(buffer.filled().len())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Sends what the kernel takes at once; 0 when it takes nothing now. `more`: something follows at once, the end of the
    /// connection for example, and may travel with it.
    #[inline]
    pub fn send(&self, bytes: &[u8], more: bool) -> io::Result<usize> {
        let flags = if more { SendFlags::NOSIGNAL | SendFlags::MORE } else { SendFlags::NOSIGNAL };
        let sent = match self {
            Self::Fresh(stream) => rustix::net::send(stream, bytes, flags),
            Self::Watched(stream) => rustix::net::send(stream, bytes, flags),
            Self::Lost => return Err(io::ErrorKind::NotConnected.into()),
        };
        match sent {
            Err(rustix::io::Errno::AGAIN) => {
                self.is_full();
                Ok(0)
            }
            result => Ok(result?),
        }
    }

    /// Tells the runtime, which was not asked before, that the kernel takes nothing now.
    #[cold]
    fn is_full(&self) {
        if let Self::Watched(stream) = self {
            let nothing = || Err::<(), _>(io::ErrorKind::WouldBlock.into());
            let _told: io::Result<()> = stream.try_io(Interest::WRITABLE, nothing);
        }
    }

    /// The same with two pieces.
    #[inline]
    pub fn send_both(&self, first: &[u8], second: &[u8]) -> io::Result<usize> {
        use std::io::Write;
        let pieces = [io::IoSlice::new(first), io::IoSlice::new(second)];
        let sent = match self {
            Self::Fresh(stream) => (&mut &*stream).write_vectored(&pieces),
            Self::Watched(stream) => stream.try_write_vectored(&pieces),
            Self::Lost => Err(io::ErrorKind::NotConnected.into()),
        };
        match sent {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            result => result,
        }
    }

    /// Waits until the kernel may take more.
    pub fn poll_writable(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watch()?;
        self.watched()?.poll_write_ready(context)
    }

    /// Whether nothing came and nothing ended, as far as the event queue knows. The readiness flag may be left over from
    /// the last read; then, and only then, the socket itself is asked.
    #[inline]
    pub fn is_quiet(&self) -> bool {
        match self {
            Self::Fresh(_) => self.is_quiet_on_asking(),
            // Without a readiness flag nobody is asked.
            Self::Watched(stream) => is_would_block(&stream.try_io(Interest::READABLE, || peek(stream))),
            Self::Lost => false,
        }
    }

    /// The same, always asking the socket: before a request that must not be sent twice.
    pub fn is_quiet_on_asking(&self) -> bool {
        let asked = match self {
            Self::Fresh(stream) => peek(stream),
            Self::Watched(stream) => {
                // Not through the runtime, which would not ask before it has heard of an event; but what the answer means
                // for its flag it is told.
                let asked = peek(stream);
                let nothing = || Err::<(), _>(io::ErrorKind::WouldBlock.into());
                if is_would_block(&asked) {
                    let _told: io::Result<()> = stream.try_io(Interest::READABLE, nothing);
                }
                asked
            }
            Self::Lost => return false,
        };
        is_would_block(&asked)
    }

    /// Whether the connection was reset. The end of the peer's sending is no reset: it may still be reading.
    pub fn is_reset(&self) -> bool {
        match self {
            Self::Fresh(stream) => !matches!(stream.take_error(), Ok(None)),
            Self::Watched(stream) => !matches!(stream.take_error(), Ok(None)),
            Self::Lost => true,
        }
    }

    /// Says that nothing more will be sent.
    pub fn end_sending(&self) -> io::Result<()> {
        let end =
            |stream: &dyn AsFd| rustix::net::shutdown(stream, rustix::net::Shutdown::Write).map_err(io::Error::from);
        match self {
            Self::Fresh(stream) => end(stream),
            Self::Watched(stream) => end(stream),
            Self::Lost => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Makes closing the socket a reset.
    pub fn reset_on_close(&self) {
        match self {
            Self::Fresh(stream) => reset_on_close(stream),
            Self::Watched(stream) => reset_on_close(stream),
            Self::Lost => {}
        }
    }

    fn watch(&mut self) -> io::Result<()> {
        if matches!(self, Self::Fresh(_))
            && let Self::Fresh(stream) = replace(self, Self::Lost)
        {
            *self = Self::Watched(TcpStream::from_std(stream)?);
        }
        Ok(())
    }

    fn watched(&mut self) -> io::Result<&mut TcpStream> {
        match self {
            Self::Watched(stream) => Ok(stream),
            Self::Fresh(_) | Self::Lost => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

/// Looks at what could be read, without reading it.
fn peek(stream: impl AsFd) -> io::Result<usize> {
    let peeked = rustix::net::recv(stream, &mut [0u8; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT);
    Ok(peeked.map(|(n, _)| n)?)
}

fn is_would_block(result: &io::Result<usize>) -> bool {
    matches!(result, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

/// Makes closing a connection a reset.
pub(crate) fn reset_on_close(stream: &impl AsFd) {
    // It fails only when the connection is gone already.
    let _gone = socket2::SockRef::from(stream).set_linger(Some(std::time::Duration::ZERO));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{future::poll_fn, net::TcpListener, time::Duration};

    #[tokio::test]
    async fn asking_finds_an_end_that_the_event_queue_has_not_told_yet() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        stream.set_nonblocking(true).unwrap();
        let (peer, _) = listener.accept().unwrap();
        let mut socket = Socket::Fresh(stream);
        let polled = poll_fn(|context| Poll::Ready(socket.poll_read(&mut [0; 8], context))).await;
        assert!(polled.is_pending() && socket.is_quiet_on_asking() && socket.is_quiet());
        drop(peer);
        // The end arrives in the kernel; the event queue is not looked at in between.
        let Socket::Watched(watched) = &socket else { panic!("a read that waits makes it known") };
        let mut event = [rustix::event::PollFd::new(watched, rustix::event::PollFlags::IN)];
        let patience = rustix::time::Timespec::try_from(Duration::from_secs(10)).unwrap();
        assert_eq!(rustix::event::poll(&mut event, Some(&patience)).unwrap(), 1);
        assert!(!socket.is_quiet_on_asking());
    }
}
