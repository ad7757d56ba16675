//! Elastic Load Balancing v2: load balancers, listeners, rules, target groups, targets and their health.

pub mod action;
pub mod anomaly;
pub mod attribute;
pub mod certificate;
pub mod condition;
pub mod group_health;
pub mod health_check;
pub mod listener;
pub mod load_balancer;
pub mod metrics;
pub mod pattern;
pub mod plan;
pub mod registration;
pub mod regular_expression;
pub mod request_record;
pub mod rule;
pub mod security_policy;
pub mod slow_start;
pub mod snapshot;
pub mod stickiness;
pub mod target;
pub mod target_group;
pub mod target_health;
pub mod transform;
pub mod trust_store;
pub mod why_request;
