//! Auto Scaling through the gateway: bytes in, bytes out. What controllers would do is written into the store by the tests.

#![allow(clippy::type_complexity, reason = "tables of calls with their parameters")]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "helpers of tests may panic as tests do")]

#[path = "../support/mod.rs"]
mod support;

mod activities;
mod bad_input;
mod beside;
mod deleting;
mod groups;
mod instance_refreshes;
mod launch_configurations;
mod launch_templates;
mod lifecycle_hooks;
mod members;
mod pages;
mod policies;
mod processes;
mod scheduled_actions;
mod tags;
mod target_groups;
mod types;
mod world;
