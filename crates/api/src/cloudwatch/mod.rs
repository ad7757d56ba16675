//! What Goru serves of CloudWatch (2010-08-01).
//!
//! Written by `cargo xtask codegen` from `shapes/cloudwatch.json` and `shapes/cloudwatch.toml`; change those instead.

#![allow(missing_docs, clippy::enum_variant_names, clippy::upper_case_acronyms)]

pub mod errors;
pub mod operations;
pub mod shapes;
pub mod types;

pub use errors::ErrorCode;
pub use operations::Operation;

pub static SERVICE: wire::shape::Service = wire::shape::Service {
    name: "cloudwatch",
    service_id: "CloudWatch",
    signing_name: "monitoring",
    api_version: "2010-08-01",
    protocols: &[wire::shape::Protocol::RpcV2Cbor, wire::shape::Protocol::Json, wire::shape::Protocol::Query],
    xml_namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
    target_prefix: Some("GraniteServiceVersion20100801"),
    json_version: Some("1.0"),
    query_compatible: true,
    violations: wire::shape::ViolationCodes {
        missing: "MissingParameter",
        unknown: "InvalidParameterValue",
        refused: "InvalidParameterCombination",
        invalid: "InvalidParameterValue",
        malformed: "InvalidParameterValue",
    },
    operations: operations::OPERATIONS,
    unserved: Operation::KNOWN_BUT_UNSERVED,
    errors: errors::ERRORS,
};
