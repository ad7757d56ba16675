//! What logs cost: nanoseconds per record from a worker's note to the file. Prints; asserts only that it works.
//!
//! `cargo test --release -p proxy --test log_speed -- --ignored --nocapture`. The worker's part and the log thread's part
//! are timed apart, each on this thread.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)] // a test that prints

use model::{
    Arn, Timestamp,
    elbv2::{
        action::Action,
        health_check::HealthCheck,
        snapshot::{ListenerPlan, LoadBalancerPlan, LoadBalancingSnapshot, TargetGroupPlan, TargetPlan},
        target::{TargetId, TargetKey},
    },
};
use proxy::{
    config::CompiledSnapshot,
    target::TargetStates,
    telemetry::{
        access_log::memory::Memory,
        batch::{Batch, Notes, channel},
        line::LineWriter,
        record::{Executed, Note, RequestKind, Texts, Tried, put_text},
    },
};
use std::{
    fs::File,
    hint::black_box,
    io::Write,
    sync::Arc,
    time::{Duration, Instant},
};

/// Batches of 256 records.
const BATCHES: usize = 1000;

fn snapshot() -> Arc<CompiledSnapshot> {
    let arn = |resource: &str| Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", resource);
    let group = arn("targetgroup/shop-web-servers/0123456789abcdef");
    let target = TargetPlan {
        key: TargetKey { id: TargetId::Ip([10, 0, 0, 1].into()), port: 3000 },
        address: "127.64.10.21:3000".parse().unwrap(),
        interface: None,
        zone: String::new(),
        registered_at: Timestamp::default(),
        drained_at: None,
        health: None,
    };
    let listener =
        ListenerPlan::new(arn("listener/app/shop/0123456789abcdef/2"), 80, Action::forward_to(group.clone()));
    let snapshot = LoadBalancingSnapshot {
        load_balancers: vec![LoadBalancerPlan {
            listeners: vec![listener],
            ..LoadBalancerPlan::new(arn("loadbalancer/app/shop-balancer/0123456789abcdef"), "shop.elb.localhost")
        }],
        target_groups: vec![TargetGroupPlan {
            targets: vec![target],
            ..TargetGroupPlan::new(group, HealthCheck::default())
        }],
        ..LoadBalancingSnapshot::default()
    };
    CompiledSnapshot::compile(&snapshot, &TargetStates::new(1)).unwrap()
}

fn note(i: u64) -> (Note, Vec<u8>) {
    let mut text = Vec::new();
    let texts = Texts {
        method: put_text(&mut text, b"GET"),
        host: put_text(&mut text, b"shop.example.com"),
        path: put_text(&mut text, b"/catalogue/shoes?page=3&sort=price&colour=black"),
        user_agent: put_text(
            &mut text,
            b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
        ),
        trace_id: put_text(&mut text, b"Root=1-58337262-36d228ad5d99923122bbe354"),
        ..Texts::default()
    };
    let client = "192.0.2.7:51034".parse().unwrap();
    let mut note = Note {
        took: Duration::from_micros(1_733 + i % 977),
        target_group: Some(0),
        request_processing: Some(Duration::from_micros(90)),
        target_processing: Some(Duration::from_micros(1_499 + i % 977)),
        response_processing: Some(Duration::from_micros(20)),
        elb_status: 200,
        received_bytes: 434,
        sent_bytes: 5_366,
        version: "1.1",
        rule_priority: Some(0),
        executed: Executed::Forward,
        texts,
        ..Note::new(1_795_176_000_123_456 + i.cast_signed() * 20, RequestKind::Http, 0, client, i / 8)
    };
    (note.tried.0[0], note.tried.1) = (Tried { target: "10.0.0.1:3000".parse().unwrap(), status: 200 }, 1);
    (note, text)
}

/// Batches as a worker makes them, and nanoseconds per note.
fn batches(snapshot: &Arc<CompiledSnapshot>) -> (Vec<Batch>, f64) {
    let (sink, records) = channel(BATCHES);
    let notes = sink.notes();
    let given: Vec<_> = (0..256).map(note).collect();
    let round = |notes: &Notes| {
        for (note, text) in &given {
            notes.add(snapshot, black_box(note), black_box(text));
        }
    };
    // As it is at 40,000 requests a second: the log takes what there is every 50 ms, and its buffers are used again.
    let turn = || {
        (0..8).for_each(|_| round(&notes));
        while let Some(batch) = records.take() {
            records.recycle(batch);
        }
    };
    (0..10).for_each(|_| turn());
    let started = Instant::now();
    (0..100).for_each(|_| turn());
    let each = per_record(started, 800);
    (0..BATCHES).for_each(|_| round(&notes));
    notes.flush();
    (std::iter::from_fn(|| records.take()).collect(), each)
}

fn per_record(started: Instant, batches: usize) -> f64 {
    started.elapsed().as_secs_f64() * 1e9 / (batches * 256) as f64
}

/// The best of some rounds, in nanoseconds per record.
fn best(batches: &[Batch], mut each: impl FnMut(&Batch)) -> f64 {
    let round = |each: &mut dyn FnMut(&Batch)| {
        let started = Instant::now();
        batches.iter().for_each(each);
        per_record(started, batches.len())
    };
    (0..7).map(|_| round(&mut each)).fold(f64::INFINITY, f64::min)
}

#[test]
#[ignore = "prints figures; run it in release"]
fn records() {
    let snapshot = snapshot();
    println!("size of a note: {} bytes", size_of::<Note>());
    let (batches, noted) = batches(&snapshot);
    println!("worker: note and texts        {noted:7.0} ns");
    let mut writer = LineWriter::default();
    let mut out = Vec::with_capacity(1 << 20);
    let mut length = 0;
    let alb = best(&batches, |batch| {
        out.clear();
        batch.records().for_each(|record| writer.access(&mut out, record));
        length = out.len();
    });
    println!("alb line ({} bytes)          {alb:7.0} ns", length / 256);
    let json = best(&batches, |batch| {
        out.clear();
        batch.records().for_each(|record| writer.json(&mut out, record));
        length = out.len();
    });
    println!("json line ({} bytes)         {json:7.0} ns", length / 256);
    let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let mut file = File::create(folder.path().join("log")).unwrap();
    let written = best(&batches, |batch| {
        batch.records().for_each(|record| writer.access(&mut out, record));
        if out.len() >= 256 << 10 {
            file.write_all(&out).unwrap();
            out.clear();
        }
    });
    println!("alb line, written             {written:7.0} ns");
    let mut memory = Memory::default();
    let remembered = best(&batches, |batch| batch.records().for_each(|record| memory.add(record)));
    println!("memory                        {remembered:7.0} ns, {} kB", memory.size() / 1024);
}
