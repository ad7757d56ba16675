//! Attributes of load balancers, target groups and listeners: keys, defaults, ranges, what goes together, and what is not
//! offered.
//!
//! Sources: ELB user guides and the ELBv2 API reference. Keys that begin with `goru.` are Goru's own. What a key does is in
//! [`super::plan`], which reads them all.

use super::{listener::ListenerProtocol, load_balancer::Scheme};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::LazyLock};

/// What differs from the defaults, by key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(pub BTreeMap<String, String>);

/// One attribute.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// The key.
    pub key: &'static str,
    /// The value when nothing was set.
    pub default: &'static str,
    /// What may be set.
    pub rule: Rule,
}

/// What an attribute may be set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `true` or `false`.
    Boolean,
    /// A whole number in this range, inclusive.
    Integer(i64, i64),
    /// 0, or a whole number in this range, inclusive.
    ZeroOr(i64, i64),
    /// `off`, or a whole number in this range, inclusive.
    OffOr(i64, i64),
    /// One of these.
    OneOf(&'static [&'static str]),
    /// A text of this kind, or the empty one.
    Text(Text),
    /// Only the default: what other values ask for is not offered; the text says what it is.
    DefaultOnly(&'static str),
}

/// Kinds of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// The name of a bucket of S3.
    Bucket,
    /// What keys of a bucket begin with, without slashes around it.
    Prefix,
    /// The name of an application's cookie.
    CookieName,
    /// The name of a header field.
    HeaderName,
    /// The value of a header field.
    HeaderValue,
    /// A page.
    Page,
}

/// The longest page, in bytes.
pub const MAXIMUM_PAGE: usize = 64 * 1024;
/// The longest prefix, header value and cookie name, in characters.
const MAXIMUM_TEXT: usize = 1024;
/// The longest name of a header field, in characters.
const MAXIMUM_HEADER_NAME: usize = 40;
/// What no application's cookie may begin with: the load balancer's own do.
const RESERVED_COOKIES: &str = "AWSALB";
/// Header fields that the load balancer or the protocol has a use for.
const RESERVED_HEADERS: [&str; 16] = [
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-amzn-trace-id",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
];

/// Why an attribute is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAttribute {
    /// No such key for this kind of resource.
    #[error("attribute key `{0}` is not valid for this type of resource")]
    UnknownKey(String),
    /// A key twice in one request.
    #[error("attribute key `{0}` is given more than once")]
    Duplicate(String),
    /// A value outside the rule.
    #[error("value `{value}` of attribute `{key}` is not valid: {expected}")]
    Value {
        /// The attribute.
        key: &'static str,
        /// What was given, shortened.
        value: String,
        /// What may be given.
        expected: String,
    },
    /// Values that do not go together.
    #[error("{0}")]
    Combination(String),
    /// A value that AWS knows and Goru does not offer.
    #[error("attribute `{key}` cannot be changed from `{default}`: {what} is not supported")]
    NotSupported {
        /// The attribute.
        key: &'static str,
        /// Its only value.
        default: &'static str,
        /// What is missing.
        what: &'static str,
    },
}

const fn boolean(key: &'static str, default: &'static str) -> Attribute {
    Attribute { key, default, rule: Rule::Boolean }
}

const fn integer(key: &'static str, default: &'static str, least: i64, most: i64) -> Attribute {
    Attribute { key, default, rule: Rule::Integer(least, most) }
}

const fn zero_or(key: &'static str, default: &'static str, least: i64, most: i64) -> Attribute {
    Attribute { key, default, rule: Rule::ZeroOr(least, most) }
}

const fn off_or(key: &'static str, default: &'static str, least: i64, most: i64) -> Attribute {
    Attribute { key, default, rule: Rule::OffOr(least, most) }
}

const fn one_of(key: &'static str, default: &'static str, values: &'static [&'static str]) -> Attribute {
    Attribute { key, default, rule: Rule::OneOf(values) }
}

const fn text(key: &'static str, kind: Text) -> Attribute {
    Attribute { key, default: "", rule: Rule::Text(kind) }
}

const fn fixed(key: &'static str, default: &'static str, what: &'static str) -> Attribute {
    Attribute { key, default, rule: Rule::DefaultOnly(what) }
}

/// The logs that a load balancer can write into buckets, by the begin of their keys.
pub const LOGS: [&str; 3] = ["access_logs", "connection_logs", "health_check_logs"];

/// The attributes of an Application Load Balancer.
pub const LOAD_BALANCER: &[Attribute] = &[
    boolean("access_logs.s3.enabled", "false"),
    text("access_logs.s3.bucket", Text::Bucket),
    text("access_logs.s3.prefix", Text::Prefix),
    integer("client_keep_alive.seconds", "3600", 60, 604_800),
    boolean("connection_logs.s3.enabled", "false"),
    text("connection_logs.s3.bucket", Text::Bucket),
    text("connection_logs.s3.prefix", Text::Prefix),
    boolean("deletion_protection.enabled", "false"),
    boolean("health_check_logs.s3.enabled", "false"),
    text("health_check_logs.s3.bucket", Text::Bucket),
    text("health_check_logs.s3.prefix", Text::Prefix),
    integer("idle_timeout.timeout_seconds", "60", 1, 4000),
    fixed("ipv6.deny_all_igw_traffic", "false", "blocking of IPv6 traffic at the internet gateway"),
    fixed(
        "load_balancing.cross_zone.enabled",
        "true",
        "switching cross-zone load balancing off for an Application Load Balancer (a target group's own can be)",
    ),
    one_of("routing.http.desync_mitigation_mode", "defensive", &["monitor", "defensive", "strictest"]),
    boolean("routing.http.drop_invalid_header_fields.enabled", "false"),
    boolean("routing.http.preserve_host_header.enabled", "false"),
    boolean("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"),
    boolean("routing.http.xff_client_port.enabled", "false"),
    one_of("routing.http.xff_header_processing.mode", "append", &["append", "preserve", "remove"]),
    boolean("routing.http2.enabled", "true"),
    fixed("waf.fail_open.enabled", "false", "WAF"),
    fixed("zonal_shift.config.enabled", "false", "zonal shift"),
];

/// The attributes of a load balancer of this scheme: one default differs.
pub fn of_load_balancer(scheme: Scheme) -> &'static [Attribute] {
    static INTERNAL: LazyLock<Vec<Attribute>> = LazyLock::new(|| {
        let internal = |attribute: &Attribute| match attribute.key {
            "ipv6.deny_all_igw_traffic" => Attribute { default: "true", ..*attribute },
            _ => *attribute,
        };
        LOAD_BALANCER.iter().map(internal).collect()
    });
    match scheme {
        Scheme::InternetFacing => LOAD_BALANCER,
        Scheme::Internal => &INTERNAL,
    }
}

/// The most targets that a threshold can ask for: as many as a group can have.
const MAXIMUM_HEALTHY: i64 = 1000;
/// The longest stickiness, in seconds: seven days.
const MAXIMUM_STICKINESS: i64 = 604_800;

/// The attributes of a target group for HTTP.
pub const TARGET_GROUP: &[Attribute] = &[
    integer("deregistration_delay.timeout_seconds", "300", 0, 3600),
    // For how many seconds a request waits for a target while none is healthy; 0: it does not wait.
    integer("goru.hold.timeout_seconds", "0", 0, 300),
    // Whether clients get a page of the owner's while no target is healthy, instead of targets that are not.
    boolean("goru.maintenance.enabled", "false"),
    text("goru.maintenance.body", Text::Page),
    Attribute {
        key: "goru.maintenance.content_type",
        default: "text/html; charset=utf-8",
        rule: Rule::Text(Text::HeaderValue),
    },
    // In how many seconds clients may ask again; 0: they are not told.
    integer("goru.maintenance.retry_after_seconds", "30", 0, 86_400),
    // Whether a request that met a dead connection is tried on another target, where that is safe.
    boolean("goru.retry.enabled", "true"),
    one_of("load_balancing.algorithm.anomaly_mitigation", "off", &["off", "on"]),
    one_of(
        "load_balancing.algorithm.type",
        "round_robin",
        &["round_robin", "least_outstanding_requests", "weighted_random"],
    ),
    one_of(
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        &["use_load_balancer_configuration", "true", "false"],
    ),
    zero_or("slow_start.duration_seconds", "0", 30, 900),
    text("stickiness.app_cookie.cookie_name", Text::CookieName),
    integer("stickiness.app_cookie.duration_seconds", "86400", 1, MAXIMUM_STICKINESS),
    boolean("stickiness.enabled", "false"),
    integer("stickiness.lb_cookie.duration_seconds", "86400", 1, MAXIMUM_STICKINESS),
    one_of("stickiness.type", "lb_cookie", &["lb_cookie", "app_cookie"]),
    off_or("target_group_health.dns_failover.minimum_healthy_targets.count", "1", 1, MAXIMUM_HEALTHY),
    off_or("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off", 1, 100),
    integer("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1", 1, MAXIMUM_HEALTHY),
    off_or("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off", 1, 100),
];

/// The attributes of an HTTPS listener; an HTTP listener has those that are about answers ([`of_listener`]).
pub const LISTENER: &[Attribute] = &[
    text("routing.http.request.x_amzn_mtls_clientcert.header_name", Text::HeaderName),
    text("routing.http.request.x_amzn_mtls_clientcert_issuer.header_name", Text::HeaderName),
    text("routing.http.request.x_amzn_mtls_clientcert_leaf.header_name", Text::HeaderName),
    text("routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name", Text::HeaderName),
    text("routing.http.request.x_amzn_mtls_clientcert_subject.header_name", Text::HeaderName),
    text("routing.http.request.x_amzn_mtls_clientcert_validity.header_name", Text::HeaderName),
    text("routing.http.request.x_amzn_tls_cipher_suite.header_name", Text::HeaderName),
    text("routing.http.request.x_amzn_tls_version.header_name", Text::HeaderName),
    text("routing.http.response.access_control_allow_credentials.header_value", Text::HeaderValue),
    text("routing.http.response.access_control_allow_headers.header_value", Text::HeaderValue),
    text("routing.http.response.access_control_allow_methods.header_value", Text::HeaderValue),
    text("routing.http.response.access_control_allow_origin.header_value", Text::HeaderValue),
    text("routing.http.response.access_control_expose_headers.header_value", Text::HeaderValue),
    text("routing.http.response.access_control_max_age.header_value", Text::HeaderValue),
    text("routing.http.response.content_security_policy.header_value", Text::HeaderValue),
    boolean("routing.http.response.server.enabled", "true"),
    text("routing.http.response.strict_transport_security.header_value", Text::HeaderValue),
    text("routing.http.response.x_content_type_options.header_value", Text::HeaderValue),
    text("routing.http.response.x_frame_options.header_value", Text::HeaderValue),
];

/// What the keys of attributes that rename header fields about TLS begin with.
const RENAMES: &str = "routing.http.request.";

/// The attributes of a listener of this protocol: where there is no TLS, there are no header fields about it.
pub fn of_listener(protocol: ListenerProtocol) -> &'static [Attribute] {
    static PLAIN: LazyLock<Vec<Attribute>> =
        LazyLock::new(|| LISTENER.iter().filter(|attribute| !attribute.key.starts_with(RENAMES)).copied().collect());
    match protocol {
        ListenerProtocol::Http => &PLAIN,
        ListenerProtocol::Https => LISTENER,
    }
}

impl Attributes {
    /// These attributes with the changes of one request applied, all or none.
    pub fn modified(
        &self,
        table: &'static [Attribute],
        changes: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, InvalidAttribute> {
        let mut seen = std::collections::BTreeSet::new();
        let mut values = self.0.clone();
        for (key, value) in changes {
            let attribute = table
                .iter()
                .find(|a| a.key == key)
                .ok_or_else(|| InvalidAttribute::UnknownKey(key.chars().take(200).collect()))?;
            if !seen.insert(attribute.key) {
                return Err(InvalidAttribute::Duplicate(key));
            }
            attribute.check(&value)?;
            if value == attribute.default {
                values.remove(attribute.key)
            } else {
                values.insert(key, value)
            };
        }
        Ok(Self(values))
    }

    /// These attributes without those that a table does not have.
    pub fn within(&self, table: &'static [Attribute]) -> Self {
        let known = |key: &str| table.iter().any(|attribute| attribute.key == key);
        Self(self.0.iter().filter(|(key, _)| known(key)).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    /// Whether values of a load balancer go together.
    ///
    /// # Errors
    /// [`InvalidAttribute::Combination`].
    pub fn check_load_balancer(&self) -> Result<(), InvalidAttribute> {
        for log in LOGS {
            let (enabled, bucket) = (format!("{log}.s3.enabled"), format!("{log}.s3.bucket"));
            if self.enabled(LOAD_BALANCER, &enabled) && self.get(LOAD_BALANCER, &bucket).is_empty() {
                return Err(combination(format!("attribute `{enabled}` needs `{bucket}`: where the logs go")));
            }
        }
        Ok(())
    }

    /// Whether values of a target group go together.
    ///
    /// # Errors
    /// [`InvalidAttribute::Combination`].
    pub fn check_target_group(&self) -> Result<(), InvalidAttribute> {
        let get = |key| self.get(TARGET_GROUP, key);
        let algorithm = get("load_balancing.algorithm.type");
        if get("load_balancing.algorithm.anomaly_mitigation") == "on" && algorithm != "weighted_random" {
            let message = "anomaly mitigation goes with the algorithm `weighted_random` only";
            return Err(combination(message.to_owned()));
        }
        if get("slow_start.duration_seconds") != "0" && algorithm != "round_robin" {
            let message = format!("slow start goes with the algorithm `round_robin` only, not with `{algorithm}`");
            return Err(combination(message));
        }
        if self.enabled(TARGET_GROUP, "stickiness.enabled") {
            if get("stickiness.type") == "app_cookie" && get("stickiness.app_cookie.cookie_name").is_empty() {
                let message = "stickiness of type `app_cookie` needs `stickiness.app_cookie.cookie_name`";
                return Err(combination(message.to_owned()));
            }
            if get("load_balancing.cross_zone.enabled") == "false" {
                let message = "stickiness needs cross-zone load balancing, which is off for the target group";
                return Err(combination(message.to_owned()));
            }
        }
        ["count", "percentage"].into_iter().try_for_each(|what| self.check_thresholds(what))
    }

    /// A zone must leave DNS no later than its node gives up on health.
    fn check_thresholds(&self, what: &str) -> Result<(), InvalidAttribute> {
        let threshold = |which: &str| {
            let key = format!("target_group_health.{which}.minimum_healthy_targets.{what}");
            self.get(TARGET_GROUP, &key).parse::<u32>().ok()
        };
        match (threshold("dns_failover"), threshold("unhealthy_state_routing")) {
            (Some(dns), Some(routing)) if dns < routing => Err(combination(format!(
                "the {what} of healthy targets for DNS failover ({dns}) must not be below that for routing ({routing})"
            ))),
            (Some(_) | None, Some(_) | None) => Ok(()),
        }
    }

    /// Whether values of a listener go together.
    ///
    /// # Errors
    /// [`InvalidAttribute::Combination`].
    pub fn check_listener(&self) -> Result<(), InvalidAttribute> {
        let mut names = BTreeMap::new();
        let renamed = self.0.iter().filter(|(key, _)| key.starts_with(RENAMES));
        for (key, name) in renamed {
            if let Some(other) = names.insert(name.to_ascii_lowercase(), key) {
                return Err(combination(format!(
                    "attributes `{other}` and `{key}` give one name to two header fields"
                )));
            }
        }
        Ok(())
    }

    /// Every attribute of the table with its value.
    pub fn all<'a>(&'a self, table: &'static [Attribute]) -> impl Iterator<Item = (&'static str, &'a str)> {
        table
            .iter()
            .map(|attribute| (attribute.key, self.0.get(attribute.key).map_or(attribute.default, String::as_str)))
    }

    /// One value; empty for a key that the table does not have.
    pub fn get(&self, table: &'static [Attribute], key: &str) -> &str {
        self.all(table).find(|(k, _)| *k == key).map_or("", |(_, value)| value)
    }

    /// A boolean attribute.
    pub fn enabled(&self, table: &'static [Attribute], key: &str) -> bool {
        self.get(table, key) == "true"
    }

    /// A whole-number attribute; 0 if it is not one.
    pub fn number(&self, table: &'static [Attribute], key: &str) -> u64 {
        self.get(table, key).parse().unwrap_or(0)
    }
}

fn combination(message: String) -> InvalidAttribute {
    InvalidAttribute::Combination(message)
}

/// A whole number without sign or blanks, in a range.
fn is_number(value: &str, least: i64, most: i64) -> bool {
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    digits && value.parse::<i64>().is_ok_and(|n| (least..=most).contains(&n))
}

impl Text {
    /// What a text of this kind is, for sentences.
    const fn expected(self) -> &'static str {
        match self {
            Self::Bucket => "the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens",
            Self::Prefix => {
                "a prefix of at most 1024 letters, digits and !_.*'()/-, without slashes around it and AWSLogs in it"
            }
            Self::CookieName => "the name of a cookie, which must not begin with AWSALB",
            Self::HeaderName => {
                "the name of a header field: at most 40 letters, digits, - and _, and not one that has a use"
            }
            Self::HeaderValue => "at most 1024 visible ASCII characters and spaces",
            Self::Page => "at most 65536 bytes without control characters other than line ends and tabs",
        }
    }

    fn is_met(self, value: &str) -> bool {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        match self {
            Self::Bucket => {
                let ends = value.bytes().next().is_some_and(plain) && value.bytes().last().is_some_and(plain);
                (3..=63).contains(&value.len()) && ends && value.bytes().all(|b| plain(b) || matches!(b, b'.' | b'-'))
            }
            Self::Prefix => {
                let known = |byte: u8| byte.is_ascii_alphanumeric() || b"!_.*'()/-".contains(&byte);
                let names = || value.split('/').all(|name| !matches!(name, "" | "." | ".."));
                value.len() <= MAXIMUM_TEXT && value.bytes().all(known) && names() && !value.contains("AWSLogs")
            }
            Self::CookieName => {
                let known = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
                value.len() <= MAXIMUM_TEXT && value.bytes().all(known) && !value.starts_with(RESERVED_COOKIES)
            }
            Self::HeaderName => {
                let is_reserved = RESERVED_HEADERS.iter().any(|name| name.eq_ignore_ascii_case(value));
                value.len() <= MAXIMUM_HEADER_NAME && value.bytes().all(token) && !is_reserved
            }
            Self::HeaderValue => {
                let visible = value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
                value.len() <= MAXIMUM_TEXT && visible && value.trim() == value
            }
            Self::Page => {
                let is_shown = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
                value.len() <= MAXIMUM_PAGE && value.chars().all(is_shown)
            }
        }
    }
}

impl Attribute {
    fn check(&self, value: &str) -> Result<(), InvalidAttribute> {
        let wrong = |expected: String| InvalidAttribute::Value {
            key: self.key,
            value: value.chars().take(100).collect(),
            expected,
        };
        match self.rule {
            Rule::Boolean if matches!(value, "true" | "false") => Ok(()),
            Rule::Boolean => Err(wrong("expected true or false".to_owned())),
            Rule::Integer(least, most) if is_number(value, least, most) => Ok(()),
            Rule::Integer(least, most) => Err(wrong(format!("expected a whole number from {least} to {most}"))),
            Rule::ZeroOr(least, most) if value == "0" || is_number(value, least, most) => Ok(()),
            Rule::ZeroOr(least, most) => Err(wrong(format!("expected 0 or a whole number from {least} to {most}"))),
            Rule::OffOr(least, most) if value == "off" || is_number(value, least, most) => Ok(()),
            Rule::OffOr(least, most) => Err(wrong(format!("expected off or a whole number from {least} to {most}"))),
            // The empty text means "not set", where that is what holds when nothing was set.
            Rule::Text(_) if value.is_empty() && self.default.is_empty() => Ok(()),
            Rule::Text(kind) if !value.is_empty() && kind.is_met(value) => Ok(()),
            Rule::Text(kind) => Err(wrong(format!("expected {}", kind.expected()))),
            Rule::OneOf(values) if values.contains(&value) => Ok(()),
            Rule::OneOf(values) => Err(wrong(format!("expected one of {}", values.join(", ")))),
            Rule::DefaultOnly(_) if value == self.default => Ok(()),
            Rule::DefaultOnly(what) => {
                Err(InvalidAttribute::NotSupported { key: self.key, default: self.default, what })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(table: &'static [Attribute], key: &str, value: &str) -> Result<Attributes, InvalidAttribute> {
        Attributes::default().modified(table, [(key.to_owned(), value.to_owned())])
    }

    #[test]
    fn every_default_is_accepted_and_leaves_nothing_behind() {
        for table in [LOAD_BALANCER, TARGET_GROUP, LISTENER] {
            for attribute in table {
                assert_eq!(
                    set(table, attribute.key, attribute.default),
                    Ok(Attributes::default()),
                    "{}",
                    attribute.key
                );
            }
        }
    }

    #[test]
    fn values_outside_the_rule_are_refused() {
        for value in ["", "0", "4001", "-1", "+5", " 5", "5.0", "1e3", "٥", "99999999999999999999"] {
            assert!(
                matches!(
                    set(LOAD_BALANCER, "idle_timeout.timeout_seconds", value),
                    Err(InvalidAttribute::Value { .. })
                ),
                "{value}"
            );
        }
        for value in ["TRUE", "1", "yes", ""] {
            assert!(set(LOAD_BALANCER, "deletion_protection.enabled", value).is_err(), "{value}");
        }
        assert!(matches!(
            set(LOAD_BALANCER, "waf.fail_open.enabled", "true"),
            Err(InvalidAttribute::NotSupported { .. })
        ));
        assert!(matches!(
            set(TARGET_GROUP, "idle_timeout.timeout_seconds", "60"),
            Err(InvalidAttribute::UnknownKey(_))
        ));
    }

    #[test]
    fn internal_load_balancers_keep_ipv6_from_the_internet() {
        let key = "ipv6.deny_all_igw_traffic";
        let shown = |scheme| Attributes::default().get(of_load_balancer(scheme), key).to_owned();
        assert_eq!((shown(Scheme::InternetFacing), shown(Scheme::Internal)), ("false".into(), "true".into()));
        assert_eq!(of_load_balancer(Scheme::Internal).len(), LOAD_BALANCER.len());
        assert_eq!(set(of_load_balancer(Scheme::Internal), key, "true"), Ok(Attributes::default()));
        assert!(set(LOAD_BALANCER, key, "true").is_err());
    }

    #[test]
    fn a_set_value_is_read_back() {
        let attributes = set(TARGET_GROUP, "deregistration_delay.timeout_seconds", "7").unwrap();
        assert_eq!(attributes.number(TARGET_GROUP, "deregistration_delay.timeout_seconds"), 7);
        assert!(attributes.enabled(TARGET_GROUP, "goru.retry.enabled"));
    }

    #[test]
    fn texts_are_of_their_kind() {
        let (long, page) = ("a".repeat(1025), "x".repeat(65_536));
        let table: [(Text, &[&str], &[&str]); 6] = [
            (
                Text::Bucket,
                &["abc", "my.logs-2026"],
                &["ab", "Logs", "-abc", "abc.", "a/b", "..", "a b c", "한국어", &"a".repeat(64)],
            ),
            (
                Text::Prefix,
                &["web", "logs/web/2026", "a!_.*'()-"],
                &["/web", "web/", "a//b", "a/../b", ".", "AWSLogs", "web/AWSLogs/x", "a b", "가", &long],
            ),
            (
                Text::CookieName,
                &["JSESSIONID", "connect.sid", "MYAWSALB"],
                &["AWSALB", "AWSALBAPP-0", "AWSALBTG", "AWSALBX", "a b", "a=b", "a;b", "가", &long],
            ),
            (
                Text::HeaderName,
                &["X-Client-Cert", "x_issuer", &"a".repeat(40)],
                &["Host", "host", "Content-Length", "X-Forwarded-For", "a b", "a:b", "a\r\nb", &"a".repeat(41)],
            ),
            (
                Text::HeaderValue,
                &["max-age=31536000; includeSubDomains", "https://example.com", &long[1..]],
                &["a\r\nSet-Cookie: x", "\0", "가", " a", "a ", &long],
            ),
            (Text::Page, &["<h1>점검 중</h1>\r\n\t", &page], &["\0", "\u{1b}", &format!("{page}x")]),
        ];
        for (kind, good, bad) in table {
            good.iter().for_each(|value| assert!(kind.is_met(value), "{kind:?} {value:.50}"));
            bad.iter().for_each(|value| assert!(!kind.is_met(value), "{kind:?} {value:.50?}"));
        }
    }

    #[test]
    fn numbers_may_be_off_or_zero_where_that_means_something() {
        let (slow, dns) =
            ("slow_start.duration_seconds", "target_group_health.dns_failover.minimum_healthy_targets.count");
        let routing = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count";
        for (key, good, bad) in [
            (slow, &["0", "30", "900"][..], &["", "1", "29", "901", "00x", "-30", "off"][..]),
            (dns, &["off", "1", "1000"], &["0", "1001", "Off", "", "50%"]),
            (routing, &["1", "1000"], &["0", "off", "1001"]),
            ("goru.hold.timeout_seconds", &["0", "300"], &["301", "-1"]),
            ("goru.maintenance.retry_after_seconds", &["0", "86400"], &["86401"]),
            ("stickiness.lb_cookie.duration_seconds", &["1", "604800"], &["0", "604801"]),
        ] {
            good.iter().for_each(|value| assert!(set(TARGET_GROUP, key, value).is_ok(), "{key} {value}"));
            bad.iter().for_each(|value| assert!(set(TARGET_GROUP, key, value).is_err(), "{key} {value}"));
        }
    }

    fn with(table: &'static [Attribute], pairs: &[(&str, &str)]) -> Attributes {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Attributes::default().modified(table, pairs).unwrap()
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let (kind, slow) = ("load_balancing.algorithm.type", "slow_start.duration_seconds");
        let anomaly = "load_balancing.algorithm.anomaly_mitigation";
        let (sticky, of, name) = ("stickiness.enabled", "stickiness.type", "stickiness.app_cookie.cookie_name");
        let dns = "target_group_health.dns_failover.minimum_healthy_targets";
        let routing = "target_group_health.unhealthy_state_routing.minimum_healthy_targets";
        let [dns_count, dns_share] = ["count", "percentage"].map(|what| format!("{dns}.{what}"));
        let [routing_count, routing_share] = ["count", "percentage"].map(|what| format!("{routing}.{what}"));
        let table: &[(&[(&str, &str)], bool)] = &[
            (&[], true),
            (&[(anomaly, "on")], false),
            (&[(anomaly, "on"), (kind, "weighted_random")], true),
            (&[(anomaly, "on"), (kind, "least_outstanding_requests")], false),
            (&[(slow, "30")], true),
            (&[(slow, "30"), (kind, "weighted_random")], false),
            (&[(slow, "30"), (kind, "least_outstanding_requests")], false),
            (&[(sticky, "true")], true),
            (&[(of, "app_cookie")], true),
            (&[(sticky, "true"), (of, "app_cookie")], false),
            (&[(sticky, "true"), (of, "app_cookie"), (name, "sid")], true),
            (&[(sticky, "true"), ("load_balancing.cross_zone.enabled", "false")], false),
            (&[("load_balancing.cross_zone.enabled", "false")], true),
            (&[(&routing_count, "2")], false),
            (&[(&routing_count, "2"), (&dns_count, "2")], true),
            (&[(&routing_count, "2"), (&dns_count, "off")], true),
            (&[(&routing_share, "50")], true),
            (&[(&routing_share, "50"), (&dns_share, "49")], false),
            (&[(&routing_share, "50"), (&dns_share, "50")], true),
        ];
        for (pairs, is_fine) in table {
            assert_eq!(with(TARGET_GROUP, pairs).check_target_group().is_ok(), *is_fine, "{pairs:?}");
        }
        for log in LOGS {
            let (enabled, bucket) = (format!("{log}.s3.enabled"), format!("{log}.s3.bucket"));
            assert!(with(LOAD_BALANCER, &[(&enabled, "true")]).check_load_balancer().is_err());
            assert!(with(LOAD_BALANCER, &[(&enabled, "true"), (&bucket, "logs")]).check_load_balancer().is_ok());
        }
        let rename = |key: &str| format!("routing.http.request.{key}.header_name");
        let (issuer, leaf) = (rename("x_amzn_mtls_clientcert_issuer"), rename("x_amzn_mtls_clientcert_leaf"));
        assert!(with(LISTENER, &[(&issuer, "X-A"), (&leaf, "x-a")]).check_listener().is_err());
        assert!(with(LISTENER, &[(&issuer, "X-A"), (&leaf, "X-B")]).check_listener().is_ok());
    }

    #[test]
    fn header_fields_about_tls_belong_to_https_listeners() {
        assert!(set(TARGET_GROUP, "goru.maintenance.content_type", "").is_err());
        let key = "routing.http.request.x_amzn_tls_version.header_name";
        assert!(set(of_listener(ListenerProtocol::Https), key, "X-Tls").is_ok());
        assert!(matches!(set(of_listener(ListenerProtocol::Http), key, "X-Tls"), Err(InvalidAttribute::UnknownKey(_))));
        let both = with(LISTENER, &[(key, "X-Tls"), ("routing.http.response.server.enabled", "false")]);
        assert_eq!(both.within(of_listener(ListenerProtocol::Http)).0.len(), 1);
    }
}
