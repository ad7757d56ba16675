//! Amazon SNS: topics, subscriptions, and the deliveries that a published message becomes.
//!
//! Records: [`topic`], [`subscription`], [`delivery`]. Deciders: [`publish`] says which subscriptions get a message and
//! in what form, [`filter_policy`] whether one wants it, [`attempt`] when a delivery is tried again or given up,
//! [`endpoint`] where a message may be sent at all.
//!
//! Whoever publishes (the operation Publish, an alarm, Auto Scaling) writes the deliveries in the same transaction as
//! the decision that it tells of. Sending them is the business of a controller.

pub mod attempt;
pub mod attribute_value;
pub mod confirmation;
pub mod delivery;
pub mod delivery_policy;
pub mod endpoint;
pub mod filter_policy;
pub mod message;
pub mod protocol;
pub mod publish;
pub mod subscription;
pub mod topic;
