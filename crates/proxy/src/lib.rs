//! The data plane: a load balancer node.
//!
//! It runs a [`model::elbv2::snapshot::LoadBalancingSnapshot`] and knows nothing of records, the store or the API.
//!
//! * [`config`] compiles a snapshot into tables by index; [`worker`] runs them: one thread per core, nothing shared on
//!   the way of a request but counters and the turn of the round robin.
//! * [`listener`] accepts; [`http`] reads, judges, rewrites and answers; [`rule`] finds the rule that a request meets;
//!   [`action`] and [`target_group`] choose the target; [`target`] holds its health, its counts and the connections kept
//!   to it.
//! * [`health_check`] checks targets, never on a worker thread. [`telemetry`] counts and writes the access log.
//! * [`node`] is the process around all of it: control socket, last good snapshot, shutdown.
//! * [`tls`] is TLS on both sides, without I/O.
//! * [`error`] says which status each failure becomes. [`timer`] is the coarse clock of a worker.

pub mod action;
pub mod config;
pub mod error;
mod future_pool;
pub mod health_check;
pub mod http;
pub mod http2;
mod io;
pub mod listener;
mod namespace;
pub mod node;
pub mod rule;
pub mod target;
pub mod target_group;
pub mod telemetry;
pub mod timer;
pub mod tls;
pub mod worker;
