//! The AWS services that Goru speaks: operations, types, shape tables and errors.
//!
//! Everything here is generated from `shapes/` by `cargo xtask codegen` (docs/adding-an-operation.md); it holds no
//! behaviour and knows no records. Types carry plain strings and numbers: handlers parse them into `model` types.

pub mod acm;
pub mod autoscaling;
pub mod cloudwatch;
pub mod ec2;
pub mod elbv2;
pub mod iam;
pub mod sns;
pub mod ssm;
pub mod sts;

/// Every service, ordered by its name.
pub static SERVICES: &[&wire::shape::Service] = &[
    &acm::SERVICE,
    &autoscaling::SERVICE,
    &cloudwatch::SERVICE,
    &ec2::SERVICE,
    &elbv2::SERVICE,
    &iam::SERVICE,
    &sns::SERVICE,
    &ssm::SERVICE,
    &sts::SERVICE,
];
