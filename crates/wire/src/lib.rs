//! AWS's wire protocols: from the bytes of a request to a tree of values, and from an answer back to bytes.
//!
//! Knows no service and no record. What a structure looks like comes from the static tables of the crate `api`
//! ([`shape`]); between bytes and types stands one neutral tree ([`value`]).

pub mod convert;
pub mod error;
pub mod identify;
pub mod protocol;
pub mod request;
pub mod shape;
pub mod sigv4;
pub mod validate;
pub mod value;
pub mod xml;

pub use error::AwsError;
pub use request::Request;
pub use value::{Timestamp, Value};
