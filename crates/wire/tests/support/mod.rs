//! Shared by the tests of `wire` and `api`: vectors that botocore made, values in their plain form, and the client's
//! half of the protocols (writing requests, reading answers), which the product itself does not need.
//!
//! The crate `api` includes this folder by path, because `wire` must not depend on `api` even for tests.

#![allow(dead_code, clippy::unwrap_used, reason = "every test file uses another part of it")]

pub mod client;
pub mod plain;
pub mod vectors;
