//! The line of ALB's health check log.
//!
//! Source of fields and order: ELB user guide, "Health check logs". The latency has nine decimals there.

use super::{
    LineWriter, node,
    text::{address, digits},
};
use crate::telemetry::check::CheckNote;

impl LineWriter {
    /// Appends the line, newline included. Fields that do not apply are `-`.
    pub fn health_check(&mut self, out: &mut Vec<u8>, note: &CheckNote) {
        out.extend_from_slice(note.log.kind.name().as_bytes());
        out.push(b' ');
        self.times.write(out, note.at);
        out.push(b' ');
        digits(out, note.took.as_secs(), 1);
        out.push(b'.');
        digits(out, u64::from(note.took.subsec_nanos()), 9);
        out.push(b' ');
        address(out, note.target);
        out.push(b' ');
        out.extend_from_slice(note.log.target_group.as_bytes());
        out.extend_from_slice(if note.failure.is_none() { b" PASS " } else { b" FAIL " });
        match note.status {
            Some(status) => digits(out, u64::from(status), 1),
            None => out.push(b'-'),
        }
        out.push(b' ');
        out.extend_from_slice(note.failure.map_or("-", |failure| failure.code()).as_bytes());
        out.push(b' ');
        out.extend_from_slice(note.log.load_balancer.as_bytes());
        out.push(b' ');
        node(out, note.log.node);
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::{
        check::{CheckFailure, CheckKind, CheckLog},
        delivery::place::{LogKind, LogPlace},
    };
    use model::elbv2::snapshot::LogBucket;
    use std::{path::Path, sync::Arc, time::Duration};

    #[test]
    fn checks_are_written_in_albs_order() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/0123456789abcdef".parse();
        let bucket = LogBucket { bucket: "logs".to_owned(), prefix: String::new() };
        let log = Arc::new(CheckLog {
            place: Arc::new(LogPlace::new(LogKind::HealthCheck, Path::new("/b"), &bucket, &arn.unwrap()).unwrap()),
            kind: CheckKind::Http,
            target_group: "web".into(),
            load_balancer: "app/web/0123456789abcdef".into(),
            node: "192.0.2.10".parse().unwrap(),
        });
        let passed = CheckNote {
            log,
            at: 1_795_176_000_123_456,
            took: Duration::from_nanos(19_584_011),
            target: "10.0.0.1:3000".parse().unwrap(),
            status: Some(200),
            failure: None,
        };
        let line = |note: &CheckNote| {
            let mut out = Vec::new();
            LineWriter::default().health_check(&mut out, note);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            line(&passed),
            "http 2026-11-20T12:00:00.123456Z 0.019584011 10.0.0.1:3000 web PASS 200 - app/web/0123456789abcdef 192.0.2.10\n"
        );
        let failed = CheckNote { status: None, failure: Some(CheckFailure::TimedOut), ..passed };
        assert!(line(&failed).contains(" web FAIL - TimedOut app/web/"), "{}", line(&failed));
    }
}
