//! The data plane over real sockets: clients and targets that behave, and ones that do not.

#![allow(clippy::unwrap_used)] // helpers of tests

mod balancer;
mod changes;
mod errors;
mod messages;
mod routing;
mod upgrades;
