//! STS, IAM and CloudWatch through the gateway: bytes in, bytes out.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "the helpers of tests are tests too")]

#[path = "../support/mod.rs"]
mod support;

mod access_keys;
mod bad_input;
mod cloudwatch;
mod idempotency;
mod root_key;
mod server_certificates;
mod signatures;
mod users;
