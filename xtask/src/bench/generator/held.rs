//! Clients that stay: idle ones, of which only the memory counts, and slow ones, which a proxy must bear with.
//!
//! A slow client does something about once a second: it sends a few bytes of a head or of a body, or reads a few of an
//! answer. None of them ever comes to an end.

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Result;
use rustix::event::epoll::EventFlags;

use super::message::head_end;
use super::running::Reasons;
use super::tls::TlsClients;
use super::wire::{Broken, Received, Sources, Wire};
use crate::bench::order::{HOST, Hold, HoldKind};

/// How often some of the slow clients have their turn.
pub const TICK: Duration = Duration::from_millis(10);
/// Each of them has a turn once in so many ticks.
const TICKS_PER_TURN: usize = 100;
/// Clients that are being opened at once: fewer than the proxies let wait.
pub const MAXIMUM_OPENING: usize = 200;
/// Clients that are opened before others are served again.
pub const OPENED_AT_ONCE: usize = 20;
/// What a slow reader's socket takes in.
const SMALL_BUFFER_BYTES: usize = 16 * 1024;
/// What a slow reader reads in a turn.
const READ_BYTES: usize = 512;
/// What a slow sender sends in a turn.
const SENT: &[u8] = b"xxxxxxxx";

/// Held clients, and what has come of opening them.
pub struct Holding {
    pub hold: Hold,
    tls: Option<TlsClients>,
    /// Their sockets' numbers. Those that were lost stay listed.
    pub members: Vec<usize>,
    pub begun: usize,
    pub settled: usize,
    pub failed: usize,
    pub lost: usize,
    pub reasons: Reasons,
    next_turn: usize,
    last_tick: Instant,
}

/// One of them.
pub struct HeldClient {
    wire: Wire,
    role: Role,
    /// Whether it is as it is to stay.
    pub is_settled: bool,
    heard: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Idle,
    Head,
    Body,
    Reader,
}

impl Role {
    fn of(kind: HoldKind, number: usize) -> Self {
        match kind {
            HoldKind::Idle => Self::Idle,
            HoldKind::Slow => [Self::Head, Self::Body, Self::Reader][number % 3],
        }
    }

    /// What is sent at first.
    fn text(self) -> Vec<u8> {
        match self {
            Self::Idle => format!("GET /s HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
            Self::Head => format!("GET /s HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: "),
            Self::Body => format!("POST /s HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000000\r\n\r\n"),
            Self::Reader => format!("GET /trickle HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        }
        .into_bytes()
    }
}

impl Holding {
    pub fn new(hold: Hold) -> Result<Self> {
        let tls = hold.speech.tls.map(|tickets| TlsClients::new(tickets, false)).transpose()?;
        Ok(Self {
            hold,
            tls,
            members: Vec::new(),
            begun: 0,
            settled: 0,
            failed: 0,
            lost: 0,
            reasons: Reasons::default(),
            next_turn: 0,
            last_tick: Instant::now(),
        })
    }

    /// How many clients are to be opened now.
    pub fn to_open(&self) -> usize {
        let opening = self.begun.saturating_sub(self.settled + self.failed);
        let missing = self.hold.clients.saturating_sub(self.begun);
        missing.min(MAXIMUM_OPENING.saturating_sub(opening)).min(OPENED_AT_ONCE)
    }

    /// Whether all are settled or have failed.
    pub fn is_complete(&self) -> bool {
        self.settled + self.failed >= self.hold.clients
    }

    pub fn is_slow(&self) -> bool {
        self.hold.kind == HoldKind::Slow
    }

    /// Opens one.
    pub fn open(&mut self, sources: &mut Sources) -> Result<HeldClient, Broken> {
        let role = Role::of(self.hold.kind, self.begun);
        self.begun += 1;
        let session = self.tls.as_ref().map(TlsClients::session).transpose().map_err(|error| error.to_string())?;
        let buffer = (role == Role::Reader).then_some(SMALL_BUFFER_BYTES);
        let wire = Wire::connect_from(sources, self.hold.speech.address, session, buffer);
        let mut client = HeldClient {
            wire: wire.map_err(|error| format!("{error:#}"))?,
            role,
            is_settled: false,
            heard: Vec::new(),
        };
        if client.wire.is_open() {
            client.begin()?;
        } else {
            client.wire.flush()?;
        }
        Ok(client)
    }

    /// The sockets whose turn has come.
    pub fn turn(&mut self) -> Vec<usize> {
        if !self.is_slow() || self.last_tick.elapsed() < TICK || self.members.is_empty() {
            return Vec::new();
        }
        self.last_tick = Instant::now();
        let count = self.members.len().div_ceil(TICKS_PER_TURN);
        let turn = (0..count).map(|step| self.members[(self.next_turn + step) % self.members.len()]).collect();
        self.next_turn = (self.next_turn + count) % self.members.len();
        turn
    }
}

impl HeldClient {
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// A slow reader looks at its socket only when its turn has come.
    pub fn interest(&self) -> EventFlags {
        match self.role {
            _ if self.wire.has_unsent() => EventFlags::IN | EventFlags::OUT,
            Role::Reader => EventFlags::empty(),
            Role::Idle | Role::Head | Role::Body => EventFlags::IN,
        }
    }

    fn begin(&mut self) -> Result<(), Broken> {
        self.is_settled = self.role != Role::Idle;
        self.wire.send(&Rc::from(self.role.text()))
    }

    /// Goes on after an event.
    pub fn serve(&mut self, buffer: &mut [u8]) -> Result<(), Broken> {
        self.wire.flush()?;
        let was_open = self.wire.is_open();
        let heard = &mut self.heard;
        let received = self.wire.receive(0, buffer, |text| heard.extend_from_slice(text))?;
        if received == Received::End {
            return Err("ended by the proxy".to_owned());
        }
        if !was_open {
            return if self.wire.is_open() { self.begin() } else { self.wire.flush() };
        }
        let Some(end) = head_end(&self.heard) else { return Ok(()) };
        if !self.heard.starts_with(b"HTTP/1.1 200") || self.role != Role::Idle {
            return Err(format!("answered with {:?}", String::from_utf8_lossy(&self.heard[..end.min(40)])));
        }
        if !self.is_settled {
            self.is_settled = true;
            // Ten thousand of these are many.
            self.heard = Vec::new();
        }
        Ok(())
    }

    /// Its turn has come.
    pub fn act(&mut self) -> Result<(), Broken> {
        match self.role {
            Role::Idle => Ok(()),
            Role::Head | Role::Body if self.wire.has_unsent() => self.wire.flush(),
            Role::Head | Role::Body => self.wire.send(&Rc::from(SENT)),
            Role::Reader => match self.wire.receive(0, &mut [0; READ_BYTES], |_| {})? {
                Received::End => Err("ended by the proxy".to_owned()),
                Received::Bytes(_) | Received::Skipped(_) | Received::Nothing => Ok(()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::order::Speech;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    fn holding(listener: &TcpListener, kind: HoldKind, clients: usize) -> Holding {
        let address = listener.local_addr().unwrap();
        Holding::new(Hold { speech: Speech { address, tls: None, http2_streams: None }, kind, clients }).unwrap()
    }

    fn read_some(end: &mut std::net::TcpStream) -> Vec<u8> {
        end.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut bytes = [0; 4096];
        let count = end.read(&mut bytes).unwrap();
        bytes[..count].to_vec()
    }

    #[test]
    fn an_idle_client_is_settled_when_it_has_its_answer() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sources = Sources::new();
        let mut holding = holding(&listener, HoldKind::Idle, 1);
        let mut client = holding.open(&mut sources).unwrap();
        assert!(!client.is_settled && holding.to_open() == 0);
        let mut end = listener.accept().unwrap().0;
        assert!(read_some(&mut end).starts_with(b"GET /s "));
        end.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx").unwrap();
        let mut buffer = vec![0; 4096];
        while !client.is_settled {
            client.serve(&mut buffer).unwrap();
        }
        drop(end);
        let mut lost = client.serve(&mut buffer);
        while lost.is_ok() {
            lost = client.serve(&mut buffer);
        }
        assert_eq!(lost, Err("ended by the proxy".to_owned()));
    }

    #[test]
    fn slow_clients_of_three_kinds_begin_a_request_and_go_on_in_turns() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sources = Sources::new();
        let mut holding = holding(&listener, HoldKind::Slow, 3);
        for begin in ["GET /s ", "POST /s ", "GET /trickle "] {
            let mut client = holding.open(&mut sources).unwrap();
            assert!(client.is_settled);
            let mut end = listener.accept().unwrap().0;
            assert!(read_some(&mut end).starts_with(begin.as_bytes()), "{begin}");
            client.act().unwrap();
            if begin != "GET /trickle " {
                assert_eq!(read_some(&mut end), SENT);
            }
        }
    }

    #[test]
    fn everybody_has_a_turn_in_a_second() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut holding = holding(&listener, HoldKind::Slow, 250);
        holding.members = (0..250).collect();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..TICKS_PER_TURN {
            holding.last_tick = Instant::now().checked_sub(TICK).unwrap();
            seen.extend(holding.turn());
        }
        assert_eq!(seen.len(), 250);
        assert!(holding.turn().is_empty(), "not before the next tick");
    }
}
