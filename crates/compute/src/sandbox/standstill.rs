//! Letting an instance stand still where there is no control group to freeze: every process of it is stopped by a signal.

use crate::processes::{ProcessId, ProcessTable};
use rustix::process::Signal;
use std::collections::HashSet;

/// So often new processes are looked for: those that were begun while others were already stopped. A stopped process begins none,
/// so that few rounds are enough.
const ROUNDS: usize = 100;

/// Stops the first process of an instance and everything below it.
///
/// # Errors
/// When it goes on making processes.
pub(super) fn stop(init: ProcessId) -> Result<(), String> {
    let mut stopped = HashSet::new();
    for _ in 0..ROUNDS {
        let before = stopped.len();
        for process in all(init) {
            if stopped.insert(process) {
                process.signal(Signal::STOP);
            }
        }
        if stopped.len() == before {
            return Ok(());
        }
    }
    Err("it makes processes faster than they can be stopped".to_owned())
}

/// Lets everything go on: also what stood still of itself before.
pub(super) fn go_on(init: ProcessId) {
    for process in all(init) {
        process.signal(Signal::CONT);
    }
}

fn all(init: ProcessId) -> Vec<ProcessId> {
    let table = ProcessTable::read();
    if table.get(init.pid).is_none_or(|stat| stat.id != init) {
        return Vec::new();
    }
    let mut found = table.running_below([init.pid]);
    found.push(init);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        fs,
        process::Command,
        time::{Duration, Instant},
    };

    fn state(pid: u32) -> Option<String> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Some(text.rsplit(") ").next()?.split(' ').next()?.to_owned())
    }

    fn until(what: &str, condition: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !condition() {
            assert!(Instant::now() < deadline, "waited for {what}");
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_family_of_processes_stands_still_and_goes_on() {
        let mut parent = Command::new("sh").args(["-c", "sleep 100 & sleep 100 & wait"]).spawn().unwrap();
        let init = ProcessId::of(parent.id()).unwrap();
        until("children", || all(init).len() == 3);
        let family = all(init);
        stop(init).unwrap();
        until("standstill", || family.iter().all(|process| state(process.pid).as_deref() == Some("T")));
        go_on(init);
        until("life", || family.iter().all(|process| state(process.pid).is_some_and(|state| state != "T")));
        for process in family {
            process.signal(Signal::KILL);
        }
        parent.wait().unwrap();
        assert!(stop(init).is_ok(), "nobody is there");
    }
}
