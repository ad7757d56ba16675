//! The `fixed-response` action: an answer that the owner wrote.
//!
//! Source: ELB user guide, "Fixed-response actions".

use super::answer::Answer;
use model::elbv2::action::FixedResponse;

/// A fixed response, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledFixedResponse {
    status: u16,
    content_type: Option<Box<str>>,
    content_length: Option<Box<str>>,
    body: Box<[u8]>,
}

/// A fixed response that cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FixedResponseError {
    /// A status that is neither 200 to 299 nor 400 to 599.
    #[error("{0} is not the status of a fixed response")]
    Status(u16),
    /// A content type that no header field may hold.
    #[error("`{0}` is not a content type")]
    ContentType(String),
}

impl CompiledFixedResponse {
    /// Makes it ready.
    ///
    /// # Errors
    /// Its status or its content type cannot be sent.
    pub fn compile(plan: &FixedResponse) -> Result<Self, FixedResponseError> {
        let FixedResponse { status, content_type, body } = plan;
        if !matches!(status, 200..=299 | 400..=599) {
            return Err(FixedResponseError::Status(*status));
        }
        if let Some(bad) = content_type.as_ref().filter(|text| !text.bytes().all(|b| (b' '..=b'~').contains(&b))) {
            return Err(FixedResponseError::ContentType(bad.clone()));
        }
        // 204 and 205 have no body; 204 has not even a length (RFC 9110 sections 8.6, 15.3.5 and 15.3.6).
        let body = if matches!(status, 204 | 205) { "" } else { body };
        Ok(Self {
            status: *status,
            content_type: content_type.as_deref().filter(|_| !matches!(status, 204 | 205)).map(Box::from),
            content_length: (*status != 204).then(|| body.len().to_string().into()),
            body: body.as_bytes().into(),
        })
    }

    /// The answer to every request.
    pub fn answer(&self) -> Answer<'_> {
        Answer {
            status: self.status,
            phrase: phrase(self.status),
            content_type: self.content_type.as_deref(),
            content_length: self.content_length.as_deref(),
            location: None,
            body: &self.body,
        }
    }
}

/// The words beside a status (IANA's registry of status codes; 503 as AWS words it); empty for one that has none.
pub const fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        207 => "Multi-Status",
        208 => "Already Reported",
        226 => "IM Used",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        418 => "I'm a teapot",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        423 => "Locked",
        424 => "Failed Dependency",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Temporarily Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        506 => "Variant Also Negotiates",
        507 => "Insufficient Storage",
        508 => "Loop Detected",
        510 => "Not Extended",
        511 => "Network Authentication Required",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(status: u16, content_type: Option<&str>, body: &str) -> FixedResponse {
        FixedResponse { status, content_type: content_type.map(str::to_owned), body: body.to_owned() }
    }

    #[test]
    fn the_owners_text_is_sent_as_it_is() {
        let plan = plan(404, Some("application/json"), r#"{"error":"n\u00f6"}"#);
        let compiled = CompiledFixedResponse::compile(&plan).unwrap();
        let answer = compiled.answer();
        assert_eq!((answer.status, answer.phrase, answer.content_type), (404, "Not Found", Some("application/json")));
        assert_eq!((answer.content_length, answer.body), (Some("19"), plan.body.as_bytes()));
        assert_eq!(answer.location, None);
    }

    #[test]
    fn statuses_without_a_body_send_none() {
        for (status, content_length) in [(204, None), (205, Some("0")), (200, Some("1"))] {
            let compiled = CompiledFixedResponse::compile(&plan(status, Some("text/plain"), "x")).unwrap();
            let answer = compiled.answer();
            assert_eq!(answer.content_length, content_length, "{status}");
            assert_eq!(answer.body.is_empty(), status != 200, "{status}");
            assert_eq!(answer.content_type.is_some(), status == 200, "{status}");
        }
        let empty = CompiledFixedResponse::compile(&plan(503, None, "")).unwrap();
        let expected = Answer {
            status: 503,
            phrase: "Service Temporarily Unavailable",
            content_type: None,
            content_length: Some("0"),
            location: None,
            body: b"",
        };
        assert_eq!(empty.answer(), expected);
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        for status in [0, 100, 199, 300, 301, 399, 600, 999] {
            let error = CompiledFixedResponse::compile(&plan(status, None, "")).unwrap_err();
            assert_eq!(error, FixedResponseError::Status(status));
        }
        for text in ["text/plain\r\nX: y", "text/pl\u{e4}in", "\t"] {
            let error = CompiledFixedResponse::compile(&plan(200, Some(text), "")).unwrap_err();
            assert_eq!(error, FixedResponseError::ContentType(text.to_owned()));
        }
        // A status that nobody named has no words, which is allowed (RFC 9112 section 4).
        assert_eq!(CompiledFixedResponse::compile(&plan(299, None, "")).unwrap().answer().phrase, "");
    }
}
