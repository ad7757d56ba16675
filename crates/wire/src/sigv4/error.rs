//! Why a signature is not accepted, and the error code each protocol has for it.
//!
//! The codes are AWS's and differ by protocol family: query services say `InvalidClientTokenId` where EC2 says
//! `AuthFailure` and the JSON services say `UnrecognizedClientException`. No message holds a secret, a token, a
//! signature or a computed string to sign.

use crate::error::AwsError;
use crate::shape::{Fault, Protocol};

/// A request whose signer could not be established.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Neither an `Authorization` header nor a presigned query string.
    #[error("the request is not signed; send AWS Signature Version 4 credentials")]
    Missing,
    /// A part of the signature is missing, repeated or malformed; the text says which.
    #[error("{0}")]
    Incomplete(String),
    /// The signature is not the one that the secret gives for this request.
    #[error(
        "the signature does not fit the request; check the secret access key, and that nothing between the client and \
         this endpoint changes the Host header, the path or the body"
    )]
    Mismatch,
    /// Signed for another service, region or day.
    #[error("{0}")]
    WrongScope(String),
    /// Signed longer ago than the allowed skew.
    #[error("Signature expired: {signed_at} is more than {allowed_seconds} s before {now}; check the client's clock")]
    Expired {
        /// Signing time, `YYYYMMDDTHHMMSSZ`.
        signed_at: String,
        /// Our time, `YYYYMMDDTHHMMSSZ`.
        now: String,
        /// How old a signature may be, in seconds.
        allowed_seconds: i64,
    },
    /// Signed in the future by more than the allowed skew.
    #[error(
        "Signature not yet current: {signed_at} is still later than {now} by more than {allowed_seconds} s; check the client's clock"
    )]
    NotYetCurrent {
        /// Signing time, `YYYYMMDDTHHMMSSZ`.
        signed_at: String,
        /// Our time, `YYYYMMDDTHHMMSSZ`.
        now: String,
        /// How far ahead a clock may be, in seconds.
        allowed_seconds: i64,
    },
    /// A presigned request whose lifetime is over.
    #[error("the presigned request of {signed_at} was good for {expires_seconds} s and has expired")]
    PresignedExpired {
        /// Signing time, `YYYYMMDDTHHMMSSZ`.
        signed_at: String,
        /// `X-Amz-Expires`, in seconds.
        expires_seconds: i64,
    },
    /// No such access key, or it is inactive. Raised by whoever looks keys up.
    #[error("the access key id is not known here, or it is not active")]
    UnknownKey,
    /// The session token is missing for a temporary key, or belongs to another key. Raised by whoever looks keys up.
    #[error("the security token included in the request is not valid for its access key")]
    InvalidToken,
    /// The temporary credentials are over. Raised by whoever looks keys up.
    #[error("the security token included in the request is expired")]
    ExpiredToken,
}

/// The three sets of codes in use.
enum Family {
    Query,
    Ec2,
    Json,
}

impl SignatureError {
    /// The error as the protocol's clients know it.
    pub fn to_aws_error(&self, protocol: Protocol) -> AwsError {
        let (query_code, code, status) = match family(protocol) {
            Family::Query => (None, self.query_code(), self.query_status()),
            Family::Ec2 => (None, self.ec2_code(), self.ec2_status()),
            Family::Json => (Some(self.query_code()), self.json_code(), 400),
        };
        let error = AwsError::new(query_code.unwrap_or(code), status, Fault::Sender, self.to_string());
        match query_code {
            Some(_) => error.with_shape(code),
            None => error,
        }
    }

    fn query_code(&self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationToken",
            Self::Incomplete(_) => "IncompleteSignature",
            Self::Mismatch | Self::WrongScope(_) | Self::Expired { .. } | Self::NotYetCurrent { .. } => {
                "SignatureDoesNotMatch"
            }
            Self::PresignedExpired { .. } => "RequestExpired",
            Self::UnknownKey | Self::InvalidToken => "InvalidClientTokenId",
            Self::ExpiredToken => "ExpiredToken",
        }
    }

    fn query_status(&self) -> u16 {
        match self {
            Self::Incomplete(_) | Self::PresignedExpired { .. } => 400,
            Self::Missing
            | Self::Mismatch
            | Self::WrongScope(_)
            | Self::Expired { .. }
            | Self::NotYetCurrent { .. }
            | Self::UnknownKey
            | Self::InvalidToken
            | Self::ExpiredToken => 403,
        }
    }

    fn ec2_code(&self) -> &'static str {
        match self {
            Self::UnknownKey | Self::InvalidToken => "AuthFailure",
            Self::Expired { .. } | Self::NotYetCurrent { .. } | Self::PresignedExpired { .. } | Self::ExpiredToken => {
                "RequestExpired"
            }
            Self::Missing | Self::Incomplete(_) | Self::Mismatch | Self::WrongScope(_) => self.query_code(),
        }
    }

    fn ec2_status(&self) -> u16 {
        match self {
            Self::UnknownKey | Self::InvalidToken => 401,
            Self::Expired { .. } | Self::NotYetCurrent { .. } | Self::PresignedExpired { .. } | Self::ExpiredToken => {
                400
            }
            Self::Missing | Self::Incomplete(_) | Self::Mismatch | Self::WrongScope(_) => self.query_status(),
        }
    }

    fn json_code(&self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationTokenException",
            Self::Incomplete(_) => "IncompleteSignatureException",
            Self::Mismatch
            | Self::WrongScope(_)
            | Self::Expired { .. }
            | Self::NotYetCurrent { .. }
            | Self::PresignedExpired { .. } => "InvalidSignatureException",
            Self::UnknownKey | Self::InvalidToken => "UnrecognizedClientException",
            Self::ExpiredToken => "ExpiredTokenException",
        }
    }
}

fn family(protocol: Protocol) -> Family {
    match protocol {
        Protocol::Query | Protocol::RestXml => Family::Query,
        Protocol::Ec2 => Family::Ec2,
        Protocol::Json | Protocol::RpcV2Cbor => Family::Json,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_family_has_its_own_code_and_status() {
        use Protocol::{Ec2, Json, Query};
        let skewed = SignatureError::Expired { signed_at: String::new(), now: String::new(), allowed_seconds: 900 };
        let cases = [
            (SignatureError::Missing, Query, "MissingAuthenticationToken", 403),
            (SignatureError::Incomplete("x".into()), Query, "IncompleteSignature", 400),
            (SignatureError::UnknownKey, Query, "InvalidClientTokenId", 403),
            (SignatureError::UnknownKey, Ec2, "AuthFailure", 401),
            (SignatureError::UnknownKey, Json, "UnrecognizedClientException", 400),
            (SignatureError::Mismatch, Query, "SignatureDoesNotMatch", 403),
            (SignatureError::Mismatch, Ec2, "SignatureDoesNotMatch", 403),
            (SignatureError::Mismatch, Json, "InvalidSignatureException", 400),
            (skewed.clone(), Query, "SignatureDoesNotMatch", 403),
            (skewed, Ec2, "RequestExpired", 400),
            (SignatureError::ExpiredToken, Query, "ExpiredToken", 403),
        ];
        for (error, protocol, code, status) in cases {
            let shown = error.to_aws_error(protocol);
            let shape = shown.shape.as_deref().unwrap_or(&shown.code);
            assert_eq!((shape, shown.status), (code, status), "{error:?} {protocol:?}");
        }
    }
}
