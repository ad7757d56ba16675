//! A message before it is delivered: its limits, and the text that each protocol gets.

use super::{attribute_value::AttributeValue, protocol::Protocol};
use std::collections::BTreeMap;

/// The longest message with its attributes, in bytes (256 KiB; SNS developer guide, quotas).
pub const MAXIMUM_BYTES: usize = 256 * 1024;
/// The longest subject, in characters.
pub const MAXIMUM_SUBJECT_LENGTH: usize = 100;

/// The most bytes that a text may take as JSON: it must fit into a record of the store.
const MAXIMUM_STORED_BYTES: usize = 700 * 1024;

/// What is published.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// The subject of mails, and `Subject` of JSON.
    pub subject: Option<String>,
    /// The text for every protocol that has none of its own.
    pub body: String,
    /// Texts of their own for protocols (`MessageStructure` = `json`).
    pub bodies: BTreeMap<Protocol, String>,
    /// Typed values beside the text, by name.
    pub attributes: BTreeMap<String, AttributeValue>,
}

/// Why a message is not accepted. The words name the parameter of Publish.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMessage {
    /// Empty, too long, or with characters that a header of a mail must not have.
    #[error(
        "Subject must have 1 to {MAXIMUM_SUBJECT_LENGTH} printable ASCII characters, begin with a letter, number or \
         punctuation mark, and hold no line break or control character"
    )]
    Subject,
    /// No text.
    #[error("Message must not be empty")]
    Empty,
    /// More than [`MAXIMUM_BYTES`].
    #[error("Message and MessageAttributes may have at most {MAXIMUM_BYTES} bytes together")]
    TooLong,
    /// `MessageStructure` = `json` with something else.
    #[error("Message must be a JSON object of texts when MessageStructure is json")]
    NotJson,
    /// `MessageStructure` = `json` without `default`.
    #[error("Message must have the member `default` when MessageStructure is json")]
    NoDefault,
}

impl Message {
    /// A message with a subject and a text, as Goru's own services publish them. A subject that SNS would not take is
    /// made fit: characters that are not allowed become `?`, and it is cut after 100.
    pub fn new(subject: impl AsRef<str>, body: impl Into<String>) -> Self {
        let fit = |c: char| if c == ' ' || c.is_ascii_graphic() { c } else { '?' };
        let subject: String = subject.as_ref().trim_start().chars().map(fit).take(MAXIMUM_SUBJECT_LENGTH).collect();
        let subject = (!subject.is_empty()).then_some(subject);
        Self { subject, body: body.into(), ..Self::default() }
    }

    /// The same message with one more attribute.
    #[must_use]
    pub fn with_attribute(mut self, name: impl Into<String>, value: AttributeValue) -> Self {
        self.attributes.insert(name.into(), value);
        self
    }

    /// What a user publishes, checked. `structured`: `MessageStructure` is `json`.
    ///
    /// # Errors
    /// When the subject or the message breaks SNS's rules.
    pub fn parse(
        subject: Option<String>,
        message: String,
        structured: bool,
        attributes: BTreeMap<String, AttributeValue>,
    ) -> Result<Self, InvalidMessage> {
        if subject.as_deref().is_some_and(|subject| !is_valid_subject(subject)) {
            return Err(InvalidMessage::Subject);
        }
        if message.is_empty() {
            return Err(InvalidMessage::Empty);
        }
        let beside: usize = attributes.iter().map(|(name, a)| name.len() + a.data_type.len() + a.value.len()).sum();
        if message.len() + beside > MAXIMUM_BYTES {
            return Err(InvalidMessage::TooLong);
        }
        if storable_bytes(&message) > MAXIMUM_STORED_BYTES {
            return Err(InvalidMessage::TooLong);
        }
        let (body, bodies) = if structured { per_protocol(&message)? } else { (message, BTreeMap::new()) };
        Ok(Self { subject, body, bodies, attributes })
    }

    /// The text for a protocol.
    pub fn body_for(&self, protocol: Protocol) -> &str {
        self.bodies.get(&protocol).unwrap_or(&self.body)
    }
}

/// How many bytes a text takes as JSON: control characters and quotes take more than one.
fn storable_bytes(text: &str) -> usize {
    text.bytes().map(|byte| if byte < 0x20 { 6 } else { 1 + usize::from(matches!(byte, b'"' | b'\\')) }).sum()
}

fn per_protocol(message: &str) -> Result<(String, BTreeMap<Protocol, String>), InvalidMessage> {
    let mut texts: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(message).map_err(|_| InvalidMessage::NotJson)?;
    let text = |value: serde_json::Value| value.as_str().map(str::to_owned).ok_or(InvalidMessage::NotJson);
    let default = text(texts.remove("default").ok_or(InvalidMessage::NoDefault)?)?;
    if default.is_empty() {
        return Err(InvalidMessage::Empty);
    }
    let mut bodies = BTreeMap::new();
    // Texts for protocols that are not served (`sqs`) are allowed and reach nobody, as on AWS when nobody is subscribed.
    for (name, value) in texts {
        let body = text(value)?;
        if let Some(protocol) = Protocol::parse(&name) {
            bodies.insert(protocol, body);
        }
    }
    Ok((default, bodies))
}

/// Whether Publish takes this subject (API reference, Publish). Line breaks would let a publisher write headers of mails.
pub fn is_valid_subject(subject: &str) -> bool {
    let printable = |c: char| c == ' ' || c.is_ascii_graphic();
    subject.len() <= MAXIMUM_SUBJECT_LENGTH
        && subject.starts_with(|c: char| c.is_ascii_graphic())
        && subject.chars().all(printable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(subject: Option<&str>, message: &str, structured: bool) -> Result<Message, InvalidMessage> {
        Message::parse(subject.map(str::to_owned), message.to_owned(), structured, BTreeMap::new())
    }

    #[test]
    fn subjects_cannot_break_out_of_their_header() {
        for (subject, valid) in [
            ("ALARM: \"cpu\" in Asia Pacific (Seoul)", true),
            (&*"s".repeat(100), true),
            (&*"s".repeat(101), false),
            ("", false),
            (" leading", false),
            ("a\r\nBcc: x@example.com", false),
            ("a\nb", false),
            ("a\tb", false),
            ("알람", false),
        ] {
            assert_eq!(is_valid_subject(subject), valid, "{subject:?}");
            let expected = if valid { Ok(Some(subject.to_owned())) } else { Err(InvalidMessage::Subject) };
            assert_eq!(parse(Some(subject), "x", false).map(|message| message.subject), expected);
        }
    }

    #[test]
    fn subjects_of_our_own_are_made_fit() {
        assert_eq!(Message::new("ALARM: \"점유율\"\r\nX: y", "b").subject.unwrap(), "ALARM: \"???\"??X: y");
        assert_eq!(Message::new("s".repeat(200), "b").subject.unwrap().len(), 100);
        assert_eq!(Message::new(" ", "b").subject, None);
        assert!(is_valid_subject(&Message::new("  ALARM", "b").subject.unwrap()));
    }

    #[test]
    fn structured_messages_have_a_default_and_texts_of_their_own() {
        let message = parse(None, r#"{"default":"d","email":"e","sqs":"q"}"#, true).unwrap();
        assert_eq!((message.body_for(Protocol::Email), message.body_for(Protocol::Http)), ("e", "d"));
        for (text, error) in [
            ("plain", InvalidMessage::NotJson),
            ("[]", InvalidMessage::NotJson),
            (r#"{"default":1}"#, InvalidMessage::NotJson),
            (r#"{"default":"d","email":{}}"#, InvalidMessage::NotJson),
            (r#"{"email":"e"}"#, InvalidMessage::NoDefault),
            (r#"{"default":""}"#, InvalidMessage::Empty),
            ("", InvalidMessage::Empty),
        ] {
            assert_eq!(parse(None, text, true), Err(error), "{text}");
        }
    }

    #[test]
    fn the_limit_counts_attributes_too() {
        assert!(parse(None, &"x".repeat(MAXIMUM_BYTES), false).is_ok());
        assert_eq!(parse(None, &"x".repeat(MAXIMUM_BYTES + 1), false), Err(InvalidMessage::TooLong));
        let attributes = BTreeMap::from([("a".to_owned(), AttributeValue::text("x"))]);
        let message = "x".repeat(MAXIMUM_BYTES - 1);
        assert_eq!(Message::parse(None, message, false, attributes), Err(InvalidMessage::TooLong));
        assert_eq!(parse(None, &"\u{1}".repeat(MAXIMUM_BYTES), false), Err(InvalidMessage::TooLong));
    }
}
