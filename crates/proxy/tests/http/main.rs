//! The data plane over real sockets: clients and targets that behave, and ones that do not.

#![allow(clippy::unwrap_used)] // helpers of tests

#[allow(dead_code)] // shared with the tests of the sessions
#[path = "../tls/authority.rs"]
mod authority;
mod balancer;
mod changes;
mod counts;
mod errors;
mod http2;
mod logs;
mod messages;
mod routing;
mod rules;
mod tls;
mod upgrades;
