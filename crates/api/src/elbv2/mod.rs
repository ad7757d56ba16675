//! What Goru serves of Elastic Load Balancing v2 (2015-12-01).
//!
//! Written by `cargo xtask codegen` from `shapes/elbv2.json` and `shapes/elbv2.toml`; change those instead.

#![allow(missing_docs, clippy::enum_variant_names, clippy::upper_case_acronyms)]

pub mod errors;
pub mod operations;
pub mod shapes;
pub mod types;

pub use errors::ErrorCode;
pub use operations::Operation;

pub static SERVICE: wire::shape::Service = wire::shape::Service {
    name: "elbv2",
    service_id: "Elastic Load Balancing v2",
    signing_name: "elasticloadbalancing",
    api_version: "2015-12-01",
    protocols: &[wire::shape::Protocol::Query],
    xml_namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    target_prefix: None,
    json_version: None,
    query_compatible: false,
    violations: wire::shape::ViolationCodes {
        missing: "ValidationError",
        unknown: "ValidationError",
        refused: "InvalidConfigurationRequest",
        invalid: "ValidationError",
        malformed: "ValidationError",
    },
    operations: operations::OPERATIONS,
    unserved: Operation::KNOWN_BUT_UNSERVED,
    errors: errors::ERRORS,
};
