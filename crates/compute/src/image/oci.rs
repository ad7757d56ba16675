//! Imports OCI images: a layout directory, or an archive of one. Everything that is read is checked against the digest by
//! which it is named, beginning with the index, and each layer also against what the image's configuration says of it.

use super::{
    Assembly, Digest, ImageStore, Made, OwnCommand,
    tar::{Archive, Kind, show},
    unpack::{Allowance, Whiteouts},
};
use crate::{
    sandbox::{Layer, MAXIMUM_LAYERS},
    shimmed::delete_tree,
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeMap,
    env::consts::ARCH,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// The largest document in bytes: index, manifest, configuration.
const MAXIMUM_DOCUMENT: u64 = 4 << 20;
/// The most bytes of an archive's blobs.
const MAXIMUM_ARCHIVE: u64 = 32 << 30;
/// The most files in an archive.
const MAXIMUM_FILES: usize = 10_000;
/// An index may name another index, but not without end.
const MAXIMUM_NESTING: usize = 3;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layout {
    image_layout_version: String,
}

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Vec<Descriptor>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
    platform: Option<Platform>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Clone, Deserialize)]
struct Platform {
    architecture: String,
    os: String,
}

#[derive(Deserialize)]
struct Manifest {
    config: Descriptor,
    layers: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Configuration {
    architecture: Option<String>,
    os: Option<String>,
    #[serde(default)]
    config: Option<Execution>,
    rootfs: RootFs,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Execution {
    env: Option<Vec<String>>,
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    user: Option<String>,
    working_dir: Option<PathBuf>,
}

impl Execution {
    fn assembly(self, layers: Vec<Layer>) -> Result<Assembly, String> {
        let variable = |text: &String| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        let environment = self.env.iter().flatten().filter_map(variable).collect();
        let set = |path: &PathBuf| !path.as_os_str().is_empty();
        let working_directory = self.working_dir.clone().filter(set).unwrap_or_else(|| "/".into());
        if !working_directory.is_absolute() {
            return Err(format!("its WorkingDir `{}` is not an absolute path", working_directory.display()));
        }
        Ok(Assembly { layers, environment, working_directory, command: self.command()? })
    }

    fn command(self) -> Result<Option<OwnCommand>, String> {
        let mut words = self.entrypoint.into_iter().chain(self.cmd).flatten();
        let Some(program) = words.next() else { return Ok(None) };
        if program.is_empty() {
            return Err("the program of its Entrypoint or Cmd has no name".to_owned());
        }
        let arguments: Vec<String> = words.collect();
        // Images of distributions propose a shell to whoever has a terminal. Here it would end at once, and the instance
        // with it, for want of one.
        if arguments.is_empty() && is_shell(&program) {
            return Ok(None);
        }
        Ok(Some(OwnCommand { program, arguments, user: self.user.filter(|user| !user.is_empty()) }))
    }
}

fn is_shell(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    matches!(name, "sh" | "ash" | "bash" | "dash" | "zsh")
}

#[derive(Deserialize)]
struct RootFs {
    diff_ids: Vec<String>,
}

/// Imports the image at `path`, a layout's directory or an archive of it.
pub(super) fn import(store: &ImageStore, path: &Path) -> Result<Made, String> {
    if path.is_dir() {
        return Image { store, directory: path.to_owned() }.import();
    }
    let directory = store.unfinished().map_err(|error| error.to_string())?;
    let made = extract(path, &directory).and_then(|()| Image { store, directory: directory.clone() }.import());
    let _ = delete_tree(&directory);
    made
}

/// Takes the files of a layout out of an archive; nothing else is in there.
fn extract(path: &Path, directory: &Path) -> Result<(), String> {
    let text = |error: io::Error| error.to_string();
    let mut begin = [0_u8; 2];
    let mut file = File::open(path).map_err(text)?;
    file.read_exact(&mut begin).map_err(text)?;
    let file = File::open(path).map_err(text)?;
    let stream: Box<dyn Read> =
        if begin == [0x1f, 0x8b] { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut archive = Archive::new(io::BufReader::new(stream));
    let (mut left, mut files) = (MAXIMUM_ARCHIVE, 0);
    while let Some(entry) = archive.next()? {
        files += 1;
        if files > MAXIMUM_FILES {
            return Err(format!("the archive has more than {MAXIMUM_FILES} files"));
        }
        left = left.checked_sub(entry.size).ok_or("the archive is too large")?;
        let Some(place) = layout_file(&entry.path) else { continue };
        if entry.kind != Kind::File {
            return Err(format!("{} is not a plain file", show(&entry.path)));
        }
        let target = directory.join(place);
        fs::create_dir_all(target.parent().unwrap_or(directory)).map_err(text)?;
        io::copy(&mut archive, &mut File::create(target).map_err(text)?).map_err(text)?;
    }
    Ok(())
}

/// The files of a layout, by exactly the names that they have.
fn layout_file(path: &[u8]) -> Option<PathBuf> {
    let path = std::str::from_utf8(path).ok()?;
    let path = path.strip_prefix("./").unwrap_or(path);
    if matches!(path, "oci-layout" | "index.json") {
        return Some(path.into());
    }
    let digits = path.strip_prefix("blobs/sha256/")?;
    Digest::try_from(digits.to_owned()).ok().map(|_| path.into())
}

struct Image<'a> {
    store: &'a ImageStore,
    directory: PathBuf,
}

impl Image<'_> {
    fn import(&self) -> Result<Made, String> {
        let layout: Layout = self.document("oci-layout", None)?;
        if !layout.image_layout_version.starts_with("1.") {
            return Err(format!("it is an OCI layout of version {}, not 1", layout.image_layout_version));
        }
        let index: Index = self.document("index.json", None)?;
        let descriptor = self.choose(&index, 0)?;
        let manifest: Manifest = self.blob(&descriptor)?;
        let configuration: Configuration = self.blob(&manifest.config)?;
        fits(configuration.os.as_deref(), configuration.architecture.as_deref())?;
        let (layers, size_bytes) = self.layers(&manifest, &configuration)?;
        let layers = layers.into_iter().map(Layer::Stored).collect();
        let assembly = configuration.config.unwrap_or_default().assembly(layers)?;
        Ok(Made { digest: descriptor.digest.parse()?, size_bytes, assembly })
    }

    /// The one image in an index that this host can run.
    fn choose(&self, index: &Index, nesting: usize) -> Result<Descriptor, String> {
        let runs = |descriptor: &&Descriptor| {
            let platform = descriptor.platform.as_ref();
            platform.is_none_or(|platform| fits(Some(&platform.os), Some(&platform.architecture)).is_ok())
        };
        let candidates: Vec<&Descriptor> = index.manifests.iter().filter(runs).collect();
        let one = match candidates.as_slice() {
            [] => return Err("it holds no image for this kind of machine".to_owned()),
            [one] => (*one).clone(),
            several => {
                let name = |one: &&Descriptor| one.annotations.get("org.opencontainers.image.ref.name").cloned();
                let names: Vec<String> = several.iter().filter_map(name).collect();
                return Err(format!("it holds several images ({}); make a layout of one", names.join(", ")));
            }
        };
        if is_index(&one.media_type) {
            if nesting >= MAXIMUM_NESTING {
                return Err("its indexes name each other without end".to_owned());
            }
            return self.choose(&self.blob(&one)?, nesting + 1);
        }
        if is_manifest(&one.media_type) { Ok(one) } else { Err(format!("it holds a {}, not an image", one.media_type)) }
    }

    /// Makes the layers; the topmost first, and what they hold in bytes.
    fn layers(&self, manifest: &Manifest, configuration: &Configuration) -> Result<(Vec<Digest>, u64), String> {
        let ids: Result<Vec<Digest>, String> = configuration.rootfs.diff_ids.iter().map(|id| id.parse()).collect();
        let ids = ids?;
        if ids.len() != manifest.layers.len() || ids.is_empty() {
            return Err(format!("it has {} layers and names {}", manifest.layers.len(), ids.len()));
        }
        if ids.len() > MAXIMUM_LAYERS {
            return Err(format!("it has {} layers; {MAXIMUM_LAYERS} are supported", ids.len()));
        }
        let mut allowance = Allowance::default();
        let mut size = 0;
        for (descriptor, id) in manifest.layers.iter().zip(&ids) {
            size += self.layer(descriptor, id, &mut allowance)?;
        }
        // The same layer twice is there once: overlayfs takes no directory twice, and the upper of both counts.
        let mut layers: Vec<Digest> = Vec::with_capacity(ids.len());
        for id in ids.into_iter().rev() {
            if !layers.contains(&id) {
                layers.push(id);
            }
        }
        Ok((layers, size))
    }

    fn layer(&self, descriptor: &Descriptor, id: &Digest, allowance: &mut Allowance) -> Result<u64, String> {
        if !is_layer(&descriptor.media_type) {
            return Err(format!("layers of the type {} are not supported", descriptor.media_type));
        }
        if self.store.layer(id).is_dir() {
            return Ok(descriptor.size);
        }
        let mut blob = Checked { file: self.open(descriptor)?, hash: Sha256::new() };
        let imported = self.store.import_layer(&mut blob, Some(id), Whiteouts::Understood, allowance)?;
        // What follows the compressed data belongs to the blob too.
        io::copy(&mut blob, &mut io::sink()).map_err(|error| error.to_string())?;
        let found = Digest::of(blob.hash);
        if found.to_string() != descriptor.digest {
            return Err(format!("the blob {} is damaged: it is {found}", descriptor.digest));
        }
        Ok(imported.1)
    }

    fn blob<T: serde::de::DeserializeOwned>(&self, descriptor: &Descriptor) -> Result<T, String> {
        self.open(descriptor)?;
        let digest: Digest = descriptor.digest.parse()?;
        self.document(&format!("blobs/sha256/{}", digest.digits()), Some(&digest))
    }

    /// Opens a blob that has the right size. Links are not followed: a layout has none.
    fn open(&self, descriptor: &Descriptor) -> Result<File, String> {
        let digest: Digest = descriptor.digest.parse()?;
        let path = self.directory.join("blobs/sha256").join(digest.digits());
        let file = open_plain(&path).map_err(|error| format!("the blob {digest} is missing: {error}"))?;
        let length = file.metadata().map_err(|error| error.to_string())?.len();
        if length != descriptor.size {
            return Err(format!("the blob {digest} has {length} bytes instead of {}", descriptor.size));
        }
        Ok(file)
    }

    fn document<T: serde::de::DeserializeOwned>(&self, name: &str, digest: Option<&Digest>) -> Result<T, String> {
        let missing = |error: io::Error| format!("it is not an OCI image layout: {name}: {error}");
        let mut bytes = Vec::new();
        let file = open_plain(&self.directory.join(name)).map_err(missing)?;
        file.take(MAXIMUM_DOCUMENT + 1).read_to_end(&mut bytes).map_err(missing)?;
        if bytes.len() as u64 > MAXIMUM_DOCUMENT {
            return Err(format!("{name} is larger than {MAXIMUM_DOCUMENT} bytes"));
        }
        let found = Digest::of_bytes(&bytes);
        if let Some(digest) = digest.filter(|digest| **digest != found) {
            return Err(format!("the blob {digest} is damaged: it is {found}"));
        }
        serde_json::from_slice(&bytes).map_err(|error| format!("{name}: {error}"))
    }
}

fn open_plain(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a plain file")) }
}

/// A file whose bytes are hashed as they are read.
struct Checked {
    file: File,
    hash: Sha256,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.hash.update(&buffer[..length]);
        Ok(length)
    }
}

/// Whether a system of that kind runs here; what is not said fits.
fn fits(os: Option<&str>, architecture: Option<&str>) -> Result<(), String> {
    let own = match ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let (os, architecture) = (os.unwrap_or("linux"), architecture.unwrap_or(own));
    if os == "linux" && architecture == own {
        return Ok(());
    }
    Err(format!("it is for {os}/{architecture}, this host is linux/{own}"))
}

fn is_index(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/vnd.oci.image.index.v1+json" | "application/vnd.docker.distribution.manifest.list.v2+json"
    )
}

fn is_manifest(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/vnd.oci.image.manifest.v1+json" | "application/vnd.docker.distribution.manifest.v2+json"
    )
}

fn is_layer(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/vnd.oci.image.layer.v1.tar"
            | "application/vnd.oci.image.layer.v1.tar+gzip"
            | "application/vnd.oci.image.layer.v1.tar+zstd"
            | "application/vnd.docker.image.rootfs.diff.tar"
            | "application/vnd.docker.image.rootfs.diff.tar.gzip"
    )
}
