//! DECIDER: what registering and deregistering make of a target, whoever does it: the API or Auto Scaling.

use super::{
    anomaly::AnomalyState,
    target::{Target, TargetKey},
};
use crate::{Arn, Timestamp};
use std::time::Duration;

/// What deregistering makes of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deregistered {
    /// It drains: this is its record from now on.
    Drains(Target),
    /// Nobody sends it requests: its record goes.
    Gone,
}

/// The record that registering leads to; `None` when it is there already. What drains begins anew.
pub fn register(group: &Arn, key: &TargetKey, old: Option<&Target>, now: Timestamp) -> Option<Target> {
    let fresh = |registered_at| Target {
        target_group_arn: group.clone(),
        key: key.clone(),
        registered_at,
        deregistered_at: None,
        health: None,
        anomaly: AnomalyState::default(),
    };
    match old {
        None => Some(fresh(now)),
        Some(old) if old.deregistered_at.is_none() => None,
        // What the node reports about the earlier registration is told apart by its time alone.
        Some(old) => Some(fresh(now.max(old.registered_at.plus(Duration::from_millis(1))))),
    }
}

/// What deregistering leads to; `None` when that was done already. `in_use`: a listener sends requests to the group.
pub fn deregister(target: &Target, in_use: bool, now: Timestamp) -> Option<Deregistered> {
    match (in_use, target.deregistered_at) {
        (false, _) => Some(Deregistered::Gone),
        (true, Some(_)) => None,
        (true, None) => {
            let since = now.max(target.registered_at);
            Some(Deregistered::Drains(Target { deregistered_at: Some(since), ..target.clone() }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elbv2::target::TargetId;

    fn key() -> TargetKey {
        TargetKey { id: TargetId::Ip([10, 0, 0, 1].into()), port: 80 }
    }

    fn group() -> Arn {
        Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", "targetgroup/web/0123456789abcdef")
    }

    #[test]
    fn registering_what_is_registered_changes_nothing_and_what_drains_begins_anew() {
        let now = Timestamp::from_seconds(10);
        let first = register(&group(), &key(), None, now).unwrap();
        assert_eq!(register(&group(), &key(), Some(&first), now), None);
        let Some(Deregistered::Drains(drains)) = deregister(&first, true, now) else { panic!("it is in use") };
        let again = register(&group(), &key(), Some(&drains), now).unwrap();
        assert_eq!(again.deregistered_at, None);
        assert!(again.registered_at > first.registered_at);
    }

    #[test]
    fn a_target_drains_once_and_only_where_somebody_sends_requests() {
        let first = register(&group(), &key(), None, Timestamp::from_seconds(10)).unwrap();
        let later = Timestamp::from_seconds(20);
        assert_eq!(deregister(&first, false, later), Some(Deregistered::Gone));
        let Some(Deregistered::Drains(drains)) = deregister(&first, true, later) else { panic!("it is in use") };
        assert_eq!(drains.deregistered_at, Some(later));
        assert_eq!(deregister(&drains, true, later), None);
        assert_eq!(deregister(&drains, false, later), Some(Deregistered::Gone));
    }
}
