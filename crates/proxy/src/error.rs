//! Everything that can go wrong with a request, and the status that each failure becomes: one function, [`ProxyError::status`].
//!
//! Sources: ELB user guide, "Troubleshoot your Application Load Balancers"; RFC 9110 and 9112 where AWS says nothing.

use crate::http::status;
use model::elbv2::request_record::RequestFault;

/// AWS's name of what is wrong with a request, by our words for it.
const fn severe_reason(reason: &str) -> &'static str {
    match reason.as_bytes() {
        b"request target" => "BadUri",
        b"request line" | b"bytes before the request line" => "BadMethod",
        b"version" => "BadVersion",
        b"Content-Length" => "BadContentLength",
        b"several Content-Length fields" => "MultipleContentLength",
        b"several Transfer-Encoding fields" => "MultipleTransferEncodingChunked",
        b"Content-Length with Transfer-Encoding" => "BothTeClPresent",
        b"chunked body" | b"Transfer-Encoding in HTTP/1.0" => "BadTransferEncoding",
        _ => "BadHeader",
    }
}

/// Why the load balancer ends a request by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// The request cannot be read, or can be read in two ways.
    #[error("malformed request: {0}")]
    BadRequest(&'static str),
    /// The request can be read in one way only, but is not as the RFC says, and the load balancer takes only those that are
    /// (desync mitigation mode `strictest`).
    #[error("the request is not compliant")]
    NotCompliant,
    /// The request line is longer than 16 kB.
    #[error("the request line is too long")]
    UriTooLong,
    /// TRACE and CONNECT.
    #[error("the method is not allowed")]
    MethodNotAllowed,
    /// Shared front: no load balancer has this host.
    #[error("no load balancer on this address has the requested host")]
    UnknownHost,
    /// The request is for a host of another listener than the one that the TLS handshake was for.
    #[error("the host is another listener's than the TLS handshake was for")]
    Misdirected,
    /// The client sent nothing, or not all, in time.
    #[error("the client did not send its request in time")]
    RequestTimeout,
    /// An expectation other than `100-continue`. It is refused rather than passed on: a target that waits for
    /// something we do not know would make us both wait.
    #[error("the expectation is not known")]
    ExpectationFailed,
    /// The client went away before the answer.
    #[error("the client closed the connection before the answer")]
    ClientClosed,
    /// More than 30 addresses in X-Forwarded-For.
    #[error("too many addresses in X-Forwarded-For")]
    TooManyForwardedAddresses,
    /// The URL of the redirect would be longer than 8 K.
    #[error("the URL of the redirect is too long")]
    RedirectTooLong,
    /// What the rule's transform makes of the request cannot be sent to a target.
    #[error("the rule's transform makes something that cannot be sent to a target")]
    TransformFailed,
    /// A transfer coding other than `chunked`.
    #[error("the transfer coding is not supported")]
    UnsupportedTransferCoding,
    /// Not HTTP/1.0 or HTTP/1.1.
    #[error("the HTTP version is not supported")]
    UnsupportedVersion,
    /// No target is healthy, and the group's owner has a page for that.
    #[error("no target is healthy: the maintenance page was sent")]
    Maintenance,
    /// The request's protocol and the version that the target group speaks do not fit.
    #[error("the target group's protocol version does not fit the request")]
    IncompatibleProtocol,
    /// The target group has no registered target.
    #[error("the target group has no registered target")]
    NoTarget,
    /// The configuration no longer has the listener that the connection came in by.
    #[error("the listener is gone")]
    NoListener,
    /// Out of descriptors or local ports.
    #[error("the node has no room for another connection")]
    NoCapacity,
    /// Refused, reset or unreachable.
    #[error("the target refused the connection")]
    ConnectFailed,
    /// No connection within 10 seconds.
    #[error("the target did not accept the connection in time")]
    ConnectTimedOut,
    /// Closed or reset with a request outstanding.
    #[error("the target closed the connection before its answer was complete")]
    TargetClosed,
    /// The answer cannot be read.
    #[error("the target's answer is malformed: {0}")]
    BadAnswer(&'static str),
    /// The TLS handshake with the target failed or took more than 10 seconds.
    #[error("the TLS handshake with the target failed")]
    TargetTls,
    /// More than 32 kB of response headers.
    #[error("the head of the target's answer is too large")]
    AnswerHeadTooLarge,
    /// No byte of the answer within the idle timeout.
    #[error("the target did not answer in time")]
    AnswerTimedOut,
    /// The deregistration delay ended with the request still running.
    #[error("the target's deregistration delay is over")]
    Deregistered,
}

impl ProxyError {
    /// What the client gets (460: what is logged, for nobody gets it).
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest(_) | Self::NotCompliant => 400,
            Self::UnknownHost => 404,
            Self::MethodNotAllowed => 405,
            Self::RequestTimeout => 408,
            Self::UriTooLong => 414,
            Self::ExpectationFailed => 417,
            Self::Misdirected => 421,
            Self::ClientClosed => 460,
            Self::TooManyForwardedAddresses => 463,
            Self::IncompatibleProtocol => 464,
            Self::RedirectTooLong | Self::TransformFailed => 500,
            Self::UnsupportedTransferCoding => 501,
            Self::ConnectFailed
            | Self::TargetTls
            | Self::TargetClosed
            | Self::BadAnswer(_)
            | Self::AnswerHeadTooLarge
            | Self::Deregistered => 502,
            Self::Maintenance | Self::NoTarget | Self::NoListener | Self::NoCapacity => 503,
            Self::ConnectTimedOut | Self::AnswerTimedOut => 504,
            Self::UnsupportedVersion => 505,
        }
    }

    /// Why, for the log.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::BadRequest(reason) | Self::BadAnswer(reason) => reason,
            Self::NotCompliant => "not compliant, and the desync mitigation mode is strictest",
            Self::UriTooLong => "request line too long",
            Self::MethodNotAllowed => "method not allowed",
            Self::UnknownHost => "unknown host",
            Self::RequestTimeout => "request not received in time",
            Self::ExpectationFailed => "unknown expectation",
            Self::Misdirected => "host of another listener",
            Self::ClientClosed => "client closed the connection",
            Self::TooManyForwardedAddresses => "too many addresses in X-Forwarded-For",
            Self::IncompatibleProtocol => "protocol does not fit the target group",
            Self::RedirectTooLong => "URL of the redirect too long",
            Self::TransformFailed => "transform failed",
            Self::UnsupportedTransferCoding => "unsupported transfer coding",
            Self::UnsupportedVersion => "unsupported HTTP version",
            Self::Maintenance => "no healthy target: maintenance page",
            Self::NoTarget => "no registered target",
            Self::NoListener => "listener is gone",
            Self::NoCapacity => "out of descriptors or ports",
            Self::ConnectFailed => "target refused the connection",
            Self::TargetTls => "TLS handshake with the target failed",
            Self::ConnectTimedOut => "target did not accept in time",
            Self::TargetClosed => "target closed the connection",
            Self::AnswerHeadTooLarge => "answer head too large",
            Self::AnswerTimedOut => "target did not answer in time",
            Self::Deregistered => "deregistration delay over",
        }
    }

    /// The same for programs, and for `goru why`.
    pub const fn fault(self) -> RequestFault {
        match self {
            Self::BadRequest(_) => RequestFault::BadRequest,
            Self::NotCompliant => RequestFault::NotCompliant,
            Self::UriTooLong => RequestFault::UriTooLong,
            Self::MethodNotAllowed => RequestFault::MethodNotAllowed,
            Self::UnknownHost => RequestFault::UnknownHost,
            Self::Misdirected => RequestFault::Misdirected,
            Self::RequestTimeout => RequestFault::RequestTimeout,
            Self::ExpectationFailed => RequestFault::ExpectationFailed,
            Self::ClientClosed => RequestFault::ClientClosed,
            Self::TooManyForwardedAddresses => RequestFault::TooManyForwardedAddresses,
            Self::RedirectTooLong => RequestFault::RedirectTooLong,
            Self::TransformFailed => RequestFault::TransformFailed,
            Self::UnsupportedTransferCoding => RequestFault::UnsupportedTransferCoding,
            Self::UnsupportedVersion => RequestFault::UnsupportedVersion,
            Self::Maintenance => RequestFault::Maintenance,
            Self::IncompatibleProtocol => RequestFault::ProtocolMismatch,
            Self::NoTarget => RequestFault::NoTarget,
            Self::NoListener => RequestFault::NoListener,
            Self::NoCapacity => RequestFault::NoCapacity,
            Self::ConnectFailed => RequestFault::ConnectFailed,
            Self::ConnectTimedOut => RequestFault::ConnectTimedOut,
            Self::TargetTls => RequestFault::TargetTlsFailed,
            Self::TargetClosed => RequestFault::TargetClosed,
            Self::BadAnswer(_) => RequestFault::BadAnswer,
            Self::AnswerHeadTooLarge => RequestFault::AnswerHeadTooLarge,
            Self::AnswerTimedOut => RequestFault::AnswerTimedOut,
            Self::Deregistered => RequestFault::Deregistered,
        }
    }

    /// AWS's reason for calling the request severe (desync mitigation), where it could not be understood.
    pub const fn severe_reason(self) -> Option<&'static str> {
        match self {
            Self::BadRequest(reason) => Some(severe_reason(reason)),
            Self::UnsupportedVersion => Some("BadVersion"),
            Self::UnsupportedTransferCoding => Some("BadTransferEncoding"),
            Self::UriTooLong
            | Self::NotCompliant
            | Self::MethodNotAllowed
            | Self::UnknownHost
            | Self::RequestTimeout
            | Self::ExpectationFailed
            | Self::Misdirected
            | Self::ClientClosed
            | Self::TooManyForwardedAddresses
            | Self::IncompatibleProtocol
            | Self::RedirectTooLong
            | Self::TransformFailed
            | Self::Maintenance
            | Self::NoTarget
            | Self::NoListener
            | Self::NoCapacity
            | Self::ConnectFailed
            | Self::ConnectTimedOut
            | Self::TargetTls
            | Self::TargetClosed
            | Self::BadAnswer(_)
            | Self::AnswerHeadTooLarge
            | Self::AnswerTimedOut
            | Self::Deregistered => None,
        }
    }

    /// The words beside the status.
    pub const fn phrase(self) -> &'static str {
        status::phrase(self.status())
    }
}
