//! How older forms of a listener's record become newer ones.

use crate::migrate::Migration;
use serde_json::{Value, json};

/// In version 1 the default action named one target group, and its weight stood beside it.
pub(crate) const MIGRATIONS: &[Migration] = &[forward_has_weighted_groups];

fn forward_has_weighted_groups(mut record: Value) -> Result<Value, String> {
    let fields = record.as_object_mut().ok_or("not an object")?;
    let group = fields.get("default_action").and_then(|action| action.get("forward")).and_then(Value::as_str);
    let group = group.ok_or("`default_action` forwards to no target group")?.to_owned();
    let form = fields.get("default_action_form");
    let weight = form.and_then(|form| form.get("weight")).and_then(Value::as_u64).unwrap_or(1);
    let order = form.and_then(|form| form.get("order")).cloned().unwrap_or(Value::Null);
    let forward = json!({ "target_groups": [{ "arn": group, "weight": weight }], "stickiness_seconds": null });
    fields.insert("default_action".to_owned(), json!({ "forward": forward }));
    fields.insert("default_action_form".to_owned(), json!({ "order": order }));
    Ok(record)
}

#[cfg(test)]
mod tests {
    use crate::{Kind, Record};
    use model::elbv2::{action::Action, listener::Listener};
    use serde_json::json;
    use std::sync::Arc;

    #[test]
    fn a_listener_of_the_first_version_is_read_with_its_group_and_weight() {
        let group = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/web/0123456789abcdef";
        let old = |form: serde_json::Value| {
            json!({
                "arn": "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:listener/app/web/1/2",
                "load_balancer_arn": "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:loadbalancer/app/web/1",
                "port": 80,
                "protocol": "HTTP",
                "default_action": { "forward": group },
                "default_action_form": form,
                "attributes": {},
                "created_at": 0,
                "tags": {},
            })
        };
        for (form, weight, order) in [(json!({"order": 7, "weight": 20}), 20, Some(7)), (json!(null), 1, None)] {
            let (_, erased) = Kind::Listener.decode(1, old(form).to_string().as_bytes()).unwrap();
            let listener: Arc<Listener> = erased.downcast().unwrap();
            let Action::Forward(forward) = &listener.default_action else { panic!("{listener:?}") };
            assert_eq!(
                (forward.target_groups[0].arn.to_string(), forward.target_groups[0].weight),
                (group.to_owned(), weight)
            );
            assert_eq!((listener.default_action_form.order, listener.tls.as_ref()), (order, None));
        }
        assert_eq!(Listener::SCHEMA, 2);
    }
}
