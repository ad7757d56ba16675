//! The links of messages: confirming and leaving by a plain GET that nobody signs.
//!
//! Mail programs and browsers cannot sign. What gives the right is in the link: the token of a confirmation, and the
//! random part of the subscription's ARN. Exactly these two calls are let in so, and they can do nothing else. Browsers
//! get a small page, everybody else AWS's XML.

use api::sns::types as shape;
use http::request::Parts;
use model::sns::subscription::Subscription;
use model::{Arn, Scope};
use wire::convert::IntoValue;
use wire::protocol::{self, Response};
use wire::shape::Protocol;
use wire::value::Structure;
use wire::{AwsError, Value, error, identify::Call};

use super::confirmation::{self, By};
use crate::context::Context;
use crate::regions;

/// The longest query string that is looked at, in bytes.
const MAXIMUM_QUERY: usize = 4096;

/// What a link asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// `?Action=ConfirmSubscription&TopicArn=…&Token=…`
    Confirm {
        /// The topic.
        topic: Arn,
        /// What the endpoint was sent.
        token: String,
    },
    /// `?Action=Unsubscribe&SubscriptionArn=…`
    Leave {
        /// The subscription.
        subscription: Arn,
    },
}

impl Link {
    /// The link that a request follows, and where it acts; `None` for every request that is signed, has a body, or asks
    /// anything else.
    pub(crate) fn of(head: &Parts, body: &[u8]) -> Option<(Self, Scope)> {
        let query = head.uri.query().filter(|query| query.len() <= MAXIMUM_QUERY)?;
        let plain = head.method == http::Method::GET && head.uri.path() == "/" && body.is_empty();
        if !plain || wire::sigv4::is_signed(&wire::Request::new(head, body)) {
            return None;
        }
        let parameters = protocol::parse_form(query.as_bytes()).ok()?;
        let mut fields = Fields::default();
        for (name, value) in parameters {
            fields.take(&name, value)?;
        }
        let link = fields.finish()?;
        let arn = match &link {
            Self::Confirm { topic, token: _ } => topic,
            Self::Leave { subscription } => subscription,
        };
        let scope = Scope::new(arn.account(), regions::find(arn.region())?.name);
        Some((link, scope))
    }

    /// AWS's name of the operation.
    pub(crate) const fn operation(&self) -> &'static str {
        match self {
            Self::Confirm { .. } => "ConfirmSubscription",
            Self::Leave { .. } => "Unsubscribe",
        }
    }

    /// Does what it asks for.
    ///
    /// # Errors
    /// Those of the operation; `AuthorizationError` when only a signed call may unsubscribe.
    pub(crate) async fn follow(&self, cx: &Context) -> Result<Subscription, AwsError> {
        match self {
            Self::Confirm { topic, token } => {
                confirmation::confirm_by(cx, By::Link, &topic.to_string(), token, false).await
            }
            Self::Leave { subscription } => confirmation::leave(cx, &subscription.to_string()).await,
        }
    }

    /// What came of it, in the form that the client reads.
    pub(crate) fn answer(&self, done: Result<Subscription, AwsError>, head: &Parts, request_id: &str) -> Response {
        match (done, wants_page(head)) {
            (Ok(subscription), true) => page(200, self.heading(), &self.sentence(&subscription)),
            (Err(error), true) => page(error.status, "That did not work", &error.message),
            (Ok(subscription), false) => self.encode(&subscription, request_id),
            (Err(error), false) => error::encode_error(Protocol::Query, Some(&api::sns::SERVICE), &error, request_id),
        }
    }

    const fn heading(&self) -> &'static str {
        match self {
            Self::Confirm { .. } => "Subscription confirmed!",
            Self::Leave { .. } => "Subscription removed!",
        }
    }

    fn sentence(&self, subscription: &Subscription) -> String {
        let (endpoint, topic) = (&subscription.endpoint, subscription.topic_arn.resource());
        match self {
            Self::Confirm { .. } => format!(
                "{endpoint} now gets the messages of the topic {topic}. The subscription's id is {}.",
                subscription.arn
            ),
            Self::Leave { .. } => format!("{endpoint} gets no more messages of the topic {topic}."),
        }
    }

    fn encode(&self, subscription: &Subscription, request_id: &str) -> Response {
        let service = &api::sns::SERVICE;
        let operation = service.operation(self.operation()).expect("SNS's table has both operations");
        let call = Call { service, operation, protocol: Protocol::Query, parameters: Vec::new() };
        let output = match self {
            Self::Confirm { .. } => {
                let arn = Some(subscription.arn.to_string());
                shape::ConfirmSubscriptionResponse { subscription_arn: arn }.into_value()
            }
            Self::Leave { .. } => None,
        };
        protocol::encode(&call, &output.unwrap_or_else(|| Value::Structure(Structure::default())), request_id)
    }
}

/// The parameters of a link as they come.
#[derive(Default)]
struct Fields {
    action: Option<String>,
    topic: Option<String>,
    token: Option<String>,
    subscription: Option<String>,
}

impl Fields {
    /// Takes a parameter; `None` when it is given twice or has no business in a link.
    fn take(&mut self, name: &str, value: String) -> Option<()> {
        let field = match name {
            "Action" => &mut self.action,
            "TopicArn" => &mut self.topic,
            "Token" => &mut self.token,
            "SubscriptionArn" => &mut self.subscription,
            // AWS's own links have none; people who write one by hand may add it.
            "Version" => return (value == "2010-03-31").then_some(()),
            _ => return None,
        };
        field.replace(value).is_none().then_some(())
    }

    fn finish(self) -> Option<Link> {
        let Self { action, topic, token, subscription } = self;
        match (action.as_deref()?, topic, token, subscription) {
            ("ConfirmSubscription", Some(topic), Some(token), None) => {
                Some(Link::Confirm { topic: topic.parse().ok()?, token })
            }
            ("Unsubscribe", None, None, Some(subscription)) => {
                Some(Link::Leave { subscription: subscription.parse().ok()? })
            }
            _ => None,
        }
    }
}

fn wants_page(head: &Parts) -> bool {
    let accept = head.headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.to_ascii_lowercase().contains("text/html"))
}

/// A page without scripts or outside parts; nothing on it is taken from the link unescaped.
fn page(status: u16, heading: &str, sentence: &str) -> Response {
    let (heading, sentence) = (escape(heading), escape(sentence));
    let body = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{heading}</title></head>\n\
         <body>\n<h1>{heading}</h1>\n<p>{sentence}</p>\n</body>\n</html>\n"
    );
    let headers = vec![
        ("content-type", "text/html; charset=utf-8".to_owned()),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'".to_owned()),
        ("referrer-policy", "no-referrer".to_owned()),
        ("cache-control", "no-store".to_owned()),
    ];
    Response { status, headers, body: body.into_bytes() }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(method: &str, uri: &str, signed: bool) -> Option<Link> {
        let mut request = http::Request::builder().method(method).uri(uri);
        if signed {
            request = request.header("authorization", "AWS4-HMAC-SHA256 Credential=x");
        }
        Link::of(&request.body(()).unwrap().into_parts().0, b"").map(|(link, _)| link)
    }

    #[test]
    fn exactly_the_two_links_are_let_in() {
        let topic = "arn:aws:sns:us-east-1:123456789012:web";
        let confirm = format!("/?Action=ConfirmSubscription&TopicArn={topic}&Token=abc");
        let leave = format!("/?Action=Unsubscribe&SubscriptionArn={topic}:1");
        for (method, uri, signed, expected) in [
            ("GET", confirm.clone(), false, Some("ConfirmSubscription")),
            ("GET", leave.clone(), false, Some("Unsubscribe")),
            ("GET", format!("{leave}&Version=2010-03-31"), false, Some("Unsubscribe")),
            ("GET", confirm.clone(), true, None),
            ("POST", confirm.clone(), false, None),
            ("GET", format!("{confirm}&AuthenticateOnUnsubscribe=true"), false, None),
            ("GET", format!("{confirm}&Token=other"), false, None),
            ("GET", format!("{confirm}&X-Amz-Signature=1&X-Amz-Algorithm=AWS4-HMAC-SHA256"), false, None),
            ("GET", format!("/x?Action=Unsubscribe&SubscriptionArn={topic}:1"), false, None),
            ("GET", "/?Action=Unsubscribe&SubscriptionArn=x".to_owned(), false, None),
            ("GET", "/?Action=DeleteTopic&TopicArn=x".to_owned(), false, None),
            ("GET", format!("/?Action=Publish&TopicArn={topic}&Token=x"), false, None),
            ("GET", "/".to_owned(), false, None),
        ] {
            let found = link(method, &uri, signed);
            assert_eq!(found.as_ref().map(Link::operation), expected, "{method} {uri}");
        }
    }

    #[test]
    fn a_page_shows_texts_as_texts() {
        let answer = page(200, "Done", "<script>alert('x')</script>&");
        let body = String::from_utf8(answer.body).unwrap();
        assert!(!body.contains("<script>") && body.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;"));
    }
}
