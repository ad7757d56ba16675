//! One request, top to bottom: which listener, what becomes of it, what it becomes for the target, and what is noted of it.

use super::{
    Version,
    body::Body,
    client::{Client, ClientConnection},
    connection::Ending,
    desync::{Class, Findings},
    forward::{self, End},
    forwarded::write_trace_id,
    host::MAXIMUM_HOST,
    own_answer::OwnAnswer,
    request_head::{RequestHead, Rewriting},
    response_head::Asked,
};
use crate::{
    action::forward::{self as forward_action, Sticky},
    config::{
        CompiledLoadBalancer, CompiledSnapshot, FrontEntry,
        listener::{CompiledAction, CompiledListener},
    },
    error::ProxyError,
    telemetry::{
        cause::Cause,
        counters::LoadBalancerCounts,
        record::{Executed, MAXIMUM_TRIES, Note, RequestKind, Texts, Tried, put_text},
    },
    timer::Micros,
    worker::Running,
};
use std::rc::Rc;

/// Errors of our own carry the request's id, so that whoever meets one can ask `goru why` about it. (AWS's do not.)
const TRACE_ID: &str = "X-Amzn-Trace-Id";

/// A request that was understood. What the target gets is in the worker's output buffer.
pub(crate) struct Request {
    /// The snapshot that it is served with, from beginning to end.
    pub running: Rc<Running>,
    pub listener: usize,
    /// The zone of the load balancer's node, by its position.
    pub zone: usize,
    /// What becomes of it.
    pub disposition: Disposition,
    /// What the answer must know of it.
    pub asked: Asked,
    /// Whether it may be sent twice.
    pub idempotent: bool,
    /// Whether the client's connection may stay open after it.
    pub keep_alive: bool,
    /// Whether its connections may be used for other requests: not when it is ambiguous.
    pub clear: bool,
    /// The part of its body that has not been read.
    pub body: Body,
    /// Bytes of it that were read.
    pub received: u64,
    /// How its client stays with a target.
    pub sticky: Option<Box<Sticky>>,
    expects_continue: bool,
    findings: Findings,
    rule_priority: u32,
    version: &'static str,
    began: Micros,
    texts: Texts,
    text: Vec<u8>,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// It goes to a target of this group.
    Forward(usize),
    /// It is answered with a page.
    Refuse(ProxyError),
}

/// How a request ended for its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Served {
    /// Another may follow.
    KeepAlive,
    /// None may.
    End(Ending),
}

/// What happened to a request, for counters and the log.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The targets that were tried.
    pub tried: ([Tried; MAXIMUM_TRIES], u8),
    /// Whether the last one was chosen although too few targets are healthy.
    pub fail_open: bool,
    /// Whether it was the one that the client stays with, where the client stays with one.
    pub sticky: Option<bool>,
    pub sent_at: Option<Micros>,
    pub answered_at: Option<Micros>,
    /// When the last byte of the answer was passed on, where that was looked up.
    pub ended_at: Option<Micros>,
    pub elb_status: u16,
    pub switched: bool,
    pub error: Option<ProxyError>,
    pub cause: Cause,
}

impl Progress {
    /// Notes that a target is tried.
    pub fn tries(&mut self, target: u32) {
        let (tried, count) = &mut self.tried;
        let at = usize::from(*count).min(MAXIMUM_TRIES - 1);
        tried[at] = Tried { target, status: 0 };
        *count = u8::try_from(at + 1).unwrap_or(u8::MAX);
    }

    /// Notes what it answered.
    pub fn answered(&mut self, status: u16) {
        let (tried, count) = &mut self.tried;
        if let Some(last) = usize::from(*count).checked_sub(1) {
            tried[last].status = status;
        }
        self.elb_status = status;
    }
}

impl Request {
    pub fn listener(&self) -> &CompiledListener {
        &self.running.snapshot.listeners[self.listener]
    }

    /// When its head was there.
    pub fn began(&self) -> Micros {
        self.began
    }

    pub fn load_balancer(&self) -> &CompiledLoadBalancer {
        self.running.snapshot.balancer_of(self.listener)
    }

    /// The counters of the load balancer in the request's zone.
    #[inline]
    pub fn counts(&self, worker: usize) -> &LoadBalancerCounts {
        self.load_balancer().zones[self.zone].counts.of(worker)
    }
}

/// Decides what becomes of a request and writes what its target will get, with what has arrived of the body. Returns
/// how many bytes of `after`, which follow the head, belong to it.
///
/// # Errors
/// A request that has no listener, or whose body is malformed from its first bytes on.
pub(crate) fn prepare<C: Client>(
    client: &C,
    head: &RequestHead<'_, '_>,
    after: &[u8],
) -> Result<(Request, usize), ProxyError> {
    let connection = client.connection();
    let worker = &*connection.worker;
    let running = worker.running();
    let mut host_room = [0; MAXIMUM_HOST];
    let host = head.host.as_ref().and_then(|host| host.key(&mut host_room)).unwrap_or_default();
    let entry = find_listener(&running.snapshot, connection, host)?;
    let listener = &running.snapshot.listeners[entry.listener];
    let load_balancer = running.snapshot.balancer_of(entry.listener);
    let zone = connection.zone(entry, load_balancer, &running);
    connection.count_for(&running.snapshot, entry.listener, zone);
    connection.idle_timeout.set(load_balancer.idle_timeout);
    let counts = load_balancer.zones[zone].counts.of(worker.index);

    let mut body = head.body.clone();
    let used = body.advance(after).map_err(|_| ProxyError::BadRequest("chunked body"))?;
    let rewriting = Rewriting {
        xff_mode: load_balancer.xff_mode,
        client: connection.text.text(load_balancer.xff_client_port),
        port: listener.port,
        port_text: &listener.port_text,
        preserve_host: load_balancer.preserve_host_header,
        default_host: &load_balancer.dns_name,
        drop_invalid_names: load_balancer.drop_invalid_header_fields,
        seconds: worker.wall_seconds(),
        random: [worker.random(), worker.random()],
    };
    // Two servers read the frames of HTTP/2 in the same way.
    let findings = if client.kind().is_http2() { Findings::default() } else { head.findings };
    note_form(head, findings, load_balancer, connection, counts);
    let CompiledAction::Forward(forward) = &listener.default_action;
    let mut sticky = None;
    let disposition = match head.check(&rewriting) {
        _ if findings.is_refused(load_balancer.desync_mode) => Disposition::Refuse(ProxyError::NotCompliant),
        Err(error) => Disposition::Refuse(error),
        Ok(()) => forward_action::group(forward, listener, &running.snapshot, head, worker, &mut sticky)
            .map_or(Disposition::Refuse(ProxyError::NoTarget), Disposition::Forward),
    };

    let mut output = worker.buffers.output.borrow_mut();
    output.clear();
    let trace_id = head.write(&rewriting, &mut output);
    let mut text = worker.buffers.spare();
    let texts = match worker.notes.is_some() {
        true => put_texts(&mut text, head, load_balancer, &output[trace_id]),
        // Error pages have it, whether or not anything is noted.
        false => Texts { trace_id: put_text(&mut text, &output[trace_id]), ..Texts::default() },
    };
    output.extend_from_slice(&after[..used]);

    let clear = findings.keeps_connections(load_balancer.desync_mode);
    let old = worker.wheel.now().since(connection.opened) >= load_balancer.client_keep_alive;
    let request = Request {
        listener: entry.listener,
        zone,
        disposition,
        asked: Asked { head: head.method == "HEAD", upgrade: head.upgrade.is_some(), version: head.version },
        idempotent: head.is_idempotent(),
        // What follows an Upgrade is the other protocol's, whether or not the target agreed to speak it.
        keep_alive: head.keep_alive && head.upgrade.is_none() && clear && !old && !client.handle().is_closing(),
        clear,
        expects_continue: head.expects_continue && used == 0,
        body,
        received: (head.length + used) as u64,
        sticky,
        findings,
        rule_priority: 0,
        version: match head.version {
            Version::Http10 => "1.0",
            Version::Http11 => "1.1",
        },
        began: Micros::now(),
        texts,
        text,
        running: Rc::clone(&running),
    };
    Ok((request, used))
}

fn find_listener<'s>(
    snapshot: &'s CompiledSnapshot,
    connection: &ClientConnection,
    host: &[u8],
) -> Result<&'s FrontEntry, ProxyError> {
    let front = snapshot.front(connection.front).ok_or(ProxyError::NoListener)?;
    front.entry(host).ok_or(ProxyError::UnknownHost)
}

/// Counts what is peculiar about the form of a request.
#[inline]
fn note_form(
    head: &RequestHead<'_, '_>,
    findings: Findings,
    load_balancer: &CompiledLoadBalancer,
    connection: &ClientConnection,
    counts: &LoadBalancerCounts,
) {
    if head.has_invalid_names() {
        let invalid = match load_balancer.drop_invalid_header_fields {
            true => &counts.dropped_invalid_headers,
            false => &counts.forwarded_invalid_headers,
        };
        invalid.add(1);
    }
    if findings.class() != Class::Compliant {
        counts.non_compliant_requests.add(1);
    }
    if connection.is_ipv6() {
        counts.ipv6_requests.add(1);
    }
}

/// Keeps what logs will say of a request beyond numbers.
fn put_texts(
    text: &mut Vec<u8>,
    head: &RequestHead<'_, '_>,
    load_balancer: &CompiledLoadBalancer,
    trace_id: &[u8],
) -> Texts {
    let method = put_text(text, head.method.as_bytes());
    let host = match head.host {
        Some(host) => {
            let from = text.len();
            let place = put_text(text, host.name);
            text[from..].make_ascii_lowercase();
            place
        }
        None => put_text(text, load_balancer.dns_name.as_bytes()),
    };
    Texts {
        method,
        host,
        path: put_text(text, head.path.as_bytes()),
        user_agent: put_text(text, head.user_agent().unwrap_or_default()),
        trace_id: put_text(text, trace_id),
        ..Texts::default()
    }
}

/// Serves a request to its end.
pub(crate) async fn serve<C: Client>(client: &C, mut request: Request) -> Served {
    let mut progress = Progress::default();
    let sent_before = client.sent_bytes();
    let served = match request.disposition {
        Disposition::Forward(_) if request.expects_continue && client.ask_for_body().is_err() => {
            Served::End(Ending::Abort)
        }
        Disposition::Forward(group) => match forward::forward(client, &mut request, group, &mut progress).await {
            End::Answered { keep_alive: true } => Served::KeepAlive,
            End::Answered { keep_alive: false } if request.body.is_complete() => Served::End(Ending::Close),
            End::Answered { keep_alive: false } => Served::End(Ending::Linger),
            End::Broken => Served::End(Ending::Abort),
            End::Failed(error) => Box::pin(fail(client, &request, error, &mut progress)).await,
        },
        Disposition::Refuse(error) => Box::pin(fail(client, &request, error, &mut progress)).await,
    };
    let sent = client.sent_bytes() - sent_before;
    count_bytes(client, &request, request.received + sent);
    finish_note(client, request, &progress, sent);
    served
}

#[inline]
fn count_bytes<C: Client>(client: &C, request: &Request, bytes: u64) {
    let connection = client.connection();
    let counts = request.counts(connection.worker.index);
    counts.processed_bytes.add(bytes);
    if connection.is_ipv6() {
        counts.ipv6_processed_bytes.add(bytes);
    }
}

/// Answers a request that its target did not answer.
async fn fail<C: Client>(client: &C, request: &Request, error: ProxyError, progress: &mut Progress) -> Served {
    progress.error = Some(error);
    progress.elb_status = error.status();
    let worker = &client.connection().worker;
    // Counted before it is sent: who has seen the answer finds it counted.
    request.counts(worker.index).elb_code(error.status());
    if error == ProxyError::ClientClosed {
        return Served::End(Ending::Abort);
    }
    // After an error of the client's the rest of its request is still coming, or never will.
    let keep_alive = request.keep_alive && request.body.is_complete() && error.status() >= 500;
    let listener = request.listener();
    worker.wheel.set(&client.handle().alarm, client.connection().idle_timeout.get());
    let maintenance = match (error, request.disposition) {
        (ProxyError::Maintenance, Disposition::Forward(group)) => {
            request.counts(worker.index).maintenance_pages.add(1);
            request.running.snapshot.target_groups[group].maintenance.as_ref()
        }
        _ => None,
    };
    let fields = [(TRACE_ID, request.text.get(request.texts.trace_id.range()).unwrap_or_default())];
    worker.with_date(|date| {
        let page = match maintenance {
            Some(page) => OwnAnswer::maintenance(page, listener.server_header, date),
            None => OwnAnswer::page(error, listener.server_header, date),
        };
        let answer = OwnAnswer { fields: &fields, set: &listener.response_headers, ..page };
        client.send_own(&answer, request.asked, keep_alive);
    });
    // A client that does not take the page misses it; there is nothing else to tell it.
    let _missed = client.flush().await;
    if keep_alive { Served::KeepAlive } else { Served::End(Ending::Linger) }
}

/// Answers and notes a request that could not be read, or that came to a host that nobody has.
pub(crate) async fn refuse<C: Client>(client: &C, error: ProxyError) {
    let connection = client.connection();
    let worker = &connection.worker;
    let running = worker.running();
    let listener = running.snapshot.front(connection.front).and_then(|front| front.only()).map(|entry| entry.listener);
    let compiled = listener.map(|listener| &running.snapshot.listeners[listener]);
    connection.count(|counts| counts.elb_code(error.status()));
    worker.wheel.set(&client.handle().alarm, connection.idle_timeout.get());
    let asked = Asked { head: false, upgrade: false, version: Version::Http11 };
    let mut text = Vec::new();
    write_trace_id(None, worker.wall_seconds(), [worker.random(), worker.random()], &mut text);
    let fields = [(TRACE_ID, text.as_slice())];
    let sent = worker.with_date(|date| {
        let page = OwnAnswer::page(error, compiled.is_none_or(|listener| listener.server_header), date);
        let set = compiled.map_or(&[][..], |listener| &listener.response_headers);
        client.send_own(&OwnAnswer { fields: &fields, set, ..page }, asked, false)
    });
    connection.count(|counts| counts.processed_bytes.add(sent));
    // A client that does not take the page misses it; there is nothing else to tell it.
    let _missed = client.flush().await;
    if let (Some(listener), Some(notes)) = (listener, &worker.notes) {
        let note = Note {
            elb_status: error.status(),
            sent_bytes: sent,
            error: Some(error),
            texts: Texts { trace_id: put_text(&mut Vec::new(), &text), ..Texts::default() },
            ..empty_note(client, listener, Micros::now())
        };
        notes.add(&running.snapshot, note, &text);
    }
}

fn empty_note<C: Client>(client: &C, listener: usize, began: Micros) -> Note {
    let connection = client.connection();
    let started_at = connection.worker.wall().micros(began);
    let note = Note::new(started_at, client.kind(), listener, connection.address, connection.number);
    Note { node: connection.front.ip(), ..note }
}

/// Notes a request that is at its end.
fn finish_note<C: Client>(client: &C, request: Request, progress: &Progress, sent: u64) {
    let worker = &client.connection().worker;
    if let Some(notes) = &worker.notes {
        let ended = progress.ended_at.unwrap_or_else(Micros::now);
        let group = match request.disposition {
            Disposition::Forward(group) => Some(group),
            Disposition::Refuse(_) => None,
        };
        let note = Note {
            took: ended.since(request.began),
            kind: if progress.switched { switched(client.kind()) } else { client.kind() },
            target_group: group,
            tried: progress.tried,
            fail_open: progress.fail_open,
            sticky: progress.sticky,
            request_processing: progress.sent_at.map(|at| at.since(request.began)),
            target_processing: progress.sent_at.zip(progress.answered_at).map(|(sent, answered)| answered.since(sent)),
            response_processing: progress.answered_at.map(|at| ended.since(at)),
            elb_status: progress.elb_status,
            received_bytes: request.received,
            sent_bytes: sent,
            version: request.version,
            findings: request.findings,
            rule_priority: Some(request.rule_priority),
            executed: if group.is_some() { Executed::Forward } else { Executed::None },
            error: progress.error,
            cause: progress.cause,
            texts: request.texts,
            ..empty_note(client, request.listener, request.began)
        };
        notes.add(&request.running.snapshot, note, &request.text);
    }
    worker.buffers.give_back(request.text);
}

/// What logs call a connection that another protocol took over.
fn switched(kind: RequestKind) -> RequestKind {
    match kind {
        RequestKind::Http | RequestKind::Ws => RequestKind::Ws,
        RequestKind::Https | RequestKind::Wss | RequestKind::H2 | RequestKind::Grpcs => RequestKind::Wss,
    }
}
