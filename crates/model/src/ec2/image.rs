//! A machine image: what an instance boots from.

use crate::{Tags, Timestamp, id::ImageId};
use serde::{Deserialize, Serialize};

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
    /// The command started at every boot, by `/bin/sh -c`; none means that only user data runs.
    pub boot: Option<String>,
    /// The `PORT` that instances find in their environment.
    pub port: u16,
    /// When it was made; the epoch for built-in ones.
    pub created_at: Timestamp,
    /// Tags of the owner.
    pub tags: Tags,
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
}
