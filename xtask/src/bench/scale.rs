//! `cargo xtask bench scale`: what a large account costs the control plane, and how fast its API is meanwhile.
//!
//! A thousand Auto Scaling groups of ten simulated instances in two regions (a region has at most 500 groups), ten
//! alarms for each group on metrics that get a value a minute. Measured: the time until all is in service, CPU time and
//! memory of the control plane at rest and under a fixed rate of calls, the latency of the calls, and the time from
//! SetDesiredCapacity to an instance in service. Nothing runs in the instances and there is no load balancer.

mod calls;
mod fleet;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;
use serde_json::json;

use super::process::{cpu_seconds_of_process, memory_megabytes};
use super::report::{Machine, percentile, save};
use super::server::Server;
use crate::shell::{capture, command, root};
use calls::Load;
use fleet::{Feeder, Fleet};

/// The longest measurement.
const MAXIMUM_SECONDS: f64 = 600.0;

/// Options of `bench scale`.
#[derive(Clone, clap::Args)]
pub struct Arguments {
    /// Auto Scaling groups, half of them in each of two regions
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(2..=1000))]
    groups: u32,
    /// Instances of each group
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=15))]
    size: u32,
    /// Alarms of each group
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10))]
    alarms: u32,
    /// Calls per second of all clients together
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(4..=2000))]
    rate: u32,
    /// Seconds under load; half as many at rest before
    #[arg(long, default_value_t = 120.0)]
    secs: f64,
    /// The program to measure [default: target/release/goru]
    #[arg(long)]
    goru: Option<PathBuf>,
}

/// Measures, prints, and keeps the figures in target/bench/.
pub fn run(arguments: &Arguments) -> Result<()> {
    let program = arguments.goru.clone().unwrap_or_else(|| root().join("target/release/goru"));
    let server = Server::start_program(&program, fleet::CONFIGURATION)?;
    let mut machine = Machine::read(&[])?;
    machine.versions.push(capture(command(&program).arg("--version"))?.trim().to_owned());
    println!("{}, {} cores, Linux {}; {}\n", machine.cpu, machine.cores, machine.kernel, machine.versions.join("; "));
    let mut log = Log { pid: server.pid(), stages: Vec::new() };
    let mut fleet = Fleet::new(&server.endpoint, arguments)?;
    log.stage("the empty server", || Ok(()))?;
    log.stage("groups created", || fleet.create_groups())?;
    log.stage("all instances in service", || fleet.wait_until_in_service())?;
    let feeder = Feeder::start(&fleet)?;
    log.stage("alarms put", || fleet.put_alarms())?;
    log.stage("all alarms evaluated", || fleet.wait_until_evaluated())?;
    let duration = Duration::from_secs_f64(arguments.secs.clamp(1.0, MAXIMUM_SECONDS));
    log.stage("at rest", || {
        std::thread::sleep(duration / 2);
        Ok(())
    })?;
    let load = log.stage("under load", || calls::run(&fleet, arguments.rate, duration))?;
    let fed = feeder.stop()?;
    load.print();
    println!("\nmetrics fed in {fed} calls meanwhile");
    save("scale", &json!({ "machine": machine, "arguments": shown(arguments), "stages": log.stages, "load": load }))
}

fn shown(arguments: &Arguments) -> serde_json::Value {
    let Arguments { groups, size, alarms, rate, secs, goru: _ } = arguments;
    json!({ "groups": groups, "size": size, "alarms_per_group": alarms, "calls_per_second": rate, "seconds": secs })
}

/// What each stage cost the control plane.
struct Log {
    pid: u32,
    stages: Vec<Stage>,
}

#[derive(Serialize)]
struct Stage {
    what: &'static str,
    seconds: f64,
    cpu_seconds: f64,
    /// What that is in a minute; of short stages it says little.
    cpu_seconds_per_minute: f64,
    resident_megabytes: f64,
    peak_megabytes: f64,
}

impl Log {
    fn stage<T>(&mut self, what: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let (start, before) = (Instant::now(), cpu_seconds_of_process(self.pid)?);
        let result = work()?;
        let seconds = start.elapsed().as_secs_f64();
        let cpu_seconds = cpu_seconds_of_process(self.pid)? - before;
        let stage = Stage {
            what,
            seconds,
            cpu_seconds,
            cpu_seconds_per_minute: cpu_seconds / seconds.max(1e-3) * 60.0,
            resident_megabytes: memory_megabytes(self.pid, "VmRSS")?,
            peak_megabytes: memory_megabytes(self.pid, "VmHWM")?,
        };
        stage.print();
        self.stages.push(stage);
        Ok(result)
    }
}

impl Stage {
    fn print(&self) {
        println!(
            "{:<26} after {:>6.1} s, {:>6.1} s CPU ({:>5.1} s a minute), {:>5.0} MB resident, {:>5.0} MB at most",
            self.what,
            self.seconds,
            self.cpu_seconds,
            self.cpu_seconds_per_minute,
            self.resident_megabytes,
            self.peak_megabytes
        );
    }
}

/// Milliseconds of many calls.
#[derive(Serialize)]
struct Latency {
    what: String,
    count: usize,
    p50_ms: f64,
    p99_ms: f64,
    worst_ms: f64,
}

impl Latency {
    fn of(what: &str, mut milliseconds: Vec<f64>) -> Self {
        milliseconds.sort_by(f64::total_cmp);
        Self {
            what: what.to_owned(),
            count: milliseconds.len(),
            p50_ms: percentile(&milliseconds, 50),
            p99_ms: percentile(&milliseconds, 99),
            worst_ms: milliseconds.last().copied().unwrap_or(f64::NAN),
        }
    }

    fn print(&self) {
        println!("| {} | {} | {:.1} | {:.1} | {:.1} |", self.what, self.count, self.p50_ms, self.p99_ms, self.worst_ms);
    }
}

impl Load {
    fn print(&self) {
        println!("\n| milliseconds | calls | p50 | p99 | worst |\n|---|---|---|---|---|");
        self.calls.iter().chain([&self.all, &self.in_service]).for_each(Latency::print);
        println!("\n{:.1} calls a second of {} asked for", self.calls_per_second, self.asked_per_second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_need_not_be_sorted() {
        let latency = Latency::of("x", vec![3.0, 1.0, 2.0]);
        assert_eq!((latency.count, latency.p50_ms, latency.p99_ms, latency.worst_ms), (3, 2.0, 3.0, 3.0));
        assert!(Latency::of("none", Vec::new()).worst_ms.is_nan());
    }
}
