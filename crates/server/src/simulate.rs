//! The document behind `goru simulate`: an Auto Scaling group with all that decides for it, and what it lived through.
//!
//! Only reads. Nothing is simulated here: the command does that, so that the server is not kept from its work.

mod history;

use model::{
    Arn, Scope, Timestamp,
    autoscaling::{
        activity::ScalingActivity,
        decision::{self, Outcome, ScalingDecision},
        group::AutoScalingGroup,
        metrics::{DIMENSION, NAMESPACE},
        policy::{ScalingPolicy, metric::PredefinedMetric},
        scheduled_action::ScheduledAction,
        simulation::MAXIMUM_SPAN,
    },
    cloudwatch::{
        alarm::{Alarm, MetricStat, Watched},
        metric::Metric,
        statistics::{InvalidPeriod, Periods, Stat, Statistic},
    },
    elbv2::{attribute::TARGET_GROUP, target_group::TargetGroup},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use store::{Store, View, metric::MetricStoreError};

pub use history::Headcount;

/// How far back the default goes.
const DEFAULT_SPAN: Duration = Duration::from_secs(86_400);
/// The group metric that says how many instances serve.
const IN_SERVICE: &str = "GroupInServiceInstances";

/// What is asked for.
#[derive(Debug, Deserialize)]
pub struct Request {
    /// The group's name; of any region.
    pub group: String,
    /// ISO 8601; a day before `to` when absent.
    pub from: Option<String>,
    /// ISO 8601; now when absent.
    pub to: Option<String>,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// No group has that name.
    #[error("there is no such group")]
    NoGroup,
    /// A text that is no time.
    #[error("`{0}` is not a time in ISO 8601 with a zone, such as 2026-11-20T12:00:00Z")]
    Time(String),
    /// Nothing lies between them.
    #[error("--from {from} must be before --to {to}")]
    Order {
        /// The start.
        from: Timestamp,
        /// The end.
        to: Timestamp,
    },
    /// More than [`MAXIMUM_SPAN`].
    #[error("at most {} days can be simulated at once", MAXIMUM_SPAN.as_secs() / 86_400)]
    TooLong,
    /// Recorded metrics cannot be read.
    #[error("the recorded metrics cannot be read: {0}")]
    Metrics(#[from] MetricStoreError),
}

/// The document.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Document {
    /// Where the group is.
    pub scope: Scope,
    /// The present moment of the server.
    pub now: Timestamp,
    /// The start, on a whole minute.
    pub from: Timestamp,
    /// The end.
    pub to: Timestamp,
    /// The group as it is now.
    pub group: AutoScalingGroup,
    /// Its policies.
    pub policies: Vec<ScalingPolicy>,
    /// The alarms that ask for them.
    pub alarms: Vec<Alarm>,
    /// Its scheduled actions.
    pub scheduled: Vec<ScheduledAction>,
    /// What the metrics that alarms watch were, and the group's CPU utilisation.
    pub series: Vec<Series>,
    /// How many instances there were, one for each minute from `from` on.
    pub headcounts: Vec<Headcount>,
    /// DesiredCapacity at the start.
    pub desired_at_start: u32,
    /// Where [`Self::headcounts`] come from, for people.
    pub headcount_source: String,
    /// Changes of the desired capacity within the time.
    pub actions: u32,
    /// Whether there were more decisions or activities than are kept, so that what was before them is guessed.
    pub incomplete: bool,
    /// How long launches took on average, from their start to service, in seconds; absent without launches.
    pub launch_seconds: Option<f64>,
    /// The longest deregistration delay of its target groups, in seconds.
    pub drain_seconds: u64,
}

/// A metric by the minute; by five minutes or the hour where only that is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The metric.
    pub metric: Metric,
    /// Its statistic.
    pub stat: Stat,
    /// Length of a period in seconds.
    pub period_seconds: i32,
    /// Starts of periods and values; periods without values are absent.
    pub points: Vec<(Timestamp, f64)>,
}

/// The document of a group.
///
/// # Errors
/// See [`SimulateError`].
pub async fn document(store: &Store, request: &Request, now: Timestamp) -> Result<Document, SimulateError> {
    let (from, to) = span(request, now)?;
    let view = store.view();
    let found = view.all::<AutoScalingGroup>().find(|(_, group)| group.name == request.group);
    let (scope, group) = found.ok_or(SimulateError::NoGroup)?;
    let prefix = AutoScalingGroup::prefix(&group.name);
    let policies: Vec<ScalingPolicy> = owned(view.range(&scope, &prefix));
    let alarms = asking(&view, &scope, &policies);
    let activities: Vec<Arc<ScalingActivity>> = view.range(&scope, &prefix).collect();
    let decisions: Vec<Arc<ScalingDecision>> = view.range(&scope, &prefix).collect();
    let mut headcounts = history::headcounts(&group, &activities, from, to);
    let counted = overwrite(store, &scope, &group.name, &mut headcounts, (from, to), now).await?;
    let mut series = Vec::new();
    for stat in stats(&group.name, &alarms) {
        series.push(read(store, &scope, &stat, (from, to), now).await?);
    }
    let oldest = activities.iter().map(|activity| activity.started_at).min();
    let many = activities.len() >= model::autoscaling::activity::MAXIMUM_KEPT;
    let forgotten = decisions.len() >= decision::MAXIMUM_KEPT && decisions.first().is_some_and(|first| first.at > from);
    Ok(Document {
        now,
        from,
        to,
        scheduled: owned(view.range(&scope, &prefix)),
        desired_at_start: desired_at(&group, &decisions, from),
        headcount_source: counted.to_owned(),
        actions: actions(&decisions, from, to),
        incomplete: forgotten || (many && oldest.is_some_and(|oldest| oldest > from)),
        launch_seconds: history::launch_seconds(&activities),
        drain_seconds: drain_seconds(&view, &scope, &group),
        group: AutoScalingGroup::clone(&group),
        scope,
        policies,
        alarms,
        series,
        headcounts,
    })
}

fn owned<R: Clone>(records: impl Iterator<Item = Arc<R>>) -> Vec<R> {
    records.map(|record| R::clone(&record)).collect()
}

fn span(request: &Request, now: Timestamp) -> Result<(Timestamp, Timestamp), SimulateError> {
    let read = |text: &String| text.parse::<Timestamp>().map_err(|_| SimulateError::Time(text.clone()));
    let to = request.to.as_ref().map(read).transpose()?.unwrap_or(now);
    let from = request.from.as_ref().map(read).transpose()?.unwrap_or(to.minus(DEFAULT_SPAN));
    let from = from.period_start(60);
    if from >= to {
        return Err(SimulateError::Order { from, to });
    }
    if to.since(from) > MAXIMUM_SPAN {
        return Err(SimulateError::TooLong);
    }
    Ok((from, to))
}

/// The alarms whose actions are policies of the group, in the order of the policies.
fn asking(view: &View, scope: &Scope, policies: &[ScalingPolicy]) -> Vec<Alarm> {
    let position = |arn: &Arn| policies.iter().position(|policy| policy.arn == *arn);
    let all = view.list::<Alarm>(scope);
    let mut found: Vec<(usize, Arc<Alarm>)> = all
        .filter_map(|alarm| alarm.actions.all().filter_map(position).min().map(|position| (position, alarm)))
        .collect();
    found.sort_by_key(|(position, _)| *position);
    owned(found.into_iter().map(|(_, alarm)| alarm))
}

/// What alarms watch, each once, and the CPU utilisation that other policies would watch.
fn stats(group: &str, alarms: &[Alarm]) -> Vec<MetricStat> {
    let mut found: Vec<MetricStat> = Vec::new();
    let of_alarms = alarms.iter().filter_map(|alarm| match &alarm.watched {
        Watched::Metric(stat) => Some(stat.clone()),
        Watched::Queries(_) => None,
    });
    for stat in of_alarms.chain([PredefinedMetric::AverageCpuUtilization.stat(group, None)]) {
        if !found.iter().any(|known| (&known.metric, &known.stat) == (&stat.metric, &stat.stat)) {
            found.push(stat);
        }
    }
    found
}

/// A metric by the finest period that is kept since `from`.
async fn read(
    store: &Store,
    scope: &Scope,
    stat: &MetricStat,
    (from, to): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<Series, SimulateError> {
    let mut period_seconds = 60;
    let periods = loop {
        match Periods::new(from, to, period_seconds, now) {
            Ok(periods) => break Some(periods),
            Err(InvalidPeriod::TooFine { needed_seconds }) if needed_seconds > period_seconds => {
                period_seconds = needed_seconds;
            }
            Err(InvalidPeriod::TooFine { .. } | InvalidPeriod::NotAPeriod) => break None,
        }
    };
    let mut points = Vec::new();
    if let Some(periods) = periods {
        let read = store.metrics().points(scope, &stat.metric, stat.unit.as_deref(), &periods).await?;
        // A sum over a minute is seen by an alarm with longer periods as so many times that.
        let factor = match &stat.stat {
            Stat::Plain(Statistic::Sum | Statistic::SampleCount) => {
                f64::from(stat.period_seconds) / f64::from(period_seconds)
            }
            Stat::Plain(Statistic::Average | Statistic::Minimum | Statistic::Maximum) | Stat::Percentile(_) => 1.0,
        };
        points.extend(read.iter().filter_map(|point| Some((point.at, point.sample.stat(&stat.stat)? * factor))));
    }
    points.sort_by_key(|(at, _)| *at);
    points.dedup_by_key(|(at, _)| *at);
    Ok(Series { metric: stat.metric.clone(), stat: stat.stat.clone(), period_seconds, points })
}

/// Puts the group's own metric, where it was recorded, in the place of what activities tell. Says what was used.
async fn overwrite(
    store: &Store,
    scope: &Scope,
    group: &str,
    headcounts: &mut [Headcount],
    span: (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<&'static str, SimulateError> {
    let stat = MetricStat {
        metric: Metric::new(NAMESPACE, IN_SERVICE, [(DIMENSION, group)]),
        period_seconds: 60,
        stat: Stat::Plain(Statistic::Average),
        unit: None,
    };
    let series = read(store, scope, &stat, span, now).await?;
    let recorded: BTreeMap<Timestamp, f64> = series.points.into_iter().collect();
    let mut known = 0;
    for headcount in headcounts.iter_mut() {
        let start = headcount.at.period_start(series.period_seconds.into());
        if let Some(count) = recorded.get(&start) {
            headcount.serving = *count;
            headcount.in_service = history::whole(*count);
            known += 1;
        }
    }
    Ok(match known {
        0 => "scaling activities",
        all if all == headcounts.len() => "GroupInServiceInstances",
        _ => "GroupInServiceInstances, and scaling activities where it was not recorded",
    })
}

/// Decisions that changed the desired capacity, oldest first.
fn changes(decisions: &[Arc<ScalingDecision>]) -> impl Iterator<Item = &Arc<ScalingDecision>> {
    decisions.iter().filter(|decision| decision.outcome == Outcome::Done && decision.from != decision.to)
}

fn desired_at(group: &AutoScalingGroup, decisions: &[Arc<ScalingDecision>], at: Timestamp) -> u32 {
    let before = changes(decisions).filter(|change| change.at <= at).last().map(|change| change.to);
    let after = || changes(decisions).find(|change| change.at > at).map(|change| change.from);
    before.or_else(after).unwrap_or(group.desired)
}

/// Moments at which the desired capacity changed: of several wishes at once, one was followed.
fn actions(decisions: &[Arc<ScalingDecision>], from: Timestamp, to: Timestamp) -> u32 {
    let within = changes(decisions).filter(|change| change.at > from && change.at <= to);
    let moments: BTreeSet<Timestamp> = within.map(|change| change.at).collect();
    u32::try_from(moments.len()).unwrap_or(u32::MAX)
}

fn drain_seconds(view: &View, scope: &Scope, group: &AutoScalingGroup) -> u64 {
    let attached = group.target_groups.iter().filter_map(|attached| {
        let target_group = view.get::<TargetGroup>(scope, attached.arn.to_string())?;
        Some(target_group.attributes.number(TARGET_GROUP, "deregistration_delay.timeout_seconds"))
    });
    attached.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_seconds(1_795_176_000);

    fn request(from: Option<&str>, to: Option<&str>) -> Request {
        Request { group: "web".into(), from: from.map(str::to_owned), to: to.map(str::to_owned) }
    }

    #[test]
    fn the_last_day_is_the_default_and_starts_on_a_minute() {
        let now = NOON.plus(Duration::from_millis(1500));
        assert_eq!(span(&request(None, None), now).unwrap(), (NOON.minus(DEFAULT_SPAN), now));
        let given = span(&request(Some("2026-11-20T10:00:59Z"), Some("2026-11-20T20:00:00+09:00")), now).unwrap();
        assert_eq!(given, (NOON.minus(Duration::from_secs(7200)), NOON.minus(Duration::from_secs(3600))));
    }

    #[test]
    fn times_that_make_no_sense_are_refused() {
        let of = |from, to| span(&request(Some(from), Some(to)), NOON).unwrap_err();
        assert!(matches!(of("noon", "2026-11-20T12:00:00Z"), SimulateError::Time(text) if text == "noon"));
        assert!(matches!(of("2026-11-20T12:00:00Z", "2026-11-20T11:00:00Z"), SimulateError::Order { .. }));
        assert!(matches!(of("2026-01-20T12:00:00Z", "2026-11-20T11:00:00Z"), SimulateError::TooLong));
    }

    fn change(at: i64, from: u32, to: u32) -> Arc<ScalingDecision> {
        let at = NOON.plus(Duration::from_secs(at.unsigned_abs()));
        Arc::new(ScalingDecision {
            group: "web".into(),
            sequence: 0,
            at,
            last_at: at,
            times: 1,
            origin: "high".into(),
            outcome: Outcome::Done,
            from,
            to,
            why: String::new(),
        })
    }

    #[test]
    fn changes_at_one_moment_are_one_action() {
        let decisions = [change(60, 1, 2), change(60, 2, 3), change(90, 3, 3), change(120, 3, 1)];
        assert_eq!(actions(&decisions, NOON, NOON.plus(Duration::from_secs(120))), 2);
        assert_eq!(actions(&decisions, NOON.plus(Duration::from_secs(60)), NOON.plus(Duration::from_secs(119))), 0);
    }
}
