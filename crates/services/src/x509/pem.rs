//! PEM: the sections of a text, and one form for all of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::{PemObject, SectionKind};

/// Characters of base64 in a line.
const LINE: usize = 64;

/// Why a text is not PEM of the kind that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidPem {
    /// Broken sections or base64.
    #[error("it is not in PEM format")]
    Malformed,
    /// Nothing in it.
    #[error("there is no section `{0}` in it")]
    Nothing(&'static str),
    /// Something else is in it.
    #[error("it has a section that is not `{0}`")]
    Foreign(&'static str),
}

/// The sections of a text that the library knows, in order.
pub(super) fn sections(text: &[u8]) -> Result<Vec<(SectionKind, Vec<u8>)>, InvalidPem> {
    <(SectionKind, Vec<u8>)>::pem_slice_iter(text).collect::<Result<_, _>>().map_err(|_| InvalidPem::Malformed)
}

/// The sections of a text, all of which must be of one kind; at least one.
pub(super) fn all_of(text: &[u8], kind: SectionKind, label: &'static str) -> Result<Vec<Vec<u8>>, InvalidPem> {
    let sections = sections(text)?;
    if sections.is_empty() {
        return Err(InvalidPem::Nothing(label));
    }
    let ders = sections.into_iter().map(|(found, der)| (found == kind).then_some(der));
    ders.collect::<Option<_>>().ok_or(InvalidPem::Foreign(label))
}

/// A section in lines of 64 characters, without a line end behind it.
pub(super) fn encode(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in base64.as_bytes().chunks(LINE) {
        text.extend(line.iter().map(|byte| char::from(*byte)));
        text.push('\n');
    }
    text + &format!("-----END {label}-----")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificates(text: &str) -> Result<Vec<Vec<u8>>, InvalidPem> {
        all_of(text.as_bytes(), SectionKind::Certificate, "CERTIFICATE")
    }

    #[test]
    fn sections_are_read_and_written_again() {
        let ders = [vec![7; 100], vec![1, 2, 3]];
        let text =
            format!("# one\n{}\n\n# two\n{}\n", encode("CERTIFICATE", &ders[0]), encode("CERTIFICATE", &ders[1]));
        assert_eq!(certificates(&text), Ok(ders.to_vec()));
        assert_eq!(certificates(&text.replace('\n', "\r\n")), Ok(ders.to_vec()));
        assert!(encode("CERTIFICATE", &ders[0]).lines().all(|line| line.len() <= LINE));
    }

    #[test]
    fn what_is_no_such_section_is_refused() {
        let good = encode("CERTIFICATE", &[1; 90]);
        for text in ["", "nonsense", "\0\u{ff}"] {
            assert_eq!(certificates(text), Err(InvalidPem::Nothing("CERTIFICATE")), "{text:?}");
        }
        for text in [
            &good[..good.len() - 30],
            &good.replace("AQEB", "A!EB"),
            &good.replace("BEGIN CERTIFICATE-----", "BEGIN CERTIFICATE--"),
        ] {
            assert_eq!(certificates(text), Err(InvalidPem::Malformed), "{text}");
        }
        let key = encode("PRIVATE KEY", &[1]);
        assert_eq!(certificates(&format!("{good}\n{key}")), Err(InvalidPem::Foreign("CERTIFICATE")));
    }
}
