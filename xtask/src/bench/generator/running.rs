//! A job that runs: which request is next, when it is due, and what has come of all of them.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::latencies::Latencies;
use super::tls::TlsClients;
use crate::bench::order::{Body, Job, Measured, Request, Usage};

/// The most requests of a job, whatever its duration.
const MAXIMUM_REQUESTS: u64 = 100_000_000;
/// Requests of a job that may fail before it is given up.
const MAXIMUM_ERRORS: u64 = 10_000;
/// How long answers may be missing altogether before a job is given up.
const SILENCE: Duration = Duration::from_secs(10);
/// Different reasons of failures that are kept.
const MAXIMUM_REASONS: usize = 20;

/// The job, and what its clients share.
pub struct Running {
    pub job: Job,
    pub tls: Option<TlsClients>,
    /// What arrived, when it is wanted for itself: there is one request then.
    pub capture: Option<Vec<u8>>,
    texts: Vec<Rc<[u8]>>,
    next: usize,
    pace: Option<Pace>,
    pub tally: Tally,
}

/// What has been counted since the warm-up.
pub struct Tally {
    latencies: Latencies,
    pub requests: u64,
    pub errors: u64,
    reasons: Reasons,
    full_handshakes: u64,
    resumed_handshakes: u64,
    last_answer: Instant,
}

/// Time that passed, and who spent CPU time in it.
#[derive(Default)]
pub struct Spent {
    pub seconds: f64,
    pub own_cpu_seconds: f64,
    pub usage: Usage,
}

/// Reasons of failures, counted.
#[derive(Default)]
pub struct Reasons {
    by_text: BTreeMap<String, u64>,
}

/// Requests at a fixed rate on average, each whatever the others do (a Poisson process), as many clients together make them.
/// Every run has the same moments.
struct Pace {
    next: Instant,
    /// The mean time between two requests.
    period: Duration,
    random: u64,
    /// Connections that wait for a request, by socket.
    idle: VecDeque<usize>,
}

impl Pace {
    fn new(period: Duration) -> Self {
        Self { next: Instant::now(), period, random: 0, idle: VecDeque::new() }
    }

    /// The time to the next request.
    fn gap(&mut self) -> Duration {
        // splitmix64; its upper 53 bits are a number from 0 up to and without 1.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let share = ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
        self.period.mul_f64(-(1.0 - share).ln())
    }
}

impl Running {
    /// Prepares a job.
    ///
    /// # Errors
    /// When it makes no sense, or TLS cannot be set up.
    pub fn new(job: Job) -> Result<Self> {
        ensure!(!job.requests.is_empty() && job.connections > 0, "a job without requests or connections");
        let tls = job.speech.tls.map(|tickets| TlsClients::new(tickets, job.speech.http2_streams.is_some()));
        let period = job.rate.map(|rate| Duration::try_from_secs_f64(1.0 / rate)).transpose()?;
        let pace = period.map(Pace::new);
        let texts = job.requests.iter().map(|request| render(request, job.close, None).into()).collect();
        Ok(Self { tls: tls.transpose()?, capture: None, texts, next: 0, pace, tally: Tally::new(), job })
    }

    /// The next request.
    pub fn next_text(&mut self) -> &Rc<[u8]> {
        let at = self.next_position();
        &self.texts[at]
    }

    /// The position of the next request in the job.
    pub fn next_position(&mut self) -> usize {
        let at = self.next;
        self.next = (at + 1) % self.job.requests.len();
        at
    }

    /// The request of this client, with its cookies.
    pub fn text_with(&self, cookies: &str) -> Rc<[u8]> {
        render(&self.job.requests[0], self.job.close, Some(cookies)).into()
    }

    /// A connection may send: the moment since when that request is due, or `None` if it has to wait for its turn.
    pub fn may_send(&mut self, connection: usize) -> Option<Instant> {
        match &mut self.pace {
            None => Some(Instant::now()),
            Some(pace) => {
                pace.idle.push_back(connection);
                None
            }
        }
    }

    /// A connection whose turn has come and since when its request is due.
    pub fn due(&mut self) -> Option<(usize, Instant)> {
        let pace = self.pace.as_mut()?;
        let due = pace.next;
        if due > Instant::now() {
            return None;
        }
        let connection = pace.idle.pop_front()?;
        let gap = pace.gap();
        pace.next += gap;
        Some((connection, due))
    }

    /// A connection that may have waited for its turn is gone.
    pub fn forget(&mut self, connection: usize) {
        if let Some(pace) = &mut self.pace {
            pace.idle.retain(|idle| *idle != connection);
        }
    }

    /// Requests are due at fixed moments, to be watched without a pause.
    pub fn is_paced(&self) -> bool {
        self.pace.is_some()
    }

    /// The warm-up is over: what was counted is forgotten.
    pub fn begin(&mut self) {
        self.tally.clear();
        if let Some(pace) = &mut self.pace {
            pace.next = Instant::now();
        }
    }

    pub fn goes_on(&self) -> bool {
        let tally = &self.tally;
        tally.requests < MAXIMUM_REQUESTS && tally.errors < MAXIMUM_ERRORS && tally.last_answer.elapsed() < SILENCE
    }

    /// The figures.
    ///
    /// # Errors
    /// When there are none.
    pub fn measured(&self, spent: &Spent) -> Result<Measured> {
        let tally = &self.tally;
        if tally.requests == 0 {
            bail!("no request was answered as it should be: {}", tally.reasons);
        }
        Ok(Measured {
            requests: tally.requests,
            errors: tally.errors,
            reasons: tally.reasons.by_text.clone(),
            seconds: spent.seconds,
            usage: spent.usage,
            p50_us: tally.latencies.percentile(0.5),
            p99_us: tally.latencies.percentile(0.99),
            cpu_seconds: Some(spent.own_cpu_seconds),
            full_handshakes: tally.full_handshakes,
            resumed_handshakes: tally.resumed_handshakes,
        })
    }
}

impl Tally {
    fn new() -> Self {
        Self {
            latencies: Latencies::new(),
            requests: 0,
            errors: 0,
            reasons: Reasons::default(),
            full_handshakes: 0,
            resumed_handshakes: 0,
            last_answer: Instant::now(),
        }
    }

    fn clear(&mut self) {
        self.latencies.clear();
        (self.requests, self.errors, self.full_handshakes, self.resumed_handshakes) = (0, 0, 0, 0);
        self.reasons = Reasons::default();
        self.last_answer = Instant::now();
    }

    /// Counts an answer.
    pub fn answered(&mut self, since: Instant) {
        self.last_answer = Instant::now();
        self.latencies.add(self.last_answer.duration_since(since));
        self.requests += 1;
    }

    pub fn failed(&mut self, reason: String) {
        self.errors += 1;
        self.reasons.add(reason);
    }

    pub fn handshake(&mut self, resumed: bool) {
        if resumed {
            self.resumed_handshakes += 1;
        } else {
            self.full_handshakes += 1;
        }
    }

    /// Why requests failed.
    pub fn reasons(&self) -> &Reasons {
        &self.reasons
    }
}

impl Reasons {
    pub fn add(&mut self, reason: String) {
        if self.by_text.len() < MAXIMUM_REASONS || self.by_text.contains_key(&reason) {
            *self.by_text.entry(reason).or_default() += 1;
        }
    }

    /// By text, with their numbers.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.by_text.clone()
    }
}

impl std::fmt::Display for Reasons {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.by_text.is_empty() {
            return write!(f, "nothing came back");
        }
        let texts: Vec<String> =
            self.by_text.iter().map(|(reason, count)| format!("{reason} ({count} times)")).collect();
        write!(f, "{}", texts.join(", "))
    }
}

/// A request as HTTP/1.1.
fn render(request: &Request, close: bool, cookies: Option<&str>) -> Vec<u8> {
    let method = if request.body == Body::None { "GET" } else { "POST" };
    let connection = if close { "Connection: close\r\n" } else { "" };
    let cookies = cookies.map(|cookies| format!("Cookie: {cookies}\r\n")).unwrap_or_default();
    let head = |framing: &str| {
        let Request { host, path, body: _ } = request;
        format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: bench\r\nAccept: */*\r\n{connection}{cookies}{framing}\r\n")
            .into_bytes()
    };
    match request.body {
        Body::None => head(""),
        Body::Length(bytes) => [head(&format!("Content-Length: {bytes}\r\n")), vec![b'x'; bytes]].concat(),
        Body::Chunked { bytes, chunk } => {
            [head("Transfer-Encoding: chunked\r\n"), chunks(bytes, chunk.max(1))].concat()
        }
    }
}

/// So many bytes in chunks of this size.
fn chunks(bytes: usize, size: usize) -> Vec<u8> {
    let all = vec![b'x'; bytes];
    let framed = all.chunks(size).flat_map(|part| [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat());
    framed.chain(*b"0\r\n\r\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::order::{Speech, Watch};

    fn job(rate: Option<f64>) -> Job {
        Job {
            speech: Speech { address: "127.0.0.1:1".parse().unwrap(), tls: None, http2_streams: None },
            requests: vec![Request::get("/a"), Request::get("/b")],
            answer_bytes: Some(100),
            connections: 2,
            close: false,
            sticky: false,
            rate,
            warm_up_milliseconds: 0,
            milliseconds: 0,
            watch: Watch { pids: Vec::new(), core: 0 },
        }
    }

    #[test]
    fn requests_are_rendered_with_what_they_need() {
        let post = |body| Request { body, ..Request::get("/s") };
        for (request, close, cookies, wanted) in [
            (Request::get("/s"), false, None, "Accept: */*\r\n\r\n"),
            (Request::get("/s"), true, Some("a=1; b=2"), "Connection: close\r\nCookie: a=1; b=2\r\n\r\n"),
            (post(Body::Length(3)), false, None, "Content-Length: 3\r\n\r\nxxx"),
            (
                post(Body::Chunked { bytes: 5, chunk: 3 }),
                false,
                None,
                "Transfer-Encoding: chunked\r\n\r\n3\r\nxxx\r\n2\r\nxx\r\n0\r\n\r\n",
            ),
        ] {
            let text = String::from_utf8(render(&request, close, cookies)).unwrap();
            let method = if request.body == Body::None { "GET" } else { "POST" };
            assert!(text.starts_with(&format!("{method} /s HTTP/1.1\r\nHost: bench.elb.localhost\r\n")), "{text}");
            assert!(text.ends_with(wanted), "{text}");
        }
    }

    #[test]
    fn requests_take_turns() {
        let mut running = Running::new(job(None)).unwrap();
        let paths: Vec<bool> = (0..4).map(|_| running.next_text().starts_with(b"GET /a ")).collect();
        assert_eq!(paths, [true, false, true, false]);
        assert!(running.may_send(7).is_some() && running.due().is_none());
    }

    #[test]
    fn with_a_rate_connections_wait_for_the_moment_at_which_a_request_is_due() {
        let mut running = Running::new(job(Some(1000.0))).unwrap();
        assert!(running.may_send(7).is_none() && running.may_send(8).is_none() && running.may_send(9).is_none());
        running.forget(8);
        running.begin();
        let start = Instant::now();
        let mut sent = Vec::new();
        while sent.len() < 2 {
            assert!(start.elapsed() < Duration::from_secs(20));
            sent.extend(running.due());
        }
        assert_eq!((sent[0].0, sent[1].0), (7, 9));
        assert!(sent[1].1 > sent[0].1, "each has a moment of its own");
        assert!(running.due().is_none(), "nobody is idle");
    }

    #[test]
    fn the_moments_have_the_rate_on_average_and_the_spread_of_independent_clients() {
        let mut pace = Pace::new(Duration::from_micros(100));
        let gaps: Vec<f64> = (0..100_000).map(|_| pace.gap().as_secs_f64() * 1e6).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let deviation = (gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64).sqrt();
        assert!((mean - 100.0).abs() < 2.0 && (deviation - 100.0).abs() < 2.0, "{mean} ± {deviation}");
    }

    #[test]
    fn a_job_without_answers_says_why() {
        let mut running = Running::new(job(None)).unwrap();
        let error = running.measured(&Spent::default()).unwrap_err().to_string();
        assert!(error.contains("nothing came back"), "{error}");
        running.tally.failed("status 503".to_owned());
        running.tally.failed("status 503".to_owned());
        let error = running.measured(&Spent::default()).unwrap_err().to_string();
        assert!(error.contains("status 503 (2 times)"), "{error}");
        running.begin();
        running.tally.answered(Instant::now());
        let measured = running.measured(&Spent { own_cpu_seconds: 0.5, ..Spent::default() }).unwrap();
        assert_eq!((measured.requests, measured.errors, measured.cpu_seconds), (1, 0, Some(0.5)));
    }
}
