//! One request, as logs will show it: noted by a worker in a few copies, handed over in batches, read by the log's thread.
//!
//! A note names things by their positions in the snapshot that the request was served with, and texts by their places in the
//! batch; so it costs no allocation and no shared count. A worker never waits for the log: when the queue is full, a whole
//! batch is dropped and counted.

use crate::{
    config::{CompiledLoadBalancer, CompiledSnapshot, listener::CompiledListener, target_group::CompiledTargetGroup},
    error::ProxyError,
    http::desync::Findings,
    telemetry::cause::Cause,
    timer::Micros,
};
use model::Timestamp;
use std::{
    cell::RefCell,
    net::SocketAddr,
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    time::Duration,
};

/// The longest text of a note in bytes; longer ones are cut.
pub const MAXIMUM_TEXT: usize = 8 * 1024;
/// Notes of one batch at the most.
const BATCH_NOTES: usize = 256;
/// Bytes of texts from which on a batch is handed over.
const BATCH_TEXTS: usize = 128 * 1024;
/// The most targets that a request is tried on.
pub const MAXIMUM_TRIES: usize = 4;

/// A place in the texts of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    from: u32,
    to: u32,
}

impl Place {
    /// This place, which was counted from 0, in a batch whose texts begin there.
    fn moved(self, by: usize) -> Self {
        let by = u32::try_from(by).unwrap_or(u32::MAX);
        Self { from: self.from.saturating_add(by), to: self.to.saturating_add(by) }
    }

    /// All of a request's texts from a position on.
    pub fn since(from: usize, texts: &[u8]) -> Self {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { from: number(from), to: number(texts.len()) }
    }

    /// The text, among those of its request.
    pub fn of(self, texts: &[u8]) -> &[u8] {
        texts.get(self.range()).unwrap_or_default()
    }

    fn range(self) -> Range<usize> {
        self.from as usize..self.to as usize
    }
}

/// The texts of one request, kept while it is served; places are counted from 0.
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
    fn moved(mut self, by: usize) -> Self {
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
        } = &mut self;
        for place in [
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
        ] {
            *place = place.moved(by);
        }
        self
    }
}

/// Appends a text of bounded length to those of a request.
#[inline]
pub fn put_text(texts: &mut Vec<u8>, text: &[u8]) -> Place {
    let from = u32::try_from(texts.len()).unwrap_or(u32::MAX);
    texts.extend_from_slice(&text[..text.len().min(MAXIMUM_TEXT)]);
    Place { from, to: u32::try_from(texts.len()).unwrap_or(u32::MAX) }
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

/// One try on a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// The target's position in its group.
    pub target: u32,
    /// What it answered; 0: nothing.
    pub status: u16,
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
    /// The target group, when the request got as far as that.
    pub target_group: Option<usize>,
    /// The targets that were tried, and how many of these there are.
    pub tried: ([Tried; MAXIMUM_TRIES], u8),
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
    /// AWS's reason code (log field `error_reason`).
    pub error_reason: Option<&'static str>,
    /// Why the load balancer answered by itself.
    pub error: Option<ProxyError>,
    /// What is known of how it failed.
    pub cause: Cause,
    /// Whether a transform changed something, or failed to.
    pub transform: Option<bool>,
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
            target_group: None,
            tried: ([Tried::default(); MAXIMUM_TRIES], 0),
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
            error_reason: None,
            error: None,
            cause: Cause::default(),
            transform: None,
            texts: Texts::default(),
        }
    }
}

/// Notes that are handed over together, with the snapshot that they refer to.
#[derive(Debug)]
pub struct Batch {
    snapshot: Arc<CompiledSnapshot>,
    notes: Vec<Note>,
    texts: Vec<u8>,
}

/// A note with what it refers to.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The note.
    pub note: &'a Note,
    batch: &'a Batch,
}

impl Batch {
    /// All records.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = Record<'_>> + ExactSizeIterator {
        self.notes.iter().map(|note| Record { note, batch: self })
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.notes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    /// About how much memory it takes, in bytes.
    pub fn size(&self) -> usize {
        self.notes.capacity() * size_of::<Note>() + self.texts.capacity()
    }
}

impl<'a> Record<'a> {
    /// A text of it.
    #[inline]
    pub fn text(&self, place: Place) -> &'a [u8] {
        self.batch.texts.get(place.range()).unwrap_or_default()
    }

    /// Its listener.
    pub fn listener(&self) -> &'a CompiledListener {
        &self.batch.snapshot.listeners[self.note.listener]
    }

    /// Its load balancer.
    pub fn load_balancer(&self) -> &'a CompiledLoadBalancer {
        self.batch.snapshot.balancer_of(self.note.listener)
    }

    /// Its target group.
    pub fn target_group(&self) -> Option<&'a CompiledTargetGroup> {
        self.note.target_group.map(|group| &self.batch.snapshot.target_groups[group])
    }

    /// The tries, with the targets' addresses.
    pub fn tried(&self) -> impl Iterator<Item = (SocketAddr, Tried)> {
        let (tried, count) = self.note.tried;
        let group = self.target_group();
        tried.into_iter().take(usize::from(count)).filter_map(move |one| {
            let target = group?.targets.get(one.target as usize)?;
            Some((target.address, one))
        })
    }

    /// The target that answered or was tried last.
    pub fn target(&self) -> Option<SocketAddr> {
        self.tried().last().map(|(address, _)| address)
    }

    /// What that one answered.
    pub fn target_status(&self) -> Option<u16> {
        self.tried().last().map(|(_, tried)| tried.status).filter(|status| *status > 0)
    }

    /// When the answer was complete, in microseconds since 1970.
    pub fn ended_at(&self) -> i64 {
        self.note.started_at.saturating_add(i64::try_from(self.note.took.as_micros()).unwrap_or(0))
    }
}

/// Where a worker puts its notes.
#[derive(Debug)]
pub struct Notes {
    sink: RecordSink,
    batch: RefCell<Option<Batch>>,
}

/// Where batches go. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RecordSink {
    sender: SyncSender<Batch>,
    shared: Arc<Shared>,
}

/// Where the log takes them from.
#[derive(Debug)]
pub struct Records {
    receiver: Receiver<Batch>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    dropped: AtomicU64,
    empty: Mutex<Vec<(Vec<Note>, Vec<u8>)>>,
}

/// Buffers that wait to be used again.
const MAXIMUM_EMPTY: usize = 64;

/// A queue of at most `capacity` batches.
pub fn channel(capacity: usize) -> (RecordSink, Records) {
    let (sender, receiver) = sync_channel(capacity);
    let shared = Arc::new(Shared::default());
    (RecordSink { sender, shared: Arc::clone(&shared) }, Records { receiver, shared })
}

impl RecordSink {
    /// What one worker writes to.
    pub fn notes(&self) -> Notes {
        Notes { sink: self.clone(), batch: RefCell::new(None) }
    }

    fn begin(&self, snapshot: &Arc<CompiledSnapshot>) -> Batch {
        let empty = self.shared.empty.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (notes, texts) =
            empty.unwrap_or_else(|| (Vec::with_capacity(BATCH_NOTES), Vec::with_capacity(BATCH_TEXTS / 2)));
        Batch { snapshot: Arc::clone(snapshot), notes, texts }
    }

    fn push(&self, batch: Batch) {
        match self.sender.try_send(batch) {
            Ok(()) => {}
            Err(TrySendError::Full(batch) | TrySendError::Disconnected(batch)) => {
                self.shared.dropped.fetch_add(batch.len() as u64, Relaxed);
                self.shared.recycle(batch);
            }
        }
    }
}

impl Notes {
    /// Adds a note; the places of its texts are counted from the beginning of `texts`.
    #[inline]
    pub fn add(&self, snapshot: &Arc<CompiledSnapshot>, mut note: Note, texts: &[u8]) {
        let mut slot = self.batch.borrow_mut();
        if slot.as_ref().is_some_and(|batch| !Arc::ptr_eq(&batch.snapshot, snapshot)) {
            slot.take().into_iter().for_each(|full| self.sink.push(full));
        }
        let batch = slot.get_or_insert_with(|| self.sink.begin(snapshot));
        note.texts = note.texts.moved(batch.texts.len());
        batch.texts.extend_from_slice(texts);
        batch.notes.push(note);
        if batch.notes.len() >= BATCH_NOTES || batch.texts.len() >= BATCH_TEXTS {
            slot.take().into_iter().for_each(|full| self.sink.push(full));
        }
    }

    /// Hands over what there is. Called at every tick, so that no record waits for its batch to fill.
    pub fn flush(&self) {
        self.batch.borrow_mut().take().into_iter().for_each(|batch| self.sink.push(batch));
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Records {
    /// The next batch, if there is one.
    pub fn take(&self) -> Option<Batch> {
        self.receiver.try_recv().ok()
    }

    /// Lets the buffers of a batch be used again.
    pub fn recycle(&self, batch: Batch) {
        self.shared.recycle(batch);
    }

    /// How many records were dropped so far because the queue was full.
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Relaxed)
    }
}

impl Shared {
    fn recycle(&self, batch: Batch) {
        let Batch { snapshot: _, mut notes, mut texts } = batch;
        notes.clear();
        texts.clear();
        let mut empty = self.empty.lock().unwrap_or_else(PoisonError::into_inner);
        if empty.len() < MAXIMUM_EMPTY {
            empty.push((notes, texts));
        }
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
