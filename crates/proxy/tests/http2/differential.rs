//! Both roles against the crate `h2`: random messages with content and trailers, many at once, through small windows and
//! reads of any size, must come through as they were sent.

use crate::peer::{Seen, keep};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use proxy::{
    http::{
        Version, header,
        request_head::RequestHead,
        response_head::{Asked, ResponseHead},
    },
    http2::{Engine, Limits, Received, Scratch, StreamId},
    timer::Millis,
};
use std::{collections::HashMap, future::poll_fn, pin::Pin, task::Poll, time::Duration};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

/// A generator of numbers that is good enough to vary tests, and the same each time.
#[derive(Clone)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[3]).collect()
    }
}

type Pairs = Vec<(String, String)>;

/// A message, sent or received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Message {
    /// Method and path, or the status.
    first: String,
    fields: Pairs,
    content: Vec<u8>,
    trailers: Pairs,
}

fn pairs(random: &mut Random, most: usize) -> Pairs {
    const NAMES: [&str; 10] = [
        "accept",
        "user-agent",
        "x-a",
        "x-request-id",
        "cache-control",
        "etag",
        "authorization",
        "server",
        "content-type",
        "a-rather-long-name-that-is-in-no-table",
    ];
    const VALUES: [&str; 8] =
        ["", "a", "text/html; charset=utf-8", "no-cache", "\"quoted, with comma\"", "gzip", "{}[]|~", "\u{fc}ber"];
    (0..random.below(most + 1))
        .map(|_| {
            let name =
                if random.one_in(6) { format!("x-{}", random.below(50)) } else { (*random.pick(&NAMES)).to_owned() };
            let value = match random.below(8) {
                0 => format!("value-{}", random.below(1000)),
                1 => "long ".repeat(random.below(300)).trim_end().to_owned(),
                _ => (*random.pick(&VALUES)).to_owned(),
            };
            (name, value)
        })
        .collect()
}

fn message(random: &mut Random, first: String) -> Message {
    let length = match random.below(5) {
        0 => 0,
        1 => random.below(100),
        2 => random.below(20_000),
        _ => random.below(120_000),
    };
    let trailers = if random.one_in(3) && length > 0 { pairs(random, 3) } else { Vec::new() };
    let trailers =
        trailers.into_iter().filter(|(name, _)| !["content-type", "authorization"].contains(&&**name)).collect();
    Message { first, fields: pairs(random, 12), content: random.bytes(length), trailers }
}

fn request(random: &mut Random) -> Message {
    let first = format!(
        "{} /{}?q={}",
        random.pick(&["GET", "POST", "PUT", "DELETE", "X-ODD"]),
        random.below(1000),
        random.next()
    );
    message(random, first)
}

fn answer(random: &mut Random) -> Message {
    let first = random.pick(&["200", "201", "302", "404", "418", "500", "503"]);
    message(random, (*first).to_owned())
}

fn header_map(pairs: &Pairs) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        map.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_bytes(value.as_bytes()).unwrap(),
        );
    }
    map
}

/// Order counts among fields of one name only: `h2` keeps no other.
fn sorted(pairs: Pairs) -> Pairs {
    let mut pairs = pairs;
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    pairs
}

fn map_pairs(map: &HeaderMap) -> Pairs {
    let pairs =
        map.iter().map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    sorted(pairs.collect())
}

fn line_pairs(lines: &str) -> Pairs {
    let lines = lines.split("\r\n").filter(|line| !line.is_empty());
    sorted(lines.map(|line| line.split_once(": ").map(|(n, v)| (n.to_owned(), v.to_owned())).unwrap()).collect())
}

/// What is to be sent on a stream, and what came.
#[derive(Debug, Default)]
struct Exchange {
    outgoing: Message,
    sent: usize,
    finished: bool,
    blocked: bool,
    incoming: Message,
    complete: bool,
}

/// A driver for the engine as simple as one can be, that reads and writes in pieces of any size.
struct Driver {
    io: DuplexStream,
    engine: Engine,
    scratch: Scratch,
    random: Random,
    unread: Vec<u8>,
    owed: Vec<(StreamId, usize)>,
    exchanges: HashMap<StreamId, Exchange>,
    now: Millis,
}

impl Driver {
    fn new(io: DuplexStream, engine: Engine, random: Random) -> Self {
        let now = Millis(1);
        Self {
            io,
            engine,
            scratch: Scratch::default(),
            random,
            unread: vec![],
            owed: vec![],
            exchanges: HashMap::new(),
            now,
        }
    }

    /// Writes and reads what is possible, and returns what happened; `None` at the end of the stream. Content that was
    /// taken is given back a turn later.
    async fn turn(&mut self) -> Option<Vec<Seen>> {
        let owed = std::mem::take(&mut self.owed);
        self.send();
        let mut room = vec![0; 1 + self.random.below(70_000)];
        let most = 1 + self.random.below(50_000);
        let (io, engine) = (&mut self.io, &mut self.engine);
        let read = poll_fn(|context| {
            let piece = &engine.pending()[..engine.pending().len().min(most)];
            let mut moved = !owed.is_empty();
            if !piece.is_empty() {
                match Pin::new(&mut *io).poll_write(context, piece) {
                    Poll::Ready(Ok(n)) => {
                        engine.written(n);
                        moved = true;
                    }
                    Poll::Ready(Err(_)) => return Poll::Ready(None),
                    Poll::Pending => {}
                }
            }
            if !engine.wants_input() {
                return if moved { Poll::Ready(Some(0)) } else { Poll::Pending };
            }
            let mut buffer = ReadBuf::new(&mut room);
            match Pin::new(&mut *io).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if buffer.filled().is_empty() => Poll::Ready(None),
                Poll::Ready(Ok(())) => Poll::Ready(Some(buffer.filled().len())),
                Poll::Ready(Err(_)) => Poll::Ready(None),
                Poll::Pending if moved => Poll::Ready(Some(0)),
                Poll::Pending => Poll::Pending,
            }
        })
        .await?;
        self.now.0 += 1;
        for (stream, bytes) in owed {
            self.engine.release(stream, bytes);
        }
        self.unread.extend_from_slice(&room[..read]);
        let (mut seen, mut at) = (Vec::new(), 0);
        loop {
            let Received { used, event } =
                self.engine.receive(self.now, &self.unread[at..], &mut self.scratch).unwrap();
            at += used;
            match event {
                Some(event) => seen.push(keep(event)),
                None => break,
            }
        }
        self.unread.drain(..at);
        Some(seen)
    }

    fn take(&mut self, stream: StreamId, bytes: &[u8], end: bool) {
        let exchange = self.exchanges.get_mut(&stream).unwrap();
        exchange.incoming.content.extend_from_slice(bytes);
        exchange.complete |= end;
        self.owed.push((stream, bytes.len()));
    }

    /// Sends what can be sent on all streams, a piece of each in turn.
    fn send(&mut self) {
        loop {
            while let Some(stream) = self.engine.next_writable() {
                self.exchanges.get_mut(&stream).unwrap().blocked = false;
            }
            let mut ready: Vec<_> =
                self.exchanges.iter().filter(|(_, e)| !e.finished && !e.blocked).map(|(id, _)| *id).collect();
            ready.sort_by_key(|id| id.number());
            if ready.is_empty() {
                return;
            }
            let stream = *self.random.pick(&ready);
            let exchange = self.exchanges.get_mut(&stream).unwrap();
            let rest = &exchange.outgoing.content[exchange.sent..];
            let piece = &rest[..rest.len().min(1 + self.random.below(40_000))];
            let last = piece.len() == rest.len();
            let end = last && exchange.outgoing.trailers.is_empty();
            let sent = self.engine.data(stream, piece, end, self.now).unwrap();
            exchange.sent += sent;
            exchange.blocked = sent < piece.len();
            if last && sent == piece.len() {
                if !end {
                    let lines: String =
                        exchange.outgoing.trailers.iter().map(|(n, v)| format!("{n}: {v}\r\n")).collect();
                    self.engine.trailers(stream, lines.as_bytes()).unwrap();
                }
                exchange.finished = true;
            }
        }
    }
}

/// The request in a head as our parser sees it.
fn read_request(text: &str) -> Message {
    let mut storage = header::storage();
    let head = RequestHead::parse(text.as_bytes(), &mut storage).unwrap().unwrap();
    assert_eq!(head.length, text.len());
    let (_, lines) = text.split_once("\r\n").unwrap();
    let fields = line_pairs(lines)
        .into_iter()
        .filter(|(name, _)| !["host", "transfer-encoding", "content-length"].contains(&&**name));
    assert_eq!(head.host.unwrap().name, b"h.example");
    Message { first: format!("{} {}", head.method, head.path), fields: fields.collect(), ..Message::default() }
}

fn read_answer(text: &str) -> Message {
    let mut storage = header::storage();
    let asked = Asked { head: false, upgrade: false, version: Version::Http11 };
    let head = ResponseHead::parse(text.as_bytes(), &mut storage, asked).unwrap().unwrap();
    let (_, lines) = text.split_once("\r\n").unwrap();
    let fields =
        line_pairs(lines).into_iter().filter(|(name, _)| !["transfer-encoding", "content-length"].contains(&&**name));
    Message { first: head.status.to_string(), fields: fields.collect(), ..Message::default() }
}

/// Our server: answers each request when it is complete (or at once) with the message that its number asks for.
async fn serve(mut driver: Driver, answers: Vec<Message>) -> Vec<Message> {
    let mut received = Vec::new();
    while let Some(seen) = driver.turn().await {
        for event in seen {
            match event {
                Seen::Head(stream, text, end) => {
                    let place = usize::try_from(stream.number() / 2).unwrap();
                    let exchange = Exchange {
                        incoming: read_request(&text),
                        complete: end,
                        outgoing: answers[place].clone(),
                        ..Exchange::default()
                    };
                    let answer = exchange.outgoing.clone();
                    driver.exchanges.insert(stream, exchange);
                    let status = answer.first.parse().unwrap();
                    let length = answer.content.len().to_string();
                    let mut fields: Vec<_> = answer.fields.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())).collect();
                    if driver.random.one_in(2) && answer.trailers.is_empty() {
                        fields.push((b"Content-Length", length.as_bytes()));
                    }
                    if driver.random.one_in(4) {
                        driver.engine.answer(stream, 103, [(&b"Link"[..], &b"x"[..])], false).unwrap();
                    }
                    driver.engine.answer(stream, status, fields, false).unwrap();
                }
                Seen::Data(stream, bytes, end) => driver.take(stream, &bytes, end),
                Seen::Trailers(stream, lines) => {
                    let exchange = driver.exchanges.get_mut(&stream).unwrap();
                    exchange.incoming.trailers = line_pairs(&lines);
                    exchange.complete = true;
                }
                Seen::Settings | Seen::GoAway(..) => {}
                other @ (Seen::Reset(..) | Seen::Refused(..) | Seen::Pong(_)) => panic!("{other:?}"),
            }
        }
    }
    let mut streams: Vec<_> = driver.exchanges.drain().collect();
    streams.sort_by_key(|(id, _)| id.number());
    for (_, exchange) in streams {
        assert!(exchange.finished && exchange.complete);
        received.push(exchange.incoming);
    }
    assert_eq!(driver.engine.open_streams(), 0);
    received
}

/// Sends content and trailers through `h2`, as its windows allow.
async fn send_content(mut body: h2::SendStream<Bytes>, message: Message, mut random: Random) {
    let mut rest = Bytes::from(message.content);
    while !rest.is_empty() {
        body.reserve_capacity(rest.len().min(1 + random.below(30_000)));
        let room = poll_fn(|context| body.poll_capacity(context)).await.unwrap().unwrap();
        let piece = rest.split_to(room.min(rest.len()));
        let end = rest.is_empty() && message.trailers.is_empty();
        body.send_data(piece, end).unwrap();
    }
    if !message.trailers.is_empty() {
        body.send_trailers(header_map(&message.trailers)).unwrap();
    }
}

/// Takes content and trailers from `h2`, giving its windows back piece by piece.
async fn take_content(mut body: h2::RecvStream) -> (Vec<u8>, Pairs) {
    let mut content = Vec::new();
    while let Some(piece) = body.data().await {
        let piece = piece.unwrap();
        content.extend_from_slice(&piece);
        body.flow_control().release_capacity(piece.len()).unwrap();
    }
    let trailers = body.trailers().await.unwrap().unwrap_or_default();
    (content, map_pairs(&trailers))
}

fn has_body(message: &Message) -> bool {
    !message.content.is_empty() || !message.trailers.is_empty()
}

async fn ask(client: h2::client::SendRequest<Bytes>, message: Message, mut random: Random) -> Message {
    let mut client = client.ready().await.unwrap();
    let (method, path) = message.first.split_once(' ').unwrap();
    let mut request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .uri(format!("https://h.example{path}"))
        .body(())
        .unwrap();
    *request.headers_mut() = header_map(&message.fields);
    if random.one_in(2) && message.trailers.is_empty() && has_body(&message) {
        request.headers_mut().insert("content-length", HeaderValue::from(message.content.len()));
    }
    let (answer, body) = client.send_request(request, !has_body(&message)).unwrap();
    let upload = async {
        if has_body(&message) {
            send_content(body, message, random).await;
        }
    };
    let download = async {
        let (parts, body) = answer.await.unwrap().into_parts();
        let (content, trailers) = take_content(body).await;
        let mut headers = parts.headers;
        headers.remove("content-length");
        Message { first: parts.status.as_u16().to_string(), fields: map_pairs(&headers), content, trailers }
    };
    tokio::join!(upload, download).1
}

fn normal(messages: Vec<Message>) -> Vec<Message> {
    messages
        .into_iter()
        .map(|message| Message { fields: sorted(message.fields), trailers: sorted(message.trailers), ..message })
        .collect()
}

fn limits(random: &mut Random, of: Limits) -> Limits {
    let stream_window = *random.pick(&[65_535, 100_000, 256 * 1024]);
    Limits { stream_window, connection_window: stream_window * (1 + u32::try_from(random.below(3)).unwrap()), ..of }
}

fn block_on<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(60), test).await.expect("it hangs") });
}

#[test]
fn clients_of_h2_and_our_server_understand_each_other() {
    for seed in 1..=60u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let count = 1 + random.below(40);
        let requests: Vec<_> = (0..count).map(|_| request(&mut random)).collect();
        let answers: Vec<_> = (0..count).map(|_| answer(&mut random)).collect();
        block_on(async {
            let (near, far) = tokio::io::duplex(1 + random.below(100_000));
            let mut builder = h2::client::Builder::new();
            builder
                .initial_window_size(*random.pick(&[5000, 20_000, 65_535, 1 << 20]))
                .initial_connection_window_size(65_535 + u32::try_from(random.below(1 << 20)).unwrap())
                .max_frame_size(16_384 + u32::try_from(random.below(100_000)).unwrap())
                .header_table_size(*random.pick(&[0, 100, 4096, 65_536]))
                .max_send_buffer_size(1 << 20);
            let engine = Engine::server(limits(&mut random, Limits::CLIENTS), Millis(1));
            let server = tokio::spawn(serve(Driver::new(far, engine, random.clone()), answers.clone()));
            let (client, connection) = builder.handshake::<_, Bytes>(near).await.unwrap();
            let connection = tokio::spawn(connection);
            let mut asking = Vec::new();
            for message in requests.clone() {
                // One after the other, so that numbers are known; the rest goes on at once.
                random.next();
                asking.push(tokio::spawn(ask(client.clone(), message, random.clone())));
                tokio::task::yield_now().await;
            }
            let mut answered = Vec::new();
            for task in asking {
                answered.push(task.await.unwrap());
            }
            drop(client);
            connection.await.unwrap().unwrap();
            let received = server.await.unwrap();
            assert_eq!(received, normal(requests), "seed {seed}");
            assert_eq!(answered, normal(answers), "seed {seed}");
        });
    }
}

/// Our client: opens a stream for each request and collects the answers.
async fn ask_all(mut driver: Driver, requests: Vec<Message>) -> Vec<Message> {
    let count = requests.len();
    let mut waiting = requests.into_iter();
    let (mut complete, mut next, mut ready) = (0, waiting.next(), false);
    loop {
        while ready
            && driver.engine.capacity() > 0
            && let Some(message) = next.take()
        {
            next = waiting.next();
            let lines: String = message.fields.iter().map(|(n, v)| format!("{n}: {v}\r\n")).collect();
            let head = format!("{} HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\n{lines}\r\n", message.first);
            let end = !has_body(&message);
            let stream = driver.engine.open(head.as_bytes(), true, end).unwrap();
            driver.exchanges.insert(stream, Exchange { outgoing: message, finished: end, ..Exchange::default() });
        }
        if complete == count && driver.engine.open_streams() == 0 && driver.engine.pending().is_empty() {
            break;
        }
        let seen = driver.turn().await.expect("the server ended the connection");
        for event in seen {
            match event {
                Seen::Head(stream, text, end) => {
                    let exchange = driver.exchanges.get_mut(&stream).unwrap();
                    exchange.incoming = read_answer(&text);
                    exchange.complete |= end;
                    complete += usize::from(end);
                }
                Seen::Data(stream, bytes, end) => {
                    driver.take(stream, &bytes, end);
                    complete += usize::from(end);
                }
                Seen::Trailers(stream, lines) => {
                    driver.exchanges.get_mut(&stream).unwrap().incoming.trailers = line_pairs(&lines);
                    complete += 1;
                }
                // Streams that are opened before may be refused.
                Seen::Settings => ready = true,
                other @ (Seen::Reset(..) | Seen::Refused(..) | Seen::GoAway(..) | Seen::Pong(_)) => panic!("{other:?}"),
            }
        }
    }
    let mut streams: Vec<_> = driver.exchanges.drain().collect();
    streams.sort_by_key(|(id, _)| id.number());
    streams.into_iter().map(|(_, exchange)| exchange.incoming).collect()
}

async fn answer_one(
    request: Request<h2::RecvStream>,
    mut respond: h2::server::SendResponse<Bytes>,
    message: Message,
    mut random: Random,
) -> Message {
    let (parts, body) = request.into_parts();
    assert_eq!((parts.uri.scheme_str(), parts.uri.host()), (Some("https"), Some("h.example")));
    let first = format!("{} {}", parts.method, parts.uri.path_and_query().unwrap());
    let mut answer = Response::builder().status(&*message.first).body(()).unwrap();
    *answer.headers_mut() = header_map(&message.fields);
    let ends = !has_body(&message);
    if random.one_in(2) && message.trailers.is_empty() && !ends {
        answer.headers_mut().insert("content-length", HeaderValue::from(message.content.len()));
    }
    let sending = respond.send_response(answer, ends).unwrap();
    let upload = async {
        if !ends {
            send_content(sending, message, random).await;
        }
    };
    let ((), (content, trailers)) = tokio::join!(upload, take_content(body));
    Message { first, fields: map_pairs(&parts.headers), content, trailers }
}

#[test]
fn our_client_and_servers_of_h2_understand_each_other() {
    for seed in 1..=60u64 {
        let mut random = Random(seed.wrapping_mul(0xd134_2543_de82_ef95));
        let count = 1 + random.below(40);
        let requests: Vec<_> = (0..count).map(|_| request(&mut random)).collect();
        let answers: Vec<_> = (0..count).map(|_| answer(&mut random)).collect();
        block_on(async {
            let (near, far) = tokio::io::duplex(1 + random.below(100_000));
            let mut builder = h2::server::Builder::new();
            builder
                .initial_window_size(*random.pick(&[5000, 20_000, 65_535, 1 << 20]))
                .initial_connection_window_size(65_535 + u32::try_from(random.below(1 << 20)).unwrap())
                .max_concurrent_streams(*random.pick(&[1, 3, 20, 1000]))
                .max_frame_size(16_384 + u32::try_from(random.below(100_000)).unwrap())
                .max_send_buffer_size(1 << 20);
            let engine = Engine::client(limits(&mut random, Limits::TARGETS), Millis(1));
            let client = tokio::spawn(ask_all(Driver::new(near, engine, random.clone()), requests.clone()));
            let mut connection = builder.handshake::<_, Bytes>(far).await.unwrap();
            let mut serving = Vec::new();
            while let Some(accepted) = connection.accept().await {
                let Ok((request, respond)) = accepted else { break };
                let place = serving.len();
                random.next();
                serving.push(tokio::spawn(answer_one(request, respond, answers[place].clone(), random.clone())));
            }
            let mut received = Vec::new();
            for task in serving {
                received.push(task.await.unwrap());
            }
            let answered = client.await.unwrap();
            assert_eq!(received, normal(requests), "seed {seed}");
            assert_eq!(answered, normal(answers), "seed {seed}");
        });
    }
}
