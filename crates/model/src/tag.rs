//! Tags: a resource's key-value labels, with AWS's limits.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most tags one resource may have.
pub const MAXIMUM_TAGS: usize = 50;
/// The longest key, in characters.
pub const MAXIMUM_KEY_LENGTH: usize = 128;
/// The longest value, in characters.
pub const MAXIMUM_VALUE_LENGTH: usize = 256;

/// The tags of one resource, by key. Keys are case-sensitive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(pub BTreeMap<String, String>);

/// Why a set of tags is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTags {
    /// More than fifty.
    #[error("a resource has at most {MAXIMUM_TAGS} tags")]
    TooMany,
    /// An empty or overlong key.
    #[error("tag key `{0}` must have 1 to {MAXIMUM_KEY_LENGTH} characters")]
    KeyLength(String),
    /// An overlong value.
    #[error("the value of tag `{0}` may have at most {MAXIMUM_VALUE_LENGTH} characters")]
    ValueLength(String),
    /// A key that only the system may write.
    #[error("tag key `{0}` begins with `aws:`, which is reserved")]
    Reserved(String),
    /// One key given twice in one request.
    #[error("tag key `{0}` is given more than once")]
    Duplicate(String),
}

impl Tags {
    /// Checks keys and values of one request, given in order.
    pub fn parse(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, InvalidTags> {
        let mut tags = BTreeMap::new();
        for (key, value) in pairs {
            let shown = || key.chars().take(MAXIMUM_KEY_LENGTH).collect::<String>();
            if key.is_empty() || key.chars().count() > MAXIMUM_KEY_LENGTH {
                return Err(InvalidTags::KeyLength(shown()));
            }
            if is_reserved(&key) {
                return Err(InvalidTags::Reserved(shown()));
            }
            if value.chars().count() > MAXIMUM_VALUE_LENGTH {
                return Err(InvalidTags::ValueLength(shown()));
            }
            if tags.insert(key.clone(), value).is_some() {
                return Err(InvalidTags::Duplicate(shown()));
            }
        }
        Self(tags).within_limit()
    }

    /// These tags with `more` added or replaced.
    pub fn merged(&self, more: &Self) -> Result<Self, InvalidTags> {
        let mut tags = self.0.clone();
        tags.extend(more.0.iter().map(|(k, v)| (k.clone(), v.clone())));
        Self(tags).within_limit()
    }

    /// The value of one key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// AWS's own tags do not count.
    fn within_limit(self) -> Result<Self, InvalidTags> {
        let count = self.0.keys().filter(|key| !is_reserved(key)).count();
        if count > MAXIMUM_TAGS { Err(InvalidTags::TooMany) } else { Ok(self) }
    }
}

/// Whether only the system may write tags of that key: it begins with `aws:`, in whatever case.
pub fn is_reserved(key: &str) -> bool {
    key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<Tags, InvalidTags> {
        Tags::parse(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn limits_are_those_of_aws() {
        assert!(parse(&[("Name", "web"), ("name", "other"), ("이름", "웹")]).is_ok());
        assert_eq!(parse(&[("", "x")]), Err(InvalidTags::KeyLength(String::new())));
        assert!(matches!(parse(&[("AWS:x", "x")]), Err(InvalidTags::Reserved(_))));
        assert!(matches!(parse(&[("a", "1"), ("a", "2")]), Err(InvalidTags::Duplicate(_))));
        assert!(matches!(parse(&[(&"k".repeat(129), "")]), Err(InvalidTags::KeyLength(_))));
        assert!(matches!(parse(&[("k", &"v".repeat(257))]), Err(InvalidTags::ValueLength(_))));
        let own = Tags([("aws:autoscaling:groupName".to_owned(), "web".to_owned())].into());
        assert!(own.merged(&Tags::parse((0..50).map(|i| (i.to_string(), String::new()))).unwrap()).is_ok());
        assert_eq!(Tags::parse((0..51).map(|i| (i.to_string(), String::new()))), Err(InvalidTags::TooMany));
    }
}
