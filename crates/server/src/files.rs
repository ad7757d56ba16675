//! Files for operations: objects of buckets, which are directories under the bucket directory, and copies of revocation
//! lists in the data directory.
//!
//! A caller chooses bucket and key, so the way to an object is walked one name at a time, no symbolic link is followed on it,
//! and only regular files are read.

use rustix::fs::{CWD, Mode, OFlags, openat};
use services::{Files, ObjectError};
use std::{
    fs::File,
    io::{self, Read, Write},
    os::{fd::OwnedFd, unix::fs::OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Where copies of revocation lists are, in the data directory.
pub const TRUST_STORES: &str = "trust-stores";
/// The longest key, in bytes, as S3 has it.
const MAXIMUM_KEY: usize = 1024;

/// The directories of one server.
pub struct Directories {
    buckets: PathBuf,
    trust_stores: PathBuf,
}

impl Directories {
    /// Of this bucket directory and data directory. Neither has to exist.
    pub fn new(buckets: &Path, data_dir: &Path) -> io::Result<Self> {
        Ok(Self {
            buckets: buckets.to_owned(),
            // Records name the files, and the node reads them from wherever it was started.
            trust_stores: std::path::absolute(data_dir.join(TRUST_STORES))?,
        })
    }

    fn open_bucket(&self, bucket: &str) -> Option<OwnedFd> {
        if !is_bucket_name(bucket) {
            return None;
        }
        // The bucket directory itself is the administrator's, and may be a link.
        let root = openat(CWD, &self.buckets, directory(OFlags::empty()), Mode::empty()).ok()?;
        openat(&root, bucket, directory(OFlags::NOFOLLOW), Mode::empty()).ok()
    }

    /// The file of a key; `None` when there is none, or something else.
    fn open_object(bucket: OwnedFd, key: &str) -> Option<File> {
        let names: Vec<&str> = key.split('/').collect();
        let is_name = |name: &&str| !name.is_empty() && !matches!(*name, "." | "..") && !name.contains('\0');
        if key.len() > MAXIMUM_KEY || !names.iter().all(is_name) {
            return None;
        }
        let (file, directories) = names.split_last()?;
        let mut at = bucket;
        for name in directories {
            at = openat(&at, *name, directory(OFlags::NOFOLLOW), Mode::empty()).ok()?;
        }
        // Without NONBLOCK a pipe that somebody put there would hold the call up.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = File::from(openat(&at, *file, flags, Mode::empty()).ok()?);
        file.metadata().is_ok_and(|metadata| metadata.is_file()).then_some(file)
    }
}

fn directory(more: OFlags) -> OFlags {
    OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECTORY | more
}

/// S3's names: 3 to 63 lower-case letters, digits, dots and hyphens, between letters or digits.
fn is_bucket_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = name.bytes().next().is_some_and(plain) && name.bytes().last().is_some_and(plain);
    (3..=63).contains(&name.len()) && ends && name.bytes().all(|byte| plain(byte) || matches!(byte, b'.' | b'-'))
}

impl Files for Directories {
    fn has_bucket(&self, bucket: &str) -> bool {
        self.open_bucket(bucket).is_some()
    }

    fn read_object(&self, bucket: &str, key: &str, limit: u64) -> Result<Vec<u8>, ObjectError> {
        let opened = self.open_bucket(bucket).ok_or_else(|| ObjectError::NoBucket(bucket.to_owned()))?;
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let Some(file) = Self::open_object(opened, &key) else { return Err(ObjectError::NoObject { bucket, key }) };
        let mut content = Vec::new();
        match file.take(limit + 1).read_to_end(&mut content) {
            Ok(_) if content.len() as u64 > limit => Err(ObjectError::TooLarge { bucket, key, limit }),
            Ok(_) => Ok(content),
            Err(error) => {
                tracing::warn!(bucket, key, %error, "an object cannot be read");
                Err(ObjectError::Unreadable { bucket, key })
            }
        }
    }

    fn keep_revocation_list(&self, name: &str, content: &[u8]) -> io::Result<PathBuf> {
        std::fs::create_dir_all(&self.trust_stores)?;
        let path = self.trust_stores.join(name);
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(content)?;
        file.sync_all()?;
        File::open(&self.trust_stores)?.sync_all()?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn directories() -> (tempfile::TempDir, Directories) {
        let dir = tempfile::tempdir().unwrap();
        let buckets = dir.path().join("buckets");
        std::fs::create_dir_all(buckets.join("web/certificates")).unwrap();
        std::fs::write(buckets.join("web/certificates/ca.pem"), "bundle").unwrap();
        std::fs::write(dir.path().join("secret"), "secret").unwrap();
        let directories = Directories::new(&buckets, dir.path()).unwrap();
        (dir, directories)
    }

    #[test]
    fn an_object_is_a_file_of_its_bucket() {
        let (dir, directories) = directories();
        assert_eq!(directories.read_object("web", "certificates/ca.pem", 6).unwrap(), b"bundle");
        assert!(matches!(
            directories.read_object("web", "certificates/ca.pem", 5),
            Err(ObjectError::TooLarge { limit: 5, .. })
        ));
        assert!(directories.has_bucket("web") && !directories.has_bucket("none"));
        // A bucket directory that is a link is the administrator's own choice.
        symlink(dir.path().join("buckets"), dir.path().join("link")).unwrap();
        let linked = Directories::new(&dir.path().join("link"), dir.path()).unwrap();
        assert!(linked.read_object("web", "certificates/ca.pem", 6).is_ok());
    }

    #[test]
    fn nothing_outside_of_a_bucket_is_read() {
        let (dir, directories) = directories();
        let web = dir.path().join("buckets/web");
        symlink(dir.path().join("secret"), web.join("link")).unwrap();
        symlink(dir.path(), web.join("up")).unwrap();
        symlink(dir.path(), dir.path().join("buckets/linked")).unwrap();
        let long = "a/".repeat(600) + "b";
        for key in ["../../secret", "..", ".", "", "/", "certificates", "certificates/", "certificates//ca.pem"]
            .into_iter()
            .chain(["certificates/../certificates/ca.pem", "link", "up/secret", "/etc/passwd", "a\0b", "none", &long])
        {
            let refused = directories.read_object("web", key, 100);
            assert!(matches!(refused, Err(ObjectError::NoObject { .. })), "{key:?}: {refused:?}");
        }
        for bucket in
            ["", ".", "..", "web/certificates", "../buckets/web", "Web", "we", "linked", "a\0b", "web/", "none"]
        {
            let refused = directories.read_object(bucket, "certificates/ca.pem", 100);
            assert!(matches!(refused, Err(ObjectError::NoBucket(_))), "{bucket:?}: {refused:?}");
        }
    }

    #[test]
    fn what_is_no_regular_file_holds_nothing_up() {
        let (dir, directories) = directories();
        let pipe = dir.path().join("buckets/web/pipe");
        rustix::fs::mknodat(CWD, &pipe, rustix::fs::FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        assert!(matches!(directories.read_object("web", "pipe", 100), Err(ObjectError::NoObject { .. })));
    }

    #[test]
    fn a_kept_list_is_whole_and_has_a_name_of_its_own() {
        let (dir, directories) = directories();
        let path = directories.keep_revocation_list("1.crl", b"list").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"list");
        assert!(path.is_absolute() && path.starts_with(dir.path().join(TRUST_STORES)));
        assert!(directories.keep_revocation_list("1.crl", b"other").is_err(), "nothing is written over");
    }
}
