//! The access log: request records to files, on a thread of its own.
//!
//! `access.log` has the fields of an Application Load Balancer's log in ALB's order, `access.json.log` the same as JSON
//! lines. Workers never wait: a full queue drops and counts. The files are bounded (they rotate by size and only some are
//! kept), are opened again when somebody moved them away or asks for it, and a disk that is full costs log lines, never
//! requests. What a line looks like is in [`mod@line`].

pub mod line;

use super::record::Records;
use line::LineWriter;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// A file that has reached this size, in bytes, is put aside.
pub const MAXIMUM_FILE_BYTES: u64 = 32 << 20;

/// So many files that were put aside are kept, `access.log.1` being the newest.
pub const KEPT_FILES: usize = 4;

/// The log looks for records so often while there are some …
const BUSY_PAUSE: Duration = Duration::from_millis(50);

/// … and so often when there were none.
const IDLE_PAUSE: Duration = Duration::from_millis(250);

/// Lines are collected up to this size, in bytes, before they are written.
const BATCH_BYTES: usize = 256 << 10;

/// So often the log makes sure that its files are still there, and says what was lost.
const CHECK_PERIOD: Duration = Duration::from_secs(1);

/// Between two warnings about lost lines.
const WARNING_PERIOD: Duration = Duration::from_secs(60);

/// So many commands may wait for the thread; reopening twice is reopening once.
const MAXIMUM_COMMANDS: usize = 4;

/// Where the access log goes and what it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessLogOptions {
    /// The folder of the files; made when it is missing.
    pub directory: PathBuf,
    /// Whether `access.log`, in ALB's order, is written.
    pub alb: bool,
    /// Whether `access.json.log` is written.
    pub json: bool,
    /// The size at which a file is put aside, in bytes; [`MAXIMUM_FILE_BYTES`] unless a test says otherwise.
    pub maximum_file_bytes: u64,
    /// How many such files are kept; [`KEPT_FILES`] unless a test says otherwise.
    pub kept_files: usize,
}

impl AccessLogOptions {
    /// Both formats in this folder, with the usual bounds.
    pub fn new(directory: PathBuf) -> Self {
        let (maximum_file_bytes, kept_files) = (MAXIMUM_FILE_BYTES, KEPT_FILES);
        Self { directory, alb: true, json: true, maximum_file_bytes, kept_files }
    }
}

enum Command {
    Reopen,
    Stop,
}

/// The running log.
#[derive(Debug)]
pub struct AccessLog {
    commands: SyncSender<Command>,
    thread: JoinHandle<()>,
    unwritten: Arc<AtomicU64>,
}

impl AccessLog {
    /// Starts the log thread on the records of all workers. Files that cannot be opened are tried again every second.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(options: AccessLogOptions, records: Vec<Records>) -> io::Result<Self> {
        let (commands, receiver) = sync_channel(MAXIMUM_COMMANDS);
        let unwritten = Arc::new(AtomicU64::new(0));
        let log = Log::new(&options, records, Arc::clone(&unwritten));
        let thread = std::thread::Builder::new().name("access-log".to_owned()).spawn(move || log.run(&receiver))?;
        Ok(Self { commands, thread, unwritten })
    }

    /// Opens the files again, after somebody renamed them (SIGUSR1).
    pub fn reopen(&self) {
        // When the queue is full a reopening is already waiting in it.
        let _ = self.commands.try_send(Command::Reopen);
    }

    /// How many lines could not be written because of the disk.
    pub fn unwritten(&self) -> u64 {
        self.unwritten.load(Ordering::Relaxed)
    }

    /// Writes what is in the queues and ends. Call it after the workers ended.
    pub fn stop(self) {
        // The receiver lives as long as the thread; if that is gone there is nothing to stop.
        let _ = self.commands.send(Command::Stop);
        if self.thread.join().is_err() {
            tracing::error!("the access log's thread panicked");
        }
    }
}

struct Log {
    records: Vec<Records>,
    alb: Option<Output>,
    json: Option<Output>,
    writer: LineWriter,
    checked_at: Instant,
    warned_at: Option<Instant>,
    warned_of: u64,
    unwritten: Arc<AtomicU64>,
}

impl Log {
    fn new(options: &AccessLogOptions, records: Vec<Records>, unwritten: Arc<AtomicU64>) -> Self {
        let output = |wanted: bool, name: &str| wanted.then(|| Output::new(options, name));
        Self {
            records,
            alb: output(options.alb, "access.log"),
            json: output(options.json, "access.json.log"),
            writer: LineWriter::default(),
            checked_at: Instant::now(),
            warned_at: None,
            warned_of: 0,
            unwritten,
        }
    }

    fn run(mut self, commands: &Receiver<Command>) {
        let mut pause = BUSY_PAUSE;
        loop {
            let command = commands.recv_timeout(pause);
            pause = if self.write_all() > 0 { BUSY_PAUSE } else { IDLE_PAUSE };
            match command {
                Ok(Command::Reopen) => self.outputs().for_each(Output::open),
                Ok(Command::Stop) | Err(RecvTimeoutError::Disconnected) => return self.warn(),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.checked_at.elapsed() >= CHECK_PERIOD {
                self.checked_at = Instant::now();
                self.outputs().for_each(Output::check);
                self.warn();
            }
        }
    }

    fn outputs(&mut self) -> impl Iterator<Item = &mut Output> {
        self.alb.iter_mut().chain(self.json.iter_mut())
    }

    /// Writes all records that wait; returns how many. One turn takes at most what every queue held when it was full,
    /// so commands are heard even when workers fill the queues as fast as they are emptied.
    fn write_all(&mut self) -> usize {
        const MAXIMUM_TURN: usize = 1 << 20;
        let mut count = 0;
        for i in 0..self.records.len() {
            while count < MAXIMUM_TURN
                && let Some(batch) = self.records[i].take()
            {
                count += batch.len();
                for record in batch.records() {
                    if let Some(alb) = &mut self.alb {
                        self.writer.alb(&mut alb.batch, record);
                        alb.added();
                    }
                    if let Some(json) = &mut self.json {
                        self.writer.json(&mut json.batch, record);
                        json.added();
                    }
                }
                self.records[i].recycle(batch);
            }
        }
        self.outputs().for_each(Output::flush);
        let lost = self.outputs().map(|output| output.unwritten).sum();
        self.unwritten.store(lost, Ordering::Relaxed);
        count
    }

    fn warn(&mut self) {
        let dropped: u64 = self.records.iter().map(Records::dropped).sum();
        let unwritten = self.unwritten.load(Ordering::Relaxed);
        let lost = dropped + unwritten;
        let recently = self.warned_at.is_some_and(|at| at.elapsed() < WARNING_PERIOD);
        if lost > self.warned_of && !recently {
            tracing::warn!(
                dropped,
                unwritten,
                "access log lines were lost: the queue was full or the disk refused them"
            );
            self.warned_of = lost;
            self.warned_at = Some(Instant::now());
        }
    }
}

/// One log file with its older parts.
struct Output {
    path: PathBuf,
    maximum_bytes: u64,
    kept_files: usize,
    file: Option<File>,
    written: u64,
    batch: Vec<u8>,
    lines: u64,
    unwritten: u64,
    failing: bool,
}

impl Output {
    fn new(options: &AccessLogOptions, name: &str) -> Self {
        let mut output = Self {
            path: options.directory.join(name),
            maximum_bytes: options.maximum_file_bytes,
            kept_files: options.kept_files,
            file: None,
            written: 0,
            batch: Vec::with_capacity(BATCH_BYTES),
            lines: 0,
            unwritten: 0,
            failing: false,
        };
        output.open();
        output
    }

    fn open(&mut self) {
        self.file = None;
        match open(&self.path) {
            Ok((file, length)) => {
                self.file = Some(file);
                self.written = length;
                self.failing = false;
            }
            Err(error) => self.failed("open", &error),
        }
    }

    /// Said once per time of trouble, not once per line.
    fn failed(&mut self, what: &str, error: &io::Error) {
        if !self.failing {
            tracing::warn!(path = %self.path.display(), %error, "cannot {what} the access log; its lines are lost");
        }
        self.failing = true;
    }

    /// A line was appended to the batch.
    fn added(&mut self) {
        self.lines += 1;
        if self.batch.len() >= BATCH_BYTES {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        let result = match &mut self.file {
            Some(file) => file.write_all(&self.batch),
            None => Err(io::Error::from(io::ErrorKind::NotFound)),
        };
        match result {
            Ok(()) => self.written += u64::try_from(self.batch.len()).unwrap_or(0),
            Err(error) => {
                self.unwritten += self.lines;
                self.failed("write", &error);
                // Part of the batch may be there; the next line must begin on a line of its own.
                self.file = None;
            }
        }
        self.batch.clear();
        self.lines = 0;
        if self.written >= self.maximum_bytes && self.file.is_some() {
            self.rotate();
        }
    }

    /// Opens the file again when it failed, was renamed or removed.
    fn check(&mut self) {
        let here = |file: &File| Some((file.metadata().ok()?.dev(), file.metadata().ok()?.ino()));
        let there = fs::metadata(&self.path).ok().map(|m| (m.dev(), m.ino()));
        if there.is_none() || self.file.as_ref().and_then(here) != there {
            self.open();
        }
    }

    fn rotate(&mut self) {
        self.file = None;
        if let Err(error) = rotate(&self.path, self.kept_files) {
            self.failed("rotate", &error);
            // The bound matters more than the lines.
            let _ = fs::remove_file(&self.path);
        }
        self.open();
    }
}

/// Opens a log file for appending, with a line end after a line that a crash or a full disk cut short.
fn open(path: &Path) -> io::Result<(File, u64)> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o640).open(path)?;
    let mut length = file.metadata()?.len();
    if length > 0 {
        let mut last = [0];
        std::os::unix::fs::FileExt::read_exact_at(&file, &mut last, length - 1)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
            length += 1;
        }
    }
    Ok((file, length))
}

/// `access.log` becomes `access.log.1`, that `access.log.2`, and so on; the oldest goes.
fn rotate(path: &Path, kept: usize) -> io::Result<()> {
    if kept == 0 {
        return fs::remove_file(path);
    }
    let numbered = |n: usize| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{n}"));
        PathBuf::from(name)
    };
    for n in (1..kept).rev() {
        match fs::rename(numbered(n), numbered(n + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    fs::rename(path, numbered(1))
}
