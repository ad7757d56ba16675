//! Figures as people read them.

/// A measured time: `0.3 ms`, `12 ms`, `5.0 s`, `12.5 min`.
pub fn seconds(time: f64) -> String {
    let millis = time * 1000.0;
    if millis < 10.0 {
        format!("{millis:.1} ms")
    } else if millis < 1000.0 {
        format!("{millis:.0} ms")
    } else if time < 600.0 {
        format!("{time:.1} s")
    } else {
        format!("{:.1} min", time / 60.0)
    }
}

/// A limit that somebody set: `60 s`.
pub fn limit(time: f64) -> String {
    if time.fract() == 0.0 { format!("{time:.0} s") } else { format!("{time} s") }
}

/// `1 byte`, `312 bytes`.
pub fn bytes(number: u64) -> String {
    count(number, "byte")
}

/// `1 request`, `14 requests`, `no request`.
pub fn count(number: u64, what: &str) -> String {
    match number {
        0 => format!("no {what}"),
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_have_units() {
        for (time, text) in [
            (0.0, "0.0 ms"),
            (0.0012, "1.2 ms"),
            (0.25, "250 ms"),
            (5.0, "5.0 s"),
            (30.14, "30.1 s"),
            (750.0, "12.5 min"),
        ] {
            assert_eq!(seconds(time), text);
        }
        assert_eq!((limit(60.0), limit(0.5)), ("60 s".to_owned(), "0.5 s".to_owned()));
        assert_eq!((bytes(0), bytes(1), bytes(2)), ("no byte".into(), "1 byte".into(), "2 bytes".into()));
    }
}
