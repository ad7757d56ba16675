//! What is configured about messages: the address in their links, and how mail goes out.

use std::{fmt, net::SocketAddr, path::PathBuf};

/// Everything that sending needs to know. Replaced as a whole when the configuration is read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationSettings {
    /// What links begin with, without a slash at the end: the API as the readers of messages reach it.
    pub base_url: String,
    /// Where the API listens: never an endpoint.
    pub api: Option<SocketAddr>,
    /// How mail goes out.
    pub mail: MailSettings,
}

/// How mail goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailSettings {
    /// By a mail server.
    Smtp(SmtpSettings),
    /// Into a directory, one file per mail.
    Outbox {
        /// Made when it is missing.
        directory: PathBuf,
    },
}

/// A mail server that takes mail for others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpSettings {
    /// A name or an address.
    pub host: String,
    /// 587 for STARTTLS, 465 for TLS, 25 for none, usually.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// How to log in, if the server wants it.
    pub credentials: Option<(String, Password)>,
    /// The sender's address.
    pub from: String,
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// Begins in plain text and must change to TLS before anything is sent (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// Plain text.
    None,
}

/// A password; never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The sender's address when no mail server is configured.
pub const DEFAULT_FROM: &str = "no-reply@goru.localhost";

impl MailSettings {
    /// The sender's address.
    pub fn from(&self) -> &str {
        match self {
            Self::Smtp(smtp) => &smtp.from,
            Self::Outbox { directory: _ } => DEFAULT_FROM,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_not_shown() {
        let smtp = SmtpSettings {
            host: "mail.example.com".to_owned(),
            port: 587,
            tls: SmtpTls::StartTls,
            credentials: Some(("kim".to_owned(), Password("hunter2".to_owned()))),
            from: "alarms@example.com".to_owned(),
        };
        let shown = format!("{:?}", MailSettings::Smtp(smtp));
        assert!(shown.contains("kim") && !shown.contains("hunter2"), "{shown}");
    }
}
