//! The node's end of the control socket: one connection, and what waits to be sent on it.
//!
//! Frames are those of `model::node`. What is wrong with a connection ends that connection and nothing else. The outbox
//! holds *which* targets have news rather than the news: it is bounded by the number of targets however long nobody
//! reads, the last state of every target always arrives, and states are sent in the order in which they came about.

use crate::health_check::Registration;
use model::node::{FrameError, FromNode, ToNode, decode_frame, encode_frame};
use std::{
    collections::{HashSet, VecDeque},
    io,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    task::JoinHandle,
};

/// Frames that were read and wait to be acted upon: one, so that a controller cannot pile up snapshots here.
const MAXIMUM_UNREAD: usize = 1;

/// Frames that were taken from the outbox and wait for the socket. Few, because they are lost with the connection.
const MAXIMUM_UNSENT: usize = 4;

/// Answers that may wait. No frame is acted upon while so many do.
pub const MAXIMUM_ANSWERS: usize = 64;

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
enum ConnectionError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Frame(#[from] FrameError),
}

/// What a connection brings.
#[derive(Debug)]
pub enum Event {
    /// A frame.
    Frame(ToNode),
    /// Room for a frame of ours.
    CanSend,
    /// It ended.
    Gone,
}

/// A connected controller. Dropping it closes the connection.
#[derive(Debug)]
pub struct Connection {
    incoming: mpsc::Receiver<ToNode>,
    outgoing: Option<mpsc::Sender<Vec<u8>>>,
    reader: JoinHandle<()>,
    writer: JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.reader.abort();
        self.writer.abort();
    }
}

impl Connection {
    /// Begins to read and write. Needs a tokio runtime.
    pub fn start(stream: UnixStream) -> Self {
        let (reader, writer) = stream.into_split();
        let (incoming_sender, incoming) = mpsc::channel(MAXIMUM_UNREAD);
        let (outgoing, outgoing_receiver) = mpsc::channel(MAXIMUM_UNSENT);
        let reader = tokio::spawn(async move {
            if let Err(error) = read(reader, &incoming_sender).await {
                tracing::warn!(%error, "the connection to the control plane is closed");
            }
        });
        let writer = tokio::spawn(write(writer, outgoing_receiver));
        Self { incoming, outgoing: Some(outgoing), reader, writer }
    }

    /// Waits for a frame (if one would be `read` now) or for room to send (if there is something to `say`), whichever
    /// comes first; what is to be said goes first. May be dropped and called again.
    pub async fn event(&mut self, read: bool, say: bool) -> Event {
        let Self { incoming, outgoing, .. } = self;
        tokio::select! {
            biased;
            room = room(outgoing.as_ref()), if say => if room { Event::CanSend } else { Event::Gone },
            frame = incoming.recv(), if read => frame.map_or(Event::Gone, Event::Frame),
            else => std::future::pending().await,
        }
    }

    /// Waits until a frame can be handed over; `false` when the connection ended.
    pub async fn ready(&self) -> bool {
        room(self.outgoing.as_ref()).await
    }

    /// Hands a frame over; `false` when that was not possible. Only after [`Connection::ready`].
    pub fn send(&self, frame: Vec<u8>) -> bool {
        self.outgoing.as_ref().is_some_and(|outgoing| outgoing.try_send(frame).is_ok())
    }

    /// Waits until everything that was handed over is written.
    pub async fn flush(mut self) {
        self.outgoing = None;
        // A writer that was aborted or failed has nothing to write any more.
        let _ = (&mut self.writer).await;
    }
}

async fn room(outgoing: Option<&mpsc::Sender<Vec<u8>>>) -> bool {
    match outgoing {
        Some(outgoing) => outgoing.reserve().await.is_ok(),
        None => false,
    }
}

async fn read(mut reader: OwnedReadHalf, frames: &mpsc::Sender<ToNode>) -> Result<(), ConnectionError> {
    let mut buffer = Vec::new();
    loop {
        while let Some(frame) = decode_frame(&mut buffer)? {
            if frames.send(frame).await.is_err() {
                return Ok(());
            }
        }
        // A snapshot can be large and is rare: its buffer is not kept.
        if buffer.is_empty() {
            buffer = Vec::new();
        }
        buffer.reserve(16 << 10);
        if reader.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
    }
}

async fn write(mut writer: OwnedWriteHalf, mut frames: mpsc::Receiver<Vec<u8>>) {
    while let Some(frame) = frames.recv().await {
        if let Err(error) = writer.write_all(&frame).await {
            tracing::debug!(%error, "the control plane went away");
            return;
        }
    }
}

/// What waits to be told to the controller.
#[derive(Debug, Default)]
pub struct Outbox {
    items: VecDeque<Item>,
    with_news: HashSet<Registration>,
    answers: usize,
}

/// One thing to tell.
#[derive(Debug, PartialEq)]
pub enum Item {
    /// This frame.
    Answer(FromNode),
    /// What this target's health is by then.
    Health(Registration),
}

impl Outbox {
    /// For a new controller: hello, then every target.
    pub fn begin(hello: FromNode, targets: impl Iterator<Item = Registration>) -> Self {
        let mut outbox = Self::default();
        outbox.answer(hello);
        targets.for_each(|target| outbox.news(target));
        outbox
    }

    /// Adds an answer.
    pub fn answer(&mut self, frame: FromNode) {
        self.answers += 1;
        self.items.push_back(Item::Answer(frame));
    }

    /// Whether there is room for the answer to another frame.
    pub fn has_room(&self) -> bool {
        self.answers < MAXIMUM_ANSWERS
    }

    /// There is news about a target. News that were not sent yet are replaced.
    pub fn news(&mut self, target: Registration) {
        if self.with_news.insert(target.clone()) {
            self.items.push_back(Item::Health(target));
        }
    }

    /// The next thing to tell.
    pub fn take(&mut self) -> Option<Item> {
        let item = self.items.pop_front()?;
        match &item {
            Item::Answer(_) => self.answers -= 1,
            Item::Health(target) => {
                self.with_news.remove(target);
            }
        }
        Some(item)
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// The bytes of a frame; one that cannot be written (it is too long) is said and left out.
pub fn encode(frame: &FromNode) -> Option<Vec<u8>> {
    match encode_frame(frame) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            tracing::error!(%error, "a report to the control plane is left out");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        Arn, Timestamp,
        elbv2::target::{TargetId, TargetKey},
    };
    use std::net::Ipv4Addr;

    fn registration(port: u16) -> Registration {
        Registration {
            target_group: Arn::new("elasticloadbalancing", "eu-west-1", "1", "targetgroup/web/1"),
            target: TargetKey { id: TargetId::Ip(Ipv4Addr::LOCALHOST), port },
            registered_at: Timestamp::default(),
        }
    }

    fn applied(generation: u64) -> FromNode {
        FromNode::Applied { generation, failed_fronts: Vec::new() }
    }

    #[test]
    fn a_new_controller_hears_hello_then_every_target_then_what_happens() {
        let mut outbox = Outbox::begin(applied(0), [registration(1), registration(2)].into_iter());
        outbox.answer(applied(1));
        outbox.news(registration(2));
        let told: Vec<_> = std::iter::from_fn(|| outbox.take()).collect();
        assert_eq!(
            told,
            [
                Item::Answer(applied(0)),
                Item::Health(registration(1)),
                Item::Health(registration(2)),
                Item::Answer(applied(1))
            ]
        );
    }

    #[test]
    fn news_of_a_target_wait_once_and_can_come_again_after_they_were_told() {
        let mut outbox = Outbox::default();
        for _ in 0..1000 {
            outbox.news(registration(1));
        }
        assert_eq!(outbox.take(), Some(Item::Health(registration(1))));
        assert!(outbox.is_empty());
        outbox.news(registration(1));
        assert_eq!(outbox.take(), Some(Item::Health(registration(1))));
    }

    #[test]
    fn answers_are_bounded() {
        let mut outbox = Outbox::default();
        for generation in 0..MAXIMUM_ANSWERS as u64 {
            assert!(outbox.has_room());
            outbox.answer(applied(generation));
        }
        assert!(!outbox.has_room());
        outbox.take();
        assert!(outbox.has_room());
    }
}
