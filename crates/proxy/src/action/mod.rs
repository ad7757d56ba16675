//! What becomes of a request.

pub mod forward;
