//! The line of ALB's access log.
//!
//! Source of fields and order: ELB user guide, "Access logs for your Application Load Balancer", with the newest fields at
//! the end (transforms, and the node's address).

use super::{
    LineWriter, classification, executed, kind, node,
    text::{address, digits, escape, three_digits},
    trace, transformed,
};
use crate::telemetry::record::{Executed, Record, RequestKind, Tried};
use std::time::Duration;

/// What a line takes at most without the texts of the client, in bytes: two target lists, two ARNs and the names among it.
const ROOM: usize = 1024;

/// Nothing in quotes, and the separator.
const NOTHING: &[u8] = b"\"-\" ";

impl LineWriter {
    /// Appends the line of ALB's access log, newline included.
    ///
    /// Fields that do not apply are `-`, as ALB has it. Durations are seconds with three decimals, -1 when the request did
    /// not get there.
    pub fn access(&mut self, out: &mut Vec<u8>, record: Record<'_>) {
        let note = record.note;
        let tried = record.tried();
        out.reserve(ROOM);
        plain(out, kind(note.kind));
        self.times.write(out, note.ended_at());
        out.push(b' ');
        plain(out, record.load_balancer());
        address(out, note.client);
        out.push(b' ');
        let target_from = out.len();
        match tried.last() {
            Some(last) => address(out, last.target),
            None => out.push(b'-'),
        }
        let target_to = out.len();
        out.push(b' ');
        seconds(out, note.request_processing);
        seconds(out, note.target_processing);
        seconds(out, note.response_processing);
        number(out, u64::from(note.elb_status));
        match record.target_status() {
            Some(status) => number(out, u64::from(status)),
            None => out.extend_from_slice(b"- "),
        }
        number(out, note.received_bytes);
        number(out, note.sent_bytes);
        request(out, record);
        quoted(out, record.text(note.texts.user_agent));
        match note.tls {
            Some((cipher, protocol)) => {
                plain(out, cipher);
                plain(out, protocol);
            }
            None => out.extend_from_slice(b"- - "),
        }
        plain(out, record.target_group().map_or("-", |arn| arn));
        quoted(out, record.text(note.texts.trace_id));
        quoted(out, record.text(note.texts.server_name));
        quoted(out, record.text(note.texts.certificate));
        match note.rule_priority {
            Some(priority) => number(out, u64::from(priority)),
            None => out.extend_from_slice(b"-1 "),
        }
        self.times.write(out, note.started_at);
        match note.executed {
            Executed::Forward => out.extend_from_slice(b" \"forward\" "),
            Executed::None | Executed::Redirect | Executed::FixedResponse => {
                out.push(b' ');
                ours(out, executed(note.executed));
            }
        }
        quoted(out, record.text(note.texts.redirect_url));
        // error_reason: AWS has codes for authentication, Lambda functions and its own mishaps only.
        out.extend_from_slice(NOTHING);
        tried_lists(out, tried, target_from..target_to);
        let (class, reason) = classification(record).unwrap_or_default();
        ours(out, class);
        ours(out, reason);
        trace(out, note.connection);
        out.push(b' ');
        quoted(out, record.text(note.texts.transformed_host));
        quoted(out, record.text(note.texts.transformed_uri));
        ours(out, transformed(note.transform));
        node(out, note.node);
        out.push(b'\n');
    }
}

/// Appends the lists of targets and of statuses. `written`: where the last target has been written already.
#[inline]
fn tried_lists(out: &mut Vec<u8>, tried: &[Tried], written: std::ops::Range<usize>) {
    match tried {
        [] => out.extend_from_slice(b"\"-\" \"-\" "),
        [only] => {
            out.push(b'"');
            out.extend_from_within(written);
            out.extend_from_slice(b"\" \"");
            status(out, only.status);
            out.extend_from_slice(b"\" ");
        }
        several => {
            list(out, several, |out, one| address(out, one.target));
            list(out, several, |out, one| status(out, one.status));
        }
    }
}

#[cold]
fn list(out: &mut Vec<u8>, tried: &[Tried], write: impl Fn(&mut Vec<u8>, &Tried)) {
    out.push(b'"');
    for one in tried {
        write(out, one);
        out.push(b' ');
    }
    out.pop();
    out.extend_from_slice(b"\" ");
}

#[inline]
fn status(out: &mut Vec<u8>, status: u16) {
    match status {
        0 => out.push(b'-'),
        status => digits(out, u64::from(status), 1),
    }
}

/// A field of our own making, and the separator.
#[inline]
fn plain(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
    out.push(b' ');
}

/// The same in quotes; `-` where there is none.
#[inline]
fn ours(out: &mut Vec<u8>, text: &str) {
    if text.is_empty() {
        return out.extend_from_slice(NOTHING);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(b"\" ");
}

/// A text that came from a client, in quotes; `-` when there is none.
#[inline]
fn quoted(out: &mut Vec<u8>, value: &[u8]) {
    if value.is_empty() {
        return out.extend_from_slice(NOTHING);
    }
    out.push(b'"');
    escape(out, value);
    out.extend_from_slice(b"\" ");
}

#[inline]
fn number(out: &mut Vec<u8>, value: u64) {
    digits(out, value, 1);
    out.push(b' ');
}

#[inline]
fn seconds(out: &mut Vec<u8>, duration: Option<Duration>) {
    match duration {
        Some(duration) => {
            digits(out, duration.as_secs(), 1);
            out.push(b'.');
            three_digits(out, duration.subsec_millis());
            out.push(b' ');
        }
        None => out.extend_from_slice(b"-1 "),
    }
}

/// `"GET http://host:80/path HTTP/1.1"`; what could not be read is `-`, as in `"- http://-:80- -"`.
#[inline]
fn request(out: &mut Vec<u8>, record: Record<'_>) {
    let texts = &record.note.texts;
    let or_dash = |text: &mut &[u8]| {
        if text.is_empty() {
            *text = b"-";
        }
    };
    let [mut method, mut host, mut path] = [texts.method, texts.host, texts.path].map(|place| record.text(place));
    [&mut method, &mut host, &mut path].into_iter().for_each(or_dash);
    out.push(b'"');
    escape(out, method);
    out.extend_from_slice(match record.note.kind {
        RequestKind::Http => b" http://",
        RequestKind::Https | RequestKind::H2 | RequestKind::Grpcs => b" https://",
        RequestKind::Ws => b" ws://",
        RequestKind::Wss => b" wss://",
    });
    escape(out, host);
    out.push(b':');
    digits(out, u64::from(record.port()), 1);
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
