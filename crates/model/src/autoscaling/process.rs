//! The processes of Auto Scaling that can be suspended (Auto Scaling user guide, suspend and resume).

use serde::{Deserialize, Serialize};

/// A process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Process {
    /// Instances are launched.
    Launch,
    /// Instances are terminated.
    Terminate,
    /// New members are registered in target groups. Those launched while it is suspended never are.
    AddToLoadBalancer,
    /// Alarms reach scaling policies.
    AlarmNotification,
    /// Zones are evened out.
    AZRebalance,
    /// Health is looked at; SetInstanceHealth still works without it.
    HealthCheck,
    /// Instance refreshes go on.
    InstanceRefresh,
    /// Unhealthy members are replaced.
    ReplaceUnhealthy,
    /// Scheduled actions run.
    ScheduledActions,
}

impl Process {
    /// All, in the order of the API.
    pub const ALL: [Self; 9] = [
        Self::AZRebalance,
        Self::AddToLoadBalancer,
        Self::AlarmNotification,
        Self::HealthCheck,
        Self::InstanceRefresh,
        Self::Launch,
        Self::ReplaceUnhealthy,
        Self::ScheduledActions,
        Self::Terminate,
    ];

    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Launch => "Launch",
            Self::Terminate => "Terminate",
            Self::AddToLoadBalancer => "AddToLoadBalancer",
            Self::AlarmNotification => "AlarmNotification",
            Self::AZRebalance => "AZRebalance",
            Self::HealthCheck => "HealthCheck",
            Self::InstanceRefresh => "InstanceRefresh",
            Self::ReplaceUnhealthy => "ReplaceUnhealthy",
            Self::ScheduledActions => "ScheduledActions",
        }
    }

    /// The process of that name in the API.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|process| process.name() == name)
    }
}
