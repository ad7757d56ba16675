//! Small HTTP targets on ephemeral ports whose behaviour tests choose, and may change while they run.
//!
//! Blocking threads, one per connection: simple, and independent of what is tested. A target can answer anything,
//! nothing, half of it, or reset; it can refuse connections, and end them all at once as if its process were killed.

use socket2::SockRef;
use std::{
    collections::HashMap,
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// The largest head or body that a target reads.
const MAXIMUM_REQUEST: usize = 64 << 20;

/// A request as a target saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenRequest {
    /// The method.
    pub method: String,
    /// The request target.
    pub path: String,
    /// Names as they came, and values.
    pub headers: Vec<(String, String)>,
    /// The body, without its framing.
    pub body: Vec<u8>,
    /// Which connection of the target it came by, counted from 0.
    pub connection: usize,
}

impl SeenRequest {
    /// The first field with a name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What a target does after a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// These bytes; the connection stays open.
    Bytes(Vec<u8>),
    /// These bytes after a while.
    Late(Duration, Vec<u8>),
    /// These bytes, then the connection is closed.
    ThenClose(Vec<u8>),
    /// These bytes, then the connection is reset.
    ThenReset(Vec<u8>),
    /// Nothing, ever.
    Silence,
    /// These bytes, and then everything that comes is sent back.
    ThenEcho(Vec<u8>),
}

impl Reply {
    /// An answer with status 200 and this body.
    pub fn ok(body: impl AsRef<[u8]>) -> Self {
        Self::Bytes(answer("200 OK", &[], body.as_ref()))
    }
}

/// The bytes of an answer with a Content-Length.
pub fn answer(status: &str, fields: &[&str], body: &[u8]) -> Vec<u8> {
    let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
    let mut bytes = format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

type Behaviour = Arc<dyn Fn(&SeenRequest) -> Reply + Send + Sync>;

/// A running target; stops when dropped.
pub struct TestTarget {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    behaviour: Mutex<Behaviour>,
    seen: Mutex<Vec<SeenRequest>>,
    open: Mutex<HashMap<usize, TcpStream>>,
    accepted: AtomicUsize,
    stopped: AtomicBool,
}

impl TestTarget {
    /// A target on an ephemeral port of 127.0.0.1 that answers every request with 200 and `body`.
    pub fn answering(body: &str) -> Self {
        let body = body.to_owned();
        Self::start(move |_| Reply::ok(&body))
    }

    /// A target that does what the function says.
    ///
    /// # Panics
    /// When there is no free port.
    pub fn start(behaviour: impl Fn(&SeenRequest) -> Reply + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind(("127.0.0.1", 0)).expect("a free port"), behaviour)
    }

    /// The same on a listener: how a server comes back at the address that it had.
    ///
    /// # Panics
    /// When the listener is none.
    pub fn on(listener: TcpListener, behaviour: impl Fn(&SeenRequest) -> Reply + Send + Sync + 'static) -> Self {
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(Arc::new(behaviour)),
            seen: Mutex::default(),
            open: Mutex::default(),
            accepted: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &of_thread));
        Self { address, shared }
    }

    /// Changes what it does from the next request on.
    pub fn set(&self, behaviour: impl Fn(&SeenRequest) -> Reply + Send + Sync + 'static) {
        *locked(&self.shared.behaviour) = Arc::new(behaviour);
    }

    /// What it has seen so far.
    pub fn seen(&self) -> Vec<SeenRequest> {
        locked(&self.shared.seen).clone()
    }

    /// How many requests it has seen so far.
    pub fn count(&self) -> usize {
        locked(&self.shared.seen).len()
    }

    /// Forgets what it has seen, so that long runs do not fill the memory; [`Self::count`] begins anew.
    pub fn forget(&self) {
        locked(&self.shared.seen).clear();
    }

    /// How many connections it has accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.accepted.load(Ordering::Relaxed)
    }

    /// Ends as a killed process does: connections are reset, new ones refused.
    pub fn kill(&self) {
        if self.shared.stopped.swap(true, Ordering::SeqCst) {
            return;
        }
        // Wakes the accepting thread, which then drops the listener.
        drop(TcpStream::connect(self.address));
        let end_connections = || locked(&self.shared.open).drain().for_each(|(_, stream)| reset(&stream));
        end_connections();
        let refused = || TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_err();
        while !refused() {
            thread::yield_now();
        }
        // Those that were accepted meanwhile.
        end_connections();
    }
}

impl Drop for TestTarget {
    fn drop(&mut self) {
        self.kill();
    }
}

fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn reset(stream: &TcpStream) {
    // Both fail only when the connection is gone, which is what is wanted. The shutdown wakes the thread that reads;
    // closing with unread data or with a linger time of zero makes it a reset.
    let _gone = SockRef::from(stream).set_linger(Some(Duration::ZERO));
    let _gone = stream.shutdown(Shutdown::Both);
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept() else { continue };
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let number = shared.accepted.fetch_add(1, Ordering::Relaxed);
        let Ok(copy) = stream.try_clone() else { continue };
        locked(&shared.open).insert(number, copy);
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // The other side may end a connection whenever it likes.
            let _ended = serve(stream, number, &shared);
            locked(&shared.open).remove(&number);
        });
    }
}

fn serve(mut stream: TcpStream, number: usize, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut unread = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut unread, number)? {
        let behaviour = Arc::clone(&locked(&shared.behaviour));
        locked(&shared.seen).push(request.clone());
        match behaviour(&request) {
            Reply::Bytes(bytes) => stream.write_all(&bytes)?,
            Reply::Late(after, bytes) => {
                thread::sleep(after);
                stream.write_all(&bytes)?;
            }
            Reply::ThenClose(bytes) => {
                stream.write_all(&bytes)?;
                return stream.shutdown(Shutdown::Both);
            }
            Reply::ThenReset(bytes) => {
                stream.write_all(&bytes)?;
                return SockRef::from(&stream).set_linger(Some(Duration::ZERO));
            }
            Reply::Silence => {
                io::copy(&mut stream, &mut io::sink())?;
                return Ok(());
            }
            Reply::ThenEcho(bytes) => {
                stream.write_all(&bytes)?;
                stream.write_all(&unread)?;
                io::copy(&mut stream.try_clone()?, &mut stream)?;
                return stream.shutdown(Shutdown::Write);
            }
        }
    }
    Ok(())
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("a target got a malformed request: {what}"))
}

fn read_request(stream: &mut TcpStream, unread: &mut Vec<u8>, connection: usize) -> io::Result<Option<SeenRequest>> {
    loop {
        if let Some((mut request, length)) = parse_head(unread, connection)? {
            unread.drain(..length);
            request.body = read_body(stream, unread, &request)?;
            return Ok(Some(request));
        }
        if !fill(stream, unread)? {
            return Ok(None);
        }
    }
}

fn fill(stream: &mut TcpStream, unread: &mut Vec<u8>) -> io::Result<bool> {
    let mut piece = [0; 65_536];
    let n = stream.read(&mut piece)?;
    unread.extend_from_slice(&piece[..n]);
    if unread.len() > MAXIMUM_REQUEST { Err(malformed("too large")) } else { Ok(n > 0) }
}

fn parse_head(bytes: &[u8], connection: usize) -> io::Result<Option<(SeenRequest, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(malformed(&error.to_string())),
    };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let seen = SeenRequest {
        method: request.method.unwrap_or_default().to_owned(),
        path: request.path.unwrap_or_default().to_owned(),
        headers: request.headers.iter().map(|h| (h.name.to_owned(), text(h.value))).collect(),
        body: Vec::new(),
        connection,
    };
    Ok(Some((seen, length)))
}

fn read_body(stream: &mut TcpStream, unread: &mut Vec<u8>, request: &SeenRequest) -> io::Result<Vec<u8>> {
    if request.header("transfer-encoding").is_some() {
        return read_chunks(stream, unread);
    }
    match request.header("content-length") {
        None => Ok(Vec::new()),
        Some(length) => take(stream, unread, length.parse().map_err(|_| malformed("Content-Length"))?),
    }
}

fn take(stream: &mut TcpStream, unread: &mut Vec<u8>, length: usize) -> io::Result<Vec<u8>> {
    while unread.len() < length {
        if !fill(stream, unread)? {
            return Err(malformed("the body ended early"));
        }
    }
    Ok(unread.drain(..length).collect())
}

fn read_chunks(stream: &mut TcpStream, unread: &mut Vec<u8>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = take_line(stream, unread)?;
        let size = usize::from_str_radix(line.split(';').next().unwrap_or_default(), 16);
        let size = size.map_err(|_| malformed("chunk size"))?;
        if size == 0 {
            while !take_line(stream, unread)?.is_empty() {}
            return Ok(body);
        }
        body.extend(take(stream, unread, size)?);
        take(stream, unread, 2)?;
    }
}

fn take_line(stream: &mut TcpStream, unread: &mut Vec<u8>) -> io::Result<String> {
    loop {
        if let Some(end) = unread.windows(2).position(|pair| pair == b"\r\n") {
            let line = String::from_utf8_lossy(&unread[..end]).into_owned();
            unread.drain(..end + 2);
            return Ok(line);
        }
        if !fill(stream, unread)? {
            return Err(malformed("a line ended early"));
        }
    }
}
