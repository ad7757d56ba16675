//! `goru outbox`: the mails that a server without a mail server has written, oldest first.
//!
//! Reads the files of the data directory, whether the server runs or not.

use super::Output;
use crate::config::{Config, Place};
use anyhow::Context;
use controllers::notifications::outbox::{DIRECTORY, Outbox};
use mail_parser::{Message, MessageParser};
use serde_json::{Value, json};
use std::{fmt::Write, fs, path::Path, process::ExitCode};

const DEFAULT_MAILS: usize = 10;

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// How many of the newest mails to show
    #[arg(short = 'n', long, value_name = "N", default_value_t = DEFAULT_MAILS)]
    last: usize,
    /// The mails as they would have been sent
    #[arg(long)]
    raw: bool,
    /// `text`, or `json`: one object a line
    #[arg(long, value_enum, default_value_t, conflicts_with = "raw")]
    output: Output,
}

/// Prints mails.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let directory = Config::load(&options.place.flags())?.data_dir.join(DIRECTORY);
    let files = Outbox::new(&directory).newest(options.last);
    let files = files.with_context(|| format!("cannot read {}", directory.display()))?;
    let mut text = String::new();
    for file in &files {
        // One that was pruned meanwhile is not the newest any more.
        let Ok(mail) = fs::read(file) else { continue };
        text.push_str(&shown(file, &mail, options));
    }
    if files.is_empty() && !options.raw && options.output == Output::Text {
        text = "no mail yet\n".to_owned();
    }
    super::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Subject and text of the newest mails of a data directory, oldest first.
pub fn mails(data_dir: &Path, count: usize) -> anyhow::Result<Vec<(String, String)>> {
    let directory = data_dir.join(DIRECTORY);
    let files =
        Outbox::new(&directory).newest(count).with_context(|| format!("cannot read {}", directory.display()))?;
    let read = |file: &std::path::PathBuf| {
        let mail = fs::read(file).ok()?;
        let message = MessageParser::default().parse(&mail)?;
        Some((message.subject().unwrap_or_default().to_owned(), body(&message)))
    };
    Ok(files.iter().filter_map(read).collect())
}

fn shown(file: &Path, mail: &[u8], options: &Options) -> String {
    if options.raw {
        return String::from_utf8_lossy(mail).into_owned();
    }
    let Some(message) = MessageParser::default().parse(mail) else {
        return format!("{}: not a mail\n", file.display());
    };
    match options.output {
        Output::Text => text(&message),
        Output::Json => format!("{}\n", document(&message)),
    }
}

fn document(message: &Message<'_>) -> Value {
    json!({
        "time": message.date().map(mail_parser::DateTime::to_rfc3339),
        "to": to(message),
        "subject": message.subject(),
        "body": body(message),
        "message_id": message.message_id(),
    })
}

fn text(message: &Message<'_>) -> String {
    let time = message.date().map_or_else(String::new, mail_parser::DateTime::to_rfc3339);
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{time}  to {}", to(message));
    let _ = writeln!(text, "Subject: {}\n", message.subject().unwrap_or_default());
    for line in body(message).lines() {
        let _ = writeln!(text, "    {line}");
    }
    text.push('\n');
    text
}

fn to(message: &Message<'_>) -> String {
    let all = message.to().map(|to| to.iter().filter_map(|one| one.address()).collect::<Vec<_>>().join(", "));
    all.unwrap_or_default()
}

fn body(message: &Message<'_>) -> String {
    message.body_text(0).map_or_else(String::new, |body| body.replace("\r\n", "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_shown_with_its_whole_links() {
        let mail = "From: a@example.com\r\nTo: kim@example.com\r\nSubject: Hi\r\nMessage-ID: <1@x>\r\n\
                    Date: Fri, 20 Nov 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\n\
                    Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
                    open http://127.0.0.1:4566/?Action=3DConfirmSubscription&Tok=\r\nen=3Dabc\r\n";
        let message = MessageParser::default().parse(mail).unwrap();
        let shown = document(&message);
        assert_eq!(shown["body"], "open http://127.0.0.1:4566/?Action=ConfirmSubscription&Token=abc\n");
        assert_eq!((&shown["to"], &shown["subject"]), (&json!("kim@example.com"), &json!("Hi")));
        assert_eq!(shown["time"], "2026-11-20T12:00:00Z");
        assert!(text(&message).starts_with("2026-11-20T12:00:00Z  to kim@example.com\nSubject: Hi\n\n    open http"));
    }
}
