//! Changes of a large configuration under load: how long until one is in force, and what it does to the requests.
//!
//! A path is answered by the proxy itself with the number of its configuration. For Goru a change is an order over the
//! control socket; for HAProxy and nginx it is a new file and the signal to read it, which starts new workers. Time runs
//! from handing it over to the first new connection that is answered by it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde::Serialize;

use super::check;
use super::session::Session;
use super::workload::{Shape, Workload};
use crate::bench::order::Job;
use crate::bench::proxies::{GENERATION_PATH, Proxy, Running, Setup, generation_host};

/// Changes that are applied one after the other.
pub const CHANGES: u64 = 20;
/// Between a change that is in force and the next one.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a change may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks.
const POLL: Duration = Duration::from_micros(500);
/// The load is ended when all changes are made; this is its bound.
const LONGEST_MILLISECONDS: u64 = 100_000;
/// The most of an answer that is read.
const MAXIMUM_ANSWER_BYTES: u64 = 4096;

/// One measurement.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// Of the configuration that is handed over: the order's for Goru, 0 for the others, which read a file.
    pub order_bytes: usize,
    /// From handing over to the first answer by it, for each change.
    pub milliseconds: Vec<f64>,
    pub requests: u64,
    /// Requests of the load that failed while the changes were made.
    pub errors: u64,
    pub reasons: BTreeMap<String, u64>,
    /// Looks that failed.
    pub failed_looks: u64,
    pub p99_us: Option<f64>,
}

/// Measures.
pub fn measure(session: &mut Session, workload: &Workload, shape: &Shape, proxy: Proxy) -> Result<Change> {
    session.with_setup(workload, proxy, |session, setup| {
        let mut running = session.start(proxy, setup)?;
        check::equal_work(session, workload, setup)?;
        let observer = Observer::new(setup);
        ensure!(
            observer.look() == Some(setup.generation),
            "{GENERATION_PATH} is not answered with the configuration's number"
        );
        let job = Job { milliseconds: LONGEST_MILLISECONDS, ..session.job(shape, setup, &running) };
        session.load.begin(&job)?;
        let changed = change_all(&mut running, setup, &observer);
        let measured = session.load.stop();
        let (mut figures, measured) = (changed?, measured?);
        (figures.requests, figures.errors) = (measured.requests, measured.errors);
        (figures.reasons, figures.p99_us) = (measured.reasons, measured.p99_us);
        Ok(figures)
    })
}

fn change_all(running: &mut Running, setup: &Setup, observer: &Observer) -> Result<Change> {
    let mut figures = Change {
        order_bytes: 0,
        milliseconds: Vec::new(),
        requests: 0,
        errors: 0,
        reasons: BTreeMap::new(),
        failed_looks: 0,
        p99_us: None,
    };
    for generation in setup.generation + 1..=setup.generation + CHANGES {
        let changed = Setup { generation, directory: setup.directory.clone(), ..*setup };
        let change = running.prepare_change(&changed)?;
        if let crate::bench::proxies::Change::Order(order) = &change {
            figures.order_bytes = order.len();
        }
        let start = Instant::now();
        running.change(&change)?;
        loop {
            match observer.look() {
                Some(found) if found == generation => break,
                Some(_) => {}
                None => figures.failed_looks += 1,
            }
            running.ensure_accepted()?;
            ensure!(start.elapsed() < PATIENCE, "a change is not in force after {} s", PATIENCE.as_secs());
            std::thread::sleep(POLL);
        }
        figures.milliseconds.push(start.elapsed().as_secs_f64() * 1e3);
        std::thread::sleep(PAUSE);
    }
    Ok(figures)
}

/// Somebody who asks for the configuration's number, over a new connection each time.
struct Observer {
    address: SocketAddr,
    request: String,
}

impl Observer {
    fn new(setup: &Setup) -> Self {
        let host = generation_host(setup.serves.routes);
        let request = format!("GET {GENERATION_PATH} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        Self { address: setup.listen, request }
    }

    /// The number, or nothing when the question failed.
    fn look(&self) -> Option<u64> {
        self.ask().ok().and_then(|answer| number_in(&answer))
    }

    fn ask(&self) -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(self.request.as_bytes())?;
        let mut answer = String::new();
        stream.take(MAXIMUM_ANSWER_BYTES).read_to_string(&mut answer)?;
        Ok(answer)
    }
}

fn number_in(answer: &str) -> Option<u64> {
    let body = answer.strip_prefix("HTTP/1.1 200").and_then(|rest| rest.split_once("\r\n\r\n"))?.1;
    body.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_the_body_of_an_answer_with_200() {
        for (answer, wanted) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n17", Some(17)),
            ("HTTP/1.1 404 Not Found\r\n\r\n17", None),
            ("HTTP/1.1 200 OK\r\n\r\nxxxx", None),
            ("", None),
        ] {
            assert_eq!(number_in(answer), wanted, "{answer:?}");
        }
    }
}
