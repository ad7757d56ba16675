//! Memory of idle connections: what a proxy's processes keep for clients that have had an answer and ask for no more.
//!
//! Resident memory of the whole tree, before and after. Memory of the kernel, above all its sockets, is the same for all
//! and not in it.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;

use super::cell::reasons;
use super::check;
use super::session::Session;
use super::workload::{Drives, Workload, find};
use crate::bench::order::{Hold, HoldKind, Job, Speech, Tickets};
use crate::bench::proxies::{Proxy, Running, Setup};

/// How long the proxy has to give back what it needed for opening only.
const REST: Duration = Duration::from_secs(2);

/// One measurement.
#[derive(Clone, Debug, Serialize)]
pub struct Idle {
    pub clients: usize,
    /// Resident memory after some load and before the clients, in bytes.
    pub before_bytes: u64,
    /// With all of them.
    pub after_bytes: u64,
    pub bytes_per_connection: f64,
    /// From the first connection to the last one's answer.
    pub opening_seconds: f64,
    /// CPU time of the proxy while nothing happened, as a share of a core.
    pub rest_busy: f64,
    /// Clients that the proxy ended.
    pub lost: usize,
}

/// Measures.
pub fn measure(session: &mut Session, workload: &Workload, tickets: Option<Tickets>, proxy: Proxy) -> Result<Idle> {
    session.with_setup(workload, proxy, |session, setup| {
        let running = session.start(proxy, setup)?;
        check::equal_work(session, workload, setup)?;
        let speech = Speech { address: setup.listen, tls: tickets, http2_streams: None };
        warm_up(session, &speech, setup, &running)?;
        let before_bytes = running.process.resident_bytes();
        let hold = Hold { speech, kind: HoldKind::Idle, clients: session.clients };
        let held = session.load.hold(&hold);
        let cpu = running.process.cpu_seconds();
        std::thread::sleep(REST);
        let rest_busy = (running.process.cpu_seconds() - cpu) / REST.as_secs_f64();
        let after_bytes = running.process.resident_bytes();
        let released = session.load.release();
        let (held, released) = (held?, released?);
        ensure!(
            held.failed == 0,
            "{} of {} clients could not be opened: {}",
            held.failed,
            hold.clients,
            reasons(&held.reasons)
        );
        Ok(Idle {
            clients: held.opened,
            before_bytes,
            after_bytes,
            bytes_per_connection: (after_bytes as f64 - before_bytes as f64) / held.opened as f64,
            opening_seconds: held.seconds,
            rest_busy,
            lost: released.lost,
        })
    })
}

/// So that memory which any load takes is not counted.
fn warm_up(session: &mut Session, speech: &Speech, setup: &Setup, running: &Running) -> Result<()> {
    let Drives::Load(shape) = find("a").context("there is a workload a")?.drives else { bail!("a is a load") };
    let job = Job { speech: speech.clone(), ..session.job(&shape, setup, running) };
    session.load.run(&job).map(drop)
}
