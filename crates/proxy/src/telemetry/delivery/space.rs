//! Room on the disk of a bucket: logs stop before they fill it, because other things need it more.
//!
//! Log files are never deleted here, as S3 would not either: that is their owner's affair.

use std::{io, path::Path};

/// So much stays free, in bytes …
const RESERVE_BYTES: u64 = 1 << 30;
/// … or one part in so many of the file system, whichever is less.
const RESERVE_PART: u64 = 20;

/// What is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes that may be written.
    pub free: u64,
    /// Bytes in all.
    pub total: u64,
}

impl Space {
    /// Of the file system that a path is on.
    ///
    /// # Errors
    /// What the system says.
    pub fn of(path: &Path) -> io::Result<Self> {
        let found = rustix::fs::statvfs(path)?;
        Ok(Self {
            free: found.f_bavail.saturating_mul(found.f_frsize),
            total: found.f_blocks.saturating_mul(found.f_frsize),
        })
    }

    /// Whether nothing more may be written.
    pub const fn is_short(self) -> bool {
        let part = self.total / RESERVE_PART;
        self.free < if part < RESERVE_BYTES { part } else { RESERVE_BYTES }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_small_disks_and_a_fixed_size_of_large_ones_stays_free() {
        const GIB: u64 = 1 << 30;
        for (free, total, short) in [
            (GIB, 10 * GIB, false),
            (GIB / 2, 10 * GIB, false),
            (GIB / 2 - 1, 10 * GIB, true),
            (GIB, 1000 * GIB, false),
            (GIB - 1, 1000 * GIB, true),
            (0, 0, false),
        ] {
            assert_eq!(Space { free, total }.is_short(), short, "{free} of {total}");
        }
        assert!(Space::of(Path::new("/")).unwrap().total > 0);
    }
}
