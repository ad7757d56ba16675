//! The web site of the built-in demonstration image: one page that says which instance answers and what it was sent.
//!
//! HTTP/1.1 with keep-alive and pipelining in two threads over epoll, with a bound on everything. It is an example target,
//! not a web server: request bodies are read and dropped, and a chunked one is refused. It shows nothing of its
//! environment but the instance's id and zone. `/busy/MILLISECONDS` is a page that takes so much of a processor.

use rustix::event::{
    Timespec,
    epoll::{self, CreateFlags, Event, EventData, EventFlags},
};
use std::{
    collections::HashMap,
    fmt::Write as _,
    io::{self, Read, Write},
    net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream},
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

/// Each has connections of its own; one that works on a page does not hold up the other's.
const THREADS: usize = 2;
/// The most connections of a thread at a time; more wait in the listener's queue.
const MAXIMUM_CONNECTIONS: usize = 4096;
/// The longest request head, in bytes.
const MAXIMUM_HEAD: usize = 16 << 10;
/// The most header fields of a request.
const MAXIMUM_FIELDS: usize = 100;
/// Answers wait in memory up to this; then requests are not read until the client has taken some.
const MAXIMUM_UNSENT: usize = 64 << 10;
/// A connection on which nothing happens for this long is closed: longer than a load balancer keeps its own open.
const IDLE_TIMEOUT: Duration = Duration::from_secs(120);
/// How long a client may go on sending after the last answer, before it is cut off. Closing at once would make the
/// system reset the connection, and the client could lose the answer.
const LINGER: Duration = Duration::from_secs(5);
/// How often idle connections are looked for.
const SWEEP: Duration = Duration::from_secs(10);
/// The most work that one page takes.
const MAXIMUM_WORK: Duration = Duration::from_millis(100);
/// The epoll datum of the listener; connections count from 1.
const LISTENER: u64 = 0;

/// Serves on this address until the process ends.
///
/// # Errors
/// When the address cannot be bound.
pub fn run(host: IpAddr, port: u16) -> io::Result<()> {
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| "unknown".to_owned());
    let identity = Identity { instance: variable("GORU_INSTANCE_ID"), zone: variable("GORU_ZONE") };
    let listener = TcpListener::bind(SocketAddr::new(host, port))?;
    for _ in 1..THREADS {
        let other = Site::new(listener.try_clone()?, identity.clone())?;
        std::thread::Builder::new().name("site".to_owned()).spawn(move || other.serve())?;
    }
    Site::new(listener, identity)?.serve()
}

/// Who answers.
#[derive(Clone)]
struct Identity {
    instance: String,
    zone: String,
}

struct Site {
    identity: Identity,
    listener: TcpListener,
    listening: bool,
    epoll: OwnedFd,
    connections: HashMap<u64, Connection>,
    next: u64,
}

struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
    unsent: Vec<u8>,
    /// Bytes of a request body that are still to be dropped.
    body_left: u64,
    /// To be closed once everything is sent.
    closing: bool,
    /// Everything is sent and the client knows; what it still sends is dropped.
    lingering: bool,
    interest: EventFlags,
    active_at: Instant,
}

/// What to do with a connection after it was served.
#[derive(PartialEq, Eq)]
enum Fate {
    Keep,
    Close,
}

impl Site {
    fn new(listener: TcpListener, identity: Identity) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
        Ok(Self { identity, listener, listening: true, epoll, connections: HashMap::new(), next: LISTENER + 1 })
    }

    fn serve(mut self) -> io::Result<()> {
        let timeout = Timespec::try_from(SWEEP).map_err(io::Error::other)?;
        let mut swept_at = Instant::now();
        let mut events = Vec::with_capacity(256);
        loop {
            events.clear();
            match epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut events), Some(&timeout)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in &events {
                self.handle(event);
            }
            if swept_at.elapsed() >= SWEEP {
                swept_at = Instant::now();
                self.connections.retain(|_, connection| connection.fresh());
            }
            self.listen_again();
        }
    }

    fn handle(&mut self, event: &Event) {
        // The fields of a packed structure are copied out.
        let (data, flags) = (event.data, event.flags);
        let key = data.u64();
        if key == LISTENER {
            return self.accept();
        }
        let Some(connection) = self.connections.get_mut(&key) else { return };
        let fate = if flags.contains(EventFlags::ERR) { Fate::Close } else { connection.serve(&self.identity) };
        let wanted = connection.wanted();
        let kept = fate == Fate::Keep
            && (wanted == connection.interest
                || epoll::modify(&self.epoll, &connection.stream, EventData::new_u64(key), wanted).is_ok());
        connection.interest = wanted;
        if !kept {
            self.connections.remove(&key);
        }
    }

    fn accept(&mut self) {
        while self.connections.len() < MAXIMUM_CONNECTIONS {
            match self.listener.accept() {
                Ok((stream, _)) => self.admit(stream),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Nobody waits, or no descriptor is free: in that case those who wait are taken after a sweep.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => break,
            }
        }
        self.listening = epoll::delete(&self.epoll, &self.listener).is_err();
    }

    fn listen_again(&mut self) {
        if !self.listening && self.connections.len() < MAXIMUM_CONNECTIONS {
            let data = EventData::new_u64(LISTENER);
            self.listening = epoll::add(&self.epoll, &self.listener, data, EventFlags::IN).is_ok();
        }
    }

    fn admit(&mut self, stream: TcpStream) {
        let key = self.next;
        self.next += 1;
        let ready = stream.set_nonblocking(true).is_ok() && stream.set_nodelay(true).is_ok();
        if ready && epoll::add(&self.epoll, &stream, EventData::new_u64(key), EventFlags::IN).is_ok() {
            self.connections.insert(key, Connection::new(stream));
        }
    }
}

impl Connection {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            received: Vec::new(),
            unsent: Vec::new(),
            body_left: 0,
            closing: false,
            lingering: false,
            interest: EventFlags::IN,
            active_at: Instant::now(),
        }
    }

    fn wanted(&self) -> EventFlags {
        let mut flags = EventFlags::empty();
        flags.set(EventFlags::OUT, !self.unsent.is_empty());
        flags.set(EventFlags::IN, self.lingering || !self.closing && self.unsent.len() < MAXIMUM_UNSENT);
        flags
    }

    /// Whether it may stay, as far as its activity goes.
    fn fresh(&self) -> bool {
        self.active_at.elapsed() < if self.lingering { LINGER } else { IDLE_TIMEOUT }
    }

    fn linger(&mut self) -> Fate {
        match self.stream.read(&mut [0_u8; MAXIMUM_HEAD]) {
            Ok(0) => Fate::Close,
            Ok(_) => Fate::Keep,
            Err(error) if would_wait(&error) => Fate::Keep,
            Err(_) => Fate::Close,
        }
    }

    fn serve(&mut self, identity: &Identity) -> Fate {
        if self.lingering {
            return self.linger();
        }
        self.active_at = Instant::now();
        let mut piece = [0_u8; MAXIMUM_HEAD];
        if !self.closing && self.unsent.len() < MAXIMUM_UNSENT {
            match self.stream.read(&mut piece) {
                Ok(0) => return Fate::Close,
                Ok(length) => self.received.extend_from_slice(&piece[..length]),
                Err(error) if would_wait(&error) => {}
                Err(_) => return Fate::Close,
            }
        }
        loop {
            while self.unsent.len() < MAXIMUM_UNSENT && self.answer_next(identity) {}
            match self.send() {
                Fate::Close => return Fate::Close,
                // Answers that wait for room were the only reason not to go on.
                Fate::Keep if self.unsent.is_empty() && self.has_whole_head() => {}
                Fate::Keep => return Fate::Keep,
            }
        }
    }

    fn has_whole_head(&self) -> bool {
        !self.closing && self.body_left == 0 && self.received.windows(4).any(|end| end == b"\r\n\r\n")
    }

    /// Answers one request of those received; `false` when there is none whole.
    fn answer_next(&mut self, identity: &Identity) -> bool {
        let dropped = usize::try_from(self.body_left).unwrap_or(usize::MAX).min(self.received.len());
        self.received.drain(..dropped);
        self.body_left -= dropped as u64;
        if self.body_left > 0 || self.closing || self.received.is_empty() {
            return false;
        }
        match take_request(&self.received) {
            Parsed::Incomplete if self.received.len() >= MAXIMUM_HEAD => {
                self.refuse(431, "Request Header Fields Too Large")
            }
            Parsed::Incomplete => return false,
            Parsed::Bad => self.refuse(400, "Bad Request"),
            Parsed::Chunked => self.refuse(411, "Length Required"),
            Parsed::Whole(request) => {
                let answer = answer(&request, identity);
                self.received.drain(..request.head_length);
                self.body_left = request.content_length;
                self.closing = !request.keep_alive;
                self.unsent.extend_from_slice(&answer);
            }
        }
        true
    }

    fn refuse(&mut self, status: u16, reason: &str) {
        self.closing = true;
        self.received.clear();
        self.unsent.extend_from_slice(&response(status, reason, "text/plain", "", reason, false, true));
    }

    fn send(&mut self) -> Fate {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(0) => return Fate::Close,
                Ok(length) => drop(self.unsent.drain(..length)),
                Err(error) if would_wait(&error) => return Fate::Keep,
                Err(_) => return Fate::Close,
            }
        }
        if self.closing && !self.lingering {
            self.lingering = true;
            if self.stream.shutdown(Shutdown::Write).is_err() {
                return Fate::Close;
            }
        }
        Fate::Keep
    }
}

fn would_wait(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// What the received bytes begin with.
enum Parsed {
    Incomplete,
    Bad,
    Chunked,
    Whole(Request),
}

/// A request, as far as this site cares.
struct Request {
    head: bool,
    path: String,
    wants_html: bool,
    keep_alive: bool,
    /// `Host` and what load balancers add, in the order received.
    shown: Vec<(String, String)>,
    head_length: usize,
    content_length: u64,
}

fn take_request(bytes: &[u8]) -> Parsed {
    let mut fields = [httparse::EMPTY_HEADER; MAXIMUM_FIELDS];
    let mut parsed = httparse::Request::new(&mut fields);
    let head_length = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Parsed::Incomplete,
        Err(_) => return Parsed::Bad,
    };
    let value = |name: &str| parsed.headers.iter().find(|field| field.name.eq_ignore_ascii_case(name)).map(text);
    if value("transfer-encoding").is_some() {
        return Parsed::Chunked;
    }
    let Ok(content_length) = value("content-length").unwrap_or_else(|| "0".to_owned()).trim().parse() else {
        return Parsed::Bad;
    };
    let connection = value("connection").unwrap_or_default().to_ascii_lowercase();
    let target = parsed.path.unwrap_or("/");
    Parsed::Whole(Request {
        head: parsed.method == Some("HEAD"),
        path: target.split('?').next().unwrap_or("/").to_owned(),
        wants_html: value("accept").is_some_and(|accept| accept.contains("text/html")),
        keep_alive: parsed.version == Some(1) && !connection.split(',').any(|token| token.trim() == "close"),
        shown: parsed.headers.iter().filter(|field| shown(field.name)).map(|f| (f.name.to_owned(), text(f))).collect(),
        head_length,
        content_length,
    })
}

fn text(field: &httparse::Header<'_>) -> String {
    String::from_utf8_lossy(field.value).into_owned()
}

fn shown(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "host" || name == "x-amzn-trace-id" || name.starts_with("x-forwarded-")
}

fn answer(request: &Request, identity: &Identity) -> Vec<u8> {
    let Request { head, keep_alive, .. } = request;
    let extra = format!("x-instance-id: {}\r\n", identity.instance);
    let make = |status, reason, kind, body: &str| response(status, reason, kind, &extra, body, *head, !*keep_alive);
    let path = match request.path.strip_prefix("/busy/").and_then(|millis| millis.parse().ok()) {
        Some(millis) => {
            work(Duration::from_millis(millis).min(MAXIMUM_WORK));
            "/"
        }
        None => &request.path,
    };
    match path {
        "/" if request.wants_html => make(200, "OK", "text/html; charset=utf-8", &page(request, identity)),
        "/" => make(200, "OK", "text/plain; charset=utf-8", &plain(request, identity)),
        "/health" => make(200, "OK", "text/plain; charset=utf-8", "ok\n"),
        _ => make(404, "Not Found", "text/plain; charset=utf-8", "not found\n"),
    }
}

/// Keeps the processor busy, as rendering a page would.
fn work(time: Duration) {
    let began = Instant::now();
    while began.elapsed() < time {
        std::hint::spin_loop();
    }
}

fn response(status: u16, reason: &str, kind: &str, extra: &str, body: &str, head: bool, close: bool) -> Vec<u8> {
    let connection = if close { "connection: close\r\n" } else { "" };
    let length = body.len();
    let mut answer = format!(
        "HTTP/1.1 {status} {reason}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n{extra}{connection}\r\n"
    );
    if !head {
        answer.push_str(body);
    }
    answer.into_bytes()
}

fn plain(request: &Request, identity: &Identity) -> String {
    let mut body = format!("instance: {}\nzone: {}\n", identity.instance, identity.zone);
    for (name, value) in &request.shown {
        let _ = writeln!(body, "{}: {value}", name.to_ascii_lowercase());
    }
    body
}

fn page(request: &Request, identity: &Identity) -> String {
    let mut rows = String::new();
    for (name, value) in &request.shown {
        let _ = write!(rows, "<tr><th>{}</th><td>{}</td></tr>", escape(&name.to_ascii_lowercase()), escape(value));
    }
    format!(
        "<!doctype html><meta charset=utf-8><title>Goru</title><style>body{{font:16px/1.5 system-ui,sans-serif;\
         max-width:40em;margin:4em auto;padding:0 1em}}th{{text-align:left;font-weight:400;color:#666;padding-right:2em}}\
         h1{{font-size:1.4em}}code{{background:#eef;padding:.1em .4em}}</style>\
         <h1>Hello from <code>{}</code></h1><p>This page was made in zone <b>{}</b>. Load it again: another instance may \
         answer.</p><table>{rows}</table>\n",
        escape(&identity.instance),
        escape(&identity.zone)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity { instance: "i-1".to_owned(), zone: "zone-a".to_owned() }
    }

    /// Sends bytes to a site on an ephemeral port and reads until it closes.
    fn exchange(requests: &[u8]) -> String {
        let site = Site::new(TcpListener::bind("127.0.0.1:0").unwrap(), identity()).unwrap();
        let address = site.listener.local_addr().unwrap();
        std::thread::spawn(|| site.serve());
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.write_all(requests).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn the_page_names_the_instance_and_shows_forwarded_headers_escaped() {
        let get = "GET /?x=1 HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: <b>\r\nCookie: secret\r\nAccept: text/html\r\nConnection: close\r\n\r\n";
        let answer = exchange(get.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        for part in ["i-1", "zone-a", "x-forwarded-for", "&lt;b&gt;", "connection: close"] {
            assert!(answer.contains(part), "{part} in {answer}");
        }
        assert!(!answer.contains("secret") && !answer.contains("<b>&") && !answer.contains("cookie"), "{answer}");
    }

    #[test]
    fn plain_text_is_for_clients_that_do_not_ask_for_html() {
        let answer = exchange(b"GET / HTTP/1.1\r\nHost: a\r\nX-Amzn-Trace-Id: Root=1\r\nConnection: close\r\n\r\n");
        assert!(answer.ends_with("instance: i-1\nzone: zone-a\nhost: a\nx-amzn-trace-id: Root=1\n"), "{answer}");
    }

    #[test]
    fn work_takes_its_time_and_not_more_than_the_bound() {
        let began = Instant::now();
        let answer = exchange(b"GET /busy/30 HTTP/1.1\r\nHost: a\r\n\r\nGET /busy/99999999 HTTP/1.0\r\n\r\n");
        assert!(began.elapsed() >= Duration::from_millis(30) + MAXIMUM_WORK);
        assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2, "{answer}");
        assert!(exchange(b"GET /busy/x HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 404 "));
    }

    #[test]
    fn pipelined_requests_are_answered_in_order_and_bodies_are_dropped() {
        let answer = exchange(
            b"POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloHEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.0\r\n\r\n",
        );
        let statuses: Vec<&str> = answer.lines().filter(|line| line.starts_with("HTTP/1.1 ")).collect();
        assert_eq!(statuses, ["HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"]);
        assert_eq!(answer.matches("instance: i-1").count(), 0, "HEAD has no body");
    }

    #[test]
    fn more_pipelined_answers_than_fit_in_memory_all_arrive() {
        let count = 5_000;
        let mut requests = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(count);
        requests.push_str("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let site = Site::new(TcpListener::bind("127.0.0.1:0").unwrap(), identity()).unwrap();
        let address = site.listener.local_addr().unwrap();
        std::thread::spawn(|| site.serve());
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut writer = stream.try_clone().unwrap();
        let writing = std::thread::spawn(move || writer.write_all(requests.as_bytes()));
        let mut answers = String::new();
        stream.read_to_string(&mut answers).unwrap();
        writing.join().unwrap().unwrap();
        assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), count + 1);
    }

    #[test]
    fn what_it_cannot_read_is_refused_and_the_connection_closed() {
        let long = format!("GET / HTTP/1.1\r\nHost: {}\r\n", "a".repeat(MAXIMUM_HEAD));
        for (request, status) in [
            ("nonsense\r\n\r\n", "400"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "411"),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "400"),
            (&long, "431"),
        ] {
            let answer = exchange(request.as_bytes());
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{status}: {answer}");
        }
    }
}
