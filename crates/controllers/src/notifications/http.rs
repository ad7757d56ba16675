//! Posts messages to http and https endpoints: one connection per message, no redirects, a limit on everything.
//!
//! The address that a name stands for is checked immediately before connecting (`model::sns::endpoint`). Certificates of
//! endpoints are checked against the system's authorities.

use super::{NotificationSettings, Signer, document};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use model::sns::{
    attempt::{self, Outcome},
    delivery::{Content, Delivery},
    delivery_policy::DEFAULT_CONTENT_TYPE,
    endpoint::{self, Url},
};
use percent_encoding::percent_decode_str;
use std::{
    net::SocketAddr,
    pin::pin,
    sync::{Arc, OnceLock},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName},
};

/// What endpoints see as the client; programs look for it.
const USER_AGENT: &str = "Amazon Simple Notification Service Agent";

/// Posts messages.
pub(super) struct Poster {
    /// Made when the first https endpoint is posted to: reading the system's authorities takes a moment.
    tls: OnceLock<Result<TlsConnector, String>>,
}

impl Poster {
    pub(super) const fn new() -> Self {
        Self { tls: OnceLock::new() }
    }

    /// One try. The time limit is by real time: it is about a socket.
    pub(super) async fn post(&self, delivery: &Delivery, settings: &NotificationSettings, signer: &Signer) -> Outcome {
        let limit = attempt::time_limit(delivery.protocol);
        match tokio::time::timeout(limit, self.ask(delivery, settings, signer)).await {
            Ok(Ok(status)) => attempt::http_outcome(status),
            Ok(Err(Unanswered::Never(reason))) => Outcome::Refused(reason),
            Ok(Err(Unanswered::Now(reason))) => Outcome::Failed(reason),
            Err(_) => Outcome::Failed(format!("the endpoint did not answer within {} s", limit.as_secs())),
        }
    }

    /// The status of the answer.
    async fn ask(
        &self,
        delivery: &Delivery,
        settings: &NotificationSettings,
        signer: &Signer,
    ) -> Result<u16, Unanswered> {
        let url: Url = delivery.endpoint.parse().map_err(|()| Unanswered::Never("its URL cannot be read".into()))?;
        let request = request(delivery, &url, settings, signer)?;
        let stream = connect(&url, settings.api).await?;
        if !url.secure {
            return exchange(stream, request).await;
        }
        let tls = self.tls.get_or_init(connector).clone().map_err(Unanswered::Now)?;
        let name = ServerName::try_from(url.host).map_err(|error| Unanswered::Never(error.to_string()))?;
        let stream = tls.connect(name, stream).await.map_err(|error| Unanswered::Now(format!("TLS: {error}")))?;
        exchange(stream, request).await
    }
}

/// Why there is no answer.
enum Unanswered {
    /// And never will be.
    Never(String),
    /// This time.
    Now(String),
}

fn connector() -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err("the system has no certificate authorities to check https endpoints with".to_owned());
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    Ok(TlsConnector::from(Arc::new(builder.with_root_certificates(roots).with_no_client_auth())))
}

async fn connect(url: &Url, api: Option<SocketAddr>) -> Result<TcpStream, Unanswered> {
    let found = tokio::net::lookup_host((url.host.as_str(), url.port)).await;
    let found = found.map_err(|error| Unanswered::Now(format!("its name cannot be resolved: {error}")))?;
    let mut last = Unanswered::Now("its name stands for no address".to_owned());
    for address in found {
        if let Err(forbidden) = endpoint::may_connect(address, api) {
            last = Unanswered::Never(forbidden.to_string());
            continue;
        }
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Unanswered::Now(format!("no connection: {error}")),
        }
    }
    Err(last)
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<u16, Unanswered> {
    let failed = |error: hyper::Error| Unanswered::Now(format!("the conversation broke off: {error}"));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let mut answer = pin!(sender.send_request(request));
    // Polled together: dropping this future closes the connection. The body of the answer is not read; nobody needs it.
    let broken = tokio::select! {
        biased;
        answer = answer.as_mut() => return answer.map(|answer| answer.status().as_u16()).map_err(failed),
        ended = connection => ended.err(),
    };
    // An endpoint that answers and hangs up ends the connection in the moment in which it hands over the answer.
    let answer = answer.await.map(|answer| answer.status().as_u16());
    answer.map_err(|error| failed(broken.unwrap_or(error)))
}

fn request(
    delivery: &Delivery,
    url: &Url,
    settings: &NotificationSettings,
    signer: &Signer,
) -> Result<Request<Full<Bytes>>, Unanswered> {
    let raw = match &delivery.content {
        Content::Notification { body, raw: true, .. } => Some(body.clone()),
        Content::Notification { raw: false, .. }
        | Content::SubscriptionConfirmation { .. }
        | Content::UnsubscribeConfirmation { .. } => None,
    };
    let is_question = matches!(delivery.content, Content::SubscriptionConfirmation { .. });
    let mut request = Request::post(&url.path_and_query)
        .header(header::HOST, url.authority())
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::CONNECTION, "close")
        .header(header::CONTENT_TYPE, delivery.content_type.as_deref().unwrap_or(DEFAULT_CONTENT_TYPE))
        .header("x-amz-sns-message-type", delivery.content.kind())
        .header("x-amz-sns-message-id", &delivery.message_id)
        .header("x-amz-sns-topic-arn", delivery.topic_arn.to_string());
    if !is_question {
        request = request.header("x-amz-sns-subscription-arn", delivery.subscription_arn.to_string());
    }
    if raw.is_some() {
        request = request.header("x-amz-sns-rawdelivery", "true");
    }
    if let Some(user_info) = &url.user_info {
        request = request.header(header::AUTHORIZATION, basic(user_info));
    }
    let body = raw.unwrap_or_else(|| document::json(delivery, settings, signer));
    request.body(Full::new(Bytes::from(body))).map_err(|error| Unanswered::Never(error.to_string()))
}

/// Basic authentication (RFC 7617) with what stands before the `@` of the URL.
fn basic(user_info: &str) -> String {
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    let decode = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    let plain = [decode(user), b":".to_vec(), decode(password)].concat();
    format!("Basic {}", STANDARD.encode(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_password_of_a_url_are_sent_as_basic_authentication() {
        assert_eq!(basic("kim:pa%3Ass"), "Basic a2ltOnBhOnNz");
        assert_eq!(basic("kim"), "Basic a2ltOg==");
    }
}
