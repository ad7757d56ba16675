//! What callers of a store rely on: what a transaction sees, what others see of it, and what becomes of it on failure.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use model::{Scope, Timestamp, event::Event};
use proptest::prelude::*;
use std::{
    collections::BTreeMap,
    convert::Infallible,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::Poll,
    time::Duration,
};
use store::{
    BackendError, Kind, RefusedWrite, Revision, Store, StoreError, TransactError,
    backend::{Row, memory::MemoryBackend},
    key::StoredKey,
    probe::Probe,
};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);

fn scope() -> Scope {
    Scope::new("123456789012", "ap-northeast-2")
}

async fn put(store: &Store, name: &str, value: u64) {
    let put = store.transact(|txn| {
        txn.put(&scope(), Probe::new(name, value));
        Ok::<_, Infallible>(())
    });
    put.await.unwrap();
}

fn value(store: &Store, name: &str) -> Option<u64> {
    store.view().get::<Probe>(&scope(), name).map(|probe| probe.value)
}

/// Polls once, so that everything up to the first wait happens.
async fn start<F: Future + Unpin>(future: &mut F) -> bool {
    std::future::poll_fn(|cx| Poll::Ready(std::pin::Pin::new(&mut *future).poll(cx).is_ready())).await
}

#[tokio::test]
async fn a_transaction_sees_its_own_writes_and_others_see_them_afterwards() {
    let store = Store::in_memory();
    let before = store.view();
    let seen = store
        .transact(|txn| {
            txn.put(&scope(), Probe::new("b", 2));
            txn.put(&scope(), Probe::new("a", 1));
            txn.put(&scope(), Probe::new("c", 3));
            txn.delete::<Probe>(&scope(), "c");
            let names: Vec<String> = txn.list::<Probe>(&scope()).map(|probe| probe.name.clone()).collect();
            Ok::<_, Infallible>(names)
        })
        .await
        .unwrap();
    assert_eq!(seen, ["a", "b"]);
    assert!(before.is_empty());
    assert_eq!(store.view().revision(), Revision(1));
    assert_eq!((value(&store, "a"), value(&store, "b"), value(&store, "c")), (Some(1), Some(2), None));
}

#[tokio::test]
async fn listings_keep_scopes_and_prefixes_apart() {
    let store = Store::in_memory();
    let other = Scope::new("123456789012", "eu-west-1");
    let fill = store.transact(|txn| {
        for name in ["g1|a", "g1|b", "g10|a", "g2|a"] {
            txn.put(&scope(), Probe::new(name, 1));
        }
        txn.put(&other, Probe::new("g1|z", 1));
        Ok::<_, Infallible>(())
    });
    fill.await.unwrap();
    let view = store.view();
    let names = |prefix: &str| view.range::<Probe>(&scope(), prefix).map(|p| p.name.clone()).collect::<Vec<_>>();
    assert_eq!(names("g1|"), ["g1|a", "g1|b"]);
    assert_eq!(names("g"), ["g10|a", "g1|a", "g1|b", "g2|a"], "in the order of bytes");
    assert_eq!(names("x"), Vec::<String>::new());
    assert_eq!(view.all::<Probe>().filter(|(scope, _)| *scope == other).count(), 1);
    assert_eq!(view.all::<Probe>().count(), 5);
}

#[tokio::test]
async fn a_record_remembers_the_revisions_that_made_and_changed_it() {
    let store = Store::in_memory();
    put(&store, "a", 1).await;
    put(&store, "b", 1).await;
    put(&store, "a", 2).await;
    let found = store.view().get_with_revision::<Probe>(&scope(), "a").unwrap();
    assert_eq!((found.created, found.modified, found.record.value), (Revision(1), Revision(3), 2));
}

#[tokio::test]
async fn a_transaction_that_changes_nothing_commits_nothing() {
    let store = Store::in_memory();
    put(&store, "a", 1).await;
    put(&store, "a", 1).await;
    let back_and_forth = store.transact(|txn| {
        txn.put(&scope(), Probe::new("a", 2));
        txn.put(&scope(), Probe::new("a", 1));
        txn.put(&scope(), Probe::new("new", 1));
        txn.delete::<Probe>(&scope(), "new");
        Ok::<_, Infallible>(())
    });
    back_and_forth.await.unwrap();
    assert_eq!(store.view().revision(), Revision(1));
}

#[tokio::test]
async fn an_aborted_transaction_leaves_no_trace() {
    let store = Store::in_memory();
    let aborted = store.transact(|txn| {
        txn.put(&scope(), Probe::new("a", 1));
        Err::<(), _>("no")
    });
    assert!(matches!(aborted.await, Err(TransactError::Aborted("no"))));
    assert_eq!((store.view().revision(), value(&store, "a")), (Revision::ZERO, None));
}

#[tokio::test]
async fn a_closure_that_panics_leaves_the_store_usable() {
    let store = Store::in_memory();
    let other = store.clone();
    let panicked = tokio::spawn(async move {
        let panicking = other.transact(|txn| -> Result<(), Infallible> {
            txn.put(&scope(), Probe::new("a", 1));
            panic!("as a faulty closure would")
        });
        let _ = panicking.await;
    });
    assert!(panicked.await.unwrap_err().is_panic());
    put(&store, "b", 2).await;
    assert_eq!((value(&store, "a"), value(&store, "b")), (None, Some(2)));
}

#[tokio::test]
async fn nobody_sees_what_is_not_durable_yet() {
    let backend = MemoryBackend::default();
    let store = Store::with_backend(Box::new(backend.clone())).unwrap();
    let mut write = Box::pin(put(&store, "a", 1));
    // What reads the state of a transaction in flight, and would answer on it, has to wait as well.
    let mut read = Box::pin(store.transact(|txn| Ok::<_, Infallible>(txn.contains::<Probe>(&scope(), "a"))));
    {
        let _held = backend.hold();
        assert!(!start(&mut write).await);
        assert!(!start(&mut read).await);
        assert_eq!((store.view().revision(), value(&store, "a")), (Revision::ZERO, None));
    }
    timeout(PATIENCE, write).await.unwrap();
    assert!(timeout(PATIENCE, read).await.unwrap().unwrap());
    assert_eq!(value(&store, "a"), Some(1));
}

#[tokio::test]
async fn dropping_the_future_neither_loses_nor_tears_the_transaction() {
    let backend = MemoryBackend::default();
    let store = Store::with_backend(Box::new(backend.clone())).unwrap();
    {
        let _held = backend.hold();
        let mut write = Box::pin(store.transact(|txn| {
            txn.put(&scope(), Probe::new("a", 1));
            txn.put(&scope(), Probe::new("b", 1));
            Ok::<_, Infallible>(())
        }));
        assert!(!start(&mut write).await);
    }
    put(&store, "c", 1).await;
    assert_eq!((value(&store, "a"), value(&store, "b"), value(&store, "c")), (Some(1), Some(1), Some(1)));
}

#[tokio::test]
async fn a_failed_commit_fails_what_rests_on_it_and_the_store_recovers() {
    let backend = MemoryBackend::default();
    let store = Store::with_backend(Box::new(backend.clone())).unwrap();
    let full = BackendError::Full { path: "state.db".to_owned(), detail: "disk full".to_owned() };
    put(&store, "a", 1).await;
    backend.fail_commits(Some(full.clone()));
    let mut first = Box::pin(store.transact(|txn| {
        txn.put(&scope(), Probe::new("a", 2));
        Ok::<_, Infallible>(())
    }));
    let mut second = Box::pin(store.transact(|txn| {
        let a = txn.get::<Probe>(&scope(), "a").unwrap().value;
        txn.put(&scope(), Probe::new("b", a + 1));
        Ok::<_, Infallible>(())
    }));
    let mut abort = Box::pin(store.transact(|txn| match txn.get::<Probe>(&scope(), "a").unwrap().value {
        1 => Ok(()),
        other => Err(other),
    }));
    // All three run their closures before the first of them has failed.
    let hold = backend.hold();
    assert!(!start(&mut first).await && !start(&mut second).await && !start(&mut abort).await);
    drop(hold);
    for failed in [timeout(PATIENCE, first).await.unwrap(), timeout(PATIENCE, second).await.unwrap()] {
        assert!(matches!(failed, Err(TransactError::Storage(error)) if error == full));
    }
    assert!(
        timeout(PATIENCE, abort).await.unwrap().is_ok(),
        "it saw a value that never came to be, and must look again"
    );
    assert_eq!((value(&store, "a"), value(&store, "b")), (Some(1), None));
    backend.fail_commits(None);
    put(&store, "a", 5).await;
    assert_eq!((value(&store, "a"), store.view().revision()), (Some(5), Revision(2)));
}

#[tokio::test]
async fn two_stores_on_one_backend_rerun_their_closures_until_both_counts_are_right() {
    const EACH: u64 = 50;
    let backend = MemoryBackend::default();
    let stores = [0, 1].map(|_| Store::with_backend(Box::new(backend.clone())).unwrap());
    put(&stores[0], "count", 0).await;
    let runs = Arc::new(AtomicU32::new(0));
    let count = |store: Store, runs: Arc<AtomicU32>| async move {
        for _ in 0..EACH {
            loop {
                let increment = store.transact(|txn| {
                    runs.fetch_add(1, Ordering::Relaxed);
                    let old = txn.get::<Probe>(&scope(), "count").map_or(0, |probe| probe.value);
                    txn.put(&scope(), Probe::new("count", old + 1));
                    Ok::<_, Infallible>(())
                });
                match increment.await {
                    Ok(()) => break,
                    Err(TransactError::Contended) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        }
    };
    let tasks = stores.clone().map(|store| tokio::spawn(count(store, Arc::clone(&runs))));
    for task in tasks {
        timeout(PATIENCE, task).await.unwrap().unwrap();
    }
    assert!(u64::from(runs.load(Ordering::Relaxed)) >= 2 * EACH);
    for store in &stores {
        let reached = async {
            let mut changed = store.changed(&[Kind::Probe]);
            while value(store, "count") != Some(2 * EACH) {
                changed.changed().await;
            }
        };
        timeout(PATIENCE, reached).await.unwrap();
        assert_eq!(store.view().revision(), Revision(1 + 2 * EACH));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_wakes_those_who_wait_for_its_kind_and_nobody_else() {
    let store = Store::in_memory();
    let mut probes = store.changed(&[Kind::Vpc, Kind::Probe]);
    let mut instances = store.changed(&[Kind::Instance]);
    put(&store, "a", 1).await;
    put(&store, "a", 2).await;
    timeout(PATIENCE, probes.changed()).await.expect("a change before the call is not missed");
    assert!(!start(&mut Box::pin(probes.changed())).await, "two changes are one wake");
    let mut waiting = Box::pin(probes.changed());
    assert!(!start(&mut waiting).await);
    put(&store, "b", 1).await;
    timeout(PATIENCE, waiting).await.expect("a change during the wait wakes");
    assert!(!start(&mut Box::pin(instances.changed())).await, "no instance has changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_change_is_missed_by_a_waiter_that_drops_its_waits() {
    const CHANGES: u64 = 300;
    let store = Store::in_memory();
    let mut changed = store.changed(&[Kind::Probe]);
    let writer = store.clone();
    let writing = tokio::spawn(async move {
        for n in 1..=CHANGES {
            put(&writer, "n", n).await;
        }
    });
    let follow = async {
        while value(&store, "n") != Some(CHANGES) {
            // A wait that is dropped before it is over, as by `select!`, must lose nothing.
            if !start(&mut Box::pin(changed.changed())).await {
                changed.changed().await;
            }
        }
    };
    timeout(PATIENCE, follow).await.expect("the last change wakes");
    writing.await.unwrap();
}

#[tokio::test]
async fn events_are_kept_with_their_transaction_and_can_be_followed() {
    let store = Store::in_memory();
    let event = |what: &str| Event {
        at: Timestamp::from_seconds(1),
        scope: scope(),
        subject: "i-1".to_owned(),
        what: what.to_owned(),
        message: "why".to_owned(),
    };
    let mut follower = store.follow_events(0);
    let mut first = Box::pin(follower.next());
    assert!(!start(&mut first).await);
    let append = |what: &'static str, fail: bool| {
        store.transact(move |txn| {
            txn.append_event(event(what));
            if fail { Err("no") } else { Ok(()) }
        })
    };
    append("lost", true).await.unwrap_err();
    append("one", false).await.unwrap();
    append("two", false).await.unwrap();
    let mut names: Vec<String> = Vec::new();
    names.extend(timeout(PATIENCE, first).await.unwrap().unwrap().into_iter().map(|e| e.event.what));
    while names.len() < 2 {
        names.extend(timeout(PATIENCE, follower.next()).await.unwrap().unwrap().into_iter().map(|e| e.event.what));
    }
    assert_eq!(names, ["one", "two"]);
    let later = store.events(1, 10).await.unwrap();
    assert_eq!(later.iter().map(|e| (e.sequence, e.event.what.as_str())).collect::<Vec<_>>(), [(2, "two")]);
}

#[tokio::test]
async fn records_that_are_too_large_are_refused_by_name() {
    let store = Store::in_memory();
    let large = Probe { note: "x".repeat(2 << 20), ..Probe::new("large", 1) };
    let refused = store.transact(|txn| {
        txn.put(&scope(), Probe::new("small", 1));
        txn.put(&scope(), large.clone());
        Ok::<_, Infallible>(())
    });
    match refused.await {
        Err(TransactError::Refused(RefusedWrite::TooLarge { key, .. })) => assert_eq!(key.id, "large"),
        other => panic!("{other:?}"),
    }
    assert_eq!(value(&store, "small"), None);
}

#[tokio::test]
async fn poisoned_records_hurt_only_themselves() {
    let backend = MemoryBackend::default();
    let stored = |kind: &str, id: &str| StoredKey {
        kind: kind.to_owned(),
        account: scope().account,
        region: scope().region,
        id: id.to_owned(),
    };
    let plant = |key: StoredKey, schema: u32, value: &str| {
        let value = value.as_bytes().into();
        backend.plant(Row { key, schema, created: Revision(1), modified: Revision(1), value });
    };
    plant(stored("probe", "good"), 3, r#"{"name":"good","value":1,"note":""}"#);
    plant(stored("probe", "old"), 1, r#"{"name":"old","count":"7"}"#);
    plant(stored("probe", "newer"), 4, r#"{"name":"newer"}"#);
    plant(stored("probe", "huge"), 3, &format!(r#"{{"name":"huge","value":1,"note":"{}"}}"#, "x".repeat(10 << 20)));
    plant(stored("probe", "other-name"), 3, r#"{"name":"good","value":2,"note":""}"#);
    plant(stored("load-balancer", "arn:x"), 1, r#"{"kind":"quantum"}"#);
    plant(stored("spaceship", "s"), 1, "{}");
    let store = Store::with_backend(Box::new(backend.clone())).unwrap();
    let names: Vec<_> = store.view().list::<Probe>(&scope()).map(|p| (p.name.clone(), p.value)).collect();
    assert_eq!(names, [("good".to_owned(), 1), ("old".to_owned(), 7)]);
    let mut set_aside: Vec<String> = store.quarantined().into_iter().map(|entry| entry.key.id).collect();
    set_aside.sort();
    assert_eq!(set_aside, ["arn:x", "huge", "newer", "other-name", "s"]);

    let over = || {
        store.transact(|txn| {
            txn.put(&scope(), Probe::new("newer", 9));
            Ok::<_, Infallible>(())
        })
    };
    assert!(matches!(over().await, Err(TransactError::Refused(RefusedWrite::Quarantined(key))) if key.id == "newer"));
    assert_eq!(store.discard_quarantined(stored("probe", "good")).await, Ok(false), "a sound record is not discarded");
    assert_eq!(store.discard_quarantined(stored("probe", "newer")).await, Ok(true));
    over().await.unwrap();
    assert_eq!(value(&store, "newer"), Some(9));
}

#[tokio::test]
async fn a_store_in_memory_says_that_it_cannot_be_backed_up() {
    let failed = Store::in_memory().backup(std::path::Path::new("/nonexistent/copy")).await;
    assert_eq!(failed, Err(StoreError::Backend(BackendError::Unsupported("a backup"))));
}

async fn write_as(leader: &store::Leadership, value: u64) -> Result<(), TransactError<Infallible>> {
    let written = leader.transact(|txn| {
        txn.put(&scope(), Probe::new("a", value));
        Ok(())
    });
    timeout(PATIENCE, written).await.unwrap()
}

#[tokio::test]
async fn a_leader_that_lost_its_lease_cannot_write() {
    let backend = MemoryBackend::default();
    let stores = [0, 1].map(|_| Store::with_backend(Box::new(backend.clone())).unwrap());
    let at = Timestamp::from_seconds;
    let ttl = Duration::from_secs(10);
    let [mut one, mut two] = [("one", &stores[0]), ("two", &stores[1])].map(|(n, s)| s.leadership("alarms", n, ttl));
    assert!(one.lead(at(0)).await.unwrap().is_some());
    assert!(two.lead(at(9)).await.unwrap().is_none());
    assert!(one.lead(at(9)).await.unwrap().is_some(), "renewed until 19");
    assert!(two.lead(at(18)).await.unwrap().is_none());
    write_as(&one, 1).await.unwrap();
    assert!(two.lead(at(19)).await.unwrap().is_some(), "the first did not renew in time");
    let late = write_as(&one, 2).await;
    assert!(matches!(late, Err(TransactError::Fenced(name)) if name == "alarms"));
    write_as(&two, 3).await.unwrap();
    assert_eq!(value(&stores[1], "a"), Some(3));
    assert!(one.lead(at(20)).await.unwrap().is_none());
    two.resign().await.unwrap();
    assert!(one.lead(at(20)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_commit_that_happened_although_it_seemed_to_fail_is_found_again() {
    let backend = MemoryBackend::default();
    let store = Store::with_backend(Box::new(backend.exclusive())).unwrap();
    put(&store, "a", 1).await;
    // To the first store this looks like a commit of its own whose success it was not told of.
    put(&Store::with_backend(Box::new(backend.exclusive())).unwrap(), "b", 2).await;
    put(&store, "c", 3).await;
    assert_eq!((value(&store, "a"), value(&store, "b"), value(&store, "c")), (Some(1), Some(2), Some(3)));
    assert_eq!(store.view().revision(), Revision(3));
}

#[derive(Clone, Debug)]
enum Step {
    Put(u8, u64),
    Delete(u8),
    Read(u8),
}

/// Steps of one transaction, whether it is aborted, and whether the backend fails meanwhile.
fn transactions() -> impl Strategy<Value = Vec<(Vec<Step>, bool, bool)>> {
    let step = prop_oneof![
        (0..6_u8, 0..3_u64).prop_map(|(name, value)| Step::Put(name, value)),
        (0..6_u8).prop_map(Step::Delete),
        (0..6_u8).prop_map(Step::Read),
    ];
    let steps = proptest::collection::vec(step, 0..6);
    proptest::collection::vec((steps, proptest::bool::weighted(0.2), proptest::bool::weighted(0.2)), 0..20)
}

async fn follow(transactions: Vec<(Vec<Step>, bool, bool)>) -> Result<(), TestCaseError> {
    let backend = MemoryBackend::default();
    let store = Store::with_backend(Box::new(backend.clone())).unwrap();
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    let mut changes = 0;
    for (steps, abort, fail) in transactions {
        backend.fail_commits(fail.then_some(BackendError::Unsupported("anything")));
        let mut copy = expected.clone();
        let outcome = store.transact(|txn| {
            copy = expected.clone();
            for step in &steps {
                match step {
                    Step::Put(name, value) => {
                        txn.put(&scope(), Probe::new(name.to_string(), *value));
                        copy.insert(name.to_string(), *value);
                    }
                    Step::Delete(name) => {
                        let was_there = copy.remove(&name.to_string()).is_some();
                        assert_eq!(txn.delete::<Probe>(&scope(), name.to_string()), was_there);
                    }
                    Step::Read(name) => {
                        let read = txn.get::<Probe>(&scope(), name.to_string()).map(|probe| probe.value);
                        assert_eq!(read, copy.get(&name.to_string()).copied());
                    }
                }
            }
            if abort { Err(()) } else { Ok(()) }
        });
        let outcome = outcome.await;
        let changed = copy != expected;
        let refused = abort || (fail && changed);
        prop_assert_eq!(outcome.is_ok(), !refused);
        if outcome.is_ok() {
            changes += u64::from(changed);
            expected = copy;
        }
        let found: BTreeMap<String, u64> =
            store.view().list::<Probe>(&scope()).map(|probe| (probe.name.clone(), probe.value)).collect();
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(store.view().revision(), Revision(changes));
    }
    let reopened = Store::with_backend(Box::new(backend)).unwrap();
    prop_assert_eq!(reopened.view().len(), expected.len());
    Ok(())
}

proptest! {
    #[test]
    fn any_sequence_of_transactions_does_what_a_plain_map_does(transactions in transactions()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(follow(transactions))?;
    }
}

#[tokio::test]
async fn what_is_different_between_views_is_found_among_many_records() {
    let store = Store::in_memory();
    let name = |number: u64| format!("{number:04}");
    let fill = store.transact(|txn| {
        (0..2000).for_each(|number| txn.put(&scope(), Probe::new(name(number), number)));
        Ok::<_, Infallible>(())
    });
    fill.await.unwrap();
    let before = store.view();
    assert_eq!(store.view().since(&before).count(), 0);
    let change = store.transact(|txn| {
        (0..2000).step_by(97).for_each(|number| txn.put(&scope(), Probe::new(name(number), number + 1)));
        let deleted = (5..2000).step_by(301).filter(|number| txn.delete::<Probe>(&scope(), name(*number)));
        assert_eq!(deleted.count(), 7);
        (2000..2040).for_each(|number| txn.put(&scope(), Probe::new(name(number), number)));
        // What is written as it was is no difference.
        (7..2000).step_by(50).for_each(|number| txn.put(&scope(), Probe::new(name(number), number)));
        Ok::<_, Infallible>(())
    });
    change.await.unwrap();
    let after = store.view();
    let all = |view: &store::View| view.list::<Probe>(&scope()).map(|p| (p.name.clone(), p.value)).collect();
    let (old, new): (BTreeMap<String, u64>, BTreeMap<String, u64>) = (all(&before), all(&after));
    let names = old.keys().chain(new.keys()).collect::<std::collections::BTreeSet<_>>();
    let expected: Vec<_> = names.into_iter().map(|name| (name.clone(), old.get(name), new.get(name))).collect();
    let expected: Vec<_> = expected.into_iter().filter(|(_, old, new)| old != new).collect();
    let value = |probe: Option<Arc<Probe>>| probe.map(|probe| probe.value);
    let found: Vec<_> = after.since(&before).map(|d| (d.key.id.clone(), value(d.before()), value(d.after()))).collect();
    let found: Vec<_> = found.iter().map(|(id, old, new)| (id.clone(), old.as_ref(), new.as_ref())).collect();
    assert_eq!(found, expected);
    assert_eq!(before.since(&after).count(), expected.len());
    assert!(after.since(&before).all(|difference| difference.after::<model::ec2::vpc::Vpc>().is_none()));
}
