//! The request pipeline: identify, authenticate, decode, refuse, dispatch, encode, record.
//!
//! One function, [`Gateway::handle`], from the head and body of an HTTP request to the whole answer. It never fails:
//! every error is an answer in the form of the request's protocol, and a panic in an operation is an internal failure
//! of that request alone. Reading the socket and capping the body is the endpoint's part.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::task::Poll;
use std::time::Instant;

use bytes::Bytes;
use http::request::Parts;
use model::{IdSource, Scope};
use store::Store;
use wire::identify::{Call, identify};
use wire::protocol::{self, Response};
use wire::shape::{Fault, Protocol, Service};
use wire::{AwsError, Request, Value, error, validate};

use crate::authentication::{self, Caller};
use crate::content::{self, MAXIMUM_CONTENT_BYTES};
use crate::context::{Clock, Console, Context, NoConsole, Principal, Settings, SharedIds, Warnings};
use crate::files::{Files, NoFiles};
use crate::sns::links::Link;
use crate::{acm, autoscaling, cloudwatch, ec2, elbv2, iam, sns, ssm, sts};

/// The longest body of a request, in bytes, before and after its content encoding is undone.
pub const MAXIMUM_BODY_BYTES: usize = MAXIMUM_CONTENT_BYTES;

/// The services behind the gateway.
static SERVICES: &[&Service] = &[
    &api::acm::SERVICE,
    &api::autoscaling::SERVICE,
    &api::cloudwatch::SERVICE,
    &api::ec2::SERVICE,
    &api::elbv2::SERVICE,
    &api::iam::SERVICE,
    &api::sns::SERVICE,
    &api::ssm::SERVICE,
    &api::sts::SERVICE,
];

/// The AWS API of one server. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    settings: RwLock<Arc<Settings>>,
    clock: Arc<dyn Clock>,
    ids: SharedIds,
    console: RwLock<Arc<dyn Console>>,
    files: RwLock<Arc<dyn Files>>,
}

/// The header field of an answer that holds what its caller should know though the operation succeeded.
const WARNING_HEADER: &str = "x-goru-warning";
/// What stands between several warnings.
const WARNING_SEPARATOR: &str = "; ";

/// Why the endpoint has no body to hand over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadBody {
    /// It is longer than [`MAXIMUM_BODY_BYTES`].
    TooLong,
    /// It ended early or its framing is broken.
    Broken,
    /// It did not arrive in time.
    Late,
}

/// Why a request got no further, with all that is needed to answer it.
struct Refusal {
    protocol: Protocol,
    service: Option<&'static Service>,
    error: AwsError,
}

/// What is written to the log about a request. No parameter, secret or signature ever gets in.
#[derive(Default)]
struct Record {
    operation: Option<String>,
    principal: Option<String>,
    account: String,
    region: String,
    code: Option<String>,
}

impl Gateway {
    /// A gateway to this state. `clock` and `ids` are the only sources of time and chance that operations know.
    pub fn new(store: Store, settings: Settings, clock: Arc<dyn Clock>, ids: impl IdSource + Send + 'static) -> Self {
        let settings = RwLock::new(Arc::new(settings));
        Self {
            shared: Arc::new(Shared {
                store,
                settings,
                clock,
                ids: Arc::new(Mutex::new(ids)),
                console: RwLock::new(Arc::new(NoConsole)),
                files: RwLock::new(Arc::new(NoFiles)),
            }),
        }
    }

    /// The configuration in force.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.shared.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the configuration for requests that come in from now on.
    pub fn set_settings(&self, settings: Settings) {
        *self.shared.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// Where GetConsoleOutput reads from now on; before, every console is empty.
    pub fn set_console(&self, console: Arc<dyn Console>) {
        *self.shared.console.write().unwrap_or_else(PoisonError::into_inner) = console;
    }

    /// Where objects of S3 are read from now on; before, there are no buckets.
    pub fn set_files(&self, files: Arc<dyn Files>) {
        *self.shared.files.write().unwrap_or_else(PoisonError::into_inner) = files;
    }

    /// A new request id: a UUID of version 4 in form. The endpoint uses it for answers that never reach [`Self::handle`].
    pub fn request_id(&self) -> String {
        let mut ids = self.shared.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let (high, low) = (ids.next_u64(), ids.next_u64());
        let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0x0fff | 0x4000);
        let (d, e) = (low >> 48 & 0x3fff | 0x8000, low & 0xffff_ffff_ffff);
        format!("{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}")
    }

    /// Answers one request. `body` is the whole body, at most [`MAXIMUM_BODY_BYTES`] long. The work goes on to its end
    /// even when the returned future is dropped, so a client that hangs up leaves nothing half done.
    pub async fn handle(&self, head: Parts, body: Bytes) -> http::Response<Bytes> {
        let request_id = self.request_id();
        let (gateway, id) = (self.clone(), request_id.clone());
        let work = tokio::spawn(async move { gateway.answer(&head, &body, &id).await });
        match work.await {
            Ok(response) => into_http(response),
            // Outside of operations nothing is expected to panic; the runtime caught it all the same.
            Err(_) => into_http(error::encode_error(Protocol::Query, None, &panicked(&request_id), &request_id)),
        }
    }

    /// Answers a request whose body could not be read, in the form of its protocol as far as its head tells.
    pub fn refuse(&self, head: &Parts, why: UnreadBody) -> http::Response<Bytes> {
        let request_id = self.request_id();
        let started = Instant::now();
        let Refusal { protocol, service, error } = before_identified(&Request::new(head, b""), why.error());
        let record = Record { code: Some(error.code.to_string()), ..Record::default() };
        record.write(&request_id, error.status, started);
        into_http(error::encode_error(protocol, service, &error, &request_id))
    }

    async fn answer(&self, head: &Parts, body: &[u8], request_id: &str) -> Response {
        let started = Instant::now();
        let mut record = Record::default();
        let response = match self.run(head, body, request_id, &mut record).await {
            Ok(response) => response,
            Err(Refusal { protocol, service, error }) => {
                record.code = Some(error.code.to_string());
                error::encode_error(protocol, service, &error, request_id)
            }
        };
        record.write(request_id, response.status, started);
        response
    }

    /// The pipeline itself.
    async fn run(&self, head: &Parts, body: &[u8], id: &str, record: &mut Record) -> Result<Response, Refusal> {
        let settings = self.settings();
        let request = Request::new(head, body);
        let content = content::undo_encoding(&request).map_err(|error| before_identified(&request, error))?;
        let request = match &content {
            Some(content) => request.with_content(content),
            None => request,
        };

        if let Some((link, scope)) = Link::of(head, request.content) {
            return Ok(self.follow(&link, scope, head, id, record).await);
        }

        let call = identify(&request, SERVICES).map_err(Refusal::from)?;
        record.operation = Some(format!("{}:{}", call.service.name, call.operation.name));
        let refuse = |error| Refusal { protocol: call.protocol, service: Some(call.service), error };

        let now = self.shared.clock.now();
        let view = self.shared.store.view();
        let caller = authentication::authenticate(&view, &settings, &request, &call, now).map_err(refuse)?;
        record.called_by(&caller);

        let input = protocol::decode(&call, &request).map_err(refuse)?;
        validate::check(call.service, call.operation, &input).map_err(refuse)?;

        let cx = self.context(settings, caller, id, now);
        let served = Served::of(&call);
        let work = async {
            served.prepare_region(&cx).await?;
            served.dispatch(&cx, &call, input).await
        };
        let output = caught(work, id).await.map_err(refuse)?;
        let mut response = protocol::encode(&call, &output, id);
        let warnings = cx.warnings.take();
        if !warnings.is_empty() {
            // Several fields would be joined by clients, with commas, which sentences have too.
            response.headers.push((WARNING_HEADER, warnings.join(WARNING_SEPARATOR)));
        }
        Ok(response)
    }

    /// Follows a link out of a message of SNS, the only thing that nobody has to sign.
    async fn follow(&self, link: &Link, scope: Scope, head: &Parts, id: &str, record: &mut Record) -> Response {
        let caller =
            Caller { principal: Principal::Root, access_key_id: None, account: scope.account, region: scope.region };
        record.operation = Some(format!("SNS:{}", link.operation()));
        let cx = self.context(self.settings(), caller, id, self.shared.clock.now());
        let done = caught(link.follow(&cx), id).await;
        record.code = done.as_ref().err().map(|error| error.code.to_string());
        link.answer(done, head, id)
    }

    fn context(&self, settings: Arc<Settings>, caller: Caller, request_id: &str, now: model::Timestamp) -> Context {
        let Caller { principal, access_key_id, account, region } = caller;
        Context {
            store: self.shared.store.clone(),
            settings,
            principal,
            access_key_id,
            account,
            region,
            request_id: request_id.to_owned(),
            now,
            ids: Arc::clone(&self.shared.ids),
            console: Arc::clone(&self.shared.console.read().unwrap_or_else(PoisonError::into_inner)),
            files: Arc::clone(&self.shared.files.read().unwrap_or_else(PoisonError::into_inner)),
            warnings: Warnings::default(),
        }
    }

    /// The surroundings of work that the server does in the name of an account's root, without a request: the
    /// demonstration, for example.
    pub fn root_context(&self, scope: Scope) -> Context {
        let caller =
            Caller { principal: Principal::Root, access_key_id: None, account: scope.account, region: scope.region };
        self.context(self.settings(), caller, &self.request_id(), self.shared.clock.now())
    }
}

impl UnreadBody {
    fn error(self) -> AwsError {
        let (code, status, message) = match self {
            Self::TooLong => {
                let message = format!("the body is longer than {MAXIMUM_BODY_BYTES} bytes");
                ("RequestEntityTooLarge", 413, message)
            }
            Self::Broken => ("IncompleteBody", 400, "the body did not arrive whole".to_owned()),
            Self::Late => ("RequestTimeout", 408, "the body did not arrive in time".to_owned()),
        };
        AwsError::new(code, status, Fault::Sender, message)
    }
}

/// The services, closed: every one has its arm in each function below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Served {
    Acm,
    AutoScaling,
    CloudWatch,
    Ec2,
    Elbv2,
    Iam,
    Sns,
    Ssm,
    Sts,
}

impl Served {
    fn of(call: &Call) -> Self {
        let all = [
            (&api::acm::SERVICE, Self::Acm),
            (&api::autoscaling::SERVICE, Self::AutoScaling),
            (&api::cloudwatch::SERVICE, Self::CloudWatch),
            (&api::ec2::SERVICE, Self::Ec2),
            (&api::elbv2::SERVICE, Self::Elbv2),
            (&api::iam::SERVICE, Self::Iam),
            (&api::sns::SERVICE, Self::Sns),
            (&api::ssm::SERVICE, Self::Ssm),
            (&api::sts::SERVICE, Self::Sts),
        ];
        let found = all.into_iter().find(|(service, _)| std::ptr::eq(*service, call.service));
        found.map(|(_, served)| served).expect("identify chooses among SERVICES only, and all of them are above")
    }

    /// Makes what a region has from the start (the default VPC) before a service that can show it is first used there.
    async fn prepare_region(self, cx: &Context) -> Result<(), AwsError> {
        match self {
            Self::AutoScaling | Self::Ec2 | Self::Elbv2 => ec2::ensure_region(cx).await,
            Self::Acm | Self::CloudWatch | Self::Iam | Self::Sns | Self::Ssm | Self::Sts => Ok(()),
        }
    }

    async fn dispatch(self, cx: &Context, call: &Call, input: Value) -> Result<Value, AwsError> {
        let name = call.operation.name;
        match self {
            Self::Acm => acm::dispatch(cx, in_table(api::acm::Operation::from_name(name)), input).await,
            Self::AutoScaling => {
                autoscaling::dispatch(cx, in_table(api::autoscaling::Operation::from_name(name)), input).await
            }
            Self::CloudWatch => {
                cloudwatch::dispatch(cx, in_table(api::cloudwatch::Operation::from_name(name)), input).await
            }
            Self::Ec2 => ec2::dispatch(cx, in_table(api::ec2::Operation::from_name(name)), input).await,
            Self::Elbv2 => elbv2::dispatch(cx, in_table(api::elbv2::Operation::from_name(name)), input).await,
            Self::Iam => iam::dispatch(cx, in_table(api::iam::Operation::from_name(name)), input).await,
            Self::Sns => sns::dispatch(cx, in_table(api::sns::Operation::from_name(name)), input).await,
            Self::Ssm => ssm::dispatch(cx, in_table(api::ssm::Operation::from_name(name)), input).await,
            Self::Sts => sts::dispatch(cx, in_table(api::sts::Operation::from_name(name)), input).await,
        }
    }
}

fn in_table<O>(operation: Option<O>) -> O {
    operation.expect("a call's operation comes from the table that the enumeration is made with")
}

impl From<wire::identify::Unidentified> for Refusal {
    fn from(unidentified: wire::identify::Unidentified) -> Self {
        let wire::identify::Unidentified { protocol, service, error } = unidentified;
        Self { protocol, service, error }
    }
}

/// A refusal of a request whose protocol only its headers tell.
fn before_identified(request: &Request<'_>, error: AwsError) -> Refusal {
    let protocol = if request.header("smithy-protocol").is_some() {
        Protocol::RpcV2Cbor
    } else if request.header("x-amz-target").is_some() {
        Protocol::Json
    } else {
        Protocol::Query
    };
    Refusal { protocol, service: None, error }
}

/// Runs an operation; a panic in it becomes its error. The message with the place goes to the log by the panic hook.
/// State cannot be half changed: a transaction that panics commits nothing.
async fn caught<T>(work: impl Future<Output = Result<T, AwsError>>, request_id: &str) -> Result<T, AwsError> {
    let mut work = pin!(work);
    poll_fn(|task| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(task))) {
        Ok(poll) => poll,
        Err(_) => Poll::Ready(Err(panicked(request_id))),
    })
    .await
}

fn panicked(request_id: &str) -> AwsError {
    tracing::error!(request_id, "an operation panicked; this is a defect of Goru");
    AwsError::internal(format!("an internal failure; the log has more under request {request_id}"))
}

fn into_http(response: Response) -> http::Response<Bytes> {
    let mut answer = http::Response::new(Bytes::from(response.body));
    *answer.status_mut() =
        http::StatusCode::from_u16(response.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers {
        if let Ok(value) = http::HeaderValue::from_str(&value) {
            answer.headers_mut().append(name, value);
        }
    }
    answer
}

impl Record {
    fn called_by(&mut self, caller: &Caller) {
        self.principal = Some(caller.principal.to_string());
        self.account.clone_from(&caller.account);
        self.region.clone_from(&caller.region);
    }

    fn write(&self, request_id: &str, status: u16, started: Instant) {
        let Self { operation, principal, account, region, code } = self;
        let operation = operation.as_deref().unwrap_or("-");
        let (principal, code) = (principal.as_deref().unwrap_or("-"), code.as_deref().unwrap_or("-"));
        let microseconds = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::info!(request_id, operation, principal, account, region, status, code, microseconds, "api call");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_in_an_operation_is_an_internal_failure_of_its_request() {
        let bad = async {
            tokio::task::yield_now().await;
            if true {
                panic!("on purpose");
            }
            Ok(())
        };
        let error = caught(bad, "r-1").await.unwrap_err();
        assert_eq!((&*error.code, error.status), ("InternalFailure", 500));
        assert!(error.message.contains("r-1") && !error.message.contains("on purpose"), "{}", error.message);
        assert_eq!(caught(async { Ok(7) }, "r-2").await, Ok(7));
    }
}
