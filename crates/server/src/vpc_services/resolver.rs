//! The resolver of a VPC on the wire: questions by datagram and by connection.
//!
//! What a VPC knows itself is answered at once. The rest waits for others, of which so many may wait at a time; who is more is
//! told that it failed.

use super::{
    forward::{self, Transport},
    message::{self, Read},
    names::Names,
};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream, UdpSocket},
    sync::Semaphore,
    task::JoinSet,
    time::timeout,
};

/// Questions of one VPC that wait for an answer from elsewhere.
const MAXIMUM_WAITING: usize = 256;
/// Connections of one VPC to one address of its resolver; more wait in the kernel's queue.
const MAXIMUM_CONNECTIONS: usize = 64;
/// How long a connection may be silent.
const SILENCE: Duration = Duration::from_secs(5);
/// Questions by one connection, so that nobody holds one for ever.
const MAXIMUM_QUESTIONS: usize = 1000;
/// The largest question by datagram; there is one name in it.
const MAXIMUM_QUESTION_BYTES: usize = 4096;
/// How long receiving rests after an error.
const PAUSE: Duration = Duration::from_millis(100);

/// What answers the questions of a VPC.
pub(super) struct Resolver {
    names: Names,
    /// The host's list of resolvers.
    list: Arc<Path>,
    waiting: Semaphore,
    ids: fn() -> u64,
}

impl Resolver {
    pub(super) fn new(names: Names, list: Arc<Path>, ids: fn() -> u64) -> Self {
        Self { names, list, waiting: Semaphore::new(MAXIMUM_WAITING), ids }
    }

    /// What the VPC itself says to a message.
    fn here(&self, bytes: &[u8]) -> Said {
        match message::read(bytes) {
            Read::Nothing => Said::Nothing,
            Read::Refusal(refusal) => Said::Answer(refusal),
            Read::Question(question) => {
                let answer = self.names.answer(&question.name, question.wanted);
                question.answer(&answer).map_or_else(|| Said::AskElsewhere(question), Said::Answer)
            }
        }
    }

    async fn elsewhere(&self, question: &message::Question, bytes: &[u8], by: Transport) -> Vec<u8> {
        let Ok(_waiting) = self.waiting.try_acquire() else { return question.failure() };
        // Two of eight bytes of chance.
        let number = (self.ids)().to_le_bytes();
        let answer = forward::ask(&self.list, bytes, u16::from_le_bytes([number[0], number[1]]), by).await;
        answer.unwrap_or_else(|| question.failure())
    }
}

enum Said {
    Answer(Vec<u8>),
    AskElsewhere(message::Question),
    Nothing,
}

/// Answers datagrams until it is dropped.
pub(super) async fn serve_udp(socket: UdpSocket, resolver: Arc<Resolver>) {
    let socket = Arc::new(socket);
    let mut asked = JoinSet::new();
    let mut buffer = vec![0; MAXIMUM_QUESTION_BYTES];
    loop {
        while asked.try_join_next().is_some() {}
        let (length, peer) = match socket.recv_from(&mut buffer).await {
            Ok(received) => received,
            Err(error) => {
                tracing::debug!(%error, "a resolver cannot receive");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        match resolver.here(&buffer[..length]) {
            Said::Answer(answer) => reply(&socket, &answer, peer).await,
            Said::AskElsewhere(question) => {
                let (socket, resolver, bytes) = (socket.clone(), resolver.clone(), buffer[..length].to_vec());
                asked.spawn(async move {
                    let answer = resolver.elsewhere(&question, &bytes, Transport::Udp).await;
                    reply(&socket, &answer, peer).await;
                });
            }
            Said::Nothing => {}
        }
    }
}

/// An answer that is lost is asked for again.
async fn reply(socket: &UdpSocket, answer: &[u8], peer: std::net::SocketAddr) {
    if let Err(error) = socket.send_to(answer, peer).await {
        tracing::debug!(%peer, %error, "an answer of a resolver cannot be sent");
    }
}

/// Answers connections until it is dropped, and they with it.
pub(super) async fn serve_tcp(listener: TcpListener, resolver: Arc<Resolver>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < MAXIMUM_CONNECTIONS => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, resolver.clone()))),
                Err(error) => {
                    tracing::debug!(%error, "a resolver cannot accept");
                    tokio::time::sleep(PAUSE).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn connection(mut stream: TcpStream, resolver: Arc<Resolver>) {
    for _ in 0..MAXIMUM_QUESTIONS {
        let Ok(Ok(bytes)) = timeout(SILENCE, forward::receive(&mut stream)).await else { return };
        let answer = match resolver.here(&bytes) {
            Said::Answer(answer) => answer,
            Said::AskElsewhere(question) => resolver.elsewhere(&question, &bytes, Transport::Tcp).await,
            Said::Nothing => return,
        };
        let Ok(Ok(())) = timeout(SILENCE, forward::send(&mut stream, &answer)).await else { return };
    }
}
