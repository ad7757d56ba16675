//! What exists, and what should happen next: records and the pure functions that decide.
//!
//! Nothing in this crate reads a clock, draws a random number or touches a file, a socket or a task: time and ids come
//! in as arguments. That is what makes every decision testable by table and in virtual time. It knows no wire format
//! and no store; `services` turns requests into these types, `store` keeps them, `controllers` and `proxy` carry the
//! decisions out.

pub mod acm;
pub mod arn;
pub mod autoscaling;
pub mod cidr;
pub mod cloudwatch;
pub mod ec2;
pub mod elbv2;
pub mod event;
pub mod iam;
pub mod id;
pub mod ip_block;
pub mod node;
pub mod secret;
pub mod setting;
pub mod sns;
pub mod ssm;
pub mod tag;
pub mod time;
pub mod why_network;

pub use arn::Arn;
pub use id::{IdSource, Scope};
pub use tag::Tags;
pub use time::Timestamp;
