//! `cargo xtask bench http1 http2 tls large connections rules syscalls`: the data plane beside nginx and HAProxy.
//!
//! Rounds alternate over workloads and proxies (goru, haproxy, nginx, goru, …), one proxy alive at a time, so that whatever
//! else the machine does falls on all of them. The proxy has one core to itself, generator and targets share another.
//! What is compared is the work per CPU time, not the rate: a rate would depend on the generator. A workload that a proxy
//! does not start for or answers wrongly is told as failed, and the others go on.

mod cell;
mod change;
mod check;
mod idle;
mod session;
mod slow;
mod syscalls;
mod table;
mod workload;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde_json::json;

use super::process::{in_session, raise_file_limit, shield_own_session};
use super::proxies::Proxy;
use super::report::{Machine, save};
use crate::install::{Need, debian};
use crate::shell::root;
use session::Session;
#[cfg(test)]
pub use workload::ALL;
pub use workload::Suite;
use workload::{Drives, Workload};

/// Where the load comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Generator {
    /// The repository's own: one epoll loop, cheaper than any proxy.
    Own,
    /// Debian's wrk and h2load, as a second opinion, where they can do it.
    Debian,
}

/// Options of the data plane's benches.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// What is measured
    #[arg(value_enum, required_unless_present = "workloads")]
    suites: Vec<Suite>,
    /// Only these workloads, by name, whatever suite they are in
    #[arg(long, value_delimiter = ',', value_parser = known_workload)]
    workloads: Vec<String>,
    /// How often every proxy has its turn
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Seconds of measured load per workload, proxy and round
    #[arg(long, alias = "secs", default_value_t = 2.0)]
    seconds: f64,
    /// Who is measured
    #[arg(long, value_enum, value_delimiter = ',', default_value = "goru,haproxy,nginx")]
    proxies: Vec<Proxy>,
    /// Another build of goru that takes part, to compare two builds within a run
    #[arg(long)]
    baseline: Option<PathBuf>,
    /// Let everybody write an access log in every workload
    #[arg(long)]
    access_log: bool,
    /// Requests per second of workload h [default: half of what HAProxy takes]
    #[arg(long)]
    rate: Option<f64>,
    /// Idle and slow clients of workloads i, i-tls and s
    #[arg(long, default_value_t = 10_000)]
    clients: usize,
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
    /// This process has a session of its own already
    #[arg(long, hide = true)]
    in_session: bool,
}

/// One measurement of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Round {
    pub workload: &'static str,
    pub proxy: &'static str,
    pub round: u32,
    pub outcome: Outcome,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Load(cell::Cell),
    Idle(idle::Idle),
    Slow(slow::Slow),
    Change(change::Change),
    Syscalls(syscalls::Syscalls),
    Failed(String),
}

impl Outcome {
    fn load(&self) -> Option<&cell::Cell> {
        if let Self::Load(cell) = self { Some(cell) } else { None }
    }

    fn idle(&self) -> Option<&idle::Idle> {
        if let Self::Idle(idle) = self { Some(idle) } else { None }
    }

    fn slow(&self) -> Option<&slow::Slow> {
        if let Self::Slow(slow) = self { Some(slow) } else { None }
    }

    fn change(&self) -> Option<&change::Change> {
        if let Self::Change(change) = self { Some(change) } else { None }
    }

    fn syscalls(&self) -> Option<&syscalls::Syscalls> {
        if let Self::Syscalls(calls) = self { Some(calls) } else { None }
    }

    fn failure(&self) -> Option<&str> {
        if let Self::Failed(why) = self { Some(why) } else { None }
    }
}

/// The longest measurement.
const MAXIMUM_SECONDS: f64 = 60.0;
/// A workload is not tried again with a proxy for which it failed so often.
const MOST_FAILURES: usize = 2;
/// Beside the measured seconds of a load: start, first health check, warm-up.
const OVERHEAD: Duration = Duration::from_millis(1700);
/// Of the other measurements, which have no seconds to be told.
const LONG_MEASUREMENT: Duration = Duration::from_secs(15);
/// A run that takes so many times what it was expected to take is ended.
const PATIENCE: u32 = 3;
/// Files that a proxy may need for each of many clients: one of them to a target.
const FILES_PER_CLIENT: usize = 2;
/// Files that a process may open at least, where that is allowed.
const MANY_FILES: u64 = 8192;
/// Files for everything else, in the proxies and in the generator.
const OTHER_FILES: usize = 500;

impl Arguments {
    /// Of measured load.
    fn milliseconds(&self) -> u64 {
        let seconds = self.seconds.clamp(0.1, MAXIMUM_SECONDS);
        u64::try_from(Duration::from_secs_f64(seconds).as_millis()).unwrap_or(u64::MAX)
    }

    /// Of all measured processes.
    fn niceness(&self) -> i32 {
        self.niceness.unwrap_or(if rustix::process::geteuid().is_root() { -20 } else { 0 })
    }

    fn uses_debian_tools(&self) -> bool {
        self.load == Generator::Debian
    }

    fn selected(&self) -> Vec<&'static Workload> {
        let by_name = |workload: &&Workload| self.workloads.iter().any(|name| name == workload.name);
        let by_suite = |workload: &&Workload| self.suites.contains(&workload.suite);
        let all = workload::ALL.iter();
        if self.workloads.is_empty() { all.filter(by_suite).collect() } else { all.filter(by_name).collect() }
    }

    fn all_proxies(&self) -> Vec<Proxy> {
        self.proxies.iter().copied().chain(self.baseline.as_ref().map(|_| Proxy::Baseline)).collect()
    }
}

fn known_workload(name: &str) -> Result<String, String> {
    let names = || workload::ALL.iter().map(|workload| workload.name).collect::<Vec<_>>().join(", ");
    workload::find(name).map(|workload| workload.name.to_owned()).ok_or_else(|| format!("there are: {}", names()))
}

/// Measures, prints the tables, and keeps the figures in target/bench/.
pub fn run(arguments: &Arguments) -> Result<()> {
    if !arguments.in_session {
        return run_in_session(arguments);
    }
    shield_own_session(arguments.niceness());
    let workloads = arguments.selected();
    let proxies = arguments.all_proxies();
    install(arguments, &workloads)?;
    let clients = clients(arguments, &workloads)?;
    let expected = expected(arguments, &workloads, proxies.len());
    println!(
        "{} workloads, {} proxies, {} rounds: about {:.0} minutes, at most {:.0}",
        workloads.len(),
        proxies.len(),
        arguments.rounds,
        minutes(expected).ceil(),
        minutes(expected * PATIENCE).ceil()
    );
    let machine = Machine::read(&proxies)?;
    let mut session = Session::new(arguments, clients)?;
    let rounds = measure_all(&mut session, &workloads, &proxies, expected * PATIENCE);
    report(&machine, &session, &workloads, &proxies, &rounds)
}

/// Starts this program again, where the measured processes, which leave little of either core, do not keep it from looking.
fn run_in_session(arguments: &Arguments) -> Result<()> {
    let mut session = in_session(arguments.niceness());
    session.arg(std::env::current_exe()?).args(std::env::args_os().skip(1)).arg("--in-session");
    let status = session.status().context("cannot start anew in a session of its own")?;
    ensure!(status.success(), "the measurement failed: {status}");
    Ok(())
}

fn install(arguments: &Arguments, workloads: &[&Workload]) -> Result<()> {
    let mut needs = vec![Need { program: "setpriv", package: "util-linux" }];
    needs.extend(arguments.proxies.iter().filter_map(|proxy| proxy.need()));
    if arguments.uses_debian_tools() {
        needs.push(Need { program: "wrk", package: "wrk" });
        needs.push(Need { program: "h2load", package: "nghttp2-client" });
    }
    if workloads.iter().any(|workload| matches!(workload.drives, Drives::Syscalls(_))) {
        needs.push(Need { program: "strace", package: "strace" });
    }
    // Workload h goes by what HAProxy can do.
    let needs_rate = |workload: &&&Workload| matches!(workload.drives, Drives::Load(shape) if shape.half_rate);
    if arguments.rate.is_none() && workloads.iter().any(|workload| needs_rate(&workload)) {
        needs.extend(Proxy::Haproxy.need());
    }
    debian(&needs)
}

/// As many clients as are asked for, or as there may be open files.
fn clients(arguments: &Arguments, workloads: &[&Workload]) -> Result<usize> {
    let has_many = workloads.iter().any(|workload| matches!(workload.drives, Drives::Idle(_) | Drives::Slow));
    let clients = if has_many { arguments.clients } else { 0 };
    let wanted = u64::try_from(clients * FILES_PER_CLIENT + OTHER_FILES)?.max(MANY_FILES);
    let limit = raise_file_limit(wanted).context("the limit of open files")?;
    let most = (usize::try_from(limit)?.saturating_sub(OTHER_FILES)) / FILES_PER_CLIENT;
    if clients > most {
        println!("a process may open {limit} files here, so there are {most} clients instead of {clients}");
    }
    Ok(clients.min(most))
}

fn expected(arguments: &Arguments, workloads: &[&Workload], proxies: usize) -> Duration {
    let once = Duration::from_millis(arguments.milliseconds()) + OVERHEAD;
    let of = |workload: &&Workload| {
        let time = match workload.drives {
            Drives::Load(_) | Drives::Syscalls(_) => once,
            Drives::Idle(_) | Drives::Slow | Drives::Change(_) => LONG_MEASUREMENT,
        };
        time * workload.rounds(arguments.rounds)
    };
    workloads.iter().map(of).sum::<Duration>() * u32::try_from(proxies).unwrap_or(u32::MAX)
}

fn minutes(duration: Duration) -> f64 {
    duration.as_secs_f64() / 60.0
}

fn measure_all(session: &mut Session, workloads: &[&Workload], proxies: &[Proxy], limit: Duration) -> Vec<Round> {
    let start = Instant::now();
    let mut rounds: Vec<Round> = Vec::new();
    let most = session.arguments.rounds;
    for round in 0..most {
        for workload in workloads.iter().filter(|workload| round < workload.rounds(most)) {
            for proxy in proxies {
                if is_given_up(&rounds, workload, *proxy) {
                    continue;
                }
                if start.elapsed() > limit {
                    println!("this takes too long: the tables are of what there is");
                    return rounds;
                }
                let outcome = measure(session, workload, *proxy);
                let outcome = outcome.unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")));
                let done = Round { workload: workload.name, proxy: proxy.name(), round, outcome };
                println!("{}", table::line(&done));
                rounds.push(done);
            }
        }
    }
    rounds
}

fn is_given_up(rounds: &[Round], workload: &Workload, proxy: Proxy) -> bool {
    let failed = |round: &&Round| {
        round.workload == workload.name && round.proxy == proxy.name() && round.outcome.failure().is_some()
    };
    rounds.iter().filter(failed).count() >= MOST_FAILURES
}

fn measure(session: &mut Session, workload: &Workload, proxy: Proxy) -> Result<Outcome> {
    Ok(match &workload.drives {
        Drives::Load(_) => Outcome::Load(cell::measure(session, workload, proxy)?),
        Drives::Idle(tickets) => Outcome::Idle(idle::measure(session, workload, *tickets, proxy)?),
        Drives::Slow => Outcome::Slow(slow::measure(session, workload, proxy)?),
        Drives::Change(shape) => Outcome::Change(change::measure(session, workload, shape, proxy)?),
        Drives::Syscalls(shape) => Outcome::Syscalls(syscalls::measure(session, workload, shape, proxy)?),
    })
}

fn report(
    machine: &Machine,
    session: &Session,
    workloads: &[&Workload],
    proxies: &[Proxy],
    rounds: &[Round],
) -> Result<()> {
    ensure!(!rounds.is_empty(), "nothing was measured");
    println!("\n{}", machine.line());
    for workload in workloads {
        print!("{}", table::of_workload(workload, rounds));
    }
    print!("{}", table::summary(workloads, rounds));
    for note in table::notes(rounds) {
        println!("note: {note}");
    }
    println!("\nconfigurations:");
    for workload in workloads {
        for proxy in proxies {
            let path = proxy.configuration(&session.directory_of(workload, *proxy));
            println!("  {}", path.strip_prefix(root()).unwrap_or(&path).display());
        }
    }
    save_by_suite(machine, session, workloads, rounds)
}

fn save_by_suite(machine: &Machine, session: &Session, workloads: &[&Workload], rounds: &[Round]) -> Result<()> {
    let mut suites: Vec<Suite> = workloads.iter().map(|workload| workload.suite).collect();
    suites.dedup();
    for suite in suites {
        let of_suite: Vec<&&Workload> = workloads.iter().filter(|workload| workload.suite == suite).collect();
        let is_of_suite = |round: &&Round| of_suite.iter().any(|workload| workload.name == round.workload);
        let arguments = &session.arguments;
        save(
            &format!("{suite:?}").to_lowercase(),
            &json!({
                "machine": machine,
                "rounds": arguments.rounds,
                "seconds": arguments.seconds,
                "clients": session.clients,
                "access_log_everywhere": arguments.access_log,
                "peers_trace": !arguments.peers_without_trace_id,
                "load": format!("{:?}", arguments.load).to_lowercase(),
                "workloads": of_suite.iter().map(|workload| (workload.name, workload.about)).collect::<Vec<_>>(),
                "measurements": rounds.iter().filter(is_of_suite).collect::<Vec<_>>(),
            }),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn arguments(line: &str) -> Arguments {
        Line::try_parse_from(std::iter::once("bench").chain(line.split_whitespace())).unwrap().arguments
    }

    #[test]
    fn suites_are_given_together_or_workloads_by_name() {
        let names = |line: &str| arguments(line).selected().iter().map(|workload| workload.name).collect::<Vec<_>>();
        assert_eq!(names("http2 large"), ["f", "c", "up"]);
        assert_eq!(names("--workloads d,a"), ["a", "d"]);
        assert!(Line::try_parse_from(["bench"]).is_err());
        assert!(Line::try_parse_from(["bench", "--workloads", "unknown"]).is_err());
    }

    #[test]
    fn time_is_bounded_before_anything_starts() {
        let line = arguments("http1 http2 tls large connections rules syscalls");
        let all = line.selected();
        assert_eq!(all.len(), workload::ALL.len());
        let time = expected(&line, &all, 3);
        assert!(minutes(time) > 10.0 && minutes(time) < 60.0, "{} minutes", minutes(time));
        assert_eq!(arguments("http1 --seconds 100000").milliseconds(), 60_000);
    }

    #[test]
    fn a_workload_that_failed_twice_with_a_proxy_is_left_to_the_others() {
        let (workload, other) = (workload::find("a").unwrap(), workload::find("b").unwrap());
        let failed = Round { workload: "a", proxy: "goru", round: 0, outcome: Outcome::Failed("x".to_owned()) };
        assert!(!is_given_up(std::slice::from_ref(&failed), workload, Proxy::Goru));
        let rounds = [failed.clone(), failed];
        assert!(is_given_up(&rounds, workload, Proxy::Goru));
        assert!(!is_given_up(&rounds, workload, Proxy::Nginx) && !is_given_up(&rounds, other, Proxy::Goru));
    }
}
