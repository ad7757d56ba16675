//! Attributes of load balancers, target groups and listeners: keys, defaults, ranges, and what is not offered yet.
//!
//! Sources: ELB user guides and the ELBv2 API reference. Keys that begin with `goru.` are Goru's own.

use super::load_balancer::Scheme;
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
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Only the default: what other values ask for is not offered; the text says what it is.
    DefaultOnly(&'static str),
}

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

const fn fixed(key: &'static str, default: &'static str, what: &'static str) -> Attribute {
    Attribute { key, default, rule: Rule::DefaultOnly(what) }
}

/// The attributes of an Application Load Balancer.
pub const LOAD_BALANCER: &[Attribute] = &[
    fixed("access_logs.s3.enabled", "false", "delivery of access logs to a bucket"),
    fixed("access_logs.s3.bucket", "", "delivery of access logs to a bucket"),
    fixed("access_logs.s3.prefix", "", "delivery of access logs to a bucket"),
    integer("client_keep_alive.seconds", "3600", 60, 604_800),
    fixed("connection_logs.s3.enabled", "false", "delivery of connection logs to a bucket"),
    fixed("connection_logs.s3.bucket", "", "delivery of connection logs to a bucket"),
    fixed("connection_logs.s3.prefix", "", "delivery of connection logs to a bucket"),
    boolean("deletion_protection.enabled", "false"),
    fixed("health_check_logs.s3.enabled", "false", "delivery of health check logs to a bucket"),
    fixed("health_check_logs.s3.bucket", "", "delivery of health check logs to a bucket"),
    fixed("health_check_logs.s3.prefix", "", "delivery of health check logs to a bucket"),
    integer("idle_timeout.timeout_seconds", "60", 1, 4000),
    fixed("ipv6.deny_all_igw_traffic", "false", "blocking of IPv6 traffic at the internet gateway"),
    fixed(
        "load_balancing.cross_zone.enabled",
        "true",
        "switching cross-zone load balancing off for an Application Load Balancer",
    ),
    fixed("routing.http.desync_mitigation_mode", "defensive", "another desync mitigation mode"),
    boolean("routing.http.drop_invalid_header_fields.enabled", "false"),
    boolean("routing.http.preserve_host_header.enabled", "false"),
    fixed(
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
        "false",
        "TLS headers (there are no TLS listeners)",
    ),
    boolean("routing.http.xff_client_port.enabled", "false"),
    Attribute {
        key: "routing.http.xff_header_processing.mode",
        default: "append",
        rule: Rule::OneOf(&["append", "preserve", "remove"]),
    },
    fixed("routing.http2.enabled", "true", "switching HTTP/2 off (it needs a TLS listener)"),
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

/// The attributes of an HTTP target group.
pub const TARGET_GROUP: &[Attribute] = &[
    integer("deregistration_delay.timeout_seconds", "300", 0, 3600),
    boolean("goru.retry.enabled", "true"),
    fixed("load_balancing.algorithm.anomaly_mitigation", "off", "anomaly mitigation"),
    fixed("load_balancing.algorithm.type", "round_robin", "another algorithm than round robin"),
    fixed(
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        "another cross-zone setting of a target group",
    ),
    fixed("slow_start.duration_seconds", "0", "slow start"),
    fixed("stickiness.app_cookie.cookie_name", "", "stickiness"),
    fixed("stickiness.app_cookie.duration_seconds", "86400", "stickiness"),
    fixed("stickiness.enabled", "false", "stickiness"),
    fixed("stickiness.lb_cookie.duration_seconds", "86400", "stickiness"),
    fixed("stickiness.type", "lb_cookie", "stickiness"),
    fixed("target_group_health.dns_failover.minimum_healthy_targets.count", "1", "target group health thresholds"),
    fixed(
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        "off",
        "target group health thresholds",
    ),
    fixed(
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        "1",
        "target group health thresholds",
    ),
    fixed(
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        "off",
        "target group health thresholds",
    ),
];

/// The attributes of an HTTP listener.
pub const LISTENER: &[Attribute] = &[
    fixed("routing.http.response.access_control_allow_credentials.header_value", "", "adding response headers"),
    fixed("routing.http.response.access_control_allow_headers.header_value", "", "adding response headers"),
    fixed("routing.http.response.access_control_allow_methods.header_value", "", "adding response headers"),
    fixed("routing.http.response.access_control_allow_origin.header_value", "", "adding response headers"),
    fixed("routing.http.response.access_control_expose_headers.header_value", "", "adding response headers"),
    fixed("routing.http.response.access_control_max_age.header_value", "", "adding response headers"),
    fixed("routing.http.response.content_security_policy.header_value", "", "adding response headers"),
    boolean("routing.http.response.server.enabled", "true"),
    fixed("routing.http.response.strict_transport_security.header_value", "", "adding response headers"),
    fixed("routing.http.response.x_content_type_options.header_value", "", "adding response headers"),
    fixed("routing.http.response.x_frame_options.header_value", "", "adding response headers"),
];

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
            Rule::Integer(least, most) => {
                let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
                let number = value.parse::<i64>().ok().filter(|n| digits && (least..=most).contains(n));
                number.map(|_| ()).ok_or_else(|| wrong(format!("expected a whole number from {least} to {most}")))
            }
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
        assert!(matches!(set(TARGET_GROUP, "stickiness.enabled", "true"), Err(InvalidAttribute::NotSupported { .. })));
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
}
