//! The authorities of a trust store: certificates that vouch for those of clients.

use model::elbv2::trust_store::{MAXIMUM_CERTIFICATE_BYTES, MAXIMUM_CERTIFICATES};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::SectionKind;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::pem::{self, InvalidPem};

/// Certificates of authorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authorities {
    /// All of them in PEM of one form.
    pub(crate) pem: String,
    /// How many they are.
    pub(crate) count: u32,
}

/// Why a bundle is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidAuthorities {
    /// Its text.
    #[error("the bundle cannot be read: {0}")]
    Pem(#[from] InvalidPem),
    /// Too many.
    #[error("the bundle has {0} certificates; a trust store has at most {MAXIMUM_CERTIFICATES}")]
    TooMany(usize),
    /// Too large.
    #[error("certificate {0} of the bundle is larger than {MAXIMUM_CERTIFICATE_BYTES} bytes")]
    TooLarge(usize),
    /// Not an authority's.
    #[error("certificate {0} of the bundle is not that of an authority (X.509 with the basic constraint CA)")]
    NoAuthority(usize),
}

impl Authorities {
    /// Reads a bundle of certificates in PEM; text around them is skipped.
    ///
    /// # Errors
    /// [`InvalidAuthorities`], the first that is found.
    pub(crate) fn read(text: &[u8]) -> Result<Self, InvalidAuthorities> {
        let ders = pem::all_of(text, SectionKind::Certificate, "CERTIFICATE")?;
        let count = u32::try_from(ders.len()).ok().filter(|_| ders.len() <= MAXIMUM_CERTIFICATES);
        let count = count.ok_or(InvalidAuthorities::TooMany(ders.len()))?;
        for (index, der) in ders.iter().enumerate() {
            if der.len() > MAXIMUM_CERTIFICATE_BYTES {
                return Err(InvalidAuthorities::TooLarge(index + 1));
            }
            let is_authority = matches!(X509Certificate::from_der(der), Ok(([], certificate)) if certificate.is_ca());
            if !is_authority || RootCertStore::empty().add(CertificateDer::from(der.clone())).is_err() {
                return Err(InvalidAuthorities::NoAuthority(index + 1));
            }
        }
        let pem = ders.iter().map(|der| pem::encode("CERTIFICATE", der)).collect::<Vec<_>>().join("\n");
        Ok(Self { pem, count })
    }

    /// The same as the TLS library has them.
    pub(super) fn roots(pem: &str) -> RootCertStore {
        let ders = pem::all_of(pem.as_bytes(), SectionKind::Certificate, "CERTIFICATE").unwrap_or_default();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(ders.into_iter().map(CertificateDer::from));
        roots
    }
}

#[cfg(test)]
mod tests {
    use super::super::made::{self, Authority};
    use super::*;

    #[test]
    fn a_bundle_holds_authorities_and_remarks() {
        let (one, two) = (Authority::root("One"), Authority::root("Two"));
        let text = format!("# ours\n{}\n\n# theirs\n{}", one.certificate(), two.certificate());
        let read = Authorities::read(text.as_bytes()).unwrap();
        assert_eq!((read.count, Authorities::roots(&read.pem).len()), (2, 2));
        assert!(!read.pem.contains('#'));
    }

    #[test]
    fn what_is_no_authority_is_refused() {
        let authority = Authority::root("One");
        let leaf = authority.sign(&["a.example.com"]);
        let both = format!("{}{}", authority.certificate(), leaf.certificate);
        assert_eq!(Authorities::read(both.as_bytes()), Err(InvalidAuthorities::NoAuthority(2)));
        let junk = pem::encode("CERTIFICATE", &[0x30, 0]);
        assert_eq!(Authorities::read(junk.as_bytes()), Err(InvalidAuthorities::NoAuthority(1)));
        let large = pem::encode("CERTIFICATE", &vec![0x30; MAXIMUM_CERTIFICATE_BYTES + 1]);
        assert_eq!(Authorities::read(large.as_bytes()), Err(InvalidAuthorities::TooLarge(1)));
        let many = authority.certificate().repeat(26);
        assert_eq!(Authorities::read(many.as_bytes()), Err(InvalidAuthorities::TooMany(26)));
        assert!(Authorities::read(authority.certificate().repeat(25).as_bytes()).is_ok());
        for text in ["", "x", &made::self_signed(&["a.b"]).key] {
            assert!(matches!(Authorities::read(text.as_bytes()), Err(InvalidAuthorities::Pem(_))));
        }
    }
}
