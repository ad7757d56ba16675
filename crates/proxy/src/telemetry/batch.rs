//! Notes on their way from the workers to the log: handed over in batches, with the snapshot that they refer to.
//!
//! A worker never waits for the log: when the queue is full, a whole batch is dropped and counted. The buffers of a batch
//! that was read are used again.

use super::{
    connection::{ConnectionNote, ConnectionRecord},
    record::{Note, Record},
};
use crate::config::CompiledSnapshot;
use std::{
    cell::RefCell,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
};

/// Notes of one batch at the most.
const BATCH_NOTES: usize = 256;
/// Bytes of texts from which on a batch is handed over.
const BATCH_TEXTS: usize = 128 * 1024;
/// Buffers that wait to be used again; one is some 180 kB when it was full.
const MAXIMUM_EMPTY: usize = 32;

/// Notes that are handed over together, with the snapshot that they refer to.
#[derive(Debug)]
pub struct Batch {
    snapshot: Arc<CompiledSnapshot>,
    buffers: Buffers,
}

/// What a batch is made of.
#[derive(Debug, Default)]
struct Buffers {
    notes: Vec<Note>,
    /// Where the texts of each note are.
    said: Vec<Said>,
    connections: Vec<(ConnectionNote, Said)>,
    texts: Vec<u8>,
}

/// Where the texts of a note are in its batch.
#[derive(Clone, Copy, Debug)]
struct Said {
    from: u32,
    length: u32,
}

impl Buffers {
    fn say(&mut self, texts: &[u8]) -> Said {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let said = Said { from: number(self.texts.len()), length: number(texts.len()) };
        self.texts.extend_from_slice(texts);
        said
    }

    fn said(&self, said: Said) -> &[u8] {
        let from = said.from as usize;
        self.texts.get(from..from + said.length as usize).unwrap_or_default()
    }

    fn is_full(&self) -> bool {
        self.notes.len() >= BATCH_NOTES || self.connections.len() >= BATCH_NOTES || self.texts.len() >= BATCH_TEXTS
    }
}

impl Batch {
    /// The snapshot that its notes refer to.
    pub fn snapshot(&self) -> &Arc<CompiledSnapshot> {
        &self.snapshot
    }

    /// All requests.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = Record<'_>> + ExactSizeIterator {
        let notes = self.buffers.notes.iter().zip(&self.buffers.said);
        notes.map(|(note, said)| Record::of(note, self.buffers.said(*said), &self.snapshot))
    }

    /// All connections.
    pub fn connections(&self) -> impl ExactSizeIterator<Item = ConnectionRecord<'_>> {
        let connections = self.buffers.connections.iter();
        connections.map(|(note, said)| ConnectionRecord::of(note, self.buffers.said(*said), &self.snapshot))
    }

    /// How many notes it has.
    pub fn len(&self) -> usize {
        self.buffers.notes.len() + self.buffers.connections.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Where a worker puts its notes.
#[derive(Debug)]
pub struct Notes {
    sink: RecordSink,
    batch: RefCell<Option<Batch>>,
}

/// Where batches go. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RecordSink {
    sender: SyncSender<Batch>,
    shared: Arc<Shared>,
}

/// Where the log takes them from.
#[derive(Debug)]
pub struct Records {
    receiver: Receiver<Batch>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    dropped: AtomicU64,
    empty: Mutex<Vec<Buffers>>,
}

/// A queue of at most `capacity` batches.
pub fn channel(capacity: usize) -> (RecordSink, Records) {
    let (sender, receiver) = sync_channel(capacity);
    let shared = Arc::new(Shared::default());
    (RecordSink { sender, shared: Arc::clone(&shared) }, Records { receiver, shared })
}

impl RecordSink {
    /// What one worker writes to.
    pub fn notes(&self) -> Notes {
        Notes { sink: self.clone(), batch: RefCell::new(None) }
    }

    fn begin(&self, snapshot: &Arc<CompiledSnapshot>) -> Batch {
        let empty = self.shared.empty.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let new = || Buffers {
            notes: Vec::with_capacity(BATCH_NOTES),
            said: Vec::with_capacity(BATCH_NOTES),
            connections: Vec::new(),
            texts: Vec::with_capacity(BATCH_TEXTS / 2),
        };
        Batch { snapshot: Arc::clone(snapshot), buffers: empty.unwrap_or_else(new) }
    }

    fn push(&self, batch: Batch) {
        match self.sender.try_send(batch) {
            Ok(()) => {}
            Err(TrySendError::Full(batch) | TrySendError::Disconnected(batch)) => {
                self.shared.dropped.fetch_add(batch.len() as u64, Relaxed);
                self.shared.recycle(batch);
            }
        }
    }
}

impl Notes {
    /// Adds a request, with its texts.
    #[inline]
    pub fn add(&self, snapshot: &Arc<CompiledSnapshot>, note: &Note, texts: &[u8]) {
        self.with_batch(snapshot, |buffers| {
            let said = buffers.say(texts);
            buffers.said.push(said);
            buffers.notes.push(*note);
        });
    }

    /// Adds a connection, with its texts.
    pub fn add_connection(&self, snapshot: &Arc<CompiledSnapshot>, note: ConnectionNote, texts: &[u8]) {
        self.with_batch(snapshot, |buffers| {
            let said = buffers.say(texts);
            buffers.connections.push((note, said));
        });
    }

    #[inline]
    fn with_batch(&self, snapshot: &Arc<CompiledSnapshot>, add: impl FnOnce(&mut Buffers)) {
        let mut slot = self.batch.borrow_mut();
        if slot.as_ref().is_some_and(|batch| !Arc::ptr_eq(&batch.snapshot, snapshot)) {
            slot.take().into_iter().for_each(|full| self.sink.push(full));
        }
        let batch = slot.get_or_insert_with(|| self.sink.begin(snapshot));
        add(&mut batch.buffers);
        if batch.buffers.is_full() {
            slot.take().into_iter().for_each(|full| self.sink.push(full));
        }
    }

    /// Hands over what there is. Called at every tick, so that no record waits for its batch to fill.
    pub fn flush(&self) {
        self.batch.borrow_mut().take().into_iter().for_each(|batch| self.sink.push(batch));
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Records {
    /// The next batch, if there is one.
    pub fn take(&self) -> Option<Batch> {
        self.receiver.try_recv().ok()
    }

    /// Lets the buffers of a batch be used again.
    pub fn recycle(&self, batch: Batch) {
        self.shared.recycle(batch);
    }

    /// How many records were dropped so far because the queue was full.
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Relaxed)
    }
}

impl Shared {
    fn recycle(&self, batch: Batch) {
        let Batch { snapshot: _, mut buffers } = batch;
        buffers.notes.clear();
        buffers.said.clear();
        buffers.connections.clear();
        buffers.texts.clear();
        let mut empty = self.empty.lock().unwrap_or_else(PoisonError::into_inner);
        if empty.len() < MAXIMUM_EMPTY {
            empty.push(buffers);
        }
    }
}
