//! The HTTP/2 engine through its public surface: rules of the RFC, windows, abuse, and the crate `h2` as a second opinion.

#![allow(clippy::unwrap_used)] // helpers of tests

mod abuse;
#[path = "../allocations/mod.rs"]
mod allocations;
mod differential;
mod endings;
mod peer;
mod properties;
mod rules;
mod windows;

#[global_allocator]
static ALLOCATOR: allocations::Counting = allocations::Counting;
