//! What becomes of a request that a rule matches: forwarded, redirected or answered.
//!
//! Source: ELB user guide, "Action types for listener rules". Authentication, which may stand before these on AWS, is refused
//! until it exists.

use super::{listener::ListenerProtocol, plan::stickiness, stickiness::Stickiness, target_group::TargetGroup};
use crate::Arn;
use serde::{Deserialize, Serialize};

/// The most target groups of one forward action (ELB quotas).
pub const MAXIMUM_TARGET_GROUPS: usize = 5;
/// The largest weight of a target group; 0 means that it gets nothing.
pub const MAXIMUM_WEIGHT: u16 = 999;
/// The longest time for which requests of a client stay with one target group, in seconds: seven days.
pub const MAXIMUM_STICKINESS_SECONDS: u32 = 604_800;
/// The longest body of a fixed response, in characters.
pub const MAXIMUM_BODY: usize = 1024;
/// What a fixed response may say that its body is.
pub const CONTENT_TYPES: [&str; 5] =
    ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];
/// The longest host, path or query of a redirect, in characters.
pub const MAXIMUM_REDIRECT_PART: usize = 128;

/// What becomes of a request: the one action of a rule that ends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It goes to a target of one of these groups.
    Forward(Forward),
    /// The client is sent elsewhere.
    Redirect(Redirect),
    /// The load balancer answers.
    FixedResponse(FixedResponse),
}

/// Where requests are forwarded to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forward {
    /// One to [`MAXIMUM_TARGET_GROUPS`], each at most once.
    pub target_groups: Vec<WeightedTargetGroup>,
    /// For how many seconds a client stays with the group that it was sent to first, 1 to
    /// [`MAXIMUM_STICKINESS_SECONDS`]; `None`: each request may go to another group.
    pub stickiness_seconds: Option<u32>,
}

/// A target group and its share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeightedTargetGroup {
    /// The group.
    pub arn: Arn,
    /// 0 to [`MAXIMUM_WEIGHT`]; default 1.
    pub weight: u16,
}

/// Where clients are redirected to. The texts may hold the placeholders `#{protocol}`, `#{host}`, `#{port}`, `#{path}`
/// (without its leading slash) and `#{query}`, which stand for the parts of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// 301 or 302.
    pub status: RedirectStatus,
    /// `HTTP`, `HTTPS` or `#{protocol}`, the default.
    pub protocol: String,
    /// Default `#{host}`.
    pub host: String,
    /// A number from 1 to 65535, or `#{port}`, the default.
    pub port: String,
    /// Begins with `/`; default `/#{path}`.
    pub path: String,
    /// Without the question mark; default `#{query}`.
    pub query: String,
}

/// How a redirect is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RedirectStatus {
    /// 301: for good.
    Permanent,
    /// 302: for now.
    Temporary,
}

/// An answer of the load balancer's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixedResponse {
    /// 200 to 299 or 400 to 599.
    pub status: u16,
    /// One of `text/plain`, `text/css`, `text/html`, `application/javascript`, `application/json`; none: not said.
    pub content_type: Option<String>,
    /// At most [`MAXIMUM_BODY`] characters.
    pub body: String,
}

/// What a caller wrote about an action that changes nothing, and reads again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionForm {
    /// `Order`, 1 to 50,000; shown as 1 when it was not given.
    pub order: Option<u16>,
    /// `DurationSeconds` of a stickiness between target groups that is not enabled.
    #[serde(default)]
    pub idle_stickiness_seconds: Option<u32>,
}

/// Why an action is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAction {
    /// None, or more than there may be.
    #[error("a forward action has 1 to {MAXIMUM_TARGET_GROUPS} target groups, not {0}")]
    TargetGroups(usize),
    /// The same one twice.
    #[error("target group `{0}` is given more than once in one action")]
    Repeated(String),
    /// A weight out of range.
    #[error("Weight must be from 0 to {MAXIMUM_WEIGHT}, not {0}")]
    Weight(u16),
    /// A duration out of range.
    #[error("DurationSeconds of TargetGroupStickinessConfig must be from 1 to {MAXIMUM_STICKINESS_SECONDS}, not {0}")]
    Duration(u32),
    /// A part of a redirect that cannot be.
    #[error("{part} `{value}` of a redirect is not valid: {expected}")]
    Redirect {
        /// Which part, by AWS's name.
        part: &'static str,
        /// The value, shortened.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// It leads back to where the request came from.
    #[error(
        "the redirect leads back to the same place: it must change the protocol, the host, the port or the path \
         (a query alone does not end the loop)"
    )]
    Loop,
    /// From HTTPS to HTTP.
    #[error("a redirect from HTTPS to HTTP is not possible")]
    Downgrade,
    /// A status that no fixed response has.
    #[error("StatusCode of a fixed response must be 2XX, 4XX or 5XX, not {0}")]
    Status(u16),
    /// A content type that no fixed response has.
    #[error("ContentType `{0}` of a fixed response must be one of {types}", types = CONTENT_TYPES.join(", "))]
    ContentType(String),
    /// A body that is too long, or cannot be shown.
    #[error(
        "MessageBody of a fixed response has at most {MAXIMUM_BODY} characters, and no control characters but line ends and tabs"
    )]
    Body,
}

impl Action {
    /// Forwards everything to one target group.
    pub fn forward_to(target_group: Arn) -> Self {
        let only = WeightedTargetGroup { arn: target_group, weight: 1 };
        Self::Forward(Forward { target_groups: vec![only], stickiness_seconds: None })
    }

    /// The target groups that the action may choose from.
    pub fn target_groups(&self) -> impl Iterator<Item = &Arn> {
        let groups = match self {
            Self::Forward(forward) => forward.target_groups.as_slice(),
            Self::Redirect(_) | Self::FixedResponse(_) => &[],
        };
        groups.iter().map(|group| &group.arn)
    }
}

impl Action {
    /// Whether a listener of this protocol and port may have it. What the target groups are is not looked at.
    ///
    /// # Errors
    /// [`InvalidAction`], the first that is found.
    pub fn check(&self, protocol: ListenerProtocol, port: u16) -> Result<(), InvalidAction> {
        match self {
            Self::Forward(forward) => forward.check(),
            Self::Redirect(redirect) => redirect.check(protocol, port),
            Self::FixedResponse(response) => response.check(),
        }
    }
}

impl Forward {
    fn check(&self) -> Result<(), InvalidAction> {
        let groups = &self.target_groups;
        if groups.is_empty() || groups.len() > MAXIMUM_TARGET_GROUPS {
            return Err(InvalidAction::TargetGroups(groups.len()));
        }
        for (index, group) in groups.iter().enumerate() {
            if groups[..index].iter().any(|other| other.arn == group.arn) {
                return Err(InvalidAction::Repeated(group.arn.to_string()));
            }
            if group.weight > MAXIMUM_WEIGHT {
                return Err(InvalidAction::Weight(group.weight));
            }
        }
        let out_of_range = |seconds: &u32| !(1..=MAXIMUM_STICKINESS_SECONDS).contains(seconds);
        self.stickiness_seconds.filter(out_of_range).map_or(Ok(()), |seconds| Err(InvalidAction::Duration(seconds)))
    }
}

/// Why sticky target groups cannot be in one forward action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StickinessConflict {
    /// A client that comes back would be sent to another group than the one whose target it belongs to.
    #[error(
        "target group `{0}` is sticky and shares an action with others: that action needs a TargetGroupStickinessConfig \
         that is enabled"
    )]
    GroupsNotSticky(String),
    /// ELB user guide, sticky sessions.
    #[error("target group `{0}` is sticky by an application's cookie and cannot share an action with others")]
    AppCookie(String),
}

impl Forward {
    /// Whether its own stickiness goes with that of its target groups, which are given.
    ///
    /// # Errors
    /// [`StickinessConflict`], with the first group that does not fit.
    pub fn check_stickiness<'a>(
        &self,
        groups: impl IntoIterator<Item = &'a TargetGroup>,
    ) -> Result<(), StickinessConflict> {
        if self.target_groups.len() < 2 {
            return Ok(());
        }
        for group in groups {
            match stickiness(&group.attributes) {
                None => {}
                Some(Stickiness::AppCookie { .. }) => return Err(StickinessConflict::AppCookie(group.arn.to_string())),
                Some(Stickiness::LbCookie { .. }) if self.stickiness_seconds.is_some() => {}
                Some(Stickiness::LbCookie { .. }) => {
                    return Err(StickinessConflict::GroupsNotSticky(group.arn.to_string()));
                }
            }
        }
        Ok(())
    }
}

/// What the parts of a redirect may have in them.
const PLACEHOLDERS: [&str; 5] = ["#{protocol}", "#{host}", "#{port}", "#{path}", "#{query}"];

impl Default for Redirect {
    /// Every part as it is in the request.
    fn default() -> Self {
        Self {
            status: RedirectStatus::Permanent,
            protocol: "#{protocol}".to_owned(),
            host: "#{host}".to_owned(),
            port: "#{port}".to_owned(),
            path: "/#{path}".to_owned(),
            query: "#{query}".to_owned(),
        }
    }
}

impl Redirect {
    fn check(&self, protocol: ListenerProtocol, port: u16) -> Result<(), InvalidAction> {
        let Self { status: _, protocol: to_protocol, host, port: to_port, path, query } = self;
        if !matches!(to_protocol.as_str(), "HTTP" | "HTTPS" | "#{protocol}") {
            return Err(wrong_part("Protocol", to_protocol, "expected HTTP, HTTPS or #{protocol}"));
        }
        if to_port != "#{port}" && port_number(to_port).is_none() {
            return Err(wrong_part("Port", to_port, "expected a number from 1 to 65535, or #{port}"));
        }
        check_part("Host", host, &["#{host}"], 1)?;
        check_part("Path", path, &["#{host}", "#{path}", "#{port}"], 1)?;
        check_part("Query", query, &PLACEHOLDERS, 0)?;
        if !path.starts_with('/') {
            return Err(wrong_part("Path", path, "it must begin with `/`"));
        }
        if protocol == ListenerProtocol::Https && to_protocol == "HTTP" {
            return Err(InvalidAction::Downgrade);
        }
        let is_same_protocol = to_protocol == "#{protocol}" || to_protocol == protocol.name();
        let is_same_port = to_port == "#{port}" || port_number(to_port) == Some(port);
        let is_same_place = host == "#{host}" && path == "/#{path}";
        if is_same_protocol && is_same_port && is_same_place { Err(InvalidAction::Loop) } else { Ok(()) }
    }
}

fn wrong_part(part: &'static str, value: &str, expected: &'static str) -> InvalidAction {
    InvalidAction::Redirect { part, value: value.chars().take(MAXIMUM_REDIRECT_PART).collect(), expected }
}

fn port_number(text: &str) -> Option<u16> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| is_plain && *port > 0)
}

/// Length, characters and placeholders of a host, path or query. It becomes a part of a header field, so nothing but
/// visible ASCII may be in it.
fn check_part(part: &'static str, value: &str, placeholders: &[&str], shortest: usize) -> Result<(), InvalidAction> {
    if value.chars().count() > MAXIMUM_REDIRECT_PART || value.len() < shortest {
        return Err(wrong_part(part, value, "it must not be empty, and has at most 128 characters"));
    }
    if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong_part(part, value, "it must have visible ASCII characters only"));
    }
    let mut rest = value;
    while let Some(at) = rest.find("#{") {
        rest = &rest[at..];
        let Some(known) = placeholders.iter().find(|known| rest.starts_with(**known)) else {
            return Err(wrong_part(part, value, "it has a placeholder that is not known here"));
        };
        rest = &rest[known.len()..];
    }
    Ok(())
}

impl FixedResponse {
    fn check(&self) -> Result<(), InvalidAction> {
        let Self { status, content_type, body } = self;
        if !matches!(status, 200..=299 | 400..=599) {
            return Err(InvalidAction::Status(*status));
        }
        if let Some(content_type) = content_type.as_ref().filter(|given| !CONTENT_TYPES.contains(&given.as_str())) {
            return Err(InvalidAction::ContentType(content_type.chars().take(100).collect()));
        }
        let is_shown = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
        let fits = body.chars().count() <= MAXIMUM_BODY && body.chars().all(is_shown);
        if fits { Ok(()) } else { Err(InvalidAction::Body) }
    }
}

impl RedirectStatus {
    /// The number.
    pub const fn code(self) -> u16 {
        match self {
            Self::Permanent => 301,
            Self::Temporary => 302,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ListenerProtocol::{Http, Https};

    fn arn(name: &str) -> Arn {
        Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", format!("targetgroup/{name}/0"))
    }

    fn forward(weights: &[u16], stickiness_seconds: Option<u32>) -> Action {
        let group = |(n, weight): (usize, &u16)| WeightedTargetGroup { arn: arn(&n.to_string()), weight: *weight };
        Action::Forward(Forward { target_groups: weights.iter().enumerate().map(group).collect(), stickiness_seconds })
    }

    #[test]
    fn a_forward_has_one_to_five_groups_with_weights() {
        use InvalidAction as E;
        let table = [
            (forward(&[1], None), Ok(())),
            (forward(&[0], None), Ok(())),
            (forward(&[999, 0, 1, 2, 3], Some(1)), Ok(())),
            (forward(&[1, 1], Some(604_800)), Ok(())),
            (forward(&[], None), Err(E::TargetGroups(0))),
            (forward(&[1; 6], None), Err(E::TargetGroups(6))),
            (forward(&[1, 1000], None), Err(E::Weight(1000))),
            (forward(&[1, 1], Some(0)), Err(E::Duration(0))),
            (forward(&[1, 1], Some(604_801)), Err(E::Duration(604_801))),
        ];
        for (action, expected) in table {
            assert_eq!(action.check(Http, 80), expected, "{action:?}");
        }
        let twice = WeightedTargetGroup { arn: arn("a"), weight: 1 };
        let twice = Action::Forward(Forward { target_groups: vec![twice.clone(), twice], stickiness_seconds: None });
        assert_eq!(twice.check(Http, 80), Err(E::Repeated(arn("a").to_string())));
    }

    fn redirect(changes: &[(&str, &str)]) -> Redirect {
        let mut redirect = Redirect::default();
        for (part, value) in changes {
            let value = (*value).to_owned();
            match *part {
                "protocol" => redirect.protocol = value,
                "host" => redirect.host = value,
                "port" => redirect.port = value,
                "path" => redirect.path = value,
                _ => redirect.query = value,
            }
        }
        redirect
    }

    #[test]
    fn a_redirect_leads_somewhere_else() {
        use InvalidAction as E;
        type Row<'a> = (&'a [(&'a str, &'a str)], ListenerProtocol, u16, Result<(), E>);
        let table: [Row<'_>; 16] = [
            (&[("protocol", "HTTPS"), ("port", "443")], Http, 80, Ok(())),
            (&[("protocol", "HTTPS")], Http, 80, Ok(())),
            (&[("port", "8443")], Https, 443, Ok(())),
            (&[("host", "www.#{host}")], Http, 80, Ok(())),
            (&[("path", "/new/#{path}"), ("query", "a=#{query}&h=#{host}&p=#{port}&s=#{protocol}")], Http, 80, Ok(())),
            (&[("path", "/#{host}/#{port}/#{path}"), ("query", "")], Http, 80, Ok(())),
            (&[("path", "/#/home")], Http, 80, Ok(())),
            (&[("protocol", "HTTP"), ("host", "example.com")], Http, 80, Ok(())),
            (&[], Http, 80, Err(E::Loop)),
            (&[("query", "a=1")], Http, 80, Err(E::Loop)),
            (&[("protocol", "HTTP"), ("port", "80")], Http, 80, Err(E::Loop)),
            (&[("protocol", "HTTPS"), ("port", "443")], Https, 443, Err(E::Loop)),
            (&[("protocol", "HTTPS"), ("port", "#{port}"), ("host", "#{host}")], Https, 443, Err(E::Loop)),
            (&[("protocol", "HTTP"), ("host", "example.com")], Https, 443, Err(E::Downgrade)),
            (&[("protocol", "HTTP"), ("port", "8080")], Http, 80, Ok(())),
            (&[("port", "80")], Https, 443, Ok(())),
        ];
        for (changes, protocol, port, expected) in table {
            assert_eq!(Action::Redirect(redirect(changes)).check(protocol, port), expected, "{changes:?} {protocol:?}");
        }
    }

    #[test]
    fn parts_of_a_redirect_are_what_can_stand_in_an_address() {
        let (longest, long) = (format!("/{}", "a".repeat(127)), format!("/{}", "a".repeat(128)));
        assert_eq!(Action::Redirect(redirect(&[("path", &longest)])).check(Http, 80), Ok(()));
        let table = [
            ("protocol", "http"),
            ("protocol", "FTP"),
            ("protocol", ""),
            ("port", "0"),
            ("port", "65536"),
            ("port", "+80"),
            ("port", "8#{port}"),
            ("port", ""),
            ("host", ""),
            ("host", "a b"),
            ("host", "a\r\nSet-Cookie: x"),
            ("host", "한국.com"),
            ("host", "#{path}"),
            ("host", "#{hosts}"),
            ("host", &long),
            ("path", ""),
            ("path", "x"),
            ("path", "#{path}"),
            ("path", "/#{query}"),
            ("path", "/#{path"),
            ("path", "/#{#{path}}"),
            ("path", &long),
            ("query", "#{fragment}"),
            ("query", "a\0"),
            ("query", &long),
        ];
        for (part, value) in table {
            let redirect = redirect(&[("host", "example.com"), (part, value)]);
            let refused = Action::Redirect(redirect).check(Http, 80);
            assert!(matches!(refused, Err(InvalidAction::Redirect { .. })), "{part} {value:?}: {refused:?}");
        }
    }

    #[test]
    fn a_fixed_response_is_short_and_of_a_known_type() {
        use InvalidAction as E;
        let response = |status, content_type: Option<&str>, body: &str| {
            let content_type = content_type.map(str::to_owned);
            Action::FixedResponse(FixedResponse { status, content_type, body: body.to_owned() }).check(Http, 80)
        };
        let korean = "점검".repeat(512);
        for (status, content_type, body) in [
            (200, None, ""),
            (299, Some("text/html"), "<p>\r\n\t</p>"),
            (404, None, &korean),
            (599, Some("application/json"), "{}"),
        ] {
            assert_eq!(response(status, content_type, body), Ok(()), "{status}");
        }
        for status in [0, 100, 199, 300, 302, 399, 600] {
            assert_eq!(response(status, None, ""), Err(E::Status(status)));
        }
        for content_type in ["", "text/xml", "TEXT/HTML", "text/html; charset=utf-8"] {
            assert_eq!(response(200, Some(content_type), ""), Err(E::ContentType(content_type.to_owned())));
        }
        for body in ["a".repeat(1025), "\0".to_owned(), "\u{1b}[0m".to_owned()] {
            assert_eq!(response(200, None, &body), Err(E::Body));
        }
    }
}
