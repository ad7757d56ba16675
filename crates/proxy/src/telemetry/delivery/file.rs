//! One log file under way: written under another name, in a directory of this node's own in the bucket, and renamed when
//! it is complete and on disk. Nobody sees half a file under a final name.
//!
//! It is not kept open. What a crash leaves behind is finished by the next start ([`recover`]): everything up to the last
//! line that can be read is delivered.

use super::gzip::{Compressor, Gzip};
use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// What the name of a file under way ends with.
const UNDER_WAY: &str = "partial";
/// And that of one that takes the place of one that was cut.
const WHOLE: &str = "whole";
/// Directories below this depth are not looked into: a prefix has at most 1024 characters.
const MAXIMUM_DEPTH: usize = 520;

/// A file under way.
#[derive(Debug)]
pub struct LogFile {
    bucket: PathBuf,
    own: PathBuf,
    partial: PathBuf,
    complete: PathBuf,
    gzip: Gzip,
    /// Bytes that are known to be in it; what is behind them is from a write that failed.
    written: u64,
}

impl LogFile {
    /// A file that will be called `name` in the bucket, and meanwhile is in the directory `own` in it. Nothing is written yet.
    pub fn new(bucket: &Path, own: &str, name: &Path) -> Self {
        let own = bucket.join(own);
        Self {
            partial: with_suffix(&own.join(name)),
            complete: bucket.join(name),
            bucket: bucket.to_owned(),
            own,
            gzip: Gzip::default(),
            written: 0,
        }
    }

    /// Its size so far, in bytes.
    pub fn size(&self) -> u64 {
        self.written
    }

    /// Where it will be.
    pub fn path(&self) -> &Path {
        &self.complete
    }

    /// Adds lines. `room` is used for what is written.
    ///
    /// # Errors
    /// The lines are not in the file; what was before them is.
    pub fn add(&mut self, lines: &[u8], compressor: &mut Compressor, room: &mut Vec<u8>) -> io::Result<()> {
        room.clear();
        if self.written == 0 {
            room.extend_from_slice(Gzip::header());
        }
        Gzip::piece(compressor, lines, room);
        let mut file = self.open()?;
        if let Err(error) = file.write_all(room) {
            // If that fails too, the next one to open the file cuts it.
            let _ = file.set_len(self.written);
            return Err(error);
        }
        self.written += room.len() as u64;
        self.gzip.wrote(lines);
        Ok(())
    }

    /// Opens it where it was left off.
    fn open(&self) -> io::Result<File> {
        if self.written == 0 {
            // A bucket that does not exist is not made: its name may be a mistake.
            fs::metadata(&self.bucket)?;
            fs::create_dir_all(self.partial.parent().unwrap_or(&self.own))?;
            return OpenOptions::new().write(true).create(true).truncate(true).mode(0o640).open(&self.partial);
        }
        let file = OpenOptions::new().append(true).open(&self.partial)?;
        if file.metadata()?.len() != self.written {
            file.set_len(self.written)?;
        }
        Ok(file)
    }

    /// Completes it and gives it its name.
    ///
    /// # Errors
    /// It is as it was, and this can be tried again.
    pub fn finish(&self) -> io::Result<()> {
        if self.written == 0 {
            return Ok(());
        }
        let mut file = self.open()?;
        if let Err(error) = file.write_all(&self.gzip.end()).and_then(|()| file.sync_all()) {
            let _ = file.set_len(self.written);
            return Err(error);
        }
        publish(&self.partial, &self.complete)?;
        tidy(&self.partial, &self.own);
        Ok(())
    }

    /// Gives it up.
    pub fn abandon(&self) {
        // It may be gone already, which is why it is given up.
        let _ = fs::remove_file(&self.partial);
        tidy(&self.partial, &self.own);
    }
}

fn with_suffix(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(UNDER_WAY);
    PathBuf::from(name)
}

/// Renames a file that is on disk, and makes sure that the new name is too.
fn publish(from: &Path, to: &Path) -> io::Result<()> {
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder)?;
    fs::rename(from, to)?;
    File::open(folder)?.sync_all()
}

/// Removes the empty directories that a file under way leaves.
fn tidy(partial: &Path, own: &Path) {
    let mut folder = partial.parent();
    while let Some(path) = folder.filter(|path| path.starts_with(own)) {
        // One that has something in it stays, and so do those above it.
        if fs::remove_dir(path).is_err() {
            return;
        }
        folder = path.parent();
    }
}

/// Finishes what an earlier process of this node left in the bucket. Returns how many files were delivered.
pub fn recover(bucket: &Path, own: &str) -> usize {
    let own = bucket.join(own);
    let mut left = Vec::new();
    collect(&own, 0, &mut left);
    left.iter().filter(|partial| deliver(bucket, &own, partial)).count()
}

fn collect(folder: &Path, depth: usize, left: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < MAXIMUM_DEPTH => collect(&path, depth + 1, left),
            Ok(kind) if kind.is_file() && path.extension() == Some(OsStr::new(UNDER_WAY)) => left.push(path),
            // From a start that crashed too; what it was made from is still there.
            Ok(kind) if kind.is_file() && path.extension() == Some(OsStr::new(WHOLE)) => drop(fs::remove_file(path)),
            Ok(_) | Err(_) => {}
        }
    }
}

/// Writes what can be read of a file that was left behind as a complete one.
fn deliver(bucket: &Path, own: &Path, partial: &Path) -> bool {
    let Ok(name) = partial.strip_prefix(own) else { return false };
    let complete = bucket.join(name.with_extension(""));
    match salvage(partial) {
        Ok(true) => {
            if let Err(error) = publish(partial, &complete) {
                tracing::warn!(file = %partial.display(), %error, "a log file that a crash left behind cannot be delivered");
                return false;
            }
            tidy(partial, own);
            true
        }
        Ok(false) => {
            let _ = fs::remove_file(partial);
            tidy(partial, own);
            false
        }
        Err(error) => {
            tracing::warn!(file = %partial.display(), %error, "a log file that a crash left behind cannot be read");
            false
        }
    }
}

/// Replaces a file that was cut by one that is whole; `false` when not even one line is in it.
fn salvage(partial: &Path) -> io::Result<bool> {
    const PIECE: usize = 256 << 10;
    let whole = partial.with_extension(WHOLE);
    let mut reader = flate2::read::GzDecoder::new(io::BufReader::new(File::open(partial)?));
    let mut writer = OpenOptions::new().write(true).create(true).truncate(true).mode(0o640).open(&whole)?;
    let (mut compressor, mut gzip, mut room) = (Compressor::default(), Gzip::default(), Gzip::header().to_vec());
    let (mut piece, mut any, mut ended) = (Vec::with_capacity(2 * PIECE), false, false);
    while !ended {
        let kept = piece.len();
        piece.resize(kept + PIECE, 0);
        // The end of what can be read is an error or, in a file that is whole, none.
        let read = reader.read(&mut piece[kept..]).unwrap_or(0);
        piece.truncate(kept + read);
        ended = read == 0;
        let lines = piece.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if lines > 0 {
            Gzip::piece(&mut compressor, &piece[..lines], &mut room);
            gzip.wrote(&piece[..lines]);
            writer.write_all(&room)?;
            room.clear();
            piece.drain(..lines);
            any = true;
        }
    }
    writer.write_all(&gzip.end())?;
    writer.sync_all()?;
    if any {
        fs::rename(&whole, partial)?;
    } else {
        fs::remove_file(&whole)?;
    }
    Ok(any)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = ".goru-test";

    fn read(path: &Path) -> String {
        let mut text = String::new();
        flate2::read::GzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
        text
    }

    fn add(file: &mut LogFile, lines: &str) {
        file.add(lines.as_bytes(), &mut Compressor::default(), &mut Vec::new()).unwrap();
    }

    #[test]
    fn a_file_appears_whole_under_its_name_and_nothing_else_stays() {
        let bucket = tempfile::tempdir().unwrap();
        let mut file = LogFile::new(bucket.path(), OWN, Path::new("p/AWSLogs/x.log.gz"));
        for i in 0..10 {
            add(&mut file, &format!("line {i}\n"));
            assert!(!file.path().exists());
        }
        file.finish().unwrap();
        assert_eq!(read(file.path()), (0..10).map(|i| format!("line {i}\n")).collect::<String>());
        assert!(!bucket.path().join(OWN).exists());
    }

    #[test]
    fn a_file_without_lines_does_not_appear() {
        let bucket = tempfile::tempdir().unwrap();
        let file = LogFile::new(bucket.path(), OWN, Path::new("x.log.gz"));
        file.finish().unwrap();
        assert_eq!(fs::read_dir(bucket.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_bucket_that_does_not_exist_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let bucket = folder.path().join("misspelt");
        let mut file = LogFile::new(&bucket, OWN, Path::new("x.log.gz"));
        let error = file.add(b"line\n", &mut Compressor::default(), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(!bucket.exists());
        fs::create_dir(&bucket).unwrap();
        add(&mut file, "line\n");
        file.finish().unwrap();
        assert_eq!(read(file.path()), "line\n");
    }

    #[test]
    fn what_a_failed_write_left_is_cut_off() {
        let bucket = tempfile::tempdir().unwrap();
        let mut file = LogFile::new(bucket.path(), OWN, Path::new("x.log.gz"));
        add(&mut file, "first\n");
        let mut raw = OpenOptions::new().append(true).open(&file.partial).unwrap();
        raw.write_all(b"half a piece").unwrap();
        add(&mut file, "second\n");
        raw.write_all(b"half an end").unwrap();
        file.finish().unwrap();
        assert_eq!(read(file.path()), "first\nsecond\n");
    }

    #[test]
    fn a_full_disk_refuses_lines_and_the_file_goes_on_when_there_is_room() {
        let bucket = tempfile::tempdir().unwrap();
        let mut file = LogFile::new(bucket.path(), OWN, Path::new("x.log.gz"));
        fs::create_dir(bucket.path().join(OWN)).unwrap();
        std::os::unix::fs::symlink("/dev/full", &file.partial).unwrap();
        for _ in 0..2 {
            let error = file.add(b"lost\n", &mut Compressor::default(), &mut Vec::new()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
            assert_eq!(file.size(), 0);
        }
        fs::remove_file(&file.partial).unwrap();
        add(&mut file, "kept\n");
        file.finish().unwrap();
        assert_eq!(read(file.path()), "kept\n");
    }

    #[test]
    fn what_a_crash_left_is_delivered_up_to_the_last_line_that_can_be_read() {
        let made = tempfile::tempdir().unwrap();
        let mut file = LogFile::new(made.path(), OWN, Path::new("a/x.log.gz"));
        let lines: Vec<String> = (0..6).map(|i| format!("line {i} {}\n", "x".repeat(i * 7))).collect();
        lines.iter().for_each(|line| add(&mut file, line));
        let bytes = fs::read(&file.partial).unwrap();
        let whole = lines.concat();
        let mut most = 0;
        for cut in (0..=bytes.len()).rev() {
            let bucket = tempfile::tempdir().unwrap();
            let partial = bucket.path().join(OWN).join("a/x.log.gz.partial");
            fs::create_dir_all(partial.parent().unwrap()).unwrap();
            fs::write(&partial, &bytes[..cut]).unwrap();
            let delivered = recover(bucket.path(), OWN);
            let complete = bucket.path().join("a/x.log.gz");
            assert_eq!(complete.exists(), delivered == 1, "{cut}");
            assert!(!bucket.path().join(OWN).exists(), "{cut}");
            if delivered == 1 {
                let text = read(&complete);
                assert!(whole.starts_with(&text) && text.ends_with('\n'), "{cut}: {text}");
                most = most.max(text.len());
            }
        }
        assert_eq!(most, whole.len(), "all of it, where all of it had been written");
    }
}
