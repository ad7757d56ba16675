//! What all measurements of a run share: the generator, the cores, the certificate, and how a proxy is set up.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::workload::{Drives, Shape, Workload, find};
use super::{Arguments, cell};
use crate::bench::load::Load;
use crate::bench::order::{Job, Measured, Speech, Watch};
use crate::bench::process::{Cores, free_port};
use crate::bench::proxies::{Certificate, Proxy, Running, Setup};
use crate::shell::root;

/// Milliseconds of load before each measurement: connections open, buffers and caches fill.
const WARM_UP_MILLISECONDS: u64 = 500;

/// A run.
pub struct Session {
    pub arguments: Arguments,
    pub cores: Cores,
    pub load: Load,
    /// Another one, on the proxy's core: for proxies with two workers, on both cores. One alone would keep them half idle, and what
    /// a proxy costs that waits most of the time is measured by the workload with a rate.
    pub second_load: Load,
    /// Clients of the workloads that have many.
    pub clients: usize,
    certificate: Certificate,
    directory: PathBuf,
    /// Half of what HAProxy can take, in requests per second, once that is known.
    half_rate: Option<f64>,
}

/// Where all files of the runs are.
pub fn directory() -> PathBuf {
    root().join("target/bench/run")
}

impl Session {
    pub fn new(arguments: &Arguments, clients: usize) -> Result<Self> {
        let load = usize::from(arguments.core == 0);
        let cores = Cores { proxy: arguments.core, load, niceness: arguments.niceness() };
        let directory = directory();
        Ok(Self {
            load: Load::start(cores.load, &cores)?,
            second_load: Load::start(cores.proxy, &cores)?,
            certificate: Certificate::make(&directory.join("tls"))?,
            half_rate: arguments.rate,
            arguments: arguments.clone(),
            cores,
            clients,
            directory,
        })
    }

    /// The directory of a proxy's files for a workload.
    pub fn directory_of(&self, workload: &Workload, proxy: Proxy) -> PathBuf {
        self.directory.join(workload.name).join(proxy.name())
    }

    /// Hands a setup for a workload to `use_it`.
    pub fn with_setup<T>(
        &mut self,
        workload: &Workload,
        proxy: Proxy,
        use_it: impl FnOnce(&mut Self, &Setup) -> Result<T>,
    ) -> Result<T> {
        let (mut targets, certificate) = (self.load.targets.clone(), self.certificate.clone());
        if workload.serves.workers > 1 {
            targets.extend(&self.second_load.targets);
        }
        let baseline = self.arguments.baseline.clone();
        let mut serves = workload.serves;
        serves.access_log |= self.arguments.access_log;
        if matches!(workload.drives, Drives::Idle(_) | Drives::Slow) {
            serves.clients = self.clients;
        }
        let setup = Setup {
            listen: free_port("127.0.0.1")?,
            targets: &targets,
            directory: self.directory_of(workload, proxy),
            baseline: baseline.as_deref(),
            peers_trace: !self.arguments.peers_without_trace_id,
            certificate: &certificate,
            serves,
            generation: 1,
        };
        use_it(self, &setup)
    }

    /// Starts a proxy.
    pub fn start(&self, proxy: Proxy, setup: &Setup) -> Result<Running> {
        proxy.start(setup, &self.cores).with_context(|| format!("{} did not start", proxy.name()))
    }

    /// The job of a shape, without a rate.
    pub fn job(&self, shape: &Shape, setup: &Setup, running: &Running) -> Job {
        Job {
            speech: Speech { address: setup.listen, tls: shape.tickets, http2_streams: shape.http2_streams },
            requests: shape.requests(),
            answer_bytes: shape.answer_bytes(),
            connections: shape.connections,
            close: shape.close,
            sticky: shape.sticky,
            rate: None,
            warm_up_milliseconds: WARM_UP_MILLISECONDS,
            milliseconds: self.arguments.milliseconds(),
            watch: Watch { pids: running.process.pids(), core: self.cores.proxy },
        }
    }

    /// Runs a job to its end, from both generators if the proxy has both cores.
    pub fn run(&mut self, job: &Job, setup: &Setup) -> Result<Measured> {
        if setup.serves.workers > 1 {
            return Load::run_together([&mut self.load, &mut self.second_load], job);
        }
        self.load.run(job)
    }

    /// Half of the most requests per second that HAProxy takes; measured when it is asked for first.
    pub fn half_rate(&mut self) -> Result<f64> {
        if let Some(rate) = self.half_rate {
            return Ok(rate);
        }
        let full = find("a").context("there is a workload a")?;
        let cell = cell::measure(self, full, Proxy::Haproxy).context("how much HAProxy takes at most")?;
        let rate = (cell.requests_per_second / 2.0).round();
        println!("half of HAProxy's maximum: {rate:.0} requests per second");
        self.half_rate = Some(rate);
        Ok(rate)
    }
}
