//! The metadata service on the wire: one request per connection, as on AWS, and the instance that asks.
//!
//! An answer that begins a session crosses no more routers than the instance's options say. That is why each connection ends
//! after its answer: the limit is the socket's, and no other answer must be sent with it, nor this one without it.

use super::{Shared, about};
use bytes::Bytes;
use controllers::networks::AppliedVpc;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, SERVER},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use model::{
    IdSource,
    ec2::{
        instance::Instance,
        metadata_service::{Answer, Question, TOKEN_HEADER, TTL_HEADER, Tokens, answer},
    },
};
use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, TcpStream as StdStream},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use store::View;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{Id, JoinSet},
};

/// Connections of one VPC at the same time; more wait in the kernel's queue.
const MAXIMUM_CONNECTIONS: usize = 512;
/// Connections of one instance at the same time; more are closed at once, so that others get theirs.
const MAXIMUM_CONNECTIONS_OF_ONE: usize = 32;
/// The bytes that the head of a request may have (hyper takes no smaller number).
const MAXIMUM_HEAD_BYTES: usize = 8192;
/// How long the head of a request may take to arrive.
const HEAD_DEADLINE: Duration = Duration::from_secs(5);
/// How long a connection may last altogether.
const DEADLINE: Duration = Duration::from_secs(15);
/// How long accepting rests when the process has no room for another connection.
const PAUSE: Duration = Duration::from_millis(100);
/// What AWS's service calls itself; some clients know it by that.
const NAME: HeaderValue = HeaderValue::from_static("EC2ws");

/// The sessions of all instances.
pub(super) struct Metadata {
    tokens: Mutex<Tokens>,
    ids: fn() -> u64,
}

impl Metadata {
    pub(super) fn new(ids: fn() -> u64) -> Self {
        Self { tokens: Mutex::default(), ids }
    }

    /// Forgets the sessions of instances that are gone.
    pub(super) fn forget_others(&self, view: &View) {
        let instances: HashSet<_> =
            view.all::<Instance>().filter(|(_, i)| i.occupies()).map(|(_, i)| i.id.clone()).collect();
        self.tokens().keep_only(|id| instances.contains(id));
    }

    /// A panic in another connection leaves complete sessions.
    fn tokens(&self) -> std::sync::MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Accepts until it is dropped, and its connections with it.
pub(super) async fn serve(listener: TcpListener, shared: Shared, vpc: AppliedVpc) {
    let vpc = Arc::new(vpc);
    let mut connections = JoinSet::new();
    let mut open: HashMap<Id, Ipv4Addr> = HashMap::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if open.len() < MAXIMUM_CONNECTIONS => match accepted {
                Ok((stream, peer)) => {
                    let IpAddr::V4(peer) = peer.ip() else { continue };
                    if open.values().filter(|other| **other == peer).count() < MAXIMUM_CONNECTIONS_OF_ONE {
                        let serving = connections.spawn(connection(stream, peer, shared.clone(), vpc.clone()));
                        open.insert(serving.id(), peer);
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "the metadata service cannot accept");
                    tokio::time::sleep(PAUSE).await;
                }
            },
            Some(ended) = connections.join_next_with_id(), if !open.is_empty() => {
                let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                open.remove(&id);
            }
        }
    }
}

async fn connection(stream: TcpStream, peer: Ipv4Addr, shared: Shared, vpc: Arc<AppliedVpc>) {
    // Nobody else is told that somebody listens.
    if about::asking(&shared.store.view(), &vpc, peer).is_none() {
        return;
    }
    let Ok((stream, handle)) = with_handle(stream) else { return };
    let serve = service_fn(|request: Request<Incoming>| {
        let response = respond(&request, peer, &shared, &vpc, &handle);
        async { Ok::<_, Infallible>(response) }
    });
    let mut builder = http1::Builder::new();
    builder.keep_alive(false).max_buf_size(MAXIMUM_HEAD_BYTES);
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_DEADLINE);
    let served = builder.serve_connection(TokioIo::new(stream), serve);
    match tokio::time::timeout(DEADLINE, served).await {
        Ok(Ok(())) | Err(_) => {}
        Ok(Err(error)) => tracing::debug!(%error, %peer, "a connection to the metadata service ended"),
    }
}

/// The connection, and another way to its socket, for its options.
fn with_handle(stream: TcpStream) -> std::io::Result<(TcpStream, StdStream)> {
    let stream = stream.into_std()?;
    let handle = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, handle))
}

fn respond(
    request: &Request<Incoming>,
    peer: Ipv4Addr,
    shared: &Shared,
    vpc: &AppliedVpc,
    socket: &StdStream,
) -> Response<Full<Bytes>> {
    let view = shared.store.view();
    let asking = about::asking(&view, vpc, peer);
    let about = asking.as_ref().and_then(|instance| about::about(&view, &vpc.scope, instance));
    let (Some(instance), Some(about)) = (asking, about) else { return empty(StatusCode::NOT_FOUND) };
    let (headers, options) = (request.headers(), instance.metadata_options);
    let question = Question {
        method: request.method().as_str(),
        path: request.uri().path(),
        token: text(headers, TOKEN_HEADER),
        ttl: text(headers, TTL_HEADER),
        is_forwarded: headers.contains_key("x-forwarded-for"),
    };
    let mut ids = shared.metadata.ids;
    let ids: &mut dyn IdSource = &mut ids;
    let answer = answer(&question, &about, options, &mut shared.metadata.tokens(), ids, shared.clock.now());
    if request.method() == Method::PUT && answer.status == 200 {
        // Without the limit it must not be sent at all.
        if let Err(error) = socket.set_ttl(u32::from(options.hop_limit)) {
            tracing::warn!(%error, "the hop limit of an answer cannot be set");
            return empty(StatusCode::INTERNAL_SERVER_ERROR);
        }
    }
    response(answer)
}

/// A header that is no text is as good as a wrong one: it is not taken for none.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or_default())
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = empty(status);
    *response.body_mut() = Full::from(answer.body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    if let Some(seconds) = answer.ttl {
        response.headers_mut().insert(TTL_HEADER, HeaderValue::from(seconds));
    }
    response
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response.headers_mut().insert(SERVER, NAME);
    response
}
