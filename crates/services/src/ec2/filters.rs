//! Filters of the Describe operations: by name, with `*` and `?` in values, and by tags.
//!
//! Filters look at what the answer shows, so that a filter and the answer never disagree. A filter that AWS does not
//! have for a resource is refused by name. All filters of a request must match (and); of one filter, any value (or).

use std::collections::BTreeSet;
use std::fmt::Display;

use api::ec2::ErrorCode;
use api::ec2::types::{Filter, Tag};
use wire::AwsError;

use super::errors::invalid;

/// The most filter values of one request (EC2 user guide).
pub(super) const MAXIMUM_FILTER_VALUES: usize = 200;
/// The longest filter value, in characters.
pub(super) const MAXIMUM_VALUE_LENGTH: usize = 255;

/// The texts of one property.
pub(super) type Property<T> = (&'static str, fn(&T) -> Vec<String>);

/// What a resource can be filtered by.
pub(super) struct Properties<T: 'static> {
    /// By the names of filters.
    pub named: &'static [Property<T>],
    /// Its tags, for `tag:<key>` and `tag-key`; `None` for resources that have none.
    pub tags: Option<fn(&T) -> &[Tag]>,
}

/// The filters of one request.
#[derive(Debug)]
pub(super) struct Filters(Vec<Named>);

#[derive(Debug)]
struct Named {
    name: String,
    values: BTreeSet<String>,
}

impl Filters {
    /// Reads the filters of a request for resources with these properties.
    ///
    /// # Errors
    /// `InvalidParameterValue` for filters that the resource does not have, `FilterLimitExceeded` for too many values.
    pub(super) fn parse<T>(filters: Option<Vec<Filter>>, properties: &Properties<T>) -> Result<Self, AwsError> {
        let filters = filters.unwrap_or_default();
        let named = filters.into_iter().map(named).collect::<Result<Vec<Named>, AwsError>>()?;
        if named.iter().map(|filter| filter.values.len()).sum::<usize>() > MAXIMUM_FILTER_VALUES {
            let message = format!("a request has at most {MAXIMUM_FILTER_VALUES} filter values");
            return Err(ErrorCode::FilterLimitExceeded.error(message));
        }
        for filter in &named {
            if !properties.know(&filter.name) {
                return Err(invalid(format!("there is no filter `{}` here", shown(&filter.name))));
            }
        }
        Ok(Self(named))
    }

    /// Whether every filter matches.
    pub(super) fn admit<T>(&self, properties: &Properties<T>, item: &T) -> bool {
        self.0.iter().all(|filter| {
            let found = properties.of(item, &filter.name);
            found.iter().any(|text| filter.values.iter().any(|pattern| matches(pattern, text)))
        })
    }
}

fn named(filter: Filter) -> Result<Named, AwsError> {
    let Filter { name, values } = filter;
    let name = name.filter(|name| !name.is_empty()).ok_or_else(|| super::errors::missing("a filter has no Name"))?;
    let values: BTreeSet<String> = values.unwrap_or_default().into_iter().collect();
    if values.is_empty() {
        return Err(invalid(format!("filter `{}` has no values", shown(&name))));
    }
    if values.iter().any(|value| value.chars().count() > MAXIMUM_VALUE_LENGTH) {
        let message = format!("a value of filter `{}` has more than {MAXIMUM_VALUE_LENGTH} characters", shown(&name));
        return Err(ErrorCode::FilterLimitExceeded.error(message));
    }
    Ok(Named { name, values })
}

fn shown(name: &str) -> String {
    name.chars().take(64).collect()
}

impl<T> Properties<T> {
    fn know(&self, name: &str) -> bool {
        let of_tags = self.tags.is_some() && (name == "tag-key" || name.strip_prefix("tag:").is_some());
        of_tags || self.named.iter().any(|(known, _)| *known == name)
    }

    fn of(&self, item: &T, name: &str) -> Vec<String> {
        let tags = || self.tags.map_or(&[][..], |tags| tags(item));
        if name == "tag-key" {
            return tags().iter().map(|tag| tag.key.clone()).collect();
        }
        if let Some(key) = name.strip_prefix("tag:") {
            return tags()
                .iter()
                .filter(|tag| tag.key == key)
                .map(|tag| tag.value.clone().unwrap_or_default())
                .collect();
        }
        let property = self.named.iter().find(|(known, _)| *known == name);
        property.map(|(_, texts)| texts(item)).unwrap_or_default()
    }
}

/// The text of an optional property.
pub(super) fn text(value: &Option<String>) -> Vec<String> {
    value.iter().cloned().collect()
}

/// A flag, a number or a value of an enumeration as text.
pub(super) fn plain<D: Display>(value: Option<D>) -> Vec<String> {
    value.iter().map(D::to_string).collect()
}

/// The same property of every element of a list.
pub(super) fn each<E>(list: &Option<Vec<E>>, property: impl Fn(&E) -> Vec<String>) -> Vec<String> {
    list.iter().flatten().flat_map(property).collect()
}

/// A property that no resource here has: the filter exists and matches nothing.
pub(super) fn nothing<T>(_: &T) -> Vec<String> {
    Vec::new()
}

/// Whether the whole text fits the pattern: `*` is any text, `?` any character, `\` takes the next one as it is.
/// Takes at most length times length steps, however many asterisks there are.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (tokens(pattern), text.chars().collect::<Vec<char>>());
    let (mut at, mut here) = (0, 0);
    // Where the last asterisk is, and up to where the text it stands for reaches.
    let mut star: Option<(usize, usize)> = None;
    while here < text.len() {
        match pattern.get(at) {
            Some(Token::Any) => {
                star = Some((at, here));
                at += 1;
            }
            Some(Token::One) => (at, here) = (at + 1, here + 1),
            Some(Token::Is(c)) if *c == text[here] => (at, here) = (at + 1, here + 1),
            Some(Token::Is(_)) | None => {
                let Some((asterisk, reach)) = star else { return false };
                star = Some((asterisk, reach + 1));
                (at, here) = (asterisk + 1, reach + 1);
            }
        }
    }
    pattern[at..].iter().all(|token| matches!(token, Token::Any))
}

enum Token {
    Any,
    One,
    Is(char),
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut characters = pattern.chars();
    let mut tokens = Vec::new();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Is(characters.next().unwrap_or('\\')),
            other => Token::Is(other),
        });
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_texts() {
        let table = [
            ("web", "web", true),
            ("web", "web1", false),
            ("Web", "web", false),
            ("web*", "web", true),
            ("web*", "web-1", true),
            ("*web", "my web", true),
            ("*e*", "web", true),
            ("w?b", "web", true),
            ("w?b", "wb", false),
            ("?", "웹", true),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("a\\", "a\\", true),
            ("*a*b*c", "xxaxxbxxc", true),
            ("*a*b*c", "xxaxxbxxcx", false),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn many_asterisks_take_no_longer_than_length_times_length() {
        // With backtracking over every asterisk this would not end in the life of the universe.
        assert!(!matches(&"*a".repeat(120), &format!("{}b", "a".repeat(100_000))));
    }
}
