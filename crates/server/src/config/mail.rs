//! The table `[mail]` and the key `public_url`: how messages leave the server and what their links begin with.
//!
//! The password stays in the configuration: no error, log or status shows it.

use super::{ConfigError, Source, Spanned};
use controllers::notifications::{Password, SmtpSettings, SmtpTls};
use model::sns::endpoint::{Url, is_mail_address};
use serde::{Deserialize, Deserializer, de::Error as _};
use std::{fmt, net::IpAddr};

/// `[mail]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MailTable {
    host: Spanned<String>,
    port: Option<Spanned<i64>>,
    tls: Option<Spanned<TlsKey>>,
    username: Option<Spanned<String>>,
    password: Option<Spanned<Hidden>>,
    from: Spanned<String>,
}

/// The key `tls`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TlsKey {
    Starttls,
    Tls,
    None,
}

/// A text that no error shows.
#[derive(Clone)]
struct Hidden(String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self(text)),
            toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Datetime(_)
            | toml::Value::Array(_)
            | toml::Value::Table(_) => Err(D::Error::custom("the password must be a text in quotes")),
        }
    }
}

/// What the table says, checked.
pub(super) fn smtp(table: &MailTable, source: &Source) -> Result<SmtpSettings, ConfigError> {
    let MailTable { host, port, tls, username, password, from } = table;
    let refuse = |at: usize, message: &str| ConfigError { place: source.place(at), message: message.to_owned() };
    let tls = match tls.as_ref().map(|tls| *tls.get_ref()) {
        Some(TlsKey::Starttls) | None => SmtpTls::StartTls,
        Some(TlsKey::Tls) => SmtpTls::Tls,
        Some(TlsKey::None) => SmtpTls::None,
    };
    if !is_host(host.get_ref()) {
        return Err(refuse(host.span().start, "the mail server must be a name or an address such as mail.example.com"));
    }
    if !is_mail_address(from.get_ref()) {
        return Err(refuse(from.span().start, "the sender must be a mail address such as alarms@example.com"));
    }
    let port = match port {
        None => usual_port(tls),
        Some(port) => u16::try_from(*port.get_ref())
            .ok()
            .filter(|port| *port != 0)
            .ok_or_else(|| refuse(port.span().start, "the port must be 1 to 65535"))?,
    };
    let credentials = match (username, password) {
        (Some(user), Some(_)) if tls == SmtpTls::None && !is_loopback(host.get_ref()) => {
            return Err(refuse(
                user.span().start,
                "a password needs tls = \"starttls\" or \"tls\", or a server on this host",
            ));
        }
        (Some(user), Some(password)) => Some((user.get_ref().clone(), Password(password.get_ref().0.clone()))),
        (None, None) => None,
        (Some(user), None) => return Err(refuse(user.span().start, "username needs a password")),
        (None, Some(password)) => return Err(refuse(password.span().start, "password needs a username")),
    };
    Ok(SmtpSettings { host: host.get_ref().clone(), port, tls, credentials, from: from.get_ref().clone() })
}

/// The URL that links begin with, without the slash at its end.
pub(super) fn public_url(key: &Spanned<String>, source: &Source) -> Result<String, ConfigError> {
    let text = key.get_ref().trim_end_matches('/');
    let fits = |url: Url| url.user_info.is_none() && !text.contains('?');
    if text.parse().is_ok_and(fits) {
        return Ok(text.to_owned());
    }
    let message =
        "the URL under which people reach the API must be of the form http://goru.example.com:4566".to_owned();
    Err(ConfigError { place: source.place(key.span().start), message })
}

const fn usual_port(tls: SmtpTls) -> u16 {
    match tls {
        SmtpTls::StartTls => 587,
        SmtpTls::Tls => 465,
        SmtpTls::None => 25,
    }
}

fn is_host(text: &str) -> bool {
    let name = |text: &str| {
        text.len() <= 253
            && text.split('.').all(|label| {
                !label.is_empty() && label.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'))
            })
    };
    text.parse::<IpAddr>().is_ok() || name(text)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Flags};
    use super::*;

    fn config(text: &str) -> Result<Config, ConfigError> {
        let flags = Flags { data_dir: Some("/nowhere".into()), ..Flags::default() };
        Config::merge(&flags, &Source { name: "goru.toml".to_owned(), text: text.to_owned() })
    }

    #[test]
    fn a_mail_server_has_the_usual_port_of_its_protection() {
        for (tls, expected, port) in [
            ("", SmtpTls::StartTls, 587),
            ("tls = \"starttls\"", SmtpTls::StartTls, 587),
            ("tls = \"tls\"", SmtpTls::Tls, 465),
            ("tls = \"none\"", SmtpTls::None, 25),
            ("tls = \"none\"\nport = 2525", SmtpTls::None, 2525),
        ] {
            let text = format!("[mail]\nhost = \"mail.example.com\"\nfrom = \"a@example.com\"\n{tls}");
            let mail = config(&text).unwrap().mail.unwrap();
            assert_eq!((mail.tls, mail.port), (expected, port), "{tls}");
        }
        assert_eq!(config("").unwrap().mail, None);
    }

    #[test]
    fn errors_say_where_they_are_and_never_the_password() {
        let begin = "[mail]\nhost = \"mail.example.com\"\nfrom = \"a@example.com\"\n";
        for (text, place, message) in [
            ("[mail]\nhost = \"\"\nfrom = \"a@b\"".to_owned(), "goru.toml:2:8", "name or an address"),
            ("[mail]\nhost = \"h\"\nfrom = \"Alarms\"".to_owned(), "goru.toml:3:8", "mail address"),
            ("[mail]\nhost = \"h\"".to_owned(), "goru.toml:1:1", "missing field `from`"),
            (format!("{begin}tls = \"ssl\""), "goru.toml:4:7", "unknown variant"),
            (format!("{begin}port = 0"), "goru.toml:4:8", "1 to 65535"),
            (format!("{begin}username = \"u\""), "goru.toml:4:12", "needs a password"),
            (format!("{begin}password = \"hunter2\""), "goru.toml:4:12", "needs a username"),
            (format!("{begin}password = 86420"), "goru.toml:4:12", "text in quotes"),
            (format!("{begin}username = \"u\"\npassword = \"hunter2\"\ntls = \"none\""), "goru.toml:4:12", "needs tls"),
            ("public_url = \"goru.example.com\"".to_owned(), "goru.toml:1:14", "of the form"),
            ("public_url = \"http://h/?x\"".to_owned(), "goru.toml:1:14", "of the form"),
        ] {
            let error = config(&text).unwrap_err();
            assert_eq!(error.place, place, "{text}: {error}");
            assert!(error.message.contains(message), "{text}: {error}");
            assert!(!error.to_string().contains("hunter2") && !error.to_string().contains("86420"), "{error}");
        }
        let good =
            format!("public_url = \"https://goru.example.com/\"\n{begin}username = \"u\"\npassword = \"hunter2\"");
        let config = config(&good).unwrap();
        assert_eq!(config.public_url.as_deref(), Some("https://goru.example.com"));
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
