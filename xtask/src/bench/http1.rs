//! `cargo xtask bench http1`: requests per CPU-second of the data plane, beside nginx and HAProxy.
//!
//! Rounds alternate over the proxies (goru, haproxy, nginx, goru, …), one of them alive at a time, so that whatever
//! else the machine does falls on all of them. The proxy has one core to itself, generator and targets share another.
//! What is compared is the work per CPU time, not the rate: a rate would depend on the generator.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use super::load::{Job, Load, Measured};
use super::process::{CoreTicks, Cores, Pinned, free_port};
use super::proxies::{Proxy, Setup};
use super::report::{self, Machine};
use crate::install::{Need, debian};
use crate::shell::root;

/// Where the load comes from.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Generator {
    /// The repository's own: one epoll loop, cheaper than any proxy.
    Own,
    /// Debian's wrk, as a second opinion.
    Wrk,
}

/// Options of `bench http1`.
#[derive(Clone, clap::Args)]
pub struct Arguments {
    /// How often every proxy has its turn
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Seconds of measured load per proxy, size and round
    #[arg(long, default_value_t = 2.0)]
    secs: f64,
    /// Client connections, all busy all the time
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Answers: /s has 100 bytes, /10k has 10 kB
    #[arg(long, value_delimiter = ',', default_value = "/s,/10k")]
    paths: Vec<String>,
    /// Who is measured
    #[arg(long, value_enum, value_delimiter = ',', default_value = "goru,goru-log,haproxy,nginx")]
    proxies: Vec<Proxy>,
    /// Another build of goru that takes part, to compare two builds within a run
    #[arg(long)]
    baseline: Option<PathBuf>,
    /// What makes the load
    #[arg(long, value_enum, default_value = "own")]
    load: Generator,
    /// The proxy's core; generator and targets run on core 0 (or on 1, if this is 0)
    #[arg(long, default_value_t = 1)]
    core: usize,
    /// Niceness of all measured processes; below 0 needs root [default: -20 for root, else 0]
    #[arg(long, allow_hyphen_values = true)]
    niceness: Option<i32>,
    /// Let HAProxy and nginx add no trace id, which Goru always does: makes it harder for Goru
    #[arg(long)]
    peers_without_trace_id: bool,
}

/// One measurement.
#[derive(Serialize)]
pub struct Cell {
    pub proxy: &'static str,
    pub path: String,
    pub round: u32,
    pub requests_per_second: f64,
    pub requests_per_cpu_second: f64,
    pub cpu_us_per_request: f64,
    /// Share of the measured time in which the proxy's core did something, 0 to 1.
    pub busy: f64,
    pub p50_us: f64,
    pub p99_us: f64,
    pub errors: u64,
}

/// Seconds of load before each measurement: connections open, buffers and caches fill.
const WARM_UP_MILLISECONDS: u64 = 500;
/// The longest measurement.
const MAXIMUM_SECONDS: f64 = 60.0;

/// Measures, prints the table, and keeps the figures in target/bench/.
pub fn run(arguments: &Arguments) -> Result<()> {
    install(arguments)?;
    let niceness = arguments.niceness.unwrap_or(if rustix::process::geteuid().is_root() { -20 } else { 0 });
    let cores = Cores { proxy: arguments.core, load: usize::from(arguments.core == 0), niceness };
    let directory = scratch_directory()?;
    let mut load = Load::start(&cores)?;
    let mut cells = Vec::new();
    let baseline = arguments.baseline.as_ref().map(|_| Proxy::Baseline);
    let proxies: Vec<Proxy> = arguments.proxies.iter().copied().chain(baseline).collect();
    for round in 0..arguments.rounds {
        for proxy in &proxies {
            cells.extend(measure_proxy(*proxy, round, arguments, &mut load, &cores, &directory)?);
        }
    }
    let machine = Machine::read(&proxies)?;
    report::http1(&machine, &cells, arguments.connections)
}

fn install(arguments: &Arguments) -> Result<()> {
    let mut needs = vec![Need { program: "taskset", package: "util-linux" }];
    if arguments.load == Generator::Wrk {
        needs.push(Need { program: "wrk", package: "wrk" });
    }
    for proxy in &arguments.proxies {
        match proxy {
            Proxy::Goru | Proxy::GoruLog | Proxy::Baseline => {}
            Proxy::Haproxy => needs.push(Need { program: "haproxy", package: "haproxy" }),
            Proxy::Nginx => needs.push(Need { program: "nginx", package: "nginx" }),
        }
    }
    debian(&needs)
}

/// nginx's worker is another user: it must be able to pass through.
fn scratch_directory() -> Result<PathBuf> {
    let directory = root().join("target/bench/run");
    std::fs::create_dir_all(&directory)?;
    Ok(directory)
}

fn measure_proxy(
    proxy: Proxy,
    round: u32,
    arguments: &Arguments,
    load: &mut Load,
    cores: &Cores,
    directory: &std::path::Path,
) -> Result<Vec<Cell>> {
    let targets = load.targets.clone();
    let setup = Setup {
        listen: free_port("127.0.0.1")?,
        targets: &targets,
        directory,
        baseline: arguments.baseline.as_deref(),
        peers_trace: !arguments.peers_without_trace_id,
    };
    let milliseconds = u64::try_from(Duration::from_secs_f64(arguments.secs.clamp(0.1, MAXIMUM_SECONDS)).as_millis())?;
    let running = proxy.start(&setup, cores)?;
    let mut cells = Vec::new();
    for path in &arguments.paths {
        let job = Job { address: setup.listen, path: path.clone(), connections: arguments.connections, milliseconds };
        let cell = measure(proxy, round, &job, arguments.load, load, &running, cores)?;
        println!("{}", report::cell_line(&cell));
        cells.push(cell);
    }
    Ok(cells)
}

fn measure(
    proxy: Proxy,
    round: u32,
    job: &Job,
    generator: Generator,
    load: &mut Load,
    running: &Pinned,
    cores: &Cores,
) -> Result<Cell> {
    let mut shoot = |job: &Job| -> Result<Measured> {
        match generator {
            Generator::Own => load.run(job),
            Generator::Wrk => load.run_wrk(job),
        }
    };
    shoot(&Job { milliseconds: WARM_UP_MILLISECONDS, ..job.clone() })?;
    let (cpu, core) = (running.cpu_seconds(), CoreTicks::read(cores.proxy)?);
    let measured = shoot(job)?;
    let (cpu, busy) = (running.cpu_seconds() - cpu, CoreTicks::read(cores.proxy)?.busy_since(core));
    let requests = measured.requests as f64;
    Ok(Cell {
        proxy: proxy.name(),
        path: job.path.clone(),
        round,
        requests_per_second: requests / measured.seconds,
        requests_per_cpu_second: requests / cpu,
        cpu_us_per_request: cpu / requests * 1e6,
        busy,
        p50_us: measured.p50_us,
        p99_us: measured.p99_us,
        errors: measured.errors,
    })
}
