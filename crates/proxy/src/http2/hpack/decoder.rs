//! Decoding a header block: one field after the other, each written as a line of text.
//!
//! What a field's name means and whether its value may stand in a line of HTTP/1.1 is found once, when the bytes of a
//! literal are read, and kept in the table with the entry; a field that is only a number costs one copy.

use super::{
    ENTRY_OVERHEAD, HpackError, MAXIMUM_COMPRESSED_FIELD, MAXIMUM_FIELDS, TABLE_SIZE, huffman, integer, static_table,
    table::Table,
};
use crate::http2::text::Text;

/// Changes of the table's size at the beginning of one block (RFC 7541 section 4.2: the smallest and the final one).
const MAXIMUM_SIZE_UPDATES: usize = 2;
/// What a line has beside name and value: colon, space, CR and LF.
const LINE_OVERHEAD: usize = 4;

/// What a field is by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// Any that is not below.
    Ordinary,
    /// `:method`.
    Method,
    /// `:scheme`.
    Scheme,
    /// `:authority`.
    Authority,
    /// `:path`.
    Path,
    /// `:status`.
    Status,
    /// Another one that begins with a colon.
    UnknownPseudo,
    /// `cookie`.
    Cookie,
    /// `host`.
    Host,
    /// `content-length`.
    ContentLength,
    /// `te`.
    Te,
    /// One that says something about an HTTP/1.1 connection (RFC 9113 section 8.2.2).
    ConnectionSpecific,
    /// No name: empty, in upper case, or with bytes that names do not have.
    Invalid,
}

impl Name {
    /// What a name is.
    pub const fn of(name: &[u8]) -> Self {
        match name {
            b":method" => Self::Method,
            b":scheme" => Self::Scheme,
            b":authority" => Self::Authority,
            b":path" => Self::Path,
            b":status" => Self::Status,
            [b':', ..] => Self::UnknownPseudo,
            b"cookie" => Self::Cookie,
            b"host" => Self::Host,
            b"content-length" => Self::ContentLength,
            b"te" => Self::Te,
            b"connection" | b"keep-alive" | b"proxy-connection" | b"transfer-encoding" | b"upgrade" => {
                Self::ConnectionSpecific
            }
            [] => Self::Invalid,
            _ => {
                let mut i = 0;
                while i < name.len() {
                    if !is_name_byte(name[i]) {
                        return Self::Invalid;
                    }
                    i += 1;
                }
                Self::Ordinary
            }
        }
    }

    /// Whether it begins with a colon and is known or not.
    #[inline]
    pub fn is_pseudo(self) -> bool {
        match self {
            Self::Method | Self::Scheme | Self::Authority | Self::Path | Self::Status | Self::UnknownPseudo => true,
            Self::Ordinary
            | Self::Cookie
            | Self::Host
            | Self::ContentLength
            | Self::Te
            | Self::ConnectionSpecific
            | Self::Invalid => false,
        }
    }
}

/// A byte of a token (RFC 9110 section 5.6.2), in lower case.
const fn is_name_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'
        | b'_' | b'`' | b'|' | b'~')
}

/// A field that was decoded: the line at the end of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Where the line begins in the text.
    pub start: usize,
    /// The length of the name.
    pub name_length: usize,
    /// What the name is.
    pub name: Name,
    /// Whether the value has bytes that no value may have, or white space around it (RFC 9113 section 8.2.1).
    pub bad_value: bool,
}

impl Field {
    /// The name.
    pub fn name<'t>(&self, text: &'t Text) -> &'t [u8] {
        &text.from(self.start)[..self.name_length]
    }

    /// The value.
    pub fn value<'t>(&self, text: &'t Text) -> &'t [u8] {
        let line = text.from(self.start);
        &line[self.name_length + 2..line.len() - 2]
    }
}

/// What the table notes of an entry.
#[derive(Clone, Copy, Debug)]
struct Meta {
    name: Name,
    bad_value: bool,
}

/// A header block while it is decoded, with what may still come out of it.
#[derive(Debug)]
pub struct Block<'b> {
    rest: &'b [u8],
    fields_left: usize,
    size_left: usize,
}

impl<'b> Block<'b> {
    /// A block that may become fields of `maximum_size` bytes, counted as in SETTINGS_MAX_HEADER_LIST_SIZE. More ends
    /// the connection.
    pub fn new(bytes: &'b [u8], maximum_size: usize) -> Self {
        Self { rest: bytes, fields_left: MAXIMUM_FIELDS, size_left: maximum_size }
    }

    #[inline]
    fn count(&mut self, size: usize) -> Result<(), HpackError> {
        self.fields_left = self.fields_left.checked_sub(1).ok_or(HpackError::TooManyFields)?;
        self.size_left = self.size_left.checked_sub(size).ok_or(HpackError::Bomb)?;
        Ok(())
    }
}

/// A decoder: the table that all blocks of one direction share.
#[derive(Debug)]
pub struct Decoder {
    table: Table<Meta>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { table: Table::new(TABLE_SIZE) }
    }
}

impl Decoder {
    /// Takes the changes of the table's size at the beginning of a block.
    ///
    /// # Errors
    /// More than two of them, or a size above [`TABLE_SIZE`].
    #[inline]
    pub fn begin(&mut self, block: &mut Block<'_>) -> Result<(), HpackError> {
        let mut updates = 0;
        while let Some(0x20..=0x3f) = block.rest.first() {
            let size = integer::take(&mut block.rest, 5)?;
            updates += 1;
            if size > TABLE_SIZE || updates > MAXIMUM_SIZE_UPDATES {
                return Err(HpackError::TableSize);
            }
            self.table.resize(size);
        }
        Ok(())
    }

    /// Decodes the next field and appends it to the text as a line; `None` at the end of the block.
    ///
    /// # Errors
    /// The block is malformed or exceeds a limit; the decoder is of no use after that.
    // Within the loops over fields its result stays in registers: a fifth of the time of a usual request.
    #[inline(always)]
    pub fn next(&mut self, block: &mut Block<'_>, text: &mut Text) -> Result<Option<Field>, HpackError> {
        let field = match block.rest.first() {
            None => return Ok(None),
            Some(0x80..) => self.indexed(block, text)?,
            Some(0x40..=0x7f) => self.literal(block, 6, true, text)?,
            Some(0x20..=0x3f) => return Err(HpackError::TableSize),
            Some(0x00..=0x1f) => self.literal(block, 4, false, text)?,
        };
        block.count(text.len() - field.start + ENTRY_OVERHEAD - LINE_OVERHEAD)?;
        Ok(Some(field))
    }

    #[inline(always)]
    fn indexed(&mut self, block: &mut Block<'_>, text: &mut Text) -> Result<Field, HpackError> {
        let index = integer::take(&mut block.rest, 7)?;
        let start = text.len();
        if let Some(entry) = static_table::entry(index) {
            text.push(entry.line.as_bytes());
            return Ok(Field { start, name_length: entry.name_length.into(), name: entry.name, bad_value: false });
        }
        let age = index.checked_sub(static_table::LENGTH + 1).ok_or(HpackError::Index)?;
        let (entry, line) = self.table.get(age).ok_or(HpackError::Index)?;
        text.push(line);
        let Meta { name, bad_value } = entry.meta;
        Ok(Field { start, name_length: entry.name_length.into(), name, bad_value })
    }

    #[inline(never)]
    fn literal(
        &mut self,
        block: &mut Block<'_>,
        prefix: u32,
        keep: bool,
        text: &mut Text,
    ) -> Result<Field, HpackError> {
        let before = block.rest.len();
        let start = text.len();
        let index = integer::take(&mut block.rest, prefix)?;
        let (name, name_length) = if index == 0 { literal_name(block, text)? } else { self.indexed_name(index, text)? };
        let value = text.len();
        string(&mut block.rest, text)?;
        let bad_value = !is_good_value(text.from(value));
        text.push(b"\r\n");
        if before - block.rest.len() > MAXIMUM_COMPRESSED_FIELD {
            return Err(HpackError::FieldTooLong);
        }
        if keep {
            let line = text.from(start);
            let size = line.len() - LINE_OVERHEAD + ENTRY_OVERHEAD;
            // A name that is too long for its type is too long for the table as well, and goes with the entry.
            let short = u16::try_from(name_length).unwrap_or(u16::MAX);
            self.table.insert(&[line], short, size, Meta { name, bad_value });
        }
        Ok(Field { start, name_length, name, bad_value })
    }

    /// Writes the name of an entry, colon and space.
    #[inline]
    fn indexed_name(&self, index: usize, text: &mut Text) -> Result<(Name, usize), HpackError> {
        let (line, length, name) = match static_table::entry(index) {
            Some(entry) => (entry.line.as_bytes(), usize::from(entry.name_length), entry.name),
            None => {
                let age = index.checked_sub(static_table::LENGTH + 1).ok_or(HpackError::Index)?;
                let (entry, line) = self.table.get(age).ok_or(HpackError::Index)?;
                (line, usize::from(entry.name_length), entry.meta.name)
            }
        };
        text.push(&line[..length + 2]);
        Ok((name, length))
    }

    /// Bytes that it holds, for the tests of limits.
    #[cfg(test)]
    pub fn held_bytes(&self) -> usize {
        self.table.held_bytes()
    }
}

/// Writes a name that is spelled out, colon and space.
fn literal_name(block: &mut Block<'_>, text: &mut Text) -> Result<(Name, usize), HpackError> {
    let start = text.len();
    string(&mut block.rest, text)?;
    let name = text.from(start);
    let found = (Name::of(name), name.len());
    text.push(b": ");
    Ok(found)
}

/// Takes a string (RFC 7541 section 5.2) and appends it.
#[inline]
fn string(input: &mut &[u8], text: &mut Text) -> Result<(), HpackError> {
    let is_huffman = input.first().is_some_and(|byte| byte & 0x80 != 0);
    let length = integer::take(input, 7)?;
    if length > MAXIMUM_COMPRESSED_FIELD {
        return Err(HpackError::FieldTooLong);
    }
    let (string, rest) = input.split_at_checked(length).ok_or(HpackError::Truncated)?;
    *input = rest;
    if is_huffman {
        let decoded = huffman::decode(string, text.room(huffman::decoded_room(length)))?;
        text.advance(decoded);
    } else {
        text.push(string);
    }
    Ok(())
}

/// RFC 9113 section 8.2.1: no NUL, CR or LF, and no white space at either end. What else a value may not have is for
/// the parser of HTTP/1.1 to say.
#[inline]
fn is_good_value(value: &[u8]) -> bool {
    let is_space = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    let breaks = value.iter().fold(false, |found, byte| found | matches!(byte, 0 | b'\r' | b'\n'));
    !breaks && !is_space(value.first()) && !is_space(value.last())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: usize = 1 << 20;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    }

    fn decode(decoder: &mut Decoder, block: &[u8]) -> Result<String, HpackError> {
        decode_within(decoder, block, MANY)
    }

    fn decode_within(decoder: &mut Decoder, block: &[u8], size: usize) -> Result<String, HpackError> {
        let mut text = Text::default();
        let mut block = Block::new(block, size);
        decoder.begin(&mut block)?;
        while decoder.next(&mut block, &mut text)?.is_some() {}
        Ok(String::from_utf8_lossy(text.bytes()).into_owned())
    }

    /// RFC 7541 appendix C.3 to C.6: blocks of one connection, and the fields in them.
    #[test]
    fn the_examples_of_the_rfc_are_understood() {
        let requests = [
            ":method: GET\r\n:scheme: http\r\n:path: /\r\n:authority: www.example.com\r\n",
            ":method: GET\r\n:scheme: http\r\n:path: /\r\n:authority: www.example.com\r\ncache-control: no-cache\r\n",
            ":method: GET\r\n:scheme: https\r\n:path: /index.html\r\n:authority: www.example.com\r\ncustom-key: custom-value\r\n",
        ];
        let plain = [
            "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
            "8286 84be 5808 6e6f 2d63 6163 6865",
            "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
        ];
        let huffman = [
            "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
            "8286 84be 5886 a8eb 1064 9cbf",
            "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
        ];
        for blocks in [plain, huffman] {
            let mut decoder = Decoder::default();
            for (block, expected) in blocks.iter().zip(requests) {
                assert_eq!(decode(&mut decoder, &bytes(block)).unwrap(), expected);
            }
            let ages: Vec<_> = (0..4).map(|age| decoder.table.get(age).map(|(_, line)| line.to_vec())).collect();
            assert_eq!(ages[0].as_deref(), Some(&b"custom-key: custom-value\r\n"[..]));
            assert_eq!(ages[2].as_deref(), Some(&b":authority: www.example.com\r\n"[..]));
            assert_eq!(ages[3], None);
        }
    }

    /// The same appendix, C.5 and C.6: a table of 256 bytes, where entries are evicted.
    #[test]
    fn the_examples_with_eviction_are_understood() {
        let answers = [
            ":status: 302\r\ncache-control: private\r\ndate: Mon, 21 Oct 2013 20:13:21 GMT\r\nlocation: https://www.example.com\r\n",
            ":status: 307\r\ncache-control: private\r\ndate: Mon, 21 Oct 2013 20:13:21 GMT\r\nlocation: https://www.example.com\r\n",
            ":status: 200\r\ncache-control: private\r\ndate: Mon, 21 Oct 2013 20:13:22 GMT\r\nlocation: https://www.example.com\r\ncontent-encoding: gzip\r\nset-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1\r\n",
        ];
        let blocks = [
            "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
            "4883 640e ffc1 c0bf",
            "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
        ];
        let mut decoder = Decoder::default();
        // 256 as a change of size: the appendix has it from the settings.
        assert_eq!(decode(&mut decoder, &[0x3f, 0xe1, 0x01]).unwrap(), "");
        for (block, expected) in blocks.iter().zip(answers) {
            assert_eq!(decode(&mut decoder, &bytes(block)).unwrap(), expected);
        }
        assert_eq!(decoder.table.get(0).unwrap().1.len(), 70);
        assert_eq!(decoder.table.get(2).unwrap().1, b"date: Mon, 21 Oct 2013 20:13:22 GMT\r\n");
        assert!(decoder.table.get(3).is_none());
    }

    #[test]
    fn literals_that_are_not_kept_are_not_kept() {
        let mut decoder = Decoder::default();
        let block = bytes("040c 2f73 616d 706c 652f 7061 7468 1008 7061 7373 776f 7264 0673 6563 7265 74");
        assert_eq!(decode(&mut decoder, &block).unwrap(), ":path: /sample/path\r\npassword: secret\r\n");
        assert!(decoder.table.get(0).is_none());
    }

    #[test]
    fn blocks_that_break_a_rule_are_refused() {
        use HpackError as E;
        for (hex, error) in [
            ("80", E::Index),
            ("be", E::Index),
            ("ff ff ff ff 7f", E::Index),
            ("ff ff ff ff ff 7f", E::Integer),
            ("7e 01 61", E::Index),
            ("40", E::Truncated),
            ("40 05 61", E::Truncated),
            ("40 01 61", E::Truncated),
            ("40 01 61 05 61", E::Truncated),
            ("40 81 00 01 61", E::Huffman),
            ("3f e2 1f", E::TableSize),
            ("20 20 20", E::TableSize),
            ("82 20", E::TableSize),
            ("0f 0d 7f 82 3f", E::FieldTooLong),
            ("00 7f 82 3f", E::FieldTooLong),
        ] {
            assert_eq!(decode(&mut Decoder::default(), &bytes(hex)), Err(error), "{hex}");
        }
        assert_eq!(decode(&mut Decoder::default(), &bytes("20 3f e1 1f 82")).unwrap(), ":method: GET\r\n");
    }

    #[test]
    fn names_and_values_are_judged_once_and_for_all() {
        let literal = |name: &[u8], value: &[u8]| {
            let mut block = vec![0x40, u8::try_from(name.len()).unwrap()];
            block.extend_from_slice(name);
            block.push(u8::try_from(value.len()).unwrap());
            block.extend_from_slice(value);
            block
        };
        for (name, value, expected, bad_value) in [
            (&b"x-a"[..], &b"b"[..], Name::Ordinary, false),
            (b"x-a", b"", Name::Ordinary, false),
            (b"x_a.b!", b"a\tb \x80", Name::Ordinary, false),
            (b"X-a", b"b", Name::Invalid, false),
            (b"", b"b", Name::Invalid, false),
            (b"x a", b"b", Name::Invalid, false),
            (b"x:a", b"b", Name::Invalid, false),
            (b"x\r\na", b"b", Name::Invalid, false),
            (b"\xc3\xa4", b"b", Name::Invalid, false),
            (b":foo", b"b", Name::UnknownPseudo, false),
            (b":protocol", b"websocket", Name::UnknownPseudo, false),
            (b"upgrade", b"b", Name::ConnectionSpecific, false),
            (b"x-a", b" b", Name::Ordinary, true),
            (b"x-a", b"b\t", Name::Ordinary, true),
            (b"x-a", b"b\r\nc: d", Name::Ordinary, true),
            (b"x-a", b"b\0", Name::Ordinary, true),
            (b"host", b"a\nb", Name::Host, true),
        ] {
            let (mut decoder, mut text) = (Decoder::default(), Text::default());
            let mut block = literal(name, value);
            block.push(0xbe);
            // The name alone, from the table, with another value.
            block.extend_from_slice(&[0x7e, 1, b'v']);
            let mut block = Block::new(&block, MANY);
            let fields: Vec<_> = std::iter::from_fn(|| decoder.next(&mut block, &mut text).unwrap()).collect();
            let seen: Vec<_> = fields.iter().map(|field| (field.name, field.bad_value)).collect();
            assert_eq!(seen, [(expected, bad_value), (expected, bad_value), (expected, false)], "{name:?}");
            assert_eq!((fields[2].name(&text), fields[2].value(&text)), (name, &b"v"[..]));
        }
    }

    #[test]
    fn blocks_that_grow_when_they_are_decoded_end_at_the_limit() {
        // 4,000 bytes in the table, named again and again with one byte.
        let mut block = vec![0x40, 1, b'a', 0x7f, 0xa1, 0x1e];
        block.extend_from_slice(&[b'x'; 4000]);
        block.extend_from_slice(&[0xbe; 200]);
        assert_eq!(decode_within(&mut Decoder::default(), &block, 81_920), Err(HpackError::Bomb));
        // A name of 4,000 bytes and no value, each time a new entry.
        let mut block = vec![0x40, 0x7f, 0xa1, 0x1e];
        block.extend_from_slice(&[b'x'; 4000]);
        block.push(0);
        block.extend_from_slice(&[0x7e, 0].repeat(200));
        assert_eq!(decode_within(&mut Decoder::default(), &block, 81_920), Err(HpackError::Bomb));
        // Fields of nothing at all: the count is the limit.
        let mut block = vec![0x40, 1, b'a', 0];
        block.extend_from_slice(&[0xbe; 1024]);
        assert_eq!(decode(&mut Decoder::default(), &block), Err(HpackError::TooManyFields));
        assert!(decode(&mut Decoder::default(), &block[..block.len() - 1]).is_ok());
        let mut decoder = Decoder::default();
        for i in 0..100_000u32 {
            let value = format!("{i:05}");
            let block = [&[0x40, 1, b'a', 5][..], value.as_bytes()].concat();
            decode(&mut decoder, &block).unwrap();
        }
        assert!(decoder.held_bytes() < 16 * 1024, "{}", decoder.held_bytes());
    }
}
