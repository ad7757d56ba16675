//! What Goru serves of STS (2011-06-15).
//!
//! Written by `cargo xtask codegen` from `shapes/sts.json` and `shapes/sts.toml`; change those instead.

#![allow(missing_docs, clippy::enum_variant_names, clippy::upper_case_acronyms)]

pub mod errors;
pub mod operations;
pub mod shapes;
pub mod types;

pub use errors::ErrorCode;
pub use operations::Operation;

pub static SERVICE: wire::shape::Service = wire::shape::Service {
    name: "sts",
    service_id: "STS",
    signing_name: "sts",
    api_version: "2011-06-15",
    protocols: &[wire::shape::Protocol::Query],
    xml_namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
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
