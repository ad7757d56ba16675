//! HTTP/1.1 in the data plane.

pub(crate) mod connection;
pub(crate) mod stream;
