//! What Goru serves of EC2 (2016-11-15).
//!
//! Written by `cargo xtask codegen` from `shapes/ec2.json` and `shapes/ec2.toml`; change those instead.

#![allow(missing_docs, clippy::enum_variant_names, clippy::upper_case_acronyms)]

pub mod errors;
pub mod operations;
pub mod shapes;
pub mod types;

pub use errors::ErrorCode;
pub use operations::Operation;

pub static SERVICE: wire::shape::Service = wire::shape::Service {
    name: "ec2",
    service_id: "EC2",
    signing_name: "ec2",
    api_version: "2016-11-15",
    protocols: &[wire::shape::Protocol::Ec2],
    xml_namespace: "http://ec2.amazonaws.com/doc/2016-11-15",
    target_prefix: None,
    json_version: None,
    query_compatible: false,
    violations: wire::shape::ViolationCodes {
        missing: "MissingParameter",
        unknown: "UnknownParameter",
        refused: "UnsupportedOperation",
        invalid: "InvalidParameterValue",
        malformed: "InvalidParameterValue",
    },
    operations: operations::OPERATIONS,
    unserved: Operation::KNOWN_BUT_UNSERVED,
    errors: errors::ERRORS,
};
