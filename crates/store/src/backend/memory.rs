//! Records in memory only: for tests, simulations and throw-away servers. Clones share the same records, so two stores
//! on clones of one backend behave like two hosts of a cluster.

use super::{
    Backend, BackendError, BackupFunction, Batch, Changes, CommitError, Loaded, MAXIMUM_EVENTS,
    MAXIMUM_EVENTS_PER_READ, Ranged, Row, Watch, Write, WriteValue,
};
use crate::{
    key::{Revision, StoredKey},
    lease::{self, Acquired, FencingToken, Lease},
    metric::archive::{ArchiveState, MetricArchive, MetricBatch, MetricTables, PointRow},
    metric::{SeriesId, Tier},
};
use model::{Timestamp, event::Event};
use std::{
    collections::{BTreeMap, VecDeque},
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Records in memory. Cloning gives a second way to the same records.
#[derive(Clone)]
pub struct MemoryBackend {
    shared: bool,
    state: Arc<Mutex<State>>,
    changes: Changes,
}

#[derive(Default)]
struct State {
    revision: Revision,
    rows: BTreeMap<StoredKey, Row>,
    events: VecDeque<(u64, Event)>,
    last_event: u64,
    leases: BTreeMap<String, LeaseSlot>,
    metrics: MetricTables,
    failure: Option<BackendError>,
}

#[derive(Default)]
struct LeaseSlot {
    last: FencingToken,
    held: Option<Lease>,
}

/// Keeps every commit of a [`MemoryBackend`] waiting until it is dropped.
pub struct Held<'a>(#[expect(dead_code, reason = "only its lifetime matters")] MutexGuard<'a, State>);

impl Default for MemoryBackend {
    fn default() -> Self {
        Self { shared: true, state: Arc::default(), changes: Changes::starting_at(Revision::ZERO) }
    }
}

impl MemoryBackend {
    /// Makes every commit fail with this error until told otherwise, as a full disk would.
    pub fn fail_commits(&self, failure: Option<BackendError>) {
        self.lock().failure = failure;
    }

    /// The same records, claiming that nobody else changes them, as the embedded backend does.
    pub fn exclusive(&self) -> Self {
        Self { shared: false, ..self.clone() }
    }

    /// Makes every commit wait, as a slow disk would.
    pub fn hold(&self) -> Held<'_> {
        Held(self.lock())
    }

    /// Puts a row there as it is, without a check or a change of revision: what a damaged file looks like.
    pub fn plant(&self, row: Row) {
        self.lock().rows.insert(row.key.clone(), row);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A commit changes the state only after its last check, so the state is whole even if a thread died.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn check(&self, expected: Revision, batches: &[Batch]) -> Result<(), CommitError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone().into());
        }
        if expected != self.revision {
            return Err(CommitError::Conflict { expected, newest: self.revision });
        }
        match batches.iter().enumerate().find_map(|(position, batch)| Some((position, self.broken_fence(batch)?))) {
            Some((batch, name)) => Err(CommitError::Fenced { batch, name }),
            None => Ok(()),
        }
    }

    fn broken_fence(&self, batch: &Batch) -> Option<String> {
        let fence = batch.fence.as_ref()?;
        let held = self.leases.get(&fence.name).and_then(|slot| slot.held.as_ref());
        (held.map(|lease| lease.token) != Some(fence.token)).then(|| fence.name.clone())
    }

    fn apply(&mut self, batch: &Batch) {
        self.revision = self.revision.next();
        for write in &batch.writes {
            self.write(write);
        }
        for event in &batch.events {
            self.last_event += 1;
            self.events.push_back((self.last_event, event.clone()));
        }
        while self.events.len() as u64 > MAXIMUM_EVENTS {
            self.events.pop_front();
        }
    }

    fn write(&mut self, write: &Write) {
        match &write.value {
            WriteValue::Delete => {
                self.rows.remove(&write.key);
            }
            WriteValue::Put { schema, bytes } => {
                let created = self.rows.get(&write.key).map_or(self.revision, |row| row.created);
                let key = write.key.clone();
                let row = Row {
                    key: key.clone(),
                    schema: *schema,
                    created,
                    modified: self.revision,
                    value: Arc::clone(bytes),
                };
                self.rows.insert(key, row);
            }
        }
    }
}

impl Backend for MemoryBackend {
    fn shared(&self) -> bool {
        self.shared
    }

    fn load(&mut self) -> Result<Loaded, BackendError> {
        let state = self.lock();
        Ok(Loaded { revision: state.revision, rows: state.rows.values().cloned().collect(), damaged: Vec::new() })
    }

    fn range(&mut self, from: &StoredKey, to: Option<&StoredKey>, limit: usize) -> Result<Ranged, BackendError> {
        let state = self.lock();
        let end = to.map_or(Bound::Unbounded, Bound::Excluded);
        if to.is_some_and(|to| to <= from) {
            return Ok(Ranged { revision: state.revision, rows: Vec::new() });
        }
        let rows = state.rows.range((Bound::Included(from), end)).take(limit).map(|(_, row)| row.clone()).collect();
        Ok(Ranged { revision: state.revision, rows })
    }

    fn commit(&mut self, expected: Revision, batches: &[Batch]) -> Result<Revision, CommitError> {
        let mut state = self.lock();
        state.check(expected, batches)?;
        for batch in batches {
            state.apply(batch);
            self.changes.record(batch.writes.clone().into());
        }
        Ok(state.revision)
    }

    fn watch(&mut self, after: Revision) -> Watch {
        self.changes.watch(after)
    }

    fn acquire(&mut self, name: &str, holder: &str, ttl: Duration, now: Timestamp) -> Result<Acquired, BackendError> {
        let mut state = self.lock();
        let slot = state.leases.entry(name.to_owned()).or_default();
        let acquired = lease::decide(slot.held.as_ref(), slot.last, (name, holder), ttl, now);
        if let Acquired::Granted(lease) = &acquired {
            slot.last = lease.token;
            slot.held = Some(lease.clone());
        }
        Ok(acquired)
    }

    fn renew(&mut self, lease: &Lease, ttl: Duration, now: Timestamp) -> Result<Option<Lease>, BackendError> {
        let mut state = self.lock();
        let held = state.leases.get_mut(&lease.name).and_then(|slot| slot.held.as_mut());
        Ok(held.filter(|held| held.token == lease.token && held.holds(now)).map(|held| {
            held.until = now.plus(ttl);
            held.clone()
        }))
    }

    fn release(&mut self, lease: &Lease) -> Result<(), BackendError> {
        if let Some(slot) = self.lock().leases.get_mut(&lease.name) {
            slot.held.take_if(|held| held.token == lease.token);
        }
        Ok(())
    }

    fn events(&mut self, after: u64, limit: usize) -> Result<Vec<(u64, Event)>, BackendError> {
        let limit = limit.min(MAXIMUM_EVENTS_PER_READ);
        Ok(self.lock().events.iter().filter(|(sequence, _)| *sequence > after).take(limit).cloned().collect())
    }

    fn discard(&mut self, key: &StoredKey) -> Result<bool, BackendError> {
        Ok(self.lock().rows.remove(key).is_some())
    }

    fn save_metrics(&mut self, batch: &MetricBatch) -> Result<(), BackendError> {
        let mut state = self.lock();
        if let Some(failure) = &state.failure {
            return Err(failure.clone());
        }
        state.metrics.apply(batch);
        Ok(())
    }

    fn metric_archive(&mut self) -> Result<Box<dyn MetricArchive>, BackendError> {
        Ok(Box::new(self.clone()))
    }

    fn backup(&self) -> Result<BackupFunction, BackendError> {
        Err(BackendError::Unsupported("a backup"))
    }
}

impl MetricArchive for MemoryBackend {
    fn load(&mut self) -> Result<ArchiveState, BackendError> {
        Ok(self.lock().metrics.load())
    }

    fn points(
        &mut self,
        series: SeriesId,
        tier: Tier,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(u64, Vec<PointRow>), BackendError> {
        Ok(self.lock().metrics.points(series, tier, from, to))
    }
}
