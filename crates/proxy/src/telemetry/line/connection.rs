//! The line of ALB's connection log.
//!
//! Source of fields and order: ELB user guide, "Connection logs for your Application Load Balancer". In clear text there is
//! nothing to say but who connected to where.

use super::{
    LineWriter, node,
    text::{digits, escape, ip, three_digits},
    trace,
};
use crate::telemetry::connection::ConnectionRecord;

impl LineWriter {
    /// Appends the line, newline included. Fields that do not apply are `-`.
    pub fn connection(&mut self, out: &mut Vec<u8>, record: ConnectionRecord<'_>) {
        let note = record.note;
        self.times.write(out, note.at);
        out.push(b' ');
        ip(out, note.client.ip());
        out.push(b' ');
        digits(out, u64::from(note.client.port()), 1);
        out.push(b' ');
        digits(out, u64::from(record.port()), 1);
        let (protocol, cipher) = note.agreed.unwrap_or(("-", "-"));
        for text in [" ", protocol, " ", cipher, " "] {
            out.extend_from_slice(text.as_bytes());
        }
        match note.took {
            Some(took) => {
                digits(out, took.as_secs(), 1);
                out.push(b'.');
                three_digits(out, took.subsec_millis());
            }
            None => out.push(b'-'),
        }
        out.extend_from_slice(b" \"");
        said(out, record.text(note.subject));
        out.extend_from_slice(b"\" ");
        for place in [note.validity, note.serial_number, note.status] {
            said(out, record.text(place));
            out.push(b' ');
        }
        trace(out, note.connection);
        out.push(b' ');
        out.extend_from_slice(note.group.unwrap_or("-").as_bytes());
        out.push(b' ');
        out.extend_from_slice(record.load_balancer().as_bytes());
        out.push(b' ');
        node(out, note.node);
        out.push(b'\n');
    }
}

fn said(out: &mut Vec<u8>, text: &[u8]) {
    escape(out, if text.is_empty() { b"-" } else { text });
}
