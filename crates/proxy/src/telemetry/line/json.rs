//! The same facts as a JSON object on one line, for programs and for `goru why`, with what ALB's log has no field for.

use super::{
    LineWriter, classification, executed, kind, node,
    text::{address, digits, first_harmful, six_digits},
    trace, transformed,
};
use crate::{
    target::pool::IDLE_LIMIT,
    telemetry::{
        cause::{Ended, Phase},
        record::Record,
    },
};
use std::{io::Write as _, net::SocketAddr, time::Duration};

/// A member's name with its quotes and the colon.
macro_rules! member {
    ($name:literal) => {
        concat!("\"", $name, "\":").as_bytes()
    };
}

impl LineWriter {
    /// Appends a JSON object and a newline: ALB's field names; `null` where ALB has `-` or -1; the request's parts one by one;
    /// seconds with six decimals; `error` and `error_code`, why the load balancer answered by itself; and `cause`, how the
    /// last connection to a target fared, where the request did not end well. `model`'s `RequestRecord` reads it.
    pub fn json(&mut self, out: &mut Vec<u8>, record: Record<'_>) {
        let note = record.note;
        let texts = &note.texts;
        let said = |place| some(record.text(place));
        out.push(b'{');
        ours(out, member!("type"), kind(note.kind));
        self.time(out, member!("time"), note.ended_at());
        ours(out, member!("elb"), record.load_balancer());
        place(out, member!("client"), Some(note.client));
        place(out, member!("target"), record.target());
        seconds(out, member!("request_processing_time"), note.request_processing);
        seconds(out, member!("target_processing_time"), note.target_processing);
        seconds(out, member!("response_processing_time"), note.response_processing);
        seconds(out, member!("duration"), Some(note.took));
        number(out, member!("elb_status_code"), Some(u64::from(note.elb_status)));
        number(out, member!("target_status_code"), record.target_status().map(u64::from));
        number(out, member!("received_bytes"), Some(note.received_bytes));
        number(out, member!("sent_bytes"), Some(note.sent_bytes));
        text(out, member!("method"), said(texts.method));
        text(out, member!("host"), said(texts.host));
        number(out, member!("port"), Some(u64::from(record.port())));
        text(out, member!("path"), said(texts.path));
        ours(out, member!("http_version"), note.version);
        text(out, member!("user_agent"), said(texts.user_agent));
        ours(out, member!("ssl_cipher"), note.tls.map_or("", |(cipher, _)| cipher));
        ours(out, member!("ssl_protocol"), note.tls.map_or("", |(_, protocol)| protocol));
        ours(out, member!("target_group_arn"), record.target_group().map_or("", |arn| arn));
        text(out, member!("trace_id"), said(texts.trace_id));
        text(out, member!("domain_name"), said(texts.server_name));
        text(out, member!("chosen_cert_arn"), said(texts.certificate));
        number(out, member!("matched_rule_priority"), note.rule_priority.map(u64::from));
        self.time(out, member!("request_creation_time"), note.started_at);
        ours(out, member!("actions_executed"), executed(note.executed));
        text(out, member!("redirect_url"), said(texts.redirect_url));
        tries(out, record);
        let (class, reason) = classification(record).unwrap_or_default();
        ours(out, member!("classification"), class);
        ours(out, member!("classification_reason"), reason);
        out.extend_from_slice(b"\"conn_trace_id\":\"");
        trace(out, note.connection);
        out.extend_from_slice(b"\",");
        text(out, member!("transformed_host"), said(texts.transformed_host));
        text(out, member!("transformed_uri"), said(texts.transformed_uri));
        ours(out, member!("request_transform_status"), transformed(note.transform));
        if !note.node.is_unspecified() {
            out.extend_from_slice(b"\"ip_address\":\"");
            node(out, note.node);
            out.extend_from_slice(b"\",");
        }
        if note.fail_open {
            out.extend_from_slice(b"\"fail_open\":true,");
        }
        match note.sticky {
            None => {}
            Some(true) => out.extend_from_slice(b"\"sticky\":true,"),
            Some(false) => out.extend_from_slice(b"\"sticky\":false,"),
        }
        ours(out, member!("error"), note.error.map_or("", |error| error.reason()));
        ours(out, member!("error_code"), note.error.map_or("", |error| error.fault().name()));
        cause(out, record);
        // The last member left a comma.
        out.pop();
        out.extend_from_slice(b"}\n");
    }

    fn time(&mut self, out: &mut Vec<u8>, name: &[u8], micros: i64) {
        out.extend_from_slice(name);
        out.push(b'"');
        self.times.write(out, micros);
        out.extend_from_slice(b"\",");
    }
}

fn some(text: &[u8]) -> Option<&[u8]> {
    (!text.is_empty()).then_some(text)
}

fn tries(out: &mut Vec<u8>, record: Record<'_>) {
    out.extend_from_slice(b"\"targets_tried\":[");
    for tried in record.tried() {
        out.push(b'{');
        place(out, member!("target"), Some(tried.target));
        number(out, member!("status"), Some(u64::from(tried.status)).filter(|status| *status > 0));
        out.pop();
        out.extend_from_slice(b"},");
    }
    if out.ends_with(b",") {
        out.pop();
    }
    out.extend_from_slice(b"],");
}

/// How the last connection to a target fared. Left out where all went well: it would only say so.
fn cause(out: &mut Vec<u8>, record: Record<'_>) {
    let cause = record.note.cause;
    let well = matches!(cause.phase, Phase::Done | Phase::NotSent) && cause.ended == Ended::No;
    if well && record.note.error.is_none() {
        return;
    }
    out.extend_from_slice(b"\"cause\":{");
    ours(out, member!("phase"), cause.phase.name());
    ours(out, member!("ended"), cause.ended.name());
    number(out, member!("connection_uses"), Some(u64::from(cause.uses)));
    seconds(out, member!("connection_age"), Some(cause.age));
    seconds(out, member!("connection_idle"), Some(cause.idle));
    seconds(out, member!("kept_idle"), Some(IDLE_LIMIT));
    number(out, member!("bytes_sent"), Some(cause.sent));
    number(out, member!("bytes_received"), Some(cause.received));
    seconds(out, member!("limit"), Some(cause.limit).filter(|limit| !limit.is_zero()));
    out.pop();
    out.extend_from_slice(b"},");
}

/// A text of our own making; empty: there is none.
fn ours(out: &mut Vec<u8>, name: &[u8], value: &str) {
    out.extend_from_slice(name);
    if value.is_empty() {
        return out.extend_from_slice(b"null,");
    }
    out.push(b'"');
    out.extend_from_slice(value.as_bytes());
    out.extend_from_slice(b"\",");
}

fn text(out: &mut Vec<u8>, name: &[u8], value: Option<&[u8]>) {
    out.extend_from_slice(name);
    match value {
        Some(value) => {
            string(out, value);
            out.push(b',');
        }
        None => out.extend_from_slice(b"null,"),
    }
}

fn number(out: &mut Vec<u8>, name: &[u8], value: Option<u64>) {
    out.extend_from_slice(name);
    match value {
        Some(value) => {
            digits(out, value, 1);
            out.push(b',');
        }
        None => out.extend_from_slice(b"null,"),
    }
}

fn place(out: &mut Vec<u8>, name: &[u8], value: Option<SocketAddr>) {
    out.extend_from_slice(name);
    match value {
        Some(value) => {
            out.push(b'"');
            address(out, value);
            out.extend_from_slice(b"\",");
        }
        None => out.extend_from_slice(b"null,"),
    }
}

fn seconds(out: &mut Vec<u8>, name: &[u8], value: Option<Duration>) {
    out.extend_from_slice(name);
    match value {
        Some(value) => {
            digits(out, value.as_secs(), 1);
            out.push(b'.');
            six_digits(out, value.subsec_micros());
            out.push(b',');
        }
        None => out.extend_from_slice(b"null,"),
    }
}

/// A JSON string of ASCII only: terminals and line readers that see more in a character than JSON does (escape
/// sequences, direction marks, other line ends) get nothing to see.
fn string(out: &mut Vec<u8>, value: &[u8]) {
    out.push(b'"');
    match first_harmful(value) {
        None => out.extend_from_slice(value),
        Some(_) => escaped(out, value),
    }
    out.push(b'"');
}

#[cold]
fn escaped(out: &mut Vec<u8>, value: &[u8]) {
    let harmless = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
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
}
