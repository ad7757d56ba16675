//! Tells topics what happens in a group, in the transaction in which it happens.

use crate::publish::publish;
use model::{
    Arn, IdSource, Scope, Timestamp,
    autoscaling::{
        fleet::Notice,
        group::AutoScalingGroup,
        notification::{self, Text},
    },
    sns::{message::Message, protocol::Protocol},
};
use store::Transaction;

/// Publishes a notice to everybody who is to be told.
pub fn tell(
    txn: &mut Transaction,
    scope: &Scope,
    group: &AutoScalingGroup,
    notice: &Notice,
    now: Timestamp,
    ids: &mut dyn IdSource,
) {
    match notice {
        Notice::Activity { event, activity, instance } => {
            let text = notification::activity(event, group, activity, instance.as_ref(), now);
            let told = group.notifications.iter().filter(|(_, types)| types.contains(*event));
            for (topic, _) in told {
                publish_to(txn, scope, topic, &text, now, ids);
            }
        }
        Notice::Hook { hook, instance, token } => {
            let text = notification::hook(group, hook, instance, token, now);
            if let Some(topic) = &hook.notification_target {
                publish_to(txn, scope, topic, &text, now, ids);
            }
        }
    }
}

fn publish_to(txn: &mut Transaction, scope: &Scope, topic: &Arn, text: &Text, now: Timestamp, ids: &mut dyn IdSource) {
    let mut message = Message::new(&text.subject, text.json.clone());
    message.bodies.insert(Protocol::Email, text.lines.clone());
    publish(txn, scope, topic, &message, now, ids);
}
