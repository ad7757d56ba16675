//! Filter policies: which messages a subscription wants (SNS developer guide, message filtering).
//!
//! A policy is a JSON object. Every key must match (and); of the conditions in a key's list one must (or). Conditions:
//! exact texts, numbers, booleans and null; `prefix`, `suffix`, `wildcard`, `equals-ignore-case`, `anything-but`,
//! `numeric`, `cidr`, `exists`; `$or` over policies. Nested keys are for the message's body.

use super::attribute_value::AttributeValue;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, net::IpAddr};

/// The most keys of one policy.
pub const MAXIMUM_KEYS: usize = 5;
/// The most combinations of values: the product of the numbers of conditions of all keys (times nesting, for bodies).
pub const MAXIMUM_COMBINATIONS: usize = 150;
/// The longest policy, in bytes.
pub const MAXIMUM_BYTES: usize = 150 * 1024;
/// How deep a policy may nest.
const MAXIMUM_DEPTH: usize = 8;

/// What a policy looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FilterPolicyScope {
    /// The attributes beside the message.
    #[default]
    MessageAttributes,
    /// The message itself, which must be a JSON object.
    MessageBody,
}

impl FilterPolicyScope {
    /// AWS's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MessageAttributes => "MessageAttributes",
            Self::MessageBody => "MessageBody",
        }
    }

    /// From AWS's name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::MessageAttributes, Self::MessageBody].into_iter().find(|scope| scope.as_str() == text)
    }
}

/// A checked policy.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterPolicy(All);

/// Why a policy is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("FilterPolicy: {0}")]
pub struct InvalidFilterPolicy(pub String);

/// Every rule must hold.
#[derive(Clone, Debug, PartialEq)]
struct All(Vec<Rule>);

#[derive(Clone, Debug, PartialEq)]
enum Rule {
    /// One of the conditions holds for the key's value.
    Key(String, Vec<Condition>),
    /// The rules hold for what is under the key.
    Under(String, All),
    /// One of the policies holds (`$or`).
    Any(Vec<All>),
}

#[derive(Clone, Debug, PartialEq)]
enum Condition {
    Equals(Value),
    Exists(bool),
    Prefix(String),
    Suffix(String),
    Wildcard(String),
    EqualsIgnoreCase(String),
    Numeric(Vec<(Comparison, f64)>),
    Cidr(IpAddr, u8),
    AnythingBut(Vec<Condition>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl FilterPolicy {
    /// Reads a policy.
    ///
    /// # Errors
    /// Says what is wrong in a sentence for the user.
    pub fn parse(text: &str, scope: FilterPolicyScope) -> Result<Self, InvalidFilterPolicy> {
        if text.len() > MAXIMUM_BYTES {
            return refuse(format!("it may have at most {MAXIMUM_BYTES} bytes"));
        }
        let policy: Value =
            serde_json::from_str(text).map_err(|error| invalid(format!("failed to parse JSON: {error}")))?;
        let Value::Object(object) = policy else { return refuse("it must be a JSON object") };
        let all = all_of(&object, scope, 1)?;
        let (keys, combinations) = all.size(1);
        if keys > MAXIMUM_KEYS {
            return refuse(format!("it may have at most {MAXIMUM_KEYS} keys"));
        }
        if combinations > MAXIMUM_COMBINATIONS {
            return refuse(format!("it may have at most {MAXIMUM_COMBINATIONS} combinations of values"));
        }
        Ok(Self(all))
    }

    /// Whether a message with these attributes is wanted.
    pub fn matches_attributes(&self, attributes: &BTreeMap<String, AttributeValue>) -> bool {
        let values = attributes.iter().map(|(name, value)| (name.clone(), Value::Array(value.filterable()))).collect();
        self.0.holds(&values)
    }

    /// Whether a message with this text is wanted; one that is no JSON object is not.
    pub fn matches_body(&self, body: &str) -> bool {
        serde_json::from_str::<Map<String, Value>>(body).is_ok_and(|object| self.0.holds(&object))
    }
}

impl All {
    fn holds(&self, object: &Map<String, Value>) -> bool {
        self.0.iter().all(|rule| rule.holds(object))
    }

    /// How many keys, and how many combinations of values.
    fn size(&self, depth: usize) -> (usize, usize) {
        self.0.iter().fold((0, 1), |(keys, combinations): (usize, usize), rule| {
            let (more, factor) = match rule {
                Rule::Key(_, conditions) => (1, conditions.len().saturating_mul(depth)),
                Rule::Under(_, all) => all.size(depth + 1),
                Rule::Any(policies) => {
                    policies.iter().map(|all| all.size(depth)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
                }
            };
            (keys + more, combinations.saturating_mul(factor))
        })
    }
}

impl Rule {
    fn holds(&self, object: &Map<String, Value>) -> bool {
        match self {
            Self::Key(name, conditions) => {
                let found = object.get(name);
                conditions.iter().any(|condition| condition.holds(found))
            }
            Self::Under(name, all) => match object.get(name) {
                Some(Value::Object(under)) => all.holds(under),
                Some(Value::Array(elements)) => elements.iter().filter_map(Value::as_object).any(|one| all.holds(one)),
                Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => false,
            },
            Self::Any(policies) => policies.iter().any(|all| all.holds(object)),
        }
    }
}

impl Condition {
    /// Whether it holds for what is under a key: for one of the elements when that is a list.
    fn holds(&self, found: Option<&Value>) -> bool {
        if let Self::Exists(wanted) = self {
            return *wanted == found.is_some();
        }
        match found {
            None => false,
            Some(Value::Array(elements)) => match self {
                // None of the elements may be one that is excluded.
                Self::AnythingBut(excluded) => {
                    !elements.is_empty() && !elements.iter().any(|one| excluded.iter().any(|c| c.holds_for(one)))
                }
                Self::Equals(_)
                | Self::Exists(_)
                | Self::Prefix(_)
                | Self::Suffix(_)
                | Self::Wildcard(_)
                | Self::EqualsIgnoreCase(_)
                | Self::Numeric(_)
                | Self::Cidr(..) => elements.iter().any(|one| self.holds_for(one)),
            },
            Some(one) => self.holds_for(one),
        }
    }

    fn holds_for(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::Equals(wanted) => same(wanted, value),
            Self::Exists(wanted) => *wanted,
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix.as_str())),
            Self::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix.as_str())),
            Self::Wildcard(pattern) => text.is_some_and(|text| wildcard(pattern.as_bytes(), text.as_bytes())),
            Self::EqualsIgnoreCase(wanted) => text.is_some_and(|text| text.to_lowercase() == wanted.to_lowercase()),
            Self::Numeric(bounds) => {
                value.as_f64().is_some_and(|n| bounds.iter().all(|(by, bound)| by.holds(n, *bound)))
            }
            Self::Cidr(network, length) => {
                text.and_then(|text| text.parse().ok()).is_some_and(|ip| within(*network, *length, ip))
            }
            Self::AnythingBut(excluded) => !excluded.iter().any(|condition| condition.holds_for(value)),
        }
    }
}

impl Comparison {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "=" => Some(Self::Equal),
            "<" => Some(Self::Less),
            "<=" => Some(Self::LessOrEqual),
            ">" => Some(Self::Greater),
            ">=" => Some(Self::GreaterOrEqual),
            _ => None,
        }
    }

    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            // Numbers are compared to five places after the point, as AWS does.
            Self::Equal => (value - bound).abs() < 0.000_005,
            Self::Less => value < bound,
            Self::LessOrEqual => value <= bound,
            Self::Greater => value > bound,
            Self::GreaterOrEqual => value >= bound,
        }
    }
}

/// `*` stands for any characters.
fn wildcard(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p) == Some(&text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            p = at + 1;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

fn same(wanted: &Value, value: &Value) -> bool {
    match (wanted.as_f64(), value.as_f64()) {
        (Some(a), Some(b)) => Comparison::Equal.holds(b, a),
        _not_both_numbers => wanted == value,
    }
}

fn within(network: IpAddr, length: u8, ip: IpAddr) -> bool {
    let equal_from = |a: u128, b: u128, bits: u32| {
        let shift = bits - u32::from(length).min(bits);
        a.checked_shr(shift).unwrap_or(0) == b.checked_shr(shift).unwrap_or(0)
    };
    match (network, ip) {
        (IpAddr::V4(a), IpAddr::V4(b)) => equal_from(u32::from(a).into(), u32::from(b).into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => equal_from(a.into(), b.into(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

fn all_of(object: &Map<String, Value>, scope: FilterPolicyScope, depth: usize) -> Result<All, InvalidFilterPolicy> {
    if depth > MAXIMUM_DEPTH {
        return refuse(format!("it may nest at most {MAXIMUM_DEPTH} deep"));
    }
    if depth > 1 && object.is_empty() {
        return refuse("an empty object matches nothing");
    }
    let rules = object.iter().map(|(name, value)| rule(name, value, scope, depth));
    rules.collect::<Result<_, _>>().map(All)
}

fn rule(name: &str, value: &Value, scope: FilterPolicyScope, depth: usize) -> Result<Rule, InvalidFilterPolicy> {
    match value {
        Value::Array(policies) if name == "$or" => {
            let one = |policy: &Value| match policy.as_object() {
                Some(object) => all_of(object, scope, depth + 1),
                None => refuse("`$or` must hold a list of objects"),
            };
            if policies.len() < 2 {
                return refuse("`$or` must hold at least two objects");
            }
            Ok(Rule::Any(policies.iter().map(one).collect::<Result<_, _>>()?))
        }
        Value::Array(conditions) if conditions.is_empty() => refuse(format!("the list of `{name}` is empty")),
        Value::Array(conditions) => {
            let conditions = conditions.iter().map(|one| condition(name, one)).collect::<Result<_, _>>()?;
            Ok(Rule::Key(name.to_owned(), conditions))
        }
        Value::Object(under) if scope == FilterPolicyScope::MessageBody => {
            Ok(Rule::Under(name.to_owned(), all_of(under, scope, depth + 1)?))
        }
        Value::Object(_) => refuse(format!("`{name}` is nested, which needs FilterPolicyScope MessageBody")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            refuse(format!("the value of `{name}` must be a list"))
        }
    }
}

fn condition(name: &str, value: &Value) -> Result<Condition, InvalidFilterPolicy> {
    match value {
        Value::Object(object) => match object.iter().next() {
            Some((operator, operand)) if object.len() == 1 => operation(name, operator, operand),
            Some(_) | None => refuse(format!("a condition of `{name}` must have exactly one operator")),
        },
        Value::Array(_) => refuse(format!("a condition of `{name}` must not be a list")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(Condition::Equals(value.clone())),
    }
}

fn operation(name: &str, operator: &str, operand: &Value) -> Result<Condition, InvalidFilterPolicy> {
    let wrong = || invalid(format!("the operand of `{operator}` for `{name}` is not of the right form"));
    let text = || operand.as_str().filter(|text| !text.is_empty()).map(str::to_owned).ok_or_else(wrong);
    match operator {
        "exists" => operand.as_bool().map(Condition::Exists).ok_or_else(wrong),
        "prefix" => text().map(Condition::Prefix),
        "suffix" => text().map(Condition::Suffix),
        "equals-ignore-case" => text().map(Condition::EqualsIgnoreCase),
        "wildcard" => {
            let pattern = text()?;
            if pattern.contains("**") { Err(wrong()) } else { Ok(Condition::Wildcard(pattern)) }
        }
        "numeric" => numeric(operand).map(Condition::Numeric).ok_or_else(wrong),
        "cidr" => cidr(&text()?).ok_or_else(wrong),
        "anything-but" => excluded(name, operand).map(Condition::AnythingBut),
        other => refuse(format!("unrecognized match type `{other}` for `{name}`")),
    }
}

fn excluded(name: &str, operand: &Value) -> Result<Vec<Condition>, InvalidFilterPolicy> {
    match operand {
        Value::Array(values) if values.is_empty() => {
            refuse(format!("the list of `anything-but` for `{name}` is empty"))
        }
        Value::Array(values) => values.iter().map(|value| excluded_one(name, value)).collect(),
        Value::Object(object) => match object.iter().next() {
            Some((operator, Value::Array(values)))
                if object.len() == 1
                    && matches!(operator.as_str(), "prefix" | "suffix" | "wildcard")
                    && !values.is_empty() =>
            {
                values.iter().map(|value| operation(name, operator, value)).collect()
            }
            Some((operator, value))
                if object.len() == 1 && matches!(operator.as_str(), "prefix" | "suffix" | "wildcard") =>
            {
                Ok(vec![operation(name, operator, value)?])
            }
            Some(_) | None => refuse(format!("`anything-but` for `{name}` takes values, prefix, suffix or wildcard")),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(vec![excluded_one(name, operand)?]),
    }
}

fn excluded_one(name: &str, value: &Value) -> Result<Condition, InvalidFilterPolicy> {
    match value {
        Value::String(_) | Value::Number(_) => Ok(Condition::Equals(value.clone())),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            refuse(format!("`anything-but` for `{name}` takes texts and numbers"))
        }
    }
}

/// `[">", 0, "<=", 150]`: one comparison or a range.
fn numeric(operand: &Value) -> Option<Vec<(Comparison, f64)>> {
    const LIMIT: f64 = 1e9;
    let parts = operand.as_array().filter(|parts| matches!(parts.len(), 2 | 4))?;
    let pair = |pair: &[Value]| {
        let by = Comparison::parse(pair.first()?.as_str()?)?;
        let bound = pair.get(1)?.as_f64().filter(|bound| bound.abs() <= LIMIT)?;
        Some((by, bound))
    };
    let bounds: Vec<_> = parts.chunks(2).map(pair).collect::<Option<_>>()?;
    match bounds.as_slice() {
        [_] => Some(bounds),
        [
            (Comparison::Greater | Comparison::GreaterOrEqual, low),
            (Comparison::Less | Comparison::LessOrEqual, high),
        ] if low < high => Some(bounds),
        _not_a_range => None,
    }
}

fn cidr(text: &str) -> Option<Condition> {
    let (network, length) = text.split_once('/')?;
    let (network, length): (IpAddr, u8) = (network.parse().ok()?, length.parse().ok()?);
    (length <= if network.is_ipv4() { 32 } else { 128 }).then_some(Condition::Cidr(network, length))
}

fn invalid(why: impl Into<String>) -> InvalidFilterPolicy {
    InvalidFilterPolicy(why.into())
}

fn refuse<T>(why: impl Into<String>) -> Result<T, InvalidFilterPolicy> {
    Err(invalid(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(pairs: &[(&str, &str, &str)]) -> BTreeMap<String, AttributeValue> {
        let one = |(name, kind, value): &(&str, &str, &str)| {
            ((*name).to_owned(), AttributeValue::new(*kind, *value).unwrap())
        };
        pairs.iter().map(one).collect()
    }

    #[test]
    fn conditions_on_attributes() {
        let message = attributes(&[
            ("store", "String", "example_corp"),
            ("price", "Number", "100"),
            ("interests", "String.Array", r#"["rugby","tennis"]"#),
            ("ip", "String", "10.1.2.3"),
            ("blob", "Binary", "eA=="),
        ]);
        for (policy, expected) in [
            (r"{}", true),
            (r#"{"store":["example_corp"]}"#, true),
            (r#"{"store":["other","example_corp"]}"#, true),
            (r#"{"store":["Example_corp"]}"#, false),
            (r#"{"store":[{"equals-ignore-case":"Example_Corp"}]}"#, true),
            (r#"{"store":[{"prefix":"exam"}],"price":[{"numeric":[">=",100]}]}"#, true),
            (r#"{"store":[{"prefix":"exam"}],"price":[{"numeric":[">",100]}]}"#, false),
            (r#"{"store":[{"suffix":"corp"}]}"#, true),
            (r#"{"store":[{"wildcard":"ex*_c*p"}]}"#, true),
            (r#"{"store":[{"wildcard":"ex*_d*p"}]}"#, false),
            (r#"{"store":[{"anything-but":["other"]}]}"#, true),
            (r#"{"store":[{"anything-but":"example_corp"}]}"#, false),
            (r#"{"store":[{"anything-but":{"prefix":"exam"}}]}"#, false),
            (r#"{"store":[{"anything-but":{"suffix":"x"}}]}"#, true),
            (r#"{"missing":[{"anything-but":["x"]}]}"#, false),
            (r#"{"price":[100]}"#, true),
            (r#"{"price":[100.0]}"#, true),
            (r#"{"price":["100"]}"#, false),
            (r#"{"price":[{"numeric":[">",0,"<=",100]}]}"#, true),
            (r#"{"price":[{"numeric":["=",99]}]}"#, false),
            (r#"{"interests":["tennis"]}"#, true),
            (r#"{"interests":["golf"]}"#, false),
            (r#"{"interests":[{"anything-but":["tennis"]}]}"#, false),
            (r#"{"interests":[{"anything-but":["golf"]}]}"#, true),
            (r#"{"missing":[{"exists":false}]}"#, true),
            (r#"{"store":[{"exists":true}],"blob":[{"exists":true}]}"#, true),
            (r#"{"store":[{"exists":false}]}"#, false),
            (r#"{"blob":["eA=="]}"#, false),
            (r#"{"ip":[{"cidr":"10.0.0.0/8"}]}"#, true),
            (r#"{"ip":[{"cidr":"10.2.0.0/16"}]}"#, false),
            (r#"{"ip":[{"cidr":"0.0.0.0/0"}]}"#, true),
            (r#"{"$or":[{"store":["x"]},{"price":[100]}]}"#, true),
            (r#"{"$or":[{"store":["x"]},{"price":[1]}]}"#, false),
            (r#"{"ip":["10.1.2.3"],"$or":[{"store":["x"]},{"price":[100]}]}"#, true),
        ] {
            let read = FilterPolicy::parse(policy, FilterPolicyScope::MessageAttributes);
            assert_eq!(read.map(|policy| policy.matches_attributes(&message)), Ok(expected), "{policy}");
        }
    }

    #[test]
    fn conditions_on_the_body() {
        let body =
            r#"{"detail":{"state":"ALARM","codes":[4,5]},"hosts":[{"name":"a"},{"name":"b"}],"none":null,"up":true}"#;
        for (policy, expected) in [
            (r#"{"detail":{"state":["ALARM"]}}"#, true),
            (r#"{"detail":{"state":["OK"]}}"#, false),
            (r#"{"detail":{"codes":[{"numeric":["<",5]}]}}"#, true),
            (r#"{"hosts":{"name":["b"]}}"#, true),
            (r#"{"hosts":{"name":["c"]}}"#, false),
            (r#"{"none":[null],"up":[true]}"#, true),
            (r#"{"detail":["ALARM"]}"#, false),
        ] {
            let read = FilterPolicy::parse(policy, FilterPolicyScope::MessageBody).unwrap();
            assert_eq!(read.matches_body(body), expected, "{policy}");
            assert!(!read.matches_body("text"), "{policy}");
        }
    }

    #[test]
    fn policies_are_checked() {
        let many: Vec<String> = (0..6).map(|n| format!("\"k{n}\":[1]")).collect();
        let wide = format!(r#"{{"a":[{0}],"b":[{0}]}}"#, (0..13).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
        for policy in [
            "",
            "[]",
            "3",
            r#"{"a":1}"#,
            r#"{"a":[]}"#,
            r#"{"a":[[1]]}"#,
            r#"{"a":{"b":[1]}}"#,
            r#"{"a":[{"exists":1}]}"#,
            r#"{"a":[{"numeric":[">"]}]}"#,
            r#"{"a":[{"numeric":[">",5,"<",1]}]}"#,
            r#"{"a":[{"numeric":["~",5]}]}"#,
            r#"{"a":[{"cidr":"10.0.0.0/33"}]}"#,
            r#"{"a":[{"regex":"x"}]}"#,
            r#"{"a":[{"prefix":"x","suffix":"y"}]}"#,
            r#"{"a":[{"anything-but":[]}]}"#,
            r#"{"a":[{"anything-but":[true]}]}"#,
            r#"{"$or":[{"a":[1]}]}"#,
            &format!("{{{}}}", many.join(",")),
            &wide,
        ] {
            assert!(FilterPolicy::parse(policy, FilterPolicyScope::MessageAttributes).is_err(), "{policy}");
        }
    }

    #[test]
    fn stars_stand_for_any_characters() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*", "a", true),
            ("*b", "aab", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b", "abc", false),
            ("abc", "ab", false),
        ] {
            assert_eq!(wildcard(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
    }
}
