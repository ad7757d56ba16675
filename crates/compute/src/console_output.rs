//! The console of an instance on disk: everything that it wrote, of which only the newest part is kept.
//!
//! The file is appended to until it holds twice what is shown, then it is cut to the newest half: at most two bytes are
//! written for one. Writing never fails the instance: on a full disk its output is lost, not its work.

use crate::driver::MAXIMUM_CONSOLE_OUTPUT;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// The writing end, held by the shim.
pub(crate) struct ConsoleWriter {
    path: PathBuf,
    file: File,
    length: u64,
}

impl ConsoleWriter {
    /// Opens the console for appending.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, length })
    }

    /// Appends; errors are swallowed, see the head of this file.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        // Of a very long write only the end would be kept anyway.
        let bytes = &bytes[bytes.len().saturating_sub(MAXIMUM_CONSOLE_OUTPUT)..];
        let added = bytes.len() as u64;
        if self.length + added > 2 * MAXIMUM_CONSOLE_OUTPUT as u64 && self.cut().is_err() {
            return;
        }
        if self.file.write_all(bytes).is_ok() {
            self.length += added;
        }
    }

    /// Keeps the newest part only: written beside and renamed, so that a reader sees the old or the new file.
    fn cut(&mut self) -> io::Result<()> {
        let kept = read_console(&self.path)?.unwrap_or_default();
        let temporary = self.path.with_extension("cut");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(&kept)?;
        fs::rename(&temporary, &self.path)?;
        *self = Self::open(&self.path)?;
        Ok(())
    }
}

/// The newest part of a console; `None` when there is no such file.
pub(crate) fn read_console(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(MAXIMUM_CONSOLE_OUTPUT as u64)))?;
    let mut bytes = Vec::new();
    // It may grow while it is read.
    file.take(MAXIMUM_CONSOLE_OUTPUT as u64).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_part_is_kept_and_the_file_stays_bounded() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("console.log");
        let mut all = Vec::new();
        let mut writer = ConsoleWriter::open(&path).unwrap();
        for n in 0..60_000_u32 {
            let line = format!("line {n}\n");
            writer.write(line.as_bytes());
            all.extend_from_slice(line.as_bytes());
            assert!(n % 1000 != 0 || fs::metadata(&path).unwrap().len() <= 2 * MAXIMUM_CONSOLE_OUTPUT as u64);
        }
        let shown = read_console(&path).unwrap().unwrap();
        assert_eq!(shown, all[all.len() - MAXIMUM_CONSOLE_OUTPUT..]);
    }

    #[test]
    fn a_write_longer_than_the_whole_console_leaves_its_end() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("console.log");
        let mut writer = ConsoleWriter::open(&path).unwrap();
        writer.write(b"before");
        let mut long = vec![b'x'; 3 * MAXIMUM_CONSOLE_OUTPUT];
        long.extend_from_slice(b"end");
        writer.write(&long);
        let shown = read_console(&path).unwrap().unwrap();
        assert_eq!(shown.len(), MAXIMUM_CONSOLE_OUTPUT);
        assert!(shown.ends_with(b"xend"));
    }

    #[test]
    fn a_reopened_console_goes_on_where_it_was() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("console.log");
        ConsoleWriter::open(&path).unwrap().write(b"first ");
        ConsoleWriter::open(&path).unwrap().write(b"second");
        assert_eq!(read_console(&path).unwrap().unwrap(), b"first second");
        assert_eq!(read_console(&temporary.path().join("absent")).unwrap(), None);
    }
}
