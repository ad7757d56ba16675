//! Certificate revocation lists of trust stores.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::pem::SectionKind;
use rustls::server::WebPkiClientVerifier;
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use super::authority::Authorities;
use super::pem::{self, InvalidPem};

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RevocationList {
    /// In DER.
    pub(crate) der: Vec<u8>,
    /// How many certificates it revokes.
    pub(crate) entries: u64,
}

/// Why a list is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidRevocationList {
    /// Its text.
    #[error("the revocation list cannot be read: {0}")]
    Pem(#[from] InvalidPem),
    /// Several.
    #[error("the file must hold exactly one revocation list")]
    Several,
    /// Not a list.
    #[error("the file is not an X.509 certificate revocation list")]
    Malformed,
    /// A list that the TLS library cannot check certificates against.
    #[error(
        "the revocation list is of a kind that is not supported: it must be complete and direct, of version 2 (RFC 5280)"
    )]
    NotSupported,
}

impl RevocationList {
    /// Reads a list in PEM or DER that certificates of these authorities (in PEM) are to be checked against.
    ///
    /// # Errors
    /// [`InvalidRevocationList`], the first that is found.
    pub(crate) fn read(content: &[u8], authorities_pem: &str) -> Result<Self, InvalidRevocationList> {
        let der = match content {
            // A sequence of DER; PEM begins with dashes or text.
            [0x30, ..] => content.to_vec(),
            _ => {
                let found = pem::all_of(content, SectionKind::Crl, "X509 CRL")?;
                let [only] = <[_; 1]>::try_from(found).map_err(|_| InvalidRevocationList::Several)?;
                only
            }
        };
        let entries = match CertificateRevocationList::from_der(&der) {
            Ok(([], list)) => list.iter_revoked_certificates().count() as u64,
            Ok(_) | Err(_) => return Err(InvalidRevocationList::Malformed),
        };
        let roots = Arc::new(Authorities::roots(authorities_pem));
        let list = CertificateRevocationListDer::from(der.clone());
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::new(default_provider()));
        match verifier.with_crls([list]).build() {
            Ok(_) => Ok(Self { der, entries }),
            Err(_) => Err(InvalidRevocationList::NotSupported),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::made::Authority;
    use super::*;

    #[test]
    fn lists_are_read_in_pem_and_der() {
        let authority = Authority::root("One");
        let text = authority.revoke(3);
        let list = RevocationList::read(text.as_bytes(), &authority.certificate()).unwrap();
        assert_eq!(list.entries, 3);
        assert_eq!(RevocationList::read(&list.der, &authority.certificate()), Ok(list.clone()));
        let empty = RevocationList::read(authority.revoke(0).as_bytes(), &authority.certificate()).unwrap();
        assert_eq!(empty.entries, 0);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        let authority = Authority::root("One");
        let text = authority.revoke(1);
        let read = |content: &[u8]| RevocationList::read(content, &authority.certificate());
        assert!(matches!(read(b""), Err(InvalidRevocationList::Pem(_))));
        assert!(matches!(read(authority.certificate().as_bytes()), Err(InvalidRevocationList::Pem(_))));
        assert_eq!(read(format!("{text}{text}").as_bytes()), Err(InvalidRevocationList::Several));
        assert_eq!(read(&[0x30, 0x03, 0x02, 0x01, 0x01]), Err(InvalidRevocationList::Malformed));
        let mut longer = read(text.as_bytes()).unwrap().der;
        longer.push(0);
        assert_eq!(read(&longer), Err(InvalidRevocationList::Malformed));
    }
}
