//! The targets: they take any request whole, body included, and answer by the last part of its path.
//!
//! `/s`, `/10k` and `/1m` have bodies of those sizes; `/trickle` has 256 kB and comes through a small socket buffer, so that
//! a slow reader is felt; `/echo` gives back the head as it arrived here. Each answer says which target it is from.

use std::net::TcpStream;

use rustix::event::epoll::EventFlags;

use super::message::{BodyReader, head_end};
use super::wire::{Broken, Received, receive_some, send_some, skip_some};
use crate::bench::order::ANSWERS;

/// The largest head.
const MAXIMUM_HEAD_BYTES: usize = 64 * 1024;
/// The send buffer of a connection whose answer is read slowly.
const SMALL_BUFFER_BYTES: usize = 16 * 1024;
/// The body of such an answer: more than sockets and proxies take in for a client that does not read, and not so much that
/// thousands of them exhaust the kernel's memory for TCP.
const TRICKLE_BYTES: usize = 256 * 1024;

/// What both targets answer, ready to send.
pub struct Answers {
    /// By target, then by [`Answer`].
    ready: Vec<[Vec<u8>; 4]>,
}

/// Which answer a request gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Small,
    Medium,
    Large,
    Trickle,
    Echo,
}

impl Answers {
    /// For so many targets.
    pub fn new(targets: usize) -> Self {
        let [small, medium, large] = ANSWERS.map(|(_, bytes)| bytes);
        let of = |target| [small, medium, large, TRICKLE_BYTES].map(|bytes| answer(target, &vec![b'x'; bytes]));
        Self { ready: (0..targets).map(of).collect() }
    }

    fn get(&self, target: usize, answer: Answer) -> &[u8] {
        let of_target = &self.ready[target];
        match answer {
            Answer::Small | Answer::Echo => &of_target[0],
            Answer::Medium => &of_target[1],
            Answer::Large => &of_target[2],
            Answer::Trickle => &of_target[3],
        }
    }
}

fn answer(target: usize, body: &[u8]) -> Vec<u8> {
    let kind = "Content-Type: text/plain";
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nServer: target\r\nX-Target: {target}\r\n{kind}\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

impl Answer {
    /// By the request line of a head.
    fn to(head: &[u8]) -> Self {
        if head.starts_with(b"GET /s ") {
            return Self::Small;
        }
        let path = head.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        match path.rsplit(|byte| *byte == b'/').next().unwrap_or_default() {
            b"10k" => Self::Medium,
            b"1m" => Self::Large,
            b"trickle" => Self::Trickle,
            b"echo" => Self::Echo,
            _ => Self::Small,
        }
    }
}

/// A connection that a proxy opened to a target.
pub struct Target {
    stream: TcpStream,
    number: usize,
    /// What was received and belongs to a head that is not whole, or to a request after the current one.
    unread: Vec<u8>,
    /// The body that is being received, and what its request is answered with.
    body: Option<(BodyReader, Answer)>,
    sending: Option<Sending>,
}

/// An answer on its way, and how much of it is sent.
enum Sending {
    Ready(Answer, usize),
    Made(Vec<u8>, usize),
}

impl Target {
    /// A connection to the target of this number.
    pub fn new(stream: TcpStream, number: usize) -> Self {
        Self { stream, number, unread: Vec::new(), body: None, sending: None }
    }

    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// What it waits for: while an answer is on its way, nothing is received.
    pub fn interest(&self) -> EventFlags {
        if self.sending.is_some() { EventFlags::OUT } else { EventFlags::IN }
    }

    /// Goes on. False: the proxy closed it.
    pub fn serve(&mut self, buffer: &mut [u8], answers: &Answers) -> Result<bool, Broken> {
        if self.sending.is_some() {
            return self.send(answers).map(|()| true);
        }
        let skip = self.body.as_ref().map_or(0, |(body, _)| body.skippable());
        if skip > 0 {
            return self.go_on(skip_some(&self.stream, skip, buffer)?, buffer, answers);
        }
        self.go_on(receive_some(&self.stream, buffer)?, buffer, answers)
    }

    fn go_on(&mut self, received: Received, buffer: &[u8], answers: &Answers) -> Result<bool, Broken> {
        match received {
            Received::Bytes(count) => self.take(&buffer[..count], answers)?,
            Received::Skipped(count) => self.skipped(count, answers)?,
            Received::Nothing => {}
            Received::End => return Ok(false),
        }
        Ok(true)
    }

    fn skipped(&mut self, count: usize, answers: &Answers) -> Result<(), Broken> {
        if let Some((BodyReader::Length(missing), answer)) = &mut self.body {
            *missing = missing.saturating_sub(count);
            if *missing == 0 {
                let answer = *answer;
                self.body = None;
                return self.answer(answer, &[], answers);
            }
        }
        Ok(())
    }

    fn take(&mut self, received: &[u8], answers: &Answers) -> Result<(), Broken> {
        // The usual case: one whole request without a body.
        let is_first = self.unread.is_empty() && self.body.is_none();
        if is_first && received.starts_with(b"GET /s ") && head_end(received) == Some(received.len()) {
            return self.answer(Answer::Small, received, answers);
        }
        self.unread.extend_from_slice(received);
        while self.sending.is_none() && self.take_part(answers)? {}
        Ok(())
    }

    /// Takes a head or a part of a body from what is unread. False: more is needed.
    fn take_part(&mut self, answers: &Answers) -> Result<bool, Broken> {
        let (mut body, answer, head) = match self.body.take() {
            Some((body, answer)) => (body, answer, Vec::new()),
            None => {
                let Some(end) = head_end(&self.unread) else {
                    return if self.unread.len() < MAXIMUM_HEAD_BYTES {
                        Ok(false)
                    } else {
                        Err("a head that does not end".to_owned())
                    };
                };
                let head: Vec<u8> = self.unread.drain(..end).collect();
                (BodyReader::of(&head), Answer::to(&head), head)
            }
        };
        let taken = body.take(&self.unread);
        self.unread.drain(..taken);
        if body.is_whole() {
            return self.answer(answer, &head, answers).map(|()| true);
        }
        self.body = Some((body, answer));
        Ok(false)
    }

    fn answer(&mut self, answer: Answer, head: &[u8], answers: &Answers) -> Result<(), Broken> {
        self.sending = Some(match answer {
            Answer::Echo => Sending::Made(self::answer(self.number, head), 0),
            Answer::Small | Answer::Medium | Answer::Large | Answer::Trickle => Sending::Ready(answer, 0),
        });
        if answer == Answer::Trickle {
            let small = rustix::net::sockopt::set_socket_send_buffer_size(&self.stream, SMALL_BUFFER_BYTES);
            small.map_err(|error| error.to_string())?;
        }
        self.send(answers)
    }

    fn send(&mut self, answers: &Answers) -> Result<(), Broken> {
        let (bytes, sent) = match &mut self.sending {
            Some(Sending::Ready(answer, sent)) => (answers.get(self.number, *answer), sent),
            Some(Sending::Made(bytes, sent)) => (&bytes[..], sent),
            None => return Ok(()),
        };
        *sent += send_some(&self.stream, &bytes[*sent..])?;
        if *sent == bytes.len() {
            self.sending = None;
            // What came behind the request.
            while self.sending.is_none() && !self.unread.is_empty() && self.take_part(answers)? {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::time::Duration;

    fn pair() -> (Target, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        proxy.set_nodelay(true).unwrap();
        proxy.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        (Target::new(listener.accept().unwrap().0, 1), proxy)
    }

    /// What comes back when `request` arrives in pieces of this size.
    fn ask(request: &[u8], piece: usize, wanted: usize) -> Vec<u8> {
        let (mut target, mut proxy) = pair();
        let answers = Answers::new(2);
        let mut buffer = vec![0; 4096];
        for part in request.chunks(piece) {
            proxy.write_all(part).unwrap();
            target.serve(&mut buffer, &answers).unwrap();
        }
        // Where a piece ends one request and begins another, the second part is read at the next event.
        for _ in 0..request.len() {
            target.serve(&mut buffer, &answers).unwrap();
        }
        let mut answer = vec![0; wanted];
        proxy.read_exact(&mut answer).unwrap();
        answer
    }

    #[test]
    fn each_path_has_its_answer_and_each_target_its_number() {
        let answers = Answers::new(2);
        for (path, bytes) in [("/s", 100), ("/rule-7/10k", 10 * 1024), ("/", 100), ("/x?y=/10k", 10 * 1024)] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
            let wanted = answer(1, &vec![b'x'; bytes]);
            assert_eq!(ask(request.as_bytes(), 4096, wanted.len()), wanted, "{path}");
        }
        assert!(answers.get(0, Answer::Large).starts_with(b"HTTP/1.1 200 OK\r\nServer: target\r\nX-Target: 0\r\n"));
    }

    #[test]
    fn requests_with_bodies_are_answered_when_they_are_whole() {
        let wanted = answer(1, &[b'x'; 100]);
        let request = b"POST /s HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789";
        let chunked = b"POST /s HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        for piece in [1, 7, 50, 4096] {
            assert_eq!(ask(request, piece, wanted.len()), wanted);
            assert_eq!(ask(chunked, piece, wanted.len()), wanted);
            let both = [&request[..], chunked, request].concat();
            assert_eq!(ask(&both, piece, 3 * wanted.len()), wanted.repeat(3), "in pieces of {piece}");
        }
    }

    #[test]
    fn an_echo_shows_the_head_as_it_arrived() {
        let head = b"GET /a/echo HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n";
        let wanted = answer(1, head);
        assert_eq!(ask(head, 4096, wanted.len()), wanted);
    }
}
