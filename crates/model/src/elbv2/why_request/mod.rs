//! DECIDER: why a request fared as it did, in plain words, and what to change: the sentences of `goru why REQUEST`.
//!
//! Only the record speaks, with what the settings are now; nothing is looked up. `target` tells about connections to
//! targets, `refusal` about answers of the load balancer's own, `words` is about figures.

mod refusal;
mod target;
#[cfg(test)]
mod tests;
mod words;

use super::request_record::{CauseRecord, Ended, Phase, RequestFault, RequestRecord};
use serde::Serialize;
use words::{bytes, count, seconds};

/// Settings as they are now, where they are known: they may have been others when the request was served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `idle_timeout.timeout_seconds` of the load balancer.
    pub idle_timeout_seconds: Option<u64>,
    /// `routing.http.desync_mitigation_mode` of the load balancer.
    pub desync_mode: Option<String>,
    /// `deregistration_delay.timeout_seconds` of the target group.
    pub deregistration_delay_seconds: Option<u64>,
    /// `goru.retry.enabled` of the target group.
    pub retry: Option<bool>,
    /// `goru.hold.timeout_seconds` of the target group.
    pub hold_seconds: Option<u64>,
    /// Whether the target is healthy by the last health checks, and since when, in words.
    pub target_health: Option<String>,
}

/// What there is to say about a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// One sentence: what was asked, by whom, and how it ended.
    pub summary: String,
    /// What happened, in order.
    pub happened: Vec<String>,
    /// What to change so that it does not happen again; empty where nothing went wrong.
    pub change: Vec<String>,
}

/// Explains a request.
pub fn explain(record: &RequestRecord, settings: &Settings) -> Explanation {
    let mut story = Story { record, settings, happened: Vec::new(), change: Vec::new() };
    story.arrival();
    story.form();
    story.rule();
    story.route();
    story.end();
    story.times();
    let Story { happened, change, .. } = story;
    Explanation { summary: summary(record), happened, change }
}

/// What is told so far.
struct Story<'a> {
    record: &'a RequestRecord,
    settings: &'a Settings,
    happened: Vec<String>,
    change: Vec<String>,
}

fn summary(record: &RequestRecord) -> String {
    let took = seconds(record.duration);
    let client = record.client.as_deref().unwrap_or("an unknown client");
    let status = record.elb_status_code;
    let end = match (&record.error, broken(record)) {
        (Some(error), _) if status == 460 => format!("ended after {took} without an answer (460): {error}"),
        (Some(error), _) => format!("got a {status} from the load balancer after {took}: {error}"),
        (None, Some(cause)) => {
            format!("got a {status} that was broken off after {took}: {}", broken_by(cause))
        }
        (None, None) if record.target_status_code.is_some() => format!("got a {status} from the target after {took}"),
        (None, None) => format!("got a {status} from the load balancer after {took}"),
    };
    format!("{} from {client} {end}", asked(record))
}

/// `GET http://shop.example.com:80/path`.
fn asked(record: &RequestRecord) -> String {
    let Some(method) = &record.method else { return "a request that could not be read".to_owned() };
    let scheme = match record.kind.as_str() {
        "https" | "h2" | "grpcs" => "https",
        "ws" => "ws",
        "wss" => "wss",
        _ => "http",
    };
    let host = record.host.as_deref().unwrap_or("-");
    let path = record.path.as_deref().unwrap_or("/");
    let slash = if path.starts_with(['/', '*']) { "" } else { "/" };
    format!("{method} {scheme}://{host}:{}{slash}{path}", record.port)
}

/// How the answer ended, where it began and was not completed.
fn broken(record: &RequestRecord) -> Option<&CauseRecord> {
    let is_broken = |cause: &&CauseRecord| cause.ended != Ended::No && cause.phase != Phase::Done;
    record.cause.as_ref().filter(|_| record.error.is_none()).filter(is_broken)
}

const fn broken_by(cause: &CauseRecord) -> &'static str {
    match cause.ended {
        Ended::No => "it was not completed",
        Ended::Closed => "the target closed the connection",
        Ended::Reset | Ended::Refused => "the target's connection was reset",
        Ended::TimedOut => "nothing more came in time",
        Ended::Misunderstood => "what came could not be understood",
        Ended::Deregistered => "the target's deregistration delay was over",
        Ended::ByClient => "the client went away",
    }
}

impl Story<'_> {
    fn tell(&mut self, sentence: impl Into<String>) {
        let mut sentence = sentence.into();
        if let Some(first) = sentence.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        self.happened.push(sentence);
    }

    fn advise(&mut self, sentence: impl Into<String>) {
        self.change.push(sentence.into());
    }

    fn arrival(&mut self) {
        let record = self.record;
        let by = match record.kind.as_str() {
            "https" => "HTTP/1 over TLS",
            "h2" => "HTTP/2 over TLS",
            "grpcs" => "gRPC over TLS",
            "ws" => "a connection that became a WebSocket",
            "wss" => "a TLS connection that became a WebSocket",
            _ => "HTTP/1",
        };
        let node = record.ip_address.as_ref().map_or_else(String::new, |node| format!(" at {node}"));
        let connection =
            record.conn_trace_id.as_ref().map_or_else(String::new, |id| format!(", on the client's connection {id}"));
        let at = &record.request_creation_time;
        self.tell(format!("It came at {at} by {by} to port {} of {}{node}{connection}.", record.port, record.elb));
    }

    fn form(&mut self) {
        let Some(class) = &self.record.classification else { return };
        let reason = self.record.classification_reason.as_deref().unwrap_or("no reason kept");
        let effect = match class.as_str() {
            "Ambiguous" => "two servers may read it in two ways, so its connections are not used again",
            "Severe" => "it cannot be read in exactly one way, so it is refused in every desync mitigation mode",
            _ => "it is not as the RFC has it, without a known risk",
        };
        self.tell(format!("Its form is {class} ({reason}): {effect}."));
    }

    fn rule(&mut self) {
        let record = self.record;
        let Some(priority) = record.matched_rule_priority else { return };
        let rule = match priority {
            0 => "No rule matched, so the listener's default action decided".to_owned(),
            priority => format!("The rule with priority {priority} matched"),
        };
        let action = match (record.actions_executed.as_deref(), &record.redirect_url) {
            (Some("redirect"), Some(url)) => format!("redirect to {url}"),
            (Some(action), _) => action.to_owned(),
            (None, _) => "nothing was carried out".to_owned(),
        };
        self.tell(format!("{rule}: {action}."));
        match (&record.transformed_host, &record.transformed_uri) {
            (None, None) => {}
            (Some(host), None) => self.tell(format!("Its transform made the host {host}.")),
            (None, Some(uri)) => self.tell(format!("Its transform made the URL {uri}.")),
            (Some(host), Some(uri)) => self.tell(format!("Its transforms made the host {host} and the URL {uri}.")),
        }
    }

    fn route(&mut self) {
        let record = self.record;
        let Some(group) = &record.target_group_arn else { return };
        let name = group.split('/').nth(1).unwrap_or(group);
        let tried: Vec<&str> = record.targets_tried.iter().map(|tried| tried.target.as_str()).collect();
        match tried.as_slice() {
            [] => self.tell(format!("It was for target group {name}, and was sent to no target.")),
            [only] => self.tell(format!("It went to {only} of target group {name}.")),
            [first, others @ ..] => self.tell(format!(
                "It went to {first} of target group {name}, which did not take it, and then to {}; what follows is about \
                 the last one.",
                others.join(" and ")
            )),
        }
        if record.fail_open {
            self.tell(
                "Too few targets of the group were healthy, so it was sent to one regardless of health (fail open).",
            );
        }
        match record.sticky {
            None => {}
            Some(true) => self.tell("That is the target that this client stays with."),
            Some(false) => self.tell(
                "The client's cookie asked for another target, which is gone, unhealthy or unknown: it was given this one.",
            ),
        }
    }

    fn end(&mut self) {
        if let Some(fault) = self.record.error_code {
            return self.fault(fault);
        }
        if let Some(cause) = broken(self.record) {
            return self.broken_answer(cause);
        }
        match (self.record.target_status_code, self.record.error.is_some()) {
            // A node of another version, which says so in words only.
            (_, true) => {}
            (Some(status), _) if status >= 500 => {
                self.tell(format!("The target itself answered {status}, which was passed on as it came."));
                let id = self.record.trace_id.as_deref().unwrap_or("of the request");
                self.advise(format!(
                    "Look into the log of the application: it was given the header X-Amzn-Trace-Id {id}."
                ));
            }
            (Some(status), _) => self
                .tell(format!("The target answered {status}; {} went to the client.", bytes(self.record.sent_bytes))),
            (None, _) => {}
        }
    }

    /// What each failure is explained by.
    fn fault(&mut self, fault: RequestFault) {
        match fault {
            RequestFault::ConnectFailed => self.connect_failed(),
            RequestFault::ConnectTimedOut => self.connect_timed_out(),
            RequestFault::TargetTlsFailed => self.target_tls_failed(),
            RequestFault::TargetClosed => self.target_closed(),
            RequestFault::BadAnswer => self.bad_answer(),
            RequestFault::AnswerHeadTooLarge => self.answer_head_too_large(),
            RequestFault::AnswerTimedOut => self.answer_timed_out(),
            RequestFault::Deregistered => self.deregistered(),
            RequestFault::ClientClosed => self.client_closed(),
            RequestFault::BadRequest
            | RequestFault::NotCompliant
            | RequestFault::UriTooLong
            | RequestFault::MethodNotAllowed
            | RequestFault::UnknownHost
            | RequestFault::Misdirected
            | RequestFault::RequestTimeout
            | RequestFault::ExpectationFailed
            | RequestFault::TooManyForwardedAddresses
            | RequestFault::ProtocolMismatch
            | RequestFault::TransformFailed
            | RequestFault::RedirectTooLong
            | RequestFault::UnsupportedTransferCoding
            | RequestFault::UnsupportedVersion
            | RequestFault::Maintenance
            | RequestFault::NoTarget
            | RequestFault::NoListener
            | RequestFault::NoCapacity
            | RequestFault::Other => self.refused(fault),
        }
    }

    /// Where the time went, when the request got as far as a target.
    fn times(&mut self) {
        let record = self.record;
        let Some(before) = record.request_processing_time else { return };
        let parts = [
            (Some(before), "until it was sent (reading, choosing a target, connecting, waiting for one)"),
            (record.target_processing_time, "until the first byte of the target's answer"),
            (record.response_processing_time, "until the answer had been sent to the client"),
        ];
        let told: Vec<String> =
            parts.iter().filter_map(|(time, what)| time.map(|time| format!("{} {what}", seconds(time)))).collect();
        self.tell(format!("It took {}: {}.", seconds(record.duration), told.join(", ")));
    }

    /// `the target 10.0.0.1:80`.
    fn target(&self) -> String {
        self.record.target.as_ref().map_or_else(|| "the target".to_owned(), |target| format!("the target {target}"))
    }

    /// From the moment that it was sent until the end.
    fn since_sent(&self) -> f64 {
        (self.record.duration - self.record.request_processing_time.unwrap_or(0.0)).max(0.0)
    }

    /// `a new connection`, or `the kept-alive connection, which was … old, …`.
    fn connection(&self, cause: &CauseRecord) -> String {
        match cause.connection_uses {
            0 => "a new connection".to_owned(),
            uses => format!(
                "a kept-alive connection (it was {} old, had served {} and had been idle for {})",
                seconds(cause.connection_age),
                count(u64::from(uses), "request"),
                seconds(cause.connection_idle)
            ),
        }
    }
}
