//! Sample values for every shape, and a way through the generated types for every operation.
//!
//! Samples come from the shape tables alone and are repeatable: the same seed gives the same value. They satisfy every
//! constraint of their shape, so that validation must accept them.

use wire::Value;
use wire::convert::{ConvertError, FromValue, IntoValue};
use wire::shape::Service;

mod conversions;
pub mod sample;

pub use conversions::CONVERSIONS;

/// Reads a value into a type and writes it again.
pub type Way = fn(Value) -> Result<Value, ConvertError>;

/// Service, name of the operation, way through the input's type, way through the output's.
pub type Conversion = (&'static Service, &'static str, Way, Way);

/// The way through one type.
pub fn through<T: FromValue + IntoValue>(value: Value) -> Result<Value, ConvertError> {
    Ok(T::from_value(Some(value))?.into_value().expect("a structure is always written"))
}

/// The way of an operation without an input or an output: there is no type.
pub fn nothing(value: Value) -> Result<Value, ConvertError> {
    Ok(value)
}
