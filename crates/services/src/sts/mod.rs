//! AWS Security Token Service: who am I. Temporary credentials (AssumeRole) are not served yet.

use api::sts::Operation;
use api::sts::types::GetCallerIdentityResponse;
use wire::{AwsError, Value};

use crate::context::{Context, Principal};
use crate::handler::reply;

/// The operations of STS.
///
/// # Errors
/// Those of the operation.
pub async fn dispatch(cx: &Context, operation: Operation, _input: Value) -> Result<Value, AwsError> {
    match operation {
        // Its input has no members, so there is nothing to read.
        Operation::GetCallerIdentity => reply(Ok::<_, AwsError>(get_caller_identity(cx))),
    }
}

fn get_caller_identity(cx: &Context) -> GetCallerIdentityResponse {
    let user_id = match &cx.principal {
        Principal::Root => cx.account.clone(),
        Principal::User { id, .. } => id.clone(),
    };
    GetCallerIdentityResponse {
        user_id: Some(user_id),
        account: Some(cx.account.clone()),
        arn: Some(cx.principal.arn(&cx.account).to_string()),
    }
}
