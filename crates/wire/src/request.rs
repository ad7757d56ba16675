//! One HTTP request as the wire layer sees it: borrowed parts, the body already read.
//!
//! Signatures, identification and the codecs all look at the same request, so it is described once here. Reading the
//! socket, limiting the size of the body and undoing content encodings happen before, in the server's endpoint.

use http::HeaderMap;

/// An HTTP request with its whole body. `path` and `query` are the bytes of the request target, still percent-encoded:
/// signatures are computed over what was sent, not over what it means.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Method in upper case, as sent.
    pub method: &'a str,
    /// Path of the request target, percent-encoded, beginning with `/`.
    pub path: &'a str,
    /// Query string without the `?`; empty when there is none.
    pub query: &'a str,
    /// Authority of an absolute-form or HTTP/2 request target; used only when there is no `Host` header.
    pub authority: Option<&'a str>,
    /// All header fields, in the order received for fields that repeat.
    pub headers: &'a HeaderMap,
    /// The whole body as received, over which signatures are computed; its size was limited before.
    pub body: &'a [u8],
    /// The body with its `Content-Encoding` undone: what the codecs read. The same as `body` when there is none.
    pub content: &'a [u8],
}

impl<'a> Request<'a> {
    /// Describes a request parsed by the `http` crate, together with its body.
    pub fn new(parts: &'a http::request::Parts, body: &'a [u8]) -> Self {
        Self {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or(""),
            authority: parts.uri.authority().map(|authority| authority.as_str()),
            headers: &parts.headers,
            body,
            content: body,
        }
    }

    /// The same request whose body was compressed: signed as received, read as `content`. (The SDKs compress large
    /// `PutMetricData` bodies with gzip and sign the compressed bytes.)
    pub fn with_content(self, content: &'a [u8]) -> Self {
        Self { content, ..self }
    }

    /// The first field of that name as text; `None` if it is absent or not UTF-8.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
    }

    /// The media type of the body in lower case without its parameters; empty when there is no `Content-Type`.
    pub fn media_type(&self) -> String {
        let value = self.header("content-type").unwrap_or("");
        value.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
    }

    /// The `charset` parameter of `Content-Type` in lower case without quotes, if there is one.
    pub fn charset(&self) -> Option<String> {
        let parameters = self.header("content-type")?.split(';').skip(1);
        parameters
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
            .map(|(_, value)| value.trim().trim_matches('"').to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(content_type: &str) -> http::request::Parts {
        let request = http::Request::post("/a%20b?x=%31").header("content-type", content_type).body(()).unwrap();
        request.into_parts().0
    }

    #[test]
    fn path_and_query_stay_encoded() {
        let parts = parts("text/plain");
        let request = Request::new(&parts, b"");
        assert_eq!((request.method, request.path, request.query), ("POST", "/a%20b", "x=%31"));
    }

    #[test]
    fn media_type_and_charset_are_found_in_any_spelling() {
        let cases = [
            ("application/x-www-form-urlencoded; charset=utf-8", "application/x-www-form-urlencoded", Some("utf-8")),
            ("Application/X-Amz-JSON-1.0", "application/x-amz-json-1.0", None),
            ("text/xml ; boundary=x; Charset=\"UTF-16\"", "text/xml", Some("utf-16")),
        ];
        for (sent, media_type, charset) in cases {
            let parts = parts(sent);
            let request = Request::new(&parts, b"");
            assert_eq!(request.media_type(), media_type, "{sent}");
            assert_eq!(request.charset().as_deref(), charset, "{sent}");
        }
    }
}
