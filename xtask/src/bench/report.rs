//! Tables for people and JSON for later comparison.
//!
//! Medians with minimum and maximum; ratios to each peer within the same run. Absolute figures of different days or
//! machines do not compare, so the machine and all versions stand beside them.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use serde::Serialize;
use serde_json::json;

use super::http1::Cell;
use super::proxies::Proxy;
use crate::shell::root;

/// Below this share of its core the proxy was waiting for the generator.
const BUSY_ENOUGH: f64 = 0.9;

/// Where the figures were taken.
#[derive(Serialize)]
pub struct Machine {
    pub cpu: String,
    pub cores: usize,
    pub kernel: String,
    pub versions: Vec<String>,
    pub autogroup: String,
}

impl Machine {
    /// Reads it from /proc; asks the proxies for their versions.
    pub fn read(proxies: &[Proxy]) -> Result<Self> {
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpuinfo.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(':'));
        let first_line = |path: &str| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        Ok(Self {
            cpu: model.map_or("unknown", |(_, name)| name.trim()).to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: first_line("/proc/sys/kernel/osrelease"),
            versions: proxies.iter().filter_map(|proxy| proxy.version().transpose()).collect::<Result<_>>()?,
            autogroup: first_line("/proc/sys/kernel/sched_autogroup_enabled"),
        })
    }
}

/// One line per measurement while it runs.
pub fn cell_line(cell: &Cell) -> String {
    format!(
        "round {} {:<5} {:<8} {:>7.0} requests per CPU-second, {:>8.0}/s, {:>6.2} µs CPU, core {:>3.0} % busy, p99 {:.0} µs, {} errors",
        cell.round,
        cell.path,
        cell.proxy,
        cell.requests_per_cpu_second,
        cell.requests_per_second,
        cell.cpu_us_per_request,
        cell.busy * 100.0,
        cell.p99_us,
        cell.errors
    )
}

/// Prints the tables of `bench http1` and writes `target/bench/http1-<time>.json`.
pub fn http1(machine: &Machine, cells: &[Cell], connections: usize) -> Result<()> {
    println!("\n{}, {} cores, Linux {}; {}", machine.cpu, machine.cores, machine.kernel, machine.versions.join("; "));
    for path in distinct(cells.iter().map(|cell| cell.path.as_str())) {
        let of_path: Vec<&Cell> = cells.iter().filter(|cell| cell.path == path).collect();
        println!("\nHTTP/1.1 keep-alive, {path}, {connections} connections, one worker\n");
        print!("{}", table(&of_path));
    }
    for warning in warnings(machine, cells) {
        println!("note: {warning}");
    }
    save("http1", &json!({ "machine": machine, "connections": connections, "cells": cells }))
}

/// Writes one run's figures to ``target/bench/<name>-<unix time>.json``.
pub fn save(name: &str, figures: &serde_json::Value) -> Result<()> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let relative = format!("target/bench/{name}-{seconds}.json");
    std::fs::create_dir_all(root().join("target/bench"))?;
    std::fs::write(root().join(&relative), serde_json::to_vec_pretty(figures)?)?;
    println!("\nfigures: {relative}");
    Ok(())
}

fn table(cells: &[&Cell]) -> String {
    let median_of =
        |proxy: &str| median(cells.iter().filter(|cell| cell.proxy == proxy).map(|cell| cell.requests_per_cpu_second));
    let mut lines = vec![
        "| proxy | requests per CPU-second: median (min-max) | to haproxy | to nginx | µs CPU/request | requests/s | core busy | p50 µs | p99 µs | errors |".to_owned(),
        "|---|---|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    for proxy in distinct(cells.iter().map(|cell| cell.proxy)) {
        let own: Vec<&&Cell> = cells.iter().filter(|cell| cell.proxy == proxy).collect();
        let of = |value: fn(&Cell) -> f64| median(own.iter().map(|cell| value(cell))).unwrap_or(f64::NAN);
        let work = of(|cell| cell.requests_per_cpu_second);
        let extremes = own.iter().map(|cell| cell.requests_per_cpu_second);
        let (least, most) =
            extremes.fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)));
        let ratio = |peer: &str| median_of(peer).map_or("-".to_owned(), |median| format!("{:.2}", work / median));
        lines.push(format!(
            "| {proxy} | {work:.0} ({least:.0}-{most:.0}) | {} | {} | {:.2} | {:.0} | {:.0} % | {:.0} | {:.0} | {} |",
            ratio("haproxy"),
            ratio("nginx"),
            of(|cell| cell.cpu_us_per_request),
            of(|cell| cell.requests_per_second),
            of(|cell| cell.busy) * 100.0,
            of(|cell| cell.p50_us),
            of(|cell| cell.p99_us),
            own.iter().map(|cell| cell.errors).sum::<u64>(),
        ));
    }
    lines.join("\n") + "\n"
}

fn warnings(machine: &Machine, cells: &[Cell]) -> Vec<String> {
    let mut warnings = Vec::new();
    for proxy in distinct(cells.iter().map(|cell| cell.proxy)) {
        let busy = median(cells.iter().filter(|cell| cell.proxy == proxy).map(|cell| cell.busy)).unwrap_or(1.0);
        if busy < BUSY_ENOUGH {
            warnings.push(format!(
                "{proxy}'s core was only {:.0} % busy: its requests/s do not compare, its CPU figures do",
                busy * 100.0
            ));
        }
    }
    if machine.autogroup == "1" {
        warnings.push(
            "the kernel groups processes by session (sched_autogroup_enabled=1): niceness may not shield this run"
                .to_owned(),
        );
    }
    if cells.iter().any(|cell| cell.errors > 0) {
        warnings.push("there were errors: find out why before using these figures".to_owned());
    }
    warnings
}

fn distinct<'a>(values: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}

/// Of sorted values; the nearest rank.
pub fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
}

/// The middle value; the mean of the middle two; `None` of nothing.
pub fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        1 => values.get(middle).copied(),
        _ => Some((values.get(middle.checked_sub(1)?)? + values.get(middle)?) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(proxy: &'static str, work: f64) -> Cell {
        Cell {
            proxy,
            path: "/s".to_owned(),
            round: 0,
            requests_per_second: 1.0,
            requests_per_cpu_second: work,
            cpu_us_per_request: 1e6 / work,
            busy: 1.0,
            p50_us: 1.0,
            p99_us: 1.0,
            errors: 0,
        }
    }

    #[test]
    fn medians_of_odd_even_and_no_values() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), Some(2.5));
        assert_eq!(median(std::iter::empty()), None);
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let values: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!((percentile(&values, 50), percentile(&values, 99)), (100.0, 198.0));
        assert_eq!(percentile(&[7.0], 99), 7.0);
        assert!(percentile(&[], 50).is_nan());
    }

    #[test]
    fn ratios_are_of_medians_within_the_run() {
        let cells = [
            cell("goru", 150.0),
            cell("haproxy", 100.0),
            cell("goru", 120.0),
            cell("haproxy", 80.0),
            cell("goru", 90.0),
            cell("haproxy", 60.0),
        ];
        let table = table(&cells.iter().collect::<Vec<_>>());
        assert!(table.contains("| goru | 120 (90-150) | 1.50 | - |"), "{table}");
        assert!(table.contains("| haproxy | 80 (60-100) | 1.00 | - |"), "{table}");
    }
}
