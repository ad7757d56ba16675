//! One check over HTTP/2: of targets that get their requests so, and of gRPC servers.
//!
//! A connection of its own with one request, driven without a worker: what the engine wants to send is written, what comes is
//! given to it. In clear text both sides know that HTTP/2 is spoken; over TLS the handshake has agreed on it.
//!
//! A gRPC server is called with an empty message. What counts is `grpc-status`, which is in the trailers, or in the head where
//! nothing follows; the verdict therefore falls with the end of the answer and not with its head.

use super::{
    connection::{Connection, classify},
    http::{Answer, DRAIN_BYTES, Outcome, Rest},
    settings::CheckSettings,
};
use crate::{
    http::header,
    http2::{ConnectionError, Engine, ErrorCode, Event, Limits, Scratch, StreamId},
    timer::Millis,
};
use model::elbv2::{health_check::Matcher, target_group::ProtocolVersion, target_health::CheckResult};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A gRPC message of no bytes: not compressed, of length 0.
const EMPTY_MESSAGE: &[u8] = &[0; 5];
/// The first read; it grows to a frame, the longest thing that must be there in full.
const READ: usize = 4 << 10;
const GRPC_STATUS: &[u8] = b"grpc-status";

/// A request and what was answered so far.
#[derive(Debug)]
pub struct Call {
    connection: Connection,
    engine: Engine,
    stream: StreamId,
    unread: Vec<u8>,
    scratch: Scratch,
    begun: bool,
    said: Said,
}

/// What the target has said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Said {
    /// The status of the final answer.
    status: Option<u16>,
    grpc_status: Option<u16>,
    /// Bytes of content.
    content: usize,
    /// Whether nothing follows: the answer is complete, or was given up.
    over: bool,
}

/// Makes one check over an open connection.
pub async fn ask(connection: Connection, settings: &CheckSettings) -> Answer {
    let Some(mut call) = Call::begin(connection, settings) else {
        return Answer::without_status(Outcome::NotMeasured);
    };
    let version = settings.version;
    if let Err(outcome) = call.advance(|said| said.is_enough(version)).await {
        return Answer::without_status(outcome);
    }
    let status = call.said.code(version);
    let outcome = Outcome::Found(verdict(status, &settings.check.matcher));
    Answer { outcome, status, rest: Some(Rest::Http2(Box::new(call))) }
}

impl Call {
    /// `None`: the request is none, which settings do not make.
    fn begin(connection: Connection, settings: &CheckSettings) -> Option<Self> {
        let now = Millis::now();
        let mut engine = Engine::client(Limits::TARGETS, now);
        let message = settings.message();
        let stream = engine.open(settings.request.as_bytes(), settings.is_secure(), message.is_empty()).ok()?;
        if !message.is_empty() {
            // Until the target's settings come, its window has room for so much.
            engine.data(stream, message, true, now).ok()?;
        }
        let (unread, scratch, said) = (Vec::with_capacity(READ), Scratch::default(), Said::default());
        Some(Self { connection, engine, stream, unread, scratch, begun: false, said })
    }

    /// Writes and reads until enough was said.
    async fn advance(&mut self, is_enough: impl Fn(&Said) -> bool) -> Result<(), Outcome> {
        loop {
            // A server may answer and close without reading the request; what it said counts.
            let _ = self.flush().await;
            if is_enough(&self.said) {
                return Ok(());
            }
            match self.connection.read_buf(&mut self.unread).await {
                Ok(0) if !self.begun => return Err(Outcome::NobodyThere),
                Ok(1..) => self.begun = true,
                Err(error) if !self.begun => return Err(classify(&error)),
                Ok(0) | Err(_) => return Err(Outcome::Found(CheckResult::Failed)),
            }
            if self.take().is_err() {
                // The target is told what it did, if it still listens.
                let _ = self.flush().await;
                return Err(Outcome::Found(CheckResult::Failed));
            }
        }
    }

    async fn flush(&mut self) -> std::io::Result<()> {
        while !self.engine.pending().is_empty() {
            let n = self.connection.write(self.engine.pending()).await?;
            if n == 0 {
                return Err(std::io::ErrorKind::WriteZero.into());
            }
            self.engine.written(n);
        }
        self.connection.flush().await
    }

    /// Acts on what was read.
    fn take(&mut self) -> Result<(), ConnectionError> {
        let mut at = 0;
        loop {
            let received = self.engine.receive(Millis::now(), &self.unread[at..], &mut self.scratch)?;
            at += received.used;
            let Some(event) = received.event else { break };
            let content = self.said.note(&event);
            self.engine.release(self.stream, content);
        }
        self.unread.drain(..at);
        Ok(())
    }

    /// Takes what remains of a small answer, takes leave and closes.
    pub async fn finish(mut self) {
        // The verdict has fallen; how the rest goes is of no concern.
        let _ = self.advance(|said| said.over || said.content > DRAIN_BYTES).await;
        self.engine.reset(self.stream, ErrorCode::CANCEL);
        self.engine.drain();
        let _ = self.flush().await;
        let _ = self.connection.shutdown().await;
    }
}

impl Said {
    /// Takes note of an event, of which there is one stream only; returns the number of bytes of content in it.
    fn note(&mut self, event: &Event<'_>) -> usize {
        match event {
            Event::Head { head, end, .. } => {
                // The text is the engine's: `HTTP/1.1 200`. Interim answers say nothing.
                self.status = head.get(9..12).and_then(code).filter(|status| *status >= 200);
                if *end {
                    self.over = true;
                    self.grpc_status = grpc_status(head);
                }
                0
            }
            Event::Data { bytes, end, .. } => {
                self.content += bytes.len();
                self.over |= end;
                bytes.len()
            }
            Event::Trailers { lines, .. } => {
                self.over = true;
                self.grpc_status = grpc_status(lines);
                0
            }
            Event::Reset { .. } => {
                self.over = true;
                0
            }
            Event::Refused { .. } | Event::GoAway { .. } | Event::Settings | Event::Pong { .. } => 0,
        }
    }

    /// Whether a verdict can fall.
    fn is_enough(&self, version: ProtocolVersion) -> bool {
        match version {
            ProtocolVersion::Http1 | ProtocolVersion::Http2 => self.over || self.status.is_some(),
            ProtocolVersion::Grpc => self.over,
        }
    }

    /// The code that is compared with the matcher. An answer without a gRPC status fails; if HTTP's status says why (it was no
    /// gRPC server that answered), that is the code, which no gRPC code can be taken for.
    fn code(&self, version: ProtocolVersion) -> Option<u16> {
        match version {
            ProtocolVersion::Http1 | ProtocolVersion::Http2 => self.status,
            ProtocolVersion::Grpc => self.grpc_status.or(self.status.filter(|status| *status != 200)),
        }
    }
}

fn verdict(code: Option<u16>, matcher: &Matcher) -> CheckResult {
    match code {
        Some(code) if matcher.passes(code) => CheckResult::Passed,
        Some(code) => CheckResult::Mismatch(code),
        None => CheckResult::Failed,
    }
}

fn grpc_status(lines: &[u8]) -> Option<u16> {
    let (_, value) = header::lines(lines).find(|(name, _)| name.eq_ignore_ascii_case(GRPC_STATUS))?;
    code(value)
}

fn code(digits: &[u8]) -> Option<u16> {
    header::number(digits).and_then(|number| u16::try_from(number).ok())
}

impl CheckSettings {
    /// What follows the head of the request.
    fn message(&self) -> &'static [u8] {
        match self.version {
            ProtocolVersion::Http1 | ProtocolVersion::Http2 => &[],
            ProtocolVersion::Grpc => EMPTY_MESSAGE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ProtocolVersion::{Grpc, Http2};

    /// What was said, from pieces: a head, `end`, content, and lines of trailers or `-`.
    fn said(head: &str, end: bool, trailers: Option<&str>) -> Said {
        let mut engine = Engine::client(Limits::TARGETS, Millis(0));
        let stream = engine.open(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", false, true).unwrap();
        let mut said = Said::default();
        said.note(&Event::Head { stream, head: b"HTTP/1.1 103 \r\ngrpc-status: 0\r\n\r\n", end: false });
        assert_eq!(said, Said::default(), "an interim answer says nothing");
        said.note(&Event::Head { stream, head: head.as_bytes(), end });
        if !end {
            let (bytes, end) = (&b"body"[..], trailers.is_none());
            assert_eq!(said.note(&Event::Data { stream, bytes, end }), 4);
        }
        if let Some(lines) = trailers {
            said.note(&Event::Trailers { stream, lines: lines.as_bytes() });
        }
        assert!(said.over);
        said
    }

    #[test]
    fn the_status_of_grpc_is_in_the_trailers_or_in_a_head_without_content() {
        let ok = "HTTP/1.1 200 \r\ncontent-type: application/grpc\r\n\r\n";
        let only = "HTTP/1.1 200 \r\nGrpc-Status: 12\r\n\r\n";
        let table = [
            (ok, false, Some("grpc-message: x\r\ngrpc-status: 0\r\n"), Some(0)),
            (ok, false, Some("grpc-status: 12\r\n"), Some(12)),
            (ok, false, Some("grpc-status: 99999\r\n"), None),
            (ok, false, Some("grpc-status: twelve\r\n"), None),
            (ok, false, Some("grpc-status: -1\r\n"), None),
            (ok, false, Some(""), None),
            (ok, false, None, None),
            (ok, true, None, None),
            (only, true, None, Some(12)),
            // Content follows, so that the trailers count.
            (only, false, None, None),
            (only, false, Some("grpc-status: 3\r\n"), Some(3)),
            // Not a gRPC server: HTTP's status says what it was.
            ("HTTP/1.1 404 \r\n\r\n", false, None, Some(404)),
            ("HTTP/1.1 503 \r\n\r\n", true, None, Some(503)),
            ("HTTP/1.1 503 \r\ngrpc-status: 14\r\n\r\n", true, None, Some(14)),
        ];
        for (head, end, trailers, expected) in table {
            assert_eq!(said(head, end, trailers).code(Grpc), expected, "{head} {end} {trailers:?}");
        }
    }

    #[test]
    fn the_matcher_judges_what_was_answered() {
        let table = [
            (Grpc, Some(12), "12", CheckResult::Passed),
            (Grpc, Some(0), "12", CheckResult::Mismatch(0)),
            (Grpc, Some(99), "0-99", CheckResult::Passed),
            (Grpc, Some(100), "0-99", CheckResult::Mismatch(100)),
            (Grpc, Some(404), "0-99", CheckResult::Mismatch(404)),
            (Grpc, None, "0-99", CheckResult::Failed),
            (Http2, Some(200), "200", CheckResult::Passed),
            (Http2, Some(503), "200-299", CheckResult::Mismatch(503)),
            (Http2, None, "200", CheckResult::Failed),
        ];
        for (version, code, matcher, expected) in table {
            let matcher = if version == Grpc { Matcher::grpc(matcher) } else { Matcher::http(matcher) };
            assert_eq!(verdict(code, &matcher.unwrap()), expected, "{version:?} {code:?}");
        }
    }

    #[test]
    fn a_verdict_on_grpc_waits_for_the_end() {
        let begun = Said { status: Some(200), ..Said::default() };
        assert!(begun.is_enough(Http2) && !begun.is_enough(Grpc));
        let reset = Said { over: true, ..Said::default() };
        assert!(reset.is_enough(Http2) && reset.is_enough(Grpc));
        assert_eq!((reset.code(Http2), reset.code(Grpc)), (None, None));
    }
}
