//! The `fixed-response` action: an answer that the owner wrote.
//!
//! Source: ELB user guide, "Fixed-response actions".

use crate::http::{own_answer::OwnAnswer, status::phrase};
use model::elbv2::action::FixedResponse;
use std::borrow::Cow;

/// A fixed response, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledFixedResponse {
    status: u16,
    content_type: Option<Box<str>>,
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
        // 204 and 205 have no body (RFC 9110 sections 15.3.5 and 15.3.6).
        let body = if matches!(status, 204 | 205) { "" } else { body };
        Ok(Self {
            status: *status,
            content_type: content_type.as_deref().filter(|_| !matches!(status, 204 | 205)).map(Box::from),
            body: body.as_bytes().into(),
        })
    }

    /// The answer to every request.
    pub fn answer(&self) -> OwnAnswer<'_> {
        OwnAnswer {
            status: self.status,
            phrase: phrase(self.status),
            content_type: self.content_type.as_deref(),
            location: None,
            retry_after: None,
            body: Cow::Borrowed(&self.body),
        }
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
        assert_eq!(*answer.body, *plan.body.as_bytes());
        assert_eq!(answer.location, None);
    }

    #[test]
    fn statuses_without_a_body_send_none() {
        for (status, has_length) in [(204, false), (205, true), (200, true)] {
            let compiled = CompiledFixedResponse::compile(&plan(status, Some("text/plain"), "x")).unwrap();
            let answer = compiled.answer();
            assert_eq!(answer.has_length(), has_length, "{status}");
            assert_eq!(answer.body.is_empty(), status != 200, "{status}");
            assert_eq!(answer.content_type.is_some(), status == 200, "{status}");
        }
        let empty = CompiledFixedResponse::compile(&plan(503, None, "")).unwrap();
        let expected = OwnAnswer {
            status: 503,
            phrase: "Service Temporarily Unavailable",
            content_type: None,
            location: None,
            retry_after: None,
            body: Cow::default(),
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
