//! The decider of deliveries: send now, wait, or give up; and what the answer of the other side means.

use super::{delivery::Delivery, protocol::Protocol};
use crate::Timestamp;
use std::time::Duration;

/// A delivery that is older than this is given up whatever its policy says: after a long stop of the server nobody
/// wants the alarms of last week.
pub const MAXIMUM_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// What should happen to a waiting delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is due.
    Send,
    /// It is due at this time.
    WaitUntil(Timestamp),
    /// It was tried as often as its policy says, or it is too old.
    Drop(GivenUp),
}

/// Why a delivery is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// The policy allows no further try.
    Exhausted,
    /// It is older than [`MAXIMUM_AGE`].
    TooOld,
}

/// What became of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other side has it.
    Accepted,
    /// It may work later; the reason is for events.
    Failed(String),
    /// It will never work; the reason is for events.
    Refused(String),
}

/// What should happen now. Pure: the same delivery at the same time gets the same decision.
pub fn decide(delivery: &Delivery, now: Timestamp) -> Decision {
    if now.since(delivery.published_at) > MAXIMUM_AGE {
        return Decision::Drop(GivenUp::TooOld);
    }
    let Some(last) = delivery.last_attempt_at.filter(|_| delivery.attempts > 0) else { return Decision::Send };
    match delivery.retry_policy.delay_before(delivery.attempts) {
        None => Decision::Drop(GivenUp::Exhausted),
        Some(delay) if last.plus(delay) <= now => Decision::Send,
        Some(delay) => Decision::WaitUntil(last.plus(delay)),
    }
}

/// The delivery after one more try that failed.
#[must_use]
pub fn after_failure(delivery: &Delivery, now: Timestamp) -> Delivery {
    Delivery { attempts: delivery.attempts.saturating_add(1), last_attempt_at: Some(now), ..delivery.clone() }
}

/// What the status of an HTTP answer means (SNS developer guide, delivery retries): 5xx and 429 are tried again, other
/// codes that are no success never get better by asking again.
pub fn http_outcome(status: u16) -> Outcome {
    let said = format!("the endpoint answered {status}");
    match status {
        200..=299 => Outcome::Accepted,
        300..=399 => Outcome::Refused(format!("{said}; redirects are not followed")),
        429 => Outcome::Failed(said),
        400..=499 => Outcome::Refused(said),
        _ => Outcome::Failed(said),
    }
}

/// What a failed SMTP conversation means (RFC 5321, section 4.2.1): 5yz is final for this mail, everything else is not.
/// What concerns the way to the server (it wants a password, it cannot be reached) is never the mail's fault.
pub fn smtp_outcome(code: Option<u16>, said: String) -> Outcome {
    match code {
        // The server's configuration, not the mail: authentication (530, 534, 535, 538) and syntax of commands (50z).
        Some(500..=504 | 530 | 534 | 535 | 538) => Outcome::Failed(said),
        Some(500..=599) => Outcome::Refused(said),
        Some(_) | None => Outcome::Failed(said),
    }
}

/// How long one try may take (SNS developer guide: endpoints have about fifteen seconds).
pub const fn time_limit(protocol: Protocol) -> Duration {
    match protocol {
        Protocol::Http | Protocol::Https => Duration::from_secs(15),
        Protocol::Email | Protocol::EmailJson => Duration::from_secs(60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Arn,
        sns::{
            delivery::Content,
            delivery_policy::{BackoffFunction, RetryPolicy},
            topic::SignatureVersion,
        },
    };

    fn delivery(attempts: u32, last_attempt_at: Option<i64>, retry_policy: RetryPolicy) -> Delivery {
        let topic_arn = Arn::new("sns", "us-east-1", "123456789012", "web");
        Delivery {
            id: "d".to_owned(),
            subscription_arn: topic_arn.with_resource("web:1"),
            topic_arn,
            sender_name: "web".to_owned(),
            protocol: Protocol::Http,
            endpoint: "http://127.0.0.1:1/".to_owned(),
            message_id: "m".to_owned(),
            published_at: Timestamp::from_seconds(1000),
            content: Content::SubscriptionConfirmation { token: "t".to_owned() },
            signature_version: SignatureVersion::V1,
            content_type: None,
            retry_policy,
            attempts,
            last_attempt_at: last_attempt_at.map(Timestamp::from_seconds),
        }
    }

    #[test]
    fn attempts_and_policy_and_time_decide() {
        let none = RetryPolicy { retries: 0, ..RetryPolicy::HTTP };
        let at_once = RetryPolicy {
            retries: 2,
            no_delay_retries: 1,
            min_delay_seconds: 5,
            max_delay_seconds: 9,
            backoff_function: BackoffFunction::Linear,
            ..RetryPolicy::HTTP
        };
        let wait = |seconds| Decision::WaitUntil(Timestamp::from_seconds(seconds));
        let exhausted = Decision::Drop(GivenUp::Exhausted);
        for (policy, attempts, last, now, expected) in [
            (RetryPolicy::HTTP, 0, None, 1000, Decision::Send),
            (RetryPolicy::HTTP, 0, None, 900, Decision::Send),
            (RetryPolicy::HTTP, 1, Some(1001), 1001, wait(1021)),
            (RetryPolicy::HTTP, 1, Some(1001), 1020, wait(1021)),
            (RetryPolicy::HTTP, 1, Some(1001), 1021, Decision::Send),
            (RetryPolicy::HTTP, 3, Some(1050), 1069, wait(1070)),
            (RetryPolicy::HTTP, 3, Some(1050), 5000, Decision::Send),
            (RetryPolicy::HTTP, 4, Some(1070), 1070, exhausted),
            (none, 0, None, 1000, Decision::Send),
            (none, 1, Some(1000), 1000, exhausted),
            (at_once, 1, Some(1000), 1000, Decision::Send),
            (at_once, 2, Some(1000), 1000, wait(1005)),
            (at_once, 3, Some(1005), 1005, exhausted),
            (RetryPolicy::MAIL, 50, Some(23_000), 23_000, wait(23_600)),
            (RetryPolicy::MAIL, 51, Some(23_600), 23_600, exhausted),
            (RetryPolicy::MAIL, 0, None, 1000 + 86_400, Decision::Send),
            (RetryPolicy::MAIL, 0, None, 1001 + 86_400, Decision::Drop(GivenUp::TooOld)),
        ] {
            let found = decide(&delivery(attempts, last, policy), Timestamp::from_seconds(now));
            assert_eq!(found, expected, "{attempts} attempts, last {last:?}, now {now}");
        }
    }

    #[test]
    fn a_delivery_that_always_fails_is_given_up_after_all_of_its_retries() {
        for (policy, tries, seconds) in [(RetryPolicy::HTTP, 4, 60), (RetryPolicy::MAIL, 51, 0)] {
            let (mut waiting, mut now, mut sent) = (delivery(0, None, policy), Timestamp::from_seconds(1000), 0);
            loop {
                match decide(&waiting, now) {
                    Decision::Send => {
                        sent += 1;
                        waiting = after_failure(&waiting, now);
                    }
                    Decision::WaitUntil(later) => now = later,
                    Decision::Drop(why) => break assert_eq!(why, GivenUp::Exhausted),
                }
            }
            assert_eq!(sent, tries);
            if seconds > 0 {
                assert_eq!(now.seconds(), 1000 + seconds);
            }
        }
    }

    #[test]
    fn answers_say_whether_to_try_again() {
        let again = |outcome| matches!(outcome, Outcome::Failed(_));
        for (status, accepted, try_again) in [
            (200, true, false),
            (204, true, false),
            (301, false, false),
            (404, false, false),
            (429, false, true),
            (500, false, true),
            (503, false, true),
            (101, false, true),
        ] {
            let outcome = http_outcome(status);
            assert_eq!((outcome == Outcome::Accepted, again(outcome)), (accepted, try_again), "{status}");
        }
        for (code, try_again) in [
            (None, true),
            (Some(421), true),
            (Some(451), true),
            (Some(550), false),
            (Some(535), true),
            (Some(554), false),
        ] {
            assert_eq!(again(smtp_outcome(code, String::new())), try_again, "{code:?}");
        }
    }
}
