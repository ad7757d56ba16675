//! One request, as logs will show it: noted by a worker in a few copies, handed over in [batches](super::batch), read by the
//! log's thread.
//!
//! A note names things by their positions in the snapshot that the request was served with, and texts by their places among
//! those of the request; so it costs no allocation and no shared count.

use super::access_log::memory::KeptNames;
use crate::{
    config::CompiledSnapshot, error::ProxyError, http::desync::Findings, telemetry::cause::Cause, timer::Micros,
};
use model::{
    Timestamp,
    elbv2::request_record::{Ended, Phase},
};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::Range,
    time::Duration,
};

/// The longest text of a note in bytes; longer ones are cut.
pub const MAXIMUM_TEXT: usize = 8 * 1024;
/// The most targets that a request is tried on.
pub const MAXIMUM_TRIES: usize = 4;

/// A place among the texts of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    from: u16,
    to: u16,
}

impl Place {
    /// All of a request's texts from a position on.
    pub fn since(from: usize, texts: &[u8]) -> Self {
        Self { from: place_of(from), to: place_of(texts.len()) }
    }

    /// The text, among those of its request.
    pub fn of(self, texts: &[u8]) -> &[u8] {
        texts.get(self.range()).unwrap_or_default()
    }

    /// Where it is.
    pub fn range(self) -> Range<usize> {
        usize::from(self.from)..usize::from(self.to)
    }
}

/// The texts of one request, kept while it is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// The method; empty when the request could not be read.
    pub method: Place,
    /// Host without a port, as used for routing; empty when unknown.
    pub host: Place,
    /// Path and query; empty when unknown.
    pub path: Place,
    /// `User-Agent`; empty when there was none.
    pub user_agent: Place,
    /// The X-Amzn-Trace-Id that the target got; empty when it was not made.
    pub trace_id: Place,
    /// Where the client was redirected to.
    pub redirect_url: Place,
    /// The host that a transform made.
    pub transformed_host: Place,
    /// The path and query that a transform made.
    pub transformed_uri: Place,
    /// The name that the client asked for in the TLS handshake.
    pub server_name: Place,
    /// The ARN of the certificate that was chosen for the client.
    pub certificate: Place,
}

impl Texts {
    /// All of them.
    pub fn each(&mut self) -> [&mut Place; 10] {
        let Self {
            method,
            host,
            path,
            user_agent,
            trace_id,
            redirect_url,
            transformed_host,
            transformed_uri,
            server_name,
            certificate,
        } = self;
        [
            method,
            host,
            path,
            user_agent,
            trace_id,
            redirect_url,
            transformed_host,
            transformed_uri,
            server_name,
            certificate,
        ]
    }
}

/// Appends a text to those of a request. One that is longer than [`MAXIMUM_TEXT`], or than what a request may have, is cut.
#[inline]
pub fn put_text(texts: &mut Vec<u8>, text: &[u8]) -> Place {
    let room = usize::from(u16::MAX).saturating_sub(texts.len());
    let from = place_of(texts.len());
    texts.extend_from_slice(&text[..text.len().min(MAXIMUM_TEXT).min(room)]);
    Place { from, to: place_of(texts.len()) }
}

fn place_of(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

/// Log field `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// HTTP/1 in clear text.
    Http,
    /// HTTP/1 over TLS.
    Https,
    /// HTTP/2 over TLS.
    H2,
    /// gRPC over TLS.
    Grpcs,
    /// A WebSocket (or another upgraded) connection in clear text.
    Ws,
    /// The same over TLS.
    Wss,
}

impl RequestKind {
    /// Whether the client speaks HTTP/2.
    pub const fn is_http2(self) -> bool {
        match self {
            Self::H2 | Self::Grpcs => true,
            Self::Http | Self::Https | Self::Ws | Self::Wss => false,
        }
    }
}

/// Log field `actions_executed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executed {
    /// The request did not get as far as that.
    None,
    /// It was forwarded.
    Forward,
    /// It was redirected.
    Redirect,
    /// It was answered.
    FixedResponse,
}

/// Log field `request_transform_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transformed {
    /// A transform changed something, or found nothing to change.
    Success,
    /// What it made is no host.
    InvalidHost,
    /// What it made is no path.
    InvalidPath,
}

/// One try on a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Where the target is reached. Not its position: it may be one of a newer snapshot than the note's.
    pub target: SocketAddr,
    /// What it answered; 0: nothing.
    pub status: u16,
}

impl Default for Tried {
    /// Nobody.
    fn default() -> Self {
        Self { target: SocketAddr::from(([0, 0, 0, 0], 0)), status: 0 }
    }
}

/// A finished request (or a tunnel that was closed, or a request that could not be read).
#[derive(Clone, Copy, Debug)]
pub struct Note {
    /// When the head of the request was there, in microseconds since 1970 (log field `request_creation_time`).
    pub started_at: i64,
    /// From then until the answer was complete.
    pub took: Duration,
    /// Which kind of connection.
    pub kind: RequestKind,
    /// The listener.
    pub listener: usize,
    /// Who asked.
    pub client: SocketAddr,
    /// Which connection: counts in the process.
    pub connection: u64,
    /// The address of the load balancer's node that it came to; unspecified: not known.
    pub node: IpAddr,
    /// The target group, when the request got as far as that.
    pub target_group: Option<usize>,
    /// The targets that were tried, and how many of these there are.
    pub tried: ([Tried; MAXIMUM_TRIES], u8),
    /// Whether the last one was chosen although too few targets are healthy.
    pub fail_open: bool,
    /// Whether it was the one that the client stays with, where the client stays with one.
    pub sticky: Option<bool>,
    /// From the head until the request was sent to a target; `None`: never sent.
    pub request_processing: Option<Duration>,
    /// From then until the first byte of the answer; `None`: no answer.
    pub target_processing: Option<Duration>,
    /// From then until the answer was sent; `None`: no answer.
    pub response_processing: Option<Duration>,
    /// What the client got (or 460: it went away).
    pub elb_status: u16,
    /// Bytes received from the client, head included.
    pub received_bytes: u64,
    /// Bytes sent to the client, head included.
    pub sent_bytes: u64,
    /// `1.0`, `1.1` or `2.0`; empty when unknown.
    pub version: &'static str,
    /// What was noticed about the form of the request.
    pub findings: Findings,
    /// The priority of the rule that matched, 0 for the default action; `None`: none was evaluated.
    pub rule_priority: Option<u32>,
    /// What was done.
    pub executed: Executed,
    /// The cipher and the version of the client's TLS.
    pub tls: Option<(&'static str, &'static str)>,
    /// Why the load balancer answered by itself.
    pub error: Option<ProxyError>,
    /// What is known of how it failed.
    pub cause: Cause,
    /// What became of the rule's transforms.
    pub transform: Option<Transformed>,
    /// Its texts.
    pub texts: Texts,
}

impl Note {
    /// A note of which nothing is known but when, where and who.
    pub fn new(started_at: i64, kind: RequestKind, listener: usize, client: SocketAddr, connection: u64) -> Self {
        Self {
            started_at,
            took: Duration::ZERO,
            kind,
            listener,
            client,
            connection,
            node: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            target_group: None,
            tried: ([Tried::default(); MAXIMUM_TRIES], 0),
            fail_open: false,
            sticky: None,
            request_processing: None,
            target_processing: None,
            response_processing: None,
            elb_status: 0,
            received_bytes: 0,
            sent_bytes: 0,
            version: "",
            findings: Findings::default(),
            rule_priority: None,
            executed: Executed::None,
            tls: None,
            error: None,
            cause: Cause::default(),
            transform: None,
            texts: Texts::default(),
        }
    }

    /// Whether it failed: the load balancer answered by itself with an error, the status is 500 or more, or the answer was
    /// broken off. The same as `model`'s `RequestRecord::has_failed`.
    pub fn has_failed(&self) -> bool {
        let broken = self.cause.ended != Ended::No && self.cause.phase != Phase::Done;
        self.error.is_some() || self.elb_status >= 500 || broken
    }

    /// When the answer was complete, in microseconds since 1970.
    pub fn ended_at(&self) -> i64 {
        self.started_at.saturating_add(i64::try_from(self.took.as_micros()).unwrap_or(0))
    }
}

/// A note with what it refers to.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The note.
    pub note: &'a Note,
    texts: &'a [u8],
    names: Names<'a>,
}

/// Where the names are.
#[derive(Clone, Copy, Debug)]
enum Names<'a> {
    Snapshot(&'a CompiledSnapshot),
    Kept(&'a KeptNames),
}

impl<'a> Record<'a> {
    /// A note that refers to a snapshot. `texts` are those of the request.
    pub fn of(note: &'a Note, texts: &'a [u8], snapshot: &'a CompiledSnapshot) -> Self {
        Self { note, texts, names: Names::Snapshot(snapshot) }
    }

    /// A note that outlived its snapshot.
    pub fn kept(note: &'a Note, texts: &'a [u8], names: &'a KeptNames) -> Self {
        Self { note, texts, names: Names::Kept(names) }
    }

    /// A text of it.
    #[inline]
    pub fn text(&self, place: Place) -> &'a [u8] {
        self.texts.get(place.range()).unwrap_or_default()
    }

    /// All its texts.
    #[inline]
    pub fn texts(&self) -> &'a [u8] {
        self.texts
    }

    /// Its load balancer: `app/<name>/<id>`.
    #[inline]
    pub fn load_balancer(&self) -> &'a std::sync::Arc<str> {
        match self.names {
            Names::Snapshot(snapshot) => &snapshot.balancer_of(self.note.listener).dimension,
            Names::Kept(names) => &names.load_balancer,
        }
    }

    /// The port of its listener.
    #[inline]
    pub fn port(&self) -> u16 {
        match self.names {
            Names::Snapshot(snapshot) => snapshot.listeners[self.note.listener].port,
            Names::Kept(names) => names.port,
        }
    }

    /// The ARN of its target group.
    #[inline]
    pub fn target_group(&self) -> Option<&'a std::sync::Arc<str>> {
        match self.names {
            Names::Snapshot(snapshot) => self.note.target_group.map(|group| &snapshot.target_groups[group].arn),
            Names::Kept(names) => names.target_group.as_ref(),
        }
    }

    /// The tries.
    #[inline]
    pub fn tried(&self) -> &'a [Tried] {
        let (tried, count) = &self.note.tried;
        &tried[..usize::from(*count)]
    }

    /// The target that answered or was tried last.
    #[inline]
    pub fn target(&self) -> Option<SocketAddr> {
        self.tried().last().map(|tried| tried.target)
    }

    /// What that one answered.
    #[inline]
    pub fn target_status(&self) -> Option<u16> {
        self.tried().last().map(|tried| tried.status).filter(|status| *status > 0)
    }
}

/// The wall clock of a process, put right now and then: a point of monotonic time becomes one of wall time by an addition.
#[derive(Clone, Copy, Debug)]
pub struct WallClock {
    offset: i64,
}

impl WallClock {
    /// As the system has it now.
    pub fn now() -> Self {
        let wall = i64::try_from(
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_micros(),
        );
        Self { offset: wall.unwrap_or(i64::MAX).saturating_sub(i64::try_from(Micros::now().0).unwrap_or(0)) }
    }

    /// Microseconds since 1970.
    #[inline]
    pub fn micros(self, at: Micros) -> i64 {
        self.offset.saturating_add(i64::try_from(at.0).unwrap_or(i64::MAX))
    }

    /// The same as a point of the model.
    pub fn timestamp(self, at: Micros) -> Timestamp {
        Timestamp::from_millis(self.micros(at) / 1000)
    }
}
