//! Header fields: places in the head, copying of what stays, and which fields belong to one connection only.

use httparse::Header;
use std::mem::MaybeUninit;

/// The most header fields of one message. More are refused, so that a mask has a bit for each.
pub const MAXIMUM_HEADERS: usize = 100;

/// Room on the stack for the fields of one message.
pub type Storage<'b> = [MaybeUninit<Header<'b>>; MAXIMUM_HEADERS];

/// Room for one head.
pub const fn storage<'b>() -> Storage<'b> {
    [const { MaybeUninit::uninit() }; MAXIMUM_HEADERS]
}

/// A set of header fields, by position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mask(u128);

impl Mask {
    /// Adds a field.
    #[inline]
    pub fn add(&mut self, position: usize) {
        self.0 |= 1 << position;
    }

    /// Whether the set has a field.
    #[inline]
    pub fn has(self, position: usize) -> bool {
        self.0 >> position & 1 == 1
    }
}

/// Where `part` begins in `whole`. `part` must be a slice of `whole`.
#[inline]
pub fn offset(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr() as usize - whole.as_ptr() as usize
}

/// The tokens of a comma-separated list, without the white space around them and without empty ones.
pub fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|b| *b == b',').map(<[u8]>::trim_ascii).filter(|token| !token.is_empty())
}

/// Names and values of lines as we write them.
pub fn lines(lines: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    lines.split(|byte| *byte == b'\n').filter_map(|line| {
        let line = line.strip_suffix(b"\r")?;
        let colon = line.iter().position(|byte| *byte == b':')?;
        Some((&line[..colon], line[colon + 1..].trim_ascii()))
    })
}

/// A decimal number without sign, space or overflow; at most 18 digits.
#[inline]
pub fn number(value: &[u8]) -> Option<u64> {
    if value.is_empty() || value.len() > 18 {
        return None;
    }
    value.iter().try_fold(0u64, |n, b| b.is_ascii_digit().then(|| n * 10 + u64::from(b - b'0')))
}

/// AWS's valid names (`routing.http.drop_invalid_header_fields.enabled`): letters, digits and hyphens.
#[inline]
pub fn has_valid_name(header: &Header<'_>) -> bool {
    header.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Fields that the `Connection` header cannot take away: the message would change its meaning or lose what we vouch for.
pub fn is_protected(name: &[u8]) -> bool {
    const PROTECTED: [&[u8]; 7] = [
        b"host",
        b"content-length",
        b"transfer-encoding",
        b"x-forwarded-for",
        b"x-forwarded-proto",
        b"x-forwarded-port",
        b"x-amzn-trace-id",
    ];
    PROTECTED.iter().any(|p| name.eq_ignore_ascii_case(p))
}

/// What the `Connection` fields of a message say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectionOptions {
    /// `close`.
    pub close: bool,
    /// `keep-alive`.
    pub keep_alive: bool,
    /// `upgrade`.
    pub upgrade: bool,
}

/// Reads one `Connection` field, and marks the fields that it names as belonging to this connection only.
pub fn read_connection(value: &[u8], headers: &[Header<'_>], drop: &mut Mask, options: &mut ConnectionOptions) {
    // The two common values, without looking for commas.
    if value.eq_ignore_ascii_case(b"keep-alive") {
        options.keep_alive = true;
    } else if value.eq_ignore_ascii_case(b"close") {
        options.close = true;
    } else {
        for token in tokens(value) {
            if token.eq_ignore_ascii_case(b"close") {
                options.close = true;
            } else if token.eq_ignore_ascii_case(b"keep-alive") {
                options.keep_alive = true;
            } else if token.eq_ignore_ascii_case(b"upgrade") {
                options.upgrade = true;
            } else if !is_protected(token) {
                drop_named(token, headers, drop);
            }
        }
    }
}

fn drop_named(name: &[u8], headers: &[Header<'_>], drop: &mut Mask) {
    for (i, header) in headers.iter().enumerate() {
        if header.name.as_bytes().eq_ignore_ascii_case(name) {
            drop.add(i);
        }
    }
}

/// Writes the fields that are not in `drop` as `name: value` lines. `end` is where the empty line begins. `with_first_line`: the
/// line before them is copied too.
///
/// Lines that have this form already are copied together in one piece; the others are written anew.
pub fn copy(head: &[u8], headers: &[Header<'_>], drop: Mask, with_first_line: bool, end: usize, out: &mut Vec<u8>) {
    let mut run = with_first_line.then_some(0);
    for (i, header) in headers.iter().enumerate() {
        let start = offset(head, header.name.as_bytes());
        let next = headers.get(i + 1).map_or(end, |next| offset(head, next.name.as_bytes()));
        if !drop.has(i) && is_canonical(head, header, start, next) {
            run.get_or_insert(start);
            continue;
        }
        if let Some(from) = run.take() {
            out.extend_from_slice(&head[from..start]);
        }
        if !drop.has(i) {
            write(header.name.as_bytes(), header.value, out);
        }
    }
    if let Some(from) = run {
        out.extend_from_slice(&head[from..end]);
    }
}

/// Writes one field.
pub fn write(name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// Whether the line from `start` to `next` is exactly `name: value` and CRLF.
#[inline]
fn is_canonical(head: &[u8], header: &Header<'_>, start: usize, next: usize) -> bool {
    let value = start + header.name.len() + 2;
    !header.value.is_empty()
        && offset(head, header.value) == value
        && value + header.value.len() + 2 == next
        && head[value - 2..value] == *b": "
        && head[next - 2..next] == *b"\r\n"
}

/// Whether every line of the head ends with CRLF: httparse also takes a lone LF. `end` is where the empty line begins.
#[inline]
pub fn has_only_crlf(head: &[u8], headers: &[Header<'_>], end: usize) -> bool {
    let ends_before = |at: usize| at >= 2 && head[at - 2..at] == *b"\r\n";
    head[end..] == *b"\r\n"
        && ends_before(end)
        && headers.iter().all(|header| ends_before(offset(head, header.name.as_bytes())))
}

/// Appends a number in decimal.
pub fn write_number(number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_decimal_digits_and_nothing_else() {
        for (text, expected) in [
            ("0", Some(0)),
            ("007", Some(7)),
            ("123456789012345678", Some(123_456_789_012_345_678)),
            ("", None),
            ("+5", None),
            ("-0", None),
            ("5 ", None),
            ("0x10", None),
            ("1e3", None),
            ("1234567890123456789", None),
            ("٥", None),
        ] {
            assert_eq!(number(text.as_bytes()), expected, "{text}");
        }
        for n in [0, 7, 10, 18_446_744_073_709_551_615] {
            let mut out = Vec::new();
            write_number(n, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), n.to_string());
        }
    }

    #[test]
    fn a_connection_header_takes_its_fields_away_but_not_the_protected_ones() {
        let names = ["Foo", "Host", "X-Forwarded-For", "foo", "Bar"];
        let headers: Vec<_> = names.iter().map(|name| Header { name, value: b"x" }).collect();
        let (mut drop, mut options) = (Mask::default(), ConnectionOptions::default());
        read_connection(b"close , FOO,host, X-Forwarded-For,", &headers, &mut drop, &mut options);
        assert_eq!((0..5).map(|i| drop.has(i)).collect::<Vec<_>>(), [true, false, false, true, false]);
        assert_eq!(options, ConnectionOptions { close: true, ..ConnectionOptions::default() });
    }
}
