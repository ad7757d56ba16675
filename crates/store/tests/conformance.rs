//! What every backend must do, run for each of them: SQLite and memory today, etcd when it comes.
//!
//! To add a backend, add one line to the list at the end.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use model::{
    Scope, Timestamp,
    cloudwatch::{metric::Metric, statistics::Sample},
    event::Event,
};
use std::{sync::Arc, time::Duration};
use store::{
    BackendError, Revision, StoredKey,
    backend::{
        Backend, Batch, CommitError, Fence, Ranged, WatchError, Write, WriteValue, embedded::EmbeddedBackend,
        memory::MemoryBackend,
    },
    lease::{Acquired, FencingToken, Lease},
    metric::{
        SeriesId, SeriesKey, Tier,
        archive::{MetricBatch, SeriesRow, Slot},
    },
};

/// A backend and what must live as long as it does.
struct Fixture {
    backend: Box<dyn Backend>,
    _directory: Option<tempfile::TempDir>,
}

fn memory() -> Fixture {
    Fixture { backend: Box::new(MemoryBackend::default()), _directory: None }
}

fn embedded() -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    let backend = Box::new(EmbeddedBackend::open(directory.path()).unwrap());
    Fixture { backend, _directory: Some(directory) }
}

fn key(region: &str, id: &str) -> StoredKey {
    StoredKey { kind: "probe".to_owned(), account: "1".to_owned(), region: region.to_owned(), id: id.to_owned() }
}

fn put(id: &str, text: &str) -> Write {
    Write { key: key("r", id), value: WriteValue::Put { schema: 3, bytes: text.as_bytes().into() } }
}

fn delete(id: &str) -> Write {
    Write { key: key("r", id), value: WriteValue::Delete }
}

fn batch(writes: Vec<Write>) -> Batch {
    Batch { writes, ..Batch::default() }
}

fn texts(ranged: &Ranged) -> Vec<(&str, &str)> {
    ranged.rows.iter().map(|row| (row.key.id.as_str(), std::str::from_utf8(&row.value).unwrap())).collect()
}

fn everything(backend: &mut dyn Backend) -> Ranged {
    backend.range(&StoredKey::default(), None, usize::MAX).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn granted(acquired: Result<Acquired, BackendError>) -> Lease {
    match acquired.unwrap() {
        Acquired::Granted(lease) => lease,
        Acquired::Held(lease) => panic!("{lease}"),
    }
}

const TTL: Duration = Duration::from_secs(10);

fn an_empty_backend_is_at_revision_zero(mut fixture: Fixture) {
    let loaded = fixture.backend.load().unwrap();
    assert_eq!((loaded.revision, loaded.rows.len(), loaded.damaged.len()), (Revision::ZERO, 0, 0));
    assert_eq!(everything(&mut *fixture.backend), Ranged::default());
}

fn each_batch_gets_a_revision_and_rows_remember_theirs(mut fixture: Fixture) {
    let backend = &mut *fixture.backend;
    let first = [batch(vec![put("a", "1"), put("b", "1")]), batch(vec![put("a", "2")])];
    assert_eq!(backend.commit(Revision::ZERO, &first), Ok(Revision(2)));
    assert_eq!(backend.commit(Revision(2), &[batch(vec![delete("b"), put("c", "3")])]), Ok(Revision(3)));
    let loaded = backend.load().unwrap();
    assert_eq!(loaded.revision, Revision(3));
    let rows: Vec<_> = loaded.rows.iter().map(|r| (r.key.id.as_str(), r.schema, r.created, r.modified)).collect();
    assert_eq!(rows, [("a", 3, Revision(1), Revision(2)), ("c", 3, Revision(3), Revision(3))]);
}

fn a_record_that_is_made_again_is_new(mut fixture: Fixture) {
    let backend = &mut *fixture.backend;
    for (revision, write) in [(0, put("a", "1")), (1, delete("a")), (2, put("a", "1"))] {
        backend.commit(Revision(revision), &[batch(vec![write])]).unwrap();
    }
    assert_eq!(backend.load().unwrap().rows[0].created, Revision(3));
}

fn a_commit_on_an_old_revision_changes_nothing(mut fixture: Fixture) {
    let backend = &mut *fixture.backend;
    backend.commit(Revision::ZERO, &[batch(vec![put("a", "1")])]).unwrap();
    for expected in [Revision::ZERO, Revision(2), Revision(9)] {
        let late = backend.commit(expected, &[batch(vec![put("a", "2"), put("b", "2")])]);
        assert_eq!(late, Err(CommitError::Conflict { expected, newest: Revision(1) }));
    }
    let ranged = everything(backend);
    assert_eq!((texts(&ranged), ranged.revision), (vec![("a", "1")], Revision(1)));
}

fn deleting_what_is_not_there_is_a_change_without_effect(mut fixture: Fixture) {
    let backend = &mut *fixture.backend;
    assert_eq!(backend.commit(Revision::ZERO, &[batch(vec![delete("a")])]), Ok(Revision(1)));
    assert_eq!(everything(backend), Ranged { revision: Revision(1), rows: Vec::new() });
    assert_eq!(backend.load().unwrap().revision, Revision(1));
}

fn ranges_are_in_key_order_half_open_and_limited(mut fixture: Fixture) {
    let backend = &mut *fixture.backend;
    let other = Write { key: key("q", "z"), value: WriteValue::Put { schema: 1, bytes: b"z".as_slice().into() } };
    let writes = vec![put("c", "c"), put("a|2", "a2"), other, put("a|1", "a1"), put("b", "b"), put("aé", "é")];
    backend.commit(Revision::ZERO, &[batch(writes)]).unwrap();
    let mut range = |from: &str, to: Option<&str>, limit| {
        let to = to.map(|to| key("r", to));
        let ranged = backend.range(&key("r", from), to.as_ref(), limit).unwrap();
        assert_eq!(ranged.revision, Revision(1));
        texts(&ranged).into_iter().map(|(id, _)| id.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(range("", None, 99), ["a|1", "a|2", "aé", "b", "c"]);
    assert_eq!(range("a|", Some("a}"), 99), ["a|1", "a|2"]);
    assert_eq!(range("a|2", Some("c"), 99), ["a|2", "aé", "b"]);
    assert_eq!(range("a|2", Some("c"), 2), ["a|2", "aé"]);
    assert_eq!(range("c", Some("a"), 99), Vec::<String>::new());
    assert_eq!(everything(backend).rows[0].key, key("q", "z"));
}

fn a_watch_sees_every_change_once_and_in_order(mut fixture: Fixture) {
    let backend = &mut *fixture.backend;
    backend.commit(Revision::ZERO, &[batch(vec![put("a", "1")])]).unwrap();
    let mut from_start = backend.watch(Revision::ZERO);
    let mut from_now = backend.watch(Revision(1));
    assert_eq!(from_now.next(Duration::ZERO), Ok(None));
    let second = vec![put("a", "2"), delete("b")];
    backend.commit(Revision(1), &[batch(second.clone()), batch(vec![put("c", "3")])]).unwrap();
    let mut revisions = Vec::new();
    while let Some(change) = from_start.next(Duration::ZERO).unwrap() {
        revisions.push(change.revision);
    }
    assert_eq!(revisions, [Revision(1), Revision(2), Revision(3)]);
    assert_eq!(from_now.next(Duration::ZERO).unwrap().unwrap().writes.as_ref(), second);
    assert_eq!(from_now.next(Duration::ZERO).unwrap().unwrap().revision, Revision(3));
}

fn a_watch_wakes_for_a_change_that_comes_later(mut fixture: Fixture) {
    let mut watch = fixture.backend.watch(Revision::ZERO);
    let waiting = std::thread::spawn(move || watch.next(Duration::from_secs(30)));
    fixture.backend.commit(Revision::ZERO, &[batch(vec![put("a", "1")])]).unwrap();
    assert_eq!(waiting.join().unwrap().unwrap().unwrap().revision, Revision(1));
}

fn a_watch_that_fell_behind_is_told_so(mut fixture: Fixture) {
    let backend = &mut *fixture.backend;
    let mut watch = backend.watch(Revision::ZERO);
    let many: Vec<Batch> = (0..5_000).map(|n| batch(vec![put("a", &n.to_string())])).collect();
    backend.commit(Revision::ZERO, &many).unwrap();
    assert_eq!(watch.next(Duration::ZERO), Err(WatchError::Compacted(Revision::ZERO)));
    watch.skip();
    assert_eq!(watch.next(Duration::ZERO), Ok(None));
    let mut near = backend.watch(Revision(4_999));
    assert_eq!(near.next(Duration::ZERO).unwrap().unwrap().revision, Revision(5_000));
}

fn a_lease_has_one_holder_until_its_time_is_over(mut fixture: Fixture) {
    let backend = &mut *fixture.backend;
    let one = granted(backend.acquire("l", "one", TTL, at(0)));
    assert_eq!((one.token, one.until), (FencingToken(1), at(10)));
    assert_eq!(backend.acquire("l", "two", TTL, at(9)), Ok(Acquired::Held(one.clone())));
    assert_eq!(granted(backend.acquire("other", "two", TTL, at(9))).token, FencingToken(1));
    let again = granted(backend.acquire("l", "one", TTL, at(5)));
    assert_eq!((again.token, again.until), (FencingToken(1), at(15)), "the holder keeps its token");
    let two = granted(backend.acquire("l", "two", TTL, at(15)));
    assert_eq!(two.token, FencingToken(2));
    assert_eq!(backend.renew(&one, TTL, at(15)), Ok(None));
    let renewed = backend.renew(&two, TTL, at(20)).unwrap().unwrap();
    assert_eq!((renewed.token, renewed.until), (FencingToken(2), at(30)));
    assert_eq!(backend.renew(&renewed, TTL, at(30)), Ok(None), "its time is over, though nobody else took it");
    let late = granted(backend.acquire("l", "two", TTL, at(31)));
    assert_eq!(late.token, FencingToken(3), "whoever comes too late may have been overtaken");
}

fn a_released_lease_is_free_and_its_token_grows(mut fixture: Fixture) {
    let backend = &mut *fixture.backend;
    let one = granted(backend.acquire("l", "one", TTL, at(0)));
    let stranger = Lease { token: FencingToken(7), ..one.clone() };
    backend.release(&stranger).unwrap();
    assert!(matches!(backend.acquire("l", "two", TTL, at(1)), Ok(Acquired::Held(_))));
    backend.release(&one).unwrap();
    assert_eq!(backend.renew(&one, TTL, at(1)), Ok(None));
    assert_eq!(granted(backend.acquire("l", "two", TTL, at(1))).token, FencingToken(2));
}

fn a_commit_under_a_lease_that_passed_on_is_refused_whole(mut fixture: Fixture) {
    let backend = &mut *fixture.backend;
    let one = granted(backend.acquire("l", "one", TTL, at(0)));
    let fenced = |token, id| Batch { fence: Some(Fence { name: "l".to_owned(), token }), ..batch(vec![put(id, "x")]) };
    assert_eq!(backend.commit(Revision::ZERO, &[fenced(one.token, "a")]), Ok(Revision(1)));
    let two = granted(backend.acquire("l", "two", TTL, at(10)));
    let mixed = [batch(vec![put("b", "x")]), fenced(two.token, "c"), fenced(one.token, "d")];
    let refused = backend.commit(Revision(1), &mixed);
    assert_eq!(refused, Err(CommitError::Fenced { batch: 2, name: "l".to_owned() }));
    let ranged = everything(backend);
    assert_eq!((texts(&ranged), ranged.revision), (vec![("a", "x")], Revision(1)));
    backend.release(&two).unwrap();
    assert!(matches!(backend.commit(Revision(1), &[fenced(two.token, "e")]), Err(CommitError::Fenced { .. })));
}

fn events_are_numbered_in_order_and_read_in_parts(mut fixture: Fixture) {
    let backend = &mut *fixture.backend;
    let event = |n: i64| Event {
        at: at(n),
        scope: Scope::new("1", "r"),
        subject: format!("i-{n}"),
        what: "instance-running".to_owned(),
        message: "because \u{202e} it was asked for".to_owned(),
    };
    let batches = [
        Batch { events: vec![event(1), event(2)], ..Batch::default() },
        Batch { events: vec![event(3)], ..batch(vec![put("a", "1")]) },
    ];
    backend.commit(Revision::ZERO, &batches).unwrap();
    assert_eq!(backend.events(0, 10).unwrap(), [(1, event(1)), (2, event(2)), (3, event(3))]);
    assert_eq!(backend.events(1, 1).unwrap(), [(2, event(2))]);
    assert_eq!(backend.events(3, 10).unwrap(), []);
}

fn old_events_go_and_numbers_are_not_used_again(mut fixture: Fixture) {
    let backend = &mut *fixture.backend;
    let event = Event {
        at: at(1),
        scope: Scope::new("1", "r"),
        subject: "s".to_owned(),
        what: "w".to_owned(),
        message: "m".to_owned(),
    };
    let many = |count| Batch { events: vec![event.clone(); count], ..Batch::default() };
    backend.commit(Revision::ZERO, &[many(60_000), many(45_000)]).unwrap();
    let oldest = backend.events(0, 1).unwrap()[0].0;
    assert_eq!(oldest, 5_001);
    assert_eq!(backend.events(0, usize::MAX).unwrap().len(), 1_000, "one read is bounded");
    backend.commit(Revision(2), &[many(1)]).unwrap();
    assert_eq!(backend.events(105_000, 10).unwrap().len(), 1);
}

fn metric_points_are_replaced_merged_expired_and_removed(mut fixture: Fixture) {
    let backend = &mut *fixture.backend;
    let mut archive = backend.metric_archive().unwrap();
    assert_eq!(archive.load().unwrap().generation, 0);
    let sample = |value| Sample::of_values([(value, 1.0)]).unwrap();
    let slot = |series, tier, seconds| Slot { series: SeriesId(series), tier, at: at(seconds) };
    let series = |id: u64| SeriesRow {
        id: SeriesId(id),
        key: std::sync::Arc::new(SeriesKey {
            scope: Scope::new("1", "r"),
            metric: Metric::new("AWS/EC2", "CPUUtilization", [("InstanceId", &format!("i-{id}"))]),
            unit: "Percent".to_owned(),
        }),
        last_at: at(120),
    };
    let first = MetricBatch {
        generation: 1,
        floor: at(60),
        series: vec![series(1), series(2)],
        replace: vec![
            (slot(1, Tier::Minute, 0), sample(1.0)),
            (slot(1, Tier::Minute, 60), sample(2.0)),
            (slot(1, Tier::Hour, 0), sample(3.0)),
            (slot(2, Tier::Minute, 60), sample(4.0)),
        ],
        ..MetricBatch::default()
    };
    backend.save_metrics(&first).unwrap();
    let state = archive.load().unwrap();
    assert_eq!((state.generation, state.floor, state.series), (1, at(60), vec![series(1), series(2)]));
    let mut recent: Vec<Slot> = state.recent.into_iter().map(|(slot, _)| slot).collect();
    recent.sort();
    let expected = [slot(1, Tier::Minute, 60), slot(1, Tier::Hour, 0), slot(2, Tier::Minute, 60)];
    assert_eq!(recent, expected, "from the stretch on that the floor lies in");

    let second = MetricBatch {
        generation: 2,
        floor: at(60),
        replace: vec![(slot(1, Tier::Minute, 60), sample(5.0))],
        merge: vec![(slot(1, Tier::Minute, 0), sample(7.0)), (slot(1, Tier::Minute, 120), sample(8.0))],
        ..MetricBatch::default()
    };
    backend.save_metrics(&second).unwrap();
    let mut sums = |series| {
        let (generation, rows) = archive.points(SeriesId(series), Tier::Minute, at(0), at(180)).unwrap();
        (generation, rows.into_iter().map(|(at, sample)| (at.seconds(), sample.set.sum)).collect::<Vec<_>>())
    };
    assert_eq!(sums(1), (2, vec![(0, 8.0), (60, 5.0), (120, 8.0)]));

    let third = MetricBatch {
        generation: 3,
        floor: at(60),
        removed: vec![SeriesId(2)],
        expire: vec![(Tier::Minute, at(60))],
        ..MetricBatch::default()
    };
    backend.save_metrics(&third).unwrap();
    assert_eq!(sums(1), (3, vec![(60, 5.0), (120, 8.0)]));
    assert_eq!(sums(2), (3, vec![]));
    assert_eq!(archive.load().unwrap().series, [series(1)]);
    assert_eq!(archive.points(SeriesId(1), Tier::Hour, at(0), at(1)).unwrap().1.len(), 1, "another tier is untouched");
    assert_eq!(archive.points(SeriesId(1), Tier::Minute, at(60), at(60)).unwrap().1, []);
}

fn large_values_and_odd_names_come_back_as_they_were(mut fixture: Fixture) {
    let backend = &mut *fixture.backend;
    let bytes: Arc<[u8]> = (0..=255).cycle().take(900_000).collect::<Vec<u8>>().into();
    let names = ["", "|", "a\u{0}b", "\u{202e}", "'; DROP TABLE record; --", "😀", &"x".repeat(4_000)];
    let writes = names
        .map(|id| Write { key: key("r", id), value: WriteValue::Put { schema: u32::MAX, bytes: Arc::clone(&bytes) } });
    backend.commit(Revision::ZERO, &[batch(writes.to_vec())]).unwrap();
    let loaded = backend.load().unwrap();
    let mut found: Vec<&str> = loaded.rows.iter().map(|row| row.key.id.as_str()).collect();
    found.sort_unstable();
    let mut expected = names;
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert!(loaded.rows.iter().all(|row| row.value == bytes && row.schema == u32::MAX));
    assert!(backend.discard(&key("r", "'; DROP TABLE record; --")).unwrap());
    assert_eq!(backend.load().unwrap().rows.len(), names.len() - 1);
}

macro_rules! conformance {
    ($($backend:ident: $($test:ident)*;)*) => {$(
        mod $backend {
            $(#[test] fn $test() { super::$test(super::$backend()); })*
        }
    )*};
}

macro_rules! for_each_backend {
    ($($backend:ident)*) => { conformance! { $($backend:
        an_empty_backend_is_at_revision_zero
        each_batch_gets_a_revision_and_rows_remember_theirs
        a_record_that_is_made_again_is_new
        a_commit_on_an_old_revision_changes_nothing
        deleting_what_is_not_there_is_a_change_without_effect
        ranges_are_in_key_order_half_open_and_limited
        a_watch_sees_every_change_once_and_in_order
        a_watch_wakes_for_a_change_that_comes_later
        a_watch_that_fell_behind_is_told_so
        a_lease_has_one_holder_until_its_time_is_over
        a_released_lease_is_free_and_its_token_grows
        a_commit_under_a_lease_that_passed_on_is_refused_whole
        events_are_numbered_in_order_and_read_in_parts
        old_events_go_and_numbers_are_not_used_again
        metric_points_are_replaced_merged_expired_and_removed
        large_values_and_odd_names_come_back_as_they_were
    ;)* } };
}

for_each_backend! { memory embedded }
