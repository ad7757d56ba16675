//! Files that operations work with: those that stand for objects of S3, and copies of revocation lists.
//!
//! A bucket is the directory of that name under the server's bucket directory, an object a file in it. Reading and writing
//! is the server's part; here is what operations ask of it.

use std::io;
use std::path::PathBuf;

/// Why there is no object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// No such directory, or a name that no bucket has.
    #[error("there is no bucket `{0}` (a directory of that name under the server's bucket directory)")]
    NoBucket(String),
    /// No such file in it, or a key that no object has.
    #[error("there is no object `{key}` in bucket `{bucket}`")]
    NoObject {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// It is there and cannot be read.
    #[error("object `{key}` in bucket `{bucket}` cannot be read")]
    Unreadable {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// It is longer than is of use.
    #[error("object `{key}` in bucket `{bucket}` is larger than {limit} bytes")]
    TooLarge {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
        /// The limit.
        limit: u64,
    },
}

/// What the server does with files for operations. Each call may take as long as a disk does.
pub trait Files: Send + Sync {
    /// Whether there is a bucket of that name.
    fn has_bucket(&self, bucket: &str) -> bool;

    /// The content of an object, at most `limit` bytes.
    ///
    /// # Errors
    /// [`ObjectError`].
    fn read_object(&self, bucket: &str, key: &str, limit: u64) -> Result<Vec<u8>, ObjectError>;

    /// Keeps a revocation list under a name that is new, and says where. It is on the disk when this returns, and removed
    /// some time after no trust store names it any more.
    ///
    /// # Errors
    /// When it cannot be written.
    fn keep_revocation_list(&self, name: &str, content: &[u8]) -> io::Result<PathBuf>;
}

/// The files of a server that has none.
pub(crate) struct NoFiles;

impl Files for NoFiles {
    fn has_bucket(&self, _bucket: &str) -> bool {
        false
    }

    fn read_object(&self, bucket: &str, _key: &str, _limit: u64) -> Result<Vec<u8>, ObjectError> {
        Err(ObjectError::NoBucket(bucket.to_owned()))
    }

    fn keep_revocation_list(&self, _name: &str, _content: &[u8]) -> io::Result<PathBuf> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
