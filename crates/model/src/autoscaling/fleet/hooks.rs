//! Lifecycle hooks: one after the other, in order of names, a member waits until somebody completes its action (Auto
//! Scaling user guide, lifecycle hooks).

use super::{Effect, Notice, step::Step};
use crate::{
    Timestamp,
    autoscaling::{
        activity::ActivityStatus,
        lifecycle_hook::{LifecycleHook, Transition},
        member::{GroupInstance, HookResult, HookWait},
    },
    id::uuid,
};
use std::time::Duration;

/// How far a member is with the hooks of its transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hooks {
    /// It waits.
    Wait,
    /// No hook is left.
    Done,
    /// One was abandoned; the sentence is for the activity.
    Abandoned(String),
}

/// Takes the member on through its hooks as far as it comes. The caller sets its lifecycle state.
pub(super) fn pass(step: &mut Step<'_>, member: &mut GroupInstance, transition: Transition) -> Hooks {
    if let Some(wait) = member.hook.take() {
        let hook = step.facts.hooks.iter().find(|hook| hook.name == wait.hook);
        match outcome(&wait, hook, transition, step.now) {
            None => {
                step.wake(due(&wait));
                member.hook = Some(wait);
                return Hooks::Wait;
            }
            Some((HookResult::Continue, _)) => member.hooks_done.push(wait.hook),
            Some((HookResult::Abandon, why)) => return Hooks::Abandoned(abandoned(&wait.token, why)),
        }
    }
    let mut waiting = step.facts.hooks.iter().filter(|hook| hook.transition == transition);
    let Some(hook) = waiting.find(|hook| !member.hooks_done.contains(&hook.name)) else { return Hooks::Done };
    begin(step, member, hook.clone());
    Hooks::Wait
}

fn begin(step: &mut Step<'_>, member: &mut GroupInstance, hook: LifecycleHook) {
    let token = uuid(step.ids);
    let wait = HookWait {
        hook: hook.name.clone(),
        token: token.clone(),
        deadline: step.now.plus(Duration::from_secs(hook.heartbeat_seconds.into())),
        last_deadline: step.now.plus(hook.maximum_wait()),
        result: None,
    };
    step.wake(due(&wait));
    member.hook = Some(wait);
    step.progress(member, ActivityStatus::MidLifecycleAction, 60);
    step.effect(Effect::Notify(Notice::Hook { hook, instance: member.instance_id.clone(), token }));
}

fn due(wait: &HookWait) -> Timestamp {
    wait.deadline.min(wait.last_deadline)
}

/// How the action ended, and why; `None` while it is waited for. A hook that was deleted ends its actions as AWS does:
/// members on their way in are abandoned, those on their way out go on.
fn outcome(
    wait: &HookWait,
    hook: Option<&LifecycleHook>,
    transition: Transition,
    now: Timestamp,
) -> Option<(HookResult, &'static str)> {
    match (wait.result, hook, transition) {
        (Some(result), _, _) => Some((result, "Lifecycle Action Completed with ABANDON Result")),
        (None, None, Transition::Launching) => Some((HookResult::Abandon, "Lifecycle Hook Deleted")),
        (None, None, Transition::Terminating) => Some((HookResult::Continue, "")),
        (None, Some(hook), _) => (now >= due(wait)).then_some((hook.default_result, "Heartbeat Timeout")),
    }
}

fn abandoned(token: &str, why: &str) -> String {
    format!(
        "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token {token} was abandoned: {why}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use HookResult::{Abandon, Continue};
    use Transition::{Launching, Terminating};

    #[test]
    fn an_action_ends_by_its_result_its_time_or_its_hook() {
        let at = Timestamp::from_seconds;
        let hook = LifecycleHook {
            group: "web".into(),
            name: "ready".into(),
            transition: Launching,
            heartbeat_seconds: 60,
            default_result: Continue,
            notification_target: None,
            role: None,
            notification_metadata: None,
        };
        let wait = |result, deadline, last| HookWait {
            hook: "ready".into(),
            token: "t".into(),
            deadline: at(deadline),
            last_deadline: at(last),
            result,
        };
        // Result, deadline, last deadline, whether the hook exists, transition; how it ended at second 100.
        let table = [
            (None, 101, 200, true, Launching, None),
            (None, 100, 200, true, Launching, Some(Continue)),
            (None, 150, 100, true, Terminating, Some(Continue)),
            (Some(Abandon), 150, 200, true, Launching, Some(Abandon)),
            (Some(Continue), 50, 200, false, Launching, Some(Continue)),
            (None, 150, 200, false, Launching, Some(Abandon)),
            (None, 150, 200, false, Terminating, Some(Continue)),
        ];
        for (result, deadline, last, exists, transition, expected) in table {
            let wait = wait(result, deadline, last);
            let ended = outcome(&wait, exists.then_some(&hook), transition, at(100));
            assert_eq!(ended.map(|(result, _)| result), expected, "{wait:?}");
        }
    }
}
