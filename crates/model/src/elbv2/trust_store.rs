//! A trust store: the authorities whose client certificates a listener accepts, and what they have revoked.

use crate::{Arn, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The most trust stores of one region and account (ELB quotas).
pub const MAXIMUM_TRUST_STORES: usize = 20;
/// The most certificates of one trust store.
pub const MAXIMUM_CERTIFICATES: usize = 25;
/// The largest certificate, in bytes.
pub const MAXIMUM_CERTIFICATE_BYTES: usize = 16 * 1024;
/// The most revocation lists of one trust store.
pub const MAXIMUM_REVOCATION_LISTS: usize = 30;
/// The most entries of all revocation lists of one trust store.
pub const MAXIMUM_REVOKED: u64 = 500_000;
/// The largest revocation list, in bytes.
pub const MAXIMUM_REVOCATION_LIST_BYTES: u64 = 50 << 20;
/// The most listeners of one load balancer that verify client certificates.
pub const MAXIMUM_VERIFYING_LISTENERS: usize = 2;

/// A trust store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrustStore {
    /// `…:truststore/<name>/<16 hex digits>`
    pub arn: Arn,
    /// Unique in the region and account.
    pub name: String,
    /// The certificates of the authorities, in PEM.
    pub ca_certificates_pem: String,
    /// How many they are.
    pub certificates: u32,
    /// What they have revoked, by the lists' ids.
    pub revocations: Vec<Revocation>,
    /// The id that the next list gets.
    pub next_revocation: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Tags.
    pub tags: Tags,
}

/// A certificate revocation list of a trust store. Its content, which can be large, is a file of the data directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// Counts up in the trust store.
    pub id: u64,
    /// The list in DER.
    pub file: PathBuf,
    /// How many certificates it revokes.
    pub entries: u64,
}

/// A trust store as the data plane gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustStorePlan {
    /// Which.
    pub arn: Arn,
    /// The certificates of the authorities, in PEM.
    pub ca_certificates_pem: String,
    /// Files with revocation lists in DER.
    pub revocation_files: Vec<PathBuf>,
}
