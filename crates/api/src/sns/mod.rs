//! What Goru serves of SNS (2010-03-31).
//!
//! Written by `cargo xtask codegen` from `shapes/sns.json` and `shapes/sns.toml`; change those instead.

#![allow(missing_docs, clippy::enum_variant_names, clippy::upper_case_acronyms)]

pub mod errors;
pub mod operations;
pub mod shapes;
pub mod types;

pub use errors::ErrorCode;
pub use operations::Operation;

pub static SERVICE: wire::shape::Service = wire::shape::Service {
    name: "sns",
    service_id: "SNS",
    signing_name: "sns",
    api_version: "2010-03-31",
    protocols: &[wire::shape::Protocol::Query],
    xml_namespace: "http://sns.amazonaws.com/doc/2010-03-31/",
    target_prefix: None,
    json_version: None,
    query_compatible: false,
    violations: wire::shape::ViolationCodes {
        missing: "ValidationError",
        unknown: "InvalidParameter",
        refused: "InvalidParameter",
        invalid: "InvalidParameter",
        malformed: "InvalidParameter",
    },
    operations: operations::OPERATIONS,
    unserved: Operation::KNOWN_BUT_UNSERVED,
    errors: errors::ERRORS,
};
