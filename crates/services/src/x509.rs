//! Certificates, keys and revocation lists as callers bring them: read, checked and put into one form.
//!
//! ACM and IAM take certificates of load balancers, trust stores those of authorities. What is accepted here, the data
//! plane can load: keys and revocation lists are handed to its TLS library before they are stored. Knows no operation and no
//! error code.

mod authority;
mod certificate;
mod names;
mod pem;
mod revocation_list;

pub(crate) use authority::{Authorities, InvalidAuthorities};
pub(crate) use certificate::{Bundle, Chain, InvalidCertificate, Parts};
pub(crate) use revocation_list::{InvalidRevocationList, RevocationList};

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
#[path = "../tests/support/certificates.rs"]
mod made;
