//! What a node tells about its work: counters, statistics for CloudWatch, and the access log.
//!
//! Workers only count and hand records over; everything that formats or writes runs on other threads.

pub mod access_log;
pub mod cause;
pub mod counters;
pub mod record;
pub mod statistics;
