//! Mutated input for everything that reads what strangers send: heads and chunked bodies of HTTP/1.1, cookies, rules, frames and
//! header blocks of HTTP/2.
//!
//! Each test is one target. In the normal run each has a fixed number of executions and always the same ones;
//! `cargo xtask fuzz TARGET --seconds 3600` goes on for longer. `driver` says how input is made, `docs/security.md` what was found.
//! A header of the PROXY protocol is read by nothing yet, so there is no target for it.

#![allow(clippy::unwrap_used)] // helpers of tests

mod driver;
mod http1;
mod http2;
#[allow(dead_code)] // shared with the tests of the engine
#[path = "../http2/peer.rs"]
mod peer;
mod routing;
