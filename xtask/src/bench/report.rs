//! What all benches share: where figures were taken, JSON for later comparison, and a little statistics.
//!
//! Absolute figures of different days or machines do not compare, so the machine and all versions stand beside them.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use serde::Serialize;

use super::proxies::Proxy;
use crate::shell::root;

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

    /// In one line.
    pub fn line(&self) -> String {
        format!("{}, {} cores, Linux {}; {}", self.cpu, self.cores, self.kernel, self.versions.join("; "))
    }
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

/// Values without repetitions, in the order of their first ones.
pub fn distinct<'a>(values: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
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
}
