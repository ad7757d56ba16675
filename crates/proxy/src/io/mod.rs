//! Bytes in and out: sockets, and the buffers that all connections of a worker share.

pub(crate) mod buffers;
pub(crate) mod line;
pub(crate) mod outbox;
pub(crate) mod socket;
pub(crate) mod stream;
pub(crate) mod wait;
