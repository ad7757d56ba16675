//! The log's thread: it takes what workers and health checks noted, remembers requests, writes the node's own files and
//! hands lines over for delivery.
//!
//! `access.log` has the fields of an Application Load Balancer's log in ALB's order, `access.json.log` more than those as
//! JSON lines ([`line`](super::line)), of the requests that failed or of all. Workers never wait: a full queue drops and counts. The files are bounded (they rotate by
//! size and only some are kept), are opened again when somebody moved them away or asks for it, and a disk that is full
//! costs log lines, never requests. The [`memory`] exists whether or not files are written.

pub mod memory;
mod output;

use super::{
    batch::{Batch, Records},
    check::CheckRecords,
    delivery,
    line::LineWriter,
};
use memory::{Id, Memory};
use model::node::{MAXIMUM_FOUND, Remembered};
use output::Output;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// A file that has reached this size, in bytes, is put aside.
pub const MAXIMUM_FILE_BYTES: u64 = 32 << 20;

/// So many files that were put aside are kept, `access.log.1` being the newest.
pub const KEPT_FILES: usize = 4;

/// The log looks for records so often while there are some …
const BUSY_PAUSE: Duration = Duration::from_millis(50);

/// … and so often when there were none.
const IDLE_PAUSE: Duration = Duration::from_millis(250);

/// So often the log makes sure that its files are still there, and says what was lost.
const CHECK_PERIOD: Duration = Duration::from_secs(1);

/// Between two warnings about lost lines.
const WARNING_PERIOD: Duration = Duration::from_secs(60);

/// So many commands may wait for the thread.
const MAXIMUM_COMMANDS: usize = 64;

/// So long a request is looked for that is not remembered: a worker hands its notes over every 100 ms.
const FIND_TIME: Duration = Duration::from_millis(400);

/// Which files of its own the node writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessLogOptions {
    /// The folder of the files; made when it is missing.
    pub directory: PathBuf,
    /// Whether `access.log`, in ALB's order, is written.
    pub alb: bool,
    /// Whether `access.json.log` has all requests; else it has those that failed ([`Note::has_failed`]).
    ///
    /// [`Note::has_failed`]: super::record::Note::has_failed
    pub json: bool,
    /// The size at which a file is put aside, in bytes; [`MAXIMUM_FILE_BYTES`] unless a test says otherwise.
    pub maximum_file_bytes: u64,
    /// How many such files are kept; [`KEPT_FILES`] unless a test says otherwise.
    pub kept_files: usize,
}

impl AccessLogOptions {
    /// The usual files in this folder, with the usual bounds. JSON has what failed: all of it would cost as much again as the
    /// other file, and what it has beyond that is of interest where something went wrong.
    pub fn new(directory: PathBuf) -> Self {
        let (maximum_file_bytes, kept_files) = (MAXIMUM_FILE_BYTES, KEPT_FILES);
        Self { directory, alb: true, json: false, maximum_file_bytes, kept_files }
    }
}

/// Where the thread takes its records from.
#[derive(Debug)]
pub struct Sources {
    /// Those of the workers.
    pub records: Records,
    /// Those of health checks.
    pub checks: CheckRecords,
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its number.
    pub question: u64,
    /// What is remembered, the newest first.
    pub requests: Vec<Value>,
    /// How far the memory goes back.
    pub remembered: Remembered,
}

/// Lines that were lost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Because the queue to the thread was full.
    pub dropped: u64,
    /// Because the node's own files could not be written.
    pub unwritten: u64,
    /// Because a bucket's directory did not take them, or not in time.
    pub undelivered: u64,
}

impl Lost {
    /// All of them.
    pub fn sum(self) -> u64 {
        let Self { dropped, unwritten, undelivered } = self;
        dropped + unwritten + undelivered
    }
}

#[derive(Debug, Default)]
struct LostCounts {
    dropped: AtomicU64,
    unwritten: AtomicU64,
    undelivered: AtomicU64,
}

enum Command {
    Reopen,
    Find(u64, Id),
    Buckets(BTreeSet<PathBuf>),
    Stop,
}

/// The running log.
#[derive(Debug)]
pub struct AccessLog {
    commands: SyncSender<Command>,
    thread: JoinHandle<()>,
    lost: Arc<LostCounts>,
}

impl AccessLog {
    /// Starts the thread. Without `files` it writes none of its own. `node` is a name that no other node has that delivers
    /// into the same buckets. Files that cannot be opened are tried again every second. Answers to questions come out of
    /// the receiver.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        files: Option<&AccessLogOptions>,
        node: &str,
        sources: Sources,
    ) -> io::Result<(Self, mpsc::Receiver<Found>)> {
        let (commands, receiver) = sync_channel(MAXIMUM_COMMANDS);
        let (answers, found) = mpsc::channel(MAXIMUM_COMMANDS);
        let lost = Arc::new(LostCounts::default());
        let delivery = delivery::Sender::start(node)?;
        let log = Log::new(files, sources, delivery, answers, Arc::clone(&lost));
        let thread = std::thread::Builder::new().name("access-log".to_owned()).spawn(move || log.run(&receiver))?;
        Ok((Self { commands, thread, lost }, found))
    }

    /// Opens the files again, after somebody renamed them (SIGUSR1).
    pub fn reopen(&self) {
        // When the queue is full the thread is held up by the disk, and looks at its files every second anyway.
        let _ = self.commands.try_send(Command::Reopen);
    }

    /// Looks for remembered requests. The answer comes out of the receiver; none comes when too many questions wait.
    pub fn find(&self, question: u64, id: &str) {
        let _ = self.commands.try_send(Command::Find(question, Id::parse(id)));
    }

    /// Says which buckets are delivered to, so that what a crash left there is finished.
    pub fn buckets(&self, buckets: BTreeSet<PathBuf>) {
        // The first line for a bucket says so as well.
        let _ = self.commands.try_send(Command::Buckets(buckets));
    }

    /// How many lines were lost.
    pub fn lost(&self) -> Lost {
        Lost {
            dropped: self.lost.dropped.load(Relaxed),
            unwritten: self.lost.unwritten.load(Relaxed),
            undelivered: self.lost.undelivered.load(Relaxed),
        }
    }

    /// Writes what is in the queues, completes all files and ends. Call it after the workers ended.
    pub fn stop(self) {
        // The receiver lives as long as the thread; if that is gone there is nothing to stop.
        let _ = self.commands.send(Command::Stop);
        if self.thread.join().is_err() {
            tracing::error!("the access log's thread panicked");
        }
    }
}

/// A question that nothing was found for yet.
struct Question {
    number: u64,
    id: Id,
    until: Instant,
}

struct Log {
    sources: Sources,
    alb: Option<Output>,
    json: Option<Output>,
    json_of_all: bool,
    writer: LineWriter,
    line: Vec<u8>,
    memory: Memory,
    delivery: delivery::Sender,
    answers: mpsc::Sender<Found>,
    questions: Vec<Question>,
    checked_at: Instant,
    warned_at: Option<Instant>,
    warned_of: u64,
    lost: Arc<LostCounts>,
}

impl Log {
    fn new(
        files: Option<&AccessLogOptions>,
        sources: Sources,
        delivery: delivery::Sender,
        answers: mpsc::Sender<Found>,
        lost: Arc<LostCounts>,
    ) -> Self {
        let output = |name| files.map(|files| Output::new(files, name));
        Self {
            sources,
            alb: files.filter(|files| files.alb).and_then(|_| output("access.log")),
            json: output("access.json.log"),
            json_of_all: files.is_some_and(|files| files.json),
            writer: LineWriter::default(),
            line: Vec::new(),
            memory: Memory::default(),
            delivery,
            answers,
            questions: Vec::new(),
            checked_at: Instant::now(),
            warned_at: None,
            warned_of: 0,
            lost,
        }
    }

    fn run(mut self, commands: &Receiver<Command>) {
        let mut pause = BUSY_PAUSE;
        loop {
            let command = commands.recv_timeout(pause);
            let busy = self.write_all() > 0;
            match command {
                Ok(Command::Reopen) => self.outputs().for_each(Output::open),
                Ok(Command::Find(number, id)) => {
                    self.questions.push(Question { number, id, until: Instant::now() + FIND_TIME });
                }
                Ok(Command::Buckets(buckets)) => self.delivery.buckets(buckets),
                Ok(Command::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.answer();
            pause = if busy || !self.questions.is_empty() { BUSY_PAUSE } else { IDLE_PAUSE };
            if self.checked_at.elapsed() >= CHECK_PERIOD {
                self.checked_at = Instant::now();
                self.outputs().for_each(Output::check);
                self.warn();
            }
        }
        self.warn();
        self.delivery.stop();
    }

    fn outputs(&mut self) -> impl Iterator<Item = &mut Output> {
        self.alb.iter_mut().chain(self.json.iter_mut())
    }

    /// Answers questions whose requests are remembered, or whose time is over.
    fn answer(&mut self) {
        let Self { memory, answers, questions, .. } = self;
        questions.retain(|question| {
            let requests = memory.find(&question.id, MAXIMUM_FOUND);
            let waits = requests.is_empty() && Instant::now() < question.until;
            if !waits {
                // Whoever asks gives up after some time; too many answers that nobody takes are lost.
                let found = Found { question: question.number, requests, remembered: memory.extent() };
                let _ = answers.try_send(found);
            }
            waits
        });
    }

    /// Writes all records that wait; returns how many. One turn takes at most what the queue held when it was full,
    /// so commands are heard even when workers fill the queue as fast as it is emptied.
    fn write_all(&mut self) -> usize {
        const MAXIMUM_TURN: usize = 1 << 20;
        let mut count = 0;
        while count < MAXIMUM_TURN
            && let Some(batch) = self.sources.records.take()
        {
            count += batch.len();
            self.write(&batch);
            self.sources.records.recycle(batch);
        }
        count += self.write_checks();
        self.outputs().for_each(Output::flush);
        self.delivery.flush();
        let unwritten = self.outputs().map(|output| output.unwritten()).sum();
        let dropped = self.sources.records.dropped() + self.sources.checks.dropped();
        self.lost.unwritten.store(unwritten, Relaxed);
        self.lost.dropped.store(dropped, Relaxed);
        self.lost.undelivered.store(self.delivery.lost(), Relaxed);
        count
    }

    fn write(&mut self, batch: &Batch) {
        let Self { writer, line, delivery, memory, alb, json, json_of_all, .. } = self;
        for record in batch.records() {
            memory.add(record);
            let place = batch.snapshot().balancer_of(record.note.listener).logs.access.as_ref();
            let mut deliver = |line: &[u8]| {
                if let Some(place) = place {
                    delivery.add(place, record.note.node, record.note.ended_at(), line);
                }
            };
            match alb {
                Some(alb) => alb.add(|out| writer.access(out, record), &mut deliver),
                None if place.is_some() => {
                    line.clear();
                    writer.access(line, record);
                    deliver(line);
                }
                None => {}
            }
            if let Some(json) = json
                && (*json_of_all || record.note.has_failed())
            {
                json.add(|out| writer.json(out, record), |_| {});
            }
        }
        for record in batch.connections() {
            if let Some(place) = &batch.snapshot().balancer_of(record.note.listener).logs.connections {
                line.clear();
                writer.connection(line, record);
                delivery.add(place, record.note.node, record.note.at, line);
            }
        }
    }

    fn write_checks(&mut self) -> usize {
        let mut count = 0;
        while let Some(note) = self.sources.checks.take() {
            count += 1;
            self.line.clear();
            self.writer.health_check(&mut self.line, &note);
            self.delivery.add(&note.log.place, note.log.node, note.at, &self.line);
        }
        count
    }

    fn warn(&mut self) {
        let [dropped, unwritten, undelivered] =
            [&self.lost.dropped, &self.lost.unwritten, &self.lost.undelivered].map(|count| count.load(Relaxed));
        let lost = dropped + unwritten + undelivered;
        let recently = self.warned_at.is_some_and(|at| at.elapsed() < WARNING_PERIOD);
        if lost > self.warned_of && !recently {
            tracing::warn!(
                dropped,
                unwritten,
                undelivered,
                "lines of logs were lost: a queue was full, or a disk refused them"
            );
            self.warned_of = lost;
            self.warned_at = Some(Instant::now());
        }
    }
}
