//! EC2: instances and the networks they are in.

pub mod address;
pub mod firewall;
pub mod image;
pub mod instance;
pub mod instance_state;
pub mod instance_type;
pub mod internet_gateway;
pub mod key_pair;
pub mod launch;
pub mod launch_template;
pub mod metadata_service;
pub mod metrics;
pub mod nat_gateway;
pub mod network_acl;
pub mod network_interface;
pub mod network_plan;
pub mod network_records;
pub mod power;
pub mod reachability;
pub mod route_table;
pub mod security_group;
pub mod subnet;
pub mod vpc;
pub mod vpc_dns;
