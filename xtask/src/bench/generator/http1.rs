//! A client connection that speaks HTTP/1.1: one request at a time, and its whole answer.

use std::rc::Rc;
use std::time::Instant;

use rustix::event::epoll::EventFlags;

use super::After;
use super::message::{content_length, fields, head_end, says, status};
use super::running::Running;
use super::wire::{Broken, Received, Wire};

/// The largest head that is put together from pieces.
const MAXIMUM_HEAD_BYTES: usize = 16 * 1024;

/// A connection.
pub struct Http1 {
    wire: Wire,
    /// Its number among the sockets.
    number: usize,
    state: State,
    since: Instant,
    answer: AnswerReader,
    sticky: Option<Sticky>,
}

/// A client that stays with a target.
struct Sticky {
    /// Its own request, with its cookies.
    text: Rc<[u8]>,
    /// The target, once it is known.
    target: Option<Vec<u8>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The TLS handshake runs.
    Greeting,
    Waiting,
    Idle,
}

impl Http1 {
    /// Begins: with the first request in clear text, with the handshake over TLS.
    pub fn begin(wire: Wire, number: usize, running: &mut Running) -> Result<Self, Broken> {
        let answer = AnswerReader::new(running.job.answer_bytes);
        let mut client = Self { wire, number, state: State::Greeting, since: Instant::now(), answer, sticky: None };
        if client.wire.is_open() {
            client.next(running)?;
        } else {
            client.wire.flush()?;
        }
        Ok(client)
    }

    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    pub fn interest(&self) -> EventFlags {
        if self.wire.has_unsent() { EventFlags::IN | EventFlags::OUT } else { EventFlags::IN }
    }

    /// Goes on after an event.
    pub fn serve(&mut self, buffer: &mut [u8], running: &mut Running) -> After {
        match self.advance(buffer, running) {
            Ok(true) => After::Keep,
            Ok(false) => After::Replace,
            Err(reason) => After::Failed(reason),
        }
    }

    /// True while the connection is of use.
    fn advance(&mut self, buffer: &mut [u8], running: &mut Running) -> Result<bool, Broken> {
        if self.wire.has_unsent() {
            self.wire.flush()?;
        }
        let (answer, capture) = (&mut self.answer, &mut running.capture);
        let skip = if capture.is_some() { 0 } else { answer.missing_body };
        let received = self.wire.receive(skip, buffer, |text| {
            if let Some(capture) = capture {
                capture.extend_from_slice(text);
            }
            answer.take(text);
        })?;
        match received {
            Received::Nothing => return Ok(true),
            Received::End if self.state == State::Idle => return Ok(false),
            Received::End => return Err(self.ended()),
            Received::Skipped(count) => self.answer.take_body(count),
            Received::Bytes(_) => {}
        }
        if self.state == State::Greeting {
            return self.greet(running).map(|()| true);
        }
        self.conclude(running)
    }

    fn ended(&self) -> Broken {
        let when = match self.state {
            State::Greeting => "during the handshake",
            State::Waiting if self.answer.has_begun() => "within an answer",
            State::Waiting | State::Idle => "instead of an answer",
        };
        format!("the connection ended {when}")
    }

    fn greet(&mut self, running: &mut Running) -> Result<(), Broken> {
        if !self.wire.is_open() {
            return self.wire.flush();
        }
        running.tally.handshake(self.wire.is_resumed() == Some(true));
        self.next(running)
    }

    fn conclude(&mut self, running: &mut Running) -> Result<bool, Broken> {
        match self.answer.outcome.take() {
            None => return Ok(true),
            Some(Err(reason)) => return Err(reason),
            Some(Ok(())) => {}
        }
        if self.state == State::Idle {
            return Err("an answer to no request".to_owned());
        }
        if running.job.sticky {
            self.stick(running)?;
        }
        running.tally.answered(self.since);
        if running.job.close || self.answer.says_close || running.capture.is_some() {
            return Ok(false);
        }
        self.next(running)?;
        Ok(true)
    }

    /// Keeps the cookies of the first answer; later answers must come from the same target.
    fn stick(&mut self, running: &Running) -> Result<(), Broken> {
        let head = &self.answer.head;
        let target = fields(head, "x-target").next();
        let Some(sticky) = &mut self.sticky else {
            let cookies = fields(head, "set-cookie").filter_map(|field| field.split(|byte| *byte == b';').next());
            let cookies: Vec<_> = cookies.map(String::from_utf8_lossy).collect();
            if cookies.is_empty() {
                return Err("no cookie".to_owned());
            }
            // Where the balancer goes by the cookie's text, the answer that sets it may be from any target.
            self.sticky = Some(Sticky { text: running.text_with(&cookies.join("; ")), target: None });
            return Ok(());
        };
        match &sticky.target {
            Some(first) if target != Some(first) => return Err("an answer from another target".to_owned()),
            Some(_) => {}
            None => sticky.target = target.map(<[u8]>::to_vec),
        }
        Ok(())
    }

    /// Sends the next request, or waits for its turn.
    fn next(&mut self, running: &mut Running) -> Result<(), Broken> {
        self.state = State::Idle;
        match running.may_send(self.number) {
            Some(since) => self.send(since, running),
            // What belongs to the handshake goes at once.
            None => self.wire.flush(),
        }
    }

    /// Sends a request that is due since then.
    pub fn send(&mut self, since: Instant, running: &mut Running) -> Result<(), Broken> {
        (self.state, self.since) = (State::Waiting, since);
        match &self.sticky {
            Some(sticky) => self.wire.send(&sticky.text),
            None => self.wire.send(running.next_text()),
        }
    }
}

/// Puts answers together.
struct AnswerReader {
    /// The length that bodies must have; `None`: any.
    wanted_bytes: Option<usize>,
    /// Part of a head.
    partial: Vec<u8>,
    /// The last head; one that is the same needs no reading.
    head: Vec<u8>,
    /// Of the last head.
    body_bytes: usize,
    says_close: bool,
    /// Bytes of the current body that are still to come.
    missing_body: usize,
    /// What came of the answer, once it is whole or wrong.
    outcome: Option<Result<(), Broken>>,
}

impl AnswerReader {
    fn new(wanted_bytes: Option<usize>) -> Self {
        let (partial, head) = (Vec::new(), Vec::new());
        Self { wanted_bytes, partial, head, body_bytes: 0, says_close: false, missing_body: 0, outcome: None }
    }

    fn has_begun(&self) -> bool {
        self.missing_body > 0 || !self.partial.is_empty()
    }

    fn take(&mut self, text: &[u8]) {
        if self.missing_body > 0 {
            return self.take_body(text.len());
        }
        if self.outcome.is_some() {
            self.outcome = Some(Err("more than one answer".to_owned()));
            return;
        }
        if self.partial.is_empty() {
            return self.take_head(text);
        }
        let mut whole = std::mem::take(&mut self.partial);
        whole.extend_from_slice(text);
        self.take_head(&whole);
    }

    fn take_head(&mut self, bytes: &[u8]) {
        let Some(end) = head_end(bytes) else {
            self.partial = bytes.to_vec();
            if bytes.len() >= MAXIMUM_HEAD_BYTES {
                self.outcome = Some(Err("a head that does not end".to_owned()));
            }
            return;
        };
        if self.head != bytes[..end] {
            self.head = bytes[..end].to_vec();
            if let Err(reason) = self.read_head() {
                self.head.clear();
                self.outcome = Some(Err(reason));
                return;
            }
        }
        self.missing_body = self.body_bytes;
        self.take_body(bytes.len() - end);
    }

    fn read_head(&mut self) -> Result<(), Broken> {
        match status(&self.head) {
            Some(200) => {}
            Some(status) => return Err(format!("status {status}")),
            None => return Err("not HTTP/1.1".to_owned()),
        }
        self.body_bytes = content_length(&self.head).ok_or("no Content-Length")?;
        if let Some(wanted) = self.wanted_bytes.filter(|wanted| *wanted != self.body_bytes) {
            return Err(format!("{} bytes instead of {wanted}", self.body_bytes));
        }
        self.says_close = says(&self.head, "connection", "close");
        Ok(())
    }

    /// So many bytes of the body have come.
    fn take_body(&mut self, bytes: usize) {
        match self.missing_body.checked_sub(bytes) {
            None => self.outcome = Some(Err("more than was announced".to_owned())),
            Some(missing) => {
                self.missing_body = missing;
                if missing == 0 {
                    self.outcome = Some(Ok(()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(bytes: usize) -> Vec<u8> {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n");
        [head.into_bytes(), vec![b'x'; bytes]].concat()
    }

    #[test]
    fn an_answer_in_pieces_is_one_answer() {
        let mut reader = AnswerReader::new(Some(100));
        for _ in 0..2 {
            let answer = answer(100);
            for (at, byte) in answer.iter().enumerate() {
                reader.take(&[*byte]);
                assert_eq!(reader.outcome.is_some(), at + 1 == answer.len(), "at byte {at}");
            }
            assert_eq!(reader.outcome.take(), Some(Ok(())));
        }
        reader.take(&answer(100)[..60]);
        assert!(reader.has_begun());
        reader.take_body(reader.missing_body);
        assert_eq!(reader.outcome.take(), Some(Ok(())));
    }

    #[test]
    fn what_is_no_proper_answer_says_why() {
        for (bytes, wanted) in [
            (&b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"[..], "status 503"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", "99 bytes instead of 100"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "no Content-Length"),
            (b"hello\r\n\r\n", "not HTTP/1.1"),
            (&[answer(100), b"x".to_vec()].concat(), "more than was announced"),
            (&vec![b'x'; MAXIMUM_HEAD_BYTES], "a head that does not end"),
        ] {
            let mut reader = AnswerReader::new(Some(100));
            reader.take(bytes);
            assert_eq!(reader.outcome, Some(Err(wanted.to_owned())));
        }
    }

    #[test]
    fn a_proxy_may_say_that_it_closes() {
        let mut reader = AnswerReader::new(None);
        reader.take(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: Close\r\n\r\n");
        assert!(reader.says_close && reader.outcome == Some(Ok(())));
        reader.outcome = None;
        reader.take(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        assert!(!reader.says_close);
    }
}
