//! What the load balancer tells the target about the request: X-Forwarded-For, -Proto, -Port, X-Amzn-Trace-Id, and what is
//! known of the client's TLS.

use super::{client::ClientTls, header};
use crate::{
    config::listener::TlsHeaders,
    tls::client_certificate::{Asked, ClientCertificate},
};
use model::elbv2::snapshot::XffMode;
use std::{fmt::Write as _, net::SocketAddr};

/// The most addresses in a client's X-Forwarded-For; more are answered with 463.
pub const MAXIMUM_FORWARDED_ADDRESSES: usize = 30;
/// The longest X-Amzn-Trace-Id that is extended; a longer one is replaced.
const MAXIMUM_TRACE_ID: usize = 7 * 1024;

/// The longest address with a port: `[` 45 characters `]:65535`.
const MAXIMUM_ADDRESS_TEXT: usize = 54;

/// What a target is told of a client's TLS.
#[derive(Clone, Copy, Debug)]
pub struct ForwardedTls<'a> {
    pub(crate) tls: &'a ClientTls,
    pub(crate) headers: &'a TlsHeaders,
}

impl ForwardedTls<'_> {
    /// Appends the lines.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut write = |name: &str, value: &str| header::write(name.as_bytes(), value.as_bytes(), out);
        if let Some(([version, cipher], agreed)) = self.headers.version_and_cipher.as_ref().zip(self.tls.agreed) {
            write(version, agreed.version);
            write(cipher, agreed.cipher);
        }
        let Some(certificate) = &self.tls.client_certificate else { return };
        match self.tls.asked {
            Asked::Nothing => {}
            Asked::Anything => write(&self.headers.client_certificate, &certificate.pem),
            Asked::Trusted => {
                let ClientCertificate { serial_number, issuer, subject, validity, pem } = &**certificate;
                for (name, value) in self.headers.verified.iter().zip([serial_number, issuer, subject, validity, pem]) {
                    write(name, value);
                }
            }
        }
    }
}

/// The client's address as it is written into X-Forwarded-For, made once per connection.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress {
    text: [u8; MAXIMUM_ADDRESS_TEXT],
    length: u8,
    without_port: u8,
    bracketed: bool,
}

impl ClientAddress {
    /// The texts for an address. An IPv4 address that arrived over IPv6 is written as IPv4.
    pub fn new(address: SocketAddr) -> Self {
        let ip = address.ip().to_canonical();
        let mut room = Room { text: [0; MAXIMUM_ADDRESS_TEXT], length: 0 };
        // "ip" and "ip:port" share one text; IPv6 needs brackets only with the port. The room is enough for the longest.
        let bracketed = ip.is_ipv6();
        let _fits = if bracketed { write!(room, "[{ip}") } else { write!(room, "{ip}") };
        let without_port = room.length;
        let _fits = write!(room, "{}:{}", if bracketed { "]" } else { "" }, address.port());
        Self { text: room.text, length: room.length, without_port, bracketed }
    }

    /// With or without the port.
    #[inline]
    pub fn text(&self, with_port: bool) -> &[u8] {
        let (from, to) = match with_port {
            true => (0, self.length),
            false => (u8::from(self.bracketed), self.without_port),
        };
        &self.text[usize::from(from)..usize::from(to)]
    }
}

/// Text of bounded length.
struct Room {
    text: [u8; MAXIMUM_ADDRESS_TEXT],
    length: u8,
}

impl std::fmt::Write for Room {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let from = usize::from(self.length);
        let place = self.text.get_mut(from..from + text.len()).ok_or(std::fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.length = u8::try_from(from + text.len()).map_err(|_| std::fmt::Error)?;
        Ok(())
    }
}

/// The lines that tell a target how requests came to a listener: X-Forwarded-Proto and X-Forwarded-Port.
pub fn forwarded_lines(tls: bool, port: u16) -> Box<[u8]> {
    let scheme = if tls { "https" } else { "http" };
    format!("X-Forwarded-Proto: {scheme}\r\nX-Forwarded-Port: {port}\r\n").into_bytes().into()
}

/// How many addresses a header value holds.
pub fn count_addresses(value: &[u8]) -> usize {
    super::header::tokens(value).count()
}

/// Writes X-Forwarded-For; in `preserve` mode the fields of the client stay where they are and nothing is written.
pub fn write_forwarded_for<'a>(
    mode: XffMode,
    existing: impl Iterator<Item = &'a [u8]>,
    client: &[u8],
    out: &mut Vec<u8>,
) {
    match mode {
        XffMode::Preserve | XffMode::Remove => {}
        XffMode::Append => {
            out.extend_from_slice(b"X-Forwarded-For: ");
            for value in existing.filter(|value| !value.is_empty()) {
                out.extend_from_slice(value);
                out.extend_from_slice(b", ");
            }
            out.extend_from_slice(client);
            out.extend_from_slice(b"\r\n");
        }
    }
}

/// Writes the value of X-Amzn-Trace-Id: a new `Root`, or `Self` before what the client sent when that has a `Root`.
/// A `Self` of before is replaced; other fields are kept.
pub fn write_trace_id(existing: Option<&[u8]>, seconds: i64, random: [u64; 2], out: &mut Vec<u8>) {
    let existing = existing.filter(|value| value.len() <= MAXIMUM_TRACE_ID).unwrap_or_default();
    let fields = || existing.split(|b| *b == b';').map(<[u8]>::trim_ascii).filter(|field| !field.is_empty());
    let has_root = fields().any(|field| starts_with(field, b"root="));
    out.extend_from_slice(if has_root { b"Self=" } else { b"Root=" });
    write_id(seconds, random, out);
    for field in fields().filter(|field| !starts_with(field, b"self=")) {
        out.push(b';');
        out.extend_from_slice(field);
    }
}

fn starts_with(field: &[u8], name: &[u8]) -> bool {
    field.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

/// `1-<8 hex digits of seconds>-<24 random hex digits>`.
fn write_id(seconds: i64, random: [u64; 2], out: &mut Vec<u8>) {
    let mut id = *b"1-ssssssss-rrrrrrrrrrrrrrrrrrrrrrrr";
    write_hex(seconds.cast_unsigned(), &mut id[2..10]);
    write_hex(random[0], &mut id[11..27]);
    write_hex(random[1], &mut id[27..]);
    out.extend_from_slice(&id);
}

/// Writes the last hex digits of a number into `room`.
#[inline]
fn write_hex(number: u64, room: &mut [u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in room.rchunks_exact_mut(2).zip(number.to_le_bytes()) {
        pair.copy_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
}

/// Writes `Date` as RFC 9110 wants it, for our own answers.
pub fn write_date(seconds: i64, out: &mut String) {
    let time = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    // Writing to a String cannot fail, and the format is fixed.
    let _written = write!(out, "{}", time.strftime("%a, %d %b %Y %H:%M:%S GMT"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_aws_writes_them() {
        for (address, without, with) in [
            ("192.0.2.1:1234", "192.0.2.1", "192.0.2.1:1234"),
            ("[2001:db8::1]:1234", "2001:db8::1", "[2001:db8::1]:1234"),
            ("[::ffff:192.0.2.1]:5", "192.0.2.1", "192.0.2.1:5"),
            (
                "[1111:2222:3333:4444:5555:6666:7777:8888]:65535",
                "1111:2222:3333:4444:5555:6666:7777:8888",
                "[1111:2222:3333:4444:5555:6666:7777:8888]:65535",
            ),
        ] {
            let client = ClientAddress::new(address.parse().unwrap());
            assert_eq!((client.text(false), client.text(true)), (without.as_bytes(), with.as_bytes()));
        }
    }

    #[test]
    fn forwarded_for_is_appended_preserved_or_removed() {
        for (mode, existing, expected) in [
            (XffMode::Append, vec![], "X-Forwarded-For: 192.0.2.1\r\n"),
            (XffMode::Append, vec!["a", "", "b, c"], "X-Forwarded-For: a, b, c, 192.0.2.1\r\n"),
            (XffMode::Preserve, vec!["a"], ""),
            (XffMode::Remove, vec!["a"], ""),
        ] {
            let mut out = Vec::new();
            write_forwarded_for(mode, existing.iter().map(|v| v.as_bytes()), b"192.0.2.1", &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn trace_ids_follow_the_rules_for_root_and_self() {
        let id = "1-00000010-000000000000000100000002";
        let long = format!("Root={}", "x".repeat(8000));
        for (existing, expected) in [
            (None, format!("Root={id}")),
            (Some(""), format!("Root={id}")),
            (Some("Root=1-2-3"), format!("Self={id};Root=1-2-3")),
            (Some("Self=1-old;Root=1-2-3;App=x"), format!("Self={id};Root=1-2-3;App=x")),
            (Some("App=x"), format!("Root={id};App=x")),
            (Some(&*long), format!("Root={id}")),
        ] {
            let mut out = Vec::new();
            write_trace_id(existing.map(str::as_bytes), 16, [1, 2], &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn dates_are_those_of_the_rfc() {
        let mut out = String::new();
        write_date(784_111_777, &mut out);
        assert_eq!(out, "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
