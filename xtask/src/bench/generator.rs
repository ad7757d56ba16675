//! The load generator and its targets: one process, one thread, one epoll.
//!
//! Client and targets share a core so that a proxy gets the other one to itself, and together they must cost less per
//! request than the proxy does - otherwise the generator is what is measured. So there is no allocation per request
//! and one receive and one send per turn on each side. Jobs come as JSON lines on stdin, results go to stdout, and the end of
//! stdin ends the process. It speaks just the HTTP/1.1 that the bench needs: GET, keep-alive, Content-Length.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};

use super::load::{Hello, Job, Measured};

/// Both targets; two addresses, so that a balancer has something to balance.
const TARGET_ADDRESSES: [&str; 2] = ["127.0.0.11:0", "127.0.0.12:0"];
/// The most client connections of a job.
const MAXIMUM_CONNECTIONS: usize = 4096;
/// The longest job.
const MAXIMUM_DURATION: Duration = Duration::from_secs(120);
/// The most requests of a job, whatever its duration.
const MAXIMUM_REQUESTS: u64 = 100_000_000;
/// Requests of a job that may fail before it is given up.
const MAXIMUM_ERRORS: u64 = 10_000;
/// How long answers may be missing altogether before a job is given up.
const SILENCE: Duration = Duration::from_secs(10);
/// Bytes read at once; larger than any answer.
const BUFFER_BYTES: usize = 256 * 1024;
/// The largest head that is put together from pieces.
const MAXIMUM_HEAD_BYTES: usize = 16 * 1024;
/// Events taken from the kernel per turn.
const EVENTS_PER_TURN: usize = 256;
/// Latencies are counted in buckets of 2 µs up to this many; longer ones count as the last.
const LATENCY_BUCKETS: usize = 1 << 18;

const STDIN: u64 = u64::MAX;

/// Runs until stdin ends.
///
/// # Errors
/// When the sockets cannot be opened or a job is not understood.
pub fn run() -> Result<()> {
    let mut generator = Generator::new()?;
    say(&Hello { targets: generator.target_addresses()? })?;
    let mut input = Vec::new();
    while generator.wait_for_line(&mut input)? {
        while let Some(end) = input.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = input.drain(..=end).collect();
            let job = serde_json::from_slice(&line).context("a job that is not JSON")?;
            say(&generator.run_job(&job)?)?;
        }
    }
    Ok(())
}

fn say(message: &impl serde::Serialize) -> Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(&line)?;
    Ok(stdout.flush()?)
}

struct Generator {
    epoll: OwnedFd,
    /// The token of a socket is its index.
    sockets: Vec<Option<Socket>>,
    free: Vec<usize>,
    events: Vec<epoll::Event>,
    buffer: Vec<u8>,
    answers: Answers,
    job: Option<Running>,
}

enum Socket {
    Listener(TcpListener),
    Target(TargetConnection),
    Client(ClientConnection),
}

/// A connection that a proxy opened to one of the targets.
struct TargetConnection {
    stream: TcpStream,
    /// Part of a request head.
    partial: Vec<u8>,
    unsent: Vec<u8>,
}

/// A connection of the load.
struct ClientConnection {
    stream: TcpStream,
    sent_at: Instant,
    /// Part of a response head.
    partial: Vec<u8>,
    /// Bytes of the current body that are still to come.
    missing_body: usize,
}

struct Running {
    address: SocketAddr,
    request: Vec<u8>,
    latencies: Vec<u32>,
    requests: u64,
    errors: u64,
    last_answer: Instant,
}

/// What the targets answer, ready to send.
struct Answers {
    small: Vec<u8>,
    large: Vec<u8>,
}

impl Answers {
    fn new() -> Self {
        Self { small: answer(100), large: answer(10 * 1024) }
    }

    fn to(&self, head: &[u8]) -> &[u8] {
        if head.starts_with(b"GET /10k") { &self.large } else { &self.small }
    }
}

fn answer(bytes: usize) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 200 OK\r\nServer: target\r\nContent-Type: text/plain\r\nContent-Length: {bytes}\r\n\r\n");
    [head.into_bytes(), vec![b'x'; bytes]].concat()
}

impl Generator {
    fn new() -> Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut generator = Self {
            epoll,
            sockets: Vec::new(),
            free: Vec::new(),
            events: Vec::with_capacity(EVENTS_PER_TURN),
            buffer: vec![0; BUFFER_BYTES],
            answers: Answers::new(),
            job: None,
        };
        for address in TARGET_ADDRESSES {
            let listener = TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
            listener.set_nonblocking(true)?;
            generator.add(Socket::Listener(listener))?;
        }
        epoll::add(&generator.epoll, rustix::stdio::stdin(), epoll::EventData::new_u64(STDIN), epoll::EventFlags::IN)?;
        Ok(generator)
    }

    fn target_addresses(&self) -> Result<Vec<SocketAddr>> {
        let listeners = self.sockets.iter().flatten().filter_map(|socket| match socket {
            Socket::Listener(listener) => Some(listener.local_addr()),
            Socket::Target(_) | Socket::Client(_) => None,
        });
        Ok(listeners.collect::<std::io::Result<_>>()?)
    }

    fn add(&mut self, socket: Socket) -> Result<usize> {
        let index = self.free.pop().unwrap_or(self.sockets.len());
        epoll::add(&self.epoll, socket.as_fd(), epoll::EventData::new_u64(index as u64), epoll::EventFlags::IN)?;
        if index == self.sockets.len() {
            self.sockets.push(Some(socket));
        } else {
            self.sockets[index] = Some(socket);
        }
        Ok(index)
    }

    /// Closing the descriptor also takes it out of epoll.
    fn remove(&mut self, index: usize) {
        if self.sockets[index].take().is_some() {
            self.free.push(index);
        }
    }

    /// Serves targets until stdin has something; appends it. False at the end of stdin.
    fn wait_for_line(&mut self, input: &mut Vec<u8>) -> Result<bool> {
        while !self.turn(Duration::from_secs(3600))? {}
        let mut bytes = [0; 4096];
        let read = std::io::stdin().lock().read(&mut bytes)?;
        input.extend_from_slice(&bytes[..read]);
        Ok(read > 0)
    }

    fn run_job(&mut self, job: &Job) -> Result<Measured> {
        let duration = Duration::from_millis(job.milliseconds).min(MAXIMUM_DURATION);
        self.job = Some(Running::new(job));
        let connections: Vec<usize> =
            (0..job.connections.min(MAXIMUM_CONNECTIONS)).map(|_| self.connect()).collect::<Result<_>>()?;
        let start = Instant::now();
        while start.elapsed() < duration && self.job.as_ref().is_some_and(Running::goes_on) {
            self.turn(duration.saturating_sub(start.elapsed()))?;
        }
        let seconds = start.elapsed().as_secs_f64();
        // Clients were connected first and may have been replaced since: remove whatever client is left.
        drop(connections);
        self.remove_clients();
        let running = self.job.take().context("no job is running")?;
        running.measured(seconds)
    }

    fn remove_clients(&mut self) {
        for index in 0..self.sockets.len() {
            if matches!(self.sockets[index], Some(Socket::Client(_))) {
                self.remove(index);
            }
        }
    }

    /// One round of events. True when stdin is readable.
    fn turn(&mut self, wait: Duration) -> Result<bool> {
        self.events.clear();
        let limit = Timespec::try_from(wait.max(Duration::from_millis(1))).context("a wait that is too long")?;
        match epoll::wait(&self.epoll, spare_capacity(&mut self.events), Some(&limit)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut stdin_is_readable = false;
        for at in 0..self.events.len() {
            let token = self.events[at].data.u64();
            if token == STDIN {
                stdin_is_readable = true;
            } else {
                self.serve(usize::try_from(token)?)?;
            }
        }
        Ok(stdin_is_readable)
    }

    fn serve(&mut self, index: usize) -> Result<()> {
        // Taken out while it is served, so that serving may add and remove others.
        let Some(mut socket) = self.sockets.get_mut(index).and_then(Option::take) else { return Ok(()) };
        let keep = match &mut socket {
            Socket::Listener(listener) => self.accept(listener)?,
            Socket::Target(connection) => self.serve_target(connection, index)?,
            Socket::Client(connection) => self.serve_client(connection),
        };
        if keep {
            self.sockets[index] = Some(socket);
            return Ok(());
        }
        let was_client = matches!(socket, Socket::Client(_));
        drop(socket);
        self.free.push(index);
        if was_client { self.connect().map(drop) } else { Ok(()) }
    }

    fn accept(&mut self, listener: &TcpListener) -> Result<bool> {
        loop {
            match listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(true)?;
                    stream.set_nodelay(true)?;
                    self.add(Socket::Target(TargetConnection { stream, partial: Vec::new(), unsent: Vec::new() }))?;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn serve_target(&mut self, connection: &mut TargetConnection, index: usize) -> Result<bool> {
        if !connection.unsent.is_empty() {
            return self.send_rest(connection, index);
        }
        let read = match connection.stream.read(&mut self.buffer) {
            Ok(0) => return Ok(false),
            Ok(read) => read,
            Err(error) => return Ok(error.kind() == ErrorKind::WouldBlock),
        };
        let (complete, partial) =
            answer_all(&mut connection.partial, &self.buffer[..read], &self.answers, &mut connection.unsent);
        connection.partial = partial;
        // The usual case: one whole request, one answer, sent from where it lies.
        let sent = match complete {
            Some(answer) => write_some(&mut connection.stream, answer)
                .map(|sent| connection.unsent.extend_from_slice(&answer[sent..])),
            None => Some(()),
        };
        if sent.is_none() {
            return Ok(false);
        }
        if connection.unsent.is_empty() { Ok(true) } else { self.send_rest(connection, index) }
    }

    fn send_rest(&mut self, connection: &mut TargetConnection, index: usize) -> Result<bool> {
        let Some(sent) = write_some(&mut connection.stream, &connection.unsent) else { return Ok(false) };
        connection.unsent.drain(..sent);
        let wanted = if connection.unsent.is_empty() { epoll::EventFlags::IN } else { epoll::EventFlags::OUT };
        epoll::modify(&self.epoll, &connection.stream, epoll::EventData::new_u64(index as u64), wanted)?;
        Ok(true)
    }

    fn connect(&mut self) -> Result<usize> {
        let job = self.job.as_ref().context("no job is running")?;
        let stream = TcpStream::connect(job.address).with_context(|| format!("cannot connect to {}", job.address))?;
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let mut connection = ClientConnection { stream, sent_at: Instant::now(), partial: Vec::new(), missing_body: 0 };
        connection.stream.write_all(&job.request)?;
        connection.sent_at = Instant::now();
        self.add(Socket::Client(connection))
    }

    /// False when the connection is of no more use; another one takes its place.
    fn serve_client(&mut self, connection: &mut ClientConnection) -> bool {
        let Some(job) = self.job.as_mut() else { return false };
        let read = match connection.stream.read(&mut self.buffer) {
            Ok(read) if read > 0 => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
            Ok(_) | Err(_) => {
                job.errors += 1;
                return false;
            }
        };
        match connection.receive(&self.buffer[..read]) {
            Received::Part => true,
            Received::Whole => job.count(connection.sent_at) && connection.send(&job.request),
            Received::Wrong => {
                job.errors += 1;
                false
            }
        }
    }
}

/// Puts an answer for every whole request of `received` (after `partial`) either into the return value - when there is
/// just one and nothing else waits - or into `unsent`. Also returns what is left of an unfinished request.
fn answer_all<'a>(
    partial: &mut Vec<u8>,
    received: &[u8],
    answers: &'a Answers,
    unsent: &mut Vec<u8>,
) -> (Option<&'a [u8]>, Vec<u8>) {
    if partial.is_empty() && head_end(received) == Some(received.len()) {
        return (Some(answers.to(received)), Vec::new());
    }
    partial.extend_from_slice(received);
    let mut rest = &partial[..];
    while let Some(end) = head_end(rest) {
        unsent.extend_from_slice(answers.to(&rest[..end]));
        rest = &rest[end..];
    }
    (None, rest.to_vec())
}

/// Bytes written; 0 when the socket is full; `None` when it is broken.
fn write_some(stream: &mut TcpStream, bytes: &[u8]) -> Option<usize> {
    match stream.write(bytes) {
        Ok(sent) => Some(sent),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Some(0),
        Err(_) => None,
    }
}

enum Received {
    Part,
    Whole,
    Wrong,
}

impl ClientConnection {
    fn receive(&mut self, bytes: &[u8]) -> Received {
        if self.missing_body > 0 {
            return self.receive_body(bytes.len());
        }
        if self.partial.is_empty() {
            return self.receive_head(bytes);
        }
        let mut whole = std::mem::take(&mut self.partial);
        whole.extend_from_slice(bytes);
        self.receive_head(&whole)
    }

    fn receive_head(&mut self, bytes: &[u8]) -> Received {
        let Some(end) = head_end(bytes) else {
            self.partial = bytes.to_vec();
            return if bytes.len() < MAXIMUM_HEAD_BYTES { Received::Part } else { Received::Wrong };
        };
        let head = &bytes[..end];
        match content_length(head) {
            Some(length) if head.starts_with(b"HTTP/1.1 200") => {
                self.missing_body = length;
                self.receive_body(bytes.len() - end)
            }
            _ => Received::Wrong,
        }
    }

    fn receive_body(&mut self, bytes: usize) -> Received {
        match self.missing_body.checked_sub(bytes) {
            None => Received::Wrong,
            Some(0) => {
                self.missing_body = 0;
                Received::Whole
            }
            Some(missing) => {
                self.missing_body = missing;
                Received::Part
            }
        }
    }

    /// A request is far smaller than an empty socket buffer: anything but a whole write means a broken connection.
    fn send(&mut self, request: &[u8]) -> bool {
        self.sent_at = Instant::now();
        matches!(self.stream.write(request), Ok(sent) if sent == request.len())
    }
}

impl Running {
    fn new(job: &Job) -> Self {
        Self {
            address: job.address,
            request: format!(
                "GET {} HTTP/1.1\r\nHost: bench.elb.localhost\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n",
                job.path
            )
            .into_bytes(),
            latencies: vec![0; LATENCY_BUCKETS],
            requests: 0,
            errors: 0,
            last_answer: Instant::now(),
        }
    }

    /// Counts an answer; false when the job has its fill and nothing more is to be sent.
    fn count(&mut self, sent_at: Instant) -> bool {
        self.last_answer = Instant::now();
        let bucket = self.last_answer.duration_since(sent_at).as_nanos() / 2_000;
        let bucket = usize::try_from(bucket).unwrap_or(usize::MAX).min(LATENCY_BUCKETS - 1);
        self.latencies[bucket] += 1;
        self.requests += 1;
        self.requests < MAXIMUM_REQUESTS
    }

    fn goes_on(&self) -> bool {
        self.requests < MAXIMUM_REQUESTS && self.errors < MAXIMUM_ERRORS && self.last_answer.elapsed() < SILENCE
    }

    fn measured(&self, seconds: f64) -> Result<Measured> {
        if self.requests == 0 {
            bail!("no request to {} was answered with 200 ({} errors)", self.address, self.errors);
        }
        Ok(Measured {
            requests: self.requests,
            errors: self.errors,
            seconds,
            p50_us: self.percentile(0.5),
            p99_us: self.percentile(0.99),
        })
    }

    fn percentile(&self, share: f64) -> f64 {
        let wanted = share * self.requests as f64;
        let mut seen = 0.0;
        for (bucket, count) in self.latencies.iter().enumerate() {
            seen += f64::from(*count);
            if seen >= wanted {
                return bucket as f64 * 2.0 + 1.0;
            }
        }
        LATENCY_BUCKETS as f64 * 2.0
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Listener(listener) => listener.as_fd(),
            Self::Target(connection) => connection.stream.as_fd(),
            Self::Client(connection) => connection.stream.as_fd(),
        }
    }
}

/// Where the head ends (behind its empty line), if `bytes` hold a whole one.
///
/// Looks at every fourth byte only: one of four consecutive bytes of the mark is always hit.
fn head_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 3;
    while at < bytes.len() {
        match bytes[at] {
            b'\n' if bytes[at - 3..=at] == *b"\r\n\r\n" => return Some(at + 1),
            b'\r' | b'\n' => at += 1,
            _ => at += 4,
        }
    }
    None
}

fn content_length(head: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let line = head
        .split(|byte| *byte == b'\n')
        .find(|line| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME)))?;
    std::str::from_utf8(&line[NAME.len()..]).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_head_is_found_at_every_offset() {
        for padding in 0..9 {
            let head = format!("GET /{} HTTP/1.1\r\nA: b\r\n\r\n", "x".repeat(padding));
            assert_eq!(head_end(head.as_bytes()), Some(head.len()), "{head:?}");
            assert_eq!(head_end(format!("{head}body").as_bytes()), Some(head.len()));
            assert_eq!(head_end(&head.as_bytes()[..head.len() - 1]), None);
        }
    }

    #[test]
    fn every_whole_request_gets_an_answer_and_the_rest_is_kept() {
        let answers = Answers::new();
        let mut unsent = Vec::new();
        let (direct, rest) = answer_all(&mut Vec::new(), b"GET /s HTTP/1.1\r\n\r\n", &answers, &mut unsent);
        assert_eq!((direct, rest.len(), unsent.len()), (Some(&answers.small[..]), 0, 0));

        let mut partial = b"GET /10k HT".to_vec();
        let (direct, rest) =
            answer_all(&mut partial, b"TP/1.1\r\n\r\nGET /s HTTP/1.1\r\n\r\nGET", &answers, &mut unsent);
        assert_eq!((direct, &rest[..]), (None, &b"GET"[..]));
        assert_eq!(unsent, [&answers.large[..], &answers.small[..]].concat());
    }

    #[test]
    fn lengths_are_read_whatever_the_case() {
        assert_eq!(content_length(b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 100\r\n\r\n"), Some(100));
        assert_eq!(content_length(b"HTTP/1.1 200 OK\r\nX-Content-Length: 5\r\n\r\n"), None);
    }

    #[test]
    fn a_response_in_pieces_is_one_response_and_a_wrong_status_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut client = ClientConnection { stream, sent_at: Instant::now(), partial: Vec::new(), missing_body: 0 };
        let answer = answer(100);
        for (at, byte) in answer.iter().enumerate() {
            let whole = matches!(client.receive(&[*byte]), Received::Whole);
            assert_eq!(whole, at + 1 == answer.len(), "at byte {at}");
        }
        assert!(matches!(
            client.receive(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
            Received::Wrong
        ));
        assert!(
            matches!(client.receive(&[answer.clone(), b"x".to_vec()].concat()), Received::Wrong),
            "more than was announced"
        );
    }
}
