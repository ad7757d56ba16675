//! The outbox: mails as files, for servers without a mail server. `goru outbox` shows them.
//!
//! A file is complete or not there. Its name is the delivery's id, so writing twice is writing once, and names sort by
//! time. Only the newest are kept.

use model::sns::attempt::Outcome;
use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// How many mails are kept.
pub const MAXIMUM_MAILS: usize = 1000;
/// The directory in the data directory.
pub const DIRECTORY: &str = "outbox";

/// A directory of mails.
#[derive(Clone, Debug)]
pub struct Outbox {
    directory: PathBuf,
}

impl Outbox {
    /// The outbox in this directory, which is made when the first mail is written.
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }

    /// The files of the newest `count` mails, oldest first.
    ///
    /// # Errors
    /// When the directory cannot be read; a missing one has no mails.
    pub fn newest(&self, count: usize) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "eml") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files.split_off(files.len().saturating_sub(count)))
    }

    pub(super) async fn write(&self, id: &str, mail: &[u8]) -> Outcome {
        let (outbox, id, mail) = (self.clone(), id.to_owned(), mail.to_vec());
        let written = tokio::task::spawn_blocking(move || outbox.write_now(&id, &mail)).await;
        match written {
            Ok(Ok(())) => Outcome::Accepted,
            Ok(Err(error)) => Outcome::Failed(format!("the outbox cannot be written: {error}")),
            Err(error) => Outcome::Failed(format!("the outbox was not written: {error}")),
        }
    }

    fn write_now(&self, id: &str, mail: &[u8]) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        let new = self.directory.join(format!("{id}.new"));
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(mail)?;
        file.sync_all()?;
        fs::rename(new, self.directory.join(format!("{id}.eml")))?;
        fs::File::open(&self.directory)?.sync_all()?;
        self.prune()
    }

    fn prune(&self) -> io::Result<()> {
        let files = self.newest(usize::MAX)?;
        for old in &files[..files.len().saturating_sub(MAXIMUM_MAILS)] {
            match fs::remove_file(old) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_mails_are_kept_and_writing_twice_is_writing_once() {
        let directory = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(&directory.path().join("outbox"));
        assert!(outbox.newest(5).unwrap().is_empty());
        fs::create_dir(directory.path().join("outbox")).unwrap();
        for n in 0..MAXIMUM_MAILS {
            fs::write(directory.path().join(format!("outbox/{n:06}.eml")), "x").unwrap();
        }
        for _ in 0..2 {
            outbox.write_now("999999", b"mail").unwrap();
        }
        let files = outbox.newest(usize::MAX).unwrap();
        assert_eq!(files.len(), MAXIMUM_MAILS);
        assert!(files[0].ends_with("000001.eml") && files[MAXIMUM_MAILS - 1].ends_with("999999.eml"));
        assert_eq!(outbox.newest(2).unwrap().len(), 2);
        assert_eq!(fs::read(files.last().unwrap()).unwrap(), b"mail");
    }
}
