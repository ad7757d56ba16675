//! Tells topics what happens in a group, in the transaction in which it happens.

use crate::notifications::{Published, publish};
use model::{
    Arn, IdSource, Scope, Timestamp,
    autoscaling::{
        fleet::Notice,
        group::AutoScalingGroup,
        notification::{self, Text},
    },
    event::Event,
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
    let why = match publish(txn, topic, &message, ids, now) {
        // A topic that was deleted since is nobody to tell.
        Published::To(_) | Published::NoTopic => return,
        Published::TooMany => "too many subscriptions want it",
        Published::Full => "too many messages wait already",
    };
    txn.append_event(Event {
        at: now,
        scope: scope.clone(),
        subject: topic.to_string(),
        what: "notification-dropped".to_owned(),
        message: format!("{why}, so nobody is told: {}", text.subject),
    });
}
