//! AWS Systems Manager: the public parameters by which AWS names images. Nobody's own parameters are kept here.

mod parameters;

use api::ssm::Operation;
use wire::{AwsError, Value};

use crate::context::Context;
use crate::handler::{read, reply};

/// The operations of Systems Manager.
///
/// # Errors
/// Those of the operation.
pub async fn dispatch(cx: &Context, operation: Operation, input: Value) -> Result<Value, AwsError> {
    match operation {
        Operation::GetParameter => reply(parameters::get(cx, read(input)?)),
        Operation::GetParameters => reply(parameters::get_several(cx, read(input)?)),
    }
}
