//! `Content-Encoding` of a request body. The SDKs compress large `PutMetricData` bodies with gzip.
//!
//! What comes out is bounded, so a small body cannot become a large one.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use wire::shape::Fault;
use wire::{AwsError, Request};

/// The longest body after its encoding is undone, in bytes.
pub const MAXIMUM_CONTENT_BYTES: usize = 10 << 20;

/// The decoded body; `None` when it is not encoded.
///
/// # Errors
/// `UnsupportedMediaType` (415) for any other encoding than gzip, `RequestEntityTooLarge` (413) beyond
/// [`MAXIMUM_CONTENT_BYTES`], `MalformedInput` for what is not gzip.
pub(crate) fn undo_encoding(request: &Request<'_>) -> Result<Option<Vec<u8>>, AwsError> {
    let Some(encoding) = request.headers.get("content-encoding") else { return Ok(None) };
    match encoding.to_str().map(|text| text.trim().to_ascii_lowercase()).as_deref() {
        Ok("" | "identity") => Ok(None),
        Ok("gzip") => unzip(request.body).map(Some),
        Ok(_) | Err(_) => {
            let message = "the content encoding must be gzip or absent";
            Err(AwsError::new("UnsupportedMediaType", 415, Fault::Sender, message))
        }
    }
}

fn unzip(body: &[u8]) -> Result<Vec<u8>, AwsError> {
    let mut content = Vec::new();
    let limit = MAXIMUM_CONTENT_BYTES as u64 + 1;
    let read = MultiGzDecoder::new(body).take(limit).read_to_end(&mut content);
    match read {
        Ok(_) if content.len() > MAXIMUM_CONTENT_BYTES => Err(AwsError::new(
            "RequestEntityTooLarge",
            413,
            Fault::Sender,
            format!("the body is longer than {MAXIMUM_CONTENT_BYTES} bytes when it is decompressed"),
        )),
        Ok(_) => Ok(content),
        Err(_) => {
            Err(AwsError::sender("MalformedInput", "the body is not valid gzip").with_shape("SerializationException"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn zip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn undo(encoding: Option<&str>, body: &[u8]) -> Result<Option<Vec<u8>>, String> {
        let mut head = http::Request::post("/");
        if let Some(encoding) = encoding {
            head = head.header("content-encoding", encoding);
        }
        let parts = head.body(()).unwrap().into_parts().0;
        undo_encoding(&Request::new(&parts, body)).map_err(|error| error.code.into_owned())
    }

    #[test]
    fn only_gzip_is_undone() {
        assert_eq!(undo(None, b"x"), Ok(None));
        assert_eq!(undo(Some("identity"), b"x"), Ok(None));
        assert_eq!(undo(Some("gzip"), &zip(b"Action=X")), Ok(Some(b"Action=X".to_vec())));
        assert_eq!(undo(Some(" GZIP"), &zip(b"")), Ok(Some(Vec::new())));
        assert_eq!(undo(Some("br"), b"x"), Err("UnsupportedMediaType".into()));
        assert_eq!(undo(Some("gzip, gzip"), &zip(&zip(b"x"))), Err("UnsupportedMediaType".into()));
    }

    #[test]
    fn broken_gzip_is_refused() {
        let whole = zip(b"Action=PutMetricData");
        for body in [&b"plain"[..], b"", &whole[..whole.len() - 4], &whole[..12]] {
            assert_eq!(undo(Some("gzip"), body), Err("MalformedInput".into()), "{} bytes", body.len());
        }
    }

    #[test]
    fn a_small_body_cannot_become_a_large_one() {
        assert_eq!(
            undo(Some("gzip"), &zip(&vec![0; MAXIMUM_CONTENT_BYTES])).map(|c| c.map(|c| c.len())),
            Ok(Some(MAXIMUM_CONTENT_BYTES))
        );
        assert_eq!(undo(Some("gzip"), &zip(&vec![0; MAXIMUM_CONTENT_BYTES + 1])), Err("RequestEntityTooLarge".into()));
    }
}
