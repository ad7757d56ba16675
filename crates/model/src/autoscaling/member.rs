//! A member of a group: one instance on its way in, in service, beside, or on its way out (Auto Scaling user guide,
//! instance lifecycle).

use super::{group::LaunchedFrom, warm_pool::PoolState};
use crate::{
    Timestamp,
    id::{InstanceId, SubnetId},
};
use serde::{Deserialize, Serialize};

/// A member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupInstance {
    /// The instance.
    pub instance_id: InstanceId,
    /// Its zone.
    pub zone: String,
    /// Its subnet.
    pub subnet_id: SubnetId,
    /// For example `t2.micro`.
    pub instance_type: String,
    /// What it was made from.
    pub launched_from: LaunchedFrom,
    /// Where in its life it is.
    pub lifecycle: LifecycleState,
    /// When `lifecycle` last changed.
    pub since: Timestamp,
    /// When it was launched or attached.
    pub joined_at: Timestamp,
    /// When it last entered service: grace and warm-up count from here.
    pub in_service_at: Option<Timestamp>,
    /// Set once it is unhealthy; practically final.
    pub unhealthy: Option<Unhealthy>,
    /// Since when its status check is impaired, while it is.
    pub impaired_since: Option<Timestamp>,
    /// Whether scale-in leaves it alone.
    pub protected: bool,
    /// The lifecycle hook that it waits for.
    pub hook: Option<HookWait>,
    /// Hooks of the present transition that are done with.
    #[serde(default)]
    pub hooks_done: Vec<String>,
    /// Where it is going while it leaves.
    pub departure: Option<Departure>,
    /// The activity of its present transition: the record's id within the group.
    pub activity: Option<String>,
}

/// AWS's lifecycle states. Names as in the API, see [`LifecycleState::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LifecycleState {
    /// Being launched.
    Pending,
    /// Waits for a launch hook.
    PendingWait,
    /// Launch hooks are done; it is registered and enters service.
    PendingProceed,
    /// In service.
    InService,
    /// Leaving: being deregistered and drained.
    Terminating,
    /// Waits for a termination hook.
    TerminatingWait,
    /// Hooks are done; it is being terminated.
    TerminatingProceed,
    /// Kept after an abandoned termination hook.
    TerminatingRetained,
    /// Gone; the member is removed.
    Terminated,
    /// Being deregistered to be given up.
    Detaching,
    /// Given up; the member is removed.
    Detached,
    /// Being deregistered to stand by.
    EnteringStandby,
    /// Out of service by its owner's wish.
    Standby,
    /// Being prepared for the warm pool.
    WarmedPending,
    /// As [`Self::PendingWait`], for the warm pool.
    WarmedPendingWait,
    /// As [`Self::PendingProceed`], for the warm pool.
    WarmedPendingProceed,
    /// Ready and stopped.
    WarmedStopped,
    /// Ready and running.
    WarmedRunning,
    /// Leaving the warm pool.
    WarmedTerminating,
    /// As [`Self::TerminatingWait`].
    WarmedTerminatingWait,
    /// As [`Self::TerminatingProceed`].
    WarmedTerminatingProceed,
}

impl LifecycleState {
    /// Every state.
    pub const ALL: [Self; 21] = [
        Self::Pending,
        Self::PendingWait,
        Self::PendingProceed,
        Self::InService,
        Self::Terminating,
        Self::TerminatingWait,
        Self::TerminatingProceed,
        Self::TerminatingRetained,
        Self::Terminated,
        Self::Detaching,
        Self::Detached,
        Self::EnteringStandby,
        Self::Standby,
        Self::WarmedPending,
        Self::WarmedPendingWait,
        Self::WarmedPendingProceed,
        Self::WarmedStopped,
        Self::WarmedRunning,
        Self::WarmedTerminating,
        Self::WarmedTerminatingWait,
        Self::WarmedTerminatingProceed,
    ];

    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::PendingWait => "Pending:Wait",
            Self::PendingProceed => "Pending:Proceed",
            Self::InService => "InService",
            Self::Terminating => "Terminating",
            Self::TerminatingWait => "Terminating:Wait",
            Self::TerminatingProceed => "Terminating:Proceed",
            Self::TerminatingRetained => "Terminating:Retained",
            Self::Terminated => "Terminated",
            Self::Detaching => "Detaching",
            Self::Detached => "Detached",
            Self::EnteringStandby => "EnteringStandby",
            Self::Standby => "Standby",
            Self::WarmedPending => "Warmed:Pending",
            Self::WarmedPendingWait => "Warmed:Pending:Wait",
            Self::WarmedPendingProceed => "Warmed:Pending:Proceed",
            Self::WarmedStopped => "Warmed:Stopped",
            Self::WarmedRunning => "Warmed:Running",
            Self::WarmedTerminating => "Warmed:Terminating",
            Self::WarmedTerminatingWait => "Warmed:Terminating:Wait",
            Self::WarmedTerminatingProceed => "Warmed:Terminating:Proceed",
        }
    }

    /// Whether it counts toward the desired capacity.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Pending | Self::PendingWait | Self::PendingProceed | Self::InService)
    }

    /// Whether it is on its way in.
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Pending | Self::PendingWait | Self::PendingProceed)
    }

    /// Whether it is on its way to its termination.
    pub const fn is_terminating(self) -> bool {
        matches!(
            self,
            Self::Terminating
                | Self::TerminatingWait
                | Self::TerminatingProceed
                | Self::WarmedTerminating
                | Self::WarmedTerminatingWait
                | Self::WarmedTerminatingProceed
        )
    }

    /// Whether it belongs to the warm pool.
    pub const fn is_warm(self) -> bool {
        matches!(
            self,
            Self::WarmedPending
                | Self::WarmedPendingWait
                | Self::WarmedPendingProceed
                | Self::WarmedStopped
                | Self::WarmedRunning
                | Self::WarmedTerminating
                | Self::WarmedTerminatingWait
                | Self::WarmedTerminatingProceed
        )
    }
}

impl GroupInstance {
    /// The state that it is on its way to, or in: what instances read of themselves at `autoscaling/target-lifecycle-state` (Auto
    /// Scaling user guide, retrieve the target lifecycle state). `pool`: what instances of the group's warm pool do.
    pub fn target_state(&self, pool: PoolState) -> &'static str {
        use LifecycleState as L;
        let warmed = match pool {
            PoolState::Stopped => "Warmed:Stopped",
            PoolState::Running => "Warmed:Running",
        };
        match self.lifecycle {
            L::Pending | L::PendingWait | L::PendingProceed | L::InService => "InService",
            L::Terminating | L::TerminatingWait | L::TerminatingProceed | L::TerminatingRetained | L::Terminated => {
                match self.departure.as_ref().map(|departure| departure.to) {
                    Some(Destination::WarmPool) => warmed,
                    Some(Destination::Termination | Destination::Detachment | Destination::Standby) | None => {
                        "Terminated"
                    }
                }
            }
            L::Detaching | L::Detached => "Detached",
            L::EnteringStandby | L::Standby => "Standby",
            L::WarmedPending | L::WarmedPendingWait | L::WarmedPendingProceed => warmed,
            L::WarmedStopped => "Warmed:Stopped",
            L::WarmedRunning => "Warmed:Running",
            L::WarmedTerminating | L::WarmedTerminatingWait | L::WarmedTerminatingProceed => "Warmed:Terminated",
        }
    }
}

/// Why a member is unhealthy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unhealthy {
    /// When it was found.
    pub at: Timestamp,
    /// By what.
    pub cause: UnhealthyCause,
}

/// What found a member unhealthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnhealthyCause {
    /// It is stopped, terminated, or about to be: replaced at once.
    NotRunning,
    /// Its status check failed for minutes.
    StatusCheck,
    /// The load balancer.
    LoadBalancer,
    /// SetInstanceHealth: replaced at once.
    UserRequest,
}

/// A member waits for somebody to complete a lifecycle action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookWait {
    /// The hook's name.
    pub hook: String,
    /// The token of the action, a UUID.
    pub token: String,
    /// When the heartbeat ends; moved by RecordLifecycleActionHeartbeat.
    pub deadline: Timestamp,
    /// When it ends whatever heartbeats come.
    pub last_deadline: Timestamp,
    /// How it was completed, once it was.
    pub result: Option<HookResult>,
}

/// How a lifecycle action ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HookResult {
    /// Go on.
    Continue,
    /// Launch: terminate and replace. Termination: skip the other hooks.
    Abandon,
}

/// A member leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// Where to.
    pub to: Destination,
    /// When this was decided.
    pub at: Timestamp,
}

/// Where a leaving member goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Destination {
    /// It is terminated.
    Termination,
    /// It is given up and goes on running.
    Detachment,
    /// It stands by.
    Standby,
    /// Back to the warm pool (ReuseOnScaleIn).
    WarmPool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_knows_where_it_is_to_go() {
        use {Destination as D, LifecycleState as L};
        let member = |lifecycle, to| GroupInstance {
            instance_id: "i-00000001".parse().unwrap(),
            zone: String::new(),
            subnet_id: "subnet-00000001".parse().unwrap(),
            instance_type: String::new(),
            launched_from: LaunchedFrom::Attached,
            lifecycle,
            since: Timestamp::default(),
            joined_at: Timestamp::default(),
            in_service_at: None,
            unhealthy: None,
            impaired_since: None,
            protected: false,
            hook: None,
            hooks_done: Vec::new(),
            departure: Option::map(to, |to| Departure { to, at: Timestamp::default() }),
            activity: None,
        };
        for (lifecycle, to, pool, state) in [
            (L::PendingWait, None, PoolState::Stopped, "InService"),
            (L::InService, None, PoolState::Stopped, "InService"),
            (L::TerminatingWait, Some(D::Termination), PoolState::Stopped, "Terminated"),
            (L::TerminatingWait, Some(D::WarmPool), PoolState::Stopped, "Warmed:Stopped"),
            (L::Terminating, Some(D::WarmPool), PoolState::Running, "Warmed:Running"),
            (L::Detaching, Some(D::Detachment), PoolState::Stopped, "Detached"),
            (L::EnteringStandby, Some(D::Standby), PoolState::Stopped, "Standby"),
            (L::WarmedPendingWait, None, PoolState::Running, "Warmed:Running"),
            (L::WarmedStopped, None, PoolState::Running, "Warmed:Stopped"),
            (L::WarmedTerminating, Some(D::Termination), PoolState::Stopped, "Warmed:Terminated"),
        ] {
            assert_eq!(member(lifecycle, to).target_state(pool), state, "{lifecycle:?} {to:?} {pool:?}");
        }
    }
}
