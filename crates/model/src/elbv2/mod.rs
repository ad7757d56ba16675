//! Elastic Load Balancing v2: load balancers, listeners, target groups, targets and their health.

pub mod attribute;
pub mod health_check;
pub mod listener;
pub mod load_balancer;
pub mod metrics;
pub mod plan;
pub mod registration;
pub mod snapshot;
pub mod target;
pub mod target_group;
pub mod target_health;
