//! Answers that the load balancer gives by itself, without a target's doing: what it did not like, and what helps.

use super::{Story, words::seconds};
use crate::elbv2::request_record::RequestFault;

impl Story<'_> {
    pub(super) fn refused(&mut self, fault: RequestFault) {
        let (told, advised) = self.refusal(fault);
        self.tell(told);
        if !advised.is_empty() {
            self.advise(advised);
        }
    }

    fn refusal(&self, fault: RequestFault) -> (String, String) {
        let record = self.record;
        let words = record.error.as_deref().unwrap_or("no reason kept");
        let say = |told: String, advised: &str| (told, advised.to_owned());
        match fault {
            RequestFault::BadRequest => say(
                format!("The request is malformed ({words}): what two servers might read in two ways is not passed on."),
                "Correct the client: it does not write HTTP as the RFC has it. A client that speaks TLS to a port in clear \
                 text looks the same.",
            ),
            RequestFault::NotCompliant => (
                "The request can be read in one way only, but is not as the RFC has it, and the load balancer takes only \
                 those that are."
                    .to_owned(),
                format!(
                    "Correct the client; or set the load balancer's attribute routing.http.desync_mitigation_mode (now {}) \
                     to defensive.",
                    self.settings.desync_mode.as_deref().unwrap_or("strictest")
                ),
            ),
            RequestFault::UriTooLong => say(
                "The request line is longer than 16 kB (a fixed limit, as on AWS).".to_owned(),
                "Let the client send long values in a body rather than in the URL.",
            ),
            RequestFault::MethodNotAllowed => say(
                format!("{} is not served, as on AWS.", record.method.as_deref().unwrap_or("The method")),
                "Use another method: TRACE and CONNECT are refused by the load balancer itself.",
            ),
            RequestFault::UnknownHost => say(
                format!(
                    "Several load balancers share the address and port, and none of them has the host {}.",
                    record.host.as_deref().unwrap_or("that was asked for")
                ),
                "Ask for the load balancer by its DNS name or by a name of its certificate (`goru status` shows them), or \
                 give it an address of its own (public_addresses).",
            ),
            RequestFault::Misdirected => say(
                format!(
                    "Several load balancers share the address and port. The client's connection was made for another host \
                     than {}, whose listener is another one (another certificate, other settings).",
                    record.host.as_deref().unwrap_or("that of the request")
                ),
                "Mostly nothing: browsers make another connection upon a 421. Other clients must use a connection of its \
                 own for each host, with that host in the TLS handshake (SNI).",
            ),
            RequestFault::RequestTimeout => {
                let idle = self.settings.idle_timeout_seconds;
                let idle = idle.map_or_else(String::new, |idle| format!(" (now {idle} s)"));
                (
                    format!(
                        "The client sent nothing, or not all of its request, in time: within the load balancer's idle \
                         timeout{idle} the first byte and every further part of a body, within 60 s the whole head. It ended \
                         after {}.",
                        seconds(record.duration)
                    ),
                    "See what holds the client up. For slow uploads raise the load balancer's attribute \
                     idle_timeout.timeout_seconds; clients that open connections in advance and do not use them need \
                     nothing."
                        .to_owned(),
                )
            }
            RequestFault::ExpectationFailed => say(
                "The request has an Expect header other than 100-continue.".to_owned(),
                "Let the client leave it out.",
            ),
            RequestFault::TooManyForwardedAddresses => say(
                "X-Forwarded-For has more than 30 addresses (a fixed limit, as on AWS).".to_owned(),
                "Mostly proxies pass the request around in a circle. Else let the proxies in front shorten the header, or \
                 set the load balancer's attribute routing.http.xff_header_processing.mode to preserve or remove.",
            ),
            RequestFault::ProtocolMismatch => say(
                format!("The client and the target group do not speak the same: {words}."),
                "Set the target group's protocol version to what the client uses: gRPC calls need GRPC, other requests over \
                 HTTP/1 need HTTP1.",
            ),
            RequestFault::TransformFailed => say(
                match record.request_transform_status.as_deref() {
                    Some("TransformInvalidHost") => "The rule's transform made something of the host that is no host.",
                    Some("TransformInvalidPath") => "The rule's transform made something of the URL that is no URL.",
                    Some(_) | None => "What the rule's transform made of the request cannot be sent to a target.",
                }
                .to_owned(),
                "Correct the rule's transform: its result must be a host, or a path that begins with a slash.",
            ),
            RequestFault::RedirectTooLong => say(
                "The place to redirect to would be longer than 8 K (a fixed limit, as on AWS).".to_owned(),
                "Shorten the redirect's path or query, or the URLs that it is made from.",
            ),
            RequestFault::UnsupportedTransferCoding => say(
                "The request has a transfer coding other than chunked.".to_owned(),
                "Let the client use Content-Length or Transfer-Encoding: chunked.",
            ),
            RequestFault::UnsupportedVersion => say(
                format!("The version of HTTP is not served here: {words}."),
                "Let the client use HTTP/1.1, or HTTP/2 over TLS.",
            ),
            RequestFault::Maintenance => say(
                "No target of the group was healthy, and its owner's page was sent (goru.maintenance.…).".to_owned(),
                "Nothing while the site is down on purpose. Else see why the targets are unhealthy: `goru aws elbv2 \
                 describe-target-health`.",
            ),
            RequestFault::NoTarget => say(
                "The target group has no registered target that it could have been sent to (with cross-zone load balancing \
                 off: none in the zone; with weights: all are 0)."
                    .to_owned(),
                "Register targets, or see why the Auto Scaling group has none: `goru why GROUP`.",
            ),
            RequestFault::NoListener => say(
                "The listener was removed while the client's connection was open.".to_owned(),
                "Nothing: the configuration changed. New connections are refused.",
            ),
            RequestFault::NoCapacity => say(
                "The node had no file descriptor or no local port left for a connection to a target.".to_owned(),
                "Raise the limit of open files (ulimit -n, LimitNOFILE of systemd), or net.ipv4.ip_local_port_range where \
                 very many connections go to few targets.",
            ),
            RequestFault::ConnectFailed
            | RequestFault::ConnectTimedOut
            | RequestFault::TargetTlsFailed
            | RequestFault::TargetClosed
            | RequestFault::BadAnswer
            | RequestFault::AnswerHeadTooLarge
            | RequestFault::AnswerTimedOut
            | RequestFault::Deregistered
            | RequestFault::ClientClosed
            | RequestFault::Other => say(format!("The load balancer answered by itself: {words}."), ""),
        }
    }
}
