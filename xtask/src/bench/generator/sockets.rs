//! All sockets of the generator, by number, and the one epoll that watches them.

use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, EventData, EventFlags};

use super::held::HeldClient;
use super::http1::Http1;
use super::http2::Http2;
use super::target::Target;

/// Events taken from the kernel per turn.
const EVENTS_PER_TURN: usize = 256;
/// What stands for stdin among the numbers.
const STDIN: u64 = u64::MAX;

/// A socket and what it is for.
pub enum Socket {
    /// Of the target of this number.
    Listener(TcpListener, usize),
    Target(Target),
    Http1(Http1),
    Http2(Http2),
    Held(HeldClient),
}

/// What an event is about.
pub enum Ready {
    Stdin,
    Socket(usize),
}

/// The sockets.
pub struct Sockets {
    epoll: OwnedFd,
    places: Vec<Place>,
    free: Vec<usize>,
    events: Vec<epoll::Event>,
}

#[derive(Default)]
struct Place {
    socket: Option<Socket>,
    /// What epoll watches it for.
    interest: EventFlags,
}

impl Sockets {
    pub fn new() -> Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let events = Vec::with_capacity(EVENTS_PER_TURN);
        Ok(Self { epoll, places: Vec::new(), free: Vec::new(), events })
    }

    pub fn watch_stdin(&mut self) -> Result<()> {
        Ok(epoll::add(&self.epoll, rustix::stdio::stdin(), EventData::new_u64(STDIN), EventFlags::IN)?)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Socket> {
        self.places.iter().filter_map(|place| place.socket.as_ref())
    }

    /// A number for a socket that is about to be put there.
    pub fn reserve(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.places.push(Place::default());
            self.places.len() - 1
        })
    }

    /// Puts a new socket where a number was reserved.
    pub fn put_new(&mut self, number: usize, socket: Socket) -> Result<()> {
        let interest = socket.interest();
        epoll::add(&self.epoll, socket.as_fd(), EventData::new_u64(number as u64), interest)?;
        self.places[number] = Place { socket: Some(socket), interest };
        Ok(())
    }

    /// Adds a socket; returns its number.
    pub fn add(&mut self, socket: Socket) -> Result<usize> {
        let number = self.reserve();
        self.put_new(number, socket).map(|()| number)
    }

    /// Takes a socket out; it is still watched, and must be put back or its number freed.
    pub fn take(&mut self, number: usize) -> Option<Socket> {
        self.places.get_mut(number)?.socket.take()
    }

    /// Puts back what was taken out.
    pub fn put(&mut self, number: usize, socket: Socket) -> Result<()> {
        let interest = socket.interest();
        let place = &mut self.places[number];
        if interest != place.interest {
            epoll::modify(&self.epoll, socket.as_fd(), EventData::new_u64(number as u64), interest)?;
            place.interest = interest;
        }
        place.socket = Some(socket);
        Ok(())
    }

    /// The socket that was taken out is gone. (Closing it also took it out of epoll.)
    pub fn free(&mut self, number: usize) {
        self.free.push(number);
    }

    pub fn remove_all(&mut self, which: impl Fn(&Socket) -> bool) {
        for (number, place) in self.places.iter_mut().enumerate() {
            if place.socket.as_ref().is_some_and(&which) {
                place.socket = None;
                self.free.push(number);
            }
        }
    }

    /// Waits for events; returns how many there are.
    pub fn wait(&mut self, longest: Duration) -> Result<usize> {
        self.events.clear();
        let limit = Timespec::try_from(longest).context("a wait that is too long")?;
        match epoll::wait(&self.epoll, spare_capacity(&mut self.events), Some(&limit)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(self.events.len()),
            Err(error) => Err(error.into()),
        }
    }

    /// What one of the events is about.
    pub fn ready(&self, event: usize) -> Ready {
        match self.events[event].data.u64() {
            STDIN => Ready::Stdin,
            number => Ready::Socket(usize::try_from(number).unwrap_or(usize::MAX)),
        }
    }
}

impl Socket {
    fn interest(&self) -> EventFlags {
        match self {
            Self::Listener(..) => EventFlags::IN,
            Self::Target(target) => target.interest(),
            Self::Http1(client) => client.interest(),
            Self::Http2(client) => client.interest(),
            Self::Held(client) => client.interest(),
        }
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Listener(listener, _) => listener.as_fd(),
            Self::Target(target) => target.stream().as_fd(),
            Self::Http1(client) => client.wire().stream().as_fd(),
            Self::Http2(client) => client.wire().stream().as_fd(),
            Self::Held(client) => client.wire().stream().as_fd(),
        }
    }
}
