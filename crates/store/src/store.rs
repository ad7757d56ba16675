//! The store itself: opening it, looking at it, changing it.

use crate::{
    backend::{
        Backend, BackendError, Fence, Quarantined, Watch, WatchError, embedded::EmbeddedBackend, memory::MemoryBackend,
    },
    change::Changed,
    event::{EventFollower, NumberedEvent, ReadEventsError},
    key::StoredKey,
    kind::Kind,
    lease::{Acquired, Leadership, Lease, LeaseError},
    load::{self, Quarantine},
    metric::MetricStore,
    transaction::{RefusedWrite, Transaction},
    view::View,
    writer::{Ask, Head, Job, MAXIMUM_PENDING, Outcome, Pending, Shared, Writer},
};
use model::Timestamp;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

/// How often a transaction's closure runs at most before the caller is told that others are always faster.
pub const MAXIMUM_RUNS: usize = 64;
/// How often a store that shares its backend looks whether it was closed.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// What a closure returned, and how its transaction ends.
type Submitted<T, E> = (Result<T, E>, oneshot::Receiver<Outcome>);

/// All records, and the way to change them. Cloning gives another handle to the same store.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    jobs: mpsc::Sender<Job>,
    permits: Arc<Semaphore>,
    metrics: MetricStore,
    writer: Option<JoinHandle<()>>,
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory cannot be made or used.
    #[error("cannot use the data directory `{path}`: {source}", path = path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another process has it open.
    #[error("the data directory `{path}` is in use by process {holder}; stop that one first, or choose another directory with --data-dir", path = path.display())]
    Locked {
        /// The directory.
        path: PathBuf,
        /// Its process id, as it wrote it down.
        holder: String,
    },
    /// Not a state file of Goru.
    #[error("`{path}` is not a state file of Goru", path = path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Written by a newer Goru.
    #[error("`{path}` has file version {found}, and this program knows versions up to {known}; use the newer Goru that wrote it", path = path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// The backend fails.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The writer cannot be started.
    #[error("cannot start the thread that writes: {0}")]
    Thread(std::io::Error),
}

/// Why a transaction did not happen.
#[derive(Debug, thiserror::Error)]
pub enum TransactError<E> {
    /// The closure said so; nothing is changed.
    #[error("{0}")]
    Aborted(E),
    /// A record cannot be written.
    #[error(transparent)]
    Refused(#[from] RefusedWrite),
    /// It could not be made durable, and is not done.
    #[error(transparent)]
    Storage(BackendError),
    /// Others changed the state each time, [`MAXIMUM_RUNS`] times.
    #[error("others changed the same state too often; try again")]
    Contended,
    /// The lease under which it should act has passed on.
    #[error("the lease `{0}` is not held any more")]
    Fenced(String),
    /// The store is closed. Whether the transaction happened is not known if it was already on its way.
    #[error("the store is closed")]
    Closed,
}

/// Why an administrative call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The backend fails.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
}

impl Store {
    /// Opens the state of a data directory, which is made when it is missing. Blocks, for under two seconds usually.
    pub fn open(directory: &Path) -> Result<Self, OpenError> {
        Self::with_backend(Box::new(EmbeddedBackend::open(directory)?))
    }

    /// A store that forgets everything with its last handle.
    pub fn in_memory() -> Self {
        Self::with_backend(Box::new(MemoryBackend::default())).expect("memory can always be read")
    }

    /// A store on any backend.
    pub fn with_backend(mut backend: Box<dyn Backend>) -> Result<Self, OpenError> {
        let loaded = backend.load()?;
        let (view, quarantined) = load::build_view(loaded.revision, loaded.rows, loaded.damaged);
        for entry in &quarantined {
            tracing::error!(record = %entry.key, reason = %entry.reason, "a record is set aside");
        }
        let (jobs, received) = mpsc::channel();
        let metrics = MetricStore::open(backend.metric_archive()?, jobs.clone())?;
        let watch = backend.shared().then(|| backend.watch(loaded.revision));
        let shared = Arc::new(Shared {
            views: watch::Sender::new(view.clone()),
            event_commits: watch::Sender::new(0),
            head: Head { view, quarantine: Arc::new(Quarantine::of(quarantined)) }.into(),
        });
        let writer = Writer::new(backend, Arc::clone(&shared), received);
        let writer = spawn("store-writer", move || writer.run())?;
        if let Some(watch) = watch {
            let jobs = jobs.clone();
            spawn("store-watch", move || pump(watch, &jobs))?;
        }
        let permits = Arc::new(Semaphore::new(MAXIMUM_PENDING));
        Ok(Self(Arc::new(Inner { shared, jobs, permits, metrics, writer: Some(writer) })))
    }

    /// The newest durable state.
    pub fn view(&self) -> View {
        self.0.shared.views.borrow().clone()
    }

    /// Waits for changes, from now on, of records of these kinds.
    pub fn changed(&self, kinds: &[Kind]) -> Changed {
        Changed::new(self.0.shared.views.subscribe(), kinds)
    }

    /// Changes records, durably and all at once or not at all.
    ///
    /// The closure must be pure: it may run more than once, each time on the newest state, and what it returns counts
    /// only when the state that it saw is durable. A closure that changes nothing commits nothing. Dropping the future
    /// neither undoes the transaction nor tears it apart: it happens wholly or not at all.
    pub async fn transact<T, E>(
        &self,
        closure: impl FnMut(&mut Transaction) -> Result<T, E>,
    ) -> Result<T, TransactError<E>> {
        self.run(None, closure).await
    }

    pub(crate) async fn transact_fenced<T, E>(
        &self,
        fence: Fence,
        closure: impl FnMut(&mut Transaction) -> Result<T, E>,
    ) -> Result<T, TransactError<E>> {
        self.run(Some(fence), closure).await
    }

    async fn run<T, E>(
        &self,
        fence: Option<Fence>,
        mut closure: impl FnMut(&mut Transaction) -> Result<T, E>,
    ) -> Result<T, TransactError<E>> {
        for _ in 0..MAXIMUM_RUNS {
            let permit = Arc::clone(&self.0.permits).acquire_owned().await.map_err(|_| TransactError::Closed)?;
            let (result, outcome) = self.submit(fence.clone(), &mut closure, permit)?;
            match outcome.await {
                Ok(Outcome::Durable) => return result.map_err(TransactError::Aborted),
                Ok(Outcome::Again) => {}
                Ok(Outcome::Fenced(name)) => return Err(TransactError::Fenced(name)),
                Ok(Outcome::Failed(error)) => return Err(TransactError::Storage(error)),
                Err(_) => return Err(TransactError::Closed),
            }
        }
        Err(TransactError::Contended)
    }

    /// Runs the closure on the head and queues what it did. Also what changes nothing waits until the state that it
    /// saw is durable: an answer must not rest on something that may yet fail.
    fn submit<T, E>(
        &self,
        fence: Option<Fence>,
        closure: &mut impl FnMut(&mut Transaction) -> Result<T, E>,
        permit: OwnedSemaphorePermit,
    ) -> Result<Submitted<T, E>, TransactError<E>> {
        let (done, outcome) = oneshot::channel();
        let mut head = self.0.shared.lock();
        let base = head.view.revision();
        let mut transaction = Transaction::new(head.view.clone());
        let result = closure(&mut transaction);
        let change = if result.is_ok() { checked(transaction, &head.quarantine)?.finish(fence)? } else { None };
        let (batch, view) = change.map_or_else(|| (None, head.view.clone()), |(batch, view)| (Some(batch), view));
        let pending = Pending { changes: batch.is_some(), batch, base, view: view.clone(), done, _permit: permit };
        self.0.jobs.send(Job::Commit(pending)).map_err(|_| TransactError::Closed)?;
        head.view = view;
        Ok((result, outcome))
    }

    /// Records that are set aside because they are damaged or cannot be read. They are in no view.
    pub fn quarantined(&self) -> Vec<Quarantined> {
        self.0.shared.lock().quarantine.list.clone()
    }

    /// Gives up a record that is set aside, so that its name can be used again; false when there is none of that key.
    pub async fn discard_quarantined(&self, key: StoredKey) -> Result<bool, StoreError> {
        self.ask(|answer| Ask::Discard { key, answer }).await
    }

    /// At most `limit` (1,000) events after sequence number `after`, oldest first. 0 begins with the oldest kept.
    pub async fn events(&self, after: u64, limit: usize) -> Result<Vec<NumberedEvent>, ReadEventsError> {
        match self.ask(|answer| Ask::Events { after, limit, answer }).await {
            Ok(events) => Ok(events.into_iter().map(|(sequence, event)| NumberedEvent { sequence, event }).collect()),
            Err(StoreError::Backend(error)) => Err(ReadEventsError::Backend(error)),
            Err(StoreError::Closed) => Err(ReadEventsError::Closed),
        }
    }

    /// Reads events after `after` as they come.
    pub fn follow_events(&self, after: u64) -> EventFollower {
        EventFollower::new(self.clone(), after, self.0.shared.event_commits.subscribe())
    }

    /// CloudWatch's datapoints.
    pub fn metrics(&self) -> &MetricStore {
        &self.0.metrics
    }

    /// Ends the store in order: what is queued is committed, metrics are saved, the directory is free afterwards. Every
    /// call on any handle fails from then on, but views stay readable. Dropping the last handle does the same without
    /// saving metrics.
    pub async fn close(&self, now: Timestamp) -> Result<(), StoreError> {
        let flushed = self.0.metrics.flush(now).await;
        let (answer, answered) = oneshot::channel();
        self.0.jobs.send(Job::Close { answer }).map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?;
        Ok(flushed?)
    }

    /// Copies everything into a new file while the store goes on working. Refuses to overwrite.
    pub async fn backup(&self, path: &Path) -> Result<(), StoreError> {
        let copy = self.ask(|answer| Ask::Backup { answer }).await?;
        let path = path.to_owned();
        let copied = tokio::task::spawn_blocking(move || copy(&path)).await;
        Ok(copied.map_err(|_| StoreError::Closed)??)
    }

    /// A candidate for the lease `name`, which only one holder has at a time.
    pub fn leadership(&self, name: impl Into<String>, holder: impl Into<String>, ttl: Duration) -> Leadership {
        Leadership::new(self.clone(), name.into(), holder.into(), ttl)
    }

    pub(crate) async fn acquire(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Acquired, LeaseError> {
        let (name, holder) = (name.to_owned(), holder.to_owned());
        Ok(self.ask(|answer| Ask::Acquire { name, holder, ttl, now, answer }).await?)
    }

    pub(crate) async fn renew(&self, lease: Lease, ttl: Duration, now: Timestamp) -> Result<Option<Lease>, LeaseError> {
        Ok(self.ask(|answer| Ask::Renew { lease, ttl, now, answer }).await?)
    }

    pub(crate) async fn release(&self, lease: Lease) -> Result<(), LeaseError> {
        Ok(self.ask(|answer| Ask::Release { lease, answer }).await?)
    }

    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<Result<T, BackendError>>) -> Ask) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.0.jobs.send(Job::Ask(ask(answer))).map_err(|_| StoreError::Closed)?;
        Ok(answered.await.map_err(|_| StoreError::Closed)??)
    }
}

impl From<StoreError> for LeaseError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Backend(error) => Self::Backend(error),
            StoreError::Closed => Self::Closed,
        }
    }
}

impl Drop for Inner {
    /// Waits for what is queued, so that the directory can be opened again at once.
    fn drop(&mut self) {
        let (answer, _) = oneshot::channel();
        // Fails only when the writer is gone already.
        let _ = self.jobs.send(Job::Close { answer });
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn checked(transaction: Transaction, quarantine: &Quarantine) -> Result<Transaction, RefusedWrite> {
    let blocked = transaction.written_keys().find(|key| quarantine.keys.contains(key)).cloned();
    blocked.map_or(Ok(transaction), |key| Err(RefusedWrite::Quarantined(key)))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    thread::Builder::new().name(name.to_owned()).spawn(work).map_err(OpenError::Thread)
}

/// Tells the writer that others committed something.
fn pump(mut watch: Watch, jobs: &mpsc::Sender<Job>) {
    loop {
        let wake = match watch.next(WATCH_INTERVAL) {
            Ok(_) => jobs.send(Job::Ask(Ask::CatchUp)),
            Err(WatchError::Compacted(_)) => {
                // Which changes they were does not matter here: the writer has a watch of its own.
                watch.skip();
                jobs.send(Job::Ask(Ask::CatchUp))
            }
            Err(WatchError::Closed) => return,
        };
        if wake.is_err() {
            return;
        }
    }
}
