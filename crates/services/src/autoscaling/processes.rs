//! Suspending and resuming processes.

use std::collections::BTreeSet;

use api::autoscaling::types as shape;
use model::autoscaling::activity::cause_time;
use model::autoscaling::process::Process;
use wire::AwsError;

use super::errors::{Error, invalid, shown};
use super::resources::change;
use crate::context::Context;

/// The processes of a request; all of them when it names none.
fn processes(names: Option<Vec<String>>) -> Result<BTreeSet<Process>, Error> {
    let names = names.unwrap_or_default();
    let one = |name: &String| {
        Process::from_name(name).ok_or_else(|| {
            let message = format!("`{}` is no scaling process; DescribeScalingProcessTypes lists them", shown(name));
            invalid(message)
        })
    };
    match names.is_empty() {
        true => Ok(Process::ALL.into_iter().collect()),
        false => names.iter().map(one).collect(),
    }
}

/// Processes that are suspended already keep their reason.
pub(super) async fn suspend(cx: &Context, input: shape::ScalingProcessQuery) -> Result<(), AwsError> {
    let shape::ScalingProcessQuery { auto_scaling_group_name, scaling_processes } = input;
    let processes = processes(scaling_processes)?;
    change(cx, &auto_scaling_group_name, |_, group| {
        for process in &processes {
            let reason = || format!("User suspended at {}", cause_time(cx.now));
            group.suspended.entry(*process).or_insert_with(reason);
        }
        Ok(())
    })
    .await
}

pub(super) async fn resume(cx: &Context, input: shape::ScalingProcessQuery) -> Result<(), AwsError> {
    let shape::ScalingProcessQuery { auto_scaling_group_name, scaling_processes } = input;
    let processes = processes(scaling_processes)?;
    change(cx, &auto_scaling_group_name, |_, group| {
        group.suspended.retain(|process, _| !processes.contains(process));
        Ok(())
    })
    .await
}
