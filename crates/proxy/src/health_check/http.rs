//! One health check: a connection of its own, one request, the status of the answer.
//!
//! Here is the time that a check may take, and HTTP/1.1: one GET, whose verdict falls when the answer's head is complete; the
//! body is not judged. `connection` connects, `http2` is the other version. A check that could not be made because this node
//! lacked a descriptor, memory or time on the processor is `NotMeasured`: it says nothing about the target.

use super::{
    connection::{self, Connection, classify},
    http2,
    lag::LagMeter,
    settings::CheckSettings,
};
use crate::tls::Application;
use model::elbv2::target_health::CheckResult;
use std::{
    pin::pin,
    time::{Duration, Instant},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The longest head of an answer that is looked at, in bytes; the limit that ALB has for response headers.
const MAXIMUM_HEAD: usize = 32 << 10;

/// The most header lines in it.
const MAXIMUM_HEADERS: usize = 256;

/// A timer may fire so much later than asked before the check's time is no longer trusted.
const LATE_TOLERANCE: Duration = Duration::from_millis(100);

/// After the verdict so much of the body is taken off the connection, and no longer than [`DRAIN_TIME`], so that an
/// ordinary server sees its answer accepted rather than a reset.
pub(super) const DRAIN_BYTES: usize = 64 << 10;

/// See [`DRAIN_BYTES`]. Shorter than the second that lies between the longest timeout and the next check.
const DRAIN_TIME: Duration = Duration::from_millis(500);

/// What a check says about the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A result.
    Found(CheckResult),
    /// Refused, or closed before a byte: nobody serves there (yet). A failure, unless the target is new.
    NobodyThere,
    /// Nothing: the node could not look in time.
    NotMeasured,
}

/// What a check brought.
#[derive(Debug)]
pub struct Answer {
    /// What it says about the target.
    pub outcome: Outcome,
    /// The status that the target answered; of a gRPC server the gRPC status, which is below 100.
    pub status: Option<u16>,
    /// What is to be [drained](drain) after the verdict was acted upon.
    pub rest: Option<Rest>,
}

impl Answer {
    /// No status came.
    pub(super) const fn without_status(outcome: Outcome) -> Self {
        Self { outcome, status: None, rest: None }
    }
}

/// A connection with what is left of an answer.
#[derive(Debug)]
pub enum Rest {
    /// In HTTP/1.1.
    Http1(Connection),
    /// In HTTP/2.
    Http2(Box<http2::Call>),
}

/// Checks a target once.
///
/// The timeout runs from the moment when the connection is asked for. Time during which this process did not run is not
/// held against the target: the check is then prolonged once by what was lost, and if time is lost again it is void.
pub async fn check(settings: &CheckSettings, timeout: Duration, lag: &LagMeter) -> Answer {
    let mut exchange = pin!(exchange(settings));
    let mut allowed = timeout;
    for prolonged in [false, true] {
        let (lost_before, asked_at) = (lag.lost(), Instant::now());
        tokio::select! {
            biased;
            done = &mut exchange => return done,
            () = tokio::time::sleep(allowed) => {}
        }
        let late = asked_at.elapsed().saturating_sub(allowed);
        let lost = late.max(lag.lost().saturating_sub(lost_before));
        if lost < LATE_TOLERANCE {
            return Answer::without_status(Outcome::Found(CheckResult::TimedOut));
        }
        if prolonged {
            break;
        }
        allowed = lost.min(timeout);
    }
    Answer::without_status(Outcome::NotMeasured)
}

async fn exchange(settings: &CheckSettings) -> Answer {
    let application = Application::of_targets(settings.version);
    match connection::open(settings.address, settings.interface.as_ref(), settings.check.protocol, application).await {
        Ok(connection) => match application {
            Application::Http11 => ask(connection, settings).await,
            Application::Http2 => http2::ask(connection, settings).await,
        },
        Err(outcome) => Answer::without_status(outcome),
    }
}

async fn ask(mut connection: Connection, settings: &CheckSettings) -> Answer {
    // A server may answer and close without reading the request; what it said counts.
    let _ = write(&mut connection, settings.request.as_bytes()).await;
    match read_status(&mut connection).await {
        Ok(status) => {
            let passes = settings.check.matcher.passes(status);
            let result = if passes { CheckResult::Passed } else { CheckResult::Mismatch(status) };
            Answer { outcome: Outcome::Found(result), status: Some(status), rest: Some(Rest::Http1(connection)) }
        }
        Err(outcome) => Answer::without_status(outcome),
    }
}

async fn write(connection: &mut Connection, bytes: &[u8]) -> std::io::Result<()> {
    connection.write_all(bytes).await?;
    connection.flush().await
}

/// Reads up to the end of the head of the final answer.
async fn read_status(stream: &mut Connection) -> Result<u16, Outcome> {
    let mut head = Vec::with_capacity(1024);
    loop {
        match parse(&mut head) {
            Parsed::Status(status) => return Ok(status),
            Parsed::Garbage => return Err(Outcome::Found(CheckResult::Failed)),
            Parsed::Partial => {}
        }
        let room = u64::try_from(MAXIMUM_HEAD.saturating_sub(head.len())).unwrap_or(0);
        if room == 0 {
            return Err(Outcome::Found(CheckResult::Failed));
        }
        let begun = !head.is_empty();
        match (&mut *stream).take(room).read_buf(&mut head).await {
            Ok(0) if begun => return Err(Outcome::Found(CheckResult::Failed)),
            Ok(0) => return Err(Outcome::NobodyThere),
            Ok(_) => {}
            Err(_) if begun => return Err(Outcome::Found(CheckResult::Failed)),
            Err(error) => return Err(classify(&error)),
        }
    }
}

enum Parsed {
    Partial,
    Status(u16),
    Garbage,
}

/// Looks for a final status. Interim answers (100, 103) are cut off the front; 101 is final, since nothing was offered.
fn parse(head: &mut Vec<u8>) -> Parsed {
    loop {
        let mut headers = [httparse::EMPTY_HEADER; MAXIMUM_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let (length, status) = match response.parse(head) {
            Ok(httparse::Status::Complete(length)) => (length, response.code.unwrap_or(0)),
            Ok(httparse::Status::Partial) => return Parsed::Partial,
            Err(_) => return Parsed::Garbage,
        };
        match status {
            101 | 200..=999 => return Parsed::Status(status),
            100..=199 => drop(head.drain(..length)),
            _ => return Parsed::Garbage,
        }
    }
}

/// Takes what remains of a small answer off the connection and closes it.
pub async fn drain(rest: Rest) {
    let drained = async {
        match rest {
            Rest::Http1(connection) => drain_connection(connection).await,
            Rest::Http2(call) => call.finish().await,
        }
    };
    // The bound is the point; what did not fit is thrown away with the connection.
    let _ = tokio::time::timeout(DRAIN_TIME, drained).await;
}

async fn drain_connection(mut connection: Connection) {
    let mut scratch = [0_u8; 8 << 10];
    let mut left = DRAIN_BYTES;
    while left > 0 {
        match connection.read(&mut scratch).await {
            Ok(0) | Err(_) => break,
            Ok(n) => left = left.saturating_sub(n),
        }
    }
    // Over TLS this says that nothing follows; the target may be gone already.
    let _ = connection.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<u16> {
        match parse(&mut text.as_bytes().to_vec()) {
            Parsed::Status(status) => Some(status),
            Parsed::Garbage => Some(0),
            Parsed::Partial => None,
        }
    }

    #[test]
    fn the_status_of_the_final_answer_counts() {
        let table = [
            ("HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody", Some(200)),
            ("HTTP/1.0 404 Not Found\r\n\r\n", Some(404)),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 \r\n\r\n",
                Some(204),
            ),
            ("HTTP/1.1 101 Switching Protocols\r\n\r\n", Some(101)),
            ("HTTP/1.1 100 Continue\r\n\r\n", None),
            ("HTTP/1.1 200 OK\r\nA: b\r\n", None),
            ("HTTP/1.1 2", None),
            ("", None),
            ("SSH-2.0-OpenSSH_9.2\r\n", Some(0)),
            ("HTTP/1.1 2000 OK\r\n\r\n", Some(0)),
            ("HTTP/1.1 099 X\r\n\r\n", Some(0)),
        ];
        for (text, status) in table {
            assert_eq!(parsed(text), status, "{text:?}");
        }
    }
}
