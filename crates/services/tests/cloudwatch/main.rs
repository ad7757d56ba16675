//! Alarms and metric math through the gateway: bytes in, bytes out.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "the helpers of tests are tests too")]

#[path = "../support/mod.rs"]
mod support;

mod alarms;
mod math;
