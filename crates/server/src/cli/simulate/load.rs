//! The load of a simulation: from the recorded metric, or from a file of the user's (`--metrics`).
//!
//! A load is what all instances together would show: per cent of one instance, requests per target times targets …

use crate::simulate::{Document, Series};
use anyhow::{Context, bail, ensure};
use model::{Timestamp, cloudwatch::alarm::MetricStat};
use std::{collections::BTreeMap, path::Path};

/// The most that is read of a file, in bytes: a month by the second is less.
const MAXIMUM_FILE: u64 = 256 * 1024 * 1024;

/// Loads, each from its moment on, in order.
pub type Load = Vec<(Timestamp, f64)>;

/// Reads a file of lines `time,value`.
pub fn of_file(path: &Path) -> anyhow::Result<Load> {
    let shown = path.display();
    let size = std::fs::metadata(path).with_context(|| format!("cannot read {shown}"))?.len();
    ensure!(size <= MAXIMUM_FILE, "{shown} has {size} bytes; at most {MAXIMUM_FILE} are read");
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    parse(&text).with_context(|| format!("cannot use {shown}"))
}

/// Lines `time,value`; a first line with names, empty lines and lines that begin with `#` are passed over.
fn parse(text: &str) -> anyhow::Result<Load> {
    let mut load: Load = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || (number == 1 && line.eq_ignore_ascii_case("time,value")) {
            continue;
        }
        let (at, value) = point(line).with_context(|| format!("line {number}: `{}`", cut(line)))?;
        if let Some((before, _)) = load.last().filter(|(before, _)| *before >= at) {
            bail!("line {number}: {at} is not after {before} of the line before; sort the file by time");
        }
        load.push((at, value));
    }
    ensure!(!load.is_empty(), "there is no line `time,value` in it, such as 2026-11-20T12:00:00Z,180");
    Ok(load)
}

fn point(line: &str) -> anyhow::Result<(Timestamp, f64)> {
    let (time, value) = line.split_once(',').context("a line is `time,value`, such as 2026-11-20T12:00:00Z,180")?;
    let at: Timestamp = time.trim().trim_matches('"').parse()?;
    let value: f64 = value.trim().trim_matches('"').parse().context("the value is not a number")?;
    ensure!(value.is_finite() && value >= 0.0, "the value must be 0 or more");
    Ok((at, value))
}

fn cut(line: &str) -> String {
    line.chars().take(80).collect()
}

/// The recorded series of a metric.
pub fn series<'a>(document: &'a Document, stat: &MetricStat) -> Option<&'a Series> {
    let same = |series: &&Series| (&series.metric, &series.stat) == (&stat.metric, &stat.stat);
    document.series.iter().find(same).filter(|series| !series.points.is_empty())
}

/// What was recorded of one instance, times those that served then.
pub fn recorded(document: &Document, series: &Series) -> Load {
    let serving: BTreeMap<Timestamp, f64> = document.headcounts.iter().map(|count| (count.at, count.serving)).collect();
    let at = |moment: &Timestamp| serving.range(..=moment).next_back().map_or(0.0, |(_, count)| *count);
    series.points.iter().map(|(start, value)| (*start, value * at(start).max(1.0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_remarks_and_empty_lines_are_passed_over() {
        let text = "time,value\n# a day\n\n2026-11-20T12:00:00Z, 180\r\n\"2026-11-20T21:01:00+09:00\",20.5\n";
        let noon = Timestamp::from_seconds(1_795_176_000);
        assert_eq!(parse(text).unwrap(), [(noon, 180.0), (Timestamp::from_seconds(1_795_176_060), 20.5)]);
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let good = "2026-11-20T12:00:00Z,1\n";
        for (bad, what) in [
            ("noon,1", "line 2: `noon,1`: not a time"),
            ("2026-11-20T12:01:00Z", "line 2"),
            ("2026-11-20T12:01:00Z,much", "not a number"),
            ("2026-11-20T12:01:00Z,-1", "0 or more"),
            ("2026-11-20T12:01:00Z,NaN", "0 or more"),
            ("2026-11-20T12:00:00Z,1", "sort the file"),
        ] {
            let error = format!("{:#}", parse(&format!("{good}{bad}\n")).unwrap_err());
            assert!(error.contains("line 2") && error.contains(what), "{error}");
        }
        assert!(parse("time,value\n").is_err());
    }
}
