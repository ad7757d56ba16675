//! Requests per CPU-second: one proxy, one workload, one round.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde::Serialize;

use super::check;
use super::session::Session;
use super::workload::{Drives, Shape, Workload};
use crate::bench::debian;
use crate::bench::order::{Job, Measured, Tickets, Usage};
use crate::bench::process::{CoreTicks, Pinned};
use crate::bench::proxies::{Proxy, Setup};

/// With a larger share of failed requests there are no figures.
const MOST_ERRORS: f64 = 0.01;
/// Nor with more handshakes of the kind that the workload is not about, as a share of the others.
const MOST_OTHER_HANDSHAKES: f64 = 0.05;

/// One measurement.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    pub requests: u64,
    pub requests_per_second: f64,
    pub requests_per_cpu_second: f64,
    pub cpu_us_per_request: f64,
    /// Share of the measured time in which the proxy's core did something, 0 to 1.
    pub busy: f64,
    /// The proxy's own CPU time in it, of a core; more than 1 with more workers. Less than `busy` is what others took.
    pub own_busy: f64,
    /// The same of the generator, of a core, by its own CPU time.
    pub generator_busy: f64,
    pub generator_us_per_request: f64,
    pub p50_us: Option<f64>,
    pub p99_us: Option<f64>,
    pub errors: u64,
    pub reasons: BTreeMap<String, u64>,
    pub full_handshakes: u64,
    pub resumed_handshakes: u64,
    /// The rate, where it is given.
    pub rate: Option<f64>,
}

/// Measures a workload that is a load.
pub fn measure(session: &mut Session, workload: &Workload, proxy: Proxy) -> Result<Cell> {
    let Drives::Load(shape) = workload.drives else { bail!("{} is no load", workload.name) };
    let rate = if shape.half_rate { Some(session.half_rate()?) } else { None };
    session.with_setup(workload, proxy, |session, setup| {
        let running = session.start(proxy, setup)?;
        check::equal_work(session, workload, setup)?;
        let job = Job { rate, ..session.job(&shape, setup, &running) };
        let cell = run(session, setup, &job, &running.process)?;
        cell.check(&shape)?;
        if setup.serves.access_log {
            ensure_log(setup, proxy)?;
        }
        Ok(cell)
    })
}

/// Runs a job.
fn run(session: &mut Session, setup: &Setup, job: &Job, process: &Pinned) -> Result<Cell> {
    if !(session.arguments.uses_debian_tools() && debian::can_run(job)) {
        return Ok(Cell::new(&session.run(job, setup)?, job.rate));
    }
    let core = session.cores.proxy;
    let (cpu, ticks, targets) = (process.cpu_seconds(), CoreTicks::read(core)?, session.load.cpu_seconds());
    let mut measured = debian::run(job, &session.cores)?;
    measured.usage =
        Usage { cpu_seconds: process.cpu_seconds() - cpu, core_busy: CoreTicks::read(core)?.busy_since(ticks) };
    let targets = session.load.cpu_seconds() - targets;
    measured.cpu_seconds = measured.cpu_seconds.map(|tool| tool + targets);
    Ok(Cell::new(&measured, job.rate))
}

impl Cell {
    fn new(measured: &Measured, rate: Option<f64>) -> Self {
        let requests = measured.requests as f64;
        let Usage { cpu_seconds, core_busy } = measured.usage;
        let generator = measured.cpu_seconds.unwrap_or(f64::NAN);
        Self {
            requests: measured.requests,
            requests_per_second: requests / measured.seconds,
            requests_per_cpu_second: requests / cpu_seconds,
            cpu_us_per_request: cpu_seconds / requests * 1e6,
            busy: core_busy,
            own_busy: cpu_seconds / measured.seconds,
            generator_busy: generator / measured.seconds,
            generator_us_per_request: generator / requests * 1e6,
            p50_us: measured.p50_us,
            p99_us: measured.p99_us,
            errors: measured.errors,
            reasons: measured.reasons.clone(),
            full_handshakes: measured.full_handshakes,
            resumed_handshakes: measured.resumed_handshakes,
            rate,
        }
    }

    /// Fails when this is not what the workload is about.
    fn check(&self, shape: &Shape) -> Result<()> {
        if self.errors as f64 > self.requests as f64 * MOST_ERRORS {
            bail!("{} of {} requests failed: {}", self.errors, self.requests + self.errors, reasons(&self.reasons));
        }
        let (full, resumed) = (self.full_handshakes, self.resumed_handshakes);
        let wanted = if shape.tickets == Some(Tickets::Used) { resumed } else { full };
        if shape.close && wanted as f64 * (1.0 + MOST_OTHER_HANDSHAKES) < (full + resumed) as f64 {
            bail!("{full} handshakes were full, {resumed} resumed");
        }
        Ok(())
    }
}

/// Reasons with their numbers, as a text.
pub fn reasons(reasons: &BTreeMap<String, u64>) -> String {
    let texts: Vec<String> = reasons.iter().map(|(reason, count)| format!("{reason} ({count} times)")).collect();
    texts.join(", ")
}

/// A log that nobody writes would be no log.
fn ensure_log(setup: &Setup, proxy: Proxy) -> Result<()> {
    let path = setup.directory.join(match proxy {
        Proxy::Goru | Proxy::Baseline => "data/logs/access.log",
        Proxy::Haproxy => "output.log",
        Proxy::Nginx => "access.log",
    });
    let bytes = std::fs::metadata(&path).map_or(0, |file| file.len());
    anyhow::ensure!(bytes > 0, "it wrote no access log to {}", path.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::data_plane::workload::find;

    fn measured(requests: u64, errors: u64, full: u64, resumed: u64) -> Measured {
        let handshakes = Measured { full_handshakes: full, resumed_handshakes: resumed, ..Measured::default() };
        let usage = Usage { cpu_seconds: 0.25, core_busy: 0.5 };
        Measured { requests, errors, seconds: 2.0, usage, cpu_seconds: Some(0.5), ..handshakes }
    }

    fn check(name: &str, measured: &Measured) -> Result<()> {
        let Drives::Load(shape) = find(name).unwrap().drives else { panic!("{name} is no load") };
        Cell::new(measured, None).check(&shape)
    }

    #[test]
    fn figures_are_per_request_and_per_second_of_cpu_time() {
        let cell = Cell::new(&measured(1000, 0, 0, 0), None);
        assert_eq!((cell.requests_per_second, cell.requests_per_cpu_second), (500.0, 4000.0));
        assert_eq!((cell.cpu_us_per_request, cell.generator_us_per_request, cell.generator_busy), (250.0, 500.0, 0.25));
    }

    #[test]
    fn many_errors_or_handshakes_of_the_other_kind_are_no_measurement() {
        for (name, measured, fits) in [
            ("a", measured(1000, 10, 0, 0), true),
            ("a", measured(1000, 11, 0, 0), false),
            ("e2", measured(1000, 0, 1000, 0), true),
            ("e2r", measured(1000, 0, 1000, 0), false),
            ("e2r", measured(1000, 0, 40, 960), true),
            ("e2r", measured(1000, 0, 60, 940), false),
        ] {
            assert_eq!(check(name, &measured).is_ok(), fits, "{name} {measured:?}");
        }
    }
}
