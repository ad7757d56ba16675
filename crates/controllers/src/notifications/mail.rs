//! Writes the mails of SNS, and hands them to a mail server or to the outbox.
//!
//! A mail's Message-ID is made from the delivery's id: a mail that is sent twice after a kill is recognised as one. The
//! MIME form is lettre's work; subjects were checked when they were published.

use super::{MailSettings, NotificationSettings, Signer, document, outbox::Outbox, smtp::Conversation};
use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Mailbox,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
};
use model::{
    Timestamp,
    sns::{
        attempt::{self, Outcome},
        delivery::{Content, Delivery},
        protocol::Protocol,
    },
};
use std::time::{Duration, SystemTime};

/// The subject of a notification that has none. Mail rules look for it, and for the two others.
const DEFAULT_SUBJECT: &str = "AWS Notification Message";
const CONFIRMATION_SUBJECT: &str = "AWS Notification - Subscription Confirmation";
const FAREWELL_SUBJECT: &str = "AWS Notification - Unsubscribe Confirmation";

/// A finished mail.
pub(super) struct Mail {
    pub(super) envelope: Envelope,
    pub(super) bytes: Vec<u8>,
}

/// Writes the mail of a delivery.
///
/// # Errors
/// When an address cannot stand in a mail; such a mail can never be sent.
pub(super) fn compose(delivery: &Delivery, settings: &NotificationSettings, signer: &Signer) -> Result<Mail, String> {
    let address = |text: &str| text.parse::<Address>().map_err(|error| format!("`{text}`: {error}"));
    let from = address(settings.mail.from())?;
    let to = address(&delivery.endpoint)?;
    let id = format!("<{}@{}>", delivery.id, from.domain());
    let mut mail = Message::builder()
        .from(Mailbox::new(Some(delivery.sender_name.clone()), from))
        .to(Mailbox::new(None, to))
        .subject(subject(delivery))
        .message_id(Some(id))
        .date(to_system_time(delivery.published_at))
        .header(AutoSubmitted)
        .header(ContentType::TEXT_PLAIN);
    if let Some(link) = unsubscribe_link(delivery, settings) {
        mail = mail.header(ListUnsubscribe(format!("<{link}>")));
    }
    let mail = mail.body(text(delivery, settings, signer)).map_err(|error| error.to_string())?;
    Ok(Mail { envelope: mail.envelope().clone(), bytes: mail.formatted() })
}

fn subject(delivery: &Delivery) -> &str {
    match &delivery.content {
        Content::Notification { subject, .. } => subject.as_deref().unwrap_or(DEFAULT_SUBJECT),
        Content::SubscriptionConfirmation { .. } => CONFIRMATION_SUBJECT,
        Content::UnsubscribeConfirmation { .. } => FAREWELL_SUBJECT,
    }
}

fn unsubscribe_link(delivery: &Delivery, settings: &NotificationSettings) -> Option<String> {
    match delivery.content {
        Content::Notification { authenticate_on_unsubscribe: false, .. } => {
            Some(document::unsubscribe_link(delivery, settings))
        }
        Content::Notification { authenticate_on_unsubscribe: true, .. }
        | Content::SubscriptionConfirmation { .. }
        | Content::UnsubscribeConfirmation { .. } => None,
    }
}

fn text(delivery: &Delivery, settings: &NotificationSettings, signer: &Signer) -> String {
    let topic = &delivery.topic_arn;
    match (&delivery.content, delivery.protocol) {
        (Content::SubscriptionConfirmation { token }, Protocol::Email) => {
            let link = document::confirm_link(delivery, token, settings);
            format!(
                "Somebody asked that this address gets the messages of the topic\n{topic}\n\n\
                 To agree, open this link within three days:\n{link}\n\n\
                 If you do not want these messages, do nothing: without your agreement none is sent.\n"
            )
        }
        (Content::UnsubscribeConfirmation { token }, Protocol::Email) => {
            let link = document::confirm_link(delivery, token, settings);
            format!(
                "This address gets no more messages of the topic\n{topic}\n\n\
                 If that was a mistake, open this link within three days to get them again:\n{link}\n"
            )
        }
        (Content::Notification { body, .. }, Protocol::Email) => match unsubscribe_link(delivery, settings) {
            Some(link) => format!(
                "{body}\n\n--\nYou get this mail as a subscriber of the topic {}.\n\
                 To get no more of them, open this link:\n{link}\n",
                topic.resource()
            ),
            None => format!("{body}\n"),
        },
        (
            Content::Notification { .. }
            | Content::SubscriptionConfirmation { .. }
            | Content::UnsubscribeConfirmation { .. },
            Protocol::EmailJson | Protocol::Http | Protocol::Https,
        ) => format!("{}\n", document::json(delivery, settings, signer)),
    }
}

fn to_system_time(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at.millis()).unwrap_or(0))
}

/// Tells programs not to answer (RFC 3834).
#[derive(Clone, Debug)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The link for mail programs that show a button (RFC 2369).
#[derive(Clone, Debug)]
struct ListUnsubscribe(String);

impl Header for ListUnsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// The way out for the mails of one batch.
pub(super) enum Post {
    Smtp(Box<Conversation>),
    Outbox(Outbox),
}

impl Post {
    pub(super) fn new(settings: &NotificationSettings) -> Self {
        match &settings.mail {
            MailSettings::Smtp(smtp) => Self::Smtp(Box::new(Conversation::new(smtp.clone()))),
            MailSettings::Outbox { directory } => Self::Outbox(Outbox::new(directory)),
        }
    }

    /// One try. The time limit is by real time: it is about a socket.
    pub(super) async fn send(&mut self, delivery: &Delivery, mail: &Mail) -> Outcome {
        let limit = attempt::time_limit(delivery.protocol);
        match self {
            Self::Smtp(conversation) => conversation.send(mail, limit).await,
            Self::Outbox(outbox) => outbox.write(&delivery.id, &mail.bytes).await,
        }
    }

    /// Ends the conversation in order.
    pub(super) async fn end(self) {
        match self {
            Self::Smtp(conversation) => conversation.end().await,
            Self::Outbox(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notifications::{MailSettings, settings::DEFAULT_FROM};
    use model::{
        Arn,
        sns::{delivery_policy::RetryPolicy, topic::SignatureVersion},
    };
    use std::collections::BTreeMap;

    fn delivery(protocol: Protocol, content: Content) -> Delivery {
        let topic_arn = Arn::new("sns", "us-east-1", "123456789012", "web");
        Delivery {
            id: "0001-d".to_owned(),
            subscription_arn: topic_arn.with_resource("web:1"),
            topic_arn,
            sender_name: "Web, \"team\"".to_owned(),
            protocol,
            endpoint: "kim@example.com".to_owned(),
            message_id: "m-1".to_owned(),
            published_at: Timestamp::from_seconds(1_795_176_000),
            content,
            signature_version: SignatureVersion::V1,
            content_type: None,
            retry_policy: RetryPolicy::MAIL,
            attempts: 0,
            last_attempt_at: None,
        }
    }

    fn notification(subject: Option<&str>, body: &str, authenticate_on_unsubscribe: bool) -> Content {
        Content::Notification {
            subject: subject.map(str::to_owned),
            body: body.to_owned(),
            attributes: BTreeMap::new(),
            raw: false,
            authenticate_on_unsubscribe,
        }
    }

    fn written(delivery: &Delivery) -> String {
        let directory = tempfile::tempdir().unwrap();
        let signer = Signer::open(&directory.path().join("key")).unwrap();
        let settings = NotificationSettings {
            base_url: "http://127.0.0.1:4566".to_owned(),
            api: None,
            mail: MailSettings::Outbox { directory: directory.path().to_owned() },
        };
        let mail = String::from_utf8(compose(delivery, &settings, &signer).unwrap().bytes).unwrap();
        // As a reader of quoted-printable sees it (RFC 2045): soft line breaks go, `=3D` is `=`.
        mail.replace("=\r\n", "").replace("=3D", "=")
    }

    #[test]
    fn the_question_has_the_link_that_agrees() {
        let mail = written(&delivery(Protocol::Email, Content::SubscriptionConfirmation { token: "abc".to_owned() }));
        for part in [
            "Subject: AWS Notification - Subscription Confirmation\r\n",
            &format!("Message-ID: <0001-d@{}>\r\n", DEFAULT_FROM.rsplit_once('@').unwrap().1),
            "Date: Fri, 20 Nov 2026 12:00:00 +0000\r\n",
            "To: kim@example.com\r\n",
            "http://127.0.0.1:4566/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:123456789012:web&Token=abc",
        ] {
            assert!(mail.contains(part), "{part:?} in {mail}");
        }
    }

    #[test]
    fn a_notification_ends_with_the_link_that_leaves() {
        let mail = written(&delivery(Protocol::Email, notification(Some("ALARM"), "hot", false)));
        assert!(mail.contains("Subject: ALARM\r\n") && mail.contains("\r\n\r\nhot\r\n"), "{mail}");
        assert_eq!(mail.matches("/?Action=Unsubscribe&SubscriptionArn=arn:").count(), 2, "{mail}");
        let mail = written(&delivery(Protocol::Email, notification(None, "hot", true)));
        assert!(mail.contains("Subject: AWS Notification Message\r\n") && !mail.contains("Unsubscribe"), "{mail}");
    }

    #[test]
    fn json_mails_hold_the_signed_document() {
        let mail = written(&delivery(Protocol::EmailJson, notification(Some("s"), "b", false)));
        for part in ["\"Type\": \"Notification\"", "\"MessageId\": \"m-1\"", "\"SignatureVersion\": \"1\""] {
            assert!(mail.contains(part), "{part} in {mail}");
        }
    }
}
