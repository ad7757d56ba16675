//! What becomes of a request: it is forwarded to a target of a target group, or answered here.

pub mod fixed_response;
pub mod forward;
pub mod redirect;
