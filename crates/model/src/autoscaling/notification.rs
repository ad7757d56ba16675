//! The texts of Auto Scaling's notifications (Auto Scaling user guide, SNS notifications and lifecycle hooks).

use super::{activity::ScalingActivity, group::AutoScalingGroup, lifecycle_hook::LifecycleHook};
use crate::{Timestamp, id::InstanceId};
use serde_json::{Value, json};

/// An instance was launched.
pub const LAUNCH: &str = "autoscaling:EC2_INSTANCE_LAUNCH";
/// An instance could not be launched.
pub const LAUNCH_ERROR: &str = "autoscaling:EC2_INSTANCE_LAUNCH_ERROR";
/// An instance was terminated.
pub const TERMINATE: &str = "autoscaling:EC2_INSTANCE_TERMINATE";
/// An instance could not be terminated.
pub const TERMINATE_ERROR: &str = "autoscaling:EC2_INSTANCE_TERMINATE_ERROR";
/// Sent when notifications are configured.
pub const TEST: &str = "autoscaling:TEST_NOTIFICATION";
/// All, in the order of the API.
pub const TYPES: [&str; 5] = [LAUNCH, LAUNCH_ERROR, TERMINATE, TERMINATE_ERROR, TEST];

/// A notification: a subject, lines for people, and the same as JSON for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// At most 100 characters.
    pub subject: String,
    /// For mail.
    pub lines: String,
    /// For everything else.
    pub json: String,
}

/// About an activity that ended.
pub fn activity(
    event: &str,
    group: &AutoScalingGroup,
    activity: &ScalingActivity,
    instance: Option<&InstanceId>,
    now: Timestamp,
) -> Text {
    let end = activity.ended_at.unwrap_or(now);
    let body = fields([
        ("Service", json!("AWS Auto Scaling")),
        ("Time", json!(now.to_string())),
        ("RequestId", json!(activity.id)),
        ("Event", json!(event)),
        ("AccountId", json!(group.arn.account())),
        ("AutoScalingGroupName", json!(group.name)),
        ("AutoScalingGroupARN", json!(group.arn.to_string())),
        ("ActivityId", json!(activity.id)),
        ("Description", json!(activity.description)),
        ("Cause", json!(activity.cause)),
        ("StartTime", json!(activity.started_at.to_string())),
        ("EndTime", json!(end.to_string())),
        ("StatusCode", json!(status_code(event))),
        ("StatusMessage", json!(activity.status_message.clone().unwrap_or_default())),
        ("Progress", json!(activity.progress)),
        ("EC2InstanceId", json!(instance.map(InstanceId::as_str).unwrap_or_default())),
        ("Details", serde_json::from_str(&activity.details).unwrap_or(Value::Null)),
    ]);
    Text { subject: subject(event, &group.name), ..body }
}

/// Sent when notifications are configured.
pub fn test(group: &AutoScalingGroup, request: &str, now: Timestamp) -> Text {
    let body = fields([
        ("Service", json!("AWS Auto Scaling")),
        ("Time", json!(now.to_string())),
        ("RequestId", json!(request)),
        ("Event", json!(TEST)),
        ("AccountId", json!(group.arn.account())),
        ("AutoScalingGroupName", json!(group.name)),
        ("AutoScalingGroupARN", json!(group.arn.to_string())),
    ]);
    Text { subject: subject(TEST, &group.name), ..body }
}

/// A member waits for a hook.
pub fn hook(
    group: &AutoScalingGroup,
    hook: &LifecycleHook,
    instance: &InstanceId,
    token: &str,
    now: Timestamp,
) -> Text {
    let body = fields([
        ("Service", json!("AWS Auto Scaling")),
        ("Time", json!(now.to_string())),
        ("RequestId", json!(token)),
        ("LifecycleActionToken", json!(token)),
        ("AccountId", json!(group.arn.account())),
        ("AutoScalingGroupName", json!(group.name)),
        ("LifecycleHookName", json!(hook.name)),
        ("EC2InstanceId", json!(instance.as_str())),
        ("LifecycleTransition", json!(hook.transition.name())),
        ("NotificationMetadata", json!(hook.notification_metadata)),
    ]);
    let what = format!("Auto Scaling:  Lifecycle action '{}' for instance {instance} in progress.", transition(hook));
    Text { subject: shortened(&what), ..body }
}

fn transition(hook: &LifecycleHook) -> &'static str {
    match hook.transition {
        super::lifecycle_hook::Transition::Launching => "LAUNCHING",
        super::lifecycle_hook::Transition::Terminating => "TERMINATING",
    }
}

fn status_code(event: &str) -> &'static str {
    if event == LAUNCH_ERROR || event == TERMINATE_ERROR { "Failed" } else { "InProgress" }
}

fn subject(event: &str, group: &str) -> String {
    let what = match event {
        LAUNCH => "launch",
        LAUNCH_ERROR => "launch error",
        TERMINATE => "termination",
        TERMINATE_ERROR => "termination error",
        _ => "test notification",
    };
    shortened(&format!("Auto Scaling: {what} for group \"{group}\""))
}

/// SNS takes 100 characters of ASCII.
fn shortened(subject: &str) -> String {
    subject.chars().map(|c| if c.is_ascii() && !c.is_ascii_control() { c } else { '?' }).take(100).collect()
}

fn fields<const N: usize>(fields: [(&str, Value); N]) -> Text {
    let line = |(name, value): &(&str, Value)| match value {
        Value::String(text) => format!("{name}: {text}\n"),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => format!("{name}: {value}\n"),
    };
    let lines = fields.iter().map(line).collect();
    let object = fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value));
    Text { subject: String::new(), lines, json: Value::Object(object.collect()).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_ascii_and_at_most_a_hundred_characters() {
        assert_eq!(subject(LAUNCH, "web"), "Auto Scaling: launch for group \"web\"");
        let long = subject(TERMINATE_ERROR, &"고".repeat(200));
        assert_eq!(long.chars().count(), 100);
        assert!(long.is_ascii());
    }
}
