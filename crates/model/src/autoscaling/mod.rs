//! Amazon EC2 Auto Scaling: groups, what makes them grow, shrink and heal, and the record of why.
//!
//! Records: [`group`] with its [`member`]s, [`launch_configuration`], [`lifecycle_hook`], [`warm_pool`], [`trigger`],
//! [`activity`], [`decision`], [`policy`] and [`scheduled_action`].

pub mod activity;
pub mod capacity;
pub mod constraints;
pub mod cron;
pub mod decision;
pub mod fleet;
pub mod group;
pub mod instance_refresh;
pub mod launch_configuration;
pub mod lifecycle_action;
pub mod lifecycle_hook;
pub mod member;
pub mod membership;
pub mod metrics;
pub mod notification;
pub mod policy;
pub mod predictive;
pub mod process;
pub mod refresh;
pub mod scheduled_action;
pub mod simulation;
pub mod step;
pub mod target_tracking;
pub mod trigger;
pub mod warm_pool;
