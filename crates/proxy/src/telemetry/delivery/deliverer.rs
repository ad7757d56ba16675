//! What the thread of delivery does: collects the lines of each file, adds them to it in pieces, finishes files that are
//! due, and stops where the disk has no room.
//!
//! The wall clock is an argument (`now`, in microseconds since 1970), so that tests move it.

use super::{
    Chunk,
    file::{self, LogFile},
    gzip::Compressor,
    place::{Interval, LogPlace},
    space::Space,
};
use std::{
    collections::{HashMap, HashSet},
    io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// A file of this size, in bytes as they are on disk, is finished before its time.
pub const MAXIMUM_FILE_BYTES: u64 = 16 << 20;
/// Lines are compressed together up to this size, in bytes …
const PIECE_BYTES: usize = 128 << 10;
/// … and wait no longer than this for others: what a crash may cost.
const PIECE_TIME: Duration = Duration::from_secs(10);
/// Lines of all files that may wait to be compressed, in bytes.
const MAXIMUM_BUFFERED: usize = 32 << 20;
/// Files that may be under way.
const MAXIMUM_FILES: usize = 8192;
/// With more files than this none keeps an empty buffer.
const FEW_FILES: usize = 64;
/// A file that cannot be finished is tried again after this time, in microseconds.
const RETRY_MICROS: i64 = 10_000_000;
/// A file is finished after this time even if the wall clock stands still or goes back.
const LONGEST: Duration = Duration::from_secs(660);
/// How long it is taken as known how much room a disk has.
const SPACE_TIME: Duration = Duration::from_secs(1);
/// Between two warnings.
const WARNING_PERIOD: Duration = Duration::from_secs(60);

/// Which file lines belong to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    place: Arc<LogPlace>,
    node: IpAddr,
    interval: Interval,
}

/// A file and the lines that wait for it.
#[derive(Debug)]
struct Pending {
    file: Option<LogFile>,
    lines: Vec<u8>,
    count: u64,
    waiting_since: Instant,
    began: Instant,
}

/// All files under way.
#[derive(Debug)]
pub struct Deliverer {
    /// The directory in each bucket for files under way.
    own: String,
    maximum_file_bytes: u64,
    files: HashMap<Key, Pending>,
    /// Complete but for their ends and names, and when that is tried again.
    unfinished: Vec<(LogFile, i64)>,
    buffered: usize,
    compressor: Compressor,
    room: Vec<u8>,
    spaces: HashMap<PathBuf, (Instant, bool)>,
    recovered: HashSet<PathBuf>,
    checked_at: Option<Instant>,
    lost: u64,
    trouble: Trouble,
}

/// What is said about lost lines.
#[derive(Debug, Default)]
struct Trouble {
    lines: u64,
    why: Option<(PathBuf, String)>,
    warned_at: Option<Instant>,
}

impl Deliverer {
    /// Without files; `node` is a name that no other node has that writes into the same buckets.
    pub fn new(node: &str) -> Self {
        Self {
            own: format!(".goru-{node}"),
            maximum_file_bytes: MAXIMUM_FILE_BYTES,
            files: HashMap::new(),
            unfinished: Vec::new(),
            buffered: 0,
            compressor: Compressor::default(),
            room: Vec::new(),
            spaces: HashMap::new(),
            recovered: HashSet::new(),
            checked_at: None,
            lost: 0,
            trouble: Trouble::default(),
        }
    }

    /// Whether nothing is under way and nothing is left to say.
    pub fn is_idle(&self) -> bool {
        self.files.is_empty() && self.unfinished.is_empty() && self.trouble.why.is_none()
    }

    /// Lines that were lost since this was asked last.
    pub fn take_lost(&mut self) -> u64 {
        std::mem::take(&mut self.lost)
    }

    /// Finishes what an earlier process left in a bucket; once for each.
    pub fn recover(&mut self, bucket: &Path) {
        if self.recovered.insert(bucket.to_owned()) {
            let delivered = file::recover(bucket, &self.own);
            if delivered > 0 {
                tracing::info!(bucket = %bucket.display(), delivered, "log files that a crash left behind were delivered");
            }
        }
    }

    /// Takes lines; gives back a buffer that is free.
    pub fn take(&mut self, chunk: Chunk) -> Vec<u8> {
        let Chunk { place, node, interval, lines, count } = chunk;
        if !self.recovered.contains(&place.bucket) {
            self.recover(&place.bucket.clone());
        }
        let key = Key { place, node, interval };
        if self.files.len() >= MAXIMUM_FILES && !self.files.contains_key(&key) {
            self.lose(count, &key.place.bucket, "too many files are under way");
            return lines;
        }
        self.buffered += lines.len();
        let pending = self.files.entry(key.clone()).or_insert_with(Pending::new);
        let empty = pending.add(lines, count);
        if pending.lines.len() >= PIECE_BYTES {
            self.write(&key);
        } else if self.buffered >= MAXIMUM_BUFFERED {
            let all: Vec<Key> = self.files.keys().cloned().collect();
            all.iter().for_each(|key| self.write(key));
        }
        empty
    }

    /// Finishes what is due at `now`, and writes what has waited. Looks once a second.
    pub fn turn(&mut self, now: i64) {
        if self.checked_at.is_some_and(|at| at.elapsed() < SPACE_TIME) {
            return;
        }
        self.checked_at = Some(Instant::now());
        self.look(now);
        self.trouble.warn();
    }

    fn look(&mut self, now: i64) {
        let due = |key: &Key, pending: &Pending| key.interval.is_due(now) || pending.began.elapsed() >= LONGEST;
        let over: Vec<Key> =
            self.files.iter().filter(|(key, pending)| due(key, pending)).map(|(key, _)| key.clone()).collect();
        for key in &over {
            self.write(key);
            if let Some(file) = self.files.remove(key).and_then(|pending| pending.file) {
                self.finish(file, now);
            }
        }
        let waits = |pending: &Pending| !pending.lines.is_empty() && pending.waiting_since.elapsed() >= PIECE_TIME;
        let late: Vec<Key> =
            self.files.iter().filter(|(_, pending)| waits(pending)).map(|(key, _)| key.clone()).collect();
        late.iter().for_each(|key| self.write(key));
        for (file, at) in std::mem::take(&mut self.unfinished) {
            if at <= now { self.finish(file, now) } else { self.unfinished.push((file, at)) }
        }
    }

    /// Completes all files, due or not.
    pub fn end(&mut self) {
        let all: Vec<Key> = self.files.keys().cloned().collect();
        for key in all {
            self.write(&key);
            if let Some(file) = self.files.remove(&key).and_then(|pending| pending.file) {
                self.finish(file, i64::MAX);
            }
        }
        for (file, _) in std::mem::take(&mut self.unfinished) {
            if let Err(error) = file.finish() {
                tracing::warn!(file = %file.path().display(), %error, "a log file is delivered by the next start");
            }
        }
        self.trouble.say();
    }

    /// Adds the lines that wait to their file.
    fn write(&mut self, key: &Key) {
        let Some(pending) = self.files.get(key).filter(|pending| !pending.lines.is_empty()) else { return };
        let (length, count) = (pending.lines.len(), pending.count);
        self.buffered = self.buffered.saturating_sub(length);
        let written = if self.is_short(&key.place.bucket) { Err(no_room()) } else { self.try_write(key) };
        if let Err(error) = written {
            self.lose(count, &key.place.bucket, &error.to_string());
        }
        let few = self.files.len() <= FEW_FILES;
        let Some(pending) = self.files.get_mut(key) else { return };
        pending.emptied(few);
        if pending.file.as_ref().is_some_and(|file| file.size() >= self.maximum_file_bytes)
            && let Some(file) = pending.file.take()
        {
            self.finish(file, 0);
        }
    }

    fn try_write(&mut self, key: &Key) -> io::Result<()> {
        let Self { files, compressor, room, own, .. } = self;
        let Some(pending) = files.get_mut(key) else { return Ok(()) };
        let file = match &mut pending.file {
            Some(file) => file,
            None => {
                let name = key.place.file(key.interval, key.node, &random());
                pending.file.insert(LogFile::new(&key.place.bucket, own, &name))
            }
        };
        let result = file.add(&pending.lines, compressor, room);
        if result.is_err() && file.size() == 0 {
            file.abandon();
            pending.file = None;
        }
        result
    }

    /// Gives a file its name; if that fails it is tried again, unless it is gone.
    fn finish(&mut self, file: LogFile, now: i64) {
        let Err(error) = file.finish() else { return };
        let bucket = file.path().to_owned();
        if error.kind() == io::ErrorKind::NotFound || self.unfinished.len() >= MAXIMUM_FILES {
            file.abandon();
            // How many lines were in it is not known any more.
            return self.lose(1, &bucket, &format!("a file is lost: {error}"));
        }
        self.trouble.why = Some((bucket, format!("a file cannot be finished yet: {error}")));
        self.unfinished.push((file, now.saturating_add(RETRY_MICROS)));
    }

    fn is_short(&mut self, bucket: &Path) -> bool {
        if let Some((at, short)) = self.spaces.get(bucket)
            && at.elapsed() < SPACE_TIME
        {
            return *short;
        }
        // A bucket that does not exist is found out by the write.
        let short = Space::of(bucket).is_ok_and(Space::is_short);
        self.spaces.insert(bucket.to_owned(), (Instant::now(), short));
        short
    }

    fn lose(&mut self, lines: u64, place: &Path, why: &str) {
        self.lost += lines;
        self.trouble.lines += lines;
        self.trouble.why = Some((place.to_owned(), why.to_owned()));
    }
}

impl Pending {
    fn new() -> Self {
        let now = Instant::now();
        Self { file: None, lines: Vec::new(), count: 0, waiting_since: now, began: now }
    }

    /// Adds lines; gives back a buffer that is free.
    fn add(&mut self, lines: Vec<u8>, count: u64) -> Vec<u8> {
        self.count += count;
        if self.lines.is_empty() {
            self.waiting_since = Instant::now();
            return std::mem::replace(&mut self.lines, lines);
        }
        self.lines.extend_from_slice(&lines);
        lines
    }

    fn emptied(&mut self, keep_buffer: bool) {
        self.count = 0;
        self.lines.clear();
        if !keep_buffer {
            self.lines = Vec::new();
        }
    }
}

impl Trouble {
    fn warn(&mut self) {
        if self.why.is_some() && self.warned_at.is_none_or(|at| at.elapsed() >= WARNING_PERIOD) {
            self.say();
        }
    }

    fn say(&mut self) {
        let Some((place, why)) = self.why.take() else { return };
        let lines = std::mem::take(&mut self.lines);
        tracing::warn!(place = %place.display(), lines, why, "log lines are not delivered");
        self.warned_at = Some(Instant::now());
    }
}

fn no_room() -> io::Error {
    io::Error::new(io::ErrorKind::StorageFull, "the disk is nearly full; what is left is reserved for other things")
}

/// What tells files of one interval apart: eight letters and digits.
fn random() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    // Without randomness the time takes its place: files are told apart all the same.
    let number = getrandom::u64().unwrap_or_else(|_| super::now().cast_unsigned());
    (0..8).map(|at| char::from(LETTERS[(number >> (5 * at) & 31) as usize])).collect()
}

#[cfg(test)]
mod tests;
