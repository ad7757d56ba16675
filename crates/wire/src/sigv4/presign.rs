//! The claim in a presigned query string: `X-Amz-Algorithm`, `X-Amz-Credential`, `X-Amz-Date`, `X-Amz-Expires`,
//! `X-Amz-SignedHeaders`, `X-Amz-Security-Token` and `X-Amz-Signature`.
//!
//! Names are matched exactly as AWS writes them; a name that repeats is refused, since two readers could choose
//! different ones.

use super::{ALGORITHM, Claim, Credential, MAX_CLOCK_SKEW_SECONDS, MAX_PRESIGNED_SECONDS, Placement, SignatureError};
use crate::request::Request;

/// Parameter that holds the signature, and the only one that is not signed.
pub(super) const SIGNATURE: &str = "X-Amz-Signature";

/// True when the query string carries any of the parameters that only presigned requests have.
pub(super) fn is_presigned(query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes())
        .any(|(name, _)| matches!(&*name, SIGNATURE | "X-Amz-Algorithm" | "X-Amz-Credential"))
}

/// True for the parameters of a signature, which are not parameters of the operation.
pub(crate) fn is_signature_parameter(name: &str) -> bool {
    matches!(
        name,
        SIGNATURE
            | "X-Amz-Algorithm"
            | "X-Amz-Credential"
            | "X-Amz-Date"
            | "X-Amz-Expires"
            | "X-Amz-SignedHeaders"
            | "X-Amz-Security-Token"
    )
}

/// Reads the claim from the query string.
pub(super) fn parse(request: &Request<'_>) -> Result<Claim, SignatureError> {
    if required(request.query, "X-Amz-Algorithm")? != ALGORITHM {
        return Err(SignatureError::Incomplete(format!("X-Amz-Algorithm must be {ALGORITHM}")));
    }
    let credential = Credential::parse(&required(request.query, "X-Amz-Credential")?)?;
    let timestamp = required(request.query, "X-Amz-Date")?;
    Ok(Claim {
        access_key: credential.access_key,
        date: credential.date,
        region: credential.region,
        service: credential.service,
        signed_at: super::parse_basic_time(&timestamp)?,
        signed_headers: super::parse_signed_headers(&required(request.query, "X-Amz-SignedHeaders")?)?,
        session_token: optional(request.query, "X-Amz-Security-Token")?,
        placement: Placement::Presigned { expires_seconds: expires(request.query)? },
        timestamp,
        signature: super::parse_signature(&required(request.query, SIGNATURE)?)?,
    })
}

/// `X-Amz-Expires`; a request without it lives as long as one signed in its header.
fn expires(query: &str) -> Result<i64, SignatureError> {
    let Some(text) = optional(query, "X-Amz-Expires")? else { return Ok(MAX_CLOCK_SKEW_SECONDS) };
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<i64>() {
        Ok(seconds) if plain && (1..=MAX_PRESIGNED_SECONDS).contains(&seconds) => Ok(seconds),
        Ok(_) | Err(_) => Err(SignatureError::Incomplete(format!(
            "X-Amz-Expires must be a number of seconds from 1 to {MAX_PRESIGNED_SECONDS}"
        ))),
    }
}

fn required(query: &str, name: &str) -> Result<String, SignatureError> {
    let value = optional(query, name)?.filter(|value| !value.is_empty());
    value.ok_or_else(|| SignatureError::Incomplete(format!("the presigned query string lacks {name}")))
}

fn optional(query: &str, name: &str) -> Result<Option<String>, SignatureError> {
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(found, _)| found == name);
    let first = values.next().map(|(_, value)| value.into_owned());
    match values.next() {
        Some(_) => Err(SignatureError::Incomplete(format!("the query string repeats {name}"))),
        None => Ok(first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(expires: &str) -> String {
        format!(
            "Action=X&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260102%2Feu-west-1%2Fsts%2Faws4_request\
             &X-Amz-Date=20260102T030405Z&X-Amz-SignedHeaders=host&X-Amz-Signature={}{expires}",
            "ab".repeat(32)
        )
    }

    fn parse_query(query: &str) -> Result<Claim, SignatureError> {
        let parts = http::Request::get(format!("/?{query}")).header("host", "x").body(()).unwrap().into_parts().0;
        parse(&Request::new(&parts, b""))
    }

    #[test]
    fn lifetime_is_one_second_to_seven_days() {
        for (text, expected) in [("", 900), ("&X-Amz-Expires=1", 1), ("&X-Amz-Expires=604800", 604_800)] {
            let claim = parse_query(&query(text)).unwrap();
            assert_eq!(claim.placement, Placement::Presigned { expires_seconds: expected }, "{text}");
        }
        for text in ["0", "604801", "-1", "%2B5", "1e3", "", "99999999999999999999"] {
            let result = parse_query(&query(&format!("&X-Amz-Expires={text}")));
            assert!(matches!(result, Err(SignatureError::Incomplete(_))), "{text}: {result:?}");
        }
    }

    #[test]
    fn missing_and_repeated_parameters_are_an_incomplete_signature() {
        let good = query("");
        for name in ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature"] {
            let without = good.replace(name, "Other");
            assert!(matches!(parse_query(&without), Err(SignatureError::Incomplete(_))), "without {name}");
            let twice = format!("{good}&{name}=x");
            assert!(matches!(parse_query(&twice), Err(SignatureError::Incomplete(_))), "twice {name}");
        }
    }

    #[test]
    fn a_query_string_without_signature_parameters_is_not_presigned() {
        assert!(is_presigned(&query("")) && is_presigned("X-Amz-Signature=x"));
        assert!(!is_presigned("Action=DescribeInstances&X-Amz-Date=1") && !is_presigned(""));
    }
}
