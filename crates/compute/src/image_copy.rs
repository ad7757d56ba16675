//! Makes an instance's root directory from a directory image: a plain copy, so that instances never write to the image.
//!
//! Files and directories keep their permissions, symbolic links stay links. Sockets, pipes and devices are left out:
//! they mean nothing in another directory. The system shares the blocks where the file system can (reflinks).

use crate::driver::DriverError;
use std::{fs, io, os::unix::fs::DirBuilderExt, path::Path};

/// The most files and directories in one image.
const MAXIMUM_ENTRIES: usize = 1_000_000;
/// The deepest nesting in one image.
const MAXIMUM_DEPTH: usize = 64;

/// Copies the tree `image` to `root`, which must not exist. `forbidden` is a directory that the image must not contain
/// (the data directory: a copy of it would contain itself).
pub(crate) fn copy_image(image: &Path, root: &Path, forbidden: &Path) -> Result<(), DriverError> {
    let refuse = |reason: &str| DriverError::Image { path: image.to_owned(), reason: reason.to_owned() };
    let image = fs::canonicalize(image).map_err(|error| refuse(&error.to_string()))?;
    if !image.is_dir() {
        return Err(refuse("it is not a directory"));
    }
    if fs::canonicalize(forbidden).is_ok_and(|forbidden| forbidden.starts_with(&image)) {
        return Err(refuse("it contains the data directory of the server"));
    }
    let mut copy = Copy { entries: 0 };
    copy.directory(&image, root, 0)
}

struct Copy {
    entries: usize,
}

impl Copy {
    fn directory(&mut self, from: &Path, to: &Path, depth: usize) -> Result<(), DriverError> {
        let failed = |error: io::Error| DriverError::Image { path: from.to_owned(), reason: error.to_string() };
        if depth > MAXIMUM_DEPTH {
            return Err(failed(io::Error::other(format!("nested deeper than {MAXIMUM_DEPTH} directories"))));
        }
        fs::DirBuilder::new().mode(0o700).create(to).map_err(DriverError::io("cannot create", to))?;
        for entry in fs::read_dir(from).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            self.entry(&from.join(&name), &to.join(&name), depth)?;
        }
        // Permissions last: a directory may forbid writing into it.
        let permissions = fs::metadata(from).map_err(failed)?.permissions();
        fs::set_permissions(to, permissions).map_err(DriverError::io("cannot set the permissions of", to))
    }

    fn entry(&mut self, from: &Path, to: &Path, depth: usize) -> Result<(), DriverError> {
        let failed = |error: io::Error| DriverError::Image { path: from.to_owned(), reason: error.to_string() };
        self.entries += 1;
        if self.entries > MAXIMUM_ENTRIES {
            return Err(failed(io::Error::other(format!("more than {MAXIMUM_ENTRIES} files"))));
        }
        let kind = fs::symlink_metadata(from).map_err(failed)?.file_type();
        if kind.is_dir() {
            self.directory(from, to, depth + 1)
        } else if kind.is_symlink() {
            fs::read_link(from).and_then(|target| std::os::unix::fs::symlink(target, to)).map_err(failed)
        } else if kind.is_file() {
            fs::copy(from, to).map(|_| ()).map_err(failed)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_copy_has_the_same_files_links_and_permissions() {
        let temporary = tempfile::tempdir().unwrap();
        let image = temporary.path().join("image");
        fs::create_dir_all(image.join("static/css")).unwrap();
        fs::write(image.join("static/css/a.css"), "a").unwrap();
        fs::write(image.join("run"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(image.join("run"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(image.join("static"), fs::Permissions::from_mode(0o555)).unwrap();
        std::os::unix::fs::symlink("run", image.join("link")).unwrap();
        let socket = std::os::unix::net::UnixListener::bind(image.join("socket")).unwrap();

        let root = temporary.path().join("root");
        copy_image(&image, &root, &temporary.path().join("data")).unwrap();
        assert_eq!(fs::read_to_string(root.join("static/css/a.css")).unwrap(), "a");
        assert_eq!(fs::metadata(root.join("run")).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(fs::metadata(root.join("static")).unwrap().permissions().mode() & 0o777, 0o555);
        assert_eq!(fs::read_link(root.join("link")).unwrap(), Path::new("run"));
        assert!(!root.join("socket").exists());
        drop(socket);
        for path in ["image/static", "root/static"] {
            fs::set_permissions(temporary.path().join(path), fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    #[test]
    fn an_image_that_is_missing_a_file_or_holds_the_data_directory_is_refused() {
        let temporary = tempfile::tempdir().unwrap();
        let data = temporary.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::write(temporary.path().join("file"), "").unwrap();
        let check = |image: &Path, reason: &str| {
            let error = copy_image(image, &data.join("root"), &data).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        };
        check(&temporary.path().join("absent"), "No such file");
        check(&temporary.path().join("file"), "not a directory");
        check(temporary.path(), "contains the data directory");
        check(&data, "contains the data directory");
        assert!(!data.join("root").exists());
    }
}
