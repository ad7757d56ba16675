//! What becomes of a request: for now it is always forwarded to a target of a target group.

pub mod forward;
