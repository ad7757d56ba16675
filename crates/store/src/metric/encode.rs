//! The stored form of a point: a version, a checksum, the statistics, and the values where they are known.
//!
//! Few values are kept exactly. Many are kept with 24 bits, which is far finer than the width at which a distribution
//! joins neighbours, and halves the file.

use model::cloudwatch::{
    metric::StatisticSet,
    statistics::{Distribution, Sample},
};
use sha2::{Digest, Sha256};

/// Up to so many values are kept exactly.
const EXACT_VALUES: usize = 32;
const CHECKSUM_BYTES: usize = 4;

/// How the values of a point are stored.
const NO_VALUES: u8 = 0;
const EXACT: u8 = 1;
const SHORT: u8 = 2;

/// The stored form.
pub(crate) fn encode(sample: &Sample) -> Vec<u8> {
    let StatisticSet { sample_count, sum, minimum, maximum } = sample.set;
    let mut body = Vec::with_capacity(64);
    let values = sample.distribution.as_ref().map(Distribution::values);
    let (form, values) = match values {
        None => (NO_VALUES, Vec::new()),
        Some(values) if values.len() <= EXACT_VALUES => (EXACT, long_form(values)),
        Some(values) => short_form(values).map_or_else(|| (EXACT, long_form(values)), |short| (SHORT, short)),
    };
    body.push(form);
    for number in [sample_count, sum, minimum, maximum] {
        body.extend_from_slice(&number.to_le_bytes());
    }
    body.extend(values);
    let mut stored = checksum(&body).to_vec();
    stored.extend_from_slice(&body);
    stored
}

/// The point of a stored form; `None` when it is damaged.
pub(crate) fn decode(stored: &[u8]) -> Option<Sample> {
    let (sum_of_bytes, body) = stored.split_at_checked(CHECKSUM_BYTES)?;
    if checksum(body) != sum_of_bytes {
        return None;
    }
    let (form, rest) = body.split_first()?;
    let (head, values) = rest.split_at_checked(32)?;
    let mut numbers = head.chunks_exact(8).map(number);
    let set = StatisticSet {
        sample_count: numbers.next()?,
        sum: numbers.next()?,
        minimum: numbers.next()?,
        maximum: numbers.next()?,
    };
    let distribution = match *form {
        NO_VALUES => None,
        EXACT => Some(Distribution::new(exact(values))),
        SHORT => Some(Distribution::new(short(values))),
        _ => return None,
    };
    Some(Sample { set, distribution })
}

fn long_form(values: &[(f64, f64)]) -> Vec<u8> {
    values.iter().flat_map(|(value, count)| [value.to_le_bytes(), count.to_le_bytes()]).flatten().collect()
}

/// `None` when a number is beyond what 24 bits and their exponent can say.
fn short_form(values: &[(f64, f64)]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(values.len() * 8);
    for (value, count) in values {
        bytes.extend(shorten(*value)?);
        bytes.extend(shorten(*count)?);
    }
    Some(bytes)
}

fn exact(values: &[u8]) -> impl Iterator<Item = (f64, f64)> {
    values.chunks_exact(16).map(|pair| (number(&pair[..8]), number(&pair[8..])))
}

fn short(values: &[u8]) -> impl Iterator<Item = (f64, f64)> {
    values.chunks_exact(8).map(|pair| (short_number(&pair[..4]), short_number(&pair[4..])))
}

fn number(bytes: &[u8]) -> f64 {
    f64::from_le_bytes(bytes.try_into().expect("callers cut pieces of eight bytes"))
}

fn short_number(bytes: &[u8]) -> f64 {
    f32::from_le_bytes(bytes.try_into().expect("callers cut pieces of four bytes")).into()
}

#[expect(clippy::cast_possible_truncation, reason = "rounding to 24 bits is what this form is for")]
fn shorten(number: f64) -> Option<[u8; 4]> {
    let short = number as f32;
    (short.is_finite() && (short != 0.0 || number == 0.0)).then(|| short.to_le_bytes())
}

fn checksum(body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let digest = Sha256::digest(body);
    [digest[0], digest[1], digest[2], digest[3]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: usize) -> Sample {
        Sample::of_values((1..=values).map(|n| (n as f64 * 0.1, 3.0))).unwrap()
    }

    #[test]
    fn few_values_come_back_exactly_and_many_nearly() {
        assert_eq!(decode(&encode(&sample(32))), Some(sample(32)));
        let many = sample(400);
        let back = decode(&encode(&many)).unwrap();
        assert_eq!(back.set, many.set);
        for percent in [1.0, 50.0, 99.0, 100.0] {
            let of = |sample: &Sample| sample.distribution.as_ref().unwrap().percentile(percent).unwrap();
            assert!((of(&back) / of(&many) - 1.0).abs() < 1e-6, "{percent}");
        }
    }

    #[test]
    fn a_summary_without_values_stays_one() {
        let set = StatisticSet { sample_count: 2.0, sum: 3.0, minimum: 1.0, maximum: 2.0 };
        assert_eq!(decode(&encode(&Sample::of_set(set))), Some(Sample { set, distribution: None }));
    }

    #[test]
    fn numbers_too_great_for_the_short_form_are_kept_exactly() {
        let great = Sample::of_values((1..=40).map(|n| (f64::from(n) * 1e300, 1.0))).unwrap();
        assert_eq!(decode(&encode(&great)), Some(great));
    }

    #[test]
    fn a_flipped_bit_is_noticed_wherever_it_is() {
        let stored = encode(&sample(40));
        for position in 0..stored.len() {
            let mut flipped = stored.clone();
            flipped[position] ^= 0x10;
            assert_eq!(decode(&flipped), None, "byte {position}");
        }
        assert_eq!(decode(&[]), None);
    }
}
