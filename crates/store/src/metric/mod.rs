//! CloudWatch's datapoints: not records, but series with a bounded past.
//!
//! Each value that comes in is counted at once in points of every length that CloudWatch keeps: a second (when asked
//! for), a minute, five minutes, an hour. Each length is kept as long as CloudWatch keeps it. The newest hours are in
//! memory; everything is in the file, a flush later.

pub mod archive;
pub(crate) mod encode;
mod points;
mod recent;

use crate::{
    backend::BackendError,
    store::StoreError,
    writer::{Ask, Job},
};
use archive::{MetricArchive, MetricBatch, PointRow};
use model::{
    Scope, Timestamp,
    cloudwatch::{
        metric::Metric,
        statistics::{FIVE_MINUTE_RETENTION, HOUR_RETENTION, MINUTE_RETENTION, Periods, SUB_MINUTE_RETENTION, Sample},
    },
};
use recent::{ReadPlan, Recent};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    time::Duration,
};
use tokio::sync::oneshot;

/// The most series: metrics by their dimensions and units, of all accounts and regions.
pub const MAXIMUM_SERIES: usize = 200_000;
/// The most points that may wait to be saved, for example while the disk is full; further data are refused then.
pub const MAXIMUM_UNSAVED_POINTS: usize = 1_000_000;
/// The most points that one transaction of the file takes along: changes of records wait while it is written.
pub const MAXIMUM_POINTS_PER_FLUSH: usize = 1000;
/// How often [`MetricStore::flush`] is to be called. So much is lost at most when the process is killed.
pub const FLUSH_INTERVAL: Duration = Duration::from_secs(10);
/// How much of the past is in memory, and answered without the file.
pub const RECENT: Duration = Duration::from_secs(3600);
/// The same of points of a second. At most [`RECENT`]. Those of [`Resolution::Sampled`] are not in the file for longer.
pub const RECENT_SECONDS: Duration = Duration::from_secs(900);
/// The most distinct values that a point of a minute or more keeps of what was sampled.
pub const SAMPLED_VALUES: usize = 16;
/// The most parts of one flush, so that it ends even while data keep coming.
const MAXIMUM_BATCHES: usize = 1 + MAXIMUM_UNSAVED_POINTS / MAXIMUM_POINTS_PER_FLUSH;
/// How often a question is asked again because a flush came in between.
const MAXIMUM_READS: usize = 16;

/// The number of a series in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(pub u64);

/// What a series is. Values of another unit are another series, as in CloudWatch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey {
    /// Account and region.
    pub scope: Scope,
    /// Namespace, name, dimensions.
    pub metric: Metric,
    /// CloudWatch's unit, for example `Count`, or `None`.
    pub unit: String,
}

/// How long a stretch of time a point sums up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// A second; only of metrics with a storage resolution of 1.
    Second,
    /// A minute.
    Minute,
    /// Five minutes.
    FiveMinutes,
    /// An hour.
    Hour,
}

impl Tier {
    /// All, finest first.
    pub const ALL: [Self; 4] = [Self::Second, Self::Minute, Self::FiveMinutes, Self::Hour];

    /// Length of its stretch of time.
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::FiveMinutes => 300,
            Self::Hour => 3600,
        }
    }

    /// How long its points are kept.
    pub const fn retention(self) -> Duration {
        match self {
            Self::Second => SUB_MINUTE_RETENTION,
            Self::Minute => MINUTE_RETENTION,
            Self::FiveMinutes => FIVE_MINUTE_RETENTION,
            Self::Hour => HOUR_RETENTION,
        }
    }

    /// The start of the stretch that the floor lies in: points from there on are wholly in memory. Points of a second
    /// leave it earlier than the others.
    pub fn floor(self, floor: Timestamp) -> Timestamp {
        match self {
            Self::Second => floor.plus(RECENT.saturating_sub(RECENT_SECONDS)),
            Self::Minute | Self::FiveMinutes | Self::Hour => floor.period_start(self.seconds()),
        }
    }
}

/// In what detail values are kept: CloudWatch's StorageResolution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resolution {
    /// By the second (1), for three hours; by the minute after that.
    High,
    /// By the minute (60).
    #[default]
    Standard,
    /// What this program samples of every member of a fleet: by the second, for [`RECENT_SECONDS`]; by the minute after
    /// that, and then the sums, extremes and counts exactly, but at most [`SAMPLED_VALUES`] values for percentiles.
    Sampled,
    /// The same without points of a second.
    SampledByMinute,
}

impl Resolution {
    /// What its values are counted in.
    fn tiers(self) -> &'static [Tier] {
        match self {
            Self::High | Self::Sampled => &Tier::ALL,
            Self::Standard | Self::SampledByMinute => &Tier::ALL[1..],
        }
    }

    /// How long points are kept.
    fn retention(self, tier: Tier) -> Duration {
        match (self, tier) {
            (Self::Sampled, Tier::Second) => RECENT_SECONDS,
            (Self::High | Self::Standard | Self::Sampled | Self::SampledByMinute, _) => tier.retention(),
        }
    }

    /// How many distinct values a point keeps, when not as many as it can.
    fn distinct_values(self, tier: Tier) -> Option<usize> {
        match (self, tier) {
            (Self::High | Self::Standard, _) | (_, Tier::Second) => None,
            (Self::Sampled | Self::SampledByMinute, Tier::Minute | Tier::FiveMinutes | Tier::Hour) => {
                Some(SAMPLED_VALUES)
            }
        }
    }
}

/// Values that are recorded under a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricDatum {
    /// Namespace, name, dimensions.
    pub metric: Metric,
    /// CloudWatch's unit, for example `Count`, or `None`.
    pub unit: String,
    /// When they were measured.
    pub at: Timestamp,
    /// In what detail they are kept.
    pub resolution: Resolution,
    /// The values, or a summary of them.
    pub sample: Sample,
}

/// What is known of one period of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricPoint {
    /// The start of the period.
    pub at: Timestamp,
    /// The unit of its values.
    pub unit: String,
    /// The values.
    pub sample: Sample,
}

/// Which metrics to list. What is absent does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricFilter {
    /// The namespace, exactly.
    pub namespace: Option<String>,
    /// The name, exactly.
    pub name: Option<String>,
    /// Dimensions that the metric has, with that value or with any.
    pub dimensions: Vec<(String, Option<String>)>,
    /// The metric has a value that was measured then or later.
    pub active_since: Option<Timestamp>,
}

/// Why values are not recorded; none of those given together is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PutMetricError {
    /// A value is not a number, or infinite.
    #[error("a value of metric `{0}` is not a finite number")]
    NotFinite(String),
    /// There would be more than [`MAXIMUM_SERIES`].
    #[error(
        "there are {MAXIMUM_SERIES} metric series already, which is the limit; each dimension value and unit counts"
    )]
    TooManySeries,
    /// More than [`MAXIMUM_UNSAVED_POINTS`] wait.
    #[error("more than {MAXIMUM_UNSAVED_POINTS} metric points wait to be saved; is the disk full?")]
    TooManyUnsaved,
}

/// Why metrics cannot be read or saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetricStoreError {
    /// The backend fails.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
    /// Flushes came in between each time.
    #[error("metrics are being saved too often to be read; try again")]
    Busy,
}

/// All datapoints. Cloning gives another handle to the same.
#[derive(Clone)]
pub struct MetricStore(Arc<Inner>);

struct Inner {
    recent: Mutex<Recent>,
    archive: Mutex<Box<dyn MetricArchive>>,
    jobs: mpsc::Sender<Job>,
    /// Held by the running flush.
    flushing: tokio::sync::Mutex<()>,
}

impl MetricStore {
    pub(crate) fn open(mut archive: Box<dyn MetricArchive>, jobs: mpsc::Sender<Job>) -> Result<Self, BackendError> {
        let recent = Mutex::new(Recent::new(archive.load()?));
        let flushing = tokio::sync::Mutex::new(());
        Ok(Self(Arc::new(Inner { recent, archive: Mutex::new(archive), jobs, flushing })))
    }

    /// Records all of these values or none of them. They can be read at once and are in the file after the next flush.
    /// Values older than CloudWatch keeps them are left out of the points that would be gone already.
    pub fn put(&self, scope: &Scope, data: Vec<MetricDatum>, now: Timestamp) -> Result<(), PutMetricError> {
        self.0.recent().put(scope, data, now)
    }

    /// At most `limit` metrics that fit, by namespace, name and dimensions, beginning after `after`.
    pub fn list(&self, scope: &Scope, filter: &MetricFilter, after: Option<&Metric>, limit: usize) -> Vec<Metric> {
        self.0.recent().list(scope, filter, after, limit)
    }

    /// What was recorded under a metric, by period; of all units when `unit` is absent, unit by unit. Periods without
    /// values are absent. A period that reaches beyond the end counts what was measured in the point that the end cuts.
    pub async fn points(
        &self,
        scope: &Scope,
        metric: &Metric,
        unit: Option<&str>,
        periods: &Periods,
    ) -> Result<Vec<MetricPoint>, MetricStoreError> {
        for _ in 0..MAXIMUM_READS {
            let plans = self.0.recent().plan(scope, metric, unit, periods);
            let stored = self.stored(&plans).await?;
            let recent = self.0.recent();
            let points: Result<Vec<_>, _> =
                plans.iter().zip(stored).map(|(plan, stored)| recent.points(plan, periods, stored)).collect();
            if let Ok(points) = points {
                return Ok(points.into_iter().flatten().collect());
            }
        }
        Err(MetricStoreError::Busy)
    }

    /// What the file has for each plan; `None` where memory has all of it.
    async fn stored(&self, plans: &[ReadPlan]) -> Result<Vec<Option<(u64, Vec<PointRow>)>>, MetricStoreError> {
        if plans.iter().all(|plan| plan.to <= plan.from) {
            return Ok(vec![None; plans.len()]);
        }
        let (inner, plans) = (Arc::clone(&self.0), plans.to_vec());
        let read = tokio::task::spawn_blocking(move || {
            let mut archive = inner.archive.lock().unwrap_or_else(PoisonError::into_inner);
            let mut read = |plan: &ReadPlan| archive.points(plan.series, plan.tier, plan.from, plan.to);
            plans
                .iter()
                .map(|plan| (plan.from < plan.to).then(|| read(plan)).transpose())
                .collect::<Result<Vec<_>, _>>()
        });
        Ok(read.await.map_err(|_| MetricStoreError::Closed)??)
    }

    /// Saves what is not in the file yet and forgets what is too old. To be called every [`FLUSH_INTERVAL`]. On failure
    /// everything stays in memory and is tried again by the next call. Dropping the future does not stop it.
    pub async fn flush(&self, now: Timestamp) -> Result<(), MetricStoreError> {
        let inner = Arc::clone(&self.0);
        // A task of its own, so that a flush whose caller went away is still seen to its end.
        tokio::spawn(async move { inner.flush(now).await }).await.map_err(|_| MetricStoreError::Closed)?
    }

    /// Forgets every series and point, in memory and in the file.
    pub async fn clear(&self) -> Result<(), MetricStoreError> {
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move { inner.clear().await }).await.map_err(|_| MetricStoreError::Closed)?
    }
}

impl Inner {
    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn flush(&self, now: Timestamp) -> Result<(), MetricStoreError> {
        let _only_one = self.flushing.lock().await;
        for _ in 0..MAXIMUM_BATCHES {
            let Some(batch) = self.recent().begin_flush(now) else { break };
            let saved = self.save(batch).await;
            match &saved {
                Ok(()) => self.recent().saved(),
                Err(_) => self.recent().not_saved(),
            }
            saved?;
        }
        Ok(())
    }

    async fn clear(&self) -> Result<(), MetricStoreError> {
        let _only_one = self.flushing.lock().await;
        let batch = self.recent().begin_clear();
        let cleared = self.save(batch).await;
        match &cleared {
            Ok(()) => self.recent().saved(),
            Err(_) => self.recent().not_saved(),
        }
        cleared
    }

    async fn save(&self, batch: MetricBatch) -> Result<(), MetricStoreError> {
        let (answer, answered) = oneshot::channel();
        let job = Job::Ask(Ask::SaveMetrics { batch: Arc::new(batch), answer });
        self.jobs.send(job).map_err(|_| MetricStoreError::Closed)?;
        Ok(answered.await.map_err(|_| MetricStoreError::Closed)??)
    }
}

impl MetricFilter {
    fn fits(&self, metric: &Metric) -> bool {
        let Metric { namespace, name, dimensions } = metric;
        let has = |(name, value): &(String, Option<String>)| {
            dimensions.get(name).is_some_and(|found| value.as_ref().is_none_or(|value| value == found))
        };
        self.namespace.as_ref().is_none_or(|wanted| wanted == namespace)
            && self.name.as_ref().is_none_or(|wanted| wanted == name)
            && self.dimensions.iter().all(has)
    }
}

impl From<MetricStoreError> for StoreError {
    fn from(error: MetricStoreError) -> Self {
        match error {
            MetricStoreError::Backend(error) => Self::Backend(error),
            MetricStoreError::Closed | MetricStoreError::Busy => Self::Closed,
        }
    }
}
