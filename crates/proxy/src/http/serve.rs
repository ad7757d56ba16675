//! One request, once it is known what becomes of it: forwarded or answered, and noted.

use super::{
    Version,
    client::Client,
    connection::Ending,
    forward::{self, End},
    forwarded::write_trace_id,
    own_answer::{Envelope, OwnAnswer},
    request::{Disposition, Progress, Request},
    response_head::Asked,
};
use crate::{
    config::listener::{CompiledAction, CompiledListener},
    error::ProxyError,
    telemetry::record::{Executed, Note, RequestKind, Texts, put_text},
    timer::Micros,
};

/// The longest rest of a body that is read and thrown away, so that the connection can go on.
const DISCARDED: u64 = 64 * 1024;

/// How a request ended for its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Served {
    /// Another may follow.
    KeepAlive,
    /// None may.
    End(Ending),
}

/// Serves a request to its end.
pub(crate) async fn serve<C: Client>(client: &C, request: &mut Request) -> Served {
    let mut progress = Progress::default();
    let sent_before = client.sent_bytes();
    let served = match request.disposition {
        Disposition::Forward(_) if request.expects_continue && client.ask_for_body().is_err() => {
            Served::End(Ending::Abort)
        }
        Disposition::Forward(group) => match forward::forward(client, request, group, &mut progress).await {
            End::Answered { keep_alive: true } => Served::KeepAlive,
            End::Answered { keep_alive: false } if request.body.is_complete() => Served::End(Ending::Close),
            End::Answered { keep_alive: false } => Served::End(Ending::Linger),
            End::Broken => Served::End(Ending::Abort),
            End::Failed(error) => Box::pin(fail(client, request, error, &mut progress)).await,
        },
        Disposition::Redirect | Disposition::FixedResponse => Box::pin(answer(client, request, &mut progress)).await,
        Disposition::Refuse(error) => Box::pin(fail(client, request, error, &mut progress)).await,
    };
    let sent = client.sent_bytes() - sent_before;
    count_bytes(client, request, request.received + sent);
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

/// Answers as the action of the request's rule wants.
async fn answer<C: Client>(client: &C, request: &mut Request, progress: &mut Progress) -> Served {
    let keep_alive = may_keep_alive(request);
    let counts = request.counts(client.connection().worker.index);
    // Counted before it is sent: who has seen the answer finds it counted.
    let answer = match request.action() {
        CompiledAction::Redirect(redirect) => {
            counts.redirects.add(1);
            let answer = redirect.answer(request.texts.redirect_url.of(&request.text));
            counts.elb_code(answer.status);
            answer
        }
        CompiledAction::FixedResponse(response) => {
            counts.fixed_responses.add(1);
            response.answer()
        }
        CompiledAction::Forward(_) => return Served::End(Ending::Abort),
    };
    progress.elb_status = answer.status;
    send(client, request, &answer, keep_alive, &[]);
    finish_answer(client, request, keep_alive).await
}

/// Answers a request that its target did not answer.
async fn fail<C: Client>(client: &C, request: &mut Request, error: ProxyError, progress: &mut Progress) -> Served {
    progress.error = Some(error);
    progress.elb_status = error.status();
    let counts = request.counts(client.connection().worker.index);
    counts.elb_code(error.status());
    if error == ProxyError::ClientClosed {
        return Served::End(Ending::Abort);
    }
    // After an error of the client's the rest of its request is still coming, or never will.
    let keep_alive = error.status() >= 500 && may_keep_alive(request);
    let maintenance = match request.disposition {
        Disposition::Forward(group) if error == ProxyError::Maintenance => {
            counts.maintenance_pages.add(1);
            request.running.snapshot.target_groups[group].maintenance.as_ref()
        }
        Disposition::Forward(_) | Disposition::Redirect | Disposition::FixedResponse | Disposition::Refuse(_) => None,
    };
    let page = maintenance.map_or_else(|| OwnAnswer::page(error), OwnAnswer::maintenance);
    send(client, request, &page, keep_alive, request.texts.trace_id.of(&request.text));
    finish_answer(client, request, keep_alive).await
}

/// Whether another request may follow an answer of our own: when the rest of this one is small enough to be read in vain.
fn may_keep_alive(request: &Request) -> bool {
    let rest_is_small = request.body.is_complete()
        || (!request.expects_continue && request.body.remaining().is_some_and(|rest| rest <= DISCARDED));
    request.keep_alive && rest_is_small
}

fn send<C: Client>(client: &C, request: &Request, answer: &OwnAnswer<'_>, keep_alive: bool, trace_id: &[u8]) {
    let connection = client.connection();
    connection.worker.wheel.set(&client.handle().alarm, connection.idle_timeout.get());
    connection.worker.with_date(|date| {
        let envelope = Envelope { trace_id, ..envelope(Some(request.listener()), date) };
        client.send_own(answer, &envelope, request.asked, keep_alive);
    });
}

fn envelope<'a>(listener: Option<&'a CompiledListener>, date: &'a str) -> Envelope<'a> {
    Envelope {
        server: listener.is_none_or(|listener| listener.server_header),
        date,
        trace_id: &[],
        set: listener.map_or(&[][..], |listener| &listener.response_headers),
    }
}

async fn finish_answer<C: Client>(client: &C, request: &mut Request, keep_alive: bool) -> Served {
    // A client that does not take the answer misses it; there is nothing else to tell it.
    let missed = client.flush().await.is_err();
    if !keep_alive || missed {
        return Served::End(Ending::Linger);
    }
    while !request.body.is_complete() {
        match client.read_body(&mut request.body).await {
            Ok(n) => request.received += n as u64,
            Err(_) => return Served::End(Ending::Linger),
        }
    }
    Served::KeepAlive
}

/// Answers and notes a request that could not be read, or that came to a host that nobody has.
pub(crate) async fn refuse<C: Client>(client: &C, error: ProxyError) {
    let connection = client.connection();
    let worker = &connection.worker;
    let running = worker.running();
    let listener = running.snapshot.front(&connection.front).and_then(|front| front.only()).map(|entry| entry.listener);
    let compiled = listener.map(|listener| &running.snapshot.listeners[listener]);
    connection.count(|counts| counts.elb_code(error.status()));
    worker.wheel.set(&client.handle().alarm, connection.idle_timeout.get());
    let asked = Asked { head: false, upgrade: false, version: Version::Http11 };
    let mut trace_id = Vec::new();
    write_trace_id(None, worker.wall_seconds(), [worker.random(), worker.random()], &mut trace_id);
    let sent = worker.with_date(|date| {
        let envelope = Envelope { trace_id: &trace_id, ..envelope(compiled, date) };
        client.send_own(&OwnAnswer::page(error), &envelope, asked, false)
    });
    connection.count(|counts| counts.processed_bytes.add(sent));
    // A client that does not take the page misses it; there is nothing else to tell it.
    let _missed = client.flush().await;
    if let (Some(listener), Some(notes)) = (listener, &worker.notes) {
        let note = Note {
            elb_status: error.status(),
            sent_bytes: sent,
            error: Some(error),
            texts: Texts { trace_id: put_text(&mut Vec::new(), &trace_id), ..Texts::default() },
            ..empty_note(client, listener, Micros::now())
        };
        notes.add(&running.snapshot, &note, &trace_id);
    }
}

fn empty_note<C: Client>(client: &C, listener: usize, began: Micros) -> Note {
    let connection = client.connection();
    let started_at = connection.worker.wall().micros(began);
    let agreed = connection.tls().and_then(|tls| tls.agreed);
    let tls = agreed.map(|agreed| (agreed.cipher, agreed.version));
    let note = Note::new(started_at, client.kind(), listener, connection.address, connection.number);
    Note { node: connection.front.address.ip(), tls, ..note }
}

/// Notes a request that is at its end.
fn finish_note<C: Client>(client: &C, request: &mut Request, progress: &Progress, sent: u64) {
    let worker = &client.connection().worker;
    if let Some(notes) = &worker.notes {
        let ended = progress.ended_at.unwrap_or_else(Micros::now);
        let (group, executed) = match request.disposition {
            Disposition::Forward(group) => (Some(group), Executed::Forward),
            Disposition::Redirect => (None, Executed::Redirect),
            Disposition::FixedResponse => (None, Executed::FixedResponse),
            Disposition::Refuse(_) => (None, Executed::None),
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
            rule_priority: Some(request.listener().priority(request.rule)),
            executed,
            error: progress.error,
            cause: progress.cause,
            transform: request.transform,
            texts: request.texts,
            ..empty_note(client, request.listener, request.began)
        };
        notes.add(&request.running.snapshot, &note, &request.text);
    }
    worker.buffers.give_back(std::mem::take(&mut request.text));
}

/// What logs call a connection that another protocol took over.
fn switched(kind: RequestKind) -> RequestKind {
    match kind {
        RequestKind::Http | RequestKind::Ws => RequestKind::Ws,
        RequestKind::Https | RequestKind::Wss | RequestKind::H2 | RequestKind::Grpcs => RequestKind::Wss,
    }
}
