//! CBOR as a client of RPC v2 writes and reads it, made from and into JSON. Written apart from the server's codec, so
//! that a mistake in one of them shows.

use serde_json::{Map, Value};

/// A map whose members named in `times` are moments (numbers of seconds in the JSON).
pub fn encode(value: &Value, times: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(value, times, &mut bytes);
    bytes
}

fn write(value: &Value, times: &[&str], bytes: &mut Vec<u8>) {
    match value {
        Value::Null => bytes.push(0xf6),
        Value::Bool(value) => bytes.push(if *value { 0xf5 } else { 0xf4 }),
        Value::Number(number) => match number.as_u64() {
            Some(number) => head(0, number, bytes),
            None => {
                bytes.push(0xfb);
                bytes.extend(number.as_f64().unwrap().to_be_bytes());
            }
        },
        Value::String(text) => {
            head(3, text.len() as u64, bytes);
            bytes.extend(text.as_bytes());
        }
        Value::Array(items) => {
            head(4, items.len() as u64, bytes);
            items.iter().for_each(|item| write(item, times, bytes));
        }
        Value::Object(members) => {
            // Of indefinite length, as several SDKs write maps.
            bytes.push(0xbf);
            for (name, member) in members {
                write(&Value::String(name.clone()), times, bytes);
                if times.contains(&name.as_str()) {
                    bytes.push(0xc1);
                }
                write(member, times, bytes);
            }
            bytes.push(0xff);
        }
    }
}

fn head(major: u8, number: u64, bytes: &mut Vec<u8>) {
    let major = major << 5;
    match number {
        0..=23 => bytes.push(major | number as u8),
        24..=0xff => bytes.extend([major | 24, number as u8]),
        0x100..=0xffff => {
            bytes.push(major | 25);
            bytes.extend((number as u16).to_be_bytes());
        }
        _ => {
            bytes.push(major | 27);
            bytes.extend(number.to_be_bytes());
        }
    }
}

/// The value that the bytes are; moments become numbers of seconds.
pub fn decode(bytes: &[u8]) -> Value {
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.value().expect("a value");
    assert_eq!(reader.at, bytes.len(), "nothing follows the value");
    value
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take(&mut self, length: usize) -> &[u8] {
        self.at += length;
        &self.bytes[self.at - length..self.at]
    }

    fn number(&mut self, info: u8) -> u64 {
        let length = match info {
            0..=23 => return info.into(),
            24..=27 => 1 << (info - 24),
            other => panic!("length {other}"),
        };
        self.take(length).iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// `None` for the break that ends something of indefinite length.
    fn value(&mut self) -> Option<Value> {
        let byte = self.take(1)[0];
        let (major, info) = (byte >> 5, byte & 31);
        Some(match (major, info) {
            (0, _) => self.number(info).into(),
            (1, _) => (-1 - i64::try_from(self.number(info)).unwrap()).into(),
            (3, _) => {
                let length = self.number(info) as usize;
                String::from_utf8(self.take(length).to_vec()).unwrap().into()
            }
            (4, _) => Value::Array(self.items(info)),
            (5, _) => {
                let mut members = Map::new();
                let mut left = if info == 31 { u64::MAX } else { self.number(info) };
                while left > 0 {
                    let Some(name) = self.value() else { break };
                    let member = self.value().expect("a member");
                    members.insert(name.as_str().unwrap().to_owned(), member);
                    left -= 1;
                }
                Value::Object(members)
            }
            (6, 1) => self.value().expect("a moment"),
            (7, 20) => false.into(),
            (7, 21) => true.into(),
            (7, 22) => Value::Null,
            (7, 26) => f64::from(f32::from_be_bytes(self.take(4).try_into().unwrap())).into(),
            (7, 27) => f64::from_be_bytes(self.take(8).try_into().unwrap()).into(),
            (7, 31) => return None,
            other => panic!("major type and info {other:?}"),
        })
    }

    fn items(&mut self, info: u8) -> Vec<Value> {
        if info == 31 {
            return std::iter::from_fn(|| self.value()).collect();
        }
        let count = self.number(info);
        (0..count).map(|_| self.value().expect("an item")).collect()
    }
}
