//! AWS Signature Version 4, the server's side: who claims to have signed a request, and is it true.
//!
//! Three steps, so that the caller can look the secret up in between: [`parse`] reads the claim from the
//! `Authorization` header or from a presigned query string, [`Claim::check`] tests scope and time, [`Claim::verify`]
//! recomputes the signature. Nothing here knows accounts, keys or clocks; `now` is always a parameter.
//!
//! Only the signature over the whole body is accepted: no `UNSIGNED-PAYLOAD`, no chunk signatures (those are S3's).
//! Source: AWS General Reference, "Signature Version 4 signing process".

// Written here and not taken from a crate: of the verifiers published for Rust, one is made for S3, and the other does
// not know `X-Amz-Expires`, wants the secret from an async `tower` service in the middle of the check, folds form bodies
// into the query string and answers with one set of error codes. What is left is the canonical form, and that is held
// to signatures of the real botocore in `tests/signatures.rs`. HMAC, SHA-256 and the comparison are crates.

mod canonical;
mod error;
mod header;
mod presign;
mod verify;

use std::fmt;

use jiff::Timestamp;

pub use error::SignatureError;
pub(crate) use presign::is_signature_parameter;

use crate::request::Request;

/// How far the clock of a signer may be from ours, in seconds, in both directions.
pub const MAX_CLOCK_SKEW_SECONDS: i64 = 15 * 60;
/// Longest lifetime of a presigned request, in seconds (seven days).
pub const MAX_PRESIGNED_SECONDS: i64 = 7 * 24 * 60 * 60;
/// Most header fields one signature may name.
pub const MAX_SIGNED_HEADERS: usize = 128;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TERMINATOR: &str = "aws4_request";

/// Where the signature stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// In the `Authorization` header.
    Header,
    /// In the query string, good for so many seconds (1 to [`MAX_PRESIGNED_SECONDS`]) after the signing time.
    Presigned {
        /// `X-Amz-Expires`, in seconds.
        expires_seconds: i64,
    },
}

/// What a signer claims, not yet verified. `Debug` shows neither the signature nor the session token.
#[derive(Clone, PartialEq, Eq)]
pub struct Claim {
    /// Access key id; names the secret to look up.
    pub access_key: String,
    /// Day of the credential scope, `YYYYMMDD`.
    pub date: String,
    /// Region of the credential scope, for example `eu-central-1`.
    pub region: String,
    /// Signing name of the service, for example `elasticloadbalancing`.
    pub service: String,
    /// Moment of signing, to the second.
    pub signed_at: Timestamp,
    /// Names of the signed header fields: lower case, sorted, each once.
    pub signed_headers: Vec<String>,
    /// Session token of temporary credentials; compare it with [`same_secret`].
    pub session_token: Option<String>,
    /// Header or presigned.
    pub placement: Placement,
    /// The signing time as it went into the string to sign, `YYYYMMDDTHHMMSSZ`.
    timestamp: String,
    signature: [u8; 32],
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("access_key", &self.access_key)
            .field("date", &self.date)
            .field("region", &self.region)
            .field("service", &self.service)
            .field("signed_at", &self.timestamp)
            .field("signed_headers", &self.signed_headers)
            .field("has_session_token", &self.session_token.is_some())
            .field("placement", &self.placement)
            .finish_non_exhaustive()
    }
}

/// True when a request carries a signature of any kind, good or bad; used with `auth.mode = "none"`.
pub fn is_signed(request: &Request<'_>) -> bool {
    request.headers.contains_key("authorization") || presign::is_presigned(request.query)
}

/// Reads what the signer of a request claims.
///
/// # Errors
/// [`SignatureError::Missing`] for an unsigned request, [`SignatureError::Incomplete`] for one signed by two methods
/// at once or with a part missing, repeated or malformed.
pub fn parse(request: &Request<'_>) -> Result<Claim, SignatureError> {
    match (request.headers.contains_key("authorization"), presign::is_presigned(request.query)) {
        (true, false) => header::parse(request),
        (false, true) => presign::parse(request),
        (false, false) => Err(SignatureError::Missing),
        (true, true) => Err(SignatureError::Incomplete(
            "the request is signed both in the Authorization header and in the query string; use one of them".into(),
        )),
    }
}

/// Compares two secrets (session tokens, keys) in a time that does not depend on where they differ.
pub fn same_secret(one: &str, other: &str) -> bool {
    subtle::ConstantTimeEq::ct_eq(one.as_bytes(), other.as_bytes()).into()
}

/// Reads `YYYYMMDDTHHMMSSZ`, the only form of time in a signature.
fn parse_basic_time(text: &str) -> Result<Timestamp, SignatureError> {
    let malformed = || SignatureError::Incomplete("the signing time must have the form YYYYMMDDTHHMMSSZ".into());
    let shape_fits = text.len() == 16
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 => byte == b'T',
            15 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        });
    if !shape_fits {
        return Err(malformed());
    }
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).map_err(|_| malformed())?;
    jiff::tz::TimeZone::UTC.to_timestamp(civil).map_err(|_| malformed())
}

/// Writes a moment in the form of signatures, `YYYYMMDDTHHMMSSZ`.
fn basic_time(moment: Timestamp) -> String {
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The parts of `Credential=`: access key, day, region, service.
struct Credential {
    access_key: String,
    date: String,
    region: String,
    service: String,
}

impl Credential {
    fn parse(text: &str) -> Result<Self, SignatureError> {
        let parts: Vec<&str> = text.split('/').collect();
        let [access_key, date, region, service, terminator] = parts[..] else {
            return Err(SignatureError::Incomplete(
                "the credential must be ACCESSKEY/YYYYMMDD/region/service/aws4_request".into(),
            ));
        };
        if terminator != TERMINATOR {
            return Err(SignatureError::WrongScope("the credential scope must end with aws4_request".into()));
        }
        if access_key.is_empty() || date.is_empty() || region.is_empty() || service.is_empty() {
            return Err(SignatureError::Incomplete("a part of the credential is empty".into()));
        }
        Ok(Self { access_key: access_key.into(), date: date.into(), region: region.into(), service: service.into() })
    }
}

/// Reads `SignedHeaders`: lower case, sorted, without repeats, and with `host`.
fn parse_signed_headers(text: &str) -> Result<Vec<String>, SignatureError> {
    let incomplete = |why: &str| Err(SignatureError::Incomplete(why.into()));
    let names: Vec<String> = text.split(';').map(str::to_owned).collect();
    if names.len() > MAX_SIGNED_HEADERS {
        return incomplete("SignedHeaders names too many header fields");
    }
    if names.iter().any(|name| name.is_empty() || name.bytes().any(|byte| byte.is_ascii_uppercase())) {
        return incomplete("SignedHeaders must be lower-case names separated by semicolons");
    }
    if names.windows(2).any(|pair| pair[0] >= pair[1]) {
        return incomplete("SignedHeaders must be sorted and name each header field once");
    }
    if !names.iter().any(|name| name == "host" || name == ":authority") {
        return incomplete("the Host header must be signed");
    }
    Ok(names)
}

/// Reads the signature itself: 64 hexadecimal digits in lower case.
fn parse_signature(text: &str) -> Result<[u8; 32], SignatureError> {
    let malformed = || SignatureError::Incomplete("the signature must be 64 hexadecimal digits in lower case".into());
    if text.len() != 64 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(malformed());
    }
    let mut signature = [0; 32];
    for (index, byte) in signature.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).map_err(|_| malformed())?;
    }
    Ok(signature)
}

/// The one value of a header field that must not repeat; `None` when it is absent.
fn single_header<'a>(request: &Request<'a>, name: &str) -> Result<Option<&'a str>, SignatureError> {
    let mut values = request.headers.get_all(name).iter();
    let Some(first) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(SignatureError::Incomplete(format!("the header field {name} is sent more than once")));
    }
    let text = std::str::from_utf8(first.as_bytes());
    text.map(Some).map_err(|_| SignatureError::Incomplete(format!("the header field {name} is not text")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_basic_form_of_time_is_read() {
        assert_eq!(basic_time(parse_basic_time("20260102T030405Z").unwrap()), "20260102T030405Z");
        let bad =
            ["", "2026-01-02T03:04:05Z", "20260230T000000Z", "20260102T030405", "20260102T250000Z", "+0260102T030405Z"];
        for text in bad {
            assert!(parse_basic_time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn signed_headers_must_be_sorted_single_and_hold_host() {
        assert_eq!(parse_signed_headers("accept;host").unwrap(), ["accept", "host"]);
        for text in ["", "accept", "host;accept", "host;host", "Host", "accept;;host"] {
            assert!(matches!(parse_signed_headers(text), Err(SignatureError::Incomplete(_))), "{text}");
        }
        let many: Vec<String> = (0..=MAX_SIGNED_HEADERS).map(|index| format!("h{index:04}")).collect();
        assert!(parse_signed_headers(&many.join(";")).is_err());
    }

    #[test]
    fn secrets_compare_by_content() {
        assert!(same_secret("token", "token"));
        assert!(!same_secret("token", "tokem") && !same_secret("token", "token2"));
    }
}
