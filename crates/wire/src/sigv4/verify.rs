//! Scope, time and signature of a claim.
//!
//! The signing key is derived from the secret through day, region and service; it is used here and dropped. The
//! comparison takes the same time wherever the signatures differ.

use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::canonical::{canonical_request, hex};
use super::{ALGORITHM, Claim, MAX_CLOCK_SKEW_SECONDS, Placement, SignatureError, TERMINATOR, basic_time};
use crate::request::Request;

/// Header fields that decide what the request means; when present they must be signed.
const MUST_BE_SIGNED: [&str; 1] = ["x-amz-target"];
/// Values of `X-Amz-Content-Sha256` that leave the body unsigned or sign it by chunks.
const UNSIGNED_PAYLOADS: [&str; 2] = ["UNSIGNED-PAYLOAD", "STREAMING-"];

impl Claim {
    /// Tests what the claim says without knowing the secret: the service it was signed for, its region (any, when
    /// `region` is `None`), its day and its age at `now`.
    ///
    /// # Errors
    /// [`SignatureError::Expired`], [`SignatureError::NotYetCurrent`], [`SignatureError::PresignedExpired`] or
    /// [`SignatureError::WrongScope`].
    pub fn check(&self, service: &str, region: Option<&str>, now: Timestamp) -> Result<(), SignatureError> {
        self.check_time(now)?;
        self.check_scope(service, region)
    }

    /// Recomputes the signature of `request` with `secret` and compares.
    ///
    /// # Errors
    /// [`SignatureError::Mismatch`] for a wrong secret or an altered request; [`SignatureError::Incomplete`] when a
    /// signed header is missing, or a header that must be signed or a body is not.
    pub fn verify(&self, request: &Request<'_>, secret: &str) -> Result<(), SignatureError> {
        refuse_unsigned_payload(request)?;
        self.require_signed(request)?;
        let canonical = canonical_request(request, &self.signed_headers)?;
        let string_to_sign = self.string_to_sign(&canonical);
        let expected = hmac(&self.signing_key(secret), string_to_sign.as_bytes());
        match bool::from(expected.ct_eq(&self.signature)) {
            true => Ok(()),
            false => Err(SignatureError::Mismatch),
        }
    }

    fn check_time(&self, now: Timestamp) -> Result<(), SignatureError> {
        let age_seconds = now.as_second().saturating_sub(self.signed_at.as_second());
        let (signed_at, now) = (self.timestamp.clone(), basic_time(now));
        if age_seconds < -MAX_CLOCK_SKEW_SECONDS {
            return Err(SignatureError::NotYetCurrent { signed_at, now, allowed_seconds: MAX_CLOCK_SKEW_SECONDS });
        }
        match self.placement {
            Placement::Header if age_seconds > MAX_CLOCK_SKEW_SECONDS => {
                Err(SignatureError::Expired { signed_at, now, allowed_seconds: MAX_CLOCK_SKEW_SECONDS })
            }
            Placement::Presigned { expires_seconds } if age_seconds > expires_seconds => {
                Err(SignatureError::PresignedExpired { signed_at, expires_seconds })
            }
            Placement::Header | Placement::Presigned { .. } => Ok(()),
        }
    }

    fn check_scope(&self, service: &str, region: Option<&str>) -> Result<(), SignatureError> {
        if self.date != self.timestamp[..8] {
            return Err(SignatureError::WrongScope(
                "the credential scope names another day than the signing time".into(),
            ));
        }
        if self.service != service {
            return Err(SignatureError::WrongScope(format!("the credential must be scoped to the service {service}")));
        }
        match region {
            Some(region) if self.region != region => {
                Err(SignatureError::WrongScope(format!("the credential must be scoped to the region {region}")))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn require_signed(&self, request: &Request<'_>) -> Result<(), SignatureError> {
        let unsigned = |name: &&&str| {
            request.headers.contains_key(**name) && !self.signed_headers.iter().any(|signed| signed == **name)
        };
        match MUST_BE_SIGNED.iter().find(unsigned) {
            Some(name) => Err(SignatureError::Incomplete(format!("the header field {name} must be signed"))),
            None => Ok(()),
        }
    }

    fn string_to_sign(&self, canonical_request: &[u8]) -> String {
        let Self { date, region, service, timestamp, .. } = self;
        let digest = hex(&Sha256::digest(canonical_request));
        format!("{ALGORITHM}\n{timestamp}\n{date}/{region}/{service}/{TERMINATOR}\n{digest}")
    }

    fn signing_key(&self, secret: &str) -> [u8; 32] {
        let first = format!("AWS4{secret}");
        let by_day = hmac(first.as_bytes(), self.date.as_bytes());
        let by_region = hmac(&by_day, self.region.as_bytes());
        let by_service = hmac(&by_region, self.service.as_bytes());
        hmac(&by_service, TERMINATOR.as_bytes())
    }
}

fn refuse_unsigned_payload(request: &Request<'_>) -> Result<(), SignatureError> {
    let declared = super::single_header(request, "x-amz-content-sha256")?.unwrap_or("");
    match UNSIGNED_PAYLOADS.iter().any(|prefix| declared.starts_with(prefix)) {
        true => Err(SignatureError::Incomplete(
            "the body must be part of the signature; X-Amz-Content-Sha256 may not leave it unsigned or chunked".into(),
        )),
        false => Ok(()),
    }
}

fn hmac(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(data);
    mac.finalize().into_bytes().into()
}
