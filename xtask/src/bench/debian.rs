//! A second opinion on the load generator: Debian's `wrk` for HTTP/1.1 and `h2load` for HTTP/2.
//!
//! They run on the generator's core, beside its targets, and do what they can of a job: GET over kept-alive connections.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::order::{Body, HOST, Job, Measured};
use super::process::{Cores, cpu_seconds_of_children};
use crate::shell::{capture, command};

/// Whether the tools can do this job.
pub fn can_run(job: &Job) -> bool {
    let plain = job.requests.len() == 1 && job.requests[0].body == Body::None;
    plain && !job.close && !job.sticky && job.rate.is_none()
}

/// Runs a job, without its warm-up.
///
/// # Errors
/// When the tool is missing, fails, or cannot do this.
pub fn run(job: &Job, cores: &Cores) -> Result<Measured> {
    ensure!(can_run(job), "neither wrk nor h2load can do this");
    let seconds = job.milliseconds.div_ceil(1000).max(1);
    let before = cpu_seconds_of_children();
    let measured = match job.speech.http2_streams {
        None => parse_wrk(&capture(&mut wrk(job, seconds, cores))?).context("wrk printed something unknown")?,
        Some(streams) => {
            let output = capture(&mut h2load(job, streams, seconds, cores))?;
            parse_h2load(&output).context("h2load printed something unknown")?
        }
    };
    Ok(Measured { cpu_seconds: Some(cpu_seconds_of_children() - before), ..measured })
}

fn pinned(program: &str, cores: &Cores) -> Command {
    let mut pinned = command("nice");
    pinned.args(["-n", &cores.niceness.to_string(), "taskset", "-c", &cores.load.to_string(), program]);
    pinned
}

fn wrk(job: &Job, seconds: u64, cores: &Cores) -> Command {
    let mut wrk = pinned("wrk", cores);
    let scheme = if job.speech.tls.is_some() { "https" } else { "http" };
    wrk.args(["-t1", "--latency", "-H", &format!("Host: {HOST}")]);
    wrk.args([format!("-c{}", job.connections), format!("-d{seconds}s")]);
    wrk.arg(format!("{scheme}://{}{}", job.speech.address, job.requests[0].path));
    wrk
}

fn h2load(job: &Job, streams: usize, seconds: u64, cores: &Cores) -> Command {
    let mut h2load = pinned("h2load", cores);
    let scheme = if job.speech.tls.is_some() { "https" } else { "http" };
    let address = job.speech.address;
    h2load.args(["-t1", &format!("-c{}", job.connections), &format!("-m{streams}"), &format!("-D{seconds}")]);
    h2load.arg(format!("--connect-to={address}"));
    h2load.arg(format!("{scheme}://{HOST}:{}{}", address.port(), job.requests[0].path));
    h2load
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
        p50_us: duration_us(words_of("50%")?.get(1)?),
        p99_us: duration_us(words_of("99%")?.get(1)?),
        ..Measured::default()
    })
}

/// It prints no percentiles.
fn parse_h2load(output: &str) -> Option<Measured> {
    let finished = output.lines().find_map(|line| line.strip_prefix("finished in "))?;
    let counts = output.lines().find_map(|line| line.strip_prefix("requests: "))?;
    let count = |what: &str| counts.split(", ").find_map(|part| part.strip_suffix(what)?.trim().parse::<u64>().ok());
    Some(Measured {
        requests: count(" succeeded")?,
        errors: count(" failed")? + count(" errored")? + count(" timeout")?,
        seconds: duration_us(finished.split(',').next()?)? / 1e6,
        ..Measured::default()
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
        assert_eq!((measured.seconds, measured.p50_us, measured.p99_us), (2.0, Some(706.0), Some(2530.0)));
        assert_eq!(parse_wrk(&format!("{output}  Non-2xx or 3xx responses: 12\n")).unwrap().errors, 12);
        assert!(parse_wrk("unable to connect").is_none());
    }

    #[test]
    fn the_report_of_h2load_is_read() {
        let output = "starting benchmark...\nApplication protocol: h2\n\nfinished in 2.02s, 92345.50 req/s, 11.00MB/s\nrequests: 184691 total, 184947 started, 184691 done, 184689 succeeded, 2 failed, 1 errored, 0 timeout\nstatus codes: 184691 2xx, 0 3xx, 0 4xx, 0 5xx\n";
        let measured = parse_h2load(output).unwrap();
        assert_eq!((measured.requests, measured.errors, measured.seconds), (184_689, 3, 2.02));
        assert!(parse_h2load("could not connect").is_none());
    }
}
