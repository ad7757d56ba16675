//! EC2 through the gateway: bytes in, bytes out. What controllers would do is written into the store by the tests.

#![allow(clippy::type_complexity, reason = "tables of calls with their parameters")]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "helpers of tests may panic as tests do")]

#[path = "../support/mod.rs"]
mod support;

mod addresses;
mod bad_input;
mod default_vpc;
mod describing;
mod idempotency;
mod image_making;
mod images;
mod instance_attributes;
mod instance_states;
mod internet_gateways;
mod key_pairs;
mod launch_templates;
mod launching;
mod metadata_options;
mod nat_gateways;
mod network_acls;
mod races;
mod region;
mod route_tables;
mod security_groups;
mod subnets;
mod tags;
mod vpcs;
