//! The host image: which part of the host's own file system an instance gets to see.
//!
//! It is a whitelist: the host's programs and settings, with the state of its packages. Whatever else the host has is
//! replaced by an empty directory or taken away, and of the settings everything that not every user of the host may read.
//! Only the file system of `/` itself is seen, nothing that is mounted over it. `docs/sandbox.md` lists it for users.

use crate::rootless;
use rustix::fs::{CWD, FileType, Mode, XattrFlags};
use std::{
    collections::BTreeSet,
    ffi::CStr,
    fs::{self, DirBuilder, Metadata},
    io,
    os::fd::BorrowedFd,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown, lchown, symlink},
    path::{Component, Path, PathBuf},
};

/// What is kept of `/`. Distributions without /usr keep their programs in the last two.
const KEPT: &[&str] = &["bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "var", "nix", "gnu"];
/// Made where the host has none: an instance needs them.
const NEEDED: &[(&str, u32)] = &[
    ("proc", 0o555),
    ("sys", 0o555),
    ("dev", 0o755),
    ("run", 0o755),
    ("tmp", 0o1777),
    ("root", 0o700),
    ("home", 0o755),
    ("srv", 0o755),
];
/// What is kept of /var/lib: what package managers and their packages know about the programs that are there.
const KEPT_STATE: &[&str] =
    &["apk", "apt", "dnf", "dpkg", "ghc", "locales", "pacman", "pam", "python", "rpm", "sgml-base", "ucf", "xml-core"];
/// Below /var, directories of programs stay with their owners, but empty: a server finds its log directory.
const EMPTIED_ONE_BY_ONE: &[&str] = &["cache", "lib", "log", "spool"];
/// Whose files are the host's identity or tell about its disks and its network.
const TAKEN_AWAY: &[&str] = &["etc/fstab", "etc/crypttab", "etc/resolv.conf", "etc/machine-id", "etc/hostname"];
/// Searched for what not everybody may read.
const SETTINGS: &[&str] = &["etc", "usr/local/etc"];
/// The most directories within one another there.
const MAXIMUM_DEPTH: usize = 24;

/// Fills `mask` (an empty directory that can hold overlayfs marks) so that over `host` it hides what instances may not
/// see, `data` included: the server's data directory, a path from `/`.
pub(super) fn mask(host: &Path, mask: &Path, data: &Path) -> io::Result<()> {
    hide_all(host, mask, data).map(drop)
}

/// As [`mask`], for a process that may not have `/` itself below an overlay, because other file systems are mounted in it: the mask
/// then has all that is seen of `/` but the content of some directories. Returns those, as paths from `/`, above none of which
/// there is another.
pub(super) fn mask_in_parts(host: &Path, mask: &Path, data: &Path) -> io::Result<Vec<PathBuf>> {
    let mask = hide_all(host, mask, data)?;
    let mut parts = Vec::new();
    for name in names(host, "")?.into_iter().filter(|name| KEPT.contains(&name.as_str())) {
        match name.as_str() {
            "var" => mask.links("var")?,
            name => parts.extend(mask.part(name)?),
        }
    }
    for name in KEPT_STATE {
        parts.extend(mask.part(&format!("var/lib/{name}"))?);
    }
    Ok(parts)
}

fn hide_all<'a>(host: &'a Path, mask: &'a Path, data: &Path) -> io::Result<Mask<'a>> {
    let overflow = if rootless::inside() { overflow_ids() } else { None };
    let mut mask = Mask { host, mask, made: BTreeSet::new(), overflow };
    for name in names(host, "")? {
        if !KEPT.contains(&name.as_str()) {
            mask.hide(&name)?;
        }
    }
    for (name, mode) in NEEDED {
        mask.need(name, *mode)?;
    }
    mask.variable_files()?;
    for place in SETTINGS {
        mask.settings(place, 0)?;
    }
    for place in TAKEN_AWAY {
        if fs::symlink_metadata(host.join(place)).is_ok() {
            mask.hide(place)?;
        }
    }
    mask.accounts()?;
    let inside: PathBuf = data.components().filter(|part| matches!(part, Component::Normal(_))).collect();
    match inside.to_str() {
        Some(inside) if !inside.is_empty() && host.join(inside).is_dir() => mask.hide(inside)?,
        _ => {}
    }
    Ok(mask)
}

struct Mask<'a> {
    host: &'a Path,
    mask: &'a Path,
    /// What the mask already says something about, with everything below it.
    made: BTreeSet<PathBuf>,
    /// The user and the group that own what belongs to nobody in this user namespace; it becomes root's.
    overflow: Option<(u32, u32)>,
}

impl Mask<'_> {
    /// An empty directory with the same owner and permissions; anything else is taken away. Links to directories stay:
    /// what they lead to is hidden, or is to be seen.
    fn hide(&mut self, place: &str) -> io::Result<()> {
        if !self.made.insert(place.into()) || self.covered(place) {
            return Ok(());
        }
        let metadata = fs::symlink_metadata(self.host.join(place))?;
        self.parents(place)?;
        if metadata.is_dir() {
            self.directory(place, &metadata)?;
            return opaque(&self.mask.join(place));
        }
        whiteout(&self.mask.join(place))
    }

    /// Whether something above it is hidden already.
    fn covered(&self, place: &str) -> bool {
        Path::new(place).ancestors().skip(1).any(|above| self.made.contains(above))
    }

    fn need(&mut self, name: &str, mode: u32) -> io::Result<()> {
        let path = self.mask.join(name);
        if fs::symlink_metadata(self.host.join(name)).is_ok_and(|metadata| metadata.is_dir()) {
            return Ok(());
        }
        // The host has something else of that name, of which the mask made a whiteout, or nothing.
        let _ = fs::remove_file(&path);
        DirBuilder::new().mode(mode).create(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
        opaque(&path)
    }

    /// The directories above, as the host has them: what the mask says about a directory counts.
    fn parents(&self, place: &str) -> io::Result<()> {
        let mut above: Vec<&Path> = Path::new(place).ancestors().skip(1).collect();
        above.reverse();
        for parent in above.into_iter().filter(|parent| !parent.as_os_str().is_empty()) {
            if !self.mask.join(parent).exists() {
                let metadata = fs::symlink_metadata(self.host.join(parent))?;
                self.directory(&parent.to_string_lossy(), &metadata)?;
            }
        }
        Ok(())
    }

    fn directory(&self, place: &str, like: &Metadata) -> io::Result<()> {
        let path = self.mask.join(place);
        if !path.exists() {
            DirBuilder::new().mode(0o700).create(&path)?;
        }
        let (user, group) = self.owner(like);
        chown(&path, Some(user), Some(group))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(like.mode() & 0o7777))
    }

    /// The place of a directory whose content comes from the host. A link is made again, and is no part.
    fn part(&self, place: &str) -> io::Result<Option<PathBuf>> {
        let path = self.host.join(place);
        let Ok(metadata) = fs::symlink_metadata(&path) else { return Ok(None) };
        self.parents(place)?;
        if metadata.is_symlink() {
            symlink(fs::read_link(&path)?, self.mask.join(place))?;
            return Ok(None);
        }
        if !metadata.is_dir() {
            return Ok(None);
        }
        self.directory(place, &metadata)?;
        Ok(Some(place.into()))
    }

    /// The links in a directory.
    fn links(&self, place: &str) -> io::Result<()> {
        for name in names(self.host, place)? {
            let inner = format!("{place}/{name}");
            if fs::symlink_metadata(self.host.join(&inner)).is_ok_and(|metadata| metadata.is_symlink()) {
                self.part(&inner)?;
            }
        }
        Ok(())
    }

    fn owner(&self, of: &Metadata) -> (u32, u32) {
        let owner = |id, nobodys: Option<u32>| if Some(id) == nobodys { 0 } else { id };
        (owner(of.uid(), self.overflow.map(|ids| ids.0)), owner(of.gid(), self.overflow.map(|ids| ids.1)))
    }

    fn variable_files(&mut self) -> io::Result<()> {
        for name in names(self.host, "var")? {
            let place = format!("var/{name}");
            let metadata = fs::symlink_metadata(self.host.join(&place))?;
            if metadata.is_symlink() {
                continue;
            }
            if !EMPTIED_ONE_BY_ONE.contains(&name.as_str()) || !metadata.is_dir() {
                self.hide(&place)?;
                continue;
            }
            let inside = match names(self.host, &place) {
                Ok(names) => names,
                // What this server may not look into, instances may not either.
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    self.hide(&place)?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            for inner in inside {
                if place != "var/lib" || !KEPT_STATE.contains(&inner.as_str()) {
                    self.hide(&format!("{place}/{inner}"))?;
                }
            }
        }
        Ok(())
    }

    /// Hides what others may not read, and the keys that are this host's.
    fn settings(&mut self, place: &str, depth: usize) -> io::Result<()> {
        if depth > MAXIMUM_DEPTH {
            return self.hide(place);
        }
        for name in names(self.host, place)? {
            let inner = format!("{place}/{name}");
            // Gone meanwhile: nothing to hide.
            let Ok(metadata) = fs::symlink_metadata(self.host.join(&inner)) else { continue };
            let mode = metadata.mode();
            if metadata.is_symlink() {
                continue;
            } else if metadata.is_dir() {
                if mode & 0o005 == 0o005 { self.settings(&inner, depth + 1)? } else { self.hide(&inner)? }
            } else if mode & 0o004 == 0 || name.starts_with("ssh_host_") {
                self.hide(&inner)?;
            }
        }
        Ok(())
    }

    /// Locked passwords for the accounts that are there, and the right of root to become everybody.
    fn accounts(&mut self) -> io::Result<()> {
        let locked = |path: &Path, rest: &str| {
            let names = fs::read_to_string(path).unwrap_or_default();
            let line =
                |line: &str| Some(format!("{}:*:{rest}\n", line.split(':').next().filter(|name| !name.is_empty())?));
            names.lines().filter_map(line).collect::<String>()
        };
        let shadow = locked(&self.host.join("etc/passwd"), "1:0:99999:7:::");
        let group_shadow = locked(&self.host.join("etc/group"), ":");
        self.put("etc/shadow", &shadow, 0o640)?;
        self.put("etc/gshadow", &group_shadow, 0o640)?;
        self.put("etc/sudoers", "root ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n", 0o440)?;
        self.put("etc/machine-id", "", 0o444)
    }

    /// A file in the place of one that was hidden.
    fn put(&mut self, place: &str, text: &str, mode: u32) -> io::Result<()> {
        let Ok(metadata) = fs::symlink_metadata(self.host.join(place)) else { return Ok(()) };
        self.hide(place)?;
        let path = self.mask.join(place);
        fs::remove_file(&path)?;
        fs::write(&path, text)?;
        let (user, group) = self.owner(&metadata);
        lchown(&path, Some(user), Some(group))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))
    }
}

fn overflow_ids() -> Option<(u32, u32)> {
    let read = |kind: &str| fs::read_to_string(format!("/proc/sys/kernel/overflow{kind}")).ok()?.trim().parse().ok();
    Some((read("uid")?, read("gid")?))
}

/// The names in a directory; none when it is not there. A name that is no text cannot be hidden: that is an error.
fn names(host: &Path, place: &str) -> io::Result<Vec<String>> {
    let listed = match fs::read_dir(host.join(place)) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let name = |entry: io::Result<fs::DirEntry>| {
        entry?.file_name().into_string().map_err(|name| {
            io::Error::other(format!("the host has a file {} whose name is not UTF-8", name.to_string_lossy()))
        })
    };
    listed.map(name).collect()
}

/// The mark of a directory in which nothing of the layers below shows: without root it is an attribute as users may set it.
pub(crate) fn opaque_mark() -> &'static CStr {
    if rootless::inside() { c"user.overlay.opaque" } else { c"trusted.overlay.opaque" }
}

/// Marks a directory so.
pub(crate) fn opaque(directory: &Path) -> io::Result<()> {
    Ok(rustix::fs::lsetxattr(directory, opaque_mark(), b"y", XattrFlags::empty())?)
}

/// As [`opaque`], for an open directory.
pub(crate) fn opaque_descriptor(directory: BorrowedFd<'_>) -> io::Result<()> {
    Ok(rustix::fs::fsetxattr(directory, opaque_mark(), b"y", XattrFlags::empty())?)
}

/// Makes the mark that takes a file of the layers below away.
pub(crate) fn whiteout(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::mknodat(CWD, path, FileType::CharacterDevice, Mode::empty(), 0)?)
}

/// As [`whiteout`], for a name in an open directory.
pub(crate) fn whiteout_in(directory: BorrowedFd<'_>, name: &[u8]) -> rustix::io::Result<()> {
    rustix::fs::mknodat(directory, name, FileType::CharacterDevice, Mode::empty(), 0)
}
