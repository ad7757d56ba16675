//! Targets that speak HTTP/2: one made with the crate h2, whose behaviour is an asynchronous function of the test's, and one
//! that sends any frames that a test wants.

use crate::{
    authority::Authority,
    peer::{Frame, raw},
};
use bytes::Bytes;
use h2::{RecvStream, server::SendResponse};
use http::{HeaderMap, Response, request::Parts};
use proxy::http2::frame::{self, Header};
use rustls::{ServerConfig, crypto::aws_lc_rs::default_provider};
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{mpsc, oneshot},
};

/// What a target allows, and how it is spoken to.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// SETTINGS_MAX_CONCURRENT_STREAMS.
    pub streams: Option<u32>,
    /// How much content of all streams together may wait to be read, in bytes; 16 MB if nothing is said.
    pub window: Option<u32>,
    /// Over TLS, with these protocols (ALPN).
    pub tls: Option<Vec<&'static str>>,
}

/// A request that a target got.
pub struct Call {
    pub head: Parts,
    pub body: RecvStream,
    pub respond: SendResponse<Bytes>,
    /// Which of the target's connections it came by, counted from 0.
    pub connection: usize,
    leave: mpsc::UnboundedSender<()>,
}

impl Call {
    pub fn path(&self) -> &str {
        self.head.uri.path()
    }

    /// All of the content, and the trailers.
    pub async fn content(&mut self) -> Result<(Vec<u8>, Option<HeaderMap>), h2::Error> {
        let mut body = Vec::new();
        while let Some(piece) = self.body.data().await {
            let piece = piece?;
            self.body.flow_control().release_capacity(piece.len())?;
            body.extend_from_slice(&piece);
        }
        Ok((body, self.body.trailers().await?))
    }

    /// Begins an answer.
    pub fn begin(&mut self, status: u16, fields: &[(&str, &str)], end: bool) -> h2::SendStream<Bytes> {
        let mut answer = Response::builder().status(status);
        for (name, value) in fields {
            answer = answer.header(*name, *value);
        }
        self.respond.send_response(answer.body(()).unwrap(), end).unwrap()
    }

    /// A whole answer.
    pub async fn answer(&mut self, status: u16, body: impl Into<Bytes>) {
        let body = body.into();
        let mut stream = self.begin(status, &[], body.is_empty());
        if !body.is_empty() {
            // The load balancer may want it no more.
            let _gone = crate::http2::send_all(&mut stream, body, true).await;
        }
    }

    /// An answer without content.
    pub fn answer_with(&mut self, fields: &[(&str, &str)]) {
        drop(self.begin(200, fields, true));
    }

    /// Ends the connection in order: GOAWAY, and what was begun goes on.
    pub fn leave(&self) {
        self.leave.send(()).unwrap();
    }
}

type Serve = Arc<dyn Fn(Call) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// A running target; stops when dropped, and its connections with it.
pub struct Http2Target {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
}

#[derive(Default)]
struct Shared {
    connections: AtomicUsize,
    calls: AtomicUsize,
}

impl Http2Target {
    pub fn start<F>(serve: impl Fn(Call) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::with(Options::default(), serve)
    }

    pub fn with<F>(options: Options, serve: impl Fn(Call) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let serve: Serve = Arc::new(move |call| Box::pin(serve(call)));
        let (stop, stopped) = oneshot::channel();
        let of_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, options, of_thread, serve) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { address, shared, stop: Some(stop) }
    }

    /// How many connections it has accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(SeqCst)
    }

    /// How many requests it has got so far.
    pub fn count(&self) -> usize {
        self.shared.calls.load(SeqCst)
    }

    /// Ends as a killed process does.
    pub fn kill(&mut self) {
        drop(self.stop.take());
    }
}

async fn accept(listener: TcpListener, options: Options, shared: Arc<Shared>, serve: Serve) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let acceptor = options.tls.as_ref().map(|alpn| acceptor(alpn));
    let mut builder = h2::server::Builder::new();
    builder.initial_connection_window_size(options.window.unwrap_or(16 << 20));
    if let Some(streams) = options.streams {
        builder.max_concurrent_streams(streams);
    }
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        stream.set_nodelay(true).unwrap();
        let number = shared.connections.fetch_add(1, SeqCst);
        let (builder, shared, serve) = (builder.clone(), Arc::clone(&shared), Arc::clone(&serve));
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            match acceptor {
                None => connection(stream, &builder, number, &shared, &serve).await,
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        connection(stream, &builder, number, &shared, &serve).await;
                    }
                }
            }
        });
    }
}

fn acceptor(alpn: &[&str]) -> tokio_rustls::TlsAcceptor {
    let leaf = Authority::root("self-made").sign(rcgen::KeyPair::generate().unwrap(), "target", |_| {});
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(leaf.chain.clone(), leaf.private_key())
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    tokio_rustls::TlsAcceptor::from(Arc::new(config))
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    builder: &h2::server::Builder,
    number: usize,
    shared: &Shared,
    serve: &Serve,
) {
    let Ok(mut connection) = builder.handshake::<_, Bytes>(stream).await else { return };
    let (leave, mut leaving) = mpsc::unbounded_channel();
    loop {
        tokio::select! {
            accepted = connection.accept() => match accepted {
                Some(Ok((request, respond))) => {
                    shared.calls.fetch_add(1, SeqCst);
                    let (head, body) = request.into_parts();
                    let leave = leave.clone();
                    tokio::spawn(serve(Call { head, body, respond, connection: number, leave }));
                }
                Some(Err(_)) | None => return,
            },
            Some(()) = leaving.recv() => connection.graceful_shutdown(),
        }
    }
}

/// A connection on which frames are read and written one by one.
pub struct Frames<S> {
    pub stream: S,
    unread: Vec<u8>,
}

impl<S: Read + Write> Frames<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, unread: Vec::new() }
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// Exactly so many bytes.
    pub fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.unread.len() < length {
            let mut piece = [0; 65_536];
            match self.stream.read(&mut piece)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => self.unread.extend_from_slice(&piece[..n]),
            }
        }
        Ok(self.unread.drain(..length).collect())
    }

    /// The next frame.
    pub fn frame(&mut self) -> io::Result<Frame> {
        let head = self.take(frame::HEADER)?;
        let Header { length, kind, flags, stream } = Header::parse(&head).unwrap();
        Ok(Frame { kind, flags, stream, payload: self.take(length)? })
    }

    /// The next frame of a kind; others are passed over.
    pub fn next(&mut self, kind: frame::Kind) -> io::Result<Frame> {
        loop {
            let frame = self.frame()?;
            if frame.kind == kind {
                return Ok(frame);
            }
        }
    }
}

/// An answer's head: `:status: 200` from the static table.
pub fn ok(stream: u32, end: bool) -> Vec<u8> {
    raw(1, 4 | u8::from(end), stream, &[0x88])
}

/// GOAWAY.
pub fn goaway(last_stream: u32, code: u32) -> Vec<u8> {
    raw(7, 0, 0, &[last_stream.to_be_bytes(), code.to_be_bytes()].concat())
}

/// A target whose connections a function of the test's serves, each on a thread of its own, after the preface. It is told which
/// connection it is, counted from 0. The listener lives as long as the process.
pub fn target_of_frames(
    serve: impl Fn(usize, &mut Frames<TcpStream>) -> io::Result<()> + Send + Sync + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let Ok(stream) = stream else { continue };
            let serve = Arc::clone(&serve);
            std::thread::spawn(move || {
                stream.set_nodelay(true).unwrap();
                let mut frames = Frames::new(stream);
                // The load balancer may end it whenever it likes.
                let _ended = frames.take(frame::PREFACE.len()).and_then(|_| serve(number, &mut frames));
            });
        }
    });
    address
}
