//! Every failure, and each way in which a connection to a target ends, with what must be said about it.

use super::*;
use crate::elbv2::request_record::Tried;

fn record() -> RequestRecord {
    RequestRecord {
        kind: "http".into(),
        request_creation_time: "2026-11-20T12:00:00.123456Z".into(),
        duration: 0.0022,
        elb: "app/shop/0123456789abcdef".into(),
        ip_address: Some("192.0.2.10".into()),
        client: Some("192.0.2.7:51034".into()),
        target: Some("10.0.1.5:8080".into()),
        request_processing_time: Some(0.001),
        elb_status_code: 502,
        received_bytes: 312,
        method: Some("POST".into()),
        host: Some("shop.example.com".into()),
        port: 80,
        path: Some("/cart".into()),
        target_group_arn: Some(
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef".into(),
        ),
        trace_id: Some("Root=1-58337262-36d228ad5d99923122bbe354".into()),
        matched_rule_priority: Some(0),
        actions_executed: Some("forward".into()),
        targets_tried: vec![Tried { target: "10.0.1.5:8080".into(), status: None }],
        conn_trace_id: Some("TID_00000000000000000000000000000007".into()),
        ..RequestRecord::default()
    }
}

fn cause(phase: Phase, ended: Ended) -> CauseRecord {
    CauseRecord { phase, ended, kept_idle: 55.0, bytes_sent: 312, ..CauseRecord::default() }
}

fn kept(cause: CauseRecord) -> CauseRecord {
    CauseRecord { connection_uses: 14, connection_age: 30.1, connection_idle: 5.0, ..cause }
}

fn failed(fault: RequestFault, words: &str, cause: CauseRecord) -> RequestRecord {
    RequestRecord { error_code: Some(fault), error: Some(words.into()), cause: Some(cause), ..record() }
}

/// All that is said, in one text.
fn told(record: &RequestRecord, settings: &Settings) -> String {
    let Explanation { summary, happened, change } = explain(record, settings);
    let text = format!("{summary}\n{}\n=> {}", happened.join("\n"), change.join("\n=> "));
    for line in text.lines() {
        assert!(!line.contains("  ") && !line.contains(".."), "{line}");
        assert!(line.starts_with(|c: char| c.is_uppercase() || c == '=') || line.starts_with("a request"), "{line}");
    }
    text
}

fn check(record: &RequestRecord, settings: &Settings, parts: &[&str]) {
    let text = told(record, settings);
    for part in parts {
        assert!(text.contains(part), "`{part}` in\n{text}");
    }
}

#[test]
fn a_kept_alive_connection_that_the_target_closed_is_told_with_all_figures_and_the_remedy() {
    let record =
        failed(RequestFault::TargetClosed, "target closed the connection", kept(cause(Phase::Waiting, Ended::Closed)));
    check(
        &record,
        &Settings::default(),
        &[
            "POST http://shop.example.com:80/cart from 192.0.2.7:51034 got a 502 from the load balancer after 2.2 ms: target \
             closed the connection",
            "It came at 2026-11-20T12:00:00.123456Z by HTTP/1 to port 80 of app/shop/0123456789abcdef at 192.0.2.10, on the \
             client's connection TID_00000000000000000000000000000007.",
            "No rule matched, so the listener's default action decided: forward.",
            "It went to 10.0.1.5:8080 of target group web.",
            "The target 10.0.1.5:8080 closed a kept-alive connection (it was 30.1 s old, had served 14 requests and had been \
             idle for 5.0 s) 1.2 ms after the request (312 bytes) was sent on it, without a byte of an answer.",
            "The target ends idle connections after about 5.0 s; Goru keeps them for 55 s.",
            "=> Raise the server's keep-alive timeout above 55 s",
            "It was not sent again: a POST may have been carried out already.",
            "It took 2.2 ms: 1.0 ms until it was sent",
        ],
    );
}

#[test]
fn every_way_in_which_a_target_ends_a_connection_has_its_own_words() {
    use Ended::{Closed, Reset};
    let slow = |record: RequestRecord| RequestRecord { duration: 30.0, ..record };
    let fault = |cause| failed(RequestFault::TargetClosed, "target closed the connection", cause);
    let busy = CauseRecord { connection_idle: 0.1, ..kept(cause(Phase::Waiting, Closed)) };
    let table: &[(RequestRecord, &[&str])] = &[
        (
            fault(kept(cause(Phase::Waiting, Reset))),
            &["reset a kept-alive connection", "keep-alive timeout above 55 s"],
        ),
        (fault(busy), &["It had not been idle", "keepalive_requests"]),
        (
            slow(fault(cause(Phase::Waiting, Closed))),
            &["closed a new connection 30.0 s after", "worked on it for 30.0 s", "request_terminate_timeout"],
        ),
        (slow(fault(kept(cause(Phase::Waiting, Reset)))), &["worked on it for 30.0 s", "out-of-memory killer"]),
        (
            fault(cause(Phase::Waiting, Closed)),
            &["a new connection 1.2 ms after", "does not speak what the target group"],
        ),
        (
            fault(cause(Phase::Sending, Reset)),
            &["reset a new connection while the request was being sent; 312 bytes", "raise the server's limit"],
        ),
        (fault(kept(cause(Phase::Sending, Reset))), &["keep-alive timeout above 55 s"]),
        (
            fault(CauseRecord { bytes_received: 17, ..cause(Phase::Head, Closed) }),
            &["after 17 bytes of its answer, before the head of it was complete", "not sent to another target"],
        ),
    ];
    for (record, parts) in table {
        check(record, &Settings::default(), parts);
    }
}

#[test]
fn why_a_request_was_not_repeated_is_said() {
    let base =
        failed(RequestFault::TargetClosed, "target closed the connection", kept(cause(Phase::Waiting, Ended::Closed)));
    let get = RequestRecord { method: Some("GET".into()), ..base.clone() };
    let off = Settings { retry: Some(false), ..Settings::default() };
    check(&base, &Settings::default(), &["a POST may have been carried out"]);
    check(&get, &off, &["the target group's goru.retry.enabled is false"]);
    let large = RequestRecord { method: Some("PUT".into()), received_bytes: 100_000, ..base };
    check(&large, &Settings::default(), &["more than 64 kB are not kept"]);
    assert!(!told(&get, &Settings::default()).contains("not sent again"));
}

#[test]
fn what_stands_in_the_way_to_a_target_is_told() {
    let limited = |cause: CauseRecord, limit| CauseRecord { limit: Some(limit), ..cause };
    let now =
        Settings { target_health: Some("unhealthy since 12:00".into()), hold_seconds: Some(0), ..Settings::default() };
    let refused =
        failed(RequestFault::ConnectFailed, "target refused the connection", cause(Phase::Connecting, Ended::Refused));
    check(
        &refused,
        &now,
        &[
            "Nobody listens at the target 10.0.1.5:8080",
            "By the last health checks the target is unhealthy since 12:00.",
            "There was no other target",
            "127.0.0.1 only",
            "goru.hold.timeout_seconds",
        ],
    );
    let tried = ["10.0.1.4:8080", "10.0.1.5:8080"].map(|target| Tried { target: target.into(), status: None });
    let both = RequestRecord { targets_tried: tried.to_vec(), ..refused };
    check(
        &both,
        &Settings::default(),
        &["It went to 10.0.1.4:8080 of target group web, which did not take it, and then to 10.0.1.5:8080"],
    );
    let reset =
        failed(RequestFault::ConnectFailed, "target refused the connection", cause(Phase::Connecting, Ended::Reset));
    check(&reset, &Settings::default(), &["was reset or had no way there", "a firewall or a route"]);
    let late = limited(cause(Phase::Connecting, Ended::TimedOut), 10.0);
    let late = RequestRecord { elb_status_code: 504, ..failed(RequestFault::ConnectTimedOut, "too late", late) };
    check(&late, &Settings::default(), &["got a 504", "was not accepted within 10 s", "drops packets"]);
    let tls = failed(
        RequestFault::TargetTlsFailed,
        "TLS handshake with the target failed",
        cause(Phase::Handshake, Ended::Misunderstood),
    );
    check(
        &tls,
        &Settings::default(),
        &["The TLS handshake with the target 10.0.1.5:8080 failed: what it sent is no TLS", "TLS 1.2"],
    );
    let tls = limited(cause(Phase::Handshake, Ended::TimedOut), 10.0);
    check(&failed(RequestFault::TargetTlsFailed, "too late", tls), &Settings::default(), &["not over within 10 s"]);
}

#[test]
fn time_that_was_over_is_told_with_the_attribute_that_sets_it() {
    let timed_out = |phase| CauseRecord { limit: Some(60.0), bytes_received: 9, ..cause(phase, Ended::TimedOut) };
    let fault = |phase| RequestRecord {
        elb_status_code: 504,
        duration: 60.1,
        ..failed(RequestFault::AnswerTimedOut, "target did not answer in time", timed_out(phase))
    };
    let now =
        Settings { idle_timeout_seconds: Some(90), deregistration_delay_seconds: Some(300), ..Settings::default() };
    check(
        &fault(Phase::Waiting),
        &now,
        &[
            "sent nothing for 60 s, the load balancer's idle timeout",
            "idle_timeout.timeout_seconds (now 90 s; 1 to 4000)",
        ],
    );
    check(&fault(Phase::Sending), &now, &["took 312 bytes of the request and then nothing more for 60 s"]);
    check(&fault(Phase::Head), &now, &["sent 9 bytes of its answer's head and then nothing more for 60 s"]);
    let cut =
        failed(RequestFault::Deregistered, "deregistration delay over", cause(Phase::Waiting, Ended::Deregistered));
    check(
        &RequestRecord { duration: 301.0, ..cut },
        &now,
        &["its deregistration delay was over", "deregistration_delay.timeout_seconds (now 300 s)", "301.0 s"],
    );
    let late =
        RequestRecord { elb_status_code: 408, ..failed(RequestFault::RequestTimeout, "late", CauseRecord::default()) };
    check(&late, &now, &["idle timeout (now 90 s)", "within 60 s the whole head"]);
}

#[test]
fn a_client_that_went_away_is_told_from_a_target_that_did() {
    for (phase, words) in [
        (Phase::NotSent, "waited for a target that serves"),
        (Phase::Connecting, "was being made"),
        (Phase::Sending, "before it had sent the whole request (312 bytes came)"),
        (Phase::Waiting, "the target 10.0.1.5:8080 had not answered by then"),
    ] {
        let gone = failed(RequestFault::ClientClosed, "client closed the connection", cause(phase, Ended::ByClient));
        let gone = RequestRecord { elb_status_code: 460, duration: 12.0, ..gone };
        check(&gone, &Settings::default(), &["ended after 12.0 s without an answer (460)", words, "about 12.0 s here"]);
    }
}

#[test]
fn an_answer_that_was_broken_off_is_a_failure_although_its_status_is_good() {
    for (ended, words, remedy) in [
        (Ended::Closed, "closed the connection after 1000 bytes of its answer", "A Content-Length larger"),
        (Ended::Reset, "reset the connection after 1000 bytes of its answer", "broke off"),
        (Ended::TimedOut, "Nothing moved for 60 s", "idle_timeout.timeout_seconds"),
        (Ended::Misunderstood, "The chunks of the answer", "Transfer-Encoding"),
        (Ended::Deregistered, "it was cut", "deregistration_delay.timeout_seconds"),
        (Ended::ByClient, "The client went away after 800 bytes", "Mostly nothing"),
    ] {
        let cause = CauseRecord { bytes_received: 1000, limit: Some(60.0), ..cause(Phase::Body, ended) };
        let broken = RequestRecord { elb_status_code: 200, sent_bytes: 800, cause: Some(cause), ..record() };
        assert!(broken.has_failed());
        check(&broken, &Settings::default(), &["got a 200 that was broken off after 2.2 ms", words, remedy]);
    }
}

#[test]
fn every_fault_is_explained_and_advised_on() {
    for fault in RequestFault::ALL.iter().filter(|fault| **fault != RequestFault::Other) {
        for phase in Phase::ALL {
            for ended in Ended::ALL {
                let record = failed(*fault, "the words of the log", cause(*phase, *ended));
                let explanation = explain(&record, &Settings::default());
                assert!(explanation.happened.len() >= 4, "{fault:?}: {explanation:?}");
                assert!(!explanation.change.is_empty(), "{fault:?}");
                told(&record, &Settings::default());
            }
        }
    }
    check(
        &failed(RequestFault::Other, "x y", cause(Phase::Done, Ended::No)),
        &Settings::default(),
        &["by itself: x y."],
    );
    let transformed = RequestRecord {
        request_transform_status: Some("TransformInvalidHost".into()),
        ..failed(RequestFault::TransformFailed, "transform failed", cause(Phase::NotSent, Ended::No))
    };
    check(&transformed, &Settings::default(), &["made something of the host that is no host", "Correct the rule's"]);
    let table = [
        (RequestFault::BadRequest, "does not write HTTP as the RFC has it"),
        (RequestFault::NotCompliant, "desync_mitigation_mode (now strictest)"),
        (RequestFault::UnknownHost, "none of them has the host shop.example.com"),
        (RequestFault::Misdirected, "another host than shop.example.com"),
        (RequestFault::NoTarget, "no registered target"),
        (RequestFault::NoCapacity, "LimitNOFILE"),
        (RequestFault::TooManyForwardedAddresses, "xff_header_processing.mode"),
        (RequestFault::AnswerHeadTooLarge, "Set-Cookie"),
        (RequestFault::BadAnswer, "curl -v http://10.0.1.5:8080/"),
    ];
    for (fault, part) in table {
        check(&failed(fault, "the words of the log", cause(Phase::Waiting, Ended::No)), &Settings::default(), &[part]);
    }
}

#[test]
fn a_request_that_went_well_is_told_too() {
    let good = RequestRecord {
        elb_status_code: 200,
        target_status_code: Some(200),
        target_processing_time: Some(0.048),
        response_processing_time: Some(0.0002),
        matched_rule_priority: Some(10),
        classification: Some("Ambiguous".into()),
        classification_reason: Some("SuspiciousHeader".into()),
        transformed_uri: Some("/v2/cart".into()),
        fail_open: true,
        sticky: Some(false),
        sent_bytes: 800,
        ..record()
    };
    check(
        &good,
        &Settings::default(),
        &[
            "got a 200 from the target after 2.2 ms",
            "Its form is Ambiguous (SuspiciousHeader): two servers may read it in two ways",
            "The rule with priority 10 matched: forward.",
            "Its transform made the URL /v2/cart.",
            "(fail open)",
            "asked for another target",
            "The target answered 200; 800 bytes went to the client.",
            "48 ms until the first byte of the target's answer, 0.2 ms until the answer had been sent",
        ],
    );
    assert!(explain(&good, &Settings::default()).change.is_empty());
    let five_hundred = RequestRecord { elb_status_code: 500, target_status_code: Some(500), ..good };
    check(&five_hundred, &Settings::default(), &["The target itself answered 500", "X-Amzn-Trace-Id Root=1-58337262"]);
    let redirect = RequestRecord {
        elb_status_code: 301,
        actions_executed: Some("redirect".into()),
        redirect_url: Some("https://shop.example.com/".into()),
        target_group_arn: None,
        request_processing_time: None,
        ..record()
    };
    check(
        &redirect,
        &Settings::default(),
        &["got a 301 from the load balancer", "redirect to https://shop.example.com/."],
    );
    check(
        &RequestRecord { method: None, client: None, ..redirect },
        &Settings::default(),
        &["a request that could not be read from an unknown client"],
    );
}
