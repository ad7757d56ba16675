//! Between the neutral tree and the generated types: `FromValue`, `IntoValue` and the macros that write both.
//!
//! Conversion happens after validation, so a failure here is a fault of Goru and not of the caller. An absent member
//! is `None` on both sides: an `Option` that is `None` is not written, an empty list is written as an empty list.
//!
//! The macros exist to keep the generated crate `api` at one line per member; nothing else should call them.

use std::collections::BTreeMap;
use std::fmt;

use crate::value::{Expected, Structure, Timestamp, Value};

/// A value of the tree was not what its type needs, although validation passed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}expected {expected}", .path, if .path.is_empty() { "" } else { ": " })]
pub struct ConvertError {
    /// Members from the outermost to the one at fault, joined by dots.
    pub path: String,
    /// What was needed.
    pub expected: Expected,
}

impl ConvertError {
    /// A value that was not `expected`.
    pub fn new(expected: Expected) -> Self {
        Self { path: String::new(), expected }
    }

    fn inside(mut self, member: &str) -> Self {
        let separator = if self.path.is_empty() { "" } else { "." };
        self.path = format!("{member}{separator}{}", self.path);
        self
    }
}

/// A text that is none of the names of an enumeration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {enumeration}")]
pub struct UnknownName {
    /// The text.
    pub text: String,
    /// AWS's name of the enumeration.
    pub enumeration: &'static str,
}

/// Types that are read from the tree.
pub trait FromValue: Sized {
    /// Reads a value; `None` stands for a member that is absent.
    ///
    /// # Errors
    /// [`ConvertError`] when the value has another type, or is absent and the type is not optional.
    fn from_value(value: Option<Value>) -> Result<Self, ConvertError>;
}

/// Types that are written into the tree.
pub trait IntoValue {
    /// The value, or `None` when there is nothing to write.
    fn into_value(self) -> Option<Value>;
}

/// Declares how a type is read from and written to one variant of [`Value`].
macro_rules! scalar {
    ($type:ty, $variant:ident, $expected:ident) => {
        impl FromValue for $type {
            fn from_value(value: Option<Value>) -> Result<Self, ConvertError> {
                match value {
                    Some(Value::$variant(inner)) => Ok(inner),
                    _ => Err(ConvertError::new(Expected::$expected)),
                }
            }
        }

        impl IntoValue for $type {
            fn into_value(self) -> Option<Value> {
                Some(Value::$variant(self))
            }
        }
    };
}

scalar!(bool, Boolean, Boolean);
scalar!(i64, Integer, Integer);
scalar!(f64, Double, Number);
scalar!(String, String, String);
scalar!(Blob, Blob, Blob);
scalar!(Timestamp, Timestamp, Timestamp);

/// Bytes. (A list of 8-bit numbers does not occur at AWS, so `Vec<u8>` always means bytes.)
type Blob = Vec<u8>;

impl FromValue for i32 {
    fn from_value(value: Option<Value>) -> Result<Self, ConvertError> {
        let wide = i64::from_value(value)?;
        Self::try_from(wide).map_err(|_| ConvertError::new(Expected::Integer))
    }
}

impl IntoValue for i32 {
    fn into_value(self) -> Option<Value> {
        Some(Value::Integer(self.into()))
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Option<Value>) -> Result<Self, ConvertError> {
        value.map(|value| T::from_value(Some(value))).transpose()
    }
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Option<Value> {
        self.and_then(T::into_value)
    }
}

/// Types that stand in lists: everything but bytes, whose `Vec<u8>` is a scalar.
pub trait Element {}
impl Element for bool {}
impl Element for i32 {}
impl Element for i64 {}
impl Element for f64 {}
impl Element for String {}
impl Element for Timestamp {}
impl<T> Element for Vec<T> {}
impl<T> Element for BTreeMap<String, T> {}

impl<T: FromValue + Element> FromValue for Vec<T> {
    fn from_value(value: Option<Value>) -> Result<Self, ConvertError> {
        let Some(Value::List(elements)) = value else { return Err(ConvertError::new(Expected::List)) };
        let read = |(index, element): (usize, Value)| {
            T::from_value(Some(element)).map_err(|error| error.inside(&(index + 1).to_string()))
        };
        elements.into_iter().enumerate().map(read).collect()
    }
}

impl<T: IntoValue + Element> IntoValue for Vec<T> {
    fn into_value(self) -> Option<Value> {
        Some(Value::List(self.into_iter().filter_map(T::into_value).collect()))
    }
}

impl<T: FromValue> FromValue for BTreeMap<String, T> {
    fn from_value(value: Option<Value>) -> Result<Self, ConvertError> {
        let Some(Value::Map(entries)) = value else { return Err(ConvertError::new(Expected::Map)) };
        let read = |(key, value): (String, Value)| match T::from_value(Some(value)) {
            Ok(value) => Ok((key, value)),
            Err(error) => Err(error.inside(&key)),
        };
        entries.into_iter().map(read).collect()
    }
}

impl<T: IntoValue> IntoValue for BTreeMap<String, T> {
    fn into_value(self) -> Option<Value> {
        let write = |(key, value): (String, T)| Some((key, value.into_value()?));
        Some(Value::Map(self.into_iter().filter_map(write).collect()))
    }
}

/// The members of a structure, for the macro [`crate::structure!`].
///
/// # Errors
/// [`ConvertError`] when the value is anything else.
pub fn members(value: Option<Value>) -> Result<Structure, ConvertError> {
    match value {
        Some(Value::Structure(structure)) => Ok(structure),
        _ => Err(ConvertError::new(Expected::Structure)),
    }
}

/// Takes one member out of a structure, for the macro [`crate::structure!`].
///
/// # Errors
/// [`ConvertError`] with the member's name in its path.
pub fn member<T: FromValue>(structure: &mut Structure, name: &str) -> Result<T, ConvertError> {
    T::from_value(structure.take(name)).map_err(|error| error.inside(name))
}

/// Puts one member into a structure, for the macro [`crate::structure!`].
pub fn put<T: IntoValue>(structure: &mut Structure, name: &'static str, value: T) {
    if let Some(value) = value.into_value() {
        structure.push(name, value);
    }
}

/// What stands for a secret when a structure is printed for debugging.
pub struct Hidden;

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// What [`crate::structure!`] prints of a field.
#[doc(hidden)]
#[macro_export]
macro_rules! shown {
    ($value:expr) => {
        &$value
    };
    ($value:expr, secret) => {
        &$crate::convert::Hidden
    };
}

/// Writes a structure of AWS with both conversions: `Name { "Member" field: Type, … }`; `Name: Default {…}` derives
/// `Default` as well, and `Type as secret` hides the value from `Debug`.
#[macro_export]
macro_rules! structure {
    ($name:ident $(: $default:ident)? { $($member:literal $field:ident: $type:ty $(as $secret:ident)?,)* }) => {
        #[derive(Clone, PartialEq, $($default)?)]
        pub struct $name {
            $(pub $field: $type,)*
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($field), $crate::shown!(self.$field $(, $secret)?)))*
                    .finish()
            }
        }

        impl $crate::convert::Element for $name {}

        impl $crate::convert::FromValue for $name {
            #[allow(unused_mut, unused_variables)]
            fn from_value(value: Option<$crate::Value>) -> Result<Self, $crate::convert::ConvertError> {
                let mut members = $crate::convert::members(value)?;
                Ok(Self { $($field: $crate::convert::member(&mut members, $member)?,)* })
            }
        }

        impl $crate::convert::IntoValue for $name {
            #[allow(unused_mut)]
            fn into_value(self) -> Option<$crate::Value> {
                let mut members = $crate::value::Structure::default();
                $($crate::convert::put(&mut members, $member, self.$field);)*
                Some($crate::Value::Structure(members))
            }
        }
    };
}

/// Writes a closed enumeration of AWS with both conversions: `Name { Variant = "text", … }`.
#[macro_export]
macro_rules! enumeration {
    ($name:ident { $($variant:ident = $text:literal,)* }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($variant,)*
        }

        impl $name {
            /// Every value, in AWS's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// The texts of every value, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($text,)*];

            /// AWS's text.
            pub const fn as_str(self) -> &'static str {
                Self::NAMES[self as usize]
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::convert::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match Self::NAMES.iter().position(|name| *name == text) {
                    Some(index) => Ok(Self::ALL[index]),
                    None => Err($crate::convert::UnknownName { text: text.into(), enumeration: stringify!($name) }),
                }
            }
        }

        impl $crate::convert::Element for $name {}

        impl $crate::convert::FromValue for $name {
            fn from_value(value: Option<$crate::Value>) -> Result<Self, $crate::convert::ConvertError> {
                let text = <String as $crate::convert::FromValue>::from_value(value)?;
                text.parse().map_err(|_| $crate::convert::ConvertError::new($crate::value::Expected::String))
            }
        }

        impl $crate::convert::IntoValue for $name {
            fn into_value(self) -> Option<$crate::Value> {
                Some($crate::Value::String(self.as_str().into()))
            }
        }
    };
}

/// Writes the closed enumeration of a service's operations and the table behind it:
/// `Name(INPUT, OUTPUT, result wrapper, http), …`, ordered by name.
#[macro_export]
macro_rules! operations {
    ($($name:ident($input:expr, $output:expr, $wrapper:expr, $http:expr),)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation {
            $($name,)*
        }

        /// What each operation looks like on the wire, in the order of [`Operation::ALL`].
        pub static OPERATIONS: &[$crate::shape::Operation] = &[$($crate::shape::Operation {
            name: stringify!($name),
            input: $input,
            output: $output,
            result_wrapper: $wrapper,
            http: $http,
        },)*];

        impl Operation {
            /// Every operation that Goru serves, ordered by name.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// AWS's name.
            pub const fn name(self) -> &'static str {
                OPERATIONS[self as usize].name
            }

            /// The operation that AWS calls so, if Goru serves it.
            pub fn from_name(name: &str) -> Option<Self> {
                let index = OPERATIONS.binary_search_by(|operation| operation.name.cmp(name)).ok()?;
                Some(Self::ALL[index])
            }

            /// What it looks like on the wire.
            pub const fn shape(self) -> &'static $crate::shape::Operation {
                &OPERATIONS[self as usize]
            }

            /// Shape of its request.
            pub const fn input(self) -> &'static $crate::shape::Shape {
                self.shape().input
            }

            /// Shape of its answer.
            pub const fn output(self) -> &'static $crate::shape::Shape {
                self.shape().output
            }
        }
    };
}

/// Writes the closed enumeration of a service's errors and the table behind it:
/// `Variant = "Shape", "Code", status, fault; …`.
#[macro_export]
macro_rules! error_codes {
    ($($variant:ident = $shape:literal, $code:literal, $status:literal, $fault:ident;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorCode {
            $($variant,)*
        }

        /// Code, status and fault of each error, in the order of [`ErrorCode::ALL`].
        pub static ERRORS: &[$crate::shape::ErrorShape] = &[$($crate::shape::ErrorShape {
            shape: $shape,
            code: $code,
            status: $status,
            fault: $crate::shape::Fault::$fault,
        },)*];

        impl ErrorCode {
            /// Every error that the service can answer with.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// AWS's shape name, code, status and fault.
            pub const fn shape(self) -> &'static $crate::shape::ErrorShape {
                &ERRORS[self as usize]
            }

            /// The code that clients compare with.
            pub const fn code(self) -> &'static str {
                self.shape().code
            }

            /// HTTP status.
            pub const fn status(self) -> u16 {
                self.shape().status
            }

            /// The error with our sentence for it.
            pub fn error(self, message: impl Into<String>) -> $crate::AwsError {
                $crate::AwsError::from_shape(self.shape(), message)
            }

            /// Whose fault it is.
            pub const fn fault(self) -> $crate::shape::Fault {
                self.shape().fault
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::enumeration! { Color { Red = "red", DarkBlue = "dark-blue", } }
    crate::structure! { Paint { "Name" name: String, "Color" color: Option<Color>, "Layers" layers: Option<Vec<i32>>, } }

    crate::structure! { Key: Default { "Id" id: String, "Secret" secret: Option<String> as secret, } }

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let key = Key { id: "AKIA".into(), secret: Some("hunter2".into()) };
        assert_eq!(format!("{key:?}"), r#"Key { id: "AKIA", secret: (hidden) }"#);
        assert_eq!(Key::from_value(key.clone().into_value()), Ok(key));
    }

    fn structure(members: Vec<(&'static str, Value)>) -> Value {
        Value::Structure(Structure { members, unknown: Vec::new() })
    }

    #[test]
    fn a_structure_survives_both_conversions() {
        let paint = Paint { name: "door".into(), color: Some(Color::DarkBlue), layers: Some(vec![1, 2]) };
        let value = paint.clone().into_value();
        let expected = structure(vec![
            ("Name", Value::String("door".into())),
            ("Color", Value::String("dark-blue".into())),
            ("Layers", Value::List(vec![Value::Integer(1), Value::Integer(2)])),
        ]);
        assert_eq!(value, Some(expected));
        assert_eq!(Paint::from_value(value), Ok(paint));
    }

    #[test]
    fn an_absent_list_is_not_written_and_an_empty_one_is() {
        let absent = Paint { name: "a".into(), color: None, layers: None };
        let empty = Paint { layers: Some(vec![]), ..absent.clone() };
        assert_eq!(absent.into_value(), Some(structure(vec![("Name", Value::String("a".into()))])));
        let written = vec![("Name", Value::String("a".into())), ("Layers", Value::List(vec![]))];
        assert_eq!(empty.into_value(), Some(structure(written)));
    }

    #[test]
    fn an_error_names_the_member_and_the_index() {
        let value = structure(vec![
            ("Name", Value::String("a".into())),
            ("Layers", Value::List(vec![Value::Integer(1), Value::Integer(i64::from(i32::MAX) + 1)])),
        ]);
        let error = Paint::from_value(Some(value)).expect_err("the second layer does not fit");
        assert_eq!(error, ConvertError { path: "Layers.2".into(), expected: Expected::Integer });
        assert_eq!(error.to_string(), "Layers.2: expected an integer");
        let missing = Paint::from_value(Some(structure(vec![]))).expect_err("the name is required");
        assert_eq!(missing.path, "Name");
    }

    #[test]
    fn an_enumeration_reads_exactly_its_own_texts() {
        assert_eq!("red".parse(), Ok(Color::Red));
        assert!("RED".parse::<Color>().is_err());
        assert_eq!(Color::ALL.iter().map(|color| color.as_str()).collect::<Vec<_>>(), Color::NAMES);
    }

    #[test]
    fn bytes_are_one_value_and_not_a_list() {
        assert_eq!(vec![1_u8, 2].into_value(), Some(Value::Blob(vec![1, 2])));
        assert_eq!(Vec::<u8>::from_value(Some(Value::Blob(vec![3]))), Ok(vec![3]));
    }
}
