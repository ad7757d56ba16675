//! The Huffman code of HPACK strings (RFC 7541 section 5.2 and appendix B).
//!
//! The code is canonical: the lengths of its words say all, and every table here is computed from them when the crate
//! is compiled. Decoding looks at [`WIDTH`] bits at once and finds one or two symbols; words longer than that, which
//! are of characters that hardly any header has, are searched by their length.

use super::HpackError;

/// The bytes and the end-of-string mark.
const SYMBOLS: usize = 257;
/// The longest word, in bits.
const LONGEST: usize = 30;
/// How many bits one look-up sees; the table has 16 kB. Measured on usual values, in ns a byte: 10 bits 2.3, 11 bits 2.0,
/// 12 bits 1.5.
const WIDTH: u32 = 12;
/// The shortest word has 5 bits: a string grows by at most this factor, 8 / 5.
const MOST_SYMBOLS_PER_5_BYTES: usize = 8;

/// The length of each symbol's word, in bits (RFC 7541 appendix B).
const LENGTHS: [u8; SYMBOLS] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
    28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12,
    10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6,
    5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22,
    22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20,
    22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28,
    27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28,
    27, 27, 27, 27, 27, 26, 30,
];

/// The word of each symbol, in its lowest bits.
static CODES: [u32; SYMBOLS] = codes();
/// By the next [`WIDTH`] bits: first symbol, second symbol, length of the first word, length of all words; all zero
/// where the first word is longer. The four are bytes of a number, so that one load brings them.
static PAIRS: [u32; 1 << WIDTH] = pairs();
/// The symbols in the order of their words.
static ORDER: [u16; SYMBOLS] = order();
/// By length: the words of that length.
static WORDS: [Words; LONGEST + 1] = words();

/// The words of one length.
#[derive(Clone, Copy)]
struct Words {
    /// The first of them.
    first: u32,
    /// What follows the last of them, shifted to the top of 32 bits.
    end: u64,
    /// Where the first one's symbol is in [`ORDER`].
    position: u32,
}

const fn codes() -> [u32; SYMBOLS] {
    let mut codes = [0; SYMBOLS];
    let (mut code, mut length) = (0, 1);
    while length <= LONGEST {
        code <<= 1;
        let mut symbol = 0;
        while symbol < SYMBOLS {
            if LENGTHS[symbol] as usize == length {
                codes[symbol] = code;
                code += 1;
            }
            symbol += 1;
        }
        length += 1;
    }
    codes
}

const fn order() -> [u16; SYMBOLS] {
    let mut order = [0; SYMBOLS];
    let (mut position, mut length) = (0, 1);
    while length <= LONGEST {
        let mut symbol = 0u16;
        while (symbol as usize) < SYMBOLS {
            if LENGTHS[symbol as usize] as usize == length {
                order[position] = symbol;
                position += 1;
            }
            symbol += 1;
        }
        length += 1;
    }
    order
}

const fn words() -> [Words; LONGEST + 1] {
    let mut words = [Words { first: 0, end: 0, position: 0 }; LONGEST + 1];
    let (mut code, mut position, mut length) = (0u32, 0u32, 1);
    while length <= LONGEST {
        code <<= 1;
        words[length].first = code;
        words[length].position = position;
        let mut symbol = 0;
        while symbol < SYMBOLS {
            if LENGTHS[symbol] as usize == length {
                code += 1;
                position += 1;
            }
            symbol += 1;
        }
        words[length].end = (code as u64) << (32 - length);
        length += 1;
    }
    words
}

const fn pairs() -> [u32; 1 << WIDTH] {
    let mut pairs = [[0u8; 4]; 1 << WIDTH];
    let codes = codes();
    // No byte above 127 and no control character has a word this short.
    let mut symbol = 0u8;
    while symbol < 128 {
        let length = LENGTHS[symbol as usize];
        if length as u32 <= WIDTH {
            let shift = WIDTH - length as u32;
            let mut at = (codes[symbol as usize] << shift) as usize;
            let end = at + (1 << shift);
            while at < end {
                pairs[at] = [symbol, 0, length, length];
                at += 1;
            }
        }
        symbol += 1;
    }
    // The bits that follow the first word begin the second one.
    let singles = pairs;
    let mut numbers = [0; 1 << WIDTH];
    let mut at = 0;
    while at < 1 << WIDTH {
        let [first, _, length, _] = singles[at];
        let [second, _, next, _] = singles[(at << length) & ((1 << WIDTH) - 1)];
        if length > 0 && next > 0 && (length + next) as u32 <= WIDTH {
            pairs[at] = [first, second, length, length + next];
        }
        numbers[at] = u32::from_le_bytes(pairs[at]);
        at += 1;
    }
    numbers
}

/// How many bytes `encoded` bytes can become at most, with room for the pair that is written last.
#[inline]
pub fn decoded_room(encoded: usize) -> usize {
    (encoded / 5 + 1) * MOST_SYMBOLS_PER_5_BYTES + 2
}

/// Decodes `input` to the beginning of `out`, which has [`decoded_room`]; returns how many bytes they are.
///
/// # Errors
/// The end-of-string mark, or padding that is not its beginning or is longer than seven bits.
pub fn decode(input: &[u8], out: &mut [u8]) -> Result<usize, HpackError> {
    let mut bits = Bits { window: 0, count: 0 };
    let (mut rest, mut length) = (input, 0);
    loop {
        (bits, rest) = bits.refill(rest);
        if bits.count < 2 * WIDTH {
            return decode_last(bits, out, length);
        }
        // Two look-ups use at most the bits that are there.
        for _ in 0..2 {
            let [first, second, one, all] = PAIRS[bits.peek()].to_le_bytes();
            if all == 0 {
                (bits, rest) = bits.refill(rest);
                let (symbol, used) = find_long(bits).ok_or(HpackError::Huffman)?;
                out[length] = symbol;
                length += 1;
                bits = bits.skip(used);
                break;
            }
            out[length..length + 2].copy_from_slice(&[first, second]);
            length += 1 + usize::from(one != all);
            bits = bits.skip(u32::from(all));
        }
    }
}

/// The last bits, where a word may be cut off.
fn decode_last(mut bits: Bits, out: &mut [u8], mut length: usize) -> Result<usize, HpackError> {
    while !bits.is_padding() {
        let [first, _, one, _] = PAIRS[bits.peek()].to_le_bytes();
        let word = if one > 0 { Some((first, u32::from(one))) } else { find_long(bits) };
        let (symbol, used) = word.filter(|(_, used)| *used <= bits.count).ok_or(HpackError::Huffman)?;
        out[length] = symbol;
        length += 1;
        bits = bits.skip(used);
    }
    Ok(length)
}

/// The byte and the length of a word of more than [`WIDTH`] bits. `None`: it is not there as a whole, or it is the mark
/// of the end, which may not be written.
#[cold]
fn find_long(bits: Bits) -> Option<(u8, u32)> {
    let top = bits.window >> 32;
    let length = (WIDTH as usize + 1..=LONGEST).find(|length| top < WORDS[*length].end)?;
    let words = &WORDS[length];
    let nth = (top >> (32 - length)) - u64::from(words.first) + u64::from(words.position);
    let symbol = ORDER.get(usize::try_from(nth).ok()?)?;
    let used = u32::try_from(length).ok().filter(|used| *used <= bits.count)?;
    Some((u8::try_from(*symbol).ok()?, used))
}

/// Bits that were taken from a string: the highest `count` of the window are the next ones, those below are zero.
/// By value, so that it stays in registers.
#[derive(Clone, Copy)]
struct Bits {
    window: u64,
    count: u32,
}

impl Bits {
    /// Fills the window up to at least 32 bits, as far as there are any.
    #[inline(always)]
    fn refill(self, rest: &[u8]) -> (Self, &[u8]) {
        let Self { window, count } = self;
        if count >= 32 {
            return (self, rest);
        }
        match rest.split_first_chunk::<4>() {
            Some((word, rest)) => {
                let word = u64::from(u32::from_be_bytes(*word));
                (Self { window: window | word << (32 - count), count: count + 32 }, rest)
            }
            None => (self.refill_last(rest), &[]),
        }
    }

    /// Takes the last bytes, at most three.
    #[inline(always)]
    fn refill_last(mut self, rest: &[u8]) -> Self {
        for byte in rest {
            self.window |= u64::from(*byte) << (56 - self.count);
            self.count += 8;
        }
        self
    }

    #[inline(always)]
    fn peek(self) -> usize {
        (self.window >> (64 - WIDTH)) as usize
    }

    #[inline(always)]
    fn skip(self, bits: u32) -> Self {
        Self { window: self.window << bits, count: self.count - bits }
    }

    /// Whether nothing is left but up to seven bits of the end-of-string mark, which are ones.
    #[inline(always)]
    fn is_padding(self) -> bool {
        self.count < 8 && self.window.leading_ones() >= self.count
    }
}

/// How long a string is when it is encoded.
pub fn encoded_length(string: &[u8]) -> usize {
    string.iter().map(|byte| usize::from(LENGTHS[usize::from(*byte)])).sum::<usize>().div_ceil(8)
}

/// Appends a string, encoded.
pub fn encode(string: &[u8], out: &mut Vec<u8>) {
    let (mut window, mut count) = (0u64, 0u32);
    for byte in string {
        let length = u32::from(LENGTHS[usize::from(*byte)]);
        window = window << length | u64::from(CODES[usize::from(*byte)]);
        count += length;
        if count >= 32 {
            count -= 32;
            let [_, _, _, _, word @ ..] = (window >> count).to_be_bytes();
            out.extend_from_slice(&word);
        }
    }
    // The rest, padded with ones.
    let padded = (window << 32 | u64::from(u32::MAX)) >> count;
    let [_, _, _, _, word @ ..] = padded.to_be_bytes();
    out.extend_from_slice(&word[..count.div_ceil(8) as usize]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(input: &[u8]) -> Result<Vec<u8>, HpackError> {
        let mut out = vec![0; decoded_room(input.len())];
        let length = decode(input, &mut out)?;
        out.truncate(length);
        Ok(out)
    }

    #[test]
    fn the_code_is_the_one_of_the_rfc() {
        for (symbol, code) in [(b'0', 0), (b'a', 3), (b' ', 0x14), (b'&', 0xf8), (b'~', 0x1ffd), (b'<', 0x7ffc)] {
            assert_eq!(CODES[usize::from(symbol)], code, "{symbol}");
        }
        assert_eq!((CODES[0], CODES[249], CODES[256]), (0x1ff8, 0x0fff_fffe, 0x3fff_ffff));
    }

    #[test]
    fn every_byte_survives_alone_and_in_every_place() {
        for byte in 0..=255u8 {
            for (before, after) in [(0, 0), (1, 0), (0, 1), (7, 3), (20, 20)] {
                let mut string = vec![b'e'; before];
                string.push(byte);
                string.extend(vec![b'-'; after]);
                let mut encoded = Vec::new();
                encode(&string, &mut encoded);
                assert_eq!(encoded.len(), encoded_length(&string));
                assert_eq!(decoded(&encoded).unwrap(), string);
            }
        }
        let all: Vec<u8> = (0..=255).collect();
        let mut encoded = Vec::new();
        encode(&all, &mut encoded);
        assert_eq!(decoded(&encoded).unwrap(), all);
    }

    #[test]
    fn examples_of_the_rfc_are_read_and_written() {
        for (text, hex) in [
            ("www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"),
            ("no-cache", "a8eb10649cbf"),
            ("custom-value", "25a849e95bb8e8b4bf"),
            ("Mon, 21 Oct 2013 20:13:21 GMT", "d07abe941054d444a8200595040b8166e082a62d1bff"),
            ("", ""),
        ] {
            let mut encoded = Vec::new();
            encode(text.as_bytes(), &mut encoded);
            let shown: String = encoded.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(shown, hex);
            assert_eq!(decoded(&encoded).unwrap(), text.as_bytes());
        }
    }

    #[test]
    fn wrong_padding_and_the_mark_itself_are_refused() {
        for bad in [
            &[0xff][..],
            &[0x00],                         // "0" and three zeros
            &[0x07, 0xff],                   // "0" and eleven ones
            &[0x1f, 0xff],                   // "a" and eleven ones
            &[0xff, 0xff, 0xff, 0xff],       // the mark
            &[0xff, 0xff, 0xff, 0xfc],       // the mark, differently padded
            &[0xff, 0xff, 0xff],             // part of the mark
            &[0x3f, 0xff, 0xff, 0xff, 0xff], // it after a byte
            &[0xff, 0xc0],                   // a byte and three zeros
            &[0x06],                         // a word that is cut off
        ] {
            assert_eq!(decoded(bad), Err(HpackError::Huffman), "{bad:x?}");
        }
        assert_eq!(decoded(&[0x07]).unwrap(), b"0");
    }
}
