//! One of the node's own log files with its older parts: bounded, opened again when somebody moved it away, and no
//! obstacle when the disk does not take it.

use super::AccessLogOptions;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Lines are collected up to this size, in bytes, before they are written.
const BATCH_BYTES: usize = 256 << 10;

/// One log file with its older parts.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    maximum_bytes: u64,
    kept_files: usize,
    file: Option<File>,
    written: u64,
    batch: Vec<u8>,
    lines: u64,
    unwritten: u64,
    failing: bool,
}

impl Output {
    /// Opens the file of that name.
    pub fn new(options: &AccessLogOptions, name: &str) -> Self {
        let mut output = Self {
            path: options.directory.join(name),
            maximum_bytes: options.maximum_file_bytes,
            kept_files: options.kept_files,
            file: None,
            written: 0,
            batch: Vec::with_capacity(BATCH_BYTES + (64 << 10)),
            lines: 0,
            unwritten: 0,
            failing: false,
        };
        output.open();
        output
    }

    /// Opens it, or another one of the same name.
    pub fn open(&mut self) {
        self.file = None;
        match open(&self.path) {
            Ok((file, length)) => {
                self.file = Some(file);
                self.written = length;
                self.failing = false;
            }
            Err(error) => self.failed("open", &error),
        }
    }

    /// Said once per time of trouble, not once per line.
    fn failed(&mut self, what: &str, error: &io::Error) {
        if !self.failing {
            tracing::warn!(path = %self.path.display(), %error, "cannot {what} the access log; its lines are lost");
        }
        self.failing = true;
    }

    /// How many lines could not be written so far.
    pub fn unwritten(&self) -> u64 {
        self.unwritten
    }

    /// Adds a line, and shows it to somebody.
    #[inline]
    pub fn add(&mut self, write: impl FnOnce(&mut Vec<u8>), shown: impl FnOnce(&[u8])) {
        let from = self.batch.len();
        write(&mut self.batch);
        shown(&self.batch[from..]);
        self.lines += 1;
        if self.batch.len() >= BATCH_BYTES {
            self.flush();
        }
    }

    /// Writes the lines that were added.
    pub fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        let result = match &mut self.file {
            Some(file) => file.write_all(&self.batch),
            None => Err(io::Error::from(io::ErrorKind::NotFound)),
        };
        match result {
            Ok(()) => self.written += u64::try_from(self.batch.len()).unwrap_or(0),
            Err(error) => {
                self.unwritten += self.lines;
                self.failed("write", &error);
                // Part of the batch may be there; the next line must begin on a line of its own.
                self.file = None;
            }
        }
        self.batch.clear();
        self.lines = 0;
        if self.written >= self.maximum_bytes && self.file.is_some() {
            self.rotate();
        }
    }

    /// Opens the file again when it failed, was renamed or removed.
    pub fn check(&mut self) {
        let here = |file: &File| Some((file.metadata().ok()?.dev(), file.metadata().ok()?.ino()));
        let there = fs::metadata(&self.path).ok().map(|m| (m.dev(), m.ino()));
        if there.is_none() || self.file.as_ref().and_then(here) != there {
            self.open();
        }
    }

    fn rotate(&mut self) {
        self.file = None;
        if let Err(error) = rotate(&self.path, self.kept_files) {
            self.failed("rotate", &error);
            // The bound matters more than the lines.
            let _ = fs::remove_file(&self.path);
        }
        self.open();
    }
}

/// Opens a log file for appending, with a line end after a line that a crash or a full disk cut short.
fn open(path: &Path) -> io::Result<(File, u64)> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o640).open(path)?;
    let mut length = file.metadata()?.len();
    if length > 0 {
        let mut last = [0];
        std::os::unix::fs::FileExt::read_exact_at(&file, &mut last, length - 1)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
            length += 1;
        }
    }
    Ok((file, length))
}

/// `access.log` becomes `access.log.1`, that `access.log.2`, and so on; the oldest goes.
fn rotate(path: &Path, kept: usize) -> io::Result<()> {
    if kept == 0 {
        return fs::remove_file(path);
    }
    let numbered = |n: usize| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{n}"));
        PathBuf::from(name)
    };
    for n in (1..kept).rev() {
        match fs::rename(numbered(n), numbered(n + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    fs::rename(path, numbered(1))
}
