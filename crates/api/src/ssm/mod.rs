//! What Goru serves of SSM (2014-11-06).
//!
//! Written by `cargo xtask codegen` from `shapes/ssm.json` and `shapes/ssm.toml`; change those instead.

#![allow(missing_docs, clippy::enum_variant_names, clippy::upper_case_acronyms)]

pub mod errors;
pub mod operations;
pub mod shapes;
pub mod types;

pub use errors::ErrorCode;
pub use operations::Operation;

pub static SERVICE: wire::shape::Service = wire::shape::Service {
    name: "ssm",
    service_id: "SSM",
    signing_name: "ssm",
    api_version: "2014-11-06",
    protocols: &[wire::shape::Protocol::Json],
    xml_namespace: "",
    target_prefix: Some("AmazonSSM"),
    json_version: Some("1.1"),
    query_compatible: false,
    violations: wire::shape::ViolationCodes {
        missing: "ValidationException",
        unknown: "ValidationException",
        refused: "ValidationException",
        invalid: "ValidationException",
        malformed: "ValidationException",
    },
    operations: operations::OPERATIONS,
    unserved: Operation::KNOWN_BUT_UNSERVED,
    errors: errors::ERRORS,
};
