//! What Goru serves of Auto Scaling (2011-01-01).
//!
//! Written by `cargo xtask codegen` from `shapes/autoscaling.json` and `shapes/autoscaling.toml`; change those instead.

#![allow(missing_docs, clippy::enum_variant_names, clippy::upper_case_acronyms)]

pub mod errors;
pub mod operations;
pub mod shapes;
pub mod types;

pub use errors::ErrorCode;
pub use operations::Operation;

pub static SERVICE: wire::shape::Service = wire::shape::Service {
    name: "autoscaling",
    service_id: "Auto Scaling",
    signing_name: "autoscaling",
    api_version: "2011-01-01",
    protocols: &[wire::shape::Protocol::Query],
    xml_namespace: "http://autoscaling.amazonaws.com/doc/2011-01-01/",
    target_prefix: None,
    json_version: None,
    query_compatible: false,
    violations: wire::shape::ViolationCodes {
        missing: "ValidationError",
        unknown: "ValidationError",
        refused: "ValidationError",
        invalid: "ValidationError",
        malformed: "ValidationError",
    },
    operations: operations::OPERATIONS,
    unserved: Operation::KNOWN_BUT_UNSERVED,
    errors: errors::ERRORS,
};
