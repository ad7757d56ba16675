//! Values in the plain JSON form of the vectors: timestamps are milliseconds, bytes base64, odd numbers words.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value as Json;
use wire::shape::{Kind, Shape};
use wire::value::Structure;
use wire::{Timestamp, Value};

/// The value that a plain JSON text stands for.
pub fn read(shape: &Shape, json: &Json) -> Value {
    match &shape.kind {
        Kind::Boolean => Value::Boolean(json.as_bool().unwrap()),
        Kind::Integer | Kind::Long => Value::Integer(json.as_i64().unwrap()),
        Kind::Float | Kind::Double => Value::Double(number(json)),
        Kind::String | Kind::Opaque => Value::String(json.as_str().unwrap().into()),
        Kind::Blob => Value::Blob(BASE64.decode(json.as_str().unwrap()).unwrap()),
        Kind::Timestamp(_) => Value::Timestamp(Timestamp(json.as_i64().unwrap())),
        Kind::List(list) => Value::List(json.as_array().unwrap().iter().map(|json| read(list.element, json)).collect()),
        Kind::Map(map) => {
            let entries = json.as_object().unwrap().iter();
            Value::Map(entries.map(|(key, json)| (key.clone(), read(map.value, json))).collect())
        }
        Kind::Structure(_) => {
            let members = json.as_object().unwrap().iter();
            let read = |(name, json): (&String, &Json)| {
                let member = shape.member(name).unwrap_or_else(|| panic!("{} has no member {name}", shape.name));
                (member.name, read(member.shape, json))
            };
            Value::Structure(Structure { members: members.map(read).collect(), unknown: Vec::new() })
        }
    }
}

fn number(json: &Json) -> f64 {
    match json.as_str() {
        Some("NaN") => f64::NAN,
        Some("Infinity") => f64::INFINITY,
        Some("-Infinity") => f64::NEG_INFINITY,
        Some(other) => panic!("{other} is no number"),
        None => json.as_f64().unwrap(),
    }
}

/// The same value with members and entries sorted by name, and one way to write each number, so that two can be
/// compared by their text.
pub fn sorted(value: &Value) -> String {
    match value {
        Value::List(values) => format!("[{}]", values.iter().map(sorted).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            in_order(entries.iter().map(|(key, value)| format!("{key:?}: {}", sorted(value))).collect())
        }
        Value::Structure(structure) => {
            let members = structure.members.iter().map(|(name, value)| format!("{name}: {}", sorted(value)));
            let unknown = structure.unknown.iter().map(|name| format!("{name} is unknown"));
            in_order(members.chain(unknown).collect())
        }
        Value::Boolean(_)
        | Value::Integer(_)
        | Value::Double(_)
        | Value::String(_)
        | Value::Blob(_)
        | Value::Timestamp(_)
        | Value::Malformed(_) => format!("{value:?}"),
    }
}

fn in_order(mut parts: Vec<String>) -> String {
    parts.sort();
    format!("{{{}}}", parts.join(", "))
}
