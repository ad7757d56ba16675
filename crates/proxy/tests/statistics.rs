//! Counters to reports, across changes of the configuration: nothing is counted twice, nothing is lost while a request
//! still runs, and what nobody uses is let go.

// Tests may panic.
#![allow(clippy::unwrap_used)]

mod running_node;

use model::{Timestamp, node::Statistics};
use proxy::{config::CompiledSnapshot, target::TargetStates, telemetry::statistics::Collector};
use running_node::snapshot;
use std::{net::SocketAddr, sync::Arc, time::Duration};

const WORKERS: usize = 2;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn targets() -> [SocketAddr; 2] {
    ["127.0.0.1:1001", "127.0.0.1:1002"].map(|text| text.parse().unwrap())
}

fn requests(statistics: Option<Statistics>) -> Vec<(u16, u64, u64)> {
    let targets = statistics.into_iter().flat_map(|s| s.targets);
    targets.map(|t| (t.target.port, t.requests, t.response_times.iter().map(|(_, n)| n).sum())).collect()
}

#[test]
fn every_request_is_reported_once_whichever_worker_it_was_on() {
    let states = TargetStates::new(WORKERS);
    let mut collector = Collector::new(states.clone(), at(0));
    let compiled = CompiledSnapshot::compile(&snapshot(1, &[], &targets()), &states).unwrap();
    collector.watch(&compiled);
    assert_eq!(collector.collect(at(1), 0), None, "nothing to say");
    let group = &compiled.target_groups[0];
    for worker in 0..WORKERS {
        let counts = group.targets[0].state.counts.of(worker);
        counts.requests.add(5);
        counts.answered(200, Duration::from_millis(10));
        counts.answered(503, Duration::from_millis(10));
        counts.sent_bytes.add(100);
        compiled.load_balancers[0].zones[0].counts.of(worker).elb_code(502);
    }
    let statistics = collector.collect(at(2), 0).unwrap();
    assert_eq!((statistics.from, statistics.to), (at(1), at(2)));
    assert_eq!(statistics.load_balancers[0].2.elb_codes, [(502, 2)]);
    assert_eq!((statistics.targets[0].codes, statistics.targets[0].sent_bytes), ([2, 0, 0, 2], 200));
    let (time, count) = statistics.targets[0].response_times[0];
    assert!((time - 0.01).abs() < 0.0002 && count == 4, "{time} {count}");
    assert_eq!(requests(Some(statistics)), [(1001, 10, 4)]);
    assert_eq!(collector.collect(at(3), 0), None, "all was said");
    group.targets[1].state.counts.of(1).requests.add(1);
    assert_eq!(requests(collector.collect(at(4), 0)), [(1002, 1, 0)]);
    let lost = |statistics: Option<Statistics>| statistics.map(|statistics| statistics.lost_log_lines);
    assert_eq!(lost(collector.collect(at(5), 7)), Some(7));
    assert_eq!(lost(collector.collect(at(6), 7)), None);
    assert_eq!(lost(collector.collect(at(7), 8)), Some(1));
}

#[test]
fn a_gauge_is_reported_while_it_is_not_zero() {
    let states = TargetStates::new(WORKERS);
    let mut collector = Collector::new(states.clone(), at(0));
    let compiled = CompiledSnapshot::compile(&snapshot(1, &[], &targets()), &states).unwrap();
    collector.watch(&compiled);
    let counts = &compiled.load_balancers[0].zones[0].counts;
    counts.of(0).active_connections.add(3);
    for second in 1..4 {
        let statistics = collector.collect(at(second), 0).unwrap();
        assert_eq!(statistics.load_balancers[0].2.active_connections, 3);
    }
    counts.of(0).active_connections.subtract(3);
    assert_eq!(collector.collect(at(4), 0), None);
}

#[test]
fn a_target_that_is_gone_is_counted_until_its_last_request_ended_and_then_let_go() {
    let states = TargetStates::new(WORKERS);
    let mut collector = Collector::new(states.clone(), at(0));
    let first = CompiledSnapshot::compile(&snapshot(1, &[], &targets()), &states).unwrap();
    collector.watch(&first);
    // What a request holds.
    let used = Arc::clone(&first.target_groups[0].targets[1].state);
    let second = CompiledSnapshot::compile(&snapshot(2, &[], &targets()[..1]), &states).unwrap();
    collector.watch(&second);
    drop(first);
    assert_eq!(collector.collect(at(1), 0), None);
    used.counts.of(0).requests.add(1);
    assert_eq!(requests(collector.collect(at(2), 0)), [(1002, 1, 0)]);
    used.counts.of(0).answered(200, Duration::from_secs(1));
    drop(used);
    assert_eq!(requests(collector.collect(at(3), 0)), [(1002, 0, 1)], "counted before it was let go");
    assert_eq!(states.all().len(), 1, "the other one is let go");
    // The same registration again begins at zero on both sides.
    let third = CompiledSnapshot::compile(&snapshot(3, &[], &targets()), &states).unwrap();
    collector.watch(&third);
    third.target_groups[0].targets[1].state.counts.of(0).requests.add(2);
    assert_eq!(requests(collector.collect(at(4), 0)), [(1002, 2, 0)]);
}
