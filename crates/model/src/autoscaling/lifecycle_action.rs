//! Lifecycle actions as requests answer them: completed, kept waiting by a heartbeat, or ended with their hook.
//!
//! The fleet begins an action when a member comes to a hook and goes on once it has a result or is overdue (Auto Scaling
//! user guide, lifecycle hooks).

use super::{
    group::AutoScalingGroup,
    lifecycle_hook::{LifecycleHook, Transition},
    member::{GroupInstance, HookResult, HookWait},
};
use crate::{Timestamp, id::InstanceId};
use std::time::Duration;

/// How a request names an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionName {
    /// By the member that waits.
    Instance(InstanceId),
    /// By the token that went along with the notification.
    Token(String),
}

/// Why a request about an action is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedAction {
    /// The member waits for nothing of the kind.
    #[error("No active Lifecycle Action found with instance ID {instance} and hook {hook}")]
    OfInstance {
        /// The instance.
        instance: InstanceId,
        /// The hook.
        hook: String,
    },
    /// Nobody has that token.
    #[error("No active Lifecycle Action found with token {token} and hook {hook}")]
    OfToken {
        /// The token.
        token: String,
        /// The hook.
        hook: String,
    },
}

impl AutoScalingGroup {
    /// Gives an action its result; the member goes on.
    ///
    /// # Errors
    /// [`RefusedAction`] unless a member waits for it.
    pub fn complete_action(&mut self, hook: &str, name: &ActionName, result: HookResult) -> Result<(), RefusedAction> {
        self.action(hook, name)?.result = Some(result);
        Ok(())
    }

    /// The action's time begins anew, up to the longest that it can wait.
    ///
    /// # Errors
    /// [`RefusedAction`] unless a member waits for it.
    pub fn record_heartbeat(
        &mut self,
        hook: &LifecycleHook,
        name: &ActionName,
        now: Timestamp,
    ) -> Result<(), RefusedAction> {
        let action = self.action(&hook.name, name)?;
        let deadline = now.plus(Duration::from_secs(hook.heartbeat_seconds.into()));
        action.deadline = deadline.min(action.last_deadline);
        Ok(())
    }

    /// A hook goes: members that wait for it are abandoned on their way in and go on on their way out (Auto Scaling API
    /// reference, DeleteLifecycleHook).
    pub fn end_actions(&mut self, hook: &LifecycleHook) {
        let result = match hook.transition {
            Transition::Launching => HookResult::Abandon,
            Transition::Terminating => HookResult::Continue,
        };
        for member in self.members.values_mut() {
            if let Some(action) = waiting(member, &hook.name) {
                action.result = Some(result);
            }
        }
    }

    fn action(&mut self, hook: &str, name: &ActionName) -> Result<&mut HookWait, RefusedAction> {
        let hook_name = hook.to_owned();
        match name {
            ActionName::Instance(instance) => {
                let refused = RefusedAction::OfInstance { instance: instance.clone(), hook: hook_name };
                self.members.get_mut(instance).and_then(|member| waiting(member, hook)).ok_or(refused)
            }
            ActionName::Token(token) => {
                let refused = RefusedAction::OfToken { token: token.clone(), hook: hook_name };
                let mut actions = self.members.values_mut().filter_map(|member| waiting(member, hook));
                actions.find(|action| action.token == *token).ok_or(refused)
            }
        }
    }
}

/// The action of a member that is not completed yet.
fn waiting<'m>(member: &'m mut GroupInstance, hook: &str) -> Option<&'m mut HookWait> {
    member.hook.as_mut().filter(|action| action.hook == hook && action.result.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autoscaling::member::LifecycleState;
    use crate::autoscaling::membership::samples::{group, id, member};

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    fn hook(transition: Transition) -> LifecycleHook {
        LifecycleHook {
            group: "web".into(),
            name: "ready".into(),
            transition,
            heartbeat_seconds: 60,
            default_result: HookResult::Abandon,
            notification_target: None,
            role: None,
            notification_metadata: None,
        }
    }

    /// Member 1 waits for the hook, member 2 for another.
    fn waiting_group() -> AutoScalingGroup {
        let mut group = group(0, 9, 2);
        for (n, name) in [(1, "ready"), (2, "other")] {
            let wait = HookWait {
                hook: name.into(),
                token: format!("token-{n}"),
                deadline: NOW,
                last_deadline: NOW.plus(Duration::from_secs(90)),
                result: None,
            };
            let waiting = GroupInstance { hook: Some(wait), ..member(n, LifecycleState::PendingWait) };
            group.members.insert(id(n), waiting);
        }
        group
    }

    fn result(group: &AutoScalingGroup, n: u8) -> Option<HookResult> {
        group.members[&id(n)].hook.as_ref().and_then(|wait| wait.result)
    }

    #[test]
    fn an_action_is_completed_once_by_instance_or_token() {
        for name in [ActionName::Instance(id(1)), ActionName::Token("token-1".into())] {
            let mut group = waiting_group();
            group.complete_action("ready", &name, HookResult::Continue).unwrap();
            assert_eq!((result(&group, 1), result(&group, 2)), (Some(HookResult::Continue), None));
            assert!(group.complete_action("ready", &name, HookResult::Abandon).is_err());
            assert_eq!(result(&group, 1), Some(HookResult::Continue));
        }
    }

    #[test]
    fn actions_that_nobody_waits_for_are_refused() {
        let mut group = waiting_group();
        for name in [ActionName::Instance(id(2)), ActionName::Instance(id(3)), ActionName::Token("token-2".into())] {
            let error = group.complete_action("ready", &name, HookResult::Continue).unwrap_err();
            assert!(error.to_string().starts_with("No active Lifecycle Action found with "), "{error}");
            assert!(group.record_heartbeat(&hook(Transition::Launching), &name, NOW).is_err());
        }
    }

    #[test]
    fn heartbeats_move_the_deadline_up_to_the_last() {
        let mut group = waiting_group();
        for (elapsed, expected) in [(0, 60), (10, 70), (50, 90)] {
            let now = NOW.plus(Duration::from_secs(elapsed));
            group.record_heartbeat(&hook(Transition::Launching), &ActionName::Instance(id(1)), now).unwrap();
            let deadline = group.members[&id(1)].hook.as_ref().unwrap().deadline;
            assert_eq!(deadline, NOW.plus(Duration::from_secs(expected)));
        }
    }

    #[test]
    fn actions_end_with_their_hook() {
        for (transition, expected) in
            [(Transition::Launching, HookResult::Abandon), (Transition::Terminating, HookResult::Continue)]
        {
            let mut group = waiting_group();
            group.end_actions(&hook(transition));
            assert_eq!((result(&group, 1), result(&group, 2)), (Some(expected), None));
        }
    }
}
