//! The client's side of a request: what holds for its connection, and what serving a request needs of it, whichever version of
//! HTTP it speaks.

use super::{
    body::Body,
    forwarded::ClientAddress,
    own_answer::{Envelope, OwnAnswer},
    response_head::{Asked, ResponseHead},
};
use crate::{
    config::{CompiledFront, CompiledLoadBalancer, CompiledSnapshot, FrontEntry},
    error::ProxyError,
    http2::client::RequestStream,
    io::{stream::Stream, wait::Interruption},
    telemetry::{
        connection::{ConnectionNote, Handshake},
        counters::{LoadBalancerCounts, PerWorker},
        record::RequestKind,
    },
    timer::{Micros, Millis},
    tls::{
        certificates::Certificate,
        client_certificate::{self, ClientCertificate},
        policy::Agreed,
    },
    worker::{ConnectionHandle, Running, Worker},
};
use model::elbv2::front_place::FrontPlace;
use std::{
    cell::{Cell, OnceCell, RefCell},
    io,
    net::SocketAddr,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

/// The idle timeout before it is known which load balancer a client wants.
pub(crate) const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// What holds for a client's connection as long as it lives.
pub(crate) struct ClientConnection {
    pub worker: Rc<Worker>,
    /// Where it was accepted.
    pub front: Rc<FrontPlace>,
    /// Its position in the snapshot that was asked last.
    front_position: Cell<usize>,
    /// Who is connected.
    pub address: SocketAddr,
    /// The same as it is written for targets.
    pub text: ClientAddress,
    /// Counts in the process: names the connection in logs.
    pub number: u64,
    /// When it was accepted.
    pub opened: Millis,
    /// The idle timeout of the load balancer that was used last.
    pub idle_timeout: Cell<Duration>,
    /// How old it may become, by the load balancer that was used last.
    pub keep_alive: Cell<Duration>,
    /// What is known of its TLS, if it has any.
    tls: OnceCell<Box<ClientTls>>,
    /// What stands for chance where the same connection is to have the same luck each time.
    seed: u64,
    counted: RefCell<Option<Counted>>,
    /// The listener that it met last, by [`crate::config::listener::CompiledListener::cookie_name`].
    met: Cell<Option<u64>>,
}

/// What is known of a client's TLS once its handshake is over.
#[derive(Debug)]
pub(crate) struct ClientTls {
    /// The listener that the handshake was for ([`crate::config::listener::CompiledListener::cookie_name`]).
    pub listener: u64,
    /// What was asked of the client.
    pub asked: client_certificate::Asked,
    /// Version and cipher.
    pub agreed: Option<Agreed>,
    /// The host that the client named.
    pub server_name: Option<Box<str>>,
    /// The certificate that was chosen.
    pub certificate: Option<Arc<Certificate>>,
    /// What the client showed.
    pub client_certificate: Option<Box<ClientCertificate>>,
}

/// The load balancer that a connection is counted for.
struct Counted {
    counts: Arc<PerWorker<LoadBalancerCounts>>,
    worker: usize,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.counts.of(self.worker).active_connections.subtract(1);
    }
}

impl ClientConnection {
    /// A connection that was just accepted. A front with one listener tells the load balancer before the first request.
    pub fn new(
        worker: &Rc<Worker>,
        (front, compiled): (&Rc<FrontPlace>, Option<&CompiledFront>),
        address: SocketAddr,
    ) -> Self {
        let seed = worker.random();
        let connection = Self {
            front: Rc::clone(front),
            front_position: Cell::new(0),
            address,
            text: ClientAddress::new(address),
            number: worker.next_connection(),
            opened: worker.wheel.now(),
            idle_timeout: Cell::new(DEFAULT_IDLE_TIMEOUT),
            keep_alive: Cell::new(Duration::MAX),
            tls: OnceCell::new(),
            seed,
            counted: RefCell::new(None),
            met: Cell::new(None),
            worker: Rc::clone(worker),
        };
        let running = worker.running();
        if let Some(entry) = compiled.and_then(CompiledFront::only) {
            // Whom the front takes is whom its listener takes.
            connection.met.set(Some(running.snapshot.listeners[entry.listener].cookie_name));
            let load_balancer = running.snapshot.balancer_of(entry.listener);
            connection.idle_timeout.set(load_balancer.idle_timeout);
            connection.count_for(&running.snapshot, entry.listener, connection.zone(entry, load_balancer, &running));
        }
        connection
    }

    /// Its TLS.
    #[inline]
    pub fn tls(&self) -> Option<&ClientTls> {
        self.tls.get().map(|tls| &**tls)
    }

    /// Its TLS handshake is over.
    pub fn secured(&self, tls: ClientTls) {
        // There is one handshake.
        let _first = self.tls.set(Box::new(tls));
    }

    /// Who answers a request for a host (in lower case, without a port). A connection with TLS stays with the listener of
    /// its handshake, whatever the host of a request is; one that is another listener's is answered 421, upon which the client
    /// makes another connection (RFC 9110 section 15.5.20).
    #[inline]
    pub fn entry<'s>(&self, snapshot: &'s CompiledSnapshot, host: &[u8]) -> Result<&'s FrontEntry, Unserved> {
        let front = snapshot.front_again(&self.front, &self.front_position).ok_or(ProxyError::NoListener)?;
        match self.tls() {
            None => {
                let entry = front.entry(host).ok_or(ProxyError::UnknownHost)?;
                if self.is_admitted(snapshot, entry) { Ok(entry) } else { Err(Unserved::NotAdmitted) }
            }
            Some(tls) => {
                let own = front.entry(tls.server_name.as_deref().unwrap_or_default().as_bytes());
                let own = own.filter(|own| snapshot.listeners[own.listener].cookie_name == tls.listener);
                let own = own.ok_or(ProxyError::Misdirected)?;
                match front.only().is_none().then(|| front.entry(host)).flatten() {
                    Some(other) if other.listener != own.listener => Err(ProxyError::Misdirected.into()),
                    Some(_) | None => Ok(own),
                }
            }
        }
    }

    /// Whether a listener takes the client. Asked when the connection meets it; what is in force later is for later connections, as
    /// security groups let those go on that are established (VPC user guide, "Security group connection tracking").
    #[inline]
    pub fn is_admitted(&self, snapshot: &CompiledSnapshot, entry: &FrontEntry) -> bool {
        let listener = Some(snapshot.listeners[entry.listener].cookie_name);
        self.met.replace(listener) == listener || entry.admission.admits(self.address.ip())
    }

    /// Whether it came over IPv6 (and not as IPv4 in IPv6).
    pub fn is_ipv6(&self) -> bool {
        self.address.ip().to_canonical().is_ipv6()
    }

    /// Which zone's node of the load balancer this connection meets. Where an address stands for several, connections are
    /// spread over them evenly, those left out whose targets are ill.
    #[inline]
    pub fn zone(&self, entry: &FrontEntry, load_balancer: &CompiledLoadBalancer, running: &Running) -> usize {
        match &*entry.zones {
            [only] => *only,
            several => self.zone_of_several(several, load_balancer, running),
        }
    }

    #[cold]
    fn zone_of_several(&self, zones: &[usize], load_balancer: &CompiledLoadBalancer, running: &Running) -> usize {
        let drawn = |from: &[usize]| from[usize::try_from(self.seed % from.len() as u64).unwrap_or(0)];
        if !load_balancer.zones_differ {
            return drawn(zones);
        }
        let now = self.worker.wheel.now();
        let is_well = |zone: &usize| {
            load_balancer.target_groups.iter().all(|group| {
                let mut usable = running.usable[*group].borrow_mut();
                usable.of_zone(&running.snapshot.target_groups[*group], *zone, now).dns
            })
        };
        let well: Vec<usize> = zones.iter().copied().filter(is_well).collect();
        // When all are ill, all stay (ELB user guide, DNS failover).
        if well.is_empty() { drawn(zones) } else { drawn(&well) }
    }

    /// Counts the connection, and notes it where its load balancer logs connections; once. Over TLS it was noted by the
    /// handshake.
    #[inline]
    pub fn count_for(&self, snapshot: &Arc<CompiledSnapshot>, listener: usize, zone: usize) {
        let mut counted = self.counted.borrow_mut();
        if counted.is_none() {
            let counts = &snapshot.balancer_of(listener).zones[zone].counts;
            let of_worker = counts.of(self.worker.index);
            of_worker.new_connections.add(1);
            of_worker.active_connections.add(1);
            *counted = Some(Counted { counts: Arc::clone(counts), worker: self.worker.index });
            if snapshot.listeners[listener].tls.is_none() {
                self.note(snapshot, listener, None);
            }
        }
    }

    /// Notes the connection for the connection log, if its load balancer has one: when a TLS handshake ended, well or not, as
    /// soon as it is known which listener the client wanted.
    pub fn note(&self, snapshot: &Arc<CompiledSnapshot>, listener: usize, handshake: Option<&Handshake<'_>>) {
        let Some(notes) =
            self.worker.notes.as_ref().filter(|_| snapshot.balancer_of(listener).logs.connections.is_some())
        else {
            return;
        };
        let at = self.worker.wall().micros(Micros::now());
        let note = ConnectionNote::plain(at, listener, self.front.address.ip(), self.address, self.number);
        let mut texts = Vec::new();
        let note = handshake.map_or(note, |handshake| note.with_handshake(handshake, &mut texts));
        notes.add_connection(snapshot, note, &texts);
    }

    /// Counts something for the load balancer of the connection, when that is known.
    pub fn count(&self, count: impl FnOnce(&LoadBalancerCounts)) {
        if let Some(counted) = &*self.counted.borrow() {
            count(counted.counts.of(counted.worker));
        }
    }
}

/// What an answer gets on its way besides what the target said.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Additions<'a> {
    /// Fields that take the place of those of the same names.
    pub set: &'a [(Box<str>, Box<str>)],
    /// Lines that are added: the cookies of stickiness.
    pub lines: &'a [u8],
}

/// How the beginning of an answer was passed on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passed {
    /// How many of the bytes behind the head belonged to the answer.
    pub taken: usize,
    /// Whether the client's connection can carry another request.
    pub keep_alive: bool,
}

/// Why a request is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unserved {
    /// The listener does not take the client: its connection is reset.
    NotAdmitted,
    /// It is answered with this.
    Failed(ProxyError),
}

impl From<ProxyError> for Unserved {
    fn from(error: ProxyError) -> Self {
        Self::Failed(error)
    }
}

/// Why something could not be passed on to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unpassable {
    /// The target's chunks are malformed.
    Chunks,
    /// The client is gone.
    Client,
}

/// The client's side of one request.
pub(crate) trait Client {
    /// Its connection.
    fn connection(&self) -> &ClientConnection;

    /// What the worker can tell the task that serves the request.
    fn handle(&self) -> &ConnectionHandle;

    /// What logs call it.
    fn kind(&self) -> RequestKind;

    /// The stream, where it speaks HTTP/2.
    fn http2(&self) -> Option<&RequestStream>;

    /// How much of an answer is worth reading at once.
    fn appetite(&self) -> usize;

    /// Tells the client to send the body that it waits with.
    fn ask_for_body(&self) -> io::Result<()>;

    /// Reads more of the request's body: its bytes, framed for an HTTP/1.1 target, are the first ones of the worker's input
    /// buffer then; how many is returned, 0 when nothing came that concerns the target.
    async fn read_body(&self, body: &mut Body) -> Result<usize, ProxyError>;

    /// Passes on an interim answer.
    fn interim(&self, head: &ResponseHead<'_, '_>, asked: Asked) -> io::Result<()>;

    /// Passes on the final head, and the part of the body that came with it. `keep_alive`: whether the request allows the
    /// connection to stay.
    fn answer(
        &self,
        head: &ResponseHead<'_, '_>,
        asked: Asked,
        keep_alive: bool,
        additions: Additions<'_>,
        body: &mut Body,
        after: &[u8],
    ) -> Result<Passed, Unpassable>;

    /// Passes on more of the body; how many of the bytes belong to it.
    fn pass_body(&self, body: &mut Body, bytes: &[u8]) -> Result<usize, Unpassable>;

    /// The answer is complete.
    fn finish(&self) -> io::Result<()>;

    /// Sends an answer of the load balancer's own. Returns how many bytes that were.
    fn send_own(&self, answer: &OwnAnswer<'_>, envelope: &Envelope<'_>, asked: Asked, keep_alive: bool) -> u64;

    /// Waits until the client took what was passed on.
    async fn flush(&self) -> Result<(), Interruption>;

    /// How many bytes of answers were sent so far.
    fn sent_bytes(&self) -> u64;

    /// Notes bytes that somebody else sent to the client.
    fn note_sent(&self, bytes: u64);

    /// Whether the client's connection was reset.
    fn is_gone(&self) -> bool;

    /// The connection itself, for a protocol that takes it over, and what was read of it already.
    fn take_over(&self) -> Option<(&Stream, Vec<u8>)>;
}
