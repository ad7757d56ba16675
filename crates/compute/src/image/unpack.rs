//! Unpacks an untrusted archive into a directory that becomes a layer.
//!
//! Every path is resolved by the kernel within that directory, whatever links the archive made in it, so nothing outside is
//! ever touched. Owners, permissions and capabilities of files are kept; device nodes are left out, because instances have
//! none but the usual; marks of overlayfs in an archive are left out, because they could make one layer show another.

use super::{
    Digest,
    tar::{Archive, Entry, Kind, show},
};
use crate::sandbox::{opaque_descriptor, whiteout_in};
use flate2::read::MultiGzDecoder;
use rustix::{
    fs::{AtFlags, FileType, Gid, Mode, OFlags, ResolveFlags, Timespec, Timestamps, Uid, XattrFlags},
    io::Errno,
};
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::{self, BufReader, Read},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::Path,
};

/// The most files in one image.
const MAXIMUM_ENTRIES: u64 = 2_000_000;
/// The most bytes in one image.
const MAXIMUM_BYTES: u64 = 64 << 30;
/// The longest path, in bytes, as the kernel has it.
const MAXIMUM_PATH: usize = 4095;
/// The deepest nesting.
const MAXIMUM_DEPTH: usize = 128;
/// What files in an OCI layer begin with that take away what is below.
const WHITEOUT: &[u8] = b".wh.";
/// What hides everything of the layers below in its directory.
const OPAQUE: &[u8] = b".wh..wh..opq";
/// Of directories that the archive does not mention.
const IMPLICIT: u32 = 0o755;

/// What is left of the bounds of one image.
pub(super) struct Allowance {
    entries: u64,
    bytes: u64,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { entries: MAXIMUM_ENTRIES, bytes: MAXIMUM_BYTES }
    }
}

#[cfg(test)]
impl Allowance {
    /// A smaller one.
    pub(super) fn of(entries: u64, bytes: u64) -> Self {
        Self { entries, bytes }
    }
}

/// Whether the archive can take away what other layers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whiteouts {
    /// It is a layer over others.
    Understood,
    /// It stands alone: such names are names like any other.
    Ignored,
}

/// Unpacks `archive`, which may be compressed, into the empty directory `root`; the digest of the archive without its
/// compression, and the size of its files in bytes.
pub(super) fn unpack(
    archive: impl Read,
    root: &Path,
    whiteouts: Whiteouts,
    allowance: &mut Allowance,
) -> Result<(Digest, u64), String> {
    let limit = allowance.bytes.saturating_mul(2);
    let mut hashed = Hashed { stream: uncompressed(archive)?, hash: Sha256::new(), left: limit };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = rustix::fs::open(root, flags, Mode::empty()).map_err(|error| error.to_string())?;
    let before = allowance.bytes;
    let mut unpacking = Unpacking { root, whiteouts, allowance, parent: None };
    let mut archive = Archive::new(&mut hashed);
    while let Some(entry) = archive.next()? {
        unpacking.entry(&entry, &mut archive).map_err(|reason| format!("{}: {reason}", show(&entry.path)))?;
    }
    let size = before - unpacking.allowance.bytes;
    // The digest is that of all bytes, also of those behind the mark of the end.
    io::copy(&mut hashed, &mut io::sink()).map_err(|error| error.to_string())?;
    Ok((Digest::of(hashed.hash), size))
}

/// Finds the compression out by the first bytes.
fn uncompressed<'a>(archive: impl Read + 'a) -> Result<Box<dyn Read + 'a>, String> {
    let mut archive = BufReader::with_capacity(1 << 16, archive);
    let begin = io::BufRead::fill_buf(&mut archive).map_err(|error| error.to_string())?;
    match begin {
        [0x1f, 0x8b, ..] => Ok(Box::new(BufReader::new(MultiGzDecoder::new(archive)))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(archive).map_err(|error| error.to_string())?;
            Ok(Box::new(BufReader::new(decoder)))
        }
        [0xfd, b'7', b'z', b'X', b'Z', ..] => {
            Err("it is compressed with xz; unpack it, or use gzip or zstd".to_owned())
        }
        [b'B', b'Z', b'h', ..] => Err("it is compressed with bzip2; unpack it, or use gzip or zstd".to_owned()),
        _ => Ok(Box::new(archive)),
    }
}

/// A stream whose bytes are hashed and counted as they pass.
struct Hashed<R> {
    stream: R,
    hash: Sha256,
    left: u64,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(buffer)?;
        self.hash.update(&buffer[..length]);
        self.left = self.left.checked_sub(length as u64).ok_or_else(|| io::Error::other(TOO_LARGE))?;
        Ok(length)
    }
}

const TOO_LARGE: &str = "the image is too large";

struct Unpacking<'a> {
    root: OwnedFd,
    whiteouts: Whiteouts,
    allowance: &'a mut Allowance,
    /// The directory of the entry before: most entries share it with the next.
    parent: Option<(Vec<u8>, OwnedFd)>,
}

impl Unpacking<'_> {
    fn entry(&mut self, entry: &Entry, content: &mut impl Read) -> Result<(), String> {
        self.allowance.entries = self.allowance.entries.checked_sub(1).ok_or("the image has too many files")?;
        self.allowance.bytes = self.allowance.bytes.checked_sub(entry.size).ok_or(TOO_LARGE)?;
        let parts = parts(&entry.path)?;
        // The root itself: the instance's own directory says what it is like.
        let Some((name, above)) = parts.split_last() else { return Ok(()) };
        let parent = self.directory(above)?;
        let parent = parent.as_fd();
        if self.whiteouts == Whiteouts::Understood && name.starts_with(WHITEOUT) {
            return whiteout(parent, name);
        }
        let text = |error: Errno| io::Error::from(error).to_string();
        match entry.kind {
            Kind::Directory => {
                make_directory(parent, name)?;
                self.parent = None;
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let directory = rustix::fs::openat(parent, *name, flags, Mode::empty()).map_err(text)?;
                dress(directory.as_fd(), entry)
            }
            Kind::File => {
                clear(parent, name)?;
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let file = rustix::fs::openat(parent, *name, flags, Mode::from_raw_mode(0o600)).map_err(text)?;
                let mut file = File::from(file);
                io::copy(content, &mut file).map_err(|error| error.to_string())?;
                dress(file.as_fd(), entry)
            }
            Kind::SymbolicLink => {
                clear(parent, name)?;
                rustix::fs::symlinkat(entry.link.as_slice(), parent, *name).map_err(text)?;
                own(parent, name, entry)
            }
            Kind::HardLink => self.hard_link(parent, name, &entry.link),
            Kind::Fifo => {
                clear(parent, name)?;
                let mode = Mode::from_raw_mode(entry.mode);
                rustix::fs::mknodat(parent, *name, FileType::Fifo, mode, 0).map_err(text)?;
                own(parent, name, entry)
            }
            Kind::Device => Ok(()),
        }
    }

    fn hard_link(&mut self, parent: BorrowedFd<'_>, name: &[u8], link: &[u8]) -> Result<(), String> {
        let target = parts(link)?;
        let Some((target_name, above)) = target.split_last() else { return Err("it links to the root".to_owned()) };
        let directory = self.open(&above.join(&b'/'));
        let directory =
            directory.map_err(|error| format!("what it links to is not there: {}", io::Error::from(error)))?;
        clear(parent, name)?;
        rustix::fs::linkat(directory, *target_name, parent, name, AtFlags::empty())
            .map_err(|error| format!("it cannot be linked to {}: {}", show(link), io::Error::from(error)))
    }

    /// The directory of that path, made if the archive has not mentioned it.
    fn directory(&mut self, path: &[&[u8]]) -> Result<OwnedFd, String> {
        let text = |error: Errno| io::Error::from(error).to_string();
        let joined = path.join(&b'/');
        if let Some((_, directory)) = self.parent.as_ref().filter(|(known, _)| *known == joined) {
            return directory.try_clone().map_err(|error| error.to_string());
        }
        let opened = match self.open(&joined) {
            Ok(opened) => opened,
            Err(Errno::NOENT) => {
                let Some((name, above)) = path.split_last() else { return Err(text(Errno::NOENT)) };
                let parent = self.directory(above)?;
                // Nothing is replaced for it: a link that leads nowhere is a mistake in the archive.
                rustix::fs::mkdirat(&parent, *name, Mode::from_raw_mode(IMPLICIT)).map_err(text)?;
                self.open(&joined).map_err(text)?
            }
            Err(error) => return Err(text(error)),
        };
        let kept = opened.try_clone().map_err(|error| error.to_string())?;
        self.parent = Some((joined, kept));
        Ok(opened)
    }

    /// Opens a directory within the root: links in it are followed as a system that has it as its root would.
    fn open(&self, path: &[u8]) -> Result<OwnedFd, Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let path = if path.is_empty() { b".".as_slice() } else { path };
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_XDEV;
        rustix::fs::openat2(&self.root, path, flags, Mode::empty(), resolve)
    }
}

/// The names in a path. Leading slashes and `.` are left out, `..` is refused.
fn parts(path: &[u8]) -> Result<Vec<&[u8]>, String> {
    if path.len() > MAXIMUM_PATH {
        return Err("the path is too long".to_owned());
    }
    let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".").collect();
    if parts.contains(&b"..".as_slice()) {
        return Err("the path leads out of the image".to_owned());
    }
    if parts.len() > MAXIMUM_DEPTH {
        return Err(format!("nested deeper than {MAXIMUM_DEPTH} directories"));
    }
    Ok(parts)
}

/// Makes a directory in the place of anything else that the archive had there.
fn make_directory(parent: BorrowedFd<'_>, name: &[u8]) -> Result<(), String> {
    let mode = 0o700;
    let text = |error: Errno| io::Error::from(error).to_string();
    match rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(mode)) {
        Ok(()) => Ok(()),
        Err(Errno::EXIST) => {
            let present = rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).map_err(text)?;
            if FileType::from_raw_mode(present.st_mode) == FileType::Directory {
                return Ok(());
            }
            rustix::fs::unlinkat(parent, name, AtFlags::empty()).map_err(text)?;
            rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(mode)).map_err(text)
        }
        Err(error) => Err(text(error)),
    }
}

/// Makes place for an entry: the last of several with the same name counts.
fn clear(parent: BorrowedFd<'_>, name: &[u8]) -> Result<(), String> {
    match rustix::fs::unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(Errno::ISDIR) => Err("it was a directory before in the same archive".to_owned()),
        Err(error) => Err(io::Error::from(error).to_string()),
    }
}

fn whiteout(parent: BorrowedFd<'_>, name: &[u8]) -> Result<(), String> {
    if name == OPAQUE {
        return opaque_descriptor(parent).map_err(|error| error.to_string());
    }
    let hidden = &name[WHITEOUT.len()..];
    if hidden.is_empty() || hidden == b"." || hidden == b".." {
        return Err("it takes away nothing that has a name".to_owned());
    }
    // Other names of that kind are another file system's own notes.
    if hidden.starts_with(WHITEOUT) {
        return Ok(());
    }
    match whiteout_in(parent, hidden) {
        // It takes away what is in the layers below; what this one has stays.
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(error) => Err(io::Error::from(error).to_string()),
    }
}

/// Owner, permissions, attributes and time, in an order in which none undoes another.
fn dress(file: BorrowedFd<'_>, entry: &Entry) -> Result<(), String> {
    let text = |error: Errno| io::Error::from(error).to_string();
    rustix::fs::fchown(file, Some(Uid::from_raw(entry.uid)), Some(Gid::from_raw(entry.gid)))
        .map_err(|error| not_owned(entry, error))?;
    rustix::fs::fchmod(file, Mode::from_raw_mode(entry.mode)).map_err(text)?;
    for (name, value) in &entry.attributes {
        if name == b"security.capability" || name.starts_with(b"user.") {
            match rustix::fs::fsetxattr(file, name.as_slice(), value, XattrFlags::empty()) {
                Ok(()) | Err(Errno::NOTSUP) => {}
                Err(error) => return Err(text(error)),
            }
        }
    }
    let time = Timespec { tv_sec: entry.modified, tv_nsec: 0 };
    rustix::fs::futimens(file, &Timestamps { last_access: time, last_modification: time }).map_err(text)
}

fn own(parent: BorrowedFd<'_>, name: &[u8], entry: &Entry) -> Result<(), String> {
    let (uid, gid) = (Uid::from_raw(entry.uid), Gid::from_raw(entry.gid));
    rustix::fs::chownat(parent, name, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)
        .map_err(|error| not_owned(entry, error))
}

/// A user namespace without that user says that the argument is not valid.
fn not_owned(entry: &Entry, error: Errno) -> String {
    match error {
        Errno::INVAL => format!(
            "it belongs to {}:{}, whom this user may not give anything to: `goru doctor` says how it may",
            entry.uid, entry.gid
        ),
        error => io::Error::from(error).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    /// An archive of one file of the one that runs the test.
    fn archive(content: &[u8]) -> Vec<u8> {
        let mut header = [0_u8; 512];
        header[0] = b'a';
        header[100..107].copy_from_slice(b"0000644");
        let own = |id: u32| format!("{id:07o}");
        header[108..115].copy_from_slice(own(rustix::process::geteuid().as_raw()).as_bytes());
        header[116..123].copy_from_slice(own(rustix::process::getegid().as_raw()).as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[156] = b'0';
        header[148..156].copy_from_slice(b"        ");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        let mut archive = [&header[..], content].concat();
        archive.resize(archive.len().div_ceil(512) * 512 + 1024, 0);
        archive
    }

    #[test]
    fn an_image_is_bounded_in_files_and_bytes_also_when_it_is_packed() {
        let content = vec![b'x'; 100_000];
        let plain = archive(&content);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&plain).unwrap();
        let packed = encoder.finish().unwrap();
        for (entries, bytes, expected) in [
            (1, 100_000, None),
            (0, 100_000, Some("too many files")),
            (1, 99_999, Some(TOO_LARGE)),
            (1, 10, Some(TOO_LARGE)),
        ] {
            for archive in [&plain, &packed] {
                let root = tempfile::tempdir().unwrap();
                let mut allowance = Allowance::of(entries, bytes);
                let unpacked = unpack(archive.as_slice(), root.path(), Whiteouts::Ignored, &mut allowance);
                match (unpacked, expected) {
                    (Ok((digest, size)), None) => {
                        assert_eq!((digest, size), (Digest::of_bytes(&plain), 100_000));
                        assert_eq!(std::fs::read(root.path().join("a")).unwrap(), content);
                    }
                    (Err(reason), Some(expected)) => assert!(reason.contains(expected), "{reason}"),
                    (unpacked, expected) => panic!("{unpacked:?} instead of {expected:?}"),
                }
            }
        }
    }
}
