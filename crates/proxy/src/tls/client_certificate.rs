//! A client's certificate as targets and logs are told about it.
//!
//! Its texts are made once for each connection. Sources: ELB user guide, "HTTP headers and mutual TLS" and "Connection
//! logs for your Application Load Balancer"; RFC 2253 for names.

use base64::{Engine, engine::general_purpose::STANDARD};
use model::Timestamp;
use rustls::pki_types::CertificateDer;
use std::fmt::Write;
use x509_parser::{
    asn1_rs::{Any, Tag},
    prelude::{FromDer, X509Certificate},
    time::ASN1Time,
    x509::{AttributeTypeAndValue, X509Name},
};

/// What a listener asks of clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// No certificate.
    Nothing,
    /// Any certificate or none; targets get the whole chain ([`ClientCertificate::pem`]).
    Anything,
    /// One that the trust store vouches for; targets get what it says.
    Trusted,
}

/// A client's certificate, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// `X-Amzn-Mtls-Clientcert-Serial-Number`: hexadecimal digits in capitals, an even number of them.
    pub serial_number: Box<str>,
    /// `X-Amzn-Mtls-Clientcert-Issuer`.
    pub issuer: Box<str>,
    /// `X-Amzn-Mtls-Clientcert-Subject`.
    pub subject: Box<str>,
    /// `X-Amzn-Mtls-Clientcert-Validity`: `NotBefore=2023-09-21T01:50:17Z;NotAfter=2024-09-20T01:50:17Z`.
    pub validity: Box<str>,
    /// What was shown, in PEM and URL-encoded: the chain for `X-Amzn-Mtls-Clientcert` where anything is accepted, the
    /// leaf for `X-Amzn-Mtls-Clientcert-Leaf` where it is verified.
    pub pem: Box<str>,
}

impl ClientCertificate {
    /// Reads the chain that a client showed, its own certificate first. `None`: nothing was shown or asked for, or it
    /// cannot be read.
    pub fn read(chain: &[CertificateDer<'_>], asked: Asked) -> Option<Self> {
        let leaf = chain.first()?;
        let shown = match asked {
            Asked::Nothing => return None,
            Asked::Anything => chain,
            Asked::Trusted => &chain[..1],
        };
        let (_, certificate) = X509Certificate::from_der(leaf).ok()?;
        let validity = certificate.validity();
        let (from, until) = (time_text(validity.not_before), time_text(validity.not_after));
        Some(Self {
            serial_number: serial_text(certificate.raw_serial()),
            issuer: name_text(certificate.issuer()),
            subject: name_text(certificate.subject()),
            validity: format!("NotBefore={from};NotAfter={until}").into(),
            pem: encoded_pem(shown),
        })
    }
}

fn serial_text(bytes: &[u8]) -> Box<str> {
    // A leading zero only says that the number is positive.
    let zeros = bytes.iter().take(bytes.len().saturating_sub(1)).take_while(|b| **b == 0).count();
    hexadecimal(&bytes[zeros..]).into()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string does not fail.
        let _infallible = write!(text, "{byte:02X}");
        text
    })
}

fn time_text(time: ASN1Time) -> String {
    let text = Timestamp::from_seconds(time.timestamp()).to_string();
    text.replace(".000Z", "Z")
}

/// PEM with lines of 64 characters, URL-encoded: what is not a letter, a digit or one of `-_.~+=/` is escaped.
fn encoded_pem(chain: &[CertificateDer<'_>]) -> Box<str> {
    const LINE: usize = 64;
    const LINE_END: &str = "%0A";
    let mut text = String::new();
    for certificate in chain {
        let content = STANDARD.encode(certificate);
        text.push_str("-----BEGIN%20CERTIFICATE-----%0A");
        let mut rest = content.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(LINE));
            text.push_str(line);
            text.push_str(LINE_END);
            rest = after;
        }
        text.push_str("-----END%20CERTIFICATE-----%0A");
    }
    text.into()
}

/// A distinguished name as RFC 2253 writes it: the most special part first.
fn name_text(name: &X509Name<'_>) -> Box<str> {
    let mut sets: Vec<String> =
        name.iter_rdn().map(|set| set.iter().map(attribute_text).collect::<Vec<_>>().join("+")).collect();
    sets.reverse();
    sets.join(",").into()
}

fn attribute_text(attribute: &AttributeTypeAndValue<'_>) -> String {
    let id = attribute.attr_type().to_id_string();
    let short = SHORT_NAMES.iter().find(|(known, _)| *known == id).map(|(_, short)| *short);
    match (short, value_text(attribute.attr_value())) {
        (Some(short), Some(value)) => format!("{short}={}", escaped(&value)),
        (Some(short), None) => format!("{short}=#{}", hexadecimal(&der(attribute.attr_value()))),
        (None, _) => format!("{id}=#{}", hexadecimal(&der(attribute.attr_value()))),
    }
}

/// RFC 2253 names the first nine; the others are those that are common in certificates of people and machines. What is
/// not here is written by its number.
const SHORT_NAMES: [(&str, &str); 16] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.6", "C"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.4", "SN"),
    ("2.5.4.42", "GN"),
    ("2.5.4.12", "title"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.17", "postalCode"),
];

fn value_text(value: &Any<'_>) -> Option<String> {
    let bytes = value.data;
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            std::str::from_utf8(bytes).ok().map(str::to_owned)
        }
        Tag::T61String => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
        Tag::BmpString => {
            let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).ok()
        }
        _other => None,
    }
}

/// The value again in DER, for what is written as `#` and digits.
fn der(value: &Any<'_>) -> Vec<u8> {
    use x509_parser::asn1_rs::ToDer;
    value.to_der_vec().unwrap_or_default()
}

/// Escapes what has a meaning in a name, and all that a header or a log cannot carry: bytes other than printable ASCII.
fn escaped(value: &str) -> String {
    let last = value.len().saturating_sub(1);
    let mut text = String::with_capacity(value.len());
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            b',' | b'+' | b'"' | b'\\' | b'<' | b'>' | b';' => {
                text.push('\\');
                text.push(char::from(byte));
            }
            b' ' if at == 0 || at == last => text.push_str("\\ "),
            b'#' if at == 0 => text.push_str("\\#"),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => {
                text.push('\\');
                text.push_str(&hexadecimal(&[byte]));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DnType, DnValue, KeyPair, SerialNumber};

    fn made(change: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.not_before = rcgen::date_time_ymd(2023, 9, 21);
        params.not_after = rcgen::date_time_ymd(2024, 9, 20);
        change(&mut params);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
    }

    fn subject(parts: &[(DnType, DnValue)]) -> String {
        let certificate = made(|params| {
            for (kind, value) in parts {
                params.distinguished_name.push(kind.clone(), value.clone());
            }
        });
        ClientCertificate::read(&[certificate], Asked::Trusted).unwrap().subject.into()
    }

    #[test]
    fn names_are_written_most_special_part_first_and_escaped() {
        let utf8 = |text: &str| DnValue::Utf8String(text.to_owned());
        for (parts, expected) in [
            (
                vec![
                    (DnType::CountryName, DnValue::PrintableString("US".try_into().unwrap())),
                    (DnType::StateOrProvinceName, utf8("Washington")),
                    (DnType::LocalityName, utf8("Seattle")),
                    (DnType::OrganizationName, utf8("mTLS")),
                    (DnType::OrganizationalUnitName, utf8("rootCA")),
                    (DnType::CommonName, utf8("rootcamtls.com")),
                ],
                "CN=rootcamtls.com,OU=rootCA,O=mTLS,L=Seattle,ST=Washington,C=US",
            ),
            (vec![(DnType::CommonName, utf8("Doe, \"J\" <a+b>;\\"))], r#"CN=Doe\, \"J\" \<a\+b\>\;\\"#),
            (vec![(DnType::CommonName, utf8(" #x "))], r"CN=\ #x\ "),
            (vec![(DnType::CommonName, utf8("#x"))], r"CN=\#x"),
            (vec![(DnType::CommonName, utf8("a\r\nX-Evil: 1"))], r"CN=a\0D\0AX-Evil: 1"),
            (vec![(DnType::CommonName, utf8("Jürgen"))], r"CN=J\C3\BCrgen"),
            (vec![(DnType::CommonName, DnValue::BmpString("ü".try_into().unwrap()))], r"CN=\C3\BC"),
            (vec![(DnType::CustomDnType(vec![1, 2, 3, 4]), utf8("hi"))], "1.2.3.4=#0C026869"),
            (vec![], ""),
        ] {
            assert_eq!(subject(&parts), expected);
        }
    }

    #[test]
    fn serial_numbers_have_an_even_number_of_capital_digits() {
        for (bytes, expected) in
            [(vec![0x03, 0xA5, 0xB1], "03A5B1"), (vec![0xFE, 0xF2, 0x57], "FEF257"), (vec![0x01], "01")]
        {
            let certificate = made(|params| params.serial_number = Some(SerialNumber::from(bytes)));
            assert_eq!(&*ClientCertificate::read(&[certificate], Asked::Trusted).unwrap().serial_number, expected);
        }
        assert_eq!(&*serial_text(&[0]), "00");
        assert_eq!(&*serial_text(&[]), "");
    }

    #[test]
    fn validity_is_two_moments_in_seconds() {
        let read = ClientCertificate::read(&[made(|_| {})], Asked::Trusted).unwrap();
        assert_eq!(&*read.validity, "NotBefore=2023-09-21T00:00:00Z;NotAfter=2024-09-20T00:00:00Z");
    }

    #[test]
    fn the_chain_is_url_encoded_pem_and_the_leaf_stands_alone_when_verified() {
        let chain = [made(|_| {}), made(|_| {})];
        let all = ClientCertificate::read(&chain, Asked::Anything).unwrap().pem;
        let leaf = ClientCertificate::read(&chain, Asked::Trusted).unwrap().pem;
        assert_eq!((all.matches("BEGIN%20CERTIFICATE").count(), leaf.matches("BEGIN").count()), (2, 1));
        assert!(all.starts_with(&*leaf));
        let decoded = leaf.replace("%0A", "\n").replace("%20", " ");
        assert!(!decoded.contains('%') && decoded.lines().all(|line| line.len() <= 64), "{decoded}");
        use rustls::pki_types::pem::PemObject;
        assert_eq!(CertificateDer::from_pem_slice(decoded.as_bytes()).unwrap(), chain[0]);
    }

    #[test]
    fn nothing_is_told_where_nothing_was_asked_or_shown() {
        assert_eq!(ClientCertificate::read(&[made(|_| {})], Asked::Nothing), None);
        assert_eq!(ClientCertificate::read(&[], Asked::Anything), None);
        assert_eq!(ClientCertificate::read(&[CertificateDer::from(vec![1, 2, 3])], Asked::Anything), None);
    }
}
