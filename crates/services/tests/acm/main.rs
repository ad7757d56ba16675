//! AWS Certificate Manager through the gateway.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "helpers of tests may panic as tests do")]

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod importing;
mod listing;
mod tags;
