//! System calls per request, as `strace -c` counts them.
//!
//! Under strace a proxy is many times slower, so nothing else is measured at the same time. What it does beside requests
//! (health checks, clocks) is in the counts; there is little of it in a second.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::Signal;
use serde::Serialize;

use super::check;
use super::session::Session;
use super::workload::{Shape, Workload};
use crate::bench::order::Job;
use crate::bench::process::{Cores, Pinned};
use crate::bench::proxies::Proxy;
use crate::shell::{command, find};

/// How long strace may take to begin or to end.
const PATIENCE: Duration = Duration::from_secs(20);
/// The load under strace: long enough for the opening of connections not to matter.
const MILLISECONDS: u64 = 4000;

/// Calls that send, and calls that receive.
const SENDS: [&str; 5] = ["send", "sendto", "sendmsg", "write", "writev"];
const RECEIVES: [&str; 5] = ["recv", "recvfrom", "recvmsg", "read", "readv"];
const WAITS: [&str; 3] = ["epoll_wait", "epoll_pwait", "epoll_pwait2"];

/// One measurement: calls per request.
#[derive(Clone, Debug, Serialize)]
pub struct Syscalls {
    pub requests: u64,
    pub sends: f64,
    pub receives: f64,
    pub waits: f64,
    /// All calls, by name.
    pub by_name: BTreeMap<String, f64>,
}

/// Measures.
pub fn measure(session: &mut Session, workload: &Workload, shape: &Shape, proxy: Proxy) -> Result<Syscalls> {
    find("strace").context("strace is not installed")?;
    session.with_setup(workload, proxy, |session, setup| {
        let running = session.start(proxy, setup)?;
        check::equal_work(session, workload, setup)?;
        let job = Job { warm_up_milliseconds: 0, milliseconds: MILLISECONDS, ..session.job(shape, setup, &running) };
        let counts = setup.directory.join("strace.txt");
        let mut strace = attach(&running.process.pids(), &counts, &session.cores, &setup.directory)?;
        let measured = session.load.run(&job);
        strace.end_with(Signal::INT, PATIENCE)?;
        Ok(per_request(&parse(&std::fs::read_to_string(&counts)?), measured?.requests))
    })
}

fn attach(pids: &[u32], counts: &Path, cores: &Cores, directory: &Path) -> Result<Pinned> {
    let mut strace = command("strace");
    strace.args(["-f", "-c", "-o"]).arg(counts);
    for pid in pids {
        strace.args(["-p", &pid.to_string()]);
    }
    let log = directory.join("strace.log");
    let mut process = Pinned::start(&strace, &cores.load.to_string(), cores, log.clone())?;
    let says =
        |log: &Path| std::fs::read_to_string(log).is_ok_and(|text| text.matches(" attached").count() >= pids.len());
    process.wait_until("strace", PATIENCE, || says(&log))?;
    process.shield(cores);
    Ok(process)
}

/// Calls by name, out of the table that `strace -c` writes.
fn parse(table: &str) -> BTreeMap<String, u64> {
    let rows = table.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let name = words.last().filter(|name| **name != "total")?;
        words.first()?.parse::<f64>().ok()?;
        Some(((*name).to_owned(), words.get(3)?.parse().ok()?))
    });
    rows.collect()
}

fn per_request(calls: &BTreeMap<String, u64>, requests: u64) -> Syscalls {
    let share = |count: u64| count as f64 / requests as f64;
    let of = |names: &[&str]| share(names.iter().filter_map(|name| calls.get(*name)).sum());
    Syscalls {
        requests,
        sends: of(&SENDS),
        receives: of(&RECEIVES),
        waits: of(&WAITS),
        by_name: calls.iter().map(|(name, count)| (name.clone(), share(*count))).collect(),
    }
}

impl Syscalls {
    /// The calls that neither send nor receive nor wait, from so many per request on.
    pub fn others(&self, least: f64) -> String {
        let known = [&SENDS[..], &RECEIVES, &WAITS].concat();
        let others = self.by_name.iter().filter(|(name, share)| **share >= least && !known.contains(&name.as_str()));
        others.map(|(name, share)| format!("{share:.2} {name}")).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_strace_is_read_with_and_without_errors() {
        let table = "% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.120000           1     20000           sendto
 39.00    0.080000           1     20100       100 recvfrom
  1.00    0.002000           1       300           epoll_wait
  0.50    0.001000           1       500           clock_gettime
------ ----------- ----------- --------- --------- ----------------
100.00    0.203000           1     40900       100 total
";
        let counts = per_request(&parse(table), 10_000);
        assert_eq!((counts.sends, counts.receives, counts.waits), (2.0, 2.01, 0.03));
        assert_eq!(counts.others(0.02), "0.05 clock_gettime");
        assert_eq!(counts.by_name.len(), 4);
    }
}
