//! What tests share: a clock moved by hand, repeatable ids, HTTP targets that misbehave on demand, seeded histories
//! of Auto Scaling groups, and records of networks.
//!
//! Never a dependency of the product; `cargo xtask tidy` checks that.

pub mod clock;
pub mod ids;
pub mod network;
pub mod simulation;
pub mod targets;

pub use clock::ManualClock;
pub use ids::CountedIds;
pub use targets::{Reply, SeenRequest, TestTarget};
