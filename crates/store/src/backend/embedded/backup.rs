//! Copying the file while the writer works: one long read of one consistent state, into a new file.
//!
//! The copy appears under its name only when it is complete and synced. It holds secrets, so only its owner can read it.

use super::{
    file::{self, Failing},
    lock::{create_private, sync_directory},
};
use crate::backend::BackendError;
use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// Copies the state file `from` to the new file `to`.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), BackendError> {
    let failing = |error: io::Error| {
        let (path, detail) = (to.display().to_string(), error.to_string());
        if error.kind() == io::ErrorKind::AlreadyExists {
            BackendError::Exists(path)
        } else if error.kind() == io::ErrorKind::StorageFull {
            BackendError::Full { path, detail }
        } else {
            BackendError::Io { path, detail }
        }
    };
    if to.symlink_metadata().is_ok() {
        return Err(BackendError::Exists(to.display().to_string()));
    }
    let partial = partial_name(to);
    let copied = write(from, &partial).and_then(|()| publish(&partial, to).map_err(failing));
    // It is there under its own name now, or it is of no use.
    let _ = fs::remove_file(&partial);
    copied
}

fn write(from: &Path, partial: &Path) -> Result<(), BackendError> {
    let unusable =
        |error: io::Error| BackendError::Io { path: partial.display().to_string(), detail: error.to_string() };
    // What an earlier attempt left behind.
    let _ = fs::remove_file(partial);
    create_private(partial).map_err(unusable)?;
    let connection = file::connect(from).failing(from)?;
    let name = partial.to_str().ok_or_else(|| unusable(io::Error::other("the name is not UTF-8")))?;
    connection.execute("VACUUM INTO ?1", [name]).map(|_| ()).failing(partial)
}

/// A hard link does not overwrite, unlike a rename.
fn publish(partial: &Path, to: &Path) -> io::Result<()> {
    File::open(partial)?.sync_all()?;
    fs::hard_link(partial, to)?;
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync_directory(parent)
}

fn partial_name(to: &Path) -> PathBuf {
    let mut name = OsString::from(to);
    name.push(".partial");
    name.into()
}
