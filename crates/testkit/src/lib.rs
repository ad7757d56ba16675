//! What tests share: a clock moved by hand, repeatable ids.
//!
//! Never a dependency of the product; `cargo xtask tidy` checks that.

pub mod clock;
pub mod ids;

pub use clock::ManualClock;
pub use ids::CountedIds;
