//! EC2: instances and the networks they are in.

pub mod image;
pub mod instance;
pub mod instance_state;
pub mod instance_type;
pub mod launch;
pub mod launch_template;
pub mod metadata_service;
pub mod metrics;
pub mod power;
pub mod security_group;
pub mod subnet;
pub mod vpc;
