//! The published tables, the rule against premature alarms, M out of N, and the words of reasons.

use super::*;
use crate::{
    Scope, Tags,
    cloudwatch::{
        alarm::{Actions, AlarmState, ComparisonOperator, MetricStat},
        metric::Metric,
        statistics::Statistic,
    },
};
use StateValue::{Alarm as ALARM, InsufficientData as INSUFFICIENT, Ok as OK};
use TreatMissingData::{Breaching, Ignore, Missing, NotBreaching};

/// A second after the hour: 2026-11-20T10:00:01Z.
const NOW: Timestamp = Timestamp::from_seconds(1_795_168_801);

fn alarm(periods: u32, needed: Option<u32>) -> Alarm {
    let stat = Stat::Plain(Statistic::Average);
    let metric = Metric::new("AWS/EC2", "CPUUtilization", []);
    Alarm {
        arn: Alarm::arn_of(&Scope::new("123456789012", "ap-northeast-2"), "high"),
        name: "high".to_owned(),
        description: None,
        actions_enabled: true,
        actions: Actions::default(),
        watched: Watched::Metric(MetricStat { metric, period_seconds: 60, stat, unit: None }),
        evaluation_periods: periods,
        datapoints_to_alarm: needed,
        comparison: ComparisonOperator::GreaterThanThreshold,
        threshold: 70.0,
        treat_missing_data: None,
        low_sample_count: None,
        managed_by: None,
        tags: Tags::default(),
        configured_at: NOW,
        state: AlarmState::initial(NOW),
    }
}

/// `0` no breach (5.0), `X` a breach (95.3), `-` nothing; the newest is last and began a minute before the hour.
fn points(shape: &str) -> Vec<Datapoint> {
    let ages = (1..).zip(shape.chars().rev());
    let at = |age: u64| NOW.period_start(60).minus(Duration::from_secs(60 * age));
    let point = |age, value| Datapoint { at: at(age), value, sample_count: Some(1.0) };
    ages.filter_map(|(age, sign)| match sign {
        'X' => Some(point(age, 95.3)),
        '0' => Some(point(age, 5.0)),
        _ => None,
    })
    .collect()
}

fn state_of(alarm: &Alarm, shape: &str) -> StateValue {
    decide(alarm, &points(shape), NOW).state
}

/// States with missing data as missing, ignored, breaching, not breaching. `None` means that the state stays.
fn check(needed: u32, table: &[(&str, [Option<StateValue>; 4])]) {
    for (shape, expected) in table {
        for (treat, expected) in [Missing, Ignore, Breaching, NotBreaching].into_iter().zip(expected) {
            for before in StateValue::ALL {
                let mut alarm = alarm(3, Some(needed));
                alarm.treat_missing_data = Some(treat);
                alarm.state.value = before;
                let found = state_of(&alarm, shape);
                assert_eq!(found, expected.unwrap_or(before), "{shape}, {needed} of 3, {treat:?}, was {before:?}");
            }
        }
    }
}

#[test]
fn the_published_table_of_three_out_of_three() {
    check(
        3,
        &[
            ("0-X-X", [Some(OK); 4]),
            ("0----", [Some(OK); 4]),
            ("-----", [Some(INSUFFICIENT), None, Some(ALARM), Some(OK)]),
            ("0XX-X", [Some(ALARM); 4]),
            ("--X--", [Some(ALARM), None, Some(ALARM), Some(OK)]),
        ],
    );
}

#[test]
fn the_published_table_of_two_out_of_three() {
    check(
        2,
        &[
            ("0-X-X", [Some(ALARM); 4]),
            ("00X0X", [Some(ALARM); 4]),
            ("0-X--", [Some(OK), Some(OK), Some(ALARM), Some(OK)]),
            ("----0", [Some(OK), Some(OK), Some(ALARM), Some(OK)]),
            ("---X-", [Some(ALARM), None, Some(ALARM), Some(OK)]),
        ],
    );
}

#[test]
fn a_breach_that_is_younger_than_m_raises_no_premature_alarm() {
    check(
        3,
        &[
            ("----X", [None, None, Some(ALARM), Some(OK)]),
            ("---X-", [None, None, Some(ALARM), Some(OK)]),
            ("---X0", [Some(OK), Some(OK), Some(OK), Some(OK)]),
            ("--X-0", [Some(OK), Some(OK), Some(OK), Some(OK)]),
            ("--X-X", [Some(ALARM), None, Some(ALARM), Some(OK)]),
            ("---XX", [None, None, Some(ALARM), Some(OK)]),
            ("--XXX", [Some(ALARM); 4]),
            ("X----", [Some(ALARM), None, Some(ALARM), Some(OK)]),
        ],
    );
    check(2, &[("----X", [None, None, Some(ALARM), Some(OK)]), ("---XX", [Some(ALARM); 4])]);
    check(1, &[("----X", [Some(ALARM); 4]), ("-0000", [Some(OK); 4]), ("00X00", [Some(ALARM); 4])]);
}

#[test]
fn the_newest_n_real_points_count_even_with_gaps_between_them() {
    let table = [("0XXX-", ALARM), ("XXX0-", OK), ("X-X-X", ALARM), ("XXX--", ALARM), ("XX0--", OK), ("0--XX", OK)];
    for (shape, expected) in table {
        assert_eq!(state_of(&alarm(3, None), shape), expected, "{shape}");
    }
    // What lies before the range does not exist.
    assert_eq!(state_of(&alarm(1, None), "X---"), INSUFFICIENT);
    assert_eq!(state_of(&alarm(1, None), "-X--"), ALARM);
}

#[test]
fn reasons_are_worded_as_aws_words_them() {
    let mut filling = alarm(3, None);
    filling.treat_missing_data = Some(Breaching);
    let mut quiet = alarm(1, None);
    quiet.treat_missing_data = Some(NotBreaching);
    let table = [
        (
            alarm(1, None),
            "X",
            "Threshold Crossed: 1 datapoint [95.3 (20/11/26 09:59:00)] was greater than the threshold (70.0).",
        ),
        (
            alarm(1, None),
            "0",
            "Threshold Crossed: 1 datapoint [5.0 (20/11/26 09:59:00)] was not greater than the threshold (70.0).",
        ),
        (
            alarm(2, None),
            "XX",
            "Threshold Crossed: 2 datapoints [95.3 (20/11/26 09:59:00), 95.3 (20/11/26 09:58:00)] were greater than the \
             threshold (70.0).",
        ),
        (
            alarm(1, Some(1)),
            "X",
            "Threshold Crossed: 1 out of the last 1 datapoints [95.3 (20/11/26 09:59:00)] was greater than the threshold \
             (70.0) (minimum 1 datapoint for OK -> ALARM transition).",
        ),
        (
            alarm(3, Some(2)),
            "X0X",
            "Threshold Crossed: 2 out of the last 3 datapoints [95.3 (20/11/26 09:59:00), 95.3 (20/11/26 09:57:00)] were \
             greater than the threshold (70.0) (minimum 2 datapoints for OK -> ALARM transition).",
        ),
        (
            alarm(3, Some(2)),
            "X00",
            "Threshold Crossed: 2 out of the last 3 datapoints [5.0 (20/11/26 09:59:00), 5.0 (20/11/26 09:58:00)] were \
             not greater than the threshold (70.0) (minimum 2 datapoints for ALARM -> OK transition).",
        ),
        (alarm(1, None), "", "Insufficient Data: 1 datapoint was unknown."),
        (alarm(3, None), "", "Insufficient Data: 3 datapoints were unknown."),
        (
            filling.clone(),
            "",
            "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as \
             [Breaching].",
        ),
        (
            quiet,
            "",
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as \
             [NonBreaching].",
        ),
        (
            filling,
            "-XX",
            "Threshold Crossed: 2 datapoints [95.3 (20/11/26 09:59:00), 95.3 (20/11/26 09:58:00)] were greater than the \
             threshold (70.0) and 1 missing datapoint was treated as [Breaching].",
        ),
    ];
    for (alarm, shape, expected) in table {
        assert_eq!(decide(&alarm, &points(shape), NOW).reason, expected);
    }
    let many = decide(&alarm(7, None), &points("XXXXXXX"), NOW).reason;
    assert!(
        many.starts_with("Threshold Crossed: 7 datapoints were greater than the threshold (70.0). The most recent"),
        "{many}"
    );
    assert_eq!(many.matches("95.3").count(), MAXIMUM_LISTED_HERE, "{many}");
}

const MAXIMUM_LISTED_HERE: usize = 5;

#[test]
fn the_reasons_data_are_json_and_stay_short() {
    let found = decide(&alarm(2, None), &points("X0"), NOW);
    let data: serde_json::Value = serde_json::from_str(&found.reason_data).unwrap();
    let expected = serde_json::json!({
        "version": "1.0", "queryDate": "2026-11-20T10:00:01.000+0000", "startDate": "2026-11-20T09:58:00.000+0000",
        "statistic": "Average", "period": 60, "recentDatapoints": [95.3, 5.0], "threshold": 70.0,
        "evaluatedDatapoints": [
            {"timestamp": "2026-11-20T09:59:00.000+0000", "sampleCount": 1.0, "value": 5.0},
            {"timestamp": "2026-11-20T09:58:00.000+0000", "sampleCount": 1.0, "value": 95.3},
        ],
    });
    assert_eq!(data, expected);
    let long = decide(&alarm(1000, None), &points(&"X".repeat(1000)), NOW);
    assert!(long.reason_data.len() <= 4000 && long.reason.len() <= 1023, "{} {}", long.reason_data.len(), long.reason);
}

#[test]
fn the_newest_value_is_the_one_that_speaks_for_the_state() {
    let newest = |alarm: &Alarm, shape: &str| decide(alarm, &points(shape), NOW).newest;
    assert_eq!(newest(&alarm(3, Some(1)), "X00"), Some(95.3));
    assert_eq!(newest(&alarm(3, Some(2)), "X00"), Some(5.0));
    let mut filling = alarm(1, None);
    filling.treat_missing_data = Some(Breaching);
    assert_eq!(newest(&filling, ""), None);
}

#[test]
fn percentiles_of_few_values_leave_the_state_alone_when_they_are_ignored() {
    let mut alarm = alarm(1, None);
    let Watched::Metric(stat) = &mut alarm.watched else { panic!("made with a metric") };
    stat.stat = "p90".parse().unwrap();
    let of = |count: f64| [Datapoint { sample_count: Some(count), ..points("X")[0] }];
    assert_eq!(decide(&alarm, &of(1.0), NOW).state, ALARM);
    alarm.low_sample_count = Some(LowSampleCount::Ignore);
    assert_eq!(decide(&alarm, &of(99.0), NOW).state, INSUFFICIENT);
    assert_eq!(decide(&alarm, &of(101.0), NOW).state, ALARM);
}

#[test]
fn alarms_are_due_by_their_period_and_look_back_from_then() {
    let with = |period: i32, periods: u32| {
        let mut alarm = alarm(periods, None);
        let Watched::Metric(stat) = &mut alarm.watched else { panic!("made with a metric") };
        stat.period_seconds = period;
        alarm
    };
    let now = Timestamp::from_seconds(1_795_168_800 + 7 * 60 + 34);
    for (period, periods, cadence, end, length) in [
        (10, 1, 10, 7 * 60 + 30, 30),
        (30, 2, 10, 7 * 60 + 30, 120),
        (60, 3, 60, 7 * 60, 300),
        (300, 1, 60, 7 * 60, 900),
        (86_400, 2, 3600, 0, 4 * 86_400),
    ] {
        let alarm = with(period, periods);
        assert_eq!(cadence_seconds(&alarm), cadence, "{period}");
        let range = range(&alarm, now);
        assert_eq!(range.end.seconds() - 1_795_168_800, end, "{period}");
        assert_eq!(range.end.seconds() - range.start.seconds(), length, "{period}");
    }
}

#[test]
fn numbers_are_written_as_java_writes_them() {
    for (number, text) in [
        (70.0, "70.0"),
        (95.3, "95.3"),
        (0.0, "0.0"),
        (-1.5, "-1.5"),
        (0.001, "0.001"),
        (0.0005, "5.0E-4"),
        (9_999_999.0, "9999999.0"),
        (12_345_678.0, "1.2345678E7"),
    ] {
        assert_eq!(java_double(number), text);
    }
}

/// Every shape of so many periods.
fn shapes(length: u32, signs: &[char]) -> Vec<String> {
    (0..length).fold(vec![String::new()], |shapes, _| {
        shapes.iter().flat_map(|shape| signs.iter().map(move |sign| format!("{shape}{sign}"))).collect()
    })
}

#[test]
fn deciding_again_on_the_same_points_changes_nothing() {
    for shape in shapes(5, &['0', 'X', '-']) {
        for (periods, needed) in [(1, None), (3, None), (3, Some(2)), (3, Some(1)), (4, Some(3))] {
            for treat in [Missing, Ignore, Breaching, NotBreaching] {
                for before in StateValue::ALL {
                    let mut alarm = alarm(periods, needed);
                    alarm.treat_missing_data = Some(treat);
                    alarm.state.value = before;
                    let first = decide(&alarm, &points(&shape), NOW);
                    alarm.state =
                        alarm.state.becomes(first.state, first.reason.clone(), Some(first.reason_data.clone()), NOW);
                    assert_eq!(decide(&alarm, &points(&shape), NOW), first, "{shape}, {treat:?}, was {before:?}");
                }
            }
        }
    }
}

#[test]
fn with_enough_real_points_missing_ones_do_not_matter() {
    for real in shapes(3, &['0', 'X']) {
        for gap in 0..3 {
            let mut shape = real.clone();
            shape.insert(gap, '-');
            let states = [Missing, Ignore, Breaching, NotBreaching].map(|treat| {
                let mut alarm = alarm(3, Some(2));
                alarm.treat_missing_data = Some(treat);
                state_of(&alarm, &shape)
            });
            assert!(states.iter().all(|state| *state == states[0]), "{shape}: {states:?}");
        }
    }
}
