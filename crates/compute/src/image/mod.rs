//! Images as sandboxes use them: layers that are made once, named by their content, shared and never written to.
//!
//! A root file system archive or an OCI image is imported when the first instance needs it, or by `goru image import`.
//! Beside the layers there is a small document for each source, which says what the image is made of; a layer goes when no
//! such document and no instance needs it any more. Layers are verified when they are made.

mod capture;
mod oci;
mod tar;
mod unpack;

pub(crate) use capture::copy_layer;

use crate::{
    directory::{InstanceDirectory, read_json, write_json},
    driver::DriverError,
    sandbox::{Layer, MAXIMUM_LAYERS},
    shimmed::{delete_tree, entries, file_name, make_directory},
};
use model::{ec2::image::ImageSource, id::SnapshotId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
};
use unpack::{Allowance, unpack};

/// What unfinished layers begin with.
const UNFINISHED: &str = "new-";

/// The SHA-256 of something, in hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

impl Digest {
    fn of(hash: Sha256) -> Self {
        Self(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        Self::of(Sha256::new_with_prefix(bytes))
    }

    /// The digits.
    pub(crate) fn digits(&self) -> &str {
        &self.0
    }
}

impl FromStr for Digest {
    type Err = String;

    /// Reads `sha256:` and 64 digits.
    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix("sha256:").ok_or_else(|| format!("{text:?} is not a sha256 digest"))?;
        Self::try_from(digits.to_owned())
    }
}

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(digits: String) -> Result<Self, String> {
        let well_formed = digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if well_formed { Ok(Self(digits)) } else { Err(format!("{digits:?} is not a sha256 digest")) }
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What an instance is assembled from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assembly {
    /// The topmost first.
    pub(crate) layers: Vec<Layer>,
    /// Variables that the image sets.
    pub(crate) environment: BTreeMap<String, String>,
    /// Where its programs begin.
    pub(crate) working_directory: PathBuf,
    /// What it runs when nobody says what; only OCI images, and what is made of their instances, have one.
    pub(crate) command: Option<OwnCommand>,
}

impl Assembly {
    /// Of one layer, and nothing more said about it.
    fn plain(layer: Layer, working_directory: &str) -> Self {
        Self {
            layers: vec![layer],
            environment: BTreeMap::new(),
            working_directory: working_directory.into(),
            command: None,
        }
    }
}

/// The command that an image has for itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnCommand {
    pub(crate) program: String,
    pub(crate) arguments: Vec<String>,
    /// As whom, as OCI images write it; root when nothing is said.
    pub(crate) user: Option<String>,
}

/// An image in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredImage {
    /// Where it came from; for a captured one the snapshot.
    pub source: ImageSource,
    /// Names its content.
    pub digest: Digest,
    /// What its layers hold, in bytes; shared ones count for each image.
    pub size_bytes: u64,
    /// How it is put together.
    assembly: Assembly,
    /// Tells whether the source is still the same file.
    stamp: Option<Stamp>,
}

impl StoredImage {
    /// What its instances run when they have no boot command: the program and its arguments.
    pub fn command(&self) -> Option<Vec<&str>> {
        let command = self.assembly.command.as_ref()?;
        Some(std::iter::once(&command.program).chain(&command.arguments).map(String::as_str).collect())
    }
}

/// What changes when a file does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }
}

/// The store, in `images/` of the data directory.
pub struct ImageStore {
    path: PathBuf,
    unfinished: AtomicU32,
}

impl ImageStore {
    /// Opens the store of a data directory. Work that was cut off is cleared away.
    ///
    /// # Errors
    /// When its directories cannot be made.
    pub fn open(data_directory: &Path) -> Result<Self, DriverError> {
        let path = data_directory.join("images");
        for directory in ["sha256", "sources", "snapshots"] {
            make_directory(&path.join(directory))?;
        }
        let store = Self { path, unfinished: AtomicU32::new(0) };
        for left in entries(&store.path).filter(|path| is_cut_off(&file_name(path))) {
            if let Err(error) = delete_tree(&left) {
                tracing::warn!(path = %left.display(), %error, "an unfinished image could not be deleted");
            }
        }
        Ok(store)
    }

    /// Lets one at a time change the store, commands beside the server included, until the file is dropped.
    pub(crate) fn alone(&self) -> Result<fs::File, DriverError> {
        let path = self.path.join("lock");
        let file = fs::File::create(&path).map_err(DriverError::io("cannot create", &path))?;
        file.lock().map_err(DriverError::io("cannot lock", &path))?;
        Ok(file)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes an image ready for instances, if it is not so already: an archive is unpacked, an OCI image taken apart.
    ///
    /// # Errors
    /// When the source cannot be read or is not what it should be; nothing of it is kept then.
    pub fn import(&self, source: &ImageSource) -> Result<StoredImage, DriverError> {
        let path = match source {
            ImageSource::RootFs(path) | ImageSource::Oci(path) => PathBuf::from(path),
            ImageSource::Snapshot(snapshot) => return self.snapshot(snapshot),
            ImageSource::Host | ImageSource::Site | ImageSource::Directory(_) => {
                return Err(DriverError::Image {
                    path: PathBuf::from(describe(source)),
                    reason: "it is used where it is and not imported".to_owned(),
                });
            }
        };
        let refuse = |reason: String| DriverError::Image { path: path.clone(), reason };
        let _alone = self.alone()?;
        let stamp = Stamp::of(&path).map_err(|error| refuse(error.to_string()))?;
        let document = self.document(source);
        let known = read_json::<StoredImage>(&document).filter(|image| image.stamp.as_ref() == Some(&stamp));
        // A directory's own stamp says nothing about the files in it: its index is read again, which is cheap.
        if let Some(image) = known.filter(|image| path.is_file() && self.complete(image)) {
            return Ok(image);
        }
        let is_oci = matches!(source, ImageSource::Oci(_));
        let made = if is_oci { oci::import(self, &path) } else { self.import_archive(&path) };
        if made.is_err() {
            // An image of several layers may have failed at its last.
            self.collect_alone()?;
        }
        let Made { digest, size_bytes, assembly } = made.map_err(refuse)?;
        let image = StoredImage { source: source.clone(), digest, size_bytes, assembly, stamp: Some(stamp) };
        write_json(&document, &image)?;
        Ok(image)
    }

    /// What was captured under that name.
    fn snapshot(&self, snapshot: &SnapshotId) -> Result<StoredImage, DriverError> {
        let path = self.snapshot_document(snapshot);
        let image = read_json::<StoredImage>(&path).filter(|image| self.complete(image));
        image.ok_or_else(|| DriverError::Image {
            path,
            reason: format!("the data of {snapshot} is not in this data directory"),
        })
    }

    /// Keeps a layer that an instance's changes were copied to as a snapshot over what the instance was made of.
    pub(crate) fn keep_snapshot(
        &self,
        snapshot: &SnapshotId,
        layer: Digest,
        size_bytes: u64,
        below: &Assembly,
    ) -> Result<StoredImage, DriverError> {
        let mut assembly = below.clone();
        assembly.layers.insert(0, Layer::Stored(layer.clone()));
        if assembly.layers.len() > MAXIMUM_LAYERS {
            return Err(DriverError::Image {
                path: self.snapshot_document(snapshot),
                reason: format!("an image made from images can have {MAXIMUM_LAYERS} layers at most; make it anew"),
            });
        }
        let image = StoredImage {
            source: ImageSource::Snapshot(snapshot.clone()),
            digest: layer,
            size_bytes,
            assembly,
            stamp: None,
        };
        write_json(&self.snapshot_document(snapshot), &image)?;
        Ok(image)
    }

    /// How an instance of an image is put together, and whether the image is only files for the host's own system, which
    /// are to be copied to the given place.
    pub(crate) fn assemble(&self, source: &ImageSource) -> Result<(Assembly, Option<PathBuf>), DriverError> {
        let over_host = |working_directory: &str| Assembly::plain(Layer::Host, working_directory);
        match source {
            ImageSource::Host | ImageSource::Site => Ok((over_host("/root"), None)),
            ImageSource::Directory(path) => {
                let refuse = |reason: String| DriverError::Image { path: path.into(), reason };
                let directory = fs::canonicalize(path).map_err(|error| refuse(error.to_string()))?;
                if !is_root_file_system(&directory) {
                    return Ok((over_host("/srv"), Some(directory)));
                }
                if self.path.starts_with(&directory) {
                    return Err(refuse("it contains the data directory of the server".to_owned()));
                }
                Ok((Assembly::plain(Layer::Directory(directory), "/root"), None))
            }
            ImageSource::RootFs(_) | ImageSource::Oci(_) | ImageSource::Snapshot(_) => {
                Ok((self.import(source)?.assembly, None))
            }
        }
    }

    /// The images that were imported or captured.
    pub fn list(&self) -> Vec<StoredImage> {
        let documents = ["sources", "snapshots"].map(|directory| self.path.join(directory));
        let mut images: Vec<StoredImage> =
            documents.iter().flat_map(|directory| entries(directory)).filter_map(|path| read_json(&path)).collect();
        images.sort_by_key(|image| describe(&image.source));
        images
    }

    /// Forgets an image; its layers go with the next [`Self::collect`], unless something else needs them. Whether there
    /// was one.
    ///
    /// # Errors
    /// When its document cannot be deleted.
    pub fn forget(&self, source: &ImageSource) -> Result<bool, DriverError> {
        let path = self.document(source);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(DriverError::io("cannot delete", &path)(error)),
        }
    }

    /// Deletes the layers that no image and no instance needs; how many that were.
    ///
    /// # Errors
    /// When the store cannot be read, or a layer not deleted.
    pub fn collect(&self) -> Result<usize, DriverError> {
        let _alone = self.alone()?;
        self.collect_alone()
    }

    /// The same for whoever has the store to himself already.
    fn collect_alone(&self) -> Result<usize, DriverError> {
        let instances = self.path.with_file_name("instances");
        let plans = entries(&instances).filter_map(|path| InstanceDirectory::new(path).plan()?.sandbox);
        let assemblies = plans.map(|plan| plan.image).chain(self.list().into_iter().map(|image| image.assembly));
        let needed: BTreeSet<Digest> = assemblies
            .flat_map(|assembly| assembly.layers)
            .filter_map(|layer| match layer {
                Layer::Stored(digest) => Some(digest),
                Layer::Host | Layer::Directory(_) => None,
            })
            .collect();
        let mut deleted = 0;
        for path in entries(&self.path.join("sha256")) {
            let digest = Digest::try_from(file_name(&path));
            if digest.is_ok_and(|digest| !needed.contains(&digest)) {
                // Renamed first: cut off in the middle, it is no half layer.
                let doomed = self.unfinished()?;
                fs::rename(&path, &doomed).map_err(DriverError::io("cannot remove", &path))?;
                delete_tree(&doomed).map_err(DriverError::io("cannot delete", &doomed))?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }

    /// Where a layer is.
    pub(crate) fn layer(&self, digest: &Digest) -> PathBuf {
        layer_path(&self.path, digest)
    }

    /// A new directory for work that may be cut off.
    pub(crate) fn unfinished(&self) -> Result<PathBuf, DriverError> {
        let number = self.unfinished.fetch_add(1, Ordering::Relaxed);
        let path = self.path.join(format!("{UNFINISHED}{}-{number}", std::process::id()));
        make_directory(&path)?;
        Ok(path)
    }

    /// Gives a finished layer its name. The same layer may be there already.
    pub(crate) fn finish(&self, unfinished: &Path, digest: &Digest) -> Result<(), DriverError> {
        let failed = DriverError::io("cannot keep the layer", unfinished);
        let layer = self.layer(digest);
        let done = || -> io::Result<()> {
            if layer.exists() {
                return delete_tree(unfinished);
            }
            // Once for all of its files: a layer that has its name is complete, also after a power failure.
            rustix::fs::syncfs(fs::File::open(unfinished)?)?;
            fs::set_permissions(unfinished, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
            fs::rename(unfinished, &layer)
        };
        done().map_err(failed)
    }

    fn import_archive(&self, path: &Path) -> Result<Made, String> {
        let file = fs::File::open(path).map_err(|error| error.to_string())?;
        let mut allowance = Allowance::default();
        let (digest, size_bytes) = self.import_layer(file, None, unpack::Whiteouts::Ignored, &mut allowance)?;
        let assembly = Assembly::plain(Layer::Stored(digest.clone()), "/root");
        Ok(Made { digest, size_bytes, assembly })
    }

    /// Unpacks one archive, compressed or not; the digest of what was in it, which must be the expected one, and its size.
    fn import_layer(
        &self,
        archive: impl Read,
        expected: Option<&Digest>,
        whiteouts: unpack::Whiteouts,
        allowance: &mut Allowance,
    ) -> Result<(Digest, u64), String> {
        let directory = self.unfinished().map_err(|error| error.to_string())?;
        let unpacked = unpack(archive, &directory, whiteouts, allowance).and_then(|(digest, size)| {
            match expected.filter(|expected| **expected != digest) {
                Some(expected) => Err(format!("a layer should be {expected} and is {digest}")),
                None => Ok((digest, size)),
            }
        });
        match unpacked {
            Ok((digest, size)) => {
                self.finish(&directory, &digest).map_err(|error| error.to_string())?;
                Ok((digest, size))
            }
            Err(reason) => {
                let _ = delete_tree(&directory);
                Err(reason)
            }
        }
    }

    fn complete(&self, image: &StoredImage) -> bool {
        image.assembly.layers.iter().all(|layer| match layer {
            Layer::Host => true,
            Layer::Directory(path) => path.is_dir(),
            Layer::Stored(digest) => self.layer(digest).is_dir(),
        })
    }

    fn document(&self, source: &ImageSource) -> PathBuf {
        match source {
            ImageSource::Snapshot(snapshot) => self.snapshot_document(snapshot),
            ImageSource::Host
            | ImageSource::Site
            | ImageSource::Directory(_)
            | ImageSource::RootFs(_)
            | ImageSource::Oci(_) => {
                let name = Digest::of_bytes(describe(source).as_bytes());
                self.path.join("sources").join(format!("{}.json", name.digits()))
            }
        }
    }

    fn snapshot_document(&self, snapshot: &SnapshotId) -> PathBuf {
        self.path.join("snapshots").join(format!("{snapshot}.json"))
    }
}

/// What an import made.
struct Made {
    digest: Digest,
    size_bytes: u64,
    assembly: Assembly,
}

/// Whether a directory is the unfinished work of a process that is gone.
fn is_cut_off(name: &str) -> bool {
    let owner = name.strip_prefix(UNFINISHED).and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
    owner.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists())
}

/// Where a layer is in a store.
pub(crate) fn layer_path(store: &Path, digest: &Digest) -> PathBuf {
    store.join("sha256").join(digest.digits())
}

/// A directory with a shell where every system has it is a root file system, any other is an application's files.
fn is_root_file_system(directory: &Path) -> bool {
    ["bin/sh", "usr/bin/sh"].iter().any(|shell| fs::symlink_metadata(directory.join(shell)).is_ok())
}

/// A source as the configuration file writes it.
fn describe(source: &ImageSource) -> String {
    match source {
        ImageSource::Host => "host".to_owned(),
        ImageSource::Site => "site".to_owned(),
        ImageSource::Directory(path) => format!("directory:{path}"),
        ImageSource::RootFs(path) => format!("rootfs:{path}"),
        ImageSource::Oci(path) => format!("oci:{path}"),
        ImageSource::Snapshot(snapshot) => format!("snapshot:{snapshot}"),
    }
}
