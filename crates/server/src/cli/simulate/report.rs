//! What a simulation came to, beside what was recorded: sums, the capacity at each change, and what was decided.

use crate::simulate::Document;
use comfy_table::{CellAlignment, Table, presets::NOTHING};
use model::{
    Timestamp,
    autoscaling::{
        decision::{Outcome, ScalingDecision},
        simulation::{Timeline, Totals},
    },
    cloudwatch::alarm::MetricStat,
};
use serde::Serialize;
use std::{collections::BTreeMap, time::Duration};

const MINUTE: Duration = Duration::from_secs(60);
/// Beyond this part of its greatest value a metric may hide load.
const FULL: f64 = 0.995;

/// Everything that is printed and drawn.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The group's name.
    pub group: String,
    /// Its region.
    pub region: String,
    /// The start.
    pub from: Timestamp,
    /// The end.
    pub to: Timestamp,
    /// Where the load comes from.
    pub load_source: String,
    /// What one instance shows, for people.
    pub metric: String,
    /// The most that it can show.
    pub metric_maximum: Option<f64>,
    /// The lowest threshold of an alarm that looks for high values.
    pub threshold: Option<f64>,
    /// From a launch until service.
    pub boot_seconds: f64,
    /// How long the simulation took.
    pub took_seconds: f64,
    /// What to know about it.
    pub notes: Vec<String>,
    /// What would have happened.
    pub simulated: Sums,
    /// What happened, as far as it is known.
    pub recorded: Option<Sums>,
    /// By the minute.
    pub minutes: Vec<Row>,
    /// What the deciders wrote down.
    pub decisions: Vec<ScalingDecision>,
}

/// Sums over the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Sums {
    /// Minutes in which one instance had to do more than the threshold.
    pub minutes_over_threshold: u32,
    /// Minutes with load and nobody in service.
    pub minutes_without_service: u32,
    /// Instances by the hours that they were there.
    pub instance_hours: f64,
    /// Changes of the desired capacity.
    pub actions: u32,
}

/// How a sum is shown.
type Show<'a> = &'a dyn Fn(&Sums) -> String;

/// One minute.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its end.
    pub at: Timestamp,
    /// The load of all instances together.
    pub load: f64,
    /// Simulated: what one instance shows.
    pub metric: Option<f64>,
    /// Simulated DesiredCapacity.
    pub desired: u32,
    /// Simulated instances in service.
    pub in_service: u32,
    /// What happened.
    pub recorded: Option<RecordedRow>,
}

/// What happened in a minute.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RecordedRow {
    /// What one instance showed.
    pub metric: Option<f64>,
    /// Instances in service at the end.
    pub in_service: u32,
    /// Members at the end.
    pub members: u32,
}

impl Report {
    /// Puts both beside each other.
    pub fn new(document: &Document, stat: Option<&MetricStat>, timeline: &Timeline, took: Duration) -> Self {
        let Totals { threshold, minutes_over_threshold, minutes_without_service, instance_hours, actions, .. } =
            timeline.totals;
        let history = history(document, stat);
        let rows = timeline.minutes.iter().map(|minute| Row {
            at: minute.at,
            load: minute.load,
            metric: minute.metric,
            desired: minute.desired,
            in_service: minute.in_service,
            recorded: history.get(&minute.at).copied(),
        });
        let minutes: Vec<Row> = rows.collect();
        let simulated = Sums { minutes_over_threshold, minutes_without_service, instance_hours, actions };
        let mut report = Self {
            group: document.group.name.clone(),
            region: document.scope.region.clone(),
            from: document.from,
            to: document.to,
            load_source: String::new(),
            metric: stat.map_or_else(|| "metric math".to_owned(), |stat| stat.metric.name.clone()),
            metric_maximum: None,
            threshold,
            boot_seconds: 0.0,
            took_seconds: took.as_secs_f64(),
            notes: Vec::new(),
            simulated,
            recorded: sums(&minutes, threshold, document.actions),
            minutes,
            decisions: timeline.decisions.clone(),
        };
        report.note(document);
        report
    }

    fn note(&mut self, document: &Document) {
        if document.incomplete {
            self.notes.push("older activities or decisions are forgotten: what was recorded is partly guessed".into());
        }
        if self.recorded.is_none() {
            self.notes.push("the group was not there at the time: nothing is recorded".into());
        }
        if self.threshold.is_none() {
            self.notes.push("no alarm looks for high values: there is no threshold to be over".into());
        }
        let full = |row: &&Row| {
            let seen = row.recorded.and_then(|recorded| recorded.metric);
            self.metric == "CPUUtilization" && seen.is_some_and(|seen| seen >= 100.0 * FULL)
        };
        let hidden = self.minutes.iter().filter(full).count();
        if hidden > 0 {
            let text = format!("{hidden} recorded minutes were at 100 per cent: their true load may have been greater");
            self.notes.push(text);
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let Self { group, region, minutes, took_seconds, .. } = self;
        let mut out = format!(
            "{group} in {region} from {} to {}: {} minutes simulated in {took_seconds:.3} s\nload    {}\nboot    {:.0} s \
             from a launch until service\n",
            short(self.from),
            short(self.to),
            minutes.len(),
            self.load_source,
            self.boot_seconds
        );
        for note in &self.notes {
            out += &format!("note    {note}\n");
        }
        out += &format!("\n{}\n\nCapacity, at each change\n{}\n", self.summary(), self.capacity());
        out + &self.decided()
    }

    fn summary(&self) -> Table {
        let over = self.threshold.map_or("minutes over a threshold".into(), |at| format!("minutes over {at}"));
        let mut table = columns(&["", "simulated", "recorded"]);
        let recorded = |show: Show<'_>| self.recorded.as_ref().map_or_else(|| "-".into(), show);
        let shows: [(String, Show<'_>); 4] = [
            (over, &|sums| sums.minutes_over_threshold.to_string()),
            ("minutes without service".into(), &|sums| sums.minutes_without_service.to_string()),
            ("instance-hours".into(), &|sums| format!("{:.2}", sums.instance_hours)),
            ("actions".into(), &|sums| sums.actions.to_string()),
        ];
        for (name, show) in shows {
            table.add_row([name, show(&self.simulated), recorded(show)]);
        }
        table
    }

    fn capacity(&self) -> Table {
        let mut table = columns(&["time", "load", "desired", "in service", "recorded"]);
        let shown = |row: &Row| (row.desired, row.in_service, row.recorded.map(|recorded| recorded.in_service));
        let mut before = None;
        for row in &self.minutes {
            if before.replace(shown(row)) == Some(shown(row)) {
                continue;
            }
            let (desired, in_service, recorded) = shown(row);
            let recorded = recorded.map_or_else(|| "-".to_owned(), |count| count.to_string());
            let load = format!("{:.1}", row.load);
            table.add_row([short(row.at), load, desired.to_string(), in_service.to_string(), recorded]);
        }
        table
    }

    fn decided(&self) -> String {
        let (done, held): (Vec<_>, Vec<_>) =
            self.decisions.iter().partition(|one| one.outcome == Outcome::Done && one.from != one.to);
        let mut out = "\nWhat was decided\n".to_owned();
        for one in done {
            out += &format!("  {}  {} -> {}  {}: {}\n", short(one.at), one.from, one.to, one.origin, one.why);
        }
        let times: u64 = held.iter().map(|one| u64::from(one.times)).sum();
        out + &format!("  {times} times a wish changed nothing or was held back; --output json tells why\n")
    }
}

fn columns(names: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(names.iter().copied());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// What happened, by the ends of minutes.
fn history(document: &Document, stat: Option<&MetricStat>) -> BTreeMap<Timestamp, RecordedRow> {
    let series = stat.and_then(|stat| super::load::series(document, stat));
    let points: BTreeMap<Timestamp, f64> = series.iter().flat_map(|series| series.points.iter().copied()).collect();
    let period = series.map_or(60, |series| series.period_seconds);
    let there = |at: &Timestamp| *at >= document.group.created_at.period_start(60) && *at <= document.now;
    let known = document.headcounts.iter().filter(|count| there(&count.at));
    known
        .map(|count| {
            let metric = points.get(&count.at.period_start(period.into())).copied();
            (count.at.plus(MINUTE), RecordedRow { metric, in_service: count.in_service, members: count.members })
        })
        .collect()
}

fn sums(minutes: &[Row], threshold: Option<f64>, actions: u32) -> Option<Sums> {
    let mut sums = Sums { actions, ..Sums::default() };
    let recorded: Vec<(f64, RecordedRow)> = minutes.iter().filter_map(|row| Some((row.load, row.recorded?))).collect();
    for (load, row) in &recorded {
        let over = row.metric.zip(threshold).is_some_and(|(metric, threshold)| metric > threshold);
        sums.minutes_over_threshold += u32::from(over);
        sums.minutes_without_service += u32::from(row.in_service == 0 && *load > 0.0);
        sums.instance_hours += f64::from(row.members) / 60.0;
    }
    (!recorded.is_empty()).then_some(sums)
}

/// `2026-11-20T12:00:00Z`
pub fn short(at: Timestamp) -> String {
    model::autoscaling::activity::cause_time(at)
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_sums_stand_beside_each_other_and_changes_have_rows() {
        let report = samples::report();
        let text = report.text();
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let lines: Vec<Vec<String>> = text.lines().map(words).collect();
        for wanted in [
            &["minutes", "over", "70", "1", "2"][..],
            &["minutes", "without", "service", "0", "0"],
            &["instance-hours", "0.10", "0.07"],
            &["actions", "1", "0"],
            &["2026-11-20T12:01:00Z", "60.0", "1", "1", "1"],
            &["2026-11-20T12:02:00Z", "160.0", "2", "1", "1"],
            &["2026-11-20T12:03:00Z", "160.0", "2", "2", "1"],
        ] {
            assert!(lines.iter().any(|line| line == wanted), "{wanted:?} in\n{text}");
        }
        assert!(
            lines.iter().all(|line| line.first().is_none_or(|first| first != "2026-11-20T12:04:00Z")),
            "nothing changed then:\n{text}"
        );
        assert!(text.contains("1 -> 2  out: alarm high"), "{text}");
        assert!(text.contains("3 times a wish"), "{text}");
        assert!(text.contains("1 recorded minutes were at 100 per cent"), "{text}");
    }

    #[test]
    fn without_a_past_there_is_only_the_simulation() {
        let mut document = samples::document();
        document.now = document.from.minus(MINUTE);
        let report = Report::new(&document, None, &samples::timeline(), Duration::ZERO);
        assert_eq!(report.recorded, None);
        assert!(report.text().contains("nothing is recorded"));
    }
}
