//! What Goru serves of IAM (2010-05-08).
//!
//! Written by `cargo xtask codegen` from `shapes/iam.json` and `shapes/iam.toml`; change those instead.

#![allow(missing_docs, clippy::enum_variant_names, clippy::upper_case_acronyms)]

pub mod errors;
pub mod operations;
pub mod shapes;
pub mod types;

pub use errors::ErrorCode;
pub use operations::Operation;

pub static SERVICE: wire::shape::Service = wire::shape::Service {
    name: "iam",
    service_id: "IAM",
    signing_name: "iam",
    api_version: "2010-05-08",
    protocols: &[wire::shape::Protocol::Query],
    xml_namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
    target_prefix: None,
    json_version: None,
    query_compatible: false,
    violations: wire::shape::ViolationCodes {
        missing: "ValidationError",
        unknown: "ValidationError",
        refused: "InvalidInput",
        invalid: "ValidationError",
        malformed: "ValidationError",
    },
    operations: operations::OPERATIONS,
    unserved: Operation::KNOWN_BUT_UNSERVED,
    errors: errors::ERRORS,
};
