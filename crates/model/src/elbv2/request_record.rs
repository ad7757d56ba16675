//! What a node remembers of a request: the JSON line of its access log, and the words for what went wrong.
//!
//! The node writes it ([`crate::node::FromNode::Requests`]); [`super::why_request`] explains it. Field names are those of
//! ALB's access log where it has them; what it does not have is Goru's own.

use serde::{Deserialize, Serialize};

/// One request, as a line of `access.json.log` has it. Times of processing are in seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestRecord {
    /// `http`, `https`, `h2`, `grpcs`, `ws` or `wss`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When the answer was complete, ISO 8601.
    pub time: String,
    /// When the head of the request was there.
    pub request_creation_time: String,
    /// From the one to the other.
    pub duration: f64,
    /// `app/<name>/<id>`.
    pub elb: String,
    /// The address of the load balancer's node.
    pub ip_address: Option<String>,
    /// Who asked.
    pub client: Option<String>,
    /// The target that answered or was tried last.
    pub target: Option<String>,
    /// From the head until the request was sent to a target; none: it never was.
    pub request_processing_time: Option<f64>,
    /// From then until the first byte of the answer; none: there was no answer.
    pub target_processing_time: Option<f64>,
    /// From then until the answer was sent.
    pub response_processing_time: Option<f64>,
    /// What the client got (or 460: it had gone).
    pub elb_status_code: u16,
    /// What the target answered.
    pub target_status_code: Option<u16>,
    /// Bytes from the client.
    pub received_bytes: u64,
    /// Bytes to the client.
    pub sent_bytes: u64,
    /// The method; none: the request could not be read.
    pub method: Option<String>,
    /// The host without a port.
    pub host: Option<String>,
    /// The listener's port.
    pub port: u16,
    /// Path and query.
    pub path: Option<String>,
    /// The group that it went to.
    pub target_group_arn: Option<String>,
    /// X-Amzn-Trace-Id.
    pub trace_id: Option<String>,
    /// 0 for the default action; none: no rule was evaluated.
    pub matched_rule_priority: Option<u32>,
    /// `forward`, `redirect` or `fixed-response`.
    pub actions_executed: Option<String>,
    /// Where the client was sent.
    pub redirect_url: Option<String>,
    /// The targets that were tried, in order.
    pub targets_tried: Vec<Tried>,
    /// `Acceptable`, `Ambiguous` or `Severe`; none: the request was compliant.
    pub classification: Option<String>,
    /// Why it was classified so.
    pub classification_reason: Option<String>,
    /// The client's connection: `TID_…`.
    pub conn_trace_id: Option<String>,
    /// The host that a transform made.
    pub transformed_host: Option<String>,
    /// The path and query that a transform made.
    pub transformed_uri: Option<String>,
    /// What became of the rule's transforms, in ALB's words.
    pub request_transform_status: Option<String>,
    /// Whether its target was chosen although too few were healthy.
    pub fail_open: bool,
    /// Whether it met the target that its client stays with (`true`), or another one (`false`).
    pub sticky: Option<bool>,
    /// Why the load balancer answered by itself, in words.
    pub error: Option<String>,
    /// The same for programs.
    pub error_code: Option<RequestFault>,
    /// How the last connection to a target fared, where the request did not end well.
    pub cause: Option<CauseRecord>,
}

/// One try on a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tried {
    /// Its address.
    pub target: String,
    /// What it answered.
    pub status: Option<u16>,
}

/// What is known of the last connection that a request was sent by. Times are in seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CauseRecord {
    /// How far the request got.
    pub phase: Phase,
    /// How the connection ended.
    pub ended: Ended,
    /// Requests that it served before; 0: it was new.
    pub connection_uses: u32,
    /// How old it was.
    pub connection_age: f64,
    /// How long it had been idle.
    pub connection_idle: f64,
    /// How long the node keeps an idle connection to a target.
    pub kept_idle: f64,
    /// Bytes of the request that were sent by it.
    pub bytes_sent: u64,
    /// Bytes of the answer that came by it.
    pub bytes_received: u64,
    /// The limit that was exceeded.
    pub limit: Option<f64>,
}

macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $type {
            $($(#[$variant_doc])* #[serde(rename = $name)] $variant,)*
        }

        impl $type {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name in logs.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

named! {
    /// How far a request got with a target.
    Phase {
        /// It was not sent to one.
        NotSent = "not-sent",
        /// The connection was being made.
        Connecting = "connecting",
        /// The TLS handshake was going on.
        Handshake = "tls-handshake",
        /// It was being sent.
        Sending = "sending",
        /// It was sent, and nothing of an answer had come.
        Waiting = "waiting-for-answer",
        /// The head of the answer was coming.
        Head = "answer-head",
        /// The body of the answer was coming.
        Body = "answer-body",
        /// The answer was complete.
        Done = "done",
    }
}

named! {
    /// How a connection to a target ended.
    Ended {
        /// It did not.
        No = "open",
        /// The target closed it (FIN).
        Closed = "target-closed",
        /// It was reset (RST), or the target is unreachable.
        Reset = "target-reset",
        /// The target refused it.
        Refused = "target-refused",
        /// A limit of time was exceeded.
        TimedOut = "timed-out",
        /// What came could not be understood, or was too much.
        Misunderstood = "misunderstood",
        /// The target's deregistration delay was over.
        Deregistered = "deregistered",
        /// The client went away.
        ByClient = "client-gone",
    }
}

named! {
    /// Why the load balancer answered by itself (or would have, had the client not gone).
    RequestFault {
        /// The request cannot be read, or can be read in two ways.
        BadRequest = "bad-request",
        /// Only compliant requests are taken, and it is not one.
        NotCompliant = "not-compliant",
        /// The request line is too long.
        UriTooLong = "uri-too-long",
        /// TRACE and CONNECT.
        MethodNotAllowed = "method-not-allowed",
        /// No load balancer on a shared address has the host.
        UnknownHost = "unknown-host",
        /// The host is another listener's than the TLS handshake was for.
        Misdirected = "misdirected",
        /// The client did not send its request in time.
        RequestTimeout = "request-timeout",
        /// An expectation other than `100-continue`.
        ExpectationFailed = "expectation-failed",
        /// The client went away before the answer.
        ClientClosed = "client-closed",
        /// More than 30 addresses in X-Forwarded-For.
        TooManyForwardedAddresses = "too-many-forwarded-addresses",
        /// The group does not speak what the client speaks.
        ProtocolMismatch = "protocol-mismatch",
        /// What a rule's transform made of the request cannot be sent.
        TransformFailed = "transform-failed",
        /// The place to redirect to would be longer than 8 K.
        RedirectTooLong = "redirect-too-long",
        /// A transfer coding other than `chunked`.
        UnsupportedTransferCoding = "unsupported-transfer-coding",
        /// A version of HTTP that is not served.
        UnsupportedVersion = "unsupported-version",
        /// No target is healthy, and the owner's page was sent.
        Maintenance = "maintenance",
        /// The group has no registered target.
        NoTarget = "no-target",
        /// The listener is gone.
        NoListener = "no-listener",
        /// The node is out of descriptors or ports.
        NoCapacity = "no-capacity",
        /// The target refused the connection, or is unreachable.
        ConnectFailed = "connect-failed",
        /// The target did not accept in time.
        ConnectTimedOut = "connect-timed-out",
        /// The TLS handshake with the target failed, or took too long.
        TargetTlsFailed = "target-tls-failed",
        /// The target closed the connection before its answer was complete.
        TargetClosed = "target-closed",
        /// The target's answer cannot be read.
        BadAnswer = "bad-answer",
        /// The head of the target's answer is too large.
        AnswerHeadTooLarge = "answer-head-too-large",
        /// The target did not answer in time.
        AnswerTimedOut = "answer-timed-out",
        /// The target's deregistration delay was over.
        Deregistered = "deregistered",
        /// Something that a newer node knows.
        #[serde(other)]
        Other = "other",
    }
}

#[expect(clippy::derivable_impls, reason = "the list of names is a macro")]
impl Default for Phase {
    fn default() -> Self {
        Self::NotSent
    }
}

#[expect(clippy::derivable_impls, reason = "the list of names is a macro")]
impl Default for Ended {
    fn default() -> Self {
        Self::No
    }
}

impl RequestRecord {
    /// Whether it failed, for the memory of failed requests: the load balancer answered by itself with an error, the status
    /// is 500 or more, or the answer was broken off.
    pub fn has_failed(&self) -> bool {
        let broken = |cause: &CauseRecord| cause.ended != Ended::No && cause.phase != Phase::Done;
        self.error.is_some() || self.elb_status_code >= 500 || self.cause.as_ref().is_some_and(broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_in_json_and_newer_ones_are_no_obstacle() {
        for fault in RequestFault::ALL {
            assert_eq!(serde_json::to_value(fault).unwrap(), fault.name());
            assert_eq!(serde_json::from_value::<RequestFault>(fault.name().into()).unwrap(), *fault);
        }
        for phase in Phase::ALL {
            assert_eq!(serde_json::to_value(phase).unwrap(), phase.name());
        }
        for ended in Ended::ALL {
            assert_eq!(serde_json::to_value(ended).unwrap(), ended.name());
        }
        let newer = serde_json::json!({"error": "x", "error_code": "something-new", "a": 1, "elb_status_code": 502});
        let record: RequestRecord = serde_json::from_value(newer).unwrap();
        assert_eq!(record.error_code, Some(RequestFault::Other));
        assert!(record.has_failed());
    }
}
