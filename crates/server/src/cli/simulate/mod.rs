//! `goru simulate --group NAME`: what the deciders of a group would have done, beside what happened.
//!
//! The server is only read; the deciders run in this process, over recorded or given load, on virtual time. What it does
//! not know is written in `docs/simulation.md`.

mod load;
mod picture;
mod policies;
mod report;
#[cfg(test)]
mod samples;
mod start;

use super::Output;
use crate::{config::Place, local::Local, simulate::Document};
use anyhow::{Context as _, bail, ensure};
use load::Load;
use model::{
    Timestamp,
    autoscaling::{
        policy::PolicyKind,
        scheduled_action::ScheduledAction,
        simulation::{Simulation, Timing, simulate},
    },
    cloudwatch::alarm::{Alarm, MetricStat, Watched},
};
use report::Report;
use std::{
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

/// How long launches take when none was recorded, in seconds.
const DEFAULT_BOOT_SECONDS: f64 = 30.0;
/// The longest that can be given, in seconds.
const MAXIMUM_BOOT_SECONDS: f64 = 86_400.0;
/// A time of EC2's that hardly matters here.
const SHORT: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// The name of an Auto Scaling group
    #[arg(long)]
    group: String,
    /// Policies and alarms instead of the group's: a JSON list of inputs of put-scaling-policy and put-metric-alarm
    #[arg(long)]
    policy: Option<PathBuf>,
    /// Load instead of the recorded one: lines `time,value`, the value that all instances together would show
    #[arg(long)]
    metrics: Option<PathBuf>,
    /// The start, such as 2026-11-20T12:00:00Z [default: a day before the end, or the start of --metrics]
    #[arg(long)]
    from: Option<String>,
    /// The end [default: now, or the end of --metrics]
    #[arg(long)]
    to: Option<String>,
    /// Seconds from a launch until service [default: the average of recorded launches]
    #[arg(long)]
    boot: Option<f64>,
    /// Write a picture there
    #[arg(long)]
    svg: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// Simulates and prints; fails when the group, its metrics or a file is not what is needed.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let report = simulated(options)?;
    if let Some(path) = &options.svg {
        let drawn = picture::draw(&report)?;
        std::fs::write(path, drawn).with_context(|| format!("cannot write {}", path.display()))?;
    }
    match options.output {
        Output::Json => super::print(&format!("{:#}\n", serde_json::to_value(&report)?))?,
        Output::Text => super::print(&report.text())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn simulated(options: &Options) -> anyhow::Result<Report> {
    let given = options.metrics.as_deref().map(load::of_file).transpose()?;
    let local = Local::new(&options.place)?;
    let document = ask(&local, options, &span(options, given.as_ref()))?;
    let chosen = Chosen::new(options, &document)?;
    let (document, load, source) = match given {
        Some(load) => (document, load, "the file of --metrics".to_owned()),
        None => chosen.recorded(&local, options, document)?,
    };
    let boot = boot(options, &document)?;
    let (from, to) = (document.from, document.to);
    let simulation = Simulation {
        group: start::group(&document)?,
        scheduled: document.scheduled.iter().filter_map(|action| scheduled(action, from)).collect(),
        policies: chosen.policies,
        alarms: chosen.alarms,
        load,
        metric_maximum: chosen.maximum,
        timing: Timing {
            boot: boot.saturating_sub(SHORT),
            check: SHORT,
            drain: Duration::from_secs(document.drain_seconds),
            end: SHORT,
        },
        from,
        to,
    };
    let began = Instant::now();
    let timeline = simulate(&simulation);
    let took = began.elapsed();
    let mut report = Report::new(&document, chosen.stat.as_ref(), &timeline, took);
    report.metric_maximum = chosen.maximum;
    report.load_source = source;
    report.boot_seconds = boot.as_secs_f64();
    report.notes.splice(0..0, chosen.notes);
    Ok(report)
}

/// `from` and `to` as given, else those of the file.
fn span(options: &Options, given: Option<&Load>) -> (Option<String>, Option<String>) {
    let first = given.and_then(|load| load.first()).map(|(at, _)| at.period_start(60).to_string());
    let last = given.and_then(|load| load.last()).map(|(at, _)| at.plus(MINUTE).to_string());
    (options.from.clone().or(first), options.to.clone().or(last))
}

fn ask(local: &Local, options: &Options, span: &(Option<String>, Option<String>)) -> anyhow::Result<Document> {
    let mut path = format!("/_goru/simulate?group={}", super::percent_encoded(&options.group));
    for (name, value) in [("from", &span.0), ("to", &span.1)] {
        if let Some(value) = value {
            path += &format!("&{name}={}", super::percent_encoded(value));
        }
    }
    serde_json::from_value(local.get(&path)?).context("the server is of another version")
}

fn boot(options: &Options, document: &Document) -> anyhow::Result<Duration> {
    let seconds = options.boot.or(document.launch_seconds).unwrap_or(DEFAULT_BOOT_SECONDS);
    ensure!((0.0..=MAXIMUM_BOOT_SECONDS).contains(&seconds), "--boot must be 0 to {MAXIMUM_BOOT_SECONDS} seconds");
    Ok(Duration::from_secs_f64(seconds))
}

/// The action as it was at the start: one that recurs has run since.
fn scheduled(action: &ScheduledAction, from: Timestamp) -> Option<ScheduledAction> {
    match action.start_after(from.minus(Duration::from_millis(1))) {
        Some(next_start) => Some(ScheduledAction { next_start, ..action.clone() }),
        None => Some(action.clone()).filter(|action| action.next_start >= from),
    }
}

/// What decides: the group's own policies and alarms, or those of the file.
struct Chosen {
    policies: Vec<model::autoscaling::policy::ScalingPolicy>,
    alarms: Vec<Alarm>,
    /// The metric that the alarms see; absent when they see metric math.
    stat: Option<MetricStat>,
    maximum: Option<f64>,
    notes: Vec<String>,
}

impl Chosen {
    fn new(options: &Options, document: &Document) -> anyhow::Result<Self> {
        let (policies, alarms) = match &options.policy {
            Some(path) => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                let replacement = runtime.block_on(policies::of_file(path, document))?;
                (replacement.policies, replacement.alarms)
            }
            None => (document.policies.clone(), document.alarms.clone()),
        };
        let stat = alarms.iter().find_map(watched).cloned();
        let (alarms, others): (Vec<Alarm>, Vec<Alarm>) = alarms.into_iter().partition(|alarm| match &stat {
            Some(stat) => watched(alarm).is_some_and(|other| other.metric == stat.metric),
            None => true,
        });
        let mut notes: Vec<String> = Vec::new();
        for alarm in &others {
            notes.push(format!("alarm {} is left out: it watches another metric, and there is one load", alarm.name));
        }
        for policy in &policies {
            if matches!(policy.kind, PolicyKind::Predictive(_)) {
                notes.push(format!("policy {} is not followed: forecasts are not simulated", policy.name));
            } else if !alarms.iter().any(|alarm| alarm.actions.all().any(|action| *action == policy.arn)) {
                notes.push(format!("policy {} does nothing: no alarm that is simulated asks for it", policy.name));
            }
        }
        let in_percent = stat.as_ref().is_some_and(|stat| stat.metric.name == "CPUUtilization");
        Ok(Self { policies, alarms, stat, maximum: in_percent.then_some(100.0), notes })
    }

    /// The document from the first recorded minute on, the load, and where it comes from.
    fn recorded(
        &self,
        local: &Local,
        options: &Options,
        document: Document,
    ) -> anyhow::Result<(Document, Load, String)> {
        let name = &document.group.name;
        let Some(stat) = self.stat.as_ref() else {
            bail!(
                "no alarm on a single metric asks for a policy of group {name}, so there is no recorded load to take; \
                 give policies with --policy, or the load with --metrics FILE (lines `time,value`)"
            );
        };
        let metric = format!("{} {}", stat.metric.namespace, stat.metric.name);
        let first = load::series(&document, stat).and_then(|series| series.points.first());
        let Some((first, _)) = first.copied() else {
            bail!(
                "nothing is recorded of {metric} for group {name} between {} and {}; choose another time with --from \
                 and --to, or give the load with --metrics FILE (lines `time,value`)",
                document.from,
                document.to
            );
        };
        let mut document = document;
        if first > document.from {
            let span = (Some(first.to_string()), Some(document.to.to_string()));
            document = ask(local, options, &span)?;
        }
        let series = load::series(&document, stat).context("the recorded metric is gone; try again")?;
        let load = load::recorded(&document, series);
        let source = format!("{metric} ({}) times instances by {}", stat.stat, document.headcount_source);
        Ok((document, load, source))
    }
}

fn watched(alarm: &Alarm) -> Option<&MetricStat> {
    match &alarm.watched {
        Watched::Metric(stat) => Some(stat),
        Watched::Queries(_) => None,
    }
}
