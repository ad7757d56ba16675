//! Elastic Load Balancing v2 through the gateway: bytes in, bytes out, over a made-up VPC with instances.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "helpers of tests may panic as tests do")]

#[path = "../support/mod.rs"]
mod support;

mod actions;
mod attributes;
mod bad_input;
mod https;
mod limits;
mod listeners;
mod load_balancers;
mod pages;
mod races;
mod rules;
mod tags;
mod target_groups;
mod target_health;
mod targets;
mod trust_stores;
mod warnings;
mod world;
