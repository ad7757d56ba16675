//! A conversation with a mail server: one connection for the mails of a batch, made when the first one is sent.
//!
//! SMTP and TLS are lettre's and rustls's work. There is no pool: connections that stay open break unnoticed.

use super::{SmtpSettings, SmtpTls, mail::Mail};
use lettre::transport::smtp::{
    Error,
    authentication::{Credentials, Mechanism},
    client::{AsyncSmtpConnection, TlsParameters},
    extension::ClientId,
};
use model::sns::attempt::{self, Outcome};
use std::time::Duration;

/// How long the connection may take to be made.
const CONNECT: Duration = Duration::from_secs(15);
/// How long the farewell may take; the mails are with the server by then.
const QUIT: Duration = Duration::from_secs(5);

/// A conversation; nothing is connected before the first mail.
pub(super) struct Conversation {
    settings: SmtpSettings,
    connection: Option<AsyncSmtpConnection>,
    /// Why the server cannot be reached: the rest of the batch need not wait for it again.
    unreachable: Option<String>,
}

impl Conversation {
    pub(super) const fn new(settings: SmtpSettings) -> Self {
        Self { settings, connection: None, unreachable: None }
    }

    /// Sends one mail.
    pub(super) async fn send(&mut self, mail: &Mail, limit: Duration) -> Outcome {
        if let Some(reason) = &self.unreachable {
            return Outcome::Failed(reason.clone());
        }
        if self.connection.is_none() {
            match connect(&self.settings).await {
                Ok(connection) => self.connection = Some(connection),
                Err(reason) => {
                    self.unreachable = Some(reason.clone());
                    return Outcome::Failed(reason);
                }
            }
        }
        let Some(connection) = &mut self.connection else { return Outcome::Failed("no connection".to_owned()) };
        let sent = tokio::time::timeout(limit, connection.send(&mail.envelope, &mail.bytes)).await;
        let outcome = match sent {
            Ok(Ok(_)) => return Outcome::Accepted,
            Ok(Err(error)) => attempt::smtp_outcome(code(&error), said(&error)),
            Err(_) => Outcome::Failed(format!("the mail server did not answer within {} s", limit.as_secs())),
        };
        // In what state the conversation is, nobody knows; the next mail begins anew.
        self.connection = None;
        outcome
    }

    pub(super) async fn end(self) {
        if let Some(mut connection) = self.connection {
            // The mails are accepted already; a server that hangs up early is as good.
            let _ = tokio::time::timeout(QUIT, connection.quit()).await;
        }
    }
}

async fn connect(settings: &SmtpSettings) -> Result<AsyncSmtpConnection, String> {
    let SmtpSettings { host, port, .. } = settings;
    let failed = |reason: String| format!("the mail server {host}:{port}: {reason}");
    match tokio::time::timeout(CONNECT, greet(settings)).await {
        Ok(made) => made.map_err(failed),
        Err(_) => Err(failed(format!("no connection within {} s", CONNECT.as_secs()))),
    }
}

async fn greet(settings: &SmtpSettings) -> Result<AsyncSmtpConnection, String> {
    let SmtpSettings { host, port, tls, credentials, from: _ } = settings;
    let hello = ClientId::Domain("localhost".to_owned());
    let parameters = || TlsParameters::new_rustls(host.clone()).map_err(|error| said(&error));
    let at_once = match tls {
        SmtpTls::Tls => Some(parameters()?),
        SmtpTls::StartTls | SmtpTls::None => None,
    };
    let place = (host.as_str(), *port);
    let mut connection = AsyncSmtpConnection::connect_tokio1(place, Some(CONNECT), &hello, at_once, None)
        .await
        .map_err(|error| said(&error))?;
    if *tls == SmtpTls::StartTls {
        if !connection.can_starttls() {
            return Err("it does not offer STARTTLS, which the configuration asks for".to_owned());
        }
        connection.starttls(parameters()?, &hello).await.map_err(|error| said(&error))?;
    }
    if let Some((user, password)) = credentials {
        let credentials = Credentials::new(user.clone(), password.0.clone());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        connection.auth(&mechanisms, &credentials).await.map_err(|error| format!("logging in: {}", said(&error)))?;
    }
    Ok(connection)
}

fn code(error: &Error) -> Option<u16> {
    error.status().map(u16::from)
}

/// The error with its causes. Servers quote commands in their answers, never the password: it goes in base64.
fn said(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}
