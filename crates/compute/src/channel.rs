//! The wire between a sandbox's first process and its shim: one socket, a JSON document a line in either direction.
//!
//! It is the standard input of the first process, so that nothing of it needs a path in the instance. Whoever is root in
//! the instance may disturb it, to that instance's harm: what comes in is bounded and is only a report.

use serde::{Serialize, de::DeserializeOwned};
use std::{
    io::{self, Read, Write},
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
};

/// The longest line in bytes: a plan with user data and keys is some tens of KiB.
const MAXIMUM_LINE: usize = 1 << 20;

/// One end.
pub(crate) struct Channel {
    socket: UnixStream,
    buffer: Vec<u8>,
    closed: bool,
}

/// What a look at the channel found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received<T> {
    /// A line. Lines that are no `T` are left out.
    Value(T),
    /// Nothing whole yet.
    Nothing,
    /// The other end is gone, or does not keep to the rules.
    Closed,
}

impl Channel {
    /// Both ends: ours, and one to hand to a child.
    pub(crate) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = UnixStream::pair()?;
        Ok((Self::of(ours)?, theirs.into()))
    }

    /// The end that is this socket.
    pub(crate) fn of(socket: UnixStream) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self { socket, buffer: Vec::new(), closed: false })
    }

    /// Sends a line, which must fit into the socket's buffer: nothing here waits.
    pub(crate) fn send(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.socket.write_all(&line)
    }

    /// The next line, without waiting.
    pub(crate) fn receive<T: DeserializeOwned>(&mut self) -> Received<T> {
        loop {
            while let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                if let Ok(value) = serde_json::from_slice(&line) {
                    return Received::Value(value);
                }
            }
            if self.closed || self.buffer.len() > MAXIMUM_LINE {
                self.closed = true;
                return Received::Closed;
            }
            let mut piece = [0_u8; 16 << 10];
            match self.socket.read(&mut piece) {
                Ok(0) => self.closed = true,
                Ok(length) => self.buffer.extend_from_slice(&piece[..length]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Received::Nothing,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => self.closed = true,
            }
        }
    }

    /// Whether anything may still come.
    pub(crate) fn open(&self) -> bool {
        !self.closed
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_arrive_whole_and_rubbish_is_left_out() {
        let (mut ours, theirs) = Channel::pair().unwrap();
        let mut theirs = UnixStream::from(theirs);
        assert_eq!(ours.receive::<u32>(), Received::Nothing);
        theirs.write_all(b"1\nrubbish\n2").unwrap();
        assert_eq!(ours.receive::<u32>(), Received::Value(1));
        assert_eq!(ours.receive::<u32>(), Received::Nothing);
        theirs.write_all(b"3\n").unwrap();
        drop(theirs);
        assert_eq!(ours.receive::<u32>(), Received::Value(23));
        assert_eq!(ours.receive::<u32>(), Received::Closed);
        assert!(!ours.open());
    }

    #[test]
    fn a_line_without_end_closes_the_channel() {
        let (mut ours, theirs) = Channel::pair().unwrap();
        let mut theirs = Channel::of(UnixStream::from(theirs)).unwrap();
        let piece = [b'x'; 16 << 10];
        let mut sent = 0;
        while sent <= MAXIMUM_LINE + piece.len() && ours.open() {
            sent += theirs.socket.write(&piece).unwrap();
            ours.receive::<u32>();
        }
        assert!(!ours.open());
    }
}
