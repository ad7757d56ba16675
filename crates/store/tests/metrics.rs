//! Metric points in virtual time: what can be read when, before and after they are saved, and after a restart.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use model::{
    Scope, Timestamp,
    cloudwatch::{
        metric::{Metric, StatisticSet},
        statistics::{Periods, Sample, Stat},
    },
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use store::{
    BackendError, Store,
    backend::memory::MemoryBackend,
    metric::{MAXIMUM_SERIES, MetricDatum, MetricFilter, MetricStore, MetricStoreError, PutMetricError, Resolution},
};

const START: i64 = 1_795_176_000;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(START + seconds)
}

fn scope() -> Scope {
    Scope::new("123456789012", "ap-northeast-2")
}

fn metric() -> Metric {
    Metric::new("App", "Latency", [("Service", "web")])
}

fn datum(seconds: i64, value: f64) -> MetricDatum {
    MetricDatum {
        metric: metric(),
        unit: "Milliseconds".to_owned(),
        at: at(seconds),
        resolution: Resolution::Standard,
        sample: Sample::of_values([(value, 1.0)]).unwrap(),
    }
}

fn periods(from: i64, to: i64, seconds: i32) -> Periods {
    Periods { start: at(from), end: at(to), seconds }
}

/// Start of the period and sum of its values, both relative to the start of the test.
async fn sums(metrics: &MetricStore, periods: Periods) -> Vec<(i64, f64)> {
    let points = metrics.points(&scope(), &metric(), None, &periods).await.unwrap();
    points.into_iter().map(|point| (point.at.seconds() - START, point.sample.set.sum)).collect()
}

async fn total(metrics: &MetricStore, periods: Periods) -> f64 {
    sums(metrics, periods).await.into_iter().map(|(_, sum)| sum).sum()
}

#[tokio::test]
async fn values_are_read_by_period_at_once_after_a_flush_and_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let data = [(0, 1.0), (59, 2.0), (60, 4.0), (299, 8.0), (300, 16.0), (3599, 32.0), (3600, 64.0)];
    store.metrics().put(&scope(), data.map(|(s, v)| datum(s, v)).to_vec(), at(HOUR)).unwrap();
    let table = [
        (periods(0, 7200, 60), vec![(0, 3.0), (60, 4.0), (240, 8.0), (300, 16.0), (3540, 32.0), (3600, 64.0)]),
        (periods(0, 7200, 300), vec![(0, 15.0), (300, 16.0), (3300, 32.0), (3600, 64.0)]),
        (periods(0, 7200, 3600), vec![(0, 63.0), (3600, 64.0)]),
        (periods(0, 3600, 3600), vec![(0, 63.0)]),
        (periods(60, 7200, 120), vec![(60, 4.0), (180, 8.0), (300, 16.0), (3540, 96.0)]),
        (periods(-DAY, DAY, 86_400), vec![(0, 127.0)]),
        (periods(60, 60, 60), vec![]),
        (periods(120, 60, 60), vec![]),
        (periods(0, 60, 1), vec![]),
    ];
    let check = async |store: &Store, when: &str| {
        for (periods, expected) in &table {
            assert_eq!(sums(store.metrics(), *periods).await, *expected, "{when}: {periods:?}");
        }
    };
    check(&store, "at once").await;
    store.metrics().flush(at(HOUR)).await.unwrap();
    check(&store, "after a flush").await;
    store.metrics().flush(at(20 * HOUR)).await.unwrap();
    check(&store, "when it has left memory").await;
    store.close(at(20 * HOUR)).await.unwrap();
    drop(store);
    check(&Store::open(directory.path()).unwrap(), "after a restart").await;
}

#[tokio::test]
async fn an_orderly_close_saves_what_no_flush_has_saved() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    store.metrics().put(&scope(), vec![datum(0, 5.0)], at(0)).unwrap();
    store.close(at(1)).await.unwrap();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(sums(store.metrics(), periods(0, 60, 60)).await, [(0, 5.0)]);
}

#[tokio::test]
async fn points_are_kept_as_long_as_cloudwatch_keeps_them() {
    // For each period the last moment at which a value of time 0 is still there, and one at which it is gone.
    let table = [(1, 3 * HOUR), (60, 15 * DAY), (300, 63 * DAY), (3600, 455 * DAY)];
    let directory = tempfile::tempdir().unwrap();
    for store in [Store::in_memory(), Store::open(directory.path()).unwrap()] {
        let value = MetricDatum { resolution: Resolution::High, ..datum(0, 5.0) };
        store.metrics().put(&scope(), vec![value], at(0)).unwrap();
        for (kept, (seconds, retention)) in table.into_iter().enumerate() {
            store.metrics().flush(at(retention)).await.unwrap();
            let there = sums(store.metrics(), periods(0, 3600, seconds)).await;
            assert_eq!(there, [(0, 5.0)], "by {seconds} s after {retention} s");
            store.metrics().flush(at(retention + 2 * HOUR)).await.unwrap();
            for (position, (seconds, _)) in table.into_iter().enumerate() {
                let there = sums(store.metrics(), periods(0, 3600, seconds)).await;
                assert_eq!(there.len(), usize::from(position > kept), "by {seconds} s after {retention} s");
            }
        }
        assert_eq!(store.metrics().list(&scope(), &MetricFilter::default(), None, 10), []);
    }
}

#[tokio::test]
async fn standard_resolution_has_no_points_below_a_minute() {
    let store = Store::in_memory();
    store.metrics().put(&scope(), vec![datum(7, 5.0)], at(7)).unwrap();
    assert_eq!(sums(store.metrics(), periods(0, 60, 10)).await, []);
    let high = MetricDatum { resolution: Resolution::High, ..datum(17, 3.0) };
    store.metrics().put(&scope(), vec![high], at(17)).unwrap();
    assert_eq!(sums(store.metrics(), periods(0, 60, 10)).await, [(10, 3.0)]);
    assert_eq!(sums(store.metrics(), periods(0, 60, 60)).await, [(0, 8.0)]);
}

#[tokio::test]
async fn late_values_are_merged_into_what_is_in_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let now = at(10 * DAY);
    let metrics = store.metrics();
    metrics.put(&scope(), vec![datum(0, 1.0)], now).unwrap();
    metrics.flush(now).await.unwrap();
    let expected = |sum: f64| vec![(0, sum)];
    for (round, sum) in [(1.0, 3.0), (2.0, 5.0)] {
        metrics.put(&scope(), vec![datum(0, 1.0), datum(1, 1.0)], now).unwrap();
        assert_eq!(sums(metrics, periods(0, 60, 60)).await, expected(sum), "round {round}, before the flush");
        metrics.flush(now).await.unwrap();
        assert_eq!(sums(metrics, periods(0, 60, 60)).await, expected(sum), "round {round}, after the flush");
        assert_eq!(sums(metrics, periods(0, 3600, 3600)).await, expected(sum), "round {round}, by the hour");
    }
}

#[tokio::test]
async fn a_failed_flush_loses_nothing_and_counts_nothing_twice() {
    let backend = MemoryBackend::default();
    let store = Store::with_backend(Box::new(backend.clone())).unwrap();
    let (metrics, now) = (store.metrics(), at(DAY));
    metrics.flush(now).await.unwrap();
    let full = BackendError::Full { path: "state.db".to_owned(), detail: "disk full".to_owned() };
    backend.fail_commits(Some(full.clone()));
    for value in [1.0, 2.0] {
        metrics.put(&scope(), vec![datum(0, value), datum(DAY, value)], now).unwrap();
        assert_eq!(metrics.flush(now).await, Err(MetricStoreError::Backend(full.clone())));
    }
    assert_eq!(sums(metrics, periods(0, 2 * DAY, 60)).await, [(0, 3.0), (DAY, 3.0)]);
    backend.fail_commits(None);
    metrics.flush(now).await.unwrap();
    assert_eq!(sums(metrics, periods(0, 2 * DAY, 60)).await, [(0, 3.0), (DAY, 3.0)]);
    let other = Store::with_backend(Box::new(backend)).unwrap();
    assert_eq!(sums(other.metrics(), periods(0, 2 * DAY, 60)).await, [(0, 3.0), (DAY, 3.0)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn readers_see_every_value_exactly_once_while_flushes_go_on() {
    const VALUES: u64 = 600;
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let (written, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let (reads, flushes) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let writing = tokio::spawn({
        let (store, written, done) = (store.clone(), Arc::clone(&written), Arc::clone(&done));
        let (reads, flushes) = (Arc::clone(&reads), Arc::clone(&flushes));
        async move {
            for n in 0..VALUES {
                // Readers and flushes must keep up, or there would be nothing to see.
                while reads.load(Ordering::SeqCst) < n / 6 || flushes.load(Ordering::SeqCst) < n / 6 {
                    tokio::task::yield_now().await;
                }
                // Half of the values are new, half come for a point that has long left memory.
                let minute = i64::try_from(n).unwrap();
                let seconds = if n % 2 == 0 { minute * 60 } else { 30 };
                store.metrics().put(&scope(), vec![datum(seconds, 1.0)], at(minute * 60)).unwrap();
                written.fetch_add(1, Ordering::SeqCst);
            }
            done.store(true, Ordering::SeqCst);
        }
    });
    let flushing = tokio::spawn({
        let (store, written, done) = (store.clone(), Arc::clone(&written), Arc::clone(&done));
        async move {
            while !done.load(Ordering::SeqCst) {
                let minutes = i64::try_from(written.load(Ordering::SeqCst)).unwrap();
                store.metrics().flush(at(minutes * 60)).await.unwrap();
                flushes.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let whole = periods(0, 2 * DAY, 3600);
    while !done.load(Ordering::SeqCst) {
        let before = written.load(Ordering::SeqCst) as f64;
        let seen = total(store.metrics(), whole).await;
        let after = written.load(Ordering::SeqCst) as f64;
        // A value is there a moment before it is counted as written.
        assert!(before <= seen && seen <= after + 1.0, "{before} <= {seen} <= {after}");
        reads.fetch_add(1, Ordering::SeqCst);
    }
    writing.await.unwrap();
    flushing.await.unwrap();
    store.close(at(2 * DAY)).await.unwrap();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(total(store.metrics(), whole).await, VALUES as f64);
    assert_eq!(total(store.metrics(), periods(0, 2 * DAY, 60)).await, VALUES as f64);
}

#[tokio::test]
async fn percentiles_are_those_of_all_values_together_also_from_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let data = (1..=100).map(|n| datum(i64::from(n) * 3, f64::from(n))).collect();
    store.metrics().put(&scope(), data, at(300)).unwrap();
    for now in [at(300), at(2 * DAY)] {
        store.metrics().flush(now).await.unwrap();
        let points = store.metrics().points(&scope(), &metric(), None, &periods(0, 3600, 3600)).await.unwrap();
        let percentile = |text: &str| points[0].sample.stat(&text.parse::<Stat>().unwrap()).unwrap();
        for (text, expected) in [("p50", 50.0), ("p90", 90.0), ("p99", 99.0), ("p100", 100.0)] {
            assert!((percentile(text) / expected - 1.0).abs() < 0.02, "{text} is {}", percentile(text));
        }
    }
}

#[tokio::test]
async fn a_summary_among_the_values_leaves_no_percentile() {
    let store = Store::in_memory();
    let set = StatisticSet { sample_count: 2.0, sum: 3.0, minimum: 1.0, maximum: 2.0 };
    let summary = MetricDatum { sample: Sample::of_set(set), ..datum(1, 0.0) };
    store.metrics().put(&scope(), vec![datum(0, 5.0), summary], at(1)).unwrap();
    let points = store.metrics().points(&scope(), &metric(), None, &periods(0, 60, 60)).await.unwrap();
    assert_eq!(points[0].sample.set, StatisticSet { sample_count: 3.0, sum: 8.0, minimum: 1.0, maximum: 5.0 });
    assert_eq!(points[0].sample.stat(&"p50".parse().unwrap()), None);
}

#[tokio::test]
async fn units_scopes_and_dimensions_are_kept_apart() {
    let store = Store::in_memory();
    let other_unit = MetricDatum { unit: "Seconds".to_owned(), ..datum(0, 2.0) };
    let other_metric = MetricDatum { metric: Metric::new("App", "Latency", []), ..datum(0, 4.0) };
    store.metrics().put(&scope(), vec![datum(0, 1.0), other_unit, other_metric], at(0)).unwrap();
    let elsewhere = Scope::new("123456789012", "eu-west-1");
    store.metrics().put(&elsewhere, vec![datum(0, 8.0)], at(0)).unwrap();
    let read = async |unit| {
        let points = store.metrics().points(&scope(), &metric(), unit, &periods(0, 60, 60)).await.unwrap();
        points.into_iter().map(|point| (point.unit, point.sample.set.sum)).collect::<Vec<_>>()
    };
    assert_eq!(read(None).await, [("Milliseconds".to_owned(), 1.0), ("Seconds".to_owned(), 2.0)]);
    assert_eq!(read(Some("Seconds")).await, [("Seconds".to_owned(), 2.0)]);
    assert_eq!(read(Some("Count")).await, []);
}

#[tokio::test]
async fn metrics_are_listed_by_filter_and_in_parts() {
    let store = Store::in_memory();
    let metrics = [
        Metric::new("A", "x", []),
        Metric::new("A", "x", [("d", "1")]),
        Metric::new("A", "x", [("d", "2"), ("e", "1")]),
        Metric::new("A", "y", [("d", "1")]),
        Metric::new("B", "x", [("e", "1")]),
    ];
    for (position, metric) in metrics.iter().enumerate() {
        let time = i64::try_from(position).unwrap() * HOUR;
        for unit in ["Count", "None"] {
            let value = MetricDatum { metric: metric.clone(), unit: unit.to_owned(), ..datum(time, 1.0) };
            store.metrics().put(&scope(), vec![value], at(4 * HOUR)).unwrap();
        }
    }
    let text = |text: &str| Some(text.to_owned());
    let filter = MetricFilter::default;
    let table: [(MetricFilter, &[usize]); 8] = [
        (filter(), &[0, 1, 2, 3, 4]),
        (MetricFilter { namespace: text("A"), ..filter() }, &[0, 1, 2, 3]),
        (MetricFilter { name: text("x"), ..filter() }, &[0, 1, 2, 4]),
        (MetricFilter { dimensions: vec![("d".to_owned(), None)], ..filter() }, &[1, 2, 3]),
        (MetricFilter { dimensions: vec![("d".to_owned(), text("1"))], ..filter() }, &[1, 3]),
        (MetricFilter { dimensions: vec![("d".to_owned(), None), ("e".to_owned(), text("1"))], ..filter() }, &[2]),
        (MetricFilter { active_since: Some(at(3 * HOUR)), ..filter() }, &[3, 4]),
        (MetricFilter { namespace: text("C"), ..filter() }, &[]),
    ];
    for (filter, expected) in table {
        let expected: Vec<Metric> = expected.iter().map(|position| metrics[*position].clone()).collect();
        assert_eq!(store.metrics().list(&scope(), &filter, None, 100), expected, "{filter:?}");
        let mut paged: Vec<Metric> = Vec::new();
        loop {
            let page = store.metrics().list(&scope(), &filter, paged.last(), 2);
            assert!(page.len() <= 2);
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, expected, "{filter:?} in parts");
    }
    assert_eq!(store.metrics().list(&Scope::new("1", "r"), &filter(), None, 10), []);
}

#[tokio::test]
async fn too_many_series_and_values_that_are_no_numbers_are_refused_whole() {
    let store = Store::in_memory();
    let numbered = |n: usize| MetricDatum { metric: Metric::new("A", &n.to_string(), []), ..datum(0, 1.0) };
    store.metrics().put(&scope(), (0..MAXIMUM_SERIES - 1).map(numbered).collect(), at(0)).unwrap();
    let two_more = vec![numbered(MAXIMUM_SERIES), numbered(MAXIMUM_SERIES + 1)];
    assert_eq!(store.metrics().put(&scope(), two_more, at(0)), Err(PutMetricError::TooManySeries));
    let last = vec![numbered(MAXIMUM_SERIES), numbered(MAXIMUM_SERIES), numbered(0)];
    store.metrics().put(&scope(), last, at(0)).unwrap();
    assert_eq!(store.metrics().put(&scope(), vec![datum(0, 1.0)], at(0)), Err(PutMetricError::TooManySeries));
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let set = StatisticSet::of(value, 1.0);
        let wrong = MetricDatum { sample: Sample { set, distribution: None }, ..numbered(1) };
        let refused = store.metrics().put(&scope(), vec![numbered(1), wrong], at(0));
        assert_eq!(refused, Err(PutMetricError::NotFinite("1".to_owned())));
    }
    let one = Metric::new("A", "1", []);
    let points = store.metrics().points(&scope(), &one, None, &periods(0, 60, 60)).await.unwrap();
    assert_eq!(points[0].sample.set.sample_count, 1.0, "nothing of the refused calls was counted");
}

#[tokio::test]
async fn a_flush_whose_caller_goes_away_is_still_finished() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    store.metrics().put(&scope(), vec![datum(0, 5.0)], at(0)).unwrap();
    let given_up = tokio::time::timeout(Duration::ZERO, store.metrics().flush(at(0)));
    let _ = given_up.await;
    store.metrics().put(&scope(), vec![datum(0, 1.0)], at(0)).unwrap();
    store.metrics().flush(at(DAY)).await.unwrap();
    assert_eq!(sums(store.metrics(), periods(0, 60, 60)).await, [(0, 6.0)]);
}
