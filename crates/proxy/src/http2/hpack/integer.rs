//! Integers with a prefix (RFC 7541 section 5.1).

use super::HpackError;

/// Bytes after the prefix: values up to 2^28, far above every limit.
const MAXIMUM_CONTINUATION: usize = 4;

/// Takes an integer whose first byte has it in its lowest `bits`.
#[inline]
pub fn take(input: &mut &[u8], bits: u32) -> Result<usize, HpackError> {
    let (first, rest) = input.split_first().ok_or(HpackError::Truncated)?;
    *input = rest;
    let most = (1usize << bits) - 1;
    let value = usize::from(*first) & most;
    if value < most { Ok(value) } else { take_rest(input, most) }
}

fn take_rest(input: &mut &[u8], prefix: usize) -> Result<usize, HpackError> {
    let mut value = prefix;
    for i in 0..MAXIMUM_CONTINUATION {
        let (byte, rest) = input.split_first().ok_or(HpackError::Truncated)?;
        *input = rest;
        value += usize::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(HpackError::Integer)
}

/// Appends an integer behind the `pattern` that the first byte has above its lowest `bits`.
#[inline]
pub fn put(out: &mut Vec<u8>, pattern: u8, bits: u32, value: usize) {
    let most = (1usize << bits) - 1;
    if value < most {
        out.push(pattern | low_byte(value));
        return;
    }
    out.push(pattern | low_byte(most));
    let mut rest = value - most;
    while rest >= 0x80 {
        out.push(low_byte(rest & 0x7f) | 0x80);
        rest >>= 7;
    }
    out.push(low_byte(rest));
}

#[inline]
fn low_byte(value: usize) -> u8 {
    value.to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_written_and_read_as_in_the_rfc() {
        for (value, bits, pattern, bytes) in [
            (10, 5, 0b1110_0000, &[0b1110_1010][..]),
            (1337, 5, 0, &[0b0001_1111, 0b1001_1010, 0b0000_1010]),
            (42, 8, 0, &[42]),
            (127, 7, 0x80, &[0xff, 0]),
            (254, 7, 0x80, &[0xff, 0x7f]),
            (255, 7, 0, &[0x7f, 0x80, 0x01]),
            ((1 << 28) + 30, 5, 0, &[0x1f, 0xff, 0xff, 0xff, 0x7f]),
        ] {
            let mut out = Vec::new();
            put(&mut out, pattern, bits, value);
            if value < 1 << 28 {
                assert_eq!(out, bytes, "{value}");
            }
            let mut rest = bytes;
            assert!(take(&mut rest, bits).is_ok_and(|read| read == value.min((1 << 28) + 30)));
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn cut_and_endless_integers_are_refused() {
        assert_eq!(take(&mut &[][..], 7), Err(HpackError::Truncated));
        assert_eq!(take(&mut &[0xff, 0x80][..], 7), Err(HpackError::Truncated));
        assert_eq!(take(&mut &[0xff, 0x80, 0x80, 0x80, 0x80, 0x00][..], 7), Err(HpackError::Integer));
        assert_eq!(take(&mut &[0xff, 0xff, 0xff, 0xff, 0xff, 0x7f][..], 7), Err(HpackError::Integer));
    }
}
