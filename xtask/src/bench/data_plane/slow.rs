//! Slow clients: thousands that send a head or a body or read an answer at a few bytes a second, and a normal client that
//! must not feel them.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use super::cell::reasons;
use super::check;
use super::session::Session;
use super::workload::{Drives, Workload, find};
use crate::bench::order::{Hold, HoldKind, Job, Speech};
use crate::bench::proxies::{Proxy, Running, Setup};

/// The normal client: so many connections and requests per second.
const CONNECTIONS: usize = 16;
const RATE: f64 = 2000.0;
/// The normal client's time is longer than that of other measurements, so that all slow clients have their turns in it.
const LEAST_MILLISECONDS: u64 = 5000;

/// How long the proxy has to take in what all of them sent at once.
const REST: Duration = Duration::from_secs(5);

/// One measurement.
#[derive(Clone, Debug, Serialize)]
pub struct Slow {
    pub clients: usize,
    /// The normal client without and with the slow ones.
    pub p99_us_alone: Option<f64>,
    pub p50_us: Option<f64>,
    pub p99_us: Option<f64>,
    pub errors: u64,
    /// Slow clients that the proxy ended within that time, and why they think so.
    pub lost: usize,
    pub reasons: BTreeMap<String, u64>,
    /// CPU time of the proxy for all of them, as a share of a core.
    pub busy: f64,
    pub before_bytes: u64,
    pub after_bytes: u64,
}

/// Measures.
pub fn measure(session: &mut Session, workload: &Workload, proxy: Proxy) -> Result<Slow> {
    session.with_setup(workload, proxy, |session, setup| {
        let running = session.start(proxy, setup)?;
        check::equal_work(session, workload, setup)?;
        let normal = normal_client(session, setup, &running)?;
        let alone = session.load.run(&normal)?;
        let before_bytes = running.process.resident_bytes();
        let speech = Speech { address: setup.listen, tls: None, http2_streams: None };
        let hold = Hold { speech, kind: HoldKind::Slow, clients: session.clients };
        let held = session.load.hold(&hold);
        // What is measured is how the proxy bears them, not how it takes them in.
        std::thread::sleep(REST);
        let measured = session.load.run(&normal);
        let after_bytes = running.process.resident_bytes();
        let released = session.load.release();
        let (held, measured, released) = (held?, measured?, released?);
        ensure!(
            held.failed == 0,
            "{} of {} clients could not be opened: {}",
            held.failed,
            hold.clients,
            reasons(&held.reasons)
        );
        Ok(Slow {
            clients: held.opened,
            p99_us_alone: alone.p99_us,
            p50_us: measured.p50_us,
            p99_us: measured.p99_us,
            errors: measured.errors,
            lost: released.lost,
            reasons: released.reasons,
            busy: measured.usage.cpu_seconds / measured.seconds,
            before_bytes,
            after_bytes,
        })
    })
}

fn normal_client(session: &Session, setup: &Setup, running: &Running) -> Result<Job> {
    let Drives::Load(shape) = find("a").context("there is a workload a")?.drives else { anyhow::bail!("a is a load") };
    let job = session.job(&shape, setup, running);
    let milliseconds = job.milliseconds.max(LEAST_MILLISECONDS);
    Ok(Job { connections: CONNECTIONS, rate: Some(RATE), milliseconds, ..job })
}
