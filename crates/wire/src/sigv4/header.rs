//! The claim in an `Authorization` header: `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.

use jiff::Timestamp;

use super::{ALGORITHM, Claim, Credential, Placement, SignatureError};
use crate::request::Request;

/// Reads the header, the signing time from `X-Amz-Date` (or else `Date`) and the session token.
pub(super) fn parse(request: &Request<'_>) -> Result<Claim, SignatureError> {
    let header = super::single_header(request, "authorization")?.ok_or(SignatureError::Missing)?;
    let fields = Fields::parse(header)?;
    let credential = Credential::parse(fields.credential)?;
    let signed_at = signing_time(request)?;
    Ok(Claim {
        access_key: credential.access_key,
        date: credential.date,
        region: credential.region,
        service: credential.service,
        signed_at,
        signed_headers: super::parse_signed_headers(fields.signed_headers)?,
        session_token: super::single_header(request, "x-amz-security-token")?.map(str::to_owned),
        placement: Placement::Header,
        timestamp: super::basic_time(signed_at),
        signature: super::parse_signature(fields.signature)?,
    })
}

struct Fields<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Fields<'a> {
    fn parse(header: &'a str) -> Result<Self, SignatureError> {
        let (algorithm, rest) = header.trim().split_once([' ', '\t']).unwrap_or((header.trim(), ""));
        if algorithm != ALGORITHM {
            return Err(SignatureError::Incomplete(format!("the Authorization header must begin with {ALGORITHM}")));
        }
        Ok(Self {
            credential: field(rest, "Credential")?,
            signed_headers: field(rest, "SignedHeaders")?,
            signature: field(rest, "Signature")?,
        })
    }
}

/// The value of one `name=value` in a list separated by commas; it must be there exactly once.
fn field<'a>(list: &'a str, name: &str) -> Result<&'a str, SignatureError> {
    let pairs = list.split(',').filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(found, _)| *found == name).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() => Ok(value),
        (Some(_), Some(_)) => Err(SignatureError::Incomplete(format!("the Authorization header repeats {name}"))),
        (Some(_) | None, _) => Err(SignatureError::Incomplete(format!("the Authorization header lacks {name}"))),
    }
}

fn signing_time(request: &Request<'_>) -> Result<Timestamp, SignatureError> {
    if let Some(text) = super::single_header(request, "x-amz-date")? {
        return super::parse_basic_time(text);
    }
    let Some(text) = super::single_header(request, "date")? else {
        return Err(SignatureError::Incomplete("a signed request needs an X-Amz-Date or a Date header".into()));
    };
    super::parse_basic_time(text).or_else(|_| http_date(text))
}

/// Reads `Fri, 20 Nov 2026 12:00:00 GMT` (RFC 9110 section 5.6.7), which older signers put into `Date`.
fn http_date(text: &str) -> Result<Timestamp, SignatureError> {
    let zoned = jiff::fmt::rfc2822::parse(text);
    zoned
        .map(|moment| moment.timestamp())
        .map_err(|_| SignatureError::Incomplete("the Date header is not a date".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNATURE: &str = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

    fn parse_header(authorization: &str, dates: &[(&str, &str)]) -> Result<Claim, SignatureError> {
        let mut builder = http::Request::post("/").header("host", "x").header("authorization", authorization);
        for (name, value) in dates {
            builder = builder.header(*name, *value);
        }
        let parts = builder.body(()).unwrap().into_parts().0;
        parse(&Request::new(&parts, b""))
    }

    fn good() -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/sts/aws4_request,SignedHeaders=host,\tSignature={SIGNATURE}"
        )
    }

    #[test]
    fn a_complete_header_gives_its_parts() {
        let claim =
            parse_header(&good(), &[("x-amz-date", "20260102T030405Z"), ("x-amz-security-token", "tok")]).unwrap();
        assert_eq!(
            (claim.access_key.as_str(), claim.region.as_str(), claim.service.as_str()),
            ("AKID", "eu-west-1", "sts")
        );
        assert_eq!(claim.session_token.as_deref(), Some("tok"));
        assert_eq!(claim.placement, Placement::Header);
    }

    #[test]
    fn debug_output_holds_neither_signature_nor_token() {
        let claim =
            parse_header(&good(), &[("x-amz-date", "20260102T030405Z"), ("x-amz-security-token", "s3cr3t")]).unwrap();
        let shown = format!("{claim:?}");
        assert!(shown.contains("AKID") && !shown.contains("s3cr3t") && !shown.contains(SIGNATURE), "{shown}");
        assert!(!shown.contains(&format!("{:?}", claim.signature)), "{shown}");
    }

    #[test]
    fn the_date_header_serves_when_there_is_no_other() {
        let claim = parse_header(&good(), &[("date", "Fri, 02 Jan 2026 03:04:05 GMT")]).unwrap();
        assert_eq!(claim.timestamp, "20260102T030405Z");
    }

    #[test]
    fn every_missing_or_malformed_part_is_an_incomplete_signature() {
        let good = good();
        let date = [("x-amz-date", "20260102T030405Z")];
        let cases = [
            "Basic dXNlcjpwYXNz".to_owned(),
            "AWS4-HMAC-SHA256".to_owned(),
            good.replace("SHA256", "SHA512"),
            good.replace("Credential", "Kredential"),
            good.replace("SignedHeaders=host,", ""),
            good.replace("Signature=", "Signatur="),
            good.replace("/sts", ""),
            good.replace("AKID", ""),
            good.replace("5d672d", "5d672"),
            good.replace("5d672d", "5D672D"),
            format!("{good}, Signature={SIGNATURE}"),
        ];
        for header in cases {
            let result = parse_header(&header, &date);
            assert!(matches!(result, Err(SignatureError::Incomplete(_))), "{header}: {result:?}");
        }
        for dates in [
            &[][..],
            &[("x-amz-date", "yesterday")],
            &[("x-amz-date", "20260102T030405Z"), ("x-amz-date", "20260102T030405Z")],
        ] {
            assert!(matches!(parse_header(&good, dates), Err(SignatureError::Incomplete(_))), "{dates:?}");
        }
    }
}
