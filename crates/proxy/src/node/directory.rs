//! The node's place in the data directory: `node/lock`, `node/pid`, `node/socket` and `node/snapshot.json`.
//!
//! The lock belongs to the process, so it is free again the moment the process is gone, however it ended; the socket of a
//! dead node is replaced. The snapshot is written whole (new file, sync, rename) and carries its length and a checksum:
//! a file that is not whole, or from a newer version, is reported and not used.

use model::elbv2::snapshot::LoadBalancingSnapshot;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};
use tokio::net::UnixListener;

/// The form of `snapshot.json`. Raised when an older node could not read it.
const FORMAT: u32 = 1;

/// The largest snapshot file that is read, in bytes; a snapshot that came in a frame is smaller.
const MAXIMUM_SNAPSHOT_FILE: u64 = 128 << 20;

/// The longest path that a Unix socket can have, in bytes (`sun_path` without its end mark).
const MAXIMUM_SOCKET_PATH: usize = 107;

/// Why the directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Another node runs on the same data directory.
    #[error("another load balancer node (process {pid}) already runs on {}", path.display())]
    Locked {
        /// The node directory.
        path: PathBuf,
        /// What the other one wrote into `pid`, or `unknown`.
        pid: String,
    },
    /// A data directory whose socket would have too long a name for the operating system.
    #[error("the path {} is too long for a socket (at most {MAXIMUM_SOCKET_PATH} bytes): choose a shorter data directory", .0.display())]
    PathTooLong(PathBuf),
    /// Something else about a file.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
}

/// The locked directory of a running node.
#[derive(Debug)]
pub struct NodeDirectory {
    path: PathBuf,
    _lock: File,
}

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: u32,
    length: u64,
    checksum: u64,
}

/// Why a stored snapshot is not used.
#[derive(Debug, thiserror::Error)]
pub enum StoredSnapshotError {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It was cut short or altered.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// A newer node wrote it.
    #[error("it has format {0}, which is newer than this program knows ({FORMAT})")]
    Newer(u32),
}

impl NodeDirectory {
    /// Makes the directory `node` (mode 0700) in the data directory where needed, locks it and writes `pid`.
    ///
    /// # Errors
    /// When another node holds the lock or the file system refuses.
    pub fn open(data_dir: &Path) -> Result<Self, DirectoryError> {
        let path = data_dir.join("node");
        let fault = |what, source| DirectoryError::Io { what, path: path.clone(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(|e| fault("make", e))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).map_err(|e| fault("protect", e))?;
        let lock = lock(&path)?;
        let directory = Self { path: path.clone(), _lock: lock };
        fs::write(directory.pid(), format!("{}\n", std::process::id()))
            .map_err(|e| fault("write the pid file in", e))?;
        Ok(directory)
    }

    /// The control socket's path.
    pub fn socket(&self) -> PathBuf {
        self.path.join("socket")
    }

    /// The snapshot's path.
    pub fn snapshot(&self) -> PathBuf {
        self.path.join("snapshot.json")
    }

    fn pid(&self) -> PathBuf {
        self.path.join("pid")
    }

    /// Listens on the control socket (mode 0600), in place of what an earlier node left. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the path is too long or the file system refuses.
    pub fn listen(&self) -> Result<UnixListener, DirectoryError> {
        let path = self.socket();
        if path.as_os_str().len() > MAXIMUM_SOCKET_PATH {
            return Err(DirectoryError::PathTooLong(path));
        }
        self.remove_socket();
        let fault = |what, source| DirectoryError::Io { what, path: path.clone(), source };
        let listener = UnixListener::bind(&path).map_err(|e| fault("listen on", e))?;
        // Between the two calls the directory's mode keeps others out.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(|e| fault("protect", e))?;
        Ok(listener)
    }

    /// Removes the control socket: nobody can connect any more.
    pub fn remove_socket(&self) {
        // The lock is ours, so it belongs to us or to a dead node; most often there is none.
        let _ = fs::remove_file(self.socket());
    }

    /// Removes what only a running node has.
    pub fn close(self) {
        self.remove_socket();
        let _ = fs::remove_file(self.pid());
    }

    /// The last good snapshot, if there is one that can be used. What cannot be used is put aside as
    /// `snapshot.json.unusable`, and said.
    pub fn last_good_snapshot(&self) -> Option<LoadBalancingSnapshot> {
        let path = self.snapshot();
        match read_snapshot(&path) {
            Ok(snapshot) => Some(snapshot),
            Err(StoredSnapshotError::Io(error)) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::error!(path = %path.display(), %error, "the last snapshot is not used; waiting for a new one");
                // It is kept for whoever wants to look; one such file at most.
                let _ = fs::rename(&path, path.with_extension("json.unusable"));
                None
            }
        }
    }
}

fn lock(directory: &Path) -> Result<File, DirectoryError> {
    let path = directory.join("lock");
    let fault = |what, source| DirectoryError::Io { what, path: path.clone(), source };
    let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = opened.map_err(|e| fault("open", e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let pid = fs::read_to_string(directory.join("pid")).unwrap_or_default();
            let known = !pid.trim().is_empty() && pid.trim().bytes().all(|b| b.is_ascii_digit());
            let pid = if known { pid.trim().to_owned() } else { "unknown".to_owned() };
            Err(DirectoryError::Locked { path: directory.to_owned(), pid })
        }
        Err(TryLockError::Error(error)) => Err(fault("lock", error)),
    }
}

/// Writes a snapshot so that after a crash either this one or the one before is there, never a part. Blocks on the disk.
///
/// # Errors
/// What the file system says.
pub fn write_snapshot(path: &Path, snapshot: &LoadBalancingSnapshot) -> io::Result<()> {
    let body = serde_json::to_vec(snapshot)?;
    let length = u64::try_from(body.len()).map_err(io::Error::other)?;
    let header = serde_json::to_vec(&Header { format: FORMAT, length, checksum: checksum(&body) })?;
    let temporary = path.with_extension("json.new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(&header)?;
    file.write_all(b"\n")?;
    file.write_all(&body)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    // The rename is durable once the directory is.
    path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

/// Reads a snapshot that [`write_snapshot`] wrote.
///
/// # Errors
/// When it is missing, not whole, altered, or from a newer version.
pub fn read_snapshot(path: &Path) -> Result<LoadBalancingSnapshot, StoredSnapshotError> {
    let damaged = |what: &dyn std::fmt::Display| StoredSnapshotError::Damaged(what.to_string());
    if fs::metadata(path)?.len() > MAXIMUM_SNAPSHOT_FILE {
        return Err(damaged(&"it is too long"));
    }
    let bytes = fs::read(path)?;
    let end = bytes.iter().position(|b| *b == b'\n').ok_or_else(|| damaged(&"it has no header"))?;
    let (header, body) = (&bytes[..end], &bytes[end + 1..]);
    let Header { format, length, checksum: expected } = serde_json::from_slice(header).map_err(|e| damaged(&e))?;
    if format > FORMAT {
        return Err(StoredSnapshotError::Newer(format));
    }
    if u64::try_from(body.len()).ok() != Some(length) {
        return Err(damaged(&format_args!("{length} bytes were written, {} are there", body.len())));
    }
    if checksum(body) != expected {
        return Err(damaged(&"the checksum differs"));
    }
    serde_json::from_slice(body).map_err(|e| damaged(&e))
}

/// FNV-1a, 64 bits: against accidents, not against people; whoever can write here can write anything.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(generation: u64) -> LoadBalancingSnapshot {
        LoadBalancingSnapshot { generation, ..LoadBalancingSnapshot::default() }
    }

    #[test]
    fn a_second_node_is_told_who_holds_the_directory() {
        let data = tempfile::tempdir().unwrap();
        let first = NodeDirectory::open(data.path()).unwrap();
        let error = NodeDirectory::open(data.path()).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, DirectoryError::Locked { .. }), "{text}");
        assert!(text.contains(&format!("process {}", std::process::id())), "{text}");
        first.close();
        NodeDirectory::open(data.path()).unwrap();
    }

    #[test]
    fn nobody_else_can_look_into_the_directory() {
        let data = tempfile::tempdir().unwrap();
        fs::create_dir(data.path().join("node")).unwrap();
        let _directory = NodeDirectory::open(data.path()).unwrap();
        let mode = fs::metadata(data.path().join("node")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_snapshot_is_read_as_it_was_written() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join("snapshot.json");
        for generation in [1, 7] {
            write_snapshot(&path, &snapshot(generation)).unwrap();
            assert_eq!(read_snapshot(&path).unwrap(), snapshot(generation));
        }
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn no_damaged_snapshot_is_taken_for_a_good_one() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join("snapshot.json");
        write_snapshot(&path, &snapshot(123_456)).unwrap();
        let good = fs::read(&path).unwrap();
        for cut in 0..good.len() {
            fs::write(&path, &good[..cut]).unwrap();
            assert!(read_snapshot(&path).is_err(), "cut at {cut}");
        }
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, &bad).unwrap();
            // A flipped bit in the header may only lead to an error too: format 0 is not refused as newer, but says
            // the same about the body.
            if let Ok(read) = read_snapshot(&path) {
                assert_eq!(read, snapshot(123_456), "flipped at {at}");
            }
        }
    }

    #[test]
    fn a_snapshot_of_a_newer_version_is_put_aside() {
        let data = tempfile::tempdir().unwrap();
        let directory = NodeDirectory::open(data.path()).unwrap();
        assert_eq!(directory.last_good_snapshot(), None);
        fs::write(directory.snapshot(), b"{\"format\":2,\"length\":0,\"checksum\":0}\n").unwrap();
        assert!(matches!(read_snapshot(&directory.snapshot()), Err(StoredSnapshotError::Newer(2))));
        assert_eq!(directory.last_good_snapshot(), None);
        assert!(directory.path.join("snapshot.json.unusable").exists());
        assert!(!directory.snapshot().exists());
    }
}
