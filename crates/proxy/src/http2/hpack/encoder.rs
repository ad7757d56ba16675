//! Encoding a header block.
//!
//! A value is put into the dynamic table when it is sent for the second time, so that what changes with each message
//! costs nothing but a look, and what repeats (`server`, `content-type`, the `date` of one second) becomes one byte. Which
//! pairs were seen is remembered in a small table by their hash; one that is pushed out of it is only sent in full.
//!
//! Secrets never go into the table (RFC 7541 section 7.1). A connection to a target is shared by clients that must learn
//! nothing of each other, so there only names on a list do, and all else is marked so that nobody keeps it.

use super::{ENTRY_OVERHEAD, TABLE_SIZE, huffman, integer, static_table, table::Table};

/// Pairs that are remembered.
const SEEN: usize = 128;
/// The longest name that is looked up. Longer ones are written as they are.
const LONGEST_KNOWN: usize = 64;
/// The longest value that goes into the table.
const LONGEST_KEPT: usize = 1024;
/// Values from this length on are Huffman-coded. Measured: that costs 1 ns a byte here and 1.5 ns there, and saves a
/// quarter of them. Short ones are not worth it, for what repeats among them is in the table anyway.
const HUFFMAN_FROM: usize = 256;

/// What is done with a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    /// Kept when it repeats.
    Keep,
    /// Not kept: it differs from message to message.
    Pass,
    /// Marked so that nobody keeps it.
    Hide,
}

/// Who reads what is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// One client: answers.
    Client,
    /// A target: requests of many clients.
    Target,
}

/// A pair that was sent.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    hash: u32,
    /// The number of its entry plus one; 0: it has none yet.
    entry: u32,
}

/// An encoder: the table that all blocks of one direction share.
#[derive(Debug)]
pub struct Encoder {
    reader: Reader,
    table: Table<()>,
    /// Empty until the first block: a connection that never answers has none.
    seen: Vec<Seen>,
    /// The smallest size since the last block, and whether it changed.
    smallest: usize,
    resized: bool,
}

impl Encoder {
    /// An encoder for messages to `reader`.
    pub fn new(reader: Reader) -> Self {
        Self { reader, table: Table::new(TABLE_SIZE), seen: Vec::new(), smallest: TABLE_SIZE, resized: false }
    }

    /// The peer allows a table of `size` bytes (SETTINGS_HEADER_TABLE_SIZE). More than [`TABLE_SIZE`] is not used.
    pub fn resize(&mut self, size: usize) {
        let size = size.min(TABLE_SIZE);
        if size != self.table.maximum() {
            self.table.resize(size);
            self.smallest = self.smallest.min(size);
            self.resized = true;
        }
    }

    /// Begins a block: says how large the table is, if that changed.
    #[inline]
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        if self.resized {
            let size = self.table.maximum();
            if self.smallest < size {
                integer::put(out, 0x20, 5, self.smallest);
            }
            integer::put(out, 0x20, 5, size);
            (self.smallest, self.resized) = (size, false);
        }
    }

    /// Appends `:status`; 100 to 999.
    #[inline]
    pub fn status(&mut self, status: u16, out: &mut Vec<u8>) {
        const FIRST: u8 = 8;
        const STATUSES: [u16; 7] = [200, 204, 206, 304, 400, 404, 500];
        if let Some(place) = (FIRST..).zip(STATUSES).find(|(_, known)| *known == status) {
            out.push(0x80 | place.0);
            return;
        }
        let digit = |n: u16| b'0' + (n % 10).to_le_bytes()[0];
        let text = [digit(status / 100), digit(status / 10), digit(status)];
        self.keep_or_write(b":status", usize::from(FIRST), &text, out);
    }

    /// Appends `:method`.
    pub fn method(&mut self, method: &[u8], out: &mut Vec<u8>) {
        match method {
            b"GET" => out.push(0x82),
            b"POST" => out.push(0x83),
            _ => self.keep_or_write(b":method", 2, method, out),
        }
    }

    /// Appends `:scheme`.
    pub fn scheme(&mut self, https: bool, out: &mut Vec<u8>) {
        out.push(if https { 0x87 } else { 0x86 });
    }

    /// Appends `:path`.
    pub fn path(&mut self, path: &[u8], out: &mut Vec<u8>) {
        match path {
            b"/" => out.push(0x84),
            _ => write_literal(0x00, 4, 4, b":path", path, out),
        }
    }

    /// Appends `:authority`.
    pub fn authority(&mut self, authority: &[u8], out: &mut Vec<u8>) {
        self.keep_or_write(b":authority", 1, authority, out);
    }

    /// Appends a field. The name may be in any case.
    #[inline]
    pub fn field(&mut self, name: &[u8], value: &[u8], out: &mut Vec<u8>) {
        let mut room = [0; LONGEST_KNOWN];
        let Some(lower) = lower_case(name, &mut room) else { return write_long(name, value, out) };
        let (index, policy) = known(lower, self.reader);
        match policy {
            Policy::Keep if value.len() <= LONGEST_KEPT => self.keep_or_write(lower, index, value, out),
            Policy::Keep | Policy::Pass => write_literal(0x00, 4, index, lower, value, out),
            Policy::Hide => write_literal(0x10, 4, index, lower, value, out),
        }
    }

    /// Appends a field by the number of its entry; else in full, and as a new entry if it was seen before.
    fn keep_or_write(&mut self, name: &[u8], index: usize, value: &[u8], out: &mut Vec<u8>) {
        if self.seen.is_empty() {
            self.seen = vec![Seen::default(); SEEN];
        }
        let hash = hash(name, value);
        // Two places for each pair: the last bit tells them apart.
        let first = hash as usize % SEEN;
        let place = if self.seen[first].hash == hash { first } else { first ^ 1 };
        let seen = self.seen[place];
        if seen.hash != hash {
            // The pair that was sent less recently makes room: it is in the second place.
            self.seen[first ^ 1] = self.seen[first];
            self.seen[first] = Seen { hash, entry: 0 };
            return write_literal(0x00, 4, index, name, value, out);
        }
        if let Some(age) = self.age(seen, name, value) {
            return integer::put(out, 0x80, 7, static_table::LENGTH + 1 + age);
        }
        self.seen[place].entry = self.table.inserted().wrapping_add(1);
        self.insert(name, index, value, out);
    }

    /// The age of a pair's entry, if that is still in the table and of this pair.
    #[inline]
    fn age(&self, seen: Seen, name: &[u8], value: &[u8]) -> Option<usize> {
        let age = self.table.inserted().wrapping_sub(seen.entry) as usize;
        let (entry, bytes) = self.table.get(age).filter(|_| seen.entry > 0)?;
        let (its_name, its_value) = bytes.split_at(usize::from(entry.name_length));
        (its_name == name && its_value == value).then_some(age)
    }

    #[cold]
    fn insert(&mut self, name: &[u8], index: usize, value: &[u8], out: &mut Vec<u8>) {
        write_literal(0x40, 6, index, name, value, out);
        let length = u16::try_from(name.len()).expect("names that are kept are short");
        self.table.insert(&[name, value], length, name.len() + value.len() + ENTRY_OVERHEAD, ());
    }
}

/// The number of a name in the static table, or 0, and what is done with its values.
#[inline]
fn known(name: &[u8], reader: Reader) -> (usize, Policy) {
    use Policy::{Hide, Keep, Pass};
    let secret = (0, Hide);
    match name {
        b"accept-ranges" => (18, Keep),
        b"access-control-allow-origin" => (20, Keep),
        b"age" => (21, Pass),
        b"cache-control" => (24, Keep),
        b"content-disposition" => (25, Pass),
        b"content-encoding" => (26, Keep),
        b"content-language" => (27, Keep),
        b"content-length" => (28, Pass),
        b"content-location" => (29, Pass),
        b"content-range" => (30, Pass),
        b"content-type" => (31, Keep),
        b"date" => (33, Keep),
        b"etag" => (34, Pass),
        b"expires" => (36, Keep),
        b"last-modified" => (44, Pass),
        b"link" => (45, Pass),
        b"location" => (46, Pass),
        b"server" => (54, Keep),
        b"set-cookie" => (55, Hide),
        b"strict-transport-security" => (56, Keep),
        b"vary" => (59, Keep),
        b"via" => (60, Keep),
        b"www-authenticate" => (61, Hide),
        b"proxy-authenticate" => (48, Hide),
        // of requests
        b"accept" => (19, Keep),
        b"accept-encoding" => (16, Keep),
        b"accept-language" => (17, Keep),
        b"authorization" => (23, Hide),
        b"cookie" => (32, Hide),
        b"if-modified-since" => (40, Pass),
        b"if-none-match" => (41, Pass),
        b"proxy-authorization" => (49, Hide),
        b"range" => (50, Pass),
        b"referer" => (51, Hide),
        b"user-agent" => (58, Keep),
        b"te" | b"x-forwarded-proto" | b"x-forwarded-port" | b"grpc-accept-encoding" | b"grpc-encoding" => (0, Keep),
        b"x-api-key" | b"x-csrf-token" | b"x-xsrf-token" | b"x-auth-token" | b"x-amz-security-token" => secret,
        b"x-amzn-trace-id" | b"x-request-id" | b"x-forwarded-for" | b"traceparent" => (0, Pass),
        _ => (0, if reader == Reader::Client { Keep } else { Hide }),
    }
}

/// Appends a literal with the pattern of its kind above `bits` for the name's number.
#[inline]
fn write_literal(pattern: u8, bits: u32, index: usize, name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    integer::put(out, pattern, bits, index);
    if index == 0 {
        integer::put(out, 0, 7, name.len());
        out.extend_from_slice(name);
    }
    write_string(value, out);
}

/// A name that is too long to be known.
#[cold]
fn write_long(name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    out.push(0x10);
    integer::put(out, 0, 7, name.len());
    let from = out.len();
    out.extend_from_slice(name);
    out[from..].make_ascii_lowercase();
    write_string(value, out);
}

#[inline]
fn write_string(string: &[u8], out: &mut Vec<u8>) {
    if string.len() >= HUFFMAN_FROM {
        let length = huffman::encoded_length(string);
        if length < string.len() {
            integer::put(out, 0x80, 7, length);
            return huffman::encode(string, out);
        }
    }
    integer::put(out, 0, 7, string.len());
    out.extend_from_slice(string);
}

/// Writes a name in lower case, eight bytes at a time; `None` when it does not fit.
#[inline]
fn lower_case<'r>(name: &[u8], room: &'r mut [u8; LONGEST_KNOWN]) -> Option<&'r [u8]> {
    room.get_mut(..name.len())?.copy_from_slice(name);
    let (words, _) = room.as_chunks_mut::<8>();
    for word in words.iter_mut().take(name.len().div_ceil(8)) {
        *word = lower_case_word(u64::from_le_bytes(*word)).to_le_bytes();
    }
    room.get(..name.len())
}

/// Eight bytes in lower case. Sums within seven bits tell which are letters, without carrying into the next byte.
#[inline]
fn lower_case_word(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let low = word & (0x7f * EACH);
    let from_a = low + (0x80 - b'A' as u64) * EACH;
    let beyond_z = low + (0x7f - b'Z' as u64) * EACH;
    let upper = (from_a ^ beyond_z) & !word & (0x80 * EACH);
    word | upper >> 2
}

/// A hash that is quick for short strings. It is no secret and needs none: a pair is compared before it is used, and who
/// makes others collide loses only compression.
#[inline]
fn hash(name: &[u8], value: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = (name.len() as u64) << 32 | value.len() as u64;
    let mut mix = |word: u64| hash = (hash.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    for string in [name, value] {
        let (words, rest) = string.as_chunks::<8>();
        words.iter().for_each(|word| mix(u64::from_le_bytes(*word)));
        // The last eight bytes, some of them twice; or the few that there are.
        mix(match string.last_chunk::<8>() {
            Some(last) => u64::from_le_bytes(*last),
            None => rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        });
    }
    let [_, _, _, _, top @ ..] = hash.to_le_bytes();
    // Zero is what an unused place has.
    u32::from_le_bytes(top) | 1 << 31
}

#[cfg(test)]
mod tests {
    use super::super::decoder::{Block, Decoder};
    use super::*;
    use crate::http2::text::Text;

    fn decode(decoder: &mut Decoder, bytes: &[u8]) -> String {
        let (mut block, mut text) = (Block::new(bytes, 1 << 20), Text::default());
        decoder.begin(&mut block).unwrap();
        while decoder.next(&mut block, &mut text).unwrap().is_some() {}
        String::from_utf8(text.bytes().to_vec()).unwrap()
    }

    fn answer(encoder: &mut Encoder, fields: &[(&str, &str)]) -> Vec<u8> {
        let mut out = Vec::new();
        encoder.begin(&mut out);
        encoder.status(200, &mut out);
        for (name, value) in fields {
            encoder.field(name.as_bytes(), value.as_bytes(), &mut out);
        }
        out
    }

    #[test]
    fn names_are_in_lower_case_whatever_bytes_they_have() {
        let all: Vec<u8> = (0..=255).collect();
        for name in all.chunks(64).flat_map(|chunk| (0..=chunk.len()).map(|length| &chunk[..length])) {
            let mut room = [0; LONGEST_KNOWN];
            assert_eq!(lower_case(name, &mut room), Some(&*name.to_ascii_lowercase()));
        }
        assert_eq!(lower_case(&[b'a'; 65], &mut [0; LONGEST_KNOWN]), None);
    }

    #[test]
    fn what_repeats_becomes_one_byte_at_the_third_time() {
        let (mut encoder, mut decoder) = (Encoder::new(Reader::Client), Decoder::default());
        let lengths: Vec<_> = (0..5)
            .map(|i| {
                let etag = format!("\"{i:08}\"");
                let fields = [
                    ("Server", "nginx"),
                    ("Content-Type", "text/html; charset=utf-8"),
                    ("ETag", &etag),
                    ("X-Custom", "yes"),
                    ("Set-Cookie", "a=b"),
                ];
                let block = answer(&mut encoder, &fields);
                let expected: String =
                    fields.iter().map(|(name, value)| format!("{}: {value}\r\n", name.to_lowercase())).collect();
                assert_eq!(decode(&mut decoder, &block), format!(":status: 200\r\n{expected}"));
                block.len()
            })
            .collect();
        assert!(lengths[0] == 1 + 8 + 27 + 13 + 14 + 6 && lengths[1] <= lengths[0], "{lengths:?}");
        assert_eq!(lengths[2], 1 + 1 + 1 + 13 + 1 + 6);
        assert_eq!(lengths[3..], lengths[2..4]);
    }

    #[test]
    fn secrets_are_never_kept_and_marked() {
        let (mut encoder, mut out) = (Encoder::new(Reader::Target), Vec::new());
        for _ in 0..3 {
            out.clear();
            encoder.field(b"Authorization", b"x", &mut out);
            encoder.field(b"Cookie", b"y", &mut out);
            encoder.field(b"X-Unknown", b"z", &mut out);
            encoder.field(&[b'A'; 70], b"z", &mut out);
        }
        assert_eq!(out[..9], [0x1f, 8, 1, b'x', 0x1f, 17, 1, b'y', 0x10]);
        assert_eq!((out[21], &out[22..26]), (0x10, &[70, b'a', b'a', b'a'][..]));
        assert_eq!(encoder.table.inserted(), 0);
    }

    #[test]
    fn a_table_that_the_peer_makes_smaller_is_said_to_be() {
        let (mut encoder, mut decoder) = (Encoder::new(Reader::Client), Decoder::default());
        for _ in 0..3 {
            let block = answer(&mut encoder, &[("server", "a")]);
            decode(&mut decoder, &block);
        }
        encoder.resize(10);
        encoder.resize(65_536);
        let block = answer(&mut encoder, &[("server", "a")]);
        assert_eq!(block[..4], [0x2a, 0x3f, 0xe1, 0x1f]);
        assert_eq!(decode(&mut decoder, &block), ":status: 200\r\nserver: a\r\n");
        encoder.resize(0);
        for _ in 0..3 {
            let block = answer(&mut encoder, &[("server", "a")]);
            assert_eq!(decode(&mut decoder, &block), ":status: 200\r\nserver: a\r\n");
        }
        assert_eq!(answer(&mut encoder, &[]), [0x88]);
    }

    #[test]
    fn statuses_methods_and_paths_have_short_forms() {
        let (mut encoder, mut out) = (Encoder::new(Reader::Target), Vec::new());
        for status in [200, 204, 206, 304, 400, 404, 500] {
            encoder.status(status, &mut out);
        }
        encoder.method(b"GET", &mut out);
        encoder.method(b"POST", &mut out);
        encoder.scheme(false, &mut out);
        encoder.scheme(true, &mut out);
        encoder.path(b"/", &mut out);
        assert_eq!(out, [0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x82, 0x83, 0x86, 0x87, 0x84]);
        let (mut decoder, mut out) = (Decoder::default(), Vec::new());
        for _ in 0..3 {
            out.clear();
            encoder.status(302, &mut out);
            encoder.method(b"DELETE", &mut out);
            encoder.path(b"/a", &mut out);
            encoder.authority(b"x.example", &mut out);
            let expected = ":status: 302\r\n:method: DELETE\r\n:path: /a\r\n:authority: x.example\r\n";
            assert_eq!(decode(&mut decoder, &out), expected);
        }
        assert_eq!(out.len(), 1 + 1 + 4 + 1);
    }

    #[test]
    fn long_values_are_huffman_coded_where_that_is_shorter() {
        let mut decoder = Decoder::default();
        for value in ["e".repeat(2000), "\u{7f}".repeat(2000), "x".repeat(255)] {
            let mut encoder = Encoder::new(Reader::Client);
            let block = answer(&mut encoder, &[("x-long", &value)]);
            assert_eq!(decode(&mut decoder, &block), format!(":status: 200\r\nx-long: {value}\r\n"));
            assert_eq!(block.len() < value.len(), value.starts_with('e'));
        }
    }

    #[test]
    fn thousands_of_pairs_push_each_other_out_and_nothing_breaks() {
        let (mut encoder, mut decoder) = (Encoder::new(Reader::Client), Decoder::default());
        for round in 0..20 {
            for i in 0..500 {
                let (name, value) = (format!("x-name-{}", i % 37), format!("value-{}", i * (round % 3)));
                let block = answer(&mut encoder, &[(&name, &value), ("server", "same")]);
                let expected = format!(":status: 200\r\n{name}: {value}\r\nserver: same\r\n");
                assert_eq!(decode(&mut decoder, &block), expected);
            }
        }
        assert!(encoder.table.held_bytes() < 16 * 1024);
    }
}
