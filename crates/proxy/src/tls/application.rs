//! Which HTTP is spoken, as the handshake agrees on it (ALPN, RFC 7301).

use model::elbv2::target_group::ProtocolVersion;

/// An application protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Application {
    /// HTTP/1.1.
    Http11,
    /// HTTP/2.
    Http2,
}

impl Application {
    /// Its name in ALPN.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http11 => "http/1.1",
            Self::Http2 => "h2",
        }
    }

    /// The protocol of that name.
    pub fn named(name: &[u8]) -> Option<Self> {
        [Self::Http11, Self::Http2].into_iter().find(|protocol| protocol.name().as_bytes() == name)
    }

    /// What targets of this version speak.
    pub const fn of_targets(version: ProtocolVersion) -> Self {
        match version {
            ProtocolVersion::Http1 => Self::Http11,
            ProtocolVersion::Http2 | ProtocolVersion::Grpc => Self::Http2,
        }
    }
}
