//! The data plane over real sockets: clients and targets that behave, and ones that do not.

#![allow(clippy::unwrap_used)] // helpers of tests

mod admission;
#[allow(dead_code)] // shared with the tests of the sessions
#[path = "../tls/authority.rs"]
mod authority;
mod balancer;
mod changes;
mod counts;
mod errors;
mod grpc;
mod http2;
mod http2_abuse;
mod http2_target;
mod http2_targets;
mod logs;
mod messages;
mod mixed;
#[allow(dead_code)] // shared with the tests of the engine
#[path = "../http2/peer.rs"]
mod peer;
mod routing;
mod rules;
mod slow;
mod tls;
mod upgrades;
