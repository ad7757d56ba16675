//! Delivery of logs as AWS delivers them: gzip files in the directories that stand for buckets, one for each load balancer,
//! node address and five minutes (or more, where one has reached 16 MiB).
//!
//! The log's thread renders lines and hands them over in chunks ([`Sender`]); a thread of its own compresses and writes
//! ([`deliverer`]), below the priority of the workers. Nobody waits for it: what its queue or the disk does not take is
//! dropped, counted, and said once a minute. Every buffer has a bound.

pub mod deliverer;
pub mod file;
pub mod gzip;
pub mod place;
pub mod space;

use deliverer::Deliverer;
use place::{Interval, LogPlace};
use std::{
    collections::{BTreeSet, HashMap},
    io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{
            AtomicU64, AtomicUsize,
            Ordering::{AcqRel, Relaxed},
        },
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A chunk is handed over when it has so many bytes, or when the log has no more records.
const CHUNK_BYTES: usize = 64 << 10;
/// Chunks that may wait for the thread …
const MAXIMUM_CHUNKS: usize = 4096;
/// … and bytes in them.
const MAXIMUM_WAITING_BYTES: usize = 16 << 20;
/// Buffers of chunks that wait to be used again.
const MAXIMUM_EMPTY: usize = 32;
/// How often the thread looks whether a file is due.
const TURN: Duration = Duration::from_secs(1);
/// How much the priority of the thread is below that of others.
const NICENESS: i32 = 10;

/// Lines for one file.
#[derive(Debug)]
pub struct Chunk {
    /// Where they go.
    pub place: Arc<LogPlace>,
    /// The address of the load balancer's node.
    pub node: IpAddr,
    /// The time that they are of.
    pub interval: Interval,
    /// The lines, each with its end.
    pub lines: Vec<u8>,
    /// How many they are.
    pub count: u64,
}

enum Order {
    Chunk(Chunk),
    Buckets(BTreeSet<PathBuf>),
    Stop,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: AtomicUsize,
    lost: AtomicU64,
    empty: Mutex<Vec<Vec<u8>>>,
}

/// The log thread's end: collects lines by file and hands them over.
#[derive(Debug)]
pub struct Sender {
    orders: SyncSender<Order>,
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
    chunks: Vec<Chunk>,
    /// Where the chunk of a file is: by the address of the place, which the chunk keeps alive.
    by_file: HashMap<(usize, IpAddr, Interval), usize>,
    last: Option<((usize, IpAddr, Interval), usize)>,
}

impl Sender {
    /// Starts the thread. `node` is a name that no other node has that writes into the same buckets.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(node: &str) -> io::Result<Self> {
        let (orders, receiver) = sync_channel(MAXIMUM_CHUNKS);
        let shared = Arc::new(Shared::default());
        let deliverer = Deliverer::new(node);
        let of_thread = Arc::clone(&shared);
        let run = move || Thread { deliverer, orders: receiver, shared: of_thread }.run();
        let thread = std::thread::Builder::new().name("log-delivery".to_owned()).spawn(run)?;
        Ok(Self { orders, shared, thread, chunks: Vec::new(), by_file: HashMap::new(), last: None })
    }

    /// Adds a line, its end included. `at`: microseconds since 1970, which decide the file.
    #[inline]
    pub fn add(&mut self, place: &Arc<LogPlace>, node: IpAddr, at: i64, line: &[u8]) {
        let key = (Arc::as_ptr(place) as usize, node, Interval::of(at));
        let chunk = match self.last {
            Some((last, chunk)) if last == key => chunk,
            Some(_) | None => self.chunk(key, place),
        };
        let chunk = &mut self.chunks[chunk];
        chunk.lines.extend_from_slice(line);
        chunk.count += 1;
        if chunk.lines.len() >= CHUNK_BYTES {
            self.flush();
        }
    }

    fn chunk(&mut self, key: (usize, IpAddr, Interval), place: &Arc<LogPlace>) -> usize {
        let chunk = *self.by_file.entry(key).or_insert_with(|| {
            let lines = self.shared.empty.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
            self.chunks.push(Chunk { place: Arc::clone(place), node: key.1, interval: key.2, lines, count: 0 });
            self.chunks.len() - 1
        });
        self.last = Some((key, chunk));
        chunk
    }

    /// Hands over what was collected.
    pub fn flush(&mut self) {
        self.by_file.clear();
        self.last = None;
        for chunk in self.chunks.drain(..) {
            let length = chunk.lines.len();
            if self.shared.waiting.load(Relaxed) + length > MAXIMUM_WAITING_BYTES {
                self.shared.lost.fetch_add(chunk.count, Relaxed);
                continue;
            }
            self.shared.waiting.fetch_add(length, AcqRel);
            match self.orders.try_send(Order::Chunk(chunk)) {
                Ok(()) => {}
                Err(TrySendError::Full(order) | TrySendError::Disconnected(order)) => {
                    self.shared.waiting.fetch_sub(length, AcqRel);
                    if let Order::Chunk(chunk) = order {
                        self.shared.lost.fetch_add(chunk.count, Relaxed);
                    }
                }
            }
        }
    }

    /// Says which buckets are written into, so that what a crash left there is finished.
    pub fn buckets(&self, buckets: BTreeSet<PathBuf>) {
        // When the queue is full of lines, those are of the same buckets.
        let _ = self.orders.try_send(Order::Buckets(buckets));
    }

    /// How many lines could not be delivered.
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Relaxed)
    }

    /// Completes all files and ends the thread.
    pub fn stop(mut self) {
        self.flush();
        // The receiver lives as long as the thread; if that is gone there is nothing to stop.
        let _ = self.orders.send(Order::Stop);
        if self.thread.join().is_err() {
            tracing::error!("the thread that delivers logs panicked");
        }
    }
}

/// The other end.
struct Thread {
    deliverer: Deliverer,
    orders: Receiver<Order>,
    shared: Arc<Shared>,
}

impl Thread {
    fn run(mut self) {
        // What is refused costs a little of the workers' time, no more.
        let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
        loop {
            let order = match self.deliverer.is_idle() {
                true => self.orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
                false => self.orders.recv_timeout(TURN),
            };
            match order {
                Ok(Order::Chunk(chunk)) => {
                    self.shared.waiting.fetch_sub(chunk.lines.len(), AcqRel);
                    let empty = self.deliverer.take(chunk);
                    self.recycle(empty);
                }
                Ok(Order::Buckets(buckets)) => buckets.iter().for_each(|bucket| self.deliverer.recover(bucket)),
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.deliverer.turn(now());
            self.count();
        }
        self.deliverer.end();
        self.count();
    }

    fn count(&mut self) {
        self.shared.lost.fetch_add(self.deliverer.take_lost(), Relaxed);
    }

    fn recycle(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let mut empty = self.shared.empty.lock().unwrap_or_else(PoisonError::into_inner);
        if empty.len() < MAXIMUM_EMPTY && buffer.capacity() <= 2 * CHUNK_BYTES {
            empty.push(buffer);
        }
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// What tells nodes apart that write into the same buckets: their machine and their data directory.
pub fn node_name(data_dir: &Path) -> String {
    let path = data_dir.canonicalize().unwrap_or_else(|_| data_dir.to_owned());
    let machine = rustix::system::uname();
    let bytes = machine.nodename().to_bytes().iter().chain(path.as_os_str().as_encoded_bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}
