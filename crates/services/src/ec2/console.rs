//! What an instance wrote to its console. The text lives with the compute driver, which this crate does not know: the
//! server hands in a [`crate::Console`].

use api::ec2::types::{GetConsoleOutputRequest, GetConsoleOutputResult};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::id::InstanceId;
use wire::AwsError;

use super::resources::find_text;
use crate::context::Context;
use crate::handler::to_wire;
use crate::idempotency::dry_run;

/// How much of the end of a console is shown, in bytes (EC2 user guide: 64 KB).
pub const MAXIMUM_SHOWN_BYTES: usize = 64 * 1024;

/// The newest output is always shown, whether or not `Latest` asks for it.
pub(super) fn get(cx: &Context, input: GetConsoleOutputRequest) -> Result<GetConsoleOutputResult, AwsError> {
    let GetConsoleOutputRequest { dry_run: dry, instance_id, latest: _ } = input;
    let instance = find_text::<InstanceId>(&cx.store.view(), &cx.scope(), &instance_id)?;
    dry_run(dry)?;
    let read = cx.console.read(&instance.id);
    let (output, at) = read.unwrap_or_else(|| (Vec::new(), instance.state_changed_at));
    let start = output.len().saturating_sub(MAXIMUM_SHOWN_BYTES);
    Ok(GetConsoleOutputResult {
        instance_id: Some(instance.id.to_string()),
        output: Some(STANDARD.encode(&output[start..])),
        timestamp: Some(to_wire(at)),
    })
}
