//! One request, top to bottom: which listener, what it becomes for the target, forward, and what is noted of it.

use super::{
    Version,
    body::Body,
    connection::{Connection, Ending},
    desync::{Class, Finding},
    forward::{self, End, Progress},
    host::MAXIMUM_HOST,
    request_head::{RequestHead, Rewriting},
    respond::CONTINUE,
    response_head::Asked,
    stream::write_now,
};
use crate::{
    config::{CompiledAction, CompiledListener, CompiledLoadBalancer, CompiledSnapshot, wall_clock},
    error::ProxyError,
    telemetry::record::{MAXIMUM_TEXT, RequestKind, RequestRecord},
    worker::Running,
};
use model::Timestamp;
use std::{rc::Rc, time::Instant};

/// A request that was understood. What the target gets is in the worker's output buffer.
pub(crate) struct Request {
    /// The snapshot that it is served with, from beginning to end.
    pub running: Rc<Running>,
    pub listener: usize,
    pub target_group: usize,
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
    expects_continue: bool,
    draft: Option<Box<Draft>>,
}

/// What the access log will say, as far as it is known before the answer.
struct Draft {
    began: Instant,
    record: RequestRecord,
}

/// How a request ended for its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Served {
    /// Another may follow.
    KeepAlive,
    /// None may.
    End(Ending),
}

impl Request {
    pub fn listener(&self) -> &CompiledListener {
        &self.running.snapshot.listeners[self.listener]
    }

    pub fn load_balancer(&self) -> &CompiledLoadBalancer {
        &self.running.snapshot.load_balancers[self.listener().load_balancer]
    }
}

/// Decides what becomes of a request and writes what its target will get, with what has arrived of the body. Returns
/// how many bytes of `after`, which follow the head, belong to it.
pub(crate) fn prepare(
    connection: &mut Connection<'_>,
    head: &RequestHead<'_, '_>,
    after: &[u8],
) -> Result<(Request, usize), ProxyError> {
    let worker = connection.worker;
    let running = worker.running();
    let listener_position = find_listener(&running.snapshot, connection, head)?;
    let listener = &running.snapshot.listeners[listener_position];
    let load_balancer = &running.snapshot.load_balancers[listener.load_balancer];
    connection.count_for(&load_balancer.counts[0].1);
    connection.idle_timeout = load_balancer.idle_timeout;

    let rewriting = Rewriting {
        xff_mode: load_balancer.xff_mode,
        client: connection.client_text.text(load_balancer.xff_client_port),
        port: listener.port,
        port_text: &listener.port_text,
        preserve_host: load_balancer.preserve_host_header,
        default_host: &load_balancer.dns_name,
        drop_invalid_names: load_balancer.drop_invalid_header_fields,
        seconds: worker.wall_clock().seconds(),
        random: [worker.random(), worker.random()],
    };
    head.check(&rewriting)?;
    if load_balancer.drop_invalid_header_fields && head.has_invalid_names() {
        load_balancer.counts[0].1.of(worker.index).dropped_invalid_headers.add(1);
    }
    let mut output = worker.buffers.output.borrow_mut();
    output.clear();
    let trace_id = head.write(&rewriting, &mut output);
    let mut body = head.body.clone();
    let used = body.advance(after).map_err(|_| ProxyError::BadRequest("chunked body"))?;
    output.extend_from_slice(&after[..used]);

    let CompiledAction::Forward { target_group } = listener.default_action;
    let clear = head.findings.class() != Class::Ambiguous;
    let old = worker.wheel.now().since(connection.opened) >= load_balancer.client_keep_alive;
    let draft = worker.records.is_some().then(|| {
        let trace_id = &output[trace_id];
        Box::new(Draft::new(connection, head, listener, load_balancer, trace_id))
    });
    let request = Request {
        listener: listener_position,
        target_group,
        asked: Asked { head: head.method == "HEAD", upgrade: head.upgrade.is_some(), version: head.version },
        idempotent: head.is_idempotent(),
        // What follows an Upgrade is the other protocol's, whether or not the target agreed to speak it.
        keep_alive: head.keep_alive && head.upgrade.is_none() && clear && !old && !connection.handle.is_closing(),
        clear,
        expects_continue: head.expects_continue && used == 0,
        body,
        received: (head.length + used) as u64,
        draft,
        running,
    };
    Ok((request, used))
}

fn find_listener(
    snapshot: &CompiledSnapshot,
    connection: &Connection<'_>,
    head: &RequestHead<'_, '_>,
) -> Result<usize, ProxyError> {
    let front = snapshot.front(connection.handle.front).ok_or(ProxyError::NoListener)?;
    if let Some(only) = front.only {
        return Ok(only);
    }
    let mut room = [0; MAXIMUM_HOST];
    let host = head.host.as_ref().and_then(|host| host.key(&mut room)).unwrap_or_default();
    front.listener(host).ok_or(ProxyError::UnknownHost)
}

/// Serves a request to its end.
pub(crate) async fn serve(connection: &mut Connection<'_>, mut request: Request) -> Served {
    if request.expects_continue && write_now(connection.writer.as_ref(), CONTINUE).ok() != Some(CONTINUE.len()) {
        return Served::End(Ending::Abort);
    }
    let mut progress = Progress::default();
    let end = forward::forward(connection, &mut request, &mut progress).await;
    let served = match end {
        End::Answered { keep_alive: true } => Served::KeepAlive,
        End::Answered { keep_alive: false } if request.body.is_complete() => Served::End(Ending::Close),
        End::Answered { keep_alive: false } => Served::End(Ending::Linger),
        End::Broken => Served::End(Ending::Abort),
        End::Failed(error) => Box::pin(fail(connection, &request, error, &mut progress)).await,
    };
    let counts = request.load_balancer().counts[0].1.of(connection.worker.index);
    counts.processed_bytes.add(request.received + progress.forwarded);
    if let Some(draft) = request.draft.take() {
        finish_record(connection, &request, *draft, &progress);
    }
    served
}

/// Answers a request that its target did not answer.
async fn fail(
    connection: &mut Connection<'_>,
    request: &Request,
    error: ProxyError,
    progress: &mut Progress,
) -> Served {
    progress.error = Some(error);
    progress.elb_status = error.status();
    if error == ProxyError::ClientClosed {
        request.load_balancer().counts[0].1.of(connection.worker.index).elb_code(error.status());
        return Served::End(Ending::Abort);
    }
    // After an error of the client's the rest of its request is still coming, or never will.
    let keep_alive = request.keep_alive && request.body.is_complete() && error.status() >= 500;
    let server_header = request.listener().server_header;
    progress.sent += connection.answer(error, server_header, keep_alive, request.asked.head).await;
    if keep_alive { Served::KeepAlive } else { Served::End(Ending::Linger) }
}

impl Draft {
    fn new(
        connection: &Connection<'_>,
        head: &RequestHead<'_, '_>,
        listener: &CompiledListener,
        load_balancer: &CompiledLoadBalancer,
        trace_id: &[u8],
    ) -> Self {
        let finding = head.findings.worst();
        let path = text(head.path.as_bytes());
        let record = RequestRecord {
            method: text(head.method.as_bytes()),
            host: head
                .host
                .map_or_else(|| load_balancer.dns_name.to_string(), |host| text(host.name).to_ascii_lowercase()),
            path: if path.starts_with(['/', '*']) { path } else { format!("/{path}") },
            version: match head.version {
                Version::Http10 => "1.0",
                Version::Http11 => "1.1",
            },
            user_agent: text(head.user_agent().unwrap_or_default()),
            trace_id: text(trace_id),
            classification: finding.map(|f| f.class().name()),
            classification_reason: finding.map(Finding::name),
            ..empty_record(connection, listener, load_balancer)
        };
        Self { began: Instant::now(), record }
    }
}

fn empty_record(
    connection: &Connection<'_>,
    listener: &CompiledListener,
    load_balancer: &CompiledLoadBalancer,
) -> RequestRecord {
    let now = wall_clock();
    RequestRecord {
        started_at: now,
        ended_at: now,
        kind: RequestKind::Http,
        load_balancer: std::sync::Arc::clone(&load_balancer.dimension),
        listener_port: listener.port,
        client: connection.client,
        target: None,
        target_group: None,
        request_processing: None,
        target_processing: None,
        response_processing: None,
        elb_status: 0,
        target_status: None,
        received_bytes: 0,
        sent_bytes: 0,
        method: String::new(),
        host: String::new(),
        path: String::new(),
        version: "",
        user_agent: String::new(),
        trace_id: String::new(),
        classification: None,
        classification_reason: None,
        error: None,
    }
}

fn finish_record(connection: &Connection<'_>, request: &Request, draft: Draft, progress: &Progress) {
    let Draft { began, mut record } = draft;
    let group = &request.running.snapshot.target_groups[request.target_group];
    let elapsed = began.elapsed();
    record.ended_at = Timestamp::from_millis(record.started_at.millis()).plus(elapsed);
    record.kind = if progress.switched { RequestKind::Ws } else { RequestKind::Http };
    record.target_group = Some(std::sync::Arc::clone(&group.arn));
    record.target = progress.target.and_then(|i| group.targets.get(i as usize)).map(|target| target.address);
    record.request_processing = progress.sent_at.map(|at| at.saturating_duration_since(began));
    record.target_processing = progress.sent_at.zip(progress.answered_at).map(|(sent, answered)| answered - sent);
    record.response_processing = progress.answered_at.map(|at| at.elapsed());
    record.elb_status = progress.elb_status;
    record.target_status = progress.target_status;
    record.received_bytes = request.received;
    record.sent_bytes = progress.forwarded + progress.sent;
    record.error = progress.error.map(ProxyError::reason);
    push(connection, record);
}

/// Notes a request that could not be read (or came to a host that nobody has).
pub(crate) fn record_refused(
    connection: &Connection<'_>,
    error: ProxyError,
    running: &Running,
    listener: Option<usize>,
    sent: u64,
) {
    let Some(listener) = listener.filter(|_| connection.worker.records.is_some()) else { return };
    let listener = &running.snapshot.listeners[listener];
    let load_balancer = &running.snapshot.load_balancers[listener.load_balancer];
    let mut record = empty_record(connection, listener, load_balancer);
    record.elb_status = error.status();
    record.sent_bytes = sent;
    record.error = Some(error.reason());
    push(connection, record);
}

fn push(connection: &Connection<'_>, record: RequestRecord) {
    if let Some(sink) = &connection.worker.records {
        sink.push(record);
    }
}

/// A text for the log: valid UTF-8, of bounded length.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(MAXIMUM_TEXT)]).into_owned()
}
