//! Expressions and what they come to, by table.

use super::*;
use crate::cloudwatch::{
    alarm::MetricStat,
    metric::Metric,
    statistics::{Stat, Statistic},
};
use std::time::Duration;

const START: Timestamp = Timestamp::from_seconds(1_795_168_800);
const GRID: Grid = Grid { start: START, period_seconds: 60, count: 4 };

fn metric(id: &str) -> MetricQuery {
    let stat = MetricStat {
        metric: Metric::new("Site", id, []),
        period_seconds: 60,
        stat: Stat::Plain(Statistic::Sum),
        unit: None,
    };
    MetricQuery { id: id.to_owned(), label: None, source: QuerySource::Stat(stat), return_data: false }
}

fn expression(id: &str, text: &str) -> MetricQuery {
    let source = QuerySource::Expression { text: text.to_owned(), period_seconds: None };
    MetricQuery { id: id.to_owned(), label: None, source, return_data: true }
}

/// Values by minute; NaN for a minute without.
fn series(values: &[f64]) -> Series {
    let at = |n: usize| START.plus(Duration::from_secs(60 * n as u64));
    values.iter().enumerate().filter(|(_, value)| value.is_finite()).map(|(n, value)| (at(n), *value)).collect()
}

const NONE: f64 = f64::NAN;

fn compute(text: &str) -> Result<Value, String> {
    let queries = [
        metric("m1"),
        metric("m2"),
        metric("m3"),
        metric("errors_a"),
        expression("e1", "m1 * 2"),
        expression("e", text),
    ];
    let metrics = BTreeMap::from([
        ("m1".to_owned(), series(&[1.0, 2.0, 3.0, 4.0])),
        ("m2".to_owned(), series(&[10.0, NONE, 30.0, 0.0])),
        ("errors_a".to_owned(), series(&[5.0, 5.0, 5.0, 5.0])),
    ]);
    let mut values = evaluate(&queries, &metrics, &GRID).map_err(|error| error.to_string())?;
    Ok(values.remove("e").unwrap())
}

#[test]
fn expressions_come_to_time_series() {
    let table: &[(&str, [f64; 4])] = &[
        ("m1", [1.0, 2.0, 3.0, 4.0]),
        ("m1 + m2", [11.0, NONE, 33.0, 4.0]),
        ("m1 / m2", [0.1, NONE, 0.1, NONE]),
        ("m1 + 2 * 3 ^ 2", [19.0, 20.0, 21.0, 22.0]),
        ("2 ^ 3 ^ 2 + m1 * 0", [512.0; 4]),
        ("-m1 ^ 2", [-1.0, -4.0, -9.0, -16.0]),
        ("(m1 - 1) * -1", [0.0, -1.0, -2.0, -3.0]),
        ("10 - 2 - 3 + m1*0", [5.0; 4]),
        ("m1 > 2", [0.0, 0.0, 1.0, 1.0]),
        ("m1 > 1 && m1 <= 3", [0.0, 1.0, 1.0, 0.0]),
        ("m1 == 1 OR m1 == 4", [1.0, 0.0, 0.0, 1.0]),
        ("m1 != 2 AND m1 >= 2", [0.0, 0.0, 1.0, 1.0]),
        ("e1 + 1", [3.0, 5.0, 7.0, 9.0]),
        ("m1 - AVG(m1)", [-1.5, -0.5, 0.5, 1.5]),
        ("m1 / SUM(m1) * 100", [10.0, 20.0, 30.0, 40.0]),
        ("SUM([m1, m2])", [11.0, 2.0, 33.0, 4.0]),
        ("AVG([m1, m2])", [5.5, 2.0, 16.5, 2.0]),
        ("SUM(METRICS())", [16.0, 7.0, 38.0, 9.0]),
        ("SUM(METRICS(\"errors\"))", [5.0; 4]),
        ("MAX(METRICS())", [10.0, 5.0, 30.0, 5.0]),
        ("MIN([m1, errors_a])", [1.0, 2.0, 3.0, 4.0]),
        ("STDDEV([m1, errors_a])", [2.0, 1.5, 1.0, 0.5]),
        ("m1 * 0 + METRIC_COUNT(METRICS())", [4.0; 4]),
        ("m1 * 0 + DATAPOINT_COUNT(m2)", [3.0; 4]),
        ("m1 * 0 + METRIC_COUNT(REMOVE_EMPTY(METRICS()))", [3.0; 4]),
        ("FILL(m2, 0)", [10.0, 0.0, 30.0, 0.0]),
        ("FILL(m2, REPEAT)", [10.0, 10.0, 30.0, 0.0]),
        ("FILL(m2, LINEAR)", [10.0, 20.0, 30.0, 0.0]),
        ("FILL(m2, m1)", [10.0, 2.0, 30.0, 0.0]),
        ("FILL(m3, 7)", [7.0; 4]),
        ("FILL(m3, REPEAT)", [NONE; 4]),
        ("DIFF(m2)", [NONE, NONE, 20.0, -30.0]),
        ("DIFF_TIME(m2)", [NONE, NONE, 120.0, 60.0]),
        ("RATE(m1) * 60", [NONE, 1.0, 1.0, 1.0]),
        ("RUNNING_SUM(m1)", [1.0, 3.0, 6.0, 10.0]),
        ("m1 * PERIOD(m1)", [60.0, 120.0, 180.0, 240.0]),
        ("IF(m1 > 2, m2, -1)", [-1.0, -1.0, 30.0, 0.0]),
        ("IF(m1 < 3, m2, m1)", [10.0, NONE, 3.0, 4.0]),
        ("IF(1 > 2, m1, m1 * 2)", [2.0, 4.0, 6.0, 8.0]),
        ("TIME_SERIES(3) + 1", [4.0; 4]),
        ("ABS(m1 - 3)", [2.0, 1.0, 0.0, 1.0]),
        ("CEIL(m1 / 2)", [1.0, 1.0, 2.0, 2.0]),
        ("FLOOR(m1 / 2)", [0.0, 1.0, 1.0, 2.0]),
        ("LOG10(m1 * 0 + 1000)", [3.0; 4]),
        ("LOG(m2)", [10_f64.ln(), NONE, 30_f64.ln(), NONE]),
        ("FIRST([m2, m1])", [10.0, NONE, 30.0, 0.0]),
        ("LAST([m2, m1])", [1.0, 2.0, 3.0, 4.0]),
        ("SLICE([m2, m1], 1)", [1.0, 2.0, 3.0, 4.0]),
        ("FIRST(SORT([m1, errors_a], AVG, DESC))", [5.0; 4]),
        ("FIRST(SORT([m1, errors_a], MAX, ASC, 1))", [1.0, 2.0, 3.0, 4.0]),
        ("MINUTE(m1)", [0.0, 1.0, 2.0, 3.0]),
        ("HOUR(m1)", [10.0; 4]),
        ("DAY(m1)", [5.0; 4]),
        ("DATE(m1)", [20.0; 4]),
        ("MONTH(m1)", [11.0; 4]),
        ("YEAR(m1)", [2026.0; 4]),
        ("EPOCH(m1) - 1795168800", [0.0, 60.0, 120.0, 180.0]),
        ("1.5e1 + m1 * .0", [15.0; 4]),
    ];
    for (text, expected) in table {
        let found = match compute(text) {
            Ok(Value::Series(found)) => found.points,
            other => panic!("{text}: {other:?}"),
        };
        let expected = series(expected);
        let close = found.len() == expected.len()
            && found.iter().zip(&expected).all(|(one, other)| one.0 == other.0 && (one.1 - other.1).abs() < 1e-9);
        assert!(close, "{text}: {found:?}, not {expected:?}");
    }
}

#[test]
fn numbers_and_lists_are_values_too() {
    assert_eq!(compute("MAX(m1) - MIN(m1)"), Ok(Value::Scalar(3.0)));
    let lists = [("METRICS()", 4), ("[m1, m2] * 2", 2), ("m1 * [m1, m2]", 2), ("SLICE(METRICS(), 1, 3)", 2)];
    for (text, count) in lists {
        assert!(matches!(compute(text), Ok(Value::List(list)) if list.len() == count), "{text}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    for (text, part) in [
        ("", "a value is missing"),
        ("m1 +", "a value is missing"),
        ("m1 m2", "`m2` is not expected"),
        ("(m1", "`)` is missing"),
        ("SUM(m1", "`)` is missing"),
        ("m1 $ 2", "`$` is not part"),
        ("m9 + 1", "no query with the id m9"),
        ("e + 1", "depends on itself"),
        ("NOPE(m1)", "no function NOPE"),
        ("SEARCH('x', 'Sum', 60)", "SEARCH is not supported"),
        ("ANOMALY_DETECTION_BAND(m1)", "ANOMALY_DETECTION_BAND is not supported"),
        ("INSIGHT_RULE_METRIC(m1)", "INSIGHT_RULE_METRIC is not supported"),
        ("SUM(1)", "not a number"),
        ("SUM()", "takes 1 argument(s), not 0"),
        ("SUM(m1, m2)", "takes 1 argument(s), not 2"),
        ("RATE(3)", "not a number"),
        ("METRICS() + METRICS()", "two lists"),
        ("[m1, 2]", "a list holds time series"),
        ("FILL(m1, AVG)", "REPEAT or LINEAR"),
        ("IF(METRICS(), m1, m2)", "condition"),
        ("\"text\"", "not expected"),
        ("\"text", "has no end"),
        ("1e999 + m1", "too large"),
        ("METRIC_COUNT(m1)", "list of time series"),
    ] {
        let error = compute(text).unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    }
    let deep = format!("{}m1{}", "(".repeat(100), ")".repeat(100));
    assert!(compute(&deep).unwrap_err().contains("nests deeper"));
    assert!(compute(&" ".repeat(MAXIMUM_LENGTH + 1)).unwrap_err().contains("longer than"));
}

#[test]
fn long_sums_are_not_deep() {
    let text = vec!["m1"; 60].join("+");
    assert!(matches!(compute(&text), Ok(Value::Series(sum)) if sum.points[&START] == 60.0));
}

#[test]
fn queries_are_checked_without_data() {
    let kinds =
        check(&[metric("m1"), expression("e1", "SUM(m1)"), expression("e2", "METRICS()"), expression("e3", "m1/e1")]);
    let expected = [("e1", Kind::Scalar), ("e2", Kind::List), ("e3", Kind::Series), ("m1", Kind::Series)]
        .map(|(id, kind)| (id.to_owned(), kind));
    assert_eq!(kinds, Ok(BTreeMap::from(expected)));
    let cycle = [expression("e1", "e2 + 1"), expression("e2", "e1 + 1")];
    assert!(check(&cycle).unwrap_err().problem.contains("depends on itself"));
}

#[test]
fn what_an_expression_needs_is_known() {
    let queries = [
        metric("m1"),
        metric("m2"),
        expression("e1", "m1 + 1"),
        expression("e2", "e1 * 2"),
        expression("e3", "SUM(METRICS())"),
    ];
    let needs = |id: &'static str| needed(&queries, &[id]).unwrap().into_iter().collect::<Vec<_>>();
    assert_eq!(needs("e2"), ["e1", "e2", "m1"]);
    assert_eq!(needs("e3"), ["e3", "m1", "m2"]);
}
