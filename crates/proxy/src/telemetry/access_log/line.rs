//! One request record as a line: the fields of ALB's access log in its order, or the same as JSON.
//!
//! Everything that a client wrote is escaped, so that no request can begin a line or a field of its own. Lines are
//! written by hand into a buffer that is used again, because this runs once per request, on a thread that shares the
//! processor with the workers.

use crate::{
    error::ProxyError,
    telemetry::record::{Executed, Record, RequestKind},
};
use super::text::{self, TimeWriter, digits, escape};
use std::{io::Write as _, net::SocketAddr, time::Duration};

/// Writes lines.
#[derive(Debug, Default)]
pub struct LineWriter {
    times: TimeWriter,
}

impl LineWriter {
    /// Appends the line of ALB's access log, newline included.
    ///
    /// Fields that do not apply are `-`, as ALB has it. Durations are seconds with three decimals, -1 when the request did
    /// not get there.
    pub fn alb(&mut self, out: &mut Vec<u8>, record: Record<'_>) {
        let note = record.note;
        text(out, kind(note.kind));
        self.time(out, record.ended_at());
        text(out, &record.load_balancer().dimension);
        address(out, Some(note.client));
        address(out, record.target());
        seconds(out, note.request_processing);
        seconds(out, note.target_processing);
        seconds(out, note.response_processing);
        number(out, Some(u64::from(note.elb_status)));
        number(out, record.target_status().map(u64::from));
        number(out, Some(note.received_bytes));
        number(out, Some(note.sent_bytes));
        request(out, record);
        quoted(out, record.text(note.texts.user_agent));
        match note.tls {
            Some((cipher, protocol)) => {
                text(out, cipher);
                text(out, protocol);
            }
            None => text(out, "- -"),
        }
        text(out, record.target_group().map_or("-", |group| &group.arn));
        quoted(out, record.text(note.texts.trace_id));
        quoted(out, record.text(note.texts.server_name));
        quoted(out, record.certificate().unwrap_or_default().as_bytes());
        rule_priority(out, record);
        self.time(out, note.started_at);
        quoted(out, executed(note.executed).as_bytes());
        quoted(out, record.text(note.texts.redirect_url));
        quoted(out, note.error_reason.unwrap_or_default().as_bytes());
        target_list(out, record);
        status_list(out, record);
        let (class, reason) = classification(record).unwrap_or_default();
        quoted(out, class.as_bytes());
        quoted(out, reason.as_bytes());
        connection(out, note.connection);
        out.push(b' ');
        quoted(out, record.text(note.texts.transformed_host));
        quoted(out, record.text(note.texts.transformed_uri));
        quoted(out, transform(note.transform).as_bytes());
        end_line(out);
    }

    /// Appends the same as a JSON object on one line: ALB's field names; `null` where ALB has `-` or -1; the request's
    /// parts one by one; seconds with six decimals; `error`, why the load balancer answered by itself; and `cause`, how
    /// the last connection to a target fared, where the request did not end well.
    pub fn json(&mut self, out: &mut Vec<u8>, record: Record<'_>) {
        let note = record.note;
        out.push(b'{');
        json_text(out, "type", Some(kind(note.kind).as_bytes()));
        self.json_time(out, "time", record.ended_at());
        json_text(out, "elb", Some(record.load_balancer().dimension.as_bytes()));
        json_address(out, "client", Some(note.client));
        json_address(out, "target", record.target());
        json_seconds(out, "request_processing_time", note.request_processing);
        json_seconds(out, "target_processing_time", note.target_processing);
        json_seconds(out, "response_processing_time", note.response_processing);
        json_number(out, "elb_status_code", Some(u64::from(note.elb_status)));
        json_number(out, "target_status_code", record.target_status().map(u64::from));
        json_number(out, "received_bytes", Some(note.received_bytes));
        json_number(out, "sent_bytes", Some(note.sent_bytes));
        json_text(out, "method", some(record.text(note.texts.method)));
        json_text(out, "host", some(record.text(note.texts.host)));
        json_number(out, "port", Some(u64::from(record.listener().port)));
        json_text(out, "path", some(record.text(note.texts.path)));
        json_text(out, "http_version", some(note.version.as_bytes()));
        json_text(out, "user_agent", some(record.text(note.texts.user_agent)));
        json_text(out, "ssl_cipher", note.tls.map(|(cipher, _)| cipher.as_bytes()));
        json_text(out, "ssl_protocol", note.tls.map(|(_, protocol)| protocol.as_bytes()));
        json_text(out, "target_group_arn", record.target_group().map(|group| group.arn.as_bytes()));
        json_text(out, "trace_id", some(record.text(note.texts.trace_id)));
        json_text(out, "domain_name", some(record.text(note.texts.server_name)));
        json_text(out, "chosen_cert_arn", record.certificate().map(str::as_bytes));
        json_number(out, "matched_rule_priority", note.rule_priority.map(u64::from));
        self.json_time(out, "request_creation_time", note.started_at);
        json_text(out, "actions_executed", some(executed(note.executed).as_bytes()));
        json_text(out, "redirect_url", some(record.text(note.texts.redirect_url)));
        json_text(out, "error_reason", note.error_reason.map(str::as_bytes));
        json_tries(out, record);
        let classification = classification(record);
        json_text(out, "classification", classification.map(|(class, _)| class.as_bytes()));
        json_text(out, "classification_reason", classification.map(|(_, reason)| reason.as_bytes()));
        let mut trace = Vec::with_capacity(40);
        connection(&mut trace, note.connection);
        json_text(out, "conn_trace_id", Some(&trace));
        json_text(out, "transformed_host", some(record.text(note.texts.transformed_host)));
        json_text(out, "transformed_uri", some(record.text(note.texts.transformed_uri)));
        json_text(out, "request_transform_status", some(transform(note.transform).as_bytes()));
        json_text(out, "error", note.error.map(|error| error.reason().as_bytes()));
        json_cause(out, record);
        // The last member left a comma.
        out.pop();
        out.extend_from_slice(b"}\n");
    }

    fn time(&mut self, out: &mut Vec<u8>, micros: i64) {
        self.time_text(out, micros);
        out.push(b' ');
    }

    fn json_time(&mut self, out: &mut Vec<u8>, name: &str, micros: i64) {
        json_name(out, name);
        out.push(b'"');
        self.time_text(out, micros);
        out.extend_from_slice(b"\",");
    }

    /// ISO 8601 in UTC with six decimals.
    fn time_text(&mut self, out: &mut Vec<u8>, micros: i64) {
        let second = micros.div_euclid(1_000_000);
        if self.second != Some(second) {
            self.second = Some(second);
            let whole = Timestamp::from_seconds(second).to_string();
            self.text.clear();
            self.text.push_str(whole.split('.').next().unwrap_or(&whole));
        }
        out.extend_from_slice(self.text.as_bytes());
        out.push(b'.');
        digits(out, micros.rem_euclid(1_000_000).unsigned_abs(), 6);
        out.push(b'Z');
    }
}

/// AWS's class and reason for a request that is not as the RFC has it; what could not be read is severe.
fn classification(record: Record<'_>) -> Option<(&'static str, &'static str)> {
    let note = record.note;
    match note.error.and_then(ProxyError::severe_reason) {
        Some(reason) => Some(("Severe", reason)),
        None => note.findings.worst().map(|finding| (finding.class().name(), finding.name())),
    }
}

/// What ALB calls what was done; empty: nothing.
fn executed(executed: Executed) -> &'static str {
    match executed {
        Executed::None => "",
        Executed::Forward => "forward",
        Executed::Redirect => "redirect",
        Executed::FixedResponse => "fixed-response",
    }
}

fn transform(outcome: Option<bool>) -> &'static str {
    match outcome {
        None => "",
        Some(true) => "TransformSuccess",
        Some(false) => "TransformFailed",
    }
}

/// The name of a client's connection in all logs: `TID_` and 32 digits.
pub fn connection(out: &mut Vec<u8>, number: u64) {
    // Writing to a vector cannot fail.
    let _ = write!(out, "TID_{number:032x}");
}

/// 0 for the default rule, -1 where none was evaluated because of an error.
fn rule_priority(out: &mut Vec<u8>, record: Record<'_>) {
    match record.note.rule_priority {
        Some(priority) => number(out, Some(u64::from(priority))),
        None => text(out, "-1"),
    }
}

fn target_list(out: &mut Vec<u8>, record: Record<'_>) {
    out.push(b'"');
    let begin = out.len();
    for (address, _) in record.tried() {
        push_address(out, address);
        out.push(b' ');
    }
    end_list(out, begin);
}

fn status_list(out: &mut Vec<u8>, record: Record<'_>) {
    out.push(b'"');
    let begin = out.len();
    for (_, tried) in record.tried() {
        match tried.status {
            0 => out.push(b'-'),
            status => digits(out, u64::from(status), 1),
        }
        out.push(b' ');
    }
    end_list(out, begin);
}

fn end_list(out: &mut Vec<u8>, begin: usize) {
    if out.len() == begin {
        out.push(b'-');
    } else {
        out.pop();
    }
    out.extend_from_slice(b"\" ");
}

fn json_tries(out: &mut Vec<u8>, record: Record<'_>) {
    json_name(out, "targets_tried");
    out.push(b'[');
    for (address, tried) in record.tried() {
        out.push(b'{');
        json_address(out, "target", Some(address));
        json_number(out, "status", Some(u64::from(tried.status)).filter(|status| *status > 0));
        out.pop();
        out.extend_from_slice(b"},");
    }
    if out.ends_with(b",") {
        out.pop();
    }
    out.extend_from_slice(b"],");
}

/// How the last connection to a target fared. Left out where all went well: it would only say so.
fn json_cause(out: &mut Vec<u8>, record: Record<'_>) {
    use crate::telemetry::cause::{Ended, Phase};
    let cause = record.note.cause;
    let well = matches!(cause.phase, Phase::Done | Phase::NotSent) && cause.ended == Ended::No;
    if well && record.note.error.is_none() {
        return;
    }
    json_name(out, "cause");
    out.push(b'{');
    json_text(out, "phase", Some(cause.phase.name().as_bytes()));
    json_text(out, "ended", Some(cause.ended.name().as_bytes()));
    json_number(out, "connection_uses", Some(u64::from(cause.uses)));
    json_seconds(out, "connection_age", Some(cause.age));
    json_seconds(out, "connection_idle", Some(cause.idle));
    json_number(out, "bytes_sent", Some(cause.sent));
    json_number(out, "bytes_received", Some(cause.received));
    json_seconds(out, "limit", Some(cause.limit).filter(|limit| !limit.is_zero()));
    out.pop();
    out.extend_from_slice(b"},");
}

/// Appends a number with at least `width` digits. The machinery of `format_args!` would be most of a line's cost.
fn digits(out: &mut Vec<u8>, mut value: u64, width: usize) {
    let mut text = [b'0'; 20];
    let mut begin = text.len();
    while value > 0 {
        begin -= 1;
        text[begin] = b"0123456789"[usize::try_from(value % 10).expect("one digit")];
        value /= 10;
    }
    out.extend_from_slice(&text[begin.min(text.len() - width)..]);
}

/// Appends `address:port`.
fn push_address(out: &mut Vec<u8>, address: SocketAddr) {
    match address {
        SocketAddr::V4(address) => {
            for octet in address.ip().octets() {
                digits(out, u64::from(octet), 1);
                out.push(b'.');
            }
            // The last point is the colon.
            out.pop();
            out.push(b':');
            digits(out, u64::from(address.port()), 1);
        }
        // Writing to a vector cannot fail.
        SocketAddr::V6(address) => drop(write!(out, "{address}")),
    }
}

fn kind(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Http => "http",
        RequestKind::Https => "https",
        RequestKind::H2 => "h2",
        RequestKind::Grpcs => "grpcs",
        RequestKind::Ws => "ws",
        RequestKind::Wss => "wss",
    }
}

fn some(text: &[u8]) -> Option<&[u8]> {
    (!text.is_empty()).then_some(text)
}

/// A field of our own making, followed by the separator.
fn text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
    out.push(b' ');
}

fn end_line(out: &mut Vec<u8>) {
    out.pop();
    out.push(b'\n');
}

fn number(out: &mut Vec<u8>, value: Option<u64>) {
    match value {
        Some(value) => {
            digits(out, value, 1);
            out.push(b' ');
        }
        None => text(out, "-"),
    }
}

fn address(out: &mut Vec<u8>, value: Option<SocketAddr>) {
    match value {
        Some(value) => {
            push_address(out, value);
            out.push(b' ');
        }
        None => text(out, "-"),
    }
}

fn seconds(out: &mut Vec<u8>, duration: Option<Duration>) {
    match duration {
        Some(duration) => {
            digits(out, duration.as_secs(), 1);
            out.push(b'.');
            digits(out, u64::from(duration.subsec_millis()), 3);
            out.push(b' ');
        }
        None => text(out, "-1"),
    }
}

/// A text that came from a client, in quotes; `-` when there is none.
fn quoted(out: &mut Vec<u8>, value: &[u8]) {
    out.push(b'"');
    escape(out, if value.is_empty() { b"-" } else { value });
    out.extend_from_slice(b"\" ");
}

/// `"GET http://host:80/path HTTP/1.1"`; what could not be read is `-`, as in `"- http://-:80- -"`.
fn request(out: &mut Vec<u8>, record: Record<'_>) {
    let texts = &record.note.texts;
    let or_dash = |text| some(text).unwrap_or(b"-");
    out.push(b'"');
    escape(out, or_dash(record.text(texts.method)));
    out.extend_from_slice(match record.note.kind {
        RequestKind::Http => b" http://",
        RequestKind::Https | RequestKind::H2 | RequestKind::Grpcs => b" https://",
        RequestKind::Ws => b" ws://",
        RequestKind::Wss => b" wss://",
    });
    escape(out, or_dash(record.text(texts.host)));
    out.push(b':');
    digits(out, u64::from(record.listener().port), 1);
    let path = or_dash(record.text(texts.path));
    if !matches!(path.first(), Some(b'/' | b'*' | b'-')) {
        out.push(b'/');
    }
    escape(out, path);
    match record.note.version {
        "" => out.extend_from_slice(b" -\" "),
        version => {
            out.extend_from_slice(b" HTTP/");
            out.extend_from_slice(version.as_bytes());
            out.extend_from_slice(b"\" ");
        }
    }
}

/// Quotes, backslashes and everything that is not visible ASCII or a space become `\xNN`, byte by byte, so that a line
/// is a line and a field is a field whatever the client sent.
fn escape(out: &mut Vec<u8>, value: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let harmless = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'"' && *byte != b'\\';
    let mut rest = value;
    while let Some(at) = rest.iter().position(|byte| !harmless(byte)) {
        let byte = rest[at];
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&[b'\\', b'x', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

fn json_name(out: &mut Vec<u8>, name: &str) {
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn json_text(out: &mut Vec<u8>, name: &str, value: Option<&[u8]>) {
    json_name(out, name);
    match value {
        Some(value) => json_string(out, value),
        None => out.extend_from_slice(b"null"),
    }
    out.push(b',');
}

fn json_number(out: &mut Vec<u8>, name: &str, value: Option<u64>) {
    json_name(out, name);
    match value {
        Some(value) => {
            digits(out, value, 1);
            out.push(b',');
        }
        None => out.extend_from_slice(b"null,"),
    }
}

fn json_address(out: &mut Vec<u8>, name: &str, value: Option<SocketAddr>) {
    json_name(out, name);
    match value {
        Some(value) => {
            out.push(b'"');
            push_address(out, value);
            out.extend_from_slice(b"\",");
        }
        None => out.extend_from_slice(b"null,"),
    }
}

fn json_seconds(out: &mut Vec<u8>, name: &str, value: Option<Duration>) {
    json_name(out, name);
    match value {
        Some(value) => {
            digits(out, value.as_secs(), 1);
            out.push(b'.');
            digits(out, u64::from(value.subsec_micros()), 6);
            out.push(b',');
        }
        None => out.extend_from_slice(b"null,"),
    }
}

/// A JSON string of ASCII only: terminals and line readers that see more in a character than JSON does (escape
/// sequences, direction marks, other line ends) get nothing to see.
fn json_string(out: &mut Vec<u8>, value: &[u8]) {
    let harmless = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
    out.push(b'"');
    // What is not UTF-8 is shown by the character for that.
    let value = String::from_utf8_lossy(value);
    let mut rest = &*value;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| !harmless(*c)) {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a vector cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
        rest = &rest[at + c.len_utf8()..];
    }
    out.extend_from_slice(rest.as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::CompiledSnapshot,
        http::desync::{Finding, Findings},
        target::TargetStates,
        telemetry::{
            cause::{Cause, Ended, Phase},
            record::{Batch, Note, Texts, Tried, channel, put_text},
        },
    };
    use model::{
        Arn,
        elbv2::{
            action::Action,
            health_check::HealthCheck,
            snapshot::{ListenerPlan, LoadBalancerPlan, LoadBalancingSnapshot, TargetGroupPlan, TargetPlan},
            target::{TargetId, TargetKey},
        },
    };
    use std::sync::Arc;

    fn snapshot() -> Arc<CompiledSnapshot> {
        let arn = |resource: &str| Arn::new("elasticloadbalancing", "eu-west-1", "123456789012", resource);
        let group = arn("targetgroup/web/0123456789abcdef");
        let target = TargetPlan {
            key: TargetKey { id: TargetId::Ip([10, 0, 0, 1].into()), port: 3000 },
            address: "10.0.0.1:3000".parse().unwrap(),
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
    const SAID: [&str; 5] =
        ["GET", "www.example.com", "/a?b=c", "curl/8.5.0", "Root=1-58337262-36d228ad5d99923122bbe354"];

    fn note() -> Note {
        let client = "192.0.2.7:51034".parse().unwrap();
        let mut tried = Note::new(0, RequestKind::Http, 0, client, 7).tried;
        (tried.0[0], tried.1) = (Tried { target: 0, status: 200 }, 1);
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
        notes.add(&snapshot(), note, &text);
        notes.flush();
        records.take().unwrap()
    }

    fn alb(note: Note, said: [&str; 5]) -> String {
        let mut out = Vec::new();
        LineWriter::default().alb(&mut out, batch(note, said).records().next().unwrap());
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
             \"-\" \"10.0.0.1:3000\" \"200\" \"-\" \"-\" TID_00000000000000000000000000000007 \"-\" \"-\" \"-\"\n"
        );
    }

    #[test]
    fn what_did_not_happen_is_a_dash_or_minus_one() {
        assert_eq!(
            alb(unreadable(), [""; 5]),
            "http 2026-11-20T12:00:00.456456Z app/web/0123456789abcdef 192.0.2.7:51034 - -1 -1 -1 400 - 34 366 \
             \"- http://-:80- -\" \"-\" - - - \"-\" \"-\" \"-\" -1 2026-11-20T12:00:00.123456Z \"-\" \"-\" \"-\" \"-\" \
             \"-\" \"Severe\" \"BadHeader\" TID_00000000000000000000000000000007 \"-\" \"-\" \"-\"\n"
        );
    }

    #[test]
    fn every_try_is_listed() {
        let mut twice = note();
        (twice.tried.0[1], twice.tried.1) = (Tried { target: 0, status: 0 }, 2);
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
                "connection_idle": 5.0, "bytes_sent": 120, "bytes_received": 0, "limit": null,
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
    fn numbers_and_addresses_are_written_like_the_standard_library_does() {
        for value in [0, 1, 9, 10, 99, 100, 65_535, 1_000_000, u64::MAX] {
            for width in [1, 3, 6] {
                let mut out = Vec::new();
                digits(&mut out, value, width);
                assert_eq!(String::from_utf8(out).unwrap(), format!("{value:0width$}"));
            }
        }
        for address in ["0.0.0.0:0", "255.1.20.103:65535", "[::1]:80", "[2001:db8::7]:443"] {
            let mut out = Vec::new();
            push_address(&mut out, address.parse().unwrap());
            assert_eq!(String::from_utf8(out).unwrap(), address);
        }
    }

    #[test]
    fn times_of_different_seconds_are_not_mixed_up() {
        let mut writer = LineWriter::default();
        let mut out = Vec::new();
        for millis in [0, 999, 1_000, 999, -1] {
            writer.time(&mut out, millis * 1000);
        }
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "1970-01-01T00:00:00.000000Z 1970-01-01T00:00:00.999000Z 1970-01-01T00:00:01.000000Z \
             1970-01-01T00:00:00.999000Z 1969-12-31T23:59:59.999000Z "
        );
    }
}
