//! A certificate that was imported.

use crate::{Arn, Tags, Timestamp, elbv2::certificate::CertificateFacts, secret::Secret};
use serde::{Deserialize, Serialize};

/// The most imported certificates of one region and account (ACM quotas).
pub const MAXIMUM_IMPORTED: usize = 2500;

/// A certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// `arn:aws:acm:<region>:<account>:certificate/<uuid>`
    pub arn: Arn,
    /// What the load balancer has to know of it.
    pub facts: CertificateFacts,
    /// Who it is for, as a distinguished name.
    pub subject: String,
    /// The common name of who it is for, else its first name.
    pub domain_name: String,
    /// Who signed it: the issuer's organisation, else its common name.
    pub issuer: String,
    /// Its serial number: pairs of hexadecimal digits with colons between.
    pub serial: String,
    /// What the key may be used for, by ACM's names (`DIGITAL_SIGNATURE`).
    pub key_usages: Vec<String>,
    /// What the certificate may be used for, by ACM's names and object identifiers.
    pub extended_key_usages: Vec<ExtendedKeyUsage>,
    /// The certificate in PEM.
    pub certificate_pem: String,
    /// Those that lead to its issuer, in PEM; empty when there are none.
    pub chain_pem: String,
    /// Its key in PEM. In no answer and no log.
    pub private_key_pem: Secret,
    /// When it was first imported.
    pub created_at: Timestamp,
    /// When it was last imported.
    pub imported_at: Timestamp,
    /// Tags.
    pub tags: Tags,
}

/// One purpose of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtendedKeyUsage {
    /// ACM's name (`TLS_WEB_SERVER_AUTHENTICATION`).
    pub name: String,
    /// The object identifier.
    pub oid: String,
}
