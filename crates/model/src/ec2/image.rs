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
}
