//! How many durable transactions a second eight concurrent callers get, and how long opening takes afterwards:
//! `cargo run -p store --example throughput`.
//!
//! Takes a directory as argument, because what is measured is mostly its disk; default is the system's temporary one.

use model::Scope;
use std::{
    convert::Infallible,
    io::{self, Write},
    path::PathBuf,
    time::{Duration, Instant},
};
use store::{Store, probe::Probe};

const CALLERS: u64 = 8;
const DURATION: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let parent = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let directory = tempfile::tempdir_in(parent)?;
    let store = Store::open(directory.path())?;
    let callers: Vec<_> = (0..CALLERS).map(|caller| tokio::spawn(call(store.clone(), caller))).collect();
    let mut latencies = Vec::new();
    for caller in callers {
        latencies.extend(caller.await?);
    }
    latencies.sort_unstable();
    let rate = latencies.len() as u64 / DURATION.as_secs();
    let percentile = |percent: usize| latencies[(latencies.len() - 1) * percent / 100];
    writeln!(
        io::stdout(),
        "{rate} durable transactions/s from {CALLERS} callers; p50 {:?}, p99 {:?}",
        percentile(50),
        percentile(99)
    )?;
    let records = store.view().len();
    drop(store);
    let began = Instant::now();
    Store::open(directory.path())?;
    writeln!(io::stdout(), "{records} records opened in {:?}", began.elapsed())?;
    Ok(())
}

async fn call(store: Store, caller: u64) -> Vec<Duration> {
    let scope = Scope::new("123456789012", "ap-northeast-2");
    let began = Instant::now();
    let mut latencies = Vec::new();
    for n in 0.. {
        let before = Instant::now();
        if before - began > DURATION {
            break;
        }
        let written = store.transact(|txn| {
            txn.put(&scope, Probe { note: "x".repeat(500), ..Probe::new(format!("{caller}-{}", n % 5000), n) });
            Ok::<_, Infallible>(())
        });
        written.await.expect("the disk takes it");
        latencies.push(before.elapsed());
    }
    latencies
}
