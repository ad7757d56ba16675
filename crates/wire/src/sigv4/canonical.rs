//! The canonical request: one text that signer and verifier build in the same way.
//!
//! Path segments are percent-encoded once more over what was sent (all services but S3), dot segments and repeated
//! slashes removed; query parameters are decoded, encoded again with the unreserved set of RFC 3986 and sorted; header
//! values lose their outer blanks and keep one blank of each inner run.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use sha2::{Digest, Sha256};

use super::{SignatureError, presign};
use crate::request::Request;

/// Everything but the unreserved characters of RFC 3986 section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The canonical request for the given signed header names.
///
/// # Errors
/// [`SignatureError::Incomplete`] when a signed header is not in the request or `Host` is ambiguous.
pub(super) fn canonical_request(request: &Request<'_>, signed_headers: &[String]) -> Result<Vec<u8>, SignatureError> {
    let mut text = Vec::with_capacity(512);
    for line in [request.method, &canonical_path(request.path), &canonical_query(request.query)] {
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
    for name in signed_headers {
        append_header(&mut text, request, name)?;
    }
    text.push(b'\n');
    text.extend_from_slice(signed_headers.join(";").as_bytes());
    text.push(b'\n');
    text.extend_from_slice(hex(&Sha256::digest(request.body)).as_bytes());
    Ok(text)
}

/// Lower-case hexadecimal digits of some bytes.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

fn canonical_path(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    let encoded: Vec<String> = segments.iter().map(|segment| encode(segment.as_bytes())).collect();
    let ends_in_slash = path.ends_with('/') && !encoded.is_empty();
    format!("/{}{}", encoded.join("/"), if ends_in_slash { "/" } else { "" })
}

fn canonical_query(query: &str) -> String {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<(String, String)> = pairs.map(canonical_parameter).collect();
    pairs.retain(|(name, _)| name != presign::SIGNATURE);
    pairs.sort();
    let lines: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    lines.join("&")
}

fn canonical_parameter(pair: &str) -> (String, String) {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    (encode_again(name), encode_again(value))
}

/// Decodes a form component (a plus is a blank there) and encodes it in the one canonical way.
fn encode_again(text: &str) -> String {
    let with_blanks = text.replace('+', " ");
    let decoded: Vec<u8> = percent_decode(with_blanks.as_bytes()).collect();
    encode(&decoded)
}

fn encode(bytes: &[u8]) -> String {
    percent_encode(bytes, RESERVED).to_string()
}

fn append_header(text: &mut Vec<u8>, request: &Request<'_>, name: &str) -> Result<(), SignatureError> {
    text.extend_from_slice(name.as_bytes());
    text.push(b':');
    if matches!(name, "host" | ":authority") {
        text.extend_from_slice(host(request)?.as_bytes());
    } else {
        append_values(text, request, name)?;
    }
    text.push(b'\n');
    Ok(())
}

/// The host that was addressed. A second Host header could be what another hop routed by, so it is refused.
fn host<'a>(request: &Request<'a>) -> Result<&'a str, SignatureError> {
    let host = super::single_header(request, "host")?.or(request.authority);
    host.map(str::trim).ok_or_else(|| SignatureError::Incomplete("the request has no Host header".into()))
}

fn append_values(text: &mut Vec<u8>, request: &Request<'_>, name: &str) -> Result<(), SignatureError> {
    let values: Vec<Vec<u8>> = request.headers.get_all(name).iter().map(|value| collapse(value.as_bytes())).collect();
    if values.is_empty() {
        return Err(SignatureError::Incomplete(format!("the signed header field {name} is not in the request")));
    }
    text.extend_from_slice(&values.join(&b','));
    Ok(())
}

/// Removes outer blanks and leaves one blank of each inner run.
fn collapse(value: &[u8]) -> Vec<u8> {
    let words = value.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalized_and_encoded_once_more() {
        let cases = [
            ("/", "/"),
            ("", "/"),
            ("//", "/"),
            ("/./a//b/", "/a/b/"),
            ("/a/b/../../", "/"),
            ("/../../a", "/a"),
            ("/a%20b", "/a%2520b"),
            ("/service/Granite/operation/PutMetricData", "/service/Granite/operation/PutMetricData"),
            ("/-._~0aZ", "/-._~0aZ"),
            ("/arn:aws", "/arn%3Aaws"),
        ];
        for (sent, canonical) in cases {
            assert_eq!(canonical_path(sent), canonical, "{sent}");
        }
    }

    #[test]
    fn query_parameters_are_encoded_alike_and_sorted_without_the_signature() {
        let cases = [
            ("", ""),
            ("b=2&a=1", "a=1&b=2"),
            ("a=2&a=1&A=3", "A=3&a=1&a=2"),
            ("flag&x=", "flag=&x="),
            ("a=b+c&d=e%20f", "a=b%20c&d=e%20f"),
            ("k=%c3%a9%2f", "k=%C3%A9%2F"),
            ("a=1&X-Amz-Signature=abc&&", "a=1"),
            ("v=a=b", "v=a%3Db"),
        ];
        for (sent, canonical) in cases {
            assert_eq!(canonical_query(sent), canonical, "{sent}");
        }
    }

    #[test]
    fn header_values_are_trimmed_collapsed_and_joined_in_order() {
        let parts = http::Request::get("/")
            .header("host", "example.com")
            .header("my-header", "  a   b\t c ")
            .header("my-header", "d")
            .body(())
            .unwrap()
            .into_parts()
            .0;
        let request = Request::new(&parts, b"");
        let text = canonical_request(&request, &["host".into(), "my-header".into()]).unwrap();
        let empty_body = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let expected = format!("GET\n/\n\nhost:example.com\nmy-header:a b c,d\n\nhost;my-header\n{empty_body}");
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn two_host_headers_are_refused() {
        let builder = http::Request::get("/").header("host", "a").header("host", "b");
        let parts = builder.body(()).unwrap().into_parts().0;
        let result = canonical_request(&Request::new(&parts, b""), &["host".into()]);
        assert!(matches!(result, Err(SignatureError::Incomplete(_))), "{result:?}");
    }
}
