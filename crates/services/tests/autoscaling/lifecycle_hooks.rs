//! Lifecycle hooks and the answers to their actions.

use std::time::Duration;

use model::autoscaling::lifecycle_hook::{LifecycleHook, MAXIMUM_HOOKS};
use model::autoscaling::member::{HookResult, HookWait, LifecycleState};
use services::Clock;

use crate::world::World;

const GROUP: (&str, &str) = ("AutoScalingGroupName", "web");
const HOOK: (&str, &str) = ("LifecycleHookName", "ready");
const LAUNCHING: (&str, &str) = ("LifecycleTransition", "autoscaling:EC2_INSTANCE_LAUNCHING");
const TOKEN: &str = "bd2b1aee-7d61-4ef6-b6ac-5d4b5a2b2b0e";

async fn world() -> World {
    let world = World::new().await;
    world.group("web", ["0", "2", "1"]).await;
    world
}

#[tokio::test]
async fn a_hook_has_the_defaults_of_aws_and_keeps_what_a_change_leaves_out() {
    let world = world().await;
    world.call("PutLifecycleHook", &[GROUP, HOOK, LAUNCHING]).await.ok();
    let reply = world.call("DescribeLifecycleHooks", &[GROUP]).await.ok();
    let shown = ["LifecycleHookName", "HeartbeatTimeout", "GlobalTimeout", "DefaultResult", "LifecycleTransition"];
    let expected = ["ready", "3600", "172800", "ABANDON", LAUNCHING.1];
    assert_eq!(shown.map(|name| reply.one(name)), expected);

    let topic = ("NotificationTargetARN", "arn:aws:sns:ap-northeast-2:123456789012:ready");
    world.server.form(&world.server.signing("sns"), "2010-03-31", "CreateTopic", &[("Name", "ready")]).await.ok();
    let role = ("RoleARN", "arn:aws:iam::123456789012:role/hooks");
    let more = [GROUP, HOOK, ("HeartbeatTimeout", "30"), topic, role, ("NotificationMetadata", "x")];
    world.call("PutLifecycleHook", &more).await.ok();
    world.call("PutLifecycleHook", &[GROUP, HOOK, ("DefaultResult", "CONTINUE")]).await.ok();
    let reply = world.call("DescribeLifecycleHooks", &[GROUP, ("LifecycleHookNames.member.1", "ready")]).await.ok();
    assert_eq!(shown.map(|name| reply.one(name)), ["ready", "30", "3000", "CONTINUE", LAUNCHING.1]);
    assert_eq!(reply.one("NotificationTargetARN"), topic.1);
    world.call("PutLifecycleHook", &[GROUP, HOOK, ("NotificationTargetARN", "")]).await.ok();
    assert_eq!(world.get::<LifecycleHook>("web:ready").notification_target, None);
}

#[tokio::test]
async fn bad_hooks_are_refused() {
    let world = world().await;
    let action = "PutLifecycleHook";
    let put = |more: &[(&'static str, &'static str)]| [&[GROUP, HOOK, LAUNCHING][..], more].concat();
    let topic = ("NotificationTargetARN", "arn:aws:sns:ap-northeast-2:123456789012:ready");
    world
        .refuses(&[
            (action, &[GROUP, HOOK], "ValidationError", "LifecycleTransition is needed"),
            (action, &[GROUP, HOOK, ("LifecycleTransition", "launch")], "ValidationError", "launch"),
            (action, &[GROUP, ("LifecycleHookName", "a b"), LAUNCHING], "ValidationError", "LifecycleHookName"),
            (action, &[("AutoScalingGroupName", "none"), HOOK, LAUNCHING], "ValidationError", "name not found"),
            (action, &put(&[("HeartbeatTimeout", "29")]), "ValidationError", "HeartbeatTimeout"),
            (action, &put(&[("HeartbeatTimeout", "7201")]), "ValidationError", "HeartbeatTimeout"),
            (action, &put(&[("DefaultResult", "RETRY")]), "ValidationError", "CONTINUE or ABANDON"),
            (action, &put(&[("NotificationTargetARN", "ready")]), "ValidationError", "not a valid ARN"),
            (action, &put(&[topic]), "ValidationError", "RoleARN is needed"),
            (
                action,
                &put(&[("NotificationTargetARN", "arn:aws:sqs:ap-northeast-2:123456789012:q")]),
                "ValidationError",
                "SQS",
            ),
            ("DeleteLifecycleHook", &[GROUP, HOOK], "ValidationError", "No Lifecycle Hook found"),
        ])
        .await;
    let mut hook = LifecycleHook {
        group: "web".into(),
        name: String::new(),
        transition: model::autoscaling::lifecycle_hook::Transition::Launching,
        heartbeat_seconds: 30,
        default_result: HookResult::Abandon,
        notification_target: None,
        role: None,
        notification_metadata: None,
    };
    for number in 0..MAXIMUM_HOOKS {
        hook.name = format!("hook-{number}");
        world.put(hook.clone()).await;
    }
    world.refuses(&[(action, &put(&[]), "LimitExceeded", "at most 50 lifecycle hooks")]).await;
}

/// A member that waits for the hook.
async fn waiting(world: &World) -> String {
    world.call("PutLifecycleHook", &[GROUP, HOOK, LAUNCHING, ("HeartbeatTimeout", "60")]).await.ok();
    let id = world.member("web", LifecycleState::PendingWait).await;
    let now = world.server.clock.now();
    let wait = HookWait {
        hook: "ready".into(),
        token: TOKEN.into(),
        deadline: now.plus(Duration::from_secs(60)),
        last_deadline: now.plus(Duration::from_secs(6000)),
        result: None,
    };
    world
        .edit("web", |group| {
            group.members.get_mut(&id.parse().unwrap()).unwrap().hook = Some(wait.clone());
        })
        .await;
    id
}

fn wait(world: &World, id: &str) -> HookWait {
    world.record("web").members[&id.parse().unwrap()].hook.clone().unwrap()
}

#[tokio::test]
async fn an_action_is_completed_by_instance_or_by_token() {
    for by_token in [true, false] {
        let world = world().await;
        let id = waiting(&world).await;
        let name = if by_token { ("LifecycleActionToken", TOKEN) } else { ("InstanceId", id.as_str()) };
        let parameters = [GROUP, HOOK, name, ("LifecycleActionResult", "CONTINUE")];
        world.call("CompleteLifecycleAction", &parameters).await.ok();
        assert_eq!(wait(&world, &id).result, Some(HookResult::Continue));
        let again = "No active Lifecycle Action found";
        world.refuses(&[("CompleteLifecycleAction", &parameters, "ValidationError", again)]).await;
        let bad = [GROUP, HOOK, name, ("LifecycleActionResult", "GO")];
        let nobody = [GROUP, HOOK, ("LifecycleActionResult", "CONTINUE")];
        let hook = [GROUP, ("LifecycleHookName", "other"), name, ("LifecycleActionResult", "CONTINUE")];
        world
            .refuses(&[
                ("CompleteLifecycleAction", &bad, "ValidationError", "CONTINUE or ABANDON"),
                ("CompleteLifecycleAction", &nobody, "ValidationError", "InstanceId or LifecycleActionToken"),
                ("CompleteLifecycleAction", &hook, "ValidationError", "No Lifecycle Hook found"),
            ])
            .await;
    }
}

#[tokio::test]
async fn a_heartbeat_begins_the_time_anew() {
    let world = world().await;
    let id = waiting(&world).await;
    world.server.clock.advance(Duration::from_secs(50));
    world.call("RecordLifecycleActionHeartbeat", &[GROUP, HOOK, ("InstanceId", &id)]).await.ok();
    assert_eq!(wait(&world, &id).deadline, world.server.clock.now().plus(Duration::from_secs(60)));
}

#[tokio::test]
async fn a_deleted_hook_lets_go_of_its_members() {
    let world = world().await;
    let id = waiting(&world).await;
    world.call("DeleteLifecycleHook", &[GROUP, HOOK]).await.ok();
    assert_eq!(wait(&world, &id).result, Some(HookResult::Abandon), "launching members are abandoned");
    let reply = world.call("DescribeLifecycleHooks", &[GROUP]).await.ok();
    assert!(reply.all("LifecycleHookName").is_empty());
}
