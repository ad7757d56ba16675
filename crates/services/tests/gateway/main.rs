//! STS, IAM and CloudWatch through the gateway: bytes in, bytes out.

#[path = "../support/mod.rs"]
mod support;

mod access_keys;
mod bad_input;
mod cloudwatch;
mod idempotency;
mod root_key;
mod signatures;
mod users;
