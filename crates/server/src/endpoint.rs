//! The API's port: AWS's services on every path, and health, readiness and metrics beside them. Also the Unix socket for
//! the commands.
//!
//! Bodies are capped before they are read; what they mean is the gateway's business.

use crate::{
    clock::MoveError,
    load::LoadError,
    simulate::{self, SimulateError},
    why_network,
    why_request::{self, NoRequest},
    wiring::Running,
};
use axum::{
    Json, Router,
    body::Body,
    extract::{DefaultBodyLimit, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::{Listener, ListenerExt},
};
use controllers::virtual_time::AdvanceError;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use serde::Deserialize;
use serde_json::{Value, json};
use services::gateway::{MAXIMUM_BODY_BYTES, UnreadBody};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

/// How long a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(60);
/// How long the head of a request may take to arrive.
const HEAD_DEADLINE: Duration = Duration::from_secs(30);
/// Connections to the API at the same time; more wait in the kernel's queue.
const MAXIMUM_CONNECTIONS: usize = 4096;
/// How long open requests may go on when the server stops.
const DRAIN: Duration = Duration::from_secs(5);
/// How long `goru events -f` is kept waiting for the next event.
const EVENT_WAIT: Duration = Duration::from_secs(30);
/// The most events of one page.
pub const MAXIMUM_EVENTS: usize = 1000;

/// What the TCP port serves.
pub fn public(running: Arc<Running>) -> Router {
    let router = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readiness))
        .route("/metrics", get(prometheus))
        .route(running.signer().certificate_path(), get(certificate))
        .fallback(aws)
        .layer(DefaultBodyLimit::disable());
    let router = if running.open_tools() { router.merge(tools()) } else { router };
    router.with_state(running)
}

/// What the Unix socket serves.
pub fn local(running: Arc<Running>) -> Router {
    tools().with_state(running)
}

fn tools() -> Router<Arc<Running>> {
    Router::new()
        .route("/_goru/status", get(async |State(running): State<Arc<Running>>| Json(running.status())))
        .route("/_goru/events", get(events))
        .route("/_goru/why", get(why))
        .route("/_goru/simulate", get(simulated))
        .route("/_goru/backup", post(backup))
        .route("/_goru/reset", post(reset))
        .route("/_goru/clock", get(async |State(running): State<Arc<Running>>| Json(running.clock().document())))
        .route("/_goru/clock", post(move_clock))
        .route("/_goru/load", post(set_load))
}

async fn aws(State(running): State<Arc<Running>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let gateway = running.gateway();
    let whole = tokio::time::timeout(BODY_DEADLINE, Limited::new(body, MAXIMUM_BODY_BYTES).collect()).await;
    let answer = match whole {
        Ok(Ok(body)) => gateway.handle(head, body.to_bytes()).await,
        Ok(Err(error)) if error.is::<LengthLimitError>() => gateway.refuse(&head, UnreadBody::TooLong),
        Ok(Err(_)) => gateway.refuse(&head, UnreadBody::Broken),
        Err(_) => gateway.refuse(&head, UnreadBody::Late),
    };
    answer.map(Body::from)
}

async fn readiness(State(running): State<Arc<Running>>) -> Response {
    match running.unready() {
        None => plain(StatusCode::OK, "ready\n".to_owned()),
        Some(why) => plain(StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}

/// With which http and https endpoints check the signatures of SNS messages.
async fn certificate(State(running): State<Arc<Running>>) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/x-pem-file")];
    (kind, running.signer().certificate().to_owned()).into_response()
}

async fn prometheus(State(running): State<Arc<Running>>) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    (kind, crate::metrics_page::page(&running)).into_response()
}

#[derive(Deserialize)]
struct EventQuery {
    last: Option<usize>,
    after: Option<u64>,
}

/// The newest `last` events, or those after a number, waiting for one when there is none yet.
async fn events(State(running): State<Arc<Running>>, Query(query): Query<EventQuery>) -> Response {
    let page = match query.after {
        Some(after) => running.events_after(after, MAXIMUM_EVENTS, EVENT_WAIT).await,
        None => running.last_events(query.last.unwrap_or(MAXIMUM_EVENTS).min(MAXIMUM_EVENTS)).await,
    };
    match page {
        Ok((events, next)) => Json(json!({ "events": events, "next": next })).into_response(),
        Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}

/// One of these.
#[derive(Deserialize)]
struct WhyQuery {
    /// An Auto Scaling group by its name, or else an instance, a load balancer, a target group or a target.
    what: Option<String>,
    /// The name of an Auto Scaling group.
    group: Option<String>,
    /// A trace id, or the id of a client's connection.
    request: Option<String>,
}

async fn why(State(running): State<Arc<Running>>, Query(query): Query<WhyQuery>) -> Response {
    match (query.what, query.group, query.request) {
        (Some(what), None, None) => why_whatever(&running, &what).await,
        (None, Some(name), None) => match crate::why::group(running.store(), &name, running.clock().now()).await {
            Some(document) => Json(document).into_response(),
            None => no_group(&name),
        },
        (None, None, Some(id)) => why_request(&running, &id).await,
        (_, _, _) => plain(StatusCode::BAD_REQUEST, "one of `what`, `group` and `request` is needed\n".to_owned()),
    }
}

async fn why_whatever(running: &Running, what: &str) -> Response {
    if let Some(mut document) = crate::why::group(running.store(), what, running.clock().now()).await {
        document["also"] = json!(why_network::also(running, what));
        return Json(document).into_response();
    }
    match why_network::document(running, what).await {
        Ok(diagnosis) => Json(diagnosis).into_response(),
        Err(error) => plain(StatusCode::NOT_FOUND, format!("{error}\n")),
    }
}

async fn why_request(running: &Running, id: &str) -> Response {
    match why_request::document(running.link(), &running.store().view(), id).await {
        Ok(document) => Json(document).into_response(),
        Err(error) => {
            let status = match &error {
                NoRequest::TooLong => StatusCode::BAD_REQUEST,
                NoRequest::Unknown { .. } => StatusCode::NOT_FOUND,
                NoRequest::NotAsked(_) => StatusCode::SERVICE_UNAVAILABLE,
            };
            plain(status, format!("{error}\n"))
        }
    }
}

fn no_group(name: &str) -> Response {
    let shown: String = name.chars().take(255).collect();
    let text = format!(
        "there is no Auto Scaling group `{shown}`; `goru aws autoscaling describe-auto-scaling-groups` lists them\n"
    );
    plain(StatusCode::NOT_FOUND, text)
}

/// What a simulation of a group is fed with.
async fn simulated(State(running): State<Arc<Running>>, Query(query): Query<simulate::Request>) -> Response {
    match simulate::document(running.store(), &query, running.clock().now()).await {
        Ok(document) => Json(document).into_response(),
        Err(SimulateError::NoGroup) => no_group(&query.group),
        Err(error @ (SimulateError::Time(_) | SimulateError::Order { .. } | SimulateError::TooLong)) => {
            plain(StatusCode::BAD_REQUEST, format!("{error}\n"))
        }
        Err(error @ SimulateError::Metrics(_)) => plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}

#[derive(Deserialize)]
struct BackupRequest {
    file: PathBuf,
}

async fn backup(State(running): State<Arc<Running>>, body: String) -> Response {
    let request: BackupRequest = match serde_json::from_str(&body) {
        Ok(request) => request,
        Err(error) => return plain(StatusCode::BAD_REQUEST, format!("{error}\n")),
    };
    answer(running.store().backup(&request.file).await.map(|()| json!({ "file": request.file })))
}

async fn reset(State(running): State<Arc<Running>>) -> Response {
    if !running.open_tools() {
        return plain(StatusCode::FORBIDDEN, "reset needs auth.mode = \"none\"\n".to_owned());
    }
    answer(running.reset().await.map(|()| json!({ "reset": true })))
}

/// Moves virtual time; answers when everything that happens until then has happened.
async fn move_clock(State(running): State<Arc<Running>>, body: String) -> Response {
    match running.clock().move_as_told(&body).await {
        Ok(moved) => Json(moved).into_response(),
        Err(error) => {
            let status = match &error {
                MoveError::Malformed(_) | MoveError::Advance(AdvanceError::Backwards { .. } | AdvanceError::TooFar) => {
                    StatusCode::BAD_REQUEST
                }
                MoveError::Real => StatusCode::CONFLICT,
                MoveError::Advance(
                    AdvanceError::Stuck { .. } | AdvanceError::Restless { .. } | AdvanceError::Busy { .. },
                ) => StatusCode::INTERNAL_SERVER_ERROR,
            };
            plain(status, format!("{error}\n"))
        }
    }
}

/// Sets what simulated instances compute.
async fn set_load(State(running): State<Arc<Running>>, body: String) -> Response {
    match crate::load::set(running.driver(), &running.store().view(), &body) {
        Ok(set) => Json(set).into_response(),
        Err(error) => {
            let status = match &error {
                LoadError::Malformed(_) => StatusCode::BAD_REQUEST,
                LoadError::NoInstance(_) => StatusCode::NOT_FOUND,
                LoadError::NotSimulated => StatusCode::CONFLICT,
            };
            plain(status, format!("{error}\n"))
        }
    }
}

fn answer<E: std::fmt::Display>(result: Result<Value, E>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}

fn plain(status: StatusCode, text: String) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain; charset=utf-8"));
    (status, headers, text).into_response()
}

/// Accepts on the TCP port until `stop` becomes true, then lets open requests end.
pub async fn serve_tcp(listener: TcpListener, router: Router, stop: watch::Receiver<bool>) {
    // Answers are small: without this the kernel would wait for more to send. A socket that refuses serves all the same.
    serve(listener.tap_io(|stream| drop(stream.set_nodelay(true))), router, stop).await;
}

/// Accepts until `stop` becomes true, then lets open requests end.
pub async fn serve<L: Listener>(mut listener: L, router: Router, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.len() >= MAXIMUM_CONNECTIONS {
            connections.join_next().await;
        }
        tokio::select! {
            (stream, _) = listener.accept() => drop(connections.spawn(connection(stream, router.clone(), stop.clone()))),
            () = async { drop(stop.wait_for(|stop| *stop).await) } => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    let drain = async { while connections.join_next().await.is_some() {} };
    // Those that are late are cut.
    let _ = tokio::time::timeout(DRAIN, drain).await;
}

async fn connection<S>(stream: S, router: Router, mut stop: watch::Receiver<bool>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_DEADLINE);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = async { drop(stop.wait_for(|stop| *stop).await) } => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the API ended");
    }
}
