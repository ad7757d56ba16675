//! DECIDER: what becomes of a group's members: launch, register, wait, serve, drain, terminate, replace.
//!
//! One call takes one step of every member and of the group, and says what is to be done outside the group's record.
//! All of it happens in one transaction, so that a launch is never made twice. It knows no metrics and no policies:
//! the desired capacity is in the group, replacements that a refresh wants are in its [`Orders`].

pub mod order;

pub use order::{
    Decision, Effect, Facts, InstanceFacts, LaunchOrder, Notice, Orders, Replacement, TargetHealth,
};
