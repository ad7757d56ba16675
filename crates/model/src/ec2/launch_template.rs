//! Launch templates: numbered versions of what instances shall be like, one of which is the default.
//!
//! A version never changes; RunInstances and Auto Scaling resolve `$Latest`, `$Default` or a number to one of them at the
//! time of the launch. Numbers of deleted versions are not given out again.

use std::{num::IntErrorKind, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

use super::launch::{LaunchSpec, TemplateVersion};
use crate::{Tags, Timestamp, id::LaunchTemplateId};

/// The most launch templates of one account and region (EC2 user guide, launch template quotas).
pub const MAXIMUM_TEMPLATES: usize = 5000;
/// The most versions of one launch template (EC2 user guide, launch template quotas).
pub const MAXIMUM_VERSIONS: usize = 10_000;
/// How long names are, in characters (EC2 API reference, CreateLaunchTemplate).
pub const NAME_LENGTH: std::ops::RangeInclusive<usize> = 3..=128;
/// The longest description of a version, in characters.
pub const MAXIMUM_DESCRIPTION_LENGTH: usize = 255;
/// Characters of names beside letters and digits.
const PUNCTUATION: &str = "().-/_";
/// So many digits have the numbers in ids of versions, so that they sort as numbers do.
const ID_DIGITS: usize = 20;

/// A launch template; what it says is in its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchTemplate {
    /// `lt-…`
    pub id: LaunchTemplateId,
    /// Unique in the account and region.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The ARN of who made it.
    pub created_by: String,
    /// The version that is meant when none is named; it cannot be deleted.
    pub default_version: u64,
    /// The highest number of those that there are.
    pub latest_version: u64,
    /// How many versions were ever made: the next one has the next number.
    pub versions_made: u64,
    /// Tags.
    pub tags: Tags,
}

/// One version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchTemplateVersion {
    /// The template.
    pub template_id: LaunchTemplateId,
    /// From 1.
    pub version: u64,
    /// Free text, at most 255 characters.
    pub description: Option<String>,
    /// What it says.
    pub data: LaunchSpec,
    /// When it was made.
    pub created_at: Timestamp,
    /// The ARN of who made it.
    pub created_by: String,
}

impl LaunchTemplateVersion {
    /// The id of its record: the template's and the number with leading zeros, so that a range is in order.
    pub fn id(&self) -> String {
        Self::id_of(&self.template_id, self.version)
    }

    /// The id of the record of a version.
    pub fn id_of(template: &LaunchTemplateId, version: u64) -> String {
        format!("{}{version:0ID_DIGITS$}", Self::id_prefix(template))
    }

    /// What the ids of all versions of a template begin with, for `view.range`.
    pub fn id_prefix(template: &LaunchTemplateId) -> String {
        format!("{template}|")
    }
}

/// Which version somebody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VersionWanted {
    /// That one.
    Number(u64),
    /// `$Latest`: the highest number at the time.
    Latest,
    /// `$Default`: the default version at the time.
    Default,
}

/// Neither a number nor one of the words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no version of a launch template: a number from 1, $Latest or $Default")]
pub struct InvalidVersion(pub String);

impl FromStr for VersionWanted {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let invalid = || InvalidVersion(text.chars().take(64).collect());
        match text {
            "$Latest" => Ok(Self::Latest),
            "$Default" => Ok(Self::Default),
            _ if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) => Err(invalid()),
            _ => match text.parse::<u64>() {
                Ok(0) => Err(invalid()),
                Ok(number) => Ok(Self::Number(number)),
                // A number that is no version of anything.
                Err(error) if *error.kind() == IntErrorKind::PosOverflow => Ok(Self::Number(u64::MAX)),
                Err(_) => Err(invalid()),
            },
        }
    }
}

impl std::fmt::Display for VersionWanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Latest => f.write_str("$Latest"),
            Self::Default => f.write_str("$Default"),
        }
    }
}

/// The template has no such version (any more).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Launch template {template} has no version {wanted}")]
pub struct VersionNotFound {
    /// The template.
    pub template: LaunchTemplateId,
    /// What was asked for.
    pub wanted: VersionWanted,
}

/// What a template says when it is used: the version it comes to, and what instances are like. `record` finds the
/// version's record by its id.
///
/// # Errors
/// [`VersionNotFound`] when that version is not there.
pub fn resolve(
    template: &LaunchTemplate,
    wanted: VersionWanted,
    record: impl FnOnce(&str) -> Option<Arc<LaunchTemplateVersion>>,
) -> Result<(u64, LaunchSpec), VersionNotFound> {
    let number = template.number(wanted);
    let id = LaunchTemplateVersion::id_of(&template.id, number);
    let version = record(&id).ok_or_else(|| VersionNotFound { template: template.id.clone(), wanted })?;
    let launch_template = Some(TemplateVersion { id: template.id.clone(), version: number });
    Ok((number, LaunchSpec { launch_template, ..version.data.clone() }))
}

impl LaunchTemplate {
    /// The number that is meant; there need not be such a version.
    pub fn number(&self, wanted: VersionWanted) -> u64 {
        match wanted {
            VersionWanted::Number(number) => number,
            VersionWanted::Latest => self.latest_version,
            VersionWanted::Default => self.default_version,
        }
    }
}

/// Why a text cannot be the name of a launch template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Too short or too long.
    #[error("names of launch templates have {} to {} characters, not {count}", NAME_LENGTH.start(), NAME_LENGTH.end())]
    Length {
        /// So many.
        count: usize,
    },
    /// A character that is not allowed.
    #[error(
        "`{0}` is not allowed in names of launch templates: they are of the characters a-z A-Z 0-9 and {PUNCTUATION}"
    )]
    Character(char),
}

/// Checks the name of a launch template (EC2 API reference, CreateLaunchTemplate).
///
/// # Errors
/// [`InvalidName`].
pub fn check_name(name: &str) -> Result<(), InvalidName> {
    let count = name.chars().count();
    if !NAME_LENGTH.contains(&count) {
        return Err(InvalidName::Length { count });
    }
    match name.chars().find(|c| !c.is_ascii_alphanumeric() && !PUNCTUATION.contains(*c)) {
        Some(character) => Err(InvalidName::Character(character)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> LaunchTemplate {
        LaunchTemplate {
            id: "lt-0123456789abcdef0".parse().unwrap(),
            name: "web".into(),
            created_at: Timestamp::default(),
            created_by: "arn:aws:iam::123456789012:root".into(),
            default_version: 2,
            latest_version: 11,
            versions_made: 12,
            tags: Tags::default(),
        }
    }

    fn version(number: u64) -> LaunchTemplateVersion {
        LaunchTemplateVersion {
            template_id: template().id,
            version: number,
            description: None,
            data: LaunchSpec { instance_type: Some(format!("type-{number}")), ..LaunchSpec::default() },
            created_at: Timestamp::default(),
            created_by: template().created_by,
        }
    }

    #[test]
    fn what_is_wanted_comes_to_a_number_and_its_data() {
        let there = [1, 2, 9, 11].map(|number| Arc::new(version(number)));
        let record = |id: &str| there.iter().find(|version| version.id() == id).map(Arc::clone);
        let table = [("1", Some(1)), ("$Latest", Some(11)), ("$Default", Some(2)), ("3", None), ("12", None)];
        for (text, expected) in table {
            let resolved = resolve(&template(), text.parse().unwrap(), record);
            assert_eq!(resolved.as_ref().ok().map(|(number, _)| *number), expected, "{text}");
            let Some(number) = expected else {
                let sentence = format!("Launch template lt-0123456789abcdef0 has no version {text}");
                assert_eq!(resolved.unwrap_err().to_string(), sentence);
                continue;
            };
            let (_, spec) = resolved.unwrap();
            assert_eq!(spec.instance_type.unwrap(), format!("type-{number}"));
            assert_eq!(spec.launch_template, Some(TemplateVersion { id: template().id, version: number }));
        }
    }

    #[test]
    fn versions_sort_by_their_number() {
        let ids = [1, 2, 9, 10, 11, 100, 10_000].map(|number| version(number).id());
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.iter().all(|id| id.starts_with("lt-0123456789abcdef0|0")));
    }

    #[test]
    fn a_version_is_a_number_or_one_of_two_words() {
        for text in ["", "0", "-1", "+1", "1.0", "latest", "$latest", "$LATEST", " 1", "one"] {
            assert_eq!(text.parse::<VersionWanted>(), Err(InvalidVersion(text.to_owned())));
        }
        for text in ["1", "10000", "$Latest", "$Default"] {
            assert_eq!(text.parse::<VersionWanted>().unwrap().to_string(), text);
        }
        assert_eq!("99999999999999999999999".parse(), Ok(VersionWanted::Number(u64::MAX)));
    }

    #[test]
    fn names_have_few_characters() {
        let long = "n".repeat(129);
        let table = [("web", true), ("Web_1.0-(a)/b", true), ("we", false), ("", false), (&long, false)];
        for (name, good) in table.into_iter().chain([("web 1", false), ("웹서버", false), ("a$b", false)]) {
            assert_eq!(check_name(name).is_ok(), good, "{name}");
        }
        assert!(check_name(&"n".repeat(128)).is_ok());
    }
}
