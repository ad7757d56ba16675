//! How often a delivery is tried and how long it waits in between.
//!
//! Four phases, as on AWS: at once, at the least delay, growing from the least to the greatest delay, at the greatest
//! (SNS developer guide, message delivery retries). Users choose it for http and https by a DeliveryPolicy; mail has
//! AWS's own, fifty retries over more than six hours.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// The most retries of a policy.
pub const MAXIMUM_RETRIES: u32 = 100;
/// The longest delay, in seconds, and the longest that all delays may take together.
pub const MAXIMUM_SECONDS: u64 = 3600;

/// When a delivery is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// Tries after the first one, 0 to 100.
    pub retries: u32,
    /// The first of them follow without delay.
    pub no_delay_retries: u32,
    /// The next follow after the least delay.
    pub min_delay_retries: u32,
    /// The last follow after the greatest delay.
    pub max_delay_retries: u32,
    /// Seconds, 1 to the greatest delay.
    pub min_delay_seconds: u64,
    /// Seconds, at most 3600.
    pub max_delay_seconds: u64,
    /// How the delay grows between least and greatest.
    pub backoff_function: BackoffFunction,
}

/// How delays grow in the back-off phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackoffFunction {
    /// In equal steps.
    Linear,
    /// In steps that grow evenly.
    Arithmetic,
    /// By an equal factor.
    Geometric,
    /// Slowly at first, steeply at the end.
    Exponential,
}

/// What a DeliveryPolicy of a topic or a subscription says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryPolicy {
    /// How deliveries are retried; absent: by the default.
    pub retry: Option<RetryPolicy>,
    /// Whether subscriptions' own policies are overruled (`disableSubscriptionOverrides`, topics only).
    pub disable_overrides: bool,
    /// `Content-Type` of what is posted; absent: `text/plain; charset=UTF-8`.
    pub content_type: Option<String>,
}

/// Why a DeliveryPolicy is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDeliveryPolicy {
    /// Not JSON, or not an object where one must be.
    #[error("it is not a JSON object of the documented form")]
    Form,
    /// A member that AWS does not have.
    #[error("it has the unknown member `{0}`")]
    Unknown(String),
    /// A member that Goru does not serve.
    #[error("`{0}` is not supported by Goru")]
    Unsupported(&'static str),
    /// A value out of its range.
    #[error("{0}")]
    Range(&'static str),
}

impl RetryPolicy {
    /// AWS's policy for http and https: three retries, twenty seconds apart.
    pub const HTTP: Self = Self {
        retries: 3,
        no_delay_retries: 0,
        min_delay_retries: 0,
        max_delay_retries: 0,
        min_delay_seconds: 20,
        max_delay_seconds: 20,
        backoff_function: BackoffFunction::Linear,
    };
    /// AWS's policy for mail: two retries after ten seconds, ten that grow to ten minutes, 38 ten minutes apart.
    pub const MAIL: Self = Self {
        retries: 50,
        no_delay_retries: 0,
        min_delay_retries: 2,
        max_delay_retries: 38,
        min_delay_seconds: 10,
        max_delay_seconds: 600,
        backoff_function: BackoffFunction::Exponential,
    };

    /// How long to wait before retry number `retry` (1 is the first); `None` when there is none of that number.
    pub fn delay_before(&self, retry: u32) -> Option<Duration> {
        let index = retry.checked_sub(1).filter(|index| *index < self.retries)?;
        let growing_from = self.no_delay_retries + self.min_delay_retries;
        let growing = self.retries.saturating_sub(growing_from + self.max_delay_retries);
        Some(if index < self.no_delay_retries {
            Duration::ZERO
        } else if index < growing_from {
            Duration::from_secs(self.min_delay_seconds)
        } else if index - growing_from < growing {
            self.grown(index - growing_from, growing)
        } else {
            Duration::from_secs(self.max_delay_seconds)
        })
    }

    /// Delay number `step` (0 is the first) of the back-off phase: the least at its begin, the greatest at its end.
    fn grown(&self, step: u32, steps: u32) -> Duration {
        #[allow(clippy::cast_precision_loss, reason = "delays are at most 3,600")]
        let (least, greatest) = (self.min_delay_seconds as f64, self.max_delay_seconds as f64);
        let part = if steps > 1 { f64::from(step) / f64::from(steps - 1) } else { 0.0 };
        let seconds = match self.backoff_function {
            BackoffFunction::Linear => least + (greatest - least) * part,
            BackoffFunction::Arithmetic => {
                let (n, last) = (f64::from(step), f64::from(steps.saturating_sub(1).max(1)));
                least + (greatest - least) * (n * (n + 1.0)) / (last * (last + 1.0))
            }
            BackoffFunction::Geometric => least * (greatest / least).powf(part),
            // Twice the growth on the way: half of the range is left for the last step.
            BackoffFunction::Exponential => {
                let (n, last) = (f64::from(step), f64::from(steps.saturating_sub(1).max(1)));
                least + (greatest - least) * (n.exp2() - 1.0) / (last.exp2() - 1.0)
            }
        };
        Duration::from_secs_f64(seconds.clamp(0.0, 3600.0))
    }

    fn checked(self) -> Result<Self, InvalidDeliveryPolicy> {
        let Self { retries, no_delay_retries, min_delay_retries, max_delay_retries, .. } = self;
        let phases = no_delay_retries.saturating_add(min_delay_retries).saturating_add(max_delay_retries);
        let refuse = |why| Err(InvalidDeliveryPolicy::Range(why));
        if retries > MAXIMUM_RETRIES {
            refuse("numRetries must be 0 to 100")
        } else if self.max_delay_seconds == 0 || self.max_delay_seconds > MAXIMUM_SECONDS {
            refuse("maxDelayTarget must be 1 to 3600 seconds")
        } else if self.min_delay_seconds == 0 || self.min_delay_seconds > self.max_delay_seconds {
            refuse("minDelayTarget must be 1 second to maxDelayTarget")
        } else if phases > retries {
            refuse("numNoDelayRetries, numMinDelayRetries and numMaxDelayRetries must not exceed numRetries together")
        } else if self.total() > Duration::from_secs(MAXIMUM_SECONDS) {
            refuse("all delays together must not exceed 3600 seconds")
        } else {
            Ok(self)
        }
    }

    /// All delays together.
    pub fn total(&self) -> Duration {
        (1..=self.retries).filter_map(|retry| self.delay_before(retry)).sum()
    }
}

impl DeliveryPolicy {
    /// A topic's policy: `{"http": {"defaultHealthyRetryPolicy": …, "disableSubscriptionOverrides": …}}`.
    ///
    /// # Errors
    /// When it breaks AWS's form or ranges, or asks for what Goru does not have.
    pub fn of_topic(text: &str) -> Result<Self, InvalidDeliveryPolicy> {
        let policy: Value = serde_json::from_str(text).map_err(|_| InvalidDeliveryPolicy::Form)?;
        let mut made = Self::default();
        for (name, value) in members(&policy)? {
            match name {
                "http" => made.read_http(value)?,
                other => return Err(InvalidDeliveryPolicy::Unknown(other.to_owned())),
            }
        }
        Ok(made)
    }

    fn read_http(&mut self, value: &Value) -> Result<(), InvalidDeliveryPolicy> {
        for (name, value) in members(value)? {
            match name {
                "defaultHealthyRetryPolicy" => self.retry = retry_policy(value)?,
                "disableSubscriptionOverrides" => {
                    self.disable_overrides = value.as_bool().ok_or(InvalidDeliveryPolicy::Form)?;
                }
                "defaultRequestPolicy" => self.content_type = request_policy(value)?,
                "defaultThrottlePolicy" => unsupported("defaultThrottlePolicy", value)?,
                other => return Err(InvalidDeliveryPolicy::Unknown(other.to_owned())),
            }
        }
        Ok(())
    }

    /// A subscription's policy: `{"healthyRetryPolicy": …, "requestPolicy": …}`.
    ///
    /// # Errors
    /// As for [`Self::of_topic`].
    pub fn of_subscription(text: &str) -> Result<Self, InvalidDeliveryPolicy> {
        let policy: Value = serde_json::from_str(text).map_err(|_| InvalidDeliveryPolicy::Form)?;
        let mut made = Self::default();
        for (name, value) in members(&policy)? {
            match name {
                "healthyRetryPolicy" => made.retry = retry_policy(value)?,
                "requestPolicy" => made.content_type = request_policy(value)?,
                "throttlePolicy" => unsupported("throttlePolicy", value)?,
                "sicklyRetryPolicy" => unsupported("sicklyRetryPolicy", value)?,
                "guaranteed" if *value == Value::Bool(false) => {}
                other => return Err(InvalidDeliveryPolicy::Unknown(other.to_owned())),
            }
        }
        Ok(made)
    }
}

/// What is in force for http and https: the subscription's policy, unless the topic overrules it, then the topic's, then
/// AWS's default. Both texts were checked when they were set.
pub fn effective(topic: Option<&str>, subscription: Option<&str>) -> DeliveryPolicy {
    let topic = topic.and_then(|text| DeliveryPolicy::of_topic(text).ok()).unwrap_or_default();
    let own = subscription.filter(|_| !topic.disable_overrides);
    let own = own.and_then(|text| DeliveryPolicy::of_subscription(text).ok()).unwrap_or_default();
    DeliveryPolicy {
        retry: own.retry.or(topic.retry).or(Some(RetryPolicy::HTTP)),
        disable_overrides: topic.disable_overrides,
        content_type: own.content_type.or(topic.content_type),
    }
}

/// The same as AWS shows it (EffectiveDeliveryPolicy). `of_topic`: in the form of a topic's policy.
pub fn shown(policy: &DeliveryPolicy, of_topic: bool) -> String {
    let retry = policy.retry.unwrap_or(RetryPolicy::HTTP);
    let content_type = policy.content_type.as_deref().unwrap_or(DEFAULT_CONTENT_TYPE);
    let retry = serde_json::json!({
        "minDelayTarget": retry.min_delay_seconds, "maxDelayTarget": retry.max_delay_seconds,
        "numRetries": retry.retries, "numMaxDelayRetries": retry.max_delay_retries,
        "numNoDelayRetries": retry.no_delay_retries, "numMinDelayRetries": retry.min_delay_retries,
        "backoffFunction": function_name(retry.backoff_function),
    });
    let request = serde_json::json!({ "headerContentType": content_type });
    let document = if of_topic {
        serde_json::json!({ "http": {
            "defaultHealthyRetryPolicy": retry, "disableSubscriptionOverrides": policy.disable_overrides,
            "defaultRequestPolicy": request,
        }})
    } else {
        serde_json::json!({ "healthyRetryPolicy": retry, "requestPolicy": request, "guaranteed": false })
    };
    document.to_string()
}

/// What http and https endpoints are told the body is, if nobody chose otherwise.
pub const DEFAULT_CONTENT_TYPE: &str = "text/plain; charset=UTF-8";

/// Media types that a requestPolicy may name (SNS developer guide, request policy).
const CONTENT_TYPES: [&str; 11] = [
    "text/plain",
    "text/html",
    "text/css",
    "text/csv",
    "text/xml",
    "text/javascript",
    "application/json",
    "application/xml",
    "application/octet-stream",
    "application/soap+xml",
    "application/x-www-form-urlencoded",
];

fn request_policy(value: &Value) -> Result<Option<String>, InvalidDeliveryPolicy> {
    let mut content_type = None;
    for (name, value) in members(value)? {
        match name {
            "headerContentType" => content_type = Some(value.as_str().ok_or(InvalidDeliveryPolicy::Form)?),
            other => return Err(InvalidDeliveryPolicy::Unknown(other.to_owned())),
        }
    }
    let served = |text: &&str| {
        let media_type = text.split(';').next().unwrap_or_default().trim();
        CONTENT_TYPES.contains(&media_type) && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
    };
    match content_type {
        Some(text) if !served(&text) => {
            Err(InvalidDeliveryPolicy::Range("headerContentType is none of the media types that SNS sends"))
        }
        other => Ok(other.map(str::to_owned)),
    }
}

fn retry_policy(value: &Value) -> Result<Option<RetryPolicy>, InvalidDeliveryPolicy> {
    if value.is_null() {
        return Ok(None);
    }
    let mut made = RetryPolicy::HTTP;
    for (name, value) in members(value)? {
        let number = || value.as_u64().ok_or(InvalidDeliveryPolicy::Form);
        let count = || number().map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        match name {
            "minDelayTarget" => made.min_delay_seconds = number()?,
            "maxDelayTarget" => made.max_delay_seconds = number()?,
            "numRetries" => made.retries = count()?,
            "numNoDelayRetries" => made.no_delay_retries = count()?,
            "numMinDelayRetries" => made.min_delay_retries = count()?,
            "numMaxDelayRetries" => made.max_delay_retries = count()?,
            "backoffFunction" => made.backoff_function = function(value)?,
            other => return Err(InvalidDeliveryPolicy::Unknown(other.to_owned())),
        }
    }
    made.checked().map(Some)
}

fn function(value: &Value) -> Result<BackoffFunction, InvalidDeliveryPolicy> {
    match value.as_str() {
        Some("linear") => Ok(BackoffFunction::Linear),
        Some("arithmetic") => Ok(BackoffFunction::Arithmetic),
        Some("geometric") => Ok(BackoffFunction::Geometric),
        Some("exponential") => Ok(BackoffFunction::Exponential),
        Some(_) | None => {
            Err(InvalidDeliveryPolicy::Range("backoffFunction must be linear, arithmetic, geometric or exponential"))
        }
    }
}

const fn function_name(function: BackoffFunction) -> &'static str {
    match function {
        BackoffFunction::Linear => "linear",
        BackoffFunction::Arithmetic => "arithmetic",
        BackoffFunction::Geometric => "geometric",
        BackoffFunction::Exponential => "exponential",
    }
}

/// What Goru does not have may be named only as absent.
fn unsupported(name: &'static str, value: &Value) -> Result<(), InvalidDeliveryPolicy> {
    if value.is_null() { Ok(()) } else { Err(InvalidDeliveryPolicy::Unsupported(name)) }
}

fn members(value: &Value) -> Result<impl Iterator<Item = (&str, &Value)>, InvalidDeliveryPolicy> {
    let object = value.as_object().ok_or(InvalidDeliveryPolicy::Form)?;
    Ok(object.iter().map(|(name, value)| (name.as_str(), value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(policy: RetryPolicy) -> Vec<u64> {
        (1..=policy.retries).map(|retry| policy.delay_before(retry).unwrap().as_secs()).collect()
    }

    #[test]
    fn the_default_of_http_is_three_retries_twenty_seconds_apart() {
        assert_eq!(delays(RetryPolicy::HTTP), [20, 20, 20]);
        assert_eq!(RetryPolicy::HTTP.delay_before(0), None);
        assert_eq!(RetryPolicy::HTTP.delay_before(4), None);
    }

    #[test]
    fn mail_is_tried_for_more_than_six_hours() {
        let delays = delays(RetryPolicy::MAIL);
        assert_eq!((delays.len(), delays[0], delays[1], delays[2], delays[11], delays[49]), (50, 10, 10, 10, 600, 600));
        assert!(delays.is_sorted());
        assert!(RetryPolicy::MAIL.total() > Duration::from_secs(6 * 3600));
    }

    #[test]
    fn phases_follow_each_other() {
        let policy = |backoff_function| RetryPolicy {
            retries: 9,
            no_delay_retries: 1,
            min_delay_retries: 1,
            max_delay_retries: 2,
            min_delay_seconds: 10,
            max_delay_seconds: 90,
            backoff_function,
        };
        for (function, expected) in [
            (BackoffFunction::Linear, [0, 10, 10, 30, 50, 70, 90, 90, 90]),
            (BackoffFunction::Arithmetic, [0, 10, 10, 18, 34, 58, 90, 90, 90]),
            (BackoffFunction::Geometric, [0, 10, 10, 17, 30, 51, 90, 90, 90]),
            (BackoffFunction::Exponential, [0, 10, 10, 15, 26, 47, 90, 90, 90]),
        ] {
            assert_eq!(delays(policy(function)), expected, "{function:?}");
        }
    }

    #[test]
    fn policies_are_checked() {
        let retry =
            |members: &str| DeliveryPolicy::of_subscription(&format!("{{\"healthyRetryPolicy\":{{{members}}}}}"));
        let read = retry(r#""numRetries":5,"minDelayTarget":1,"maxDelayTarget":60,"backoffFunction":"geometric""#);
        assert_eq!(read.unwrap().retry.unwrap().retries, 5);
        for members in [
            r#""numRetries":101"#,
            r#""minDelayTarget":0"#,
            r#""minDelayTarget":30"#,
            r#""maxDelayTarget":3601"#,
            r#""numNoDelayRetries":4"#,
            r#""numRetries":100,"maxDelayTarget":60,"minDelayTarget":60"#,
            r#""backoffFunction":"cubic""#,
            r#""numRetries":-1"#,
            r#""retries":3"#,
        ] {
            assert!(retry(members).is_err(), "{members}");
        }
        for text in ["", "[]", "3", r#"{"healthyRetryPolicy":3}"#, r#"{"other":{}}"#] {
            assert!(DeliveryPolicy::of_subscription(text).is_err(), "{text}");
        }
        let throttled = DeliveryPolicy::of_subscription(r#"{"throttlePolicy":{"maxReceivesPerSecond":5}}"#);
        assert_eq!(throttled, Err(InvalidDeliveryPolicy::Unsupported("throttlePolicy")));
    }

    #[test]
    fn the_subscription_decides_unless_the_topic_overrules_it() {
        let topic = |overrule| {
            format!(
                r#"{{"http":{{"defaultHealthyRetryPolicy":{{"numRetries":7}},"disableSubscriptionOverrides":{overrule}}}}}"#
            )
        };
        let own = r#"{"healthyRetryPolicy":{"numRetries":9},"requestPolicy":{"headerContentType":"application/json"}}"#;
        let retries = |topic: Option<&str>, own: Option<&str>| effective(topic, own).retry.unwrap().retries;
        assert_eq!(retries(None, None), 3);
        assert_eq!(retries(Some(&topic(false)), None), 7);
        assert_eq!(retries(Some(&topic(false)), Some(own)), 9);
        assert_eq!(retries(Some(&topic(true)), Some(own)), 7);
        assert_eq!(effective(None, Some(own)).content_type.as_deref(), Some("application/json"));
        let shown_again = DeliveryPolicy::of_topic(&shown(&effective(Some(&topic(true)), None), true)).unwrap();
        assert_eq!((shown_again.retry.unwrap().retries, shown_again.disable_overrides), (7, true));
    }
}
