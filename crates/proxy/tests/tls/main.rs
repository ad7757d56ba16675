//! TLS sessions in memory, against the library's own clients and servers.

#![allow(clippy::unwrap_used)] // helpers of tests

mod authority;
mod certificates;
mod listeners;
mod mutual;
mod peers;
mod resumption;
mod sessions;
mod targets;
