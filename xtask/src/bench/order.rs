//! What the bench and its load generator say to each other: JSON, one message per line.
//!
//! Most orders have one [`Reply`]. A run has two, [`Reply::Began`] when its warm-up is over and the figures at the end. The
//! generator itself reads the proxy's CPU time at both moments: the bench would be late, as it has no core of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// The host that requests name unless a workload says otherwise.
pub const HOST: &str = "bench.elb.localhost";
/// Bytes of the answers to `/s`, `/10k` and `/1m`.
pub const ANSWERS: [(&str, usize); 3] = [("/s", 100), ("/10k", 10 * 1024), ("/1m", 1 << 20)];

/// The first line of the generator: where its targets listen.
#[derive(Serialize, Deserialize)]
pub struct Hello {
    pub targets: Vec<SocketAddr>,
}

/// What the generator is to do.
#[derive(Serialize, Deserialize)]
pub enum Order {
    /// Load, and figures about it.
    Run(Job),
    /// The end of the run, whatever its duration: its figures are the reply.
    Stop,
    /// One request; what came back is shown whole.
    Probe(Probe),
    /// Clients that stay until they are released.
    Hold(Hold),
    /// Ends all held clients.
    Release,
}

/// What the generator says. `Failed` ends an order like any other reply; the generator goes on.
#[derive(Serialize, Deserialize)]
pub enum Reply {
    /// The warm-up is over.
    Began,
    Measured(Measured),
    Probed(Probed),
    Held(Held),
    Released(Released),
    Failed(String),
}

/// How a client speaks, and to whom.
#[derive(Clone, Serialize, Deserialize)]
pub struct Speech {
    pub address: SocketAddr,
    /// What it does with tickets; `None`: clear text.
    pub tls: Option<Tickets>,
    /// Streams of each connection that are busy at once; `None`: HTTP/1.1.
    pub http2_streams: Option<usize>,
}

/// What a client does with the tickets that a server gives it to resume its TLS session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tickets {
    /// Each handshake is a full one.
    Ignored,
    /// It resumes with them.
    Used,
}

/// A request of the load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub host: String,
    pub path: String,
    pub body: Body,
}

/// The body of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A GET.
    None,
    /// A POST of so many bytes, announced by Content-Length.
    Length(usize),
    /// A POST of so many bytes, in chunks of at most so many.
    Chunked { bytes: usize, chunk: usize },
}

/// A bounded amount of load.
#[derive(Clone, Serialize, Deserialize)]
pub struct Job {
    pub speech: Speech,
    /// Sent one after the other, over and over.
    pub requests: Vec<Request>,
    /// The length of every answer's body; `None`: any.
    pub answer_bytes: Option<usize>,
    pub connections: usize,
    /// Whether a connection serves one request only.
    pub close: bool,
    /// Whether clients send back the cookies that they get, and every answer must then come from the same target.
    pub sticky: bool,
    /// Requests per second of all connections together, at random moments; `None`: as many as the proxy takes.
    pub rate: Option<f64>,
    pub warm_up_milliseconds: u64,
    pub milliseconds: u64,
    pub watch: Watch,
}

/// The proxy's processes and its core.
#[derive(Clone, Serialize, Deserialize)]
pub struct Watch {
    pub pids: Vec<u32>,
    pub core: usize,
}

/// What a proxy used while it was watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// CPU time of all its threads.
    pub cpu_seconds: f64,
    /// Share of the time in which its core did something, for whomever, 0 to 1.
    pub core_busy: f64,
}

/// What came of a job. The warm-up is not in it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Measured {
    pub requests: u64,
    pub errors: u64,
    /// Why requests failed, and how many did so.
    pub reasons: BTreeMap<String, u64>,
    pub seconds: f64,
    /// What the proxy used.
    pub usage: Usage,
    /// From sending a request (with a rate: from when it was due) to its whole answer; at most half a second, as what took
    /// longer counts as that.
    pub p50_us: Option<f64>,
    pub p99_us: Option<f64>,
    /// The generator's own CPU time, its targets included.
    pub cpu_seconds: Option<f64>,
    pub full_handshakes: u64,
    pub resumed_handshakes: u64,
}

impl Measured {
    /// What two generators measured that loaded one proxy during the same time, both of them watching it. The percentiles are
    /// those of the generator that waited longer.
    pub fn together(one: &Self, other: &Self) -> Self {
        let mean = |of: fn(&Self) -> f64| f64::midpoint(of(one), of(other));
        let longer = |of: fn(&Self) -> Option<f64>| Some(of(one)?.max(of(other)?));
        let mut reasons = one.reasons.clone();
        for (reason, count) in &other.reasons {
            *reasons.entry(reason.clone()).or_default() += count;
        }
        Self {
            requests: one.requests + other.requests,
            errors: one.errors + other.errors,
            reasons,
            seconds: mean(|measured| measured.seconds),
            usage: Usage {
                cpu_seconds: mean(|measured| measured.usage.cpu_seconds),
                core_busy: mean(|measured| measured.usage.core_busy),
            },
            p50_us: longer(|measured| measured.p50_us),
            p99_us: longer(|measured| measured.p99_us),
            cpu_seconds: one.cpu_seconds.zip(other.cpu_seconds).map(|(one, other)| one + other),
            full_handshakes: one.full_handshakes + other.full_handshakes,
            resumed_handshakes: one.resumed_handshakes + other.resumed_handshakes,
        }
    }
}

/// A single request.
#[derive(Clone, Serialize, Deserialize)]
pub struct Probe {
    pub speech: Speech,
    pub request: Request,
}

/// What came back: with HTTP/1.1 everything that was received, with HTTP/2 the body of an answer with 200.
#[derive(Debug, Serialize, Deserialize)]
pub struct Probed {
    pub text: String,
    /// Why it was no answer with 200, if it was none.
    pub reason: Option<String>,
}

/// Clients that stay.
#[derive(Clone, Serialize, Deserialize)]
pub struct Hold {
    pub speech: Speech,
    pub kind: HoldKind,
    pub clients: usize,
}

/// What held clients do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HoldKind {
    /// One request each, and then nothing.
    Idle,
    /// A third of them sends a head, a third a body, and a third reads an answer, each a few bytes a second.
    Slow,
}

/// What came of opening them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Held {
    pub opened: usize,
    pub failed: usize,
    pub reasons: BTreeMap<String, u64>,
    pub seconds: f64,
}

/// What became of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Released {
    /// So many were ended by the proxy before.
    pub lost: usize,
    pub reasons: BTreeMap<String, u64>,
}

impl Request {
    /// GET of a path on the usual host.
    pub fn get(path: impl Into<String>) -> Self {
        Self { host: HOST.to_owned(), path: path.into(), body: Body::None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_generators_add_up_what_they_did_and_saw_the_same_of_the_proxy() {
        let measured = |requests: u64, p99_us: f64, cpu_seconds: f64| Measured {
            requests,
            errors: 1,
            reasons: BTreeMap::from([("reset".to_owned(), 1)]),
            seconds: 2.0,
            usage: Usage { cpu_seconds, core_busy: 1.0 },
            p50_us: Some(10.0),
            p99_us: Some(p99_us),
            cpu_seconds: Some(0.5),
            full_handshakes: 3,
            resumed_handshakes: 0,
        };
        let both = Measured::together(&measured(100, 20.0, 1.0), &measured(300, 15.0, 1.2));
        assert_eq!((both.requests, both.errors, both.full_handshakes, both.seconds), (400, 2, 6, 2.0));
        assert_eq!((both.usage.cpu_seconds, both.p99_us, both.cpu_seconds), (1.1, Some(20.0), Some(1.0)));
        assert_eq!(both.reasons, BTreeMap::from([("reset".to_owned(), 2)]));
    }
}
