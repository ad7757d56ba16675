//! Sandboxes without root: everything that would need it happens in one user namespace, in which an ordinary user of the host is
//! root over the network and mount namespaces that are made there, and over nothing else.
//!
//! The two namespaces of an installation, for users and for mounts, are kept by a `holder`: a small process that also has the way
//! out of the networks (`way_out`) as its child. Whoever belongs to the installation enters them before it does anything else, and
//! a server that comes after one that was killed enters the same ones: a file in the data directory says where they are. The
//! network of such a process stays the host's, so that load balancers listen where they always do.

mod holder;
mod id_map;
mod mounts;
pub mod obstacles;
mod way_out;

pub use holder::{HoldOptions, hold};

use crate::{
    directory::write_whole,
    processes::{ProcessId, ProcessTable, host_boot},
    shimmed::make_directory,
};
use holder::Held;
use rustix::{
    fs::FlockOperation,
    process::{Signal, WaitId, WaitIdOptions},
    thread::{LinkNameSpaceType, move_into_link_name_space},
};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io,
    os::{fd::AsFd, unix::fs::MetadataExt},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// Says where the namespaces of a data directory are.
const RECORD: &str = "rootless.json";
/// How long the kernel may take to end a process that was killed.
const END_DEADLINE: Duration = Duration::from_secs(5);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Why there are no namespaces of their own.
#[derive(Debug, thiserror::Error)]
pub enum RootlessError {
    /// The holder did not come up.
    #[error("no namespaces can be made without root: {0}")]
    Holder(String),
    /// Namespaces that are there and cannot be entered.
    #[error("cannot enter the namespaces of process {pid}: {source}")]
    Enter {
        /// Who is in them.
        pid: u32,
        /// What the system said.
        source: io::Error,
    },
    /// A file of ours.
    #[error("cannot use {path}: {reason}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

/// The namespaces of an installation, which the calling process has entered.
#[derive(Debug)]
pub struct Rootless {
    record: Record,
    file: PathBuf,
    is_new: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    /// Process ids mean something only within it.
    host_boot: String,
    holder: ProcessId,
    /// The inodes of the namespaces for users and for mounts.
    namespaces: (u64, u64),
    held: Held,
}

/// What `goru up` needs to know to have namespaces made.
#[derive(Clone, Debug)]
pub struct RootlessOptions {
    /// The server's data directory, which must be there.
    pub data_directory: PathBuf,
    /// The program that runs [`hold`], and its arguments; the data directory and the name of the outer network are added.
    pub holder: (PathBuf, Vec<String>),
    /// What the network is to be called that the VPCs' ways out lead to, as `ip netns` knows it.
    pub outer: String,
}

/// Whether this process is in a user namespace other than the host's first one: then nobody is really root here.
pub fn inside() -> bool {
    // Three numbers: the first id inside, the first outside, how many.
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let numbers: Vec<&str> = map.split_whitespace().collect();
    !numbers.is_empty() && numbers != ["0", "0", "4294967295"]
}

/// Enters the namespaces of a data directory; makes them when nobody is in them any more. The process must have one thread.
///
/// # Errors
/// When this host does not let an ordinary user make them, or they cannot be entered.
pub fn enter(options: &RootlessOptions) -> Result<Rootless, RootlessError> {
    make_directory(&options.data_directory)
        .map_err(|error| RootlessError::File { path: options.data_directory.clone(), reason: error.to_string() })?;
    let file = options.data_directory.join(RECORD);
    let lock = lock(&file)?;
    let found = Record::read(&file);
    if let Some(record) = found.as_ref().filter(|record| record.is_held()) {
        move_into(record.holder.pid)?;
        return Ok(Rootless { record: record.clone(), file, is_new: false });
    }
    // Its holder is gone, but perhaps not all that runs in there.
    let member = found.as_ref().and_then(Record::member);
    let (holder, held) = holder::start(options, member)?;
    let namespaces = namespaces(holder.pid).unwrap_or_default();
    let record = Record { host_boot: host_boot(), holder, namespaces, held };
    let entered = move_into(holder.pid).and_then(|()| record.write(&file));
    if entered.is_err() {
        end_holder(holder);
    }
    drop(lock);
    entered.map(|()| Rootless { record, file, is_new: true })
}

/// Enters the namespaces of a data directory if somebody is in them. The process must have one thread.
///
/// # Errors
/// When they cannot be entered.
pub fn join(data_directory: &Path) -> Result<Option<Rootless>, RootlessError> {
    let file = data_directory.join(RECORD);
    let Some(record) = Record::read(&file) else { return Ok(None) };
    let member = if record.is_held() { Some(record.holder.pid) } else { record.member() };
    let Some(pid) = member else { return Ok(None) };
    move_into(pid)?;
    Ok(Some(Rootless { record, file, is_new: false }))
}

impl Rootless {
    /// Whether they were made just now.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// The name of the network that the VPCs' ways out lead to.
    pub fn outer(&self) -> &str {
        &self.record.held.outer
    }

    /// What connects that network with the host, or why nothing does.
    pub fn way_out(&self) -> Result<&str, &str> {
        self.record.held.way_out.as_deref().map_err(String::as_str)
    }

    /// Why there is but one user in there, if there is.
    pub fn why_one_user(&self) -> Option<&str> {
        self.record.held.why_one_user.as_deref()
    }

    /// Ends the holder and the way out. The namespaces end with the last process in them.
    pub fn end(self) {
        end_holder(self.record.holder);
        // A record of a holder that is gone says nothing.
        let _ = fs::remove_file(&self.file);
    }
}

impl Record {
    fn read(file: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(file).ok()?).ok()
    }

    fn write(&self, file: &Path) -> Result<(), RootlessError> {
        let failed = |reason: String| RootlessError::File { path: file.to_owned(), reason };
        let text = serde_json::to_vec(self).map_err(|error| failed(error.to_string()))?;
        write_whole(file, &text).map_err(|error| failed(error.to_string()))
    }

    fn is_held(&self) -> bool {
        self.host_boot == host_boot() && self.holder.alive()
    }

    /// Any process in the namespaces.
    fn member(&self) -> Option<u32> {
        if self.host_boot != host_boot() {
            return None;
        }
        let table = ProcessTable::read();
        table.running().map(|stat| stat.id.pid).find(|pid| namespaces(*pid) == Some(self.namespaces))
    }
}

/// Of servers that start at the same time one makes the namespaces.
fn lock(record: &Path) -> Result<File, RootlessError> {
    let path = record.with_extension("lock");
    let locked = File::options().write(true).create(true).truncate(false).open(&path).and_then(|file| {
        rustix::fs::flock(&file, FlockOperation::LockExclusive)?;
        Ok(file)
    });
    locked.map_err(|error| RootlessError::File { path, reason: error.to_string() })
}

/// The inodes of a process's namespaces for users and mounts; none: it is gone, or somebody else's.
fn namespaces(pid: u32) -> Option<(u64, u64)> {
    let inode = |kind: &str| fs::metadata(format!("/proc/{pid}/ns/{kind}")).ok().map(|metadata| metadata.ino());
    Some((inode("user")?, inode("mnt")?))
}

/// Enters the namespaces of a process, and stays in its working directory.
fn move_into(pid: u32) -> Result<(), RootlessError> {
    let directory = std::env::current_dir();
    let moved = || {
        let open = |kind: &str| File::open(format!("/proc/{pid}/ns/{kind}"));
        let (users, mounts) = (open("user")?, open("mnt")?);
        move_into_link_name_space(users.as_fd(), Some(LinkNameSpaceType::User))?;
        move_into_link_name_space(mounts.as_fd(), Some(LinkNameSpaceType::Mount))?;
        // The mount namespace has brought its root directory along.
        std::env::set_current_dir(directory.as_deref().unwrap_or(Path::new("/")))
    };
    moved().map_err(|source| RootlessError::Enter { pid, source })
}

/// The way out would end with it, but not before the next one may want its place.
fn end_holder(holder: ProcessId) {
    let table = ProcessTable::read();
    let mut doomed = if table.get(holder.pid).is_some_and(|stat| stat.id == holder) {
        table.running_below([holder.pid])
    } else {
        Vec::new()
    };
    doomed.insert(0, holder);
    for process in &doomed {
        process.signal(Signal::KILL);
    }
    let deadline = Instant::now() + END_DEADLINE;
    while doomed.iter().any(|process| process.alive()) && Instant::now() < deadline {
        thread::sleep(PAUSE);
    }
    // If it was started by this process, it would stay a zombie.
    if let Some(pid) = i32::try_from(holder.pid).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_another_boot_or_of_another_process_is_nobody() {
        let me = ProcessId::of(std::process::id()).unwrap();
        let held = Held { outer: "outer".to_owned(), way_out: Err("none".to_owned()), why_one_user: None };
        let own = namespaces(me.pid).unwrap();
        let record = Record { host_boot: host_boot(), holder: me, namespaces: own, held };
        assert!(record.is_held());
        assert!(record.member().is_some());
        let earlier = Record { host_boot: "another".to_owned(), ..record.clone() };
        assert!(!earlier.is_held() && earlier.member().is_none());
        let reused =
            Record { holder: ProcessId { start_ticks: me.start_ticks + 1, ..me }, namespaces: (1, 1), ..record };
        assert!(!reused.is_held() && reused.member().is_none());
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(RECORD);
        let held = Held {
            outer: "outer".to_owned(),
            way_out: Ok("pasta".to_owned()),
            why_one_user: Some("no ids".to_owned()),
        };
        let holder = ProcessId { pid: 7, start_ticks: 70 };
        let record = Record { host_boot: "boot".to_owned(), holder, namespaces: (1, 2), held };
        assert_eq!(Record::read(&file), None);
        record.write(&file).unwrap();
        assert_eq!(Record::read(&file), Some(record));
        assert!(join(directory.path()).unwrap().is_none(), "nobody is there");
    }
}
