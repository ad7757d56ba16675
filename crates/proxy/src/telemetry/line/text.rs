//! The parts that lines of logs are made of: numbers, addresses, times, and what clients wrote, escaped.
//!
//! Written by hand into buffers that are used again, because this runs for every request on a thread that shares the
//! processor with the workers: the machinery of `format_args!` would be most of a line's cost.

use model::Timestamp;
use std::{
    io::Write as _,
    net::{IpAddr, SocketAddr},
};

/// The digits of the numbers below 100.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut i = 0;
    while i < 100 {
        pairs[i] = [b"0123456789"[i / 10], b"0123456789"[i % 10]];
        i += 1;
    }
    pairs
};

/// The numbers below 256 with a point behind them, and how long that is.
const OCTETS: [([u8; 4], usize); 256] = {
    let mut octets = [([b'.'; 4], 0); 256];
    let mut i = 0;
    while i < 256 {
        let digits = b"0123456789";
        let (hundreds, tens, ones) = (digits[i / 100], digits[i / 10 % 10], digits[i % 10]);
        octets[i] = match i {
            0..10 => ([ones, b'.', 0, 0], 2),
            10..100 => ([tens, ones, b'.', 0], 3),
            _ => ([hundreds, tens, ones, b'.'], 4),
        };
        i += 1;
    }
    octets
};

/// The last two digits of a number.
#[inline]
fn pair(value: u64) -> [u8; 2] {
    // Below 100.
    PAIRS[usize::try_from(value % 100).unwrap_or(0)]
}

/// Appends a number with at least `width` digits, at most 20.
#[inline]
pub fn digits(out: &mut Vec<u8>, mut value: u64, width: usize) {
    let mut text = [b'0'; 20];
    let mut begin = text.len();
    while value >= 100 {
        begin -= 2;
        text[begin..begin + 2].copy_from_slice(&pair(value));
        value /= 100;
    }
    if value >= 10 {
        begin -= 2;
        text[begin..begin + 2].copy_from_slice(&pair(value));
    } else if value > 0 {
        begin -= 1;
        text[begin] = pair(value)[1];
    }
    out.extend_from_slice(&text[begin.min(text.len() - width)..]);
}

/// Appends exactly three digits of a number below 1000.
#[inline]
pub fn three_digits(out: &mut Vec<u8>, value: u32) {
    let [tens, ones] = PAIRS[(value % 100) as usize];
    out.extend_from_slice(&[PAIRS[(value / 100 % 10) as usize][1], tens, ones]);
}

/// Appends exactly six digits of a number below 1,000,000.
#[inline]
pub fn six_digits(out: &mut Vec<u8>, value: u32) {
    let [a, b] = PAIRS[(value / 10_000 % 100) as usize];
    let [c, d] = PAIRS[(value / 100 % 100) as usize];
    let [e, f] = PAIRS[(value % 100) as usize];
    out.extend_from_slice(&[a, b, c, d, e, f]);
}

/// Appends sixteen hexadecimal digits in small letters.
#[inline]
pub fn hexadecimal(out: &mut Vec<u8>, value: u64) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; 16];
    for (at, byte) in value.to_be_bytes().into_iter().enumerate() {
        text[2 * at] = HEX[usize::from(byte >> 4)];
        text[2 * at + 1] = HEX[usize::from(byte & 15)];
    }
    out.extend_from_slice(&text);
}

/// Appends an address without a port.
#[inline]
pub fn ip(out: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => {
            octets(out, address.octets());
            // The last point.
            out.pop();
        }
        // Writing to a vector cannot fail.
        IpAddr::V6(address) => drop(write!(out, "{address}")),
    }
}

/// Appends `address:port`.
#[inline]
pub fn address(out: &mut Vec<u8>, address: SocketAddr) {
    match address {
        SocketAddr::V4(address) => {
            octets(out, address.ip().octets());
            // The last point is the colon.
            if let Some(last) = out.last_mut() {
                *last = b':';
            }
            digits(out, u64::from(address.port()), 1);
        }
        // Writing to a vector cannot fail.
        SocketAddr::V6(address) => drop(write!(out, "{address}")),
    }
}

/// Four numbers, each with a point behind it.
#[inline]
fn octets(out: &mut Vec<u8>, octets: [u8; 4]) {
    let (mut text, mut at) = ([0; 16], 0);
    for octet in octets {
        let (digits, length) = &OCTETS[usize::from(octet)];
        text[at..at + 4].copy_from_slice(digits);
        at += length;
    }
    out.extend_from_slice(&text[..at]);
}

/// Bytes that may stand in a line as they are: visible ASCII and the space, without quotes and backslashes.
#[inline]
const fn is_harmless(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') & (byte != b'"') & (byte != b'\\')
}

/// Where the first byte is that may not stand in a line as it is.
#[inline]
pub fn first_harmful(value: &[u8]) -> Option<usize> {
    // Sixteen at a time without a branch, which compilers turn into a few instructions.
    let all_harmless = |chunk: &[u8; 16]| chunk.iter().fold(true, |all, byte| all & is_harmless(*byte));
    let (chunks, rest) = value.as_chunks::<16>();
    let clean = chunks.iter().take_while(|chunk| all_harmless(chunk)).count() * 16;
    match value[clean..].len() == rest.len() {
        true => rest.iter().position(|byte| !is_harmless(*byte)).map(|at| clean + at),
        false => value[clean..].iter().position(|byte| !is_harmless(*byte)).map(|at| clean + at),
    }
}

/// Quotes, backslashes and everything that is not visible ASCII or a space become `\xNN`, byte by byte, so that a line
/// is a line and a field is a field whatever the client sent.
#[inline]
pub fn escape(out: &mut Vec<u8>, value: &[u8]) {
    match first_harmful(value) {
        None => out.extend_from_slice(value),
        Some(at) => escape_from(out, value, at),
    }
}

#[cold]
fn escape_from(out: &mut Vec<u8>, value: &[u8], mut at: usize) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut rest = value;
    loop {
        let byte = rest[at];
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&[b'\\', b'x', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        rest = &rest[at + 1..];
        match first_harmful(rest) {
            Some(next) => at = next,
            None => break,
        }
    }
    out.extend_from_slice(rest);
}

/// Writes points in time. It keeps the text of the second that it wrote last: most lines of a batch share it.
#[derive(Debug, Default)]
pub struct TimeWriter {
    second: Option<i64>,
    /// Up to the point before the fraction, this included: 20 bytes in the years 0 to 9999.
    text: Vec<u8>,
}

impl TimeWriter {
    /// Appends ISO 8601 in UTC with six decimals.
    #[inline]
    pub fn write(&mut self, out: &mut Vec<u8>, micros: i64) {
        let second = micros.div_euclid(1_000_000);
        if self.second != Some(second) {
            self.turn_to(second);
        }
        out.extend_from_slice(&self.text);
        six_digits(out, u32::try_from(micros.rem_euclid(1_000_000)).unwrap_or(0));
        out.push(b'Z');
    }

    fn turn_to(&mut self, second: i64) {
        self.second = Some(second);
        let whole = Timestamp::from_seconds(second).to_string();
        self.text.clear();
        self.text.extend_from_slice(whole.split('.').next().unwrap_or(&whole).as_bytes());
        self.text.push(b'.');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_and_addresses_are_written_like_the_standard_library_does() {
        for value in [0, 1, 9, 10, 11, 99, 100, 101, 999, 1_000, 65_535, 1_000_000, u64::MAX] {
            for width in [1, 3, 6] {
                assert_eq!(written(|out| digits(out, value, width)), format!("{value:0width$}"));
            }
            assert_eq!(written(|out| hexadecimal(out, value)), format!("{value:016x}"));
        }
        for value in [0, 1, 12, 123, 999] {
            assert_eq!(written(|out| three_digits(out, value)), format!("{value:03}"));
            assert_eq!(written(|out| six_digits(out, value * 1001)), format!("{:06}", value * 1001));
        }
        for text in ["0.0.0.0:0", "255.1.20.103:65535", "9.10.99.100:1", "[::1]:80", "[2001:db8::7]:443"] {
            let parsed: SocketAddr = text.parse().unwrap();
            assert_eq!(written(|out| address(out, parsed)), text);
            assert_eq!(written(|out| ip(out, parsed.ip())), parsed.ip().to_string());
        }
    }

    #[test]
    fn times_of_different_seconds_are_not_mixed_up() {
        let mut writer = TimeWriter::default();
        let mut out = Vec::new();
        for millis in [0, 999, 1_000, 999, -1] {
            writer.write(&mut out, millis * 1000);
            out.push(b' ');
        }
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "1970-01-01T00:00:00.000000Z 1970-01-01T00:00:00.999000Z 1970-01-01T00:00:01.000000Z \
             1970-01-01T00:00:00.999000Z 1969-12-31T23:59:59.999000Z "
        );
    }

    #[test]
    fn harm_is_found_wherever_it_is() {
        for length in 0..70 {
            let clean = vec![b'a'; length];
            assert_eq!(first_harmful(&clean), None);
            for at in 0..length {
                for harm in [b'"', b'\\', b'\n', 0, 0x1f, 0x7f, 0x80, 0xff] {
                    let mut value = clean.clone();
                    value[at] = harm;
                    assert_eq!(first_harmful(&value), Some(at), "{length} {at} {harm:x}");
                    let shown = written(|out| escape(out, &value));
                    let expected = format!("{}\\x{harm:02X}{}", "a".repeat(at), "a".repeat(length - at - 1));
                    assert_eq!(shown, expected);
                }
            }
        }
        assert_eq!(written(|out| escape(out, b"a\"b\\c\n")), "a\\x22b\\x5Cc\\x0A");
        assert_eq!(written(|out| escape(out, b"~ !#[]^_")), "~ !#[]^_");
    }
}
