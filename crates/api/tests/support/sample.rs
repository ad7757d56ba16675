//! Values made from shapes.

use wire::Value;
use wire::shape::{Constraint, Kind, Member, Shape};
use wire::value::{Structure, Timestamp};

/// Texts of many forms: each pattern and length in a request matches at least one of them.
const TEXTS: [&str; 17] = [
    "a",
    "web-1",
    "Production",
    "/",
    "/division/team/",
    "200",
    "p99.9",
    "HTTPS",
    "ami-0123456789abcdef0",
    "AKIAIOSFODNN7EXAMPLE",
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/73e2d6bc24d8a067",
    "arn:aws:acm:eu-west-1:123456789012:certificate/bd2b1aee-7d61-4ef6-b6ac-5d4b5a2b2b0e",
    "고루 & <load> \"balancing\" 'evenly' +%20=;#",
    " spaces around and  between ",
    "eu-west-1a",
    "123456789012",
    "bd2b1aee-7d61-4ef6-b6ac-5d4b5a2b2b0e",
];

/// Which way round a shape is used: requests leave refused members out, answers carry them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Request,
    Answer,
}

/// A repeatable source of choices (SplitMix64).
pub struct Choices(u64);

impl Choices {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).expect("small")).expect("below a usize")
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

/// A value that satisfies the shape.
pub fn value(shape: &'static Shape, side: Side, choices: &mut Choices) -> Value {
    let constraint = &shape.constraint;
    match shape.kind {
        Kind::Boolean => Value::Boolean(choices.below(2) == 0),
        Kind::Integer => Value::Integer(integer(constraint, i32::MIN.into(), i32::MAX.into(), choices)),
        Kind::Long => Value::Integer(integer(constraint, i64::MIN, i64::MAX, choices)),
        Kind::Float | Kind::Double => Value::Double(choices.one_of(&[0.0, 1.5, -2.25, 1e-7, 1e20])),
        Kind::String => Value::String(text(shape, choices)),
        Kind::Blob => Value::Blob(choices.one_of(&[&b"x"[..], b"\x00\xff\x7f", b"echo hi\n"]).to_vec()),
        Kind::Timestamp(_) => Value::Timestamp(Timestamp(choices.one_of(&[0, 1_795_176_000_000, 1_795_176_000_123]))),
        Kind::List(list) => {
            let elements = (0..count(constraint, choices)).map(|_| value(list.element, side, choices));
            Value::List(elements.collect())
        }
        Kind::Map(map) => {
            let mut entries: Vec<(String, Value)> = Vec::new();
            for _ in 0..count(constraint, choices) {
                let key = text(map.key, choices);
                if entries.iter().all(|(present, _)| *present != key) {
                    entries.push((key, value(map.value, side, choices)));
                }
            }
            entries.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Map(entries)
        }
        Kind::Structure(_) => Value::Structure(structure(shape, side, choices)),
        Kind::Opaque => Value::Boolean(true),
    }
}

/// A structure with its required members, and about half of the others.
pub fn structure(shape: &'static Shape, side: Side, choices: &mut Choices) -> Structure {
    let mut structure = Structure::default();
    for member in shape.members().iter().filter(|member| is_used(member, side)) {
        if member.required || choices.below(2) == 0 {
            structure.push(member.name, value(member.shape, side, choices));
        }
    }
    structure
}

fn is_used(member: &Member, side: Side) -> bool {
    match side {
        Side::Request => member.refused.is_none(),
        Side::Answer => !matches!(member.shape.kind, Kind::Opaque),
    }
}

fn integer(constraint: &Constraint, least: i64, greatest: i64, choices: &mut Choices) -> i64 {
    let bound =
        |bound: Option<f64>, default: i64| bound.map_or(default, |bound| format!("{bound}").parse().expect("whole"));
    let (least, greatest) = (bound(constraint.minimum, least), bound(constraint.maximum, greatest));
    let between = [least, greatest, 1, 80, 300].into_iter().filter(|number| (least..=greatest).contains(number));
    choices.one_of(&between.collect::<Vec<_>>())
}

fn text(shape: &'static Shape, choices: &mut Choices) -> String {
    let constraint = &shape.constraint;
    if !constraint.values.is_empty() {
        return choices.one_of(constraint.values).into();
    }
    let fits = |text: &&&str| {
        let length = f64::from(u32::try_from(text.chars().count()).expect("short"));
        constraint.minimum.is_none_or(|minimum| length >= minimum)
            && constraint.maximum.is_none_or(|maximum| length <= maximum)
            && constraint.pattern.is_none_or(|pattern| pattern.matches(text))
    };
    let fitting: Vec<&str> = TEXTS.iter().filter(fits).copied().collect();
    assert!(!fitting.is_empty(), "add a text that satisfies {} to TEXTS", shape.name);
    choices.one_of(&fitting).into()
}

/// Lists of zero to three elements where the shape allows.
fn count(constraint: &Constraint, choices: &mut Choices) -> usize {
    let bound = |bound: Option<f64>, default| bound.map_or(default, |bound| format!("{bound}").parse().expect("whole"));
    let (least, greatest): (usize, usize) = (bound(constraint.minimum, 0), bound(constraint.maximum, usize::MAX));
    (least + choices.below(3)).min(greatest)
}
