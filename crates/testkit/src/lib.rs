//! What tests share: a clock moved by hand, repeatable ids, HTTP targets that misbehave on demand, and seeded histories
//! of Auto Scaling groups.
//!
//! Never a dependency of the product; `cargo xtask tidy` checks that.

pub mod clock;
pub mod ids;
pub mod simulation;
pub mod targets;

pub use clock::ManualClock;
pub use ids::CountedIds;
pub use targets::{Reply, SeenRequest, TestTarget};
