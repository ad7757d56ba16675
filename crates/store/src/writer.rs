//! The one thread that talks to the backend: commits in order, many transactions at a time, then publishes what became
//! durable and answers those who wait for it.
//!
//! When a commit fails, everything that was built on it fails with it, and the head goes back to the durable state: no
//! transaction ever rests on one that did not happen.

use crate::{
    backend::{Backend, BackendError, BackupFunction, Batch, Change, CommitError, Quarantined, Watch, WatchError},
    key::{Revision, StoredKey},
    kind::Kind,
    lease::{Acquired, Lease},
    load::{Quarantine, apply_write, build_view},
    metric::archive::MetricBatch,
    view::View,
};
use model::{Timestamp, event::Event};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, oneshot, watch};

/// The most transactions that one durable commit takes along.
pub const MAXIMUM_GROUP: usize = 256;
/// The most transactions that may wait for the writer; further callers wait before they run their closure.
pub const MAXIMUM_PENDING: usize = 1_024;
/// How long the writer waits for the changes that made a commit conflict.
const CATCH_UP_LIMIT: Duration = Duration::from_secs(2);

/// The state that transactions run on: durable, or on its way to be.
pub(crate) struct Head {
    pub(crate) view: View,
    pub(crate) quarantine: Arc<Quarantine>,
}

/// What the writer shares with the callers.
pub(crate) struct Shared {
    pub(crate) head: Mutex<Head>,
    pub(crate) views: watch::Sender<View>,
    pub(crate) event_commits: watch::Sender<u64>,
}

/// How a transaction ended.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// It is durable.
    Durable,
    /// It rests on a state that did not come to be: run it again.
    Again,
    /// Its lease has passed on.
    Fenced(String),
    /// The backend failed.
    Failed(BackendError),
}

/// One transaction on its way.
pub(crate) struct Pending {
    pub(crate) batch: Option<Batch>,
    /// Whether it came with a batch.
    pub(crate) changes: bool,
    /// The revision of the state that its closure ran on.
    pub(crate) base: Revision,
    pub(crate) view: View,
    pub(crate) done: oneshot::Sender<Outcome>,
    /// Held until the transaction has ended, which bounds the queue.
    pub(crate) _permit: OwnedSemaphorePermit,
}

type Answer<T> = oneshot::Sender<Result<T, BackendError>>;

/// What the writer is asked to do.
pub(crate) enum Job {
    /// Commit; without a batch: say when everything before is durable.
    Commit(Pending),
    /// Anything that is done at once.
    Ask(Ask),
    /// Close the backend and end.
    Close { answer: oneshot::Sender<()> },
}

/// What the writer does at once, between two commits.
pub(crate) enum Ask {
    /// Look at what others committed.
    CatchUp,
    Acquire {
        name: String,
        holder: String,
        ttl: Duration,
        now: Timestamp,
        answer: Answer<Acquired>,
    },
    Renew {
        lease: Lease,
        ttl: Duration,
        now: Timestamp,
        answer: Answer<Option<Lease>>,
    },
    Release {
        lease: Lease,
        answer: Answer<()>,
    },
    Events {
        after: u64,
        limit: usize,
        answer: Answer<Vec<(u64, Event)>>,
    },
    Discard {
        key: StoredKey,
        answer: Answer<bool>,
    },
    SaveMetrics {
        batch: Arc<MetricBatch>,
        answer: Answer<()>,
    },
    Backup {
        answer: Answer<BackupFunction>,
    },
}

impl Pending {
    fn end(self, outcome: Outcome) {
        let outcome = match outcome {
            // What only read a state that did not come to be has not failed: it looks again.
            Outcome::Failed(_) if !self.changes => Outcome::Again,
            other @ (Outcome::Durable | Outcome::Again | Outcome::Fenced(_) | Outcome::Failed(_)) => other,
        };
        // A caller that went away does not change what was committed.
        let _ = self.done.send(outcome);
    }
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Head> {
        // A closure that panics leaves the head as it was: the head is replaced only after the closure has returned.
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct Writer {
    backend: Box<dyn Backend>,
    shared: Arc<Shared>,
    jobs: mpsc::Receiver<Job>,
    watch: Option<Watch>,
    durable: View,
    /// The last commit failed, and that was reported.
    failing: bool,
}

impl Writer {
    pub(crate) fn new(mut backend: Box<dyn Backend>, shared: Arc<Shared>, jobs: mpsc::Receiver<Job>) -> Self {
        let durable = shared.lock().view.clone();
        let watch = backend.shared().then(|| backend.watch(durable.revision()));
        Self { backend, shared, jobs, watch, durable, failing: false }
    }

    /// Works until the store is closed or dropped.
    pub(crate) fn run(mut self) {
        while let Ok(job) = self.jobs.recv() {
            let mut next = Some(job);
            while let Some(job) = next.take() {
                match job {
                    Job::Commit(pending) => next = self.commit_group(pending),
                    Job::Ask(ask) => self.serve(ask),
                    Job::Close { answer } => {
                        drop(self);
                        // Nobody may be waiting any more.
                        let _ = answer.send(());
                        return;
                    }
                }
            }
        }
    }

    /// Answers that nobody waits for any more are dropped.
    fn serve(&mut self, ask: Ask) {
        match ask {
            Ask::CatchUp => self.catch_up(Duration::ZERO),
            Ask::Acquire { name, holder, ttl, now, answer } => {
                let _ = answer.send(self.backend.acquire(&name, &holder, ttl, now));
            }
            Ask::Renew { lease, ttl, now, answer } => {
                let _ = answer.send(self.backend.renew(&lease, ttl, now));
            }
            Ask::Release { lease, answer } => {
                let _ = answer.send(self.backend.release(&lease));
            }
            Ask::Events { after, limit, answer } => {
                let _ = answer.send(self.backend.events(after, limit));
            }
            Ask::Discard { key, answer } => {
                let _ = answer.send(self.discard(&key));
            }
            Ask::SaveMetrics { batch, answer } => {
                let _ = answer.send(self.backend.save_metrics(&batch));
            }
            Ask::Backup { answer } => {
                let _ = answer.send(self.backend.backup());
            }
        }
    }

    /// Commits this transaction with those that wait behind it; returns the first job that is something else.
    fn commit_group(&mut self, first: Pending) -> Option<Job> {
        let mut group = vec![first];
        let mut next = None;
        while group.len() < MAXIMUM_GROUP && next.is_none() {
            match self.jobs.try_recv() {
                Ok(Job::Commit(pending)) => group.push(pending),
                Ok(other @ (Job::Ask(_) | Job::Close { .. })) => next = Some(other),
                Err(_) => break,
            }
        }
        let batches: Vec<Batch> = group.iter_mut().filter_map(|pending| pending.batch.take()).collect();
        let base = group.iter().find(|pending| pending.changes).map(|pending| pending.base);
        match self.commit(base, &batches) {
            Ok(()) => self.publish(group, &batches),
            Err(error) => next = self.fail(group, next, error),
        }
        next
    }

    /// `base` is the revision under the first batch; the later ones rest on each other.
    fn commit(&mut self, base: Option<Revision>, batches: &[Batch]) -> Result<(), CommitError> {
        match base {
            None => Ok(()),
            Some(expected) => self.backend.commit(expected, batches).map(|_| ()),
        }
    }

    /// Once, not at each of the many calls that fail: on a full disk the log must not add to the trouble.
    fn report_failure(&mut self, error: &BackendError) {
        if !std::mem::replace(&mut self.failing, true) {
            tracing::error!(%error, "changes cannot be made durable and are refused");
        }
    }

    fn publish(&mut self, group: Vec<Pending>, batches: &[Batch]) {
        if let Some(last) = group.iter().rfind(|pending| pending.changes) {
            self.durable = last.view.clone();
            if std::mem::take(&mut self.failing) {
                tracing::info!("changes can be made durable again");
            }
            self.shared.views.send_replace(self.durable.clone());
        }
        if batches.iter().any(|batch| !batch.events.is_empty()) {
            self.shared.event_commits.send_modify(|count| *count += 1);
        }
        for pending in group {
            pending.end(Outcome::Durable);
        }
    }

    /// Ends the group and everything queued behind it, and sets the head back. Returns the jobs' first non-commit.
    fn fail(&mut self, group: Vec<Pending>, next: Option<Job>, error: CommitError) -> Option<Job> {
        let (culprit, outcome) = match error {
            CommitError::Backend(error) => {
                self.report_failure(&error);
                (None, Outcome::Failed(error))
            }
            CommitError::Conflict { newest, .. } => {
                self.catch_up_to(newest);
                (None, Outcome::Again)
            }
            CommitError::Fenced { batch, name } => (Some((batch, name)), Outcome::Again),
        };
        let (behind, others) = self.reset_head(next);
        end_group(group, culprit, &outcome);
        for pending in behind {
            pending.end(outcome.clone());
        }
        for job in others {
            match job {
                Job::Close { .. } => return Some(job),
                Job::Ask(ask) => self.serve(ask),
                // The queue was emptied of commits.
                Job::Commit(pending) => pending.end(Outcome::Again),
            }
        }
        None
    }

    /// Takes everything out of the queue and sets the head back, without letting a transaction in between.
    fn reset_head(&mut self, next: Option<Job>) -> (Vec<Pending>, Vec<Job>) {
        let (mut pending, mut others) = (Vec::new(), Vec::from_iter(next));
        let shared = Arc::clone(&self.shared);
        let mut head = shared.lock();
        // Transactions enter the queue under this lock, so whatever rests on the lost state is in the queue now.
        while let Ok(job) = self.jobs.try_recv() {
            match job {
                Job::Commit(commit) => pending.push(commit),
                other @ (Job::Ask(_) | Job::Close { .. }) => others.push(other),
            }
        }
        head.view = self.durable.clone();
        (pending, others)
    }

    fn discard(&mut self, key: &StoredKey) -> Result<bool, BackendError> {
        let known = self.shared.lock().quarantine.list.iter().any(|entry| entry.key == *key);
        if !known || !self.backend.discard(key)? {
            return Ok(false);
        }
        let mut head = self.shared.lock();
        let list = head.quarantine.list.iter().filter(|entry| entry.key != *key).cloned().collect();
        head.quarantine = Arc::new(Quarantine::of(list));
        Ok(true)
    }

    fn catch_up_to(&mut self, newest: Revision) {
        let behind = newest > self.durable.revision();
        match self.watch {
            Some(_) => self.catch_up(if behind { CATCH_UP_LIMIT } else { Duration::ZERO }),
            // Nobody else commits; so an own commit happened although it was taken for failed.
            None if behind => {
                self.reload();
                self.shared.views.send_replace(self.durable.clone());
            }
            None => {}
        }
    }

    /// Applies what others committed. Waits at most `patience` for the first such change.
    fn catch_up(&mut self, patience: Duration) {
        let Some(mut watch) = self.watch.take() else { return };
        let before = self.durable.revision();
        loop {
            let behind = self.durable.revision() == before;
            match watch.next(if behind { patience } else { Duration::ZERO }) {
                Ok(Some(change)) => self.apply(&change),
                Ok(None) | Err(WatchError::Closed) => break,
                Err(WatchError::Compacted(_)) => {
                    self.reload();
                    watch = self.backend.watch(self.durable.revision());
                }
            }
        }
        self.watch = Some(watch);
        if self.durable.revision() > before {
            self.shared.views.send_replace(self.durable.clone());
            let shared = Arc::clone(&self.shared);
            let mut head = shared.lock();
            // A head that is ahead holds transactions in the queue: their commit will conflict, and set it back then.
            if head.view.revision() <= before {
                head.view = self.durable.clone();
            }
        }
    }

    fn apply(&mut self, change: &Change) {
        if change.revision <= self.durable.revision() {
            return;
        }
        let mut lost = Vec::new();
        for write in change.writes.iter() {
            if let Some(quarantined) = apply_write(&mut self.durable, write, change.revision) {
                lost.push(quarantined);
            }
        }
        self.durable.set_revision(change.revision);
        if !lost.is_empty() {
            self.quarantine(lost);
        }
    }

    fn quarantine(&self, more: Vec<Quarantined>) {
        let mut head = self.shared.lock();
        let mut list = head.quarantine.list.clone();
        for entry in more {
            tracing::error!(record = %entry.key, reason = %entry.reason, "a record is set aside");
            list.retain(|old| old.key != entry.key);
            list.push(entry);
        }
        head.quarantine = Arc::new(Quarantine::of(list));
    }

    fn reload(&mut self) {
        match self.backend.load() {
            Ok(loaded) => {
                let revision = loaded.revision;
                let (mut view, quarantined) = build_view(revision, loaded.rows, loaded.damaged);
                for kind in Kind::ALL {
                    // Which kinds changed is not known any more, so everybody is woken.
                    view.touch(*kind, revision);
                }
                self.durable = view;
                self.quarantine(quarantined);
            }
            Err(error) => tracing::error!(%error, "cannot load what others changed"),
        }
    }
}

/// Ends the transactions of a failed group: the culprit with its own reason, the others with the common one.
fn end_group(group: Vec<Pending>, culprit: Option<(usize, String)>, outcome: &Outcome) {
    // Only transactions with a batch are counted by the backend; one without only waits for those before it.
    let mut batch = 0;
    for pending in group {
        let is_culprit = pending.changes && culprit.as_ref().is_some_and(|(position, _)| *position == batch);
        batch += usize::from(pending.changes);
        let own = culprit.as_ref().filter(|_| is_culprit).map(|(_, name)| Outcome::Fenced(name.clone()));
        pending.end(own.unwrap_or_else(|| outcome.clone()));
    }
}
