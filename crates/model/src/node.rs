//! What the control plane and a load balancer node say to each other, over the Unix socket `node/socket` in the data
//! directory: frames of a 4-byte big-endian length and a JSON document.

use crate::{
    Arn, Timestamp,
    elbv2::{
        anomaly::AnomalyState, front_place::FrontPlace, snapshot::LoadBalancingSnapshot, target::TargetKey,
        target_health::CheckedHealth,
    },
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The longest frame, in bytes; a longer one ends the connection.
pub const MAXIMUM_FRAME: usize = 64 << 20;

/// The most requests of one answer.
pub const MAXIMUM_FOUND: usize = 100;

/// From the control plane to the node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToNode {
    /// Run this.
    Apply(Box<LoadBalancingSnapshot>),
    /// Close the listeners, let requests in flight end until the deadline (seconds), then exit.
    Shutdown {
        /// 0 ends at once.
        grace_seconds: u32,
    },
    /// Say what is remembered of requests with this id.
    FindRequests {
        /// Comes back with the answer.
        question: u64,
        /// A trace id (`Root=1-…`), one of the ids in it (`1-…`), or the id of a client's connection (`TID_…`).
        id: String,
    },
}

/// From the node to the control plane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FromNode {
    /// The first frame of every connection.
    Hello {
        /// The node's process.
        pid: u32,
        /// The version of its program.
        version: String,
        /// When it started.
        started_at: Timestamp,
        /// The snapshot that it runs.
        generation: u64,
    },
    /// A snapshot is in force.
    Applied {
        /// Which.
        generation: u64,
        /// Fronts that could not be opened, and why.
        failed_fronts: Vec<(FrontPlace, String)>,
    },
    /// A snapshot was refused; the one before stays in force.
    Refused {
        /// Which.
        generation: u64,
        /// Why.
        reason: String,
    },
    /// A target's health changed. After `Hello` one for every target follows.
    TargetHealth {
        /// The group.
        target_group: Arn,
        /// The target.
        target: TargetKey,
        /// The registration that was checked, as the snapshot has it.
        registered_at: Timestamp,
        /// What was found.
        health: CheckedHealth,
        /// Whether it fails more than its peers.
        anomaly: AnomalyState,
    },
    /// What happened since the last such frame; sent about once a second while there is something to say.
    Statistics(Statistics),
    /// The answer to [`ToNode::FindRequests`]: the newest first, at most [`MAXIMUM_FOUND`].
    Requests {
        /// The number of the question.
        question: u64,
        /// What the node remembers, each as its access log has it in JSON.
        found: Vec<serde_json::Value>,
        /// How far its memory goes back.
        #[serde(default)]
        remembered: Remembered,
    },
}

/// How far a node's memory of requests goes back: the newest ones, and apart from them the newest that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// How many of all requests.
    pub requests: u64,
    /// When the oldest of them came.
    pub since: Option<Timestamp>,
    /// How many of those that failed.
    pub failed: u64,
    /// When the oldest of them came.
    pub failed_since: Option<Timestamp>,
}

/// Counts over a short time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// Begin of the time.
    pub from: Timestamp,
    /// End of the time.
    pub to: Timestamp,
    /// By load balancer and the zone of its node.
    pub load_balancers: Vec<(Arn, String, LoadBalancerCounts)>,
    /// By load balancer, target group and target.
    pub targets: Vec<TargetCounts>,
    /// Lines of the access, connection and health check logs that were lost: given up because they came faster than they could
    /// be written, or not writable.
    #[serde(default)]
    pub lost_log_lines: u64,
}

/// The counts of a load balancer that only grow, as a list: whoever needs all of them hands in a macro that makes
/// something of it, so that a new count is written down once.
#[macro_export]
macro_rules! with_load_balancer_counts {
    ($then:ident) => {
        $then! {
            /// Client connections accepted.
            new_connections,
            /// Client connections refused because a limit was reached.
            rejected_connections,
            /// Bytes received from and sent to clients.
            processed_bytes,
            /// Requests with header fields that were dropped as invalid.
            dropped_invalid_headers,
            /// Requests with invalid header fields that were forwarded with them.
            forwarded_invalid_headers,
            /// Requests that were tried on a second target.
            retried_requests,
            /// Requests that are not as RFC 7230 has them.
            non_compliant_requests,
            /// Requests over gRPC.
            grpc_requests,
            /// Requests that came over IPv6.
            ipv6_requests,
            /// Bytes of `processed_bytes` that went over IPv6.
            ipv6_processed_bytes,
            /// Requests whose stickiness led to no target: those of new clients, and those whose cookies could not be followed.
            non_sticky_requests,
            /// Rules that were evaluated.
            rule_evaluations,
            /// Fixed responses.
            fixed_responses,
            /// Redirects.
            redirects,
            /// Redirects that failed because the location would have been longer than 8 K.
            redirect_url_limit_exceeded,
            /// TLS handshakes with clients that failed.
            client_tls_errors,
            /// Requests that waited for a target to come back.
            held_requests,
            /// Maintenance pages.
            maintenance_pages,
        }
    };
}

macro_rules! load_balancer_counts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What one load balancer did in one zone. Names are those of the metrics of AWS/ApplicationELB.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct LoadBalancerCounts {
            /// Client connections open at the end of the time.
            pub active_connections: u64,
            /// Answers made by the load balancer, by status.
            pub elb_codes: Vec<(u16, u64)>,
            $($(#[$doc])* pub $name: u64,)*
        }

        impl LoadBalancerCounts {
            /// Adds what happened later; what is open is then what was open later.
            pub fn add(&mut self, later: Self) {
                self.active_connections = later.active_connections;
                let mut codes: BTreeMap<u16, u64> = self.elb_codes.iter().copied().collect();
                later.elb_codes.into_iter().for_each(|(code, n)| *codes.entry(code).or_default() += n);
                self.elb_codes = codes.into_iter().collect();
                $(self.$name += later.$name;)*
            }
        }
    };
}
with_load_balancer_counts!(load_balancer_counts);

/// What one target was given and answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetCounts {
    /// The load balancer.
    pub load_balancer: Arn,
    /// The group.
    pub target_group: Arn,
    /// The target.
    pub target: TargetKey,
    /// Its zone.
    pub zone: String,
    /// Requests sent to it.
    pub requests: u64,
    /// Its answers by hundred: `[2xx, 3xx, 4xx, 5xx]`.
    pub codes: [u64; 4],
    /// Connections to it that failed.
    pub connection_errors: u64,
    /// TLS handshakes with it that failed.
    pub tls_errors: u64,
    /// Requests that it got although the group had too few healthy targets (fail open).
    pub unhealthy_routing_requests: u64,
    /// Bytes sent to it (heads and bodies of requests); part of the instance's NetworkIn.
    pub sent_bytes: u64,
    /// Bytes received from it (heads and bodies of answers); part of the instance's NetworkOut.
    pub received_bytes: u64,
    /// Requests that are running at the end of the time.
    pub in_flight: u64,
    /// Seconds from sending the request to the first byte of the answer: values with at most 2 % error, and how often.
    pub response_times: Vec<(f64, u64)>,
}

/// Why bytes are not a frame.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// A length above [`MAXIMUM_FRAME`].
    #[error("a frame of {0} bytes is longer than the limit of {MAXIMUM_FRAME}")]
    TooLong(usize),
    /// Not the JSON document that was expected.
    #[error("a frame is not a message: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// The bytes of one message: its length and itself.
pub fn encode_frame<M: Serialize>(message: &M) -> Result<Vec<u8>, FrameError> {
    let body = serde_json::to_vec(message)?;
    let length = u32::try_from(body.len())
        .ok()
        .filter(|_| body.len() <= MAXIMUM_FRAME)
        .ok_or(FrameError::TooLong(body.len()))?;
    Ok([&length.to_be_bytes()[..], &body].concat())
}

/// Takes the first whole message out of `buffer`; `None` when more bytes are needed.
pub fn decode_frame<M: for<'de> Deserialize<'de>>(buffer: &mut Vec<u8>) -> Result<Option<M>, FrameError> {
    let Some(head) = buffer.first_chunk::<4>() else { return Ok(None) };
    let length = u32::from_be_bytes(*head) as usize;
    if length > MAXIMUM_FRAME {
        return Err(FrameError::TooLong(length));
    }
    let Some(body) = buffer.get(4..4 + length) else { return Ok(None) };
    let message = serde_json::from_slice(body)?;
    buffer.drain(..4 + length);
    Ok(Some(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_survive_any_split() {
        let sent = [ToNode::Shutdown { grace_seconds: 7 }, ToNode::Apply(Box::default())];
        let bytes: Vec<u8> = sent.iter().flat_map(|m| encode_frame(m).unwrap()).collect();
        let (mut buffer, mut seen) = (Vec::new(), Vec::new());
        for byte in bytes {
            buffer.push(byte);
            seen.extend(decode_frame::<ToNode>(&mut buffer).unwrap());
        }
        assert_eq!(seen, sent);
        assert!(buffer.is_empty());
    }

    #[test]
    fn overlong_and_foreign_frames_are_errors() {
        assert!(matches!(decode_frame::<ToNode>(&mut vec![0xff; 4]), Err(FrameError::TooLong(_))));
        assert!(matches!(decode_frame::<ToNode>(&mut b"\0\0\0\x02{}".to_vec()), Err(FrameError::Malformed(_))));
    }
}
