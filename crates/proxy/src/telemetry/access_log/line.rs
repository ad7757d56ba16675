//! One request record as a line: the fields of ALB's access log in its order, or the same as JSON.
//!
//! Everything that a client wrote is escaped, so that no request can begin a line or a field of its own. Lines are
//! written by hand into a buffer that is used again, because this runs once per request, on a thread that shares the
//! processor with the workers.

use crate::telemetry::record::{RequestKind, RequestRecord};
use model::Timestamp;
use std::{io::Write as _, net::SocketAddr, time::Duration};

/// Writes lines. It keeps the text of the second that it wrote last: most lines of a batch share it.
#[derive(Debug, Default)]
pub struct LineWriter {
    second: Option<i64>,
    text: String,
}

impl LineWriter {
    /// Appends the line of ALB's access log, newline included.
    ///
    /// Fields that belong to features which are not in this data plane (TLS, redirects, authentication) are `-`, as ALB
    /// has it when they do not apply. Durations are seconds with three decimals, -1 when the request did not get there.
    pub fn alb(&mut self, out: &mut Vec<u8>, record: &RequestRecord) {
        text(out, kind(record.kind));
        self.time(out, record.ended_at);
        text(out, &record.load_balancer);
        address(out, Some(record.client));
        address(out, record.target);
        seconds(out, record.request_processing);
        seconds(out, record.target_processing);
        seconds(out, record.response_processing);
        number(out, Some(u64::from(record.elb_status)));
        number(out, record.target_status.map(u64::from));
        number(out, Some(record.received_bytes));
        number(out, Some(record.sent_bytes));
        request(out, record);
        quoted(out, &record.user_agent);
        text(out, "- -");
        match &record.target_group {
            Some(arn) => text(out, arn),
            None => text(out, "-"),
        }
        quoted(out, &record.trace_id);
        text(out, "\"-\" \"-\"");
        text(out, rule_priority(record).unwrap_or("-"));
        self.time(out, record.started_at);
        text(out, if record.target_group.is_some() { "\"forward\"" } else { "\"-\"" });
        text(out, "\"-\" \"-\"");
        quoted_address(out, record.target);
        quoted_number(out, record.target_status);
        quoted(out, record.classification.unwrap_or(""));
        quoted(out, record.classification_reason.unwrap_or(""));
        text(out, "- \"-\" \"-\" \"-\"");
        end_line(out);
    }

    /// Appends the same as a JSON object on one line: ALB's field names; `null` where ALB has `-` or -1; the request's
    /// parts one by one; seconds with six decimals; and `error`, why the load balancer answered by itself.
    pub fn json(&mut self, out: &mut Vec<u8>, record: &RequestRecord) {
        out.push(b'{');
        json_text(out, "type", Some(kind(record.kind)));
        self.json_time(out, "time", record.ended_at);
        json_text(out, "elb", Some(&record.load_balancer));
        json_address(out, "client", Some(record.client));
        json_address(out, "target", record.target);
        json_seconds(out, "request_processing_time", record.request_processing);
        json_seconds(out, "target_processing_time", record.target_processing);
        json_seconds(out, "response_processing_time", record.response_processing);
        json_number(out, "elb_status_code", Some(u64::from(record.elb_status)));
        json_number(out, "target_status_code", record.target_status.map(u64::from));
        json_number(out, "received_bytes", Some(record.received_bytes));
        json_number(out, "sent_bytes", Some(record.sent_bytes));
        json_text(out, "method", some(&record.method));
        json_text(out, "host", some(&record.host));
        json_number(out, "port", Some(u64::from(record.listener_port)));
        json_text(out, "path", some(&record.path));
        json_text(out, "http_version", some(record.version));
        json_text(out, "user_agent", some(&record.user_agent));
        json_text(out, "target_group_arn", record.target_group.as_deref());
        json_text(out, "trace_id", some(&record.trace_id));
        json_number(out, "matched_rule_priority", rule_priority(record).map(|_| 0));
        self.json_time(out, "request_creation_time", record.started_at);
        json_text(out, "actions_executed", record.target_group.as_ref().map(|_| "forward"));
        json_text(out, "classification", record.classification);
        json_text(out, "classification_reason", record.classification_reason);
        json_text(out, "error", record.error);
        // The last member left a comma.
        out.pop();
        out.extend_from_slice(b"}\n");
    }

    fn time(&mut self, out: &mut Vec<u8>, time: Timestamp) {
        self.time_text(out, time);
        out.push(b' ');
    }

    fn json_time(&mut self, out: &mut Vec<u8>, name: &str, time: Timestamp) {
        json_name(out, name);
        out.push(b'"');
        self.time_text(out, time);
        out.extend_from_slice(b"\",");
    }

    /// ISO 8601 in UTC with six decimals, of which the clock gives three.
    fn time_text(&mut self, out: &mut Vec<u8>, time: Timestamp) {
        let second = time.seconds();
        if self.second != Some(second) {
            self.second = Some(second);
            let whole = Timestamp::from_seconds(second).to_string();
            self.text.clear();
            self.text.push_str(whole.split('.').next().unwrap_or(&whole));
        }
        out.extend_from_slice(self.text.as_bytes());
        let millis = time.millis().rem_euclid(1000).unsigned_abs();
        out.push(b'.');
        digits(out, millis, 3);
        out.extend_from_slice(b"000Z");
    }
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
        RequestKind::Ws => "ws",
    }
}

/// Only the default rule exists so far, whose priority is shown as 0; a request that met no rule has none.
fn rule_priority(record: &RequestRecord) -> Option<&'static str> {
    record.target_group.as_ref().map(|_| "0")
}

fn some(text: &str) -> Option<&str> {
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

fn quoted_address(out: &mut Vec<u8>, value: Option<SocketAddr>) {
    out.push(b'"');
    match value {
        Some(value) => push_address(out, value),
        None => out.push(b'-'),
    }
    out.extend_from_slice(b"\" ");
}

fn quoted_number(out: &mut Vec<u8>, value: Option<u16>) {
    out.push(b'"');
    match value {
        Some(value) => digits(out, u64::from(value), 1),
        None => out.push(b'-'),
    }
    out.extend_from_slice(b"\" ");
}

/// A text that came from a client, in quotes; `-` when there is none.
fn quoted(out: &mut Vec<u8>, value: &str) {
    out.push(b'"');
    escape(out, if value.is_empty() { "-" } else { value });
    out.extend_from_slice(b"\" ");
}

/// `"GET http://host:80/path HTTP/1.1"`; what could not be read is `-`, as in `"- http://-:80- -"`.
fn request(out: &mut Vec<u8>, record: &RequestRecord) {
    out.push(b'"');
    escape(out, some(&record.method).unwrap_or("-"));
    out.extend_from_slice(match record.kind {
        RequestKind::Http => b" http://",
        RequestKind::Ws => b" ws://",
    });
    escape(out, some(&record.host).unwrap_or("-"));
    out.push(b':');
    digits(out, u64::from(record.listener_port), 1);
    escape(out, some(&record.path).unwrap_or("-"));
    match record.version {
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
fn escape(out: &mut Vec<u8>, value: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let harmless = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'"' && *byte != b'\\';
    let mut rest = value.as_bytes();
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

fn json_text(out: &mut Vec<u8>, name: &str, value: Option<&str>) {
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
fn json_string(out: &mut Vec<u8>, value: &str) {
    let harmless = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
    out.push(b'"');
    let mut rest = value;
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

    fn record() -> RequestRecord {
        RequestRecord {
            started_at: Timestamp::from_millis(1_795_176_000_123),
            ended_at: Timestamp::from_millis(1_795_176_000_456),
            kind: RequestKind::Http,
            load_balancer: "app/web/0123456789abcdef".into(),
            listener_port: 80,
            client: "192.0.2.7:51034".parse().unwrap(),
            target: Some("10.0.0.1:3000".parse().unwrap()),
            target_group: Some("arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/0123456789abcdef".into()),
            request_processing: Some(Duration::from_micros(90)),
            target_processing: Some(Duration::from_micros(48_999)),
            response_processing: Some(Duration::from_millis(1_001)),
            elb_status: 200,
            target_status: Some(200),
            received_bytes: 34,
            sent_bytes: 366,
            method: "GET".to_owned(),
            host: "www.example.com".to_owned(),
            path: "/a?b=c".to_owned(),
            version: "1.1",
            user_agent: "curl/8.5.0".to_owned(),
            trace_id: "Root=1-58337262-36d228ad5d99923122bbe354".to_owned(),
            classification: None,
            classification_reason: None,
            error: None,
        }
    }

    fn unreadable() -> RequestRecord {
        RequestRecord {
            target: None,
            target_group: None,
            request_processing: None,
            target_processing: None,
            response_processing: None,
            elb_status: 400,
            target_status: None,
            method: String::new(),
            host: String::new(),
            path: String::new(),
            version: "",
            user_agent: String::new(),
            trace_id: String::new(),
            classification: Some("Severe"),
            classification_reason: Some("BadHeader"),
            error: Some("malformed request"),
            ..record()
        }
    }

    fn alb(record: &RequestRecord) -> String {
        let mut out = Vec::new();
        LineWriter::default().alb(&mut out, record);
        String::from_utf8(out).unwrap()
    }

    fn json(record: &RequestRecord) -> String {
        let mut out = Vec::new();
        LineWriter::default().json(&mut out, record);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_forwarded_request_is_written_in_albs_order() {
        assert_eq!(
            alb(&record()),
            "http 2026-11-20T12:00:00.456000Z app/web/0123456789abcdef 192.0.2.7:51034 10.0.0.1:3000 0.000 0.048 1.001 \
             200 200 34 366 \"GET http://www.example.com:80/a?b=c HTTP/1.1\" \"curl/8.5.0\" - - \
             arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/0123456789abcdef \
             \"Root=1-58337262-36d228ad5d99923122bbe354\" \"-\" \"-\" 0 2026-11-20T12:00:00.123000Z \"forward\" \"-\" \
             \"-\" \"10.0.0.1:3000\" \"200\" \"-\" \"-\" - \"-\" \"-\" \"-\"\n"
        );
    }

    #[test]
    fn what_did_not_happen_is_a_dash_or_minus_one() {
        assert_eq!(
            alb(&unreadable()),
            "http 2026-11-20T12:00:00.456000Z app/web/0123456789abcdef 192.0.2.7:51034 - -1 -1 -1 400 - 34 366 \
             \"- http://-:80- -\" \"-\" - - - \"-\" \"-\" \"-\" - 2026-11-20T12:00:00.123000Z \"-\" \"-\" \"-\" \"-\" \
             \"-\" \"Severe\" \"BadHeader\" - \"-\" \"-\" \"-\"\n"
        );
    }

    #[test]
    fn json_has_the_same_facts() {
        assert_eq!(
            json(&record()),
            "{\"type\":\"http\",\"time\":\"2026-11-20T12:00:00.456000Z\",\"elb\":\"app/web/0123456789abcdef\",\
             \"client\":\"192.0.2.7:51034\",\"target\":\"10.0.0.1:3000\",\"request_processing_time\":0.000090,\
             \"target_processing_time\":0.048999,\"response_processing_time\":1.001000,\"elb_status_code\":200,\
             \"target_status_code\":200,\"received_bytes\":34,\"sent_bytes\":366,\"method\":\"GET\",\
             \"host\":\"www.example.com\",\"port\":80,\"path\":\"/a?b=c\",\"http_version\":\"1.1\",\
             \"user_agent\":\"curl/8.5.0\",\"target_group_arn\":\
             \"arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/0123456789abcdef\",\
             \"trace_id\":\"Root=1-58337262-36d228ad5d99923122bbe354\",\"matched_rule_priority\":0,\
             \"request_creation_time\":\"2026-11-20T12:00:00.123000Z\",\"actions_executed\":\"forward\",\
             \"classification\":null,\"classification_reason\":null,\"error\":null}\n"
        );
        let parsed: serde_json::Value = serde_json::from_str(&json(&unreadable())).unwrap();
        assert_eq!(parsed["error"], "malformed request");
        assert_eq!(parsed["target_processing_time"], serde_json::Value::Null);
        assert_eq!(parsed["matched_rule_priority"], serde_json::Value::Null);
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
        let plain = fields(&alb(&record())).len();
        let set: [fn(&mut RequestRecord, String); 5] =
            [|r, t| r.user_agent = t, |r, t| r.path = t, |r, t| r.host = t, |r, t| r.method = t, |r, t| r.trace_id = t];
        for change in set {
            let mut record = record();
            change(&mut record, evil.to_owned());
            let line = alb(&record);
            assert_eq!(line.matches('\n').count(), 1, "{line}");
            assert!(line.trim_end().bytes().all(|b| b == b' ' || b.is_ascii_graphic()), "{line}");
            assert_eq!(fields(&line).len(), plain, "{line}");
            let line = json(&record);
            assert_eq!(line.matches('\n').count(), 1, "{line}");
            assert!(line.trim_end().bytes().all(|b| b == b' ' || b.is_ascii_graphic()), "{line}");
            let parsed: serde_json::Value = serde_json::from_str(&line).unwrap();
            let texts = ["user_agent", "path", "host", "method", "trace_id"].map(|name| parsed[name].as_str().unwrap());
            assert_eq!(texts.iter().filter(|t| **t == evil).count(), 1, "nothing is lost: {line}");
        }
        let mut record = record();
        record.user_agent = "a\"b\\c\n".to_owned();
        assert!(alb(&record).contains("\"a\\x22b\\x5Cc\\x0A\""), "{}", alb(&record));
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
            writer.time(&mut out, Timestamp::from_millis(millis));
        }
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "1970-01-01T00:00:00.000000Z 1970-01-01T00:00:00.999000Z 1970-01-01T00:00:01.000000Z \
             1970-01-01T00:00:00.999000Z 1969-12-31T23:59:59.999000Z "
        );
    }
}
