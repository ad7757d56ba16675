//! What Goru serves of ACM (2015-12-08).
//!
//! Written by `cargo xtask codegen` from `shapes/acm.json` and `shapes/acm.toml`; change those instead.

#![allow(missing_docs, clippy::enum_variant_names, clippy::upper_case_acronyms)]

pub mod errors;
pub mod operations;
pub mod shapes;
pub mod types;

pub use errors::ErrorCode;
pub use operations::Operation;

pub static SERVICE: wire::shape::Service = wire::shape::Service {
    name: "acm",
    service_id: "ACM",
    signing_name: "acm",
    api_version: "2015-12-08",
    protocols: &[wire::shape::Protocol::Json],
    xml_namespace: "",
    target_prefix: Some("CertificateManager"),
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
