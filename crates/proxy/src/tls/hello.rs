//! A client's first message, looked at before anything is decided: which host it wants, which protocols it speaks, which
//! signatures it can check.
//!
//! Looking costs about a microsecond, and what is decided by it needs no hidden channel: the listener on a shared front,
//! whether ALPN is answered, and which certificate the log names. The bytes are given to the session afterwards.

use super::{
    error::{TlsError, plain_alert},
    outgoing::Outgoing,
};
use rustls::{
    AlertDescription,
    server::{Accepted, Acceptor, ClientHello},
};

/// The largest first message, in bytes. Browsers need 2 kB with post-quantum key exchange.
pub const MAXIMUM_HELLO: usize = 16 * 1024;

/// Content type, version and length: what stands before every record.
pub(super) const RECORD_HEADER: usize = 5;
/// The most that a record has behind its header: 16 kB of content and what encryption may add (RFC 5246, 6.2.3).
pub(super) const MAXIMUM_RECORD: usize = 16 * 1024 + 2048;
const HANDSHAKE_RECORD: u8 = 22;
const CLIENT_HELLO: u8 = 1;
/// The number of TLS 1.2.
const TLS12: u16 = 0x0303;

/// A client's first message.
#[derive(Debug)]
pub struct Hello(Accepted);

impl Hello {
    /// Reads it from everything that the client has sent so far. `None`: it is not complete.
    ///
    /// # Errors
    /// It is not TLS, too large, or cannot be read; the alert to send is in `out` then.
    pub fn read(bytes: &[u8], out: &mut Outgoing) -> Result<Option<Self>, TlsError> {
        if let Err(error) = check(bytes) {
            if error != TlsError::PlainHttp {
                out.append(&plain_alert(alert_for(&error)));
            }
            return Err(error);
        }
        if !first_record_is_complete(bytes) {
            return Ok(None);
        }
        let mut acceptor = Acceptor::default();
        let mut rest = bytes;
        while !rest.is_empty() {
            // Reading from a slice does not fail; what the library does not want to hold is none of its first message.
            if !matches!(acceptor.read_tls(&mut rest), Ok(1..)) {
                break;
            }
        }
        match acceptor.accept() {
            Ok(accepted) => Ok(accepted.map(Self)),
            Err((error, mut alert)) => {
                let mut bytes = Vec::new();
                // Writing to a vector does not fail.
                if alert.write_all(&mut bytes).is_ok() {
                    out.append(&bytes);
                }
                Err(TlsError::of_client(error))
            }
        }
    }

    /// The host that the client wants, in lower case and without a trailing dot.
    pub fn server_name(&self) -> Option<String> {
        self.client_hello().server_name().map(|name| without_dot(name).to_owned())
    }

    /// Whether the client names application protocols, and `ours` is none of them.
    pub(super) fn speaks_none_of(&self, ours: &[Vec<u8>]) -> bool {
        self.client_hello().alpn().is_some_and(|mut theirs| !theirs.any(|name| ours.iter().any(|o| o == name)))
    }

    pub(super) fn client_hello(&self) -> ClientHello<'_> {
        self.0.client_hello()
    }
}

/// Refuses a client whose host no listener of a shared front has: the alert that says so.
pub fn refuse_name(out: &mut Outgoing) {
    out.append(&plain_alert(AlertDescription::UnrecognisedName));
}

pub(super) fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// What can be said without the library, at the first byte where it can be said.
fn check(bytes: &[u8]) -> Result<(), TlsError> {
    match bytes.first() {
        None | Some(&HANDSHAKE_RECORD) => {}
        Some(_) => return Err(if looks_like_http(bytes) { TlsError::PlainHttp } else { TlsError::NotTls }),
    }
    if bytes.get(1).is_some_and(|major| *major != 3) {
        return Err(TlsError::NotTls);
    }
    if bytes.len() > MAXIMUM_HELLO + MAXIMUM_HELLO / 8 {
        // Split into many small records, each with a header of its own.
        return Err(TlsError::HelloTooLarge);
    }
    check_message(first_record(bytes))
}

/// What has come of the first record's content: a message may also be split over several, down to single bytes.
fn first_record(bytes: &[u8]) -> &[u8] {
    match bytes {
        [_, _, _, high, low, rest @ ..] => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            &rest[..rest.len().min(length)]
        }
        _ => &[],
    }
}

fn check_message(begin: &[u8]) -> Result<(), TlsError> {
    match begin {
        [CLIENT_HELLO, high, middle, low, ..]
            if u32::from_be_bytes([0, *high, *middle, *low]) as usize > MAXIMUM_HELLO =>
        {
            Err(TlsError::HelloTooLarge)
        }
        // TLS 1.3 names 1.2 here. The library would first miss extensions that older versions do not have, and say so.
        [CLIENT_HELLO, _, _, _, major, minor, ..] if u16::from_be_bytes([*major, *minor]) < TLS12 => {
            Err(TlsError::NoCommonVersion)
        }
        [] | [CLIENT_HELLO, ..] => Ok(()),
        [_, ..] => Err(TlsError::Misbehaved("the first message is not a ClientHello".to_owned())),
    }
}

/// A method in capital letters, as far as it has come.
fn looks_like_http(bytes: &[u8]) -> bool {
    const LONGEST_METHOD: usize = 16;
    let method = bytes.iter().take(LONGEST_METHOD).take_while(|b| b.is_ascii_uppercase() || **b == b'-').count();
    method > 0 && bytes.get(method).is_none_or(|b| *b == b' ')
}

fn alert_for(error: &TlsError) -> AlertDescription {
    match error {
        TlsError::HelloTooLarge => AlertDescription::IllegalParameter,
        TlsError::Misbehaved(_) => AlertDescription::UnexpectedMessage,
        TlsError::NoCommonVersion => AlertDescription::ProtocolVersion,
        TlsError::PlainHttp
        | TlsError::NotTls
        | TlsError::NoCommonCipher
        | TlsError::NoCommonGroup
        | TlsError::NoCommonSignature
        | TlsError::NoCommonProtocol
        | TlsError::NoCertificate
        | TlsError::ClientCertificate(_)
        | TlsError::TargetCertificate(_)
        | TlsError::AlertReceived(_)
        | TlsError::Malformed(_)
        | TlsError::Undecryptable
        | TlsError::TooLarge
        | TlsError::Truncated
        | TlsError::Exhausted
        | TlsError::Handshaking
        | TlsError::Closed
        | TlsError::Internal(_) => AlertDescription::DecodeError,
    }
}

fn first_record_is_complete(bytes: &[u8]) -> bool {
    match bytes {
        [_, _, _, high, low, rest @ ..] => rest.len() >= usize::from(u16::from_be_bytes([*high, *low])),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (Result<bool, TlsError>, Vec<u8>) {
        let mut out = Outgoing::default();
        let result = Hello::read(bytes, &mut out).map(|hello| hello.is_some());
        (result, out.to_vec())
    }

    #[test]
    fn what_is_not_tls_is_told_by_its_first_bytes() {
        for (bytes, expected) in [
            (b"GET / HTTP/1.1\r\n".as_slice(), TlsError::PlainHttp),
            (b"G".as_slice(), TlsError::PlainHttp),
            (b"M-SEARCH * HTTP/1.1".as_slice(), TlsError::PlainHttp),
            (b"\x80\x2e\x01".as_slice(), TlsError::NotTls),
            (b"EHLO\r\n".as_slice(), TlsError::NotTls),
            (b"\x16\x02".as_slice(), TlsError::NotTls),
            (b"\x00".as_slice(), TlsError::NotTls),
        ] {
            let (result, alert) = read(bytes);
            assert_eq!(result, Err(expected.clone()), "{bytes:?}");
            assert_eq!(alert.is_empty(), expected == TlsError::PlainHttp, "{bytes:?}");
        }
    }

    #[test]
    fn a_client_of_an_older_version_is_told_so() {
        for (version, expected) in [([3, 0], true), ([3, 1], true), ([3, 2], true), ([3, 3], false)] {
            let (result, alert) = read(&[&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"[..], &version].concat());
            assert_eq!(result == Err(TlsError::NoCommonVersion), expected, "{version:?}");
            assert_eq!(alert == plain_alert(AlertDescription::ProtocolVersion), expected, "{version:?}");
        }
    }

    #[test]
    fn an_incomplete_message_is_waited_for() {
        for bytes in [b"".as_slice(), b"\x16", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"] {
            assert_eq!(read(bytes).0, Ok(false), "{bytes:?}");
        }
    }

    #[test]
    fn a_message_above_16_kb_is_refused_before_it_has_come() {
        let (result, alert) = read(b"\x16\x03\x01\x40\x00\x01\x00\x40\x01");
        assert_eq!(result, Err(TlsError::HelloTooLarge));
        assert_eq!(alert, plain_alert(AlertDescription::IllegalParameter));
        let mut slow = b"\x16\x03\x01\x00\x05\x01\x00\x40\x00\x03".to_vec();
        for _ in 0..20_000 {
            slow.extend_from_slice(b"\x16\x03\x01\x00\x01\x00");
        }
        assert_eq!(read(&slow).0, Err(TlsError::HelloTooLarge));
        let server_hello = b"\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00";
        assert!(matches!(read(server_hello).0, Err(TlsError::Misbehaved(_))));
    }
}
