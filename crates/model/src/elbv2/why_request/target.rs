//! What connections to targets do to requests: how far each got, who ended it, after what, and what helps.

use super::{
    Story,
    words::{bytes, limit, seconds},
};
use crate::elbv2::request_record::{CauseRecord, Ended, Phase};

/// A kept-alive connection that is closed so soon after a request was sent on it was closed because it had been idle: the
/// two crossed on their way.
const CROSSED: f64 = 1.0;
/// A connection that was idle for less was not closed for that.
const IDLE: f64 = 0.5;
/// Methods that may be sent a second time (RFC 9110 section 9.2.2).
const REPEATABLE: &[&str] = &["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];
/// Bodies up to this size are kept to be sent again.
const REPEATABLE_BYTES: u64 = 64 * 1024;

impl Story<'_> {
    fn cause(&self) -> CauseRecord {
        self.record.cause.clone().unwrap_or_default()
    }

    pub(super) fn connect_failed(&mut self) {
        let (target, cause) = (self.target(), self.cause());
        match cause.ended {
            Ended::Refused => {
                self.tell(format!("Nobody listens at {target}: it refused the connection."));
                self.advise(
                    "See whether the server runs, and whether it listens on that address and port: one that listens on \
                     127.0.0.1 only is reached from its own machine only.",
                );
            }
            Ended::No
            | Ended::Closed
            | Ended::Reset
            | Ended::TimedOut
            | Ended::Misunderstood
            | Ended::Deregistered
            | Ended::ByClient => {
                self.tell(format!("The connection to {target} was reset or had no way there while it was being made."));
                self.advise(
                    "See whether the target's machine is up, and whether a firewall or a route stands in between.",
                );
            }
        }
        self.health_now();
        self.not_moved();
        if self.settings.hold_seconds == Some(0) {
            self.advise(
                "If its server was just restarting: with the target group attribute goru.hold.timeout_seconds requests \
                 wait until it is back.",
            );
        }
    }

    pub(super) fn connect_timed_out(&mut self) {
        let (target, cause) = (self.target(), self.cause());
        let allowed = cause.limit.map_or_else(|| "10 s".to_owned(), limit);
        self.tell(format!("The connection to {target} was not accepted within {allowed} (a fixed limit, as on AWS)."));
        self.health_now();
        self.advise(
            "See whether the target's machine is up, whether a firewall drops packets without a word, and whether the \
             server accepts fast enough (a full listen queue looks the same).",
        );
    }

    pub(super) fn target_tls_failed(&mut self) {
        let (target, cause) = (self.target(), self.cause());
        let how = match cause.ended {
            Ended::TimedOut => return self.target_tls_timed_out(&cause),
            Ended::Closed => "it closed the connection",
            Ended::Reset | Ended::Refused => "the connection was reset",
            Ended::No | Ended::Misunderstood | Ended::Deregistered | Ended::ByClient => {
                "what it sent is no TLS, or none that is accepted"
            }
        };
        self.tell(format!("The TLS handshake with {target} failed: {how}."));
        self.advise(
            "See whether the server speaks TLS on that port (the target group's protocol is HTTPS) and offers TLS 1.2 or \
             1.3 with a certificate, of whatever issuer.",
        );
    }

    fn target_tls_timed_out(&mut self, cause: &CauseRecord) {
        let target = self.target();
        let allowed = cause.limit.map_or_else(|| "10 s".to_owned(), limit);
        self.tell(format!("{target} accepted the connection, but the TLS handshake was not over within {allowed}."));
        self.advise(
            "See whether the server speaks TLS on that port: one that waits for a request in clear text says nothing.",
        );
    }

    pub(super) fn target_closed(&mut self) {
        let cause = self.cause();
        match cause.phase {
            Phase::NotSent | Phase::Connecting | Phase::Handshake | Phase::Sending => self.closed_while_sending(&cause),
            Phase::Waiting => self.closed_without_an_answer(&cause),
            Phase::Head | Phase::Body | Phase::Done => self.closed_in_the_head(&cause),
        }
    }

    fn closed_while_sending(&mut self, cause: &CauseRecord) {
        let (target, connection) = (self.target(), self.connection(cause));
        self.tell(format!(
            "{target} {} {connection} while the request was being sent; {} had been handed over.",
            ended(cause),
            bytes(cause.bytes_sent)
        ));
        if cause.connection_uses > 0 && cause.connection_idle >= IDLE {
            return self.keep_alive_crossed(cause);
        }
        self.advise(
            "Look into the server's log at that time. If the request has a large body, raise the server's limit for it, \
             or let it answer before it closes.",
        );
        self.not_repeated();
    }

    fn closed_without_an_answer(&mut self, cause: &CauseRecord) {
        let (target, connection, after) = (self.target(), self.connection(cause), self.since_sent());
        self.tell(format!(
            "{target} {} {connection} {} after the request ({}) was sent on it, without a byte of an answer.",
            ended(cause),
            seconds(after),
            bytes(cause.bytes_sent)
        ));
        let reused = cause.connection_uses > 0;
        if reused && after < CROSSED && cause.connection_idle >= IDLE {
            return self.keep_alive_crossed(cause);
        }
        if reused && after < CROSSED {
            self.tell("It had not been idle, so it was not closed for that.");
            self.advise(
                "See whether the server was restarting, or ends connections after some number of requests (nginx: \
                 keepalive_requests, Apache httpd: MaxKeepAliveRequests, Gunicorn: --max-requests): raise that.",
            );
        } else if after >= CROSSED {
            self.advise(format!(
                "The server worked on it for {} and then ended the connection. Look for a timeout of its own (Gunicorn: \
                 --timeout, PHP-FPM: request_terminate_timeout, uWSGI: harakiri), a crash, or the kernel's out-of-memory \
                 killer at that time.",
                seconds(after)
            ));
        } else {
            self.advise(
                "Look into the server's log at that time: it took the request and crashed, or it does not speak what the \
                 target group is set to (a server for TLS or HTTP/2 only closes at once on HTTP/1 in clear text).",
            );
        }
        self.not_repeated();
    }

    /// The most frequent 502 of all: the target's keep-alive timeout is shorter than ours.
    fn keep_alive_crossed(&mut self, cause: &CauseRecord) {
        let (idle, kept) = (seconds(cause.connection_idle), limit(cause.kept_idle));
        self.tell(format!(
            "The target ends idle connections after about {idle}; Goru keeps them for {kept}. Request and end crossed on \
             their way."
        ));
        self.advise(format!(
            "Raise the server's keep-alive timeout above {kept} (nginx: keepalive_timeout, Apache httpd: \
             KeepAliveTimeout, Node.js: server.keepAliveTimeout, Gunicorn: --keep-alive, Uvicorn: \
             --timeout-keep-alive, Tomcat: keepAliveTimeout)."
        ));
        self.not_repeated();
    }

    fn closed_in_the_head(&mut self, cause: &CauseRecord) {
        let (target, connection) = (self.target(), self.connection(cause));
        self.tell(format!(
            "{target} {} {connection} after {} of its answer, before the head of it was complete.",
            ended(cause),
            bytes(cause.bytes_received)
        ));
        self.advise(
            "Look into the server's log at that time: it began to answer and broke off, which is mostly a crash.",
        );
        self.tell("It was not sent to another target, because an answer had begun.");
    }

    pub(super) fn bad_answer(&mut self) {
        let (target, cause) = (self.target(), self.cause());
        let what = self.record.error.clone().unwrap_or_else(|| "answer".to_owned());
        self.tell(format!(
            "What {target} sent could not be understood ({what}), within the first {} of its answer.",
            bytes(cause.bytes_received)
        ));
        self.advise(format!(
            "Ask the target itself (curl -v http://{}/) and see what is wrong with its answer; see also whether the \
             target group's protocol and protocol version are what the server speaks.",
            self.record.target.as_deref().unwrap_or("target")
        ));
    }

    pub(super) fn answer_head_too_large(&mut self) {
        let target = self.target();
        self.tell(format!("The head of the answer of {target} is larger than 32 kB (a fixed limit, as on AWS)."));
        self.advise("Let the application send fewer or smaller header fields; mostly it is Set-Cookie.");
    }

    pub(super) fn answer_timed_out(&mut self) {
        let (target, cause) = (self.target(), self.cause());
        let allowed = self.allowed(&cause);
        match cause.phase {
            Phase::NotSent | Phase::Connecting | Phase::Handshake | Phase::Sending => {
                self.tell(format!(
                    "{target} took {} of the request and then nothing more for {allowed}, the load balancer's idle timeout.",
                    bytes(cause.bytes_sent)
                ));
                self.advise("See why the server does not read the request's body: it may be blocked or overloaded.");
            }
            Phase::Waiting => {
                let connection = self.connection(&cause);
                self.tell(format!(
                    "{target} got the request ({}) on {connection} and sent nothing for {allowed}, the load balancer's idle \
                     timeout.",
                    bytes(cause.bytes_sent)
                ));
                self.advise(format!(
                    "Let the application answer, or begin to, within {allowed}; or raise the load balancer's attribute \
                     idle_timeout.timeout_seconds (now {}; 1 to 4000).",
                    self.idle_timeout(&cause)
                ));
            }
            Phase::Head | Phase::Body | Phase::Done => {
                self.tell(format!(
                    "{target} sent {} of its answer's head and then nothing more for {allowed}, the load balancer's idle \
                     timeout.",
                    bytes(cause.bytes_received)
                ));
                self.advise("Look into the server's log at that time: it began to answer and stopped.");
            }
        }
    }

    pub(super) fn deregistered(&mut self) {
        let target = self.target();
        let delay = self.settings.deregistration_delay_seconds;
        let delay = delay.map_or_else(String::new, |delay| format!(" (now {delay} s)"));
        self.tell(format!(
            "{target} was being deregistered, and its deregistration delay was over while it still worked on the request: \
             it was cut."
        ));
        self.advise(format!(
            "Raise the target group's attribute deregistration_delay.timeout_seconds{delay} above the time of the longest \
             request; this one had taken {}.",
            seconds(self.record.duration)
        ));
    }

    pub(super) fn client_closed(&mut self) {
        let (took, cause) = (seconds(self.record.duration), self.cause());
        match cause.phase {
            Phase::NotSent => self.tell(format!(
                "The client closed its connection after {took}, while the request waited for a target that serves."
            )),
            Phase::Connecting | Phase::Handshake => {
                self.tell(format!(
                    "The client closed its connection after {took}, while the connection to {} was being made.",
                    self.target()
                ));
            }
            Phase::Sending => self.tell(format!(
                "The client closed its connection after {took}, before it had sent the whole request ({} came).",
                bytes(self.record.received_bytes)
            )),
            Phase::Waiting | Phase::Head | Phase::Body | Phase::Done => {
                self.tell(format!(
                    "The client closed its connection after {took}; {} had not answered by then.",
                    self.target()
                ));
            }
        }
        self.advise(format!(
            "Let the application answer sooner, or raise the client's own timeout, which was about {took} here. People who \
             leave a page look the same."
        ));
    }

    /// An answer that began and was not completed.
    pub(super) fn broken_answer(&mut self, cause: &CauseRecord) {
        let (target, got, sent) = (self.target(), bytes(cause.bytes_received), bytes(self.record.sent_bytes));
        match cause.ended {
            Ended::No => {}
            Ended::Closed | Ended::Reset | Ended::Refused => {
                self.tell(format!(
                    "{target} {} the connection after {got} of its answer, which was longer than that. The client got {sent} \
                     and a connection that breaks off, so that it can tell.",
                    ended(cause)
                ));
                self.advise(
                    "Look into the server's log at that time: it began to answer and broke off. A Content-Length larger \
                     than the body looks the same.",
                );
            }
            Ended::TimedOut => {
                self.tell(format!(
                    "Nothing moved for {}, the load balancer's idle timeout, after {got} of the answer of {target}: it sent no \
                     more, or the client took no more.",
                    self.allowed(cause)
                ));
                self.advise(format!(
                    "If the application is silent for long in the middle of an answer (streams, long polling), let it send \
                     something from time to time, or raise idle_timeout.timeout_seconds (now {}; 1 to 4000).",
                    self.idle_timeout(cause)
                ));
            }
            Ended::Misunderstood => {
                self.tell(format!("The chunks of the answer of {target} are malformed, within its first {got}."));
                self.advise("Look at what the application sends as Transfer-Encoding: chunked.");
            }
            Ended::Deregistered => self.deregistered(),
            Ended::ByClient => {
                self.tell(format!("The client went away after {sent} of the answer of {target}."));
                self.advise(
                    "Mostly nothing: people leave pages, and players and download managers ask for parts. Otherwise see \
                     whether the client has a timeout of its own.",
                );
            }
        }
    }

    /// Which time was allowed for something to happen.
    fn allowed(&self, cause: &CauseRecord) -> String {
        let known = cause.limit.or(self.settings.idle_timeout_seconds.map(seconds_of));
        known.map_or_else(|| "the time allowed".to_owned(), limit)
    }

    /// The idle timeout as it is now.
    fn idle_timeout(&self, cause: &CauseRecord) -> String {
        let known = self.settings.idle_timeout_seconds.map(seconds_of).or(cause.limit);
        known.map_or_else(|| "not known".to_owned(), limit)
    }

    fn health_now(&mut self) {
        if let Some(health) = &self.settings.target_health {
            self.tell(format!("By the last health checks the target is {health}."));
        }
    }

    /// Why it did not go to another target after nobody had accepted it.
    fn not_moved(&mut self) {
        if self.settings.retry == Some(false) {
            self.tell("It was not sent to another target, because the target group's goru.retry.enabled is false.");
        } else if self.record.targets_tried.len() == 1 {
            self.tell("There was no other target to send it to.");
        }
    }

    /// Why it was not sent a second time, where that would have helped.
    fn not_repeated(&mut self) {
        let method = self.record.method.as_deref().unwrap_or_default();
        if self.settings.retry == Some(false) {
            self.tell("It was not sent again, because the target group's goru.retry.enabled is false.");
        } else if !REPEATABLE.contains(&method) {
            self.tell(format!(
                "It was not sent again: a {method} may have been carried out already. GET, HEAD, OPTIONS, PUT and DELETE are \
                 sent once more in such a case."
            ));
        } else if self.record.received_bytes > REPEATABLE_BYTES {
            self.tell("It was not sent again, because requests of more than 64 kB are not kept.");
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "an attribute of at most 4000")]
fn seconds_of(setting: u64) -> f64 {
    setting as f64
}

/// What was done to the connection.
const fn ended(cause: &CauseRecord) -> &'static str {
    match cause.ended {
        Ended::Reset => "reset",
        Ended::No
        | Ended::Closed
        | Ended::Refused
        | Ended::TimedOut
        | Ended::Misunderstood
        | Ended::Deregistered
        | Ended::ByClient => "closed",
    }
}
