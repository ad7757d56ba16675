//! The workloads: what the proxies are set up for, what is done with them, and what Goru is expected to reach.

use crate::bench::order::{ANSWERS, Body, HOST, Request, Tickets};
use crate::bench::proxies::{Routes, Serves, load_balancer_host, rule_path};

/// What can be asked for together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Suite {
    /// HTTP/1.1 in clear text: small and larger answers, with and without a log, uploads, a fixed rate, stickiness, ten rules
    Http1,
    /// HTTP/2 over TLS in front, HTTP/1.1 behind
    Http2,
    /// TLS: kept connections, full and resumed handshakes, large answers
    Tls,
    /// Bodies of 1 MB in clear text, down and up
    Large,
    /// New connections, ten thousand idle ones, ten thousand slow ones
    Connections,
    /// A thousand rules, a thousand load balancers, and changes of that size under load
    Rules,
    /// System calls per request, by strace
    Syscalls,
}

/// A workload.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    pub name: &'static str,
    pub suite: Suite,
    pub about: &'static str,
    pub serves: Serves,
    pub drives: Drives,
    /// Ratios to HAProxy that Goru is to reach.
    pub goal: Option<Goal>,
    /// The workload of the same suite that this one is compared with, proxy by proxy.
    pub beside: Option<&'static str>,
}

/// What is done with a proxy.
#[derive(Clone, Copy, Debug)]
pub enum Drives {
    /// Requests per CPU-second.
    Load(Shape),
    /// Memory of so many idle connections, over TLS or not.
    Idle(Option<Tickets>),
    /// Slow clients, and a normal one beside them.
    Slow,
    /// Changes of the configuration under load.
    Change(Shape),
    /// System calls per request.
    Syscalls(Shape),
}

/// A load.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub path: &'static str,
    pub body: Body,
    pub connections: usize,
    pub tickets: Option<Tickets>,
    pub http2_streams: Option<usize>,
    /// A new connection for each request.
    pub close: bool,
    pub sticky: bool,
    /// Half as many requests per second as HAProxy can take at most, instead of as many as the proxy takes.
    pub half_rate: bool,
    pub spread: Spread,
}

/// Which rules or hosts the requests are for, of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    None,
    LastRule(usize),
    AllRules(usize),
    LastHost(usize),
    AllHosts(usize),
}

/// Ratios of requests per CPU-second.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    pub must: f64,
    pub must_nginx: Option<f64>,
    pub goal: f64,
}

/// The size of the large configurations.
pub const MANY: usize = 1000;

const SMALL: Shape = Shape {
    path: "/s",
    body: Body::None,
    connections: 64,
    tickets: None,
    http2_streams: None,
    close: false,
    sticky: false,
    half_rate: false,
    spread: Spread::None,
};
const LARGE: Shape = Shape { path: "/1m", connections: 16, ..SMALL };
const FEW: Shape = Shape { connections: 16, ..SMALL };
const TLS: Shape = Shape { tickets: Some(Tickets::Ignored), ..SMALL };
const HANDSHAKES: Shape = Shape { connections: 32, close: true, ..TLS };

const PLAIN: Serves = Serves::PLAIN;
const SECURE: Serves = Serves { tls: true, ..PLAIN };
const LOGGED: Serves = Serves { access_log: true, ..PLAIN };
const LARGE_BODIES: Serves = Serves { large_bodies: true, ..PLAIN };

const fn rules(count: usize) -> Serves {
    Serves { routes: Routes::Rules(count), ..PLAIN }
}

const fn load_balancers(count: usize) -> Serves {
    Serves { routes: Routes::LoadBalancers(count), ..PLAIN }
}

const fn goal(must: f64, must_nginx: Option<f64>, goal: f64) -> Option<Goal> {
    Some(Goal { must, must_nginx, goal })
}

const fn load(name: &'static str, suite: Suite, about: &'static str, serves: Serves, shape: Shape) -> Workload {
    Workload { name, suite, about, serves, drives: Drives::Load(shape), goal: None, beside: None }
}

/// All of them, in the order in which they are measured.
pub const ALL: &[Workload] = &[
    Workload {
        goal: goal(1.4, Some(1.2), 1.6),
        ..load("a", Suite::Http1, "HTTP/1.1 keep-alive, 100 B, 64 connections", PLAIN, SMALL)
    },
    Workload {
        beside: Some("a"),
        goal: goal(1.4, None, 1.6),
        ..load("a-log", Suite::Http1, "the same with an access log", LOGGED, SMALL)
    },
    Workload {
        goal: goal(1.45, None, 1.65),
        ..load("b", Suite::Http1, "HTTP/1.1 keep-alive, 10 kB", PLAIN, Shape { path: "/10k", ..SMALL })
    },
    Workload {
        beside: Some("b"),
        goal: goal(1.45, None, 1.65),
        ..load("b-log", Suite::Http1, "the same with an access log", LOGGED, Shape { path: "/10k", ..SMALL })
    },
    load("post", Suite::Http1, "uploads of 10 kB", PLAIN, Shape { body: Body::Length(10 * 1024), ..SMALL }),
    load(
        "post-chunked",
        Suite::Http1,
        "uploads of 10 kB in chunks of 2 kB",
        PLAIN,
        Shape { body: Body::Chunked { bytes: 10 * 1024, chunk: 2048 }, ..SMALL },
    ),
    Workload {
        goal: goal(1.15, None, 1.25),
        ..load(
            "h",
            Suite::Http1,
            "100 B at half of HAProxy's maximum, for the latency",
            PLAIN,
            Shape { half_rate: true, ..SMALL },
        )
    },
    load(
        "sticky",
        Suite::Http1,
        "100 B, clients stay with a target by a cookie",
        Serves { sticky: true, ..PLAIN },
        Shape { sticky: true, ..SMALL },
    ),
    Workload {
        beside: Some("a"),
        ..load(
            "r10",
            Suite::Http1,
            "100 B, ten rules, a tenth of the requests for each",
            rules(10),
            Shape { spread: Spread::AllRules(10), ..SMALL },
        )
    },
    Workload {
        goal: goal(1.4, None, 1.6),
        ..load("a2", Suite::Http1, "100 B, two workers on both cores", Serves { workers: 2, ..PLAIN }, SMALL)
    },
    Workload {
        goal: goal(1.5, None, 1.9),
        ..load(
            "f",
            Suite::Http2,
            "HTTP/2 over TLS, 100 B, 32 connections with 8 streams each",
            SECURE,
            Shape { connections: 32, http2_streams: Some(8), ..TLS },
        )
    },
    Workload {
        goal: goal(1.6, Some(1.4), 1.9),
        ..load("e1", Suite::Tls, "TLS 1.3 keep-alive, 100 B, 64 connections", SECURE, TLS)
    },
    Workload {
        goal: goal(2.35, None, 2.8),
        ..load("e2", Suite::Tls, "a full TLS 1.3 handshake for each request", SECURE, HANDSHAKES)
    },
    load(
        "e2r",
        Suite::Tls,
        "a resumed TLS 1.3 handshake for each request",
        SECURE,
        Shape { tickets: Some(Tickets::Used), ..HANDSHAKES },
    ),
    Workload {
        goal: goal(1.65, None, 1.9),
        ..load(
            "e3",
            Suite::Tls,
            "TLS 1.3 keep-alive, 1 MB, 16 connections",
            Serves { tls: true, ..LARGE_BODIES },
            Shape { tickets: Some(Tickets::Ignored), ..LARGE },
        )
    },
    Workload {
        goal: goal(1.5, None, 2.0),
        ..load("c", Suite::Large, "1 MB down, 16 connections", LARGE_BODIES, LARGE)
    },
    load("up", Suite::Large, "1 MB up, 16 connections", LARGE_BODIES, Shape { body: Body::Length(1 << 20), ..FEW }),
    Workload {
        goal: goal(1.05, None, 1.2),
        ..load("d", Suite::Connections, "a new TCP connection for each request", PLAIN, Shape { close: true, ..SMALL })
    },
    Workload {
        name: "i",
        suite: Suite::Connections,
        about: "idle keep-alive connections in clear text",
        serves: PLAIN,
        drives: Drives::Idle(None),
        goal: None,
        beside: None,
    },
    Workload {
        name: "i-tls",
        suite: Suite::Connections,
        about: "idle keep-alive connections over TLS",
        serves: SECURE,
        drives: Drives::Idle(Some(Tickets::Ignored)),
        goal: None,
        beside: None,
    },
    Workload {
        name: "s",
        suite: Suite::Connections,
        about: "slow heads, slow bodies and slow readers, and a normal client beside them",
        serves: PLAIN,
        drives: Drives::Slow,
        goal: None,
        beside: None,
    },
    load("r1", Suite::Rules, "one rule", rules(1), Shape { spread: Spread::LastRule(1), ..SMALL }),
    Workload {
        beside: Some("r1"),
        ..load(
            "r1000",
            Suite::Rules,
            "a thousand rules, the last one is met",
            rules(MANY),
            Shape { spread: Spread::LastRule(MANY), ..SMALL },
        )
    },
    Workload {
        beside: Some("r1"),
        ..load(
            "r1000-all",
            Suite::Rules,
            "a thousand rules, all are met in turn",
            rules(MANY),
            Shape { spread: Spread::AllRules(MANY), ..SMALL },
        )
    },
    load("lb1", Suite::Rules, "one load balancer", load_balancers(1), Shape { spread: Spread::LastHost(1), ..SMALL }),
    Workload {
        beside: Some("lb1"),
        ..load(
            "lb1000",
            Suite::Rules,
            "a thousand load balancers, the last one is asked",
            load_balancers(MANY),
            Shape { spread: Spread::LastHost(MANY), ..SMALL },
        )
    },
    Workload {
        beside: Some("lb1"),
        ..load(
            "lb1000-all",
            Suite::Rules,
            "a thousand load balancers, all are asked in turn",
            load_balancers(MANY),
            Shape { spread: Spread::AllHosts(MANY), ..SMALL },
        )
    },
    Workload {
        name: "change-rules",
        suite: Suite::Rules,
        about: "changes of a thousand rules under load",
        serves: Serves { changes: true, ..rules(MANY) },
        drives: Drives::Change(Shape { spread: Spread::AllRules(MANY), ..FEW }),
        goal: None,
        beside: None,
    },
    Workload {
        name: "change-lbs",
        suite: Suite::Rules,
        about: "changes of a thousand load balancers under load",
        serves: Serves { changes: true, ..load_balancers(MANY) },
        drives: Drives::Change(Shape { spread: Spread::AllHosts(MANY), ..FEW }),
        goal: None,
        beside: None,
    },
    Workload {
        name: "calls",
        suite: Suite::Syscalls,
        about: "system calls of workload a",
        serves: PLAIN,
        drives: Drives::Syscalls(SMALL),
        goal: None,
        beside: None,
    },
];

/// The workload of this name.
pub fn find(name: &str) -> Option<&'static Workload> {
    ALL.iter().find(|workload| workload.name == name)
}

impl Workload {
    /// How often it is measured when the others are measured so many times: memory and system calls hardly vary.
    pub fn rounds(&self, rounds: u32) -> u32 {
        match self.drives {
            Drives::Load(_) => rounds,
            Drives::Idle(_) | Drives::Slow | Drives::Change(_) => rounds.min(3),
            Drives::Syscalls(_) => 1,
        }
    }

    /// How a client that tries it out speaks TLS.
    pub fn tickets(&self) -> Option<Tickets> {
        self.serves.tls.then_some(Tickets::Ignored)
    }
}

impl Shape {
    /// The requests, which take turns.
    pub fn requests(&self) -> Vec<Request> {
        let request = |host: String, path: String| Request { host, path, body: self.body };
        let rule = |number| request(HOST.to_owned(), format!("{}{}", rule_path(number), &self.path[1..]));
        let host = |number| request(load_balancer_host(number), self.path.to_owned());
        match self.spread {
            Spread::None => vec![request(HOST.to_owned(), self.path.to_owned())],
            Spread::LastRule(count) => vec![rule(count - 1)],
            Spread::AllRules(count) => (0..count).map(rule).collect(),
            Spread::LastHost(count) => vec![host(count - 1)],
            Spread::AllHosts(count) => (0..count).map(host).collect(),
        }
    }

    /// The length of the answers' bodies.
    pub fn answer_bytes(&self) -> Option<usize> {
        ANSWERS.iter().find(|(path, _)| *path == self.path).map(|(_, bytes)| *bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_what_is_compared_is_in_the_same_suite() {
        for (at, workload) in ALL.iter().enumerate() {
            assert!(ALL[..at].iter().all(|other| other.name != workload.name), "{}", workload.name);
            if let Some(beside) = workload.beside {
                assert_eq!(find(beside).unwrap().suite, workload.suite, "{}", workload.name);
            }
        }
    }

    #[test]
    fn requests_fit_what_the_proxies_serve() {
        for workload in ALL {
            let (Drives::Load(shape) | Drives::Change(shape) | Drives::Syscalls(shape)) = workload.drives else {
                continue;
            };
            assert_eq!(shape.tickets.is_some(), workload.serves.tls, "{}", workload.name);
            assert_eq!(shape.sticky, workload.serves.sticky, "{}", workload.name);
            assert!(shape.answer_bytes().is_some(), "{}", workload.name);
            let wanted = match (shape.spread, workload.serves.routes) {
                (Spread::None, Routes::All) => 1,
                (Spread::LastRule(count), Routes::Rules(served))
                | (Spread::LastHost(count), Routes::LoadBalancers(served))
                    if count == served =>
                {
                    1
                }
                (Spread::AllRules(count), Routes::Rules(served))
                | (Spread::AllHosts(count), Routes::LoadBalancers(served))
                    if count == served =>
                {
                    count
                }
                (spread, routes) => panic!("{}: {spread:?} does not fit {routes:?}", workload.name),
            };
            assert_eq!(shape.requests().len(), wanted, "{}", workload.name);
        }
        let last = Shape { spread: Spread::LastRule(1000), ..SMALL }.requests();
        assert_eq!(last, [Request::get("/r0999/s")]);
    }
}
