//! Makes a layer of what an instance changed: a copy of its own directory that nobody writes to any more, named by its
//! content. What takes files of the layers below away is copied too; notes of overlayfs to itself are not.

use super::Digest;
use crate::sandbox::{opaque_mark, whiteout};
use rustix::{
    fs::{CWD, FileType, Gid, Mode, Timespec, Timestamps, Uid, XattrFlags},
    io::Errno,
};
use sha2::{Digest as _, Sha256};
use std::{
    collections::HashMap,
    ffi::{CStr, OsStr},
    fs::{self, File, Metadata},
    io::{self, Read, Write},
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt, lchown, symlink},
    },
    path::{Path, PathBuf},
};

/// The deepest nesting that is followed.
const MAXIMUM_DEPTH: usize = 256;
/// The longest list of attributes' names and the longest value that the kernel has.
const MAXIMUM_ATTRIBUTE: usize = 64 << 10;

/// Copies the tree `from` into the empty directory `to`; what names its content, and the bytes of its files.
pub(crate) fn copy_layer(from: &Path, to: &Path) -> io::Result<(Digest, u64)> {
    let mut copy = Copy { hash: Sha256::new(), bytes: 0, links: HashMap::new() };
    copy.children(from, to, 0)?;
    Ok((Digest::of(copy.hash), copy.bytes))
}

struct Copy {
    hash: Sha256,
    bytes: u64,
    /// Where a file with several names was copied to first.
    links: HashMap<u64, PathBuf>,
}

impl Copy {
    fn children(&mut self, from: &Path, to: &Path, depth: usize) -> io::Result<()> {
        if depth > MAXIMUM_DEPTH {
            return Err(io::Error::other(format!("{} is nested too deep", from.display())));
        }
        let names: io::Result<Vec<_>> = fs::read_dir(from)?.map(|entry| Ok(entry?.file_name())).collect();
        let mut names = names?;
        names.sort();
        for name in names {
            self.entry(&from.join(&name), &to.join(&name), depth)?;
        }
        self.note(b"end");
        Ok(())
    }

    fn entry(&mut self, from: &Path, to: &Path, depth: usize) -> io::Result<()> {
        let metadata = fs::symlink_metadata(from)?;
        let kind = metadata.file_type();
        if kind.is_socket() || kind.is_block_device() || (kind.is_char_device() && metadata.rdev() != 0) {
            // Nobody listens any more, and an instance has no devices.
            return Ok(());
        }
        self.note(from.file_name().unwrap_or(OsStr::new("")).as_bytes());
        if kind.is_char_device() {
            self.note(b"taken away");
            return whiteout(to);
        }
        if !kind.is_dir() && metadata.nlink() > 1 {
            if let Some(first) = self.links.get(&metadata.ino()) {
                let first = first.clone();
                self.note(b"link");
                return fs::hard_link(first, to);
            }
            self.links.insert(metadata.ino(), to.to_owned());
        }
        self.note(format!("{:o} {} {}", metadata.mode(), metadata.uid(), metadata.gid()).as_bytes());
        if kind.is_dir() {
            fs::DirBuilder::new().mode(0o700).create(to)?;
            self.attributes(from, to)?;
            self.children(from, to, depth + 1)?;
        } else if kind.is_symlink() {
            let target = fs::read_link(from)?;
            self.note(target.as_os_str().as_bytes());
            symlink(target, to)?;
            return lchown(to, Some(metadata.uid()), Some(metadata.gid()));
        } else if kind.is_fifo() {
            rustix::fs::mknodat(CWD, to, FileType::Fifo, Mode::from_raw_mode(0o600), 0)?;
        } else {
            self.content(from, to)?;
        }
        dress(to, &metadata)?;
        if kind.is_file() { self.attributes(from, to) } else { Ok(()) }
    }

    fn content(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let (mut from, mut to) = (File::open(from)?, File::create_new(to)?);
        let mut piece = vec![0_u8; 128 << 10];
        let mut content = Sha256::new();
        loop {
            let length = from.read(&mut piece)?;
            if length == 0 {
                break;
            }
            content.update(&piece[..length]);
            to.write_all(&piece[..length])?;
            self.bytes += length as u64;
        }
        self.note(&content.finalize());
        Ok(())
    }

    /// Capabilities of programs, users' own attributes, and the mark that hides what is below.
    fn attributes(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let mut names = vec![0_u8; MAXIMUM_ATTRIBUTE];
        let length = match rustix::fs::llistxattr(from, names.as_mut_slice()) {
            Ok(length) => length,
            Err(Errno::NOTSUP) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let mut kept: Vec<&[u8]> = names[..length].split_inclusive(|byte| *byte == 0).collect();
        kept.retain(|name| {
            *name == b"security.capability\0"
                || (name.starts_with(b"user.") && !name.starts_with(b"user.overlay."))
                || **name == *opaque_mark().to_bytes_with_nul()
        });
        kept.sort_unstable();
        for name in kept {
            let Ok(name) = CStr::from_bytes_with_nul(name) else { continue };
            let mut value = vec![0_u8; MAXIMUM_ATTRIBUTE];
            let length = rustix::fs::lgetxattr(from, name, value.as_mut_slice())?;
            self.note(name.to_bytes());
            self.note(&value[..length]);
            rustix::fs::lsetxattr(to, name, &value[..length], XattrFlags::empty())?;
        }
        Ok(())
    }

    /// Everything is hashed with its length, so that no two different trees read the same.
    fn note(&mut self, bytes: &[u8]) {
        self.hash.update((bytes.len() as u64).to_le_bytes());
        self.hash.update(bytes);
    }
}

fn dress(to: &Path, like: &Metadata) -> io::Result<()> {
    let owner = (Uid::from_raw(like.uid()), Gid::from_raw(like.gid()));
    rustix::fs::chown(to, Some(owner.0), Some(owner.1))?;
    fs::set_permissions(to, fs::Permissions::from_mode(like.mode() & 0o7777))?;
    let time = |seconds, nanoseconds| Timespec { tv_sec: seconds, tv_nsec: nanoseconds };
    let times = Timestamps {
        last_access: time(like.atime(), like.atime_nsec()),
        last_modification: time(like.mtime(), like.mtime_nsec()),
    };
    Ok(rustix::fs::utimensat(CWD, to, &times, rustix::fs::AtFlags::empty())?)
}
