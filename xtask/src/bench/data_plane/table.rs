//! What people see: a line for each measurement while it runs, a table for each workload, and a summary of the ratios.
//!
//! Medians with minimum and maximum; ratios are of medians of the same run. `!` marks what was not limited by the proxy.

use super::cell::{Cell, reasons};
use super::idle::Idle;
use super::slow::Slow;
use super::workload::{Drives, Workload};
use super::{Outcome, Round};
use crate::bench::report::{distinct, median};

/// Below this share of its core the proxy was waiting for the generator.
const BUSY_ENOUGH: f64 = 0.9;
/// System calls below this number per request are not worth a word.
const RARE_CALLS: f64 = 0.02;
const MEGABYTE: f64 = 1e6;

/// One line for a measurement.
pub fn line(round: &Round) -> String {
    let text = match &round.outcome {
        Outcome::Load(cell) => format!(
            "{:>7.0} requests per CPU-second, {:>8.0}/s, {:>7.2} µs CPU, core {:>3.0} % busy ({:.0} % by it), generator {:>6.2} µs and {:>3.0} % busy, p99 {} µs, {} errors",
            cell.requests_per_cpu_second,
            cell.requests_per_second,
            cell.cpu_us_per_request,
            cell.busy * 100.0,
            cell.own_busy * 100.0,
            cell.generator_us_per_request,
            cell.generator_busy * 100.0,
            shown(cell.p99_us),
            cell.errors
        ),
        Outcome::Idle(idle) => format!(
            "{:.0} bytes per connection ({} of them, {:.1} s to open)",
            idle.bytes_per_connection, idle.clients, idle.opening_seconds
        ),
        Outcome::Slow(slow) => format!(
            "p99 {} µs beside {} slow clients ({} µs without), {:.0} MB, {} lost",
            shown(slow.p99_us),
            slow.clients,
            shown(slow.p99_us_alone),
            slow.after_bytes as f64 / MEGABYTE,
            slow.lost
        ),
        Outcome::Change(change) => format!(
            "in force after {:.1} ms (worst {:.1}), {} of {} requests failed",
            median(change.milliseconds.iter().copied()).unwrap_or(f64::NAN),
            worst(&change.milliseconds),
            change.errors,
            change.requests + change.errors
        ),
        Outcome::Syscalls(calls) => {
            format!("{:.2} sends, {:.2} receives, {:.2} waits", calls.sends, calls.receives, calls.waits)
        }
        Outcome::Failed(why) => format!("failed: {why}"),
    };
    format!("round {} {:<12} {:<8} {text}", round.round, round.workload, round.proxy)
}

fn shown(microseconds: Option<f64>) -> String {
    microseconds.map_or_else(|| "-".to_owned(), |value| format!("{value:.0}"))
}

fn worst(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, f64::max)
}

/// Makes the cells of a proxy's row, behind its name; `None`: there are no figures.
type Row = fn(&Workload, &str, &[Round]) -> Option<String>;

/// The table of a workload.
pub fn of_workload(workload: &Workload, rounds: &[Round]) -> String {
    let own: Vec<&Round> = rounds.iter().filter(|round| round.workload == workload.name).collect();
    if own.is_empty() {
        return String::new();
    }
    let (head, row): (&str, Row) = match workload.drives {
        Drives::Load(_) => (LOAD_HEAD, load_row),
        Drives::Idle(_) => (IDLE_HEAD, idle_row),
        Drives::Slow => (SLOW_HEAD, slow_row),
        Drives::Change(_) => (CHANGE_HEAD, change_row),
        Drives::Syscalls(_) => (SYSCALLS_HEAD, syscalls_row),
    };
    let columns = head.matches('|').count() - 1;
    let mut text = format!("\n{}: {}\n\n{head}\n|{}\n", workload.name, workload.about, "---|".repeat(columns));
    for proxy in distinct(own.iter().map(|round| round.proxy)) {
        let cells = row(workload, proxy, rounds).unwrap_or_else(|| format!("failed: {}", last_failure(&own, proxy)));
        text.push_str(&format!("| {proxy} | {cells} |\n"));
    }
    text
}

fn last_failure(rounds: &[&Round], proxy: &str) -> String {
    let mut failures =
        rounds.iter().rev().filter(|round| round.proxy == proxy).filter_map(|round| round.outcome.failure());
    failures.next().and_then(|why| why.lines().next()).unwrap_or("nobody knows why").to_owned()
}

/// What came of a workload with a proxy, where it came to figures of the kind that `pick` takes.
fn of<'a, T>(rounds: &'a [Round], workload: &str, proxy: &str, pick: fn(&'a Outcome) -> Option<&'a T>) -> Vec<&'a T> {
    let own = rounds.iter().filter(|round| round.workload == workload && round.proxy == proxy);
    own.filter_map(|round| pick(&round.outcome)).collect()
}

const LOAD_HEAD: &str = "| proxy | requests per CPU-second: median (min-max) | to haproxy | to nginx | µs CPU/request | requests/s | core busy | by the proxy | p50 µs | p99 µs | errors | generator µs | generator busy |";

fn load_row(workload: &Workload, proxy: &str, rounds: &[Round]) -> Option<String> {
    let cells = cells(rounds, workload.name, proxy);
    let middle = |value: fn(&Cell) -> f64| median(cells.iter().map(|cell| value(cell)));
    let work = spread(&cells)?;
    let ratio =
        |peer| ratio(rounds, workload.name, proxy, peer).map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
    let latency = |value: fn(&Cell) -> Option<f64>| shown(median(cells.iter().filter_map(|cell| value(cell))));
    let paced = cells.iter().any(|cell| cell.rate.is_some());
    let (busy, own_busy) = (middle(|cell| cell.busy)?, middle(|cell| cell.own_busy)?);
    Some(format!(
        "{work} | {} | {} | {:.2} | {:.0} | {:.0} %{} | {:.0} %{} | {} | {} | {} | {:.2} | {:.0} %",
        ratio("haproxy"),
        ratio("nginx"),
        middle(|cell| cell.cpu_us_per_request)?,
        middle(|cell| cell.requests_per_second)?,
        busy * 100.0,
        if busy < BUSY_ENOUGH && !paced { " !" } else { "" },
        own_busy * 100.0,
        if own_busy < BUSY_ENOUGH && !paced { " !" } else { "" },
        latency(|cell| cell.p50_us),
        latency(|cell| cell.p99_us),
        cells.iter().map(|cell| cell.errors).sum::<u64>(),
        middle(|cell| cell.generator_us_per_request)?,
        middle(|cell| cell.generator_busy)? * 100.0,
    ))
}

fn cells<'a>(rounds: &'a [Round], workload: &str, proxy: &str) -> Vec<&'a Cell> {
    of(rounds, workload, proxy, Outcome::load)
}

/// Requests per CPU-second: the median, the least and the most.
fn spread(cells: &[&Cell]) -> Option<String> {
    let work = median(cells.iter().map(|cell| cell.requests_per_cpu_second))?;
    let (least, most) = extremes(cells.iter().map(|cell| cell.requests_per_cpu_second));
    Some(format!("{work:.0} ({least:.0}-{most:.0})"))
}

fn extremes(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)))
}

fn work(rounds: &[Round], workload: &str, proxy: &str) -> Option<f64> {
    median(cells(rounds, workload, proxy).iter().map(|cell| cell.requests_per_cpu_second))
}

/// Of the medians of two proxies.
fn ratio(rounds: &[Round], workload: &str, proxy: &str, peer: &str) -> Option<f64> {
    Some(work(rounds, workload, proxy)? / work(rounds, workload, peer)?)
}

const IDLE_HEAD: &str = "| proxy | bytes per connection: median (min-max) | to haproxy | connections | MB before | MB with them | s to open | busy at rest | lost |";

fn idle_row(workload: &Workload, proxy: &str, rounds: &[Round]) -> Option<String> {
    let all = of(rounds, workload.name, proxy, Outcome::idle);
    let middle = |value: fn(&Idle) -> f64| median(all.iter().map(|idle| value(idle)));
    let bytes = middle(|idle| idle.bytes_per_connection)?;
    let haproxy =
        median(of(rounds, workload.name, "haproxy", Outcome::idle).iter().map(|idle| idle.bytes_per_connection));
    let (least, most) = extremes(all.iter().map(|idle| idle.bytes_per_connection));
    Some(format!(
        "{bytes:.0} ({least:.0}-{most:.0}) | {} | {} | {:.1} | {:.1} | {:.1} | {:.1} % | {}",
        haproxy.map_or_else(|| "-".to_owned(), |haproxy| format!("{:.2}", bytes / haproxy)),
        all.first()?.clients,
        middle(|idle| idle.before_bytes as f64)? / MEGABYTE,
        middle(|idle| idle.after_bytes as f64)? / MEGABYTE,
        middle(|idle| idle.opening_seconds)?,
        middle(|idle| idle.rest_busy)? * 100.0,
        all.iter().map(|idle| idle.lost).sum::<usize>(),
    ))
}

const SLOW_HEAD: &str = "| proxy | p99 µs of a normal client | p50 µs | p99 µs without slow ones | errors | slow clients | lost | MB before | MB with them | core |";

fn slow_row(workload: &Workload, proxy: &str, rounds: &[Round]) -> Option<String> {
    let all = of(rounds, workload.name, proxy, Outcome::slow);
    let middle = |value: fn(&Slow) -> f64| median(all.iter().map(|slow| value(slow)));
    let latency = |value: fn(&Slow) -> Option<f64>| shown(median(all.iter().filter_map(|slow| value(slow))));
    Some(format!(
        "{} | {} | {} | {} | {} | {} | {:.1} | {:.1} | {:.0} %",
        latency(|slow| slow.p99_us),
        latency(|slow| slow.p50_us),
        latency(|slow| slow.p99_us_alone),
        all.iter().map(|slow| slow.errors).sum::<u64>(),
        all.first()?.clients,
        all.iter().map(|slow| slow.lost).max()?,
        middle(|slow| slow.before_bytes as f64)? / MEGABYTE,
        middle(|slow| slow.after_bytes as f64)? / MEGABYTE,
        middle(|slow| slow.busy)? * 100.0,
    ))
}

const CHANGE_HEAD: &str = "| proxy | ms until in force: median (min-max) | changes | requests | failed requests | why | failed looks | p99 µs meanwhile | MB handed over |";

fn change_row(workload: &Workload, proxy: &str, rounds: &[Round]) -> Option<String> {
    let all = of(rounds, workload.name, proxy, Outcome::change);
    let times: Vec<f64> = all.iter().flat_map(|change| change.milliseconds.iter().copied()).collect();
    Some(format!(
        "{:.1} ({:.1}-{:.1}) | {} | {} | {} | {} | {} | {} | {:.1}",
        median(times.iter().copied())?,
        times.iter().copied().fold(f64::NAN, f64::min),
        worst(&times),
        times.len(),
        all.iter().map(|change| change.requests).sum::<u64>(),
        all.iter().map(|change| change.errors).sum::<u64>(),
        all.iter().find(|change| change.errors > 0).map_or_else(|| "-".to_owned(), |change| reasons(&change.reasons)),
        all.iter().map(|change| change.failed_looks).sum::<u64>(),
        shown(median(all.iter().filter_map(|change| change.p99_us))),
        all.first()?.order_bytes as f64 / MEGABYTE,
    ))
}

const SYSCALLS_HEAD: &str = "| proxy | sends per request | receives | waits | others | requests |";

fn syscalls_row(workload: &Workload, proxy: &str, rounds: &[Round]) -> Option<String> {
    let all = of(rounds, workload.name, proxy, Outcome::syscalls);
    let calls = all.last()?;
    Some(format!(
        "{:.2} | {:.2} | {:.2} | {} | {}",
        calls.sends,
        calls.receives,
        calls.waits,
        calls.others(RARE_CALLS),
        calls.requests
    ))
}

/// All loads in one table: the figures of all, Goru's ratios, and what it is to reach.
pub fn summary(workloads: &[&Workload], rounds: &[Round]) -> String {
    let rows: String = workloads.iter().filter_map(|workload| summary_row(workload, rounds)).collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "\nrequests per CPU-second, medians (min-max); ratios of goru\n\n| workload | goru | haproxy | nginx | to haproxy | must | goal | to nginx | must | beside |\n|---|---|---|---|---|---|---|---|---|---|\n{rows}"
    )
}

fn summary_row(workload: &Workload, rounds: &[Round]) -> Option<String> {
    let spread = |proxy| spread(&cells(rounds, workload.name, proxy));
    let (goru, haproxy, nginx) = (spread("goru"), spread("haproxy"), spread("nginx"));
    if goru.is_none() && haproxy.is_none() && nginx.is_none() {
        return None;
    }
    let text = |cells: Option<String>| cells.unwrap_or_else(|| "-".to_owned());
    let number = |value: Option<f64>| text(value.map(|value| format!("{value:.2}")));
    let to = |peer| ratio(rounds, workload.name, "goru", peer);
    let goal = workload.goal;
    let beside = workload.beside.and_then(|other| {
        let share = work(rounds, workload.name, "goru")? / work(rounds, other, "goru")?;
        Some(format!("{share:.2} of {other}"))
    });
    Some(format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
        workload.name,
        text(goru),
        text(haproxy),
        text(nginx),
        number(to("haproxy")),
        number(goal.map(|goal| goal.must)),
        number(goal.map(|goal| goal.goal)),
        number(to("nginx")),
        number(goal.and_then(|goal| goal.must_nginx)),
        text(beside),
    ))
}

/// What a reader has to know about the figures.
pub fn notes(rounds: &[Round]) -> Vec<String> {
    let mut notes = Vec::new();
    for (workload, proxy) in pairs(rounds) {
        let cells = cells(rounds, workload, proxy);
        let Some(busy) = median(cells.iter().map(|cell| cell.busy)) else { continue };
        let own = median(cells.iter().map(|cell| cell.own_busy)).unwrap_or(busy);
        // With a rate, neither side is meant to be busy all the time.
        let paced = cells.iter().any(|cell| cell.rate.is_some());
        if busy < BUSY_ENOUGH && !paced {
            let busy = busy * 100.0;
            notes.push(format!("{workload}: {proxy}'s core was only {busy:.0} % busy: its requests/s and latencies do not compare, its CPU figures do"));
        }
        if busy >= BUSY_ENOUGH && own < BUSY_ENOUGH && !paced {
            let own = own * 100.0;
            notes.push(format!("{workload}: {proxy} had only {own:.0} % of its core, others the rest: its requests/s and latencies do not compare, its CPU figures do"));
        }
        let excess = median(cells.iter().map(|cell| cell.generator_us_per_request - cell.cpu_us_per_request));
        if excess.is_some_and(|excess| excess > 0.0) && !paced {
            notes.push(format!("{workload}: beside {proxy} the generator cost more than the proxy"));
        }
        for cell in cells.iter().filter(|cell| cell.errors > 0) {
            notes.push(format!("{workload}: requests to {proxy} failed: {}", reasons(&cell.reasons)));
        }
    }
    let failed = |round: &Round| {
        let why = round.outcome.failure()?;
        Some(format!("{}: {} failed: {why}", round.workload, round.proxy))
    };
    notes.extend(rounds.iter().filter_map(failed));
    let mut once: Vec<String> = Vec::new();
    notes.into_iter().for_each(|note| {
        if !once.contains(&note) {
            once.push(note);
        }
    });
    once
}

fn pairs(rounds: &[Round]) -> Vec<(&str, &str)> {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for pair in rounds.iter().map(|round| (round.workload, round.proxy)) {
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::super::change::Change;
    use super::super::syscalls::Syscalls;
    use super::super::workload::find;
    use super::*;
    use std::collections::BTreeMap;

    fn load(workload: &'static str, proxy: &'static str, work: f64) -> Round {
        let cell = Cell {
            requests: 1000,
            requests_per_second: 1.0,
            requests_per_cpu_second: work,
            cpu_us_per_request: 1e6 / work,
            busy: if proxy == "goru" { 0.64 } else { 1.0 },
            own_busy: if proxy == "goru" { 0.64 } else { 1.0 },
            generator_busy: 1.0,
            generator_us_per_request: 1.0,
            p50_us: Some(1.0),
            p99_us: None,
            errors: 0,
            reasons: BTreeMap::new(),
            full_handshakes: 0,
            resumed_handshakes: 0,
            rate: None,
        };
        Round { workload, proxy, round: 0, outcome: Outcome::Load(cell) }
    }

    fn rounds() -> Vec<Round> {
        vec![
            load("a", "goru", 150.0),
            load("a", "haproxy", 100.0),
            load("a", "goru", 120.0),
            load("a", "haproxy", 80.0),
            load("a", "goru", 90.0),
            load("a", "haproxy", 60.0),
            load("a-log", "goru", 114.0),
            Round { workload: "a", proxy: "nginx", round: 0, outcome: Outcome::Failed("no such port\nlog".to_owned()) },
        ]
    }

    #[test]
    fn ratios_are_of_medians_within_the_run() {
        let table = of_workload(find("a").unwrap(), &rounds());
        assert!(table.contains("| goru | 120 (90-150) | 1.50 | - |"), "{table}");
        assert!(table.contains("| haproxy | 80 (60-100) | 1.00 | - |"), "{table}");
        assert!(table.contains("| nginx | failed: no such port |"), "{table}");
        assert!(table.contains("| 64 % ! | 64 % ! |"), "a core that was not busy is marked: {table}");
        assert_eq!(of_workload(find("b").unwrap(), &rounds()), "");
    }

    #[test]
    fn the_summary_sets_ratios_beside_what_is_to_be_reached() {
        let workloads = [find("a").unwrap(), find("a-log").unwrap(), find("b").unwrap()];
        let text = summary(&workloads, &rounds());
        assert!(text.contains("| a | 120 (90-150) | 80 (60-100) | - | 1.50 | 1.40 | 1.60 | - | 1.20 | - |"), "{text}");
        assert!(text.contains("| a-log | 114 (114-114) | - | - | - | 1.40 | 1.60 | - | - | 0.95 of a |"), "{text}");
    }

    #[test]
    fn notes_tell_of_idle_cores_and_failures() {
        let notes = notes(&rounds());
        assert!(notes.iter().any(|note| note.starts_with("a: goru's core was only 64 % busy")), "{notes:?}");
        assert!(notes.iter().any(|note| note.starts_with("a: nginx failed: no such port")), "{notes:?}");
        assert!(!notes.iter().any(|note| note.contains("haproxy")), "{notes:?}");
    }

    #[test]
    fn every_kind_of_measurement_has_a_line_and_a_table() {
        let idle = Idle {
            clients: 10,
            before_bytes: 0,
            after_bytes: 1000,
            bytes_per_connection: 100.0,
            opening_seconds: 1.0,
            rest_busy: 0.0,
            lost: 0,
        };
        let slow = Slow {
            clients: 10,
            p99_us_alone: Some(1.0),
            p50_us: Some(1.0),
            p99_us: Some(2.0),
            errors: 0,
            lost: 1,
            reasons: BTreeMap::new(),
            busy: 0.5,
            before_bytes: 0,
            after_bytes: 1,
        };
        let change = Change {
            order_bytes: 1,
            milliseconds: vec![3.0, 1.0, 2.0],
            requests: 10,
            errors: 2,
            reasons: BTreeMap::from([("reset".to_owned(), 2)]),
            failed_looks: 0,
            p99_us: None,
        };
        let calls = Syscalls { requests: 10, sends: 2.0, receives: 2.0, waits: 0.1, by_name: BTreeMap::new() };
        for (workload, outcome, wanted) in [
            ("i", Outcome::Idle(idle), "| goru | 100 (100-100) | - | 10 |"),
            ("s", Outcome::Slow(slow), "| goru | 2 | 1 | 1 | 0 | 10 | 1 |"),
            ("change-rules", Outcome::Change(change), "| goru | 2.0 (1.0-3.0) | 3 | 10 | 2 | reset (2 times) |"),
            ("calls", Outcome::Syscalls(calls), "| goru | 2.00 | 2.00 | 0.10 |"),
        ] {
            let rounds = [Round { workload, proxy: "goru", round: 0, outcome }];
            let table = of_workload(find(workload).unwrap(), &rounds);
            assert!(table.contains(wanted), "{table}");
            let columns: Vec<usize> =
                table.lines().filter(|line| line.starts_with('|')).map(|line| line.matches('|').count()).collect();
            assert!(columns.iter().all(|count| *count == columns[0]), "{table}");
            assert!(line(&rounds[0]).starts_with(&format!("round 0 {workload}")));
        }
    }
}
