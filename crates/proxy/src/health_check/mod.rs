//! Health checks of targets: every load balancer node checks every target of the groups in use, as ELB does.
//!
//! One task per target, on the control thread and never on a worker; `schedule` says when and what it means, `http`
//! makes one check (with `connection` and `http2`), `model::elbv2::target_health` decides. Results go to the node as [`HealthChange`]s. Draining targets
//! and groups with checks disabled are not checked; what was found about them is kept.

mod connection;
pub mod http;
mod http2;
pub mod lag;
pub mod schedule;
pub mod settings;

use crate::{
    config::wall_clock,
    telemetry::{
        check::{CheckFailure, CheckLog, CheckNote, CheckNotes},
        record::WallClock,
    },
    timer::Micros,
};
use http::Outcome;
use lag::LagMeter;
use model::{
    Arn, Timestamp,
    elbv2::{
        snapshot::{TargetGroupPlan, TargetPlan},
        target::TargetKey,
        target_health::{CheckResult, CheckedHealth, CheckedState},
    },
};
use schedule::TargetChecks;
use settings::CheckSettings;
use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task::AbortHandle,
};

/// So many checks may be running at the same time. Above it a check waits for its turn: it is late, not failed.
pub const MAXIMUM_CONCURRENT_CHECKS: usize = 2048;

/// So many changes may wait for the node; a task with one more waits with its next check.
pub const MAXIMUM_WAITING_CHANGES: usize = 1024;

/// One registration of a target in a group. Registering again makes another identity, which begins as `initial`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Registration {
    /// The group.
    pub target_group: Arn,
    /// The target.
    pub target: TargetKey,
    /// When it was registered.
    pub registered_at: Timestamp,
}

impl Registration {
    /// The registration that a snapshot names.
    pub fn of(group: &TargetGroupPlan, target: &TargetPlan) -> Self {
        Self { target_group: group.arn.clone(), target: target.key.clone(), registered_at: target.registered_at }
    }
}

/// A target's health, or the cause of its bad health, changed; or one that was [missed](HealthChecker::look_for) answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthChange {
    /// Whose.
    pub registration: Registration,
    /// What it is now.
    pub health: CheckedHealth,
}

/// Checks all targets of the groups in use. Must be used on a tokio runtime.
#[derive(Debug)]
pub struct HealthChecker {
    targets: HashMap<Registration, Checked>,
    shared: Shared,
    lag_task: Option<AbortHandle>,
}

/// What the node holds of one target; dropping it ends the target's task.
#[derive(Debug)]
struct Checked {
    health: CheckedHealth,
    settings: watch::Sender<CheckSettings>,
    task: AbortHandle,
}

impl Checked {
    /// Tells the target's task, if that is news for it.
    fn change_settings(&self, change: impl FnOnce(&CheckSettings) -> CheckSettings) {
        self.settings.send_if_modified(|settings| {
            let new = change(settings);
            let changed = *settings != new;
            *settings = new;
            changed
        });
    }
}

impl Drop for Checked {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Drop for HealthChecker {
    fn drop(&mut self) {
        if let Some(task) = self.lag_task.take() {
            task.abort();
        }
    }
}

/// What all tasks share.
#[derive(Clone, Debug)]
struct Shared {
    changes: mpsc::Sender<HealthChange>,
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    lag: LagMeter,
    /// By target group, those whose checks are logged.
    logs: Arc<Mutex<HashMap<Arn, Arc<CheckLog>>>>,
    notes: CheckNotes,
}

impl Shared {
    /// Notes a check that counts, where it is to be logged.
    fn note(
        &self,
        group: &Arn,
        result: CheckResult,
        (at, took): (i64, Duration),
        target: SocketAddr,
        status: Option<u16>,
    ) {
        let log = self.logs.lock().unwrap_or_else(PoisonError::into_inner).get(group).cloned();
        let Some(log) = log else { return };
        let failure = match result {
            CheckResult::Passed => None,
            CheckResult::Mismatch(500..) => Some(CheckFailure::TargetError),
            CheckResult::Mismatch(_) => Some(CheckFailure::ResponseCodeMismatch),
            CheckResult::TimedOut => Some(CheckFailure::TimedOut),
            CheckResult::Failed => Some(CheckFailure::ConnectionReset),
        };
        self.notes.add(CheckNote { log, at, took, target, status, failure });
    }
}

impl HealthChecker {
    /// A checker without targets, and where its changes arrive. Checks that are to be logged go to `notes`.
    pub fn new(notes: CheckNotes) -> (Self, mpsc::Receiver<HealthChange>) {
        let (changes, receiver) = mpsc::channel(MAXIMUM_WAITING_CHANGES);
        let shared = Shared {
            changes,
            permits: Arc::new(Semaphore::new(MAXIMUM_CONCURRENT_CHECKS)),
            waiting: Arc::default(),
            lag: LagMeter::default(),
            logs: Arc::default(),
            notes,
        };
        (Self { targets: HashMap::new(), shared, lag_task: None }, receiver)
    }

    /// Logs the checks of these target groups from now on, and of no others.
    pub fn log(&self, logs: HashMap<Arn, Arc<CheckLog>>) {
        *self.shared.logs.lock().unwrap_or_else(PoisonError::into_inner) = logs;
    }

    /// Checks exactly these from now on. Targets that stay keep their state and their cadence; new ones begin with the
    /// health that the plan carries, or as `initial`.
    pub fn apply(&mut self, groups: &[TargetGroupPlan], now: Timestamp) {
        let mut wanted = HashSet::new();
        for group in groups {
            for target in &group.targets {
                let registration = Registration::of(group, target);
                self.check(registration.clone(), CheckSettings::of(group, target), target.health.as_ref(), now);
                wanted.insert(registration);
            }
        }
        self.targets.retain(|registration, _| wanted.contains(registration));
        self.measure_lag();
    }

    fn check(
        &mut self,
        registration: Registration,
        settings: CheckSettings,
        known: Option<&CheckedHealth>,
        now: Timestamp,
    ) {
        if let Some(checked) = self.targets.get(&registration) {
            checked.change_settings(|old| CheckSettings { missed: old.missed && settings.awaited, ..settings });
            return;
        }
        let checks = TargetChecks::new(known.cloned(), &settings, Instant::now(), now);
        let health = checks.health().clone();
        let (settings, receiver) = watch::channel(settings);
        let task = tokio::spawn(run(registration.clone(), checks, receiver, self.shared.clone())).abort_handle();
        self.targets.insert(registration, Checked { health, settings, task });
    }

    /// The lag meter costs wake-ups, so it runs only while somebody is checked.
    fn measure_lag(&mut self) {
        if self.targets.is_empty() {
            if let Some(task) = self.lag_task.take() {
                task.abort();
            }
        } else if self.lag_task.is_none() {
            self.lag_task = Some(tokio::spawn(self.shared.lag.clone().run()).abort_handle());
        }
    }

    /// Takes note of a change. `false` when the target is no longer checked: the change came too late and is void.
    pub fn note(&mut self, change: &HealthChange) -> bool {
        match self.targets.get_mut(&change.registration) {
            Some(checked) => {
                checked.health = change.health.clone();
                if change.health.state == CheckedState::Healthy {
                    checked.change_settings(|settings| CheckSettings { missed: false, ..settings.clone() });
                }
                true
            }
            None => false,
        }
    }

    /// Requests found nobody at a target for which others wait: it is looked for at once and once a second, until it
    /// answers, which arrives as a [`HealthChange`].
    pub fn look_for(&mut self, registration: &Registration) {
        if let Some(checked) = self.targets.get(registration) {
            checked.change_settings(|settings| CheckSettings { missed: settings.awaited, ..settings.clone() });
        }
    }

    /// What is known of one target.
    pub fn health_of(&self, registration: &Registration) -> Option<&CheckedHealth> {
        self.targets.get(registration).map(|checked| &checked.health)
    }

    /// What is known of every target.
    pub fn health(&self) -> impl Iterator<Item = (&Registration, &CheckedHealth)> {
        self.targets.iter().map(|(registration, checked)| (registration, &checked.health))
    }
}

/// One target's checks, until the target is gone.
async fn run(
    registration: Registration,
    mut checks: TargetChecks,
    mut settings: watch::Receiver<CheckSettings>,
    shared: Shared,
) {
    let mut waiting = None;
    loop {
        let current = settings.borrow_and_update().clone();
        checks.follow(&current, Instant::now(), random_part_of(current.interval));
        let waits = current.active && checks.is_waiting();
        waiting = waits.then(|| waiting.take().unwrap_or_else(|| Waiting::new(&shared.waiting)));
        if !wait_until_due(&checks, &current, &mut settings).await {
            if settings.has_changed().is_err() {
                return;
            }
            continue;
        }
        let Ok(permit) = shared.permits.acquire().await else { return };
        let kind = checks.begin(Instant::now());
        let timeout = checks.timeout(kind, &current, Instant::now());
        let began = (WallClock::now().micros(Micros::now()), Instant::now());
        let http::Answer { outcome, status, rest } = http::check(&current, timeout, &shared.lag).await;
        let took = began.1.elapsed();
        let outcome = match settings.has_changed() {
            Err(_) => return,
            // What was asked is no longer what should be asked.
            Ok(true) => Outcome::NotMeasured,
            Ok(false) => outcome,
        };
        if let Some(result) = schedule::counted(kind, outcome) {
            shared.note(&registration.target_group, result, (began.0, took), current.address, status);
        }
        let pause = schedule::quick_pause(shared.waiting.load(Ordering::Relaxed));
        let times = (Instant::now(), wall_clock());
        let changed = checks.finish(kind, outcome, &current, times, pause);
        let found = (current.missed && outcome == Outcome::Found(CheckResult::Passed)).then(|| checks.health().clone());
        if let Some(health) = changed.or(found) {
            let change = HealthChange { registration: registration.clone(), health };
            if shared.changes.send(change).await.is_err() {
                return;
            }
        }
        if let Some(rest) = rest {
            http::drain(rest).await;
        }
        drop(permit);
    }
}

/// `true` when the next check is due, `false` when the settings changed (or the target is gone) before.
async fn wait_until_due(
    checks: &TargetChecks,
    current: &CheckSettings,
    settings: &mut watch::Receiver<CheckSettings>,
) -> bool {
    if !current.active {
        // Only an error or a change ends this; the caller tells them apart.
        let _ = settings.changed().await;
        return false;
    }
    let due = checks.due(Instant::now());
    tokio::select! {
        biased;
        _ = settings.changed() => false,
        () = tokio::time::sleep_until(due.into()) => true,
    }
}

/// Counts a target among those at whose address nobody answers yet.
struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Somewhere in the interval, so that the checks of many targets do not fall together.
fn random_part_of(interval: Duration) -> Duration {
    // Without randomness nothing breaks: the checks are merely not spread.
    let random = getrandom::u32().unwrap_or(0);
    interval.mul_f64(f64::from(random) / (f64::from(u32::MAX) + 1.0))
}
