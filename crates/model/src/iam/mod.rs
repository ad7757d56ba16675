//! IAM: who may sign requests, and certificates that were uploaded to it.

use crate::{Arn, Tags, Timestamp, elbv2::certificate::CertificateFacts, secret::Secret};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most access keys of one user.
pub const MAXIMUM_ACCESS_KEYS: usize = 2;

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Unique in the account without regard to case; 1 to 64 characters.
    pub name: String,
    /// `AIDA` and 17 letters and digits.
    pub id: String,
    /// Begins and ends with `/`.
    pub path: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Tags.
    pub tags: Tags,
}

/// A key that signs requests. The secret is stored, because SigV4 needs it, and shown only once, when it is made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA` and 16 letters and digits.
    pub id: String,
    /// Forty characters. Never in a log nor in an answer but the one that made it.
    pub secret: String,
    /// Who signs with it.
    pub owner: KeyOwner,
    /// Whether it is accepted.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Who a key belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyOwner {
    /// The account itself.
    Root,
    /// A user, by name.
    User(String),
}

/// The most server certificates of an account (IAM quotas).
pub const MAXIMUM_SERVER_CERTIFICATES: usize = 20;

/// A server certificate, which load balancers of every region may use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerCertificate {
    /// `arn:aws:iam::<account>:server-certificate<path><name>`
    pub arn: Arn,
    /// Unique in the account without regard to case; 1 to 128 characters.
    pub name: String,
    /// `ASCA` and 17 letters and digits.
    pub id: String,
    /// Begins and ends with `/`.
    pub path: String,
    /// What the load balancer has to know of it.
    pub facts: CertificateFacts,
    /// The certificate in PEM.
    pub certificate_pem: String,
    /// Those that lead to its issuer, in PEM; empty when there are none.
    pub chain_pem: String,
    /// Its key in PEM. In no answer and no log.
    pub private_key_pem: Secret,
    /// When it was uploaded.
    pub uploaded_at: Timestamp,
    /// Tags.
    pub tags: Tags,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, secret: _, owner, active, created_at } = self;
        f.debug_struct("AccessKey")
            .field("id", id)
            .field("owner", owner)
            .field("active", active)
            .field("created_at", created_at)
            .finish_non_exhaustive()
    }
}
