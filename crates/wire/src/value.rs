//! The protocol-neutral tree between bytes and types.
//!
//! A codec turns a request into a [`Value`] with the help of a [`crate::shape::Shape`] and an answer's `Value` into
//! bytes; nothing behind the codecs knows which protocol a client speaks. There is no null: a member that is absent,
//! or `null` in JSON, is simply not there.
//!
//! Decoding never stops at one bad scalar: it leaves a [`Malformed`] in the tree and goes on, and a member that the
//! shape does not have is noted in [`Structure::unknown`], so that validation can name every violation at once.

use std::fmt;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, negative before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// One value on its way between bytes and types.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// True or false.
    Boolean(bool),
    /// Integers of 32 and 64 bits alike; validation checks that a 32-bit one fits.
    Integer(i64),
    /// Floats and doubles; may be NaN or infinite.
    Double(f64),
    /// Text and enumerations.
    String(String),
    /// Bytes, already out of base64.
    Blob(Vec<u8>),
    /// A point in time.
    Timestamp(Timestamp),
    /// Values in order.
    List(Vec<Value>),
    /// Entries in the order they came.
    Map(Vec<(String, Value)>),
    /// Members by AWS's member name.
    Structure(Structure),
    /// Something that is not a value of the shape at this place.
    Malformed(Malformed),
}

/// The members of a structure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Structure {
    /// Members that the shape has, refused ones included, by [`crate::shape::Member::name`], in the order they came.
    pub members: Vec<(&'static str, Value)>,
    /// Members that the shape does not have, under the name by which the client sent them (the part of the key
    /// inside this structure), in the order they came.
    pub unknown: Vec<String>,
}

/// What stands in the tree where a value could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What the client sent, cut to [`Malformed::TEXT_LIMIT`] characters.
    pub text: String,
    /// What should have been there.
    pub expected: Expected,
}

/// What should have been at the place of a [`Malformed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// `true` or `false`.
    Boolean,
    /// An integer within 64 bits.
    Integer,
    /// A number.
    Number,
    /// Text.
    String,
    /// Bytes in base64.
    Blob,
    /// A point in time.
    Timestamp,
    /// A list, its indexes counted from 1 in forms (in any order, gaps allowed).
    List,
    /// A map, every key with its value.
    Map,
    /// A structure.
    Structure,
    /// One value instead of several for the same member.
    SingleValue,
}

impl Structure {
    /// The value of the member that AWS calls `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.iter().find(|(member, _)| *member == name).map(|(_, value)| value)
    }

    /// Adds a member at the end. The caller sees to it that it is not there yet.
    pub fn push(&mut self, name: &'static str, value: Value) {
        self.members.push((name, value));
    }

    /// Removes and returns the value of the member that AWS calls `name`.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let index = self.members.iter().position(|(member, _)| *member == name)?;
        Some(self.members.remove(index).1)
    }

    /// Whether it has neither known nor unknown members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.unknown.is_empty()
    }
}

impl Malformed {
    /// How many characters of the client's text are kept for the error message.
    pub const TEXT_LIMIT: usize = 120;

    /// Notes that `text` stands where something else was expected.
    pub fn new(text: &str, expected: Expected) -> Self {
        Self { text: text.chars().take(Self::TEXT_LIMIT).collect(), expected }
    }
}

impl Value {
    /// A [`Malformed`] in the tree.
    pub fn malformed(text: &str, expected: Expected) -> Self {
        Self::Malformed(Malformed::new(text, expected))
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boolean => "true or false",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::String => "text",
            Self::Blob => "base64",
            Self::Timestamp => "a timestamp",
            Self::List => "a list",
            Self::Map => "a map",
            Self::Structure => "a structure",
            Self::SingleValue => "a single value",
        })
    }
}
