//! The vectors that `e2e/wire_vectors.py` lets botocore write.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value as Json;
use wire::Request;

/// Where the vectors are, from whichever crate the test runs in.
pub fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../wire/tests/vectors").join(file)
}

/// All vectors of a file; an empty file would make a test that cannot fail.
pub fn load(file: &str) -> Vec<Json> {
    let text = std::fs::read_to_string(path(file)).unwrap();
    let vectors: Vec<Json> = serde_json::from_str(&text).unwrap();
    assert!(!vectors.is_empty(), "{file} is empty");
    vectors
}

/// A text member.
pub fn text<'a>(vector: &'a Json, name: &str) -> &'a str {
    vector[name].as_str().unwrap_or_else(|| panic!("no text {name} in {vector}"))
}

/// A request as the client sent it, free to be altered.
#[derive(Clone)]
pub struct Sent {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: http::HeaderMap,
    pub body: Vec<u8>,
}

impl Sent {
    /// The `request` of a vector.
    pub fn of(vector: &Json) -> Self {
        let request = &vector["request"];
        let mut headers = http::HeaderMap::new();
        for pair in request["headers"].as_array().unwrap() {
            let name: http::HeaderName = pair[0].as_str().unwrap().parse().unwrap();
            headers.append(name, pair[1].as_str().unwrap().parse().unwrap());
        }
        Self {
            method: text(request, "method").into(),
            path: text(request, "path").into(),
            query: text(request, "query").into(),
            headers,
            body: BASE64.decode(text(request, "body")).unwrap(),
        }
    }

    /// Replaces a header.
    pub fn set(&mut self, name: &'static str, value: &str) {
        self.headers.insert(name, value.parse().unwrap());
    }

    pub fn request(&self) -> Request<'_> {
        Request {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            authority: None,
            headers: &self.headers,
            body: &self.body,
            content: &self.body,
        }
    }
}
