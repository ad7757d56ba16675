//! Scalars as text, for the protocols that have nothing but text: forms, XML, headers and paths.
//!
//! Reading is strict: what AWS's own parsers would not take (`+5`, ` 5`, `0x10`, `TRUE`, digits of other scripts)
//! becomes a malformed value that validation reports. Writing is the exact inverse.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::shape::{Kind, TimestampFormat};
use crate::value::{Expected, Timestamp, Value};

/// Earliest moment that is read: the beginning of year 1, in milliseconds since the epoch.
pub const MIN_TIMESTAMP: i64 = -62_135_596_800_000;
/// Latest moment that is read, in milliseconds since the epoch: the last one that the calendar library can hold,
/// 9999-12-30T22:00:00.999Z.
pub const MAX_TIMESTAMP: i64 = 253_402_207_200_999;

/// Reads a scalar of the given kind; lists, maps and structures cannot be text.
pub fn parse(kind: &Kind, text: &str) -> Value {
    let (value, expected) = match kind {
        Kind::Boolean => (boolean(text), Expected::Boolean),
        Kind::Integer | Kind::Long => (integer(text).map(Value::Integer), Expected::Integer),
        Kind::Float | Kind::Double => (number(text).map(Value::Double), Expected::Number),
        Kind::String | Kind::Opaque => (Some(Value::String(text.to_owned())), Expected::String),
        Kind::Blob => (BASE64.decode(text).ok().map(Value::Blob), Expected::Blob),
        Kind::Timestamp(_) => (timestamp(text).map(Value::Timestamp), Expected::Timestamp),
        Kind::List(_) => (None, Expected::List),
        Kind::Map(_) => (None, Expected::Map),
        Kind::Structure(_) => (None, Expected::Structure),
    };
    value.unwrap_or_else(|| Value::malformed(text, expected))
}

/// Writes a scalar; `None` for what is not one.
pub fn format(value: &Value, timestamp_format: TimestampFormat) -> Option<String> {
    match value {
        Value::Boolean(value) => Some(value.to_string()),
        Value::Integer(value) => Some(value.to_string()),
        Value::Double(value) => Some(format_number(*value)),
        Value::String(value) => Some(value.clone()),
        Value::Blob(value) => Some(BASE64.encode(value)),
        Value::Timestamp(value) => Some(format_timestamp(*value, timestamp_format)),
        Value::List(_) | Value::Map(_) | Value::Structure(_) | Value::Malformed(_) => None,
    }
}

/// The format of a timestamp: the member's own, else its shape's, else the protocol's.
pub fn timestamp_format(kind: &Kind, of_member: Option<TimestampFormat>, default: TimestampFormat) -> TimestampFormat {
    let of_shape = if let Kind::Timestamp(format) = kind { *format } else { None };
    of_member.or(of_shape).unwrap_or(default)
}

fn boolean(text: &str) -> Option<Value> {
    match text {
        "true" => Some(Value::Boolean(true)),
        "false" => Some(Value::Boolean(false)),
        _ => None,
    }
}

/// An optional minus sign and decimal digits, within 64 bits.
fn integer(text: &str) -> Option<i64> {
    is_digits(text.strip_prefix('-').unwrap_or(text)).then(|| text.parse().ok()).flatten()
}

/// A decimal number, with an exponent if need be (the SDKs send `1e-05`), or `NaN`, `Infinity`, `-Infinity`.
pub(crate) fn number(text: &str) -> Option<f64> {
    match text {
        "NaN" => return Some(f64::NAN),
        "Infinity" => return Some(f64::INFINITY),
        "-Infinity" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let well_formed = [whole, fraction, exponent].into_iter().all(is_digits);
    well_formed.then(|| text.parse().ok()).flatten().filter(|number: &f64| number.is_finite())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub(crate) fn format_number(value: f64) -> String {
    if value.is_nan() {
        "NaN".into()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity".into() } else { "-Infinity".into() }
    } else {
        format!("{value:?}")
    }
}

/// ISO 8601 with a zone, the HTTP date form, or seconds since the epoch.
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    let milliseconds = if is_iso8601(text) {
        text.parse::<jiff::Timestamp>().ok()?.as_millisecond()
    } else if text.contains(',') {
        jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_millisecond()
    } else {
        return number(text).filter(|_| !text.contains(['e', 'E'])).and_then(timestamp_from_seconds);
    };
    (MIN_TIMESTAMP..=MAX_TIMESTAMP).contains(&milliseconds).then_some(Timestamp(milliseconds))
}

/// `YYYY-MM-DDTHH:MM:SS`, a fraction or none, and a zone: `Z` or `±HH:MM`. The calendar itself is checked by jiff,
/// which would also take a leap second; AWS does not.
fn is_iso8601(text: &str) -> bool {
    let Some((date_time, rest)) = text.split_at_checked(19) else { return false };
    let fits = |pattern: &str, text: &str| {
        pattern.len() == text.len()
            && pattern.bytes().zip(text.bytes()).all(|(wanted, found)| match wanted {
                b'0' => found.is_ascii_digit(),
                b'+' => matches!(found, b'+' | b'-'),
                other => found == other,
            })
    };
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|character: char| character.is_ascii_digit()),
        None => rest,
    };
    let has_digits = !rest.starts_with('.') || rest.len() > zone.len() + 1;
    fits("0000-00-00T00:00:00", date_time)
        && !date_time.ends_with(":60")
        && has_digits
        && (zone == "Z" || fits("+00:00", zone))
}

/// Seconds since the epoch, to the nearest millisecond; `None` outside the years 1 to 9999.
pub(crate) fn timestamp_from_seconds(seconds: f64) -> Option<Timestamp> {
    let milliseconds = (seconds * 1000.0).round();
    #[expect(clippy::cast_precision_loss, reason = "both bounds are below 2^53")]
    let in_range = milliseconds >= MIN_TIMESTAMP as f64 && milliseconds <= MAX_TIMESTAMP as f64;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number within the bounds checked above")]
    in_range.then_some(Timestamp(milliseconds as i64))
}

/// Seconds since the epoch with their fraction.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of the years 1 to 9999 are below 2^53")]
pub(crate) fn seconds(timestamp: Timestamp) -> f64 {
    timestamp.0 as f64 / 1000.0
}

fn format_timestamp(timestamp: Timestamp, format: TimestampFormat) -> String {
    // Handlers hold moments of our own clock or ones that were read here, so the range never cuts anything off.
    let milliseconds = timestamp.0.clamp(MIN_TIMESTAMP, MAX_TIMESTAMP);
    let moment = jiff::Timestamp::from_millisecond(milliseconds).expect("clamped to what the library holds");
    match format {
        TimestampFormat::Iso8601 => moment.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        TimestampFormat::UnixSeconds => match milliseconds % 1000 {
            0 => (milliseconds / 1000).to_string(),
            _ => format_number(seconds(Timestamp(milliseconds))),
        },
        TimestampFormat::Rfc822 => moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MALFORMED: Option<Value> = None;

    fn check(kind: Kind, cases: &[(&str, Option<Value>)]) {
        for (text, expected) in cases {
            let parsed = parse(&kind, text);
            let marked = matches!(&parsed, Value::Malformed(malformed) if malformed.text == *text);
            let found = if marked { None } else { Some(parsed) };
            assert_eq!(&found, expected, "{kind:?} {text:?}");
        }
    }

    #[test]
    fn integers_are_decimal_digits_within_64_bits() {
        let good = |value| Some(Value::Integer(value));
        let cases = [
            ("0", good(0)),
            ("-0", good(0)),
            ("007", good(7)),
            ("-5", good(-5)),
            ("9223372036854775807", good(i64::MAX)),
        ];
        check(Kind::Long, &cases);
        let bad = [
            "",
            "1e3",
            "0x10",
            "+5",
            " 5",
            "5 ",
            "5.0",
            "99999999999999999999",
            "٥",
            "--5",
            "-",
            "1_000",
            "５",
            "true",
        ];
        check(Kind::Integer, &bad.map(|text| (text, MALFORMED)));
    }

    #[test]
    fn numbers_may_have_fraction_and_exponent_but_no_other_form() {
        let good = |value| Some(Value::Double(value));
        let cases = [
            ("1", good(1.0)),
            ("-0.5", good(-0.5)),
            ("1e-05", good(1e-5)),
            ("1.5E+3", good(1500.0)),
            ("Infinity", good(f64::INFINITY)),
        ];
        check(Kind::Double, &cases);
        assert!(matches!(parse(&Kind::Double, "NaN"), Value::Double(number) if number.is_nan()));
        let bad = ["", "nan", "inf", "infinity", "+1", " 1", ".5", "5.", "1e", "e5", "0x1p3", "1e999", "1,5", "١"];
        check(Kind::Double, &bad.map(|text| (text, MALFORMED)));
    }

    #[test]
    fn booleans_are_two_words() {
        check(Kind::Boolean, &[("true", Some(Value::Boolean(true))), ("false", Some(Value::Boolean(false)))]);
        check(Kind::Boolean, &["TRUE", "True", "1", "0", "yes", "", " true"].map(|text| (text, MALFORMED)));
    }

    #[test]
    fn timestamps_need_a_zone_and_a_real_day() {
        let good = |milliseconds| Some(Value::Timestamp(Timestamp(milliseconds)));
        let cases = [
            ("2023-11-14T22:13:20Z", good(1_700_000_000_000)),
            ("2023-11-14T22:13:20.123Z", good(1_700_000_000_123)),
            ("2023-11-14T22:13:20.123999Z", good(1_700_000_000_123)),
            ("2023-11-15T00:13:20+02:00", good(1_700_000_000_000)),
            ("1700000000", good(1_700_000_000_000)),
            ("1700000000.123", good(1_700_000_000_123)),
            ("-1", good(-1000)),
            ("Tue, 14 Nov 2023 22:13:20 GMT", good(1_700_000_000_000)),
            ("9999-12-30T22:00:00Z", good(253_402_207_200_000)),
        ];
        check(Kind::Timestamp(None), &cases);
        let bad = [
            "",
            "2026-02-30T00:00:00Z",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "0000-01-01T00:00:00Z",
            "10000-01-01T00:00:00Z",
            "2016-12-31T23:59:60Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01 00:00:00Z",
            "20260101T000000Z",
            "NaN",
            "Infinity",
            "1e9",
            "99999999999999",
            "now",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+0200",
            "٢026-01-01T00:00:00Z",
        ];
        check(Kind::Timestamp(None), &bad.map(|text| (text, MALFORMED)));
    }

    #[test]
    fn blobs_are_base64() {
        check(
            Kind::Blob,
            &[
                ("aGk=", Some(Value::Blob(b"hi".to_vec()))),
                ("", Some(Value::Blob(vec![]))),
                ("a!b", None),
                ("aGk", None),
            ],
        );
    }

    #[test]
    fn what_is_written_is_read_back() {
        let values = [
            (Kind::Boolean, Value::Boolean(true)),
            (Kind::Long, Value::Integer(i64::MIN)),
            (Kind::Double, Value::Double(0.1 + 0.2)),
            (Kind::Double, Value::Double(1e300)),
            (Kind::Double, Value::Double(f64::NEG_INFINITY)),
            (Kind::String, Value::String("\u{202e}ä".into())),
            (Kind::Blob, Value::Blob(vec![0, 255, 7])),
            (Kind::Timestamp(None), Value::Timestamp(Timestamp(1_700_000_000_123))),
            (Kind::Timestamp(None), Value::Timestamp(Timestamp(-1))),
        ];
        for (kind, value) in values {
            for timestamps in [TimestampFormat::Iso8601, TimestampFormat::UnixSeconds] {
                assert_eq!(parse(&kind, &format(&value, timestamps).unwrap()), value);
            }
        }
        let whole = Value::Timestamp(Timestamp(1_700_000_000_000));
        assert_eq!(parse(&Kind::Timestamp(None), &format(&whole, TimestampFormat::Rfc822).unwrap()), whole);
    }
}
