//! User data: base64 on the wire, bytes in the record.

use api::ec2::ErrorCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::ec2::instance::MAXIMUM_USER_DATA_BYTES;
use wire::AwsError;

use super::errors::invalid;

/// User data as a request gives it; an empty text is none. Line breaks in the base64 are skipped, as tools make them.
///
/// # Errors
/// `InvalidUserData.Malformed` for what is not base64, `InvalidParameterValue` for too much. Neither shows the data.
pub(super) fn decode(text: &str) -> Result<Option<Vec<u8>>, AwsError> {
    // Longer base64 cannot be within the limit, so it need not be decoded.
    if text.len() > 2 * MAXIMUM_USER_DATA_BYTES {
        return Err(too_much());
    }
    let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let malformed = |_| ErrorCode::InvalidUserDataMalformed.error("UserData is not base64");
    limited(STANDARD.decode(text).map_err(malformed)?)
}

/// User data that is decoded already.
///
/// # Errors
/// `InvalidParameterValue` for too much.
pub(super) fn limited(data: Vec<u8>) -> Result<Option<Vec<u8>>, AwsError> {
    if data.len() > MAXIMUM_USER_DATA_BYTES {
        return Err(too_much());
    }
    Ok(Some(data).filter(|data| !data.is_empty()))
}

/// User data as answers show it.
pub(super) fn encode(data: &[u8]) -> String {
    STANDARD.encode(data)
}

fn too_much() -> AwsError {
    invalid(format!("UserData is longer than {MAXIMUM_USER_DATA_BYTES} bytes before base64"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_kibibytes_fit_and_one_byte_more_does_not() {
        let full = vec![7; MAXIMUM_USER_DATA_BYTES];
        assert_eq!(decode(&encode(&full)).unwrap(), Some(full.clone()));
        let more = [full, vec![7]].concat();
        assert_eq!(decode(&encode(&more)).unwrap_err().code, "InvalidParameterValue");
        assert_eq!(decode(&"A".repeat(1 << 20)).unwrap_err().code, "InvalidParameterValue");
    }

    #[test]
    fn user_data_is_base64_or_refused() {
        assert_eq!(decode("IyEvYmlu\r\nL3No").unwrap(), Some(b"#!/bin/sh".to_vec()));
        assert_eq!(decode("").unwrap(), None);
        for text in ["#!/bin/sh", "IyE", "IyEv YmluL3No", "웹", "IyE=="] {
            assert_eq!(decode(text).unwrap_err().code, "InvalidUserData.Malformed", "{text}");
        }
    }
}
