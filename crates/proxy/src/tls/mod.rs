//! TLS without I/O: sessions that are fed with slices, and what listeners and target groups need for them.
//!
//! * [`session`] is one connection's TLS: bytes of the socket in, bytes of HTTP out, and back. [`outgoing`] is where it
//!   puts what is to be sent. [`hello`] looks at a client's first message before anything is decided.
//! * [`accept`] is a listener's side: its [`certificates`], its [`policy`], and what it asks of clients
//!   ([`client_verifier`]); [`client_certificate`] is what targets and logs are told about the answer.
//! * [`connect`] is the side towards targets.
//! * [`registry`] makes all of it from a snapshot and keeps what outlives one: parsed certificates and revocation lists,
//!   and the keys of session tickets. [`error`] says what went wrong, in words and in AWS's names.
//!
//! TLS itself is rustls's, on AWS-LC; every configuration names its provider, and nothing relies on a process-wide one.

pub mod accept;
pub mod application;
pub mod certificates;
pub mod client_certificate;
pub mod client_verifier;
pub mod connect;
pub mod error;
pub mod hello;
pub mod outgoing;
pub mod policy;
pub mod registry;
pub mod session;

pub use accept::Acceptor;
pub use application::Application;
pub use connect::Connector;
pub use error::TlsError;
pub use outgoing::Outgoing;
pub use registry::TlsRegistry;
pub use session::{Received, Session};
