//! Talking to the load generator's process: what a job is, what comes back, and `wrk` as a second opinion.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{ChildStdin, ChildStdout};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::process::{Cores, Pinned};
use crate::shell::{capture, command};

/// The first line of the generator: where its targets listen.
#[derive(Serialize, Deserialize)]
pub struct Hello {
    pub targets: Vec<SocketAddr>,
}

/// A bounded amount of load.
#[derive(Clone, Serialize, Deserialize)]
pub struct Job {
    pub address: SocketAddr,
    pub path: String,
    pub connections: usize,
    pub milliseconds: u64,
}

/// What came of a job.
#[derive(Clone, Serialize, Deserialize)]
pub struct Measured {
    pub requests: u64,
    pub errors: u64,
    pub seconds: f64,
    pub p50_us: f64,
    pub p99_us: f64,
}

/// The generator's process. It ends when this is dropped (its stdin closes).
pub struct Load {
    pub targets: Vec<SocketAddr>,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    process: Pinned,
    cores: Cores,
}

impl Load {
    /// Starts this very program again as the generator, on the generator's core.
    pub fn start(cores: &Cores) -> Result<Self> {
        let mut itself = command(std::env::current_exe()?);
        itself.args(["bench", "generator"]);
        let (process, stdin, stdout) = Pinned::start_piped(&itself, cores.load, cores)?;
        let mut stdout = BufReader::new(stdout);
        let hello: Hello = read_line(&mut stdout)?;
        Ok(Self { targets: hello.targets, stdin, stdout, process, cores: cores.clone() })
    }

    /// Runs one job to its end.
    pub fn run(&mut self, job: &Job) -> Result<Measured> {
        let mut line = serde_json::to_vec(job)?;
        line.push(b'\n');
        self.stdin.write_all(&line)?;
        read_line(&mut self.stdout).with_context(|| format!("the load generator (pid {}) gave up", self.process.pid()))
    }

    /// The same job by Debian's `wrk`, on the same core; the targets are ours all the same.
    pub fn run_wrk(&self, job: &Job) -> Result<Measured> {
        let seconds = job.milliseconds.div_ceil(1000).max(1);
        let mut wrk = command("taskset");
        wrk.args(["-c", &self.cores.load.to_string(), "wrk", "-t1", "--latency", "-H", "Host: bench.elb.localhost"]);
        wrk.args([
            format!("-c{}", job.connections),
            format!("-d{seconds}s"),
            format!("http://{}{}", job.address, job.path),
        ]);
        parse_wrk(&capture(&mut wrk)?).context("wrk printed something that this program does not expect")
    }
}

fn read_line<T: for<'de> Deserialize<'de>>(stdout: &mut BufReader<ChildStdout>) -> Result<T> {
    let mut line = String::new();
    if stdout.read_line(&mut line)? == 0 {
        bail!("no answer");
    }
    Ok(serde_json::from_str(&line)?)
}

fn parse_wrk(output: &str) -> Option<Measured> {
    let words_of = |mark: &str| {
        output.lines().find(|line| line.contains(mark)).map(|line| line.split_whitespace().collect::<Vec<_>>())
    };
    let total = words_of(" requests in ")?;
    let errors = output
        .lines()
        .find_map(|line| line.trim().strip_prefix("Non-2xx or 3xx responses: ")?.parse().ok())
        .unwrap_or(0);
    Some(Measured {
        requests: total.first()?.parse().ok()?,
        errors,
        seconds: duration_us(total.get(3)?.trim_end_matches(','))? / 1e6,
        p50_us: duration_us(words_of("50%")?.get(1)?)?,
        p99_us: duration_us(words_of("99%")?.get(1)?)?,
    })
}

/// `1.23ms`, `450.00us`, `2.00s`, `1.05m` in microseconds.
fn duration_us(text: &str) -> Option<f64> {
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let factor = match &text[split..] {
        "us" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        "m" => 60e6,
        _ => return None,
    };
    text[..split].parse::<f64>().ok().map(|number| number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_of_wrk_is_read() {
        let output = "Running 2s test @ http://127.0.0.1:1/s\n  Latency Distribution\n     50%  706.00us\n     75%    0.90ms\n     90%    1.10ms\n     99%    2.53ms\n  180394 requests in 2.00s, 45.2MB read\nRequests/sec:  90000.1\n";
        let measured = parse_wrk(output).unwrap();
        assert_eq!((measured.requests, measured.errors), (180_394, 0));
        assert_eq!((measured.seconds, measured.p50_us, measured.p99_us), (2.0, 706.0, 2530.0));
        assert_eq!(parse_wrk(&format!("{output}  Non-2xx or 3xx responses: 12\n")).unwrap().errors, 12);
        assert!(parse_wrk("unable to connect").is_none());
    }
}
