//! Form bodies: pairs of text, the tree their dotted keys make, and the tree read by a shape.
//!
//! Shared by query and ec2, which differ only in how lists are keyed: `Tags.member.1.Key` against `Tag.1.Key`.
//! Indexes may come in any order and with gaps, as AWS takes them; the elements are sorted by index.

use std::collections::{HashMap, HashSet};

use percent_encoding::percent_decode;

use super::{MAX_DEPTH, MAX_LIST_LENGTH, MAX_PARAMETERS, json, note_unknown, text};
use crate::shape::{Kind, List, Map, Member, Shape};
use crate::value::{Expected, Structure, Value};
use crate::xml::{flattened_list, flattened_name};

/// How lists are keyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `Name.member.1`, or `Name.1` where the shape is flattened.
    Query,
    /// `Name.1` always.
    Ec2,
}

/// Splits a form into decoded pairs, in order.
///
/// # Errors
/// A sentence when a name or value is not UTF-8, or there are more than [`MAX_PARAMETERS`].
pub fn parse(bytes: &[u8]) -> Result<Vec<(String, String)>, String> {
    let mut pairs = Vec::new();
    for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        if pairs.len() == MAX_PARAMETERS {
            return Err(format!("the request has more than {MAX_PARAMETERS} parameters"));
        }
        let split = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let name = component(&pair[..split])?;
        pairs.push((name, component(pair.get(split + 1..).unwrap_or(b""))?));
    }
    Ok(pairs)
}

fn component(bytes: &[u8]) -> Result<String, String> {
    let blanks: Vec<u8> = bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    String::from_utf8(percent_decode(&blanks).collect()).map_err(|_| "a parameter is not valid UTF-8".into())
}

/// Reads the parameters of an operation.
pub(super) fn decode(shape: &Shape, parameters: &[(String, String)], style: Style) -> Result<Value, String> {
    let mut root = Node::default();
    for (key, value) in parameters {
        if !is_envelope(key) {
            root.insert(key, value)?;
        }
    }
    Ok(Value::Structure(structure(&root, shape, style)))
}

/// The parameters that choose the operation or sign the request; they are no members of any input.
fn is_envelope(key: &str) -> bool {
    matches!(key, "Action" | "Version") || crate::sigv4::is_signature_parameter(key)
}

/// One segment of the keys: the values given to exactly this key, and the longer keys below it.
#[derive(Default)]
struct Node {
    values: Vec<String>,
    children: Vec<(String, Node)>,
    index: HashMap<String, usize>,
}

impl Node {
    fn insert(&mut self, key: &str, value: &str) -> Result<(), String> {
        let mut node = self;
        for (depth, segment) in key.split('.').enumerate() {
            if depth == MAX_DEPTH {
                return Err(format!("the name of a parameter has more than {MAX_DEPTH} parts"));
            }
            node = node.child_mut(segment);
        }
        node.values.push(value.to_owned());
        Ok(())
    }

    fn child_mut(&mut self, segment: &str) -> &mut Self {
        let index = match self.index.get(segment) {
            Some(index) => *index,
            None => {
                self.index.insert(segment.to_owned(), self.children.len());
                self.children.push((segment.to_owned(), Self::default()));
                self.children.len() - 1
            }
        };
        &mut self.children[index].1
    }

    /// A value where only longer keys may have one; an empty one stands for an empty list or structure.
    fn stray_value(&self) -> Option<&str> {
        self.values.iter().map(String::as_str).find(|value| !value.is_empty())
    }
}

fn structure(node: &Node, shape: &Shape, style: Style) -> Structure {
    let mut result = Structure::default();
    for (name, child) in &node.children {
        match member_for(shape, name, style) {
            Some(member) => result.push(member.name, value(child, member.shape, style)),
            None => note_unknown(&mut result, name),
        }
    }
    result
}

/// The member whose keys begin with `name`. A flattened list of query goes by the name of its elements.
fn member_for(shape: &Shape, name: &str, style: Style) -> Option<&'static Member> {
    shape.members().iter().find(|member| match flattened_list(member.shape) {
        Some(list) if style == Style::Query => flattened_name(member.form, list) == name,
        Some(_) | None => member.form == name,
    })
}

fn value(node: &Node, shape: &Shape, style: Style) -> Value {
    match &shape.kind {
        Kind::List(list) => elements(node, list, style).unwrap_or_else(|text| Value::malformed(&text, Expected::List)),
        Kind::Map(map) => entries(node, map, style).unwrap_or_else(|text| Value::malformed(&text, Expected::Map)),
        Kind::Structure(_) => match node.stray_value() {
            Some(text) => Value::malformed(text, Expected::Structure),
            None => Value::Structure(structure(node, shape, style)),
        },
        Kind::Opaque => Value::String(node.values.first().cloned().unwrap_or_default()),
        Kind::Boolean
        | Kind::Integer
        | Kind::Long
        | Kind::Float
        | Kind::Double
        | Kind::String
        | Kind::Blob
        | Kind::Timestamp(_) => scalar(node, &shape.kind),
    }
}

fn scalar(node: &Node, kind: &Kind) -> Value {
    match (&node.values[..], node.children.first()) {
        ([text], None) => text::parse(kind, text),
        ([_, second, ..], None) => Value::malformed(second, Expected::SingleValue),
        (_, Some((longer_key, _))) => Value::malformed(&format!(".{longer_key}"), json::expected(kind)),
        ([], None) => Value::malformed("", json::expected(kind)),
    }
}

/// The elements of a list, or the part of the client's text that shows it is none.
fn elements(node: &Node, list: &List, style: Style) -> Result<Value, String> {
    let wrapper = (style == Style::Query && !list.flattened).then_some(list.element_name);
    let nodes = indexed(node, wrapper)?;
    Ok(Value::List(nodes.into_iter().map(|child| value(child, list.element, style)).collect()))
}

fn entries(node: &Node, map: &Map, style: Style) -> Result<Value, String> {
    let wrapper = (style == Style::Query && !map.flattened).then_some("entry");
    let mut entries: Vec<(String, Value)> = Vec::new();
    let mut keys = HashSet::new();
    for child in indexed(node, wrapper)? {
        let entry = entry(child, map, style)?;
        if !keys.insert(entry.0.clone()) {
            return Err(format!("{} twice", entry.0));
        }
        entries.push(entry);
    }
    Ok(Value::Map(entries))
}

fn entry(node: &Node, map: &Map, style: Style) -> Result<(String, Value), String> {
    if let Some((name, _)) = node.children.iter().find(|(name, _)| name != map.key_name && name != map.value_name) {
        return Err(name.clone());
    }
    let child = |name: &str| node.children.iter().find(|(found, _)| found == name).map(|(_, child)| child);
    let key = child(map.key_name).ok_or_else(|| format!("an entry without {}", map.key_name))?;
    let value_node = child(map.value_name).ok_or_else(|| format!("an entry without {}", map.value_name))?;
    match (&key.values[..], key.children.is_empty()) {
        ([key], true) => Ok((key.clone(), value(value_node, map.value, style))),
        _ => Err(map.key_name.to_owned()),
    }
}

/// The children under `wrapper` (or directly) in the order of their indexes.
fn indexed<'a>(node: &'a Node, wrapper: Option<&str>) -> Result<Vec<&'a Node>, String> {
    if let Some(text) = node.stray_value() {
        return Err(text.to_owned());
    }
    let Some(wrapper) = wrapper else { return by_index(node) };
    let mut found = Vec::new();
    for (name, child) in &node.children {
        if name != wrapper {
            return Err(format!(".{name}"));
        }
        if let Some(text) = child.stray_value() {
            return Err(text.to_owned());
        }
        found = by_index(child)?;
    }
    Ok(found)
}

fn by_index(node: &Node) -> Result<Vec<&Node>, String> {
    let mut found = Vec::with_capacity(node.children.len());
    for (name, child) in &node.children {
        found.push((index(name).ok_or_else(|| format!(".{name}"))?, child));
    }
    found.sort_by_key(|(index, _)| *index);
    Ok(found.into_iter().map(|(_, child)| child).collect())
}

/// An index from 1 to [`MAX_LIST_LENGTH`], without sign or leading zeros.
fn index(text: &str) -> Option<usize> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|index| plain && (1..=MAX_LIST_LENGTH).contains(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_strictly() {
        let pairs = parse(b"a=1&b=%C3%A4+%2B&&c&=x&d==%").unwrap();
        let expected = [("a", "1"), ("b", "ä +"), ("c", ""), ("", "x"), ("d", "=%")];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        for bad in [&b"a=%ff"[..], b"%80=1", b"a=\xc3", b"a=%ED%A0%80"] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
        assert!(parse(&b"a&".repeat(MAX_PARAMETERS)).is_ok());
        assert!(parse(&b"a&".repeat(MAX_PARAMETERS + 1)).is_err());
    }

    #[test]
    fn indexes_are_positive_bounded_and_plain() {
        assert_eq!((index("1"), index("10000")), (Some(1), Some(MAX_LIST_LENGTH)));
        for bad in ["", "0", "-1", "+1", "01", "10001", "99999999", "99999999999999999999999", "a", "٣", " 1"] {
            assert_eq!(index(bad), None, "{bad}");
        }
    }
}
