//! RPC v2 CBOR: one CBOR map in, one out, the operation in the path.
//!
//! Maps, lists and strings of definite and indefinite length are read; timestamps are tag 1 around a number. An empty
//! body is an empty structure. Clients reject an answer without the header `smithy-protocol: rpc-v2-cbor`. Source: the
//! Smithy specification of `smithy.protocols#rpcv2Cbor`, RFC 8949.

use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::decode::DeserializeError;
use aws_smithy_cbor::{Decoder, Encoder};

use super::{MAX_DEPTH, MAX_LIST_LENGTH, Response, json, note_unknown, text};
use crate::error::AwsError;
use crate::shape::{Kind, List, Map, Operation, Shape};
use crate::value::{Expected, Structure, Timestamp, Value};

/// The value of the `smithy-protocol` header.
pub const PROTOCOL_NAME: &str = "rpc-v2-cbor";

/// First byte of tag 1, a moment as seconds since the epoch.
const TIMESTAMP_TAG: u8 = 0xc1;
/// The same tag with its number in a byte of its own.
const LONG_TIMESTAMP_TAG: [u8; 2] = [0xd8, 0x01];

/// Reads a structure from a body.
///
/// # Errors
/// A sentence when the body is not one CBOR map with text keys.
pub fn decode(shape: &Shape, body: &[u8]) -> Result<Value, String> {
    if body.is_empty() {
        return Ok(Value::Structure(Structure::default()));
    }
    let mut reader = Reader { decoder: Decoder::new(body), body };
    let structure = reader.structure(shape, 0).map_err(|error| format!("the body is not valid CBOR: {error}"))?;
    match reader.decoder.position() == body.len() {
        true => Ok(Value::Structure(structure)),
        false => Err("the body goes on after its CBOR map".into()),
    }
}

/// Writes a structure.
pub fn encode(shape: &Shape, structure: &Structure) -> Vec<u8> {
    let mut writer = Writer { encoder: Encoder::new(Vec::new()) };
    writer.structure(shape, structure);
    writer.encoder.into_writer()
}

/// Writes the answer of an operation.
pub fn respond(operation: &Operation, output: &Structure) -> Response {
    response(200, encode(operation.output, output))
}

/// Writes an error: its shape as `__type`, the message, further members.
pub fn error_response(error: &AwsError) -> Response {
    let mut encoder = Encoder::new(Vec::new());
    encoder.map(2 + error.members.len());
    encoder.str("__type").str(error.shape_name());
    encoder.str("message").str(&error.message);
    for (name, value) in &error.members {
        encoder.str(name).str(value);
    }
    response(error.status, encoder.into_writer())
}

fn response(status: u16, body: Vec<u8>) -> Response {
    let mut response = Response::new(status, "application/cbor", body);
    response.headers.push(("smithy-protocol", PROTOCOL_NAME.to_owned()));
    response
}

struct Reader<'b> {
    decoder: Decoder<'b>,
    body: &'b [u8],
}

/// How many items of a list or map are still to come; `None` until a break.
type Remaining = Option<u64>;

impl Reader<'_> {
    fn structure(&mut self, shape: &Shape, depth: usize) -> Result<Structure, DeserializeError> {
        let mut result = Structure::default();
        let mut remaining = self.decoder.map()?;
        while self.more(&mut remaining)? {
            let name = self.decoder.str()?.into_owned();
            match shape.member_by_wire(&name) {
                Some(member) => self.member(&mut result, member.name, member.shape, depth)?,
                None => {
                    note_unknown(&mut result, &name);
                    self.decoder.skip()?;
                }
            }
        }
        Ok(result)
    }

    fn member(
        &mut self,
        structure: &mut Structure,
        name: &'static str,
        shape: &Shape,
        depth: usize,
    ) -> Result<(), DeserializeError> {
        let value = self.value(shape, depth + 1)?;
        if let Some((_, repeated)) = structure.members.iter_mut().find(|(found, _)| *found == name) {
            *repeated = Value::malformed(name, Expected::SingleValue);
        } else if let Some(value) = value {
            structure.push(name, value);
        }
        Ok(())
    }

    /// Whether another item follows; takes the break that ends an indefinite length.
    fn more(&mut self, remaining: &mut Remaining) -> Result<bool, DeserializeError> {
        match remaining {
            Some(0) => Ok(false),
            Some(count) => {
                *count -= 1;
                Ok(true)
            }
            None if self.decoder.datatype()? == Type::Break => self.decoder.skip().map(|()| false),
            None => Ok(true),
        }
    }

    /// One value; `None` for null, which stands for an absent one.
    fn value(&mut self, shape: &Shape, depth: usize) -> Result<Option<Value>, DeserializeError> {
        let start = self.decoder.position();
        let found = self.decoder.datatype()?;
        if matches!(found, Type::Null | Type::Undefined) {
            return self.decoder.skip().map(|()| None);
        }
        if depth > MAX_DEPTH {
            return Err(DeserializeError::custom("nested too deep", start));
        }
        match (&shape.kind, found) {
            (Kind::Structure(_), Type::Map | Type::MapIndef) => {
                self.structure(shape, depth).map(|structure| Some(Value::Structure(structure)))
            }
            (Kind::List(list), Type::Array | Type::ArrayIndef) => self.list(list, depth).map(Some),
            (Kind::Map(map), Type::Map | Type::MapIndef) => self.map(map, depth).map(Some),
            (kind, found) => self.scalar_or_malformed(kind, found, start).map(Some),
        }
    }

    fn list(&mut self, list: &List, depth: usize) -> Result<Value, DeserializeError> {
        let mut values = Vec::new();
        let mut count = 0_usize;
        let mut remaining = self.decoder.list()?;
        while self.more(&mut remaining)? {
            count += 1;
            if count > MAX_LIST_LENGTH {
                self.decoder.skip()?;
                continue;
            }
            let null = || Value::malformed("null", Expected::SingleValue);
            values.push(self.value(list.element, depth + 1)?.unwrap_or_else(null));
        }
        if count > MAX_LIST_LENGTH {
            return Ok(Value::malformed(&format!("{count} elements"), Expected::List));
        }
        Ok(Value::List(values))
    }

    fn map(&mut self, map: &Map, depth: usize) -> Result<Value, DeserializeError> {
        let mut entries: Vec<(String, Value)> = Vec::new();
        let mut keys = std::collections::HashSet::new();
        let mut wrong = None;
        let mut remaining = self.decoder.map()?;
        while self.more(&mut remaining)? {
            let key = self.decoder.str()?.into_owned();
            let value = self.value(map.value, depth + 1)?;
            if !keys.insert(key.clone()) {
                wrong = Some(format!("{key} twice"));
            } else if keys.len() > MAX_LIST_LENGTH {
                wrong = Some(format!("{} entries", keys.len()));
            } else if let Some(value) = value {
                entries.push((key, value));
            }
        }
        Ok(wrong.map_or(Value::Map(entries), |text| Value::malformed(&text, Expected::Map)))
    }

    /// A scalar of the kind; anything else well-formed is stepped over and marked.
    fn scalar_or_malformed(&mut self, kind: &Kind, found: Type, start: usize) -> Result<Value, DeserializeError> {
        if let Some(value) = self.scalar(kind, &found)? {
            return Ok(value);
        }
        self.decoder.set_position(start);
        self.decoder.skip()?;
        Ok(Value::malformed(&format!("a CBOR item of type {found:?}"), json::expected(kind)))
    }

    fn scalar(&mut self, kind: &Kind, found: &Type) -> Result<Option<Value>, DeserializeError> {
        Ok(match kind {
            Kind::Boolean if *found == Type::Bool => Some(Value::Boolean(self.decoder.boolean()?)),
            Kind::Integer | Kind::Long if is_integer(found) => self.decoder.long().ok().map(Value::Integer),
            Kind::Float | Kind::Double => self.number(found)?.map(Value::Double),
            Kind::String if is_text(found) => Some(Value::String(self.decoder.str()?.into_owned())),
            Kind::Blob if matches!(found, Type::Bytes | Type::BytesIndef) => {
                Some(Value::Blob(self.decoder.blob()?.into_inner()))
            }
            Kind::Timestamp(_) if *found == Type::Tag => self.timestamp()?.map(Value::Timestamp),
            Kind::Opaque => {
                self.decoder.skip()?;
                Some(Value::String(format!("a CBOR item of type {found:?}")))
            }
            Kind::Boolean
            | Kind::Integer
            | Kind::Long
            | Kind::String
            | Kind::Blob
            | Kind::Timestamp(_)
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Structure(_) => None,
        })
    }

    /// A number of any width; clients send whole doubles as integers.
    #[expect(clippy::cast_precision_loss, reason = "a double has no more precision than this")]
    fn number(&mut self, found: &Type) -> Result<Option<f64>, DeserializeError> {
        if matches!(found, Type::F16 | Type::F32 | Type::F64) {
            return self.decoder.double().map(Some);
        }
        let integer = if is_integer(found) { self.decoder.long().ok() } else { None };
        Ok(integer.map(|value| value as f64))
    }

    fn timestamp(&mut self) -> Result<Option<Timestamp>, DeserializeError> {
        let start = self.decoder.position();
        let rest = &self.body[start..];
        let tag_length = if rest.first() == Some(&TIMESTAMP_TAG) {
            1
        } else if rest.starts_with(&LONG_TIMESTAMP_TAG) {
            LONG_TIMESTAMP_TAG.len()
        } else {
            return Ok(None);
        };
        self.decoder.set_position(start + tag_length);
        let found = self.decoder.datatype()?;
        Ok(self.number(&found)?.and_then(text::timestamp_from_seconds))
    }
}

fn is_integer(found: &Type) -> bool {
    use Type::{I8, I16, I32, I64, Int, U8, U16, U32, U64};
    matches!(found, U8 | U16 | U32 | U64 | I8 | I16 | I32 | I64 | Int)
}

fn is_text(found: &Type) -> bool {
    matches!(found, Type::String | Type::StringIndef)
}

struct Writer {
    encoder: Encoder,
}

impl Writer {
    fn structure(&mut self, shape: &Shape, structure: &Structure) {
        let described = structure.members.iter().filter_map(|(name, value)| Some((shape.member(name)?, value)));
        let members: Vec<_> = described.collect();
        self.encoder.map(members.len());
        for (member, value) in members {
            self.encoder.str(member.wire);
            self.value(member.shape, value);
        }
    }

    fn value(&mut self, shape: &Shape, value: &Value) {
        match (&shape.kind, value) {
            (Kind::Structure(_), Value::Structure(structure)) => self.structure(shape, structure),
            (Kind::List(list), Value::List(values)) => {
                self.encoder.array(values.len());
                values.iter().for_each(|value| self.value(list.element, value));
            }
            (Kind::Map(map), Value::Map(entries)) => {
                self.encoder.map(entries.len());
                for (key, value) in entries {
                    self.encoder.str(key);
                    self.value(map.value, value);
                }
            }
            (_, scalar) => self.scalar(scalar),
        }
    }

    fn scalar(&mut self, value: &Value) {
        match value {
            Value::Boolean(value) => self.encoder.boolean(*value),
            Value::Integer(value) => self.encoder.long(*value),
            Value::Double(value) => self.encoder.double(*value),
            Value::String(value) => self.encoder.str(value),
            Value::Blob(value) => self.encoder.blob_bytes(value),
            Value::Timestamp(moment) => self.timestamp(*moment),
            Value::List(_) | Value::Map(_) | Value::Structure(_) | Value::Malformed(_) => self.encoder.null(),
        };
    }

    /// The encoder offers tag 1 only around its own type of time, so the tag's single byte is written directly.
    fn timestamp(&mut self, moment: Timestamp) -> &mut Encoder {
        let mut bytes = std::mem::replace(&mut self.encoder, Encoder::new(Vec::new())).into_writer();
        bytes.push(TIMESTAMP_TAG);
        self.encoder = Encoder::new(bytes);
        self.encoder.double(text::seconds(moment))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::{EVERYTHING, list, operation, strings, structure};

    fn one(body: &[u8], name: &'static str, expected: Value) {
        let expected = Value::Structure(structure(vec![(name, expected)]));
        assert_eq!(decode(&EVERYTHING, body), Ok(expected), "{body:x?}");
    }

    /// A map of one member with the given bytes as its value.
    fn member(name: &str, value: &[u8]) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        encoder.map(1).str(name);
        [encoder.into_writer(), value.to_vec()].concat()
    }

    #[test]
    fn members_are_read_by_their_kind() {
        one(&member("Flag", &[0xf5]), "Flag", Value::Boolean(true));
        one(&member("Count", &[0x18, 0xff]), "Count", Value::Integer(255));
        one(&member("Count", &[0x20]), "Count", Value::Integer(-1));
        one(&member("Ratio", &[0xf9, 0x3e, 0x00]), "Ratio", Value::Double(1.5));
        one(&member("Ratio", &[0xfa, 0x3f, 0xc0, 0, 0]), "Ratio", Value::Double(1.5));
        one(&member("Ratio", &[0x05]), "Ratio", Value::Double(5.0));
        one(&member("Ratio", &[0xf9, 0x7c, 0x00]), "Ratio", Value::Double(f64::INFINITY));
        one(&member("Text", &[0x61, b'a']), "Text", Value::String("a".into()));
        one(&member("Data", &[0x42, 1, 2]), "Data", Value::Blob(vec![1, 2]));
        one(
            &member("When", &[0xc1, 0x1a, 0x65, 0x53, 0xf1, 0x00]),
            "When",
            Value::Timestamp(Timestamp(1_700_000_000_000)),
        );
        one(&member("When", &[0xd8, 0x01, 0x05]), "When", Value::Timestamp(Timestamp(5000)));
        one(&member("Names", &[0x81, 0x61, b'a']), "Names", strings(&["a"]));
        one(
            &member("Map", &[0xa1, 0x61, b'k', 0x61, b'v']),
            "Map",
            Value::Map(vec![("k".into(), Value::String("v".into()))]),
        );
        for nothing in [&b""[..], &[0xa0], &[0xbf, 0xff], &member("Text", &[0xf6])] {
            assert_eq!(decode(&EVERYTHING, nothing), Ok(Value::Structure(Structure::default())), "{nothing:x?}");
        }
    }

    #[test]
    fn indefinite_lengths_are_read_everywhere() {
        let body = b"\xbf\x65Names\x9f\x7f\x61a\x61b\xff\x61c\xff\xff";
        one(body, "Names", strings(&["ab", "c"]));
        one(&member("Data", &[0x5f, 0x41, 1, 0x41, 2, 0xff]), "Data", Value::Blob(vec![1, 2]));
    }

    #[test]
    fn values_of_another_type_are_marked_and_stepped_over() {
        let cases: [(&'static str, &[u8], Expected); 12] = [
            ("Count", &[0xfb, 0x40, 0x14, 0, 0, 0, 0, 0, 0], Expected::Integer),
            ("Count", &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Expected::Integer),
            ("Count", &[0x61, b'5'], Expected::Integer),
            ("Flag", &[0x01], Expected::Boolean),
            ("Text", &[0x81, 0xa1, 0x61, b'k', 0x80], Expected::String),
            ("Ratio", &[0x61, b'5'], Expected::Number),
            ("When", &[0x05], Expected::Timestamp),
            ("When", &[0xc0, 0x61, b'x'], Expected::Timestamp),
            ("When", &[0xc1, 0xf9, 0x7e, 0x00], Expected::Timestamp),
            ("Names", &[0xa0], Expected::List),
            ("Map", &[0x80], Expected::Map),
            ("Self", &[0x9f, 0xff], Expected::Structure),
        ];
        for (name, value, expected) in cases {
            // A second member after it shows that exactly the bad value was stepped over.
            let mut body = member(name, value);
            body[0] = 0xa2;
            body.extend_from_slice(b"\x67Renamed\x61x");
            let body = [&body[..body.len() - 10], b"\x6arenamedOut\x61x"].concat();
            let Ok(Value::Structure(found)) = decode(&EVERYTHING, &body) else { panic!("{name} {value:x?}") };
            assert!(
                matches!(found.get(name), Some(Value::Malformed(found)) if found.expected == expected),
                "{name} {found:?}"
            );
            assert_eq!(found.get("Renamed"), Some(&Value::String("x".into())));
        }
        one(&member("Names", &[0x81, 0xf6]), "Names", list(vec![Value::malformed("null", Expected::SingleValue)]));
        one(b"\xa2\x64Text\x61a\x64Text\x61b", "Text", Value::malformed("Text", Expected::SingleValue));
        let unknown = Structure { members: vec![], unknown: vec!["Nope".into()] };
        assert_eq!(
            decode(&EVERYTHING, &member("Nope", &[0x82, 0xa1, 0x01, 0x02, 0xc1, 0x05])),
            Ok(Value::Structure(unknown))
        );
    }

    #[test]
    fn broken_bodies_are_refused() {
        let deep = [vec![0xa1, 0x64], b"Self".to_vec()].concat().repeat(MAX_DEPTH + 5);
        let huge_list = member("Names", &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
        let huge_text = member("Text", &[0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
        let bad: [&[u8]; 9] = [
            b"\x80",
            b"\xa1",
            b"\xff",
            b"\xa0\xa0",
            b"\xa1\x01\x02",
            b"\xa1\x64Text\x61\xff",
            &deep,
            &huge_list,
            &huge_text,
        ];
        for body in bad {
            assert!(decode(&EVERYTHING, body).is_err(), "{body:x?}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let inner = structure(vec![("Names", strings(&["x", ""]))]);
        let output = structure(vec![
            ("Text", Value::String("\0ä\u{10348}".into())),
            ("Count", Value::Integer(i64::MIN)),
            ("Ratio", Value::Double(-0.1)),
            ("Flag", Value::Boolean(false)),
            ("When", Value::Timestamp(Timestamp(1_700_000_000_123))),
            ("Data", Value::Blob(vec![0, 255])),
            ("Renamed", Value::String("r".into())),
            ("Self", Value::Structure(inner)),
            ("Map", Value::Map(vec![("k".into(), Value::String("v".into()))])),
        ]);
        assert_eq!(decode(&EVERYTHING, &encode(&EVERYTHING, &output)), Ok(Value::Structure(output)));
    }

    #[test]
    fn answers_and_errors_name_the_protocol() {
        let error = AwsError::sender("X", "m").with_member("n", "v");
        for response in [respond(operation("Echo"), &Structure::default()), error_response(&error)] {
            assert!(response.headers.contains(&("smithy-protocol", "rpc-v2-cbor".into())));
            assert!(response.headers.contains(&("content-type", "application/cbor".into())));
        }
        assert_eq!(error_response(&error).body, b"\xa3\x66__type\x61X\x67message\x61m\x61n\x61v");
    }
}
