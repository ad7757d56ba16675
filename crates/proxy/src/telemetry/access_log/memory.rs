//! The memory of requests, for `goru why`: the last 10,000, and apart from them the last 10,000 that failed.
//!
//! It is kept by the log's thread, in blocks that are filled, and given up as a whole when there is enough behind them; so a
//! request costs one copy and no allocation. Names are kept by what the snapshot shares, never by the snapshot itself: an
//! old configuration does not live on because somebody might ask. Both parts are bounded in requests and in bytes.

use crate::telemetry::{
    line::LineWriter,
    record::{Note, Place, Record},
};
use model::{Timestamp, node::Remembered};
use std::{collections::VecDeque, sync::Arc};

/// Requests that each part remembers, at least, as long as their texts have room.
pub const REMEMBERED: usize = 10_000;
/// Bytes that each part takes at the most.
pub const MAXIMUM_BYTES: usize = 16 << 20;
/// The longest text of a request that is remembered, in bytes; longer ones are cut.
const MAXIMUM_TEXT: usize = 1024;
/// Requests of a block at the most …
const BLOCK_REQUESTS: usize = 256;
/// … and bytes of texts from which on another one is begun.
const BLOCK_TEXTS: usize = 64 << 10;

/// What a note needs of its snapshot.
#[derive(Clone, Debug)]
pub struct KeptNames {
    /// `app/<name>/<id>`.
    pub load_balancer: Arc<str>,
    /// The listener's port.
    pub port: u16,
    /// The target group's ARN.
    pub target_group: Option<Arc<str>>,
}

impl KeptNames {
    fn of(record: Record<'_>) -> Self {
        Self {
            load_balancer: Arc::clone(record.load_balancer()),
            port: record.port(),
            target_group: record.target_group().cloned(),
        }
    }

    /// Whether they are those of a record, the very same ones.
    fn are_of(&self, record: Record<'_>) -> bool {
        let of_group = match (&self.target_group, record.target_group()) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        of_group && self.port == record.port() && Arc::ptr_eq(&self.load_balancer, record.load_balancer())
    }
}

/// What is kept of a request beside its note.
#[derive(Clone, Copy, Debug)]
struct Kept {
    /// Its names and texts, by where they are in its block.
    names: usize,
    from: usize,
    length: usize,
    /// Counts all requests.
    number: u64,
}

#[derive(Debug, Default)]
struct Block {
    notes: Vec<Note>,
    /// One for each note.
    requests: Vec<Kept>,
    /// Requests in a row mostly have the same names.
    names: Vec<KeptNames>,
    texts: Vec<u8>,
}

impl Block {
    fn is_full(&self) -> bool {
        self.requests.len() >= BLOCK_REQUESTS || self.texts.len() >= BLOCK_TEXTS
    }

    fn size(&self) -> usize {
        self.notes.capacity() * size_of::<Note>()
            + self.requests.capacity() * size_of::<Kept>()
            + self.names.capacity() * size_of::<KeptNames>()
            + self.texts.capacity()
    }

    fn add(&mut self, record: Record<'_>, number: u64) {
        let from = self.texts.len();
        if record.texts().len() <= MAXIMUM_TEXT {
            self.notes.push(*record.note);
            self.texts.extend_from_slice(record.texts());
        } else {
            self.add_cut(record);
        }
        if self.names.last().is_none_or(|last| !last.are_of(record)) {
            self.names.push(KeptNames::of(record));
        }
        let (names, length) = (self.names.len() - 1, self.texts.len() - from);
        self.requests.push(Kept { names, from, length, number });
    }

    #[cold]
    fn add_cut(&mut self, record: Record<'_>) {
        let (mut note, mut cut) = (*record.note, Vec::new());
        for place in note.texts.each() {
            let text = record.text(*place);
            let text = &text[..text.len().min(MAXIMUM_TEXT)];
            *place =
                if text.is_empty() { Place::default() } else { crate::telemetry::record::put_text(&mut cut, text) };
        }
        self.notes.push(note);
        self.texts.extend_from_slice(&cut);
    }

    fn records(&self) -> impl Iterator<Item = (u64, Record<'_>)> {
        self.notes.iter().zip(&self.requests).rev().map(|(note, kept)| {
            let texts = self.texts.get(kept.from..kept.from + kept.length).unwrap_or_default();
            (kept.number, Record::kept(note, texts, &self.names[kept.names]))
        })
    }
}

/// One part of the memory.
#[derive(Debug)]
struct Ring {
    blocks: VecDeque<Block>,
    requests: usize,
    remembered: usize,
    maximum_bytes: usize,
}

impl Ring {
    const fn new(remembered: usize, maximum_bytes: usize) -> Self {
        Self { blocks: VecDeque::new(), requests: 0, remembered, maximum_bytes }
    }

    fn add(&mut self, record: Record<'_>, number: u64) {
        if self.blocks.back().is_none_or(Block::is_full) {
            let block = self.next_block();
            self.blocks.push_back(block);
        }
        if let Some(block) = self.blocks.back_mut() {
            block.add(record, number);
            self.requests += 1;
        }
    }

    /// An empty block: the oldest one, emptied, where it is not needed any more.
    fn next_block(&mut self) -> Block {
        let mut spare = Block::default();
        while let Some(oldest) = self.blocks.front() {
            let enough = self.requests - oldest.requests.len() >= self.remembered;
            if !enough && self.size() < self.maximum_bytes {
                break;
            }
            self.requests -= oldest.requests.len();
            spare = self.blocks.pop_front().unwrap_or_default();
        }
        spare.notes.clear();
        spare.requests.clear();
        spare.names.clear();
        spare.texts.clear();
        spare
    }

    /// Bytes that it takes, the block that is begun next included.
    fn size(&self) -> usize {
        const NEXT: usize = BLOCK_REQUESTS * (size_of::<Note>() + size_of::<Kept>()) + 2 * BLOCK_TEXTS;
        self.blocks.iter().map(Block::size).sum::<usize>() + NEXT
    }

    /// When its oldest request came.
    fn since(&self) -> Option<Timestamp> {
        let oldest = self.blocks.front()?.notes.first()?;
        Some(Timestamp::from_millis(oldest.started_at / 1000))
    }

    /// The newest first.
    fn records(&self) -> impl Iterator<Item = (u64, Record<'_>)> {
        self.blocks.iter().rev().flat_map(Block::records)
    }
}

/// The memory.
#[derive(Debug)]
pub struct Memory {
    all: Ring,
    failed: Ring,
    number: u64,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(REMEMBERED, MAXIMUM_BYTES)
    }
}

impl Memory {
    /// A memory of other bounds, for both parts.
    pub const fn new(remembered: usize, maximum_bytes: usize) -> Self {
        let ring = Ring::new(remembered, maximum_bytes);
        Self { all: ring, failed: Ring::new(remembered, maximum_bytes), number: 0 }
    }

    /// Remembers a request.
    pub fn add(&mut self, record: Record<'_>) {
        self.number += 1;
        self.all.add(record, self.number);
        if record.note.has_failed() {
            self.failed.add(record, self.number);
        }
    }

    /// The newest requests with an id, at most so many, as JSON.
    pub fn find(&self, id: &Id, most: usize) -> Vec<serde_json::Value> {
        let oldest = self.all.blocks.front().and_then(|block| block.requests.first()).map(|kept| kept.number);
        let only_failed = self.failed.records().filter(|(number, _)| oldest.is_none_or(|oldest| *number < oldest));
        let (mut writer, mut line) = (LineWriter::default(), Vec::new());
        let found = self.all.records().chain(only_failed).map(|(_, record)| record);
        let shown = found.filter(|record| id.names(*record)).map(|record| {
            line.clear();
            writer.json(&mut line, record);
            // What we write is JSON.
            serde_json::from_slice(&line).unwrap_or_default()
        });
        shown.take(most).collect()
    }

    /// How far it goes back.
    pub fn extent(&self) -> Remembered {
        Remembered {
            requests: self.all.requests as u64,
            since: self.all.since(),
            failed: self.failed.requests as u64,
            failed_since: self.failed.since(),
        }
    }

    /// Bytes that it takes.
    pub fn size(&self) -> usize {
        let blocks = self.all.blocks.iter().chain(&self.failed.blocks);
        blocks.map(Block::size).sum()
    }
}

/// What requests are looked for by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// A client's connection (`TID_…`).
    Connection(u64),
    /// An X-Amzn-Trace-Id, or one of the ids in it.
    Trace(Vec<u8>),
}

impl Id {
    /// Reads what a user gave: `TID_…`, `Root=1-…`, a whole header value (of which `Self` is the request's own id, and `Root`
    /// the id of the whole chain), or an id alone.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Some(number) = text.get(..4).filter(|start| start.eq_ignore_ascii_case("TID_")).map(|_| &text[4..]) {
            return Self::Connection(u64::from_str_radix(number.trim_start_matches('0'), 16).unwrap_or(0));
        }
        let fields = || text.split(';').filter_map(|field| field.trim().split_once('='));
        let named = |name: &str| fields().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, id)| id);
        let id = named("self").or_else(|| named("root")).unwrap_or(text);
        Self::Trace(id.as_bytes().to_vec())
    }

    fn names(&self, record: Record<'_>) -> bool {
        match self {
            Self::Connection(number) => record.note.connection == *number,
            Self::Trace(id) => {
                let fields = record.text(record.note.texts.trace_id).split(|byte| *byte == b';');
                let value = |field: &'_ [u8]| {
                    let at = field.iter().position(|byte| *byte == b'=').map_or(0, |at| at + 1);
                    field[at..].eq_ignore_ascii_case(id)
                };
                !id.is_empty() && fields.map(<[u8]>::trim_ascii).any(value)
            }
        }
    }
}

#[cfg(test)]
mod tests;
