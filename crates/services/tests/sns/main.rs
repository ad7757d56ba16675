//! SNS through the gateway: bytes in, bytes out, and the deliveries that are written.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "helpers of tests may panic as tests do")]

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod confirming;
mod publishing;
mod topics;
mod world;
