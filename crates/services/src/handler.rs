//! What stands between the gateway and an operation: values to inputs, outputs to values, times, failed commits.
//!
//! `mod.rs` of each service uses it in one line per operation: `reply(users::create(cx, read(input)?).await)`.

use model::Timestamp;
use store::TransactError;
use wire::convert::{FromValue, IntoValue};
use wire::shape::Fault;
use wire::value::Structure;
use wire::{AwsError, Value};

/// The typed input of an operation.
///
/// # Errors
/// An internal failure: validation has already refused whatever does not fit the input's shape.
pub fn read<I: FromValue>(input: Value) -> Result<I, AwsError> {
    I::from_value(Some(input)).map_err(|error| AwsError::internal(format!("the checked input does not fit: {error}")))
}

/// The answer of an operation as the codecs take it.
///
/// # Errors
/// The operation's own.
pub fn reply<O: IntoValue, E: Into<AwsError>>(result: Result<O, E>) -> Result<Value, AwsError> {
    let output = result.map_err(Into::into)?;
    Ok(output.into_value().unwrap_or_else(nothing))
}

/// The answer of an operation whose output has no members.
///
/// # Errors
/// The operation's own.
pub fn done<E: Into<AwsError>>(result: Result<(), E>) -> Result<Value, AwsError> {
    result.map_err(Into::into).map(|()| nothing())
}

fn nothing() -> Value {
    Value::Structure(Structure::default())
}

/// A moment on its way out.
pub fn to_wire(moment: Timestamp) -> wire::Timestamp {
    wire::Timestamp(moment.millis())
}

/// A moment on its way in.
pub fn from_wire(moment: wire::Timestamp) -> Timestamp {
    Timestamp::from_millis(moment.0)
}

/// What a transaction gave; its own refusals keep their meaning, failures of the store become AWS's.
///
/// # Errors
/// The closure's, or `ServiceUnavailable` (503) when nothing can be written, which clients try again.
pub fn committed<T, E: Into<AwsError>>(result: Result<T, TransactError<E>>) -> Result<T, AwsError> {
    result.map_err(|error| match error {
        TransactError::Aborted(refusal) => refusal.into(),
        TransactError::Refused(write) => unavailable(&write),
        TransactError::Storage(failure) => unavailable(&failure),
        TransactError::Contended => unavailable(&"others change the same records too often"),
        TransactError::Fenced(lease) => unavailable(&format_args!("the lease {lease} has passed on")),
        TransactError::Closed => unavailable(&"the store is closed"),
    })
}

/// The answer when state cannot be changed. The reason may name files and records, so it goes to the log only.
fn unavailable(reason: &dyn std::fmt::Display) -> AwsError {
    tracing::error!(%reason, "a change could not be stored");
    let message = "the change could not be stored, and nothing was changed; try again";
    AwsError::new("ServiceUnavailable", 503, Fault::Receiver, message)
}
