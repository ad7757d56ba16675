//! gRPC through the load balancer with tonic on both ends: all four kinds of calls, statuses, metadata, and what clients see of
//! the load balancer's own answers. Messages are text; no code is generated.

use crate::{
    balancer::Balancer,
    http2::{balancer, logged, run},
    tls::client_config,
};
use bytes::{Buf, BufMut};
use http::{Request as HttpRequest, Response as HttpResponse, uri::PathAndQuery};
use hyper::{body::Incoming, client::conn::http2 as client, server::conn::http2 as server, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::elbv2::target_group::{ProtocolVersion, TargetProtocol};
use rustls::pki_types::ServerName;
use std::{
    net::{SocketAddr, TcpListener},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::net::TcpStream;
use tonic::{
    Code, Request, Response, Status, Streaming,
    body::Body,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::{
        Service,
        tokio_stream::{self, Stream, StreamExt},
    },
    server::StreamingService,
};

/// Messages that are text.
#[derive(Clone, Copy, Debug, Default)]
struct Text;

impl Codec for Text {
    type Encode = String;
    type Decode = String;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Text {
    type Item = String;
    type Error = Status;

    fn encode(&mut self, item: String, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put_slice(item.as_bytes());
        Ok(())
    }
}

impl Decoder for Text {
    type Item = String;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<String>, Status> {
        let bytes = from.copy_to_bytes(from.remaining());
        Ok(Some(String::from_utf8(bytes.to_vec()).unwrap()))
    }
}

type Answers = Pin<Box<dyn Stream<Item = Result<String, Status>> + Send>>;

/// The service; its methods are told apart by their path.
struct Words(String);

impl StreamingService<String> for Words {
    type Response = String;
    type ResponseStream = Answers;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Answers>, Status>> + Send>>;

    fn call(&mut self, request: Request<Streaming<String>>) -> Self::Future {
        let path = self.0.clone();
        Box::pin(async move {
            let metadata = request.metadata().clone();
            let mut words = request.into_inner();
            let answers: Answers = match path.as_str() {
                // One by one.
                "/words.Words/Shout" => Box::pin(words.map(|word| Ok(word?.to_uppercase()))),
                // Many for one.
                "/words.Words/Count" => {
                    let last: u32 = words.message().await?.unwrap_or_default().parse().unwrap_or_default();
                    Box::pin(tokio_stream::iter((1..=last).map(|i| Ok(i.to_string()))))
                }
                // One for many.
                "/words.Words/Join" => {
                    let mut joined = String::new();
                    while let Some(word) = words.message().await? {
                        joined.push_str(&word);
                    }
                    Box::pin(tokio_stream::once(Ok(joined)))
                }
                "/words.Words/Metadata" => {
                    let text = |name: &str| metadata.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
                    let names = ["x-own", "x-forwarded-for", "te", "grpc-timeout", "x-amzn-trace-id"];
                    Box::pin(tokio_stream::once(Ok(names.map(text).join("|"))))
                }
                "/words.Words/Late" => Box::pin(tokio_stream::iter([
                    Ok("first".to_owned()),
                    Err(Status::resource_exhausted("no more of them")),
                ])),
                _ => return Err(Status::not_found("no such word")),
            };
            let mut response = Response::new(answers);
            response.metadata_mut().insert("x-answer", "yes".parse().unwrap());
            Ok(response)
        })
    }
}

/// A server of gRPC, for as long as the process lives.
fn target() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let service = service_fn(|request: HttpRequest<Incoming>| async move {
                    let path = request.uri().path().to_owned();
                    Ok::<_, Status>(tonic::server::Grpc::new(Text).streaming(Words(path), request).await)
                });
                let builder = server::Builder::new(TokioExecutor::new());
                tokio::spawn(builder.serve_connection(TokioIo::new(stream), service));
            }
        });
    });
    address
}

/// A connection of a client.
#[derive(Clone)]
struct Channel(client::SendRequest<Body>);

impl Service<HttpRequest<Body>> for Channel {
    type Response = HttpResponse<Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, hyper::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), hyper::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: HttpRequest<Body>) -> Self::Future {
        Box::pin(self.0.send_request(request))
    }
}

async fn connect(front: SocketAddr) -> Grpc<Channel> {
    let mut config = client_config(None);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let tcp = TcpStream::connect(front).await.unwrap();
    tcp.set_nodelay(true).unwrap();
    let name = ServerName::try_from("web.example").unwrap();
    let stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, tcp).await.unwrap();
    let (requests, connection) = client::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut grpc = Grpc::with_origin(Channel(requests), "https://web.example".parse().unwrap());
    grpc.ready().await.unwrap();
    grpc
}

fn method(name: &str) -> PathAndQuery {
    format!("/words.Words/{name}").parse().unwrap()
}

async fn unary(grpc: &mut Grpc<Channel>, name: &str, message: &str) -> Result<String, Status> {
    grpc.ready().await.unwrap();
    grpc.unary(Request::new(message.to_owned()), method(name), Text).await.map(Response::into_inner)
}

fn in_front_of(target: SocketAddr) -> Balancer {
    balancer(&[target], |snapshot| snapshot.target_groups[0].protocol_version = ProtocolVersion::Grpc)
}

#[test]
fn all_kinds_of_calls_go_through() {
    let balancer = in_front_of(target());
    run(async {
        let mut grpc = connect(balancer.front).await;
        assert_eq!(unary(&mut grpc, "Shout", "hello").await.unwrap(), "HELLO");
        // Larger than any window; tonic takes messages of 4 MB.
        let large = "x".repeat(3 << 20);
        assert!(unary(&mut grpc, "Shout", &large).await.unwrap() == large.to_uppercase());

        grpc.ready().await.unwrap();
        let count = grpc.server_streaming(Request::new("5000".to_owned()), method("Count"), Text).await.unwrap();
        assert_eq!(count.metadata().get("x-answer").unwrap(), "yes");
        let counted: Vec<String> = count.into_inner().collect::<Result<_, _>>().await.unwrap();
        assert_eq!(counted.len(), 5000);
        assert_eq!(counted[4999], "5000");

        grpc.ready().await.unwrap();
        let words = tokio_stream::iter((0..3000).map(|i| format!("{i},")));
        let joined = grpc.client_streaming(Request::new(words), method("Join"), Text).await.unwrap().into_inner();
        assert_eq!(joined, (0..3000).map(|i| format!("{i},")).collect::<String>());

        // Each answer is there before the next message is sent.
        grpc.ready().await.unwrap();
        let (send, receive) = tokio::sync::mpsc::unbounded_channel();
        let mut receive = receive;
        let messages = stream_of(move |context| receive.poll_recv(context));
        let mut answers = grpc.streaming(Request::new(messages), method("Shout"), Text).await.unwrap().into_inner();
        for i in 0..200 {
            send.send(format!("word {i}")).unwrap();
            assert_eq!(answers.message().await.unwrap().unwrap(), format!("WORD {i}"));
        }
        drop(send);
        assert_eq!(answers.message().await.unwrap(), None);
    });
    assert_eq!(logged(&balancer)["type"], "grpcs");
    assert_eq!(balancer.count(|c| &c.grpc_requests), 5);
}

/// A stream of what a function gives.
fn stream_of<T>(next: impl FnMut(&mut Context<'_>) -> Poll<Option<T>> + Unpin) -> impl Stream<Item = T> + Unpin {
    struct FromFunction<F>(F);
    impl<T, F: FnMut(&mut Context<'_>) -> Poll<Option<T>> + Unpin> Stream for FromFunction<F> {
        type Item = T;

        fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
            (self.0)(context)
        }
    }
    FromFunction(next)
}

#[test]
fn statuses_and_metadata_come_through() {
    let balancer = in_front_of(target());
    run(async {
        let mut grpc = connect(balancer.front).await;
        // An answer of trailers only.
        let missing = unary(&mut grpc, "Nothing", "").await.unwrap_err();
        assert_eq!((missing.code(), missing.message()), (Code::NotFound, "no such word"));
        // Trailers behind a message.
        grpc.ready().await.unwrap();
        let late = grpc.server_streaming(Request::new(String::new()), method("Late"), Text).await.unwrap();
        let mut late = late.into_inner();
        assert_eq!(late.message().await.unwrap().unwrap(), "first");
        let exhausted = late.message().await.unwrap_err();
        assert_eq!((exhausted.code(), exhausted.message()), (Code::ResourceExhausted, "no more of them"));

        grpc.ready().await.unwrap();
        let mut request = Request::new(String::new());
        request.metadata_mut().insert("x-own", "mine".parse().unwrap());
        request.set_timeout(std::time::Duration::from_secs(7));
        let answer = grpc.unary(request, method("Metadata"), Text).await.unwrap();
        let (own, rest) = answer.get_ref().split_once('|').unwrap();
        assert_eq!(own, "mine");
        assert!(rest.starts_with("127.0.0.1|trailers|7000000u|Root=1-"), "{rest}");
    });
}

#[test]
fn many_calls_at_once_share_connections() {
    let balancer = in_front_of(target());
    run(async {
        let grpc = connect(balancer.front).await;
        let calls: Vec<_> = (0..100)
            .map(|i| {
                let mut grpc = grpc.clone();
                tokio::spawn(async move {
                    for k in 0..10 {
                        let word = format!("word {i} {k}");
                        assert_eq!(unary(&mut grpc, "Shout", &word).await.unwrap(), word.to_uppercase());
                    }
                })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
    });
}

#[test]
fn a_load_balancer_that_cannot_serve_a_call_says_so_in_terms_of_http() {
    for (what, change, code) in
        [("no target", 0, 503), ("a target that does not speak TLS", 1, 502), ("a target group of HTTP/1.1", 2, 464)]
    {
        let balancer = balancer(&[target()], |snapshot| {
            let group = &mut snapshot.target_groups[0];
            group.protocol_version = ProtocolVersion::Grpc;
            match change {
                0 => group.targets.clear(),
                1 => group.protocol = TargetProtocol::Https,
                _ => group.protocol_version = ProtocolVersion::Http1,
            }
        });
        run(async {
            let status = unary(&mut connect(balancer.front).await, "Shout", "x").await.unwrap_err();
            assert!(status.message().contains(&format!("status: {code}")), "{what}: {status}");
        });
    }
}
