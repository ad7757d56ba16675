//! A machine image: what an instance boots from.

use super::instance::StateReason;
use crate::{
    Tags, Timestamp,
    id::{ImageId, InstanceId, SnapshotId},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The most images that one account and region makes.
pub const MAXIMUM_IMAGES: usize = 1000;
/// The least and the most characters of a name (EC2 API reference, RegisterImage).
pub const NAME_LENGTH: std::ops::RangeInclusive<usize> = 3..=128;
/// Characters of names beside letters and digits.
const NAME_PUNCTUATION: &str = "()[] ./-'@_";
/// The longest path of an image's files, in bytes.
const MAXIMUM_PATH_LENGTH: usize = 4096;

/// An image. Built-in ones and those of the configuration belong to every account and region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// `ami-…`
    pub id: ImageId,
    /// Unique among the owner's images.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Who made it.
    pub owner: ImageOwner,
    /// Where its files come from.
    pub source: ImageSource,
    /// The command started at every boot, by `/bin/sh -c`; none means the own command of an OCI image, or that only user
    /// data runs.
    pub boot: Option<String>,
    /// The `PORT` that instances find in their environment.
    pub port: u16,
    /// When it was made; the epoch for built-in ones.
    pub created_at: Timestamp,
    /// Tags of the owner.
    pub tags: Tags,
    /// Whether it can be launched.
    #[serde(default)]
    pub state: ImageState,
    /// Why CreateImage failed.
    #[serde(default)]
    pub state_reason: Option<StateReason>,
    /// The instance that CreateImage makes or made it of.
    #[serde(default)]
    pub source_instance: Option<InstanceId>,
    /// Whether that instance goes on while its files are copied (`NoReboot`); otherwise it is stopped for the moment.
    #[serde(default)]
    pub no_reboot: bool,
}

/// Whether an image can be launched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageState {
    /// CreateImage was asked for, and its files are not there yet. Whoever runs instances makes them of
    /// [`Image::source_instance`] under the id of [`ImageSource::Snapshot`], and moves it on.
    Pending,
    /// It can be launched.
    #[default]
    Available,
    /// Its files could not be made; [`Image::state_reason`] says why.
    Failed,
    /// DeregisterImage was called while instances of it were there: they may boot again, and nobody sees or launches it.
    /// Forgotten when the last of them is terminated.
    Deregistered,
}

/// Why a name or a place of files cannot be an image's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidImage {
    /// Too short or too long.
    #[error("the name of an image has {} to {} characters", NAME_LENGTH.start(), NAME_LENGTH.end())]
    NameLength,
    /// A character that names cannot have.
    #[error("`{0}` cannot be in the name of an image: letters, digits, blanks and ( ) [ ] . / - ' @ _")]
    NameCharacter(char),
    /// Not one of the forms.
    #[error("`{0}` is not an image source: use host, directory:PATH, rootfs:FILE.tar or oci:PATH")]
    Source(String),
    /// Relative, with `..`, with control characters, or too long.
    #[error("`{0}` has to be an absolute path without `..`, of at most {MAXIMUM_PATH_LENGTH} bytes")]
    Path(String),
}

/// Checks the name of a new image.
///
/// # Errors
/// [`InvalidImage::NameLength`], [`InvalidImage::NameCharacter`].
pub fn check_name(name: &str) -> Result<(), InvalidImage> {
    if !NAME_LENGTH.contains(&name.chars().count()) {
        return Err(InvalidImage::NameLength);
    }
    match name.chars().find(|c| !c.is_ascii_alphanumeric() && !NAME_PUNCTUATION.contains(*c)) {
        Some(character) => Err(InvalidImage::NameCharacter(character)),
        None => Ok(()),
    }
}

/// The `PORT` hint of images that do not say.
pub const DEFAULT_PORT: u16 = 3000;

/// Who made an image; `Owners` and `ImageOwnerAlias` in DescribeImages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageOwner {
    /// Comes with Goru (`amazon` in the API: what everybody may launch).
    BuiltIn,
    /// From the configuration file, or made by the account (`self`).
    Account,
}

/// Where an image's files come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageSource {
    /// The host's own programs; an empty working directory.
    Host,
    /// A directory that is copied into the instance's own directory.
    Directory(String),
    /// A small web site of Goru's own, for the demonstration.
    Site,
    /// A root file system in a tar file. Only for drivers whose instances have one of their own.
    RootFs(String),
    /// An OCI layout: a directory, or an archive of one. Only for drivers whose instances have a root file system.
    Oci(String),
    /// A layer that CreateImage made; its driver keeps it under this id. Only for drivers whose instances have a root
    /// file system.
    Snapshot(SnapshotId),
}

impl fmt::Display for ImageSource {
    /// As the configuration and `ImageLocation` have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.write_str("host"),
            Self::Directory(path) => write!(f, "directory:{path}"),
            Self::Site => f.write_str("site"),
            Self::RootFs(path) => write!(f, "rootfs:{path}"),
            Self::Oci(path) => write!(f, "oci:{path}"),
            Self::Snapshot(id) => write!(f, "snapshot:{id}"),
        }
    }
}

/// What configuration and RegisterImage may name: files of the user's, or the host. Whether they exist is not asked here.
impl FromStr for ImageSource {
    type Err = InvalidImage;
    fn from_str(text: &str) -> Result<Self, InvalidImage> {
        match text.split_once(':') {
            None if text == "host" => Ok(Self::Host),
            Some(("directory", path)) => Ok(Self::Directory(path.to_owned())),
            Some(("rootfs", path)) => Ok(Self::RootFs(path.to_owned())),
            Some(("oci", path)) => Ok(Self::Oci(path.to_owned())),
            Some(_) | None => Err(InvalidImage::Source(text.chars().take(64).collect())),
        }
    }
}

impl ImageSource {
    /// The path of its files, if they are the user's.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Directory(path) | Self::RootFs(path) | Self::Oci(path) => Some(path),
            Self::Host | Self::Site | Self::Snapshot(_) => None,
        }
    }

    /// Refuses paths that do not say by themselves where they lead.
    ///
    /// # Errors
    /// [`InvalidImage::Path`].
    pub fn check_path(&self) -> Result<(), InvalidImage> {
        let clear = |path: &str| {
            path.len() <= MAXIMUM_PATH_LENGTH
                && path.len() > 1
                && path.starts_with('/')
                && !path.split('/').any(|part| part == "..")
                && !path.chars().any(char::is_control)
        };
        match self.path() {
            Some(path) if !clear(path) => Err(InvalidImage::Path(path.chars().take(64).collect())),
            Some(_) | None => Ok(()),
        }
    }
}

/// The id of the built-in image without a boot command: the host's own programs, started by user data.
pub const HOST_IMAGE: &str = "ami-00000000000000001";
/// The id of the built-in image that serves a small web site on `PORT`.
pub const SITE_IMAGE: &str = "ami-00000000000000002";

/// The images that come with Goru, in every region.
pub fn built_in() -> Vec<Image> {
    let image = |id: &str, name: &str, description: &str, source: ImageSource| {
        Some(Image {
            id: id.parse().ok()?,
            name: name.to_owned(),
            description: description.to_owned(),
            owner: ImageOwner::BuiltIn,
            source,
            boot: None,
            port: DEFAULT_PORT,
            created_at: Timestamp::default(),
            tags: Tags::default(),
            state: ImageState::Available,
            state_reason: None,
            source_instance: None,
            no_reboot: false,
        })
    };
    let host =
        image(HOST_IMAGE, "goru-host", "The programs of this host; user data starts what shall run", ImageSource::Host);
    let site = image(SITE_IMAGE, "goru-site", "A small web site that shows who answers", ImageSource::Site);
    host.into_iter().chain(site).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_images_have_their_ids() {
        let ids: Vec<String> = built_in().iter().map(|image| image.id.to_string()).collect();
        assert_eq!(ids, [HOST_IMAGE, SITE_IMAGE]);
    }

    #[test]
    fn names_are_of_a_part_of_ascii() {
        for name in ["web", "web server (1) [a] ./-'@_", &"x".repeat(128)] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in ["", "ab", &"x".repeat(129)] {
            assert_eq!(check_name(name), Err(InvalidImage::NameLength), "{name}");
        }
        for (name, character) in [("web:1", ':'), ("web\n1", '\n'), ("웹서버", '웹'), ("web\u{202e}", '\u{202e}')] {
            assert_eq!(check_name(name), Err(InvalidImage::NameCharacter(character)), "{name}");
        }
    }

    #[test]
    fn sources_are_shown_as_they_are_read() {
        for text in ["host", "directory:/srv/web", "rootfs:/srv/debian.tar", "oci:/srv/oci"] {
            let source: ImageSource = text.parse().unwrap();
            assert_eq!((source.to_string(), source.check_path()), (text.to_owned(), Ok(())));
        }
        for text in ["", "site", "Host", "snapshot:snap-00000001", "docker:x", "/srv/web"] {
            assert!(matches!(text.parse::<ImageSource>(), Err(InvalidImage::Source(_))), "{text}");
        }
        for text in ["directory:", "rootfs:/", "oci:web", "oci:/srv/../etc", "rootfs:/a\0b", "directory:/.."] {
            let source: ImageSource = text.parse().unwrap();
            assert!(matches!(source.check_path(), Err(InvalidImage::Path(_))), "{text}");
        }
    }

    #[test]
    fn records_of_before_are_available_and_of_no_instance() {
        let image = built_in().remove(0);
        let mut json = serde_json::to_value(&image).unwrap();
        for added in ["state", "state_reason", "source_instance", "no_reboot"] {
            assert!(json.as_object_mut().unwrap().remove(added).is_some(), "{added}");
        }
        assert_eq!(serde_json::from_value::<Image>(json).unwrap(), image);
    }
}
