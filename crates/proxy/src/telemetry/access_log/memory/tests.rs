//! Both parts, their bounds, and every id that requests are found by.

use super::*;
use crate::{
    config::CompiledSnapshot,
    error::ProxyError,
    target::TargetStates,
    telemetry::{
        batch::{Batch, channel},
        record::{RequestKind, Texts, put_text},
    },
};
use model::{
    Arn,
    elbv2::{
        action::Action,
        health_check::HealthCheck,
        snapshot::{ListenerPlan, LoadBalancerPlan, LoadBalancingSnapshot, TargetGroupPlan},
    },
};

fn snapshot() -> Arc<CompiledSnapshot> {
    let arn = |resource: &str| Arn::new("elasticloadbalancing", "eu-west-1", "123456789012", resource);
    let group = arn("targetgroup/web/1");
    let listener = ListenerPlan::new(arn("listener/app/web/1/1"), 80, Action::forward_to(group.clone()));
    let snapshot = LoadBalancingSnapshot {
        load_balancers: vec![LoadBalancerPlan {
            listeners: vec![listener],
            ..LoadBalancerPlan::new(arn("loadbalancer/app/web/1"), "web.elb.localhost")
        }],
        target_groups: vec![TargetGroupPlan::new(group, HealthCheck::default())],
        ..LoadBalancingSnapshot::default()
    };
    CompiledSnapshot::compile(&snapshot, &TargetStates::new(1)).unwrap()
}

/// A request on a connection, with a path and a trace id.
fn request(connection: u64, failed: bool, path: &str, trace_id: &str) -> (Note, Vec<u8>) {
    let mut text = Vec::new();
    let (path, trace_id) = (put_text(&mut text, path.as_bytes()), put_text(&mut text, trace_id.as_bytes()));
    let client = "192.0.2.7:51034".parse().unwrap();
    let note = Note::new(1_000_000, RequestKind::Http, 0, client, connection);
    let error = failed.then_some(ProxyError::TargetClosed);
    let elb_status = if failed { 502 } else { 200 };
    (Note { elb_status, error, texts: Texts { path, trace_id, ..Texts::default() }, ..note }, text)
}

fn batch(snapshot: &Arc<CompiledSnapshot>, requests: impl IntoIterator<Item = (Note, Vec<u8>)>) -> Vec<Batch> {
    let (sink, records) = channel(100_000);
    let notes = sink.notes();
    requests.into_iter().for_each(|(note, text)| notes.add(snapshot, &note, &text));
    notes.flush();
    std::iter::from_fn(|| records.take()).collect()
}

fn remember(memory: &mut Memory, requests: impl IntoIterator<Item = (Note, Vec<u8>)>) {
    for batch in batch(&snapshot(), requests) {
        batch.records().for_each(|record| memory.add(record));
    }
}

fn paths(memory: &Memory, id: &str) -> Vec<String> {
    memory.find(&Id::parse(id), 100).iter().map(|found| found["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn requests_are_found_by_every_id_that_they_have() {
    let mut memory = Memory::default();
    let chain = "Self=1-67891234-12456789abcdef012345678;Root=1-67891233-abcdef012345678912345678;CalledFrom=app";
    remember(
        &mut memory,
        [
            request(1, false, "/first", "Root=1-58337262-36d228ad5d99923122bbe354"),
            request(0x2f, false, "/second", chain),
            request(0x2f, false, "/third", "Root=1-67891233-abcdef012345678912345678"),
        ],
    );
    for (id, found) in [
        ("Root=1-58337262-36d228ad5d99923122bbe354", vec!["/first"]),
        ("1-58337262-36d228ad5d99923122bbe354", vec!["/first"]),
        (" 1-58337262-36D228AD5D99923122BBE354\n", vec!["/first"]),
        (chain, vec!["/second"]),
        ("Self=1-67891234-12456789abcdef012345678", vec!["/second"]),
        ("1-67891233-abcdef012345678912345678", vec!["/third", "/second"]),
        ("TID_0000000000000000000000000000002f", vec!["/third", "/second"]),
        ("tid_2F", vec!["/third", "/second"]),
        ("TID_00000000000000000000000000000001", vec!["/first"]),
        ("app", vec!["/second"]),
        ("TID_x", vec![]),
        ("", vec![]),
        ("1-58337262", vec![]),
        ("Root=", vec![]),
    ] {
        assert_eq!(paths(&memory, id), found, "{id}");
    }
}

#[test]
fn the_newest_of_many_are_found_and_no_more_than_asked_for() {
    let mut memory = Memory::default();
    remember(&mut memory, (0..500).map(|i| request(1, false, &format!("/{i}"), "")));
    let found = memory.find(&Id::parse("TID_1"), 3);
    let paths: Vec<_> = found.iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["/499", "/498", "/497"]);
}

#[test]
fn failed_requests_outlive_others() {
    let mut memory = Memory::new(1000, MAXIMUM_BYTES);
    remember(&mut memory, (0..300).map(|i| request(i, true, "/failed", "")));
    remember(&mut memory, (1000..5000).map(|i| request(i, false, "/good", "")));
    assert_eq!(paths(&memory, "TID_0"), ["/failed"]);
    assert_eq!(paths(&memory, "TID_12b"), ["/failed"]);
    assert_eq!(paths(&memory, &format!("TID_{:x}", 1000)), [""; 0], "others are forgotten");
    assert_eq!(paths(&memory, &format!("TID_{:x}", 4999)), ["/good"]);
    let extent = memory.extent();
    assert!(extent.requests >= 1000 && extent.failed == 300, "{extent:?}");
    assert_eq!(
        (extent.since, extent.failed_since),
        (Some(Timestamp::from_seconds(1)), Some(Timestamp::from_seconds(1)))
    );
    assert_eq!(Memory::default().extent(), Remembered::default());
    // One that is in both parts is found once.
    remember(&mut memory, [request(9999, true, "/failed", "")]);
    assert_eq!(paths(&memory, &format!("TID_{:x}", 9999)), ["/failed"]);
}

#[test]
fn at_least_so_many_are_remembered_and_few_more() {
    let mut memory = Memory::default();
    remember(&mut memory, (0..30_000).map(|i| request(i, i % 2 == 0, "/", "")));
    for (ring, least) in [(&memory.all, 20_000_u64), (&memory.failed, 10_000)] {
        assert!((REMEMBERED..REMEMBERED + 2 * BLOCK_REQUESTS).contains(&ring.requests), "{}", ring.requests);
        // Every second one failed.
        let oldest = ring.blocks.front().unwrap().notes[0].connection;
        assert!(oldest <= least && oldest >= least - 4 * BLOCK_REQUESTS as u64, "{oldest}");
    }
    assert!(memory.size() < 2 * MAXIMUM_BYTES, "{}", memory.size());
}

#[test]
fn long_texts_are_cut_and_their_memory_is_bounded() {
    let mut memory = Memory::default();
    let long = format!("/{}", "x".repeat(8_000));
    remember(&mut memory, [request(1, true, &long, "Root=1-58337262-36d228ad5d99923122bbe354")]);
    assert_eq!(paths(&memory, "1-58337262-36d228ad5d99923122bbe354"), [&long[..MAXIMUM_TEXT]]);
    let path = format!("/{}", "x".repeat(1_000));
    let bound = 4 << 20;
    let mut small = Memory::new(REMEMBERED, bound);
    remember(&mut small, (0..20_000).map(|i| request(i, true, &path, "")));
    assert!(small.size() <= 2 * bound, "{}", small.size());
    assert!(small.all.requests > 1000);
    assert_eq!(paths(&small, &format!("TID_{:x}", 19_999)), [path]);
}

#[test]
fn no_snapshot_lives_on_because_of_the_memory() {
    let mut memory = Memory::default();
    let snapshots: Vec<_> = (0..5).map(|_| snapshot()).collect();
    for snapshot in &snapshots {
        for batch in batch(snapshot, (0..10).map(|i| request(i, true, "/", ""))) {
            batch.records().for_each(|record| memory.add(record));
        }
        assert_eq!(Arc::strong_count(snapshot), 1);
    }
    let (name, dropped) = (Arc::clone(&snapshots[0].load_balancers[0].dimension), snapshots);
    let of_memory = Arc::strong_count(&name);
    drop(dropped);
    assert_eq!(Arc::strong_count(&name), of_memory - 1, "only names are kept");
    assert_eq!(memory.find(&Id::parse("TID_3"), 100)[0]["elb"], "app/web/1");
}
