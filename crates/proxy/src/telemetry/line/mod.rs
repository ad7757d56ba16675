//! Records as lines: [`access`] has the fields of ALB's access log in its order, [`json`] the same as JSON, [`connection`] and
//! [`health_check`] those of its other logs.
//!
//! Everything that a client wrote is escaped, so that no request can begin a line or a field of its own. Lines are written
//! by hand into a buffer that is used again ([`text`]), because this runs once per request.

pub mod access;
pub mod connection;
pub mod health_check;
pub mod json;
pub mod text;

use super::record::{Executed, Record, RequestKind, Transformed};
use crate::error::ProxyError;
use std::net::IpAddr;
use text::{TimeWriter, hexadecimal, ip};

/// Writes lines.
#[derive(Debug, Default)]
pub struct LineWriter {
    times: TimeWriter,
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
const fn executed(executed: Executed) -> &'static str {
    match executed {
        Executed::None => "",
        Executed::Forward => "forward",
        Executed::Redirect => "redirect",
        Executed::FixedResponse => "fixed-response",
    }
}

/// ALB's codes of transforms; empty: there was none.
const fn transformed(outcome: Option<Transformed>) -> &'static str {
    match outcome {
        None => "",
        Some(Transformed::Success) => "TransformSuccess",
        Some(Transformed::InvalidHost) => "TransformInvalidHost",
        Some(Transformed::InvalidPath) => "TransformInvalidPath",
    }
}

const fn kind(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Http => "http",
        RequestKind::Https => "https",
        RequestKind::H2 => "h2",
        RequestKind::Grpcs => "grpcs",
        RequestKind::Ws => "ws",
        RequestKind::Wss => "wss",
    }
}

/// Appends the name of a client's connection in all logs: `TID_` and 32 digits.
fn trace(out: &mut Vec<u8>, connection: u64) {
    out.extend_from_slice(b"TID_0000000000000000");
    hexadecimal(out, connection);
}

/// Appends the address of a load balancer's node, if it is known.
fn node(out: &mut Vec<u8>, address: IpAddr) {
    if address.is_unspecified() {
        out.push(b'-');
    } else {
        ip(out, address);
    }
}

#[cfg(test)]
mod tests;
