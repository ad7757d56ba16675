//! JSON 1.0 and 1.1: one object in, one object out, the operation in `X-Amz-Target`.
//!
//! Timestamps are seconds since the epoch unless the shape says otherwise, bytes are base64, and the numbers that
//! JSON lacks are the words `NaN`, `Infinity` and `-Infinity`. A `null` is a member that is not there. Source: the
//! Smithy specification of `aws.protocols#awsJson1_0` and `awsJson1_1`.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::{MAX_DEPTH, MAX_LIST_LENGTH, Response, note_unknown, text};
use crate::shape::{Kind, List, Map, Operation, Service, Shape, TimestampFormat};
use crate::value::{Expected, Structure, Value};

/// The content type of answers of a service.
pub fn content_type(service: Option<&Service>) -> String {
    let version = service.and_then(|service| service.json_version).unwrap_or("1.0");
    format!("application/x-amz-json-{version}")
}

/// Reads a structure from a body; an empty body is an empty object.
///
/// # Errors
/// A sentence when the body is not one JSON object.
pub fn decode(shape: &Shape, body: &[u8]) -> Result<Value, String> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Structure(Structure::default()));
    }
    let tree: Tree = serde_json::from_slice(body).map_err(|error| format!("the body is not valid JSON: {error}"))?;
    match tree {
        Tree::Object(members) => Ok(Value::Structure(structure(members, shape, 0))),
        Tree::Null | Tree::Boolean(_) | Tree::Integer(_) | Tree::Number(_) | Tree::Text(_) | Tree::List(_) => {
            Err("the body must be a JSON object".into())
        }
    }
}

/// Writes a structure.
pub fn encode(shape: &Shape, structure: &Structure) -> Vec<u8> {
    object(shape, structure).to_string().into_bytes()
}

/// Writes the answer of an operation.
pub fn respond(service: &Service, operation: &Operation, output: &Structure) -> Response {
    Response::new(200, content_type(Some(service)), encode(operation.output, output))
}

/// JSON as it came: whole numbers apart from others, members in order, repeats kept.
#[derive(Debug)]
enum Tree {
    Null,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Integer(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "what does not fit an integer is only ever shown or rounded")]
    fn visit_u64<E: Error>(self, value: u64) -> Result<Tree, E> {
        Ok(i64::try_from(value).map_or(Tree::Number(value as f64), Tree::Integer))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Number(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Tree::Object(object))
    }
}

impl Tree {
    /// A short text of the value for error messages.
    fn shown(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Boolean(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Text(value) => value.clone(),
            Self::List(_) => "[…]".into(),
            Self::Object(_) => "{…}".into(),
        }
    }
}

fn structure(members: Vec<(String, Tree)>, shape: &Shape, depth: usize) -> Structure {
    let mut result = Structure::default();
    for (name, tree) in members {
        match shape.member_by_wire(&name) {
            Some(member) => add(&mut result, member.name, || value(tree, member.shape, member.timestamp, depth + 1)),
            // Some clients repeat the name of the shape in every object; it says nothing.
            None if name == "__type" => {}
            None => note_unknown(&mut result, &name),
        }
    }
    result
}

/// Adds a member, or marks it as repeated when it is there already. `read` gives `None` for `null`.
fn add(structure: &mut Structure, name: &'static str, read: impl FnOnce() -> Option<Value>) {
    if let Some((_, repeated)) = structure.members.iter_mut().find(|(found, _)| *found == name) {
        *repeated = Value::malformed(name, Expected::SingleValue);
    } else if let Some(value) = read() {
        structure.push(name, value);
    }
}

fn value(tree: Tree, shape: &Shape, timestamp: Option<TimestampFormat>, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return Some(Value::malformed("nested too deep", Expected::SingleValue));
    }
    match (&shape.kind, tree) {
        (_, Tree::Null) => None,
        (Kind::Opaque, tree) => Some(Value::String(tree.shown())),
        (Kind::List(list), Tree::List(elements)) => Some(elements_of(elements, list, depth)),
        (Kind::Map(map), Tree::Object(entries)) => Some(entries_of(entries, map, depth)),
        (Kind::Structure(_), Tree::Object(members)) => Some(Value::Structure(structure(members, shape, depth))),
        (kind, tree) => Some(scalar(kind, &tree, timestamp)),
    }
}

fn elements_of(elements: Vec<Tree>, list: &List, depth: usize) -> Value {
    if elements.len() > MAX_LIST_LENGTH {
        return Value::malformed(&format!("{} elements", elements.len()), Expected::List);
    }
    let read = |tree| {
        value(tree, list.element, None, depth + 1).unwrap_or_else(|| Value::malformed("null", Expected::SingleValue))
    };
    Value::List(elements.into_iter().map(read).collect())
}

fn entries_of(entries: Vec<(String, Tree)>, map: &Map, depth: usize) -> Value {
    if entries.len() > MAX_LIST_LENGTH {
        return Value::malformed(&format!("{} entries", entries.len()), Expected::Map);
    }
    let mut keys = std::collections::HashSet::new();
    if let Some((key, _)) = entries.iter().find(|(key, _)| !keys.insert(key.as_str())) {
        return Value::malformed(&format!("{key} twice"), Expected::Map);
    }
    let read = |(key, tree)| value(tree, map.value, None, depth + 1).map(|value| (key, value));
    Value::Map(entries.into_iter().filter_map(read).collect())
}

fn scalar(kind: &Kind, tree: &Tree, timestamp: Option<TimestampFormat>) -> Value {
    match (kind, tree) {
        (Kind::Boolean, Tree::Boolean(value)) => Value::Boolean(*value),
        (Kind::Integer | Kind::Long, Tree::Integer(value)) => Value::Integer(*value),
        (Kind::Float | Kind::Double, Tree::Number(value)) => Value::Double(*value),
        #[expect(clippy::cast_precision_loss, reason = "a double has no more precision than this")]
        (Kind::Float | Kind::Double, Tree::Integer(value)) => Value::Double(*value as f64),
        (Kind::Float | Kind::Double, Tree::Text(word)) if matches!(&**word, "NaN" | "Infinity" | "-Infinity") => {
            text::parse(kind, word)
        }
        (Kind::String | Kind::Blob, Tree::Text(text)) => text::parse(kind, text),
        (Kind::Timestamp(_), tree) => moment(kind, tree, timestamp),
        (kind, tree) => mismatch(kind, tree),
    }
}

/// Numbers are seconds since the epoch; text is taken only where the shape asks for a format of text.
fn moment(kind: &Kind, tree: &Tree, timestamp: Option<TimestampFormat>) -> Value {
    let format = text::timestamp_format(kind, timestamp, TimestampFormat::UnixSeconds);
    match (tree, format) {
        (Tree::Text(written), TimestampFormat::Iso8601 | TimestampFormat::Rfc822) => text::parse(kind, written),
        (Tree::Integer(_) | Tree::Number(_), TimestampFormat::UnixSeconds) => {
            let read = text::number(&tree.shown()).and_then(text::timestamp_from_seconds);
            read.map_or_else(|| mismatch(kind, tree), Value::Timestamp)
        }
        _ => mismatch(kind, tree),
    }
}

fn mismatch(kind: &Kind, tree: &Tree) -> Value {
    Value::malformed(&tree.shown(), expected(kind))
}

/// What a value of this kind is called in errors.
pub(super) fn expected(kind: &Kind) -> Expected {
    match kind {
        Kind::Boolean => Expected::Boolean,
        Kind::Integer | Kind::Long => Expected::Integer,
        Kind::Float | Kind::Double => Expected::Number,
        Kind::String | Kind::Opaque => Expected::String,
        Kind::Blob => Expected::Blob,
        Kind::Timestamp(_) => Expected::Timestamp,
        Kind::List(_) => Expected::List,
        Kind::Map(_) => Expected::Map,
        Kind::Structure(_) => Expected::Structure,
    }
}

fn object(shape: &Shape, structure: &Structure) -> Json {
    let mut object = serde_json::Map::new();
    for (name, value) in &structure.members {
        if let Some(member) = shape.member(name) {
            object.insert(member.wire.to_owned(), to_json(member.shape, member.timestamp, value));
        }
    }
    Json::Object(object)
}

fn to_json(shape: &Shape, timestamp: Option<TimestampFormat>, value: &Value) -> Json {
    match (&shape.kind, value) {
        (Kind::List(list), Value::List(values)) => {
            values.iter().map(|value| to_json(list.element, None, value)).collect()
        }
        (Kind::Map(map), Value::Map(entries)) => {
            let entries = entries.iter().map(|(key, value)| (key.clone(), to_json(map.value, None, value)));
            Json::Object(entries.collect())
        }
        (Kind::Structure(_), Value::Structure(structure)) => object(shape, structure),
        (kind, scalar) => scalar_to_json(kind, timestamp, scalar),
    }
}

fn scalar_to_json(kind: &Kind, timestamp: Option<TimestampFormat>, value: &Value) -> Json {
    let format = text::timestamp_format(kind, timestamp, TimestampFormat::UnixSeconds);
    match value {
        Value::Boolean(value) => Json::from(*value),
        Value::Integer(value) => Json::from(*value),
        Value::Double(value) if value.is_finite() => Json::from(*value),
        Value::Timestamp(moment) if format == TimestampFormat::UnixSeconds => seconds(moment.0),
        Value::Double(_) | Value::String(_) | Value::Blob(_) | Value::Timestamp(_) => {
            text::format(value, format).map_or(Json::Null, Json::from)
        }
        Value::List(_) | Value::Map(_) | Value::Structure(_) | Value::Malformed(_) => Json::Null,
    }
}

/// Whole seconds as an integer, else with their fraction.
fn seconds(milliseconds: i64) -> Json {
    match milliseconds % 1000 {
        0 => Json::from(milliseconds / 1000),
        _ => Json::from(text::seconds(crate::value::Timestamp(milliseconds))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::{EVERYTHING, list, strings, structure};
    use crate::value::Timestamp;

    fn one(body: &str, name: &'static str, expected: Value) {
        let expected = Value::Structure(structure(vec![(name, expected)]));
        assert_eq!(decode(&EVERYTHING, body.as_bytes()), Ok(expected), "{body}");
    }

    #[test]
    fn members_are_read_by_their_kind() {
        one(r#"{"Text":"aä\u0000"}"#, "Text", Value::String("aä\0".into()));
        one(r#"{"Count":-5}"#, "Count", Value::Integer(-5));
        one(r#"{"Ratio":5}"#, "Ratio", Value::Double(5.0));
        one(r#"{"Ratio":1e-5}"#, "Ratio", Value::Double(1e-5));
        one(r#"{"Ratio":"-Infinity"}"#, "Ratio", Value::Double(f64::NEG_INFINITY));
        one(r#"{"Flag":true}"#, "Flag", Value::Boolean(true));
        one(r#"{"Data":"aGk="}"#, "Data", Value::Blob(b"hi".to_vec()));
        one(r#"{"When":1700000000}"#, "When", Value::Timestamp(Timestamp(1_700_000_000_000)));
        one(r#"{"When":1.700000000123E9}"#, "When", Value::Timestamp(Timestamp(1_700_000_000_123)));
        one(r#"{"Names":["a","b"]}"#, "Names", strings(&["a", "b"]));
        one(r#"{"Names":[]}"#, "Names", list(vec![]));
        one(r#"{"Map":{"k":"v"}}"#, "Map", Value::Map(vec![("k".into(), Value::String("v".into()))]));
        one(r#"{"Self":{"Count":1}}"#, "Self", Value::Structure(structure(vec![("Count", Value::Integer(1))])));
        assert_eq!(decode(&EVERYTHING, b" "), Ok(Value::Structure(Structure::default())));
        assert_eq!(decode(&EVERYTHING, br#"{"Text":null,"__type":"x"}"#), Ok(Value::Structure(Structure::default())));
        let unknown = Structure { members: vec![], unknown: vec!["Nope".into()] };
        assert_eq!(decode(&EVERYTHING, br#"{"Nope":{"a":[1]}}"#), Ok(Value::Structure(unknown)));
    }

    #[test]
    fn values_of_another_type_are_marked() {
        let cases = [
            (r#"{"Count":5.0}"#, "Count", "5", Expected::Integer),
            (r#"{"Count":"5"}"#, "Count", "5", Expected::Integer),
            (r#"{"Count":1e3}"#, "Count", "1000", Expected::Integer),
            (r#"{"Count":99999999999999999999}"#, "Count", "100000000000000000000", Expected::Integer),
            (r#"{"Count":true}"#, "Count", "true", Expected::Integer),
            (r#"{"Ratio":"5"}"#, "Ratio", "5", Expected::Number),
            (r#"{"Flag":"true"}"#, "Flag", "true", Expected::Boolean),
            (r#"{"Text":5}"#, "Text", "5", Expected::String),
            (r#"{"Data":"!"}"#, "Data", "!", Expected::Blob),
            (r#"{"When":"2023-11-14T22:13:20Z"}"#, "When", "2023-11-14T22:13:20Z", Expected::Timestamp),
            (r#"{"When":1e300}"#, "When", "", Expected::Timestamp),
            (r#"{"Names":"a"}"#, "Names", "a", Expected::List),
            (r#"{"Names":{}}"#, "Names", "{…}", Expected::List),
            (r#"{"Map":[]}"#, "Map", "[…]", Expected::Map),
            (r#"{"Map":{"a":"1","a":"2"}}"#, "Map", "a twice", Expected::Map),
            (r#"{"Self":5}"#, "Self", "5", Expected::Structure),
            (r#"{"Text":"a","Text":"a"}"#, "Text", "Text", Expected::SingleValue),
        ];
        for (body, name, text, expected) in cases {
            let Ok(Value::Structure(found)) = decode(&EVERYTHING, body.as_bytes()) else { panic!("{body}") };
            let Some(Value::Malformed(malformed)) = found.get(name) else { panic!("{body}: {found:?}") };
            assert_eq!(malformed.expected, expected, "{body}");
            assert!(text.is_empty() || malformed.text == text, "{body}: {malformed:?}");
        }
        one(r#"{"Names":[null]}"#, "Names", list(vec![Value::malformed("null", Expected::SingleValue)]));
    }

    #[test]
    fn bodies_that_are_no_object_are_refused() {
        let deep = format!("{}1", "[".repeat(100_000));
        for body in
            ["{", "[]", "5", "{} {}", "\u{feff}{}", r#"{"Text":"\ud800"}"#, r#"{"Ratio":1e999}"#, "{'a':1}", &deep]
        {
            assert!(decode(&EVERYTHING, body.as_bytes()).is_err(), "{body:.20}");
        }
        assert!(decode(&EVERYTHING, b"{\"Text\":\"\xff\"}").is_err());
        assert!(decode(&EVERYTHING, b"\xff\xfe{\0}\0").is_err());
    }

    #[test]
    fn structures_have_a_bounded_depth() {
        let nested = |depth: usize| format!("{}{{}}{}", "{\"Self\":".repeat(depth), "}".repeat(depth));
        let read = |depth| format!("{:?}", decode(&EVERYTHING, nested(depth).as_bytes()).unwrap());
        assert!(!read(MAX_DEPTH).contains("Malformed"));
        assert!(read(MAX_DEPTH + 1).contains("Malformed"));
    }

    #[test]
    fn lists_have_a_bounded_length() {
        let body = |length: usize| format!(r#"{{"Names":[{}]}}"#, vec!["\"a\""; length].join(","));
        one(&body(MAX_LIST_LENGTH + 1), "Names", Value::malformed("10001 elements", Expected::List));
        let Ok(Value::Structure(found)) = decode(&EVERYTHING, body(MAX_LIST_LENGTH).as_bytes()) else { panic!() };
        assert!(matches!(found.get("Names"), Some(Value::List(elements)) if elements.len() == MAX_LIST_LENGTH));
    }

    #[test]
    fn answers_use_wire_names_seconds_and_words_for_missing_numbers() {
        let output = structure(vec![
            ("Renamed", Value::String("a".into())),
            ("When", Value::Timestamp(Timestamp(1_700_000_000_000))),
            ("Ratio", Value::Double(f64::NAN)),
            ("Data", Value::Blob(b"hi".to_vec())),
            ("Names", strings(&["x"])),
        ]);
        let text = String::from_utf8(encode(&EVERYTHING, &output)).unwrap();
        let expected = r#"{"Data":"aGk=","Names":["x"],"Ratio":"NaN","When":1700000000,"renamedOut":"a"}"#;
        let (found, expected): (Json, Json) =
            (serde_json::from_str(&text).unwrap(), serde_json::from_str(expected).unwrap());
        assert_eq!(found, expected);
        assert!(
            String::from_utf8(encode(
                &EVERYTHING,
                &structure(vec![("When", Value::Timestamp(Timestamp(1_700_000_000_123)))])
            ))
            .unwrap()
            .contains("1700000000.123")
        );
    }
}
