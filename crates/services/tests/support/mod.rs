//! A gateway over a store in memory, with a clock moved by hand, and clients that really encode and sign requests.

#![allow(dead_code, reason = "each test binary uses a part")]

pub mod cbor;
pub mod certificates;
pub mod files;

use std::sync::Arc;

use bytes::Bytes;
use hmac::{Hmac, Mac};
use model::elbv2::plan::HostFacts;
use model::iam::AccessKey;
use services::{Authentication, Gateway, InstanceFiles, Settings, TokenKey};
use sha2::{Digest, Sha256};
use store::Store;
use testkit::{CountedIds, ManualClock};

pub const ACCOUNT: &str = "123456789012";
pub const REGION: &str = "ap-northeast-2";

/// The whole API of one server.
pub struct Server {
    pub gateway: Gateway,
    pub store: Store,
    pub clock: ManualClock,
    pub root: AccessKey,
    pub root_is_new: bool,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Bytes,
}

/// How a request is signed, or spoiled.
#[derive(Clone, Debug)]
pub struct Signing {
    pub access_key_id: String,
    pub secret: String,
    pub region: String,
    pub service: String,
    /// Seconds by which the signer's clock is ahead.
    pub skew_seconds: i64,
    pub session_token: Option<String>,
}

/// The settings that tests begin with.
pub fn settings() -> Settings {
    Settings {
        account_id: ACCOUNT.into(),
        default_region: REGION.into(),
        authentication: Authentication::Sigv4,
        zones: Default::default(),
        dns_suffix: "elb.localhost".into(),
        host: HostFacts {
            public_addresses: vec!["127.0.0.1".parse().unwrap()],
            internal_address: "127.0.0.1".parse().unwrap(),
            lowest_port: 1024,
            port_offset: 8000,
            bucket_dir: Default::default(),
            networks: None,
        },
        public_pool: "127.80.0.0/16".parse().unwrap(),
        images: Vec::new(),
        instance_files: InstanceFiles::OfHost,
        api: Some("127.0.0.1:4566".parse().unwrap()),
        token_key: TokenKey([7; 32]),
    }
}

impl Server {
    /// An empty account with its root key.
    pub async fn start() -> Self {
        Self::with(settings()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let server = Self::over(Store::in_memory(), settings, 1).await;
        assert!(server.root_is_new);
        server
    }

    /// A server over a store that may have been used before. Each needs ids of its own.
    pub async fn over(store: Store, settings: Settings, seed: u64) -> Self {
        let clock = ManualClock::default();
        let mut ids = CountedIds::seeded(seed);
        let (root, root_is_new) = services::iam::ensure_root_key(&store, ACCOUNT, &mut ids, ManualClock::START)
            .await
            .expect("memory takes it");
        let gateway = Gateway::new(store.clone(), settings, Arc::new(clock.clone()), ids);
        Self { gateway, store, clock, root, root_is_new }
    }

    /// Signs with the root key for a service.
    pub fn signing(&self, service: &str) -> Signing {
        Signing {
            access_key_id: self.root.id.clone(),
            secret: self.root.secret.clone(),
            region: REGION.into(),
            service: service.into(),
            skew_seconds: 0,
            session_token: None,
        }
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: http::Request<Vec<u8>>) -> Reply {
        let (head, body) = request.into_parts();
        let (parts, body) = self.gateway.handle(head, body.into()).await.into_parts();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// A signed call in the query or ec2 protocol.
    pub async fn form(&self, signing: &Signing, version: &str, action: &str, parameters: &[(&str, &str)]) -> Reply {
        let body = form_body(version, action, parameters);
        let request = post("/", "application/x-www-form-urlencoded; charset=utf-8", body.into_bytes());
        self.send(self.sign(signing, request)).await
    }

    /// A signed call of IAM by the root.
    pub async fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> Reply {
        self.form(&self.signing("iam"), "2010-05-08", action, parameters).await
    }

    /// A signed call of IAM by another key.
    pub async fn iam_by(&self, key: &(String, String), action: &str, parameters: &[(&str, &str)]) -> Reply {
        self.form(&self.signing("iam").by(key), "2010-05-08", action, parameters).await
    }

    /// `sts get-caller-identity`.
    pub async fn whoami(&self, signing: &Signing) -> Reply {
        self.form(signing, "2011-06-15", "GetCallerIdentity", &[]).await
    }

    /// A signed call of CloudWatch in JSON.
    pub async fn cloudwatch(&self, operation: &str, input: &serde_json::Value) -> Reply {
        let mut request = post("/", "application/x-amz-json-1.0", input.to_string().into_bytes());
        let target = format!("GraniteServiceVersion20100801.{operation}");
        request.headers_mut().insert("x-amz-target", target.parse().unwrap());
        self.send(self.sign(&self.signing("monitoring"), request)).await
    }

    /// A signed call of ACM.
    pub async fn acm(&self, operation: &str, input: &serde_json::Value) -> Reply {
        let mut request = post("/", "application/x-amz-json-1.1", input.to_string().into_bytes());
        request.headers_mut().insert("x-amz-target", format!("CertificateManager.{operation}").parse().unwrap());
        self.send(self.sign(&self.signing("acm"), request)).await
    }

    /// A signed call of Systems Manager.
    pub async fn ssm(&self, operation: &str, input: &serde_json::Value) -> Reply {
        let mut request = post("/", "application/x-amz-json-1.1", input.to_string().into_bytes());
        request.headers_mut().insert("x-amz-target", format!("AmazonSSM.{operation}").parse().unwrap());
        self.send(self.sign(&self.signing("ssm"), request)).await
    }

    /// Imports a certificate and gives back its ARN.
    pub async fn import(&self, made: &certificates::Made) -> String {
        let input = serde_json::json!({ "Certificate": base64(&made.certificate), "PrivateKey": base64(&made.key) });
        self.acm("ImportCertificate", &input).await.ok().json()["CertificateArn"].as_str().unwrap().to_owned()
    }

    /// The same in CBOR; `StartTime`, `EndTime` and `Timestamp` are moments.
    pub async fn cloudwatch_cbor(&self, operation: &str, input: &serde_json::Value) -> Reply {
        let body = cbor::encode(input, &["StartTime", "EndTime", "Timestamp"]);
        let path = format!("/service/GraniteServiceVersion20100801/operation/{operation}");
        let mut request = post(&path, "application/cbor", body);
        request.headers_mut().insert("smithy-protocol", "rpc-v2-cbor".parse().unwrap());
        self.send(self.sign(&self.signing("monitoring"), request)).await
    }

    /// The same as a form.
    pub async fn cloudwatch_form(&self, operation: &str, parameters: &[(&str, &str)]) -> Reply {
        self.form(&self.signing("monitoring"), "2010-08-01", operation, parameters).await
    }

    /// A GET whose signature is in the query string and good for so many seconds.
    pub fn presigned(&self, signing: &Signing, version: &str, action: &str, seconds: u32) -> http::Request<Vec<u8>> {
        let date = self.date(signing);
        let Signing { access_key_id, region, service, .. } = signing;
        let credential = format!("{access_key_id}%2F{}%2F{region}%2F{service}%2Faws4_request", &date[..8]);
        // Sorted by name, as the canonical query string wants it.
        let query = format!(
            "Action={action}&Version={version}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}\
             &X-Amz-Date={date}&X-Amz-Expires={seconds}&X-Amz-SignedHeaders=host"
        );
        let payload = hex(&Sha256::digest(b""));
        let canonical = format!("GET\n/\n{query}\nhost:127.0.0.1:4566\n\nhost\n{payload}");
        let (_, signature) = signing.signature(&date, &canonical);
        let request = http::Request::get(format!("/?{query}&X-Amz-Signature={signature}"));
        request.header("host", "127.0.0.1:4566").body(Vec::new()).expect("a request")
    }

    fn date(&self, signing: &Signing) -> String {
        use services::Clock;
        let seconds = self.clock.now().seconds() + signing.skew_seconds;
        jiff::Timestamp::from_second(seconds).unwrap().strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    /// Adds date, token and `Authorization`.
    pub fn sign(&self, signing: &Signing, mut request: http::Request<Vec<u8>>) -> http::Request<Vec<u8>> {
        let date = self.date(signing);
        let headers = request.headers_mut();
        headers.insert("x-amz-date", date.parse().unwrap());
        if let Some(token) = &signing.session_token {
            headers.insert("x-amz-security-token", token.parse().unwrap());
        }
        let mut names: Vec<String> = headers.keys().map(|name| name.as_str().to_owned()).collect();
        names.sort();
        let signed = names.join(";");
        let value = |name: &String| request.headers()[name.as_str()].to_str().unwrap().trim().to_owned();
        let lines: String = names.iter().map(|name| format!("{name}:{}\n", value(name))).collect();
        let payload = hex(&Sha256::digest(request.body()));
        let query = request.uri().query().unwrap_or("");
        let canonical =
            format!("{}\n{}\n{query}\n{lines}\n{signed}\n{payload}", request.method(), request.uri().path());
        let (scope, signature) = signing.signature(&date, &canonical);
        let access_key_id = &signing.access_key_id;
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={access_key_id}/{scope}, SignedHeaders={signed}, Signature={signature}"
        );
        request.headers_mut().insert("authorization", authorization.parse().unwrap());
        request
    }
}

impl Signing {
    /// The credential scope and the signature of a canonical request.
    fn signature(&self, date: &str, canonical: &str) -> (String, String) {
        let Self { secret, region, service, .. } = self;
        let scope = format!("{}/{region}/{service}/aws4_request", &date[..8]);
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let key = [&date[..8], region, service, "aws4_request"]
            .iter()
            .fold(format!("AWS4{secret}").into_bytes(), |key, part| mac(&key, part.as_bytes()));
        (scope, hex(&mac(&key, to_sign.as_bytes())))
    }

    /// The same by another key (id and secret).
    pub fn by(mut self, (id, secret): &(String, String)) -> Self {
        (self.access_key_id, self.secret) = (id.clone(), secret.clone());
        self
    }
}

impl Reply {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).expect("an answer in text")
    }

    /// The texts of all elements of that name, in order.
    pub fn all(&self, element: &str) -> Vec<String> {
        let text = self.text();
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        text.split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap_or_default().to_owned()).collect()
    }

    /// The text of the only element of that name.
    pub fn one(&self, element: &str) -> String {
        let mut all = self.all(element);
        assert_eq!(all.len(), 1, "{element} in {}", self.text());
        all.remove(0)
    }

    /// Status and code of an error of the query or ec2 protocol.
    pub fn error(&self) -> (u16, String) {
        (self.status, self.all("Code").first().cloned().unwrap_or_default())
    }

    /// Status and code of an error in JSON.
    pub fn json_error(&self) -> (u16, String) {
        (self.status, self.json()["__type"].as_str().unwrap_or_default().rsplit('#').next().unwrap().to_owned())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The same reply, which must be a success.
    pub fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self
    }
}

/// A blob in JSON.
pub fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// The body of a form.
pub fn form_body(version: &str, action: &str, parameters: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", action).append_pair("Version", version);
    form.extend_pairs(parameters.iter().copied());
    form.finish()
}

/// An unsigned POST.
pub fn post(path: &str, content_type: &str, body: Vec<u8>) -> http::Request<Vec<u8>> {
    let request = http::Request::post(path).header("host", "127.0.0.1:4566").header("content-type", content_type);
    request.body(body).expect("a request")
}

fn mac(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
