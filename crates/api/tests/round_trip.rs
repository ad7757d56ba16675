//! Whatever the tables of the served operations describe survives every protocol, in both directions: a client's
//! request is read as the value it was written from, and the answer likewise.
//!
//! The values are made from the tables by a small seeded generator, so a failure names the seed that repeats it.

#![allow(clippy::unwrap_used)]

#[path = "../../wire/tests/support/mod.rs"]
mod support;

use support::{client, plain};
use wire::identify::{Call, identify};
use wire::protocol::{decode, encode};
use wire::shape::{Kind, Operation, Protocol, Service, Shape};
use wire::value::Structure;
use wire::{Timestamp, Value};

/// Values made for each operation and protocol.
const SEEDS: u64 = 24;
/// Structures deeper than this get no members that are structures.
const MAX_DEPTH: usize = 6;

/// Makes values that fit a shape's kind (not its constraints, which the codecs do not know).
struct Maker {
    state: u64,
    /// Forms of ec2 and flattened lists of XML cannot tell an empty list or structure from an absent one.
    allow_empty: bool,
}

impl Maker {
    /// A number below `bound`; splitmix64.
    fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[usize::try_from(self.below(values.len() as u64)).unwrap()]
    }

    fn structure(&mut self, shape: &Shape, depth: usize) -> Structure {
        let mut result = Structure::default();
        for member in shape.members().iter().filter(|member| member.refused.is_none()) {
            if self.below(4) > 0
                && let Some(value) = self.value(member.shape, depth + 1)
            {
                result.push(member.name, value);
            }
        }
        result
    }

    fn value(&mut self, shape: &Shape, depth: usize) -> Option<Value> {
        Some(match &shape.kind {
            Kind::Boolean => Value::Boolean(self.below(2) == 1),
            Kind::Integer | Kind::Long => {
                Value::Integer(self.pick(&[0, 1, -1, 80, 65_535, i64::from(i32::MIN), i64::MAX, i64::MIN]))
            }
            Kind::Float | Kind::Double => {
                Value::Double(self.pick(&[0.0, -0.5, 1e-7, 1e22, 0.1, 3.0, f64::INFINITY, f64::MAX]))
            }
            Kind::String => Value::String(self.text()),
            Kind::Blob => Value::Blob(self.pick(&[&b""[..], b"a", b"\0\xff\xfe", b"abc"]).to_vec()),
            Kind::Timestamp(_) => Value::Timestamp(Timestamp(self.pick(&[
                0,
                -1,
                999,
                1_767_323_045_123,
                1_767_323_045_000,
                -62_135_596_800_000,
            ]))),
            Kind::List(list) => {
                let length = self.below(4);
                let elements: Vec<Value> = (0..length).filter_map(|_| self.value(list.element, depth + 1)).collect();
                let representable = self.allow_empty && !list.flattened || !elements.is_empty();
                return representable.then_some(Value::List(elements));
            }
            Kind::Map(map) => {
                let length = 1 + self.below(3);
                let entries =
                    (0..length).filter_map(|index| Some((format!("k {index}"), self.value(map.value, depth + 1)?)));
                Value::Map(entries.collect())
            }
            Kind::Structure(_) if depth > MAX_DEPTH => return None,
            Kind::Structure(_) => {
                let structure = self.structure(shape, depth);
                return (self.allow_empty || !structure.is_empty()).then_some(Value::Structure(structure));
            }
            Kind::Opaque => return None,
        })
    }

    fn text(&mut self) -> String {
        let texts =
            ["", "a", " b ", "a.b=c&d+e%2f", "<x>&\"'\r\n\t", "\u{e4}\u{202e}\u{10348}", "null", "0", "true", "]]>"];
        self.pick(&texts).to_owned()
    }
}

/// Calls `check` for every operation, protocol and seed, and returns how often.
fn for_each(check: impl Fn(&'static Service, &'static Operation, Protocol, u64)) -> u64 {
    let mut checked = 0;
    for service in api::SERVICES {
        for operation in service.operations {
            for protocol in service.protocols {
                for seed in 0..SEEDS {
                    check(service, operation, *protocol, seed);
                    checked += 1;
                }
            }
        }
    }
    checked
}

fn is_form(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::Query | Protocol::Ec2)
}

#[test]
fn requests_survive_every_protocol() {
    let checked = for_each(|service, operation, protocol, seed| {
        let input = Maker { state: seed, allow_empty: !is_form(protocol) }.structure(operation.input, 0);
        let sent = client::request(service, operation, protocol, &input);
        let call = identify(&sent.request(), api::SERVICES).unwrap_or_else(|refused| panic!("{refused:?}"));
        assert_eq!((call.service.name, call.operation.name, call.protocol), (service.name, operation.name, protocol));
        let read = decode(&call, &sent.request()).unwrap();
        let expected = plain::sorted(&Value::Structure(input));
        assert_eq!(plain::sorted(&read), expected, "{} {} {protocol:?} seed {seed}", service.name, operation.name);
    });
    assert!(checked > 1000, "only {checked} requests were made");
}

#[test]
fn answers_survive_every_protocol() {
    let checked = for_each(|service, operation, protocol, seed| {
        let output = Maker { state: seed, allow_empty: true }.structure(operation.output, 0);
        let call = Call { service, operation, protocol, parameters: Vec::new() };
        let expected = plain::sorted(&Value::Structure(output.clone()));
        let response = encode(&call, &Value::Structure(output), "request-1");
        let read = client::output(operation, protocol, &response);
        assert_eq!(plain::sorted(&read), expected, "{} {} {protocol:?} seed {seed}", service.name, operation.name);
    });
    assert!(checked > 1000, "only {checked} answers were made");
}
