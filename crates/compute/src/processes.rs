//! The processes of this host as /proc shows them: who descends from whom, since when, and what it has used.
//!
//! A process is named by its pid *and* its start time, because pids are used again. Signals go through a pidfd that was
//! opened before the start time was compared, so they never reach a stranger.

use rustix::process::{Pid, PidfdFlags, Signal};
use serde::{Deserialize, Serialize};
use std::{
    collections::{HashMap, HashSet},
    fs,
    os::fd::OwnedFd,
    path::Path,
    time::Duration,
};

/// One process, for as long as this host is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct ProcessId {
    pub(crate) pid: u32,
    /// Clock ticks from the host's boot to the start of the process.
    pub(crate) start_ticks: u64,
}

/// What /proc/PID/stat says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) id: ProcessId,
    pub(crate) parent: u32,
    pub(crate) session: u32,
    ended: bool,
    own_ticks: u64,
    /// Of children that ended and were waited for, and theirs.
    waited_ticks: u64,
    resident_pages: u64,
}

impl Stat {
    /// Reads one process; `None` when there is none (any more).
    pub(crate) fn read(pid: u32) -> Option<Self> {
        // The name in it may be any bytes.
        Self::parse(&String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/stat")).ok()?))
    }

    /// The name, in parentheses, may itself hold spaces and parentheses: fields are counted from the last one.
    fn parse(text: &str) -> Option<Self> {
        let pid = text.split(' ').next()?.parse().ok()?;
        let fields: Vec<&str> = text.get(text.rfind(')')? + 1..)?.split_ascii_whitespace().collect();
        // proc(5) counts from 1, with the state as the third field.
        let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        Some(Self {
            id: ProcessId { pid, start_ticks: number(22)? },
            parent: u32::try_from(number(4)?).ok()?,
            session: u32::try_from(number(6)?).ok()?,
            ended: matches!(*fields.first()?, "Z" | "X"),
            own_ticks: number(14)? + number(15)?,
            waited_ticks: number(16)? + number(17)?,
            resident_pages: number(24)?,
        })
    }
}

impl ProcessId {
    /// The process that has this pid now.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        Stat::read(pid).map(|stat| stat.id)
    }

    /// Whether it still runs; a zombie does not.
    pub(crate) fn alive(self) -> bool {
        Stat::read(self.pid).is_some_and(|stat| stat.id == self && !stat.ended)
    }

    /// A handle on exactly this process; `None` when it is gone.
    pub(crate) fn open(self) -> Option<OwnedFd> {
        let pid = Pid::from_raw(i32::try_from(self.pid).ok()?)?;
        let handle = rustix::process::pidfd_open(pid, PidfdFlags::empty()).ok()?;
        (Self::of(self.pid) == Some(self)).then_some(handle)
    }

    /// Sends a signal; whether it was sent.
    pub(crate) fn signal(self, signal: Signal) -> bool {
        self.open().is_some_and(|handle| rustix::process::pidfd_send_signal(&handle, signal).is_ok())
    }
}

/// All processes at one moment, more or less: the system does not stop for it.
pub(crate) struct ProcessTable {
    by_pid: HashMap<u32, Stat>,
    children: HashMap<u32, Vec<u32>>,
}

impl ProcessTable {
    /// Reads the table.
    pub(crate) fn read() -> Self {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        Self::of(pids.filter_map(Stat::read))
    }

    fn of(stats: impl Iterator<Item = Stat>) -> Self {
        let by_pid: HashMap<u32, Stat> = stats.map(|stat| (stat.id.pid, stat)).collect();
        let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
        for stat in by_pid.values() {
            children.entry(stat.parent).or_default().push(stat.id.pid);
        }
        Self { by_pid, children }
    }

    /// The process of that pid.
    pub(crate) fn get(&self, pid: u32) -> Option<&Stat> {
        self.by_pid.get(&pid)
    }

    /// Every process that has not ended.
    pub(crate) fn running(&self) -> impl Iterator<Item = &Stat> {
        self.by_pid.values().filter(|stat| !stat.ended)
    }

    /// Everything below these processes, without them, ended ones (zombies) included.
    pub(crate) fn below(&self, roots: impl IntoIterator<Item = u32>) -> Vec<&Stat> {
        let mut open: Vec<u32> = roots.into_iter().collect();
        let mut seen: HashSet<u32> = open.iter().copied().collect();
        let mut found = Vec::new();
        while let Some(pid) = open.pop() {
            // A table read while processes come and go might hold a circle; nobody is visited twice.
            for child in self.children.get(&pid).into_iter().flatten().filter(|child| seen.insert(**child)) {
                open.push(*child);
                found.extend(self.by_pid.get(child));
            }
        }
        found
    }

    /// Everything below these processes that has not ended.
    pub(crate) fn running_below(&self, roots: impl IntoIterator<Item = u32>) -> Vec<ProcessId> {
        self.below(roots).into_iter().filter(|stat| !stat.ended).map(|stat| stat.id).collect()
    }

    /// Processor time of everything that `root` ever started, and the resident bytes of what runs of it. A process that
    /// ended is in its parent's figures once the parent waited for it, which the shim does for all orphans.
    pub(crate) fn usage_below(&self, root: ProcessId) -> Option<(Duration, u64)> {
        let root = self.get(root.pid).filter(|stat| stat.id == root)?;
        let below = self.below([root.id.pid]);
        let ticks = below.iter().map(|stat| stat.own_ticks + stat.waited_ticks).sum::<u64>() + root.waited_ticks;
        let pages = below.iter().map(|stat| stat.resident_pages).sum::<u64>();
        let per_second = rustix::param::clock_ticks_per_second().max(1);
        Some((Duration::from_millis(ticks * 1000 / per_second), pages * rustix::param::page_size() as u64))
    }
}

/// Whether a process began with this variable in its environment. `false` when that may not be read.
pub(crate) fn has_variable(pid: u32, variable: &str, value: &Path) -> bool {
    variable_of(pid, variable).is_some_and(|found| found == value.as_os_str().as_encoded_bytes())
}

/// The variable in the environment that a process began with.
pub(crate) fn variable_of(pid: u32, variable: &str) -> Option<Vec<u8>> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let mut entries = environment.split(|byte| *byte == 0);
    entries.find_map(|entry| Some(entry.strip_prefix(variable.as_bytes())?.strip_prefix(b"=")?.to_vec()))
}

/// Whether a process shows no environment: it has none, or is just beginning another program.
pub(crate) fn has_no_environment(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| environment.is_empty())
}

/// Names one boot of this host: start times of processes mean something only within it.
pub(crate) fn host_boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stat(pid: u32, parent: u32, own: u64, waited: u64) -> Stat {
        let text = format!(
            "{pid} (a) b (c) S {parent} {pid} 9 0 -1 4194560 1 2 3 4 {own} 0 {waited} 0 20 0 1 0 {} 1000 10 18446744073709551615",
            pid * 10
        );
        Stat::parse(&text).unwrap()
    }

    #[test]
    fn a_name_with_parentheses_and_spaces_does_not_shift_the_fields() {
        let stat = stat(7, 3, 40, 2);
        assert_eq!((stat.id, stat.parent, stat.session), (ProcessId { pid: 7, start_ticks: 70 }, 3, 9));
        assert_eq!((stat.own_ticks, stat.waited_ticks, stat.resident_pages, stat.ended), (40, 2, 10, false));
        for text in ["", "7", "7 (a", "7 (a) S", "x (a) S 1 2 3"] {
            assert_eq!(Stat::parse(text), None, "{text}");
        }
    }

    #[test]
    fn usage_counts_the_living_and_those_that_were_waited_for() {
        let table = ProcessTable::of(
            [stat(1, 0, 5, 5), stat(10, 1, 100, 300), stat(11, 10, 20, 7), stat(12, 11, 3, 0), stat(20, 1, 999, 0)]
                .into_iter(),
        );
        let (cpu, memory) = table.usage_below(ProcessId { pid: 10, start_ticks: 100 }).unwrap();
        let ticks = 300 + 20 + 7 + 3;
        assert_eq!(cpu.as_millis(), u128::from(ticks * 1000 / rustix::param::clock_ticks_per_second()));
        assert_eq!(memory, 20 * rustix::param::page_size() as u64);
        assert_eq!(table.usage_below(ProcessId { pid: 10, start_ticks: 101 }), None, "another process of that pid");
    }

    #[test]
    fn this_process_is_found_alive_below_its_parent() {
        let me = ProcessId::of(std::process::id()).unwrap();
        assert!(me.alive());
        assert!(!ProcessId { start_ticks: me.start_ticks + 1, ..me }.alive());
        assert!(!ProcessId { start_ticks: me.start_ticks + 1, ..me }.signal(Signal::KILL), "we would not be here");
        let table = ProcessTable::read();
        let parent = table.get(me.pid).unwrap().parent;
        assert!(table.running_below([parent]).contains(&me));
        assert!(!host_boot().is_empty());
    }
}
