//! The host of a request: what may stand there, what chooses the load balancer, and what the target gets.

use super::header::{number, write_number};

/// The longest host name that any configuration can name (RFC 1035).
pub const MAXIMUM_HOST: usize = 255;

/// A host and its port, as a client wrote them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host<'a> {
    /// The name or address, brackets included.
    pub name: &'a [u8],
    /// The port, when one was written.
    pub port: Option<u16>,
}

impl<'a> Host<'a> {
    /// Reads `name`, `name:port`, `[v6]` or `[v6]:port`. `None`: empty, with user information, with bytes that no host
    /// has, or with a port that is not between 1 and 65535.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let length = match value {
            [b'[', inner @ ..] => {
                let end = inner.iter().position(|b| !is_v6_text(*b)).filter(|end| *end > 0 && inner[*end] == b']')?;
                end + 2
            }
            _ => value.iter().position(|b| !NAME_BYTES[usize::from(*b)]).unwrap_or(value.len()),
        };
        let (name, rest) = value.split_at(length);
        if name.is_empty() {
            return None;
        }
        let port = match rest {
            [] | [b':'] => None,
            [b':', digits @ ..] => Some(port(digits)?),
            _ => return None,
        };
        Some(Self { name, port })
    }

    /// Writes the name in lower case and without a trailing dot into `room`; `None` when it is too long to be known.
    pub fn key<'r>(&self, room: &'r mut [u8; MAXIMUM_HOST]) -> Option<&'r [u8]> {
        let name = self.name.strip_suffix(b".").unwrap_or(self.name);
        let key = room.get_mut(..name.len())?;
        key.copy_from_slice(name);
        key.make_ascii_lowercase();
        Some(key)
    }

    /// Writes what the target gets unless the load balancer preserves the header: lower case; without a port on
    /// listener ports 80 and 443, with one on others.
    pub fn write(&self, listener_port: u16, out: &mut Vec<u8>) {
        let from = out.len();
        out.extend_from_slice(self.name);
        out[from..].make_ascii_lowercase();
        if !matches!(listener_port, 80 | 443) {
            out.push(b':');
            write_number(u64::from(self.port.unwrap_or(listener_port)), out);
        }
    }
}

fn port(digits: &[u8]) -> Option<u16> {
    let number = number(digits).filter(|_| digits.len() <= 5)?;
    u16::try_from(number).ok().filter(|port| *port > 0)
}

fn is_v6_text(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || byte == b':' || byte == b'.'
}

/// RFC 3986 reg-name, without the comma, which joins header fields.
const fn is_name_byte(byte: u8) -> bool {
    let is_sign = matches!(
        byte,
        b'-' | b'.' | b'_' | b'~' | b'%' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b';' | b'='
    );
    byte.is_ascii_alphanumeric() || is_sign
}

/// The same, looked up.
static NAME_BYTES: [bool; 256] = {
    let mut known = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        known[byte as usize] = is_name_byte(byte);
        byte += 1;
    }
    known
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_strictly() {
        for (text, expected) in [
            ("example.com", Some(("example.com", None))),
            ("EXAMPLE.com:8080", Some(("EXAMPLE.com", Some(8080)))),
            ("example.com:", Some(("example.com", None))),
            ("[::1]", Some(("[::1]", None))),
            ("[::1]:80", Some(("[::1]", Some(80)))),
            ("", None),
            (":80", None),
            ("a:0", None),
            ("a:65536", None),
            ("a:080x", None),
            ("a:000080", None),
            ("user@a", None),
            ("a,b", None),
            ("a b", None),
            ("a/b", None),
            ("[::1", None),
            ("[]", None),
            ("[::1]x", None),
            ("[::g]", None),
            ("a\u{e4}", None),
        ] {
            let host = Host::parse(text.as_bytes());
            let seen = host.map(|h| (std::str::from_utf8(h.name).unwrap(), h.port));
            assert_eq!(seen, expected, "{text:?}");
        }
    }

    #[test]
    fn the_target_gets_lower_case_and_the_port_rules_of_the_listener() {
        for (text, listener_port, expected) in [
            ("Example.COM", 80, "example.com"),
            ("Example.COM:80", 80, "example.com"),
            ("Example.COM:81", 443, "example.com"),
            ("Example.COM", 8080, "example.com:8080"),
            ("Example.COM:8080", 8080, "example.com:8080"),
            ("Example.COM:9", 8080, "example.com:9"),
            ("[::1]", 81, "[::1]:81"),
        ] {
            let mut out = Vec::new();
            Host::parse(text.as_bytes()).unwrap().write(listener_port, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn the_key_ignores_case_and_a_trailing_dot() {
        let mut room = [0; MAXIMUM_HOST];
        assert_eq!(Host::parse(b"WWW.Example.com.:8080").unwrap().key(&mut room), Some(&b"www.example.com"[..]));
        let long = vec![b'a'; 256];
        assert_eq!(Host::parse(&long).unwrap().key(&mut room), None);
    }
}
