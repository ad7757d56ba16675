//! Lines of all logs as they are read: fields, order, and that no client can write a line or a field of its own.

use super::{
    super::access_log::memory::{Id, Memory},
    *,
};
use crate::{
    config::CompiledSnapshot,
    http::desync::{Finding, Findings},
    target::TargetStates,
    telemetry::{
        batch::{Batch, channel},
        cause::{Cause, Ended, Phase},
        connection::{ConnectionNote, Handshake},
        record::{Note, Texts, Transformed, Tried, put_text},
    },
};
use model::{
    Arn, Timestamp,
    elbv2::{
        action::Action,
        health_check::HealthCheck,
        snapshot::{ListenerPlan, LoadBalancerPlan, LoadBalancingSnapshot, TargetGroupPlan, TargetPlan},
        target::{TargetId, TargetKey},
    },
};
use std::{sync::Arc, time::Duration};

fn snapshot() -> Arc<CompiledSnapshot> {
    let arn = |resource: &str| Arn::new("elasticloadbalancing", "eu-west-1", "123456789012", resource);
    let group = arn("targetgroup/web/0123456789abcdef");
    let target = TargetPlan {
        key: TargetKey { id: TargetId::Ip([10, 0, 0, 1].into()), port: 3000 },
        address: "10.0.0.1:3000".parse().unwrap(),
        interface: None,
        zone: String::new(),
        registered_at: Timestamp::default(),
        drained_at: None,
        health: None,
    };
    let listener = ListenerPlan::new(arn("listener/app/web/1/2"), 80, Action::forward_to(group.clone()));
    let snapshot = LoadBalancingSnapshot {
        load_balancers: vec![LoadBalancerPlan {
            listeners: vec![listener],
            ..LoadBalancerPlan::new(arn("loadbalancer/app/web/0123456789abcdef"), "web.elb.localhost")
        }],
        target_groups: vec![TargetGroupPlan {
            targets: vec![target],
            ..TargetGroupPlan::new(group, HealthCheck::default())
        }],
        ..LoadBalancingSnapshot::default()
    };
    CompiledSnapshot::compile(&snapshot, &TargetStates::new(1)).unwrap()
}

/// What a client said: method, host, path, user agent, trace id.
const SAID: [&str; 5] = ["GET", "www.example.com", "/a?b=c", "curl/8.5.0", "Root=1-58337262-36d228ad5d99923122bbe354"];

fn note() -> Note {
    let client = "192.0.2.7:51034".parse().unwrap();
    let mut tried = Note::new(0, RequestKind::Http, 0, client, 7).tried;
    (tried.0[0], tried.1) = (Tried { target: "10.0.0.1:3000".parse().unwrap(), status: 200 }, 1);
    Note {
        took: Duration::from_millis(333),
        target_group: Some(0),
        tried,
        request_processing: Some(Duration::from_micros(90)),
        target_processing: Some(Duration::from_micros(48_999)),
        response_processing: Some(Duration::from_millis(1_001)),
        elb_status: 200,
        received_bytes: 34,
        sent_bytes: 366,
        version: "1.1",
        rule_priority: Some(0),
        executed: Executed::Forward,
        ..Note::new(1_795_176_000_123_456, RequestKind::Http, 0, client, 7)
    }
}

fn unreadable() -> Note {
    Note {
        elb_status: 400,
        received_bytes: 34,
        sent_bytes: 366,
        took: Duration::from_millis(333),
        error: Some(ProxyError::BadRequest("header name")),
        ..Note::new(1_795_176_000_123_456, RequestKind::Http, 0, note().client, 7)
    }
}

fn batch(mut note: Note, said: [&str; 5]) -> Batch {
    let (sink, records) = channel(1);
    let notes = sink.notes();
    let mut text = Vec::new();
    let [method, host, path, user_agent, trace_id] = said.map(|said| put_text(&mut text, said.as_bytes()));
    note.texts = Texts { method, host, path, user_agent, trace_id, ..Texts::default() };
    notes.add(&snapshot(), &note, &text);
    notes.flush();
    records.take().unwrap()
}

fn alb(note: Note, said: [&str; 5]) -> String {
    let mut out = Vec::new();
    LineWriter::default().access(&mut out, batch(note, said).records().next().unwrap());
    String::from_utf8(out).unwrap()
}

fn json(note: Note, said: [&str; 5]) -> String {
    let mut out = Vec::new();
    LineWriter::default().json(&mut out, batch(note, said).records().next().unwrap());
    String::from_utf8(out).unwrap()
}

#[test]
fn a_forwarded_request_is_written_in_albs_order() {
    assert_eq!(
        alb(note(), SAID),
        "http 2026-11-20T12:00:00.456456Z app/web/0123456789abcdef 192.0.2.7:51034 10.0.0.1:3000 0.000 0.048 1.001 \
         200 200 34 366 \"GET http://www.example.com:80/a?b=c HTTP/1.1\" \"curl/8.5.0\" - - \
         arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef \
         \"Root=1-58337262-36d228ad5d99923122bbe354\" \"-\" \"-\" 0 2026-11-20T12:00:00.123456Z \"forward\" \"-\" \
         \"-\" \"10.0.0.1:3000\" \"200\" \"-\" \"-\" TID_00000000000000000000000000000007 \"-\" \"-\" \"-\" -\n"
    );
}

#[test]
fn what_did_not_happen_is_a_dash_or_minus_one() {
    assert_eq!(
        alb(unreadable(), [""; 5]),
        "http 2026-11-20T12:00:00.456456Z app/web/0123456789abcdef 192.0.2.7:51034 - -1 -1 -1 400 - 34 366 \
         \"- http://-:80- -\" \"-\" - - - \"-\" \"-\" \"-\" -1 2026-11-20T12:00:00.123456Z \"-\" \"-\" \"-\" \"-\" \
         \"-\" \"Severe\" \"BadHeader\" TID_00000000000000000000000000000007 \"-\" \"-\" \"-\" -\n"
    );
}

#[test]
fn every_try_is_listed() {
    let mut twice = note();
    (twice.tried.0[1], twice.tried.1) = (Tried { target: "10.0.0.1:3000".parse().unwrap(), status: 0 }, 2);
    let line = alb(twice, SAID);
    assert!(line.contains("\"10.0.0.1:3000 10.0.0.1:3000\" \"200 -\""), "{line}");
    let parsed: serde_json::Value = serde_json::from_str(&json(twice, SAID)).unwrap();
    assert_eq!(parsed["targets_tried"][1], serde_json::json!({"target": "10.0.0.1:3000", "status": null}));
}

#[test]
fn json_has_the_same_facts_and_the_cause_of_a_failure() {
    let parsed: serde_json::Value = serde_json::from_str(&json(note(), SAID)).unwrap();
    for (name, value) in [
        ("type", serde_json::json!("http")),
        ("time", "2026-11-20T12:00:00.456456Z".into()),
        ("elb", "app/web/0123456789abcdef".into()),
        ("target", "10.0.0.1:3000".into()),
        ("request_processing_time", 0.00009.into()),
        ("target_processing_time", 0.048999.into()),
        ("elb_status_code", 200.into()),
        ("path", "/a?b=c".into()),
        ("matched_rule_priority", 0.into()),
        ("classification", serde_json::Value::Null),
        ("error", serde_json::Value::Null),
        ("cause", serde_json::Value::Null),
    ] {
        assert_eq!(parsed[name], value, "{name}");
    }
    let mut failed = unreadable();
    failed.error = Some(ProxyError::TargetClosed);
    failed.findings = {
        let mut findings = Findings::default();
        findings.add(Finding::SuspiciousHeader);
        findings
    };
    failed.cause = Cause {
        phase: Phase::Waiting,
        ended: Ended::Closed,
        uses: 3,
        age: Duration::from_secs(9),
        idle: Duration::from_millis(5_000),
        sent: 120,
        received: 0,
        limit: Duration::ZERO,
    };
    let parsed: serde_json::Value = serde_json::from_str(&json(failed, SAID)).unwrap();
    assert_eq!(parsed["error"], "target closed the connection");
    assert_eq!(
        (&parsed["classification"], &parsed["classification_reason"]),
        (&"Ambiguous".into(), &"SuspiciousHeader".into())
    );
    assert_eq!(
        parsed["cause"],
        serde_json::json!({
            "phase": "waiting-for-answer", "ended": "target-closed", "connection_uses": 3, "connection_age": 9.0,
            "connection_idle": 5.0, "kept_idle": 55.0, "bytes_sent": 120, "bytes_received": 0, "limit": null,
        })
    );
}

/// Splits a line as a log reader would: at spaces outside quotes.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut inside = false;
    for c in line.trim_end_matches('\n').chars() {
        match c {
            '"' => inside = !inside,
            ' ' if !inside => fields.push(String::new()),
            _ => fields.last_mut().unwrap().push(c),
        }
    }
    assert!(!inside, "unbalanced quotes: {line}");
    fields
}

#[test]
fn no_client_can_write_a_field_or_a_line_of_its_own() {
    let evil = "x\" - 200 \"\r\nhttp 2026 forged\u{1b}[2J\t\0\u{7f}é\u{202e}\u{2028}\\";
    let plain = fields(&alb(note(), SAID)).len();
    for at in 0..5 {
        let mut said = SAID;
        said[at] = evil;
        let line = alb(note(), said);
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        assert!(line.trim_end().bytes().all(|b| b == b' ' || b.is_ascii_graphic()), "{line}");
        assert_eq!(fields(&line).len(), plain, "{line}");
        let line = json(note(), said);
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        assert!(line.trim_end().bytes().all(|b| b == b' ' || b.is_ascii_graphic()), "{line}");
        let parsed: serde_json::Value = serde_json::from_str(&line).unwrap();
        let texts = ["user_agent", "path", "host", "method", "trace_id"].map(|name| parsed[name].as_str().unwrap());
        assert_eq!(texts.iter().filter(|t| **t == evil).count(), 1, "nothing is lost: {line}");
    }
    let line = alb(note(), ["GET", "h", "/", "a\"b\\c\n", ""]);
    assert!(line.contains("\"a\\x22b\\x5Cc\\x0A\""), "{line}");
}

#[test]
fn the_newest_fields_are_at_the_end() {
    let mut seen = note();
    (seen.node, seen.transform) = ("192.0.2.10".parse().unwrap(), Some(Transformed::InvalidPath));
    assert!(alb(seen, SAID).ends_with(" \"-\" \"-\" \"TransformInvalidPath\" 192.0.2.10\n"));
    assert_eq!(fields(&alb(seen, SAID)).len(), 34);
    let parsed: serde_json::Value = serde_json::from_str(&json(seen, SAID)).unwrap();
    assert_eq!(parsed["ip_address"], "192.0.2.10");
}

#[test]
fn what_explains_a_request_is_read_back_from_json() {
    let mut failed = unreadable();
    (failed.fail_open, failed.sticky) = (true, Some(false));
    let record: model::elbv2::request_record::RequestRecord = serde_json::from_str(&json(failed, SAID)).unwrap();
    assert_eq!((record.kind.as_str(), record.elb_status_code, record.duration), ("http", 400, 0.333));
    assert_eq!(record.error_code, Some(model::elbv2::request_record::RequestFault::BadRequest));
    assert_eq!(record.cause.map(|cause| cause.kept_idle), Some(55.0));
    assert!(record.fail_open && record.sticky == Some(false));
}

#[test]
fn a_request_outlives_its_snapshot_word_for_word() {
    let mut memory = Memory::default();
    let mut twice = note();
    (twice.tried.0[1], twice.tried.1) = (Tried { target: "10.0.0.1:3000".parse().unwrap(), status: 0 }, 2);
    let batch = batch(twice, SAID);
    memory.add(batch.records().next().unwrap());
    let before: serde_json::Value = serde_json::from_str(&json(twice, SAID)).unwrap();
    let snapshot = Arc::downgrade(batch.snapshot());
    drop(batch);
    assert!(snapshot.upgrade().is_none(), "the memory does not hold the snapshot");
    assert_eq!(memory.find(&Id::parse("TID_7"), 10), [before]);
}

#[test]
fn connections_are_written_in_albs_order() {
    let line = |handshake: Option<&Handshake<'_>>| {
        let (sink, records) = channel(1);
        let notes = sink.notes();
        let client = "192.0.2.7:51034".parse().unwrap();
        let mut texts = Vec::new();
        let note = ConnectionNote::plain(1_795_176_000_123_456, 0, "192.0.2.10".parse().unwrap(), client, 7);
        let note = handshake.map_or(note, |handshake| note.with_handshake(handshake, &mut texts));
        notes.add_connection(&snapshot(), note, &texts);
        notes.flush();
        let mut out = Vec::new();
        LineWriter::default().connection(&mut out, records.take().unwrap().connections().next().unwrap());
        String::from_utf8(out).unwrap()
    };
    assert_eq!(
        line(None),
        "2026-11-20T12:00:00.123456Z 192.0.2.7 51034 80 - - - \"-\" - - - TID_00000000000000000000000000000007 - \
         app/web/0123456789abcdef 192.0.2.10\n"
    );
    let handshake = Handshake {
        agreed: Some(("TLSv1.3", "TLS_AES_128_GCM_SHA256")),
        group: Some("X25519"),
        took: Some(Duration::from_micros(4_036_900)),
        subject: "CN=a \"b\",O=c",
        validity: "NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z",
        serial_number: "FEF257372D5C14D4",
        status: "Success",
    };
    assert_eq!(
        line(Some(&handshake)),
        "2026-11-20T12:00:00.123456Z 192.0.2.7 51034 80 TLSv1.3 TLS_AES_128_GCM_SHA256 4.036 \"CN=a \\x22b\\x22,O=c\" \
         NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z FEF257372D5C14D4 Success \
         TID_00000000000000000000000000000007 X25519 app/web/0123456789abcdef 192.0.2.10\n"
    );
    let failed = Handshake { took: None, status: "Failed:ClientCertUntrusted", group: None, ..handshake };
    assert!(line(Some(&failed)).contains(" - \"CN=a"), "{}", line(Some(&failed)));
}
