//! What a node tells about its work: counters, statistics for CloudWatch, logs, and the memory of requests.
//!
//! Workers only count and hand records over ([`batch`]); everything that formats or writes runs on other threads:
//! [`access_log`] takes the records, keeps the newest ones and writes the node's own files; [`delivery`] writes the files
//! that load balancers' attributes ask for.

pub mod access_log;
pub mod batch;
pub mod cause;
pub mod check;
pub mod connection;
pub mod counters;
pub mod delivery;
pub mod line;
pub mod record;
pub mod statistics;
